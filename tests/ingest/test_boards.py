"""Boards, one printed table of results a file: what they say, which mistakes stop the ingest, and what joins what."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import ingest
from domain.benchmarks import blocked_by, less_is_better
from domain.facts import Benchmark, BenchmarkResult
from domain.identity import Resolver
from domain.reconcile import CURATED_SOURCE
from domain.statements import BrokenDocument, Said, SubjectKind
from ingest.sources.curated import parse_curated

FILES = {
    f"boards/{path.name}": path.read_bytes()
    for path in (Path(ingest.__file__).parent / "curated" / "boards").glob("*.toml")
}
HEAD = """name = "Quiz"
version = "v2"
metric = "percent"
harness = "Acme"
runner = "third-party"
url = "https://acme.example/board"
read = 2026-11-27
"""
ROW = '[[result]]\nmodel = "bolt-2"\nscore = "62.50"\nas_written = "Bolt 2: 62.50"\n'


def test_a_row_is_a_result_with_what_holds_for_the_whole_table() -> None:
    (one,) = parse_curated({"boards/quiz.toml": f"{HEAD}{ROW}".encode()}).subjects
    assert (one.kind, one.id, one.name) == (SubjectKind.MODEL, "bolt-2", None)
    result: Any = {
        **{"name": "Quiz", "version": "v2", "score": "62.5", "metric": "percent", "harness": "Acme"},
        **{"runner": "third-party", "url": "https://acme.example/board", "variant": None, "date": None},
    }
    place, read = "boards/quiz.toml#/result/0", date(2026, 11, 27)
    url, words = "https://acme.example/board", "Bolt 2: 62.50"
    assert one.said == (Said("benchmark.quiz-v2", result, place, url=url, read=read, as_written=words),)


def test_a_board_speaks_of_models_that_have_an_entry_elsewhere() -> None:
    entry = '[[model]]\nslug = "bolt-2"\nname = "Bolt 2"\nlab = "acme"\naliases = []\n'
    files = {"boards/quiz.toml": f"{HEAD}{ROW}".encode(), "models/acme.toml": entry.encode()}
    (one,) = parse_curated(files).subjects
    assert (one.name, [said.field for said in one.said]) == ("Bolt 2", ["benchmark.quiz-v2"])


@pytest.mark.parametrize(
    ("_case", "text", "word"),
    [
        ("no day", HEAD.replace("read = 2026-11-27\n", ""), "a board has name, version, metric"),
        ("no harness", HEAD.replace('harness = "Acme"\n', ""), "a board has name, version, metric"),
        ("an unknown key", f'{HEAD}mood = "good"\n', "unknown key mood"),
        ("an unknown key of a row", f"{HEAD}{ROW}rank = 1\n", "#/result/0: unknown key rank"),
        ("no words", f"{HEAD}{ROW.replace('as_written', 'variant')}", "a result has model, score and as_written"),
        ("no score", f"{HEAD}{ROW.replace('score', 'variant')}", "an amount is decimal text"),
        ("twice the same", f"{HEAD}{ROW}{ROW}", "#/result/1: bolt-2 has another result with this variant"),
    ],
)
def test_a_mistake_stops_everything(_case: str, text: str, word: str) -> None:
    with pytest.raises(BrokenDocument) as refused:
        parse_curated({"boards/quiz.toml": text.encode()})
    assert str(refused.value).startswith("boards/quiz.toml")
    assert word in str(refused.value)


SAID = [
    (subject.id, said, said.value)
    for subject in parse_curated(FILES).subjects
    for said in subject.said
    if isinstance(said.value, dict)
]


def test_every_score_stands_in_the_words_of_its_row() -> None:
    """As printed, or rounded from the fraction that the file behind a board has."""
    wrong = []
    for slug, said, value in SAID:
        score = Decimal(str(value["score"]))
        numbers = [Decimal(each) for each in re.findall(r"\d+(?:\.\d+)?", said.as_written or "")]
        if score not in numbers and score not in [round(100 * each, 1) for each in numbers]:
            wrong.append((slug, said.as_written))
    assert len(SAID) > 500
    assert wrong == []


def test_every_board_is_read_at_one_state() -> None:
    """A branch moves; the address of a commit does not."""
    urls = {said.url for _, said, _ in SAID}
    assert [url for url in urls if re.search(r"/blob/[0-9a-f]{40}/", url or "") is None] == []


def test_every_model_of_a_board_is_one_of_the_catalogue(resolver: Resolver) -> None:
    """What no source lists would become a model of its own by a typing mistake."""
    known = {model.slug for model in resolver.models()}
    assert {slug for slug, _, _ in SAID} - known == set()


def test_more_is_better_on_every_board() -> None:
    assert {value["metric"] for _, _, value in SAID if less_is_better(str(value["metric"]))} == set()


def result_of(slug: str, benchmark: str, variant: str | None) -> BenchmarkResult:
    """A result of the boards as the catalogue keeps it."""
    (value,) = [
        value
        for model, said, value in SAID
        if (model, said.field, value["variant"]) == (slug, f"benchmark.{benchmark}", variant)
    ]
    name, version, url = (str(value[key]) for key in ("name", "version", "url"))
    return BenchmarkResult(
        id=0,
        model_id=0,
        benchmark=Benchmark(0, benchmark, name, version),
        metric=str(value["metric"]),
        score=Decimal(str(value["score"])),
        harness=str(value["harness"]),
        variant=variant,
        runner=str(value["runner"]),
        date=None,
        url=url,
        source=CURATED_SOURCE,
    )


THINKING, WITHOUT = "thinking, at the highest effort on the board", "non-thinking"
PUZZLES = "nyt-connections-extended-940-puzzles"
FACTS = "vectara-hallucination-leaderboard-hhem-2-3-7700-articles"


@pytest.mark.parametrize(
    ("_case", "first", "second", "blocked"),
    [
        ("both thinking", ("gpt-6-astra", PUZZLES, THINKING), ("kimi-k3", PUZZLES, THINKING), ()),
        ("both without", ("claude-opus-4-6", PUZZLES, WITHOUT), ("mistral-large-3", PUZZLES, WITHOUT), ()),
        ("one thinks", ("gpt-5.5", PUZZLES, THINKING), ("mistral-large-3", PUZZLES, WITHOUT), ("variant",)),
        (
            "other puzzles",
            ("gpt-5.5", PUZZLES, THINKING),
            ("gpt-5", "nyt-connections-extended-759-puzzles", THINKING),
            ("version",),
        ),
        ("nobody says of both", ("gpt-5.4", FACTS, None), ("llama-3.3-70b-instruct", FACTS, None), ()),
        ("an effort is named", ("gpt-5.2", FACTS, "high reasoning effort"), ("gpt-5.4", FACTS, None), ("variant",)),
        ("two states of a board", ("glm-5.3", "deepswe-v1-1", THINKING), ("gpt-6-astra", "deepswe-v1-1", THINKING), ()),
        (
            "tools by prompt",
            ("grok-4", "bfcl-agentic-v4", "prompt"),
            ("grok-4", "bfcl-agentic-v4", "function calling"),
            ("variant",),
        ),
    ],
)
def test_what_joins(
    _case: str, first: tuple[str, str, str | None], second: tuple[str, str, str | None], blocked: tuple[str, ...]
) -> None:
    assert blocked_by(result_of(*first), result_of(*second)) == blocked
