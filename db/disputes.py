"""Lists of disputed facts, those whose numbers lie farthest apart first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, func, or_, select

from db.lists import Sort, counts, models_named, pages
from db.queries import DisputeQuery, Page
from db.reader import Reader
from db.tables import DisputeRow, ModelRow, RouteRow
from domain.facts import FactRef
from domain.provenance import Dispute


async def disputes(reader: Reader, queries: Sequence[DisputeQuery]) -> Mapping[DisputeQuery, Page[Dispute]]:
    """Pages of disputed facts."""
    return await pages(reader, queries, _disputes, _dispute_sort, DisputeRow.id, _dispute)


async def count_disputes(reader: Reader, queries: Sequence[DisputeQuery]) -> Mapping[DisputeQuery, int]:
    """How many disputes the conditions match, whatever the page."""
    return await counts(reader, queries, _disputes)


def _disputes(query: DisputeQuery) -> Select[Any]:
    row = DisputeRow
    columns: tuple[Any, ...] = (
        row.id,
        row.field,
        row.value,
        row.source_id,
        row.ratio,
        row.dissenting,
        row.model_id,
        row.route_id,
    )
    found: Select[Any] = (
        select(*columns, func.coalesce(ModelRow.slug, RouteRow.key).label("of"), RouteRow.model_id.label("served"))
        .outerjoin(ModelRow, ModelRow.id == row.model_id)
        .outerjoin(RouteRow, RouteRow.id == row.route_id)
    )
    if query.fields:
        found = found.where(row.field.in_(query.fields))
    if query.models:
        ids = models_named(query.models)
        found = found.where(or_(row.model_id.in_(ids), RouteRow.model_id.in_(ids)))
    if query.of_routes is not None:
        found = found.where(row.route_id.is_not(None) if query.of_routes else row.model_id.is_not(None))
    if query.min_ratio is not None:
        found = found.where(row.ratio >= query.min_ratio)
    return found


def _dispute_sort(_: DisputeQuery) -> Sort:
    return func.coalesce(DisputeRow.ratio, 0), True


def _dispute(row: Row[*tuple[Any, ...]]) -> Dispute:
    kind, number = ("model", row.model_id) if row.route_id is None else ("route", row.route_id)
    return Dispute(
        id=row.id,
        fact=FactRef(kind, number, row.field),
        of=row.of,
        value=json.loads(row.value),
        source=row.source_id,
        ratio=row.ratio,
        dissenting=row.dissenting,
        model_id=row.model_id or row.served,
    )
