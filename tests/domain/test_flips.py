"""What would change the answer: the change that is named does it, and no smaller one does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cost import MonthlyCost, monthly_cost
from domain.facts import Contender, Lifecycle, Openness, Price, PriceBasis, Task
from domain.flips import Flip, FlipInput, cheapest_flips, share_moves, weight_flips
from domain.scorecard import SignalKey, scorecard
from domain.verdict import MAX_WEIGHT, verdict
from domain.workload import REFERENCE_PAGE, RequestClass, Workload
from tests.domain.made_up import APACHE, MIMO, MISTRAL, contender, model, offer, rivals

PAGE = REFERENCE_PAGE.workload
SHARES = (FlipInput.OUTPUT_SHARE, FlipInput.CACHED_SHARE)
A, B, C = (model(id, name, context_window=128_000) for id, name in enumerate(("Ada", "Bee", "Cat"), start=1))


def flip(kind: FlipInput, *contenders: Contender, workload: Workload = PAGE) -> Flip:
    [found] = [each for each in cheapest_flips(contenders, workload) if each.input is kind]
    return found


def cached(rate: str, read: str) -> Price:
    return Price(9, 9, input_mtok=Decimal(rate), output_mtok=Decimal(rate), cache_read_mtok=Decimal(read))


ADA, BEE = contender(A, offer("alpha", price=("1", "10"))), contender(B, offer("beta", price=("2", "2")))


def test_nothing_flips_where_nothing_has_a_cost() -> None:
    assert cheapest_flips((MIMO, contender(A, offer("alpha"))), PAGE) == ()


def test_the_pages_two_models() -> None:
    """The one model with a price stays the cheapest, as far as its window is known to reach."""
    found = cheapest_flips((MISTRAL, MIMO), PAGE)
    assert [each.sentence for each in found] == [
        "No share of generated tokens in whole percent makes another model the cheapest than Mistral Small 4.",
        "No share of cached prompt tokens in whole percent makes another model the cheapest than Mistral Small 4.",
        "No route is known to hold requests of more than 256k tokens.",
        "At any number of requests Mistral Small 4 stays the cheapest.",
    ]
    assert [(each.current, each.changed) for each in found] == [
        (Decimal(200) / 1200, None),
        (Decimal(0), None),
        (Decimal(1200), Decimal(256_001)),
        (Decimal(1_000_000), None),
    ]


@pytest.mark.parametrize(
    ("_case", "kind", "contenders", "before", "after", "changed", "sentence"),
    [
        (
            "less text out of the model",
            "OUTPUT_SHARE",
            (ADA, BEE),
            *(("bee",), ("ada",), "0.11"),
            "With 11 % instead of 17 % generated tokens, Ada would be the cheapest.",
        ),
        (
            "as cheap is another answer too",
            "OUTPUT_SHARE",
            (contender(A, offer("alpha", price=("1", "11"))), BEE),
            *(("bee",), ("ada", "bee"), "0.1"),
            "With 10 % instead of 17 % generated tokens, Ada and Bee would be the cheapest.",
        ),
        (
            "more out of the cache",
            "CACHED_SHARE",
            (contender(A, offer("alpha", other_prices=(cached("2", "0.5"),), price_basis=PriceBasis.METERED)), BEE),
            *(("ada", "bee"), ("ada",), "0.01"),
            "With 1 % instead of 0 % cached prompt tokens, Ada would be the cheapest.",
        ),
        (
            "a longer prompt than the cheapest takes",
            "CONTEXT_NEED",
            (ADA, contender(replace(B, context_window=8_000), offer("beta", price=("2", "2")))),
            *(("bee",), ("ada",), "8001"),
            "For requests of more than 8k tokens Ada would be the cheapest.",
        ),
        (
            "the route's own window counts before the model's",
            "CONTEXT_NEED",
            (ADA, contender(B, offer("beta", price=("2", "2"), context_window=16_000))),
            *(("bee",), ("ada",), "16001"),
            "For requests of more than 16k tokens Ada would be the cheapest.",
        ),
        (
            "another route of the cheapest model keeps it there",
            "CONTEXT_NEED",
            (ADA, contender(B, *(offer(at, price=("2", "2"), context_window=size) for at, size in (("beta", 16_000), ("gamma", 999_000))))),
            *(("bee",), (), "999001"),
            "No route is known to hold requests of more than 999k tokens.",
        ),
        (
            "a window that nobody knows is too small",
            "CONTEXT_NEED",
            (ADA, contender(replace(B, context_window=None), offer("beta", price=("2", "2")))),
            *(("bee",), ("ada",), "1201"),
            "For requests of more than 1k tokens Ada would be the cheapest.",
        ),
    ],
)  # fmt: skip
def test_a_flip(
    _case: str,
    kind: str,
    contenders: tuple[Contender, ...],
    before: tuple[str, ...],
    after: tuple[str, ...],
    changed: str,
    sentence: str,
) -> None:
    found = flip(FlipInput(kind), *contenders)
    assert (found.before, found.after, found.changed, found.sentence) == (before, after, Decimal(changed), sentence)


def test_a_price_that_looks_wrong_flips_nothing() -> None:
    odd = Price(9, 9, input_mtok=Decimal("0.1"), output_mtok=Decimal("0.1"), suspicious="odd")
    third = contender(C, offer("gamma", other_prices=(odd,), price_basis=PriceBasis.METERED))
    assert [each.after for each in cheapest_flips((ADA, BEE, third), PAGE)] == [
        each.after for each in cheapest_flips((ADA, BEE), PAGE)
    ]


FEW = settings(max_examples=12)
"""Every example asks for two hundred shares of every route."""

_classes = st.builds(
    RequestClass,
    name=st.just("one"),
    requests=st.integers(1, 1000),
    input=st.integers(0, 3_000),
    output=st.integers(0, 900),
    cached_input=st.integers(0, 500),
    cache_write=st.integers(0, 500),
    reasoning=st.integers(0, 90),
)


@st.composite
def _workloads(draw: st.DrawFn) -> Workload:
    classes = draw(st.lists(_classes.filter(lambda each: each.prompt > 0), min_size=1, max_size=2))
    return Workload("any", tuple(replace(each, name=str(index)) for index, each in enumerate(classes)))


def share_of(workload: Workload, kind: FlipInput) -> Decimal:
    """The share of all tokens of that kind in a month, counted plainly."""
    output = kind is FlipInput.OUTPUT_SHARE
    part = sum(each.requests * (each.generated if output else each.cached_input) for each in workload.classes)
    return Decimal(part) / sum(
        each.requests * (each.prompt + (each.generated if output else 0)) for each in workload.classes
    )


@given(_workloads(), st.sampled_from(SHARES))
def test_a_move_keeps_the_size_of_requests(workload: Workload, kind: FlipInput) -> None:
    """And only the share in question moves, the nearest first; the present one is no move."""
    current = share_of(workload, kind)
    moves = share_moves(workload, kind)
    distances = [abs(share - current) for share, _ in moves]
    assert distances == sorted(distances)
    assert 0 not in distances
    for share, moved in moves:
        assert share == share_of(moved, kind)
        for one, other in zip(workload.classes, moved.classes, strict=True):
            assert one.requests == other.requests
            assert one.prompt + one.generated == other.prompt + other.generated
            assert kind is FlipInput.OUTPUT_SHARE or one.generated == other.generated
            assert min(other.input, other.cached_input, other.cache_write, other.output, other.reasoning) >= 0


def test_a_share_reaches_both_ends() -> None:
    for kind in SHARES:
        shares = {share for share, _ in share_moves(PAGE, kind)} | {share_of(PAGE, kind)}
        assert {Decimal(0), Decimal(1)} <= shares


def cheapest(contenders: Sequence[Contender], workload: Workload) -> set[str]:
    """The cheapest models by their monthly costs."""
    costs = {each.model.slug: monthly_cost(each, workload) for each in contenders}
    totals = {slug: cost.total for slug, cost in costs.items() if isinstance(cost, MonthlyCost)}
    return {slug for slug, total in totals.items() if total == min(totals.values())}


@FEW
@given(rivals(), _workloads())
def test_the_nearest_share_flips_and_no_nearer_one(contenders: tuple[Contender, ...], workload: Workload) -> None:
    for kind in SHARES:
        for each in (found for found in cheapest_flips(contenders, workload) if found.input is kind):
            assert set(each.before) == cheapest(contenders, workload)
            for share, moved in share_moves(workload, kind):
                now = cheapest(contenders, moved)
                if share == each.changed:
                    assert now == set(each.after) != set(each.before)
                    break
                assert now in (set(), set(each.before))
            else:
                assert each.changed is None


def holding(contenders: Sequence[Contender], tokens: int) -> list[Contender]:
    """With the routes alone that are known to hold so many tokens."""
    return [
        replace(
            each,
            loaded_offers=tuple(
                one for one in each.live if (one.route.context_window or each.model.context_window or 0) >= tokens
            ),
        )
        for each in contenders
    ]


@FEW
@given(rivals(), _workloads(), st.integers(2, 1000))
def test_the_smallest_need_flips_and_no_volume(
    contenders: tuple[Contender, ...], workload: Workload, times: int
) -> None:
    more = replace(workload, classes=tuple(replace(each, requests=each.requests * times) for each in workload.classes))
    for each in cheapest_flips(contenders, workload)[2:]:
        if each.input is FlipInput.VOLUME:
            assert (each.changed, set(each.after)) == (None, cheapest(contenders, more))
            continue
        assert each.input is FlipInput.CONTEXT_NEED
        assert each.changed is not None
        assert each.changed > workload.context_need
        assert cheapest(holding(contenders, int(each.changed)), workload) == set(each.after) != set(each.before)
        if each.changed - 1 > workload.context_need:
            assert cheapest(holding(contenders, int(each.changed) - 1), workload) == set(each.before)


@FEW
@given(rivals(), _workloads())
def test_the_order_of_models_changes_no_flip(contenders: tuple[Contender, ...], workload: Workload) -> None:
    there, back = (cheapest_flips(each, workload) for each in (contenders, contenders[::-1]))
    assert [(each.input, each.changed, set(each.after)) for each in there] == [
        (each.input, each.changed, set(each.after)) for each in back
    ]


def sound(id: int, name: str, **facts: object) -> Contender:
    """A model that qualifies for a verdict."""
    facts = {"context_window": 128_000, "license": APACHE, "openness": Openness.OPEN_SOURCE} | facts
    of = model(id, name, task=Task.TEXT_GENERATION, lifecycle=Lifecycle.AVAILABLE, **facts)
    return contender(of, offer("alpha", price=("1", "2")))


LARGER = sound(1, "Ada", context_window=256_000)


@pytest.mark.parametrize(
    ("_case", "other", "weight", "after", "sentence"),
    [
        ("a little more wins", sound(2, "Bee"), 3, ("ada",), "If Context window weighed 4 instead of 3, Ada would win."),
        ("a little less loses", sound(2, "Bee"), 4, (), "If Context window weighed 3 instead of 4, nobody would win."),
        ("the only one that qualifies", sound(2, "Bee", license=None, openness=Openness.OPEN_SOURCE), 3, ("ada",), "No weight of Context window changes the verdict."),
        ("not comparable", contender(model(2, "Bee", task=Task.SPEECH, context_window=8_000)), 3, (), "No weight of Context window changes the verdict."),
    ],
)  # fmt: skip
def test_a_weight_that_flips(_case: str, other: Contender, weight: int, after: tuple[str, ...], sentence: str) -> None:
    found = {each.signal: each for each in weight_flips((LARGER, other), PAGE, {SignalKey.CONTEXT_WINDOW: weight})}
    assert (found[SignalKey.CONTEXT_WINDOW].after, found[SignalKey.CONTEXT_WINDOW].sentence) == (after, sentence)


@FEW
@given(rivals(), st.dictionaries(st.just(SignalKey.PROVIDER_ROUTES), st.integers(0, 20)))
def test_a_weight_flips_and_no_nearer_one(contenders: tuple[Contender, ...], weights: dict[SignalKey, int]) -> None:
    """Asked of the verdict itself; rows without a leader have no weight to change."""
    flips = weight_flips(contenders, PAGE, weights)
    assert {each.signal for each in flips} == {row.key for row in scorecard(contenders, PAGE) if row.leaders}
    sizes = [MAX_WEIGHT + 1 if each.changed is None else abs(each.changed - each.current) for each in flips]
    assert sizes == sorted(sizes)
    before = verdict(contenders, PAGE, weights).winner
    for each in flips:
        assert each.signal is not None
        assert each.before == ((before,) if before else ())
        for weight, winner in ((each.changed, each.after), (_nearer(each), each.before)):
            if weight is not None:
                now = verdict(contenders, PAGE, {**weights, each.signal: int(weight)}).winner
                assert ((now,) if now else ()) == winner


def _nearer(each: Flip) -> Decimal | None:
    """One less than the change; where no change flips, the largest weight."""
    if each.changed is None:
        return Decimal(MAX_WEIGHT)
    return each.changed + (1 if each.changed < each.current else -1)
