"""The Pareto front: what nobody beats on money and on one more measure at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.rules import Rule
from domain.wording import in_words


@dataclass(frozen=True, slots=True)
class Point:
    """A candidate by its key: what it costs, and a value of which more is better."""

    key: str
    cost: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class Placed:
    """A point, and the member of the front that beats it; None for a member."""

    point: Point
    dominated_by: str | None
    rule: str = "recommend.pareto"


def dominates(one: Point, other: Point) -> bool:
    """At least as good in both, and better in one."""
    if one.cost > other.cost or one.value < other.value:
        return False
    return one.cost < other.cost or one.value > other.value


def front(points: Sequence[Point]) -> tuple[Placed, ...]:
    """The front of monthly cost against a benchmark or the number of capabilities: a candidate belongs to it when no other
    one costs at most as much and has at least as much, with one of the two better. Equal candidates stand on it together.
    Every other one names a member that beats it. A candidate whose cost or value is not known is not placed. Of a benchmark
    only results count that may be joined (benchmarks.join): those of the conditions under which most candidates have one."""
    placed: list[Placed] = []
    best: Point | None = None  # of all that are not dearer, the one with the most; it is a member
    for point in sorted(points, key=lambda each: (each.cost, -each.value, each.key)):
        beaten = best is not None and dominates(best, point)
        placed.append(Placed(point, best.key if best is not None and beaten else None))
        if not beaten:
            best = point
    return tuple(placed)


RULES = (Rule("recommend.pareto", "Pareto front", in_words(front), "docs/methodology.md#recommend"),)
