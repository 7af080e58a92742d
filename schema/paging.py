"""Connections by keyset: a cursor is the place of a row in a named order, so that pages neither repeat nor skip rows when the
catalogue grows between them.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from graphql import GraphQLError

from db.queries import (
    DisputeQuery,
    FactChangeQuery,
    ModelQuery,
    Page,
    PriceChangeQuery,
    ProviderQuery,
    RetirementQuery,
    RouteQuery,
    RoutesOf,
    Window,
)
from domain.plain_json import read_json
from schema.groups import Group
from schema.look import Info, Look, look
from schema.needs import Keys, Need, needs

Item = TypeVar("Item")
MOST, USUAL = 100, 20
MOST_ROUTES = 300
"""Of one model in a list without pages: more than any model has."""

First = Annotated[
    int | None,
    strawberry.argument(description=f"So many from the front, at most {MOST}. Without `first` and `last`: {USUAL}."),
]
After = Annotated[str | None, strawberry.argument(description="Only what comes after this cursor.")]
Last = Annotated[
    int | None, strawberry.argument(description=f"So many from the end, at most {MOST}. Not with `first`.")
]
Few = Annotated[int, strawberry.argument(description=f"At most so many, {MOST} at most.")]
FewRoutes = Annotated[int, strawberry.argument(description=f"At most so many routes, {MOST_ROUTES} at most.")]
"""Of lists that have no pages: `page_size` checks them."""
Before = Annotated[str | None, strawberry.argument(description="Only what comes before this cursor.")]


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there is more before this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first item; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last item; null on an empty page.")


def cursor(order: str, key: Sequence[str]) -> str:
    """The cursor of a row: its sort keys in the order's name, as `db.straight` writes them too."""
    return urlsafe_b64encode(json.dumps([order, *key], ensure_ascii=False).encode()).decode().rstrip("=")


def _bound(text: str | None, order: str) -> tuple[str, ...] | None:
    if text is None:
        return None
    try:
        named, *key = read_json(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        fits = named == order and len(key) == 2 and all(isinstance(part, str) for part in key) and _is_number(key[1])
    except (ValueError, TypeError):
        fits = False
    if not fits:
        raise GraphQLError(
            f"{text[:80]!r} is not a cursor of this list in the order {order}; take it from pageInfo or an edge.",
            extensions={"code": "BAD_CURSOR"},
        )
    return tuple(key)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) < 2**31


def page_size(items: int | None, most: int = MOST) -> int:
    """The size of a page. Raises GraphQLError BAD_PAGE."""
    if items is None or not 0 <= items <= most:
        raise GraphQLError(f"A page has 0 to {most} items, not {items}.", extensions={"code": "BAD_PAGE"})
    return items


def window(order: str, first: int | None, after: str | None, last: int | None, before: str | None) -> Window:
    """The checked paging arguments. Raises GraphQLError BAD_PAGE or BAD_CURSOR."""
    if first is not None and last is not None:
        raise GraphQLError("Ask for `first` or for `last`, not for both.", extensions={"code": "BAD_PAGE"})
    size = USUAL if first is None and last is None else (first if last is None else last)
    return Window(page_size(size), last is not None, _bound(after, order), _bound(before, order))


@dataclass(frozen=True, slots=True)
class Listed(Generic[Item]):
    """The source of a connection: a page that is in hand with the total of its list, or a query, of which page and total are
    each read only where they are selected."""

    order: str
    query: Any = None
    page: Page[Item] | None = None
    total: int | None = None

    @classmethod
    def asked(cls, query: Any) -> Listed[Item]:
        """A list that is read by its query."""
        return cls(query.order, query)

    def read(self, seen: Look) -> Page[Item]:
        """The page. Raises what its read was refused with."""
        if self.page is not None:
            return self.page
        found: Page[Item] = seen.get(_LISTS[type(self.query)], self.query)
        return found


def page_of(items: Sequence[Item], order: str, within: Window) -> Listed[Item]:
    """A page of a list that is in hand, in its own order. Raises GraphQLError BAD_CURSOR where the bound has left the list."""
    numbers = [str(item.id) for item in items]  # type: ignore[attr-defined]

    def place(bound: tuple[str, ...]) -> int:
        try:
            return numbers.index(bound[1])
        except ValueError:
            raise GraphQLError("What this cursor names has left the list.", extensions={"code": "BAD_CURSOR"}) from None

    start = place(within.after) + 1 if within.after is not None else 0
    stop = max(start, place(within.before)) if within.before is not None else len(items)
    size = min(within.size, stop - start)
    start, end = (stop - size, stop) if within.backward else (start, start + size)
    page = Page(
        tuple(items[start:end]),
        tuple(("", number) for number in numbers[start:end]),
        has_next=end < len(items),
        has_previous=start > 0,
    )
    return Listed(order, page=page, total=len(items))


def _items(seen: Look, listed: Any, _: Any) -> Sequence[Any]:
    return listed.read(seen).items


@strawberry.type(description="One item of a list with its place.")
class Edge(Generic[Item]):
    cursor: str = strawberry.field(description="The item's place, for `after` and `before`.")
    node: Item = strawberry.field(description="The item.", metadata=needs(to=_items))


_LISTS: Mapping[type, Group] = {
    ModelQuery: Group.MODEL_LIST,
    RouteQuery: Group.ROUTE_LIST,
    RoutesOf: Group.FIRST_ROUTES,
    ProviderQuery: Group.PROVIDER_LIST,
    DisputeQuery: Group.DISPUTE_LIST,
    PriceChangeQuery: Group.PRICE_CHANGE_LIST,
    FactChangeQuery: Group.FACT_CHANGE_LIST,
    RetirementQuery: Group.RETIREMENT_LIST,
}
_COUNTS: Mapping[type, Group] = {
    ModelQuery: Group.MODEL_COUNT,
    RouteQuery: Group.ROUTE_COUNT,
    RoutesOf: Group.ROUTES_COUNT,
    ProviderQuery: Group.PROVIDER_COUNT,
    DisputeQuery: Group.DISPUTE_COUNT,
    PriceChangeQuery: Group.PRICE_CHANGE_COUNT,
    FactChangeQuery: Group.FACT_CHANGE_COUNT,
    RetirementQuery: Group.RETIREMENT_COUNT,
}


def _of(kind: type) -> Keys:
    return lambda listed, _: (listed.query,) if isinstance(listed.query, kind) else ()


_PAGES = tuple(Need(group, _of(kind)) for kind, group in _LISTS.items())


@strawberry.type(description="A page of a list.")
class Connection(Generic[Item]):
    @strawberry.field(description="The items of the page.", metadata=needs(*_PAGES, to=_items, one_of=True))
    def nodes(self: Any, info: Info) -> list[Item]:
        return self.read(look(info)).items

    @strawberry.field(description="The items of the page, each with its cursor.", metadata=needs(*_PAGES, one_of=True))
    def edges(self: Any, info: Info) -> list[Edge[Item]]:
        page = self.read(look(info))
        pairs = zip(page.keys, page.items, strict=True)
        return [Edge(cursor=cursor(self.order, key), node=item) for key, item in pairs]

    @strawberry.field(description="Where the page stands in its list.", metadata=needs(*_PAGES, one_of=True))
    def page_info(self: Any, info: Info) -> PageInfo:
        page = self.read(look(info))
        cursors = [cursor(self.order, key) for key in (page.keys[:1] + page.keys[-1:])]
        return PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )

    @strawberry.field(
        description="How many items the whole list has; counted only when asked for. Of a list at the root that costs 5 points.",
        metadata=needs(*(Need(group, _of(kind)) for kind, group in _COUNTS.items()), one_of=True),
    )
    def total_count(self: Any, info: Info) -> int:
        if self.total is not None:
            return self.total
        return look(info).get(_COUNTS[type(self.query)], self.query)
