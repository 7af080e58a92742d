"""Everything that a ranking looks at: served models with their live routes, and those that their labs have retired; the sheets
that hold on a day; their results.

One catalogue revision on one day is read once, in five statements, and kept until another one answers: reading it and making
facts of it takes far longer than any rule that looks at them. Every answer still asks, in its own snapshot, which revision it is of.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Row, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from db.reader import Reader
from db.results import result_of, results_selected
from db.rows import model_of, models_selected, price_of, prices_selected, route_of, routes_selected
from db.tables import BenchmarkResultRow, ModelRow, PriceRow, RouteRow
from domain.abilities import Abilities
from domain.facts import Contender, Lifecycle, Offer
from domain.totals import Shapes

Rows = Sequence[Row[*tuple[Any, ...]]]
Made = TypeVar("Made")


@dataclass(slots=True)
class _Rows:
    """Rows as they came."""

    models: Rows
    routes: Rows
    prices: Rows
    results: Rows

    def contenders(self) -> tuple[Contender, ...]:
        prices = _grouped(self.prices, "route_id", price_of)
        routes = _grouped(self.routes, "model_id", route_of)
        results = _grouped(sorted(self.results, key=attrgetter("slug", "id")), "model_id", result_of)
        return tuple(
            Contender(
                model,
                tuple(Offer(route, tuple(prices.get(route.id, ()))) for route in routes.get(model.id, ())),
                tuple(results.get(model.id, ())),
            )
            for model in map(model_of, self.models)
        )


class Candidates:
    """All candidates of one revision on one day."""

    def __init__(self, revision: int | None, on: date, rows: _Rows) -> None:
        self.revision, self.on = revision, on
        self._rows: _Rows | None = rows
        self.shapes, self.abilities = Shapes(remember=True), Abilities(remember=True)

    @cached_property
    def contenders(self) -> tuple[Contender, ...]:
        """The served models with their live routes, with those routes that their labs have retired, and with their results. Made when
        first asked for, which needs no database and is for a thread beside the event loop; two that ask at the same time may both make them."""
        rows = self._rows
        if rows is None:  # another thread was first
            return self.contenders
        made = rows.contenders()
        self.__dict__["contenders"] = made
        self._rows = None
        return made


_KEPT: WeakKeyDictionary[AsyncEngine, Candidates] = WeakKeyDictionary()


def _grouped(rows: Rows, key: str, made: Callable[[Any], Made]) -> dict[int, list[Made]]:
    found: dict[int, list[Made]] = {}
    for row in rows:
        found.setdefault(getattr(row, key), []).append(made(row))
    return found


async def candidates(reader: Reader, on: date) -> Candidates:
    """The candidates of the revision that answers: one statement where they are kept. Without a revision nothing says when
    they change, and nothing is kept."""
    revision = await reader.answering()
    kept = _KEPT.get(reader.engine)
    if kept is not None and (kept.revision, kept.on) == (revision, on):
        return kept
    found = Candidates(revision, on, await _read(reader, on))
    if revision is not None:
        _KEPT[reader.engine] = found
    return found


async def _read(reader: Reader, on: date) -> _Rows:
    served = exists().where(RouteRow.model_id == ModelRow.id, RouteRow.live)
    live = and_(RouteRow.live, RouteRow.model_id.is_not(None))
    retired = and_(RouteRow.first_party, RouteRow.lifecycle == Lifecycle.RETIRED, RouteRow.model_id.is_not(None))
    held = and_(
        or_(PriceRow.valid_from.is_(None), PriceRow.valid_from <= on),
        or_(PriceRow.valid_to.is_(None), PriceRow.valid_to > on),
        PriceRow.route_id.in_(select(RouteRow.id).where(live)),
    )
    scored = BenchmarkResultRow.model_id.in_(select(ModelRow.id).where(served))
    return _Rows(
        await reader.execute(models_selected().where(served).order_by(ModelRow.id)),
        await reader.execute(routes_selected().where(or_(live, retired)).order_by(RouteRow.id)),
        await reader.execute(prices_selected().where(held)),
        await reader.execute(results_selected().where(scored)),
    )
