"""The comparison in words: every sentence has a fact behind it, and what is not sourced is said as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings

from domain.capabilities import capability
from domain.cost import MonthlyCost, monthly_cost
from domain.facts import (
    CapabilityKind,
    CommercialUse,
    Contender,
    Lab,
    License,
    Lifecycle,
    Model,
    Openness,
    PartialDate,
    Presence,
    Task,
    Unavailable,
)
from domain.friction import SwitchFriction
from domain.prose import deep_dive, intro, verdict_prose
from domain.rules import registry
from domain.sentences import Paragraph
from domain.several import all_of
from domain.verdict import verdict
from domain.workload import REFERENCE_PAGE
from tests.domain.made_up import APACHE, MIMO, MISTRAL, capabilities, contender, model, offer, provider, result, rivals
from tests.domain.moving import friction

PAGE = REFERENCE_PAGE.workload
A, B, C, D = (model(id, name) for id, name in enumerate(("Ada", "Bee", "Cat", "Dog"), start=1))


def costs(*contenders: Contender) -> Mapping[str, MonthlyCost | Unavailable]:
    return {each.model.slug: monthly_cost(each, PAGE) for each in contenders}


def frictions(*contenders: Contender) -> list[SwitchFriction]:
    return [friction(one, other) for one, other in permutations(contenders, 2)]


def dive(key: str, *contenders: Contender) -> str:
    """The text of one paragraph of the deep dive; empty where there is none."""
    found = deep_dive(contenders, costs(*contenders), frictions(*contenders))
    return next((each.text for each in found if each.key == key), "")


def plainly(*models: Model) -> list[Contender]:
    return [contender(each) for each in models]


def windows(*tokens: int | None) -> list[Model]:
    return [replace(each, context_window=size) for each, size in zip((A, B, C, D), tokens, strict=False)]


def tasks(*names: str) -> list[Model]:
    return [replace(each, task=Task(name)) for each, name in zip((A, B, C, D), names, strict=False)]


def test_the_pages_two_models() -> None:
    pair = (MISTRAL, MIMO)
    assert intro([each.model for each in pair]).text == (
        "This comparison sets Mistral Small 4 (MistralAI, 2026) against Xiaomi MiMo-V2.5-TTS-Series (Xiaomi, 2026). "
        "The context window of Mistral Small 4 is 256k tokens. "
        "No context window is sourced yet for Xiaomi MiMo-V2.5-TTS-Series."
    )
    assert [each.key for each in deep_dive(pair, costs(*pair), frictions(*pair))] == [
        *("capabilities", "pricing", "availability", "terms", "limits", "switching"),
    ]
    assert dive("pricing", *pair) == (
        "Mistral Small 4 starts at $0.15 for input and $0.60 for output per million tokens. "
        "No complete token price is sourced yet for Xiaomi MiMo-V2.5-TTS-Series. "
        "At this workload, the cheapest route costs $270 for Mistral Small 4 (OpenRouter) a month."
    )
    assert verdict_prose(verdict(pair, PAGE)).text == (
        "Mistral Small 4 is the safer pick: it alone meets every condition of one "
        "(no live metered route of Xiaomi MiMo-V2.5-TTS-Series has a complete price; "
        "the context window of Xiaomi MiMo-V2.5-TTS-Series is not sourced yet). "
        "Choose Xiaomi MiMo-V2.5-TTS-Series for a newer release."
    )


@pytest.mark.parametrize(
    ("_case", "models", "text"),
    [
        ("one", [A], "This comparison covers 1 model: Ada."),
        ("two", [A, B], "This comparison sets Ada against Bee."),
        ("three", [A, B, C], "This comparison covers 3 models: Ada, Bee, and Cat."),
        (
            "lab and year",
            [replace(A, lab=Lab(1, "acme", "Acme")), replace(B, released=PartialDate("2025-03"))],
            "This comparison sets Ada (Acme) against Bee (2025).",
        ),
        ("one task", tasks("SPEECH", "SPEECH"), "This comparison sets Ada against Bee. Both are made for speech."),
        (
            "two tasks",
            tasks("SPEECH", "TEXT_GENERATION", "SPEECH"),
            "This comparison covers 3 models: Ada, Bee, and Cat. "
            "Ada and Cat are made for speech; Bee is made for text generation.",
        ),
        (
            "one task and no word of the other",
            tasks("SPEECH", "UNKNOWN"),
            "This comparison sets Ada against Bee. Ada is made for speech.",
        ),
    ],
)
def test_who_is_compared(_case: str, models: list[Model], text: str) -> None:
    assert intro(models).text.removesuffix(f" No context window is sourced yet for {_either(models)}.") == text


def _either(models: Sequence[Model]) -> str:
    *first, last = [each.name for each in models]
    if not first:
        return last
    return f"{first[0]} or {last}" if len(first) == 1 else f"{', '.join(first)}, or {last}"


@pytest.mark.parametrize(
    ("_case", "models", "sentences"),
    [
        ("two", windows(8_000, 4_000), ["The context window is 8k for Ada and 4k for Bee (in tokens)."]),
        (
            "three",
            windows(8_000, 4_000, 500),
            ["The context window is 8k for Ada, 4k for Bee, and 500 for Cat (in tokens)."],
        ),
        ("equal", windows(8_000, 8_000), ["Both have a context window of 8k tokens."]),
        ("shown as equal", windows(256_000, 262_144, 256_000), ["All 3 have a context window of 256k tokens."]),
        (
            "equal where known",
            windows(8_000, 8_000, None),
            ["Ada and Bee have a context window of 8k tokens.", "No context window is sourced yet for Cat."],
        ),
        (
            "many",
            windows(8_000, 4_000, 1_000_000, 16_000),
            ["Context windows run from 4k tokens (Bee) to 1M (Cat)."],
        ),
        (
            "one that has none",
            [*windows(8_000), replace(B, task=Task.IMAGE_GENERATION)],
            ["The context window of Ada is 8k tokens."],
        ),
    ],
)
def test_context_windows(_case: str, models: list[Model], sentences: list[str]) -> None:
    found = [each.text for each in intro(models).sentences]
    assert [each for each in found if "ontext window" in each] == sentences


def able(of: Model, yes: str = "", no: str = "") -> Contender:
    return contender(replace(of, capabilities=capabilities(yes, no)))


def open_(of: Model, openness: str, license: License | None = None, use: str = "UNKNOWN") -> Contender:
    terms = {"openness": Openness(openness), "license": license, "commercial_use": CommercialUse(use)}
    return contender(replace(of, **terms))  # type: ignore[arg-type]


PRICED = [contender(each, offer("alpha", price=(f"{each.id}", f"{each.id}"))) for each in (A, B, C, D)]


@pytest.mark.parametrize(
    ("_case", "key", "contenders", "text"),
    [
        ("all have it", "capabilities", [able(A, "VISION"), able(B, "VISION")], "Both have vision."),
        ("one alone", "capabilities", [able(A, "VISION")], "Ada has vision."),
        (
            "split",
            "capabilities",
            [able(A, "VISION REASONING", "BATCH"), able(B, no="VISION REASONING"), able(C, no="VISION REASONING")],
            "Ada has vision and reasoning; Bee and Cat do not.",
        ),
        (
            "partly unknown",
            "capabilities",
            [able(A, "VISION"), able(B, no="VISION"), able(C)],
            "Ada has vision; Bee does not; for Cat that is not sourced yet.",
        ),
        ("unknown of one", "capabilities", [able(A, "VISION"), able(B)], "Ada has vision; for Bee that is not sourced yet."),
        ("nobody has it", "capabilities", [able(A, no="VISION"), able(B)], ""),
        ("prices of many", "pricing", PRICED, "At this workload, the monthly cost runs from $1,200 for Ada (Alpha) to $4,800 for Dog (Alpha)."),
        ("no prices", "pricing", plainly(A, B), "No complete token price is sourced yet for Ada or Bee."),
        (
            "two providers for one price",
            "pricing",
            [contender(A, *(offer(at, price=("1", "1")) for at in ("alpha", "beta")))],
            "Ada starts at $1.00 for input and $1.00 for output per million tokens. "
            "At this workload, the cheapest route costs $1,200 for Ada (Alpha or Beta) a month.",
        ),
        (
            "providers",
            "availability",
            [contender(A, offer(provider("eu", "EU", group="acme")), offer(provider("us", "US", group="acme"))), contender(B, offer("x", live=False))],
            "Ada is served by EU. No live route is tracked for Bee.",
        ),
        (
            "many providers",
            "availability",
            [contender(A, *(offer(at) for at in "abcdefgh"))],
            "Ada is served by A, B, C, D, E, and 3 more.",
        ),
        (
            "terms",
            "terms",
            [open_(A, "OPEN_SOURCE", APACHE, "ALLOWED"), open_(B, "OPEN_WEIGHTS", use="CONDITIONS"), open_(C, "OPEN_SOURCE", use="NOT_ALLOWED")],
            "Ada (Apache 2.0) and Cat are open source. Bee has open weights. Ada may be used commercially. "
            "Bee may be used commercially under conditions. Cat may not be used commercially.",
        ),
        ("no terms", "terms", plainly(A, B), "Whether Ada and Bee are open is not sourced yet."),
        (
            "limits",
            "limits",
            plainly(replace(A, max_output=8_000, knowledge_cutoff=PartialDate("2025")), replace(B, max_output=500), replace(C, knowledge_cutoff=PartialDate("2025"))),
            "One answer can have up to 8k tokens for Ada and 500 tokens for Bee. The knowledge cutoff is 2025 for Ada and Cat.",
        ),
        (
            "equal limits are said once",
            "limits",
            plainly(replace(A, max_output=8_000, knowledge_cutoff=PartialDate("2025")), replace(B, max_output=8_192, knowledge_cutoff=PartialDate("2025"))),
            "One answer can have up to 8k tokens for both. The knowledge cutoff is 2025 for both.",
        ),
        (
            "equal limits of some",
            "limits",
            plainly(replace(A, max_output=8_000), replace(B, max_output=8_000), C),
            "One answer can have up to 8k tokens for Ada and Bee.",
        ),
        ("no limits", "limits", plainly(A, B), ""),
        (
            "benchmarks",
            "benchmarks",
            [contender(A, results=(result(A, "quiz", "9"), result(A, "exam", "5"))), contender(B, results=(result(B, "quiz", "8"), result(B, "exam", "5")))],
            "The models share 2 benchmark rows measured the same way; best: Ada in 1.",
        ),
        (
            "equal benchmarks",
            "benchmarks",
            [contender(each, results=(result(each, "quiz", "9"),)) for each in (A, B)],
            "The models share 1 benchmark row measured the same way; nobody leads.",
        ),
        ("no benchmarks", "benchmarks", [contender(A, results=(result(A, "quiz", "9"),)), contender(B)], ""),
        (
            "a switch that is blocked",
            "switching",
            plainly(replace(A, lifecycle=Lifecycle.RETIRED), replace(B, openness=Openness.PROPRIETARY)),
            "Moving from Ada to Bee takes little effort (friction 16 of 100). Not sourced yet for Bee: context window, "
            "terms of commercial use, live route, and capabilities. That part of the switch is not judged. "
            "Moving from Bee to Ada is blocked as things stand (friction 100 of 100). Ada is retired.",
        ),
    ],
)  # fmt: skip
def test_a_paragraph(_case: str, key: str, contenders: list[Contender], text: str) -> None:
    assert dive(key, *contenders) == text


def test_a_verdict_says_when_to_choose_another_one() -> None:
    """Only of those for whom something speaks."""
    found = verdict_prose(verdict((able(A, "VISION"), able(B, no="VISION")), PAGE))
    assert found.sentences[-1].text == "Choose Ada for more capabilities and vision."
    assert "Bee for" not in found.text


def test_all_of_them() -> None:
    """Said of all that are compared only."""
    assert [all_of(each) for each in ([A], [A, B], [A, B, C])] == ["Ada", "Both", "All 3"]
    assert [all_of(each, [A, B, C]) for each in ([A, B], [A, B, C])] == ["Ada and Bee", "All 3"]


def paragraphs(contenders: Sequence[Contender]) -> list[Paragraph]:
    models = [each.model for each in contenders]
    found = deep_dive(contenders, costs(*contenders), frictions(*contenders))
    return [intro(models), verdict_prose(verdict(contenders, PAGE)), *found]


@settings(max_examples=20)
@given(rivals())
def test_every_sentence_has_a_fact_and_reads_like_one(contenders: tuple[Contender, ...]) -> None:
    for paragraph in paragraphs(contenders):
        assert paragraph.sentences
        assert paragraph.rule in registry()
        for sentence in paragraph.sentences:
            assert sentence.used
            assert sentence.text[0].isupper()
            assert sentence.text.endswith(".")
            assert not any(bad in sentence.text for bad in ("  ", " .", "UNKNOWN", "None ", "()", "_"))


@settings(max_examples=20)
@given(rivals())
def test_a_capability_is_said_as_it_is_known(contenders: tuple[Contender, ...]) -> None:
    """`Ada has it; Bee does not; for Cat that is not sourced yet`: each stands where its sources put it."""
    for paragraph in (each for each in paragraphs(contenders) if each.key == "capabilities"):
        for sentence in paragraph.sentences:
            fields = [ref.field for ref in sentence.used if ref.field.startswith("capability.")]
            for part in sentence.text.split("; "):
                expected = Presence.NO if part.rstrip(".").endswith(" not") else Presence.YES
                expected = Presence.UNKNOWN if part.startswith("for ") else expected
                for each in (one.model for one in contenders if one.model.name in part):
                    found = {capability(each, CapabilityKind(field.split(".")[1])).presence for field in fields}
                    assert found <= {expected}
