"""Switch friction: what is lost one way is gained the other way, and the unknown is neither."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from domain.capabilities import capability
from domain.dates import DatePrecision
from domain.facts import (
    ApiShape,
    CapabilityKind,
    Contender,
    Lifecycle,
    Modality,
    Model,
    Offer,
    Openness,
    PartialDate,
    Presence,
)
from domain.fit import provider_groups
from domain.friction import WEIGHTS, SwitchFriction, as_served
from domain.friction_factors import FactorKind, Level, Severity
from domain.rules import registry
from domain.workload import CHAT, LONG_DOCUMENT
from tests.domain.made_up import MIMO, MISTRAL, capabilities, contender, contenders, model, offer, offers, provider
from tests.domain.moving import between_routes, friction, kinds, only

A, B = model(1, "Ada"), model(2, "Bee")


def test_the_pages_two_directions() -> None:
    """Both ways no provider serves both; vision, function calling and tool use are lost one way, gained the other."""
    there, back = friction(MISTRAL, MIMO), friction(MIMO, MISTRAL)
    three = (CapabilityKind.VISION, CapabilityKind.FUNCTION_CALLING, CapabilityKind.TOOL_USE)

    assert only(there, FactorKind.ROUTE_OVERLAP).sentence == (
        "Requests go to Xiaomi instead of OpenRouter. No provider serves both."
    )
    assert only(back, FactorKind.ROUTE_OVERLAP).sentence == (
        "Requests go to OpenRouter instead of Xiaomi. No provider serves both."
    )
    assert only(there, FactorKind.CAPABILITY_LOST).capabilities == three
    assert only(there, FactorKind.CAPABILITY_LOST).sentence == (
        "Xiaomi MiMo-V2.5-TTS-Series on Xiaomi lacks vision, function calling, and tool use, which Mistral Small 4 on OpenRouter has."
    )
    assert only(back, FactorKind.CAPABILITY_GAINED).capabilities == three
    assert only(back, FactorKind.CAPABILITY_GAINED).sentence == (
        "Mistral Small 4 on OpenRouter adds vision, function calling, and tool use, which Xiaomi MiMo-V2.5-TTS-Series on Xiaomi lacks."
    )
    assert (there.level, back.level) == (Level.HIGH, Level.MODERATE)
    more = 4 + 4 + 4  # parameters, data terms and tests, which only the plan has
    assert (there.score, back.score) == (25 + 25 + 12 + 12 + 4 + 4 + more, 25 + 4 + 4 + more)


@pytest.mark.parametrize(
    ("_case", "source", "target", "kind", "severity", "sentence"),
    [
        (
            "a retired target blocks",
            A,
            replace(B, lifecycle=Lifecycle.RETIRED),
            FactorKind.TARGET_RETIRING,
            Severity.BLOCKER,
            "Bee is retired.",
        ),
        (
            "a shutdown date is a high risk",
            A,
            replace(B, lifecycle=Lifecycle.AVAILABLE, retires_on=date(2027, 1, 31)),
            FactorKind.TARGET_RETIRING,
            Severity.HIGH,
            "Bee is due to be shut down on 2027-01-31.",
        ),
        (
            "a shutdown in a month is one too",
            A,
            replace(B, retires_on=date(2027, 1, 31), retires_precision=DatePrecision.MONTH),
            FactorKind.TARGET_RETIRING,
            Severity.HIGH,
            "Bee is due to be shut down in 2027-01.",
        ),
        (
            "a preview is a low risk",
            A,
            replace(B, lifecycle=Lifecycle.PREVIEW),
            FactorKind.TARGET_RETIRING,
            Severity.LOW,
            "Bee is a preview and may change without much notice.",
        ),
        (
            "what ends sets the date",
            replace(A, retires_on=date(2027, 1, 31)),
            B,
            FactorKind.SOURCE_RETIRING,
            Severity.DEADLINE,
            "Ada is due to be shut down on 2027-01-31, so a move is due by then.",
        ),
        (
            "less open",
            replace(A, openness=Openness.OPEN_WEIGHTS),
            replace(B, openness=Openness.PROPRIETARY),
            FactorKind.LICENSE,
            Severity.MEDIUM,
            "Bee is proprietary; Ada has open weights.",
        ),
        (
            "a window too small for the workload",
            A,
            replace(B, context_window=1_000),
            FactorKind.CONTEXT_WINDOW,
            Severity.BLOCKER,
            "The context window of Bee is 1,000 tokens; the largest request here needs 1,200.",
        ),
        (
            "a smaller window that still holds it",
            replace(A, context_window=256_000),
            replace(B, context_window=128_000),
            FactorKind.CONTEXT_WINDOW,
            Severity.MEDIUM,
            "The context window shrinks from 256k to 128k tokens.",
        ),
        (
            "a larger window",
            replace(A, context_window=128_000),
            replace(B, context_window=1_000_000),
            FactorKind.CONTEXT_WINDOW,
            Severity.BENEFIT,
            "The context window grows from 128k to 1M tokens.",
        ),
        (
            "an output limit too small",
            A,
            replace(B, max_output=199),
            FactorKind.MAX_OUTPUT,
            Severity.BLOCKER,
            "The output limit of Bee is 199 tokens; the longest answer here needs 200.",
        ),
        (
            "no output in common",
            replace(A, output_modalities=(Modality.TEXT,)),
            replace(B, output_modalities=(Modality.AUDIO,)),
            FactorKind.MODALITY_LOST,
            Severity.BLOCKER,
            "Bee does not produce text as output; Ada does.",
        ),
        (
            "an input lost",
            replace(A, input_modalities=(Modality.TEXT, Modality.EMBEDDING, Modality.PDF)),
            replace(B, input_modalities=(Modality.TEXT,)),
            FactorKind.MODALITY_LOST,
            Severity.MEDIUM,
            "Bee does not take embedding as input; Ada does.",
        ),
        (
            "tooling lost",
            replace(A, capabilities=capabilities("BATCH PROMPT_CACHING")),
            replace(B, capabilities=capabilities(no="BATCH PROMPT_CACHING")),
            FactorKind.CAPABILITY_LOST,
            Severity.MEDIUM,
            "Bee lacks prompt caching and batch processing, which Ada has.",
        ),
        (
            "nobody says",
            replace(A, capabilities=capabilities("IDE_INTEGRATION")),
            B,
            FactorKind.CAPABILITY_UNKNOWN,
            Severity.LOW,
            "Ada has IDE integration; no source says whether Bee does.",
        ),
        (
            "older knowledge",
            replace(A, knowledge_cutoff=PartialDate("2025-06")),
            replace(B, knowledge_cutoff=PartialDate("2024-12-31")),
            FactorKind.KNOWLEDGE_CUTOFF,
            Severity.LOW,
            "The knowledge cutoff moves back from 2025-06 to 2024-12-31.",
        ),
    ],
)
def test_factors_of_models(
    _case: str, source: Model, target: Model, kind: FactorKind, severity: Severity, sentence: str
) -> None:
    found = only(friction(contender(source), contender(target)), kind)
    assert (found.severity, found.sentence) == (severity, sentence)


@pytest.mark.parametrize(
    ("_case", "source", "target", "kind"),
    [
        (
            "windows within 5 % are equal",
            replace(A, context_window=262_144),
            replace(B, context_window=256_000),
            FactorKind.CONTEXT_WINDOW,
        ),
        (
            "a year does not tell a month",
            replace(A, knowledge_cutoff=PartialDate("2025-06")),
            replace(B, knowledge_cutoff=PartialDate("2025")),
            FactorKind.KNOWLEDGE_CUTOFF,
        ),
        (
            "vision already says image",
            replace(A, capabilities=capabilities("VISION"), input_modalities=(Modality.TEXT, Modality.IMAGE)),
            replace(B, capabilities=capabilities(no="VISION"), input_modalities=(Modality.TEXT,)),
            FactorKind.MODALITY_LOST,
        ),
        (
            "not before a day is no announcement",
            A,
            replace(B, retires_on=date(2027, 1, 31), retires_precision=DatePrecision.NOT_BEFORE),
            FactorKind.TARGET_RETIRING,
        ),
        ("an unlisted side loses nothing", replace(A, input_modalities=(Modality.IMAGE,)), B, FactorKind.MODALITY_LOST),
    ],
)
def test_no_such_factor(_case: str, source: Model, target: Model, kind: FactorKind) -> None:
    assert kind not in kinds(friction(contender(source), contender(target)))


@pytest.mark.parametrize(
    ("_case", "old", "new", "severity", "said"),
    [
        ("twice", "1", "2", Severity.HIGH, "rises from $1,200 at Alpha to $2,400 at Beta"),
        ("a quarter", "1", "1.25", Severity.MEDIUM, "rises from $1,200 at Alpha to $1,500 at Beta"),
        ("a tenth", "1", "1.1", Severity.LOW, "rises from $1,200 at Alpha to $1,320 at Beta"),
        ("less", "2", "1", Severity.BENEFIT, "falls from $2,400 at Alpha to $1,200 at Beta"),
    ],
)
def test_cost(_case: str, old: str, new: str, severity: Severity, said: str) -> None:
    result = friction(contender(A, offer("alpha", price=(old, old))), contender(B, offer("beta", price=(new, new))))
    found = only(result, FactorKind.COST)
    assert (found.severity, found.sentence) == (severity, f"The monthly cost {said}.")


def test_the_gravest_factor_comes_first() -> None:
    result = friction(MISTRAL, MIMO, LONG_DOCUMENT.workload)
    severities = [list(Severity).index(factor.severity) for factor in result.factors]
    assert severities == sorted(severities)


def test_one_shared_provider_needs_no_new_account() -> None:
    result = friction(contender(A, offer("alpha", "ada-1")), contender(B, offer("alpha", "bee-1"), offer("beta")))
    assert not {FactorKind.ROUTE_OVERLAP, FactorKind.CREDENTIALS} & kinds(result)
    assert only(result, FactorKind.MODEL_ID).sentence == "The model id changes from ada-1 to bee-1."


def test_two_entries_of_one_company_are_one_provider() -> None:
    europe, america = provider("acme-eu", "Acme EU", group="acme"), provider("acme-us", "Acme US", group="acme")
    found = only(friction(contender(A, offer(europe)), contender(B, offer(america))), FactorKind.CREDENTIALS)
    assert (found.severity, found.step and found.step[:15]) == (Severity.LOW, "Use Acme US and")


def test_a_route_that_is_no_longer_live_does_not_count() -> None:
    result = friction(contender(A, offer("alpha")), contender(B, offer("alpha", live=False), offer("beta")))
    assert only(result, FactorKind.ROUTE_OVERLAP).after == "Beta"


def test_a_format_that_both_speak_is_no_change() -> None:
    """Whether it is the own one of either or not. That a client should speak it from then on is a LOW step of the plan."""
    there = ((ApiShape.BEDROCK, "https://there.example"),)
    source = offer(provider("alpha", api_shape=ApiShape.OPENAI_CHAT, more_endpoints=there), "ada", price=("1", "2"))
    target = offer(provider("beta", api_shape=ApiShape.GOOGLE_GENAI, more_endpoints=there), "ada", price=("1", "2"))
    other = offer(provider("gamma", api_shape=ApiShape.GOOGLE_GENAI), "ada", price=("1", "2"))
    shared = only(between_routes(source, target, A, A), FactorKind.API_SHAPE)
    assert (shared.severity, shared.rule) == (Severity.LOW, "plan.shapes")
    change = only(between_routes(source, other, A, A), FactorKind.API_SHAPE)
    assert (change.before, change.after) == ("Amazon Bedrock or OpenAI Chat Completions", "Google Gen AI")
    assert [ref.field for ref in change.used] == ["api_shape", "endpoint.BEDROCK", "api_shape"]


def test_a_routes_own_facts_count_before_those_of_its_model() -> None:
    """And the steps read from access to code to behaviour."""
    source = offer(
        provider("alpha", api_shape=ApiShape.OPENAI_CHAT, credentials=("ALPHA_KEY",)), "ada-1", price=("1", "2")
    )
    target = offer(
        provider("beta", api_shape=ApiShape.ANTHROPIC_MESSAGES, base_url="https://beta.io", credentials=("BETA_KEY",)),
        "ada",
        price=("2", "4"),
        context_window=32_000,
        capabilities=capabilities(no="VISION"),
    )
    ada = replace(A, context_window=200_000, capabilities=capabilities("VISION"), openness=Openness.OPEN_SOURCE)
    result = between_routes(source, target, ada, ada)

    assert [factor.kind for factor in result.factors] == [
        FactorKind.CREDENTIALS,
        FactorKind.CAPABILITY_LOST,
        FactorKind.COST,
        FactorKind.API_SHAPE,
        FactorKind.CONTEXT_WINDOW,
        FactorKind.MODEL_ID,
        FactorKind.EVIDENCE_GAP,
        FactorKind.EVIDENCE_GAP,
    ]
    assert result.steps[:3] == (
        "Open an account with Beta and point the client to it (base URL https://beta.io; credentials in BETA_KEY).",
        "Put ada where requests name the model.",
        "Port requests, streaming and tool definitions to Anthropic Messages.",
    )
    assert "Check that no request, prompt and answer together, needs more than 32k tokens." in result.steps
    limit = only(result, FactorKind.CONTEXT_WINDOW)
    assert [(ref.kind, ref.id) for ref in limit.used] == [("model", 1), ("route", target.route.id)]


def test_a_route_that_is_gone_blocks() -> None:
    result = between_routes(offer("alpha"), offer("beta", live=False))
    assert (result.level, result.factors[0].kind) == (Level.BLOCKED, FactorKind.TARGET_RETIRING)


@given(contenders(1, "Ada"))
def test_no_friction_to_itself(one: Contender) -> None:
    result = friction(one, one)
    assert (result.factors, result.level, result.score, result.steps) == ((), Level.LOW, 0, ())


@given(contenders(1, "Ada"), contenders(2, "Bee"))
def test_lost_one_way_is_gained_the_other(one: Contender, other: Contender) -> None:
    def found(result: SwitchFriction, kind: FactorKind) -> set[object]:
        return {(each.capabilities, each.modalities) for each in result.factors if each.kind is kind}

    there, back = friction(one, other), friction(other, one)
    assert found(there, FactorKind.CAPABILITY_LOST) == found(back, FactorKind.CAPABILITY_GAINED)
    assert found(there, FactorKind.MODALITY_LOST) == found(back, FactorKind.MODALITY_GAINED)


@given(contenders(1, "Ada"), contenders(2, "Bee"), offers())
def test_a_shared_route_never_raises_the_route_overlap(one: Contender, other: Contender, shared: Offer) -> None:
    source, target = (replace(each, loaded_offers=(*each.offers, shared)) for each in (one, other))
    before, after = friction(one, other), friction(source, target)
    assert FactorKind.ROUTE_OVERLAP not in kinds(after) or not shared.route.live
    both = provider_groups(one.live).keys() & provider_groups(other.live).keys()
    assert not (both and FactorKind.ROUTE_OVERLAP in kinds(before))


@given(contenders(1, "Ada"), contenders(2, "Bee"))
def test_the_unknown_is_neither_lost_nor_gained(one: Contender, other: Contender) -> None:
    result = friction(one, other)
    for factor in result.factors:
        if factor.kind in (FactorKind.CAPABILITY_LOST, FactorKind.CAPABILITY_GAINED):
            for kind in factor.capabilities:
                ends = [result.plan.source, result.plan.target] if result.plan else None
                models = (
                    [as_served(end.offer.route, end.model)[0] for end in ends if end.model]
                    if ends
                    else [one.model, other.model]
                )
                assert {capability(each, kind).presence for each in models} == {Presence.YES, Presence.NO}


@given(contenders(1, "Ada"), contenders(2, "Bee"))
def test_the_score_follows_from_the_weights(one: Contender, other: Contender) -> None:
    result = friction(one, other, CHAT.workload)
    weighed = result.factors if result.plan is None else result.plan.steps
    assert result.score == min(100, sum(WEIGHTS[each.severity] for each in weighed))
    assert (result.level is Level.BLOCKED) == (Severity.BLOCKER in {factor.severity for factor in result.factors})
    assert all(factor.used and factor.rule in registry() for factor in result.factors)


@given(offers(), offers())
def test_routes_have_no_friction_to_themselves_and_the_gravest_factor_comes_first(one: Offer, other: Offer) -> None:
    assert between_routes(one, one).factors == ()
    order = [list(Severity).index(factor.severity) for factor in between_routes(one, other).factors]
    assert order == sorted(order)
