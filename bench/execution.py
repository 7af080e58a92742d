"""How fast operations are executed once their facts are read: compiled against graphql-core's executor, in the same run.

Processor time of one process, the best of several rounds that take turns, so that a busy machine changes the ratio little. Each answer
is first checked to be the same byte for byte. `first` is the compiled execution that also compiles. Nothing is asserted about time.
Run: python -m bench.execution [--rounds N]; it fills a catalogue of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from graphql import ExecutionResult, execute
from graphql.execution.values import get_variable_values

from db.embedded import EmbeddedPostgres
from db.engine import read_engine
from db.reader import Reader
from schema.answer import CORE, compiled, prepare
from schema.execution import Compiled
from schema.look import Facts
from schema.needs import Plan
from schema.points import Points
from schema.selection import Given
from tests.catalogue import DAY, fill

PAIR = {"a": "gpt-5", "b": "claude-sonnet-4.5"}
OPERATIONS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "Q1": (
        """{ models(first: 50, order: MOST_PROVIDERS) { nodes { slug name lab { name }
        routes(first: 3) { nodes { key provider { name } prices { mode above inputMtok outputMtok } } } } } }""",
        {},
    ),
    "Q2": (
        """query ($a: String!, $b: String!) { a: model(ref: $a) { ...F } b: model(ref: $b) { ...F } }
        fragment F on Model { slug name family task released knowledgeCutoff contextWindow maxOutput parametersTotal
        parametersActive architecture openness commercialUse inputModalities outputModalities lifecycle lab { name }
        license { key name } capabilities { kind presence } routes(first: 100) { nodes { key provider { name } contextWindow
        maxOutput prices { mode above inputMtok outputMtok cacheReadMtok validFrom } } }
        results { benchmark { name } metric score source } }""",
        PAIR,
    ),
    "Q3": (
        "query ($a: String!) { model(ref: $a) { name routes(first: 1) { nodes { prices { outputMtok } } } } }",
        PAIR,
    ),
    "Q4": (
        """{ models(first: 100, order: MOST_PROVIDERS) { nodes { slug name
        routes(first: 100) { nodes { key live contextWindow priceBasis provider { name } } } } } }""",
        {},
    ),
    "compare": ((Path(__file__).parents[1] / "operations" / "1-compare.graphql").read_text(), {}),
}


def once(what: Callable[[], Any], number: int = 1) -> float:
    """Milliseconds of processor time that one call takes, of so many."""
    started = time.process_time()
    for _ in range(number):
        what()
    return (time.process_time() - started) * 1000 / number


async def awaited(what: Callable[[], Awaitable[Any]]) -> float:
    """The same for what is awaited; the wait itself costs none."""
    started = time.process_time()
    await what()
    return (time.process_time() - started) * 1000


async def measure(engine: Any, name: str, text: str, variables: Mapping[str, Any], rounds: int) -> None:
    """Prints a line about one operation."""
    prepared = prepare(text)
    document = prepared.document
    assert document is not None, prepared.errors
    operation = prepared.operations[0]
    coerced = get_variable_values(CORE, operation.variable_definitions or (), dict(variables))
    assert not isinstance(coerced, list)

    async def load() -> tuple[Compiled, Facts, Given]:
        chosen = frozenset((each, coerced.coerced.get(each)) for each in prepared.conditions)
        plan, given = compiled(prepared, 0, chosen), Given(coerced)
        async with Reader(engine) as reader:
            return plan, await Plan(plan.root, given).load(reader, DAY.date()), given

    plan, facts, given = await load()
    ours = partial(plan.execute, document, facts, given, variables, None)
    core = partial(execute, CORE, document, context_value=facts, variable_values=dict(variables))
    first = once(ours)
    mine, theirs = ours(), core()
    assert isinstance(theirs, ExecutionResult)
    assert mine.compiled
    assert orjson.dumps(mine.result.formatted) == orjson.dumps(theirs.formatted)
    times: dict[str, list[float]] = {"ours": [], "core": [], "load": [], "points": []}
    number = max(1, int(5 / first))  # a call that takes no time is measured with others
    for _ in range(rounds):
        times["ours"].append(once(ours, number))
        times["core"].append(once(core, number))
        times["load"].append(await awaited(load))
        times["points"].append(once(lambda: Points(CORE, prepared.fragments or {}, coerced).of(operation), 10))
    best = {what: min(taken) for what, taken in times.items()}
    print(
        f"{name:8} compiled {best['ours']:8.3f} ms  graphql-core {best['core']:8.3f} ms  {best['core'] / best['ours']:5.1f} times"
        f"  first {first:8.3f}  reading {best['load']:8.3f}  estimating {best['points']:6.3f}  points {mine.points:,}",
        flush=True,
    )


async def run(url: str, rounds: int) -> None:
    engine = read_engine(url, pool_size=1, pool_wait_s=5, statement_timeout_ms=10_000)
    gc.freeze()  # the schema, as a server may do after its start
    for name, (text, variables) in OPERATIONS.items():
        await measure(engine, name, text, variables, rounds)
    await engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--database", help="the address of a catalogue that is already filled")
    asked = parser.parse_args()
    if asked.database:
        asyncio.run(run(asked.database, asked.rounds))
        return
    with EmbeddedPostgres.temporary() as url:
        fill(url)
        asyncio.run(run(url, asked.rounds))


if __name__ == "__main__":
    main()
