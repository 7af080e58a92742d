"""What a month costs: the cases of every cost rule, with exact totals."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.cost import (
    CostDelta,
    MonthlyCost,
    RouteCost,
    cheapest,
    cost_delta,
    monthly_cost,
    ranked_costs,
    ranking_gap,
    route_cost,
)
from domain.eligible import Ineligible
from domain.facts import FactRef, Modality, Offer, Price, PriceBasis, PriceMode, Task, Unavailable
from domain.workload import EMBEDDING, REFERENCE_PAGE, RequestClass, Workload
from tests.domain.made_up import MIMO, MISTRAL, contender, model, offer

PAGE = REFERENCE_PAGE.workload


def month(**facts: int | Decimal) -> Workload:
    """One class of a million requests."""
    values = {"requests": 1_000_000, "input": 1_000, "output": 200, **facts}
    return Workload("month", (RequestClass("request", **values),))  # type: ignore[arg-type]


def sheet(mode: PriceMode = PriceMode.STANDARD, above: int = 0, **rates: str) -> Price:
    amounts = {f"{unit}_mtok": Decimal(rate) for unit, rate in rates.items()}
    return Price(7, 1, mode=mode, above=above, **amounts)  # type: ignore[arg-type]


def metered(*sheets: Price, at: str = "alpha", basis: PriceBasis = PriceBasis.METERED, **facts: object) -> Offer:
    return offer(at, other_prices=sheets, price_basis=basis, **facts)  # type: ignore[arg-type]


def cost(of: Offer, workload: Workload = PAGE) -> RouteCost:
    found = route_cost(of, workload)
    assert isinstance(found, RouteCost)
    return found


def unavailable(of: Offer, workload: Workload = PAGE) -> Unavailable:
    found = route_cost(of, workload)
    assert isinstance(found, Unavailable)
    return found


def ineligible(of: Offer, workload: Workload = PAGE) -> Ineligible:
    found = route_cost(of, workload)
    assert isinstance(found, Ineligible)
    return found


def test_the_reference_page() -> None:
    """A million requests of 1,000 in and 200 out at $0.15 and $0.60 are $270 on OpenRouter; the other has no price."""
    found = monthly_cost(MISTRAL, PAGE)
    assert isinstance(found, MonthlyCost)
    assert (found.total, found.display) == (Decimal(270), "$270")
    assert [each.route.provider.name for each in found.cheapest] == ["OpenRouter"]
    assert [(line.unit, line.tokens, line.amount) for line in found.cheapest[0].lines] == [
        ("input", Decimal(1_000_000_000), Decimal(150)),
        ("output", Decimal(200_000_000), Decimal(120)),
    ]
    assert [(each.route.provider.name, each.rank) for each in found.ranked] == [
        ("OpenRouter", 1),
        ("Mistral AI Studio", None),
        ("NVIDIA NIM", None),
    ]
    other = monthly_cost(MIMO, PAGE)
    assert isinstance(other, Unavailable)
    assert other.reason == "NO_COMPLETE_TOKEN_PRICE"
    [route] = [each.route for each in MIMO.offers]
    assert [ref.field for ref in other.missing] == ["price.STANDARD.0.input", "price.STANDARD.0.output"]
    assert {ref.id for ref in other.missing} == {route.id}
    delta = cost_delta(found, other)
    assert isinstance(delta, Unavailable)
    assert delta.missing == other.missing


@pytest.mark.parametrize(
    ("_case", "facts", "total"),
    [
        ("the threshold itself is the base", {"input": 200_000}, "200200"),
        ("one token more bills everything at the tier", {"input": 200_001}, "400402"),
        ("cached tokens count", {"input": 1, "cached_input": 200_000}, "400402"),
        ("cache writes count", {"input": 1, "cache_write": 200_000}, "400402"),
        ("output does not", {"input": 200_000, "output": 300_000}, "500000"),
        ("the highest tier that applies", {"input": 500_001}, "1500603"),
    ],
)
def test_tier(_case: str, facts: dict[str, int], total: str) -> None:
    """The whole prompt strictly above the threshold bills the whole request at the tier."""
    tiers = [sheet(above=above, input=rate, output=rate) for above, rate in ((0, "1"), (200_000, "2"), (500_000, "3"))]
    found = cost(metered(*tiers), month(**facts))
    assert found.total == Decimal(total)
    assert "cost.tier" in found.rules


_READ = "No cache read price: cached input is billed at the input price."
_WRITE = "No cache write price: cache writes are billed at the input price."
_REASONING = "No reasoning price: reasoning tokens are billed at the output price."


@pytest.mark.parametrize(
    ("_case", "rates", "total", "notes"),
    [
        ("own prices", {"cache_read": "0.1", "cache_write": "1.25", "reasoning": "4"}, "5450", ()),
        ("none of its own", {}, "6000", (_READ, _WRITE, _REASONING)),
        ("a zero is no price", {"cache_read": "0.1", "cache_write": "0", "reasoning": "4"}, "5200", (_WRITE,)),
    ],
)
def test_cache_and_reasoning(_case: str, rates: dict[str, str], total: str, notes: tuple[str, ...]) -> None:
    """No cache price means the input price, no reasoning price the output price, and the answer says so."""
    workload = month(input=1_000, cached_input=2_000, cache_write=1_000, output=500, reasoning=500)
    found = cost(metered(sheet(PriceMode.STANDARD, 0, input="1", output="2", **rates)), workload)
    assert found.total == Decimal(total)
    assert found.notes == notes
    assert ("cost.cache" in found.rules) is bool(notes)


_STANDARD = sheet(input="1", output="1")
_BATCH = sheet(PriceMode.BATCH, input="0.5", output="0.5")
_FLEX = sheet(PriceMode.FLEX, input="0.4", output="0.4")
_NO_BATCH = "No cheaper batch price: the batch share of 'request' is billed at the standard price."


@pytest.mark.parametrize(
    ("_case", "sheets", "share", "total", "modes", "notes"),
    [
        ("nothing waits", (_STANDARD, _BATCH), "0", "1200", ["STANDARD"], ()),
        ("half waits", (_STANDARD, _BATCH), "0.5", "900", ["STANDARD", "BATCH"], ()),
        ("all waits", (_STANDARD, _BATCH), "1", "600", ["BATCH"], ()),
        ("flex is cheaper", (_STANDARD, _BATCH, _FLEX), "1", "480", ["FLEX"], ()),
        ("no batch price", (_STANDARD,), "0.5", "1200", ["STANDARD"], (_NO_BATCH,)),
        ("half a batch price", (_STANDARD, replace(_BATCH, output_mtok=None)), "1", "1200", ["STANDARD"], (_NO_BATCH,)),
        (
            "priority is never used",
            (_STANDARD, sheet(PriceMode.PRIORITY, input="0.1", output="0.1")),
            "1",
            "1200",
            ["STANDARD"],
            (_NO_BATCH,),
        ),
        ("only a batch price, and all waits", (_BATCH,), "1", "600", ["BATCH"], ()),
        (
            "a batch sheet without the tier",
            (_STANDARD, sheet(above=500, input="2", output="2"), _BATCH),
            "1",
            "2400",
            ["STANDARD"],
            (_NO_BATCH,),
        ),
    ],
)
def test_batch(
    _case: str, sheets: tuple[Price, ...], share: str, total: str, modes: list[str], notes: tuple[str, ...]
) -> None:
    """Only the share that can wait takes the cheapest complete sheet among batch, flex and standard."""
    found = cost(metered(*sheets), month(batch_share=Decimal(share)))
    assert found.total == Decimal(total)
    assert list(dict.fromkeys(line.mode.value for line in found.lines)) == modes
    assert found.notes == notes


def test_a_share_of_requests_may_be_fractional() -> None:
    """Amounts stay exact: a third of a request is billed as such."""
    workload = Workload("odd", (RequestClass("one", 1, 1, 0, batch_share=Decimal("0.333333333")),))
    found = cost(
        metered(sheet(input="0.000000001", output="1"), sheet(PriceMode.BATCH, input="5E-10", output="1")), workload
    )
    assert found.total == Decimal("0.0000000000000008333333335")


def test_a_fee_per_request_is_named_and_not_counted() -> None:
    """Other units never enter a token cost."""
    found = cost(metered(replace(_STANDARD, other_units={"per_request": Decimal("0.01")})))
    assert found.total == Decimal(1200)
    assert found.notes == ("Alpha also charges per request; that fee is not included.",)


@pytest.mark.parametrize(
    ("_case", "sheets", "reason", "missing", "low", "high"),
    [
        ("no price at all", (), "NO_COMPLETE_TOKEN_PRICE", ["STANDARD.0.input", "STANDARD.0.output"], None, None),
        ("no output price", (sheet(input="1"),), "NO_COMPLETE_TOKEN_PRICE", ["STANDARD.0.output"], "1000", None),
        ("an output price of zero", (sheet(input="1", output="0"),), "NO_COMPLETE_TOKEN_PRICE", ["STANDARD.0.output"], "1000", None),
        ("bounded by batch and priority",
         (sheet(input="1"), _BATCH, sheet(PriceMode.PRIORITY, input="3", output="3")),
         "NO_COMPLETE_TOKEN_PRICE", ["STANDARD.0.output"], "1100", "1600"),
        ("the tier has no output price",
         (_STANDARD, sheet(above=500, input="2")), "NO_COMPLETE_TOKEN_PRICE", ["STANDARD.500.output"], "2000", None),
        ("another currency", (replace(_STANDARD, currency="CNY"),), "OTHER_CURRENCY",
         ["STANDARD.0.input", "STANDARD.0.output"], None, None),
        ("another unit", (Price(7, 1, other_units={"per_character": Decimal("0.00003")}),), "OTHER_BILLING_UNIT",
         ["STANDARD.0.input", "STANDARD.0.output"], None, None),
    ],
)  # fmt: skip
def test_a_missing_price_is_unavailable_with_bounds(
    _case: str, sheets: tuple[Price, ...], reason: str, missing: list[str], low: str | None, high: str | None
) -> None:
    """Never zero: the missing facts are named, and the cost is bounded where it can be."""
    of = metered(*sheets)
    found = unavailable(of)
    assert found.reason == reason
    assert found.missing == tuple(FactRef("route", of.route.id, f"price.{field}") for field in missing)
    assert (found.low, found.high) == tuple(None if each is None else Decimal(each) for each in (low, high))


def test_an_unknown_basis_is_unavailable() -> None:
    """A price of which nobody says how it bills does not compete; the basis is what is missing."""
    of = metered(_STANDARD, basis=PriceBasis.UNKNOWN)
    found = unavailable(of)
    assert found.reason == "PRICE_BASIS_UNKNOWN"
    assert found.missing == (FactRef("route", of.route.id, "price_basis"),)


@pytest.mark.parametrize("basis", [PriceBasis.FREE, PriceBasis.INCLUDED, PriceBasis.TRIAL, PriceBasis.LOCAL])
def test_other_bases_are_told_apart(basis: PriceBasis) -> None:
    """Only metered prices compete, even where the others state an amount."""
    assert ineligible(metered(_STANDARD, basis=basis)).reason == basis.value


@pytest.mark.parametrize(
    ("_case", "facts", "reason"),
    [
        ("not live", {"live": False}, "NOT_LIVE"),
        ("context too small", {"context_window": 1_199}, "CONTEXT_TOO_SMALL"),
        ("output limit too small", {"max_output": 199}, "OUTPUT_LIMIT_TOO_SMALL"),
    ],
)
def test_ineligible(_case: str, facts: dict[str, Any], reason: str) -> None:
    """A request of 1,000 + 200 tokens needs them all in the window, and its 200 in the output limit."""
    of = metered(_STANDARD)
    assert ineligible(replace(of, route=replace(of.route, **facts))).reason == reason


def test_the_largest_request_that_fits_is_eligible() -> None:
    """Limits are inclusive."""
    assert cost(metered(_STANDARD, context_window=1_200, max_output=200)).total == Decimal(1200)


def test_the_limits_of_the_model_hold_where_the_route_states_none() -> None:
    """A route's own limit goes before its model's."""
    small = model(1, "Small", context_window=1_000)
    found = route_cost(metered(_STANDARD), PAGE, model=small)
    assert isinstance(found, Ineligible)
    assert found.message == "The largest request has 1,200 tokens; the context window of Alpha (some-model) is 1k."
    assert found.used == (FactRef("model", 1, "context_window"),)
    assert isinstance(route_cost(metered(_STANDARD, context_window=2_000), PAGE, model=small), RouteCost)


def test_an_embedding_bills_its_input_only() -> None:
    found = route_cost(
        metered(sheet(input="0.02")),
        EMBEDDING.workload,
        model=model(1, "Embed", task=Task.EMBEDDING, context_window=8_000),
    )
    assert isinstance(found, RouteCost)
    assert found.total == Decimal(10)
    assert found.notes == ()


@pytest.mark.parametrize(
    ("why", "facts"),
    [
        (
            "is made for embedding and generates no tokens",
            {"task": Task.EMBEDDING, "output_modalities": (Modality.TEXT,)},
        ),
        ("is made for reranking and generates no tokens", {"task": Task.RERANKING}),
        ("is made for moderation and generates no tokens", {"task": Task.MODERATION}),
        ("writes no text", {"task": Task.SPEECH, "output_modalities": (Modality.AUDIO,)}),
    ],
)
def test_what_writes_no_text_has_no_cost_of_written_tokens(why: str, facts: dict[str, Any]) -> None:
    """Its prices are no advantage over a model that can do the work."""
    one = model(1, "Embed", **facts)
    found = route_cost(metered(sheet(input="0.02", output="0.02")), PAGE, model=one)
    assert isinstance(found, Ineligible)
    message = f"Embed {why}, so no workload with output tokens can run on it."
    assert (found.reason, found.message) == ("NO_TEXT_OUTPUT", message)
    month = monthly_cost(contender(one, metered(sheet(input="0.02", output="0.02"))), PAGE)
    assert isinstance(month, Unavailable)
    assert (month.reason, month.message) == ("NO_ELIGIBLE_ROUTE", message)


def test_several_request_classes_are_summed() -> None:
    """Each class has its own lines, and its own tier."""
    workload = Workload("both", (RequestClass("short", 1_000, 100, 0), RequestClass("long", 1_000, 1_000, 0)))
    found = cost(metered(sheet(input="1", output="1"), sheet(above=500, input="2", output="1")), workload)
    assert [(line.request_class, line.above, line.amount) for line in found.lines] == [
        ("short", 0, Decimal("0.1")),
        ("long", 500, Decimal(2)),
    ]
    assert found.total == Decimal("2.1")


def test_ties_are_all_returned_by_provider_name() -> None:
    """Cheapest is not whoever came first."""
    offers = [metered(_STANDARD, at=at) for at in ("zeta", "Beta", "alpha")]
    assert [each.route.provider.name for each in cheapest(offers, PAGE)] == ["Alpha", "Beta", "Zeta"]
    assert [each.rank for each in ranked_costs(offers, PAGE)] == [1, 1, 1]


def test_a_suspicious_price_is_shown_and_does_not_win() -> None:
    """Unless asked for."""
    wrong = metered(
        replace(sheet(input="0.0001", output="0.0001"), suspicious="a thousandth of the others"), at="wrong"
    )
    good = metered(_STANDARD, at="good")
    assert [(each.route.provider.name, each.rank) for each in ranked_costs([wrong, good], PAGE)] == [
        ("Good", 1),
        ("Wrong", None),
    ]
    assert [each.route.provider.name for each in cheapest([wrong, good], PAGE)] == ["Good"]
    asked_for = cheapest([wrong, good], PAGE, include_suspicious=True)
    assert [(each.route.provider.name, each.suspicious) for each in asked_for] == [
        ("Wrong", ("a thousandth of the others",))
    ]
    only = monthly_cost(contender(model(1, "Odd"), wrong), PAGE)
    assert isinstance(only, Unavailable)
    assert only.reason == "SUSPICIOUS_PRICE_ONLY"


def test_the_labs_own_price_that_is_only_far_off_the_others_is_marked_and_wins() -> None:
    own = metered(replace(_STANDARD, suspicious="far off the median"), at="lab", first_party=True)
    dearer = metered(sheet(input="90", output="90"), at="reseller")
    ranked = ranked_costs([dearer, own], PAGE)
    assert [(each.route.provider.name, each.rank) for each in ranked] == [("Lab", 1), ("Reseller", 2)]
    [best] = cheapest([dearer, own], PAGE)
    assert best.suspicious == ("far off the median",)


@pytest.mark.parametrize(
    ("_case", "offers", "reason"),
    [
        ("no route", (), "NO_LIVE_ROUTE"),
        ("none live", (metered(_STANDARD, live=False),), "NO_LIVE_ROUTE"),
        ("only a free one", (metered(basis=PriceBasis.FREE),), "NO_ELIGIBLE_ROUTE"),
        ("no price", (metered(),), "NO_COMPLETE_TOKEN_PRICE"),
    ],
)
def test_no_monthly_cost(_case: str, offers: tuple[Offer, ...], reason: str) -> None:
    """The reason tells apart what is not served, what does not compete and what is not known."""
    found = monthly_cost(contender(model(1, "Bare"), *offers), PAGE)
    assert isinstance(found, Unavailable)
    assert found.reason == reason


def test_the_bounds_of_a_model_are_those_of_its_routes() -> None:
    """The cheapest route costs at least the lowest lower bound, which is unknown where one route's is."""
    bounded, unbounded = metered(sheet(input="1")), metered()
    [low, none] = [
        monthly_cost(contender(model(1, "Half"), *offers), PAGE) for offers in ([bounded], [bounded, unbounded])
    ]
    assert isinstance(low, Unavailable)
    assert isinstance(none, Unavailable)
    assert (low.low, none.low) == (Decimal(1000), None)


def test_delta_and_ratio() -> None:
    """Second minus first, second by first."""
    first = monthly_cost(contender(model(1, "Ada"), metered(_STANDARD)), PAGE)
    second = monthly_cost(contender(model(2, "Bee"), metered(sheet(input="2", output="3"))), PAGE)
    found = cost_delta(first, second)
    assert isinstance(found, CostDelta)
    assert (found.delta, found.display, found.cheaper) == (Decimal(1400), "+$1,400", "ada")
    assert found.ratio == Decimal(2600) / Decimal(1200)
    back = cost_delta(second, first)
    assert isinstance(back, CostDelta)
    assert (back.delta, back.display, back.cheaper) == (Decimal(-1400), "-$1,400", "ada")
    same = cost_delta(first, first)
    assert isinstance(same, CostDelta)
    assert (same.delta, same.display, same.cheaper) == (Decimal(0), "$0", None)


@pytest.mark.parametrize(
    ("_case", "sheets", "field"),
    [
        ("its output price would decide", (sheet(input="1"),), "price.STANDARD.0.output"),
        ("already dearer", (sheet(input="2"),), None),
        ("two prices are missing", (), None),
    ],
)
def test_the_missing_fact_that_matters(_case: str, sheets: tuple[Price, ...], field: str | None) -> None:
    """One missing price of a route that could still be cheaper than $1,200."""
    found = ranking_gap(ranked_costs([metered(_STANDARD), metered(*sheets, at="beta")], PAGE))
    assert (found.missing.field if found else None) == field
