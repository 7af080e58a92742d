"""What became different, and of which kind the difference is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.changes import ChangeKind, PriceStep, amounts_of, fact_change_kind, price_steps
from domain.dates import DateBasis
from domain.facts import Price
from domain.reconcile import Claim
from domain.statements import Value
from tests.domain.told import said

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
STATED, OBSERVED = DateBasis.STATED, DateBasis.OBSERVED


def sheet(
    amount: str, start: date | None, end: date | None = None, *, source: str = "one", basis: DateBasis = STATED
) -> Price:
    return Price(
        *(1, 7),
        valid_from=start,
        valid_from_basis=basis,
        valid_to=end,
        input_mtok=Decimal(amount),
        output_mtok=Decimal(amount) * 2,
        source=source,
    )


def told(steps: Sequence[PriceStep]) -> list[tuple[str, date | None, str, str]]:
    return [
        (step.kind.value, step.day, str(step.before.get("input", "-")), str(step.after.get("input", "-")))
        for step in steps
    ]


OLD = [sheet("3", JANUARY, FEBRUARY), sheet("2", FEBRUARY)]


@pytest.mark.parametrize(
    ("_case", "old", "new", "expected"),
    [
        ("nothing", OLD, OLD, []),
        ("first seen", [], [sheet("3", JANUARY)], [("FIRST_COVERAGE", JANUARY, "-", "3")]),
        ("first seen, nobody knows since when", [], [sheet("3", None)], [("FIRST_COVERAGE", None, "-", "3")]),
        ("a history at once", [], OLD, [("FIRST_COVERAGE", JANUARY, "-", "3"), ("CHANGE", FEBRUARY, "3", "2")]),
        ("a new price", OLD, [OLD[0], sheet("2", FEBRUARY, MARCH), sheet("1", MARCH)], [("CHANGE", MARCH, "2", "1")]),
        ("an end", OLD, [OLD[0], sheet("2", FEBRUARY, MARCH)], [("CHANGE", MARCH, "2", "-")]),
        ("offered again", [sheet("3", JANUARY, FEBRUARY)], [sheet("3", JANUARY, FEBRUARY), sheet("2", MARCH)],
         [("CHANGE", MARCH, "-", "2")]),
        ("it had been another price", OLD, [OLD[0], sheet("1", FEBRUARY)], [("CORRECTION", FEBRUARY, "3", "1")]),
        ("it had changed on another day", OLD, [sheet("3", JANUARY, date(2026, 1, 20)), sheet("2", date(2026, 1, 20))],
         [("CORRECTION", date(2026, 1, 20), "3", "2")]),
        ("what was before is found out", [sheet("2", FEBRUARY)], OLD,
         [("FIRST_COVERAGE", JANUARY, "-", "3"), ("CHANGE", FEBRUARY, "3", "2")]),
        ("another source is believed from a day that nobody states", [],
         [sheet("3", JANUARY, FEBRUARY), sheet("2", FEBRUARY, source="two", basis=OBSERVED)],
         [("FIRST_COVERAGE", JANUARY, "-", "3"), ("CORRECTION", FEBRUARY, "3", "2")]),
        ("another source states the day", [], [sheet("3", JANUARY, FEBRUARY), sheet("2", FEBRUARY, source="two")],
         [("FIRST_COVERAGE", JANUARY, "-", "3"), ("CHANGE", FEBRUARY, "3", "2")]),
        ("the first one was taken for another", [sheet("3", JANUARY)], [sheet("2", JANUARY)],
         [("CORRECTION", JANUARY, "3", "2")]),
        ("it never was", [sheet("3", JANUARY)], [], [("CORRECTION", JANUARY, "3", "-")]),
        ("only its hours change", [], [sheet("3", JANUARY, FEBRUARY), sheet("3", FEBRUARY)],
         [("FIRST_COVERAGE", JANUARY, "-", "3")]),
        ("announced", OLD, [OLD[0], sheet("2", FEBRUARY, date(2027, 1, 1)), sheet("9", date(2027, 1, 1))],
         [("CHANGE", date(2027, 1, 1), "2", "9")]),
    ],
)  # fmt: skip
def test_steps(
    _case: str, old: list[Price], new: list[Price], expected: list[tuple[str, date | None, str, str]]
) -> None:
    assert told(price_steps(old, new)) == expected


def test_every_unit_of_a_sheet_counts() -> None:
    price = Price(1, 7, input_mtok=Decimal(1), cache_read_mtok=Decimal("0.1"), other_units={"per_image": Decimal(2)})
    assert amounts_of(price) == {"input": Decimal(1), "cache_read": Decimal("0.1"), "per_image": Decimal(2)}


_days = st.integers(0, 40).map(lambda days: JANUARY + timedelta(days))


@st.composite
def _timeline(draw: st.DrawFn) -> list[Price]:
    starts = sorted(draw(st.sets(_days, max_size=4)))
    ends = [*starts[1:], draw(st.none() | st.just(date(2026, 6, 1)))]
    return (
        [
            sheet(draw(st.sampled_from("123")), start, end, source=draw(st.sampled_from(["one", "two"])))
            for start, end in zip(starts, ends, strict=True)
        ]
        if starts
        else []
    )


@given(_timeline())
def test_the_same_again_is_no_change(prices: list[Price]) -> None:
    assert price_steps(prices, prices) == []


@given(_timeline())
def test_from_nothing_the_first_is_coverage_and_none_is_a_correction_of_it(prices: list[Price]) -> None:
    kinds = [step.kind for step in price_steps([], prices)]
    assert kinds[:1] == ([ChangeKind.FIRST_COVERAGE] if prices else [])
    assert set(kinds[1:]) <= {ChangeKind.CHANGE}


@given(_timeline(), _timeline())
def test_every_difference_is_told(old: list[Price], new: list[Price]) -> None:
    """The steps of the old timeline and those that are told lead to the new one."""
    steps = price_steps(old, new)
    days = [step.day or date.min for step in steps]
    assert days == sorted(days)
    then = {step.day for step in price_steps([], old)} | {step.day for step in steps}
    assert {step.day for step in price_steps([], new)} <= then


@given(_timeline(), st.sampled_from("456"))
def test_a_later_price_is_a_change_and_nothing_else(prices: list[Price], amount: str) -> None:
    later = date(2026, 5, 1)
    open_end = [*prices[:-1], *(sheet(str(each.input_mtok), each.valid_from, None) for each in prices[-1:])]
    closed = [*open_end[:-1], *(sheet(str(each.input_mtok), each.valid_from, later) for each in open_end[-1:])]
    steps = price_steps(open_end, [*closed, sheet(amount, later)])
    assert [step.kind for step in steps] == [ChangeKind.CHANGE if prices else ChangeKind.FIRST_COVERAGE]
    assert all(before.day != after.day for before, after in pairwise(steps))


@pytest.mark.parametrize(
    ("_case", "before", "claims", "kind"),
    [
        ("unknown before", None, [said("context_window", 8, "one")], ChangeKind.FIRST_COVERAGE),
        ("nobody says so any more", 4, [said("context_window", 8, "one")], ChangeKind.CHANGE),
        ("somebody still says so", 4, [said("context_window", 8, "one"), said("context_window", 4, "two")], ChangeKind.CORRECTION),
        ("withdrawn", 4, [said("context_window", 4, "one", until=MARCH)], ChangeKind.CHANGE),
        ("of another field", 4, [said("max_output", 4, "one")], ChangeKind.CHANGE),
    ],
)  # fmt: skip
def test_kinds_of_fact_changes(_case: str, before: Value | None, claims: list[Claim], kind: ChangeKind) -> None:
    assert fact_change_kind("context_window", before, claims) is kind
