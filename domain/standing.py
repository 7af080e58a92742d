"""Which route stands for a model where only a route can answer.

The cheapest one is often a reseller of which nobody has heard; who names a model mostly means the lab's own API, or the provider
that they use already.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self, TypeAlias

from domain.cost import MonthlyCost, RouteCost, competing, own_cost, ranked_costs, route_cost
from domain.facts import Lifecycle, Offer, Route, Task, Unavailable
from domain.fit import company_names
from domain.friction_access import SHOWN_PROVIDERS, own_first
from domain.overrides import Overrides, in_use, under, usable
from domain.plan_steps import REFERENCE, End, Standing
from domain.rules import Rule
from domain.units import exact
from domain.wording import in_words, listed
from domain.workload import Workload

Spend: TypeAlias = "MonthlyCost | Unavailable"
"""What a model costs a month at the workload on its cheapest route, with what each other route costs; or why that is not known."""


def standings(
    one: End, other: End, workload: Workload, *, costs: tuple[Spend, Spend] | None = None
) -> tuple[Standing | Unavailable, Standing | Unavailable]:
    """A route stands for itself. A model stands for a live route of it on which the workload has a cost: where the other end is
    a route, for one of the same company, so that credentials stay what they are; else for its lab's own; else for one of a
    company that serves the other end too; else for the cheapest. A model to be left that its lab has retired stands for the lab's own
    route as it was: most who leave it were there, whoever still lists it. Of several in one place the cheapest counts, then the first by
    provider name, then the one whose id is the model's own name. Where no route has a cost, it is the lab's own live route, else the first one by provider name. Without a live
    route there is no plan. Who wants another route names its key."""
    known = (None, None) if costs is None else costs
    ends = tuple(_Costed.of(end, workload, cost) for end, cost in zip((one, other), known, strict=True))
    firsts = [ends[0].first or ends[0].left, ends[1].first]
    made: list[Standing | Unavailable] = []
    shared = _shared(*ends) if firsts == [None, None] else None
    for place, (end, first) in enumerate(zip(ends, firsts, strict=True)):
        across, beside = ends[1 - place].end, firsts[1 - place]
        there = across.offers[0].route if across.is_route else None
        if end.end.is_route and first is not None:
            made.append(first)
        elif there is not None and (found := end.at(company(there))):
            made.append(end.on(found, f"at {found.route.provider.name} like the other end"))
        elif first is not None:
            made.append(first)
        elif beside is not None and (found := end.at(company(beside.offer.route))):
            made.append(end.on(found, f"at {found.route.provider.name} like the other end"))
        elif shared is not None and (found := end.at(shared)):
            made.append(end.on(found, f"at {found.route.provider.name}, which serves both"))
        else:
            made.append(end.alone)
    return made[0], made[1]


def standing(end: End, workload: Workload) -> Standing | Unavailable:
    """One end by itself: nothing is known of another one."""
    return _Costed.of(end, workload, None).alone


def company(route: Route) -> str:
    """The company behind the provider of a route."""
    return route.provider.group or route.provider.slug


@dataclass(frozen=True, slots=True)
class _Costed:
    """An end with the live routes on which the workload has a cost, the cheapest first, then by provider name."""

    end: End
    workload: Workload
    costs: tuple[RouteCost, ...]

    @classmethod
    def of(cls, end: End, workload: Workload, known: Spend | None) -> Self:
        """`known` is what its model costs, where that is known already."""
        if end.is_route or isinstance(known, Unavailable):
            return cls(end, workload, ())
        live = _live(end)
        ranked = known.ranked if known is not None else ranked_costs(live, workload, model=end.model)
        ids = {offer.route.id for offer in live}
        return cls(end, workload, tuple(cost for cost in competing(ranked) if cost.route.id in ids))

    @property
    def first(self) -> Standing | None:
        """The route that was named, or the lab's own one."""
        if self.end.is_route:
            return self._plain(self.end.offers[0], None)
        own = own_cost(self.costs)
        return None if own is None else self.on(own, "its lab's own")

    @property
    def left(self) -> Standing | None:
        """The retired route of its lab's own, where the model is retired with it."""
        model = self.end.model
        gone = [
            offer
            for offer in self.end.offers
            if offer.route.first_party and offer.route.lifecycle is Lifecycle.RETIRED and not offer.route.live
        ]
        if self.end.is_route or model is None or model.lifecycle is not Lifecycle.RETIRED or not gone:
            return None
        offer = min(gone, key=own_first)
        still = company_names(each.route for each in _live(self.end)).values()
        hosts = (
            f" (it is still listed by {listed(sorted(still, key=str.casefold), limit=SHOWN_PROVIDERS)})"
            if still
            else ""
        )
        note = (
            f"{model.name} stands for its route {offer.route.key}, its lab's own, which is retired{hosts}. "
            "Name the key of a route to leave another one."
        )
        return self._plain(offer, note)

    @property
    def alone(self) -> Standing | Unavailable:
        if (first := self.first) is not None:
            return first
        if self.costs:
            return self.on(self.costs[0], "the cheapest one, as no route of its lab's own has a cost")
        model, live = self.end.model, _live(self.end)
        assert model is not None
        if not live and any(offer.route.live for offer in self.end.offers):
            return Unavailable("NO_USABLE_ROUTE", f"Your own terms leave no live route of {model.name} over.")
        if not live:
            return Unavailable("NO_LIVE_ROUTE", f"No live route of {model.name} is tracked.")
        offer = min(live, key=own_first)
        why = "because no route of it has a cost at this workload."
        return self._plain(offer, f"{model.name} stands for its route {offer.route.key}, {why}")

    def at(self, place: str) -> RouteCost | None:
        """The cheapest route at a company."""
        return next((cost for cost in self.costs if company(cost.route) == place), None)

    def on(self, cost: RouteCost, why: str) -> Standing:
        assert self.end.model is not None
        name, key = self.end.model.name, cost.route.key
        note = (
            f"{name} stands for its route {key}, {why}: {self.workload.name} costs {cost.display} a month on it. "
            "Name the key of a route to have another one."
        )
        offer = next(offer for offer in self.end.offers if offer.route.id == cost.route.id)
        return Standing(self.end.asked, self.end.model, offer, cost, note)

    def _plain(self, offer: Offer, note: str | None) -> Standing:
        cost = route_cost(offer, self.workload, model=self.end.model)
        return Standing(self.end.asked, self.end.model, offer, cost, note)


def _shared(one: _Costed, other: _Costed) -> str | None:
    """The company at which both models together cost least."""
    here, there = ({company(cost.route): cost.total for cost in reversed(end.costs)} for end in (one, other))
    with exact():
        return min(((here[each] + there[each], each) for each in here.keys() & there.keys()), default=(0, None))[1]


def _live(end: End) -> tuple[Offer, ...]:
    return usable(offer for offer in end.offers if offer.route.live)


RULES = (Rule("plan.standing", "Which route stands for a model", in_words(standings), REFERENCE),)


def end_under(end: End, terms: Overrides) -> End:
    """An end as the caller has it; a route that is named may be used, whatever else is excluded."""
    task = Task.TEXT_GENERATION if end.model is None else end.model.task
    if end.is_route:
        return replace(end, offers=tuple(in_use(offer, terms, task) for offer in end.offers))
    return replace(end, offers=under(end.offers, terms, task))
