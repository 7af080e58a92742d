"""Hours of the week as foreign catalogues write them, in our notation: a list of texts in the field `hours.<PriceMode>`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from domain.facts import PriceMode
from domain.hours import DAY, WEEK, Holidays, Hours, Weekday, in_order, rest
from ingest.sources.reading import Row, Saying, full_date

_CLOCK = re.compile(r"(\d\d):(\d\d)(?::00)?Z?")


def window(first: str, last: str, days: Sequence[Weekday] = WEEK) -> Hours | None:
    """The hours between two times of day in UTC, `16:30` or `16:30:00Z`; None where they are written in another way. Midnight
    ends a day, and from midnight to midnight is a whole one."""
    start, end = _CLOCK.fullmatch(first), _CLOCK.fullmatch(last)
    if start is None or end is None:
        return None
    minutes = [60 * int(match[1]) + int(match[2]) for match in (start, end)]
    try:
        return Hours(tuple(days), minutes[0], minutes[1] or DAY)
    except ValueError:
        return None


def holidays(row: Row, windows: Sequence[Hours]) -> tuple[Hours, ...] | None:
    """The windows without the holidays of a calendar {dates, covers_through, utc_offset_hours}; None where it cannot be read, or
    where a window reaches into another day there."""
    dates = [day for text in row.texts("dates") or [] if (day := full_date(text)) is not None]
    through, offset = full_date(row.day("covers_through")), row.number("utc_offset_hours")
    row.get("source")
    row.close()
    name = row.locator.rpartition("/")[2].upper()
    if through is None or offset is None or not dates or len(name) != len("CN"):
        return None
    calendar = Holidays(name, through, tuple(sorted(set(dates))))
    shift = int(offset * 60)
    if not all(0 <= edge + shift <= DAY for each in windows for edge in (each.start, max(each.end, each.start))):
        return None
    return tuple(replace(each, holidays=calendar) for each in windows)


def say_hours(
    say: Saying,
    mode: PriceMode,
    windows: Sequence[Hours],
    locator: str,
    *,
    valid_from: date | None = None,
    observed_from: date | None = None,
    valid_to: date | None = None,
    url: str | None = None,
    as_written: str | None = None,
) -> None:
    """States when the prices of one mode hold."""
    say(
        f"hours.{mode}",
        [str(each) for each in in_order(windows)] or None,
        locator,
        valid_from=valid_from,
        observed_from=observed_from,
        valid_to=valid_to,
        url=url,
        as_written=as_written,
    )


def two_sided(windows: Sequence[Hours], mode: PriceMode, other: PriceMode) -> dict[PriceMode, tuple[Hours, ...]]:
    """The windows for one mode and all other hours for the other one."""
    return {mode: in_order(windows), other: rest(windows)}
