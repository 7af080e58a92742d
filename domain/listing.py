"""Whether a route is still offered: the newest list that covers its provider has it, or it is not live."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeAlias

from domain.reconcile import CURATED_SOURCE, Claim
from domain.rules import Rule

LIVE = Rule(
    "route.live",
    "Whether a route can be used",
    "A route is live when it is not retired and the newest list that covers its provider still has it, in any lineage that lists "
    "it. Lists are models.dev, rates, LiteLLM and OpenRouter; the other sources only price what they know. What we note of a route's "
    "end does not say that it is offered. A lab's own routes end with their model: where it is retired and its weights are not out, "
    "they are not live, unless a source says that the route itself is in use.",
    "docs/methodology.md#facts",
)
RULES = (LIVE,)

LISTS = frozenset(["models.dev", "openrouter", "litellm", "rates"])
"""Sources whose documents list everything that a provider offers."""

_ENDS = frozenset(["deprecated_on", "retires_on"])

Newest: TypeAlias = "Mapping[tuple[str, str], date]"
"""The day of the newest list by lineage and provider."""


def listed(claims: Iterable[Claim], newest: Newest) -> bool:
    """Whether a route, by the claims about it that are still said, is in the newest list of its provider."""
    for claim in claims:
        if claim.until is None and not (claim.source == CURATED_SOURCE and claim.field in _ENDS):
            bound = newest.get((claim.lineage, claim.provider or ""))
            if bound is None or (claim.observed_on or date.min) >= bound:
                return True
    return False
