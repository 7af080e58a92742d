"""Where two routes cost the same: the nearest share at which the cheaper one changes, or that no share and no volume does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from domain.cost import RouteCost, RouteOutcome, route_cost
from domain.eligible import Ineligible
from domain.facts import FactRef, Model, Offer, Unavailable
from domain.moves import CostAxis, moves, place
from domain.rules import Rule
from domain.units import display_percents
from domain.waiting import Check, unasked
from domain.workload import Workload

BREAK_EVEN = Rule(
    "cost.break-even",
    "Break-even of two routes",
    "Both routes are costed at every share in whole percent points, moved in every request class at once with the size of "
    "requests unchanged. The break-even nearest to the workload lies between two neighbouring shares at which the order of "
    "the two costs differs, or at the shares where both cost the same and the order differs on either side. It is not "
    "looked for across a share at which one of them has no cost. Token prices have no volume discounts: volume has no break-even.",
    "docs/methodology.md#break-even-sensitivity-and-curves",
)
RULES = (BREAK_EVEN,)

FEWEST_ROUTES, MOST_ROUTES = 2, 6


@dataclass(frozen=True, slots=True)
class Served:
    """A route as it is offered, with its model where that is known."""

    offer: Offer
    model: Model | None = None

    @property
    def key(self) -> str:
        return self.offer.route.key

    def cost(self, workload: Workload) -> RouteOutcome:
        return route_cost(self.offer, workload, model=self.model)


@dataclass(frozen=True, slots=True)
class Balance:
    """What both routes cost at one place of the axis."""

    at: Decimal
    first: Decimal
    second: Decimal


@dataclass(frozen=True, slots=True)
class BreakEven:
    """`first` and `second` are keys of routes. The break-even lies from `lower` to `upper`, both None where there is none;
    `below` and `above` are the keys of the cheaper route on either side of it."""

    axis: CostAxis
    first: str
    second: str
    now: Balance
    lower: Balance | None
    upper: Balance | None
    below: str | None
    above: str | None
    sentence: str
    rule: str
    used: tuple[FactRef, ...]


def break_evens(
    routes: Sequence[Served],
    workload: Workload,
    axes: Sequence[CostAxis] = tuple(CostAxis),
    *,
    check: Check = unasked,
) -> tuple[BreakEven | Unavailable, ...]:
    """The break-even of every two routes over every axis. Unavailable where one of the two has no cost at the workload."""
    found: list[BreakEven | Unavailable] = []
    now = {each.key: each.cost(workload) for each in routes}
    lines = {axis: _line(routes, now, workload, axis, check) for axis in axes}
    for first, second in combinations((each.key for each in routes), 2):
        one, other = now[first], now[second]
        if isinstance(one, RouteCost) and isinstance(other, RouteCost):
            found += (_break_even(axis, one, other, workload, lines[axis]) for axis in axes)
        else:
            found.append(_unavailable(first, second, (one, other)))
    return tuple(found)


_Line = Sequence[tuple[Decimal, bool, Mapping[str, Decimal | None]]]
"""Per place of an axis, whether it is the workload itself and what each route costs there."""


def _line(
    routes: Sequence[Served], now: Mapping[str, RouteOutcome], workload: Workload, axis: CostAxis, check: Check
) -> _Line:
    if axis is CostAxis.VOLUME:
        return ()
    found = []
    for move in moves(workload, axis):
        check()
        costs = now if move.by == 0 else {each.key: each.cost(move.workload) for each in routes}
        totals = {key: cost.total if isinstance(cost, RouteCost) else None for key, cost in costs.items()}
        found.append((move.at, move.by == 0, totals))
    return found


def _break_even(axis: CostAxis, one: RouteCost, other: RouteCost, workload: Workload, line: _Line) -> BreakEven:
    first, second = one.route.key, other.route.key
    now = Balance(place(workload, axis), one.total, other.total)
    at = 0
    balances: list[Balance | None] = []
    for share, current, totals in line:
        if current:
            at = len(balances)
        costs = totals[first], totals[second]
        balances.append(None if costs[0] is None or costs[1] is None else Balance(share, costs[0], costs[1]))
    crossing = min(_crossings(balances), key=lambda each: (_distance(each, at), each), default=None)
    used = tuple(dict.fromkeys((*one.used, *other.used)))
    if crossing is None:
        return BreakEven(
            axis,
            first,
            second,
            now,
            None,
            None,
            None,
            None,
            _none(axis, now, one, other, balances),
            BREAK_EVEN.id,
            used,
        )
    low, high = (balances[n] for n in crossing)
    assert low is not None
    assert high is not None
    before = low if low.first != low.second else balances[crossing[0] - 1]
    assert before is not None
    below, above = (first, second) if before.first < before.second else (second, first)
    what = "generated tokens" if axis is CostAxis.OUTPUT_SHARE else "cached prompt tokens"
    shown = display_percents((low.at, high.at))
    where = f"At {shown[0]}" if low == high else f"Between {shown[0]} and {shown[1]}"
    sentence = f"{where} {what} both cost the same: below, {below} is cheaper, above, {above}."
    return BreakEven(axis, first, second, now, low, high, below, above, sentence, BREAK_EVEN.id, used)


def _crossings(balances: Sequence[Balance | None]) -> list[tuple[int, int]]:
    """The places between which, or from which to which where both cost the same, the order turns."""
    found: list[tuple[int, int]] = []
    last: tuple[int, bool] | None = None
    for n, here in enumerate(balances):
        if here is None:
            last = None
        elif here.first != here.second:
            cheaper = here.first < here.second
            if last is not None and last[1] is not cheaper:
                found.append((last[0], n) if last[0] == n - 1 else (last[0] + 1, n - 1))
            last = n, cheaper
    return found


def _distance(crossing: tuple[int, int], at: int) -> int:
    low, high = crossing
    return max(low - at, at - high, 0)


def _none(axis: CostAxis, now: Balance, one: RouteCost, other: RouteCost, balances: Sequence[Balance | None]) -> str:
    """Why there is no break-even."""
    equal = now.first == now.second
    cheaper, dearer = (one, other) if now.first < now.second else (other, one)
    if axis is CostAxis.VOLUME:
        if equal:
            return "Both cost the same at any number of requests."
        return f"Both costs grow in proportion to the requests: at any number {cheaper.route.key} is cheaper."
    what = "generated tokens" if axis is CostAxis.OUTPUT_SHARE else "cached prompt tokens"
    if all(each is None or each.first == each.second for each in balances):
        return f"Both cost the same at every share of {what}."
    if equal:
        return f"Both cost the same here, and only one of them is ever cheaper at another share of {what}."
    return f"No share of {what}, in whole percent points, makes {dearer.route.key} cheaper than {cheaper.route.key}."


def _unavailable(first: str, second: str, outcomes: Sequence[RouteOutcome]) -> Unavailable:
    absent = [each for each in outcomes if not isinstance(each, RouteCost)]
    missing = tuple(ref for each in absent for ref in (each.used if isinstance(each, Ineligible) else each.missing))
    message = f"{first} and {second} cannot be compared. {' '.join(each.message for each in absent)}"
    return Unavailable("COST_UNAVAILABLE", message, tuple(dict.fromkeys(missing)))
