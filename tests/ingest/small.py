"""Small made-up documents, and new databases to take them in: one server, a copy of an empty catalogue for each test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

import asyncpg
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.embedded import EmbeddedPostgres
from db.engine import write_engine
from db.migrate import migrate
from ingest.documents import PARSERS, Document
from ingest.sources import SOURCES

NAMES = {"bolt-2": "Bolt 2", "volt-1": "Volt 1"}
ROUTES: Mapping[str, int] = {"host/bolt-2": 2, "other/bolt-2": 3, "other/volt-1": 5}
"""Route to its input price; output costs twice as much."""


def day(number: int, month: int = 3) -> datetime:
    """Noon on a day of March 2026, or of another month."""
    return datetime(2026, month, number, 12, tzinfo=UTC)


def listing(id: str, day: str | None) -> dict[str, Any]:
    """A model as models.dev writes it."""
    return {
        **{"id": id, "name": NAMES[id.rpartition("/")[2]], "release_date": "2026-01-16", "open_weights": True},
        **({} if day is None else {"last_updated": day}),
        **{"modalities": {"input": ["text"], "output": ["text"]}, "limit": {"context": 256000, "output": 8192}},
    }


def body(day: str | None = "2026-03-01", routes: Mapping[str, int] = ROUTES, **more: Any) -> bytes:
    """A document of models.dev with these routes; `more` are further fields of each route."""
    providers: dict[str, Any] = {}
    for key, price in routes.items():
        provider, _, id_ = key.partition("/")
        made = providers.setdefault(provider, {"id": provider, "name": provider.title(), "models": {}})
        made["models"][id_] = {**listing(id_, day), "cost": {"input": price, "output": 2 * price}, **more}
    models = {"acme/bolt-2": {**listing("acme/bolt-2", day), "license": "MIT"}}
    return json.dumps({"models": models, "providers": providers}).encode()


def document(day: str | None = "2026-03-01", routes: Mapping[str, int] = ROUTES, **more: Any) -> Document:
    """The same, ready to be taken in."""
    return of("models.dev", body(day, routes, **more))


def of(source: str, body: bytes) -> Document:
    """A document of a source."""
    return Document(SOURCES[source], "made up", body, PARSERS[source])


def rates(provider: str, id: str, price: int, retires: str | None = None, day: str = "2026-03-01") -> Document:
    """A document of `rates` with one route, which may retire on a day."""
    row = {
        **{"provider": provider, "id": id, "type": "chat", "price": {"input_mtok": price, "output_mtok": 2 * price}},
        "lifecycle": {"status": "active", **({} if retires is None else {"deprecation_date": retires})},
    }
    return of("rates", json.dumps({"snapshot_date": day, "models": [row]}).encode())


@contextmanager
def databases() -> Iterator[Callable[[], str]]:
    """Each call gives the address of a new database with the newest schema and nothing in it."""
    with EmbeddedPostgres.temporary() as url:
        asyncio.run(_migrated(url))
        numbers = count(1)

        def new() -> str:
            name = f"copy_{next(numbers)}"
            # A database is copied while nobody is in it, so this is said from another one.
            rows(_named(url, "postgres"), f"create database {name} template llmref")
            return _named(url, name)

        yield new


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def run_script(url: str, script: str) -> None:
    """Runs statements that are separated by semicolons."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(script)
        await connection.close()

    asyncio.run(run())


@contextmanager
def locked(url: str) -> Iterator[Callable[[], None]]:
    """Nobody can read a model, until what is given is called."""
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(url))
    loop.run_until_complete(connection.execute("begin; lock table model in access exclusive mode"))
    released = False

    def release() -> None:
        nonlocal released
        if not released:
            released = True
            loop.run_until_complete(connection.execute("rollback"))
            loop.run_until_complete(connection.close())

    try:
        yield release
    finally:
        release()
        loop.close()


async def _migrated(url: str) -> None:
    engine = write_engine(url)
    await migrate(engine)
    await engine.dispose()


async def read(engine: AsyncEngine, statement: str) -> list[tuple[Any, ...]]:
    """What one statement gives."""
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(statement))]


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    """The same by address, where no loop runs."""

    async def run() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(run())
