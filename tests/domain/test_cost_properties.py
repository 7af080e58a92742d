"""What holds for every cost: exactness, order and bounds."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.cost import RouteCost, cheapest, ranked_costs, route_cost
from domain.facts import Offer, Price, PriceBasis, PriceMode, Unavailable
from domain.units import exact
from domain.workload import RequestClass, Workload
from tests.domain.made_up import offer

_rates = st.decimals(min_value="0.000001", max_value="500", places=6)
_maybe = st.none() | _rates
_tokens = st.integers(0, 300_000)
_shares = st.sampled_from([Decimal(0), Decimal(1)]) | st.decimals(min_value=0, max_value=1, places=9)
_classes = st.builds(
    RequestClass,
    name=st.just("one"),
    requests=st.integers(0, 10**9),
    input=_tokens,
    output=_tokens,
    cached_input=_tokens,
    cache_write=_tokens,
    reasoning=_tokens,
    batch_share=_shares,
    cache_write_1h=_tokens,
    peak_share=_shares,
    retries=_shares,
)


@st.composite
def _workloads(draw: st.DrawFn) -> Workload:
    classes = draw(st.lists(_classes, min_size=1, max_size=3))
    return Workload("any", tuple(replace(each, name=str(index)) for index, each in enumerate(classes)))


@st.composite
def _offers(draw: st.DrawFn, *, complete: bool = True) -> Offer:
    """A metered offer with up to three modes and two tiers; the base of standard mode is always there."""
    sheets = [(PriceMode.STANDARD, 0)]
    other = st.tuples(
        st.sampled_from([PriceMode.STANDARD, PriceMode.BATCH, PriceMode.FLEX, PriceMode.OFF_PEAK]),
        st.sampled_from([0, 200_000]),
    )
    sheets += draw(st.lists(other.filter(lambda each: each not in sheets), unique=True, max_size=4))
    prices = tuple(
        Price(
            index,
            1,
            mode,
            above,
            input_mtok=draw(_rates),
            output_mtok=draw(_rates if complete or index else st.none()),
            cache_read_mtok=draw(_maybe),
            cache_write_mtok=draw(_maybe),
            cache_write_1h_mtok=draw(_maybe),
            reasoning_mtok=draw(_maybe),
        )
        for index, (mode, above) in enumerate(sheets)
    )
    return offer(draw(st.sampled_from(["alpha", "beta", "gamma"])), other_prices=prices, price_basis=PriceBasis.METERED)


def _total(of: Offer, workload: Workload) -> Decimal:
    found = route_cost(of, workload)
    assert isinstance(found, RouteCost)
    return found.total


@given(_offers(), _workloads())
def test_the_total_is_the_sum_of_its_lines(of: Offer, workload: Workload) -> None:
    """Tokens times price, and nothing else; every token of the workload is billed once."""
    found = route_cost(of, workload)
    assert isinstance(found, RouteCost)
    with exact():
        assert sum((line.amount for line in found.lines), Decimal(0)) == found.total
        assert all(line.amount * 1_000_000 == line.tokens * line.price_mtok for line in found.lines)
        tokens = sum((line.tokens for line in found.lines), Decimal(0))
        sent = sum((each.billed * (each.prompt + each.generated) for each in workload.classes), Decimal(0))
    assert tokens == sent


@given(_offers(), _workloads())
def test_without_retries_and_quiet_hours_nothing_is_billed_otherwise(of: Offer, workload: Workload) -> None:
    """A month at the usual values costs what it costs on the same route without any off-peak price."""
    none = Decimal(0)
    usual = tuple(replace(each, peak_share=Decimal(1), batch_share=none, retries=none) for each in workload.classes)
    standard = tuple(price for price in of.prices if price.mode is not PriceMode.OFF_PEAK)
    plain = replace(workload, classes=usual)
    assert _total(of, plain) == _total(replace(of, prices=standard), plain)


@given(_offers(), _workloads())
def test_waiting_never_costs_more(of: Offer, workload: Workload) -> None:
    """Whatever may wait is billed at what it would be billed at, or for less; and a price off peak never makes waiting dearer."""
    at_once = tuple(replace(each, batch_share=Decimal(0)) for each in workload.classes)
    assert _total(of, workload) <= _total(of, replace(workload, classes=at_once))
    in_peak = replace(workload, classes=tuple(replace(each, peak_share=Decimal(1)) for each in workload.classes))
    by_day = replace(of, prices=tuple(price for price in of.prices if price.mode is not PriceMode.OFF_PEAK))
    assert _total(of, in_peak) <= _total(by_day, in_peak)


@given(_offers(), _workloads(), _shares)
def test_cost_is_linear_in_the_peak_share_and_in_retries(of: Offer, workload: Workload, share: Decimal) -> None:
    """A month with half of it in the peak costs the mean of one in the peak and one outside; what is sent again is added."""

    def at(peak_share: Decimal = Decimal(1), retries: Decimal = Decimal(0)) -> Decimal:
        moved = (replace(each, peak_share=peak_share, retries=retries) for each in workload.classes)
        return _total(of, replace(workload, classes=tuple(moved)))

    none, one = Decimal(0), Decimal(1)
    with exact():
        assert at(peak_share=share) == share * at(peak_share=one) + (1 - share) * at(peak_share=none)
        assert at(retries=share) == (1 + share) * at(retries=none)


@given(_offers(), _workloads(), st.integers(0, 1000))
def test_cost_is_linear_in_requests(of: Offer, workload: Workload, times: int) -> None:
    """Twice the requests cost exactly twice as much."""
    more = replace(workload, classes=tuple(replace(each, requests=each.requests * times) for each in workload.classes))
    with exact():
        assert _total(of, more) == times * _total(of, workload)


@given(_offers(), _workloads(), st.data())
def test_cost_never_falls_when_a_price_rises(of: Offer, workload: Workload, data: st.DataObject) -> None:
    """Whichever amount it is."""
    index = data.draw(st.integers(0, len(of.prices) - 1))
    units = ("input", "output", "cache_read", "cache_write", "cache_write_1h", "reasoning")
    field = f"{data.draw(st.sampled_from(units))}_mtok"
    price = of.prices[index]
    before: Decimal | None = getattr(price, field)
    if before is None:
        return
    dearer = replace(price, **{field: before + data.draw(_rates)})  # type: ignore[arg-type]
    prices = (*of.prices[:index], dearer, *of.prices[index + 1 :])
    assert _total(replace(of, prices=prices), workload) >= _total(of, workload)


@given(st.lists(_offers(), min_size=1, max_size=4), _workloads(), _rates)
def test_a_further_dearer_route_never_changes_the_cheapest(
    offers: list[Offer], workload: Workload, by: Decimal
) -> None:
    """The winner's own prices, raised, cannot win."""
    best = cheapest(offers, workload)
    if not best[0].total:
        return
    copied = next(each for each in offers if each.route == best[0].route)
    raised = tuple(
        replace(price, input_mtok=(price.input_mtok or 0) * (1 + by), output_mtok=(price.output_mtok or 0) * (1 + by),
                cache_read_mtok=None, cache_write_mtok=None, cache_write_1h_mtok=None, reasoning_mtok=None)
        for price in copied.prices
    )  # fmt: skip
    further = Offer(replace(copied.route, key="zeta/further"), raised)
    if _total(further, workload) > best[0].total:
        assert cheapest([*offers, further], workload) == best


@given(st.lists(_offers() | _offers(complete=False), max_size=5), _workloads(), st.randoms(use_true_random=False))
def test_the_order_of_routes_does_not_matter(offers: list[Offer], workload: Workload, random: object) -> None:
    """Neither for the ranking nor for the cheapest."""
    keyed = [replace(each, route=replace(each.route, key=f"{index}")) for index, each in enumerate(offers)]
    shuffled = list(keyed)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ranked_costs(shuffled, workload) == ranked_costs(keyed, workload)
    assert cheapest(shuffled, workload) == cheapest(keyed, workload)


@given(_offers(complete=False), _workloads(), _rates)
def test_bounds_hold_whatever_the_missing_price_turns_out_to_be(of: Offer, workload: Workload, rate: Decimal) -> None:
    """As long as batch and flex are not dearer than standard mode, as the rule assumes."""
    found = route_cost(of, workload)
    if not isinstance(found, Unavailable):
        return
    cheaper = [
        each
        for price in of.prices
        if price.mode is not PriceMode.STANDARD
        for each in (price.output_mtok, price.reasoning_mtok)
    ]
    filled = replace(of.prices[0], output_mtok=max([rate, *(each for each in cheaper if each is not None)]))
    total = _total(replace(of, prices=(filled, *of.prices[1:])), workload)
    assert found.low is None or found.low <= total
    assert found.high is None or found.high >= total


@st.composite
def _partly_priced(draw: st.DrawFn) -> tuple[Offer, Price]:
    """An offer whose standard sheet lacks prices that every sheet needs, and that sheet with them: never below what batch, flex
    and off-peak ask, never above what priority and fast ask, as the rule takes them. A cheaper sheet bills no unit above its
    own input and output."""
    lacking = draw(st.sampled_from([("input",), ("output",), ("input", "output")]))
    low, high = sorted((draw(_rates), draw(_rates)))
    fill = draw(st.decimals(min_value=low, max_value=high, places=6))
    dear, cheap = (PriceMode.PRIORITY, PriceMode.FAST), (PriceMode.BATCH, PriceMode.FLEX, PriceMode.OFF_PEAK)
    modes = draw(st.lists(st.sampled_from([*dear, *cheap]), unique=True, max_size=4))
    own: dict[str, Any] = {
        f"{unit}_mtok": draw(_maybe) for unit in ("cache_read", "cache_write", "cache_write_1h", "reasoning")
    }
    most = min((rate for rate in own.values() if rate is not None), default=low)
    base: dict[str, Any] = {f"{unit}_mtok": None if unit in lacking else fill for unit in ("input", "output")}
    sheets = [Price(0, 1, PriceMode.STANDARD, 0, **base, **own)]
    for index, mode in enumerate(modes, 1):
        rate = high if mode in dear else min(low, most)
        more: dict[str, Any] = {
            name: draw(st.none() | st.just(rate)) if mode in cheap else draw(_maybe) for name in own
        }
        sheets.append(Price(index, 1, mode, 0, input_mtok=rate, output_mtok=rate, **more))
    filled = replace(sheets[0], input_mtok=fill, output_mtok=fill)
    return offer("alpha", other_prices=tuple(sheets), price_basis=PriceBasis.METERED), filled


@given(_partly_priced(), _workloads())
def test_bounds_hold_with_any_modes_beside_a_standard_sheet_that_lacks_prices(
    made: tuple[Offer, Price], workload: Workload
) -> None:
    of, filled = made
    found = route_cost(of, workload)
    if not isinstance(found, Unavailable):
        return
    total = _total(replace(of, prices=(filled, *of.prices[1:])), workload)
    assert found.low is None or found.low <= total
    assert found.high is None or found.high >= total


def test_a_missing_price_bounds_what_falls_back_to_it() -> None:
    """The cached prompt is billed at the missing input price, not at what priority asks for cached ones."""
    standard = Price(0, 1, PriceMode.STANDARD, 0, output_mtok=Decimal(10))
    priority = replace(
        standard,
        id=1,
        mode=PriceMode.PRIORITY,
        input_mtok=Decimal(4),
        output_mtok=Decimal(20),
        cache_read_mtok=Decimal("0.4"),
    )
    month = Workload("any", (RequestClass("one", 1_000_000, 10, 10, cached_input=1000),))
    of = offer("alpha", other_prices=(standard, priority), price_basis=PriceBasis.METERED)
    found = route_cost(of, month)
    assert isinstance(found, Unavailable)
    assert found.high == 10 * 4 + 10 * 10 + 1000 * 4
