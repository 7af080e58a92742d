"""What else would do the same month for less: candidates, each with how hard the move is and what it would lose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.benchmarks import BenchmarkRow
from domain.cost import MonthlyCost, RouteCost, monthly_cost, other_id, route_cost
from domain.facts import (
    PAGE_CAPABILITIES,
    ApiShape,
    CapabilityKind,
    Contender,
    FactRef,
    Lifecycle,
    Model,
    Offer,
    Route,
    Task,
    Unavailable,
)
from domain.friction import SwitchFriction, as_served
from domain.friction_ability import not_kept
from domain.friction_factors import FactorKind
from domain.lifecycle import leaves_before
from domain.plan import route_friction
from domain.plan_steps import End, Standing
from domain.quality import Quality, quality
from domain.rules import Rule
from domain.scales import offered
from domain.shapes import Shapes
from domain.spelling import class_of
from domain.standing import company, standing
from domain.totals import NoTotal, Totals
from domain.units import exact
from domain.wording import in_words
from domain.workload import Workload


@dataclass(frozen=True, slots=True)
class Source:
    """What is used now: a model on the route that stands for it, or one route of it."""

    contender: Contender
    offer: Offer | None = None

    @property
    def name(self) -> str:
        """Slug of the model, or key of the route."""
        return self.contender.model.slug if self.offer is None else self.offer.route.key


@dataclass(frozen=True, slots=True)
class Saving:
    """A candidate on one of its routes. `saving` is USD a month, exact; `lost` what the route in use has and this one has not;
    `rows` are the results behind the quality."""

    contender: Contender
    offer: Offer
    total: Decimal
    saving: Decimal
    lost: tuple[CapabilityKind, ...]
    quality: Quality
    rows: tuple[BenchmarkRow, ...]


@dataclass(frozen=True, slots=True)
class Cheaper:
    """All candidates in order, against what the route in use costs."""

    source: Source
    offer: Offer
    workload: Workload
    total: Decimal
    kept: tuple[CapabilityKind, ...]
    savings: tuple[Saving, ...]
    unpriced: int
    required: Collection[ApiShape] = ()
    rules: tuple[str, ...] = ("switches.cheaper", "switches.order", "quality.shared-benchmarks", "plan.standing")

    @property
    def route(self) -> Route:
        """What it is compared with."""
        return self.offer.route

    def friction(self, one: Saving, *, shapes: Shapes, on: date) -> SwitchFriction:
        """How hard the move is from the route in use to the one of the candidate, by its switch plan."""
        before, after = (
            Standing(offer.route.key, model, offer, route_cost(offer, self.workload, model=model), None)
            for offer, model in ((self.offer, self.source.contender.model), (one.offer, one.contender.model))
        )
        return route_friction(before, after, workload=self.workload, shapes=shapes, on=on, required=self.required)


def cheaper_switches(
    source: Source,
    contenders: Iterable[Contender],
    workload: Workload,
    *,
    keep: Sequence[CapabilityKind] | None = None,
    until: date | None = None,
    required: Collection[ApiShape] = (),
) -> Cheaper | Unavailable:
    """Models made for the same task with a live route that costs less a month at the workload than the route in use, and fits it.
    A model is in use on the route that stands for it (plan.standing), a move from a route may stay with its model. Of the
    routes of a candidate that would do and cost less, one that serves the model as it is (of the model in use, the variant in
    use) is taken before one that serves an eco, turbo or quantised variant of it; then one of the same company, else its lab's
    own, else any; of several the cheapest. Saving, friction and losses are all of the move between these two routes. Capabilities to keep are
    those that a source states of the candidate; without a list they are those of the page's ten that the source has. A route
    that is deprecated or retired, or that is announced to be shut down too soon (lifecycle.served-until), saves for a short
    while only and is no candidate. What has no known cost saves nothing that anybody knows: it is counted, not listed. A
    source whose task or cost is not known has no cheaper switch, and that is said."""
    model = source.contender.model
    if model.task is Task.UNKNOWN:
        return no_task(model)
    found_now = in_use(source, workload)
    if isinstance(found_now, Unavailable):
        return found_now
    here, now = found_now
    totals = Totals(workload)
    kept = page_kinds(model, here.route) if keep is None else tuple(dict.fromkeys(keep))
    served, place = as_served(here.route, model)[0], company(here.route)
    found, unpriced = [], 0
    for contender in contenders:
        if contender.model.task is not model.task or (source.offer is None and contender.model.id == model.id):
            continue
        offers = able(contender, frozenset(kept), until)
        priced = [
            (total, offer)
            for offer, total in zip(offers, totals.of(offers, contender.model), strict=True)
            if not isinstance(total, NoTotal)
        ]
        unpriced += bool(offers) and not priced
        cheaper = [each for each in priced if each[0] < now]
        as_is = class_of(here.route.variant) if contender.model.id == model.id else frozenset()

        def untested(offer: Offer, as_is: frozenset[str] = as_is) -> bool:
            return class_of(offer.route.variant) != as_is

        if cheaper:
            total, best = min(cheaper, key=lambda each: (untested(each[1]), *_nearest(place, contender.model, *each)))
            with exact():
                saving = now - total
            losses = not_kept(served, as_served(best.route, contender.model)[0])
            good = quality(source.contender, contender, (here.route, best.route))
            found.append(Saving(contender, best, total, saving, losses, *good))
    return Cheaper(source, here, workload, now, kept, in_order(found, now), unpriced, required)


def _nearest(place: str, model: Model, total: Decimal, offer: Offer) -> tuple[bool, bool, Decimal, str, bool, str]:
    route = offer.route
    names = route.provider.name.casefold(), other_id(route, model), route.key
    return company(route) != place, not route.first_party, total, *names


def in_order(savings: Iterable[Saving], now: Decimal) -> tuple[Saving, ...]:
    """Nobody moves to a model only because it is cheap. First comes what is at least as good as the model in use by results that
    may be compared on three benchmarks or more (quality.shared-benchmarks), then what is better in some and worse in others,
    then what nobody measured well enough beside it, last what is worse. Of what is not known to be good the price is the only sign of a class: first what costs at least half
    of what the route in use costs, then at least a quarter, and so on. Then what loses no capability comes first, then the
    largest saving. Equal ones come by name."""

    def place(one: Saving) -> tuple[object, ...]:
        apart = doublings(now, one.total) if one.quality is Quality.UNKNOWN else 0
        name = one.contender.model.name.casefold()
        return _PLACES[one.quality], apart, bool(one.lost), -one.saving, name, one.offer.route.key

    return tuple(sorted(savings, key=place))


_PLACES = {each: place for place, each in enumerate(Quality)}


def doublings(one: Decimal, other: Decimal) -> int:
    """How often the lower amount can be doubled before it reaches the higher one: 0 within a factor of two. Of nothing, 64."""
    low, high = sorted((one, other))
    times = 0
    with exact():
        while low * 2 < high and times < 64:
            low, times = low * 2, times + 1
    return times


def no_model(route: Route) -> Unavailable:
    """Why nothing is known to do what a route of no known model does."""
    message = f"Nobody says which model {route.key} serves, so nothing is known to do the same."
    return Unavailable("MODEL_UNKNOWN", message)


def no_task(model: Model) -> Unavailable:
    """Why nothing is known to do what a model does of which nobody says what it is made for."""
    message = f"No source says what {model.name} is made for, so nothing is known to do the same."
    return Unavailable("TASK_UNKNOWN", message, (FactRef("model", model.id, "task"),))


def in_use(source: Source, workload: Workload) -> tuple[Offer, Decimal] | Unavailable:
    """The route in use with its cost, of a model the one that stands for it (plan.standing); or why that is not known."""
    model = source.contender.model
    if source.offer is not None:
        return priced_route(source.offer, model, workload)
    found = monthly_cost(source.contender, workload)
    if not isinstance(found, MonthlyCost):
        return found
    stands = standing(End(model.slug, model, source.contender.offers, is_route=False), workload)
    assert isinstance(stands, Standing)
    assert isinstance(stands.cost, RouteCost)
    return stands.offer, stands.cost.total


def priced_route(offer: Offer, model: Model, workload: Workload) -> tuple[Offer, Decimal] | Unavailable:
    """A route that is in use with its cost, or why that is not known."""
    cost = route_cost(offer, workload, model=model)
    if isinstance(cost, RouteCost):
        return offer, cost.total
    return cost if isinstance(cost, Unavailable) else Unavailable("SOURCE_NOT_ELIGIBLE", cost.message, cost.used)


def page_kinds(model: Model, route: Route) -> tuple[CapabilityKind, ...]:
    """Those of the page's ten capabilities that a route has, as sources say."""
    has = offered(model, route)
    return tuple(kind for kind in PAGE_CAPABILITIES if kind in has)


def able(contender: Contender, needed: frozenset[CapabilityKind], until: date | None) -> list[Offer]:
    """The live routes of a model that have all of some capabilities, as sources say, and of which nobody says that they, or
    their model, are deprecated or retired, or are shut down before a day."""
    if contender.model.lifecycle in _LEAVING:
        return []
    return [
        offer
        for offer in contender.live
        if offer.route.lifecycle not in _LEAVING
        and not (until is not None and leaves_before(contender.model, offer.route, until))
        and needed <= offered(contender.model, offer.route)
    ]


_LEAVING = frozenset({Lifecycle.DEPRECATED, Lifecycle.RETIRED})


def lost(friction: SwitchFriction) -> tuple[CapabilityKind, ...]:
    """The capabilities that the source has and the target has not."""
    return _kinds(friction, FactorKind.CAPABILITY_LOST)


def doubtful(friction: SwitchFriction) -> tuple[CapabilityKind, ...]:
    """The capabilities that the source has and of which nobody says whether the target does."""
    return _kinds(friction, FactorKind.CAPABILITY_UNKNOWN)


def _kinds(friction: SwitchFriction, kind: FactorKind) -> tuple[CapabilityKind, ...]:
    return tuple(
        dict.fromkeys(each for factor in friction.factors if factor.kind is kind for each in factor.capabilities)
    )


_REFERENCE = "docs/methodology.md#cheaper-switches-and-fallbacks"
RULES = (
    Rule("switches.cheaper", "Cheaper switches", in_words(cheaper_switches), _REFERENCE),
    Rule("switches.order", "Order of cheaper switches", in_words(in_order), _REFERENCE),
)
