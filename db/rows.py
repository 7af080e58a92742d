"""What is selected of models, routes, providers and prices, and the facts that are made of their rows.

The columns of a fact stand in the order of its fields, those from which a field is made in its place or behind them all: rows are
read by place, which takes a fraction of the time that names take.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, TypeVar

from sqlalchemy import Select, Text, case, cast, func, select

from db.tables import LabRow, LicenseRow, ModelRow, PriceRow, ProviderRow, RouteRow
from domain import facts
from domain.dates import DateBasis, DatePrecision
from domain.hours import parse_hours

Member = TypeVar("Member", bound=StrEnum)


def _as_text(array: Any) -> Any:
    """An array of names as the text `{A,B}`: few of them stand for very many rows, and a text is looked up as it is."""
    return cast(array, Text).label(array.key)


_MODEL = (
    *(ModelRow.id, ModelRow.slug, ModelRow.name, LabRow.id.label("lab_id"), ModelRow.family, ModelRow.task),
    *(ModelRow.released, ModelRow.knowledge_cutoff, ModelRow.context_window, ModelRow.max_output),
    *(ModelRow.parameters_total, ModelRow.parameters_active, ModelRow.architecture, LicenseRow.id.label("license_id")),
    *(
        ModelRow.openness,
        ModelRow.commercial_use,
        _as_text(ModelRow.input_modalities),
        _as_text(ModelRow.output_modalities),
    ),
    *(_as_text(ModelRow.capabilities_yes), ModelRow.lifecycle, ModelRow.deprecated_on, ModelRow.deprecated_precision),
    *(ModelRow.retires_on, ModelRow.retires_precision, ModelRow.successor, ModelRow.weights_url),
    *(ModelRow.last_reviewed, ModelRow.route_count, ModelRow.provider_count),
    _as_text(ModelRow.capabilities_no),
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
    *(RouteRow.id, RouteRow.key, RouteRow.model_id, _as_text(RouteRow.capabilities_no), RouteRow.provider_model_id),
    *(RouteRow.name, RouteRow.variant, RouteRow.region, RouteRow.context_window, RouteRow.max_output),
    *(
        _as_text(RouteRow.input_modalities),
        _as_text(RouteRow.output_modalities),
        _as_text(RouteRow.capabilities_yes),
        RouteRow.lifecycle,
    ),
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


def _names(text: str) -> list[str]:
    return text[1:-1].split(",") if len(text) > 2 else []


# Few combinations stand for very many rows, and naming a member of an enumeration takes longer than looking them up.
@lru_cache(maxsize=8192)
def _capabilities(yes: str, no: str) -> facts.Capabilities:
    kind = facts.CapabilityKind
    return facts.Capabilities(frozenset(map(kind, _names(yes))), frozenset(map(kind, _names(no))))


@lru_cache(maxsize=8192)
def _modalities(names: str) -> tuple[facts.Modality, ...]:
    return tuple(map(facts.Modality, _names(names)))


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
    made[16], made[17] = _modalities(made[16]), _modalities(made[17])
    made[18], made[19] = _capabilities(made[18], no), _lifecycle(made[19])
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
    made[10], made[11] = _modalities(made[10]), _modalities(made[11])
    made[12], made[13] = _capabilities(made[12], no), _lifecycle(made[13])
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


_MODES = {mode.value: place for place, mode in enumerate(facts.PriceMode)}


@cache
def prices_selected() -> Select[*tuple[Any, ...]]:
    """Price sheets: the standard ones first, tier by tier, each oldest first."""
    return select(*_PRICE).order_by(PriceRow.route_id, case(_MODES, value=PriceRow.mode), PriceRow.above, PriceRow.id)
