"""API keys and what was asked with each: a small room of its own beside the catalogue. A key is stored as a digest of its secret, so that
who reads these tables can use none of them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, delete, func, insert, pool, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import Mapped, mapped_column

from db.address import address
from db.base import Base
from db.engine import arguments
from db.reader import Away

_log = logging.getLogger("llmref")


class ApiKeyRow(Base):
    """A key. `previous_digest` is that of the secret before the last rotation, good until `previous_until`; `budget` in points a minute."""

    __tablename__ = "api_key"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    digest: Mapped[bytes]
    previous_digest: Mapped[bytes | None]
    previous_until: Mapped[datetime | None]
    scopes: Mapped[list[str]]
    budget: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class ApiKeyUsageRow(Base):
    """What was asked with a key on a day of UTC."""

    __tablename__ = "api_key_usage"
    key_id: Mapped[str] = mapped_column(ForeignKey("api_key.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    requests: Mapped[int] = mapped_column(BigInteger)
    points: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is stored; the secret is not among it."""

    id: str
    name: str
    digest: bytes
    previous_digest: bytes | None
    previous_until: datetime | None
    scopes: tuple[str, ...]
    budget: int
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def good(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Usage:
    """What was asked with a key on a day of UTC."""

    key_id: str
    day: date
    requests: int
    points: int


_COLUMNS = tuple(ApiKeyRow.__table__.columns)


def keys_engine(url: str) -> AsyncEngine:
    """For counting what keys are used for: one connection while it is needed, which gives up soon."""
    where = address(url)
    settings = {"lock_timeout": "2000", "statement_timeout": "5000", "jit": "off"}
    return create_async_engine(
        where.url, poolclass=pool.NullPool, connect_args=arguments(where, "llmref-keys", settings)
    )


class Keys:
    """Where keys are looked up: at the primary, so that one that was revoked is so at once, and where answers are read while the
    primary is away. After a failure the primary is left alone for some seconds, so that nobody waits for what is away."""

    REST_S = 5.0
    TIMEOUT_S = 1.0
    READ_TIMEOUT_S = 3.0

    def __init__(self, read: AsyncEngine, primary: AsyncEngine | None = None) -> None:
        """`primary` is None where answers are read from it."""
        self._read, self._primary = read, primary
        self._rests_until = 0.0
        self._ending: set[asyncio.Task[ApiKey | None]] = set()
        """Look-ups that nobody waits for any more."""

    @property
    def longest_s(self) -> float:
        """How long a look-up takes at most."""
        return self.READ_TIMEOUT_S + (0.0 if self._primary is None else self.TIMEOUT_S)

    async def by_id(self, id: str, away: Callable[[], bool] = lambda: False) -> ApiKey | None:
        """The key of that public id, good or not. Raises SQLAlchemyError, OSError or TimeoutError where nobody can say; while `away` says
        so, nobody is asked where answers are read."""
        if self._primary is not None and monotonic() >= self._rests_until:
            try:
                return await self._within(self.TIMEOUT_S, self._primary, id)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                self._rests_until = monotonic() + self.REST_S
                _log.warning("keys are looked up where answers are read: %s", type(error).__name__)
        if away():
            raise Away
        return await self._within(self.READ_TIMEOUT_S, self._read, id)

    async def _within(self, seconds: float, engine: AsyncEngine, id: str) -> ApiKey | None:
        """Raises TimeoutError. Closing the connection of a server that hangs takes the driver two seconds more, which nobody waits for."""
        task = asyncio.create_task(_looked_up(engine, id))
        self._ending.add(task)
        task.add_done_callback(self._ended)
        try:
            done, _ = await asyncio.wait({task}, timeout=seconds)
        finally:
            task.cancel()  # of which one that is done takes no notice
        if not done:
            raise TimeoutError
        return task.result()

    def _ended(self, task: asyncio.Task[ApiKey | None]) -> None:
        self._ending.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also where nobody waits for it

    async def aclose(self) -> None:
        """Closes the connection to the primary."""
        await asyncio.gather(*self._ending, return_exceptions=True)
        if self._primary is not None:
            await self._primary.dispose()


async def _looked_up(engine: AsyncEngine, id: str) -> ApiKey | None:
    async with engine.connect() as connection:
        return await key_by_id(connection, id)


async def key_by_id(connection: AsyncConnection, id: str) -> ApiKey | None:
    """The key of that public id, good or not."""
    found = (await connection.execute(select(*_COLUMNS).where(ApiKeyRow.id == id))).one_or_none()
    return None if found is None else _key(found)


async def all_keys(connection: AsyncConnection) -> Sequence[ApiKey]:
    """Every key, the oldest first."""
    return [_key(row) for row in await connection.execute(select(*_COLUMNS).order_by(ApiKeyRow.created_at))]


async def add_key(connection: AsyncConnection, key: ApiKey) -> None:
    """Stores a new key."""
    await connection.execute(insert(ApiKeyRow).values(**{column.key: getattr(key, column.key) for column in _COLUMNS}))


async def revoke_key(connection: AsyncConnection, id: str, now: datetime) -> ApiKey | None:
    """Makes a key useless from now on, and for ever; None where there is none. A key that was revoked stays so since then."""
    changed = update(ApiKeyRow).where(ApiKeyRow.id == id)
    changed = changed.values(revoked_at=func.coalesce(ApiKeyRow.revoked_at, now), previous_digest=None)
    found = (await connection.execute(changed.returning(*_COLUMNS))).one_or_none()
    return None if found is None else _key(found)


async def rotate_key(connection: AsyncConnection, id: str, digest: bytes, until: datetime) -> ApiKey | None:
    """Gives a key another secret; the one that it has is good until then, and an earlier one no more. None where there is no such
    key, or it was revoked."""
    changed = update(ApiKeyRow).where(ApiKeyRow.id == id, ApiKeyRow.revoked_at.is_(None))
    changed = changed.values(digest=digest, previous_digest=ApiKeyRow.digest, previous_until=until)
    found = (await connection.execute(changed.returning(*_COLUMNS))).one_or_none()
    return None if found is None else _key(found)


async def usage_since(connection: AsyncConnection, day: date) -> Sequence[Usage]:
    """What was asked with every key from that day on, by key and day."""
    columns = (ApiKeyUsageRow.key_id, ApiKeyUsageRow.day, ApiKeyUsageRow.requests, ApiKeyUsageRow.points)
    asked = select(*columns).where(ApiKeyUsageRow.day >= day).order_by(ApiKeyUsageRow.key_id, ApiKeyUsageRow.day)
    return [Usage(*row) for row in await connection.execute(asked)]


KEPT_DAYS = 400


async def count_usage(connection: AsyncConnection, used: Iterable[Usage], last: Mapping[str, datetime]) -> None:
    """Adds to what was counted, notes when each key was last used, and forgets what is over 400 days old. Keys that are gone are passed over."""
    there = set((await connection.execute(select(ApiKeyRow.id).where(ApiKeyRow.id.in_(last)))).scalars())
    # In one order everywhere, so that replicas that count at once wait for each other and never lock each other out.
    for each in sorted(used, key=lambda one: (one.key_id, one.day)):
        if each.key_id in there:
            row = {"key_id": each.key_id, "day": each.day, "requests": each.requests, "points": each.points}
            adding = upsert(ApiKeyUsageRow).values(**row)
            more = {name: getattr(ApiKeyUsageRow, name) + row[name] for name in ("requests", "points")}
            await connection.execute(adding.on_conflict_do_update(index_elements=["key_id", "day"], set_=more))
            gone = each.day - timedelta(days=KEPT_DAYS)
            await connection.execute(
                delete(ApiKeyUsageRow).where(ApiKeyUsageRow.key_id == each.key_id, ApiKeyUsageRow.day < gone)
            )
    for id in sorted(there):
        newest = func.greatest(ApiKeyRow.last_used_at, last[id])
        await connection.execute(update(ApiKeyRow).where(ApiKeyRow.id == id).values(last_used_at=newest))


def _key(row: Any) -> ApiKey:
    found = row._asdict()
    return ApiKey(**found | {"scopes": tuple(found["scopes"])})
