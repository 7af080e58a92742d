"""Whether models may be compared, before anything ranks them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from domain.comparability import RULES, ComparabilityLevel, comparability, coverage
from domain.facts import Contender, Modality, Price, PriceBasis, Task
from tests.domain.made_up import MIMO, MISTRAL, contender, model, offer, rivals

TEXT = replace(MISTRAL.model, id=1, slug="ada", name="Ada", task=Task.TEXT_GENERATION)
OTHER = replace(TEXT, id=2, slug="bee", name="Bee")
SECONDS = Price(1, 1, other_units={"per_second": Decimal("0.01")})
METERED = PriceBasis.METERED


@pytest.mark.parametrize(
    ("_case", "first", "second", "level", "messages"),
    [
        ("the same", contender(TEXT), contender(OTHER), "COMPARABLE", []),
        (
            "another task",
            contender(TEXT),
            contender(replace(OTHER, task=Task.SPEECH)),
            "NOT_COMPARABLE",
            ["Ada is made for text generation, Bee for speech."],
        ),
        (
            "a task that nobody sources",
            contender(TEXT),
            contender(replace(OTHER, task=Task.UNKNOWN)),
            "PARTIAL",
            ["No source says what Bee is made for."],
        ),
        (
            "no output in common",
            contender(replace(TEXT, output_modalities=(Modality.TEXT,))),
            contender(replace(OTHER, output_modalities=(Modality.AUDIO, Modality.IMAGE))),
            "NOT_COMPARABLE",
            ["Ada produces text, Bee audio and image."],
        ),
        (
            "an output that nobody sources is no other output",
            contender(replace(TEXT, output_modalities=(Modality.TEXT,))),
            contender(OTHER),
            "COMPARABLE",
            [],
        ),
        (
            "another billing unit",
            contender(TEXT, offer("alpha", price=("1", "2"))),
            contender(OTHER, offer("beta", other_prices=(SECONDS,), price_basis=METERED)),
            "PARTIAL",
            ["Ada is billed per token, Bee is billed per second."],
        ),
        (
            "one unit in common",
            contender(TEXT, offer("alpha", price=("1", "2"), other_prices=(SECONDS,))),
            contender(OTHER, offer("beta", other_prices=(SECONDS,), price_basis=METERED)),
            "COMPARABLE",
            [],
        ),
        (
            "what is free is not billed",
            contender(TEXT, offer("alpha", price=("1", "2"))),
            contender(OTHER, offer("beta", other_prices=(SECONDS,), price_basis=PriceBasis.FREE)),
            "COMPARABLE",
            [],
        ),
        (
            "too little evidence",
            contender(TEXT),
            contender(model(2, "Bee", task=Task.TEXT_GENERATION)),
            "PARTIAL",
            ["Only 4 % of the tracked facts of Bee are sourced."],
        ),
    ],
)
def test_levels(_case: str, first: Contender, second: Contender, level: str, messages: list[str]) -> None:
    found = comparability((first, second))
    assert (found.level, [reason.message for reason in found.reasons]) == (ComparabilityLevel(level), messages)


def test_the_page_compares_a_speech_model_with_a_chat_model() -> None:
    """By our facts of both the two cannot be compared; by the page's own, which name one task for both, they can."""
    chat = replace(MISTRAL, model=replace(MISTRAL.model, task=Task.TEXT_GENERATION))
    speech = replace(MIMO, model=replace(MIMO.model, task=Task.SPEECH))
    assert comparability((chat, speech)).level is ComparabilityLevel.NOT_COMPARABLE
    alike = replace(MIMO, model=replace(MIMO.model, task=Task.TEXT_GENERATION))
    assert comparability((chat, alike)).level is ComparabilityLevel.COMPARABLE


def test_coverage_counts_facts_and_the_pages_capabilities() -> None:
    assert coverage(model(1, "Ada")) == 0
    assert coverage(MISTRAL.model) == Decimal(18) / 23


@given(rivals(1))
def test_order_decides_nothing(contenders: tuple[Contender, ...]) -> None:
    found, mirrored = comparability(contenders), comparability(contenders[::-1])
    assert found.level is mirrored.level
    assert {(each.level, each.rule, frozenset(each.models)) for each in found.reasons} == {
        (each.level, each.rule, frozenset(each.models)) for each in mirrored.reasons
    }
    assert all(reason.used or reason.rule == "comparability.evidence" for reason in found.reasons)
    assert {reason.rule for reason in found.reasons} <= {rule.id for rule in RULES}
