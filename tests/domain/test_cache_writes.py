"""What a cache write is billed at."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

import pytest

from domain.cost import RouteCost, route_cost
from domain.facts import Price, PriceBasis, PriceMode, Unavailable
from domain.overrides import OwnSheet
from domain.workload import RequestClass, Workload
from tests.domain.made_up import offer


@pytest.mark.parametrize(
    ("written", "billed", "note"),
    [
        ("0.375", "1.25", "for keeping alone: writes are billed at the input price"),
        ("1.24", "1.25", "for keeping alone: writes are billed at the input price"),
        ("1.25", "1.25", None),
        ("1.5625", "1.5625", None),
        (None, "1.25", "No cache write price: cache writes are billed at the input price."),
    ],
)
def test_what_is_written_to_a_cache_is_read_before(written: str | None, billed: str, note: str | None) -> None:
    """Price lists of Gemini have what keeping costs for a cache write; the million tokens that are written bill as input."""
    of = offer("google", price=("1.25", "10"))
    price = replace(of.prices[0], cache_write_mtok=None if written is None else Decimal(written))
    workload = Workload("x", (RequestClass("x", 1, 0, 0, cache_write=1_000_000),))
    found = route_cost(replace(of, prices=(price,)), workload)
    assert isinstance(found, RouteCost)
    assert found.total == Decimal(billed)
    assert [each for each in found.notes if note and note in each] == list(found.notes)


def test_a_price_of_ones_own_is_what_one_pays() -> None:
    """No list of others says what the caller's own price is for."""
    of = offer("google", price=("1.25", "10"))
    own = OwnSheet(
        **{each.name: getattr(of.prices[0], each.name) for each in fields(Price)}, own=frozenset({"cache_write"})
    )
    workload = Workload("x", (RequestClass("x", 1, 0, 0, cache_write=1_000_000),))
    found = route_cost(replace(of, prices=(replace(own, cache_write_mtok=Decimal("0.5")),)), workload)
    assert isinstance(found, RouteCost)
    assert (found.total, found.notes) == (Decimal("0.5"), ())


def test_the_bounds_of_a_missing_input_price_hold_what_an_hour_falls_back_to() -> None:
    """An hour for less than the input price bills as five minutes do, which may be dearer than any input price."""
    base = Price(
        0, 1, PriceMode.STANDARD, 0, output_mtok=Decimal(2), cache_write_mtok=Decimal(3), cache_write_1h_mtok=Decimal(1)
    )
    dear = Price(1, 1, PriceMode.PRIORITY, 0, input_mtok=Decimal(2), output_mtok=Decimal(2))
    workload = Workload("x", (RequestClass("x", 1, 0, 0, cache_write_1h=1_000_000),))
    of = offer("alpha", other_prices=(base, dear), price_basis=PriceBasis.METERED)
    found = route_cost(of, workload)
    assert isinstance(found, Unavailable)
    filled = route_cost(replace(of, prices=(replace(base, input_mtok=Decimal(2)), dear)), workload)
    assert isinstance(filled, RouteCost)
    assert filled.total == Decimal(3)
    assert (found.low, found.high) == (Decimal(1), Decimal(3))
