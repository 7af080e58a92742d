"""What became different from one accepted state of the catalogue to the next, and of which kind the difference is: the world changed,
we were wrong, or we know something for the first time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.dates import DateBasis
from domain.facts import TOKEN_UNITS, Price, PriceMode
from domain.reconcile import Claim, key_of_value
from domain.rules import Rule
from domain.sheets import current
from domain.statements import Value

_PAGE = "docs/methodology.md#changes"
PRICE = Rule(
    "changes.price",
    "Kinds of price changes",
    "FIRST_COVERAGE: before that day no price of this mode and tier was known. CHANGE: the price became another one on that day, or "
    "ended. CORRECTION: the price of days that we had a price for is now another one, or, on a day that no source states, another "
    "source is believed than before; what changed then is what we know and not what is asked.",
    _PAGE,
)
FACT = Rule(
    "changes.fact",
    "Kinds of fact changes",
    "FIRST_COVERAGE: the fact was unknown before, or the whole model or route was. CHANGE: whoever stated the value before no longer "
    "does. CORRECTION: the value of before is still stated by somebody, and another one is accepted now.",
    _PAGE,
)
RULES = (PRICE, FACT)


class ChangeKind(StrEnum):
    """CHANGE: the world changed. CORRECTION: what we know changed. FIRST_COVERAGE: it was not known before."""

    FIRST_COVERAGE = "FIRST_COVERAGE"
    CHANGE = "CHANGE"
    CORRECTION = "CORRECTION"


Amounts = Mapping[str, Decimal]
"""By unit, those that have an amount."""


@dataclass(frozen=True, slots=True)
class PriceStep:
    """A day on which the accepted price of one mode and tier is another one than the day before. `before` is empty where there
    was none, `after` where it ended; `day` is None where nobody knows when the first one began."""

    kind: ChangeKind
    day: date | None
    basis: DateBasis
    before: Amounts
    after: Amounts
    source: str
    previous_source: str | None = None


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A recorded step of one route. `revision` is the first catalogue revision that has it."""

    id: int
    route_id: int
    route_key: str
    mode: PriceMode
    above: int
    currency: str
    step: PriceStep
    recorded_at: datetime
    revision: int | None


@dataclass(frozen=True, slots=True)
class FactChange:
    """A recorded change of one field of a model or of a route; None is unknown. The field `listed` stands for the whole thing."""

    id: int
    model_id: int | None
    route_id: int | None
    of: str
    field: str
    kind: ChangeKind
    before: Value | None
    after: Value | None
    source: str | None
    recorded_at: datetime
    revision: int | None


def amounts_of(price: Price) -> Amounts:
    """The amounts that a sheet has."""
    token = {unit: getattr(price, f"{unit}_mtok") for unit in TOKEN_UNITS}
    return {unit: amount for unit, amount in {**token, **price.other_units}.items() if amount is not None}


def price_steps(old: Sequence[Price], new: Sequence[Price]) -> list[PriceStep]:
    """What is different in the timeline of one mode and tier (rule `changes.price`), oldest first. `old` and `new` are its sheets
    by day, which do not overlap."""
    known = {_mark(step) for step in _steps(old)}
    last = max((sheet.valid_from or date.min for sheet in old), default=None)
    found = []
    for step in _steps(new):
        if _mark(step) in known:
            continue
        begins = step.day or date.min
        # Days of the known history that have another price now are corrected; what comes after it goes on from there.
        then = next(iter(current(old, begins)), None) if last is not None and begins <= last else None
        if then is None or amounts_of(then) == step.after:
            found.append(step)
        elif step.before:
            found.append(replace(step, kind=ChangeKind.CORRECTION))
        else:  # the first price that is known: what it corrects is what was taken for it
            before = amounts_of(then)
            found.append(replace(step, kind=ChangeKind.CORRECTION, before=before, previous_source=then.source))
    if old and not new:
        gone = max(old, key=lambda sheet: sheet.valid_from or date.min)
        found.append(replace(_end(gone), kind=ChangeKind.CORRECTION, day=gone.valid_from, basis=gone.valid_from_basis))
    return found


def _mark(step: PriceStep) -> tuple[object, ...]:
    return step.day, tuple(sorted(step.before.items())), tuple(sorted(step.after.items()))


def _steps(sheets: Sequence[Price]) -> Iterator[PriceStep]:
    """The steps of one timeline as it stands."""
    previous: Price | None = None
    for sheet in sorted(sheets, key=lambda each: each.valid_from or date.min):
        after = amounts_of(sheet)
        if previous is not None and previous.valid_to is not None and previous.valid_to != sheet.valid_from:
            yield _end(previous)
            previous = None if sheet.valid_from is None else previous
            yield PriceStep(ChangeKind.CHANGE, sheet.valid_from, sheet.valid_from_basis, {}, after, sheet.source)
        elif previous is None:
            kind = ChangeKind.FIRST_COVERAGE
            yield PriceStep(kind, sheet.valid_from, sheet.valid_from_basis, {}, after, sheet.source)
        elif amounts_of(previous) != after:  # else it is only its hours that changed
            other = sheet.source != previous.source and sheet.valid_from_basis is DateBasis.OBSERVED
            kind = ChangeKind.CORRECTION if other else ChangeKind.CHANGE
            before = amounts_of(previous)
            yield PriceStep(
                *(kind, sheet.valid_from, sheet.valid_from_basis, before, after, sheet.source, previous.source)
            )
        previous = sheet
    if previous is not None and previous.valid_to is not None:
        yield _end(previous)


def _end(sheet: Price) -> PriceStep:
    return PriceStep(
        *(ChangeKind.CHANGE, sheet.valid_to, DateBasis.OBSERVED, amounts_of(sheet), {}, sheet.source, sheet.source)
    )


def fact_change_kind(field: str, before: Value | None, claims: Iterable[Claim]) -> ChangeKind:
    """Of which kind the change of a fact is (rule `changes.fact`); `claims` are those about the thing now."""
    if before is None:
        return ChangeKind.FIRST_COVERAGE
    same = key_of_value(field, before)
    stated = any(
        claim.field == field and claim.until is None and key_of_value(field, claim.value) == same for claim in claims
    )
    return ChangeKind.CORRECTION if stated else ChangeKind.CHANGE
