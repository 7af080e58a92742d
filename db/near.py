"""Which models stand near one in the catalogue: the candidates of "continue comparing"."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, any_, bindparam, case, func, or_, select, true, union
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from db.reader import Reader
from db.reads import NUMBERS, grouped, prices_by_route
from db.rows import model_of, models_selected, route_of, routes_selected
from db.tables import ModelRow, PriceRow, RouteRow
from domain import facts
from domain.tasks import PROMPT_ONLY

NEAR = 40
"""So many models around one are looked at."""


async def models_near(reader: Reader, model_ids: Collection[int]) -> Mapping[int, tuple[facts.Model, ...]]:
    """Served models around each: of its family, else of its lab, else made for the same, the most served first."""
    rows = await reader.fetch(_models_near(), ids=list(model_ids))
    return grouped(model_ids, ((row["of"], model_of(row)) for row in rows))


@cache
def _models_near() -> Select[*tuple[Any, ...]]:
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
        .where(one.id == any_(NUMBERS))
        .subquery()
    )
    return (
        models_selected()
        .add_columns(ranked.c.of)
        .join(ranked, ranked.c.near == ModelRow.id)
        .where(ranked.c.place <= NEAR)
        .order_by(ranked.c.of, ranked.c.place)
    )


async def lowest_offers(
    reader: Reader, model_ids: Collection[int], *, on: date
) -> Mapping[int, tuple[facts.Offer, ...]]:
    """Of each model the live offers that may have its lowest price on a day, few of what may be hundreds, in the order of all: two
    statements. Which of them has it `cells.lowest_price` says, as of all offers."""
    rows = await reader.fetch(_lowest_routes(), ids=list(model_ids), day=on)
    routes = [route_of(row) for row in rows]
    prices = await prices_by_route(reader, [route.id for route in routes], on=on) if routes else {}
    return grouped(model_ids, ((route.model_id, facts.Offer(route, prices[route.id])) for route in routes))


@cache
def _lowest_routes() -> Select[*tuple[Any, ...]]:
    return (
        routes_selected()
        .where(RouteRow.id.in_(_may_be_lowest()))
        .order_by(RouteRow.output_mtok.asc().nulls_last(), RouteRow.id)
    )


def _may_be_lowest() -> Select[Any]:
    """Routes that ask no more than the cheapest one of which it is certain that it competes."""
    day: Any = bindparam("day", type_=Date)
    prompt_only = or_(*(ModelRow.task == task for task in PROMPT_ONLY))
    sheet = (
        select(
            *(RouteRow.id, RouteRow.model_id, RouteRow.variant, PriceRow.suspicious),
            *(PriceRow.input_mtok, PriceRow.output_mtok),
            case((prompt_only, PriceRow.input_mtok), else_=PriceRow.output_mtok).label("amount"),
        )
        .ext(distinct_on(RouteRow.id))
        .join(ModelRow, ModelRow.id == RouteRow.model_id)
        .join(PriceRow, PriceRow.route_id == RouteRow.id)
        .where(
            *(RouteRow.model_id == any_(NUMBERS), RouteRow.live, RouteRow.price_basis == facts.PriceBasis.METERED),
            *(PriceRow.mode == facts.PriceMode.STANDARD, PriceRow.above == 0, PriceRow.currency == "USD"),
            or_(PriceRow.valid_from.is_(None), PriceRow.valid_from <= day),
            or_(PriceRow.valid_to.is_(None), PriceRow.valid_to > day),
        )
        .order_by(RouteRow.id, PriceRow.id.desc())
        .subquery()
    )
    certain = and_(
        *(sheet.c.suspicious.is_(None), sheet.c.input_mtok > 0, sheet.c.output_mtok > 0, sheet.c.amount > 0),
        sheet.c.variant == [],
    )
    least = func.min(sheet.c.amount).filter(certain).over(partition_by=sheet.c.model_id)
    asked = select(sheet.c.id, sheet.c.amount, least.label("least")).subquery()
    return select(asked.c.id).where(or_(asked.c.least.is_(None), asked.c.amount <= asked.c.least))


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
