"""The registry of rules: every decision names the ids of the rules behind it, and each id is explained here.

A module declares its rules beside the code that follows them, as `RULES`; the registry collects those of a fixed list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType

RULES_VERSION = "13"
"""Changes whenever a rule, weight or threshold changes what is decided from the same facts."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One published rule. `id` is part of the API, `reference` names the section of the methodology that explains
    it."""

    id: str
    title: str
    text: str
    reference: str


MODULES: tuple[str, ...] = (
    "reconcile",
    "exactness",
    "shown",
    "listing",
    "providers",
    "sheets",
    "suspicion",
    "changes",
    "lifecycle",
    "retired",
    "lens",
    "capabilities",
    "units",
    "fit",
    "comparability",
    "workload",
    "billing",
    "overrides",
    "eligible",
    "cost",
    "cost_notes",
    "sensitivity",
    "break_even",
    "benchmarks",
    "scorecard",
    "verdict",
    "own_routes",
    "alternatives",
    "flips",
    "unknowns",
    "robustness",
    "tradeoffs",
    "friction",
    "shapes",
    "plan",
    "plan_parameters",
    "standing",
    "cells",
    "prose",
    "faq",
    "neighbours",
    "freshness",
    "requirements",
    "scales",
    "recommend",
    "pareto",
    "quality",
    "switches",
    "fallbacks",
    "conditional",
    "replay",
)
"""The modules of this package that declare rules, in the order in which the methodology explains them."""


@cache
def registry() -> Mapping[str, Rule]:
    """All rules by id, in order. Raises ValueError when two rules share an id."""
    # Imported when first asked for, because these modules import Rule from here.
    found: dict[str, Rule] = {}
    for name in MODULES:
        for rule in import_module(f"domain.{name}").RULES:
            if rule.id in found:
                raise ValueError(f"rule {rule.id} is declared twice")
            found[rule.id] = rule
    return MappingProxyType(found)
