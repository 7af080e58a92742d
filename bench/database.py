"""A throw-away PostgreSQL with the default catalogue, and beside it the same catalogue with 100 copies of everything in it.

The catalogue is taken in by the product itself. A copy is made by SQL: numbers are shifted by a million for each copy, names that
must be unique get an ending, and models are served by fewer companies than the originals, so that both databases give one answer
to Q1-Q4 and differ in what has to be searched for it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Table

# Their tables are copied.
import db.tables
import db.tables_of_changes  # noqa: F401
from bench.processes import said
from db.base import Base
from db.embedded import EmbeddedPostgres

COPIES = 100
STATEMENT_COPIES = 10
"""Of these, so many have the statements behind their facts: 313,000 rows each, and three million change no plan any more."""
SHIFT = 1_000_000
"""More rows than any table has before it is copied."""
HUNDRED = "hundred"
_LEFT = frozenset(
    {
        "alembic_version",
        "api_key",
        "api_key_usage",
        "record_key",
        "catalog_revision",
        "source",
        "retrieval",
        "license",
        "benchmark",
    }
)
"""Tables that do not grow with the number of models."""
_ENDINGS = frozenset(
    {
        *(
            ("lab", "slug"),
            ("provider", "slug"),
            ("model", "slug"),
            ("model", "search"),
            ("route", "key"),
            ("alias", "key"),
        ),
        *(("subject", "native_id"), ("fact_change", "of"), ("price_change", "of")),
    }
)
"""Names of things, which get an ending."""
_SPECIAL = {
    ("model", "provider_ids"): f"array(select p + k * {SHIFT} from unnest(provider_ids) p)",
    # The most served models stay the originals: what is asked for stays the same.
    ("model", "provider_count"): "(provider_count + 7) / 8",
}


@dataclass(frozen=True, slots=True)
class Databases:
    """`one` is the catalogue, `hundred` has the copies; both are addresses. `postmaster` is the number of the server's process."""

    one: str
    hundred: str
    postmaster: int


async def _run(url: str, *statements: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return [await connection.fetch(statement) for statement in statements][-1]
    finally:
        await connection.close()


def copied() -> list[Table]:
    """The tables that are copied."""
    return [table for table in Base.metadata.sorted_tables if table.name not in _LEFT]


def copy_statement(table: Table) -> str:
    """INSERT that adds the copies of one table."""
    names = {each.name for each in copied()}
    values = []
    for column in table.columns:
        shifted = (column.primary_key and column.type.python_type is int) or any(
            key.column.table.name in names for key in column.foreign_keys
        )
        plain = f'"{column.name}"'
        if (table.name, column.name) in _SPECIAL:
            values.append(_SPECIAL[table.name, column.name])
        elif shifted:
            values.append(f"{plain} + k * {SHIFT}")
        else:
            values.append(f"{plain} || '-c' || k" if (table.name, column.name) in _ENDINGS else plain)
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    copies = STATEMENT_COPIES if table.name == "statement" else COPIES
    return (
        f'insert into "{table.name}" ({columns}) overriding system value '
        f'select {", ".join(values)} from "{table.name}", generate_series(1, {copies}) k'
    )


_DROPPABLE = """
select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as made from pg_index
  where indrelid::regclass::text = any($1) and not indisunique"""


async def _multiply(url: str) -> None:
    """100 copies, without checks of foreign keys and with the indexes made afterwards."""
    connection = await asyncpg.connect(url, timeout=60)
    try:
        tables = copied()
        indexes = await connection.fetch(_DROPPABLE, [table.name for table in tables])
        await connection.execute("set session_replication_role = replica; set maintenance_work_mem = '1GB'")
        for index in indexes:
            await connection.execute(f"drop index {index['name']}")
        for table in tables:
            await connection.execute(copy_statement(table), timeout=600)
        for index in indexes:
            await connection.execute(index["made"], timeout=600)
        await connection.execute("vacuum analyze", timeout=600)
    finally:
        await connection.close()


def _other(url: str, name: str) -> str:
    return url.replace("@/llmref?", f"@/{name}?")


def _llmref(url: str, *command: str) -> None:
    """A command of the product over a database. Raises SystemExit with what it said where it fails."""
    environment = os.environ | {"DATABASE_URL": url, "LIVE_CATALOG": "off"}
    done = subprocess.run([sys.executable, "-m", "api", *command], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"llmref {' '.join(command)} failed:\n{done.stdout}{done.stderr}")


async def _there(url: str) -> bool:
    return bool(await _run(url, f"select from pg_database where datname = '{HUNDRED}'"))


def _make(server: EmbeddedPostgres) -> None:
    url = server.url
    # Which statements a server sends is counted by PostgreSQL itself, only while that is asked for.
    counting = ("shared_preload_libraries = pg_stat_statements", "pg_stat_statements.track = none")
    asyncio.run(_run(url, *(f"alter system set {each}" for each in counting)))
    server.stop()
    server.start()
    said("taking in the default catalogue")
    _llmref(url, "ingest", "--offline")
    asyncio.run(_run(url, "create schema bench", "create extension pg_stat_statements schema bench", "vacuum analyze"))
    said(f"making {COPIES} copies of it")
    asyncio.run(_run(_other(url, "postgres"), f"create database {HUNDRED}_new template llmref"))
    asyncio.run(_multiply(_other(url, f"{HUNDRED}_new")))
    asyncio.run(_run(_other(url, "postgres"), f"alter database {HUNDRED}_new rename to {HUNDRED}"))


@contextmanager
def databases(kept: Path | None = None) -> Iterator[Databases]:
    """Both databases, until the end of the block. Takes some minutes, but where they were `kept` in a folder before."""
    folder = kept or Path(tempfile.mkdtemp(prefix="llmref-bench-"))
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    try:
        one = server.start()
        hundred = _other(one, HUNDRED)
        if asyncio.run(_there(one)):
            for url in (one, hundred):
                _llmref(url, "migrate")
        else:
            _make(server)
        postmaster = int((server.data_dir / "cluster" / "postmaster.pid").read_text().split("\n", 1)[0])
        yield Databases(one, hundred, postmaster)
    finally:
        server.stop()
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


class Counted:
    """Counts the statements that are sent while its block runs: SELECTs, not BEGIN and COMMIT."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.statements = 0

    async def _track(self, what: str) -> None:
        await _run(self.url, f"alter system set pg_stat_statements.track = '{what}'", "select pg_reload_conf()")

    async def __aenter__(self) -> Counted:
        await self._track("top")
        await _run(self.url, "select pg_sleep(0.2)", "select bench.pg_stat_statements_reset()")
        return self

    async def __aexit__(self, *_: object) -> None:
        asked = """select coalesce(sum(calls), 0)::int as calls from bench.pg_stat_statements
          where query ~* '^\\s*(select|with)' and query not like '%pg_stat_statements%' and query not like '%pg_sleep%' and dbid = (select oid from pg_database where datname = current_database())"""
        (row,) = await _run(self.url, asked)
        self.statements = row["calls"]
        await self._track("none")
