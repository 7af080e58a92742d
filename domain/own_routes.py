"""What the labs themselves ask. The cheapest route of a model is often a reseller's, and where each is bought from its lab another
one may be the cheaper.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.cost import Costs, MonthlyCost, RouteCost
from domain.facts import FactRef
from domain.rules import Rule
from domain.signals import Direction, leading
from domain.wording import in_words


def own_cost(cost: MonthlyCost) -> RouteCost | None:
    """What the workload costs on the cheapest route of the model's own lab; None where the lab has none with a cost."""
    for each in cost.ranked:
        if each.rank is not None and each.route.first_party and isinstance(each.outcome, RouteCost):
            return each.outcome
    return None


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """Who costs least, by slug, where each is bought from its own lab."""

    costs: dict[str, RouteCost]
    leaders: tuple[str, ...]
    rule: str

    @property
    def used(self) -> tuple[FactRef, ...]:
        """The facts behind all costs."""
        return tuple(dict.fromkeys(ref for cost in self.costs.values() for ref in cost.used))


def other_order(costs: Costs) -> OwnOrder | None:
    """Where all models have a route of their own lab on which the workload has a cost, and other models lead by these costs than by
    those of the cheapest routes, that speaks for them, without a weight: many buy from the lab, and resellers may not last."""
    known = {slug: cost for slug, cost in costs.items() if isinstance(cost, MonthlyCost)}
    own = {slug: found for slug, cost in known.items() if (found := own_cost(cost)) is not None}
    if len(own) < len(costs):
        return None
    leaders = leading({slug: cost.total for slug, cost in own.items()}, Direction.LOWER)
    if not leaders or set(leaders) == set(leading({slug: each.total for slug, each in known.items()}, Direction.LOWER)):
        return None
    return OwnOrder(own, tuple(leaders), OWN_ROUTES.id)


OWN_ROUTES = Rule(
    "verdict.own-routes", "What the labs themselves ask", in_words(other_order), "docs/methodology.md#verdict"
)
RULES = (OWN_ROUTES,)
