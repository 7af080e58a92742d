"""The whole comparison: `bench/run`. See docs/performance.md for what the figures mean."""

from __future__ import annotations

import argparse
import asyncio
import platform
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from bench import node
from bench.database import Databases, databases
from bench.explain import findings
from bench.goals import COLD_HUNDRED, CONSTANT, LIMIT2, LIMIT2_HUNDRED, NAIVE, NEVER_SEEN, POSTGRAPHILE, UNCHANGED
from bench.load import NEW
from bench.measuring import Contestant, Different, cells, check, measure
from bench.processes import running, said
from bench.product import COLD, PATIENT, WARM, WAYS
from bench.questions import PRODUCT_ONLY, QUESTIONS, Question, pages
from bench.table import Run, text, write

EVERY = (*QUESTIONS, *PRODUCT_ONLY)
LARGEST = QUESTIONS[-1:]
"""Of which it is measured what it takes to say that it has not changed."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of which the median counts; 3, or more")
    parser.add_argument("--seconds", type=int, default=3, help="how long a cell is measured in each round")
    parser.add_argument("--write", action="store_true", help="put the report into docs/performance.md, too")
    parser.add_argument("--explain", action="store_true", help="look at the plans of PostgreSQL only")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the databases there for the next run")
    return parser.parse_args()


def _own(question: Question) -> str:
    return f"/{question.key}"


def _by_get(question: Question) -> str:
    return f"/graphql?query={quote(question.document)}"


def _new(question: Question) -> bytes:
    return replace(question, document=f"{question.document}\n{NEW.decode()}").body


def _contestants(found: Databases, servers: ExitStack, notes: list[str]) -> list[Contestant]:
    """Starts every server. The first one is the product without its response cache, whose answers the others have to give."""

    def product(title: str, url: str, environment: dict[str, str], questions: tuple[Question, ...]) -> Contestant:
        server = servers.enter_context(running("product", {"DATABASE_URL": url, **PATIENT, **environment}))
        return Contestant(title, server, url, questions)

    def limit(title: str, name: str, url: str) -> Contestant:
        server = servers.enter_context(running(name, {"DATABASE_URL": url}))
        return Contestant(title, server, url, QUESTIONS, _own)

    made = []
    for way in WAYS:
        if way.lacking:
            notes.append(f"{way.title}: not measured, this version has no {', '.join(way.lacking)}.")
        else:
            made.append(product(way.title, found.one, way.environment, EVERY if way.whole else QUESTIONS))
    cold = next(each for each in made if each.title == COLD.title)
    made.append(Contestant(NEVER_SEEN, cold.server, found.one, QUESTIONS, body=_new))
    warm = next((each for each in made if each.title == WARM.title), None)
    if warm is not None:
        made.append(
            Contestant(UNCHANGED, warm.server, found.one, LARGEST, _by_get, body=lambda _: None, unchanged=True)
        )
    folder = Path(servers.enter_context(tempfile.TemporaryDirectory()))
    for question in EVERY:
        (folder / f"{question.key}.json").write_bytes(made[0].ask(question))
    constant = servers.enter_context(running("constant", {"BODIES": str(folder)}))
    made += [
        limit(LIMIT2, "limit2", found.one),
        limit("limit-3", "limit3", found.one),
        Contestant(CONSTANT, constant, found.one, EVERY, _own),
    ]
    naive = servers.enter_context(running("naive", {"DATABASE_URL": found.one}))
    made.append(Contestant(NAIVE, naive, found.one, QUESTIONS, exact=False))
    environment = {"DATABASE_URL": found.one, "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    other = servers.enter_context(running("PostGraphile", environment, node.command()))
    made.append(Contestant(POSTGRAPHILE, other, found.one, QUESTIONS, body=node.body, exact=False, facts_only=True))
    hundred = product(COLD_HUNDRED, found.hundred, COLD.environment, QUESTIONS)
    made.append(replace(hundred, questions=(*QUESTIONS, *pages(hundred.ask))))
    made.append(limit(LIMIT2_HUNDRED, "limit2", found.hundred))
    return made


def main() -> int:
    """Exit code 1: a plan is refused; or nothing is reported, because answers differ or a server failed."""
    asked = _arguments()
    notes: list[str] = []
    with databases(asked.keep) as found, ExitStack() as servers:
        said("looking at plans")
        statements, refused = asyncio.run(findings(found.one, found.hundred))
        if asked.explain:
            for each in refused:
                print(f"{each.operation}: {each.wrong}, {each.milliseconds:.1f} ms\n{each.text}\n")
            print(f"{statements} statements, {len(refused)} findings")
            return 1 if refused else 0
        said("starting the servers")
        contestants = _contestants(found, servers, notes)
        try:
            check(contestants, contestants[0])
            said("counting statements")
            measured = cells(contestants, asked.seconds)
            measure(measured, asked.rounds, found.postmaster)
            check(contestants, contestants[0])
        except Different as different:
            print(different, file=sys.stderr)
            return 1
        versions = (
            f"Python {platform.python_version()}, PostgreSQL 18",
            *(f"{name} {version(name)}" for name in ("strawberry-graphql", "graphql-core", "starlette", "asyncpg")),
            node.version(),
        )
        report = text(Run(measured, asked.rounds, asked.seconds, versions, notes, statements, refused))
    print(report)
    if asked.write:
        write(report)
    return 1 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main())
