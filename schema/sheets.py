"""The price sheets of a route: those of today, of another day, or of a moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from domain.facts import Route
from domain.sheets import held, held_at
from schema.errors import bad_input
from schema.groups import Group
from schema.look import Look
from schema.needs import Need

OnArgument = Annotated[
    date | None,
    strawberry.argument(
        description="Another day than today. Before the first day that is stated or observed nothing is known."
    ),
]
AtArgument = Annotated[
    datetime | None,
    strawberry.argument(
        description="A moment instead of a day: only the sheets whose hours hold then, and those of which that cannot be told "
        "because their calendar of holidays does not reach so far."
    ),
]


def _then(given: Mapping[str, Any]) -> bool:
    return given.get("on") is not None or given.get("at") is not None


SHEETS = (
    Need(Group.PRICES, lambda route, given: () if _then(given) else (route.id,)),
    Need(Group.PRICE_HISTORY, lambda route, given: (route.id,) if _then(given) else ()),
)


def sheets_asked(seen: Look, route: Route, given: Mapping[str, Any]) -> Any:
    """The sheets of the day or moment that is given. Raises BAD_USER_INPUT where both are."""
    on, at = given.get("on"), given.get("at")
    if on is not None and at is not None:
        raise bad_input("Ask for the prices `on` a day or `at` a moment, not for both.")
    if on is not None:
        return held(seen.get(Group.PRICE_HISTORY, route.id) or (), on)
    if at is not None:
        return held_at(seen.get(Group.PRICE_HISTORY, route.id) or (), at)
    return seen.get(Group.PRICES, route.id) or ()
