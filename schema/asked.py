"""From the arguments of a root list to its query. The plan and the resolver make it alike, so that they mean the same page.

Every function raises GraphQLError BAD_USER_INPUT, BAD_PAGE or BAD_CURSOR.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from schema.filters import (
    DisputeFilter,
    FactChangeFilter,
    ModelFilter,
    PriceChangeFilter,
    ProviderFilter,
    RouteFilter,
    disputes_asked,
    fact_changes_asked,
    model_order,
    models_asked,
    price_changes_asked,
    providers_asked,
    routes_asked,
)
from schema.orders import ChangeOrder, ModelOrder, ProviderOrder, RouteOrder
from schema.paging import window
from schema.retirements import RetirementFilter, retirements_asked


def models(
    where: ModelFilter | None = None,
    order: ModelOrder | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    return models_asked(where, order, window(model_order(where, order), first, after, last, before))


def routes(
    where: RouteFilter | None = None,
    order: RouteOrder = RouteOrder.CHEAPEST_OUTPUT,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    return routes_asked(where, order, window(order, first, after, last, before))


def providers(
    where: ProviderFilter | None = None,
    order: ProviderOrder = ProviderOrder.NAME,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    return providers_asked(where, order, window(order, first, after, last, before))


def disputes(
    where: DisputeFilter | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    return disputes_asked(where, window("WORST", first, after, last, before))


def price_changes(
    since: date | None = None,
    where: PriceChangeFilter | None = None,
    order: ChangeOrder = ChangeOrder.NEWEST,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    return price_changes_asked(where, since, order, window(order, first, after, last, before))


def fact_changes(
    since: date | None = None,
    where: FactChangeFilter | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    return fact_changes_asked(where, since, window("RECORDED", first, after, last, before))


def retirements(
    from_: date,
    to: date,
    where: RetirementFilter | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    return retirements_asked(from_, to, where, window("RETIREMENT", first, after, last, before))
