"""Announced days: what may be written, the day that sorts, and when it has come."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dates import Announced, DatePrecision, announced

DAY, MONTH, YEAR, NOT_BEFORE = DatePrecision


@pytest.mark.parametrize(
    ("written", "day", "precision", "words"),
    [
        ("2026-10-22", date(2026, 10, 22), DAY, "on 2026-10-22"),
        ("2026-10", date(2026, 10, 31), MONTH, "in 2026-10"),
        ("2028-02", date(2028, 2, 29), MONTH, "in 2028-02"),
        ("2026", date(2026, 12, 31), YEAR, "in 2026"),
        (">=2026-10-22", date(2026, 10, 22), NOT_BEFORE, "not before 2026-10-22"),
        (">=2026-10", date(2026, 10, 1), NOT_BEFORE, "not before 2026-10-01"),
        (">=2026", date(2026, 1, 1), NOT_BEFORE, "not before 2026-01-01"),
    ],
)
def test_an_announced_day(written: str, day: date, precision: DatePrecision, words: str) -> None:
    found = announced(written)
    assert found == Announced(day, precision)
    assert found.words == words
    assert announced(found.text) == found


@pytest.mark.parametrize(
    "written",
    [
        "",
        "soon",
        "2026-13",
        "2026-02-30",
        "0000",
        "26-10",
        "2026-1",
        "2026-10-22T00:00",
        ">2026",
        "> =2026",
        "2026 ",
        "2026-q4",
        "²026",
    ],
)
def test_anything_else_is_none(written: str) -> None:
    assert announced(written) is None


@given(st.dates(), st.sampled_from(DatePrecision), st.dates())
def test_it_has_come_from_its_day_on_unless_nobody_knows(day: date, precision: DatePrecision, on: date) -> None:
    one = Announced(day, precision)
    assert one.has_come(on) is (precision is not NOT_BEFORE and day <= on)
    assert one.is_end is (precision is not NOT_BEFORE)


@given(st.dates(max_value=date(9999, 12, 30)))
def test_the_day_of_a_month_is_its_last(day: date) -> None:
    found = announced(day.isoformat()[:7])
    assert found is not None
    assert (found.day + timedelta(days=1)).day == 1 if found.day < date.max else True
    assert found.day.isoformat()[:7] == day.isoformat()[:7]


@given(st.dates())
def test_the_finer_date_never_sorts_behind_the_coarser(day: date) -> None:
    written = day.isoformat()
    days = [found.day for part in (f">={written[:4]}", written, written[:7], written[:4]) if (found := announced(part))]
    assert len(days) == 4
    assert days == sorted(days)
