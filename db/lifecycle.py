"""Announced shutdowns of models and of routes as one list, and what is named instead of models."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, Row, Select, Text, literal_column, or_, select, union_all

from db.lists import models_named
from db.pages import Sort, counts, pages
from db.queries import Page, RetirementQuery
from db.reader import Reader
from db.reads import grouped
from db.rows import model_of, models_selected
from db.tables import LabRow, ModelRow, ProviderRow, RouteRow, SuccessorRow
from domain.dates import Announced, DatePrecision
from domain.facts import FactRef, Lifecycle
from domain.lifecycle import Retirement, Succession, Successor, SuccessorKind, reached

_MODELS = select(
    # Numbers of models are even here and those of routes odd, so that none is twice. They are written out, as the index has them.
    literal_column("model.id * 2", Integer).label("id"),
    literal_column("'model'", Text).label("kind"),
    ModelRow.id.label("about"),
    ModelRow.slug.label("of"),
    ModelRow.id.label("model_id"),
    literal_column("null::integer", Integer).label("provider_id"),
    *(ModelRow.lifecycle, ModelRow.deprecated_on, ModelRow.deprecated_precision),
    *(ModelRow.retires_on, ModelRow.retires_precision),
)
_ROUTES = select(
    literal_column("route.id * 2 + 1", Integer).label("id"),
    literal_column("'route'", Text).label("kind"),
    RouteRow.id.label("about"),
    RouteRow.key.label("of"),
    RouteRow.model_id.label("model_id"),
    RouteRow.provider_id.label("provider_id"),
    *(RouteRow.lifecycle, RouteRow.deprecated_on, RouteRow.deprecated_precision),
    *(RouteRow.retires_on, RouteRow.retires_precision),
)
# Without conditions of their own, as PostgreSQL then reads both by their indexes in the order of the whole, a page and no more.
_RETIRING: Any = union_all(_MODELS, _ROUTES).subquery("retiring").c


async def retirements(reader: Reader, queries: Sequence[RetirementQuery]) -> Mapping[RetirementQuery, Page[Retirement]]:
    """Pages of announced shutdowns."""
    return await pages(reader, queries, _retirements, _by_day, _RETIRING.id, _retirement)


async def count_retirements(reader: Reader, queries: Sequence[RetirementQuery]) -> Mapping[RetirementQuery, int]:
    """How many announced shutdowns the conditions match, whatever the page."""
    return await counts(reader, queries, _retirements)


def _retirements(query: RetirementQuery) -> Select[Any]:
    row = _RETIRING
    found = select(*row).where(row.retires_on.between(query.first_day, query.last_day))
    if query.of_routes is not None:
        found = found.where(row.kind == ("route" if query.of_routes else "model"))
    if query.models:
        found = found.where(row.model_id.in_(models_named(query.models)))
    if query.labs:
        made = select(ModelRow.id).join(LabRow, LabRow.id == ModelRow.lab_id)
        found = found.where(row.model_id.in_(made.where(LabRow.slug.in_([lab.lower() for lab in query.labs]))))
    if query.providers:
        wanted = [provider.lower() for provider in query.providers]
        named = or_(ProviderRow.slug.in_(wanted), ProviderRow.group.in_(wanted))
        found = found.where(row.provider_id.in_(select(ProviderRow.id).where(named)))
    if query.precisions:
        found = found.where(row.retires_precision.in_([precision.value for precision in query.precisions]))
    return found


def _by_day(_: RetirementQuery) -> Sort:
    return _RETIRING.retires_on, False


def _retirement(row: Row[*tuple[Any, ...]]) -> Retirement:
    def day(which: str) -> Announced | None:
        on = getattr(row, f"{which}_on")
        return None if on is None else Announced(on, DatePrecision(getattr(row, f"{which}_precision")))

    retires = day("retires")
    assert retires is not None  # the list has no others
    return Retirement(
        id=row.id,
        fact=FactRef(row.kind, row.about, "retires_on"),
        of=row.of,
        stated=Lifecycle(row.lifecycle),
        deprecated=day("deprecated"),
        retires=retires,
        model_id=row.model_id,
    )


_SUCCESSOR = (
    *(SuccessorRow.id, SuccessorRow.model_id, SuccessorRow.kind, SuccessorRow.spelling, SuccessorRow.target_id),
    SuccessorRow.source_id,
)


def _successor(row: Row[*tuple[Any, ...]]) -> Successor:
    return Successor(row.id, row.model_id, SuccessorKind(row.kind), row.spelling, row.target_id, row.source_id)


async def succession(reader: Reader, model_ids: Collection[int]) -> Succession:
    """What can be reached from the models by successors, with all models on the way: two statements, however long the ways are.
    The first one reads every successor, of which there are some hundreds."""
    row = SuccessorRow
    rows = await reader.execute(select(*_SUCCESSOR).order_by(row.model_id, row.kind, row.place))
    made = [_successor(row) for row in rows]
    every = Succession(grouped({each.model_id for each in made}, ((each.model_id, each) for each in made)))
    there = reached(every, model_ids)
    found = await reader.execute(models_selected().where(ModelRow.id.in_(sorted(there.successors))))
    return Succession(there.successors, {row.id: model_of(row) for row in found})
