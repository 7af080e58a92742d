"""The root field that sets routes side by side by what they cost."""

from __future__ import annotations

from typing import Annotated

import strawberry

from domain.break_even import FEWEST_ROUTES, MOST_ROUTES
from schema.break_even import RouteCase, RouteComparison, routes_case
from schema.groups import Group
from schema.look import Info, Look, look
from schema.needs import Need, needs
from schema.overrides import TERMS, OverridesArgument, OverridesInput, overrides_given, own_terms
from schema.workloads import LensArgument, LensInput, WorkloadArgument, WorkloadInput, checked, workload_of


def _routes_case(
    seen: Look,
    routes: list[str],
    workload: WorkloadInput | None = None,
    overrides: OverridesInput | None = None,
    lens: LensInput | None = None,
) -> RouteCase:
    checked(lens)
    return routes_case(seen, routes, workload_of(workload), own_terms(overrides))


@strawberry.type(description="What routes cost, side by side.")
class Bills:
    @strawberry.field(
        description="Routes side by side at a month of your use: what each costs, and at which share of output or cached prompt "
        "the cheaper one changes.",
        metadata=needs(
            Need(Group.ROUTE, lambda _, given: given["routes"][:MOST_ROUTES]),
            TERMS,
            to=lambda seen, _, given: [_routes_case(seen, **given)],
        ),
    )
    def break_even(
        self,
        info: Info,
        routes: Annotated[
            list[str],
            strawberry.argument(
                description=f"{FEWEST_ROUTES} to {MOST_ROUTES} routes by key, `provider/provider's model id`."
            ),
        ],
        workload: WorkloadArgument = None,
        overrides: OverridesArgument = None,
        lens: LensArgument = None,
    ) -> RouteComparison:
        found = _routes_case(look(info), routes, workload, overrides, lens)
        overrides_given(look(info), overrides)
        return found
