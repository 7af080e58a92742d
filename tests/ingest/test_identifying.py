"""Who is who, measured on listings that a person judged: pairs that belong together and pairs that do not."""

import io
import itertools
import json
import tomllib
from pathlib import Path

import pytest

from api.resolving import resolve_lines
from domain.identity import Resolver, Row
from ingest.identifying import packaged_resolver

pytestmark = pytest.mark.xdist_group("packaged resolver")

LABELLED = tomllib.loads((Path(__file__).parent / "labelled" / "rows.toml").read_text())["model"]
ROWS = [
    (model["label"], Row(source, provider, id_, None)) for model in LABELLED for source, provider, id_ in model["rows"]
]

NEAR_MISSES = [
    ("openai", "gpt-4o", "gpt-4o-mini"),
    ("openai", "gpt-4o", "gpt-4o-audio-preview"),
    ("openai", "gpt-4o-2024-05-13", "gpt-4o-2024-11-20"),
    ("openai", "gpt-5", "gpt-5-nano"),
    ("openai", "gpt-5", "gpt-5-pro"),
    ("openai", "gpt-4", "gpt-4-turbo"),
    ("openai", "o3", "o3-pro"),
    ("anthropic", "claude-3-5-sonnet-20240620", "claude-3-5-sonnet-20241022"),
    ("anthropic", "claude-opus-4", "claude-opus-4-1"),
    ("google", "gemini-2.5-flash", "gemini-2.5-flash-lite"),
    ("google", "gemini-2.5-flash", "gemini-2.5-flash-image"),
    ("google", "gemini-2.5-pro", "gemini-2.5-pro-preview-tts"),
    ("google", "gemma-3-27b-it", "gemma-3-27b-pt"),
    ("meta", "llama-3.1-70b-instruct", "llama-3.3-70b-instruct"),
    ("meta", "llama-3.2-11b-vision-instruct", "llama-3.1-8b-instruct"),
    ("deepseek", "deepseek-r1", "deepseek-r1-0528"),
    ("deepseek", "deepseek-r1", "deepseek-r1-distill-qwen-32b"),
    ("deepseek", "deepseek-v3", "deepseek-v3-0324"),
    ("alibaba", "qwen3-235b-a22b", "qwen3-235b-a22b-thinking-2507"),
    ("alibaba", "qwen3-235b-a22b-instruct-2507", "qwen3-235b-a22b-thinking-2507"),
    ("alibaba", "qwen2.5-72b-instruct", "qwen2.5-vl-72b-instruct"),
    ("alibaba", "qwen3-32b", "qwen3-32b-abliterated"),
    ("moonshotai", "kimi-k2", "kimi-k2-thinking"),
    ("zhipuai", "glm-4.5", "glm-4.5-air"),
    ("zhipuai", "glm-4.5", "glm-4.5v"),
    ("mistral", "mistral-small-2506", "mistral-small-2603"),
    ("mistral", "mistral-large-2407", "mistral-large-2411"),
    ("xai", "grok-4", "grok-4-fast"),
]


@pytest.fixture(scope="module")
def resolver() -> Resolver:
    return packaged_resolver()


def test_the_set_is_large_enough() -> None:
    assert len(ROWS) >= 300
    assert len({(row.source, row.provider, row.id) for _, row in ROWS}) == len(ROWS)


def test_precision_and_recall_over_pairs_with_names_hidden(resolver: Resolver) -> None:
    found = [(label, resolver.resolve(row).model or f"unresolved {row.id}") for label, row in ROWS]
    together = apart = missed = 0
    for (label, model), (other_label, other_model) in itertools.combinations(found, 2):
        together += label == other_label and model == other_model
        apart += label != other_label and model == other_model
        missed += label == other_label and model != other_model
    assert together / (together + apart) >= 0.99
    assert together / (together + missed) >= 0.95


@pytest.mark.parametrize(("provider", "one", "other"), NEAR_MISSES)
def test_a_near_miss_is_not_merged(resolver: Resolver, provider: str, one: str, other: str) -> None:
    first, second = (resolver.resolve(Row("made-up", provider, id_, None)) for id_ in (one, other))
    assert first.model is not None
    assert first.model != second.model


def test_lines_in_lines_out(resolver: Resolver) -> None:
    given = [
        {"source": "x", "provider": "openai", "id": "gpt-4o", "name": None, "mine": 7},
        {"source": "x", "provider": "never-heard-of", "id": "auto", "name": "Auto"},
    ]
    lines = [*map(json.dumps, given), "", "{", '{"source": 1}', "[]"]
    out, errors = io.StringIO(), io.StringIO()
    assert resolve_lines(resolver, lines, out, errors) == 1
    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["model"], first["method"], first["mine"]) == ("gpt-4o", "EXACT", 7)
    assert (second["model"], second["confidence"]) == (None, 0.0)
    assert [line.partition(":")[0] for line in errors.getvalue().splitlines()] == ["line 4", "line 5", "line 6"]
