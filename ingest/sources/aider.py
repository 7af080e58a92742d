"""Aider's leaderboards: runs of its coding benchmarks, one YAML file for each board. One run is one result; its model is free
text, so what is no part of the name (effort, thinking, serving) becomes the variant, and the name is left to the resolver.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml  # type: ignore[import-untyped]

from domain.statements import BrokenDocument, Parsed, Said, Subject, SubjectKind, Value
from ingest.sources.base import Source
from ingest.sources.reading import Report, Row, full_date
from ingest.sources.shapes import amount

_URL = "https://github.com/Aider-AI/aider"
POLYGLOT = Source("aider-polyglot", "Aider polyglot leaderboard", _URL, "Apache-2.0", "aider")
EDIT = Source("aider-edit", "Aider code editing leaderboard", _URL, "Apache-2.0", "aider")

_NOTE = re.compile(r"\s*\(([^()]*)\)")
_DAY = re.compile(r"[\d-]+")
_SERVED = re.compile(r"(?<![a-z0-9])(?:q\d_(?:k_m|\d)|fp16|bf16|ollama(?=/)|00\d$)", re.IGNORECASE)
_LEFT_OUT = 2
"""Exercises that may be missing from a run: some of the boards' runs lack one or two."""
_UNREAD = (
    *("_released", "command", "commit_hash", "completion_tokens", "dirname", "editor_edit_format", "error_outputs"),
    *("exhausted_context_windows", "indentation_errors", "lazy_comments", "num_malformed_responses"),
    *("num_with_malformed_responses", "pass_num_1", "pass_num_2", "pass_rate_1", "percent_cases_well_formed"),
    *("prompt_tokens", "released", "seconds_per_case", "syntax_errors", "test_timeouts", "user_asks"),
)
"""Details of the same run: stated as results of their own, one run would count several times."""


@dataclass(frozen=True, slots=True)
class _Board:
    """`size` is the number of its exercises: runs of another number are not comparable."""

    benchmark: str
    name: str
    size: int


_POLYGLOT = _Board("aider-polyglot", "Aider polyglot", 225)
_EDIT = _Board("aider-edit", "Aider code editing", 133)


def parse_polyglot(body: bytes) -> Parsed:
    """Everything that `polyglot_leaderboard.yml` says. Raises BrokenDocument."""
    return _parse(body, _POLYGLOT)


def parse_edit(body: bytes) -> Parsed:
    """Everything that `edit_leaderboard.yml` says. Raises BrokenDocument."""
    return _parse(body, _EDIT)


PARSERS: tuple[tuple[Source, Callable[[bytes], Parsed]], ...] = ((POLYGLOT, parse_polyglot), (EDIT, parse_edit))


def _parse(body: bytes, board: _Board) -> Parsed:
    report = Report()
    try:
        # The base loader makes texts of all scalars, so numbers come as they are written, and builds no objects.
        data: Any = yaml.load(body, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError) as error:
        raise BrokenDocument(f"not YAML: {error}") from error
    if not isinstance(data, list) or not data or not all(isinstance(row, dict) and row.get("model") for row in data):
        raise BrokenDocument(f"{board.name}: the document is not a list of runs with a model")
    runs: dict[str, list[Said]] = {}
    days: list[date] = []
    for index, entry in enumerate(data):
        row = Row({key: value or None for key, value in entry.items()}, f"/{index}", "*", report)
        _run(row, board, runs, days, report)
        row.unread(*_UNREAD)
        row.close()
    if 2 * sum(map(len, runs.values())) < len(data):
        raise BrokenDocument(f"{board.name}: most runs are not of its {board.size} exercises")
    subjects = tuple(Subject(SubjectKind.MODEL, name, None, name, tuple(said)) for name, said in runs.items())
    return Parsed(subjects, report.problems(), max(days, default=None))


def _run(row: Row, board: _Board, runs: dict[str, list[Said]], days: list[date], report: Report) -> None:
    written, edit_format = row.text("model"), row.text("edit_format")
    cases = (row.whole("test_cases"), row.whole("total_tests"))
    score, day, editor = row.number("pass_rate_2"), row.day("date"), row.text("editor_model")
    version, cost = row.text("versions"), row.number("total_cost")
    effort, thinking = row.text("reasoning_effort"), row.whole("thinking_tokens")
    exercises = max((count for count in cases if count is not None), default=0)
    if written is None:
        report.count("dropped-row", "a run without a model", row.locator)
        return
    if score is None or not board.size - _LEFT_OUT <= exercises <= board.size:
        what = "without a score" if score is None else f"of {exercises} exercises, where the board has {board.size}"
        report.count("dropped-row", f"a run {what}", row.locator, written)
        return
    if editor is not None or " + " in written:
        report.count("dropped-row", "a run of two models together", row.locator, written)
        return
    name, notes = split_name(written, edit_format)
    if effort is not None and not notes:
        notes = [effort]
    if thinking is not None and not notes:
        notes = [f"{thinking} thinking tokens"]
    if cost == 0:
        report.count("not-applicable", "*.total_cost is 0", row.at("total_cost"))
    harness = ", ".join(part for part in ("aider" if version is None else f"aider {version}", edit_format) if part)
    value: Value = {
        "name": board.name,
        "version": None,
        "score": amount(score)[0],
        "metric": "percent correct",
        "harness": harness,
        "variant": ", ".join(notes) or None,
        "runner": "third-party",
        "date": day,
        "url": None,
        "cost": amount(cost)[0] if cost else None,
    }
    if (read := full_date(day)) is not None:
        days.append(read)
    runs.setdefault(name, []).append(Said(f"benchmark.{board.benchmark}", value, row.locator, as_written=written))


def split_name(written: str, edit_format: str | None) -> tuple[str, list[str]]:
    """The model's name and what else is said of the run: in parentheses, unless it is a date, which belongs to the name, and
    behind a comma. What the name says of how the model was served (quantised, by Ollama, as which release of a moving name) is
    repeated, since another one of the same model is another run. The edit format is said apart."""
    notes: list[str] = []

    def note(match: re.Match[str]) -> str:
        if _DAY.fullmatch(match[1]):
            return f" {match[1]}"
        notes.append(match[1].strip())
        return ""

    name, *more = (part.strip() for part in _NOTE.sub(note, written).split(","))
    if edit_format is not None and name.endswith(f" {edit_format}"):
        name = name.removesuffix(edit_format).strip()
    notes += [*more, *_SERVED.findall(name)]
    return name, [each for each in dict.fromkeys(notes) if each and each != edit_format]
