"""Workloads moved along an axis, break-even of two routes, sensitivity and curves: cases and properties."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.break_even import Balance, BreakEven, Served, break_evens
from domain.cost import RouteCost, route_cost
from domain.facts import FactRef, Offer, Unavailable
from domain.moves import CostAxis, moved, moves, place
from domain.sensitivity import curve, sensitivities
from domain.units import exact
from domain.workload import CHAT, RAG, REFERENCE_PAGE, RequestClass, Workload
from tests.domain.made_up import offer

MONTH = Workload("month", (RequestClass("one", 1_000_000, 800, 200),))
SHARES = (CostAxis.OUTPUT_SHARE, CostAxis.CACHED_SHARE)
_tokens = st.integers(0, 5_000)
_classes = st.builds(
    RequestClass,
    st.just("one"),
    st.integers(0, 10**6),
    _tokens,
    _tokens,
    _tokens,
    _tokens,
    _tokens,
    cache_write_1h=_tokens,
)
_workloads = st.lists(_classes, min_size=1, max_size=3).map(
    lambda found: Workload("any", tuple(replace(each, name=str(n)) for n, each in enumerate(found)))
)
_cents = st.integers(1, 2_000).map(lambda cents: str(Decimal(cents) / 100))
_offers = st.builds(
    lambda at, into, out: offer(at, price=(into, out)), st.sampled_from(["alpha", "beta"]), _cents, _cents
)


@given(_workloads, st.sampled_from(SHARES))
def test_moves_ascend_and_keep_the_size_of_requests(workload: Workload, axis: CostAxis) -> None:
    found = moves(workload, axis)
    assert [move.at for move in found] == sorted({move.at for move in found})
    assert [move.workload for move in found if move.by == 0] == [workload]
    for move in found:
        assert move.at == place(move.workload, axis)
        sizes = [(each.requests, each.prompt + each.generated) for each in move.workload.classes]
        assert sizes == [(each.requests, each.prompt + each.generated) for each in workload.classes]


def test_a_share_moves_in_every_class() -> None:
    """Ten points more of 1,000 tokens are 100; the prompt keeps its proportions; the ends hold."""
    one = Workload("two", (RequestClass("a", 1, 600, 200, cached_input=200), RequestClass("b", 1, 50, 50)))
    more = moved(one, CostAxis.OUTPUT_SHARE, 10).workload.classes
    assert [(each.input, each.cached_input, each.output) for each in more] == [(525, 175, 300), (40, 0, 60)]
    end = moved(one, CostAxis.OUTPUT_SHARE, 100).workload.classes
    assert [(each.prompt, each.output) for each in end] == [(0, 1_000), (0, 100)]
    assert [each.requests for each in moved(CHAT.workload, CostAxis.VOLUME, -50).workload.classes] == [250_000]


def _one(first: Offer, second: Offer, workload: Workload, axis: CostAxis) -> BreakEven | Unavailable:
    [found] = break_evens([Served(first), Served(second)], workload, [axis])
    return found


@pytest.mark.parametrize(
    ("_case", "prices", "axis", "low", "high", "sentence"),
    [
        ("between two points", (("1", "4"), ("2", "2.5")), CostAxis.OUTPUT_SHARE, "0.4", "0.4",
         "At 40 % generated tokens both cost the same: below, alpha/some-model is cheaper, above, beta/some-model."),
        ("not at a whole point", (("1", "4"), ("2", "2")), CostAxis.OUTPUT_SHARE, "0.33", "0.34",
         "Between 33 % and 34 % generated tokens both cost the same: below, alpha/some-model is cheaper, above, beta/some-model."),
        ("cheaper everywhere", (("1", "4"), ("2", "5")), CostAxis.OUTPUT_SHARE, None, None,
         "No share of generated tokens, in whole percent points, makes beta/some-model cheaper than alpha/some-model."),
        ("no cache price", (("1", "4"), ("2", "2")), CostAxis.CACHED_SHARE, None, None,
         "No share of cached prompt tokens, in whole percent points, makes beta/some-model cheaper than alpha/some-model."),
        ("volume", (("1", "4"), ("2", "2")), CostAxis.VOLUME, None, None,
         "Both costs grow in proportion to the requests: at any number alpha/some-model is cheaper."),
        ("equal", (("1", "4"), ("1", "4")), CostAxis.VOLUME, None, None, "Both cost the same at any number of requests."),
        ("equal everywhere", (("1", "4"), ("1", "4")), CostAxis.OUTPUT_SHARE, None, None,
         "Both cost the same at every share of generated tokens."),
    ],
)  # fmt: skip
def test_break_even(
    _case: str, prices: tuple[tuple[str, str], ...], axis: CostAxis, low: str | None, high: str | None, sentence: str
) -> None:
    found = _one(offer("alpha", price=prices[0]), offer("beta", price=prices[1]), MONTH, axis)
    assert isinstance(found, BreakEven)
    places = [None if each is None else each.at for each in (found.lower, found.upper)]
    assert places == [None if each is None else Decimal(each) for each in (low, high)]
    assert (found.sentence, found.now.at) == (sentence, place(MONTH, axis))


def test_a_break_even_with_a_route_without_a_cost_is_unavailable() -> None:
    """And names what is missing."""
    gap = offer("beta")
    found = _one(offer("alpha", price=("1", "2")), gap, MONTH, CostAxis.OUTPUT_SHARE)
    assert isinstance(found, Unavailable)
    assert found.reason == "COST_UNAVAILABLE"
    assert found.missing == tuple(
        FactRef("route", gap.route.id, f"price.STANDARD.0.{each}") for each in ("input", "output")
    )


@given(_offers, _offers, _workloads, st.sampled_from(SHARES))
def test_at_the_break_even_both_cost_the_same_within_a_step(
    first: Offer, second: Offer, workload: Workload, axis: CostAxis
) -> None:
    """On either side of it the order differs, and nothing nearer to the workload turns it."""
    first = replace(first, route=replace(first.route, key="first"))
    second = replace(second, route=replace(second.route, key="second"))
    found = _one(first, second, workload, axis)
    assert isinstance(found, BreakEven)
    line = [
        Balance(move.at, _total(first, move.workload), _total(second, move.workload)) for move in moves(workload, axis)
    ]
    signs = [(each.first > each.second) - (each.first < each.second) for each in line]
    if found.lower is None or found.upper is None:
        assert {1, -1} - set(signs)
        return
    low, high = line.index(found.lower), line.index(found.upper)
    assert signs[low : high + 1] == [0] * (high - low + 1) or high == low + 1
    before, after = (low, high) if signs[low] else (low - 1, high + 1)
    assert signs[before] * signs[after] == -1
    assert (found.below, found.above) == (("first", "second") if signs[before] < 0 else ("second", "first"))
    at = line.index(found.now)
    between = range(min(at, before), max(at, after) + 1)
    nearer = [n for n in between if n not in range(before, after + 1)]
    assert len({signs[n] for n in nearer} - {0}) <= 1


def _total(of: Offer, workload: Workload) -> Decimal:
    found = route_cost(of, workload)
    assert isinstance(found, RouteCost)
    return found.total


@pytest.mark.parametrize(
    ("_case", "workload", "axis", "gain", "sentence"),
    [
        (
            "output",
            MONTH,
            CostAxis.OUTPUT_SHARE,
            "30",
            "One percent point more generated tokens: $30.00 a month more (1.88 %).",
        ),
        (
            "no cache price",
            MONTH,
            CostAxis.CACHED_SHARE,
            "0",
            "One percent point more cached prompt tokens: no change.",
        ),
        ("volume", MONTH, CostAxis.VOLUME, "16", "1 % more requests: $16.00 a month more (1 %)."),
        (
            "already all output",
            Workload("all", (RequestClass("one", 1_000_000, 0, 1_000),)),
            CostAxis.OUTPUT_SHARE,
            "30",
            "One percent point more generated tokens: $30.00 a month more (0.75 %).",
        ),
        (
            "nothing that can move",
            Workload("tiny", (RequestClass("one", 1_000_000, 1, 1),)),
            CostAxis.OUTPUT_SHARE,
            None,
            "One percent point more generated tokens cannot be had: requests are too small to move whole tokens.",
        ),
    ],
)
def test_sensitivity(_case: str, workload: Workload, axis: CostAxis, gain: str | None, sentence: str) -> None:
    """At $1 in and $4 out, a point of 1,000 tokens of a million requests turns $10 into $40."""
    found = {each.axis: each for each in sensitivities(offer("alpha", price=("1", "4")), workload)}[axis]
    assert (found.gain, found.sentence) == (None if gain is None else Decimal(gain), sentence)


def test_a_route_without_a_cost_has_no_sensitivity() -> None:
    assert sensitivities(offer("alpha"), MONTH) == ()


@given(_offers, _workloads, st.sampled_from(CostAxis))
def test_a_sensitivity_is_the_difference_of_two_costs(of: Offer, workload: Workload, axis: CostAxis) -> None:
    found = {each.axis: each for each in sensitivities(of, workload)}[axis]
    now = _total(of, workload)
    if axis is CostAxis.VOLUME:
        assert found.gain == now.scaleb(-2)
    elif found.gain is not None:
        up, down = moved(workload, axis, 1), moved(workload, axis, -1)
        with exact():
            gain = _total(of, up.workload) - now if up.at != found.at else now - _total(of, down.workload)
        assert found.gain == gain


@given(_offers, _workloads, st.sampled_from(CostAxis), st.integers(2, 101))
def test_a_curve_is_made_of_costs(of: Offer, workload: Workload, axis: CostAxis, points: int) -> None:
    """Ascending, as many points as asked for where there are so many, and the workload itself where there is room."""
    found = curve(of, workload, axis, points)
    every = moves(workload, axis)
    assert len(found) == min(points, len(every))
    assert [point.at for point in found] == sorted({point.at for point in found})
    assert all(point.total == _total(of, point.workload) for point in found)
    assert [point.workload for point in found if point.current] == [workload]


def test_a_curve_says_why_a_point_has_no_cost() -> None:
    """A window that takes the workload may not take its answer alone."""
    found = curve(offer("alpha", price=("1", "4"), max_output=300), MONTH, CostAxis.OUTPUT_SHARE, 3)
    assert [(point.at, point.total, point.reason) for point in found] == [
        (Decimal(0), Decimal(1_000), None),
        (Decimal("0.2"), Decimal(1_600), None),
        (Decimal(1), None, "The largest request has 1,000 tokens; the output limit of Alpha (some-model) is 300."),
    ]


@pytest.mark.parametrize("points", [1, 102])
def test_a_curve_has_two_to_101_points(points: int) -> None:
    with pytest.raises(ValueError, match=f"a curve has 2 to 101 points, not {points}"):
        curve(offer("alpha", price=("1", "4")), REFERENCE_PAGE.workload, CostAxis.VOLUME, points)


def test_three_routes_are_three_pairs() -> None:
    served = [Served(offer(at, price=("1", str(n)))) for n, at in enumerate(("alpha", "beta", "gamma"), 2)]
    found = break_evens(served, RAG.workload)
    assert [(each.first[:1], each.second[:1], each.axis) for each in found if isinstance(each, BreakEven)] == [
        (one, other, axis) for one, other in ("ab", "ag", "bg") for axis in CostAxis
    ]


def test_two_that_are_equal_only_here_have_no_break_even() -> None:
    """Without output both cost the same; with any the one is cheaper, and nothing turns."""
    prompt = Workload("prompt", (RequestClass("one", 1_000_000, 1_000, 0),))
    found = _one(offer("alpha", price=("1", "4")), offer("beta", price=("1", "5")), prompt, CostAxis.OUTPUT_SHARE)
    assert isinstance(found, BreakEven)
    assert (found.lower, found.upper, found.below, found.above) == (None, None, None, None)
    assert found.sentence == (
        "Both cost the same here, and only one of them is ever cheaper at another share of generated tokens."
    )
