"""What Aider's leaderboards say, as benchmark results of models."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.statements import BrokenDocument, Parsed, SubjectKind
from ingest.sources import aider
from tests.ingest.said import problems

RUN: dict[str, Any] = {
    "dirname": "2026-03-01-10-00-00--bolt",
    "test_cases": 225,
    "model": "bolt-2",
    "edit_format": "diff",
    "pass_rate_1": "40.0",
    "pass_rate_2": "62.50",
    "total_tests": 225,
    "date": "2026-03-01",
    "versions": "0.86.2.dev",
    "total_cost": "17.6930",
}


def board(*runs: dict[str, Any]) -> bytes:
    """As YAML in the shape of the boards: a list of flat maps, each with what differs from RUN; None leaves a key out."""
    lines = []
    for run in runs:
        rows = [f"{key}: {value}" for key, value in {**RUN, **run}.items() if value is not None]
        lines.append("- " + "\n  ".join(rows))
    return ("\n\n".join(lines) + "\n").encode()


def results(parsed: Parsed) -> list[tuple[str, dict[str, Any]]]:
    """Each result with the name of its model."""
    return [
        (each.id, dict(said.value)) for each in parsed.subjects for said in each.said if isinstance(said.value, dict)
    ]


def test_a_run_is_a_result() -> None:
    parsed = aider.parse_polyglot(board({}))
    (found,) = parsed.subjects
    assert (found.kind, found.id, found.provider, found.name) == (SubjectKind.MODEL, "bolt-2", None, "bolt-2")
    (said,) = found.said
    assert (said.field, said.locator, said.as_written) == ("benchmark.aider-polyglot", "/0", "bolt-2")
    assert said.value == {
        "name": "Aider polyglot",
        "version": None,
        "score": "62.5",
        "metric": "percent correct",
        "harness": "aider 0.86.2.dev, diff",
        "variant": None,
        "runner": "third-party",
        "date": "2026-03-01",
        "url": None,
        "cost": "17.693",
    }
    assert parsed.document_date == date(2026, 3, 1)
    assert problems(parsed) == []
    assert [(each.code, each.message) for each in parsed.problems] == [
        ("unread-field", "*.dirname: once"),
        ("unread-field", "*.pass_rate_1: once"),
    ]


def test_the_boards_are_two_benchmarks_of_one_lineage() -> None:
    (found,) = aider.parse_edit(board({"test_cases": 133, "total_tests": None})).subjects
    assert [said.field for said in found.said] == ["benchmark.aider-edit"]
    assert {source.lineage for source, _ in aider.PARSERS} == {"aider"}
    assert [source.id for source, _ in aider.PARSERS] == ["aider-polyglot", "aider-edit"]


@pytest.mark.parametrize(
    ("_case", "written", "name", "notes"),
    [
        ("an effort", "o1-2024-12-17 (high)", "o1-2024-12-17", ["high"]),
        ("thinking", "claude-3-7-sonnet-20250219 (32k thinking tokens)", "claude-3-7-sonnet-20250219", ["32k thinking tokens"]),
        ("the edit format is said apart", "llama-3.1-405b-instruct (diff)", "llama-3.1-405b-instruct", []),
        ("another one is not", "gemini-exp-1206 (whole)", "gemini-exp-1206", ["whole"]),
        ("a date belongs to the name", "DeepSeek V3 (0324)", "DeepSeek V3 0324", []),
        ("a whole date", "chatgpt-4o-latest (2025-02-15)", "chatgpt-4o-latest 2025-02-15", []),
        ("behind commas", "Qwen3 235B A22B diff, no think, Alibaba API", "Qwen3 235B A22B", ["no think", "Alibaba API"]),
        ("a plus is part of a name", "Command R+ (08-24)", "Command R+ 08-24", []),
        ("quantised", "qwen2:72b-instruct-q8_0", "qwen2:72b-instruct-q8_0", ["q8_0"]),
        ("by Ollama", "ollama/llama3.2:3b-instruct-fp16", "ollama/llama3.2:3b-instruct-fp16", ["ollama", "fp16"]),
        ("a release of a moving name", "gemini-1.5-pro-002", "gemini-1.5-pro-002", ["002"]),
        ("said twice", "qwen-2.5-72b-instruct-bf16 (bf16)", "qwen-2.5-72b-instruct-bf16", ["bf16"]),
    ],
)  # fmt: skip
def test_free_text_is_taken_apart(_case: str, written: str, name: str, notes: list[str]) -> None:
    assert aider.split_name(written, "diff") == (name, notes)


def test_what_the_name_does_not_say_the_row_does() -> None:
    runs = (
        {"model": "o3 (high)", "reasoning_effort": "high"},
        {"model": "o3", "reasoning_effort": "low", "total_cost": "0.0000"},
        {"model": "bolt-2", "thinking_tokens": 32000, "total_cost": None},
    )
    parsed = aider.parse_polyglot(board(*runs))
    assert [(name, each["variant"], each["cost"]) for name, each in results(parsed)] == [
        ("o3", "high", "17.693"),
        ("o3", "low", None),
        ("bolt-2", "32000 thinking tokens", None),
    ]
    assert problems(parsed) == [("not-applicable", "*.total_cost is 0: once", "/1/total_cost")]


def test_what_cannot_be_compared_is_dropped() -> None:
    runs: tuple[dict[str, Any], ...] = (
        *({}, {"test_cases": 223, "model": "volt-1"}, {"model": "o1", "date": "2026-03-09"}, {"model": "o2"}),
        {"model": "o3 (high) + gpt-4.1", "editor_model": "gpt-4.1"},
        {"model": "QwQ-32B + Qwen 2.5 Coder Instruct"},
        {"model": "tiny", "test_cases": 36, "total_tests": None},
        {"model": "lost", "pass_rate_2": None},
    )
    parsed = aider.parse_polyglot(board(*runs))
    assert [name for name, _ in results(parsed)] == ["bolt-2", "volt-1", "o1", "o2"]
    assert parsed.document_date == date(2026, 3, 9)
    assert problems(parsed) == [
        ("dropped-row", "a run of 36 exercises, where the board has 225: once, first 'tiny'", "/6"),
        ("dropped-row", "a run of two models together: 2 times, first 'o3 (high) + gpt-4.1'", "/4"),
        ("dropped-row", "a run without a score: once, first 'lost'", "/7"),
    ]


def test_numbers_are_those_of_the_text() -> None:
    parsed = aider.parse_polyglot(board({"pass_rate_2": "33.3000000001", "versions": "0.10", "model": "1e3"}))
    ((name, found),) = results(parsed)
    assert (name, found["score"], found["harness"]) == ("1e3", "33.3000000001", "aider 0.10, diff")


def test_what_is_not_known_is_reported() -> None:
    parsed = aider.parse_polyglot(board({"moons": 2, "date": "soon", "pass_rate_2": "62.5"}))
    assert problems(parsed) == [
        ("bad-value", "*.date is not a day: once, first 'soon'", "/0/date"),
        ("unknown-field", "*.moons: once", "/0/moons"),
    ]
    assert parsed.document_date is None


@pytest.mark.parametrize(
    ("_case", "document"),
    [
        ("nothing", b""),
        ("a map", b"model: bolt-2"),
        ("a list of words", b"- bolt-2"),
        ("a run without a model", b"- pass_rate_2: 1"),
        ("no YAML", b"- {"),
        ("no text", b"\xff\xfe\x00"),
        ("a NUL", b"- model: a\x00b"),
        ("the other board", board({"test_cases": 133, "total_tests": None})),
    ],
)
def test_a_broken_document_is_refused(_case: str, document: bytes) -> None:
    with pytest.raises(BrokenDocument):
        aider.parse_polyglot(document)


def test_a_tag_builds_no_object() -> None:
    parsed = aider.parse_polyglot(board({"model": "!!python/object/apply:os.system ['false']", "pass_rate_2": 50}, {}))
    assert [name for name, _ in results(parsed)] == ["bolt-2"]
    assert problems(parsed) == [
        ("bad-value", "*.model is not text: once, first ['false']", "/0/model"),
        ("dropped-row", "a run without a model: once", "/0"),
    ]
