"""Dates as exact as their sources: `2025-02` and `2025-02-28` say the same, as far as both speak."""

from __future__ import annotations

import re

from domain.rules import Rule
from domain.statements import Value

MORE_EXACT = Rule(
    "reconcile.more-exact",
    "The same date, more exactly",
    "A year, or a month, and a day that lies in it agree (released, knowledge cutoff, announced deprecation and shutdown): they "
    "dispute nothing. Of the statements that agree with the one that wins, a more exact one is shown, chosen by the same "
    "rules. Where days of different ids of a lab are weighed (reconcile.last-to-go), none takes another one's place.",
    "docs/methodology.md#facts",
)
RULES = (MORE_EXACT,)

FIELDS = frozenset(["released", "knowledge_cutoff", "deprecated_on", "retires_on"])
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)


def more_exact(field: str, one: Value, other: Value) -> bool:
    """Whether the first of two dates lies in the second one and says more."""
    if field not in FIELDS or not isinstance(one, str) or not isinstance(other, str) or len(one) <= len(other):
        return False
    return bool(_DATE.fullmatch(one) and _DATE.fullmatch(other)) and one.startswith(other)


def same_date(field: str, one: Value, other: Value) -> bool:
    """Whether two different texts of a date agree, as far as both speak."""
    return more_exact(field, one, other) or more_exact(field, other, one)
