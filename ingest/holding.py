"""What still holds of what was said: the claims that nobody has withdrawn, and the newest lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from domain.listing import LISTS
from domain.reconcile import Claim


def kept(claims: Sequence[Claim]) -> list[Claim]:
    """The claims as they are, or, where no source says anything any more, what was said last."""
    last = max((claim.until for claim in claims if claim.until is not None), default=None)
    if last is None or any(claim.until is None for claim in claims):
        return list(claims)
    return [
        replace(claim, until=None)
        if claim.until == last and not claim.field.startswith(("price.", "hours."))
        else claim
        for claim in claims
    ]


def newest_lists(routes: Iterable[Sequence[Claim]]) -> Mapping[tuple[str, str], date]:
    """The day of the newest list by lineage and provider."""
    newest: dict[tuple[str, str], date] = {}
    for claims in routes:
        for claim in claims:
            if claim.source in LISTS and claim.until is None and claim.observed_on is not None:
                place = (claim.lineage, claim.provider or "")
                newest[place] = max(newest.get(place, date.min), claim.observed_on)
    return newest
