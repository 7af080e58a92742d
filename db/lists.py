"""Lists that grow: which rows a query means and in which order they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Numeric,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY

from db.pages import Below, Sort, counts, pages, part_of
from db.queries import (
    ModelOrder,
    ModelQuery,
    Page,
    ProviderOrder,
    ProviderQuery,
    RouteOrder,
    RouteQuery,
)
from db.reader import Reader
from db.reads import spelled
from db.rows import model_of, models_selected, provider_of, providers_selected, route_of, routes_selected
from db.tables import AliasRow, LabRow, LicenseRow, ModelRow, ProviderRow, RouteRow
from domain import facts

_LOWEST_LIKENESS = 0.5
_NO_DAY = literal_column("'9999-12-31'::date", Date)
_NO_PRICE = literal_column("1000000000::numeric", Numeric)
_NO_SIZE = literal_column("0", Integer)
"""What sorts after everything else: a fact that is not there is last in every order. Written out as in the indexes of `db.tables`, so that
they are found for a prepared statement, too."""


def _likeness(text: str, searched: Any, name: Any, popularity: Any) -> ColumnElement[Any]:
    """How well a text with typos fits: as a whole in what is searched, better where it stands there as it is or is the name
    itself; of those that fit alike, what more providers serve."""
    wanted = text.lower().strip()
    asked = literal(wanted, Text)
    fits = func.word_similarity(asked, searched) + func.similarity(func.lower(name), asked) / 2
    stands = or_(*(searched.contains(each, autoescape=True) for each in spelled(wanted)))
    served = cast(func.least(popularity, 50), Numeric) / 100
    bonus = case((func.lower(name).in_(spelled(wanted)), 2), (stands, 1), else_=0)
    return cast(func.round(cast(fits + bonus, Numeric) + served, 6), Numeric)


def _mentions(text: str, searched: Any) -> ColumnElement[bool]:
    wanted = text.lower().strip()
    asked = literal(wanted, Text)
    near = and_(asked.bool_op("<%")(searched), func.word_similarity(asked, searched) >= _LOWEST_LIKENESS)
    return or_(searched.contains(wanted, autoescape=True), near)


def _names(values: Sequence[StrEnum]) -> list[str]:
    return [value.value for value in values]


def _texts(values: Sequence[str]) -> Any:
    return cast(list(values), ARRAY(Text))


def _model_conditions(query: ModelQuery) -> list[ColumnElement[bool]]:
    model = ModelRow
    found: list[ColumnElement[bool]] = []
    if query.text:
        found.append(_mentions(query.text, model.search))
    if query.labs:
        found.append(LabRow.slug.in_([lab.lower() for lab in query.labs]))
    if query.providers:
        wanted = [provider.lower() for provider in query.providers]
        ids = select(ProviderRow.id).where(or_(ProviderRow.slug.in_(wanted), ProviderRow.group.in_(wanted)))
        found.append(model.provider_ids.overlap(func.array(ids.scalar_subquery(), type_=ARRAY(Integer))))
    if query.families:
        found.append(func.lower(model.family).in_([family.lower() for family in query.families]))
    for column, members in (
        (model.task, query.tasks),
        (model.openness, query.openness),
        (model.commercial_use, query.commercial_use),
        (model.architecture, query.architectures),
        (model.lifecycle, query.lifecycles),
    ):
        if members:
            found.append(column.in_(_names(members)))
    for array, needed in (
        (model.input_modalities, query.inputs),
        (model.output_modalities, query.outputs),
        (model.capabilities_yes, query.capabilities),
    ):
        if needed:
            found.append(array.contains(_texts(_names(needed))))
    for at_least, floor in ((model.context_window, query.min_context), (model.max_output, query.min_output)):
        if floor is not None:
            found.append(at_least >= floor)
    for price, ceiling in (
        (model.cheapest_input, query.max_input_price),
        (model.cheapest_output, query.max_output_price),
    ):
        if ceiling is not None:
            found.append(price <= ceiling)
    if query.licenses:
        spellings = [name.lower() for name in query.licenses]
        found.append(or_(func.lower(LicenseRow.key).in_(spellings), func.lower(LicenseRow.spdx).in_(spellings)))
    if query.released_after is not None:
        # `2026` may be the day before or after; only what is later for certain matches.
        found.append(model.released > query.released_after.isoformat())
    if query.max_parameters is not None:
        found.append(model.parameters_total <= query.max_parameters)
    found += _retiring(model.retires_on, query.retires_from, query.retires_to)
    if query.served is not None:
        found.append(model.route_count > 0 if query.served else model.route_count == 0)
    return found


def _retiring(day: Any, first: date | None, last: date | None) -> list[ColumnElement[bool]]:
    """Announced shutdowns from one day to another, both included."""
    return [*([day >= first] if first is not None else []), *([day <= last] if last is not None else [])]


def _model_sort(query: ModelQuery) -> Sort:
    model = ModelRow
    return {
        ModelOrder.RELEVANCE: (_likeness(query.text or "", model.search, model.name, model.provider_count), True),
        ModelOrder.NEWEST: (func.coalesce(model.released, ""), True),
        ModelOrder.NAME: (func.lower(model.name), False),
        ModelOrder.MOST_PROVIDERS: (model.provider_count, True),
        ModelOrder.CHEAPEST_OUTPUT: (func.coalesce(model.cheapest_output, _NO_PRICE), False),
        ModelOrder.CHEAPEST_INPUT: (func.coalesce(model.cheapest_input, _NO_PRICE), False),
        ModelOrder.LARGEST_CONTEXT: (func.coalesce(model.context_window, _NO_SIZE), True),
        ModelOrder.RETIREMENT: (func.coalesce(model.retires_on, _NO_DAY), False),
    }[query.order]


def _route_conditions(query: RouteQuery) -> list[ColumnElement[bool]]:
    route = RouteRow
    found: list[ColumnElement[bool]] = []
    if query.text:
        found.append(_mentions(query.text, func.lower(route.key)))
    if query.models:
        found.append(route.model_id.in_(models_named(query.models)))
    if query.labs:
        made = select(ModelRow.id).join(LabRow, LabRow.id == ModelRow.lab_id)
        found.append(route.model_id.in_(made.where(LabRow.slug.in_([lab.lower() for lab in query.labs]))))
    if query.providers:
        wanted = [provider.lower() for provider in query.providers]
        found.append(or_(ProviderRow.slug.in_(wanted), ProviderRow.group.in_(wanted)))
    for column, members in (
        (ProviderRow.kind, query.provider_kinds),
        (route.price_basis, query.price_bases),
        (route.lifecycle, query.lifecycles),
    ):
        if members:
            found.append(column.in_(_names(members)))
    if query.capabilities:
        found.append(route.capabilities_yes.contains(_texts(_names(query.capabilities))))
    if query.min_context is not None:
        found.append(route.context_window >= query.min_context)
    for price, ceiling in ((route.input_mtok, query.max_input_price), (route.output_mtok, query.max_output_price)):
        if ceiling is not None:
            found.append(price <= ceiling)
    found += _retiring(route.retires_on, query.retires_from, query.retires_to)
    if query.live is not None:
        found.append(route.live.is_(query.live))
    if query.resolved is not None:
        found.append(route.model_id.is_not(None) if query.resolved else route.model_id.is_(None))
    return found


def models_named(refs: Sequence[str]) -> Select[Any]:
    """The models that refs name, as `reads.models_by_ref` takes them: a slug before an alias."""
    wanted = sorted({key for ref in refs for key in spelled(ref)})
    named = select(ModelRow.id).where(ModelRow.slug.in_(wanted))
    slugs = select(ModelRow.slug).where(ModelRow.slug.in_(wanted))
    aliased = select(AliasRow.model_id).where(AliasRow.key.in_(wanted), AliasRow.key.not_in(slugs), AliasRow.rank == 0)
    # Two look-ups by index: one condition over both tables would read every model.
    return select(union(named, aliased).subquery().c.id)


def _route_sort(query: RouteQuery) -> Sort:
    return {
        RouteOrder.CHEAPEST_OUTPUT: (func.coalesce(RouteRow.output_mtok, _NO_PRICE), False),
        RouteOrder.CHEAPEST_INPUT: (func.coalesce(RouteRow.input_mtok, _NO_PRICE), False),
        RouteOrder.LARGEST_CONTEXT: (func.coalesce(RouteRow.context_window, _NO_SIZE), True),
        RouteOrder.KEY: (RouteRow.key, False),
        RouteOrder.RETIREMENT: (func.coalesce(RouteRow.retires_on, _NO_DAY), False),
    }[query.order]


def _provider_conditions(query: ProviderQuery) -> list[ColumnElement[bool]]:
    provider = ProviderRow
    found: list[ColumnElement[bool]] = []
    if query.text:
        found.append(_mentions(query.text, func.lower(provider.name + " " + provider.slug)))
    if query.kinds:
        found.append(provider.kind.in_(_names(query.kinds)))
    if query.api_shapes:
        shapes = _names(query.api_shapes)
        found.append(provider.api_shape.in_(shapes) | func.jsonb_exists_any(provider.endpoints, _texts(shapes)))
    return found


def _provider_sort(query: ProviderQuery) -> Sort:
    if query.order is ProviderOrder.MOST_ROUTES:
        return ProviderRow.route_count, True
    return func.lower(ProviderRow.name), False


async def models(reader: Reader, queries: Sequence[ModelQuery]) -> Mapping[ModelQuery, Page[facts.Model]]:
    """Pages of models."""
    return await pages(reader, queries, _models, _model_sort, ModelRow.id, model_of, _by_lab)


async def routes(reader: Reader, queries: Sequence[RouteQuery]) -> Mapping[RouteQuery, Page[facts.Route]]:
    """Pages of routes with their providers."""
    return await pages(reader, queries, _routes, _route_sort, RouteRow.id, route_of, _at_provider)


async def providers(reader: Reader, queries: Sequence[ProviderQuery]) -> Mapping[ProviderQuery, Page[facts.Provider]]:
    """Pages of providers."""
    return await pages(reader, queries, _providers, _provider_sort, ProviderRow.id, provider_of)


async def count_models(reader: Reader, queries: Sequence[ModelQuery]) -> Mapping[ModelQuery, int]:
    """How many models the conditions match, whatever the page."""
    return await counts(reader, queries, _models, _by_lab)


async def count_routes(reader: Reader, queries: Sequence[RouteQuery]) -> Mapping[RouteQuery, int]:
    """How many routes the conditions match, whatever the page."""
    return await counts(reader, queries, _routes, _at_provider)


async def count_providers(reader: Reader, queries: Sequence[ProviderQuery]) -> Mapping[ProviderQuery, int]:
    """How many providers the conditions match, whatever the page."""
    return await counts(reader, queries, _providers)


def _models(query: ModelQuery) -> Select[Any]:
    return models_selected().where(*_model_conditions(query))


def _routes(query: RouteQuery) -> Select[Any]:
    return routes_selected().where(*_route_conditions(query))


def _by_lab(slug: ColumnElement[str]) -> ColumnElement[bool]:
    return LabRow.slug == slug


def _at_provider(slug: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(ProviderRow.slug == slug, ProviderRow.group == slug)


def _providers(query: ProviderQuery) -> Select[Any]:
    return providers_selected().where(*_provider_conditions(query))


_LISTED: Mapping[type, tuple[Any, Callable[[Any], Select[Any]], Callable[[Any], Sort], Below | None]] = {
    ModelQuery: (ModelRow, _models, _model_sort, _by_lab),
    RouteQuery: (RouteRow, _routes, _route_sort, _at_provider),
    ProviderQuery: (ProviderRow, _providers, _provider_sort, None),
}


def _rows_of(query: Any, columns: Sequence[Any], slug: str | None) -> Select[Any]:
    _, selected, _, below = _LISTED[type(query)]
    rows = selected(query).with_only_columns(*columns, maintain_column_froms=True)
    return rows if slug is None or below is None else rows.where(below(literal_column(slug, Text)))


def page_of(query: Any, slug: str | None, size: int) -> Select[Any]:
    """So many rows of a list from where a page of it begins, with all columns of their table, `sort_key` and `place`. `slug` is the
    expression for that of the thing whose list it is."""
    row, _, sort, _ = _LISTED[type(query)]
    every: Any = literal_column(f"{row.__tablename__}.*")
    page = part_of(_rows_of(query, [every], slug), sort(query), row.id, query)
    return page.limit(literal_column(str(size)))


def count_of(query: Any, slug: str | None) -> Select[Any]:
    """How many rows the whole list has."""
    return _rows_of(query, [func.count()], slug)
