"""Engines: one for reading, one for writing, both over asyncpg.

`DATABASE_URL` may be written as `postgres://`, `postgresql://` or `postgresql+asyncpg://`, see `db.address`.
"""

from __future__ import annotations

import asyncio
import time
from functools import cached_property
from typing import Any

from sqlalchemy import AsyncAdaptedQueuePool, PoolProxiedConnection, event, pool
from sqlalchemy.exc import InvalidatePoolError, MissingGreenlet
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util.concurrency import in_greenlet

from db.address import Address, address
from db.hosts import Hosts

KEPT_S = 1800
"""A connection is made anew after so long."""
KEPT_OF_SEVERAL_S = 60
"""The same where there are several hosts: how long after its return a preferred host is preferred again."""

LEAST_LIKENESS = 0.4
"""Nothing that is less alike is found by a text. Only what PostgreSQL knows as the session's threshold can go by an index."""

READING = {
    "default_transaction_read_only": "on",
    "idle_in_transaction_session_timeout": "10000",
    "pg_trgm.word_similarity_threshold": str(LEAST_LIKENESS),
    "jit": "off",
}
"""What PostgreSQL is told for every connection that reads, besides its time limit. Behind a pooler the role has to say it."""


def arguments(where: Address, name: str, settings: dict[str, str]) -> dict[str, Any]:
    """What the driver is told: what the address says, with our own: ours stand where both name a setting of the server, but for the name."""
    server_settings = {"application_name": name, **where.server_settings, **settings}
    several = {"async_creator_fn": Hosts()} if where.several else {}
    return {"timeout": 5, **where.arguments, **several, "server_settings": server_settings}


class _Pool(AsyncAdaptedQueuePool):
    """Gives a connection that is free at once. SQLAlchemy's own, when it is full, waits for a free one even where there is one, in
    a task of its own. Where nothing can be awaited, one that has to be made anew stays in the pool."""

    @cached_property
    def places(self) -> asyncio.Semaphore:
        """As many as connections, for readers to wait for: in SQLAlchemy's own queue waiting takes a greenlet, whose stack the kernel
        has to give and take back, which cost a fifth of a small answer under load."""
        return asyncio.Semaphore(self.size())

    def _do_get(self) -> Any:
        if not self.checkedin():
            return super()._do_get()
        free: Any = self._pool.get(False)
        if not in_greenlet() and not self._stands(free):
            self._pool.put(free, block=False)
            raise MissingGreenlet
        return free

    def distrust(self) -> None:
        """PostgreSQL has ended a connection, as in a restart: all that were made before now are made anew before they are used."""
        self._invalidate_time = time.time()

    def _stands(self, free: ConnectionPoolEntry) -> bool:
        made: Any = free
        alive = made.dbapi_connection is not None and not made.driver_connection.is_closed()
        return alive and made.starttime > max(self._invalidate_time, time.time() - self._recycle)


def at_hand(engine: AsyncEngine) -> PoolProxiedConnection | None:
    """A pooled connection that is free, taken without waiting for anything, which takes a fifth of the time; None where there is
    none, or one has to be made anew."""
    pooled = engine.sync_engine.pool
    try:
        return pooled.connect() if isinstance(pooled, _Pool) and pooled.checkedin() else None
    except MissingGreenlet:
        return None


async def placed(engine: AsyncEngine) -> asyncio.Semaphore | None:
    """Waits until a pooled connection should be free. What is returned is to be released with the connection. Raises NoConnection
    after as long as the pool waits itself."""
    pooled = engine.sync_engine.pool
    if not isinstance(pooled, _Pool):
        return None
    places = pooled.places
    if not places.locked():
        await places.acquire()  # which waits for nothing
        return places
    try:
        async with asyncio.timeout(pooled.timeout()):
            await places.acquire()
    except TimeoutError:
        raise NoConnection("all connections to the database are in use") from None
    return places


def distrust(engine: AsyncEngine) -> None:
    """Make every pooled connection of an engine anew before it is used."""
    pooled = engine.sync_engine.pool
    if isinstance(pooled, _Pool):
        pooled.distrust()


def read_engine(url: str, *, pool_size: int, pool_wait_s: float, statement_timeout_ms: int) -> AsyncEngine:
    """For answering. Every connection refuses to write and gives up on a statement after the timeout; the reader of an operation begins
    its transaction itself. One that the server has ended is not given out."""
    where = address(url)
    # SQLAlchemy keeps prepared statements and so does the driver: who wants none, behind a pooler, wants none in either.
    kept = where.url.query.get("prepared_statement_cache_size")
    settings = {**READING, "statement_timeout": str(statement_timeout_ms)}
    made = create_async_engine(
        where.url,
        isolation_level="AUTOCOMMIT",
        poolclass=_Pool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_wait_s,
        pool_pre_ping=False,
        pool_recycle=KEPT_OF_SEVERAL_S if where.several else KEPT_S,
        hide_parameters=True,  # an error that is logged says the statement, never what somebody asked for
        connect_args={
            **arguments(where, "llmref", settings),
            **({} if kept is None else {"statement_cache_size": int(str(kept))}),
        },
    )
    event.listen(made.sync_engine, "checkout", _alive)
    return made


def _alive(connection: Any, _record: object, _proxy: object) -> None:
    """A pooled connection that PostgreSQL has ended, as in a restart, is replaced before it is used, and all of its age with it."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


def look_engine(url: str) -> AsyncEngine:
    """For looking whether the database answers: a connection of its own each time, so that answers which have all of the pool are not
    taken for a database that is away."""
    where = address(url)
    return create_async_engine(
        where.url,
        isolation_level="AUTOCOMMIT",
        poolclass=pool.NullPool,
        connect_args=arguments(where, "llmref-look", {**READING, "statement_timeout": "3000"}),
    )


def write_engine(url: str) -> AsyncEngine:
    """For migrating and ingesting: one connection at a time, no pool."""
    where = address(url)
    settings = {"lock_timeout": "30000", "jit": "off"}
    return create_async_engine(
        where.url, poolclass=pool.NullPool, connect_args=arguments(where, "llmref-ingest", settings)
    )


def listen_engine(url: str) -> AsyncEngine:
    """For being told of new revisions, or asking for them: a connection of its own, outside of the pool."""
    where = address(url)
    return create_async_engine(
        where.url,
        poolclass=pool.NullPool,
        connect_args=arguments(where, "llmref-listen", {"statement_timeout": "5000"}),
    )
