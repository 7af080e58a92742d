"""Which models to look at next: the catalogue's nearest to a given one, each with the reasons why.

Nearness counts what is known to be shared; an unknown is neither near nor far.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.capabilities import capability
from domain.cells import lowest_price
from domain.facts import CapabilityKind, Contender, FactRef, Model, Presence, Task
from domain.rules import Rule
from domain.tasks import PROMPT_ONLY
from domain.wording import counted, in_sentence, in_words

_REFERENCE = "docs/methodology.md#continue-comparing"

PRICE_BAND = Decimal(2)
"""Output prices within this factor of each other are in one band."""
LEAST_SHARED_CAPABILITIES = 2


class NeighbourKind(StrEnum):
    """What two models share."""

    FAMILY = "FAMILY"
    LAB = "LAB"
    TASK = "TASK"
    PRICE_BAND = "PRICE_BAND"
    CAPABILITIES = "CAPABILITIES"


POINTS = {
    NeighbourKind.FAMILY: 4,
    NeighbourKind.LAB: 2,
    NeighbourKind.TASK: 3,
    NeighbourKind.PRICE_BAND: 2,
    NeighbourKind.CAPABILITIES: 2,
}


@dataclass(frozen=True, slots=True)
class NeighbourReason:
    """One thing that two models share."""

    kind: NeighbourKind
    sentence: str
    used: tuple[FactRef, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A model near another one. `score` is the sum of the reasons' points."""

    model: Model
    score: int
    reasons: tuple[NeighbourReason, ...]
    rule: str = "neighbours.rank"

    @property
    def used(self) -> tuple[FactRef, ...]:
        """Facts behind any reason, each once."""
        return tuple(dict.fromkeys(ref for reason in self.reasons for ref in reason.used))


def neighbours(
    of: Contender, candidates: Iterable[Contender], *, compared: Collection[str] = (), limit: int = 6
) -> tuple[Neighbour, ...]:
    """The nearest candidates by points: same family 4, same task 3, same lab 2, output price within a factor of two 2,
    two or more capabilities in common 2. A model known to be made for another task is left out, and so is one that
    shares nothing, and so are those that are compared already (slugs). Ties are ordered newest release first, then by
    name. Needs the offers."""
    unit = "input" if of.model.task in PROMPT_ONLY else "output"
    near, mine = [], _Known.of(of, unit)
    for candidate in candidates:
        ours, theirs = of.model.task, candidate.model.task
        if candidate.model.slug in (of.model.slug, *compared):
            continue
        if Task.UNKNOWN not in (ours, theirs) and ours is not theirs:
            continue
        reasons = _shared(mine, _Known.of(candidate, unit), unit)
        if reasons:
            near.append(Neighbour(candidate.model, sum(POINTS[reason.kind] for reason in reasons), reasons))
    near.sort(key=lambda each: (each.model.name.casefold(), each.model.slug))
    near.sort(key=lambda each: each.model.released or "", reverse=True)
    near.sort(key=lambda each: each.score, reverse=True)
    return tuple(near[:limit])


@dataclass(frozen=True, slots=True)
class _Known:
    """A model with what it may share: its lowest price of a unit, and the capabilities that it has."""

    model: Model
    price: tuple[Decimal, tuple[FactRef, ...]] | None
    has: Mapping[CapabilityKind, tuple[FactRef, ...]]

    @classmethod
    def of(cls, contender: Contender, unit: str) -> _Known:
        model = contender.model
        lowest = lowest_price(contender, unit)
        answers = (capability(model, kind) for kind in CapabilityKind)
        has = {answer.kind: answer.used for answer in answers if answer.presence is Presence.YES}
        return cls(model, None if lowest is None else (lowest[0], lowest[2]), has)


def _shared(one: _Known, other: _Known, unit: str) -> tuple[NeighbourReason, ...]:
    found = []
    ours, theirs = one.model, other.model

    def add(kind: NeighbourKind, sentence: str, *fields: str) -> None:
        used = tuple(FactRef("model", model.id, field) for model in (ours, theirs) for field in fields)
        found.append(NeighbourReason(kind, sentence, used))

    if ours.family and ours.family == theirs.family:
        add(NeighbourKind.FAMILY, f"Also of the {ours.family} family.", "family")
    if ours.lab and theirs.lab and ours.lab.id == theirs.lab.id:
        add(NeighbourKind.LAB, f"Also made by {ours.lab.name}.", "lab")
    if ours.task is theirs.task and ours.task not in (Task.UNKNOWN, Task.OTHER):
        add(NeighbourKind.TASK, f"Also made for {in_sentence(ours.task)}.", "task")
    if one.price and other.price:
        low, high = sorted((one.price[0], other.price[0]))
        if high <= PRICE_BAND * low:
            used = (*one.price[1], *other.price[1])
            found.append(NeighbourReason(NeighbourKind.PRICE_BAND, f"Similar {unit} price.", used))
    both = [kind for kind in one.has if kind in other.has]
    if len(both) >= LEAST_SHARED_CAPABILITIES:
        used = tuple(dict.fromkeys(ref for kind in both for each in (one, other) for ref in each.has[kind]))
        text = f"{counted(len(both), 'capability', 'capabilities')} in common."
        found.append(NeighbourReason(NeighbourKind.CAPABILITIES, text, used))
    return tuple(found)


RULES: tuple[Rule, ...] = (Rule("neighbours.rank", "Continue comparing", in_words(neighbours), _REFERENCE),)
