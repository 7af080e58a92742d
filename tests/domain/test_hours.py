"""Hours of the week: one spelling for each window, what a window covers, and what is left of the week."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.hours import DAY, WEEK, Holidays, Hours, at_weekdays_of, covered, covers, in_order, parse_hours, rest

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))
DAYS = st.sets(st.sampled_from(WEEK), min_size=1).map(lambda days: tuple(day for day in WEEK if day in days))
DATES = st.lists(st.dates(date(2026, 1, 1), date(2026, 3, 1)), unique=True, max_size=9)
HOLIDAYS = DATES.map(lambda dates: Holidays("CN", date(2026, 12, 31), tuple(sorted(dates))))
OFFSETS = st.sampled_from([0, 480, -210])


@st.composite
def windows(draw: st.DrawFn, *, plain: bool = False) -> Hours:
    """Any window; a plain one is at UTC and knows no holidays."""
    start, end = draw(st.tuples(st.integers(0, DAY - 1), st.integers(1, DAY)).filter(lambda pair: pair[0] != pair[1]))
    if plain:
        return Hours(draw(DAYS), start, end)
    holidays = draw(st.none() | HOLIDAYS)
    days = draw(DAYS if holidays is None else DAYS | st.just(()))
    return Hours(days, start, end, draw(OFFSETS), holidays)


@given(windows())
def test_a_window_has_one_spelling(window: Hours) -> None:
    assert parse_hours(str(window)) == window


@pytest.mark.parametrize(
    "text",
    [
        "MON-FRI 01:00-04:00 UTC",
        "MON-SUN 16:30-00:30 UTC",
        "MON,WED-THU,SUN 00:00-24:00 UTC+08:00",
        "SAT-SUN 09:05-12:00 UTC-03:30",
        "MON-FRI 01:00-04:00 UTC except CN through 2026-12-31: 2026-01-01/2026-01-03 2026-02-15",
        "HOLIDAYS 00:00-24:00 UTC of CN through 2026-12-31: 2026-10-01/2026-10-07",
        "MON 00:00-24:00 UTC except CN through 2026-12-31:",
    ],
)
def test_spellings(text: str) -> None:
    assert str(parse_hours(text)) == text


@pytest.mark.parametrize(
    ("_case", "text"),
    [
        ("nothing", ""),
        ("no days", "01:00-04:00 UTC"),
        ("a word that is no day", "WEEKDAYS 01:00-04:00 UTC"),
        ("days out of order", "SUN,MON 01:00-04:00 UTC"),
        ("a run that ends before it starts", "FRI-MON 01:00-04:00 UTC"),
        ("days one by one", "MON,TUE 01:00-04:00 UTC"),
        ("another zone", "MON 01:00-04:00 CET"),
        ("UTC with a distance of nothing", "MON 01:00-04:00 UTC+00:00"),
        ("midnight as the end", "MON 10:00-00:00 UTC"),
        ("no time at all", "MON 10:00-10:00 UTC"),
        ("a late hour", "MON 10:00-25:00 UTC"),
        ("minutes beyond the hour", "MON 10:75-12:00 UTC"),
        ("holidays of nobody", "HOLIDAYS 00:00-24:00 UTC"),
        ("weekdays of holidays", "MON 00:00-24:00 UTC of CN through 2026-12-31: 2026-10-01"),
        ("holidays out of order", "MON 00:00-24:00 UTC except CN through 2026-12-31: 2026-10-02 2026-10-01"),
        ("a run written out", "MON 00:00-24:00 UTC except CN through 2026-12-31: 2026-10-01 2026-10-02"),
        ("no day of the calendar", "MON 00:00-24:00 UTC except CN through 2026-12-31: 2026-13-01"),
    ],
)
def test_other_texts_are_refused(_case: str, text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_hours(text)


HOLY = "except CN through 2026-12-31: 2026-10-01/2026-10-07"


@pytest.mark.parametrize(
    ("_case", "text", "moment", "answer"),
    [
        ("at its start", "MON 01:00-04:00 UTC", "2026-11-23T01:00", True),
        ("at its end", "MON 01:00-04:00 UTC", "2026-11-23T04:00", False),
        ("its last minute", "MON 01:00-04:00 UTC", "2026-11-23T03:59:59", True),
        ("on another day", "MON 01:00-04:00 UTC", "2026-11-24T02:00", False),
        ("before midnight", "MON 16:30-00:30 UTC", "2026-11-23T23:00", True),
        ("after midnight it is still Monday's", "MON 16:30-00:30 UTC", "2026-11-24T00:29", True),
        ("after midnight of Sunday", "MON 16:30-00:30 UTC", "2026-11-23T00:29", False),
        ("the whole day", "MON 00:00-24:00 UTC", "2026-11-23T23:59", True),
        ("Monday in China", "MON 00:00-08:00 UTC+08:00", "2026-11-22T16:00", True),
        ("no longer Monday in China", "MON 00:00-24:00 UTC+08:00", "2026-11-23T16:00", False),
        ("a holiday", f"MON-FRI 01:00-04:00 UTC {HOLY}", "2026-10-01T02:00", False),
        ("no holiday", f"MON-FRI 01:00-04:00 UTC {HOLY}", "2026-10-08T02:00", True),
        ("a holiday nobody knows", f"MON-FRI 01:00-04:00 UTC {HOLY}", "2027-01-01T02:00", None),
        ("not those hours in any case", f"MON-FRI 01:00-04:00 UTC {HOLY}", "2027-01-01T05:00", False),
        ("only on holidays", f"HOLIDAYS 00:00-24:00 UTC {HOLY.replace('except', 'of')}", "2026-10-07T23:59", True),
        ("not on others", f"HOLIDAYS 00:00-24:00 UTC {HOLY.replace('except', 'of')}", "2026-10-08T00:00", False),
    ],
)
def test_what_a_window_covers(_case: str, text: str, moment: str, answer: bool | None) -> None:
    assert covers(parse_hours(text), datetime.fromisoformat(moment).replace(tzinfo=UTC)) is answer


@given(windows(plain=True), MOMENTS, st.integers(1, 52))
def test_a_week_later_is_the_same(window: Hours, moment: datetime, weeks: int) -> None:
    assert covers(window, moment) == covers(window, moment + timedelta(weeks=weeks))


@given(windows(), MOMENTS, OFFSETS)
def test_how_a_moment_is_written_does_not_matter(window: Hours, moment: datetime, offset: int) -> None:
    assert covers(window, moment) == covers(window, moment.astimezone(timezone(timedelta(minutes=offset))))


@given(st.lists(windows(plain=True), min_size=1, max_size=4), MOMENTS)
def test_the_rest_covers_what_the_windows_do_not(given_: list[Hours], moment: datetime) -> None:
    assert covered(rest(given_), moment) is not covered(given_, moment)


@given(
    st.lists(windows(plain=True).filter(lambda window: window.end > window.start), min_size=1, max_size=3),
    HOLIDAYS,
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 2, 1)),
)
def test_the_rest_has_the_holidays(given_: list[Hours], holidays: Holidays, moment: datetime) -> None:
    holy = [Hours(window.days, window.start, window.end, 0, holidays) for window in given_]
    answer = covered(holy, moment.replace(tzinfo=UTC))
    assert covered(rest(holy), moment.replace(tzinfo=UTC)) is (None if answer is None else not answer)


@pytest.mark.parametrize(
    ("_case", "given_", "left"),
    [
        ("every night", ["MON-SUN 16:30-00:30 UTC"], ["MON-SUN 00:30-16:30 UTC"]),
        (
            "working hours",
            ["MON-FRI 01:00-04:00 UTC", "MON-FRI 06:00-10:00 UTC"],
            [
                "MON-FRI 00:00-01:00 UTC",
                "MON-FRI 04:00-06:00 UTC",
                "MON-FRI 10:00-24:00 UTC",
                "SAT-SUN 00:00-24:00 UTC",
            ],
        ),
        ("two clocks", ["MON 01:00-04:00 UTC", "MON 01:00-04:00 UTC+08:00"], []),
        ("the night before a holiday", [f"MON-SUN 16:30-00:30 UTC {HOLY}"], []),
        ("always", ["MON-SUN 00:00-24:00 UTC"], []),
        ("no window", [], []),
    ],
)
def test_what_is_left(_case: str, given_: list[str], left: list[str]) -> None:
    assert [str(window) for window in rest([parse_hours(text) for text in given_])] == left


@given(windows(plain=True), st.sampled_from([480, -210]), MOMENTS)
def test_weekdays_of_another_place_judge_each_moment(window: Hours, offset: int, moment: datetime) -> None:
    """The clock is that of UTC, the weekday that of the place."""
    local = moment.astimezone(timezone(timedelta(minutes=offset)))
    daily = Hours(WEEK, window.start, window.end)
    wanted = covers(daily, moment) and WEEK[local.weekday()] in window.days
    assert covered(at_weekdays_of(window, offset), moment) is wanted


def test_windows_have_an_order() -> None:
    texts = ["HOLIDAYS 00:00-24:00 UTC of CN through 2026-12-31:", "SAT-SUN 00:00-24:00 UTC", "MON-FRI 04:00-06:00 UTC"]
    given_ = [parse_hours(text) for text in texts]
    assert in_order([*given_, given_[0]]) == tuple(reversed(given_))
