"""How a decision of the schema names the facts that it rests on and the rules by which it was made."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.evidence import Rule, rule_of

USED = "The facts that it rests on, those that are missing included."
RULE = "The rule by which it was decided."


def rule_field() -> Any:
    """The rule of a decision."""

    def rule(self: Any) -> Rule:
        return rule_of(self.rule)

    return strawberry.field(rule, description=RULE)


def rules_field(metadata: dict[str, object] | None = None) -> Any:
    """The rules of a decision."""

    def rules(self: Any) -> list[Rule]:
        return rules_of(self.rules)

    return strawberry.field(rules, description="The rules by which it was decided.", metadata=metadata)


def rules_of(ids: tuple[str, ...]) -> Any:
    """The published rules of several ids, each once."""
    return [rule_of(id_) for id_ in dict.fromkeys(ids)]
