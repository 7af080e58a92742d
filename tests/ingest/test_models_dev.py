"""What models.dev says, as statements."""

from __future__ import annotations

import gzip
from datetime import date
from typing import Any

import pytest

from domain.statements import BrokenDocument, SubjectKind
from ingest.sources import models_dev
from tests.ingest.said import body, prices, problems, said, subject, values

MODEL: dict[str, Any] = {
    "id": "acme/bolt-2",
    "name": "Bolt 2",
    "family": "bolt",
    "release_date": "2026-03-16",
    "last_updated": "2026-04-01",
    "knowledge": "2025-06",
    "open_weights": True,
    "tool_call": True,
    "reasoning": False,
    "modalities": {"input": ["text", "image"], "output": ["text"]},
    "limit": {"context": 256000, "output": 8192},
}
LAB_MODEL: dict[str, Any] = {
    **MODEL,
    "license": "MIT",
    "links": [{"type": "docs", "url": "https://acme.example"}],
    "weights": [{"label": "Hugging Face", "url": "https://huggingface.co/acme/bolt-2"}],
    "benchmarks": [
        {
            "name": "Terminal-Bench 2.1",
            "score": 69.40,
            "metric": "pass@1",
            "harness": "Codex",
            "variant": "high",
            "date": "2026-04-02",
            "source": "https://bench.example",
        },
        {"name": "SWE Bench Pro", "dataset": "public", "score": 40},
        {"name": "No score"},
    ],
}
ROUTE: dict[str, Any] = {
    **MODEL,
    "id": "bolt/2",
    "limit": {"context": 0, "output": 4096, "input": 200000},
    "status": "deprecated",
    "structured_output": True,
    "temperature": True,
    "cost": {
        "input": 0.15,
        "output": 3.0001999999999996e-1,
        "cache_read": 0,
        "cache_write": None,
        "reasoning": 1e-7,
        "input_audio": 1,
        "output_audio": 2,
        "tiers": [{"input": 0.3, "output": 0.6, "tier": {"type": "context", "size": 272000}}],
        "context_over_200k": {"input": 0.3, "output": 0.6},
        "per_moon": 3,
    },
    "experimental": {
        "modes": {"fast": {"cost": {"input": 1, "output": 2}}, "cosy": {"cost": {"input": 1}}},
    },
}
PROVIDERS: dict[str, Any] = {
    "acme-cloud": {
        "id": "acme-cloud",
        "name": "Acme Cloud",
        "doc": "https://docs.acme.example",
        "api": "https://api.acme.example/v1",
        "npm": "@ai-sdk/anthropic",
        "env": ["ACME_KEY"],
        "models": {"bolt/2": ROUTE},
    }
}
CATALOG: dict[str, Any] = {"models": {"acme/bolt-2": LAB_MODEL}, "providers": PROVIDERS}

MODALITY_FACTS = {
    "input_modalities": ["TEXT", "IMAGE"],
    "output_modalities": ["TEXT"],
    "capability.VISION": True,
    "capability.AUDIO_IN": False,
    "capability.VIDEO_IN": False,
    "capability.AUDIO_OUT": False,
    "capability.IMAGE_OUT": False,
    "capability.MULTIMODAL": True,
    "task": "TEXT_GENERATION",
}


@pytest.mark.parametrize(
    ("_case", "inputs", "outputs", "expected"),
    [
        ("no PDF is listed", ["text"], ["text"], {"MULTIMODAL": False}),
        ("a listed PDF is left to the list that is accepted", ["text", "pdf"], ["text"], {"MULTIMODAL": True}),
        ("an embedding is no medium", ["text"], ["embeddings"], {"MULTIMODAL": False}),
    ],
)
def test_capabilities_from_modalities(
    _case: str, inputs: list[str], outputs: list[str], expected: dict[str, bool]
) -> None:
    """What a source's lists show is what rule `capability.from-modalities` says, and no more."""
    listed = {**LAB_MODEL, "modalities": {"input": inputs, "output": outputs}}
    said = values(
        subject(
            models_dev.parse(body({"models": {"acme/bolt-2": listed}, "providers": PROVIDERS})),
            "acme/bolt-2",
            SubjectKind.MODEL,
        )
    )
    kinds = ("PDF_IN", "MULTIMODAL")
    assert {kind: said[f"capability.{kind}"] for kind in kinds if f"capability.{kind}" in said} == expected


def test_a_lab_model() -> None:
    found = subject(models_dev.parse(body(CATALOG)), "acme/bolt-2", SubjectKind.MODEL)
    assert found.name == "Bolt 2"
    assert values(found) == {
        **MODALITY_FACTS,
        "name": "Bolt 2",
        "family": "bolt",
        "lab": "acme",
        "released": "2026-03-16",
        "knowledge_cutoff": "2025-06",
        "open_weights": True,
        "capability.FUNCTION_CALLING": True,
        "capability.TOOL_USE": True,
        "capability.REASONING": False,
        "context_window": 256000,
        "max_output": 8192,
        "license": "MIT",
        "weights_url": "https://huggingface.co/acme/bolt-2",
        "benchmark.terminal-bench-2-1": {
            "name": "Terminal-Bench",
            "version": "2.1",
            "score": "69.4",
            "metric": "pass@1",
            "harness": "Codex",
            "variant": "high",
            "runner": None,
            "date": "2026-04-02",
            "url": "https://bench.example",
        },
        "benchmark.swe-bench-pro-public": {
            "name": "SWE-Bench Pro",
            "version": "public",
            "score": "40",
            "metric": None,
            "harness": None,
            "variant": None,
            "runner": None,
            "date": None,
            "url": None,
        },
    }


def test_a_provider_and_its_route() -> None:
    parsed = models_dev.parse(body(CATALOG))
    assert values(subject(parsed, "acme-cloud", SubjectKind.PROVIDER)) == {
        "name": "Acme Cloud",
        "docs_url": "https://docs.acme.example",
        "base_url": "https://api.acme.example/v1",
        "credentials": ["ACME_KEY"],
        "sdk_package": "@ai-sdk/anthropic",
        "api_shape": "ANTHROPIC_MESSAGES",
    }
    route = subject(parsed, "bolt/2")
    assert (route.provider, route.name) == ("acme-cloud", "Bolt 2")
    assert values(route) == {
        **MODALITY_FACTS,
        "name": "Bolt 2",
        "family": "bolt",
        "released": "2026-03-16",
        "knowledge_cutoff": "2025-06",
        "open_weights": True,
        "capability.FUNCTION_CALLING": True,
        "capability.TOOL_USE": True,
        "capability.REASONING": False,
        "capability.STRUCTURED_OUTPUTS": True,
        "capability.PROMPT_CACHING": True,
        "max_output": 4096,
        "max_input": 200000,
        "lifecycle": "DEPRECATED",
        "price.STANDARD.0.input": "0.15",
        "price.STANDARD.0.output": "0.30002",
        "price.STANDARD.0.cache_read": "0",
        "price.STANDARD.0.reasoning": "0.0000001",
        "price.STANDARD.0.audio_in": "1",
        "price.STANDARD.0.audio_out": "2",
        "price.STANDARD.272000.input": "0.3",
        "price.STANDARD.272000.output": "0.6",
        "price.FAST.0.input": "1",
        "price.FAST.0.output": "2",
    }
    assert said(route, "price.STANDARD.272000.input").locator == (
        "/providers/acme-cloud/models/bolt~12/cost/tiers/0/input"
    )


def test_problems_and_date() -> None:
    parsed = models_dev.parse(body(CATALOG))
    at = "/providers/acme-cloud/models/bolt~12"
    path = "providers.*.models.*"
    assert problems(parsed, without=()) == [
        ("dropped-row", "models.*.benchmarks.* without name or score: once", "/models/acme~1bolt-2/benchmarks/2"),
        ("not-applicable", f"{path}.limit.context is 0: once", f"{at}/limit/context"),
        ("rounded-number", f"{path}.cost.output to 12 significant digits: once", f"{at}/cost/output"),
        ("unknown-field", f"{path}.cost.per_moon: once", f"{at}/cost/per_moon"),
        (
            "unknown-mode",
            f"{path}.experimental.modes.cosy is no price mode of ours: once",
            f"{at}/experimental/modes/cosy",
        ),
        ("unread-field", "models.*.links: once", "/models/acme~1bolt-2/links"),
        ("unread-field", "models.*.weights.*.label: once", "/models/acme~1bolt-2/weights/0/label"),
        ("unread-field", f"{path}.temperature: once", f"{at}/temperature"),
        ("zero-price", "price.STANDARD.0.cache_read: once", f"{at}/cost/cache_read"),
    ]
    assert parsed.document_date == date(2026, 4, 1)


def test_the_bare_shape_says_the_same_in_its_own_places() -> None:
    bare = models_dev.parse(gzip.compress(body(PROVIDERS)))
    assert values(subject(bare, "bolt/2")) == values(subject(models_dev.parse(body(CATALOG)), "bolt/2"))
    assert said(subject(bare, "bolt/2"), "family").locator == "/acme-cloud/models/bolt~12/family"


def test_the_legacy_tier_counts_without_tiers_only() -> None:
    cost = {"input": 1, "output": 2, "context_over_200k": {"input": 3, "output": 4}}
    providers = {"a": {"id": "a", "models": {"m": {"id": "m", "cost": cost}}}}
    assert prices(subject(models_dev.parse(body(providers)), "m")) == {
        "STANDARD.0.input": "1",
        "STANDARD.0.output": "2",
        "STANDARD.200000.input": "3",
        "STANDARD.200000.output": "4",
    }


@pytest.mark.parametrize(
    ("_case", "modalities", "id_", "task"),
    [
        ("speech", {"input": ["text"], "output": ["audio"]}, "bolt-tts", "SPEECH"),
        ("transcription", {"input": ["audio"], "output": ["text"]}, "bolt-ear", "TRANSCRIPTION"),
        ("image", {"input": ["text"], "output": ["image"]}, "bolt-paint", "IMAGE_GENERATION"),
        ("video", {"input": ["text", "image"], "output": ["video"]}, "bolt-film", "VIDEO_GENERATION"),
        ("chat with pictures", {"input": ["text"], "output": ["image", "text"]}, "bolt", "TEXT_GENERATION"),
        ("embedding by name", {"input": ["text"], "output": ["text"]}, "bolt-embed-3", "EMBEDDING"),
        ("reranking by name", {"input": ["text"], "output": ["text"]}, "bolt-rerank", "RERANKING"),
    ],
)
def test_task_follows_from_modalities(_case: str, modalities: dict[str, list[str]], id_: str, task: str) -> None:
    providers = {"a": {"id": "a", "models": {id_: {"id": id_, "modalities": modalities}}}}
    assert values(subject(models_dev.parse(body(providers)), id_))["task"] == task


@pytest.mark.parametrize(
    ("_case", "outputs", "id_", "expected"),
    [
        ("text by convention", ["text"], "bolt-embed-3", ["EMBEDDING"]),
        ("its own word", ["embeddings"], "bolt-embed-3", ["EMBEDDING"]),
        ("what writes text", ["text"], "bolt-2", ["TEXT"]),
        ("a reranker", ["text"], "bolt-rerank", ["TEXT"]),
    ],
)
def test_an_embedding_model_returns_no_text(_case: str, outputs: list[str], id_: str, expected: list[str]) -> None:
    listed = {"id": id_, "modalities": {"input": ["text"], "output": outputs}}
    providers = {"a": {"id": "a", "models": {id_: listed}}}
    assert values(subject(models_dev.parse(body(providers)), id_))["output_modalities"] == expected


def test_no_modalities_say_nothing_about_vision() -> None:
    providers = {"a": {"id": "a", "models": {"m": {"id": "m", "reasoning": None}}}}
    assert values(subject(models_dev.parse(body(providers)), "m")) == {}


def test_values_of_the_wrong_type_are_dropped_and_reported() -> None:
    model = {"id": "m", "name": 7, "release_date": "2025-25-11", "limit": {"context": "many"}, "status": "asleep"}
    parsed = models_dev.parse(body({"a": {"id": "a", "models": {"m": model}}}))
    assert values(subject(parsed, "m")) == {}
    path, at = "providers.*.models.*", "/a/models/m"
    assert problems(parsed) == [
        ("bad-value", f"{path}.limit.context is not a number: once, first 'many'", f"{at}/limit/context"),
        ("bad-value", f"{path}.name is not text: once, first 7", f"{at}/name"),
        ("bad-value", f"{path}.release_date is not a date: once, first '2025-25-11'", f"{at}/release_date"),
        ("bad-value", f"{path}.status is the unknown status 'asleep': once, first 'asleep'", f"{at}/status"),
    ]


@pytest.mark.parametrize(
    ("_case", "document"),
    [
        ("not JSON", b"<html>"),
        ("not an object", b"[]"),
        ("no providers", b"{}"),
        ("another catalogue", b'{"data": [{"id": "m"}]}'),
        ("not a number", b'{"a": {"id": "a", "models": {"m": {"id": "m", "cost": {"input": NaN}}}}}'),
        ("cut off gzip", gzip.compress(body(PROVIDERS), mtime=0)[:40]),
        ("not UTF-8", b'{"\xff": 1}'),
    ],
)
def test_a_broken_document_is_refused(_case: str, document: bytes) -> None:
    with pytest.raises(BrokenDocument):
        models_dev.parse(document)
