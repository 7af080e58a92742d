"""How an operation is answered, whatever brought it here: from what was kept where it is current, else computed once for all that ask
the same, within limits of time and number, and from what was kept, marked as stale, where the database is away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeVar

import orjson
from graphql import ExecutionResult, OperationDefinitionNode, OperationType, strip_ignored_characters
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from api.asked import Asked
from api.budgets import KEPT_POINTS, NEW_LEAST, NEW_LETTERS, UNREAD_POINTS, Budgets, Level
from api.cache import Flights, Key, Reply, ResponseCache
from api.callers import Caller, Callers
from api.errors import Refused, busy, internal, internal_error, masked, shown
from api.newest import Newest
from api.observed import codes, seen
from api.outage import Outage
from api.settings import Settings
from api.turns import Turns
from api.usage import Counts
from db.keys import ApiKey, Keys
from db.listening import CatalogState
from db.reader import Away, Reader
from db.spans import span
from schema.answer import Answer, Chosen, Written, answer_to, choose, event, prepare
from schema.points import MAX_POINTS
from schema.subscription import Place, Step

AWAY_S = 1
LONG_ONES = 3
"""Operations that take long, of which one is read for while two are computed beside the event loop. More at once would end no sooner,
and what is read for all of them at the beginning would keep everybody else waiting."""
TELLERS = 4
"""Events that are computed at once, so that a new revision leaves connections and time to those who ask."""
SCHEMAS_BYTES = 16_000_000
"""Of answers about the schema: a dozen of the whole of it."""
_ALWAYS = CatalogState(None, "")
"""The state of what no catalogue changes."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Told:
    """What a subscriber is told: None nothing yet. Without `step` it is the last that it is told."""

    reply: Reply | None
    step: Step | None


class Service:
    """Everything that answering needs."""

    def __init__(
        self, settings: Settings, engine: AsyncEngine, newest: Newest, budgets: Budgets, keys: Keys | None = None
    ) -> None:
        self.settings, self.engine, self.newest = settings, engine, newest
        self.cache = ResponseCache(settings.response_cache_mb * 1_000_000)
        self.schemas = ResponseCache(SCHEMAS_BYTES if settings.response_cache_mb else 0)
        """What was asked about the schema itself, beside the others, which it is not to push out."""
        self.flights: Flights[Reply] = Flights()
        self.tellings: Flights[Told] = Flights()
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._tellers = asyncio.Semaphore(TELLERS)
        self.turns = Turns(max(1, settings.concurrency // 4), settings.pool_wait_seconds)
        self._long_ones = asyncio.Semaphore(LONG_ONES)
        self.waiting = self.in_use = 0
        self.outage = Outage()
        self.budgets, self.usage = budgets, Counts()
        self.keys = keys or Keys(engine)
        self.callers = Callers(self._key, budgets.take, budgets.give_back, anonymous_budget=settings.rate_limit)

    def _away(self) -> bool:
        return self.outage.known

    async def _key(self, id: str) -> ApiKey | None:
        """A key as it is stored. A look-up that waits for long is as good a reason as an operation to see whether the database hangs."""
        async with asyncio.timeout(self.keys.longest_s) as deadline:
            with self.outage.ends(deadline):
                return await self.keys.by_id(id, self._away)

    def kept(self, asked: Asked, caller: Caller) -> Reply | None:
        """The answer that was kept and is current, found without waiting for anything; none where nobody can say what is current."""
        return self._current(_key(asked, most_points(asked, caller), asked.variables))

    def _current(self, key: Key) -> Reply | None:
        state = None if self.outage.known else self.newest.state
        return None if state is None else self.cache.get(key, state, _today())

    async def paid_as_kept(self, asked: Asked, caller: Caller) -> Level | None:
        """The price of an answer that was kept. Raises Refused where the caller has not even that."""
        level = await self._taken(asked, caller, KEPT_POINTS)
        self.usage.add(caller, KEPT_POINTS)
        return level

    async def looked_at(self, asked: Asked, caller: Caller) -> Level | None:
        """The price of looking at a document, to be taken before any of it is parsed, so that who has nothing left takes no time
        either. Raises Refused."""
        return await self._taken(asked, caller, UNREAD_POINTS)

    async def _taken(self, asked: Asked, caller: Caller, points: int) -> Level | None:
        level = await self.budgets.take(caller, points)
        if asked.register is not None:
            asked.register()
        return level

    async def paid(self, asked: Asked, caller: Caller, level: Level | None) -> tuple[Reply, Level | None]:
        """The answer and what the caller has left, which is `level` after `looked_at`. What the operation may cost is taken before
        anything is read, and what it did not take is given back; who leaves meanwhile has paid all of it. Raises Refused."""
        held = UNREAD_POINTS
        limit = most_points(asked, caller)
        chosen = choose(asked.text, asked.variables, asked.operation_name, most_points=limit)
        least = _preparing(asked)
        cost: int | None = None
        try:
            if isinstance(chosen, Chosen) and chosen.points > held:
                level = await self.budgets.take(caller, chosen.points - held)
                held = chosen.points
            async with self.turns.of(caller):
                reply = await self.reply(asked, chosen, limit)
            cost = UNREAD_POINTS if reply.points is None else max(least, reply.points)
        except Refused as refused:
            cost = held if refused.code == "TIMEOUT" else KEPT_POINTS  # what it took is gone
            if cost < held:
                level, held = await self.budgets.give_back(caller, held - cost) or level, cost
            if refused.status == 429 and level is not None:  # the one that has no turn; a budget has said its own
                refused.headers = {**level.headers(), **refused.headers}
            raise
        finally:
            if cost is not None and cost < held:
                level = await self.budgets.give_back(caller, held - cost) or level
            self.usage.add(caller, held if cost is None else cost)
        return reply, level

    async def reply(self, asked: Asked, chosen: Chosen | Answer, limit: int) -> Reply:
        """The answer. Raises Refused where there is none, and not for the document's sake."""
        variables = chosen.variables if isinstance(chosen, Chosen) else asked.variables
        key, today = _key(asked, limit, variables), _today()
        if len(variables) < len(asked.variables) and (found := self._current(key)) is not None:
            seen().cache = "hit"
            return found
        if isinstance(chosen, Chosen) and chosen.introspects:
            several = sum(isinstance(each, OperationDefinitionNode) for each in chosen.document.definitions) > 1
            key = (_without_comments(asked.text), key[1], asked.operation_name if several else None, limit)
            if (found := self.schemas.get(key, _ALWAYS, today)) is not None:
                seen().cache = "hit"
                return found
        seen().cache = "joined"
        try:
            if not self.settings.response_cache_mb:  # each asks for itself
                return await self._computed(chosen, limit, key, today)
            return await self.flights.join((key, today), lambda: self._computed(chosen, limit, key, today))
        except Refused as refused:
            kept = self.cache.kept(key) if refused.status == 503 else None
            if kept is None:
                raise
            seen().cache = "stale"
            return kept.as_stale()

    async def _computed(self, chosen: Chosen | Answer, limit: int, key: Key, today: date) -> Reply:
        seen().cache = "miss"
        if isinstance(chosen, Answer):
            return _encoded(chosen, None, today, limit)
        state = self.newest.state
        async with _Slot(self):
            reply = await self._answered(chosen, limit, today)
            reply.deprecated = chosen.deprecated
        if chosen.introspects:
            if reply.keep:
                reply.state = _ALWAYS
                self.schemas.put(key, replace(reply, points=UNREAD_POINTS))
            return reply
        # What a replica that lags has answered is right and told with its revision, and not kept as the newest.
        if state is not None and reply.keep and reply.revision in (None, state.revision):
            reply.state, reply.revision = state, state.revision
            self.cache.put(key, reply)
        return reply

    async def told(self, asked: Asked, place: Place, caller: Caller) -> Told:
        """What a subscriber is told at its place, computed once for all that stand there; each pays what it took. Raises Refused
        as `paid` does."""
        today, limit = _today(), most_points(asked, caller)
        chosen = choose(
            asked.text, asked.variables, asked.operation_name, kind=OperationType.SUBSCRIPTION, most_points=limit
        )
        # Who leaves meanwhile has paid all of it.
        held = cost = chosen.points if isinstance(chosen, Chosen) else KEPT_POINTS
        await self.budgets.take(caller, held)
        try:
            variables = chosen.variables if isinstance(chosen, Chosen) else asked.variables
            key = (_key(asked, limit, variables), place, today)
            told = await self.tellings.join(key, lambda: self._told(asked, place, today, limit))
            cost = 0 if told.reply is None else max(KEPT_POINTS, told.reply.points or 0)
        except Refused as refused:
            cost = held if refused.code == "TIMEOUT" else 0  # what it took is gone
            raise
        finally:
            if cost < held:
                await self.budgets.give_back(caller, held - cost)
            self.usage.add(caller, cost)
        return told

    async def _answered(self, chosen: Chosen, limit: int, today: date) -> Reply:
        async with Reader(self.engine, self._away) as reader:
            try:
                result = await self._in_time(self._in_turn(chosen, reader, today))
            except Refused:
                raise
            except Exception as error:
                return failed(error)
            finally:
                seen().statements = reader.statements
        return _encoded(result, reader.revision, today, limit)

    async def _in_turn(self, chosen: Chosen, reader: Reader, today: date) -> Answer:
        async with self._long_ones if chosen.takes_long else nullcontext():
            return await answer_to(chosen, reader=reader, today=today, record_key=self.settings.record_key)

    async def _told(self, asked: Asked, place: Place, today: date, limit: int) -> Told:
        async with self._tellers, Reader(self.engine, self._away) as reader:
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
                        most_points=limit,
                    )
                )
            except Refused:
                raise
            except Exception as error:
                return Told(failed(error), None)
            finally:
                seen().statements += reader.statements
        return Told(None if found.result is None else _encoded(found.result, reader.revision, today, limit), found.step)

    async def _in_time(self, answering: Awaitable[Result]) -> Result:
        """The result. Raises Refused 503 where the database or the time is short."""
        try:
            async with asyncio.timeout(self.settings.operation_timeout_seconds) as deadline:
                with self.outage.ends(deadline):
                    return await answering
        except Away:
            raise _unanswered() from None
        except NoConnection:
            if self.outage.known:
                raise _unanswered() from None
            raise busy("OVERLOADED", "All connections to the database are in use; ask again.") from None
        except TimeoutError:
            if self.outage.known:
                raise _unanswered() from None
            raise busy("TIMEOUT", "The request takes too long; ask for less at once, or again later.") from None
        except (SQLAlchemyError, OSError) as error:
            told = masked("DATABASE_UNAVAILABLE", error)
            raise busy("DATABASE_UNAVAILABLE", told["message"], AWAY_S) from None


def _unanswered() -> Refused:
    return busy("DATABASE_UNAVAILABLE", "The database does not answer; ask again.", AWAY_S)


def _encoded(result: ExecutionResult, revision: int | None, today: date, limit: int) -> Reply:
    errors = [shown(error) for error in result.errors or ()]
    if any(error["extensions"]["code"] == "TIMEOUT" for error in errors):
        raise busy("TIMEOUT", errors[0]["message"])
    executed = (
        isinstance(result, Written)
        or result.data is not None
        or any(error.path is not None for error in result.errors or ())
    )
    content: dict[str, Any] = {"errors": errors} if errors else {}
    if executed:
        content["data"] = orjson.Fragment(result.encoded) if isinstance(result, Written) else result.data
    cost = (
        {"estimated": result.estimated, "actual": result.actual, "limit": limit} if isinstance(result, Answer) else {}
    )
    if executed or cost.get("estimated"):
        content["extensions"] = {"cost": cost}
    if isinstance(result, Answer):
        seen().estimated, seen().points = result.estimated, result.actual
    with span("graphql.encode"):
        body = orjson.dumps(content)
    return Reply(
        body,
        status=200 if executed else 400,
        executed=executed,
        revision=revision,
        day=today,
        keep=executed and not internal(errors),
        points=cost.get("actual") if executed else None,
        codes=codes(errors),
    )


def _preparing(asked: Asked) -> int:
    """What an operation costs at least: the first one of a document pays for its being prepared."""
    known = prepare(asked.text).asked
    if known or asked.trusted:
        return KEPT_POINTS
    known.append(True)
    return min(UNREAD_POINTS, max(NEW_LEAST, len(asked.text) // NEW_LETTERS))


def most_points(asked: Asked, caller: Caller) -> int:
    """How many points the operation may cost: one of our own documents as many as any, whoever asks; nothing may cost more than a
    whole minute's budget, for which one would wait for ever."""
    most = MAX_POINTS if asked.trusted else caller.most_points
    return most if caller.budget is None else min(most, caller.budget)


def failed(error: Exception) -> Reply:
    """What stands for an answer where something failed that was not foreseen."""
    return Reply(internal_error(error), 500, executed=False, codes=("INTERNAL_SERVER_ERROR",))


class _Slot:
    """One of the places for operations that are computed. Raises Refused 503 where none becomes free in time."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __aenter__(self) -> None:
        service = self._service
        if service.waiting >= service.settings.concurrency * 4:
            raise busy("OVERLOADED", "Too many operations at once; ask again.")
        if service._slots.locked():
            await self._wait()
        else:
            await service._slots.acquire()  # which waits for nothing
        service.in_use += 1

    async def _wait(self) -> None:
        service = self._service
        service.waiting += 1
        try:
            async with asyncio.timeout(service.settings.pool_wait_seconds):
                await service._slots.acquire()
        except TimeoutError:
            raise busy("OVERLOADED", "Too many operations at once; ask again.") from None
        finally:
            service.waiting -= 1

    async def __aexit__(self, *_: object) -> None:
        self._service.in_use -= 1
        self._service._slots.release()


@lru_cache(maxsize=64)
def _without_comments(text: str) -> str:
    """The same for documents that differ in comments and spaces alone, so that none of them is answered anew for these."""
    return strip_ignored_characters(text)


def _today() -> date:
    return datetime.now(UTC).date()


def _key(asked: Asked, limit: int, variables: Mapping[str, Any]) -> Key:
    """What is the same for all that get the same bytes; the limit is told in them."""
    packed = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS) if variables else b""
    return (asked.text, packed, asked.operation_name, limit)
