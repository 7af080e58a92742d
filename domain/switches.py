"""What else would do the same month for less: candidates by saving, each with how hard the move is and what it would lose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.cost import MonthlyCost, RouteCost, monthly_cost, route_cost
from domain.facts import (
    PAGE_CAPABILITIES,
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
from domain.friction import SwitchFriction, route_friction, switch_friction
from domain.friction_factors import FactorKind
from domain.lifecycle import leaves_before
from domain.rules import Rule
from domain.scales import offered
from domain.totals import NoTotal, Totals
from domain.units import exact
from domain.wording import in_words
from domain.workload import Workload


@dataclass(frozen=True, slots=True)
class Source:
    """What is used now: a model on the cheapest route that it has, or one route of it."""

    contender: Contender
    offer: Offer | None = None

    @property
    def name(self) -> str:
        """Slug of the model, or key of the route."""
        return self.contender.model.slug if self.offer is None else self.offer.route.key


@dataclass(frozen=True, slots=True)
class Saving:
    """A candidate on its cheapest route. `saving` is USD a month, exact."""

    contender: Contender
    offer: Offer
    total: Decimal
    saving: Decimal


@dataclass(frozen=True, slots=True)
class Cheaper:
    """All candidates, the largest saving first, against what the source costs."""

    source: Source
    offer: Offer
    workload: Workload
    total: Decimal
    kept: tuple[CapabilityKind, ...]
    savings: tuple[Saving, ...]
    unpriced: int
    rule: str = "switches.cheaper"

    @property
    def route(self) -> Route:
        """What it is compared with."""
        return self.offer.route

    def friction(self, one: Saving) -> SwitchFriction:
        """How hard the move is: between models, or between routes where the source is one."""
        source, workload = self.source.contender, self.workload
        if self.source.offer is None:
            costs = monthly_cost(source, workload), monthly_cost(one.contender, workload)
            return switch_friction(source, one.contender, workload=workload, source_cost=costs[0], target_cost=costs[1])
        here, there = source.model, one.contender.model
        return route_friction(
            self.source.offer,
            one.offer,
            workload=workload,
            source_cost=route_cost(self.source.offer, workload, model=here),
            target_cost=route_cost(one.offer, workload, model=there),
            source_model=here,
            target_model=there,
        )


def cheaper_switches(
    source: Source,
    contenders: Iterable[Contender],
    workload: Workload,
    *,
    keep: Sequence[CapabilityKind] | None = None,
    until: date | None = None,
) -> Cheaper | Unavailable:
    """Models made for the same task whose cheapest live route costs less a month at the workload, and fits it, the largest
    saving first, equal ones by name. A move from a route may stay with its model. A model is compared with the cheapest
    route of the source, a route with itself. Capabilities to keep are those that a source states of the candidate; without a
    list they are those of the page's ten that the source has. A route that is deprecated or retired, or that is announced
    to be shut down too soon (lifecycle.served-until), saves for a short while only and is no candidate. What has no known cost saves nothing that anybody knows: it is counted, not listed. A source whose task or cost is not
    known has no cheaper switch, and that is said."""
    model = source.contender.model
    if model.task is Task.UNKNOWN:
        return no_task(model)
    in_use = _in_use(source, workload)
    if isinstance(in_use, Unavailable):
        return in_use
    here, now = in_use
    totals = Totals(workload)
    kept = page_kinds(model, here.route) if keep is None else tuple(dict.fromkeys(keep))
    found, unpriced = [], 0
    for contender in contenders:
        if contender.model.task is not model.task or (source.offer is None and contender.model.id == model.id):
            continue
        offers = able(contender, frozenset(kept), until)
        priced = [
            (total, offer.route.provider.name.casefold(), offer.route.key, offer)
            for offer, total in zip(offers, totals.of(offers, contender.model), strict=True)
            if not isinstance(total, NoTotal)
        ]
        unpriced += bool(offers) and not priced
        if priced:
            total, _, _, best = min(priced, key=lambda each: each[:3])
            if total < now:
                with exact():
                    found.append(Saving(contender, best, total, now - total))
    found.sort(key=lambda each: (-each.saving, each.contender.model.name.casefold(), each.offer.route.key))
    return Cheaper(source, here, workload, now, kept, tuple(found), unpriced)


def no_model(route: Route) -> Unavailable:
    """Why nothing is known to do what a route of no known model does."""
    message = f"Nobody says which model {route.key} serves, so nothing is known to do the same."
    return Unavailable("MODEL_UNKNOWN", message)


def no_task(model: Model) -> Unavailable:
    """Why nothing is known to do what a model does of which nobody says what it is made for."""
    message = f"No source says what {model.name} is made for, so nothing is known to do the same."
    return Unavailable("TASK_UNKNOWN", message, (FactRef("model", model.id, "task"),))


def _in_use(source: Source, workload: Workload) -> tuple[Offer, Decimal] | Unavailable:
    if source.offer is not None:
        return priced_route(source.offer, source.contender.model, workload)
    found = monthly_cost(source.contender, workload)
    return (found.best, found.total) if isinstance(found, MonthlyCost) else found


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


RULES = (
    Rule(
        "switches.cheaper",
        "Cheaper switches",
        in_words(cheaper_switches),
        "docs/methodology.md#cheaper-switches-and-fallbacks",
    ),
)
