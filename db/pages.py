"""Pages of lists by keyset. All pages that one level of an answer asks for are one statement.

The last key of a sort is the number of the row, so that no two rows are equal and a page never repeats or skips one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import NullType

from db.queries import Page, Window
from db.reader import Reader

Fact = TypeVar("Fact")
Query = TypeVar("Query")

Below = Callable[[ColumnElement[str]], ColumnElement[bool]]
"""The condition under which a row is in the list below a parent, from the column with the parent's slug."""
Sort = tuple[Any, bool]
"""An expression that is never null, and whether it sorts descending."""


async def counts(
    reader: Reader,
    queries: Sequence[Query],
    selected: Callable[[Query], Select[Any]],
    below: Below | None = None,
) -> Mapping[Query, int]:
    """One statement for all totals."""
    shapes = _shapes(queries)
    rows = await reader.fetch(_counted(tuple(shapes), selected, below), **_asked(queries, shapes))
    return {queries[row.which]: row.total for row in rows}


async def pages(
    reader: Reader,
    queries: Sequence[Query],
    selected: Callable[[Query], Select[Any]],
    sort: Callable[[Query], Sort],
    number: Any,
    made: Callable[[Any], Fact],
    below: Below | None = None,
) -> Mapping[Query, Page[Fact]]:
    """One statement for all pages, the lists below several parents for example. `below` is the condition of a list below one."""
    shapes = _shapes(queries)
    statement = _paged(tuple(shapes), selected, sort, number, below)
    rows: list[list[Any]] = [[] for _ in queries]
    for row in await reader.fetch(statement, **_asked(queries, shapes)):
        rows[row.which].append(row)
    return {query: _page(query, found, made) for query, found in zip(queries, rows, strict=True)}


_ANY_PARENT = ""


def _shapes(queries: Sequence[Query]) -> dict[Any, list[int]]:
    """The places of those queries that are the same but for the parent below which their list is."""
    shapes: dict[Any, list[int]] = {}
    for place, query in enumerate(queries):
        of: str | None = getattr(query, "of", None)
        shape: Any = query if of is None else replace(query, of=_ANY_PARENT)  # type: ignore[type-var]
        shapes.setdefault(shape, []).append(place)
    return shapes


# Their values have a default, as SQLAlchemy otherwise refuses to write out a list beside them; `_asked` gives all of them.
def _asked(queries: Sequence[Any], shapes: Mapping[Any, list[int]]) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    for nth, (shape, places) in enumerate(shapes.items()):
        if getattr(shape, "of", None) is None:
            asked[f"which_{nth}"] = places[0]
        else:
            asked[f"which_{nth}"], asked[f"of_{nth}"] = places, [queries[place].of for place in places]
    return asked


def _parents(nth: int) -> Any:
    """A table of the parents of a shape, each with the place of its query."""
    of, which = bindparam(f"of_{nth}", None, type_=ARRAY(Text)), bindparam(f"which_{nth}", None, type_=ARRAY(Integer))
    columns = column("of", Text), column("which", Integer)
    return func.unnest(of, which).table_valued(*columns, name=f"asked_{nth}").render_derived()


# Statements are kept by what was asked: to put one together and to write it out takes several times as long as to run it.
@lru_cache(maxsize=256)
def _counted(shapes: tuple[Any, ...], selected: Callable[[Any], Select[Any]], below: Below | None) -> Select[Any]:
    def part(nth: int, shape: Any) -> Select[Any]:
        total, statement = func.count().label("total"), selected(shape)
        if getattr(shape, "of", None) is None:
            which = bindparam(f"which_{nth}", None, type_=Integer).label("which")
            columns: Sequence[Any] = (which, total)
            return statement.with_only_columns(*columns, maintain_column_froms=True)
        assert below is not None
        parents = _parents(nth)
        statement = statement.where(below(parents.c.of)).with_only_columns(total, maintain_column_froms=True)
        one = statement.lateral()
        counted: Select[Any] = select(parents.c.which, one.c.total).join(one, true())
        return counted

    parts = [part(nth, shape) for nth, shape in enumerate(shapes)]
    every: Select[Any] = parts[0] if len(parts) == 1 else select(union_all(*parts).subquery())
    return every


@lru_cache(maxsize=256)
def _paged(
    shapes: tuple[Any, ...],
    selected: Callable[[Any], Select[Any]],
    sort: Callable[[Any], Sort],
    number: Any,
    below: Below | None,
) -> Select[Any]:
    def part(nth: int, shape: Any) -> Select[Any]:
        if getattr(shape, "of", None) is None:
            which = bindparam(f"which_{nth}", None, type_=Integer).label("which")
            return part_of(selected(shape), sort(shape), number, shape).add_columns(which)
        assert below is not None
        parents = _parents(nth)
        one = part_of(selected(shape).where(below(parents.c.of)), sort(shape), number, shape).lateral()
        return select(*one.c, parents.c.which).select_from(parents).join(one, true())

    parts = [part(nth, shape) for nth, shape in enumerate(shapes)]
    if len(parts) == 1 and getattr(shapes[0], "of", None) is None:
        return parts[0]
    every = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery()
    return select(every).order_by(every.c.which, every.c.place)


def part_of(statement: Select[Any], sort: Sort, number: Any, query: Any) -> Select[Any]:
    """The rows of one page. One row more than asked for says whether the list goes on."""
    expression, descending = sort
    window: Window = query.window
    key = tuple_(expression, number)
    kind = Text() if isinstance(expression.type, NullType) else expression.type
    for bound, behind in ((window.after, True), (window.before, False)):
        if bound is not None:
            values = tuple_(cast(literal(bound[0], Text), kind), literal(int(bound[1]), Integer))
            statement = statement.where(key < values if behind is descending else key > values)
    down = descending is not window.backward
    order = (expression.desc(), number.desc()) if down else (expression, number)
    place = func.row_number().over(order_by=order).label("place")
    return (
        statement.add_columns(cast(expression, Text).label("sort_key"), place).order_by(*order).limit(window.size + 1)
    )


def _page(query: Any, rows: list[Any], made: Callable[[Any], Fact]) -> Page[Fact]:
    window: Window = query.window
    more = len(rows) > window.size
    rows = rows[: window.size]
    if window.backward:
        rows.reverse()
    return Page(
        tuple(made(row) for row in rows),
        tuple((row.sort_key, str(row.id)) for row in rows),
        has_next=window.before is not None if window.backward else more,
        has_previous=more if window.backward else window.after is not None,
        query=query,
    )
