"""The root fields that choose among the whole catalogue: what fits, what is cheaper, what takes over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import strawberry

from domain.facts import CapabilityKind
from domain.recommend import Of
from schema import alternatives, choosing, combining
from schema.alternatives import CheaperSwitchesResult, FallbacksResult
from schema.choosing import Recommendations, RequirementsInput
from schema.combining import CapabilityMatrix
from schema.lifecycle import LIVES_UNTIL
from schema.look import Info
from schema.overrides import OverridesArgument
from schema.workloads import LensArgument, WeightInput, WorkloadArgument

InUse = Annotated[
    str,
    strawberry.argument(
        description="The key of a route, `provider/provider's model id`, a model by slug or any spelling, or an id of either."
    ),
]
LivesUntil = Annotated[date | None, strawberry.argument(description=LIVES_UNTIL)]


@strawberry.type(description="What is found among the whole catalogue.")
class Choices:
    @strawberry.field(
        description="Which models, or routes, fit your needs: requirements decide who is listed, published weights the order.",
        metadata=choosing.ASKED,
    )
    def recommend(
        self,
        info: Info,
        requirements: Annotated[
            RequirementsInput | None,
            strawberry.argument(description="What you need; without it text models with a cost."),
        ] = None,
        workload: WorkloadArgument = None,
        weights: Annotated[
            list[WeightInput] | None,
            strawberry.argument(description="Your own weights, over the published ones, for the order."),
        ] = None,
        of: Annotated[Of, strawberry.argument(description="Models, or routes.")] = Of.MODELS,
        overrides: OverridesArgument = None,
    ) -> Recommendations:
        given = {"requirements": requirements, "workload": workload, "weights": weights, "of": of}
        return choosing.recommended(info, overrides=overrides, **given)

    @strawberry.field(
        description="What would do the same month for less than a model or route in use, with how hard the move is.",
        metadata=alternatives.SWITCHES,
    )
    def cheaper_switches(
        self,
        info: Info,
        source: InUse,
        workload: WorkloadArgument = None,
        keep: Annotated[
            list[CapabilityKind] | None,
            strawberry.argument(
                description="Capabilities that must not be lost; without it what the source has of the page's ten, with an empty list none."
            ),
        ] = None,
        overrides: OverridesArgument = None,
        lives_until: LivesUntil = None,
    ) -> CheaperSwitchesResult:
        given = {"source": source, "workload": workload, "keep": keep, "lives_until": lives_until}
        return alternatives.cheaper_switches(info, overrides=overrides, **given)

    @strawberry.field(
        description="Backups for a model or route in use that share no lab, host or upstream with it, nor with each other.",
        metadata=alternatives.FALLBACKS,
    )
    def fallbacks(
        self,
        info: Info,
        source: InUse,
        workload: WorkloadArgument = None,
        failover_share: Annotated[
            Decimal, strawberry.argument(description="The share of requests that a backup takes, 0 to 1.")
        ] = Decimal("0.05"),
        capabilities: Annotated[
            list[CapabilityKind] | None,
            strawberry.argument(
                description="What every backup must have; without it what the source has of the page's ten."
            ),
        ] = None,
        first: Annotated[int, strawberry.argument(description="At most so many backups, 10 at most.")] = 3,
        overrides: OverridesArgument = None,
        lives_until: LivesUntil = None,
    ) -> FallbacksResult:
        given = {"failover_share": failover_share, "capabilities": capabilities, "first": first}
        named = {"source": source, "workload": workload, "lives_until": lives_until}
        return alternatives.fallback_set(info, overrides=overrides, **named, **given)

    @strawberry.field(
        description="Capabilities that you need together, on every live route of a model: who says so, and for which scope.",
        metadata=combining.ASKED,
    )
    def capability_matrix(
        self,
        info: Info,
        ref: Annotated[str, strawberry.argument(description="A model: a slug, an id or any spelling of it.")],
        capabilities: Annotated[list[CapabilityKind], strawberry.argument(description="All of these; 1 to 17.")],
        lens: LensArgument = None,
        overrides: OverridesArgument = None,
    ) -> CapabilityMatrix:
        return combining.matrix(info, ref, capabilities, overrides, lens)
