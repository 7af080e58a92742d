"""The contestants of a run, whether they give the same answers, and what each takes for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.database import Counted
from bench.facts import data, data_part, facts
from bench.load import CONNECTIONS, Load, load
from bench.processes import Server, ask, cpu_ms, said
from bench.questions import Question

TOO_LONG_S = 10
"""Where 16 answers take longer, they are measured in one round only."""


class Different(Exception):
    """Two servers gave different answers: there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server with the questions that it is asked, how, and over which database. `exact`: its data are the product's bytes;
    `unchanged`: it is asked whether they changed, and has to say no."""

    title: str
    server: Server
    database: str
    questions: Sequence[Question]
    path: Callable[[Question], str] = lambda _: "/graphql"
    body: Callable[[Question], bytes | None] = lambda question: question.body
    exact: bool = True
    facts_only: bool = False
    unchanged: bool = False

    def ask(self, question: Question) -> bytes:
        """One answer."""
        return ask(self.server.port, self.path(question), self.body(question))


@dataclass(slots=True)
class Cell:
    """What one contestant took for one question, round by round. CPU is in milliseconds for each answer."""

    contestant: Contestant
    question: Question
    size: int
    once: bool
    seconds: float
    statements: int = 0
    loads: list[Load] = field(default_factory=list)
    app_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers in a second: the median of the rounds, as are all that follow."""
        return median(each.rate for each in self.loads)

    @property
    def p50(self) -> float:
        """Milliseconds within which half of the answers came."""
        return median(each.p50 for each in self.loads)

    @property
    def p99(self) -> float:
        """Milliseconds within which 99 of 100 answers came."""
        return median(each.p99 for each in self.loads)

    @property
    def app(self) -> float:
        """CPU of the server."""
        return median(self.app_ms)

    @property
    def postgres(self) -> float:
        """CPU of PostgreSQL."""
        return median(self.database_ms)


def check(contestants: Sequence[Contestant], product: Contestant) -> None:
    """Raises Different where somebody answers something else than the product does."""
    wrong = []
    for question in product.questions:
        answer = product.ask(question)
        for each in contestants:
            if question not in each.questions or each is product:
                continue
            other = each.ask(question)
            if each.unchanged:
                same = other == b""
            elif each.exact:
                same = data_part(other) == data_part(answer)
            elif each.facts_only:
                same = facts(data(other)) == facts(data(answer))
            else:
                same = data(other) == data(answer)
            if not same:
                wrong.append(f"{question.title}: {each.title} answers {_where(answer, other)}")
    if wrong:
        raise Different("the bodies differ, so nothing is reported:\n" + "\n".join(wrong))


def _where(said: bytes, other: bytes) -> str:
    place = next((at for at, (a, b) in enumerate(zip(said, other, strict=False)) if a != b), min(len(said), len(other)))
    start = max(0, place - 40)
    return f"{other[start : place + 60]!r} where the product has {said[start : place + 60]!r}"


def cells(contestants: Sequence[Contestant], seconds: float) -> list[Cell]:
    """One for each question of each contestant, with the statements that PostgreSQL counted for one answer."""
    found = []
    for each in contestants:
        for question in each.questions:
            since = time.perf_counter()
            size = len(each.ask(question))
            took = time.perf_counter() - since
            every = took * CONNECTIONS
            # Where not all connections would be answered within the time, each asks once, and has all the time.
            cell = Cell(each, question, size, every > TOO_LONG_S, 0 if every > seconds else seconds)
            cell.statements = asyncio.run(_statements(each, question))
            found.append(cell)
    return found


async def _statements(contestant: Contestant, question: Question) -> int:
    async with Counted(contestant.database) as counted:
        await asyncio.to_thread(contestant.ask, question)
    return counted.statements


def measure(found: Sequence[Cell], rounds: int, postmaster: int) -> None:
    """Round by round, in each the contestants of a question one after the other, so that what disturbs the machine disturbs all.

    Raises Different where a server fails under load.
    """
    order = sorted(found, key=lambda cell: [question.key for question in _questions(found)].index(cell.question.key))
    for round_ in range(rounds):
        for cell in order:
            if cell.once and round_:
                continue
            _measure(cell, postmaster)
        said(f"measured round {round_ + 1} of {rounds}")


def _questions(found: Sequence[Cell]) -> list[Question]:
    return list(dict.fromkeys(cell.question for cell in found))


def _measure(cell: Cell, postmaster: int) -> None:
    each = cell.contestant
    each.ask(cell.question)
    app, postgres = cpu_ms(each.server.process), cpu_ms(postmaster)
    seen = load(each.server.port, each.path(cell.question), each.body(cell.question), cell.seconds)
    app, postgres = cpu_ms(each.server.process) - app, cpu_ms(postmaster) - postgres
    if seen.failed or not seen.answers:
        raise Different(
            f"{cell.question.title}: {each.title} failed {seen.failed} times and answered {seen.answers} times"
        )
    cell.loads.append(seen)
    cell.app_ms.append(app / seen.answers)
    cell.database_ms.append(postgres / seen.answers)
