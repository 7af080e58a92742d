"""A caller's own terms, as input of a question and never as a fact: negotiated prices, and routes that may not be used.

They make other offers of the catalogue's offers; every cost that rests on one says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from domain.endpoints import api_shapes, shape_ref
from domain.facts import TOKEN_UNITS, ApiShape, Contender, FactRef, Offer, Price, PriceBasis, PriceMode, Provider, Route
from domain.rules import Rule
from domain.units import exact, plain
from domain.wording import listed

OVERRIDES = Rule(
    "cost.overrides",
    "Own terms",
    "A price of your own takes the place of the published one of that route and unit at standard mode, in every context tier; "
    "a discount lowers every token price of the route. Other modes keep their published prices. A route of an excluded "
    "provider, of another region or API shape than required, or of one that nobody states, does not compete: an "
    "answer that lists all routes of a model says why, one that chooses among the catalogue does not look at it. What is in "
    "use already counts at its own price, whatever else is excluded. A route key, provider or region that nothing in the "
    "catalogue has is refused. Nothing of it is stored.",
    "docs/methodology.md#own-terms",
)
RULES = (OVERRIDES,)

UNITS = tuple(unit for unit in TOKEN_UNITS if not unit.startswith("audio"))
"""What a caller may have a price of their own for."""
MOST = 100
MAX_PRICE = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """What a caller pays on a route: USD per million tokens by unit, or so many percent less than published.

    Raises ValueError for both or neither, an unknown unit, or an amount that no price can be.
    """

    route: str
    amounts: tuple[tuple[str, Decimal], ...] = ()
    percent_off: Decimal | None = None

    def __post_init__(self) -> None:
        if bool(self.amounts) is (self.percent_off is not None):
            raise ValueError(f"own prices of {self.route[:80]!r} are amounts or a percentage off, one of the two")
        for unit, amount in self.amounts:
            if unit not in UNITS:
                raise ValueError(f"{unit[:80]!r} is no unit; write one of {', '.join(UNITS)}")
            _bounded(amount, MAX_PRICE, f"{unit} price of {self.route[:80]!r}")
        if self.percent_off is not None:
            _bounded(self.percent_off, Decimal(100), f"percentage off for {self.route[:80]!r}")


def _bounded(value: Decimal, most: Decimal, label: str) -> None:
    if not value.is_finite() or not 0 < value < most:
        raise ValueError(f"the {label} must be above 0 and below {most:,}, not {value}")
    with exact():  # bounded digits keep every product of the cost rules exact
        if (scaled := value.scaleb(9)) != scaled.to_integral_value():
            raise ValueError(f"the {label} may have nine decimals at most, not {value}")


@dataclass(frozen=True, slots=True)
class Overrides:
    """The terms of one question. Raises ValueError for two prices of one route, or too much of anything."""

    prices: tuple[OwnPrice, ...] = ()
    excluded: tuple[str, ...] = ()
    region: str | None = None
    api_shapes: tuple[ApiShape, ...] = ()

    def __post_init__(self) -> None:
        routes = [each.route for each in self.prices]
        if len(set(routes)) < len(routes):
            raise ValueError("a route has own prices once")
        if max(len(self.prices), len(self.excluded)) > MOST:
            raise ValueError(f"at most {MOST} routes have own prices, and at most {MOST} providers are excluded")
        if any(not 0 < len(text) <= 200 for text in (*routes, *self.excluded, *([self.region] if self.region else []))):
            raise ValueError("keys of routes, slugs of providers and regions have 1 to 200 characters")

    def __bool__(self) -> bool:
        return self != NONE

    @property
    def key(self) -> str:
        """A short text that is the same for the same terms; empty without any."""
        if not self:
            return ""
        prices = [
            [each.route, None if each.percent_off is None else plain(each.percent_off), *_flat(each)]
            for each in sorted(self.prices, key=lambda each: each.route)
        ]
        shapes = sorted(shape.value for shape in self.api_shapes)
        return json.dumps([prices, sorted(set(self.excluded)), self.region, shapes], separators=(",", ":"))


NONE = Overrides()


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Names in a caller's terms that nothing in the catalogue has: a slip of the pen that would silently change nothing, or
    leave nothing over."""

    routes: tuple[str, ...]
    providers: tuple[str, ...]
    region: str | None

    def __bool__(self) -> bool:
        return bool(self.routes or self.providers or self.region)

    def __str__(self) -> str:
        said = [f"no route has the key {route[:80]!r}" for route in self.routes]
        said += [f"no provider has the slug {slug[:80]!r}" for slug in self.providers]
        said += [f"no route is in the region {self.region[:80]!r}"] if self.region else []
        text = listed(said, limit=10)
        return f"{text[:1].upper()}{text[1:]}. `routes` and `providers` list what there is."


def _flat(own: OwnPrice) -> list[list[str]]:
    return [[unit, plain(amount)] for unit, amount in sorted(own.amounts)]


def overrides_of(key: str) -> Overrides:
    """The terms of such a text. Raises ValueError or TypeError for another one."""
    if not key:
        return NONE
    prices, excluded, region, shapes = json.loads(key)
    made = tuple(
        OwnPrice(
            route, tuple((unit, Decimal(amount)) for unit, amount in amounts), None if off is None else Decimal(off)
        )
        for route, off, *amounts in prices
    )
    return Overrides(made, tuple(excluded), region, tuple(ApiShape(shape) for shape in shapes))


@dataclass(frozen=True, slots=True)
class Barred:
    """Why a caller may not use a route. `reason`: PROVIDER_EXCLUDED, OTHER_REGION, REGION_UNKNOWN, OTHER_API_SHAPE or
    API_SHAPE_UNKNOWN."""

    reason: str
    message: str
    used: tuple[FactRef, ...]


@dataclass(frozen=True, slots=True)
class OwnSheet(Price):
    """A price sheet in which the amounts of some units are the caller's: no fact of the catalogue, and no source says them."""

    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OwnOffer(Offer):
    """An offer under a caller's terms; `notes` say what was put in, `barred` why it may not be used."""

    notes: tuple[str, ...] = ()
    barred: Barred | None = None


def under(offers: Iterable[Offer], overrides: Overrides) -> tuple[Offer, ...]:
    """The offers as the caller has them, in the same order; what no term touches stays what it is."""
    own = {each.route: each for each in overrides.prices}
    return tuple(_under(offer, own.get(offer.route.key), overrides) for offer in offers)


def contenders_under(contenders: Iterable[Contender], overrides: Overrides) -> tuple[Contender, ...]:
    """The models with the offers that the caller may use, as the caller has them."""
    if not overrides:
        return tuple(contenders)
    return tuple(
        Contender(each.model, usable(under(each.offers, overrides)), each.loaded_results) for each in contenders
    )


def in_use(offer: Offer, overrides: Overrides) -> Offer:
    """An offer that the caller uses already: at their price, and whatever they would not use again."""
    (mine,) = under((offer,), replace(overrides, excluded=(), region=None, api_shapes=()))
    return mine


def notes_of(offer: Offer) -> tuple[str, ...]:
    """What a caller's terms changed of an offer."""
    return offer.notes if isinstance(offer, OwnOffer) else ()


def usable(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """The offers that the caller may use."""
    return tuple(offer for offer in offers if not (isinstance(offer, OwnOffer) and offer.barred))


def _under(offer: Offer, own: OwnPrice | None, overrides: Overrides) -> Offer:
    barred = _barred(offer.route, overrides)
    if own is None:
        return offer if barred is None else OwnOffer(offer.route, offer.prices, barred=barred)
    if own.percent_off is not None:
        note = (
            f"Your own discount of {plain(own.percent_off)} % on {offer.route.key} is taken off its published prices."
        )
        prices = tuple(_lower(price, own.percent_off) for price in offer.prices)
        return OwnOffer(offer.route, prices, (note,), barred)
    return OwnOffer(*_at_own_prices(offer, own.amounts), (_note(offer, own),), barred)


def _note(offer: Offer, own: OwnPrice) -> str:
    units = listed(unit.replace("_", " ") for unit, _ in own.amounts)
    return f"Your own {units} price of {offer.route.key} takes the place of the published one."


def _lower(price: Price, percent: Decimal) -> Price:
    with exact():
        left = (100 - percent).scaleb(-2)
        amounts = {unit: rate * left for unit in TOKEN_UNITS if (rate := getattr(price, f"{unit}_mtok"))}
    return _with(price, amounts)


def _at_own_prices(offer: Offer, amounts: Sequence[tuple[str, Decimal]]) -> tuple[Route, tuple[Price, ...]]:
    """The route is metered where the caller's prices make it so; both prices of the caller's own look right to them."""
    changed = dict(amounts)
    sheets = offer.prices
    if not any(_standard(price) and price.above == 0 for price in sheets):
        sheets = (Price(-offer.route.id, offer.route.id), *sheets)
    if {"input", "output"} <= changed.keys():
        sheets = tuple(replace(price, suspicious=None) if _standard(price) else price for price in sheets)
    prices = tuple(_with(_own(price, changed.keys()), changed) if _standard(price) else price for price in sheets)
    complete = any(_standard(price) and price.input_mtok and price.output_mtok for price in prices)
    return replace(offer.route, price_basis=PriceBasis.METERED) if complete else offer.route, prices


def _own(price: Price, units: Iterable[str]) -> OwnSheet:
    values = {each.name: getattr(price, each.name) for each in fields(Price)}
    return OwnSheet(**values, own=frozenset(units))


def _with(price: Price, amounts: Mapping[str, Decimal]) -> Price:
    """The sheet with other amounts of some units."""
    return replace(price, **{f"{unit}_mtok": amount for unit, amount in amounts.items()})  # type: ignore[arg-type]


def _standard(price: Price) -> bool:
    return price.mode is PriceMode.STANDARD and price.currency == "USD"


def _barred(route: Route, overrides: Overrides) -> Barred | None:
    provider: Provider = route.provider
    name = f"{provider.name} ({route.provider_model_id})"
    if provider.slug in overrides.excluded:
        return Barred("PROVIDER_EXCLUDED", f"{name} is excluded: you asked for costs without {provider.name}.", ())
    if overrides.region is not None and (route.region or "").casefold() != overrides.region.casefold():
        if route.region is None:
            return Barred("REGION_UNKNOWN", f"No source says that {name} serves from {overrides.region}.", ())
        return Barred("OTHER_REGION", f"{name} serves from {route.region}, not from {overrides.region}.", ())
    shapes = api_shapes(provider)
    if overrides.api_shapes and not set(shapes) & set(overrides.api_shapes):
        if not shapes:
            used = (shape_ref(provider, ApiShape.UNKNOWN),)
            return Barred("API_SHAPE_UNKNOWN", f"No source says which API shape {name} speaks.", used)
        spoken = listed(shape.replace("_", " ").lower() for shape in shapes)
        message = f"{name} speaks {spoken}, which is none of the shapes that you require."
        return Barred("OTHER_API_SHAPE", message, tuple(shape_ref(provider, shape) for shape in shapes))
    return None
