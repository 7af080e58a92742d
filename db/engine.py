"""Engines: one for reading, one for writing, both over asyncpg.

`DATABASE_URL` may be written as `postgres://`, `postgresql://` or `postgresql+asyncpg://`.
"""

from __future__ import annotations

from sqlalchemy import URL, make_url, pool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def driver_url(url: str) -> URL:
    """The same address with the driver that we use. Raises ValueError where it is not a PostgreSQL address."""
    try:
        parsed = make_url(url)
    except Exception:  # SQLAlchemy raises several kinds for several kinds of nonsense
        raise ValueError("a database address; write postgresql://user:password@host/database") from None
    if parsed.drivername not in {"postgres", "postgresql", "postgresql+asyncpg"}:
        raise ValueError(f"PostgreSQL, not {parsed.drivername!r}; write postgresql://user:password@host/database")
    return parsed.set(drivername="postgresql+asyncpg")


def read_engine(url: str, *, pool_size: int, pool_wait_s: float, statement_timeout_ms: int) -> AsyncEngine:
    """For answering. Every connection refuses to write and gives up on a statement after the timeout."""
    return create_async_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_wait_s,
        pool_pre_ping=False,
        pool_recycle=1800,
        connect_args={
            "timeout": 5,
            "server_settings": {
                "application_name": "llmref",
                "default_transaction_read_only": "on",
                "statement_timeout": str(statement_timeout_ms),
                "idle_in_transaction_session_timeout": "10000",
                "jit": "off",
            },
        },
    )


def write_engine(url: str) -> AsyncEngine:
    """For migrating and ingesting: one connection at a time, no pool."""
    return create_async_engine(
        driver_url(url),
        poolclass=pool.NullPool,
        connect_args={
            "timeout": 5,
            "server_settings": {"application_name": "llmref-ingest", "lock_timeout": "30000", "jit": "off"},
        },
    )
