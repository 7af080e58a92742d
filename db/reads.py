"""Every SELECT of an answer: a connection and keys in, a mapping of key to facts out.

One read is one statement for any number of keys; to-one neighbours (lab, licence, provider) are joined in.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, TypeVar

from sqlalchemy import Date, Integer, Select, Text, and_, any_, bindparam, case, cast, func, or_, select, union
from sqlalchemy.dialects.postgresql import ARRAY

from db.reader import Reader
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
from domain.dates import DateBasis, DatePrecision
from domain.hours import parse_hours

Key = TypeVar("Key")
Fact = TypeVar("Fact")
Member = TypeVar("Member", bound=StrEnum)

NUMBERS: Any = bindparam("ids", type_=ARRAY(Integer))
TEXTS: Any = bindparam("texts", type_=ARRAY(Text))
"""What a statement of `Reader.fetch` is asked for; as arrays, so that it is one text for any number of keys."""

# The columns of a fact stand in the order of its fields, those from which a field is made in its place or behind them all: rows are
# read by place, which takes a fraction of the time that names take.
_MODEL = (
    *(ModelRow.id, ModelRow.slug, ModelRow.name, LabRow.id.label("lab_id"), ModelRow.family, ModelRow.task),
    *(ModelRow.released, ModelRow.knowledge_cutoff, ModelRow.context_window, ModelRow.max_output),
    *(ModelRow.parameters_total, ModelRow.parameters_active, ModelRow.architecture, LicenseRow.id.label("license_id")),
    *(ModelRow.openness, ModelRow.commercial_use, ModelRow.input_modalities, ModelRow.output_modalities),
    *(ModelRow.capabilities_yes, ModelRow.lifecycle, ModelRow.deprecated_on, ModelRow.deprecated_precision),
    *(ModelRow.retires_on, ModelRow.retires_precision, ModelRow.successor, ModelRow.weights_url),
    *(ModelRow.last_reviewed, ModelRow.route_count, ModelRow.provider_count),
    ModelRow.capabilities_no,
    *(LabRow.slug.label("lab_slug"), LabRow.name.label("lab_name"), LabRow.url.label("lab_url")),
    *(LicenseRow.key.label("license_key"), LicenseRow.name.label("license_name"), LicenseRow.spdx),
    *(LicenseRow.osi_approved, LicenseRow.url.label("license_url")),
)
_PROVIDER = (
    *(ProviderRow.id.label("provider_id"), ProviderRow.slug.label("provider_slug")),
    *(ProviderRow.name.label("provider_name"), ProviderRow.kind, ProviderRow.api_shape, ProviderRow.base_url),
    *(ProviderRow.docs_url, ProviderRow.sdk_package, ProviderRow.group.label("provider_group")),
    # As texts, which cost little where a provider is met again and again, and name what was made of them before.
    cast(func.to_jsonb(ProviderRow.credentials), Text).label("credentials"),
    cast(ProviderRow.endpoints, Text).label("endpoints"),
)
_ROUTE = (
    *(RouteRow.id, RouteRow.key, RouteRow.model_id, RouteRow.capabilities_no, RouteRow.provider_model_id),
    *(RouteRow.name, RouteRow.variant, RouteRow.region, RouteRow.context_window, RouteRow.max_output),
    *(RouteRow.input_modalities, RouteRow.output_modalities, RouteRow.capabilities_yes, RouteRow.lifecycle),
    *(RouteRow.deprecated_on, RouteRow.deprecated_precision, RouteRow.retires_on, RouteRow.retires_precision),
    *(RouteRow.price_basis, RouteRow.live, RouteRow.last_seen, RouteRow.link_method, RouteRow.link_confidence),
    RouteRow.first_party,
)
_PRICE = (
    *(PriceRow.id, PriceRow.route_id, PriceRow.mode, PriceRow.above, PriceRow.valid_from, PriceRow.valid_from_basis),
    *(PriceRow.valid_to, PriceRow.currency, PriceRow.input_mtok, PriceRow.output_mtok, PriceRow.cache_read_mtok),
    *(PriceRow.cache_write_mtok, PriceRow.cache_write_1h_mtok, PriceRow.reasoning_mtok, PriceRow.audio_in_mtok),
    *(PriceRow.audio_out_mtok, cast(PriceRow.other_units, Text).label("other_units"), PriceRow.hours),
    *(PriceRow.source_id.label("source"), PriceRow.suspicious),
)


# A statement is never changed, only copied, and to write out its columns anew takes longer than to send it.
@cache
def models_selected() -> Select[*tuple[Any, ...]]:
    """Models with lab and licence."""
    return (
        select(*_MODEL)
        .outerjoin(LabRow, LabRow.id == ModelRow.lab_id)
        .outerjoin(LicenseRow, LicenseRow.id == ModelRow.license_id)
    )


@cache
def routes_selected() -> Select[*tuple[Any, ...]]:
    """Routes with their providers."""
    return select(*_ROUTE, *_PROVIDER).join_from(RouteRow, ProviderRow, ProviderRow.id == RouteRow.provider_id)


@cache
def providers_selected() -> Select[*tuple[Any, ...]]:
    """Providers alone."""
    return select(*_PROVIDER, ProviderRow.id)


# Few combinations stand for very many rows, and naming a member of an enumeration takes longer than looking them up.
@lru_cache(maxsize=8192)
def _capabilities(yes: tuple[str, ...], no: tuple[str, ...]) -> facts.Capabilities:
    return facts.Capabilities(frozenset(map(facts.CapabilityKind, yes)), frozenset(map(facts.CapabilityKind, no)))


@lru_cache(maxsize=8192)
def _modalities(names: tuple[str, ...]) -> tuple[facts.Modality, ...]:
    return tuple(map(facts.Modality, names))


def _members(kind: type[Member]) -> Callable[[str], Member]:
    return {each.value: each for each in kind}.__getitem__


_task, _architecture, _openness = _members(facts.Task), _members(facts.Architecture), _members(facts.Openness)
_commercial_use, _lifecycle = _members(facts.CommercialUse), _members(facts.Lifecycle)
_price_basis, _price_mode, _date_basis = _members(facts.PriceBasis), _members(facts.PriceMode), _members(DateBasis)
_named_precision = _members(DatePrecision)


def _precision(name: str | None) -> DatePrecision | None:
    return None if name is None else _named_precision(name)


def model_of(row: Sequence[Any]) -> facts.Model:
    """A model from a row that begins with the columns of `models_selected`."""
    made = list(row[:29])
    no, slug, name, url, *license_ = row[29:38]
    if made[3] is not None:
        made[3] = facts.Lab(made[3], slug, name, url)
    made[5], made[12], made[14] = _task(made[5]), _architecture(made[12]), _openness(made[14])
    if made[13] is not None:
        made[13] = facts.License(made[13], *license_)
    made[15] = _commercial_use(made[15])
    made[16], made[17] = _modalities(tuple(made[16])), _modalities(tuple(made[17]))
    made[18], made[19] = _capabilities(tuple(made[18]), tuple(no)), _lifecycle(made[19])
    made[21], made[23] = _precision(made[21]), _precision(made[23])
    return facts.Model(*made)


@lru_cache(maxsize=1024)
def _provider(*row: Any) -> facts.Provider:
    id_, slug, name, kind, api_shape, base_url, docs_url, sdk_package, group, credentials, endpoints = row
    said = json.loads(endpoints)
    more = tuple((shape, said[shape]) for shape in facts.ApiShape if shape in said)
    made, spoken, named = facts.ProviderKind(kind), facts.ApiShape(api_shape), tuple(json.loads(credentials))
    return facts.Provider(id_, slug, name, made, spoken, base_url, docs_url, sdk_package, named, group, more)


def provider_of(row: Sequence[Any]) -> facts.Provider:
    """A provider from a row that begins with the columns of `providers_selected`."""
    return _provider(*row[:11])


def route_of(row: Sequence[Any]) -> facts.Route:
    """A route from a row that begins with the columns of `routes_selected`."""
    made = list(row[:24])
    no, made[3] = made[3], _provider(*row[24:35])
    made[6] = tuple(made[6])
    made[10], made[11] = _modalities(tuple(made[10])), _modalities(tuple(made[11]))
    made[12], made[13] = _capabilities(tuple(made[12]), tuple(no)), _lifecycle(made[13])
    made[15], made[17], made[18] = _precision(made[15]), _precision(made[17]), _price_basis(made[18])
    return facts.Route(*made)


@lru_cache(maxsize=8192)
def _units(text: str) -> Mapping[str, Decimal]:
    return {unit: Decimal(amount) for unit, amount in json.loads(text).items()}


def price_of(row: Sequence[Any]) -> facts.Price:
    """A price sheet from a row that begins with the columns of `prices_selected`."""
    made = list(row[:20])
    made[2], made[5] = _price_mode(made[2]), _date_basis(made[5])
    made[16], made[17] = _units(made[16]), tuple(map(parse_hours, made[17]))
    return facts.Price(*made)


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


_MODES = {mode.value: place for place, mode in enumerate(facts.PriceMode)}


@cache
def prices_selected() -> Select[*tuple[Any, ...]]:
    """Price sheets: the standard ones first, tier by tier, each oldest first."""
    return select(*_PRICE).order_by(PriceRow.route_id, case(_MODES, value=PriceRow.mode), PriceRow.above, PriceRow.id)


def grouped(keys: Collection[Key], pairs: Any) -> Mapping[Key, tuple[Fact, ...]]:
    """Every key has an entry: a model without routes was read too, and has none."""
    found: dict[Key, list[Fact]] = {key: [] for key in keys}
    for key, fact in pairs:
        found[key].append(fact)
    return {key: tuple(group) for key, group in found.items()}
