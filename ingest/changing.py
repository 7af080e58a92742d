"""Records what an ingest made different: every change of an accepted fact and of a price, of its kind, for whoever follows the
catalogue. What is recorded stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from db import changes as kept
from domain.changes import ChangeKind, fact_change_kind, price_steps
from domain.facts import CapabilityKind, Model, Price, Route
from domain.lifecycle import SuccessorKind
from domain.reconcile import Claim, accept
from domain.shown import shown
from domain.statements import MODEL_FIELDS, ROUTE_FIELDS
from ingest.materialise import Catalogue

_CAPABILITIES = tuple(f"capability.{kind}" for kind in CapabilityKind)
_MODEL_FIELDS = (*MODEL_FIELDS, "successor", *_CAPABILITIES)
_ROUTE_FIELDS = (*ROUTE_FIELDS, "live", *_CAPABILITIES)
LISTED = "listed"
"""The field that stands for the whole thing: it came into the catalogue, or is no longer a thing of its own there."""


async def record(
    connection: AsyncConnection,
    before: kept.Accepted,
    catalogue: Catalogue,
    said: Callable[[str, str], Sequence[Claim]],
    now: datetime,
) -> None:
    """Append the differences between what was accepted before and the catalogue that was just written. `said` gives the claims
    about a `model` by slug, or about a `route` by key."""
    facts = [
        *_of_things("model", before.models, catalogue.models, _MODEL_FIELDS, said),
        *_of_things("route", before.routes, catalogue.routes, _ROUTE_FIELDS, said),
    ]
    keys = {route.id: key for key, route in catalogue.routes.items()}
    prices = list(_of_prices(before.prices, catalogue.prices, keys))
    await kept.append(connection, facts, prices, now)


def _of_things(
    kind: str,
    old: Mapping[str, Model | Route],
    new: Mapping[str, Model | Route],
    fields: Sequence[str],
    said: Callable[[str, str], Sequence[Claim]],
) -> Iterator[tuple[Any, ...]]:
    """Rows of changed facts: model number, route number, slug or key, field, kind, before, after, source."""
    for name, made in sorted(new.items()):
        ids = (made.id, None) if kind == "model" else (None, made.id)
        was = old.get(name)
        if was is None:
            yield (*ids, name, LISTED, str(ChangeKind.FIRST_COVERAGE), None, "true", None)
            continue
        if was == made:
            continue
        for field in fields:
            then, now = shown(was, field), shown(made, field)
            if then != now:
                claims = said(kind, name)
                stated = [f"successor.{each}" for each in SuccessorKind] if field == "successor" else [field]
                accepted = next(filter(None, (accept(each, claims, of_route=kind == "route") for each in stated)), None)
                source = None if accepted is None else accepted.source
                change = fact_change_kind(field, then, claims)
                yield (*ids, name, field, str(change), _json(then), _json(now), source)
    for name in sorted(old.keys() - new.keys()):
        yield (None, None, name, LISTED, str(ChangeKind.CORRECTION), "true", None, None)


def _of_prices(
    old: Mapping[int, Sequence[Price]], new: Mapping[int, Sequence[Price]], keys: Mapping[int, str]
) -> Iterator[tuple[Any, ...]]:
    """Rows of changed prices."""
    for route, key in sorted(keys.items(), key=lambda pair: pair[1]):
        was, made = _places(old.get(route, ())), _places(new.get(route, ()))
        for place in sorted(was.keys() | made.keys()):
            for step in price_steps(was.get(place, ()), made.get(place, ())):
                yield (
                    *(route, key, *place, str(step.kind), step.day, str(step.basis)),
                    *(_amounts(step.before), _amounts(step.after), step.source, step.previous_source),
                )


def _places(prices: Iterable[Price]) -> dict[tuple[str, int, str], list[Price]]:
    found: dict[tuple[str, int, str], list[Price]] = {}
    for price in prices:
        found.setdefault((price.mode.value, price.above, price.currency), []).append(price)
    return found


def _amounts(amounts: Mapping[str, Any]) -> str:
    return json.dumps({unit: format(amount, "f") for unit, amount in sorted(amounts.items())})


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)
