"""The routes of models in their own order, the cheapest output first: only the first of each, or how many there are.

One statement serves any number of models: what is asked of each is a row of a table that is made of arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, Select, and_, bindparam, column, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from db.queries import Page, RoutesOf
from db.reader import Reader
from db.rows import route_of, routes_selected
from db.tables import RouteRow
from domain import facts


def page(query: RoutesOf, routes: Sequence[facts.Route]) -> Page[facts.Route]:
    """The page of a query from the first routes that it is for, at least one more than it shows where there are more."""
    shown = tuple(routes[: query.size])
    keys = tuple(("", str(route.id)) for route in shown)
    return Page(shown, keys, has_next=len(routes) > query.size, has_previous=False, query=query)


async def first_routes(reader: Reader, queries: Sequence[RoutesOf]) -> Mapping[RoutesOf, Page[facts.Route]]:
    """The first routes of each model with their providers."""
    routes: list[list[facts.Route]] = [[] for _ in queries]
    for row in await reader.fetch(_first(), **_asked_of(queries)):
        routes[row["place"] - 1].append(route_of(row))
    return {query: page(query, found) for query, found in zip(queries, routes, strict=True)}


async def count_routes_of(reader: Reader, queries: Sequence[RoutesOf]) -> Mapping[RoutesOf, int]:
    """How many routes each model has."""
    rows = await reader.fetch(_counted(), **_asked_of(queries))
    return {queries[row[0] - 1]: row[1] for row in rows}


def _asked_of(queries: Sequence[RoutesOf]) -> dict[str, Any]:
    return {
        "models": [query.model for query in queries],
        "lives": [query.live for query in queries],
        "sizes": [query.size for query in queries],
    }


_NAMES: Mapping[str, Any] = {"models": Integer, "lives": Boolean, "sizes": Integer}
_ASKED: Any = (
    func.unnest(*(bindparam(name, type_=ARRAY(kind)) for name, kind in _NAMES.items()))
    .table_valued(
        column("model", Integer),
        column("live", Boolean),
        column("size", Integer),
        with_ordinality="place",
        name="asked",
    )
    .render_derived()
)


def _of_model(route: Any) -> ColumnElement[bool]:
    return and_(route.model_id == _ASKED.c.model, or_(_ASKED.c.live.is_(None), route.live == _ASKED.c.live))


@cache
def _first() -> Select[*tuple[Any, ...]]:
    one = aliased(RouteRow)
    cheapest = one.output_mtok.asc().nulls_last(), one.id
    first = select(one.id).where(_of_model(one)).order_by(*cheapest).limit(_ASKED.c.size + 1).lateral()
    numbers = select(_ASKED.c.place, first.c.id).join(first, true()).subquery()
    return (
        routes_selected()
        .add_columns(numbers.c.place)
        .join(numbers, numbers.c.id == RouteRow.id)
        .order_by(RouteRow.output_mtok.asc().nulls_last(), RouteRow.id)
    )


@cache
def _counted() -> Select[*tuple[Any, ...]]:
    of_model = select(func.count()).select_from(RouteRow).where(_of_model(RouteRow)).scalar_subquery()
    return select(_ASKED.c.place, of_model)
