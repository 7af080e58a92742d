"""Routes side by side: what each costs, how its cost follows the workload, and where the order of two turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError

from domain import break_even, facts
from domain.break_even import FEWEST_ROUTES, MOST_ROUTES, Served
from domain.moves import CostAxis
from domain.overrides import Overrides
from domain.records import Kind
from domain.workload import Workload as Month
from schema.catalog import OF_A_ROUTE, Route, RouteOutcome, served
from schema.costs import Unavailable, Workload
from schema.errors import bad_comparison
from schema.evidence import Fact, Rule
from schema.groups import Group
from schema.ids import Identified, is_a
from schema.look import Look
from schema.needs import Several, needs
from schema.posed import route_cost_of
from schema.questions import of_routes
from schema.recording import record_field
from schema.rules import USED, rule_field
from schema.sensitivity import PLACE, CurvePoint, Over, PointCount, curve_of


@dataclass(eq=False)
class RouteCase(Several):
    """The routes in the order asked, the month, and the caller's terms."""

    look: Look
    routes: tuple[facts.Route, ...]
    workload: Month
    overrides: Overrides

    def parents(self) -> Sequence[facts.Route]:
        return self.routes

    @cached_property
    def served(self) -> tuple[Served, ...]:
        """Each route as it is offered. Needs prices and models."""
        return tuple(served(self.look, route, self.overrides) for route in self.routes)

    def identified(self, found: break_even.BreakEven | facts.Unavailable) -> Any:
        """A break-even with what its record asks again."""
        if isinstance(found, facts.Unavailable):
            return found
        pair = found.first, found.second
        question = of_routes(Kind.BREAK_EVEN, pair, self.workload, self.overrides, found.axis)
        return Identified(found, "BreakEven", "|".join((*pair, found.axis)), question)


def routes_case(seen: Look, keys: Sequence[str], workload: Month, overrides: Overrides) -> RouteCase:
    """Raises GraphQLError BAD_COMPARISON for too few, too many or two equal routes, UNKNOWN_ROUTE for one that is not there."""
    if not FEWEST_ROUTES <= len(keys) <= MOST_ROUTES or len(set(keys)) < len(keys):
        raise bad_comparison(f"Name {FEWEST_ROUTES} to {MOST_ROUTES} different routes by their keys.")
    routes = []
    for key in keys:
        route = seen.get(Group.ROUTE, key)
        if route is None:
            raise GraphQLError(
                f"No route has the key {key[:80]!r}; a route's `key` is `provider/provider's model id`.",
                extensions={"code": "UNKNOWN_ROUTE", "route": key[:200]},
            )
        routes.append(route)
    return RouteCase(seen, tuple(routes), workload, overrides)


@strawberry.type(description="What two routes cost at one place of an axis.")
class Balance:
    at: Decimal = strawberry.field(description=PLACE)
    first: Decimal = strawberry.field(description="USD a month on the first route, exact.")
    second: Decimal = strawberry.field(description="USD a month on the second route, exact.")


@strawberry.type(description="Where two routes cost the same: on either side of it another one of them is cheaper.")
class BreakEven:
    axis: CostAxis = strawberry.field(description="Along what the workload was moved.")
    first: str = strawberry.field(description="Key of the first route.")
    second: str = strawberry.field(description="Key of the second route.")
    now: Balance = strawberry.field(description="Your workload as it is.")
    lower: Balance | None = strawberry.field(
        description="The last place before the order turns, or the first at which both cost the same; null: it never turns."
    )
    upper: Balance | None = strawberry.field(
        description="The first place after the order turned, or the last at which both cost the same; null: it never turns."
    )
    below: str | None = strawberry.field(
        description="Key of the route that is cheaper below; null where nothing turns."
    )
    above: str | None = strawberry.field(
        description="Key of the route that is cheaper above; null where nothing turns."
    )
    sentence: str = strawberry.field(description="The same in words.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()
    record: str = record_field(*OF_A_ROUTE)

    is_type_of = is_a(break_even.BreakEven)


BreakEvenResult = Annotated[
    BreakEven | Unavailable,
    strawberry.union("BreakEvenResult", description="Where two routes cost the same, or why that cannot be said."),
]


@strawberry.type(description="How the monthly cost of one route follows the workload.")
class RouteCurve:
    route: str = strawberry.field(description="Key of the route.")
    points: list[CurvePoint] = strawberry.field(description="In ascending order, for a chart.")


@strawberry.type(
    description="Routes side by side at a month of your use: costs, curves, and where the order of two turns."
)
class RouteComparison:
    workload: Workload = strawberry.field(description="The month of use.")
    routes: list[Route] = strawberry.field(description="The routes in the order asked.")

    is_type_of = is_a(RouteCase)

    @strawberry.field(description="What the month costs on each route, in that order.", metadata=needs(*OF_A_ROUTE))
    def costs(self: Any) -> list[RouteOutcome]:
        return [route_cost_of(each, self.workload, self.overrides) for each in self.served]

    @strawberry.field(
        description="For every two routes and every axis, where the cheaper one changes.", metadata=needs(*OF_A_ROUTE)
    )
    def break_evens(
        self: Any,
        over: Annotated[list[CostAxis] | None, strawberry.argument(description="Only these; null for all.")] = None,
    ) -> list[BreakEvenResult]:
        axes = tuple(CostAxis) if over is None else tuple(dict.fromkeys(over))
        return [
            self.identified(each)
            for each in break_even.break_evens(self.served, self.workload, axes, check=self.look.facts.wanted.check)
        ]

    @strawberry.field(description="The cost of each route along an axis, for a chart.", metadata=needs(*OF_A_ROUTE))
    def curves(self: Any, over: Over, points: PointCount = 21) -> list[RouteCurve]:
        return [
            RouteCurve(route=each.key, points=curve_of(each.offer, self.workload, over, points, each.model))
            for each in self.look.facts.wanted.each(self.served)
        ]
