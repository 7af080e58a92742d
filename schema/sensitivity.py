"""How a cost follows the workload, as GraphQL shows it: one step along each axis, and a curve for a chart."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import strawberry

from domain import sensitivity
from domain.cost import RouteCost
from domain.facts import Model, Offer
from domain.moves import CostAxis
from domain.units import display_usd
from domain.workload import Workload
from schema.enums import described
from schema.errors import bad_input
from schema.evidence import Fact, Rule, rule_of

described(
    CostAxis,
    "Along what a month of use is moved, everything else staying as it is.",
    {
        "OUTPUT_SHARE": "The share of generated tokens among all tokens.",
        "CACHED_SHARE": "The share of the prompt that is read from a cache.",
        "VOLUME": "The number of requests.",
    },
)

PLACE = "Where the workload stands: a share of one, or requests per month."


@strawberry.type(description="How much the monthly cost of a route moves with one small step of the workload.")
class Sensitivity:
    axis: CostAxis = strawberry.field(description="Along what.")
    at: Decimal = strawberry.field(description=PLACE)
    step: Decimal = strawberry.field(
        description="The step: about 0.01, one percent point or 1 % more requests; a little off where whole tokens do not divide."
    )
    gain: Decimal | None = strawberry.field(
        description="USD a month for the step, below zero where it saves; null where the cost cannot be told there."
    )
    sentence: str = strawberry.field(description="The same in words.")
    used: list[Fact] = strawberry.field(description="The facts that it rests on.")

    @strawberry.field(description="The rule by which it was decided.")
    def rule(self: Any) -> Rule:
        return rule_of(self.rule)


@strawberry.type(description="One point of a curve of monthly cost.")
class CurvePoint:
    at: Decimal = strawberry.field(description=PLACE)
    total: Decimal | None = strawberry.field(description="USD in a month, exact; null where there is no cost.")
    reason: str | None = strawberry.field(
        description="Why there is no cost, such as an answer beyond the route's limit; null where there is one."
    )
    current: bool = strawberry.field(description="Whether this is your workload as it is.")

    @strawberry.field(description="The total, rounded to show; null where there is no cost.")
    def display(self: Any) -> str | None:
        return display_usd(self.outcome.total) if isinstance(self.outcome, RouteCost) else None


Over = Annotated[CostAxis, strawberry.argument(description="Along what.")]
PointCount = Annotated[
    int,
    strawberry.argument(
        description=f"At most so many, {sensitivity.FEWEST_POINTS} to {sensitivity.MOST_POINTS}; the workload itself is one of them."
    ),
]


def curve_of(offer: Offer, workload: Workload, over: CostAxis, points: int, model: Model | None) -> Any:
    """The points of a curve. Raises GraphQLError BAD_USER_INPUT for an impossible number of them."""
    try:
        return sensitivity.curve(offer, workload, over, points, model=model)
    except ValueError as error:
        raise bad_input(error) from None
