"""A run as text: one table of all cells, the goals beside it, and what EXPLAIN found. Markdown, so that docs/ can have it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.explain import Finding
from bench.goals import goals
from bench.load import CONNECTIONS, tool
from bench.measuring import Cell

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
START, END = "<!-- measured -->", "<!-- /measured -->"


@dataclass(frozen=True, slots=True)
class Run:
    """All that is known of a run. `notes` are things that were not measured, and why. Without EXPLAIN there are no `findings`."""

    cells: Sequence[Cell]
    rounds: int
    seconds: float
    versions: Sequence[str]
    notes: Sequence[str] = ()
    statements: int = 0
    findings: Sequence[Finding] | None = None


def machine() -> str:
    """What it ran on."""
    model = "unknown processor"
    with open("/proc/cpuinfo") as told:
        model = next((line.partition(":")[2].strip() for line in told if line.startswith("model name")), model)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GB, {platform.system()}; load averages at the end {load}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _cells(found: Sequence[Cell]) -> Iterator[str]:
    yield "| | server | requests/s | p50 ms | p99 ms | CPU ms: app | CPU ms: PostgreSQL | statements | bytes |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|--:|"
    questions = list(dict.fromkeys(cell.question for cell in found))
    for cell in sorted(found, key=lambda cell: questions.index(cell.question)):
        figures = (cell.rate, cell.p50, cell.p99, cell.app, cell.postgres)
        few = "" if cell.seconds else f", {CONNECTIONS} answers" + ", once" * cell.once
        row = (cell.question.title, cell.contestant.title + few, *map(_figure, figures))
        yield "| " + " | ".join((*row, f"{cell.statements:,}", f"{cell.size:,}")) + " |"


def _goals(found: Sequence[Cell]) -> Iterator[str]:
    every = list(goals({(cell.contestant.title, cell.question.title): cell for cell in found}))
    yield f"{sum(goal.met for goal in every)} of {len(every)} goals are met in this run."
    yield ""
    yield "| goal | wanted | measured | |"
    yield "|---|--:|--:|---|"
    for goal in every:
        wanted = f"{'≥' if goal.least else '≤'} {goal.wanted:g}"
        yield f"| {goal.text} | {wanted} | {_figure(goal.value)} | {'met' if goal.met else '**missed**'} |"


def _plans(run: Run) -> Iterator[str]:
    assert run.findings is not None
    if not run.findings:
        yield f"None of the {run.statements} statements reads a whole big table or sorts without bound."
        return
    yield f"Of {run.statements} statements these have a plan that grows with the catalogue:"
    yield ""
    for each in run.findings:
        yield f"- {each.operation}: {each.wrong}, {each.milliseconds:,.1f} ms"


def text(run: Run) -> str:
    """The whole report."""
    lines = [
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine()}. {'; '.join(run.versions)}. {CONNECTIONS} connections by {tool()}, "
        f"{run.seconds:g} s a cell, median of {run.rounds} interleaved rounds.",
        "",
        *_cells(run.cells),
        "",
        *(f"- {note}" for note in run.notes),
        *([""] if run.notes else []),
        "### Goals",
        "",
        *_goals(run.cells),
    ]
    if run.findings is not None:
        lines += ["", "### Plans with 100 times the data", "", *_plans(run)]
    return "\n".join(lines) + "\n"


def write(report: str) -> None:
    """Put a report into docs/performance.md in place of the one before."""
    page = PAGE.read_text()
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{START}\n\n{report}\n{END}{after}")
