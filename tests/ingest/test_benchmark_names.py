"""Benchmarks under several spellings are one, and those that only look alike are not."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from ingest.sources.benchmarks import FILE, benchmark_name, benchmark_slug, names_of

TABLE = tomllib.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("_case", "name", "version", "slug"),
    [
        ("a space", "SWE Bench Pro", None, "swe-bench-pro"),
        ("hyphens", "SWE-Bench-Pro", None, "swe-bench-pro"),
        ("a version", "Terminal Bench", "2.0", "terminal-bench-2-0"),
        ("another version", "TerminalBench", "2.1", "terminal-bench-2-1"),
        ("a raised figure", "τ²-Bench-Telecom", None, "tau2-bench-telecom"),
        ("a short form", "HLE", "without tools", "humanitys-last-exam-without-tools"),
        ("a curled apostrophe", "Humanity’s Last Exam", None, "humanitys-last-exam"),
        ("two figures of a year", "AIME25", None, "aime-2025"),
        ("not in the table", "CTI-REALM", None, "cti-realm"),
    ],
)
def test_one_slug(_case: str, name: str, version: str | None, slug: str) -> None:
    assert benchmark_slug(name, version) == slug


def test_the_name_that_is_shown() -> None:
    assert [benchmark_name(each) for each in ("SWE Bench Pro", "HLE", "CTI-REALM")] == [
        "SWE-Bench Pro",
        "Humanity's Last Exam",
        "CTI-REALM",
    ]


@pytest.mark.parametrize("entry", TABLE["apart"], ids=lambda entry: entry["names"][0])
def test_what_looks_alike_stays_apart(entry: dict[str, Any]) -> None:
    slugs = [benchmark_slug(name, None) for name in entry["names"]]
    assert len(set(slugs)) == len(slugs)


@pytest.mark.parametrize("entry", TABLE["benchmark"], ids=lambda entry: entry["name"])
def test_every_spelling_is_taken_for_its_benchmark(entry: dict[str, Any]) -> None:
    assert {benchmark_slug(each, "2") for each in entry["spellings"]} == {benchmark_slug(entry["name"], "2")}


@pytest.mark.parametrize(
    ("_case", "table", "message"),
    [
        ("no reason", {"benchmark": [{"name": "A", "spellings": ["a b"]}]}, "benchmark A: has name, spellings, why"),
        ("an empty reason", {"apart": [{"names": ["A"], "why": ""}]}, "has names, why"),
        ("an unknown key", {"alias": []}, "unknown key alias"),
        (
            "two benchmarks",
            {"benchmark": [{"name": each, "spellings": ["C"], "why": "x"} for each in ("A", "B")]},
            "C is both A and B",
        ),
    ],
)
def test_a_wrong_table_is_refused(_case: str, table: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        names_of(table)
