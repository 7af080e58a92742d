"""Every SELECT of an answer: a connection and keys in, a mapping of key to facts out.

One read is one statement for any number of keys; to-one neighbours (lab, licence, provider) are joined in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Date, Integer, Select, Text, and_, any_, bindparam, func, or_, select, union
from sqlalchemy.dialects.postgresql import ARRAY

from db.reader import Reader
from db.rows import (
    model_of,
    models_selected,
    price_of,
    prices_selected,
    provider_of,
    providers_selected,
    route_of,
    routes_selected,
)
from db.tables import (
    AliasRow,
    CatalogRevisionRow,
    LabRow,
    LicenseRow,
    ModelRow,
    PriceRow,
    ProviderRow,
    RouteRow,
)
from domain import facts, provenance
from domain.accepted import LicenseTerms

Key = TypeVar("Key")
Fact = TypeVar("Fact")

NUMBERS: Any = bindparam("ids", type_=ARRAY(Integer))
TEXTS: Any = bindparam("texts", type_=ARRAY(Text))
"""What a statement of `Reader.fetch` is asked for; as arrays, so that it is one text for any number of keys."""


async def latest_revision(reader: Reader) -> provenance.CatalogRevision | None:
    """The catalogue's newest revision; None before the first ingest."""
    row = CatalogRevisionRow
    rows = await reader.execute(
        select(row.id, row.digest, row.created_at, row.rules_version, row.counts).order_by(row.id.desc()).limit(1)
    )
    return provenance.CatalogRevision(*rows[0][:5]) if rows else None


async def models_by_id(reader: Reader, ids: Collection[int]) -> Mapping[int, facts.Model]:
    rows = await reader.fetch(_models_by_id(), ids=list(ids))
    return {row[0]: model_of(row) for row in rows}


@cache
def _models_by_id() -> Select[*tuple[Any, ...]]:
    return models_selected().where(ModelRow.id == any_(NUMBERS))


def spelled(ref: str) -> tuple[str, ...]:
    """The keys under which a ref may be known: as it is, and with hyphens for spaces."""
    key = " ".join(ref.lower().split())
    return tuple(dict.fromkeys((key, key.replace(" ", "-"))))


def the_one(key: str, named: Sequence[tuple[int, facts.Model]]) -> facts.Model | None:
    """The model that a key means among those that carry it, each with its rank: a slug is its own model, else the best alone."""
    own = [model for _, model in named if model.slug == key]
    best = own or [model for rank, model in named if rank == min(rank for rank, _ in named)]
    return best[0] if len(best) == 1 else None


async def models_by_ref(reader: Reader, refs: Collection[str]) -> Mapping[str, facts.Model]:
    """By slug, or by an alias that names exactly one model best. An unknown or ambiguous ref is absent."""
    by_slug: dict[str, facts.Model] = {}
    by_alias: dict[str, list[tuple[int, facts.Model]]] = defaultdict(list)
    for row in await reader.fetch(_models_carrying(), texts=list({key for ref in refs for key in spelled(ref)})):
        model = model_of(row)
        by_slug[model.slug] = model
        if row["alias"] is not None:
            by_alias[row["alias"]].append((row["rank"], model))
    found: dict[str, facts.Model] = {}
    for ref in refs:
        for key in spelled(ref):
            named = [(0, by_slug[key])] if key in by_slug else by_alias.get(key, [])
            if named:
                if (one := the_one(key, named)) is not None:
                    found[ref] = one
                break
    return found


@cache
def _models_carrying() -> Select[*tuple[Any, ...]]:
    # Two look-ups by index: one condition over both tables would read every model.
    carriers = union(
        select(ModelRow.id).where(ModelRow.slug == any_(TEXTS)),
        select(AliasRow.model_id).where(AliasRow.key == any_(TEXTS)),
    )
    return (
        models_selected()
        .add_columns(AliasRow.key.label("alias"), AliasRow.rank)
        .outerjoin(AliasRow, and_(AliasRow.model_id == ModelRow.id, AliasRow.key == any_(TEXTS)))
        .where(ModelRow.id.in_(carriers))
    )


async def routes_by_model(reader: Reader, model_ids: Collection[int]) -> Mapping[int, tuple[facts.Route, ...]]:
    """All routes of each model, live or not, with their providers: the cheapest output first, unpriced ones last."""
    rows = await reader.fetch(_routes_by_model(), ids=list(model_ids))
    return grouped(model_ids, ((row[2], route_of(row)) for row in rows))


@cache
def _routes_by_model() -> Select[*tuple[Any, ...]]:
    return (
        routes_selected()
        .where(RouteRow.model_id == any_(NUMBERS))
        .order_by(RouteRow.output_mtok.asc().nulls_last(), RouteRow.id)
    )


async def routes_by_key(reader: Reader, keys: Collection[str]) -> Mapping[str, facts.Route]:
    """Routes by key as it is asked for. Sources differ in the capitals of one key, so those do not matter; only a key that is
    not there as written is looked for without them, which no index helps."""
    rows = await reader.fetch(_routes_by_key(), texts=list(keys))
    found = {row[1]: route_of(row) for row in rows}
    if missing := {key: key.lower() for key in keys if "/" in key and key not in found}:
        rows = await reader.fetch(_routes_by_small_key(), texts=list(set(missing.values())))
        folded = {row[1].lower(): route_of(row) for row in rows}
        found |= {key: folded[small] for key, small in missing.items() if small in folded}
    return found


@cache
def _routes_by_key() -> Select[*tuple[Any, ...]]:
    return routes_selected().where(RouteRow.key == any_(TEXTS))


@cache
def _routes_by_small_key() -> Select[*tuple[Any, ...]]:
    return routes_selected().where(func.lower(RouteRow.key) == any_(TEXTS))


async def routes_by_id(reader: Reader, ids: Collection[int]) -> Mapping[int, facts.Route]:
    rows = await reader.fetch(_routes_by_id(), ids=list(ids))
    return {row[0]: route_of(row) for row in rows}


@cache
def _routes_by_id() -> Select[*tuple[Any, ...]]:
    return routes_selected().where(RouteRow.id == any_(NUMBERS))


async def providers_by_slug(reader: Reader, slugs: Collection[str]) -> Mapping[str, facts.Provider]:
    rows = await reader.execute(providers_selected().where(ProviderRow.slug.in_(slugs)))
    return {row.provider_slug: provider_of(row) for row in rows}


async def labs(reader: Reader) -> tuple[facts.Lab, ...]:
    """All labs by name."""
    rows = await reader.execute(
        select(LabRow.id, LabRow.slug, LabRow.name, LabRow.url).order_by(func.lower(LabRow.name), LabRow.id)
    )
    return tuple(facts.Lab(row.id, row.slug, row.name, row.url) for row in rows)


async def licenses(reader: Reader) -> tuple[facts.License, ...]:
    """All licences by name."""
    found = LicenseRow
    rows = await reader.execute(
        select(found.id, found.key, found.name, found.spdx, found.osi_approved, found.url).order_by(
            func.lower(found.name), found.id
        )
    )
    return tuple(facts.License(row.id, row.key, row.name, row.spdx, row.osi_approved, row.url) for row in rows)


async def license_terms(reader: Reader) -> Mapping[str, LicenseTerms]:
    """What each licence alone decides, by every lower-case spelling of it."""
    row = LicenseRow
    columns = (row.id, row.key, row.name, row.spdx, row.osi_approved, row.url, row.commercial_use, row.openness)
    found: dict[str, LicenseTerms] = {}
    for each in await reader.execute(select(*columns).order_by(row.key)):
        made = facts.License(each.id, each.key, each.name, each.spdx, each.osi_approved, each.url)
        terms = LicenseTerms(made, facts.CommercialUse(each.commercial_use), facts.Openness(each.openness))
        for spelling in filter(None, (each.key, each.name, each.spdx)):
            found.setdefault(spelling.lower(), terms)
    return found


async def offers_by_model(
    reader: Reader, model_ids: Collection[int], *, on: date
) -> Mapping[int, tuple[facts.Offer, ...]]:
    """All routes of each model with the sheets that hold on the day: two statements."""
    routes = await routes_by_model(reader, model_ids)
    ids = [route.id for found in routes.values() for route in found]
    prices = await prices_by_route(reader, ids, on=on) if ids else {}
    return {model: tuple(facts.Offer(route, prices[route.id]) for route in found) for model, found in routes.items()}


async def prices_by_route(
    reader: Reader, route_ids: Collection[int], *, on: date
) -> Mapping[int, tuple[facts.Price, ...]]:
    """The sheets of each route that hold on a day."""
    rows = await reader.fetch(_prices_on(), ids=list(route_ids), day=on)
    return grouped(route_ids, ((row[1], price_of(row)) for row in rows))


@cache
def _prices_on() -> Select[*tuple[Any, ...]]:
    day = bindparam("day", type_=Date)
    return prices_selected().where(
        PriceRow.route_id == any_(NUMBERS),
        or_(PriceRow.valid_from.is_(None), PriceRow.valid_from <= day),
        or_(PriceRow.valid_to.is_(None), PriceRow.valid_to > day),
    )


async def price_history_by_route(reader: Reader, route_ids: Collection[int]) -> Mapping[int, tuple[facts.Price, ...]]:
    """All sheets of each route, past, present and announced."""
    rows = await reader.fetch(_prices_ever(), ids=list(route_ids))
    return grouped(route_ids, ((row[1], price_of(row)) for row in rows))


@cache
def _prices_ever() -> Select[*tuple[Any, ...]]:
    return prices_selected().where(PriceRow.route_id == any_(NUMBERS))


def grouped(keys: Collection[Key], pairs: Any) -> Mapping[Key, tuple[Fact, ...]]:
    """Every key has an entry: a model without routes was read too, and has none."""
    found: dict[Key, list[Fact]] = {key: [] for key in keys}
    for key, fact in pairs:
        found[key].append(fact)
    return {key: tuple(group) for key, group in found.items()}
