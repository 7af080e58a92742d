"""The providers of the catalogue: what sources state of them, and by rule what nobody states.

A provider's kind decides what a zero price means, so all of them are known before any route is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from domain.accepted import provider_facts
from domain.facts import Openness, Provider, ProviderKind
from domain.identity import Lab
from domain.providers import Served, provider_groups, provider_kind
from domain.reconcile import Claim
from ingest.holding import kept


def providers_of(
    ids: Mapping[str, int],
    said: Mapping[str, Sequence[Claim]],
    labs: Sequence[Lab],
    served: Mapping[str, Sequence[Served]],
) -> dict[str, Provider]:
    """Providers by slug, from their numbers, the claims about each and what each lists."""
    groups = provider_groups(said, labs)
    endpoints = {slug for lab in labs for slug in lab.providers}
    made: dict[str, Provider] = {}
    for slug in sorted(said):
        one = provider_facts(ids[slug], slug, kept(said[slug]))
        if one.kind is ProviderKind.UNKNOWN:
            kind = provider_kind((slug, one.name), one.base_url, served.get(slug, ()), of_lab=slug in endpoints)
            one = replace(one, kind=kind)
        made[slug] = replace(one, group=one.group or groups.get(slug))
    return made


def served_by(
    listings: Mapping[str, Sequence[Claim]], makers: Mapping[str, str | None], openness: Mapping[str, Openness]
) -> Mapping[str, list[Served]]:
    """What each provider lists now, by its slug, from the claims about each listing, the lab and the openness of its model,
    all by the key of the route."""
    served: dict[str, list[Served]] = defaultdict(list)
    for key, claims in listings.items():
        priced = any(_is_above_zero(claim) for claim in claims)
        served[key.partition("/")[0]].append(
            Served(makers.get(key), openness.get(key, Openness.UNKNOWN), priced=priced)
        )
    return served


def _is_above_zero(claim: Claim) -> bool:
    return claim.field.startswith("price.") and claim.until is None and Decimal(str(claim.value)) > 0
