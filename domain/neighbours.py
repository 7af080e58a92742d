"""Which models to look at next: the catalogue's nearest to a given one, each with the reasons why.

Nearness counts what is known to be shared; an unknown is neither near nor far.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.capabilities import capability, presence_of
from domain.cells import lowest_price
from domain.facts import CapabilityKind, Contender, FactRef, Lifecycle, Model, Presence, Task
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
    two or more capabilities in common 2. A model known to be made for another task is left out, and so is one that its
    lab has retired, and one that shares nothing, and so are those that are compared already (slugs). Ties are ordered newest release first, then by
    name. Needs the offers."""
    unit = "input" if of.model.task in PROMPT_ONLY else "output"
    near: list[tuple[_Known, tuple[NeighbourKind, ...], int]] = []
    mine = _Known.of(of, unit)
    for candidate in candidates:
        ours, theirs = of.model.task, candidate.model.task
        if candidate.model.slug in (of.model.slug, *compared):
            continue
        if Task.UNKNOWN not in (ours, theirs) and ours is not theirs:
            continue
        if candidate.model.lifecycle is Lifecycle.RETIRED:
            continue  # nobody moves to it
        other = _Known.of(candidate, unit)
        kinds = tuple(_shared(mine, other))
        if kinds:
            near.append((other, kinds, sum(POINTS[kind] for kind in kinds)))
    near.sort(key=lambda each: (each[0].model.name.casefold(), each[0].model.slug))
    near.sort(key=lambda each: each[0].model.released or "", reverse=True)
    near.sort(key=lambda each: each[2], reverse=True)
    return tuple(
        Neighbour(other.model, score, tuple(_reason(kind, mine, other, unit) for kind in kinds))
        for other, kinds, score in near[:limit]
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """A model with what it may share: its lowest price of a unit, and the capabilities that it has."""

    model: Model
    price: tuple[Decimal, tuple[FactRef, ...]] | None
    has: tuple[CapabilityKind, ...]

    @classmethod
    def of(cls, contender: Contender, unit: str) -> _Known:
        model = contender.model
        lowest = lowest_price(contender, unit)
        has = tuple([kind for kind in CapabilityKind if presence_of(model, kind) is Presence.YES])
        return cls(model, None if lowest is None else (lowest[0], lowest[2]), has)


def _shared(one: _Known, other: _Known) -> Iterator[NeighbourKind]:
    ours, theirs = one.model, other.model
    if ours.family and ours.family == theirs.family:
        yield NeighbourKind.FAMILY
    if ours.lab and theirs.lab and ours.lab.id == theirs.lab.id:
        yield NeighbourKind.LAB
    if ours.task is theirs.task and ours.task not in (Task.UNKNOWN, Task.OTHER):
        yield NeighbourKind.TASK
    if one.price and other.price:
        low, high = sorted((one.price[0], other.price[0]))
        if high <= PRICE_BAND * low:
            yield NeighbourKind.PRICE_BAND
    if len(_both(one, other)) >= LEAST_SHARED_CAPABILITIES:
        yield NeighbourKind.CAPABILITIES


def _both(one: _Known, other: _Known) -> list[CapabilityKind]:
    return [kind for kind in one.has if kind in other.has]


def _reason(kind: NeighbourKind, one: _Known, other: _Known, unit: str) -> NeighbourReason:
    ours, theirs = one.model, other.model
    match kind:
        case NeighbourKind.PRICE_BAND:
            used = tuple(ref for each in (one, other) if each.price for ref in each.price[1])
            return NeighbourReason(kind, f"Similar {unit} price.", used)
        case NeighbourKind.CAPABILITIES:
            both = _both(one, other)
            refs = (ref for each in both for model in (ours, theirs) for ref in capability(model, each).used)
            text = f"{counted(len(both), 'capability', 'capabilities')} in common."
            return NeighbourReason(kind, text, tuple(dict.fromkeys(refs)))
        case NeighbourKind.FAMILY:
            field, text = "family", f"Also of the {ours.family} family."
        case NeighbourKind.LAB:
            field, text = "lab", f"Also made by {'' if ours.lab is None else ours.lab.name}."
        case NeighbourKind.TASK:
            field, text = "task", f"Also made for {in_sentence(ours.task)}."
    return NeighbourReason(kind, text, tuple(FactRef("model", model.id, field) for model in (ours, theirs)))


RULES: tuple[Rule, ...] = (Rule("neighbours.rank", "Continue comparing", in_words(neighbours), _REFERENCE),)
