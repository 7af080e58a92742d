"""How an operation is answered, whatever brought it here: from what was kept where it is current, else computed once for all that ask
the same, within limits of time and number, and from what was kept, marked as stale, where the database is away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import orjson
from graphql import ExecutionResult
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from api.asked import Asked
from api.cache import Flights, Key, Reply, ResponseCache
from api.errors import Refused, busy, internal, masked, shown
from api.newest import Newest
from api.settings import Settings
from db.reader import Reader
from schema.answer import answer, event
from schema.subscription import Place, Step

STALE = ("llmref-stale", "true")
AWAY_S = 1
TELLERS = 4
"""Events that are computed at once, so that a new revision leaves connections and time to those who ask."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as it changes what is answered. `name` is for budgets and counts, never for an answer."""

    name: str = "anonymous"


ANONYMOUS = Caller()


@dataclass(frozen=True, slots=True)
class Told:
    """What a subscriber is told: None nothing yet. Without `step` it is the last that it is told."""

    reply: Reply | None
    step: Step | None


class Service:
    """Everything that answering needs."""

    def __init__(self, settings: Settings, engine: AsyncEngine, newest: Newest) -> None:
        self.settings, self.engine, self.newest = settings, engine, newest
        self.cache = ResponseCache(settings.response_cache_mb * 1_000_000)
        self.flights: Flights[Reply] = Flights()
        self.tellings: Flights[Told] = Flights()
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._tellers = asyncio.Semaphore(TELLERS)
        self.waiting = 0

    def kept(self, asked: Asked) -> Reply | None:
        """The answer that was kept and is current, found without waiting for anything."""
        state = self.newest.state
        return None if state is None else self.cache.get(_key(asked), state, _today())

    async def reply(self, asked: Asked) -> Reply:
        """The answer. Raises Refused where there is none, and not for the document's sake."""
        key, today = _key(asked), _today()
        try:
            return await self.flights.join((key, today), lambda: self._computed(asked, key, today))
        except Refused as refused:
            kept = self.cache.kept(key) if refused.status == 503 else None
            if kept is None:
                raise
            return replace(kept, headers=(*kept.headers, STALE))

    async def _computed(self, asked: Asked, key: Key, today: date) -> Reply:
        state = self.newest.state
        async with _Slot(self):
            reply = await self._answered(asked, today)
        # What a replica that lags has answered is right and told with its revision, and not kept as the newest.
        if state is not None and reply.keep and reply.revision in (None, state.revision):
            reply.state, reply.revision = state, state.revision
            self.cache.put(key, reply)
        return reply

    async def told(self, asked: Asked, place: Place) -> Told:
        """What a subscriber is told at its place, computed once for all that stand there. Raises Refused as `reply` does."""
        today = _today()
        return await self.tellings.join((_key(asked), place, today), lambda: self._told(asked, place, today))

    async def _answered(self, asked: Asked, today: date) -> Reply:
        async with Reader(self.engine) as reader:
            try:
                result = await self._in_time(
                    answer(
                        asked.text,
                        asked.variables,
                        operation_name=asked.operation_name,
                        reader=reader,
                        today=today,
                        record_key=self.settings.record_key,
                    )
                )
            except Refused:
                raise
            except Exception as error:
                return _failed(error)
        return _encoded(result, reader.revision, today)

    async def _told(self, asked: Asked, place: Place, today: date) -> Told:
        async with self._tellers, Reader(self.engine) as reader:
            try:
                found = await self._in_time(
                    event(
                        asked.text,
                        asked.variables,
                        place,
                        operation_name=asked.operation_name,
                        reader=reader,
                        today=today,
                        record_key=self.settings.record_key,
                    )
                )
            except Refused:
                raise
            except Exception as error:
                return Told(_failed(error), None)
        return Told(None if found.result is None else _encoded(found.result, reader.revision, today), found.step)

    async def _in_time(self, answering: Awaitable[Result]) -> Result:
        """The result. Raises Refused 503 where the database or the time is short."""
        try:
            async with asyncio.timeout(self.settings.operation_timeout_seconds):
                return await answering
        except NoConnection:
            raise busy("OVERLOADED", "All connections to the database are in use; ask again.") from None
        except TimeoutError:
            raise busy("TIMEOUT", "The request takes too long; ask for less at once, or again later.") from None
        except (SQLAlchemyError, OSError) as error:
            told = masked("DATABASE_UNAVAILABLE", error)
            raise busy("DATABASE_UNAVAILABLE", told["message"], AWAY_S) from None


def _encoded(result: ExecutionResult, revision: int | None, today: date) -> Reply:
    errors = [shown(error) for error in result.errors or ()]
    if any(error["extensions"]["code"] == "TIMEOUT" for error in errors):
        raise busy("TIMEOUT", errors[0]["message"])
    executed = result.data is not None or any(error.path is not None for error in result.errors or ())
    content: dict[str, Any] = {"errors": errors} if errors else {}
    if executed:
        content["data"] = result.data
    return Reply(
        orjson.dumps(content),
        status=200 if executed else 400,
        executed=executed,
        revision=revision,
        day=today,
        keep=executed and not internal(errors),
    )


def _failed(error: Exception) -> Reply:
    return Reply(orjson.dumps({"errors": [masked("INTERNAL_SERVER_ERROR", error)]}), 500, executed=False)


class _Slot:
    """One of the places for operations that are computed. Raises Refused 503 where none becomes free in time."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __aenter__(self) -> None:
        service = self._service
        if service.waiting >= service.settings.concurrency * 4:
            raise busy("OVERLOADED", "Too many operations at once; ask again.")
        service.waiting += 1
        try:
            async with asyncio.timeout(service.settings.pool_wait_seconds):
                await service._slots.acquire()
        except TimeoutError:
            raise busy("OVERLOADED", "Too many operations at once; ask again.") from None
        finally:
            service.waiting -= 1

    async def __aexit__(self, *_: object) -> None:
        self._service._slots.release()


def _today() -> date:
    return datetime.now(UTC).date()


def _key(asked: Asked) -> Key:
    """What is the same for all that get the same bytes."""
    packed = orjson.dumps(asked.variables, option=orjson.OPT_SORT_KEYS) if asked.variables else b""
    return (asked.text, packed, asked.operation_name)
