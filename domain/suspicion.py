"""Prices that look wrong: each is marked with the reason and shown, and one function says which of them still compete."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from statistics import median

from domain.facts import Price, PriceMode, Route
from domain.identity import Method
from domain.rules import Rule

SUSPICIOUS = Rule(
    "price.suspicious",
    "Suspicious price",
    "Flagged, never dropped: a metered input or output price outside 0.001 to 1,000 USD per million tokens, or more than "
    "8 times off the median of the model's routes where at least four have one; also a standard price of another company whose input "
    "and output are those of the lab's own batch sheet to the digit, while the lab's standard ones are others: a sheet taken for another "
    "one, unless the route takes only what may wait; also a standard price under a moving name (`…-latest`) that is none which the lab asks "
    "under the model's own names: it may be that of an earlier target. A flagged price wins no ranking by default, except "
    "for what the model's own lab asks within that range under a fixed name: where it is far off the median, what others ask is odd.",
    "docs/methodology.md#facts",
)
RULES = (SUSPICIOUS,)

LOWEST, HIGHEST = Decimal("0.001"), Decimal(1000)
OFF_MEDIAN, ROUTES_FOR_MEDIAN = 8, 4
_UNITS = (("input_mtok", "input"), ("output_mtok", "output"))


def is_moving(route: Route) -> bool:
    """Whether it is offered under a name that has had, or may get, other targets."""
    return route.link_method == Method.ALIAS


def competes(price: Price, route: Route) -> bool:
    """Whether a sheet of the route may win a ranking by default (rule `price.suspicious`)."""
    return price.suspicious is None or (route.first_party and not is_moving(route) and not any(_out_of_range(price)))


def lifted(suspicious: str | None, units: Collection[str]) -> str | None:
    """What still looks wrong of a sheet when the amounts of some units are other ones."""
    reasons = [] if suspicious is None else suspicious.split("; ")
    return "; ".join(reason for reason in reasons if reason.split()[0] not in units) or None


def mark_suspicious(
    by_route: Mapping[int, Sequence[Price]],
    on: date,
    *,
    own: Collection[int] = (),
    waiting: Collection[int] = (),
    moving: Collection[int] = (),
) -> dict[int, list[Price]]:
    """The sheets of one model's routes (by route id) with `suspicious` set by rule `price.suspicious`. Only standard base
    prices in USD that hold on the day are held against the median, and against the lab's batch prices. `own` are routes of the
    model's lab, `waiting` those that take only requests that may wait, `moving` those under a moving name."""
    medians: dict[str, Decimal] = {}
    for unit, _ in _UNITS:
        amounts = [
            amount
            for prices in by_route.values()
            for price in prices
            if _comparable(price, on) and (amount := getattr(price, unit)) is not None and amount > 0
        ]
        if len(amounts) >= ROUTES_FOR_MEDIAN:
            medians[unit] = median(amounts)
    of_lab = [price for route in own for price in by_route.get(route, ())]
    standard = {_pair(price): price for price in of_lab if _comparable(price, on)}
    batch = {_pair(price) for price in of_lab if _comparable(price, on, PriceMode.BATCH)} - standard.keys()
    fixed = {
        _pair(price) for route in set(own) - set(moving) for price in by_route.get(route, ()) if _comparable(price, on)
    }
    asked = _least(standard[pair] for pair in standard)
    named = _least(standard[pair] for pair in fixed)

    def judged(route: int, price: Price) -> Price:
        now = _comparable(price, on)
        is_batch = now and route not in own and route not in waiting and _pair(price) in batch
        why = [*_why(price, medians if now else {}, own=route in own, taken=asked if is_batch else None)]
        if not why and now and route in moving and named is not None and _pair(price) not in fixed:
            why = [*_of_another(price, named)]
        return replace(price, suspicious="; ".join(why) or None)

    return {route: [judged(route, price) for price in prices] for route, prices in by_route.items()}


def _least(prices: Iterable[Price]) -> Price | None:
    return min(prices, key=lambda price: (price.output_mtok or 0, price.input_mtok or 0), default=None)


def _of_another(price: Price, named: Price) -> Iterable[str]:
    """What a moving name is said to cost and the model, as its lab names it, does not."""
    for unit, word in _UNITS:
        amount, asked = getattr(price, unit), getattr(named, unit)
        if amount is not None and asked is not None and amount != asked:
            yield f"{word} {amount:f} is stated of a moving name and may be of an earlier model, the lab asks {asked:f} for this one"


def _pair(price: Price) -> tuple[Decimal | None, Decimal | None]:
    return (price.input_mtok, price.output_mtok)


def _comparable(price: Price, on: date, mode: PriceMode = PriceMode.STANDARD) -> bool:
    begun = price.valid_from is None or price.valid_from <= on
    holds = begun and (price.valid_to is None or on < price.valid_to)
    return holds and price.mode is mode and price.above == 0 and price.currency == "USD"


def _out_of_range(price: Price) -> Iterable[tuple[str, Decimal]]:
    """Name and amount of what no price in USD per million tokens should be; a zero is no price."""
    for unit, word in _UNITS if price.currency == "USD" else ():
        amount: Decimal | None = getattr(price, unit)
        if amount is not None and amount > 0 and not LOWEST <= amount <= HIGHEST:
            yield word, amount


def _why(price: Price, medians: Mapping[str, Decimal], *, own: bool, taken: Price | None) -> Iterable[str]:
    """What looks wrong, unit by unit. `taken` is the lab's own standard sheet where this one is its batch sheet."""
    outside = dict(_out_of_range(price))
    for unit, word in _UNITS:
        amount: Decimal | None = getattr(price, unit)
        middle = medians.get(unit)
        asked: Decimal | None = None if taken is None else getattr(taken, unit)
        if word in outside:
            yield f"{word} {amount:f} USD per million tokens is outside {LOWEST} to {HIGHEST}"
        elif asked is not None and amount is not None and amount != asked:
            yield f"{word} {amount:f} is the lab's own batch price, its standard one is {asked:f}"
        elif middle is not None and amount and not middle <= amount * OFF_MEDIAN <= middle * OFF_MEDIAN**2:
            whose = "is the lab's own price and" if own else "is"
            yield f"{word} {amount:f} {whose} more than {OFF_MEDIAN} times off the model's median {middle:f}"
