"""`llmref data-check DIR`: reads every upstream file of a folder whole, without a database, and says what a reader would not
take. Wrong is what a maintainer has to look at: a broken document, a file of nobody, a field that no reader knows."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from api.settings import Settings
from domain.statements import BrokenDocument, Parsed
from ingest.documents import Document, parsed
from ingest.fetch import Unreadable
from ingest.recognising import files, recognise
from ingest.sources import CATALOGUES

WRONG = frozenset({"unknown-field"})
"""Codes of problems for which a reader has to be changed."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `llmref data-check` takes."""
    parser.add_argument(
        "folder", metavar="DIR", help="a folder of upstream files; licences and notes in it are left out"
    )
    parser.add_argument("--problems", action="store_true", help="show all problems, not an example of each code")


@dataclass(frozen=True, slots=True)
class Checked:
    """What one file says. `said` is None where it cannot be read; then `wrong` says why."""

    name: str
    source: str | None
    said: Parsed | None
    wrong: str | None


def check(folder: Path) -> Iterator[Checked]:
    """Each data file of a folder, by name. Raises Unreadable."""
    for path, body in files(folder):
        source = recognise(body)
        if source is None:
            yield Checked(path.name, None, None, "has the shape of no source that we know")
            continue
        try:
            said = parsed(Document(CATALOGUES[source].source, path.name, body, CATALOGUES[source].parse))
        except BrokenDocument as error:
            yield Checked(path.name, source, None, str(error))
        else:
            unknown = sum(problem.count for problem in said.problems if problem.code in WRONG)
            yield Checked(path.name, source, said, f"{unknown:,} unknown fields" if unknown else None)


def run(_: Settings, asked: argparse.Namespace) -> int:
    """`llmref data-check`: 0 if every file is known and read, 1 if not or if there is none."""
    wrong: list[str] = []
    seen = 0
    try:
        for found in check(Path(asked.folder)):
            seen += 1
            for line in lines(found, all_problems=asked.problems):
                print(line)
            if found.wrong is not None:
                wrong.append(f"{found.name}: {found.wrong}")
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 1
    if not seen:
        wrong.append(f"{asked.folder}: no file to check")
    print(f"{seen} files read, {len(wrong)} wrong", flush=True)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def lines(found: Checked, *, all_problems: bool) -> Iterator[str]:
    """The word on one file."""
    yield f"{found.name}: {found.source or 'unknown'}"
    if found.said is None:
        yield f"  {found.wrong}"
        return
    statements = sum(len(subject.said) for subject in found.said.subjects)
    day = "no date" if found.said.document_date is None else f"data of {found.said.document_date}"
    yield f"  {day}, {len(found.said.subjects):,} subjects, {statements:,} statements"
    for code, group in groupby(found.said.problems, lambda problem: problem.code):
        problems = list(group)
        yield f"  {code} ({sum(problem.count for problem in problems):,})"
        for problem in problems if all_problems or code in WRONG else problems[:1]:
            yield f"    {problem.message} at {problem.locator}"
