"""The hours of the week in which a price holds: windows by weekday in one fixed notation, with the public holidays that they
leave out.

`MON-FRI 01:00-04:00 UTC`, `MON-SUN 16:30-00:30 UTC+08:00` (the day is that of the start),
`MON-FRI 01:00-04:00 UTC except CN through 2026-12-31: 2026-01-01/2026-01-03 2026-02-15` and, on such days alone,
`HOLIDAYS 00:00-24:00 UTC of CN through 2026-12-31: …`. Each window has one spelling, so that equal hours are equal texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from itertools import groupby

DAY = 24 * 60
_CLOCK = r"(\d\d):(\d\d)"
_TEXT = re.compile(
    rf"(?P<days>[A-Z,-]+) {_CLOCK}-{_CLOCK} UTC(?:(?P<sign>[+-]){_CLOCK})?"
    r"(?: (?P<how>except|of) (?P<calendar>[A-Z]{2}) through (?P<through>\d{4}-\d\d-\d\d):(?P<dates>(?: [\d/-]+)*))?"
)


class Weekday(StrEnum):
    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"
    SUN = "SUN"


WEEK: tuple[Weekday, ...] = tuple(Weekday)
_ORDER = {day: number for number, day in enumerate(WEEK)}


@dataclass(frozen=True, slots=True)
class Holidays:
    """The public holidays of a country (`calendar` is its ISO 3166 code), known up to `through`; dates ascend."""

    calendar: str
    through: date
    dates: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """One window. `start` and `end` are minutes of the day at `offset` minutes from UTC; an end that is not after the start
    is on the next day. `days` are those on which it starts; not on `holidays`, or, where `days` is empty, on those alone."""

    days: tuple[Weekday, ...]
    start: int
    end: int
    offset: int = 0
    holidays: Holidays | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for what has no spelling."""
        if not 0 <= self.start < DAY or not 0 < self.end <= DAY or self.start == self.end or abs(self.offset) >= DAY:
            raise ValueError(f"no window of a day: {self.start} to {self.end} at {self.offset}")
        if tuple(sorted(set(self.days), key=_ORDER.__getitem__)) != self.days or not (self.days or self.holidays):
            raise ValueError(f"no days of a week: {self.days}")
        if self.holidays and sorted({*self.holidays.dates}) != [*self.holidays.dates]:
            raise ValueError("holidays out of order")

    def __str__(self) -> str:
        days = _shown(self.days) if self.days else "HOLIDAYS"
        text = f"{days} {clock(self.start)}-{clock(self.end)} {self.time_zone}"
        if self.holidays is None:
            return text
        spans = "".join(f" {span}" for span in _spans(self.holidays.dates))
        how = "except" if self.days else "of"
        return f"{text} {how} {self.holidays.calendar} through {self.holidays.through}:{spans}"

    @property
    def time_zone(self) -> str:
        """`UTC`, or its distance from it."""
        return "UTC" if not self.offset else f"UTC{'+' if self.offset > 0 else '-'}{clock(abs(self.offset))}"


def clock(minutes: int) -> str:
    """Minutes of the day as `16:30`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _shown(days: Sequence[Weekday]) -> str:
    runs = [
        [WEEK[n] for _, n in run]
        for _, run in groupby(enumerate(_ORDER[day] for day in days), lambda pair: pair[1] - pair[0])
    ]
    return ",".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _spans(dates: Sequence[date]) -> Iterator[str]:
    for _, run in groupby(enumerate(dates), lambda pair: pair[1].toordinal() - pair[0]):
        days = [day for _, day in run]
        yield str(days[0]) if len(days) == 1 else f"{days[0]}/{days[-1]}"


@lru_cache(maxsize=512)
def parse_hours(text: str) -> Hours:
    """The window that a text names. Raises ValueError unless the text is its one spelling."""
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError(f"not a window of hours: {text!r}")
    start, end = (60 * int(match[n]) + int(match[n + 1]) for n in (2, 4))
    offset = 0 if match["sign"] is None else int(f"{match['sign']}{60 * int(match[7]) + int(match[8])}")
    holidays = None
    if match["calendar"] is not None:
        dates = tuple(day for span in match["dates"].split() for day in _dates(span))
        holidays = Holidays(match["calendar"], date.fromisoformat(match["through"]), dates)
    days = () if match["days"] == "HOLIDAYS" else tuple(day for run in match["days"].split(",") for day in _days(run))
    found = Hours(days, start, end, offset, holidays)
    if str(found) != text:
        raise ValueError(f"not the spelling of {found}: {text!r}")
    return found


def _days(run: str) -> tuple[Weekday, ...]:
    first, _, last = run.partition("-")
    return WEEK[_ORDER[Weekday(first)] : _ORDER[Weekday(last or first)] + 1]


def _dates(span: str) -> Iterator[date]:
    first, _, last = span.partition("/")
    day, end = date.fromisoformat(first), date.fromisoformat(last or first)
    while day <= end:
        yield day
        day += timedelta(days=1)


def covers(window: Hours, moment: datetime) -> bool | None:
    """Whether a moment lies in the window; None where the calendar of holidays does not reach so far."""
    local = moment.astimezone(timezone(timedelta(minutes=window.offset)))
    minute = 60 * local.hour + local.minute
    end = window.end if window.end > window.start else window.end + DAY
    for shift in (0, 1):
        if window.start <= minute + shift * DAY < end:
            return _starts_on(window, local.date() - timedelta(days=shift))
    return False


def _starts_on(window: Hours, day: date) -> bool | None:
    if window.days and WEEK[day.weekday()] not in window.days:
        return False
    if window.holidays is None:
        return True
    if day > window.holidays.through:
        return None
    return (day in window.holidays.dates) is not bool(window.days)


def covered(windows: Iterable[Hours], moment: datetime) -> bool | None:
    """Whether a moment lies in one of the windows; None where that cannot be told."""
    answers = {covers(window, moment) for window in windows}
    return True if True in answers else None if None in answers else False


def at_weekdays_of(window: Hours, offset: int) -> tuple[Hours, ...]:
    """The same clock hours where weekdays are counted at another distance from UTC: each moment belongs to the day that it
    has there, so that a window over midnight is split in two."""
    start, length = (window.start + offset - window.offset) % DAY, (window.end - window.start - 1) % DAY + 1
    if start + length <= DAY:
        return (Hours(window.days, start, start + length, offset, window.holidays),)
    first = Hours(window.days, start, DAY, offset, window.holidays)
    return (Hours(window.days, 0, start + length - DAY, offset, window.holidays), first)


def rest(windows: Sequence[Hours]) -> tuple[Hours, ...]:
    """All hours outside of the windows, day by day. Empty where nothing is left, or where it has no spelling: windows at
    several offsets, with several calendars, or over the midnight before a holiday."""
    frames = {(window.offset, window.holidays) for window in windows}
    over = any(window.end <= window.start for window in windows)
    if len(frames) != 1 or not all(window.days for window in windows):
        return ()
    [(offset, holidays)] = frames
    if holidays is not None and over:
        return ()
    taken: dict[Weekday, set[int]] = {day: set() for day in WEEK}
    for window in windows:
        for day in window.days:
            end = window.end if window.end > window.start else DAY
            taken[day].update(range(window.start, end))
            if end != window.end:
                taken[WEEK[(_ORDER[day] + 1) % len(WEEK)]].update(range(window.end))
    free: dict[tuple[int, int], list[Weekday]] = {}
    for day in WEEK:
        left = [minute for minute in range(DAY) if minute not in taken[day]]
        for _, run in groupby(enumerate(left), lambda pair: pair[1] - pair[0]):
            minutes = [minute for _, minute in run]
            free.setdefault((minutes[0], minutes[-1] + 1), []).append(day)
    found = [Hours(tuple(days), start, end, offset) for (start, end), days in free.items()]
    if holidays is not None:
        found.append(Hours((), 0, DAY, offset, holidays))
    return in_order(found)


def in_order(windows: Iterable[Hours]) -> tuple[Hours, ...]:
    """Each window once: by first day, then by hour; those on holidays last."""
    key = {
        window: (_ORDER[window.days[0]] if window.days else len(WEEK), window.start, str(window)) for window in windows
    }
    return tuple(sorted(key, key=key.__getitem__))
