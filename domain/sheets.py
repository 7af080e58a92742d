"""Price sheets from claims: whole sheets of one source, dated, with zeros classified.

Amounts of different sources are never mixed into one sheet, except for a unit that the winner lacks and that comes from
a sheet which agrees with it on input and output.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from domain.dates import DateBasis
from domain.facts import TOKEN_UNITS, Price, PriceBasis, PriceMode, ProviderKind, Task
from domain.hours import Hours, covered, parse_hours
from domain.reconcile import Claim, choose_for_route
from domain.rules import Rule
from domain.tasks import TOKEN_TASKS, needed_units

_PAGE = "docs/methodology.md#facts"
WHOLE_SHEET = Rule(
    "price.sheet",
    "Whole sheets",
    "A price sheet (mode, context tier, currency) is taken whole from the source that wins for the route on each day; a unit "
    "that it lacks, and hours of the week that it does not state, come only from a sheet with the same input and output price. "
    "Sheets of the same amounts and hours that follow on each other are one, whoever says so, so that a change of witness is no "
    "change of price.",
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
RULES = (WHOLE_SHEET, BASIS)

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
    hours: tuple[Hours, ...] = ()

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


def price_sheets(route_id: int, claims: Iterable[Claim], *, first_id: int = 0) -> list[Price]:
    """All sheets of a route, present and past, from the claims about it; ids count up from `first_id`.

    A past sheet has `valid_to`: the first day on which it no longer held. Ordered by mode, tier, currency and day.
    """
    places: dict[Place, list[tuple[str, Claim]]] = {}
    timed: dict[str, list[Claim]] = {}
    for claim in claims:
        parsed = parse_field(claim.field)
        if claim.field.startswith("hours."):
            timed.setdefault(claim.field.removeprefix("hours."), []).append(claim)
        if parsed is not None:
            places.setdefault(parsed[0], []).append((parsed[1], claim))
    prices: list[Price] = []
    for place in sorted(places, key=lambda place: (list(PriceMode).index(place.mode), place.above, place.currency)):
        for sheet in _timeline(places[place], timed.get(place.mode, ())):
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


def held_at(prices: Iterable[Price], moment: datetime) -> list[Price]:
    """The sheets that are known to have held at a moment, by their days (UTC) and hours. A sheet whose calendar of holidays
    does not reach to the moment is among them: that it did not hold is not known. `moment` has an offset."""
    on = moment.astimezone(UTC).date()
    return [price for price in held(prices, on) if not price.hours or covered(price.hours, moment) is not False]


def _timeline(said: Sequence[tuple[str, Claim]], timed: Sequence[Claim]) -> list[_Sheet]:
    """What is accepted, period by period: at every day one sheet at most, by the same rule on each. Periods of the same
    amounts and hours that follow on each other are one, whoever says so. `timed` are the claims about the hours."""
    sheets = [sheet for of_one in _by_source(said) for sheet in _history(of_one)]
    windows = [line for of_one in _by_source([(claim.field, claim) for claim in timed]) for line in _lines(of_one)]
    found: list[_Sheet] = []
    for start, end in _periods([*sheets, *windows]):
        there = [sheet for sheet in sheets if holds(sheet, start)]
        if not there:
            continue
        piece = _accepted(there, [window for window in windows if holds(window, start)], start, end)
        if found and found[-1].end == start and _agree(found[-1], piece):
            amounts = {**found[-1].amounts, **piece.amounts}
            found[-1] = replace(found[-1], claim=piece.claim, amounts=amounts, end=end)
        else:
            found.append(piece)
    return found


def _by_source(said: Iterable[tuple[str, Claim]]) -> list[list[tuple[str, Claim]]]:
    found: dict[str, list[tuple[str, Claim]]] = {}
    for unit, claim in said:
        found.setdefault(claim.source, []).append((unit, claim))
    return [found[source] for source in sorted(found)]


def _periods(spans: Iterable[_Sheet | Line]) -> Iterator[tuple[date, date | None]]:
    """The periods in which none of the spans begins or ends, oldest first."""
    days = {span.start or date.min for span in spans} | {span.end for span in spans if span.end}
    bounds = sorted(days)
    return zip(bounds, [*bounds[1:], None], strict=False)


def _accepted(there: Sequence[_Sheet], windows: Sequence[Line], start: date, end: date | None) -> _Sheet:
    """The sheet that is accepted among those that hold from a day on, filled from those that agree with it."""
    pairs = {sheet.claim.statement: sheet.pair for sheet in there}
    chosen, _ = choose_for_route([sheet.claim for sheet in there], lambda claim: pairs[claim.statement])
    winner = next(sheet for sheet in there if sheet.claim is chosen)
    filled = dict(winner.amounts)
    same = [sheet for sheet in there if sheet is not winner and sheet.pair == winner.pair]
    same.sort(key=lambda sheet: (sheet.claim.observed_on or date.min, sheet.claim.source), reverse=True)
    for sheet in same:
        filled = {**sheet.amounts, **filled}
    begins = [sheet.basis for sheet in there if sheet.start == start and sheet.pair == winner.pair]
    basis = DateBasis.STATED if DateBasis.STATED in begins else DateBasis.OBSERVED
    hours = _hours([sheet.claim.source for sheet in (winner, *same)], windows)
    return _Sheet(winner.claim, filled, None if start == date.min else start, basis, end, hours)


def _hours(sources: Iterable[str], windows: Sequence[Line]) -> tuple[Hours, ...]:
    """The newest hours that the first of the sources states that states any."""
    for source in sources:
        stated = [window for window in windows if window.claim.source == source]
        if stated:
            newest = max(stated, key=lambda window: (window.start or date.min, window.claim.statement))
            said = newest.claim.value
            return tuple(parse_hours(text) for text in said) if isinstance(said, list) else ()
    return ()


def _agree(one: _Sheet, other: _Sheet) -> bool:
    """Whether two sheets are one price: the same input, output and hours, and no other unit with two amounts."""
    shared = one.amounts.keys() & other.amounts.keys()
    same = one.pair == other.pair and one.hours == other.hours
    return same and all(one.amounts[unit] == other.amounts[unit] for unit in shared)


def holds(span: _Sheet | Line, on: date) -> bool:
    """Whether a day is one of the span's days."""
    return (span.start is None or span.start <= on) and (span.end is None or on < span.end)


@dataclass(frozen=True, slots=True)
class Line:
    """One amount of one source, and when it holds by its word or as far as it was seen."""

    unit: str
    claim: Claim
    start: date | None
    end: date | None

    @property
    def stated(self) -> bool:
        return self.claim.valid_from is not None


def _history(said: Sequence[tuple[str, Claim]]) -> list[_Sheet]:
    """One source's sheets, oldest first. What a source dates is a whole sheet, which the next dated one ends; for the rest the
    days on which its documents changed are what we observed."""
    lines = _lines(said)
    sheets: list[_Sheet] = []
    for start, end in _periods(lines):
        there = [line for line in lines if holds(line, start)]
        if not there:
            continue
        by_unit: dict[str, Line] = {}
        for line in sorted(there, key=lambda one: (one.stated, one.start or date.min, one.claim.statement)):
            by_unit[line.unit] = line
        stated = any(line.stated and line.start == start for line in by_unit.values())
        made = _sheet(by_unit, start, DateBasis.STATED if stated else DateBasis.OBSERVED, end)
        if made.amounts:
            sheets.append(made)
    return sheets


def lines_of(field: str, claims: Iterable[Claim]) -> list[Line]:
    """What each source states of one amount, in the field of a price, with the days on which it holds by itself."""
    parsed = parse_field(field)
    place, unit = parsed or (None, "")
    prefix = field.rpartition(".")[0]
    found = ((parse_field(claim.field), claim) for claim in claims if claim.field.startswith(prefix))
    said = [(each[1], claim) for each, claim in found if each is not None and each[0] == place]
    return [line for of_one in _by_source(said) for line in _lines(of_one) if line.unit == unit]


def _lines(said: Sequence[tuple[str, Claim]]) -> list[Line]:
    """The amounts with their days. Beside dated ones that are still said, an undated amount is what held before them."""
    ends = {id(claim): _last_day(claim) for _, claim in said}
    dated = sorted({claim.valid_from for _, claim in said if claim.valid_from is not None and claim.until is None})
    open_ones = [claim.valid_from for _, claim in said if claim.valid_from is not None and ends[id(claim)] is None]
    found: list[Line] = []
    for unit, claim in said:
        end = ends[id(claim)]
        if claim.valid_from is not None:
            later = [day for day in dated if day > claim.valid_from]
            found.append(Line(unit, claim, claim.valid_from, min([*later[:1], *([end] if end else [])], default=None)))
            continue
        start = _first_day(claim)
        if end is None and open_ones and (start is None or min(open_ones) <= start):
            start, end = None, dated[0]
        found.append(Line(unit, claim, start, end))
    return [line for line in found if line.start is None or line.end is None or line.start < line.end]


def _last_day(claim: Claim) -> date | None:
    return min((day for day in (claim.until, claim.valid_to) if day is not None), default=None)


def _first_day(claim: Claim) -> date | None:
    """The day on which it was first seen to hold; None for a price that was over before a document named it. What another
    document of the same day no longer says was not: it held on no day."""
    over = claim.since is not None and claim.valid_to is not None and claim.valid_to <= claim.since
    return None if over else claim.since


def _sheet(lines: Mapping[str, Line], start: date, basis: DateBasis, end: date | None) -> _Sheet:
    amounts: dict[str, Decimal] = {}
    for unit in sorted(lines):
        try:
            amounts[unit] = Decimal(str(lines[unit].claim.value))
        except InvalidOperation:
            continue
    claim = min((line.claim for line in lines.values()), key=lambda claim: claim.statement)
    return _Sheet(claim, amounts, None if start == date.min else start, basis, end)


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
        hours=sheet.hours,
        source=sheet.claim.source,
    )
