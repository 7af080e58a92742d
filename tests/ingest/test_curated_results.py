"""Curated results of benchmarks join where a board measured models the same way, and nowhere else."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

import ingest
from domain.benchmarks import blocked_by
from domain.facts import Benchmark, BenchmarkResult
from domain.reconcile import CURATED_SOURCE

FILES = sorted((Path(ingest.__file__).parent / "curated" / "models").glob("*.toml"))


def result_of(field: str, said: dict[str, str]) -> BenchmarkResult:
    """One result as the catalogue keeps it."""
    return BenchmarkResult(
        id=0,
        model_id=0,
        benchmark=Benchmark(0, field.removeprefix("benchmark."), said["name"], said.get("version")),
        metric=said["metric"],
        score=Decimal(said["score"]),
        harness=said.get("harness"),
        variant=said.get("variant"),
        runner=said.get("runner"),
        date=None,
        url=said["url"],
        source=CURATED_SOURCE,
    )


RESULTS = {
    (model["slug"], fact["field"].removeprefix("benchmark.")): result_of(fact["field"], fact["value"])
    for file in FILES
    for model in tomllib.loads(file.read_text(encoding="utf-8"))["model"]
    for fact in model.get("fact", [])
    if fact["field"].startswith("benchmark.")
}
ZEBRA = "livebench-zebra-puzzle-2025-05-30"
BASH = "swe-bench-verified-bash-only"


@pytest.mark.parametrize(
    ("_case", "benchmark", "first", "second", "blocked"),
    [
        ("both without thinking", ZEBRA, "mistral-medium-3", "claude-sonnet-4-5", ()),
        ("both thinking", ZEBRA, "grok-4", "gpt-5", ()),
        ("one thinks", ZEBRA, "mistral-medium-3", "grok-4", ("variant",)),
        ("nobody says of one", "livebench-zebra-puzzle-2026-06-25", "grok-4.3", "gpt-5.5", ("variant",)),
        ("nobody says of both", "livebench-zebra-puzzle-2026-06-25", "grok-4.3", "minimax-m3", ()),
        ("one agent", BASH, "kimi-k2", "gpt-4.1", ()),
        ("an older agent", BASH, "llama-4-maverick-17b-instruct", "gpt-4.1", ("harness",)),
        ("another agent and effort", BASH, "claude-sonnet-4-5", "gpt-5", ("harness", "variant")),
        (
            "one language of two",
            "ojbench",
            "kimi-k2",
            "kimi-k2-thinking",
            ("version", "metric", "harness", "variant", "runner"),
        ),
        ("another table", "gpqa", "qwen3-30b-a3b", "gemini-2.5-pro", ("version", "harness", "variant", "runner")),
    ],
)
def test_what_joins(_case: str, benchmark: str, first: str, second: str, blocked: tuple[str, ...]) -> None:
    assert blocked_by(RESULTS[first, benchmark], RESULTS[second, benchmark]) == blocked


def test_what_a_board_measured_says_so() -> None:
    """A result that neither the lab nor a card measured names its harness: otherwise it would join within any document."""
    boards = [each for each in RESULTS.values() if each.runner == "third-party"]
    assert boards
    assert [each for each in boards if each.harness is None] == []


def test_the_day_of_a_release_is_a_version() -> None:
    releases = {each.benchmark.version for each in RESULTS.values() if each.benchmark.name.startswith("LiveBench ")}
    assert releases == {"2025-04-25", "2025-05-30", "2026-01-08", "2026-06-25"}
