"""Days as exactly as their source gives them: whether a day is stated or observed, and of an announced one a day that sorts with
what is known of it. A maker names a day, a month, a year, or only the day before which nothing happens.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_WRITTEN = re.compile(r"(>=)?(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


class DateBasis(StrEnum):
    """STATED: the source names the day. OBSERVED: we only know that the source showed it on that day."""

    STATED = "STATED"
    OBSERVED = "OBSERVED"


class DatePrecision(StrEnum):
    """How exactly a source announces a day. DAY: it names it. MONTH, YEAR: it names only that; the day kept is the last one,
    because before it nobody knows that it has come. NOT_BEFORE: it only says that nothing happens earlier; the day kept is
    the first one on which it may come, and that day alone ends nothing."""

    DAY = "DAY"
    MONTH = "MONTH"
    YEAR = "YEAR"
    NOT_BEFORE = "NOT_BEFORE"


@dataclass(frozen=True, slots=True)
class Announced:
    """An announced day and how exactly it is announced."""

    day: date
    precision: DatePrecision = DatePrecision.DAY

    @property
    def is_end(self) -> bool:
        """Whether something is announced to happen at all."""
        return self.precision is not DatePrecision.NOT_BEFORE

    def has_come(self, on: date) -> bool:
        """Whether it has come for certain by a day. Of a NOT_BEFORE nobody knows, whatever the day."""
        return self.is_end and self.day <= on

    def comes_before(self, day: date) -> bool | None:
        """Whether it comes before a day; None where a month or a year may come before or after it, and for a NOT_BEFORE."""
        if not self.is_end:
            return None
        first = {DatePrecision.MONTH: self.day.replace(day=1), DatePrecision.YEAR: self.day.replace(month=1, day=1)}
        if self.day < day:
            return True
        return None if first.get(self.precision, self.day) < day else False

    @property
    def text(self) -> str:
        """As statements have it, so that `announced` reads the same."""
        written = self.day.isoformat()
        return {
            DatePrecision.DAY: written,
            DatePrecision.MONTH: written[:7],
            DatePrecision.YEAR: written[:4],
            DatePrecision.NOT_BEFORE: f">={written}",
        }[self.precision]

    @property
    def words(self) -> str:
        """Such as `on 2026-10-22`, `in 2026-10`, `in 2026` or `not before 2026-10-22`."""
        written = self.day.isoformat()
        return {
            DatePrecision.DAY: f"on {written}",
            DatePrecision.MONTH: f"in {written[:7]}",
            DatePrecision.YEAR: f"in {written[:4]}",
            DatePrecision.NOT_BEFORE: f"not before {written}",
        }[self.precision]


def announced(text: str) -> Announced | None:
    """What `2026-10-22`, `2026-10`, `2026` or, for a day before which nothing happens, `>=2026-10-22`, `>=2026-10` or `>=2026`
    names; None where it is none of these or not in the calendar."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return None
    not_before, year, month, day = match[1], int(match[2]), match[3], match[4]
    try:
        first = date(year, int(month or 1), int(day or 1))
    except ValueError:
        return None
    if not_before:
        return Announced(first, DatePrecision.NOT_BEFORE)
    if day:
        return Announced(first)
    if month:
        return Announced(first.replace(day=monthrange(year, first.month)[1]), DatePrecision.MONTH)
    return Announced(first.replace(month=12, day=31), DatePrecision.YEAR)
