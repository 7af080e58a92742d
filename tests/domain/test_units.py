"""Display text: what rounds, how, and nothing else."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import PartialDate
from domain.units import (
    display_date,
    display_parameters,
    display_percent,
    display_percents,
    display_price,
    display_tokens,
    display_usd,
    display_usd_difference,
    exact,
    plain,
)


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0"),
        (512, "512"),
        (999, "999"),
        (1_000, "1k"),
        (1_500, "2k"),
        (8_191, "8k"),
        (8_192, "8k"),
        (131_072, "128k"),
        (200_000, "200k"),
        (256_000, "256k"),
        (262_144, "256k"),
        (999_499, "999k"),
        (999_999, "1M"),
        (1_000_000, "1M"),
        (1_048_576, "1M"),
        (1_050_000, "1.05M"),
        (1_310_720, "1.25M"),
        (2_000_000, "2M"),
        (10_485_760, "10M"),
    ],
)
def test_tokens(count: int, shown: str) -> None:
    """Divisible by 1,000 in thousands, else by 1,024, else to the nearest thousand; from 1,000k on as M."""
    assert display_tokens(count) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "$0"),
        ("0.004999", "under $0.01"),
        ("0.005", "$0.01"),
        ("2.7", "$2.70"),
        ("99.994", "$99.99"),
        ("99.995", "$100"),
        ("270", "$270"),
        ("270.5", "$271"),
        ("1234567.5", "$1,234,568"),
        ("-2.7", "-$2.70"),
    ],
)
def test_usd(amount: str, shown: str) -> None:
    """Cents below $100, whole dollars from there on, half up."""
    assert display_usd(Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0.6", "$0.60/1M tokens"),
        ("0.15", "$0.15/1M tokens"),
        ("0.075", "$0.075/1M tokens"),
        ("0.00001", "$0.00001/1M tokens"),
        ("1.23456", "$1.235/1M tokens"),
        ("2E+1", "$20.00/1M tokens"),
        ("1234.5", "$1,234.50/1M tokens"),
    ],
)
def test_price(amount: str, shown: str) -> None:
    """Two decimals at least, four significant digits at most."""
    assert display_price(Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("total", "active", "shown"),
    [
        (119_000_000_000, 6_500_000_000, "119B (6.5B active)"),
        (1_543_714_304, None, "1.54B"),
        (999_999_999_999, None, "1T"),
        (270_000_000, None, "270M"),
        (7_000_000_000, 7_000_000_000, "7B"),
        (None, 6_500_000_000, "6.5B active"),
        (None, None, None),
    ],
)
def test_parameters(total: int | None, active: int | None, shown: str | None) -> None:
    """Three significant digits; the active ones only where they differ from the total."""
    assert display_parameters(total, active) == shown


def test_dates_keep_the_precision_of_their_source() -> None:
    """A month stays a month, and nothing stays nothing."""
    assert [display_date(each) for each in (date(2026, 3, 16), PartialDate("2025-06"), None)] == [
        "2026-03-16",
        "2025-06",
        None,
    ]


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        (["0.172", "0.168"], ("17.2 %", "16.8 %")),
        (["0.17", "0.98"], ("17 %", "98 %")),
        (["0.17", "0.17"], ("17 %", "17 %")),
        (["0.16666", "0.16667"], ("16.666 %", "16.667 %")),
        (["0.33333333333", "0.33333333334"], ("33.333333 %", "33.333333 %")),
    ],
)
def test_shares_beside_each_other_are_told_apart(shares: list[str], expected: tuple[str, ...]) -> None:
    assert display_percents([Decimal(share) for share in shares]) == expected


def test_percent() -> None:
    """Whole percent, half up."""
    assert [display_percent(Decimal(each)) for each in ("0.985", "0", "1")] == ["99 %", "0 %", "100 %"]


@given(st.decimals(min_value="0", max_value="1e12", places=9))
def test_plain_text_is_the_same_number_without_exponent(value: Decimal) -> None:
    """`plain` never changes a value."""
    assert Decimal(plain(value)) == value
    assert "E" not in plain(value)


def test_exact_arithmetic_keeps_every_digit() -> None:
    """The default context would round this product to 28 digits."""
    left, right = Decimal("1234567890123456789.123456789"), Decimal("0.123456789123")
    with exact():
        assert left * right / right == left
        product = left * right
    assert product.as_tuple().exponent == -21


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("10.404", "13.096", "$2.70"),
        ("1270.4", "1273.6", "$4"),
        ("270.4", "270.3", "under $1"),
        ("2.701", "2.702", "under $0.01"),
        ("0.004", "2.704", "$2.70"),
        ("99.60", "103.2", "$4"),
        ("30", "1230.4", "$1,200"),
        ("207.5", "40.05", "$167"),
        ("126.04", "52.078", "$74"),
        ("50.5", "100", "$50"),
        ("99.99", "100.3", "under $1"),
        ("270", "270", "$0"),
    ],
)
def test_a_difference_is_that_of_the_amounts_as_they_are_shown_or_as_exact_as_the_coarser_one(
    before: str, after: str, shown: str
) -> None:
    assert display_usd_difference(Decimal(before), Decimal(after)) == shown
    assert display_usd_difference(Decimal(after), Decimal(before)) == shown


_USD = st.decimals(min_value=0, max_value=10**9, places=6)


def _read(shown: str) -> Decimal:
    return Decimal(0) if shown.startswith("under") else Decimal(shown.lstrip("$").replace(",", ""))


@given(_USD, st.one_of(_USD, st.decimals(min_value=-5, max_value=5, places=6)), st.booleans())
def test_whoever_subtracts_what_is_shown_finds_what_is_shown_as_far_as_both_are_shown_alike(
    before: Decimal, other: Decimal, near: bool
) -> None:
    after = abs(before + other) if near else abs(other)
    apart = display_usd_difference(before, after)
    shown = [display_usd(before), display_usd(after)]
    if len({"." in each or _read(each) < 100 for each in shown}) == 1:  # both in cents, or both in whole dollars
        assert _read(apart) == abs(_read(shown[1]) - _read(shown[0]))
    else:
        assert _read(apart) == abs(after - before).quantize(Decimal(1), ROUND_HALF_UP)
    assert (apart == "$0") is (before == after)
