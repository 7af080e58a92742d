"""Why to choose a model: each reason holds against the others, and what is unknown about them is said, not used."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from domain.capabilities import capability
from domain.facts import CapabilityKind, Contender, Openness, PartialDate, Presence, Task
from domain.rules import registry
from domain.scorecard import SignalKey, signal
from domain.tradeoffs import Reason, ReasonKind, Tradeoff, tradeoffs
from domain.workload import REFERENCE_PAGE
from tests.domain.made_up import APACHE, MIMO, MISTRAL, capabilities, contender, model, offer, provider, result, rivals

PAGE = REFERENCE_PAGE.workload
A, B, C = model(1, "Ada"), model(2, "Bee"), model(3, "Cat")
ROWS = {
    ReasonKind.LARGER_CONTEXT: SignalKey.CONTEXT_WINDOW,
    ReasonKind.CHEAPER: SignalKey.MONTHLY_COST,
    ReasonKind.MORE_PROVIDERS: SignalKey.PROVIDER_ROUTES,
    ReasonKind.FREER_LICENSE: SignalKey.LICENSE_FREEDOM,
    ReasonKind.NEWER: SignalKey.RELEASE_DATE,
}
"""The row of the scorecard that a reason follows."""


def reasons(*contenders: Contender) -> dict[str, tuple[Reason, ...]]:
    return {each.model: each.reasons for each in tradeoffs(contenders, PAGE)}


def why(kind: str, *contenders: Contender) -> list[str]:
    """The sentences of one kind, of all models."""
    return [each.sentence for found in reasons(*contenders).values() for each in found if each.kind == kind]


def test_the_pages_two_models() -> None:
    found = reasons(MISTRAL, MIMO)
    assert [(each.kind.value, each.sentence, each.unknown_other_side) for each in found["mistral-small-4"]] == [
        (
            "LARGER_CONTEXT",
            "Mistral Small 4 has a known context window of 256k; the context window of Xiaomi MiMo-V2.5-TTS-Series is "
            "not sourced yet.",
            ("xiaomi-mimo-v2.5-tts-series",),
        ),
        (
            "CHEAPER",
            "Mistral Small 4 has a known cost at this workload, $270 a month; no comparable cost of Xiaomi "
            "MiMo-V2.5-TTS-Series is known.",
            ("xiaomi-mimo-v2.5-tts-series",),
        ),
        (
            "MORE_PROVIDERS",
            "Mistral Small 4 is served by more providers than Xiaomi MiMo-V2.5-TTS-Series: 3 against 1.",
            (),
        ),
        (
            "UNIQUE_CAPABILITIES",
            "Mistral Small 4 has vision, function calling, and tool use, which Xiaomi MiMo-V2.5-TTS-Series lacks.",
            (),
        ),
        (
            "FREER_LICENSE",
            "Mistral Small 4 is freer to use than Xiaomi MiMo-V2.5-TTS-Series: open source (Apache 2.0) against "
            "proprietary.",
            (),
        ),
        ("FIT", "By its facts, Mistral Small 4 fits agents, long context, and vision.", ()),
    ]
    assert [(each.kind.value, each.sentence) for each in found["xiaomi-mimo-v2.5-tts-series"]] == [
        (
            "NEWER",
            "Xiaomi MiMo-V2.5-TTS-Series was released later than Mistral Small 4: 2026-04-23 against 2026-03-16.",
        )
    ]


def window(of: int, tokens: int | None) -> Contender:
    return contender(replace((A, B, C)[of], context_window=tokens))


@pytest.mark.parametrize(
    ("_case", "kind", "contenders", "sentences"),
    [
        (
            "larger",
            "LARGER_CONTEXT",
            (window(0, 8_000), window(1, 4_000)),
            ["Ada has a larger context window than Bee: 8k against 4k."],
        ),
        ("hardly larger", "LARGER_CONTEXT", (window(0, 256_000), window(1, 262_144)), []),
        ("none known", "LARGER_CONTEXT", (window(0, None), window(1, None)), []),
        (
            "larger than two",
            "LARGER_CONTEXT",
            (window(0, 8_000), window(1, 4_000), window(2, 2_000)),
            ["Ada has a larger context window than Bee (4k) and Cat (2k): 8k."],
        ),
        (
            "two larger than the third",
            "LARGER_CONTEXT",
            (window(0, 8_000), window(1, 8_000), window(2, 2_000)),
            [f"{name} has a larger context window than Cat: 8k against 2k." for name in ("Ada", "Bee")],
        ),
        (
            "larger than one, unknown of another",
            "LARGER_CONTEXT",
            (window(0, 8_000), window(1, 4_000), window(2, None)),
            ["Ada has a larger context window than Bee: 8k against 4k; the context window of Cat is not sourced yet."],
        ),
        (
            "known of the smaller ones only",
            "LARGER_CONTEXT",
            (window(0, 8_000), window(1, 8_000), window(2, None)),
            [],
        ),
        (
            "cheaper",
            "CHEAPER",
            (contender(A, offer("alpha", price=("1", "1"))), contender(B, offer("alpha", price=("2", "2")))),
            ["Ada costs less a month at this workload than Bee: $1,200 against $2,400."],
        ),
        (
            "a newer release is nothing beside an unknown one",
            "NEWER",
            (contender(replace(A, released=PartialDate("2026"))), contender(B)),
            [],
        ),
        (
            "a year does not tell a month",
            "NEWER",
            (
                contender(replace(A, released=PartialDate("2026"))),
                contender(replace(B, released=PartialDate("2026-03"))),
            ),
            [],
        ),
        (
            "open beside unknown",
            "FREER_LICENSE",
            (contender(replace(A, openness=Openness.OPEN_SOURCE, license=APACHE)), contender(B)),
            [],
        ),
        (
            "one company twice",
            "MORE_PROVIDERS",
            (
                contender(A, offer(provider("eu", group="acme")), offer(provider("us", group="acme"))),
                contender(B, offer("beta")),
            ),
            [],
        ),
    ],
)
def test_what_leads(_case: str, kind: str, contenders: tuple[Contender, ...], sentences: list[str]) -> None:
    assert why(kind, *contenders) == sentences


def able(of: int, yes: str = "", no: str = "") -> Contender:
    return contender(replace((A, B, C)[of], capabilities=capabilities(yes, no)))


@pytest.mark.parametrize(
    ("_case", "contenders", "unique", "unknown"),
    [
        ("the other lacks it", (able(0, "REASONING"), able(1, no="REASONING")), ["Ada has reasoning, which Bee lacks."], []),
        ("both have it", (able(0, "REASONING"), able(1, "REASONING")), [], []),
        (
            "nobody says",
            (able(0, "REASONING"), able(1)),
            [],
            ["Ada has reasoning; for Bee no source settles it."],
        ),
        (
            "neither of both has it",
            (able(0, "REASONING TOOL_USE"), able(1, no="REASONING TOOL_USE"), able(2, no="REASONING TOOL_USE")),
            ["Only Ada has reasoning and tool use."],
            [],
        ),
        (
            "one lacks it and of one nobody says",
            (able(0, "REASONING"), able(1, no="REASONING"), able(2)),
            [],
            ["Ada has reasoning; for Cat no source settles it."],
        ),
        (
            "open for different ones",
            (able(0, "REASONING TOOL_USE"), able(1, no="TOOL_USE"), able(2, no="REASONING")),
            [],
            ["Ada has reasoning and tool use; for Bee or Cat no source settles all of them."],
        ),
        ("one of them has it", (able(0, "REASONING"), able(1, "REASONING"), able(2)), [], []),
    ],
)  # fmt: skip
def test_capabilities(_case: str, contenders: tuple[Contender, ...], unique: list[str], unknown: list[str]) -> None:
    assert why("UNIQUE_CAPABILITIES", *contenders) == unique
    assert why("CAPABILITIES_UNKNOWN_ELSEWHERE", *contenders) == unknown


def test_benchmarks_that_may_be_joined() -> None:
    """A row in which all are equal counts as shared and as nobody's."""

    def scored(of: int, **scores: str) -> Contender:
        one = (A, B, C)[of]
        return contender(one, results=tuple(result(one, test, score) for test, score in scores.items()))

    assert why("BENCHMARKS", scored(0, quiz="9"), scored(1, quiz="8")) == [
        "Ada scores best in the one shared benchmark row: Quiz."
    ]
    assert why("BENCHMARKS", scored(0, quiz="9", exam="5", test="1"), scored(1, quiz="8", exam="5", test="2")) == [
        "Ada scores best in 1 of 3 shared benchmark rows: Quiz.",
        "Bee scores best in 1 of 3 shared benchmark rows: Test.",
    ]
    assert why("BENCHMARKS", scored(0, quiz="9"), scored(1, exam="8")) == []


def test_rows_of_one_name_are_told_apart() -> None:
    one, other = (
        contender(of, results=tuple(result(of, "quiz", score, variant=how) for how in ("memory", "search")))
        for of, score in ((A, "9"), (B, "8"))
    )
    assert why("BENCHMARKS", one, other) == [
        "Ada scores best in 2 of 2 shared benchmark rows: Quiz (memory) and Quiz (search)."
    ]


def test_fit_that_others_have_too_is_no_reason() -> None:
    long = replace(A, context_window=200_000)
    text = replace(B, context_window=200_000, task=Task.TEXT_GENERATION)
    assert why("FIT", contender(long), contender(text)) == ["By its facts, Bee fits RAG."]
    assert why("FIT", contender(long), contender(text), able(2)) == [
        "By its facts, Ada fits long context.",
        "By its facts, Bee fits RAG and long context.",
    ]


@given(rivals())
def test_the_order_of_models_changes_no_reason(contenders: tuple[Contender, ...]) -> None:
    """Two models swapped have each other's place and keep their own reasons."""

    def plain(found: Tradeoff) -> list[tuple[ReasonKind, frozenset[str], frozenset[CapabilityKind]]]:
        return [(each.kind, frozenset(each.unknown_other_side), frozenset(each.capabilities)) for each in found.reasons]

    there, back = tradeoffs(contenders, PAGE), tradeoffs(contenders[::-1], PAGE)
    assert [each.model for each in there] == [each.model.slug for each in contenders]
    assert [(each.model, plain(each)) for each in there] == [(each.model, plain(each)) for each in back[::-1]]


@given(rivals())
def test_reasons_agree_with_the_scorecard(contenders: tuple[Contender, ...]) -> None:
    """Who leads a row has the reason; without a leader only the one known value is a reason."""
    found = reasons(*contenders)
    for kind, key in ROWS.items():
        row = signal(key, contenders, PAGE)
        having = {slug for slug, each in found.items() if kind in {one.kind for one in each}}
        known = {cell.model for cell in row.cells if cell.known}
        alone = known if kind in (ReasonKind.LARGER_CONTEXT, ReasonKind.CHEAPER) and len(known) == 1 else set()
        assert having == (set(row.leaders) or alone)
        for reason in (one for slug in having for one in found[slug] if one.kind is kind):
            assert set(reason.unknown_other_side) == {each.model.slug for each in contenders} - known


@given(rivals())
def test_an_unknown_is_never_taken_for_a_no(contenders: tuple[Contender, ...]) -> None:
    models = {each.model.slug: each.model for each in contenders}
    for slug, each in reasons(*contenders).items():
        for reason in each:
            for kind in reason.capabilities:
                others = {capability(model, kind).presence for other, model in models.items() if other != slug}
                assert capability(models[slug], kind).presence is Presence.YES
                assert Presence.YES not in others
                assert (reason.kind is ReasonKind.UNIQUE_CAPABILITIES) == (Presence.UNKNOWN not in others)


@given(rivals())
def test_reasons_are_in_order_and_have_facts_and_a_rule(contenders: tuple[Contender, ...]) -> None:
    for each in tradeoffs(contenders, PAGE):
        kinds = [list(ReasonKind).index(reason.kind) for reason in each.reasons]
        assert kinds == sorted(set(kinds))
        assert all(reason.used and reason.rule in registry() for reason in each.reasons)
        assert set(each.used) == {ref for reason in each.reasons for ref in reason.used}
