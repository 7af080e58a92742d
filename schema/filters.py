"""What lists can be asked for. All conditions hold together; a fact that nobody sources matches no condition."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case as camel

from db.queries import (
    DisputeQuery,
    FactChangeQuery,
    ModelQuery,
    PriceChangeQuery,
    ProviderQuery,
    RouteQuery,
    Window,
)
from domain import facts
from domain.changes import ChangeKind
from schema import enums
from schema.errors import bad_input
from schema.orders import ChangeOrder, ModelOrder, ProviderOrder, RouteOrder
from schema.weights import SEARCH

assert enums  # every enumeration is described before an input refers to it
MOST_VALUES, MOST_TEXT = 50, 200


def given(where: Any) -> dict[str, Any]:
    """The conditions of an input as a query takes them. Raises GraphQLError BAD_USER_INPUT for too long ones, limits below
    zero and a span of days that ends before it starts."""
    found: dict[str, Any] = {}
    for name, value in vars(where).items() if where is not None else ():
        if value is None:
            continue
        values = value if isinstance(value, list) else [value]
        if len(values) > MOST_VALUES or any(len(str(each)) > MOST_TEXT for each in values):
            raise bad_input(f"`{camel(name)}` takes at most {MOST_VALUES} values of {MOST_TEXT} characters.")
        if isinstance(value, str) and not value.strip():
            raise bad_input(f"`{camel(name)}` is empty; leave it out.")
        if name.startswith(("min_", "max_")) and not value >= 0:
            raise bad_input(f"`{camel(name)}` is {value}; it takes 0 or more.")
        found[name] = tuple(value) if isinstance(value, list) else value
    first, last = found.get("retires_from"), found.get("retires_to")
    if first is not None and last is not None and first > last:
        raise bad_input(f"`retiresFrom` {first} is after `retiresTo` {last}, so that nothing can match.")
    return found


_SEARCH = f"A search costs {SEARCH} points."
_FLOOR = "At least so many tokens."
_CEILING = "At most so many USD per million tokens at the cheapest metered route."


@strawberry.input(
    description="Which models. Several values of one condition are alternatives unless it says otherwise. A lab or provider that nobody "
    "has is refused with UNKNOWN_LAB or UNKNOWN_PROVIDER."
)
class ModelFilter:
    text: str | None = strawberry.field(
        default=None, description=f"Words of name, slug, lab or family; typos are fine. {_SEARCH}"
    )
    labs: list[str] | None = strawberry.field(
        default=None, description="Made by one of these labs: their slugs, such as `mistral`."
    )
    providers: list[str] | None = strawberry.field(
        default=None, description="Slugs of providers or of the companies behind them, that serve it now."
    )
    families: list[str] | None = strawberry.field(default=None, description="Of one of these families, by name.")
    tasks: list[facts.Task] | None = strawberry.field(default=None, description="Made for one of these tasks.")
    inputs: list[facts.Modality] | None = strawberry.field(default=None, description="It takes all of these as input.")
    outputs: list[facts.Modality] | None = strawberry.field(
        default=None, description="It gives all of these as output. Embedding models are better found by `tasks`."
    )
    capabilities: list[facts.CapabilityKind] | None = strawberry.field(
        default=None, description="It has all of these, as a source says."
    )
    min_context: int | None = strawberry.field(default=None, description=f"Context window. {_FLOOR}")
    min_output: int | None = strawberry.field(default=None, description=f"One answer. {_FLOOR}")
    max_input_price: Decimal | None = strawberry.field(default=None, description=f"Input. {_CEILING}")
    max_output_price: Decimal | None = strawberry.field(default=None, description=f"Output. {_CEILING}")
    licenses: list[str] | None = strawberry.field(default=None, description="Keys or SPDX ids of licences.")
    openness: list[facts.Openness] | None = strawberry.field(
        default=None, description="Open source, open weights or proprietary: any of these."
    )
    commercial_use: list[facts.CommercialUse] | None = strawberry.field(
        default=None, description="Whether you may earn money with it."
    )
    architectures: list[facts.Architecture] | None = strawberry.field(
        default=None, description="Dense, or a mixture of experts."
    )
    released_after: date | None = strawberry.field(
        default=None, description="Released later than this day for certain."
    )
    lifecycles: list[facts.Lifecycle] | None = strawberry.field(
        default=None, description="In one of these stages of its life."
    )
    max_parameters: int | None = strawberry.field(
        default=None, description="At most so many billion parameters in total."
    )
    retires_from: date | None = strawberry.field(
        default=None, description="Announced to be shut down on this day or later."
    )
    retires_to: date | None = strawberry.field(
        default=None, description="Announced to be shut down on this day or before."
    )
    served: bool | None = strawberry.field(default=None, description="Whether some live route serves it.")


@strawberry.input(
    description="Which routes. Several values of one condition are alternatives unless it says otherwise. A lab or provider that nobody "
    "has is refused with UNKNOWN_LAB or UNKNOWN_PROVIDER."
)
class RouteFilter:
    text: str | None = strawberry.field(default=None, description=f"Part of the route's key; typos are fine. {_SEARCH}")
    models: list[str] | None = strawberry.field(default=None, description="Slugs or known spellings of models.")
    labs: list[str] | None = strawberry.field(
        default=None, description="Made by one of these labs: their slugs, such as `mistral`."
    )
    providers: list[str] | None = strawberry.field(
        default=None, description="Slugs of providers or of the companies behind them."
    )
    provider_kinds: list[facts.ProviderKind] | None = strawberry.field(
        default=None, description="Served by businesses of one of these kinds."
    )
    capabilities: list[facts.CapabilityKind] | None = strawberry.field(
        default=None, description="It has all of these by its own provider's account."
    )
    min_context: int | None = strawberry.field(default=None, description=f"Context window. {_FLOOR}")
    max_input_price: Decimal | None = strawberry.field(
        default=None, description="At most so many USD per million input tokens."
    )
    max_output_price: Decimal | None = strawberry.field(
        default=None, description="At most so many USD per million output tokens."
    )
    price_bases: list[facts.PriceBasis] | None = strawberry.field(
        default=None, description="Billed on one of these bases, such as METERED."
    )
    lifecycles: list[facts.Lifecycle] | None = strawberry.field(
        default=None, description="In one of these stages of its life."
    )
    retires_from: date | None = strawberry.field(
        default=None, description="Announced to be shut down on this day or later."
    )
    retires_to: date | None = strawberry.field(
        default=None, description="Announced to be shut down on this day or before."
    )
    live: bool | None = strawberry.field(default=True, description="Whether it can be used now; null for both.")
    resolved: bool | None = strawberry.field(default=None, description="Whether we know which model it serves.")


@strawberry.input(description="Conditions on providers; all given ones hold together.")
class ProviderFilter:
    text: str | None = strawberry.field(default=None, description=f"Words of the name; typos are fine. {_SEARCH}")
    kinds: list[facts.ProviderKind] | None = strawberry.field(
        default=None, description="Served by businesses of one of these kinds."
    )
    api_shapes: list[facts.ApiShape] | None = strawberry.field(
        default=None, description="Speaking one of these wire formats, as its own or besides it."
    )


def models_asked(where: ModelFilter | None, order: ModelOrder | None, within: Window) -> ModelQuery:
    """Without an order: the most relevant for a text, else the most served."""
    asked = given(where)
    if (billions := asked.pop("max_parameters", None)) is not None:
        asked["max_parameters"] = billions * 10**9
    return ModelQuery(**asked, order=model_order(where, order), window=within)


def model_order(where: ModelFilter | None, order: ModelOrder | None) -> ModelOrder:
    """The order in which models come; without a text nothing is like it."""
    has_text = where is not None and bool(where.text)
    if order is None or order is ModelOrder.RELEVANCE:
        return ModelOrder.RELEVANCE if has_text else ModelOrder.MOST_PROVIDERS
    return order


def routes_asked(where: RouteFilter | None, order: RouteOrder, within: Window) -> RouteQuery:
    """Without `live`: those that can be used now."""
    asked = given(where)
    if where is not None and where.live is None:
        asked["live"] = None
    return RouteQuery(**asked, order=order, window=within)


def providers_asked(where: ProviderFilter | None, order: ProviderOrder, within: Window) -> ProviderQuery:
    """As they are asked for."""
    return ProviderQuery(**given(where), order=order, window=within)


@strawberry.input(description="Conditions on disputed facts; all given ones hold together.")
class DisputeFilter:
    fields: list[str] | None = strawberry.field(
        default=None, description="Names of fields, such as `context_window` or `price.STANDARD.0.output`."
    )
    models: list[str] | None = strawberry.field(
        default=None, description="Of these models and of their routes: slugs or known spellings."
    )
    of_routes: bool | None = strawberry.field(
        default=None, description="True: of routes alone; false: of models alone; without it both."
    )
    min_ratio: Decimal | None = strawberry.field(
        default=None, description="The largest value is at least so many times the smallest one."
    )
    every: bool | None = strawberry.field(
        default=None,
        description="True: every dispute by itself, each route's own. Without it one for each model and field, the worst, whose "
        "`routeCount` says how many routes have it.",
    )


def disputes_asked(where: DisputeFilter | None, within: Window) -> DisputeQuery:
    """As they are asked for."""
    return DisputeQuery(**given(where), window=within)


@strawberry.input(
    description="Which price changes. All conditions hold together; several values of one are alternatives."
)
class PriceChangeFilter:
    kinds: list[ChangeKind] | None = strawberry.field(default=None, description="Of which kinds.")
    modes: list[facts.PriceMode] | None = strawberry.field(default=None, description="Of which service levels.")
    models: list[str] | None = strawberry.field(default=None, description="Slugs or spellings of models.")
    providers: list[str] | None = strawberry.field(
        default=None, description="Slugs of providers or of the companies behind them."
    )
    routes: list[str] | None = strawberry.field(default=None, description="Keys of routes.")
    until: date | None = strawberry.field(default=None, description="Changed on this day or before.")
    after_revision: int | None = strawberry.field(
        default=None, description="Only what a later catalogue revision than this brought."
    )


def price_changes_asked(
    where: PriceChangeFilter | None, since: date | None, order: ChangeOrder, within: Window
) -> PriceChangeQuery:
    """The query of a filter. Raises GraphQLError BAD_USER_INPUT."""
    return PriceChangeQuery(**given(where), since=since, order=order, window=within)


@strawberry.input(
    description="Which changes of facts. All conditions hold together; several values of one are alternatives."
)
class FactChangeFilter:
    kinds: list[ChangeKind] | None = strawberry.field(default=None, description="Of which kinds.")
    fields: list[str] | None = strawberry.field(
        default=None, description="Names of facts, such as `context_window`, `lifecycle`, `live` or `listed`."
    )
    models: list[str] | None = strawberry.field(
        default=None, description="Slugs or spellings of models; changes of their routes count too."
    )
    of_routes: bool | None = strawberry.field(
        default=None, description="Only of routes, or with false only of models; null for both."
    )
    after_revision: int | None = strawberry.field(
        default=None, description="Only what a later catalogue revision than this brought."
    )


def fact_changes_asked(where: FactChangeFilter | None, since: date | None, within: Window) -> FactChangeQuery:
    """The query of a filter. Raises GraphQLError BAD_USER_INPUT."""
    moment = None if since is None else datetime.combine(since, time(), UTC)
    return FactChangeQuery(**given(where), since=moment, window=within)
