"""A meter leaves out offers that cannot be the only cheapest one, and finds what the whole list would find."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cost import RouteCost, cheapest, route_cost
from domain.facts import Contender, Model, Offer, Price, PriceBasis, PriceMode
from domain.metering import Meter, distinct
from domain.moves import CostAxis, Moved, Shares
from domain.workload import CHAT, PRESETS, RequestClass, Workload
from tests.domain.made_up import contender, contenders, model, models, offer, offers
from tests.domain.sheeted import sheets, workloads


@given(contenders(1, "Ada"), st.sampled_from(sorted(PRESETS)))
def test_the_lowest_cost_is_that_of_all_offers(whole: Contender, preset: str) -> None:
    workload = PRESETS[preset].workload
    before, after = (cheapest(each, workload, model=whole.model) for each in (whole.live, distinct(whole)))
    assert {cost.total for cost in before} == {cost.total for cost in after}
    assert {cost.total for cost in before} == set(Meter(whole).lowest([Moved.of_workload(workload)])) - {None}


@given(
    models(1, "Ada"),
    st.lists(st.tuples(offers(), sheets() | sheets(sound=True)), max_size=4),
    workloads,
    st.sampled_from(list(CostAxis)[:2]),
)
@settings(max_examples=300)
def test_moved_months_cost_what_whole_bills_say(
    of: Model, drawn: list[tuple[Offer, tuple[Price, ...]]], workload: Workload, axis: CostAxis
) -> None:
    """Whatever modes there are prices for, and however much may wait."""
    numbered = [replace(one.route, id=number) for number, (one, _) in enumerate(drawn)]
    numbered[1:] = [replace(route, price_basis=PriceBasis.METERED) for route in numbered[1:]]
    every = [Offer(route, prices) for route, (_, prices) in zip(numbered, drawn, strict=True)]
    moves = [Shares(workload, axis).by(points)[1] for points in (-10, -1, 0, 1, 10)]
    expected = []
    for each in moves:
        costs = [route_cost(one, each.workload, model=of) for one in every if one.route.live]
        totals = [cost.total for cost in costs if isinstance(cost, RouteCost) and cost.competes]
        expected.append(min(totals, default=None))
    assert Meter(contender(of, *every)).lowest(moves) == expected


@pytest.mark.parametrize(
    ("_case", "mode", "above"),
    [
        ("a batch", PriceMode.BATCH, 0),
        ("quiet hours", PriceMode.OFF_PEAK, 0),
        ("a batch of a tier below the plain price", PriceMode.BATCH, 500),
    ],
)
def test_what_may_wait_costs_what_the_whole_bill_says(_case: str, mode: PriceMode, above: int) -> None:
    cheap = Price(2, 1, mode=mode, above=above, input_mtok=Decimal("0.5"), output_mtok=Decimal(1))
    tier = Price(3, 1, above=1_000, input_mtok=Decimal(2), output_mtok=Decimal(4))
    one = offer("host", price=("1", "2"), other_prices=(cheap, tier) if above else (cheap,))
    requests = RequestClass("r", 1_000, 2_000, 200, batch_share=Decimal("0.25"), peak_share=Decimal("0.5"))
    workload = Workload("w", (requests,))
    of = model(1, "Ada")
    bill = route_cost(one, workload, model=of)
    assert isinstance(bill, RouteCost)
    assert Meter(contender(of, one)).lowest([Moved.of_workload(workload)]) == [bill.total]


def test_what_another_offer_undercuts_in_every_price_is_left_out() -> None:
    dear, cheap, small = (
        offer("host", "dear", price=("2", "4")),
        offer("other", "cheap", price=("1", "3")),
        offer("third", "small", price=("0.5", "1"), context_window=2_000),
    )
    left = distinct(contender(model(1, "Ada", context_window=200_000), dear, cheap, small))
    assert [each.route.provider_model_id for each in left] == ["cheap", "small"]


def test_of_offers_that_bill_alike_one_is_left() -> None:
    alike = [offer(name, name, price=("1", "3")) for name in ("a", "b", "c")]
    left = distinct(contender(model(1, "Ada"), *alike))
    assert len(left) == 1
    assert cheapest(left, CHAT.workload)[0].total > Decimal(0)
