"""Questions and answers: nothing is asked about which nothing is known, and an answer that is not known says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings

from domain.capabilities import capability
from domain.cost import MonthlyCost, monthly_cost
from domain.facts import CapabilityKind, Contender, Lifecycle, Openness, Presence, Task, Unavailable
from domain.faq import Faq, faq
from domain.retired import called
from domain.rules import registry
from domain.scorecard import SignalKey, signal
from domain.wording import listed
from domain.workload import REFERENCE_PAGE
from tests.domain.made_up import MIMO, MISTRAL, capabilities, contender, model, offer, rivals
from tests.domain.moving import friction

PAGE = REFERENCE_PAGE.workload
A, B, C, D = (model(id, name) for id, name in enumerate(("Ada", "Bee", "Cat", "Dog"), start=1))


def asked(*contenders: Contender) -> Mapping[str, Faq]:
    """All questions by key, with what switching between any two takes."""
    costs: dict[str, MonthlyCost | Unavailable] = {each.model.slug: monthly_cost(each, PAGE) for each in contenders}
    frictions = [friction(one, other) for one, other in permutations(contenders, 2)]
    found = faq(contenders, costs, frictions)
    assert len({each.key for each in found}) == len(found)
    return {each.key: each for each in found}


def answer(key: str, *contenders: Contender) -> str | None:
    found = asked(*contenders).get(key)
    return None if found is None else found.answer


def test_the_pages_two_models() -> None:
    pair = "Mistral Small 4 or Xiaomi MiMo-V2.5-TTS-Series"
    both = pair.replace(" or ", " and ")
    found = asked(MISTRAL, MIMO)
    assert {key: each.question for key, each in found.items()} == {
        "open_source": f"Is {pair} open source?",
        "capability.VISION": f"Which is better for vision, {pair}?",
        "capability.MULTIMODAL": f"Which is better for multimodal work, {pair}?",
        "capability.FUNCTION_CALLING": f"Which is better for function calling, {pair}?",
        "capability.TOOL_USE": f"Which is better for tool use, {pair}?",
        "cheaper": f"Which is cheaper, {pair}?",
        "larger_context": f"Which has the larger context window, {pair}?",
        "where_to_run": f"Where can I run {both}?",
        "switching": f"What changes when I switch between {both}?",
    }
    assert found["cheaper"].answer == (
        "That cannot be said for all. No route of Xiaomi MiMo-V2.5-TTS-Series has a complete token price. "
        "At this workload, the cheapest route costs $270 for Mistral Small 4 (OpenRouter) a month."
    )
    assert found["open_source"].answer == (
        "Mistral Small 4 (Apache 2.0) is open source. Xiaomi MiMo-V2.5-TTS-Series is proprietary."
    )


def test_many_models_are_not_named_in_the_question() -> None:
    every = [
        contender(
            replace(each, openness=Openness.PROPRIETARY, context_window=1_000 * each.id), offer("alpha", each.slug)
        )
        for each in (A, B, C, D)
    ]
    assert [each.question for each in asked(*every).values()] == [
        "Which of these models are open source?",
        "Which of these models has the larger context window?",
        "Where can I run these models?",
        "What changes when I switch between these models?",
    ]
    three = asked(*every[:3])
    assert three["where_to_run"].question == "Where can I run Ada, Bee, and Cat?"
    assert three["open_source"].question == "Is Ada, Bee, or Cat open source?"


def test_of_many_models_the_extreme_switches_are_named() -> None:
    """Not all of them: ten models have ninety."""
    every = [contender(of, offer(at, of.slug)) for of, at in ((A, "alpha"), (B, "alpha"), (C, "beta"))]
    every.append(contender(replace(D, lifecycle=Lifecycle.RETIRED), offer("alpha", "dog")))
    assert asked(*every)["switching"].answer == (
        "Of the 12 switches between them, 4 take moderate effort, 5 take much effort, and 3 are blocked as things stand. "
        "The easiest: Ada to Bee (24 of 100), Bee to Ada (24 of 100), and Dog to Ada (24 of 100). "
        "The hardest: Ada to Dog (100 of 100), Bee to Dog (100 of 100), and Cat to Dog (100 of 100)."
    )


def test_of_one_model_only_what_it_is_and_where_it_runs() -> None:
    assert set(asked(MISTRAL)) == {"open_source", "where_to_run"}


def test_nothing_is_asked_of_what_nobody_knows() -> None:
    assert set(asked(contender(A), contender(B))) == {"switching"}
    assert set(asked(contender(A))) == set()


def priced(of: int, amount: str | None, **facts: object) -> Contender:
    one = (A, B, C, D)[of]
    return contender(one, offer("alpha", price=(amount, amount) if amount else None, **facts))  # type: ignore[arg-type]


_COSTS = "At this workload, the cheapest route costs"


@pytest.mark.parametrize(
    ("_case", "contenders", "text"),
    [
        (
            "one is",
            (priced(0, "1"), priced(1, "2")),
            f"Ada. {_COSTS} $1,200 for Ada (Alpha) and $2,400 for Bee (Alpha) a month.",
        ),
        (
            "the same",
            (priced(0, "1"), priced(1, "1")),
            f"Both cost the same. {_COSTS} $1,200 for Ada (Alpha) and $1,200 for Bee (Alpha) a month.",
        ),
        (
            "nearly the same",
            (priced(0, "1"), priced(1, "1.01")),
            f"Neither by a clear margin. {_COSTS} $1,200 for Ada (Alpha) and $1,212 for Bee (Alpha) a month.",
        ),
        (
            "two of three",
            (priced(0, "1"), priced(1, "3"), priced(2, "1")),
            f"Ada and Cat. {_COSTS} $1,200 for Ada (Alpha), $1,200 for Cat (Alpha), and $3,600 for Bee (Alpha) a month.",
        ),
        (
            "one that is not known may be cheaper still",
            (priced(0, "1"), priced(1, "2"), priced(2, None)),
            "That cannot be said for all. No route of Cat has a complete token price. "
            f"{_COSTS} $1,200 for Ada (Alpha) and $2,400 for Bee (Alpha) a month.",
        ),
        (
            "one that is gone",
            (priced(0, "1"), priced(1, "2", live=False)),
            f"That cannot be said for all. No live route of Bee is tracked. {_COSTS} $1,200 for Ada (Alpha) a month.",
        ),
        ("none is known", (priced(0, None), priced(1, None)), None),
    ],
)
def test_which_is_cheaper(_case: str, contenders: tuple[Contender, ...], text: str | None) -> None:
    assert answer("cheaper", *contenders) == text


def window(of: int, tokens: int | None, task: Task = Task.UNKNOWN) -> Contender:
    return contender(replace((A, B, C, D)[of], context_window=tokens, task=task))


@pytest.mark.parametrize(
    ("_case", "contenders", "text"),
    [
        (
            "one has",
            (window(0, 8_000), window(1, 4_000)),
            "Ada. The context window is 8k for Ada and 4k for Bee (in tokens).",
        ),
        ("equal", (window(0, 8_000), window(1, 8_000)), "Both have a context window of 8k tokens."),
        (
            "nearly equal",
            (window(0, 100_000), window(1, 104_000)),
            "Neither by a clear margin. The context window is 100k for Ada and 104k for Bee (in tokens).",
        ),
        (
            "equal as they are shown",
            (window(0, 256_000), window(1, 262_144)),
            "Both have a context window of 256k tokens.",
        ),
        (
            "as far as it is known",
            (window(0, 8_000), window(1, 4_000), window(2, None)),
            "Ada, as far as sourced. The context window is 8k for Ada and 4k for Bee (in tokens). "
            "No context window is sourced yet for Cat.",
        ),
        (
            "of one only",
            (window(0, 8_000), window(1, None)),
            "The context window of Ada is 8k tokens. No context window is sourced yet for Bee.",
        ),
        (
            "one that has no such thing",
            (window(0, 8_000), window(1, 4_000), window(2, None, Task.IMAGE_GENERATION)),
            "Ada. The context window is 8k for Ada and 4k for Bee (in tokens).",
        ),
        ("none is known", (window(0, None), window(1, None)), None),
    ],
)
def test_which_has_the_larger_window(_case: str, contenders: tuple[Contender, ...], text: str | None) -> None:
    assert answer("larger_context", *contenders) == text


def able(of: int, yes: str = "", no: str = "") -> Contender:
    return contender(replace((A, B, C, D)[of], capabilities=capabilities(yes, no)))


@pytest.mark.parametrize(
    ("_case", "contenders", "text"),
    [
        ("one has it", (able(0, "VISION"), able(1, no="VISION")), "Ada. Ada has vision; Bee does not."),
        (
            "both have it",
            (able(0, "VISION"), able(1, "VISION")),
            "Both have vision, so it does not decide between them.",
        ),
        ("nobody has it", (able(0, no="VISION"), able(1, no="VISION")), None),
        ("nobody says", (able(0), able(1)), None),
        ("of the other nobody says", (able(0, "VISION"), able(1)), "Ada has vision; for Bee that is not sourced yet."),
        (
            "two of three",
            (able(0, "VISION"), able(1, "VISION"), able(2, no="VISION")),
            "Ada and Bee have vision; Cat does not.",
        ),
        (
            "one has it, one lacks it, of one nobody says",
            (able(0, "VISION"), able(1, no="VISION"), able(2)),
            "Ada has vision; Bee does not; for Cat that is not sourced yet.",
        ),
    ],
)
def test_which_is_better_for_a_capability(_case: str, contenders: tuple[Contender, ...], text: str | None) -> None:
    assert answer("capability.VISION", *contenders) == text


@pytest.mark.parametrize(
    ("_case", "facts", "live", "expected"),
    [
        ("openness", {"openness": Openness.OPEN_WEIGHTS}, False, {"open_source", "switching"}),
        ("a route", {}, True, {"where_to_run", "switching"}),
    ],
)
def test_one_known_fact_is_enough_to_ask(
    _case: str, facts: dict[str, Openness], live: bool, expected: set[str]
) -> None:
    """And the answer says of whom it is not known."""
    one = contender(replace(A, **facts), offer("alpha", live=live))  # type: ignore[arg-type]
    found = asked(one, contender(B))
    assert set(found) == expected
    [said] = [each.answer for key, each in found.items() if key != "switching"]
    assert any(
        words in said for words in ("Whether Bee is open is not sourced yet.", "No live route is tracked for Bee.")
    )


@settings(max_examples=20)
@given(rivals())
def test_every_answer_has_facts_and_says_no_more_than_the_scorecard(contenders: tuple[Contender, ...]) -> None:
    """A model is named as the answer where it leads the row; beside an unknown cost nobody is."""
    names = [each.model.name for each in contenders]
    found = asked(*contenders)
    for each in found.values():
        assert each.used
        assert each.rule in registry()
        assert each.question.endswith("?")
        assert each.answer.endswith(".")
    for key, row in (("cheaper", SignalKey.MONTHLY_COST), ("larger_context", SignalKey.CONTEXT_WINDOW)):
        if key in found:
            scored = signal(row, contenders, PAGE)
            verdict = found[key].answer.split(". ")[0].removesuffix(", as far as sourced")
            leaders = [called(each) for each in contenders if each.model.slug in scored.leaders]
            if leaders and not (key == "cheaper" and scored.unknown):
                assert verdict == listed(leaders)
            else:
                assert verdict.split(" (")[0] not in names


@settings(max_examples=20)
@given(rivals())
def test_a_capability_is_asked_of_where_somebody_has_it(contenders: tuple[Contender, ...]) -> None:
    """What all have is one question, however much it is: it decides nothing."""
    found = asked(*contenders)
    presences = {kind: {capability(each.model, kind).presence for each in contenders} for kind in CapabilityKind}
    shared = [kind for kind, answers in presences.items() if answers == {Presence.YES}]
    assert ("capabilities_shared" in found) == (len(shared) > 1)
    for kind in CapabilityKind:
        answers = [capability(each.model, kind).presence for each in contenders]
        alone = kind not in shared or len(shared) == 1
        assert (f"capability.{kind}" in found) == (Presence.YES in answers and alone)
        if f"capability.{kind}" in found:
            text = found[f"capability.{kind}"].answer
            assert ("not sourced yet" in text) == (Presence.UNKNOWN in answers)
            assert (" not;" in text or " not." in text) == (Presence.NO in answers)


def test_nothing_is_better_at_what_it_is_not_made_for() -> None:
    able = {"capabilities": capabilities("REASONING")}
    chat = contender(replace(A, task=Task.TEXT_GENERATION, **able))  # type: ignore[arg-type]
    for task, predicate in (
        (Task.EMBEDDING, "has reasoning"),
        (Task.TEXT_GENERATION, "is better for reasoning"),
        (Task.UNKNOWN, "is better for reasoning"),
    ):
        found = asked(chat, contender(replace(B, task=task)))
        assert found["capability.REASONING"].question == f"Which {predicate}, Ada or Bee?"


def test_what_both_have_is_asked_once() -> None:
    able = [contender(replace(each, capabilities=capabilities("REASONING MULTIMODAL TOOL_USE"))) for each in (A, B)]
    found = asked(*able)
    assert [key for key in found if key.startswith("capabilit")] == ["capabilities_shared"]
    assert (
        found["capabilities_shared"].question
        == "Which is better for multimodal work, reasoning, or tool use, Ada or Bee?"
    )
    assert found["capabilities_shared"].answer == "Both have all of these, so they do not decide between them."
