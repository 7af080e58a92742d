"""A row leads by 5 % or more among known values; an unknown is shown as unknown and is no loss."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.capabilities import capability
from domain.comparability import known_facts
from domain.facts import (
    PAGE_CAPABILITIES,
    Architecture,
    Capabilities,
    CapabilityKind,
    CommercialUse,
    Contender,
    License,
    Lifecycle,
    NotLoaded,
    Openness,
    PartialDate,
    Presence,
    Price,
    PriceBasis,
    Task,
)
from domain.scorecard import SIGNALS, Need, Signal, SignalKey, scorecard, signal
from domain.signals import Direction, leading, newest
from domain.workload import CHAT, REFERENCE_PAGE
from tests.domain.made_up import APACHE, MIMO, MISTRAL, capabilities, contender, model, offer, provider, result, rivals

PAGE = REFERENCE_PAGE.workload
A, B, C = model(1, "Ada"), model(2, "Bee"), model(3, "Cat")


def row(key: SignalKey, *contenders: Contender) -> Signal:
    return signal(key, contenders, PAGE)


def test_the_page() -> None:
    """The page's six rows, in its order, with its values."""
    found = scorecard((MISTRAL, MIMO), PAGE)[:6]
    assert [(each.label, *(cell.display for cell in each.cells)) for each in found] == [
        ("Best for", "multimodal apps, tool-calling agents, and provider-routed production", "multimodal apps"),
        ("Decision fit", "Agents, Long context, and Vision", "none by the known facts"),
        ("Context window", "256k", "not sourced yet"),
        ("Cheapest output", "$0.60/1M tokens", "not sourced yet"),
        ("Provider routes", "3 tracked", "1 tracked"),
        ("Shared benchmarks", "0 rows", "0 rows"),
    ]
    assert [each.leaders for each in found] == [(), (), (), (), ("mistral-small-4",), ()]


@pytest.mark.parametrize(
    ("_case", "values", "direction", "leaders"),
    [
        ("larger", {"a": 105, "b": 100, "c": 50}, "HIGHER", ("a", "b")),
        ("just under 5 %", {"a": 1000, "b": 951}, "HIGHER", ()),
        ("5 %", {"a": 1000, "b": 950}, "HIGHER", ("a",)),
        ("lower", {"a": 1000, "b": 950}, "LOWER", ("b",)),
        ("lower by just under 5 %", {"a": Decimal("0.6"), "b": Decimal("0.5701")}, "LOWER", ()),
        ("against nothing", {"a": 1, "b": 0}, "HIGHER", ("a",)),
        ("equal", {"a": 0, "b": 0}, "HIGHER", ()),
        ("alone", {"a": 7}, "HIGHER", ()),
        ("none", {}, "HIGHER", ()),
        ("a row that describes", {"a": 7, "b": 1}, "NONE", ()),
    ],
)
def test_leading(_case: str, values: dict[str, int | Decimal], direction: str, leaders: tuple[str, ...]) -> None:
    assert leading(values, Direction(direction)) == leaders


@pytest.mark.parametrize(
    ("_case", "dates", "leaders"),
    [
        ("newer by a day", {"a": "2026-01-02", "b": "2026-01-01"}, ("a",)),
        ("a year does not tell a month", {"a": "2026", "b": "2026-03"}, ()),
        ("a year is older than the next", {"a": "2025", "b": "2026-03"}, ("b",)),
        ("two may be the newest", {"a": "2026", "b": "2026-03", "c": "2024"}, ("a", "b")),
        ("alone", {"a": "2026"}, ()),
    ],
)
def test_newest(_case: str, dates: dict[str, str], leaders: tuple[str, ...]) -> None:
    assert newest(dates) == leaders


@pytest.mark.parametrize(
    ("_case", "key", "first", "second", "displays", "leaders"),
    [
        (
            "context window",
            "CONTEXT_WINDOW",
            contender(replace(A, context_window=262_144)),
            contender(replace(B, context_window=256_000)),
            ["256k", "256k"],
            (),
        ),
        (
            "no such thing as a context window",
            "CONTEXT_WINDOW",
            contender(replace(A, context_window=1_000_000)),
            contender(replace(B, task=Task.IMAGE_GENERATION)),
            ["1M", "not applicable"],
            (),
        ),
        (
            "an embedding has no output price",
            "CHEAPEST_OUTPUT",
            contender(replace(A, task=Task.EMBEDDING), offer("alpha", price=("1", "0"))),
            contender(B, offer("alpha", price=("1", "2"))),
            ["not applicable", "$2.00/1M tokens"],
            (),
        ),
        (
            "a price that looks wrong does not lead",
            "CHEAPEST_INPUT",
            contender(
                A,
                offer(
                    "alpha",
                    other_prices=(Price(1, 1, input_mtok=Decimal(1), output_mtok=Decimal(1), suspicious="low"),),
                    price_basis=PriceBasis.METERED,
                ),
                offer("beta", price=("3", "4")),
            ),
            contender(B, offer("alpha", price=("2", "2"))),
            ["$3.00/1M tokens", "$2.00/1M tokens"],
            ("bee",),
        ),
        (
            "entries of one company count once",
            "PROVIDER_ROUTES",
            contender(A, offer(provider("x", group="x")), offer(provider("x-eu", group="x"))),
            contender(B, offer("alpha"), offer("beta"), offer("gamma", live=False)),
            ["1 tracked", "2 tracked"],
            ("bee",),
        ),
        (
            "monthly cost",
            "MONTHLY_COST",
            contender(A, offer("alpha", price=("0.15", "0.60"))),
            contender(B, offer("alpha", price=("0.16", "0.60"))),
            ["$270", "$280"],
            (),
        ),
        (
            "nothing that competes is not the same as nothing known",
            "MONTHLY_COST",
            contender(A, offer("alpha", price_basis=PriceBasis.FREE)),
            contender(B, offer("alpha")),
            ["no eligible route", "not sourced yet"],
            (),
        ),
        (
            "released",
            "RELEASE_DATE",
            contender(replace(A, released=PartialDate("2026-03-16"))),
            contender(replace(B, released=PartialDate("2026-04"))),
            ["2026-03-16", "2026-04"],
            ("bee",),
        ),
        (
            "open source before open weights",
            "LICENSE_FREEDOM",
            contender(replace(A, openness=Openness.OPEN_SOURCE, license=APACHE)),
            contender(replace(B, openness=Openness.OPEN_WEIGHTS, commercial_use=CommercialUse.ALLOWED)),
            ["Open source (Apache 2.0)", "Open weights"],
            ("ada",),
        ),
        (
            "commercial use tells open weights apart",
            "LICENSE_FREEDOM",
            contender(replace(A, openness=Openness.OPEN_WEIGHTS)),
            contender(
                replace(
                    B,
                    openness=Openness.OPEN_WEIGHTS,
                    commercial_use=CommercialUse.ALLOWED,
                    license=License(9, "open", "Open Weights"),
                )
            ),
            ["Open weights", "Open weights"],
            ("bee",),
        ),
        (
            "only capabilities that are known for both are counted",
            "CAPABILITY_BREADTH",
            contender(replace(A, capabilities=capabilities("VISION TOOL_USE REASONING"))),
            contender(replace(B, capabilities=capabilities("TOOL_USE", no="VISION"))),
            ["2 of 2 compared", "1 of 2 compared"],
            ("ada",),
        ),
        (
            "nothing to count",
            "CAPABILITY_BREADTH",
            contender(replace(A, capabilities=capabilities("VISION"))),
            contender(B),
            ["not sourced yet", "not sourced yet"],
            (),
        ),
        (
            "shared benchmarks",
            "SHARED_BENCHMARKS",
            contender(A, results=(result(A, "quiz", "60"), result(A, "exam", "10"))),
            contender(B, results=(result(B, "quiz", "50"),)),
            ["1 row, best in 1", "1 row, best in 0"],
            ("ada",),
        ),
        (
            "freshness",
            "FRESHNESS",
            contender(replace(A, last_reviewed=date(2026, 5, 26))),
            contender(replace(B, last_reviewed=date(2026, 5, 1)), offer("alpha", last_seen=date(2026, 6, 1))),
            ["2026-05-26", "2026-06-01"],
            ("bee",),
        ),
        (
            "evidence",
            "EVIDENCE_COVERAGE",
            contender(replace(A, context_window=1)),
            contender(B),
            ["4 %", "0 %"],
            ("ada",),
        ),
    ],
)
def test_rows(
    _case: str, key: str, first: Contender, second: Contender, displays: list[str], leaders: tuple[str, ...]
) -> None:
    found = row(SignalKey(key), first, second)
    assert ([cell.display for cell in found.cells], found.leaders) == (displays, leaders)


def test_a_lead_of_exactly_five_percent_of_evidence_is_one() -> None:
    """20 of 23 facts against 19: neither share has an end in decimals."""
    facts: dict[str, Any] = {
        "capabilities": Capabilities(frozenset(PAGE_CAPABILITIES), frozenset()),
        "released": PartialDate("2026-03"),
        "knowledge_cutoff": PartialDate("2025"),
        "context_window": 1,
        "max_output": 1,
        "parameters_total": 1,
        "architecture": Architecture.DENSE,
        "openness": Openness.OPEN_WEIGHTS,
        "commercial_use": CommercialUse.ALLOWED,
        "lifecycle": Lifecycle.AVAILABLE,
    }
    one, other = replace(A, **facts), replace(B, **{**facts, "max_output": None})
    more = replace(one, task=Task.TEXT_GENERATION), replace(other, task=Task.TEXT_GENERATION)
    assert [len(known_facts(each)) for each in more] == [20, 19]
    assert row(SignalKey.EVIDENCE_COVERAGE, *map(contender, more)).leaders == ("ada",)


def test_each_row_touches_only_the_facts_that_it_declares() -> None:
    for key, rule in SIGNALS.items():
        loaded = [
            Contender(
                each.model,
                each.loaded_offers if Need.OFFERS in rule.needs else None,
                each.loaded_results if Need.RESULTS in rule.needs else None,
            )
            for each in (MISTRAL, MIMO)
        ]
        assert signal(key, loaded, PAGE).key is key
        for need, missing in ((Need.OFFERS, "loaded_offers"), (Need.RESULTS, "loaded_results")):
            if need in rule.needs:
                with pytest.raises(NotLoaded):
                    signal(key, [replace(each, **{missing: None}) for each in loaded], PAGE)  # type: ignore[arg-type]


@given(rivals(1))
def test_rows_keep_the_order_and_mirror(contenders: tuple[Contender, ...]) -> None:
    """Swapping the models swaps the cells and changes nobody's lead."""
    for found, mirrored in zip(scorecard(contenders, PAGE), scorecard(contenders[::-1], PAGE), strict=True):
        assert [cell.model for cell in found.cells] == [each.model.slug for each in contenders]
        assert found.cells == mirrored.cells[::-1]
        assert set(found.leaders) == set(mirrored.leaders)


@given(rivals(1))
def test_the_unknown_neither_leads_nor_shows_a_value(contenders: tuple[Contender, ...]) -> None:
    words = {"not sourced yet", "not applicable", "no eligible route"}
    for each in scorecard(contenders, CHAT.workload):
        assert not set(each.leaders) & set(each.unknown)
        assert len(each.leaders) < len(each.cells)
        assert all((cell.value is None) == (not cell.known) == (cell.display in words) for cell in each.cells)
        if len(each.cells) - len(each.unknown) < 2:
            assert each.leaders == ()


@given(st.integers(1, 10**9), st.integers(0, 4))
def test_under_five_percent_nobody_leads(larger: int, percent: int) -> None:
    smaller = larger - larger * percent // 100
    for direction in (Direction.HIGHER, Direction.LOWER):
        assert leading({"a": larger, "b": smaller}, direction) == ()


@given(rivals(), st.sampled_from(PAGE_CAPABILITIES))
def test_breadth_gains_nothing_by_what_is_unknown_elsewhere(
    contenders: tuple[Contender, ...], kind: CapabilityKind
) -> None:
    """Where another model's answer is not known, having or lacking a capability changes nobody's lead."""
    first, *others = contenders
    assume(any(capability(each.model, kind).presence is Presence.UNKNOWN for each in others))
    breadths = []
    for said in (Capabilities(frozenset({kind})), Capabilities(no=frozenset({kind}))):
        changed = replace(first, model=replace(first.model, capabilities=said))
        breadths.append(row(SignalKey.CAPABILITY_BREADTH, changed, *others).leaders)
    assert breadths[0] == breadths[1]
