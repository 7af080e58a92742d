"""A meter leaves out offers that cannot be the only cheapest one, and finds what the whole list would find."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.cost import cheapest
from domain.facts import Contender
from domain.metering import Meter, distinct
from domain.moves import Moved
from domain.workload import CHAT, PRESETS
from tests.domain.made_up import contender, contenders, model, offer


@given(contenders(1, "Ada"), st.sampled_from(sorted(PRESETS)))
def test_the_lowest_cost_is_that_of_all_offers(whole: Contender, preset: str) -> None:
    workload = PRESETS[preset].workload
    before, after = (cheapest(each, workload, model=whole.model) for each in (whole.live, distinct(whole)))
    assert {cost.total for cost in before} == {cost.total for cost in after}
    assert {cost.total for cost in before} == set(Meter(whole).lowest([Moved.of_workload(workload)])) - {None}


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
