"""The friction of a made-up move, without the tables of parameters."""

from __future__ import annotations

from datetime import date

from domain.cost import monthly_cost, route_cost
from domain.facts import Contender, Model, Offer
from domain.friction import SwitchFriction
from domain.friction_factors import Factor, FactorKind
from domain.plan import route_friction, switch_friction
from domain.plan_steps import Standing
from domain.shapes import Shapes
from domain.workload import REFERENCE_PAGE, Workload

PAGE = REFERENCE_PAGE.workload
TODAY = date(2026, 11, 27)
NO_TABLES = Shapes({})


def friction(source: Contender, target: Contender, workload: Workload = PAGE) -> SwitchFriction:
    """Between two models."""
    costs = monthly_cost(source, workload), monthly_cost(target, workload)
    return switch_friction(source, target, workload=workload, costs=costs, shapes=NO_TABLES, on=TODAY)


def between_routes(
    source: Offer, target: Offer, source_model: Model | None = None, target_model: Model | None = None
) -> SwitchFriction:
    """Between two routes."""
    ends = [
        Standing(each.route.key, model, each, route_cost(each, PAGE), None)
        for each, model in ((source, source_model), (target, target_model))
    ]
    return route_friction(ends[0], ends[1], workload=PAGE, shapes=NO_TABLES, on=TODAY)


def only(result: SwitchFriction, kind: FactorKind) -> Factor:
    """The one factor of this kind."""
    [found] = [factor for factor in result.factors if factor.kind is kind]
    return found


def kinds(result: SwitchFriction) -> set[FactorKind]:
    """What changes."""
    return {factor.kind for factor in result.factors}
