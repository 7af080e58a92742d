"""Everything that a ranking looks at, in three statements, or four with benchmarks: served models, their live routes, the sheets
that hold.

What already misses two things for certain is left out by the database, because a ranking only counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, literal, or_, select

from db.reader import Reader
from db.reads import (
    model_of,
    models_selected,
    price_of,
    prices_selected,
    route_of,
    routes_selected,
)
from db.results import result_of, results_selected
from db.tables import BenchmarkResultRow, LabRow, LicenseRow, ModelRow, PriceRow, RouteRow
from domain.facts import Contender, Offer
from domain.requirements import Requirements

Rows = Sequence[Row[*tuple[Any, ...]]]
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Read:
    """Rows as they came. Making facts of them takes longer than reading them and needs no database."""

    models: Rows
    routes: Rows
    prices: Rows
    results: Rows
    left_out: int
    """Served models that miss more than one requirement for certain."""

    def contenders(self) -> tuple[Contender, ...]:
        """The models with their live routes and, where they were read, their results."""
        prices = _grouped(self.prices, "route_id", price_of)
        routes = _grouped(self.routes, "model_id", route_of)
        results = _grouped(self.results, "model_id", result_of)
        return tuple(
            Contender(
                model,
                tuple(Offer(route, tuple(prices.get(route.id, ()))) for route in routes.get(model.id, ())),
                tuple(results.get(model.id, ())),
            )
            for model in map(model_of, self.models)
        )


def _grouped(rows: Rows, key: str, made: Callable[[Any], Made]) -> dict[int, list[Made]]:
    found: dict[int, list[Made]] = {}
    for row in rows:
        found.setdefault(getattr(row, key), []).append(made(row))
    return found


async def candidates(reader: Reader, wanted: Requirements, *, on: date, results: bool) -> Read:
    """The models that miss at most one requirement of their own for certain. Whether routes miss one is not decided here: a
    model is judged by the route that suits best."""
    misses = _misses(wanted)
    served = exists().where(RouteRow.model_id == ModelRow.id, RouteRow.live)
    kept = and_(served, misses <= 1)
    models = await reader.execute(
        models_selected().add_columns(_left_out(served, misses)).where(kept).order_by(ModelRow.id)
    )
    chosen = _ids(kept)
    live = and_(RouteRow.live, RouteRow.model_id.in_(chosen))
    routes = await reader.execute(routes_selected().where(live).order_by(RouteRow.id))
    held = and_(
        or_(PriceRow.valid_from.is_(None), PriceRow.valid_from <= on),
        or_(PriceRow.valid_to.is_(None), PriceRow.valid_to > on),
        PriceRow.route_id.in_(select(RouteRow.id).where(live)),
    )
    prices = await reader.execute(prices_selected().where(held))
    scores = await reader.execute(results_selected().where(BenchmarkResultRow.model_id.in_(chosen))) if results else ()
    return Read(models, routes, prices, scores, models[0].left_out if models else 0)


def _ids(kept: ColumnElement[bool]) -> Select[Any]:
    return (
        select(ModelRow.id)
        .outerjoin(LabRow, LabRow.id == ModelRow.lab_id)
        .outerjoin(LicenseRow, LicenseRow.id == ModelRow.license_id)
        .where(kept)
    )


def _left_out(served: ColumnElement[bool], misses: Any) -> Any:
    counted = _ids(and_(served, misses > 1)).subquery()
    return select(func.count()).select_from(counted).scalar_subquery().label("left_out")


def _misses(wanted: Requirements) -> Any:
    """How many requirements a model misses for certain, of those that its routes cannot change; an unknown misses none."""
    found: list[ColumnElement[bool]] = []
    for column, members in (
        (ModelRow.task, wanted.tasks),
        (ModelRow.openness, wanted.openness),
        (ModelRow.commercial_use, wanted.commercial_use),
    ):
        if members:
            found.append(and_(column != "UNKNOWN", column.not_in([each.value for each in members])))
    if wanted.licenses:
        named = or_(func.lower(LicenseRow.key).in_(wanted.licenses), func.lower(LicenseRow.spdx).in_(wanted.licenses))
        found.append(and_(LicenseRow.id.is_not(None), ~func.coalesce(named, False)))
    if wanted.labs or wanted.not_labs:
        inside = LabRow.slug.not_in(wanted.not_labs)
        found.append(
            and_(LabRow.id.is_not(None), ~(and_(inside, LabRow.slug.in_(wanted.labs)) if wanted.labs else inside))
        )
    if wanted.released_after is not None:
        day = wanted.released_after.isoformat()
        coarse = literal(day).startswith(ModelRow.released)
        found.append(and_(ModelRow.released.is_not(None), ModelRow.released <= day, ~coarse))
    total: Any = literal(0)
    for missed in found:
        total = total + case((missed, 1), else_=0)
    return total
