"""Prices that look wrong: each is marked with the reason and shown, and one function says which of them still compete."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from statistics import median

from domain.facts import Price, PriceMode, Route
from domain.rules import Rule

SUSPICIOUS = Rule(
    "price.suspicious",
    "Suspicious price",
    "Flagged, never dropped: a metered input or output price outside 0.001 to 1,000 USD per million tokens, or more than "
    "8 times off the median of the model's routes where at least four have one. A flagged price wins no ranking by default, except "
    "for what the model's own lab asks within that range: where it is far off the median, what others ask is odd.",
    "docs/methodology.md#facts",
)
RULES = (SUSPICIOUS,)

LOWEST, HIGHEST = Decimal("0.001"), Decimal(1000)
OFF_MEDIAN, ROUTES_FOR_MEDIAN = 8, 4
_UNITS = (("input_mtok", "input"), ("output_mtok", "output"))


def competes(price: Price, route: Route) -> bool:
    """Whether a sheet of the route may win a ranking by default (rule `price.suspicious`)."""
    return price.suspicious is None or (route.first_party and not any(_out_of_range(price)))


def lifted(suspicious: str | None, units: Collection[str]) -> str | None:
    """What still looks wrong of a sheet when the amounts of some units are other ones."""
    reasons = [] if suspicious is None else suspicious.split("; ")
    return "; ".join(reason for reason in reasons if reason.split()[0] not in units) or None


def mark_suspicious(
    by_route: Mapping[int, Sequence[Price]], on: date, *, own: Collection[int] = ()
) -> dict[int, list[Price]]:
    """The sheets of one model's routes (by route id) with `suspicious` set by rule `price.suspicious`. Only standard base
    prices in USD that hold on the day are held against the median. `own` are routes of the model's lab."""
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
    return {
        route: [
            replace(price, suspicious=_why(price, medians if _comparable(price, on) else {}, own=route in own))
            for price in prices
        ]
        for route, prices in by_route.items()
    }


def _comparable(price: Price, on: date) -> bool:
    begun = price.valid_from is None or price.valid_from <= on
    holds = begun and (price.valid_to is None or on < price.valid_to)
    return holds and price.mode is PriceMode.STANDARD and price.above == 0 and price.currency == "USD"


def _out_of_range(price: Price) -> Iterable[tuple[str, Decimal]]:
    """Name and amount of what no price in USD per million tokens should be; a zero is no price."""
    for unit, word in _UNITS if price.currency == "USD" else ():
        amount: Decimal | None = getattr(price, unit)
        if amount is not None and amount > 0 and not LOWEST <= amount <= HIGHEST:
            yield word, amount


def _why(price: Price, medians: Mapping[str, Decimal], *, own: bool) -> str | None:
    outside = dict(_out_of_range(price))
    reasons: list[str] = []
    for unit, word in _UNITS:
        amount: Decimal | None = getattr(price, unit)
        middle = medians.get(unit)
        if word in outside:
            reasons.append(f"{word} {amount:f} USD per million tokens is outside {LOWEST} to {HIGHEST}")
        elif middle is not None and amount and not middle <= amount * OFF_MEDIAN <= middle * OFF_MEDIAN**2:
            whose = "is the lab's own price and" if own else "is"
            reasons.append(f"{word} {amount:f} {whose} more than {OFF_MEDIAN} times off the model's median {middle:f}")
    return "; ".join(reasons) or None
