"""Whether a route is still offered: the newest list that covers its provider has it, and its lab has not retired the model, or it
is not live."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TypeAlias

from domain.accepted import OPEN, LicenseTerms, lifecycle_of, openness_of
from domain.dates import announced
from domain.facts import Lifecycle
from domain.reconcile import CURATED_SOURCE, PAGE_SOURCE, Accepted, Claim, accept_all
from domain.rules import Rule

LIVE = Rule(
    "route.live",
    "Whether a route can be used",
    "A route is live when it is not retired and the newest list that covers its provider still has it, in any lineage that lists "
    "it. Lists are models.dev, rates, LiteLLM and OpenRouter; the other sources only price what they know, also what a host sells "
    "under the lab's name. A lab's own route of which only such sources speak is not live where a list of the lab, made 90 days or "
    "more after the model's release, has the model at two other providers and at none of the lab, or has the id there without its end "
    "`:free` or the like alone: what a lab sells of a model it sells from the start, while hosts come later. A name that moves from model "
    "to model is left out of this, and where no list covers the lab, what is priced is live. What we note of a route's end does not say that it is offered. A lab's own routes end with their model: where it has retired the model, no id of its own "
    "is live, unless a source says that the route itself is in use, in a document that is later than the shutdown and than what names "
    "it. Where weights are out, that is found for each of a lab's places alone. What others serve goes on.",
    "docs/methodology.md#facts",
)
RULES = (LIVE,)

LISTS = frozenset(["models.dev", "openrouter", "litellm", "rates"])
"""Sources whose documents list everything that a provider offers."""

_ENDS = frozenset(["deprecated_on", "retires_on"])
_OF_LIFE = _ENDS | {"lifecycle"}
LISTED_WITHIN = timedelta(days=90)
"""After its release a lab's own model has come into the lists of the lab by then."""
_KNOWN_AT = 2
"""At how many other providers a list has a model that it knows: one row may be a slip."""
_IN_USE = (Lifecycle.AVAILABLE, Lifecycle.PREVIEW)

Newest: TypeAlias = "Mapping[tuple[str, str], date]"
"""The day of the newest list by lineage and provider."""


def listed(claims: Iterable[Claim], newest: Newest) -> bool:
    """Whether a route, by the claims about it that are still said, is in the newest list of its provider."""
    return any(True for _ in _listing(claims, newest))


def _listing(claims: Iterable[Claim], newest: Newest) -> Iterator[Claim]:
    """The claims that show that a route is offered: of the newest list of its lineage, or of a lineage that lists nothing there."""
    for claim in claims:
        if claim.until is None and not (claim.source == CURATED_SOURCE and claim.field in _ENDS):
            bound = newest.get((claim.lineage, claim.provider or ""))
            if bound is None or (claim.observed_on or date.min) >= bound:
                yield claim


def only_priced(routes: Mapping[str, Collection[Claim]], released: Accepted | None, newest: Newest) -> frozenset[str]:
    """The lab's own routes of a model that are listed by sources alone that price what they know, while a list of the lab that
    knows the model does not have it there. `routes` holds the claims about all routes of the model, by key; `released` is its
    day, without which nothing is known to be missing from a list."""
    out = None if released is None else announced(str(released.value))
    if out is None or not any(claim.first_party for claims in routes.values() for claim in claims):
        return frozenset()
    shown = {key: [*_listing(claims, newest)] for key, claims in routes.items()}
    at: dict[str, set[str]] = {}  # where each lineage lists it
    for key, claims in shown.items():
        for lineage in {claim.lineage for claim in claims if claim.source in LISTS}:
            at.setdefault(lineage, set()).add(key)
    of_lab = {key for key, claims in shown.items() if any(claim.first_party for claim in claims)}
    return frozenset(
        key
        for key in of_lab
        if all(_prices(claim, newest) for claim in shown[key])
        and any(
            out.has_come(newest[lineage, provider] - LISTED_WITHIN)
            and len({other.partition("/")[0] for other in keys - of_lab}) >= _KNOWN_AT
            and (not keys & of_lab or key.rpartition(":")[0] in keys)
            for lineage, keys in at.items()
            if (lineage, provider := key.partition("/")[0]) in newest
        )
    )


def _prices(claim: Claim, newest: Newest) -> bool:
    """Whether it is the word of a source that only prices what it knows, under a name that stays."""
    noted = claim.source in (CURATED_SOURCE, PAGE_SOURCE)
    return not claim.moving and not noted and (claim.lineage, claim.provider or "") not in newest


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
