"""The log of what became different: appended by ingest, read in pages. Nothing in it is ever rewritten."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Row, Select, func, literal_column, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.lists import models_named
from db.pages import Sort, counts, pages
from db.queries import ChangeOrder, FactChangeQuery, Page, PriceChangeQuery
from db.reader import Reader
from db.reads import grouped
from db.rows import model_of, models_selected, price_of, prices_selected, route_of, routes_selected
from db.tables import ProviderRow, RouteRow
from db.tables_of_changes import FactChangeRow, PriceChangeRow
from db.writes import driver
from domain import facts
from domain.changes import ChangeKind, FactChange, PriceChange, PriceStep
from domain.dates import DateBasis


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the typed tables hold: models by slug, routes by key, price sheets by route. Empty where nothing was recorded yet, so
    that the first record is whole."""

    models: Mapping[str, facts.Model]
    routes: Mapping[str, facts.Route]
    prices: Mapping[int, Sequence[facts.Price]]


async def accepted(connection: AsyncConnection) -> Accepted:
    """What is accepted before an ingest writes."""
    if not await connection.scalar(text("select exists (select from fact_change)")):
        return Accepted({}, {}, {})
    models = [model_of(row) for row in await connection.execute(models_selected())]
    routes = [route_of(row) for row in await connection.execute(routes_selected())]
    prices: dict[int, list[facts.Price]] = {}
    for row in await connection.execute(prices_selected()):
        prices.setdefault(row.route_id, []).append(price_of(row))
    return Accepted({model.slug: model for model in models}, {route.key: route for route in routes}, prices)


_FACT_COLUMNS = ("model_id", "route_id", "of", "field", "kind", "before", "after", "source_id", "recorded_at")
_PRICE_COLUMNS = (
    *("route_id", "of", "mode", "above", "currency", "kind", "day", "basis", "before", "after", "source_id"),
    *("previous_source_id", "recorded_at"),
)


async def append(
    connection: AsyncConnection,
    of_facts: Iterable[tuple[Any, ...]],
    of_prices: Iterable[tuple[Any, ...]],
    at: datetime,
) -> None:
    """Append to the log, in the order given; the revision is told later by `number`."""
    conn = await driver(connection)
    for table, columns, rows in (
        ("fact_change", _FACT_COLUMNS, of_facts),
        ("price_change", _PRICE_COLUMNS, of_prices),
    ):
        records = [(*row, at) for row in rows]
        await conn.copy_records_to_table(table, records=records, columns=list(columns))


async def number(connection: AsyncConnection, revision: int) -> None:
    """Say which revision has what was appended."""
    for table in ("fact_change", "price_change"):
        await connection.execute(
            text(f"update {table} set revision = :revision where revision is null"),  # noqa: S608 - constants
            {"revision": revision},
        )


# As the index has it: the driver sends `date.min` as minus infinity, which is another expression.
_DAY = func.coalesce(PriceChangeRow.day, literal_column("'0001-01-01'::date", Date))


async def price_changes(
    reader: Reader, queries: Sequence[PriceChangeQuery]
) -> Mapping[PriceChangeQuery, Page[PriceChange]]:
    """Pages of price changes."""
    return await pages(reader, queries, _prices, _price_sort, PriceChangeRow.id, _price_change)


async def count_price_changes(reader: Reader, queries: Sequence[PriceChangeQuery]) -> Mapping[PriceChangeQuery, int]:
    return await counts(reader, queries, _prices)


async def fact_changes(
    reader: Reader, queries: Sequence[FactChangeQuery]
) -> Mapping[FactChangeQuery, Page[FactChange]]:
    """Pages of fact changes."""
    return await pages(reader, queries, _facts, _fact_sort, FactChangeRow.id, _fact_change)


async def count_fact_changes(reader: Reader, queries: Sequence[FactChangeQuery]) -> Mapping[FactChangeQuery, int]:
    return await counts(reader, queries, _facts)


async def price_changes_by_route(reader: Reader, ids: Collection[int]) -> Mapping[int, tuple[PriceChange, ...]]:
    """All price changes of each route, mode by mode, oldest first."""
    row = PriceChangeRow
    rows = await reader.execute(
        _price_columns()
        .where(row.route_id.in_(ids))
        .order_by(row.route_id, row.mode, row.above, func.coalesce(row.day, date.min), row.id)
    )
    return grouped(ids, ((each.route_id, _price_change(each)) for each in rows))


def _price_columns() -> Select[Any]:
    return select(*PriceChangeRow.__table__.columns)


def _prices(query: PriceChangeQuery) -> Select[Any]:
    row = PriceChangeRow
    found = _price_columns()
    if query.models or query.providers:
        found = found.join(RouteRow, RouteRow.id == row.route_id)
    if query.models:
        found = found.where(RouteRow.model_id.in_(models_named(query.models)))
    if query.providers:
        wanted = [provider.lower() for provider in query.providers]
        ids = select(ProviderRow.id).where(or_(ProviderRow.slug.in_(wanted), ProviderRow.group.in_(wanted)))
        found = found.where(RouteRow.provider_id.in_(ids))
    if query.routes:
        found = found.where(row.of.in_(query.routes))
    if query.kinds:
        found = found.where(row.kind.in_([kind.value for kind in query.kinds]))
    if query.modes:
        found = found.where(row.mode.in_([mode.value for mode in query.modes]))
    # The day as the index has it; a change without a day is of no period.
    if query.since is not None:
        found = found.where(query.since <= _DAY, row.day.is_not(None))
    if query.until is not None:
        found = found.where(query.until >= _DAY, row.day.is_not(None))
    if query.after_revision is not None:
        found = found.where(row.revision > query.after_revision)
    return found


def _price_sort(query: PriceChangeQuery) -> Sort:
    if query.order is ChangeOrder.RECORDED:
        return PriceChangeRow.id, False
    return _DAY, True


def _facts(query: FactChangeQuery) -> Select[Any]:
    row = FactChangeRow
    found: Select[Any] = select(*row.__table__.columns)
    if query.models:
        ids = models_named(query.models)
        found = found.outerjoin(RouteRow, RouteRow.id == row.route_id)
        found = found.where(or_(row.model_id.in_(ids), RouteRow.model_id.in_(ids)))
    if query.fields:
        found = found.where(row.field.in_(query.fields))
    if query.kinds:
        found = found.where(row.kind.in_([kind.value for kind in query.kinds]))
    if query.of_routes is not None:
        found = found.where(row.route_id.is_not(None) if query.of_routes else row.model_id.is_not(None))
    if query.since is not None:
        found = found.where(row.recorded_at >= query.since)
    if query.after_revision is not None:
        found = found.where(row.revision > query.after_revision)
    return found


def _fact_sort(_: FactChangeQuery) -> Sort:
    return FactChangeRow.id, False


def _price_change(row: Row[*tuple[Any, ...]]) -> PriceChange:
    step = PriceStep(
        *(ChangeKind(row.kind), row.day, DateBasis(row.basis), _amounts(row.before), _amounts(row.after)),
        *(row.source_id, row.previous_source_id),
    )
    mode = facts.PriceMode(row.mode)
    return PriceChange(
        *(row.id, row.route_id, row.of, mode, row.above, row.currency, step, row.recorded_at, row.revision)
    )


def _amounts(kept: Mapping[str, str]) -> Mapping[str, Decimal]:
    return {unit: Decimal(amount) for unit, amount in kept.items()}


def _fact_change(row: Row[*tuple[Any, ...]]) -> FactChange:
    before, after = (None if value is None else json.loads(value) for value in (row.before, row.after))
    return FactChange(
        *(row.id, row.model_id, row.route_id, row.of, row.field, ChangeKind(row.kind), before, after),
        *(row.source_id, row.recorded_at, row.revision),
    )
