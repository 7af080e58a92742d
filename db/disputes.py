"""Lists of disputed facts: one of each model and field, what costs money first, then those whose numbers lie farthest apart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, Numeric, Row, Select, and_, case, cast, column, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array

from db.lists import models_named
from db.pages import Sort, counts, pages
from db.queries import DisputeQuery, Page
from db.reader import Reader
from db.tables import DisputeRow, ModelRow, RouteRow
from domain.facts import FactRef
from domain.provenance import Dispute


async def disputes(reader: Reader, queries: Sequence[DisputeQuery]) -> Mapping[DisputeQuery, Page[Dispute]]:
    """Pages of disputed facts."""
    return await pages(reader, queries, _disputes, _dispute_sort, column("id", Integer), _dispute)


async def count_disputes(reader: Reader, queries: Sequence[DisputeQuery]) -> Mapping[DisputeQuery, int]:
    """How many disputes the conditions match, whatever the page."""
    return await counts(reader, queries, _disputes)


def _disputes(query: DisputeQuery) -> Select[Any]:
    row = DisputeRow
    model = func.coalesce(row.model_id, RouteRow.model_id)
    # What costs money first: prices that somebody pays now for a model that we know, most of them the plain ones; then what
    # fits into a request.
    paid = and_(row.field.startswith("price."), RouteRow.live, RouteRow.model_id.is_not(None))
    plain = row.field.startswith("price.STANDARD.0.")
    weight = case((and_(paid, plain), 3), (paid, 2), (row.field == "context_window", 1), else_=0)
    worst = array([cast(weight, Numeric), func.coalesce(row.ratio, 0)], type_=Numeric)
    # A route whose model we do not know is a group of its own.
    of_one = [func.coalesce(model, -row.route_id), row.field]
    columns: tuple[Any, ...] = (
        *(row.id, row.field, row.value, row.source_id, row.ratio, row.dissenting, row.model_id, row.route_id),
        func.coalesce(ModelRow.slug, RouteRow.key).label("of"),
        model.label("known_model"),
        worst.label("worst"),
        func.row_number().over(partition_by=of_one, order_by=(worst.desc(), row.id.desc())).label("nth"),
        func.count(row.route_id).over(partition_by=of_one).label("routes"),
    )
    found: Select[Any] = (
        select(*columns)
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
    counted = found.subquery()
    every = select(counted)
    return every if query.every else every.where(counted.c.nth == 1)


def _dispute_sort(_: DisputeQuery) -> Sort:
    return column("worst", ARRAY(Numeric)), True


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
        model_id=row.known_model,
        routes=row.routes,
    )
