"""Reads of moving names: which model a route or a spelling meant on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, union

from db.reader import Reader
from db.reads import grouped, models_by_id, models_by_ref, spelled
from db.rows import route_of, routes_selected
from db.tables import MovingTargetRow, RouteRow, SubjectRow
from domain import aliases, facts
from domain.identity import CONFIDENCE, Method

Key = TypeVar("Key")
_TARGET = MovingTargetRow


def _holds(day: date) -> ColumnElement[bool]:
    return and_(_TARGET.since <= day, or_(_TARGET.until.is_(None), _TARGET.until >= day))


async def routes_on(reader: Reader, model_ids: Collection[int], day: date) -> Mapping[int, tuple[facts.Route, ...]]:
    """All routes of each model as they were on a day: those under a moving name belong to the model that it meant then."""
    moves = exists().where(SubjectRow.route_id == RouteRow.id, SubjectRow.id == _TARGET.subject_id)
    pointing = (
        select(
            *(SubjectRow.route_id, func.max(_TARGET.model_id).label("model_id")),
            func.bool_or(_TARGET.first_party).label("first_party"),
        )
        .join(_TARGET, _TARGET.subject_id == SubjectRow.id)
        .where(_holds(day), _TARGET.model_id.in_(model_ids), SubjectRow.route_id.is_not(None))
        .group_by(SubjectRow.route_id)
        .cte("pointing")
    )
    own = select(RouteRow.id).where(RouteRow.model_id.in_(model_ids), ~moves)
    rows = await reader.execute(
        routes_selected()
        .add_columns(
            func.coalesce(pointing.c.model_id, RouteRow.model_id).label("on_the_day"),
            func.coalesce(pointing.c.first_party, RouteRow.first_party).label("own"),
            pointing.c.model_id.is_not(None).label("pointed"),
        )
        .outerjoin(pointing, pointing.c.route_id == RouteRow.id)
        .where(RouteRow.id.in_(union(own, select(pointing.c.route_id))))
        .order_by(RouteRow.output_mtok.asc().nulls_last(), RouteRow.id)
    )
    return grouped(
        model_ids,
        (
            (row.on_the_day, linked(replace(route_of(row), first_party=row.own), row.on_the_day, by_name=row.pointed))
            for row in rows
        ),
    )


def linked(route: facts.Route, model_id: int | None, *, by_name: bool) -> facts.Route:
    """The route as that of a model that it meant. By a moving name it is linked as such, whatever it is linked by today."""
    if not by_name:
        return replace(route, model_id=model_id)
    return replace(
        route, model_id=model_id, link_method=Method.ALIAS.value, link_confidence=Decimal(str(CONFIDENCE[Method.ALIAS]))
    )


async def models_meant(reader: Reader, route_ids: Collection[int], day: date) -> Mapping[int, int | None]:
    """The model that each route under a moving name meant on a day, None where that is not known; other routes are absent."""
    rows = await reader.execute(
        select(SubjectRow.route_id, func.max(_TARGET.model_id).filter(_holds(day)))
        .join(_TARGET, _TARGET.subject_id == SubjectRow.id)
        .where(SubjectRow.route_id.in_(route_ids))
        .group_by(SubjectRow.route_id)
    )
    return {row[0]: row[1] for row in rows}


async def as_meant(reader: Reader, routes: Mapping[Key, facts.Route], day: date) -> Mapping[Key, facts.Route]:
    """Routes as those of the models that they meant on a day."""
    meant = await models_meant(reader, [route.id for route in routes.values()], day)
    return {
        key: linked(route, meant[route.id], by_name=meant[route.id] is not None) if route.id in meant else route
        for key, route in routes.items()
    }


async def pointed_by_route(reader: Reader, route_ids: Collection[int]) -> Mapping[int, tuple[aliases.Pointed, ...]]:
    """Where the name of each route has pointed, the oldest first; empty where it is no moving name."""
    rows = await reader.execute(
        select(SubjectRow.route_id, _TARGET.since, _TARGET.until, _TARGET.model_id)
        .join(_TARGET, _TARGET.subject_id == SubjectRow.id)
        .where(SubjectRow.route_id.in_(route_ids))
        .order_by(SubjectRow.route_id, _TARGET.since)
    )
    models = await models_by_id(reader, {row.model_id for row in rows if row.model_id}) if rows else {}
    found: dict[int, dict[date, aliases.Pointed]] = {id_: {} for id_ in route_ids}
    for row in rows:  # all sources of a route spell its name alike, so their targets are the same
        found[row.route_id][row.since] = aliases.Pointed(models.get(row.model_id), row.since, row.until)
    return {id_: tuple(by_day.values()) for id_, by_day in found.items()}


async def models_by_ref_on(reader: Reader, refs: Collection[str], day: date) -> Mapping[str, facts.Model]:
    """As `reads.models_by_ref`, but a moving name means what it meant on the day; a ref is absent where that is not known."""
    found = dict(await models_by_ref(reader, refs))
    moved = await _meant(reader, refs, found, day)
    models = await models_by_id(reader, {id_ for id_ in moved.values() if id_ is not None}) if moved else {}
    for ref, id_ in moved.items():
        found.pop(ref, None)
        if id_ is not None:
            found[ref] = models[id_]
    return found


async def _meant(
    reader: Reader, refs: Collection[str], newest: Mapping[str, facts.Model], day: date
) -> Mapping[str, int | None]:
    """What those refs meant on the day that are moving names today: whose newest target is what they are taken for."""
    id_ = func.lower(SubjectRow.native_id)
    name = func.regexp_replace(id_, "^.*/", "")
    keys = sorted({key for ref in refs for key in spelled(ref)})
    rows = await reader.execute(
        select(
            *(id_, name),
            func.array_agg(func.coalesce(_TARGET.model_id, 0).distinct()).filter(_TARGET.until.is_(None)),
            func.array_agg(_TARGET.model_id.distinct()).filter(_holds(day), _TARGET.model_id.is_not(None)),
        )
        .join(_TARGET, _TARGET.subject_id == SubjectRow.id)
        .where(or_(id_.in_(keys), name.in_(keys)))
        .group_by(id_, name)
    )
    now: dict[str, set[int]] = defaultdict(set)
    then: dict[str, set[int]] = defaultdict(set)
    for whole, last, targets, on_the_day in rows:
        for key in (whole, last):
            now[key].update(targets)
            then[key].update(on_the_day or ())
    moved: dict[str, int | None] = {}
    for ref in refs:
        taken = newest[ref].id if ref in newest else 0
        key = next((key for key in spelled(ref) if now.get(key) == {taken}), None)
        if key is not None and (ref not in newest or newest[ref].slug != key):
            moved[ref] = next(iter(then[key])) if len(then[key]) == 1 else None
    return moved
