"""How fresh each source is: which attempts failed, how much it names, when it was asked, and which process asks for all replicas."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.reader import Reader
from db.tables import HELD
from db.writes import SubjectKey

LEADER = 7_203_003
"""Held by the one process that follows the schedule; any number that nobody else takes."""


async def put_failure(connection: AsyncConnection, source: str, at: datetime, why: str) -> None:
    """Note that the last attempt to get a newer document of a source failed."""
    await connection.execute(
        text("update source set last_failed_at = :at, last_failure = :why where id = :id"),
        {"id": source, "at": at, "why": why},
    )


async def forget_failure(connection: AsyncConnection, source: str) -> None:
    """Note that the last attempt did not fail."""
    await connection.execute(
        text(
            "update source set last_failed_at = null, last_failure = null"
            " where id = :id and (last_failed_at is not null or last_failure is not null)"
        ),
        {"id": source},
    )


async def put_version(connection: AsyncConnection, retrieval: int, etag: str | None, last_modified: str | None) -> None:
    """Note what its server calls the version of a document that we have."""
    await connection.execute(
        text("update retrieval set etag = :etag, last_modified = :modified where id = :id"),
        {"id": retrieval, "etag": etag, "modified": last_modified},
    )


async def held_documents(connection: AsyncConnection) -> frozenset[tuple[str, str]]:
    """The documents that are held back, by source and SHA-256."""
    rows = await connection.execute(
        text("select source_id, sha256 from retrieval where jsonb_exists(problems, :held)"), {"held": HELD}
    )
    return frozenset((row[0], row[1]) for row in rows)


async def named_now(connection: AsyncConnection, source: str) -> set[SubjectKey]:
    """Which routes and models a source names now."""
    rows = await connection.execute(
        text(
            "select j.kind, j.native_provider, j.native_id from subject j where j.source_id = :id"
            " and j.kind in ('route', 'model')"
            " and exists (select from statement s where s.subject_id = j.id and s.superseded_at is null)"
        ),
        {"id": source},
    )
    return {(kind, provider, native_id) for kind, provider, native_id in rows}


async def asked_last(connection: AsyncConnection, sources: Collection[str]) -> datetime | None:
    """When the one of these sources that was not asked for longest was asked, with success or not; None where one never was."""
    row = (
        await connection.execute(
            text(
                "select count(*), min(greatest(last_checked_at, last_failed_at)) from source"
                " where id = any(cast(:ids as text[])) and greatest(last_checked_at, last_failed_at) is not null"
            ),
            {"ids": list(sources)},
        )
    ).one()
    return row[1] if row[0] == len(set(sources)) else None


async def is_replica(reader: Reader) -> bool:
    """Whether the server that answers is a standby."""
    return bool((await reader.execute(select(func.pg_is_in_recovery())))[0][0])


class Leadership:
    """Which process of several acts: the one whose connection holds an advisory lock of PostgreSQL.

    The lock goes with the connection, however its process ends, so that another one can take it.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._held: AsyncConnection | None = None

    async def holds(self) -> bool:
        """Whether this process leads: it does already, or nobody did. Raises what the driver raises for a lost database."""
        if self._held is not None:
            try:
                await self._held.execute(text("select 1"))
            except (SQLAlchemyError, OSError):
                await self.release()
            else:
                return True
        connection = await self._engine.connect()
        try:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            leads = bool(await connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": LEADER}))
        except BaseException:
            await connection.close()
            raise
        if leads:
            self._held = connection
        else:
            await connection.close()
        return leads

    async def release(self) -> None:
        """Let another process lead."""
        held, self._held = self._held, None
        if held is not None:
            with suppress(SQLAlchemyError, OSError):
                await held.close()
