"""Whether a route is still offered: the newest list that covers its provider has it, and its lab has not retired the model, or it
is not live."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import TypeAlias

from domain.accepted import OPEN, LicenseTerms, lifecycle_of, openness_of
from domain.dates import announced
from domain.facts import Lifecycle
from domain.reconcile import CURATED_SOURCE, Accepted, Claim, accept_all
from domain.rules import Rule

LIVE = Rule(
    "route.live",
    "Whether a route can be used",
    "A route is live when it is not retired and the newest list that covers its provider still has it, in any lineage that lists "
    "it. Lists are models.dev, rates, LiteLLM and OpenRouter; the other sources only price what they know. What we note of a route's "
    "end does not say that it is offered. A lab's own routes end with their model: where it has retired the model, no id of its own "
    "is live, unless a source says that the route itself is in use, in a document that is later than the shutdown and than what names "
    "it. Where weights are out, that is found for each of a lab's places alone. What others serve goes on.",
    "docs/methodology.md#facts",
)
RULES = (LIVE,)

LISTS = frozenset(["models.dev", "openrouter", "litellm", "rates"])
"""Sources whose documents list everything that a provider offers."""

_ENDS = frozenset(["deprecated_on", "retires_on"])
_OF_LIFE = _ENDS | {"lifecycle"}
_IN_USE = (Lifecycle.AVAILABLE, Lifecycle.PREVIEW)

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


def retired_by_lab(
    claims: Collection[Claim], own: Iterable[str], licenses: Mapping[str, LicenseTerms], today: date
) -> Mapping[str, date]:
    """Since when a model's lab is known to have retired it, at which of its `own` providers: the day of the shutdown or that of the
    newest document that says so, whichever is later. From the claims about the model and all of its routes, of which those of the
    lab count; where weights are out, each provider alone, because the model then has no end that they share."""
    places = sorted(own)
    if not places:
        return {}
    of_life = [claim for claim in claims if claim.field in _OF_LIFE]
    apart = openness_of(claims, licenses) in OPEN
    every = {
        at: [each for each in of_life if not (apart and each.first_party and each.provider != at)] for at in places
    }
    return {at: since for at in places if (since := _retired(every[at], today)) is not None}


def _retired(of_life: Collection[Claim], today: date) -> date | None:
    accepted = accept_all(of_life)
    if lifecycle_of(accepted, today) is not Lifecycle.RETIRED:
        return None
    end = accepted.get("retires_on")
    shutdown = None if end is None else announced(str(end.value))
    if shutdown is None or not shutdown.has_come(today):
        return max(_said_on(of_life, accepted, "lifecycle"), default=date.min)
    return max([shutdown.day, *_said_on(of_life, accepted, "retires_on")])


def gone_with_model(
    claims: Iterable[Claim], accepted: Mapping[str, Accepted], retired: date | None, today: date
) -> bool:
    """Whether a lab's own route has ended with its model, which is known to be retired since a day (None: it is not): unless a
    document after that day says that the route is in use. `accepted` is what is accepted of the route from the claims."""
    if retired is None:
        return False
    in_use = lifecycle_of(accepted, today) in _IN_USE
    return not in_use or all(day <= retired for day in _said_on(claims, accepted, "lifecycle"))


def _said_on(claims: Iterable[Claim], accepted: Mapping[str, Accepted], field: str) -> Iterator[date]:
    """The days of the newest documents that state the accepted value of a field."""
    agreeing = accepted[field].agreeing if field in accepted else ()
    return (claim.observed_on for claim in claims if claim.statement in agreeing and claim.observed_on is not None)
