"""A caller's own terms, as input of a question and never as a fact: negotiated prices, and routes that may not be used.

They make other offers of the catalogue's offers; every cost that rests on one says so.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from domain.endpoints import api_shapes, shape_ref
from domain.facts import (
    TOKEN_UNITS,
    ApiShape,
    Contender,
    FactRef,
    Offer,
    Price,
    PriceBasis,
    PriceMode,
    Provider,
    Route,
    Task,
)
from domain.fit import company_of, provider_groups
from domain.plain_json import read_json
from domain.rules import Rule
from domain.suspicion import lifted
from domain.tasks import needed_units
from domain.units import exact, plain
from domain.wording import listed

OVERRIDES = Rule(
    "cost.overrides",
    "Own terms",
    "A price of your own takes the place of the published one of that route and unit at standard mode, in every context tier, "
    "and what looked wrong about that one does not count; prices that are complete with it make the route a metered one. "
    "A discount lowers every token price of the route. Other modes keep their published prices. A route of an excluded "
    "provider, or of another region or API shape than required, does not compete. One of which nobody states these does not "
    "either, but it is an unknown and no No: a count of providers that it could raise is not known, and what would have to be "
    "sourced is named. An answer that lists all routes of a model says why one does not compete; a recommendation tells it as a "
    "requirement that is failed or not sourced; other choices among the catalogue do not look at it. A region holds "
    "what is named after it, as eu holds eu-west-1. What is in "
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
        if any(
            not 0 < len(text) <= 200
            for text in (*routes, *self.excluded, *([] if self.region is None else [self.region]))
        ):
            raise ValueError("keys of routes, slugs of providers and regions have 1 to 200 characters")
        if ApiShape.UNKNOWN in self.api_shapes:
            raise ValueError("UNKNOWN is no API shape that can be required")

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
    """The terms of such a text. Raises ValueError for another one."""
    if not key:
        return NONE
    try:
        prices, excluded, region, shapes = read_json(key)
        made = tuple(
            OwnPrice(
                route, tuple((unit, Decimal(amount)) for unit, amount in amounts), None if off is None else Decimal(off)
            )
            for route, off, *amounts in prices
        )
        found = Overrides(made, tuple(excluded), region, tuple(ApiShape(shape) for shape in shapes))
        if found.key != key or not all(isinstance(each, str) for each in (*excluded, region or "")):
            raise ValueError
    except (TypeError, ValueError, ArithmeticError):
        raise ValueError(f"{key[:80]!r} is not the key of anybody's own terms") from None
    return found


@dataclass(frozen=True, slots=True)
class Barred:
    """Why a caller may not use a route. `reason`: PROVIDER_EXCLUDED, OTHER_REGION, REGION_UNKNOWN, OTHER_API_SHAPE or
    API_SHAPE_UNKNOWN. `unknown`: no source says whether they may; `used` are the facts that would say, `wanted` what they
    would have to be, in words that follow on the route."""

    reason: str
    message: str
    used: tuple[FactRef, ...]
    wanted: str = ""

    @property
    def unknown(self) -> bool:
        return self.reason in UNSETTLED


UNSETTLED = ("REGION_UNKNOWN", "API_SHAPE_UNKNOWN")
"""Reasons for which a route is not known to be usable, and not known not to be."""


@dataclass(frozen=True, slots=True)
class OwnSheet(Price):
    """A price sheet in which the amounts of some units are the caller's: no fact of the catalogue, and no source says them."""

    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OwnOffer(Offer):
    """An offer under a caller's terms; `notes` say what was put in, `barred` why it may not be used."""

    notes: tuple[str, ...] = ()
    barred: Barred | None = None


def under(offers: Iterable[Offer], overrides: Overrides, task: Task = Task.TEXT_GENERATION) -> tuple[Offer, ...]:
    """The offers as the caller has them, in the same order; what no term touches stays what it is. `task` is that of their
    model, which says what a complete price is."""
    own = {each.route: each for each in overrides.prices}
    return tuple(_under(offer, own.get(offer.route.key), overrides, task) for offer in offers)


def contenders_under(contenders: Iterable[Contender], overrides: Overrides) -> tuple[Contender, ...]:
    """The models with the offers that the caller may use, as the caller has them."""
    return tuple(contender_under(each, overrides) for each in contenders) if overrides else tuple(contenders)


def contender_under(contender: Contender, overrides: Overrides) -> Contender:
    """The model with the offers that the caller may use, as the caller has them, and the others apart. Needs the offers."""
    mine = under(contender.offers, overrides, contender.model.task)
    barred = tuple(offer for offer in mine if bar_of(offer) is not None)
    return replace(contender, loaded_offers=usable(mine), barred=barred)


def bar_of(offer: Offer) -> Barred | None:
    """Why the caller may not use an offer; None where they may."""
    return offer.barred if isinstance(offer, OwnOffer) else None


def unsettled(contender: Contender) -> tuple[Offer, ...]:
    """The live offers of which no source says whether the caller may use them."""
    return tuple(offer for offer in contender.barred if offer.route.live and (bar := bar_of(offer)) and bar.unknown)


def unsettled_companies(contender: Contender) -> tuple[Barred, ...]:
    """What is unknown of live offers by companies that are not known to serve the caller: with any, their number is not known."""
    counted = provider_groups(contender.offers)
    offers = (offer for offer in unsettled(contender) if company_of(offer.route) not in counted)
    return tuple(bar for offer in offers if (bar := bar_of(offer)))


def unsettled_in_words(contender: Contender) -> str:
    """What no source says of them: `serves from eu`. Empty without any."""
    bars = (bar for offer in unsettled(contender) if (bar := bar_of(offer)))
    return " or ".join(dict.fromkeys(bar.wanted for bar in bars))


def freed(offer: Offer) -> Offer:
    """The offer as if the caller might use it."""
    return replace(offer, barred=None) if isinstance(offer, OwnOffer) else offer


def settled(contender: Contender, fact: FactRef, *, usable: bool) -> Contender:
    """The model once the one fact is known that keeps offers out: they may be used, or they may not."""
    found = tuple(offer for offer in contender.barred if (bar := bar_of(offer)) and bar.unknown and bar.used == (fact,))
    return replace(
        contender,
        loaded_offers=(*contender.offers, *map(freed, found)) if usable else contender.offers,
        barred=tuple(offer for offer in contender.barred if offer not in found),
    )


def in_use(offer: Offer, overrides: Overrides, task: Task = Task.TEXT_GENERATION) -> Offer:
    """An offer that the caller uses already: at their price, and whatever they would not use again."""
    (mine,) = under((offer,), replace(overrides, excluded=(), region=None, api_shapes=()), task)
    return mine


def notes_of(offer: Offer) -> tuple[str, ...]:
    """What a caller's terms changed of an offer."""
    return offer.notes if isinstance(offer, OwnOffer) else ()


def usable(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """The offers that the caller may use."""
    return tuple(offer for offer in offers if bar_of(offer) is None)


def _under(offer: Offer, own: OwnPrice | None, overrides: Overrides, task: Task) -> Offer:
    barred = _barred(offer.route, overrides)
    if own is None:
        return offer if barred is None else OwnOffer(offer.route, offer.prices, barred=barred)
    if own.percent_off is not None:
        note = (
            f"Your own discount of {plain(own.percent_off)} % on {offer.route.key} is taken off its published prices."
        )
        prices = tuple(_lower(price, own.percent_off) for price in offer.prices)
        return OwnOffer(offer.route, prices, (note,), barred)
    return OwnOffer(*_at_own_prices(offer, own.amounts, task), (_note(offer, own),), barred)


def _note(offer: Offer, own: OwnPrice) -> str:
    units = listed(unit.replace("_", " ") for unit, _ in own.amounts)
    return f"Your own {units} price of {offer.route.key} takes the place of the published one."


def _lower(price: Price, percent: Decimal) -> Price:
    with exact():
        left = (100 - percent).scaleb(-2)
        amounts = {unit: rate * left for unit in TOKEN_UNITS if (rate := getattr(price, f"{unit}_mtok"))}
    return _with(price, amounts)


def _at_own_prices(offer: Offer, amounts: Sequence[tuple[str, Decimal]], task: Task) -> tuple[Route, tuple[Price, ...]]:
    """The route is metered where the caller's prices make one complete for the task; a price of their own looks right to them."""
    changed = dict(amounts)
    sheets = offer.prices
    if not any(_standard(price) and price.above == 0 for price in sheets):
        sheets = (Price(-offer.route.id, offer.route.id), *sheets)
    prices = tuple(_with(_own(price, changed.keys()), changed) if _standard(price) else price for price in sheets)
    complete = any(
        _standard(price) and all(getattr(price, f"{unit}_mtok") for unit in needed_units(task)) for price in prices
    )
    return replace(offer.route, price_basis=PriceBasis.METERED) if complete else offer.route, prices


def _own(price: Price, units: Collection[str]) -> OwnSheet:
    values = {each.name: getattr(price, each.name) for each in fields(Price)}
    return OwnSheet(**{**values, "suspicious": lifted(price.suspicious, units)}, own=frozenset(units))


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
    shapes = api_shapes(provider)
    spoken = listed((_shape(each) for each in overrides.api_shapes), "or")
    region = FactRef("route", route.id, "region")
    unknown: list[tuple[str, FactRef, str]] = []
    if overrides.region is not None and route.region is None:
        unknown.append(("REGION_UNKNOWN", region, f"serves from {overrides.region}"))
    elif overrides.region is not None and not within(route, (overrides.region,)):
        message = f"{name} serves from {route.region}, not from {overrides.region}."
        return Barred("OTHER_REGION", message, (region,), f"serves from {overrides.region}")
    if overrides.api_shapes and not shapes:
        unknown.append(("API_SHAPE_UNKNOWN", shape_ref(provider, ApiShape.UNKNOWN), f"speaks {spoken}"))
    elif overrides.api_shapes and not set(shapes) & set(overrides.api_shapes):
        message = f"{name} speaks {listed(map(_shape, shapes))}, which is none of the shapes that you require."
        used = tuple(shape_ref(provider, shape) for shape in shapes)
        return Barred("OTHER_API_SHAPE", message, used, f"speaks {spoken}")
    if not unknown:
        return None
    wanted = " and ".join(words for *_, words in unknown)
    used = tuple(ref for _, ref, _ in unknown)
    return Barred(unknown[0][0], f"No source says that {name} {wanted}.", used, wanted)


def within(route: Route, regions: Iterable[str]) -> bool:
    """Whether a route is known to serve from one of the regions: `eu-west-1` is in `eu`."""
    own = (route.region or "").casefold()
    return any(own == (one := region.casefold()) or own.startswith(f"{one}-") for region in regions)


def _shape(shape: ApiShape) -> str:
    return shape.value.replace("_", " ").lower()
