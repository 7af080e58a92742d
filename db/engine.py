"""Engines: one for reading, one for writing, both over asyncpg.

`DATABASE_URL` may be written as `postgres://`, `postgresql://` or `postgresql+asyncpg://`, see `db.address`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, pool
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from db.address import Address, address


def _arguments(where: Address, name: str, settings: dict[str, str]) -> dict[str, Any]:
    """What the address says, with our own: ours stand where both name a setting of the server, but for the name."""
    server_settings = {"application_name": name, **where.server_settings, **settings}
    return {"timeout": 5, **where.arguments, "server_settings": server_settings}


def read_engine(url: str, *, pool_size: int, pool_wait_s: float, statement_timeout_ms: int) -> AsyncEngine:
    """For answering. Every connection refuses to write and gives up on a statement after the timeout; the reader of an operation begins
    its transaction itself. One that the server has ended is not given out."""
    where = address(url)
    # SQLAlchemy keeps prepared statements and so does the driver: who wants none, behind a pooler, wants none in either.
    kept = where.url.query.get("prepared_statement_cache_size")
    settings = {
        "default_transaction_read_only": "on",
        "statement_timeout": str(statement_timeout_ms),
        "idle_in_transaction_session_timeout": "10000",
        "jit": "off",
    }
    made = create_async_engine(
        where.url,
        isolation_level="AUTOCOMMIT",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_wait_s,
        pool_pre_ping=False,
        pool_recycle=1800,
        connect_args={
            **_arguments(where, "llmref", settings),
            **({} if kept is None else {"statement_cache_size": int(str(kept))}),
        },
    )
    event.listen(made.sync_engine, "checkout", _alive)
    return made


def _alive(connection: Any, *_: Any) -> None:
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def write_engine(url: str) -> AsyncEngine:
    """For migrating and ingesting: one connection at a time, no pool."""
    where = address(url)
    settings = {"lock_timeout": "30000", "jit": "off"}
    return create_async_engine(
        where.url, poolclass=pool.NullPool, connect_args=_arguments(where, "llmref-ingest", settings)
    )


def listen_engine(url: str) -> AsyncEngine:
    """For being told of new revisions: one connection of its own, outside of the pool."""
    where = address(url)
    return create_async_engine(
        where.url,
        poolclass=pool.NullPool,
        connect_args=_arguments(where, "llmref-listen", {"statement_timeout": "5000"}),
    )
