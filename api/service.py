"""How an operation is answered, whatever brought it here: from what was kept where it is current, else computed once for all that ask
the same, within limits of time and number, and from what was kept, marked as stale, where the database is away.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import orjson
from graphql import ExecutionResult
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from api.asked import Asked
from api.budgets import KEPT_POINTS, UNREAD_POINTS, Budgets, Level
from api.cache import Flights, Key, Reply, ResponseCache
from api.callers import Caller, Callers
from api.errors import Refused, busy, internal, masked, shown
from api.newest import Newest
from api.settings import Settings
from api.usage import Counts
from db.keys import ApiKey, key_by_id
from db.reader import Reader
from schema.answer import Chosen, answer_to, choose
from schema.points import MAX_POINTS

STALE = ("llmref-stale", "true")
AWAY_S = 1


class Service:
    """Everything that answering needs."""

    def __init__(self, settings: Settings, engine: AsyncEngine, newest: Newest, budgets: Budgets) -> None:
        self.settings, self.engine, self.newest = settings, engine, newest
        self.cache = ResponseCache(settings.response_cache_mb * 1_000_000)
        self.flights = Flights()
        self._slots = asyncio.Semaphore(settings.concurrency)
        self.waiting = 0
        self.budgets, self.usage = budgets, Counts()
        self.callers = Callers(self._key_by_id, budgets.take, budgets.give_back, anonymous_budget=settings.rate_limit)

    def kept(self, asked: Asked, caller: Caller) -> Reply | None:
        """The answer that was kept and is current, found without waiting for anything."""
        state = self.newest.state
        return None if state is None else self.cache.get(_key(asked, most_points(asked, caller)), state, _today())

    async def paid_as_kept(self, caller: Caller) -> Level | None:
        """The price of an answer that was kept. Raises Refused where the caller has not even that."""
        level = await self.budgets.take(caller, KEPT_POINTS)
        self.usage.add(caller, KEPT_POINTS)
        return level

    async def paid(self, asked: Asked, caller: Caller) -> tuple[Reply, Level | None]:
        """The answer and what the caller has left. What the operation may cost is taken before anything is read, and what it
        did not take is given back; who leaves meanwhile has paid all of it. Raises Refused."""
        level, held = await self.budgets.take(caller, UNREAD_POINTS), UNREAD_POINTS
        chosen, limit = choose(asked.text, asked.variables, asked.operation_name), most_points(asked, caller)
        cost: int | None = None
        try:
            if isinstance(chosen, Chosen) and UNREAD_POINTS < chosen.points <= limit:
                level = await self.budgets.take(caller, chosen.points - held)
                held = chosen.points
            reply = await self.reply(asked, chosen, limit)
            cost = UNREAD_POINTS if reply.points is None else max(KEPT_POINTS, reply.points)
        except Refused:
            cost = KEPT_POINTS
            raise
        finally:
            if cost is not None and cost < held:
                level = await self.budgets.give_back(caller, held - cost) or level
            self.usage.add(caller, held if cost is None else cost)
        return reply, level

    async def reply(self, asked: Asked, chosen: Chosen | ExecutionResult, limit: int) -> Reply:
        """The answer. Raises Refused where there is none, and not for the document's sake."""
        key, today = _key(asked, limit), _today()
        try:
            return await self.flights.join((key, today), lambda: self._computed(chosen, limit, key, today))
        except Refused as refused:
            kept = self.cache.kept(key) if refused.status == 503 else None
            if kept is None:
                raise
            return replace(kept, headers=(*kept.headers, STALE), points=KEPT_POINTS)

    async def _key_by_id(self, id: str) -> ApiKey | None:
        async with self.engine.connect() as connection:
            return await key_by_id(connection, id)

    async def _computed(self, chosen: Chosen | ExecutionResult, limit: int, key: Key, today: date) -> Reply:
        if isinstance(chosen, ExecutionResult):
            return _encoded(chosen, {})
        state = self.newest.state
        async with _Slot(self):
            reply = await self._answered(chosen, limit, today)
        # What a replica that lags has answered is right and told with its revision, and not kept as the newest.
        if state is not None and reply.keep and reply.revision in (None, state.revision):
            reply.state, reply.revision = state, state.revision
            self.cache.put(key, reply)
        return reply

    async def _answered(self, chosen: Chosen, limit: int, today: date) -> Reply:
        async with Reader(self.engine) as reader:
            try:
                async with asyncio.timeout(self.settings.operation_timeout_seconds):
                    result = await answer_to(
                        chosen,
                        reader=reader,
                        today=today,
                        record_key=self.settings.record_key,
                        most_points=limit,
                    )
            except NoConnection:
                raise busy("OVERLOADED", "All connections to the database are in use; ask again.") from None
            except TimeoutError:
                raise busy("TIMEOUT", "The request takes too long; ask for less at once, or again later.") from None
            except (SQLAlchemyError, OSError) as error:
                told = masked("DATABASE_UNAVAILABLE", error)
                raise busy("DATABASE_UNAVAILABLE", told["message"], AWAY_S) from None
            except Exception as error:
                return Reply(orjson.dumps({"errors": [masked("INTERNAL_SERVER_ERROR", error)]}), 500, executed=False)
        # How many points it took is not counted yet: what it may take at most stands for it.
        reply = _encoded(result, {"cost": {"estimated": chosen.points, "limit": limit}})
        reply.revision, reply.day, reply.deprecated = reader.revision, today, chosen.prepared.deprecated
        reply.points = chosen.points if reply.executed else None
        return reply


def _encoded(result: ExecutionResult, extensions: dict[str, Any]) -> Reply:
    errors = [shown(error) for error in result.errors or ()]
    executed = result.data is not None or any(error.path is not None for error in result.errors or ())
    content: dict[str, Any] = {"errors": errors} if errors else {}
    if executed:
        content["data"] = result.data
    if extensions:
        content["extensions"] = extensions
    return Reply(
        orjson.dumps(content),
        status=200 if executed else 400,
        executed=executed,
        keep=executed and not internal(errors),
    )


def most_points(asked: Asked, caller: Caller) -> int:
    """How many points the operation may cost: one of our own documents as many as any, whoever asks."""
    return MAX_POINTS if asked.trusted else caller.most_points


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


def _key(asked: Asked, limit: int) -> Key:
    """What is the same for all that get the same bytes; the limit is told in them."""
    packed = orjson.dumps(asked.variables, option=orjson.OPT_SORT_KEYS) if asked.variables else b""
    return (asked.text, packed, asked.operation_name, limit)
