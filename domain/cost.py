"""What a month of a workload costs on a route and on a model: exact sums of tokens times prices, line by line.

A cost that cannot be computed is Unavailable with the facts that are missing; a route that does not compete is
Ineligible with the reason. Neither is ever zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeAlias

from domain.billing import (
    BATCH,
    CACHE,
    COMPLETE,
    PEAK,
    TIER,
    WAITING,
    CostLine,
    Part,
    only_keeps,
    only_waits,
    part_total,
    parts_of,
    price_ref,
    quiet,
)
from domain.bounds import unavailable
from domain.eligible import ELIGIBLE, Ineligible, counted_reasons, ineligible, no_text, window_unknown
from domain.facts import Contender, FactRef, Model, Offer, PriceBasis, PriceMode, Route, Task, Unavailable
from domain.overrides import OVERRIDES, UNSETTLED, OwnOffer
from domain.rules import Rule
from domain.suspicion import competes
from domain.tasks import needed_units
from domain.units import display_usd, display_usd_difference, exact
from domain.workload import RETRIES, Workload

_PAGE = "docs/methodology.md#monthly-cost"
SUM = Rule(
    "cost.sum",
    "Monthly cost of a route",
    "The sum over request classes of tokens per month times price per million tokens, in exact decimals. Fees in other "
    "units (per request, image, second) are not part of it and are named in a note.",
    _PAGE,
)
CHEAPEST = Rule(
    "cost.cheapest",
    "Cheapest route",
    "The lowest total over eligible metered routes and modes. Ties are all returned, by provider name. A price that "
    "looks wrong is shown and never wins unless asked for.",
    _PAGE,
)
DELTA = Rule(
    "cost.delta", "Cost difference", "The second total minus the first, and the second divided by the first.", _PAGE
)
BOUNDS = Rule(
    "cost.bounds",
    "Bounds of an unknown cost",
    "Where a price is missing, the cost lies between what is known (taking batch, flex and off-peak prices as never "
    "above the standard price) and what priority or fast prices would make it (never below the standard price), as far as "
    "these are known.",
    _PAGE,
)
GAP = Rule(
    "cost.gap",
    "The missing fact that matters",
    "A route that lacks exactly one price and could, by its lower bound, still be cheaper than the cheapest one.",
    _PAGE,
)
RULES = (SUM, BOUNDS, CHEAPEST, DELTA, GAP)

_FALLBACK_NOTE = {
    "cache_read": "No cache read price: cached input is billed at the input price.",
    "cache_write": "No cache write price: cache writes are billed at the input price.",
    "cache_write_1h": "No price of cache writes that last an hour: they are billed at the {} price.",
    "reasoning": "No reasoning price: reasoning tokens are billed at the output price.",
}
_KEEPS_NOTE = (
    "The cache write price is below the input price, so it is for keeping alone: writes are billed at the {} price."
)


@dataclass(frozen=True, slots=True)
class RouteCost:
    """What the workload costs on a route in a month, in USD, exact. `suspicious` says why its prices look wrong,
    `competes` whether it may win a ranking by default (rule `price.suspicious`)."""

    route: Route
    total: Decimal
    display: str
    lines: tuple[CostLine, ...]
    notes: tuple[str, ...]
    suspicious: tuple[str, ...]
    competes: bool
    rules: tuple[str, ...]
    used: tuple[FactRef, ...]


RouteOutcome: TypeAlias = "RouteCost | Ineligible | Unavailable"


@dataclass(frozen=True, slots=True)
class RankedRoute:
    """A route in the order of cost. `rank` counts from 1, ties share it; None for what does not compete."""

    route: Route
    outcome: RouteOutcome
    rank: int | None


@dataclass(frozen=True, slots=True)
class MonthlyCost:
    """The workload on the cheapest route of a model. `ranked` holds all its live routes, those without a cost at the
    end."""

    model: str
    workload: Workload
    cheapest: tuple[RouteCost, ...]
    total: Decimal
    display: str
    ranked: tuple[RankedRoute, ...]
    rules: tuple[str, ...]
    used: tuple[FactRef, ...]
    of: Contender = field(compare=False, repr=False)
    """The model with the offers that were ranked."""

    @property
    def best(self) -> Offer:
        """The first of the cheapest routes, as it is offered."""
        return next(offer for offer in self.of.offers if offer.route.id == self.cheapest[0].route.id)


Costs: TypeAlias = "Mapping[str, MonthlyCost | Unavailable]"
"""Monthly costs by the slug of the model."""


@dataclass(frozen=True, slots=True)
class CostDelta:
    """`delta` is the second total minus the first in USD, `ratio` the second divided by the first (None by zero).
    `cheaper` is a model slug, None for equal totals."""

    first: str
    second: str
    delta: Decimal
    ratio: Decimal | None
    cheaper: str | None
    display: str
    rules: tuple[str, ...]
    used: tuple[FactRef, ...]


@dataclass(frozen=True, slots=True)
class RankingGap:
    """The one missing fact that could make another route the cheapest."""

    route: Route
    missing: FactRef
    low: Decimal | None
    message: str
    rule: str
    used: tuple[FactRef, ...]


def route_cost(offer: Offer, workload: Workload, *, model: Model | None = None) -> RouteOutcome:
    """The monthly cost of a workload on one route. `model` gives the task, and the limits where the route states
    none."""
    return ineligible(offer, workload, model) or _priced(offer, workload, model)


def _priced(offer: Offer, workload: Workload, model: Model | None) -> RouteCost | Unavailable:
    task = Task.TEXT_GENERATION if model is None else model.task
    with exact():
        found = [part for request in workload.classes for part in parts_of(offer, request, task)]
        parts = [part for part in found if part is not None]
        if (
            offer.route.price_basis is PriceBasis.UNKNOWN
            or len(parts) < len(found)
            or any(part.missing for part in parts)
        ):
            return unavailable(offer, workload, task, parts)
        lines = tuple(line for part in parts for line in part.lines)
        total = sum((line.amount for line in lines), Decimal(0))
    billing = {(id(part.price), unit): (part.price, unit) for part in parts for unit in needed_units(task)}
    billing |= {
        (id(part.price), line.price_unit): (part.price, line.price_unit) for part in parts for line in part.lines
    }
    used = dict.fromkeys([price_ref(*each) for each in billing.values()])
    rules = [SUM, COMPLETE, ELIGIBLE]
    rules += [TIER] if any(price.above for price in offer.prices) else []
    rules += [CACHE] if any(line.unit != line.price_unit for line in lines) else []
    rules += [BATCH] if any(request.batch_share for request in workload.classes) else []
    rules += [PEAK] if _off_peak_sheets(offer) or any(request.peak_share < 1 for request in workload.classes) else []
    rules += [OVERRIDES] if isinstance(offer, OwnOffer) and offer.notes else []
    rules += [RETRIES] if any(request.retries for request in workload.classes) else []
    return RouteCost(
        route=offer.route,
        total=total,
        display=display_usd(total),
        lines=lines,
        notes=tuple(_notes(offer, workload, model, parts, total)),
        suspicious=tuple(dict.fromkeys(part.price.suspicious for part in parts if part.price.suspicious)),
        competes=all(competes(part.price, offer.route) for part in parts),
        rules=tuple(rule.id for rule in rules),
        used=tuple(used),
    )


def _off_peak_sheets(offer: Offer) -> bool:
    return any(price.mode is PriceMode.OFF_PEAK for price in offer.prices)


def _off_peak(offer: Offer, workload: Workload, task: Task) -> tuple[list[Part], Decimal]:
    """The month with no request in the peak, and what it costs; empty where the route has no off-peak price, or the month no peak."""
    if not _off_peak_sheets(offer) or not any(request.peak_share for request in workload.classes):
        return [], Decimal(0)
    moved = [replace(request, peak_share=Decimal(0)) for request in workload.classes]
    with exact():
        found = [part for request in moved for part in parts_of(offer, request, task)]
        parts = [part for part in found if part is not None and not part.missing]
        return parts if len(parts) == len(found) else [], sum(map(part_total, parts), Decimal(0))


def _notes(offer: Offer, workload: Workload, model: Model | None, parts: list[Part], total: Decimal) -> Iterator[str]:
    provider, task = offer.route.provider.name, Task.TEXT_GENERATION if model is None else model.task
    if isinstance(offer, OwnOffer):
        yield from offer.notes
    lines = [(part.price, line) for part in parts for line in part.lines if line.price_unit != line.unit]
    for unit, note in _FALLBACK_NOTE.items() if lines else ():
        fallen = {(line.price_unit, only_keeps(by, unit)) for by, line in lines if line.unit == unit}
        for billed, keeps in sorted(fallen):
            yield (_KEEPS_NOTE if keeps else note).format(billed.replace("_", " "))
    for request in workload.classes:
        waits = request.batch_share and not only_waits(offer.route)
        if waits and not any(part.request is request and part.price.mode in WAITING for part in parts):
            yield f"No cheaper batch price: the batch share of {request.name!r} is billed at the standard price."
        if request.peak_share < 1 and quiet(offer, request, task) is None:
            yield f"No off-peak price: {request.name!r} is billed at the same price at every hour."
    if model is not None and workload.context_need and window_unknown(offer.route, model):
        yield f"No source gives the context window: whether it holds the largest request, {workload.context_need:,} tokens, is not known."
    otherwise, then = _off_peak(offer, workload, task)
    if otherwise and display_usd(then) != display_usd(total):
        yield f"Off peak throughout, it would cost {display_usd(then)} a month at {provider}."
        parts = [*parts, *otherwise]
    hours = {part.price.hours: None for part in parts if part.price.mode is PriceMode.OFF_PEAK and part.price.hours}
    for windows in hours:
        yield f"Off-peak at {provider}: {'; '.join(map(str, windows))}."
    others = {unit.removeprefix("per_") for part in parts for unit in part.price.other_units}
    if "request" in others:
        yield f"{provider} also charges per request; that fee is not included."
    made = None if model is None else _MADE.get(model.task)
    if made is not None and any(unit.endswith("_out") for unit in others):
        yield f"{provider} has a price of its own for {made}; it is not in this cost, which counts tokens of text."


_MADE = {Task.IMAGE_GENERATION: "images", Task.VIDEO_GENERATION: "videos", Task.SPEECH: "speech"}
"""What comes out that is no text."""


def ranked_costs(offers: Sequence[Offer], workload: Workload, *, model: Model | None = None) -> tuple[RankedRoute, ...]:
    """Every route by cost: those that compete from the cheapest on, then suspicious prices, unknown costs, ineligible
    routes. Of one cost by provider name, then the id that is the model's own name before its other ids, then by key."""

    def place(found: tuple[Route, RouteOutcome]) -> tuple[int, Decimal, str, bool, str]:
        route, outcome = found
        kind = 3 if isinstance(outcome, Ineligible) else 2
        if isinstance(outcome, RouteCost):
            kind = 0 if outcome.competes else 1
        total = outcome.total if isinstance(outcome, RouteCost) else Decimal(0)
        return kind, total, route.provider.name.casefold(), other_id(route, model), route.key

    outcomes = sorted(((offer.route, route_cost(offer, workload, model=model)) for offer in offers), key=place)
    totals = [found.total for _, found in outcomes if isinstance(found, RouteCost) and found.competes]
    return tuple(
        RankedRoute(route, found, totals.index(found.total) + 1 if place((route, found))[0] == 0 else None)
        if isinstance(found, RouteCost)
        else RankedRoute(route, found, None)
        for route, found in outcomes
    )


def competing(ranked: Sequence[RankedRoute]) -> Iterator[RouteCost]:
    """The costs of the routes that compete, the cheapest first."""
    return (each.outcome for each in ranked if each.rank is not None and isinstance(each.outcome, RouteCost))


def own_cost(costs: Iterable[RouteCost]) -> RouteCost | None:
    """The first of these costs, the cheapest first, on a route of the model's own lab; None where there is none."""
    return next((cost for cost in costs if cost.route.first_party), None)


def other_id(route: Route, model: Model | None) -> bool:
    """Whether a route is called otherwise than its model; a provider may take several ids for one, such as dated ones."""
    return model is not None and route.provider_model_id.rpartition("/")[2].casefold() != model.slug.casefold()


def cheapest(
    offers: Sequence[Offer], workload: Workload, *, model: Model | None = None, include_suspicious: bool = False
) -> tuple[RouteCost, ...]:
    """All routes with the lowest total, by provider name; empty where no route has a cost (rule `cost.cheapest`)."""
    return cheapest_of(ranked_costs(offers, workload, model=model), include_suspicious=include_suspicious)


def cheapest_of(ranked: Sequence[RankedRoute], *, include_suspicious: bool = False) -> tuple[RouteCost, ...]:
    """The cheapest of routes that are already ranked, possibly of several models."""
    costs = [each.outcome for each in ranked if isinstance(each.outcome, RouteCost)]
    costs = [cost for cost in costs if include_suspicious or cost.competes]
    lowest = min((cost.total for cost in costs), default=None)
    return tuple(
        sorted((cost for cost in costs if cost.total == lowest), key=lambda cost: cost.route.provider.name.casefold())
    )


def monthly_cost(contender: Contender, workload: Workload) -> MonthlyCost | Unavailable:
    """The workload on the cheapest live route of a model. What the caller may not use is ranked with the reason. Needs the offers."""
    barred = tuple(offer for offer in contender.barred if offer.route.live)
    ranked = ranked_costs((*contender.live, *barred), workload, model=contender.model)
    best = cheapest_of(ranked)
    if not best:
        return _no_cost(contender, ranked)
    return MonthlyCost(
        model=contender.model.slug,
        workload=workload,
        cheapest=best,
        total=best[0].total,
        display=best[0].display,
        ranked=ranked,
        rules=tuple(dict.fromkeys((CHEAPEST.id, *(rule for cost in best for rule in cost.rules)))),
        used=tuple(dict.fromkeys(ref for cost in best for ref in cost.used)),
        of=contender,
    )


def _no_cost(contender: Contender, ranked: tuple[RankedRoute, ...]) -> Unavailable:
    name = contender.model.name
    unknown = [each.outcome for each in ranked if isinstance(each.outcome, Unavailable)]
    missing = tuple(dict.fromkeys(ref for each in unknown for ref in each.missing))
    lows = [each.low for each in unknown]
    low = min((each for each in lows if each is not None), default=None) if None not in lows else None
    high = min((each.high for each in unknown if each.high is not None), default=None)
    doubtful = [ref for each in ranked if isinstance(each.outcome, RouteCost) for ref in each.outcome.used]
    barred = [each.outcome for each in ranked if isinstance(each.outcome, Ineligible)]
    if unsettled := [each for each in barred if each.reason in UNSETTLED]:
        open_ones = tuple(dict.fromkeys((*missing, *(ref for each in unsettled for ref in each.used))))
        message = f"No tracked route of {name} is known to compete for this workload: {counted_reasons(barred)}."
        return Unavailable(unsettled[0].reason, message, open_ones)
    if doubtful:
        missing = tuple(dict.fromkeys((*doubtful, *missing)))
        return Unavailable("SUSPICIOUS_PRICE_ONLY", f"Every price of {name} looks wrong.", missing, low, high)
    if not ranked:
        return Unavailable("NO_LIVE_ROUTE", f"No live route of {name} is tracked.")
    if not unknown:
        if any(isinstance(each.outcome, Ineligible) and each.outcome.reason == "NO_TEXT_OUTPUT" for each in ranked):
            return Unavailable("NO_ELIGIBLE_ROUTE", no_text(contender.model))
        reasons = counted_reasons(each.outcome for each in ranked if isinstance(each.outcome, Ineligible))
        return Unavailable("NO_ELIGIBLE_ROUTE", f"No tracked route of {name} competes for this workload: {reasons}.")
    message = f"No route of {name} has a complete token price."
    if len(missing) == 1:
        message += f" One fact is missing: {unknown[0].message}"
    return Unavailable("NO_COMPLETE_TOKEN_PRICE", message, missing, low, high)


def cost_delta(first: MonthlyCost | Unavailable, second: MonthlyCost | Unavailable) -> CostDelta | Unavailable:
    """How the second monthly cost differs from the first (rule `cost.delta`). Unavailable when either is."""
    if isinstance(first, Unavailable) or isinstance(second, Unavailable):
        absent = [each for each in (first, second) if isinstance(each, Unavailable)]
        missing = tuple(dict.fromkeys(ref for each in absent for ref in each.missing))
        return Unavailable("COST_UNAVAILABLE", " ".join(each.message for each in absent), missing)
    with exact():
        delta = second.total - first.total
    ratio = second.total / first.total if first.total else None
    cheaper = None if not delta else (first.model if delta > 0 else second.model)
    sign = "+" if delta > 0 else "-" if delta else ""
    display = sign + display_usd_difference(first.total, second.total)
    used = tuple(dict.fromkeys((*first.used, *second.used)))
    return CostDelta(first.model, second.model, delta, ratio, cheaper, display, (DELTA.id, CHEAPEST.id), used)


def ranking_gap(ranked: Sequence[RankedRoute]) -> RankingGap | None:
    """The missing price that, once known, could change which route is the cheapest (rule `cost.gap`), the likeliest
    first; None where no single fact can."""
    best = cheapest_of(ranked)
    gaps = [
        (each.route, each.outcome)
        for each in ranked
        if isinstance(each.outcome, Unavailable)
        and len(each.outcome.missing) == 1
        and (not best or each.outcome.low is None or each.outcome.low < best[0].total)
    ]
    if not gaps:
        return None
    route, outcome = min(gaps, key=lambda gap: (gap[1].low or Decimal(0), gap[0].key))
    message = f"{outcome.message} Once known, it could change which route is the cheapest."
    used = tuple(ref for cost in best for ref in cost.used)
    return RankingGap(route, outcome.missing[0], outcome.low, message, GAP.id, used)
