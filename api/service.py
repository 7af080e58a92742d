"""How an operation is answered, whatever brought it here: from what was kept where it is current, else computed once for all that ask
the same, within limits of time and number, and from what was kept, marked as stale, where the database is away.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from api.asked import Asked
from api.cache import Flights, Key, Reply, ResponseCache
from api.errors import Refused, busy, internal, masked, shown
from api.newest import Newest
from api.observed import codes, seen
from api.settings import Settings
from db.reader import Reader
from db.spans import span
from schema.answer import answer

STALE = ("llmref-stale", "true")
AWAY_S = 1


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as it changes what is answered. `name` is for budgets and counts, never for an answer."""

    name: str = "anonymous"


ANONYMOUS = Caller()


class Service:
    """Everything that answering needs."""

    def __init__(self, settings: Settings, engine: AsyncEngine, newest: Newest) -> None:
        self.settings, self.engine, self.newest = settings, engine, newest
        self.cache = ResponseCache(settings.response_cache_mb * 1_000_000)
        self.flights = Flights()
        self._slots = asyncio.Semaphore(settings.concurrency)
        self.waiting = self.in_use = 0

    def kept(self, asked: Asked) -> Reply | None:
        """The answer that was kept and is current, found without waiting for anything."""
        state = self.newest.state
        return None if state is None else self.cache.get(_key(asked), state, _today())

    async def reply(self, asked: Asked) -> Reply:
        """The answer. Raises Refused where there is none, and not for the document's sake."""
        key, today = _key(asked), _today()
        seen().cache = "joined"
        try:
            return await self.flights.join((key, today), lambda: self._computed(asked, key, today))
        except Refused as refused:
            kept = self.cache.kept(key) if refused.status == 503 else None
            if kept is None:
                raise
            seen().cache = "stale"
            return replace(kept, headers=(*kept.headers, STALE))

    async def _computed(self, asked: Asked, key: Key, today: date) -> Reply:
        seen().cache = "miss"
        state = self.newest.state
        async with _Slot(self):
            reply = await self._answered(asked, today)
        # What a replica that lags has answered is right and told with its revision, and not kept as the newest.
        if state is not None and reply.keep and reply.revision in (None, state.revision):
            reply.state, reply.revision = state, state.revision
            self.cache.put(key, reply)
        return reply

    async def _answered(self, asked: Asked, today: date) -> Reply:
        async with Reader(self.engine) as reader:
            try:
                async with asyncio.timeout(self.settings.operation_timeout_seconds):
                    result = await answer(
                        asked.text,
                        asked.variables,
                        operation_name=asked.operation_name,
                        reader=reader,
                        today=today,
                        record_key=self.settings.record_key,
                    )
            except NoConnection:
                raise busy("OVERLOADED", "All connections to the database are in use; ask again.") from None
            except TimeoutError:
                raise busy("TIMEOUT", "The request takes too long; ask for less at once, or again later.") from None
            except (SQLAlchemyError, OSError) as error:
                told = masked("DATABASE_UNAVAILABLE", error)
                raise busy("DATABASE_UNAVAILABLE", told["message"], AWAY_S) from None
            except Exception as error:
                told = masked("INTERNAL_SERVER_ERROR", error)
                return Reply(orjson.dumps({"errors": [told]}), 500, executed=False, codes=codes([told]))
            finally:
                seen().statements = reader.statements
        seen().estimated, seen().points = result.estimated, result.actual
        errors = [shown(error) for error in result.errors or ()]
        if any(error["extensions"]["code"] == "TIMEOUT" for error in errors):
            raise busy("TIMEOUT", errors[0]["message"])
        executed = result.data is not None or any(error.path is not None for error in result.errors or ())
        content: dict[str, Any] = {"errors": errors} if errors else {}
        if executed:
            content["data"] = result.data
        with span("graphql.encode"):
            body = orjson.dumps(content)
        return Reply(
            body,
            status=200 if executed else 400,
            executed=executed,
            revision=reader.revision,
            day=today,
            keep=executed and not internal(errors),
            codes=codes(errors),
        )


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
        service.in_use += 1

    async def __aexit__(self, *_: object) -> None:
        self._service.in_use -= 1
        self._service._slots.release()


def _today() -> date:
    return datetime.now(UTC).date()


def _key(asked: Asked) -> Key:
    """What is the same for all that get the same bytes."""
    packed = orjson.dumps(asked.variables, option=orjson.OPT_SORT_KEYS) if asked.variables else b""
    return (asked.text, packed, asked.operation_name)
