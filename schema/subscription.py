"""What can be subscribed to. An event is an operation like any other, planned and executed anew: a field is asked from a place, and
shows what a later revision of the catalogue brought; what tells whether there is anything to show is its `Step`.

Nothing is kept for a subscriber between two events but its place, so that one who is slow is told all that it missed at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError

from db.queries import PriceChangeQuery, Window
from schema.changes import PriceChange
from schema.comparison import CatalogRevision
from schema.errors import bad_input
from schema.filters import PriceChangeFilter, price_changes_asked
from schema.groups import ALL, Group
from schema.look import Info, Look, look
from schema.needs import Need, needs
from schema.orders import ChangeOrder
from schema.paging import MOST

MOST_REPLAYED = 1_000
"""Changes that a subscriber is told at once, in several events; who missed more reads them in pages."""

Resumed = Annotated[
    int | None,
    strawberry.argument(
        description="The last revision that you know: what came after it is told at once, then what is new. Without it only what is new."
    ),
]


@dataclass(frozen=True, slots=True)
class Place:
    """How far a subscriber was told: all of `revision` (None: nothing was asked yet), and of what came later all up to the row
    that `key` is the key of."""

    revision: int | None = None
    key: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Whether there is something to tell at a place, where its subscriber stands then, and whether there is more already."""

    news: bool
    place: Place
    more: bool = False


@strawberry.type(description="Prices that became other ones.")
class PricesChanged:
    revision: int = strawberry.field(
        description="All changes up to this catalogue revision were told: give it as `after` to go on from here."
    )
    more: bool = strawberry.field(
        description="Whether the next event goes on with what came after the same revision; then `revision` is still the former one."
    )
    changes: list[PriceChange] = strawberry.field(
        description=f"The changes, at most {MOST}, in the order in which they were recorded."
    )


def _since(place: Place, after: int | None) -> int | None:
    return after if place.revision is None else place.revision


def _newest(seen: Look) -> int:
    """The revision that answers; 0 before the first ingest."""
    found = seen.get(Group.REVISION, ALL)
    return 0 if found is None else int(found.number)


def _begun(place: Place, after: int | None, newest: int) -> int:
    """After which revision to look. Raises GraphQLError BAD_USER_INPUT where the catalogue has not come so far."""
    since = _since(place, after)
    if place.revision is None and since is not None and not 0 <= since <= newest:
        raise bad_input(f"`after` is a revision that was there, 0 to {newest}, not {since}.")
    return newest if since is None else since


def _revised(seen: Look, place: Place, given: Mapping[str, Any]) -> Step:
    newest = _newest(seen)
    return Step(newest > _begun(place, given.get("after"), newest), Place(newest))


_LAST = 2**31 - 1
"""No revision comes after it. Who says after none is told nothing yet, but already where the conditions name what nobody has."""


def _query(place: Place, where: PriceChangeFilter | None = None, after: int | None = None) -> PriceChangeQuery | None:
    """The next page for a subscriber; None where the revision cannot be one. Raises GraphQLError BAD_USER_INPUT."""
    asked = price_changes_asked(where, None, ChangeOrder.RECORDED, Window(MOST, after=place.key))
    since = _since(place, after)
    if since is None:
        since = _LAST
    if not 0 <= since <= _LAST:
        return None
    return replace(asked, after_revision=max(since, asked.after_revision or 0))


def _page(place: Place, given: Mapping[str, Any]) -> tuple[PriceChangeQuery, ...]:
    query = _query(place, **given)
    return () if query is None else (query,)


def _whole(place: Place, given: Mapping[str, Any]) -> tuple[PriceChangeQuery, ...]:
    """What is to be counted: all that is to be told, before the first page of it is."""
    return _page(place, given) if place.key is None else ()


def _told(seen: Look, place: Place, given: Mapping[str, Any]) -> PricesChanged:
    query = _query(place, **given)
    newest = _newest(seen)
    page = None if query is None else seen.get(Group.PRICE_CHANGE_LIST, query)
    if page is None:
        return PricesChanged(revision=newest, more=False, changes=[])
    known = _begun(place, given.get("after"), newest) if page.has_next else newest
    return PricesChanged(revision=known, more=page.has_next, changes=list(page.items))


def _changed(seen: Look, place: Place, given: Mapping[str, Any]) -> Step:
    query = _query(place, **given)
    newest = _newest(seen)
    since = _begun(place, given.get("after"), newest)
    if query is None:
        return Step(False, Place(newest))
    page = seen.get(Group.PRICE_CHANGE_LIST, query)
    if place.key is None and (missed := seen.get(Group.PRICE_CHANGE_COUNT, query)) > MOST_REPLAYED:
        raise GraphQLError(
            f"{missed:,} changes came after revision {since}, and at most {MOST_REPLAYED:,} are told at once: read them with "
            f"priceChanges(where: {{afterRevision: {since}}}, order: RECORDED, after: …), then subscribe with after: {newest}.",
            extensions={"code": "TOO_FAR_BEHIND", "afterRevision": since, "revision": newest},
        )
    if page.has_next:
        return Step(True, Place(since, page.keys[-1]), more=True)
    return Step(bool(page.items), Place(newest))


STEPS: Mapping[str, Callable[[Look, Place, Mapping[str, Any]], Step]] = {
    "catalogRevised": _revised,
    "priceChanged": _changed,
}
"""Of each field that can be subscribed to. They raise what ends a subscription."""


_REVISION = Need(Group.REVISION, lambda *_: (ALL,))


@strawberry.type(
    description="What can be subscribed to, over WebSocket (graphql-transport-ws) or as server-sent events. Nothing is told twice for being "
    "slow: who falls behind is told the newest state, and all changes that it missed."
)
class Subscription:
    @strawberry.field(
        description="The newest state of the catalogue, whenever there is another one. Of several that came meanwhile the last one is told; "
        "`factChanges(where: {afterRevision: …})` and `priceChanges` say what each brought.",
        metadata=needs(_REVISION, to=lambda seen, _, __: [seen.get(Group.REVISION, ALL)]),
    )
    def catalog_revised(self: Any, info: Info, after: Resumed = None) -> CatalogRevision:
        return look(info).get(Group.REVISION, ALL)

    @strawberry.field(
        description="Changes of prices, as soon as a catalogue revision has them.",
        metadata=needs(
            _REVISION,
            Need(Group.PRICE_CHANGE_LIST, _page),
            Need(Group.PRICE_CHANGE_COUNT, _whole),
            to=lambda seen, place, given: [_told(seen, place, given)],
        ),
    )
    def price_changed(
        self: Any,
        info: Info,
        where: Annotated[
            PriceChangeFilter | None, strawberry.argument(description="Which ones; without it all.")
        ] = None,
        after: Resumed = None,
    ) -> PricesChanged:
        return _told(look(info), self, {"where": where, "after": after})
