"""The words of a switch plan: its two ends, its steps in the order in which one would do them, and the plan itself.

The rules that find steps are in `plan`; what a step weighs is what a factor of friction weighs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.capabilities import doubts, presence_of
from domain.cost import RouteCost, RouteOutcome
from domain.facts import ApiShape, CapabilityKind, FactRef, Modality, Model, Offer, Presence, Route
from domain.friction_factors import Factor, FactorKind, Level, Severity
from domain.overrides import notes_of
from domain.shapes import ParameterChange, Reference
from domain.wording import agree, in_sentence, listed

REFERENCE = "docs/methodology.md#switch-plan"


class StepKind(StrEnum):
    """What a step is about, in the order of doing: first the days that date the whole work, then to reach the target at all, then
    code, then what requests may hold, then money and terms, last what remains to be found out and tested."""

    SOURCE_RETIRING = "SOURCE_RETIRING"
    TARGET_RETIRING = "TARGET_RETIRING"
    CREDENTIALS = "CREDENTIALS"
    MODEL_ID = "MODEL_ID"
    API_SHAPE = "API_SHAPE"
    SDK = "SDK"
    PARAMETERS_KEPT = "PARAMETERS_KEPT"
    PARAMETERS_REMOVED = "PARAMETERS_REMOVED"
    PARAMETERS_RENAMED = "PARAMETERS_RENAMED"
    PARAMETERS_VALUES = "PARAMETERS_VALUES"
    PARAMETERS_GAINED = "PARAMETERS_GAINED"
    PARAMETERS_UNKNOWN = "PARAMETERS_UNKNOWN"
    VECTORS = "VECTORS"
    REASONING_CONTROL = "REASONING_CONTROL"
    CONTEXT_WINDOW = "CONTEXT_WINDOW"
    MAX_OUTPUT = "MAX_OUTPUT"
    CAPABILITY_LOST = "CAPABILITY_LOST"
    CAPABILITY_UNKNOWN = "CAPABILITY_UNKNOWN"
    CAPABILITY_GAINED = "CAPABILITY_GAINED"
    MODALITY_LOST = "MODALITY_LOST"
    MODALITY_GAINED = "MODALITY_GAINED"
    KNOWLEDGE_CUTOFF = "KNOWLEDGE_CUTOFF"
    BILLING = "BILLING"
    COST = "COST"
    DATA_TERMS = "DATA_TERMS"
    LICENSE = "LICENSE"
    COMMERCIAL_USE = "COMMERCIAL_USE"
    EVIDENCE_GAP = "EVIDENCE_GAP"
    RETEST = "RETEST"


@dataclass(frozen=True, slots=True)
class End:
    """What was asked for at one end of a switch: a model with its routes, or one route with its model where that is known."""

    asked: str
    model: Model | None
    offers: tuple[Offer, ...]
    is_route: bool

    @property
    def id(self) -> int:
        """The number of its model, under which evidence is read; 0 where no model is known."""
        return 0 if self.model is None else self.model.id


@dataclass(frozen=True, slots=True)
class Standing:
    """The route that stands for an end. `note` says how it was chosen, None where the route itself was asked for."""

    asked: str
    model: Model | None
    offer: Offer
    cost: RouteOutcome
    note: str | None
    rule: str = "plan.standing"
    api_shape: ApiShape = ApiShape.UNKNOWN  # the wire format that a plan assumes (`plan.shapes`)

    @property
    def name(self) -> str:
        """The model, or what the route calls it."""
        return (self.model and self.model.name) or self.offer.route.name or self.offer.route.provider_model_id


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `before` and `after` are display text, None where there is nothing to show; `action` says what to do, None
    where nothing has to be done."""

    kind: StepKind
    severity: Severity
    sentence: str
    rule: str
    before: str | None = None
    after: str | None = None
    action: str | None = None
    capabilities: tuple[CapabilityKind, ...] = ()
    modalities: tuple[Modality, ...] = ()
    parameters: tuple[ParameterChange, ...] = ()
    used: tuple[FactRef, ...] = ()

    @property
    def references(self) -> tuple[Reference, ...]:
        """The documents behind its parameters, each once."""
        return tuple(dict.fromkeys(each for change in self.parameters for each in change.references))


def as_factors(steps: Iterable[Step]) -> tuple[Factor, ...]:
    """Steps as the factors of friction between their two ends, gravest first."""
    found = [
        Factor(
            FactorKind(step.kind.value),
            step.severity,
            step.sentence,
            step.rule,
            before=step.before,
            after=step.after,
            step=step.action,
            capabilities=step.capabilities,
            modalities=step.modalities,
            used=step.used,
        )
        for step in steps
        if step.kind.value in FactorKind.__members__
    ]
    severities, kinds = list(Severity), list(FactorKind)
    return tuple(sorted(found, key=lambda each: (severities.index(each.severity), kinds.index(each.kind))))


@dataclass(frozen=True, slots=True)
class SwitchPlan:
    """A switch of one direction, step by step. `score` is 0 to 100."""

    source: Standing
    target: Standing
    level: Level
    score: int
    steps: tuple[Step, ...]
    rule: str = "plan.order"

    @property
    def notes(self) -> tuple[str, ...]:
        """How the routes were chosen that stand for models, what a caller's own terms changed of either end, and what is to be
        known of its bill."""
        ends = (self.source, self.target)
        chosen = tuple(end.note for end in ends if end.note is not None)
        before, after = (end.api_shape for end in ends)
        if ApiShape.UNKNOWN not in (before, after):
            spoken = in_sentence(before)
            if before is not after:
                spoken = f"{spoken} at the source, {in_sentence(after)} at the target"
            foreign = [
                end.offer.route.provider for end in ends if end.api_shape is not end.offer.route.provider.api_shape
            ]
            if foreign:
                names = list(dict.fromkeys(each.name for each in foreign))
                besides = f"{agree(names, 'speaks', 'speak')} besides {agree(names, 'its', 'their')} own"
                spoken = f"{spoken}, which {listed(names)} {besides}"
            chosen = (*chosen, f"Wire format that is assumed: {spoken}.")
        return (*chosen, *dict.fromkeys(note for end in ends for note in _of_the_bill(end)), *self._doubts())

    def _doubts(self) -> tuple[str, ...]:
        """What the source has, and the target by its route's word alone."""
        one, other = self.source, self.target
        if other.model is None:
            return ()
        subjects: tuple[Model | Route, ...] = (one.offer.route, *(() if one.model is None else (one.model,)))
        had = [kind for kind in CapabilityKind if any(presence_of(each, kind) is Presence.YES for each in subjects)]
        return doubts(had, other.model, other.offer.route)

    @property
    def used(self) -> tuple[FactRef, ...]:
        """Facts behind any step, each once."""
        return tuple(dict.fromkeys(ref for step in self.steps for ref in step.used))


def _of_the_bill(end: Standing) -> tuple[str, ...]:
    own = notes_of(end.offer)
    if not isinstance(end.cost, RouteCost):
        return own
    where = f"{end.name} on {end.offer.route.provider.name}"
    return (*own, *(f"{where}: {note}" for note in end.cost.notes if note not in own))
