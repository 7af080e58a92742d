"""What one operation reads through: a connection taken at the first read, read-only, one snapshot to the end.

The first statement also asks which catalogue revision answers, so that an answer can say it without a statement of its own. Statements
that are always the same but for their values are written out once and run on the driver itself (`fetch`); the others, which are put
together from what was asked, by SQLAlchemy (`execute`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from types import TracebackType
from typing import Any

import asyncpg
from sqlalchemy import Connection, Executable, PoolProxiedConnection, Result, Row, Select, func, select
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.engine import at_hand, distrust, placed
from db.tables import CatalogRevisionRow

REVISION = "answering_revision"
"""The extra column of the first statement; reads leave it alone."""


class UnusableValue(ValueError):
    """PostgreSQL does not take a value for what it is compared with."""


class TooSlow(TimeoutError):
    """A statement passed the statement timeout."""


class Lost(OSError):
    """The database went away, or refused a statement for no fault of its values."""


class Away(Lost):
    """The database is known not to answer, and was not asked."""


class NoTables(Lost):
    """The database has not the tables of this version."""


STRAY_S = 0.2
"""Who leaves has its statement cancelled. PostgreSQL may learn of that when the statement has ended, and the connection has another
reader: a first statement that is cancelled so soon was not too slow, and is sent once more."""
_CANCELLED = "57014"
ROLLBACK_S = 1.0
"""A server that does not even end a transaction within so long has lost its connection."""
_REFUSED = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the driver raises."""
_NEWEST = select(func.max(CatalogRevisionRow.id)).scalar_subquery().label(REVISION)
_BEGIN = "begin isolation level repeatable read read only"
_DIALECT: Any = dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class SqlText:
    """A SELECT as the driver takes it: its text, the names of its parameters in their order, and those values that are known."""

    text: str
    names: tuple[str, ...]
    values: Mapping[str, Any]


ANSWERING = "(select max(id) from catalog_revision) as answering_revision"
"""The last column of a SELECT that is written out and is the first statement."""


def written(statement: Select[Any]) -> SqlText:
    """A statement written out."""
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    known = {name: value for name, value in compiled.params.items() if value is not None}
    return SqlText(str(compiled), tuple(compiled.positiontup or ()), known)


@lru_cache(maxsize=256)
def _written(statement: Select[Any], first: bool) -> SqlText:
    return written(statement.add_columns(_NEWEST) if first else statement)


class Record(asyncpg.Record):
    """A row of the driver: its columns by place, by name in brackets, and, where few are read, as attributes."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


class Reader:
    """One operation's view of the catalogue. Nothing is opened before the first read. `alone` says that one statement is
    all that it reads: that is its own snapshot and needs no transaction. While `away` says so, nothing is asked."""

    def __init__(self, engine: AsyncEngine, away: Callable[[], bool] = lambda: False) -> None:
        self.engine, self._away = engine, away
        self.alone = False
        self.isolation: set[str] = set()
        """The isolation levels at which it read."""
        self._place: asyncio.Semaphore | None = None
        self._pooled: PoolProxiedConnection | None = None
        self._connection: AsyncConnection | None = None
        """The same as SQLAlchemy executes on it, once that is wanted."""
        self._driver: Any = None
        self._begun = False
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
        place, pooled, connection = self._place, self._pooled, self._connection
        self._place = self._pooled = self._connection = None
        try:
            if pooled is not None:
                await self._given_back(pooled, connection)
        finally:
            if place is not None:
                place.release()

    async def _given_back(self, pooled: PoolProxiedConnection, connection: AsyncConnection | None) -> None:
        ended = False
        try:
            if self._begun:
                self._begun = False
                await self._driver.execute("rollback", timeout=ROLLBACK_S)
            ended = True
        except (*_REFUSED, OSError):
            pass
        finally:
            # Nobody else may get it in the middle of a transaction.
            if connection is None:
                pooled.close() if ended else pooled.invalidate()
            else:
                if not ended:
                    await connection.invalidate()
                await connection.close()

    async def answering(self) -> int | None:
        """The revision that answers, asked for where nothing was read yet; None before the first ingest."""
        if self._pooled is None:
            await self.execute(select(func.max(CatalogRevisionRow.id)))
        return self.revision

    async def fetch(self, statement: Select[Any] | SqlText, **values: Any) -> Sequence[Any]:
        """All rows of a SELECT that is the same object each time, as `Record`s; what is written out already ends with `ANSWERING`.
        `values` are those of its `bindparam`s. Raises UnusableValue, TooSlow or Lost."""
        first = await self._open()
        sql = statement if isinstance(statement, SqlText) else _written(statement, first)
        self.statements += 1
        given = [values[name] if name in values else sql.values[name] for name in sql.names]
        try:
            rows: Sequence[Any] = await self._sent(
                first, lambda: self._driver.fetch(sql.text, *given, record_class=Record)
            )
        except _REFUSED as error:
            lost = NoTables if getattr(error, "sqlstate", None) == "42P01" else Lost
            raise _told(error) or lost(str(error)) from error
        if first:
            await self._answered(rows[0][-1] if rows else None, bool(rows))
        return rows

    async def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """All rows of a SELECT. Raises UnusableValue, TooSlow, or what the driver raises for a lost database."""
        first = await self._open()
        asked_along = first and isinstance(statement, Select)
        if asked_along:
            assert isinstance(statement, Select)
            statement = statement.add_columns(_NEWEST)
        self.statements += 1
        try:
            found: Result[Any] = await self._sent(first, lambda: self._executed(statement, parameters))
            rows = found.all()
        except DBAPIError as error:
            if (told := _told(error.orig)) is not None:
                raise told from error
            raise
        if first:
            known = asked_along and bool(rows)
            await self._answered(getattr(rows[0], REVISION) if known else None, known)
        return rows

    async def _open(self) -> bool:
        """Whether this is the first statement, for which the connection is taken."""
        if self._pooled is not None:
            if self.alone:
                raise RuntimeError(
                    "two statements of an operation that was to read one would see two states of the catalogue"
                )
            return False
        if self._away():
            raise Away("the database is known not to answer")
        try:
            await self._take()
        except Lost:
            distrust(self.engine)
            await self.release()
            await self._take()
        return True

    async def _take(self) -> None:
        self._place = await placed(self.engine)
        self._pooled = at_hand(self.engine)
        if self._pooled is None:
            self._connection = await self.engine.connect()
            assert self._connection.sync_connection is not None
            self._pooled = self._connection.sync_connection.connection
        self._driver = self._pooled.driver_connection
        self.isolation.add("AUTOCOMMIT" if self.alone else "REPEATABLE READ")
        if not self.alone:
            self._begun = True
            try:
                await self._begin()
            except _REFUSED as error:
                raise Lost(str(error)) from error

    async def _begin(self) -> None:
        try:
            await self._driver.execute(_BEGIN)
        except asyncpg.QueryCanceledError:  # which was meant for who left, see `STRAY_S`
            await self._driver.execute(_BEGIN)

    async def _sent(self, first: bool, send: Callable[[], Awaitable[Any]]) -> Any:
        """What a statement gives. A pooled connection does not know that its server is gone: where nothing was read through it
        yet, another one is taken, once."""
        began = monotonic()
        try:
            return await send()
        except asyncpg.InternalClientError:  # it is about to learn that it was ended, and sent nothing
            if not first:
                raise
        except (DBAPIError, *_REFUSED) as error:
            if first and _sqlstate(error) == _CANCELLED and monotonic() - began < STRAY_S:
                await self.release()
                await self._take()
                return await send()
            if not (first and self._driver.is_closed()):
                raise
        distrust(self.engine)
        await self.release()
        await self._take()
        return await send()

    async def _executed(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Result[Any]:
        if self._connection is None:
            self._connection = AsyncConnection(self.engine, Connection(self.engine.sync_engine, self._pooled))
        return await self._connection.execute(statement, parameters)

    async def _answered(self, revision: int | None, known: bool) -> None:
        """Keep which revision answers; a first statement without rows did not tell."""
        self.revision = revision
        if not known:
            self.statements += 1
            self.revision = (await self._executed(select(_NEWEST))).scalar()


def _sqlstate(error: Any) -> str:
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""


def _told(cause: Any) -> Exception | None:
    """What is said of an error that is the fault of what was asked."""
    state = _sqlstate(cause)
    if state.startswith("22") or "invalid input for query argument" in str(cause):
        return UnusableValue(str(cause))
    return TooSlow(str(cause)) if state == _CANCELLED else None
