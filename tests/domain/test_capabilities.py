"""What a model can do: sourced first, then by its modalities, and unknown is not no."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from domain.capabilities import DERIVED, SOURCED, capability, completed
from domain.facts import Capabilities, CapabilityKind, Modality, Model, Presence
from tests.domain.made_up import capabilities, model, models, offer

A = model(1, "Ada")
TEXT, IMAGE, VIDEO, AUDIO, PDF = Modality.TEXT, Modality.IMAGE, Modality.VIDEO, Modality.AUDIO, Modality.PDF


@pytest.mark.parametrize(
    ("_case", "said", "inputs", "outputs", "kind", "presence", "rule", "used"),
    [
        ("sourced yes", "VISION", (), (), "VISION", "YES", SOURCED, ["capability.VISION"]),
        ("nothing is known", "", (), (), "VISION", "UNKNOWN", SOURCED, ["capability.VISION"]),
        ("no modality says so", "", (TEXT,), (TEXT,), "TOOL_USE", "UNKNOWN", SOURCED, ["capability.TOOL_USE"]),
        ("image in is vision", "", (TEXT, IMAGE), (), "VISION", "YES", DERIVED, ["input_modalities"]),
        ("video in is vision", "", (VIDEO,), (), "VISION", "YES", DERIVED, ["input_modalities"]),
        ("image out is not", "", (TEXT,), (IMAGE,), "VISION", "NO", DERIVED, ["input_modalities"]),
        ("audio in", "", (AUDIO,), (), "AUDIO_IN", "YES", DERIVED, ["input_modalities"]),
        ("audio out", "", (TEXT,), (AUDIO,), "AUDIO_OUT", "YES", DERIVED, ["output_modalities"]),
        ("an unlisted PDF may be converted", "", (TEXT,), (), "PDF_IN", "UNKNOWN", SOURCED, ["capability.PDF_IN"]),
        (
            "two over input and output together",
            "",
            (TEXT,),
            (AUDIO,),
            "MULTIMODAL",
            "YES",
            DERIVED,
            ["input_modalities", "output_modalities"],
        ),
        (
            "an embedding is no medium",
            "",
            (TEXT,),
            (Modality.EMBEDDING,),
            "MULTIMODAL",
            "NO",
            DERIVED,
            ["input_modalities", "output_modalities"],
        ),
        ("one side alone cannot say no", "", (TEXT,), (), "MULTIMODAL", "UNKNOWN", SOURCED, ["capability.MULTIMODAL"]),
        (
            "both say so",
            "VISION",
            (IMAGE,),
            (),
            "VISION",
            "YES",
            SOURCED,
            ["capability.VISION", "input_modalities"],
        ),
        ("a source wins over modalities", "VISION", (TEXT,), (), "VISION", "YES", SOURCED, ["capability.VISION"]),
    ],
)
def test_answer(
    _case: str,
    said: str,
    inputs: tuple[Modality, ...],
    outputs: tuple[Modality, ...],
    kind: str,
    presence: str,
    rule: object,
    used: list[str],
) -> None:
    of = replace(A, capabilities=capabilities(said), input_modalities=inputs, output_modalities=outputs)
    found = capability(of, CapabilityKind(kind))
    assert (found.presence, found.rule) == (Presence(presence), getattr(rule, "id", None))
    assert [ref.field for ref in found.used] == used


def test_a_route_may_contradict_its_model() -> None:
    route = offer("alpha", capabilities=capabilities(no="VISION")).route
    seeing = replace(A, capabilities=capabilities("VISION"))
    assert capability(seeing, CapabilityKind.VISION).presence is Presence.YES
    assert capability(route, CapabilityKind.VISION).presence is Presence.NO
    assert capability(route, CapabilityKind.VISION).used[0].kind == "route"


@given(models(1, "Ada"))
def test_unknown_never_becomes_no(of: Model) -> None:
    """Without a source and without a list of modalities that can say it, a capability stays unknown."""
    silent = replace(of, input_modalities=(), output_modalities=())
    for kind in CapabilityKind:
        assert capability(silent, kind).presence is of.capabilities[kind]


@given(models(1, "Ada"))
def test_completed_facts_answer_alike(of: Model) -> None:
    """What is kept for searching is what the rule answers, and keeping it changes no answer."""
    whole = replace(of, capabilities=completed(of.capabilities, of.input_modalities, of.output_modalities))
    for kind in CapabilityKind:
        assert whole.capabilities[kind] is capability(of, kind).presence is capability(whole, kind).presence
    assert completed(Capabilities(), (), ()) == Capabilities()
