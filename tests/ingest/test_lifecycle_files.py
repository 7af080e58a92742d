"""Curated ends and successors: each with the document that says so, and with its day in the words of that document."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import ingest
from domain.dates import DatePrecision, announced
from ingest.sources.curated import parse_curated

FOLDER = Path(ingest.__file__).parent / "curated" / "lifecycle"
FILES = {path.name: tomllib.loads(path.read_text()) for path in sorted(FOLDER.glob("*.toml"))}
FIELDS = {"deprecated_on", "retires_on", "lifecycle", "successor.DROP_IN", "successor.OPTION"}


def facts() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, file in FILES.items():
        for kind, entries in file.items():
            for entry in entries:
                for fact in entry["fact"]:
                    yield f"{name}: {kind} {entry.get('slug', entry.get('id'))} {fact['field']}", fact


FACTS = dict(facts())


def days(day: date, precision: DatePrecision) -> set[str]:
    """How documents write a day: by figures or by name; of what is not before a day, perhaps only the month."""
    found = {day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day:%m/%d/%y}"}
    for month in (f"{day:%B}", f"{day:%b}"):
        found.add(f"{month} {day.day}, {day.year}")
    return found | ({f"{day:%B} {day.year}"} if precision is DatePrecision.NOT_BEFORE else set())


def test_there_are_such_facts() -> None:
    assert len(FACTS) == sum(1 for _ in facts()), "two of one field of one thing"
    assert list(FILES) == [
        "anthropic.toml",
        "azure.toml",
        "cohere.toml",
        "google.toml",
        "groq.toml",
        "mistral.toml",
        "openai.toml",
        "xai.toml",
    ]


@pytest.mark.parametrize("where", FACTS)
def test_a_fact_names_its_document_and_its_words(where: str) -> None:
    fact = FACTS[where]
    assert set(fact) == {"field", "value", "url", "read", "as_written"}
    assert fact["field"] in FIELDS
    assert fact["url"].startswith("https://")
    assert date(2026, 11, 26) <= fact["read"]
    if fact["field"].endswith("_on"):
        found = announced(fact["value"])
        assert found is not None
        assert any(written in fact["as_written"] for written in days(found.day, found.precision))
    elif fact["field"] == "lifecycle":
        assert fact["value"] == "AVAILABLE"
        assert any(said in fact["as_written"] for said in ("| Active |", "is still available"))
    else:
        assert all(name in fact["as_written"] for name in fact["value"])


def test_the_files_can_be_read() -> None:
    bodies = {f"lifecycle/{name}": (FOLDER / name).read_bytes() for name in FILES}
    parsed = parse_curated(bodies)
    assert len(parsed.subjects) == sum(len(entries) for file in FILES.values() for entries in file.values())
    assert parsed.problems == ()
