"""Which models stand near one in the catalogue: the candidates of "continue comparing"."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import aliased

from db.reader import Reader
from db.reads import grouped, model_of, models_selected
from db.tables import ModelRow
from domain import facts

NEAR = 40
"""So many models around one are looked at."""


async def models_near(reader: Reader, model_ids: Collection[int]) -> Mapping[int, tuple[facts.Model, ...]]:
    """Served models around each: of its family, else of its lab, else made for the same, the most served first."""
    one, other = aliased(ModelRow), ModelRow
    shared = case((one.family == other.family, 2), else_=0) + case((one.lab_id == other.lab_id, 1), else_=0)
    place = func.row_number().over(partition_by=one.id, order_by=(shared.desc(), other.provider_count.desc(), other.id))
    ranked = (
        select(one.id.label("of"), other.id.label("near"), place.label("place"))
        .join(other, and_(other.id != one.id, other.task == one.task, other.route_count > 0))
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
