"""Which plans PostgreSQL has, with a hundred times the data, for each statement that the documents of operations/ send.

A statement is run with its own values. What is refused: reading a whole big table, and sorting more rows than a page can have any
use for. A plan is also made without values, and counts where PostgreSQL would come to prefer it for a prepared statement.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any

import asyncpg

from api.operations import operations
from bench.questions import QUESTIONS, SEARCH
from db.engine import read_engine
from db.queries import ModelOrder, ProviderOrder, RouteOrder
from db.reader import Reader
from schema.answer import answer
from tests.asking import sent as listening

BIG_TABLE = 50_000
"""Rows from which on nothing may read a whole table."""
BIG_SORT = 10_000
"""Rows from which on nothing may sort them."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement as it went to PostgreSQL."""

    operation: str
    text: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a plan. `milliseconds` is what the statement took with its plan."""

    operation: str
    wrong: str
    milliseconds: float
    text: str


async def sent(url: str, asked: Sequence[tuple[str, str]]) -> list[Sent]:
    """The statements behind documents, each a name and a text, in the order in which they are sent."""
    engine = read_engine(url, pool_size=1, pool_wait_s=60, statement_timeout_ms=600_000)
    found: list[Sent] = []
    name = ""

    def note(text: str, values: Sequence[Any]) -> None:
        found.append(Sent(name, text, tuple(values)))

    try:
        with listening(engine, note):
            for name, document in asked:
                async with Reader(engine) as reader:
                    result = await answer(document, {}, reader=reader, today=datetime.now(UTC).date())
                if result.errors:
                    raise ValueError(f"{name}: {result.errors[0].message}")
    finally:
        await engine.dispose()
    return found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _rows(plan: dict[str, Any]) -> float:
    """Rows that came out of a node, all its runs together; of a plan that was not run the estimate of one run."""
    if "Actual Rows" in plan:
        return float(plan["Actual Rows"]) * float(plan["Actual Loops"])
    return float(plan["Plan Rows"])


def wrong_in(plan: dict[str, Any], sizes: dict[str, int]) -> Iterator[str]:
    """What must not be in a plan. `sizes` has the rows of each table."""
    for node in _nodes(plan):
        kind, table = node["Node Type"], node.get("Relation Name")
        if kind == "Seq Scan" and sizes.get(table or "", 0) > BIG_TABLE and node.get("Actual Loops", 1):
            yield f"reads all {sizes[table or '']:,} rows of {table}"
        if kind == "Sort" and (rows := sum(_rows(below) for below in node["Plans"])) > BIG_SORT:
            yield f"sorts {rows:,.0f} rows"


async def _without_values(connection: asyncpg.Connection, statement: Sent) -> dict[str, Any]:
    """The plan that a prepared statement keeps for all values."""
    await connection.execute(f"set plan_cache_mode = force_generic_plan; prepare asked as {statement.text}")
    nothing = f"({', '.join(['null'] * len(statement.values))})" if statement.values else ""
    (plan,) = json.loads(await connection.fetchval(f"explain (format json) execute asked{nothing}"))
    await connection.execute("deallocate asked; reset plan_cache_mode")
    found: dict[str, Any] = plan
    return found


def _orders() -> Iterator[tuple[str, str]]:
    """Lists of everything in each of their orders, from either end."""
    for field, orders in (("models", ModelOrder), ("routes", RouteOrder), ("providers", ProviderOrder)):
        for order, end in product(orders, ("first", "last")):
            name = order.name
            yield f"{field} by {name}", f"{{ {field}({end}: 1, order: {name}) {{ nodes {{ id }} }} }}"


async def findings(one: str, hundred: str) -> tuple[int, list[Finding]]:
    """How many statements there are, and what is wrong with their plans. They are those that the catalogue itself takes, whose numbers
    stand for the same rows in both databases."""
    asked = [(each.name, each.query) for each in operations()] + [
        (each.title, each.document) for each in (*QUESTIONS, SEARCH)
    ]
    asked += _orders()
    statements = await sent(one, asked)
    connection = await asyncpg.connect(hundred)
    try:
        # As asyncpg's users see them, but for what SQLAlchemy has turned into text: JSON stays JSON here.
        await connection.execute("set jit = off")
        rows = await connection.fetch("select relname, reltuples::int as rows from pg_class where relkind = 'r'")
        sizes = {row["relname"]: row["rows"] for row in rows}
        found = []
        for each in statements:
            explained = await connection.fetchval(
                f"explain (analyze, timing off, format json) {each.text}", *each.values
            )
            (run,) = json.loads(explained)
            generic = await _without_values(connection, each)
            wrong = list(wrong_in(run["Plan"], sizes))
            if generic["Plan"]["Total Cost"] <= run["Plan"]["Total Cost"]:
                wrong += [f"{one}, prepared" for one in wrong_in(generic["Plan"], sizes) if one not in wrong]
            found += [Finding(each.operation, one, run["Execution Time"], each.text) for one in dict.fromkeys(wrong)]
    finally:
        await connection.close()
    return len(statements), found
