"""Totals of many routes are those of whole bills."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cost import RouteCost, route_cost
from domain.eligible import Ineligible
from domain.facts import Offer, Price, PriceBasis, Task
from domain.overrides import OwnOffer
from domain.totals import SUSPICIOUS, NoTotal, Shapes, Total, Totals
from domain.workload import CHAT, PRESETS, RequestClass, Workload
from tests.domain.made_up import model, models, offer, offers
from tests.domain.sheeted import sheets, workloads


def _expected(one: Offer, workload: Workload, of: object) -> Total:
    bill = route_cost(one, workload, model=of)  # type: ignore[arg-type]
    if isinstance(bill, RouteCost):
        return SUSPICIOUS if bill.suspicious else bill.total
    return NoTotal(bill.reason, unknown=not isinstance(bill, Ineligible))


@given(models(1, "Ada"), st.lists(st.tuples(offers(), sheets()), max_size=4), workloads)
def test_a_total_is_the_total_of_the_whole_bill(
    of: object, drawn: list[tuple[Offer, tuple[Price, ...]]], workload: Workload
) -> None:
    every = [Offer(one.route, sheets) for one, sheets in drawn]
    assert Totals(workload).of(every, of) == [_expected(one, workload, of) for one in every]  # type: ignore[arg-type]


def test_the_shape_of_one_route_bills_another_with_other_amounts() -> None:
    every = [offer("host", "one", price=("1", "2")), offer("host", "two", price=("3", "4"))]
    workload = Workload("w", (RequestClass("r", 1_000_000, 1_000, 100),))
    assert Totals(workload).of(every, model(1, "M", task=Task.TEXT_GENERATION)) == [Decimal(1200), Decimal(3400)]


@pytest.mark.parametrize(
    ("_case", "basis", "found"),
    [
        ("free does not compete", PriceBasis.FREE, NoTotal("FREE", unknown=False)),
        ("a basis that nobody states", PriceBasis.UNKNOWN, NoTotal("PRICE_BASIS_UNKNOWN", unknown=True)),
        ("no price", PriceBasis.METERED, NoTotal("NO_COMPLETE_TOKEN_PRICE", unknown=True)),
    ],
)
def test_what_has_no_total_says_why(_case: str, basis: PriceBasis, found: NoTotal) -> None:
    one = offer("host", price=None if basis is PriceBasis.METERED else ("1", "1"), price_basis=basis)
    assert Totals(CHAT.workload).of([one], model(1, "M")) == [found]


def test_presets_have_totals() -> None:
    one = offer("host", price=("0.15", "0.60"))
    workload = PRESETS["REFERENCE_PAGE"].workload
    assert Totals(workload).of([one], model(1, "M")) == [Decimal(270)]


def test_offers_that_stay_are_looked_at_once_and_those_of_own_terms_anew() -> None:
    shapes = Shapes(remember=True)
    one = offer("host", price=("0.15", "0.60"))
    own = OwnOffer(one.route, tuple(replace(price, suspicious="odd") for price in one.prices))
    for workload in (PRESETS["REFERENCE_PAGE"].workload, CHAT.workload):
        (expected,) = Totals(workload).of([one], model(1, "M"))
        for _ in range(2):
            assert Totals(workload, shapes).of([one, own], model(1, "M")) == [expected, SUSPICIOUS]
