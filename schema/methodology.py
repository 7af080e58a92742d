"""The published rules, weights and presets, so that every decision can be followed by somebody who only has the API."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from graphql import GraphQLError

from domain import friction, rules
from domain import verdict as verdicts
from domain.friction_factors import Severity
from domain.workload import PRESETS
from schema.costs import Workload
from schema.decisions import Weight
from schema.evidence import Rule
from schema.shapes import Reference


@strawberry.type(
    description="A named month of use. Its token counts follow the document in `reference`; without one they are assumptions."
)
class Preset:
    key: str = strawberry.field(description="Name for `workload: {preset: …}`.")
    title: str = strawberry.field(description="The name under which it is shown.")
    description: str = strawberry.field(description="What kind of use it stands for.")
    note: str = strawberry.field(
        description="Where its token counts come from, and what of them is our assumption, in words."
    )
    reference: Reference | None = strawberry.field(
        description="The document that measured the token counts in real use; null where they are our assumption."
    )
    workload: Workload = strawberry.field(description="The requests and token counts themselves.")


@strawberry.type(description="How much a factor of a switch counts.")
class SeverityWeight:
    severity: Severity = strawberry.field(description="How grave a factor is.")
    points: int = strawberry.field(description="Points towards the score of 0 to 100.")


@strawberry.type(description="How this service decides: every rule, weight and preset.")
class Methodology:
    @strawberry.field(description="Changes whenever a rule decides otherwise from the same facts.")
    def rules_version(self: Any) -> str:
        return rules.RULES_VERSION

    @strawberry.field(description="All rules, in the order of the documentation.")
    def rules(self: Any) -> list[Rule]:
        found: Any = rules.registry()
        return list(found.values())

    @strawberry.field(description="One published rule by its id.")
    def rule(
        self: Any, id: Annotated[str, strawberry.argument(description="Its id, such as `cost.cheapest`.")]
    ) -> Rule:
        found: Any = rules.registry().get(id)
        if found is None:
            raise GraphQLError(
                f"No rule is called {id[:80]!r}; `methodology {{ rules {{ id }} }}` lists them.",
                extensions={"code": "UNKNOWN_RULE"},
            )
        return found

    @strawberry.field(
        description="How much each row of the scorecard counts in a verdict, unless you send your own weights."
    )
    def weights(self: Any) -> list[Weight]:
        return [Weight(signal=key, weight=weight) for key, weight in verdicts.DEFAULT_WEIGHTS.items()]

    @strawberry.field(description="How much each factor counts in a switch.")
    def friction_weights(self: Any) -> list[SeverityWeight]:
        return [SeverityWeight(severity=severity, points=points) for severity, points in friction.WEIGHTS.items()]

    @strawberry.field(description="Our named months of use, with their token counts.")
    def presets(self: Any) -> list[Preset]:
        found: Any = PRESETS
        return list(found.values())
