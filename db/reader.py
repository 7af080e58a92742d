"""What one operation reads through: a connection taken at the first read, read-only, one snapshot to the end.

The first statement also asks which catalogue revision answers, so that an answer can say it without a statement of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Any

from sqlalchemy import Executable, Row, Select, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.tables import CatalogRevisionRow

REVISION = "answering_revision"
"""The extra column of the first statement; reads leave it alone."""


class UnusableValue(ValueError):
    """PostgreSQL does not take a value for what it is compared with."""


class TooSlow(TimeoutError):
    """A statement passed the statement timeout."""


class Reader:
    """One operation's view of the catalogue. Nothing is opened before the first `execute`. `alone` says that one statement is
    all that it reads: that is its own snapshot and needs no transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.alone = False
        self.isolation: set[str] = set()
        """The isolation levels at which it read."""
        self._opened = AsyncExitStack()
        self._connection: AsyncConnection | None = None
        self.statements = 0
        self.revision: int | None = None
        """The revision that answers; None before the first read, and before the first ingest."""

    async def __aenter__(self) -> Reader:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.release()

    async def release(self) -> None:
        """Gives the connection back; the snapshot ends. Losing the database now loses nothing, as all was read."""
        self._connection = None
        with suppress(DBAPIError, OSError):
            await self._opened.aclose()

    async def answering(self) -> int | None:
        """The revision that answers, asked for where nothing was read yet; None before the first ingest."""
        if self._connection is None:
            await self.execute(select(func.max(CatalogRevisionRow.id)))
        return self.revision

    async def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """All rows of a SELECT. Raises UnusableValue, TooSlow, or what the driver raises for a lost database."""
        try:
            return await self._execute(statement, parameters)
        except DBAPIError as error:
            state = getattr(error.orig, "sqlstate", None) or ""
            if state.startswith("22") or "invalid input for query argument" in str(error.orig):
                raise UnusableValue(str(error.orig)) from error
            if state == "57014":
                raise TooSlow(str(error.orig)) from error
            raise

    async def _connected(self) -> AsyncConnection:
        connection = await self._opened.enter_async_context(self.engine.connect())
        level = "AUTOCOMMIT" if self.alone else "REPEATABLE READ"
        self.isolation.add(level)
        return await connection.execution_options(isolation_level=level)

    async def _execute(
        self, statement: Executable, parameters: Mapping[str, Any] | None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        first = self._connection is None
        if self._connection is None:
            self._connection = await self._connected()
        elif self.alone:
            raise RuntimeError(
                "two statements of an operation that was to read one would see two states of the catalogue"
            )
        newest = select(func.max(CatalogRevisionRow.id)).scalar_subquery().label(REVISION)
        asked_along = False
        if first and isinstance(statement, Select):
            asked_along, statement = True, statement.add_columns(newest)
        self.statements += 1
        try:
            rows = (await self._connection.execute(statement, parameters)).all()
        except DBAPIError as error:
            if not (first and error.connection_invalidated):
                raise
            # A pooled connection does not know that its server is gone. Nothing was read through it yet: another one, once.
            await self.release()
            self._connection = await self._connected()
            rows = (await self._connection.execute(statement, parameters)).all()
        if asked_along and rows:
            self.revision = getattr(rows[0], REVISION)
        elif first:
            self.statements += 1
            self.revision = (await self._connection.execute(select(newest))).scalar()
        return rows
