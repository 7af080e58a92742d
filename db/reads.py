"""Every SELECT of an answer: a connection and keys in, a mapping of key to facts out.

One read is one statement for any number of keys; to-one neighbours (lab, licence, provider) are joined in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, TypeVar

from sqlalchemy import Row, Select, and_, case, func, or_, select, union

from db.reader import REVISION, Reader
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

_MODEL = (
    *(ModelRow.id, ModelRow.slug, ModelRow.name, ModelRow.family, ModelRow.task, ModelRow.released),
    *(ModelRow.knowledge_cutoff, ModelRow.context_window, ModelRow.max_output, ModelRow.parameters_total),
    *(ModelRow.parameters_active, ModelRow.architecture, ModelRow.openness, ModelRow.commercial_use),
    *(ModelRow.input_modalities, ModelRow.output_modalities, ModelRow.capabilities_yes, ModelRow.capabilities_no),
    *(ModelRow.lifecycle, ModelRow.deprecated_on, ModelRow.deprecated_precision, ModelRow.retires_on),
    *(ModelRow.retires_precision, ModelRow.successor, ModelRow.weights_url, ModelRow.last_reviewed),
    *(ModelRow.route_count, ModelRow.provider_count),
    *(LabRow.id.label("lab_id"), LabRow.slug.label("lab_slug"), LabRow.name.label("lab_name")),
    LabRow.url.label("lab_url"),
    *(LicenseRow.id.label("license_id"), LicenseRow.key.label("license_key"), LicenseRow.name.label("license_name")),
    *(LicenseRow.spdx, LicenseRow.osi_approved, LicenseRow.url.label("license_url")),
)
_PROVIDER = (
    *(ProviderRow.id.label("provider_id"), ProviderRow.slug.label("provider_slug")),
    *(ProviderRow.name.label("provider_name"), ProviderRow.kind, ProviderRow.api_shape, ProviderRow.base_url),
    *(
        ProviderRow.docs_url,
        ProviderRow.sdk_package,
        ProviderRow.credentials,
        ProviderRow.group.label("provider_group"),
        ProviderRow.endpoints,
    ),
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


_DERIVED = frozenset({"provider_id", "input_mtok", "output_mtok"})


@cache
def routes_selected() -> Select[*tuple[Any, ...]]:
    """Routes with their providers."""
    columns = (column for column in RouteRow.__table__.columns if column.name not in _DERIVED)
    return select(*columns, *_PROVIDER).join_from(RouteRow, ProviderRow, ProviderRow.id == RouteRow.provider_id)


@cache
def providers_selected() -> Select[*tuple[Any, ...]]:
    """Providers alone."""
    return select(ProviderRow.id, *_PROVIDER)


def _capabilities(row: Row[*tuple[Any, ...]]) -> facts.Capabilities:
    return _capabilities_named(tuple(row.capabilities_yes), tuple(row.capabilities_no))


# Few combinations stand for very many rows, and naming a member of an enumeration takes longer than looking them up.
@lru_cache(maxsize=8192)
def _capabilities_named(yes: tuple[str, ...], no: tuple[str, ...]) -> facts.Capabilities:
    return facts.Capabilities(frozenset(map(facts.CapabilityKind, yes)), frozenset(map(facts.CapabilityKind, no)))


@lru_cache(maxsize=8192)
def _modalities_named(names: tuple[str, ...]) -> tuple[facts.Modality, ...]:
    return tuple(map(facts.Modality, names))


def _modalities(names: Sequence[str]) -> tuple[facts.Modality, ...]:
    return _modalities_named(tuple(names))


def _members(kind: type[Member]) -> Callable[[str], Member]:
    return {each.value: each for each in kind}.__getitem__


_task, _architecture, _openness = _members(facts.Task), _members(facts.Architecture), _members(facts.Openness)
_commercial_use, _lifecycle = _members(facts.CommercialUse), _members(facts.Lifecycle)
_price_basis, _price_mode, _date_basis = _members(facts.PriceBasis), _members(facts.PriceMode), _members(DateBasis)
_named_precision = _members(DatePrecision)


def _precision(name: str | None) -> DatePrecision | None:
    return None if name is None else _named_precision(name)


def model_of(row: Row[*tuple[Any, ...]]) -> facts.Model:
    """A model from a row of `models_selected`."""
    lab = None if row.lab_id is None else facts.Lab(row.lab_id, row.lab_slug, row.lab_name, row.lab_url)
    license_ = (
        None
        if row.license_id is None
        else facts.License(
            row.license_id, row.license_key, row.license_name, row.spdx, row.osi_approved, row.license_url
        )
    )
    return facts.Model(
        id=row.id,
        slug=row.slug,
        name=row.name,
        lab=lab,
        family=row.family,
        task=_task(row.task),
        released=row.released,
        knowledge_cutoff=row.knowledge_cutoff,
        context_window=row.context_window,
        max_output=row.max_output,
        parameters_total=row.parameters_total,
        parameters_active=row.parameters_active,
        architecture=_architecture(row.architecture),
        license=license_,
        openness=_openness(row.openness),
        commercial_use=_commercial_use(row.commercial_use),
        input_modalities=_modalities(row.input_modalities),
        output_modalities=_modalities(row.output_modalities),
        capabilities=_capabilities(row),
        lifecycle=_lifecycle(row.lifecycle),
        deprecated_on=row.deprecated_on,
        deprecated_precision=_precision(row.deprecated_precision),
        retires_on=row.retires_on,
        retires_precision=_precision(row.retires_precision),
        successor=row.successor,
        weights_url=row.weights_url,
        last_reviewed=row.last_reviewed,
        route_count=row.route_count,
        provider_count=row.provider_count,
    )


def provider_of(row: Row[*tuple[Any, ...]]) -> facts.Provider:
    """A provider from a row of `providers_selected` or `routes_selected`."""
    return _provider(
        tuple(row.endpoints.items()),
        *(row.provider_id, row.provider_slug, row.provider_name, row.kind, row.api_shape),
        *(row.base_url, row.docs_url, row.sdk_package, tuple(row.credentials), row.provider_group),
    )


@lru_cache(maxsize=1024)
def _provider(
    endpoints: tuple[tuple[str, str], ...],
    id_: int,
    slug: str,
    name: str,
    kind: str,
    api_shape: str,
    base_url: str | None,
    docs_url: str | None,
    sdk_package: str | None,
    credentials: tuple[str, ...],
    group: str | None,
) -> facts.Provider:
    said = dict(endpoints)
    more = tuple((shape, said[shape]) for shape in facts.ApiShape if shape in said)
    made, spoken = facts.ProviderKind(kind), facts.ApiShape(api_shape)
    return facts.Provider(id_, slug, name, made, spoken, base_url, docs_url, sdk_package, credentials, group, more)


def route_of(row: Row[*tuple[Any, ...]]) -> facts.Route:
    """A route from a row of `routes_selected`."""
    return facts.Route(
        id=row.id,
        key=row.key,
        model_id=row.model_id,
        provider=provider_of(row),
        provider_model_id=row.provider_model_id,
        name=row.name,
        variant=tuple(row.variant),
        region=row.region,
        context_window=row.context_window,
        max_output=row.max_output,
        input_modalities=_modalities(row.input_modalities),
        output_modalities=_modalities(row.output_modalities),
        capabilities=_capabilities(row),
        lifecycle=_lifecycle(row.lifecycle),
        deprecated_on=row.deprecated_on,
        deprecated_precision=_precision(row.deprecated_precision),
        retires_on=row.retires_on,
        retires_precision=_precision(row.retires_precision),
        price_basis=_price_basis(row.price_basis),
        live=row.live,
        last_seen=row.last_seen,
        link_method=row.link_method,
        link_confidence=row.link_confidence,
        first_party=row.first_party,
    )


def price_of(row: Row[*tuple[Any, ...]]) -> facts.Price:
    kept = row._asdict()
    kept.pop(REVISION, None)
    kept["mode"] = _price_mode(kept["mode"])
    kept["valid_from_basis"] = _date_basis(kept["valid_from_basis"])
    kept["other_units"] = {unit: Decimal(amount) for unit, amount in kept["other_units"].items()}
    kept["hours"] = tuple(map(parse_hours, kept["hours"]))
    return facts.Price(**kept)


async def latest_revision(reader: Reader) -> provenance.CatalogRevision | None:
    """The catalogue's newest revision; None before the first ingest."""
    row = CatalogRevisionRow
    rows = await reader.execute(
        select(row.id, row.digest, row.created_at, row.rules_version, row.counts).order_by(row.id.desc()).limit(1)
    )
    return provenance.CatalogRevision(*rows[0][:5]) if rows else None


async def models_by_id(reader: Reader, ids: Collection[int]) -> Mapping[int, facts.Model]:
    rows = await reader.execute(models_selected().where(ModelRow.id.in_(ids)))
    return {row.id: model_of(row) for row in rows}


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
    keys = {key for ref in refs for key in spelled(ref)}
    # Two look-ups by index: one condition over both tables would read every model.
    carriers = union(
        select(ModelRow.id).where(ModelRow.slug.in_(keys)), select(AliasRow.model_id).where(AliasRow.key.in_(keys))
    )
    ranked = (
        models_selected()
        .add_columns(AliasRow.key.label("alias"), AliasRow.rank)
        .outerjoin(AliasRow, and_(AliasRow.model_id == ModelRow.id, AliasRow.key.in_(keys)))
        .where(ModelRow.id.in_(carriers))
    )
    by_slug: dict[str, facts.Model] = {}
    by_alias: dict[str, list[tuple[int, facts.Model]]] = defaultdict(list)
    for row in await reader.execute(ranked):
        model = model_of(row)
        by_slug[model.slug] = model
        if row.alias is not None:
            by_alias[row.alias].append((row.rank, model))
    found: dict[str, facts.Model] = {}
    for ref in refs:
        for key in spelled(ref):
            named = [(0, by_slug[key])] if key in by_slug else by_alias.get(key, [])
            if named:
                if (one := the_one(key, named)) is not None:
                    found[ref] = one
                break
    return found


async def routes_by_model(reader: Reader, model_ids: Collection[int]) -> Mapping[int, tuple[facts.Route, ...]]:
    """All routes of each model, live or not, with their providers: the cheapest output first, unpriced ones last."""
    rows = await reader.execute(
        routes_selected()
        .where(RouteRow.model_id.in_(model_ids))
        .order_by(RouteRow.output_mtok.asc().nulls_last(), RouteRow.id)
    )
    return grouped(model_ids, ((row.model_id, route_of(row)) for row in rows))


async def routes_by_key(reader: Reader, keys: Collection[str]) -> Mapping[str, facts.Route]:
    """Routes by key as it is asked for. Sources differ in the capitals of one key, so those do not matter; only a key that is
    not there as written is looked for without them, which no index helps."""
    rows = await reader.execute(routes_selected().where(RouteRow.key.in_(keys)))
    found = {row.key: route_of(row) for row in rows}
    if missing := {key: key.lower() for key in keys if "/" in key and key not in found}:
        rows = await reader.execute(routes_selected().where(func.lower(RouteRow.key).in_(set(missing.values()))))
        folded = {row.key.lower(): route_of(row) for row in rows}
        found |= {key: folded[small] for key, small in missing.items() if small in folded}
    return found


async def routes_by_id(reader: Reader, ids: Collection[int]) -> Mapping[int, facts.Route]:
    rows = await reader.execute(routes_selected().where(RouteRow.id.in_(ids)))
    return {row.id: route_of(row) for row in rows}


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
    held = prices_selected().where(
        or_(PriceRow.valid_from.is_(None), PriceRow.valid_from <= on),
        or_(PriceRow.valid_to.is_(None), PriceRow.valid_to > on),
    )
    rows = await reader.execute(held.where(PriceRow.route_id.in_(route_ids)))
    return grouped(route_ids, ((row.route_id, price_of(row)) for row in rows))


async def price_history_by_route(reader: Reader, route_ids: Collection[int]) -> Mapping[int, tuple[facts.Price, ...]]:
    """All sheets of each route, past, present and announced."""
    rows = await reader.execute(prices_selected().where(PriceRow.route_id.in_(route_ids)))
    return grouped(route_ids, ((row.route_id, price_of(row)) for row in rows))


_MODES = {mode.value: place for place, mode in enumerate(facts.PriceMode)}


@cache
def prices_selected() -> Select[*tuple[Any, ...]]:
    """Price sheets: the standard ones first, tier by tier, each oldest first."""
    columns = (column for column in PriceRow.__table__.columns if column.name != "source_id")
    return select(*columns, PriceRow.source_id.label("source")).order_by(
        PriceRow.route_id, case(_MODES, value=PriceRow.mode), PriceRow.above, PriceRow.id
    )


def grouped(keys: Collection[Key], pairs: Any) -> Mapping[Key, tuple[Fact, ...]]:
    """Every key has an entry: a model without routes was read too, and has none."""
    found: dict[Key, list[Fact]] = {key: [] for key in keys}
    for key, fact in pairs:
        found[key].append(fact)
    return {key: tuple(group) for key, group in found.items()}
