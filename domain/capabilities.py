"""What a model or a route can do: the sourced capability, else what its modalities say, else unknown.

A route is judged by its own facts only and may contradict its model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from domain.facts import Capabilities, CapabilityKind, FactRef, Modality, Model, Presence, Route
from domain.rules import Rule
from domain.wording import label

SOURCED = Rule(
    "capability.sourced",
    "Sourced capability",
    "What a source says about the capability itself. No source is unknown, which is not no.",
    "docs/methodology.md#facts",
)
DERIVED = Rule(
    "capability.from-modalities",
    "Capability from modalities",
    "Where no source speaks of the capability itself: vision is image or video among the input modalities; audio, "
    "video and PDF input and audio and image output are that modality; multimodal is more than one modality over "
    "input and output together. A listed modality says yes; a known list without it says no, except for PDF, which "
    "hosts often convert. A listed modality outweighs a stated no.",
    "docs/methodology.md#facts",
)
RULES = (SOURCED, DERIVED)

_SHOWN_BY: Mapping[CapabilityKind, tuple[str, frozenset[Modality]]] = MappingProxyType(
    {
        CapabilityKind.VISION: ("input_modalities", frozenset({Modality.IMAGE, Modality.VIDEO})),
        CapabilityKind.AUDIO_IN: ("input_modalities", frozenset({Modality.AUDIO})),
        CapabilityKind.VIDEO_IN: ("input_modalities", frozenset({Modality.VIDEO})),
        CapabilityKind.PDF_IN: ("input_modalities", frozenset({Modality.PDF})),
        CapabilityKind.AUDIO_OUT: ("output_modalities", frozenset({Modality.AUDIO})),
        CapabilityKind.IMAGE_OUT: ("output_modalities", frozenset({Modality.IMAGE})),
    }
)

CONVERTED = frozenset({CapabilityKind.PDF_IN})
"""What hosts often convert: a list that does not name it says nothing, so lists cannot be counted against each other on it."""


@dataclass(frozen=True, slots=True)
class CapabilityAnswer:
    """Whether something has a capability, and by which rule we say so."""

    kind: CapabilityKind
    presence: Presence
    rule: str
    used: tuple[FactRef, ...]


def capability(subject: Model | Route, kind: CapabilityKind) -> CapabilityAnswer:
    """The capability of a model or a route. Needs nothing but the model or route itself."""
    scope = "route" if isinstance(subject, Route) else "model"
    presence, rule, names = _answered(
        kind, subject.capabilities[kind], subject.input_modalities, subject.output_modalities
    )
    return CapabilityAnswer(kind, presence, rule, tuple([FactRef(scope, subject.id, name) for name in names]))


def presence_of(subject: Model | Route, kind: CapabilityKind) -> Presence:
    """Whether a model or a route has it, without the facts that say so."""
    return _answered(kind, subject.capabilities[kind], subject.input_modalities, subject.output_modalities)[0]


@lru_cache(maxsize=8192)  # few combinations of modalities stand for very many models and routes
def _answered(
    kind: CapabilityKind, said: Presence, inputs: tuple[Modality, ...], outputs: tuple[Modality, ...]
) -> tuple[Presence, str, tuple[str, ...]]:
    """Presence, rule and the names of the facts."""
    shown, fields = shown_by_modalities(kind, inputs, outputs)
    if (said is Presence.UNKNOWN and shown is not Presence.UNKNOWN) or (said is Presence.NO and shown is Presence.YES):
        return shown, DERIVED.id, fields
    # Facts that were accepted earlier hold what modalities show already, so these are named wherever they agree.
    return said, SOURCED.id, (f"capability.{kind}", *(fields if said is shown is not Presence.UNKNOWN else ()))


def completed(stated: Capabilities, inputs: tuple[Modality, ...], outputs: tuple[Modality, ...]) -> Capabilities:
    """What is stated, and by rule `capability.from-modalities` what nobody states or what a listed modality shows: for facts
    that are searched by their capabilities."""
    shown = {kind: shown_by_modalities(kind, inputs, outputs)[0] for kind in CapabilityKind}
    yes = stated.yes | {kind for kind, presence in shown.items() if presence is Presence.YES}
    return Capabilities(yes, (stated.no | {kind for kind in shown if shown[kind] is Presence.NO}) - yes)


@lru_cache(maxsize=8192)
def shown_by_modalities(
    kind: CapabilityKind, inputs: tuple[Modality, ...], outputs: tuple[Modality, ...]
) -> tuple[Presence, tuple[str, ...]]:
    """What the lists of modalities alone say of a capability by rule `capability.from-modalities`, and the lists that it needs.
    An empty list is one that nobody gives."""
    if kind is CapabilityKind.MULTIMODAL:
        # An embedding is no medium that somebody sees or hears, so text in and embedding out is one modality.
        media = {*inputs, *outputs} - {Modality.EMBEDDING}
        fields = ("input_modalities", "output_modalities")
        if len(media) > 1:
            return Presence.YES, fields
        return (Presence.NO if inputs and outputs else Presence.UNKNOWN), fields
    if kind not in _SHOWN_BY:
        return Presence.UNKNOWN, ()
    field, shown_by = _SHOWN_BY[kind]
    modalities = inputs if field == "input_modalities" else outputs
    if shown_by.intersection(modalities):
        return Presence.YES, (field,)
    return (Presence.NO if modalities and kind not in CONVERTED else Presence.UNKNOWN), (field,)


def is_denied(kind: CapabilityKind, model: Model, route: Route) -> bool:
    """Whether a route states what is denied of its model."""
    return presence_of(route, kind) is Presence.YES and presence_of(model, kind) is Presence.NO


def doubts(needed: Iterable[CapabilityKind], model: Model, route: Route) -> tuple[str, ...]:
    """What is needed and rests on the route's word alone, while it is denied of the model, in words."""
    return tuple(
        f"{label(kind)} is stated of {route.key} alone; of {model.name} itself it is denied."
        for kind in needed
        if is_denied(kind, model, route)
    )
