"""Which route stands for a model where only a route can answer.

The cheapest one is often a reseller of which nobody has heard; who names a model mostly means the lab's own API, or the provider
that they use already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import product

from domain.cost import RouteCost, cheapest, route_cost
from domain.facts import Model, Offer, Route, Task, Unavailable
from domain.friction_access import own_first
from domain.overrides import Overrides, in_use, under, usable
from domain.plan_steps import REFERENCE, End, Standing
from domain.rules import Rule
from domain.wording import in_words
from domain.workload import Workload


def standings(one: End, other: End, workload: Workload) -> tuple[Standing | Unavailable, Standing | Unavailable]:
    """A route stands for itself. A model stands for a live route of it on which the workload has a cost: where the other end is
    a route, for one of the same company, so that credentials stay what they are; else for its lab's own; else for one of a
    company that serves the other end too; else for the cheapest. Of several in one place the cheapest counts, then the first by
    provider name. Where no route has a cost, it is the lab's own live route, else the first one by provider name. Without a live
    route there is no plan. Who wants another route names its key."""
    firsts = [each if isinstance(each, Standing) else None for each in (_first(one, workload), _first(other, workload))]
    ends = (one, other)
    made: list[Standing | Unavailable] = []
    shared = _shared(one, other, workload) if firsts == [None, None] else None
    for place, (end, first) in enumerate(zip(ends, firsts, strict=True)):
        across = ends[1 - place].offers[0].route if ends[1 - place].is_route else None
        beside = firsts[1 - place]
        if end.is_route and first is not None:
            made.append(first)
        elif across is not None and (found := _at(end, {company(across)}, workload)):
            made.append(_for(end, found, f"at {found.route.provider.name} like the other end", workload))
        elif first is not None:
            made.append(first)
        elif beside is not None and (found := _at(end, {company(beside.offer.route)}, workload)):
            made.append(_for(end, found, f"at {found.route.provider.name} like the other end", workload))
        elif shared is not None and (found := _at(end, {shared}, workload)):
            made.append(_for(end, found, f"at {found.route.provider.name}, which serves both", workload))
        else:
            made.append(standing(end, workload))
    return made[0], made[1]


def standing(end: End, workload: Workload) -> Standing | Unavailable:
    """One end by itself: nothing is known of another one."""
    if (first := _first(end, workload)) is not None:
        return first
    assert end.model is not None
    live = _live(end)
    if not live and any(offer.route.live for offer in end.offers):
        return Unavailable("NO_USABLE_ROUTE", f"Your own terms leave no live route of {end.model.name} over.")
    if not live:
        return Unavailable("NO_LIVE_ROUTE", f"No live route of {end.model.name} is tracked.")
    if best := _cheapest(live, end.model, workload):
        return _for(end, best, "the cheapest one, as no route of its lab's own has a cost", workload)
    offer = min(live, key=own_first)
    note = (
        f"{end.model.name} stands for its route {offer.route.key}, because no route of it has a cost at this workload."
    )
    return Standing(end.asked, end.model, offer, route_cost(offer, workload, model=end.model), note)


def company(route: Route) -> str:
    """The company behind the provider of a route."""
    return route.provider.group or route.provider.slug


def _first(end: End, workload: Workload) -> Standing | None:
    """The route that was named, or the lab's own one."""
    if end.is_route:
        offer = end.offers[0]
        return Standing(end.asked, end.model, offer, route_cost(offer, workload, model=end.model), None)
    own = _cheapest([offer for offer in _live(end) if offer.route.first_party], end.model, workload)
    return None if own is None else _for(end, own, "its lab's own", workload)


def _shared(one: End, other: End, workload: Workload) -> str | None:
    """The company at which both models together cost least."""
    sums = [
        (here.total + there.total, company(here.route))
        for here, there in product(_costs(one, workload), _costs(other, workload))
        if company(here.route) == company(there.route)
    ]
    return min(sums)[1] if sums else None


def _costs(end: End, workload: Workload) -> Iterable[RouteCost]:
    for offer in _live(end):
        cost = route_cost(offer, workload, model=end.model)
        if isinstance(cost, RouteCost) and not cost.suspicious:
            yield cost


def _live(end: End) -> tuple[Offer, ...]:
    return usable(offer for offer in end.offers if offer.route.live)


def _at(end: End, companies: Collection[str], workload: Workload) -> Offer | None:
    return _cheapest([offer for offer in _live(end) if company(offer.route) in companies], end.model, workload)


def _cheapest(offers: Collection[Offer], model: Model | None, workload: Workload) -> Offer | None:
    best = cheapest(tuple(offers), workload, model=model)
    return next((offer for offer in offers if best and offer.route.id == best[0].route.id), None)


def _for(end: End, offer: Offer, why: str, workload: Workload) -> Standing:
    cost = route_cost(offer, workload, model=end.model)
    assert isinstance(cost, RouteCost)
    assert end.model is not None
    note = (
        f"{end.model.name} stands for its route {offer.route.key}, {why}: {workload.name} costs {cost.display} a month on it. "
        "Name the key of a route to have another one."
    )
    return Standing(end.asked, end.model, offer, cost, note)


RULES = (Rule("plan.standing", "Which route stands for a model", in_words(standings), REFERENCE),)


def end_under(end: End, terms: Overrides) -> End:
    """An end as the caller has it; a route that is named may be used, whatever else is excluded."""
    task = Task.TEXT_GENERATION if end.model is None else end.model.task
    if end.is_route:
        return replace(end, offers=tuple(in_use(offer, terms, task) for offer in end.offers))
    return replace(end, offers=under(end.offers, terms, task))
