"""What independent sources disagree about, collected while facts are accepted, so that it can be listed and sorted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.billing import price_ref
from domain.facts import TOKEN_UNITS, Price
from domain.provenance import amount_of, price_accepted, spread
from domain.reconcile import Accepted, Claim, is_disputed
from domain.sheets import current

_WORDS = frozenset({"name", "family"})
"""How a thing is called differs by habit; that is no dispute about it."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """One disputed fact of a model, or of a route."""

    model_id: int | None
    route_id: int | None
    field: str
    value: str
    source: str
    ratio: Decimal | None
    dissenting: int


def of_model(model_id: int, accepted: Mapping[str, Accepted], claims: Sequence[Claim]) -> Iterator[Dispute]:
    """Disputed facts of a model, whose routes speak for it too."""
    yield from _disputed(accepted, claims, model_id, None)


def of_route(
    route_id: int, accepted: Mapping[str, Accepted], claims: Sequence[Claim], prices: Sequence[Price], today: date
) -> Iterator[Dispute]:
    """Disputed facts of a route, and amounts of the sheets that hold. A route of which nobody says anything any more has none."""
    if all(claim.until is not None for claim in claims):
        return
    found = dict(accepted)
    for price in current(prices, today):
        for unit in TOKEN_UNITS:
            field, amount = price_ref(price, unit).field, amount_of(price, unit, today)
            if amount is not None and (said := price_accepted(field, claims, amount)):
                found[field] = said
    yield from _disputed(found, claims, None, route_id)


def _disputed(
    found: Mapping[str, Accepted], claims: Sequence[Claim], model_id: int | None, route_id: int | None
) -> Iterator[Dispute]:
    values = (
        {claim.statement: claim.value for claim in claims} if any(each.dissenting for each in found.values()) else {}
    )
    for field, accepted in sorted(found.items()):
        if field not in _WORDS and is_disputed(accepted, claims):
            ratio = spread([accepted.value, *(values[statement] for statement in accepted.dissenting)])
            shown = json.dumps(accepted.value)
            yield Dispute(model_id, route_id, field, shown, accepted.source, ratio, len(accepted.dissenting))
