"""Price sheets from claims: whole sheets of one source, dated, with what looks wrong marked and zeros classified.

Amounts of different sources are never mixed into one sheet, except for a unit that the winner lacks and that comes from
a sheet which agrees with it on input and output.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from statistics import median

from domain.billing import TOKEN_TASKS, needed_units
from domain.dates import DateBasis
from domain.facts import TOKEN_UNITS, Price, PriceBasis, PriceMode, ProviderKind, Task
from domain.reconcile import Claim, choose_for_route
from domain.rules import Rule

_PAGE = "docs/methodology.md#facts"
WHOLE_SHEET = Rule(
    "price.sheet",
    "Whole sheets",
    "A price sheet (mode, context tier, currency) is taken whole from the source that wins for the route; a unit that it "
    "lacks comes only from a sheet with the same input and output price.",
    _PAGE,
)
BASIS = Rule(
    "price.basis",
    "Why a price is zero",
    "Prices above zero are METERED: input and output, for embeddings, reranking and moderation the input, for other tasks "
    "any unit. Otherwise the provider's kind says it (PLAN: included; TRIAL: trial; LOCAL: local), or `free` in "
    "the id or name; else it is unknown. What a source states outright comes first.",
    _PAGE,
)
SUSPICIOUS = Rule(
    "price.suspicious",
    "Suspicious price",
    "Flagged, never dropped: a metered input or output price outside 0.001 to 1,000 USD per million tokens, or more than "
    "8 times off the median of the model's routes where at least four have one. What the model's own lab asks is not held "
    "against that median.",
    _PAGE,
)
RULES = (WHOLE_SHEET, BASIS, SUSPICIOUS)

LOWEST, HIGHEST = Decimal("0.001"), Decimal(1000)
OFF_MEDIAN, ROUTES_FOR_MEDIAN = 8, 4
_FIELD = re.compile(r"price\.([A-Z_]+)\.(\d+)\.([a-z0-9_]+)(?:@([A-Z]{3}))?")
_FREE = re.compile(r"(?<![a-z])free(?![a-z])")
_BY_KIND = {
    ProviderKind.PLAN: PriceBasis.INCLUDED,
    ProviderKind.TRIAL: PriceBasis.TRIAL,
    ProviderKind.LOCAL: PriceBasis.LOCAL,
}


@dataclass(frozen=True, slots=True)
class Place:
    """What one sheet is for."""

    mode: PriceMode
    above: int
    currency: str


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One source's amounts by unit in one period."""

    claim: Claim
    """One of the sheet's claims: says the source, lineage and day."""
    amounts: Mapping[str, Decimal]
    start: date | None
    basis: DateBasis
    end: date | None = None

    @property
    def pair(self) -> tuple[Decimal | None, Decimal | None]:
        return (self.amounts.get("input"), self.amounts.get("output"))


def parse_field(field: str) -> tuple[Place, str] | None:
    """Place and unit of a `price.…` field; None for any other text."""
    match = _FIELD.fullmatch(field)
    if match is None or match[1] not in PriceMode.__members__:
        return None
    return Place(PriceMode[match[1]], int(match[2]), match[4] or "USD"), match[3]


def price_basis(
    kind: ProviderKind,
    names: Iterable[str | None],
    task: Task,
    amounts: Mapping[str, Decimal],
    stated: PriceBasis | None = None,
) -> PriceBasis:
    """Rule `price.basis`. `names` are the route's id and name, `amounts` its standard base prices by unit."""
    if stated is not None and stated is not PriceBasis.UNKNOWN:
        return stated
    above = {unit for unit, amount in amounts.items() if amount > 0}
    if above.issuperset(needed_units(task)) if task in TOKEN_TASKS else above:
        return PriceBasis.METERED
    if kind in _BY_KIND:
        return _BY_KIND[kind]
    if not above and any(_FREE.search((name or "").lower()) for name in names):
        return PriceBasis.FREE
    return PriceBasis.UNKNOWN


def price_sheets(route_id: int, claims: Iterable[Claim], *, today: date, first_id: int = 0) -> list[Price]:
    """All sheets of a route, present and past, from the claims about it; ids count up from `first_id`.

    A past sheet has `valid_to`: the first day on which it no longer held. Ordered by mode, tier, currency and day.
    """
    places: dict[Place, list[tuple[str, Claim]]] = {}
    for claim in claims:
        parsed = parse_field(claim.field)
        if parsed is not None:
            places.setdefault(parsed[0], []).append((parsed[1], claim))
    prices: list[Price] = []
    for place in sorted(places, key=lambda place: (list(PriceMode).index(place.mode), place.above, place.currency)):
        for sheet in _timeline(places[place], today):
            prices.append(_price(first_id + len(prices), route_id, place, sheet))
    return prices


def current(prices: Iterable[Price], on: date) -> list[Price]:
    """The sheets that hold on a day. A sheet without a first day is taken to hold until it ends."""
    return [
        price
        for price in prices
        if (price.valid_from is None or price.valid_from <= on) and (price.valid_to is None or on < price.valid_to)
    ]


def held(prices: Iterable[Price], on: date) -> list[Price]:
    """The sheets that are known to have held on a day: those with a first day, stated or observed, that had come."""
    return [price for price in current(prices, on) if price.valid_from is not None]


def _timeline(said: Sequence[tuple[str, Claim]], today: date) -> list[_Sheet]:
    by_source: dict[str, list[tuple[str, Claim]]] = {}
    for unit, claim in said:
        by_source.setdefault(claim.source, []).append((unit, claim))
    histories = [history for source in sorted(by_source) if (history := _history(by_source[source]))]
    now = [sheet for history in histories for sheet in history if _holds(sheet, today)]
    if not now:
        # Nobody offers it any more: what the last one said stays as history.
        return max(histories, key=lambda history: (history[-1].end or date.max, history[-1].claim.source), default=[])
    pairs = {sheet.claim.statement: sheet.pair for sheet in now}
    chosen, _ = choose_for_route([sheet.claim for sheet in now], lambda claim: pairs[claim.statement])
    winner = next(sheet for sheet in now if sheet.claim is chosen)
    same = [sheet for sheet in now if sheet is not winner and sheet.pair == winner.pair]
    filled = dict(winner.amounts)
    for sheet in sorted(
        same, key=lambda sheet: (sheet.claim.observed_on or date.min, sheet.claim.source), reverse=True
    ):
        filled = {**sheet.amounts, **filled}
    own = next(history for history in histories if winner in history)
    dated = [history for history in histories if any(sheet.basis is DateBasis.STATED for sheet in history)]
    longer = [
        history for history in dated if any(_holds(sheet, today) and sheet.pair == winner.pair for sheet in history)
    ]
    base = max([own, *longer], key=lambda history: (len(history), history is own, history[0].claim.source))
    held = next((sheet for sheet in base if _holds(sheet, today) and sheet.pair == winner.pair), winner)
    past = [sheet for sheet in base if sheet is not held and not _holds(sheet, today)]
    if held.start is None or (winner.start is not None and winner.basis is DateBasis.STATED):
        held = winner
    return sorted(
        [*past, replace(winner, amounts=filled, start=held.start, basis=held.basis, end=held.end)],
        key=lambda sheet: (sheet.start or date.min, sheet.end or date.max),
    )


def _holds(sheet: _Sheet, on: date) -> bool:
    return (sheet.start is None or sheet.start <= on) and (sheet.end is None or on < sheet.end)


def _history(said: Sequence[tuple[str, Claim]]) -> list[_Sheet]:
    """One source's sheets, oldest first. A source that dates its prices gives whole sheets; for the others, the days on
    which its documents changed are what we observed."""
    stated = sorted({claim.valid_from for _, claim in said if claim.valid_from is not None})
    sheets: list[_Sheet] = []
    if stated:
        for index, day in enumerate(stated):
            lines = [(unit, claim) for unit, claim in said if claim.valid_from == day and claim.until is None]
            if lines:
                ends = [claim.valid_to for _, claim in lines if claim.valid_to is not None]
                following = stated[index + 1] if index + 1 < len(stated) else None
                sheets.append(_sheet(lines, day, DateBasis.STATED, min(ends) if ends else following))
        if sheets:
            return sheets
    observed = [(unit, claim) for unit, claim in said if claim.valid_from is None]
    known = sorted({first for _, claim in observed if (first := _first_day(claim)) is not None})
    starts: list[date | None] = [*([None] if any(_first_day(claim) is None for _, claim in observed) else []), *known]
    for index, start in enumerate(starts):
        lines = [(unit, claim) for unit, claim in observed if _speaks(claim, start)]
        if not lines:
            continue
        ends = [end for _, claim in lines if (end := claim.until or claim.valid_to) is not None]
        ends += [day for day in starts[index + 1 : index + 2] if day is not None]
        sheets.append(_sheet(lines, start, DateBasis.OBSERVED, min(ends, default=None)))
    return sheets


def _first_day(claim: Claim) -> date | None:
    """The day on which it was first seen to hold; None for a price that was over before a document named it."""
    end = claim.until or claim.valid_to
    return None if claim.since is not None and end is not None and end <= claim.since else claim.since


def _speaks(claim: Claim, on: date | None) -> bool:
    start, end = _first_day(claim), claim.until or claim.valid_to
    if on is None:
        return start is None
    return (start is None or start <= on) and (end is None or on < end)


def _sheet(lines: Sequence[tuple[str, Claim]], start: date | None, basis: DateBasis, end: date | None) -> _Sheet:
    amounts: dict[str, Decimal] = {}
    for unit, claim in sorted(lines, key=lambda line: line[1].statement):
        try:
            amounts[unit] = Decimal(str(claim.value))
        except InvalidOperation:
            continue
    return _Sheet(min((claim for _, claim in lines), key=lambda claim: claim.statement), amounts, start, basis, end)


def _price(id: int, route_id: int, place: Place, sheet: _Sheet) -> Price:
    token = {unit: sheet.amounts.get(unit) for unit in TOKEN_UNITS}
    return Price(
        id=id,
        route_id=route_id,
        mode=place.mode,
        above=place.above,
        valid_from=sheet.start,
        valid_from_basis=sheet.basis,
        valid_to=sheet.end,
        currency=place.currency,
        input_mtok=token["input"],
        output_mtok=token["output"],
        cache_read_mtok=token["cache_read"],
        cache_write_mtok=token["cache_write"],
        cache_write_1h_mtok=token["cache_write_1h"],
        reasoning_mtok=token["reasoning"],
        audio_in_mtok=token["audio_in"],
        audio_out_mtok=token["audio_out"],
        other_units={unit: sheet.amounts[unit] for unit in sorted(sheet.amounts) if unit not in TOKEN_UNITS},
        source=sheet.claim.source,
    )


def mark_suspicious(
    by_route: Mapping[int, Sequence[Price]], on: date, *, own: Collection[int] = ()
) -> dict[int, list[Price]]:
    """The sheets of one model's routes (by route id) with `suspicious` set by rule `price.suspicious`. Only standard base
    prices in USD that hold on the day are held against the median. `own` are routes of the model's lab."""
    medians: dict[str, Decimal] = {}
    for unit in ("input_mtok", "output_mtok"):
        amounts = [
            amount
            for prices in by_route.values()
            for price in current(prices, on)
            if price.mode is PriceMode.STANDARD and price.above == 0 and price.currency == "USD"
            if (amount := getattr(price, unit)) is not None and amount > 0
        ]
        if len(amounts) >= ROUTES_FOR_MEDIAN:
            medians[unit] = median(amounts)
    return {
        route: [replace(price, suspicious=_why(price, {} if route in own else medians, on)) for price in prices]
        for route, prices in by_route.items()
    }


def _why(price: Price, medians: Mapping[str, Decimal], on: date) -> str | None:
    if price.currency != "USD":
        return None
    comparable = price.mode is PriceMode.STANDARD and price.above == 0 and bool(current([price], on))
    reasons: list[str] = []
    for unit, word in (("input_mtok", "input"), ("output_mtok", "output")):
        amount: Decimal | None = getattr(price, unit)
        if amount is None or amount <= 0:
            continue
        middle = medians.get(unit)
        if not LOWEST <= amount <= HIGHEST:
            reasons.append(f"{word} {amount:f} USD per million tokens is outside {LOWEST} to {HIGHEST}")
        elif middle is not None and comparable and not middle <= amount * OFF_MEDIAN <= middle * OFF_MEDIAN**2:
            reasons.append(f"{word} {amount:f} is more than {OFF_MEDIAN} times off the model's median {middle:f}")
    return "; ".join(reasons) or None
