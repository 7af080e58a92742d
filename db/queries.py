"""What a list that grows can be asked: conditions, order, and which part of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar

from domain import facts
from domain.changes import ChangeKind
from domain.dates import DatePrecision

Fact = TypeVar("Fact")


class ModelOrder(StrEnum):
    RELEVANCE = "RELEVANCE"
    NEWEST = "NEWEST"
    NAME = "NAME"
    MOST_PROVIDERS = "MOST_PROVIDERS"
    CHEAPEST_OUTPUT = "CHEAPEST_OUTPUT"
    CHEAPEST_INPUT = "CHEAPEST_INPUT"
    LARGEST_CONTEXT = "LARGEST_CONTEXT"
    RETIREMENT = "RETIREMENT"


class RouteOrder(StrEnum):
    CHEAPEST_OUTPUT = "CHEAPEST_OUTPUT"
    CHEAPEST_INPUT = "CHEAPEST_INPUT"
    LARGEST_CONTEXT = "LARGEST_CONTEXT"
    KEY = "KEY"
    RETIREMENT = "RETIREMENT"


class ProviderOrder(StrEnum):
    NAME = "NAME"
    MOST_ROUTES = "MOST_ROUTES"


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list: the first or last so many, after or before a row. A bound is the sort keys of that row."""

    size: int
    backward: bool = False
    after: tuple[str, ...] | None = None
    before: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ModelQuery:
    """Models by their facts, `of` a lab where they are below one; all conditions hold together, several values of one condition are alternatives except for
    `capabilities` and modalities, of which all are needed. A fact that nobody sources matches no condition."""

    text: str | None = None
    labs: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    tasks: tuple[facts.Task, ...] = ()
    inputs: tuple[facts.Modality, ...] = ()
    outputs: tuple[facts.Modality, ...] = ()
    capabilities: tuple[facts.CapabilityKind, ...] = ()
    min_context: int | None = None
    min_output: int | None = None
    max_input_price: Decimal | None = None
    max_output_price: Decimal | None = None
    licenses: tuple[str, ...] = ()
    openness: tuple[facts.Openness, ...] = ()
    commercial_use: tuple[facts.CommercialUse, ...] = ()
    architectures: tuple[facts.Architecture, ...] = ()
    released_after: date | None = None
    lifecycles: tuple[facts.Lifecycle, ...] = ()
    max_parameters: int | None = None
    retires_from: date | None = None
    retires_to: date | None = None
    served: bool | None = None
    of: str | None = None
    order: ModelOrder = ModelOrder.MOST_PROVIDERS
    window: Window = field(default_factory=lambda: Window(20))


@dataclass(frozen=True, slots=True)
class RouteQuery:
    """Routes by their facts, `of` a provider or a group of them where they are below one."""

    text: str | None = None
    models: tuple[str, ...] = ()
    labs: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    provider_kinds: tuple[facts.ProviderKind, ...] = ()
    capabilities: tuple[facts.CapabilityKind, ...] = ()
    min_context: int | None = None
    max_input_price: Decimal | None = None
    max_output_price: Decimal | None = None
    price_bases: tuple[facts.PriceBasis, ...] = ()
    lifecycles: tuple[facts.Lifecycle, ...] = ()
    retires_from: date | None = None
    retires_to: date | None = None
    live: bool | None = True
    resolved: bool | None = None
    of: str | None = None
    order: RouteOrder = RouteOrder.CHEAPEST_OUTPUT
    window: Window = field(default_factory=lambda: Window(20))


@dataclass(frozen=True, slots=True)
class RoutesOf:
    """The first routes of a model by its number, so many, in a model's own order: the cheapest output first. `live` None: all."""

    model: int
    live: bool | None
    size: int

    @property
    def order(self) -> str:
        """The only order."""
        return "ROUTES"


@dataclass(frozen=True, slots=True)
class ProviderQuery:
    """Providers by name and kind."""

    text: str | None = None
    kinds: tuple[facts.ProviderKind, ...] = ()
    api_shapes: tuple[facts.ApiShape, ...] = ()
    order: ProviderOrder = ProviderOrder.NAME
    window: Window = field(default_factory=lambda: Window(20))


@dataclass(frozen=True, slots=True)
class Page(Generic[Fact]):
    """A part of a list in its order. `keys` are the sort keys of each item; `query` says what was asked."""

    items: tuple[Fact, ...]
    keys: tuple[tuple[str, ...], ...]
    has_next: bool
    has_previous: bool
    query: Any = None


class ChangeOrder(StrEnum):
    NEWEST = "NEWEST"
    RECORDED = "RECORDED"


@dataclass(frozen=True, slots=True)
class PriceChangeQuery:
    """Recorded price changes. `since` and `until` are days on which the price changed."""

    kinds: tuple[ChangeKind, ...] = ()
    modes: tuple[facts.PriceMode, ...] = ()
    models: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    after_revision: int | None = None
    order: ChangeOrder = ChangeOrder.NEWEST
    window: Window = field(default_factory=lambda: Window(20))


@dataclass(frozen=True, slots=True)
class FactChangeQuery:
    """Recorded changes of facts in the order of recording. `since` is a moment of recording; `of_routes` None: of models and of
    routes."""

    kinds: tuple[ChangeKind, ...] = ()
    fields: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    of_routes: bool | None = None
    since: datetime | None = None
    after_revision: int | None = None
    window: Window = field(default_factory=lambda: Window(20))

    @property
    def order(self) -> str:
        """The only order."""
        return "RECORDED"


@dataclass(frozen=True, slots=True)
class DisputeQuery:
    """Disputed facts, the worst first. `of_routes` None: of models and of routes. Without `every` only the worst of those that
    match of each model and field."""

    fields: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    of_routes: bool | None = None
    min_ratio: Decimal | None = None
    every: bool = False
    window: Window = field(default_factory=lambda: Window(20))

    @property
    def order(self) -> str:
        """The only order."""
        return "WORST"


@dataclass(frozen=True, slots=True)
class RetirementQuery:
    """Shutdowns announced for a period, both days included, the earliest first. `of_routes` None: of models and of routes."""

    first_day: date
    last_day: date
    models: tuple[str, ...] = ()
    labs: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    precisions: tuple[DatePrecision, ...] = ()
    of_routes: bool | None = None
    window: Window = field(default_factory=lambda: Window(20))

    @property
    def order(self) -> str:
        """The only order."""
        return "RETIREMENT"
