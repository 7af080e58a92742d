"""How the monthly cost of one route follows the workload: what one small step costs, and the whole curve as points for a chart."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from domain.cost import RouteCost, RouteOutcome, route_cost
from domain.facts import FactRef, Model, Offer
from domain.moves import CostAxis, Move, moved, moves, place
from domain.rules import Rule
from domain.units import display_percent, display_usd, exact
from domain.workload import Workload

_PAGE = "docs/methodology.md#break-even-sensitivity-and-curves"
SENSITIVITY = Rule(
    "cost.sensitivity",
    "Sensitivity of a cost",
    "What the monthly cost of a route gains when the share of generated tokens, or of cached prompt tokens, rises by one "
    "percent point in every request class with the size of requests unchanged (whole tokens), or when there is 1 % more of "
    "everything. Where a share cannot rise, it falls by one point and the sign is turned.",
    _PAGE,
)
CURVE = Rule(
    "cost.curve",
    "Cost curve",
    "The monthly cost of a route at places along one axis, the workload itself among them: shares from none to all in whole "
    "percent points, or volumes from none to twice as much. Each point is the cost of the workload moved there; a point "
    "without a cost says why.",
    _PAGE,
)
RULES = (SENSITIVITY, CURVE)

FEWEST_POINTS, USUAL_POINTS, MOST_POINTS = 2, 21, 101


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """`gain` is USD a month for one step up, negative where that is cheaper; None where the cost cannot be told there.
    `step` is the share that really moved, as tokens are whole; for volume 0.01."""

    axis: CostAxis
    at: Decimal
    step: Decimal
    gain: Decimal | None
    sentence: str
    rule: str
    used: tuple[FactRef, ...]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """`at` is a share of one or requests per month, `current` the workload as it is."""

    at: Decimal
    workload: Workload
    outcome: RouteOutcome
    current: bool

    @property
    def total(self) -> Decimal | None:
        return self.outcome.total if isinstance(self.outcome, RouteCost) else None

    @property
    def reason(self) -> str | None:
        """Why there is no cost; None where there is one."""
        return None if isinstance(self.outcome, RouteCost) else self.outcome.message


_STEPS = {
    CostAxis.OUTPUT_SHARE: "one percent point more generated tokens",
    CostAxis.CACHED_SHARE: "one percent point more cached prompt tokens",
    CostAxis.VOLUME: "1 % more requests",
}


def sensitivities(offer: Offer, workload: Workload, *, model: Model | None = None) -> tuple[Sensitivity, ...]:
    """How much the cost of a route moves along each axis (rule `cost.sensitivity`); empty where it has no cost."""
    now = route_cost(offer, workload, model=model)
    if not isinstance(now, RouteCost):
        return ()
    return tuple(_sensitivity(offer, now, workload, axis, model) for axis in CostAxis)


def _sensitivity(offer: Offer, now: RouteCost, workload: Workload, axis: CostAxis, model: Model | None) -> Sensitivity:
    here, used = place(workload, axis), now.used
    step: Decimal
    gain: Decimal | None
    if axis is CostAxis.VOLUME:
        step, gain = Decimal("0.01"), now.total.scaleb(-2)
    else:
        there = moved(workload, axis, 1)
        sign = 1 if there.at != here else -1
        there = there if sign == 1 else moved(workload, axis, -1)
        then = route_cost(offer, there.workload, model=model)
        with exact():
            step = (there.at - here) * sign
            gain = (then.total - now.total) * sign if isinstance(then, RouteCost) else None
        if isinstance(then, RouteCost):
            used = tuple(dict.fromkeys((*used, *then.used)))
    words = _STEPS[axis].capitalize()
    if step == 0:
        sentence, gain = f"{words} cannot be had: requests are too small to move whole tokens.", None
    elif gain is None:
        sentence = f"{words} cannot be priced on this route."
    else:
        share = f" ({display_percent(abs(gain) / now.total, 2)})" if now.total else ""
        more = f"{display_usd(abs(gain))} a month {'more' if gain > 0 else 'less'}{share}" if gain else "no change"
        sentence = f"{words}: {more}."
    return Sensitivity(axis, here, step, gain, sentence, SENSITIVITY.id, used)


def curve(
    offer: Offer, workload: Workload, axis: CostAxis, points: int = USUAL_POINTS, *, model: Model | None = None
) -> tuple[CurvePoint, ...]:
    """The cost of a route along an axis, at most so many points in ascending order (rule `cost.curve`).

    Raises ValueError for less than 2 points or more than 101.
    """
    if not FEWEST_POINTS <= points <= MOST_POINTS:
        raise ValueError(f"a curve has {FEWEST_POINTS} to {MOST_POINTS} points, not {points}")
    return tuple(
        CurvePoint(move.at, move.workload, route_cost(offer, move.workload, model=model), move.by == 0)
        for move in spread(moves(workload, axis), points)
    )


def spread(found: tuple[Move, ...], points: int) -> tuple[Move, ...]:
    """So many of the moves at even distances, both ends and the workload itself among them where there is room."""
    if len(found) <= points:
        return found
    last = len(found) - 1
    chosen = {round(n * last / (points - 1)) for n in range(points)}
    own = next(n for n, move in enumerate(found) if move.by == 0)
    if own not in chosen:
        inner = chosen - {0, last} or chosen
        chosen = chosen - {min(inner, key=lambda n: (abs(n - own), n))} | {own}
    return tuple(found[n] for n in sorted(chosen))
