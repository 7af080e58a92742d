"""The change that is named flips the answer, and no smaller one does: asked of the costs and of the verdict themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cost import MonthlyCost, monthly_cost
from domain.facts import Contender, Offer, Price, PriceBasis, PriceMode
from domain.flips import Flip, FlipInput, cheapest_flips, weight_flips
from domain.moves import CostAxis, Shares
from domain.scorecard import SIGNALS, SignalKey, scorecard
from domain.verdict import MAX_WEIGHT, verdict
from domain.workload import REFERENCE_PAGE, RequestClass, Workload
from tests.domain.made_up import contender, model, offer, rivals

PAGE = REFERENCE_PAGE.workload
SHARES = (FlipInput.OUTPUT_SHARE, FlipInput.CACHED_SHARE)

FEW = settings(max_examples=8)
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
    batch_share=st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1)]),
)
_rates = st.sampled_from([Decimal(rate) for rate in ("0.1", "0.5", "1", "2", "3", "10")])
_limits = st.sampled_from([None, 2_000, 6_000, 128_000])
_variants = st.sampled_from([(), (), ("batch",)])
_OTHER_SHEETS: tuple[dict[str, object], ...] = (
    {"above": 1_000},
    {"mode": PriceMode.BATCH},
    {"currency": "CNY"},
    {"suspicious": "odd"},
)


@st.composite
def _priced(draw: st.DrawFn) -> tuple[Contender, ...]:
    """Two or three models, each with up to three metered offers of every kind."""
    found = []
    for id, name in enumerate(("Ada", "Bee", "Cat")[: draw(st.integers(2, 3))], start=1):
        offers: list[Offer] = []
        for _ in range(draw(st.integers(1, 3))):
            sheets: list[dict[str, object]] = [{}, *draw(st.lists(st.sampled_from(_OTHER_SHEETS), max_size=1))]
            sheets = [{**each, "input_mtok": draw(_rates), "output_mtok": draw(_rates)} for each in sheets]
            sheets[0]["cache_read_mtok"] = draw(st.none() | _rates)
            prices = tuple(Price(index, 1, **each) for index, each in enumerate(sheets))  # type: ignore[arg-type]
            own: dict[str, object] = {
                "context_window": draw(_limits),
                "max_output": draw(_limits),
                "variant": draw(_variants),
            }
            own |= {"other_prices": prices, "price_basis": PriceBasis.METERED}
            offers.append(offer(f"host-{len(offers)}", name, **own))  # type: ignore[arg-type]
        found.append(contender(model(id, name, context_window=draw(_limits)), *offers))
    return tuple(found)


@st.composite
def _workloads(draw: st.DrawFn) -> Workload:
    classes = draw(st.lists(_classes.filter(lambda each: each.prompt > 0), min_size=1, max_size=2))
    return Workload("any", tuple(replace(each, name=str(index)) for index, each in enumerate(classes)))


def share_moves(workload: Workload, kind: FlipInput) -> list[tuple[Decimal, Workload]]:
    """Every other share, the nearest first, with the workload then."""
    return [(share, moved.workload) for share, moved in Shares(workload, CostAxis(kind.value)).others()]


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
@given(_priced(), _workloads())
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
@given(_priced(), _workloads(), st.integers(2, 1000))
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
@given(_priced(), _workloads())
def test_the_order_of_models_changes_no_flip(contenders: tuple[Contender, ...], workload: Workload) -> None:
    there, back = (cheapest_flips(each, workload) for each in (contenders, contenders[::-1]))
    assert [(each.input, each.changed, set(each.after)) for each in there] == [
        (each.input, each.changed, set(each.after)) for each in back
    ]


@FEW
@given(rivals(), st.dictionaries(st.just(SignalKey.PROVIDER_ROUTES), st.integers(0, 20)))
def test_a_weight_flips_and_no_nearer_one(contenders: tuple[Contender, ...], weights: dict[SignalKey, int]) -> None:
    """Asked of the verdict itself; rows that nobody leads count too, as their weight makes every lead smaller."""
    flips = weight_flips(contenders, PAGE, weights)
    assert {each.signal for each in flips} == {row.key for row in scorecard(contenders, PAGE) if SIGNALS[row.key].leads}
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
