"""`llmref ingest`, and the word on what an ingest did: a table for people, JSON for programs."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO

import orjson
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from api.database import Database, ready_database
from api.settings import Settings
from api.steps import Steps
from db.engine import write_engine
from domain.statements import Problem
from ingest.run import CommitUnknown, IngestError, Report, ingest
from ingest.sources import CATALOGUES, SOURCES
from ingest.take import EVERYBODY, SourceReport

HELD, IN_PART = 3, 4
"""Exit codes beside 0, 1 and 2: a document is held back until somebody says that it is right; a source could not be had or
read. What could be taken in was."""
EXIT_CODES = (
    f"exit codes: 0 done; 1 nothing was taken in; 2 wrong call or setting; {HELD} a document is held back, see --accept-shrink;\n"
    f"{IN_PART} --all, and a source could not be had or read. With {HELD} and {IN_PART} all else was taken in."
)
_WIDTH = 140
"""Of the table where nobody's terminal says how wide it is."""
_COUNTS = (
    *("models", "routes", "live_routes", "linked_routes", "providers", "labs", "prices", "suspicious_prices"),
    *("benchmark_results", "disputes"),
)
_EXAMPLES = {"unknown-field": 5}
"""How many problems of one kind are shown without `--problems`; one of any other."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `llmref ingest` takes."""
    parser.add_argument("--source", choices=sorted(CATALOGUES), metavar="NAME", help=", ".join(sorted(CATALOGUES)))
    parser.add_argument("--from", dest="place", metavar="FILE|URL", help="the document of that source")
    parser.add_argument("--folder", metavar="DIR", help="every upstream file in a folder, in one transaction")
    parser.add_argument("--all", action="store_true", help="ask every source that has an address; for timers")
    parser.add_argument(
        "--accept-shrink",
        dest="accepted",
        action="append",
        nargs="?",
        const=EVERYBODY,
        default=[],
        choices=[*sorted(SOURCES), EVERYBODY],
        metavar="SOURCE",
        help="take in what is held back because it names over a fifth fewer routes and models; of all sources if none is named",
    )
    parser.add_argument("--offline", action="store_true", help="do not ask models.dev, as with LIVE_CATALOG=off")
    parser.add_argument("--problems", action="store_true", help="show all problems, not examples")
    parser.add_argument("--json", action="store_true", help="print the whole report as JSON")


def wrong_call(asked: argparse.Namespace) -> str | None:
    """What is wrong with arguments that belong together."""
    if (asked.source is None) != (asked.place is None):
        return "--source and --from go together"
    if asked.folder is not None and (asked.source is not None or asked.all):
        return "--folder stands alone; it goes neither with --source nor with --all"
    if asked.all and (asked.source is not None or asked.offline):
        return "--all asks every source; it goes neither with --source nor with --offline"
    return None


async def take_in(
    database: Database,
    steps: Steps,
    *,
    live: bool,
    source: str | None = None,
    place: str | None = None,
    folder: Path | None = None,
    every_source: bool = False,
    accepted: Collection[str] = (),
) -> Report:
    """One ingest into the database. Raises IngestError; then the catalogue is as it was."""
    engine = write_engine(database.url)
    try:
        return await ingest(
            engine,
            source=source,
            place=place,
            folder=folder,
            live=live,
            every_source=every_source,
            accepted=accepted,
            progress=steps,
            lives=database.lives,
        )
    finally:
        await engine.dispose()


def run(settings: Settings, asked: argparse.Namespace) -> int:
    """`llmref ingest`."""
    live = settings.live_catalog and not asked.offline
    try:
        with ExitStack() as held:
            with Steps() as steps:
                database = held.enter_context(ready_database(settings, steps))
                report = asyncio.run(
                    take_in(
                        database,
                        steps,
                        live=live,
                        source=asked.source,
                        place=asked.place,
                        folder=None if asked.folder is None else Path(asked.folder),
                        every_source=asked.all,
                        accepted=asked.accepted,
                    )
                )
            if asked.json:
                sys.stdout.write(orjson.dumps(as_json(report), option=orjson.OPT_INDENT_2).decode() + "\n")
            else:
                show(report, sys.stdout, all_problems=asked.problems)
    except CommitUnknown:
        raise
    except IngestError as error:
        print(f"{error}\nNothing was taken in; the catalogue is as it was.", file=sys.stderr)
        return 1
    return exit_code(report)


def exit_code(report: Report) -> int:
    """What needs a human word counts more than what may go by itself."""
    if any(entry.held for entry in report.sources):
        return HELD
    return IN_PART if report.failures else 0


def as_json(report: Report) -> dict[str, Any]:
    """The whole report."""
    return {
        "revision": report.revision,
        "digest": report.digest,
        "newRevision": report.new_revision,
        "counts": dict(report.counts),
        "resolvedShare": report.resolved_share,
        "methods": dict(report.methods),
        "messages": report.messages,
        "failures": [dataclasses.asdict(failure) for failure in report.failures],
        "sources": [
            {
                "source": entry.source,
                "place": entry.place,
                "state": entry.state,
                "documentDate": entry.document_date,
                "subjects": entry.subjects,
                "statements": entry.statements,
                "new": entry.new,
                "superseded": entry.superseded,
                "heldBack": entry.held,
                "problemCounts": entry.problem_counts,
                "problems": [dataclasses.asdict(problem) for problem in entry.problems],
            }
            for entry in report.sources
        ],
    }


def show(report: Report, stream: TextIO, *, all_problems: bool = False) -> None:
    """The report for people."""
    console = Console(file=stream, markup=False, highlight=False, width=None if stream.isatty() else _WIDTH)
    for message in report.messages:
        console.print(message)
    for failure in report.failures:
        console.print(f"FAILED {failure.source}, what it said stands: {failure.why}", soft_wrap=True)
    for entry in report.sources:
        if entry.held is not None:
            console.print(f"HELD {entry.source}, {entry.place}: {entry.held}", soft_wrap=True)
    console.print(_table(report.sources))
    if report.counts:
        known = [name for name in _COUNTS if name in report.counts]
        console.print(", ".join(f"{report.counts[name]:,} {name.replace('_', ' ')}" for name in known))
    if report.resolved_share is not None:
        console.print(f"{report.resolved_share:.1%} of all routes are linked to a model")
    if report.methods:
        console.print("how: " + ", ".join(f"{name} {count:,}" for name, count in report.methods.items()))
    for line in _problem_lines(report.sources, all_problems=all_problems):
        console.print(line, soft_wrap=True)
    console.print(
        f"revision {report.revision} ({'new' if report.new_revision else 'as before'}), digest {report.digest}"
    )


def _table(sources: Sequence[SourceReport]) -> Table:
    table = Table("source", "document", "data of", "state", box=SIMPLE, pad_edge=False)
    for name in ("things", "statements", "new", "superseded", "problems"):
        table.add_column(name, justify="right")
    for entry in sources:
        read = entry.subjects > 0
        numbers = (entry.subjects, entry.statements, entry.new, entry.superseded, sum(entry.problem_counts.values()))
        table.add_row(
            entry.source,
            entry.place,
            "" if entry.document_date is None else entry.document_date.isoformat(),
            entry.state,
            *(f"{number:,}" if read else "-" for number in numbers),
        )
    return table


def _problem_lines(sources: Sequence[SourceReport], *, all_problems: bool) -> Iterator[str]:
    left_out = 0
    for entry in sources:
        if entry.problems:
            yield f"\n{entry.source}: what was dropped, changed or not understood"
        for code, group in groupby(entry.problems, lambda problem: problem.code):
            found = list(group)
            shown = found if all_problems else found[: _EXAMPLES.get(code, 1)]
            left_out += len(found) - len(shown)
            yield f"  {code} ({entry.problem_counts[code]:,})"
            yield from (_line(problem) for problem in shown)
    yield "" if not left_out else f"\n{left_out} more kinds of problems; --problems shows all."


def _line(problem: Problem) -> str:
    return f"    {problem.message}" + (f" at {problem.locator}" if problem.locator else "")
