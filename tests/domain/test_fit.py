"""Tags follow from facts by stated thresholds and never contradict the fact that they name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from domain.capabilities import capability
from domain.facts import CapabilityKind, Contender, Model, Offer, Presence, Task
from domain.fit import BestFor, BestForTag, Fit, FitTag, best_for, fit, provider_groups
from tests.domain.made_up import MIMO, MISTRAL, capabilities, contender, contenders, model, offer, provider

A = model(1, "Ada", task=Task.TEXT_GENERATION)


def test_the_pages_two_models() -> None:
    """The page tags MiMo for Vision, whose Vision row says No; by our rule it is Mistral that has the tag."""
    mistral = replace(MISTRAL.model, task=Task.TEXT_GENERATION)
    assert [tag.label for tag in fit(mistral)] == ["RAG", "Agents", "Long context", "Vision"]
    assert fit(MIMO.model) == ()
    assert [tag.label for tag in best_for(MISTRAL)] == [
        "multimodal apps",
        "tool-calling agents",
        "provider-routed production",
    ]
    assert [tag.label for tag in best_for(MIMO)] == ["multimodal apps"]


@pytest.mark.parametrize(
    ("_case", "of", "tags"),
    [
        ("nothing is known", A, []),
        ("just too small for RAG", replace(A, context_window=127_999), []),
        ("RAG", replace(A, context_window=128_000), ["RAG"]),
        ("just too small for long context", replace(A, context_window=199_999), ["RAG"]),
        ("long context", replace(A, context_window=200_000), ["RAG", "LONG_CONTEXT"]),
        ("no text model", replace(A, context_window=200_000, task=Task.SPEECH), ["LONG_CONTEXT", "SPEECH"]),
        ("the task is not known", replace(A, context_window=128_000, task=Task.UNKNOWN), []),
        ("one of two is not enough", replace(A, capabilities=capabilities("TOOL_USE", no="FUNCTION_CALLING")), []),
        ("agents", replace(A, capabilities=capabilities("TOOL_USE FUNCTION_CALLING")), ["AGENTS"]),
        ("coding", replace(A, capabilities=capabilities("IDE_INTEGRATION")), ["CODING"]),
        (
            "one capability each",
            replace(A, capabilities=capabilities("VISION REASONING STRUCTURED_OUTPUTS AUDIO_OUT")),
            ["VISION", "REASONING", "STRUCTURED_EXTRACTION", "SPEECH"],
        ),
    ],
)
def test_fit_tags(_case: str, of: Model, tags: list[str]) -> None:
    assert [str(tag.tag) for tag in fit(of)] == tags


@pytest.mark.parametrize(
    ("_case", "offers", "routed"),
    [
        ("three providers", (offer("alpha"), offer("beta"), offer("gamma")), True),
        ("two providers", (offer("alpha"), offer("alpha", "two"), offer("beta")), False),
        ("one is gone", (offer("alpha"), offer("beta"), offer("gamma", live=False)), False),
        (
            "two of one company",
            (offer("alpha"), offer(provider("beta", group="beta")), offer(provider("beta-eu", group="beta"))),
            False,
        ),
    ],
)
def test_provider_routed_production(_case: str, offers: tuple[Offer, ...], routed: bool) -> None:
    found = {tag.tag for tag in best_for(contender(A, *offers))}
    assert (BestForTag.PROVIDER_ROUTED_PRODUCTION in found) is routed


_CAPABILITY: dict[FitTag | BestForTag, list[CapabilityKind]] = {
    FitTag.VISION: [CapabilityKind.VISION],
    FitTag.REASONING: [CapabilityKind.REASONING],
    FitTag.STRUCTURED_EXTRACTION: [CapabilityKind.STRUCTURED_OUTPUTS],
    FitTag.AGENTS: [CapabilityKind.FUNCTION_CALLING, CapabilityKind.TOOL_USE],
    BestForTag.MULTIMODAL_APPS: [CapabilityKind.MULTIMODAL],
    BestForTag.TOOL_CALLING_AGENTS: [CapabilityKind.FUNCTION_CALLING, CapabilityKind.TOOL_USE],
}


@given(contenders(1, "Ada"))
def test_a_tag_never_contradicts_its_own_fact(one: Contender) -> None:
    tags: list[Fit | BestFor] = [*fit(one.model), *best_for(one)]
    for tag in tags:
        assert tag.used
        for kind in _CAPABILITY.get(tag.tag, ()):
            assert capability(one.model, kind).presence is Presence.YES
        for ref in tag.used:
            if ref.field.startswith("capability."):
                assert one.model.capabilities[CapabilityKind(ref.field.removeprefix("capability."))] is Presence.YES


@given(contenders(1, "Ada"))
def test_groups_hold_live_offers_once(one: Contender) -> None:
    groups = provider_groups(one.offers)
    assert sorted(each.route.key for group in groups.values() for each in group) == sorted(
        each.route.key for each in one.live
    )
