"""Costs with the question that they answer, for ids and records."""

from __future__ import annotations

from typing import Any

from domain.break_even import Served
from domain.cost import RouteCost
from domain.facts import Unavailable
from domain.overrides import Overrides
from domain.records import Kind
from domain.workload import Workload
from schema.ids import Identified
from schema.look import Look
from schema.questions import of_models, of_routes
from schema.workloads import workload_key


def cost_of(found: Any, month: Workload, terms: Overrides, seen: Look) -> Any:
    """A monthly cost with its id; what is unavailable has none."""
    if isinstance(found, Unavailable):
        return found
    key = "|".join(filter(None, (found.model, workload_key(month) + terms.key, seen.lens.key)))
    return Identified(found, "MonthlyCost", key, of_models(Kind.MONTHLY_COST, [found.model], month, terms))


def route_cost_of(found: Served, month: Workload, terms: Overrides) -> Any:
    """The cost of a route that was asked for by itself."""
    outcome = found.cost(month)
    if not isinstance(outcome, RouteCost):
        return outcome
    question = of_routes(Kind.ROUTE_COST, [found.key], month, terms)
    return Identified(outcome, "RouteCost", found.key, question)
