"""The routes of a model, page by page: the beginning of the list is read alone, any other page is taken from the whole list."""

from __future__ import annotations

from db.queries import RoutesOf
from domain.facts import Model, Route
from schema.groups import Group
from schema.look import Look
from schema.needs import Need, needs
from schema.paging import Listed, page_of, window


def _first_of(
    model: Model,
    live: bool | None = True,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> RoutesOf | None:
    """The query of a page that is the beginning of the list, else None."""
    within = window("ROUTES", first, after, last, before)
    in_front = not within.backward and within.after is None and within.before is None
    return RoutesOf(model.id, live, within.size) if in_front else None


def routes_of(
    seen: Look,
    model: Model,
    live: bool | None = True,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Listed[Route]:
    """The page. Raises GraphQLError BAD_PAGE or BAD_CURSOR."""
    if (asked := _first_of(model, live, first, after, last, before)) is not None:
        return Listed.asked(asked)
    routes = [each for each in seen.get(Group.ROUTES, model.id) or () if live is None or each.live is live]
    return page_of(routes, "ROUTES", window("ROUTES", first, after, last, before))


ROUTES = needs(
    Need(Group.ROUTES, lambda model, given: () if _first_of(model, **given) else (model.id,)),
    to=lambda seen, model, given: [routes_of(seen, model, **given)],
)
"""Metadata of the field."""
