"""Which models stand near one in the catalogue: the candidates of "continue comparing"."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select, true, union
from sqlalchemy.orm import aliased

from db.reader import Reader
from db.reads import grouped
from db.rows import model_of, models_selected
from db.tables import ModelRow
from domain import facts

NEAR = 40
"""So many models around one are looked at."""


async def models_near(reader: Reader, model_ids: Collection[int]) -> Mapping[int, tuple[facts.Model, ...]]:
    """Served models around each: of its family, else of its lab, else made for the same, the most served first."""
    one = aliased(ModelRow)
    # Whoever is among the first of all is among the first of the most telling thing that it shares: three short lists, each by
    # an index, hold them all.
    around = union(
        _first(one, lambda other: other.family == one.family, by_lab=True),
        _first(one, lambda other: other.lab_id == one.lab_id),
        _first(one, lambda _: true()),
    ).lateral()
    place = func.row_number().over(
        partition_by=one.id, order_by=(around.c.shared.desc(), around.c.provider_count.desc(), around.c.id)
    )
    ranked = (
        select(one.id.label("of"), around.c.id.label("near"), place.label("place"))
        .join(around, true())
        .where(one.id.in_(model_ids))
        .subquery()
    )
    rows = await reader.execute(
        models_selected()
        .add_columns(ranked.c.of)
        .join(ranked, ranked.c.near == ModelRow.id)
        .where(ranked.c.place <= NEAR)
        .order_by(ranked.c.of, ranked.c.place)
    )
    return grouped(model_ids, ((row.of, model_of(row)) for row in rows))


def _first(one: Any, alike: Callable[[Any], ColumnElement[bool]], *, by_lab: bool = False) -> Select[Any]:
    """The models most served of those that are like one, at most as many as are looked at in all."""
    other = aliased(ModelRow)
    of_lab = case((one.lab_id == other.lab_id, 1), else_=0)
    shared = case((one.family == other.family, 2), else_=0) + of_lab
    return (
        select(other.id, other.provider_count, shared.label("shared"))
        .where(alike(other), other.id != one.id, other.task == one.task, other.route_count > 0)
        .order_by(*([of_lab.desc()] if by_lab else []), other.provider_count.desc(), other.id)
        .limit(NEAR)
        .correlate(one)
    )
