"""What the product is to reach, as ratios within one run, and whether it does. A goal that is missed is said like any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.measuring import Cell
from bench.questions import DEEP_PAGE, FIRST_PAGE, NOTHING, SMALL

Table = Mapping[tuple[str, str], Cell]
"""Cells by the titles of contestant and question."""
LIMIT2, POSTGRAPHILE, NAIVE, CONSTANT = "limit-2", "PostGraphile 5", "Strawberry, N+1", "constant body"
COLD, WARM, NEVER_SEEN, UNCHANGED, COLD_HUNDRED, LIMIT2_HUNDRED = (
    "product, cold",
    "product, warm",
    "product, cold, document never seen",
    "product, warm, 304",
    "product, cold, x100",
    "limit-2, x100",
)

_COLD = {
    "Q1": {LIMIT2: 0.50, POSTGRAPHILE: 1.2, NAIVE: 100},
    "Q2": {LIMIT2: 0.40, POSTGRAPHILE: 1.5, NAIVE: 90},
    "Q3": {LIMIT2: 0.55, POSTGRAPHILE: 0.9, NAIVE: 14},
    "Q4": {LIMIT2: 0.80, POSTGRAPHILE: 3.0, NAIVE: 150},
}
_FURTHER = {
    "Q1": {LIMIT2: 0.90, POSTGRAPHILE: 2.2, NAIVE: 200},
    "Q2": {LIMIT2: 0.90, POSTGRAPHILE: 3.3},
    "Q3": {LIMIT2: 0.80, POSTGRAPHILE: 1.8},
    "Q4": {LIMIT2: 1.0},
}
"""What is wanted once the first figures are reached."""
_WARM = {"Q1": 0.85, "Q2": 0.85, "Q3": 0.85, "Q4": 0.80}
_STATEMENTS = {"Q1": 4, "Q2": 6, "Q3": 1, "Q4": 4}
_COMPARISON_CPU, _HUNDRED, _TAIL = 2.5, 0.85, 3.0
_UNCHANGED_MS = 1.0
_NEVER_SEEN_MS = 6.0
_DEEP = 0.85
_RATES = {SMALL.title: 500, NOTHING.title: 2_500}
"""Answers a second of one process that answers anew, on a machine as that of docs/performance.md."""
_SMALL_P99_MS, _KEPT_RATE = 100, 3_000


@dataclass(frozen=True, slots=True)
class Goal:
    """`least` tells whether the value must be at least the wanted one, or at most."""

    text: str
    value: float
    wanted: float
    least: bool = True

    @property
    def met(self) -> bool:
        """Whether the value is good enough."""
        return self.value >= self.wanted if self.least else self.value <= self.wanted


def goals(table: Table) -> Iterator[Goal]:
    """All goals whose cells were measured."""
    for question, wanted in _COLD.items():
        for other, least in wanted.items():
            if (ratio := _ratio(table, (COLD, question), (other, question))) is not None:
                yield Goal(f"{question}: cold to {other}, requests/s", ratio, least)
                if (further := _FURTHER[question].get(other)) is not None:
                    yield Goal(f"{question}: cold to {other}, requests/s, further", ratio, further)
    for question, least in _WARM.items():
        if (ratio := _ratio(table, (WARM, question), (CONSTANT, question))) is not None:
            yield Goal(f"{question}: warm to {CONSTANT}, requests/s", ratio, least)
    for question, most in _STATEMENTS.items():
        if (cell := table.get((COLD, question))) is not None:
            yield Goal(f"{question}: statements", cell.statements, most, least=False)
    for (title, question), cell in table.items():
        if title == UNCHANGED:
            yield Goal(f"{question}: 304, CPU ms", cell.app + cell.postgres, _UNCHANGED_MS, least=False)
            yield Goal(f"{question}: 304, statements", cell.statements, 0, least=False)
    yield from _rates(table)
    yield from _comparison(table)
    for question in _COLD:
        seen, never = table.get((COLD, question)), table.get((NEVER_SEEN, question))
        if seen is not None and never is not None:
            more = never.app + never.postgres - seen.app - seen.postgres
            yield Goal(f"{question}: document never seen, further CPU ms", more, _NEVER_SEEN_MS, least=False)
    if (ratio := _ratio(table, (COLD_HUNDRED, DEEP_PAGE), (COLD_HUNDRED, FIRST_PAGE))) is not None:
        yield Goal(f"{DEEP_PAGE} to {FIRST_PAGE}, 100 times the data, requests/s", ratio, _DEEP)
    for question in _COLD:
        if (ratio := _ratio(table, (COLD_HUNDRED, question), (COLD, question))) is not None:
            yield Goal(f"{question}: cold with 100 times the data to cold, requests/s", ratio, _HUNDRED)
    for question in _COLD:
        if (cell := table.get((COLD, question))) is not None:
            yield Goal(f"{question}: cold, p99 to p50", cell.p99 / cell.p50, _TAIL, least=False)


def _rates(table: Table) -> Iterator[Goal]:
    """The few that are no ratios."""
    for question, least in _RATES.items():
        if (cell := table.get((COLD, question))) is not None:
            yield Goal(f"{question}: cold, requests/s", cell.rate, least)
    if (cell := table.get((COLD, SMALL.title))) is not None:
        yield Goal(f"{SMALL.title}: cold, p99 ms", cell.p99, _SMALL_P99_MS, least=False)
    for (title, question), cell in table.items():
        if title in (WARM, UNCHANGED):
            yield Goal(f"{question}: {title.removeprefix('product, ')}, requests/s", cell.rate, _KEPT_RATE)


def _comparison(table: Table) -> Iterator[Goal]:
    whole, second = table.get((COLD, "full comparison")), table.get((COLD, "Q2"))
    if whole is not None and second is not None:
        used = (whole.app + whole.postgres) / (second.app + second.postgres)
        yield Goal("full comparison: CPU to that of Q2", used, _COMPARISON_CPU, least=False)
    ratio = _ratio(table, (COLD, "full comparison"), (POSTGRAPHILE, "Q2"))
    if ratio is not None:
        yield Goal(f"full comparison: cold to Q2 of {POSTGRAPHILE}, requests/s", ratio, 1.0)
    warm = _ratio(table, (WARM, "full comparison"), (CONSTANT, "full comparison"))
    if warm is not None:
        yield Goal(f"full comparison: warm to {CONSTANT}, requests/s", warm, 0.85)


def _ratio(table: Table, one: tuple[str, str], other: tuple[str, str]) -> float | None:
    if one not in table or other not in table:
        return None
    return table[one].rate / table[other].rate
