"""What a stream carries, whatever transport it has: the one answer of a query, or the events of a subscription until the client
leaves or the process is about to stop.

A subscriber is a place in the catalogue's history and nothing else: no connection, no queue. One that is slow to take an event
finds the newest revision when it comes back, and is told all that it missed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from math import ceil

from graphql import OperationType

from api.asked import Asked
from api.cache import Reply
from api.callers import Caller
from api.errors import Refused, busy
from api.keys import QUERY, SUBSCRIBE
from api.newest import Newest
from api.observed import seen
from api.service import Service, failed
from schema.answer import prepare
from schema.subscription import Place

KEEP_ALIVE_S = 12.0
"""After so long without news a stream says that it lives; proxies end what is silent for a minute."""
SEND_S = 10.0
"""A client that takes nothing for so long is given up."""
SHARES = 4
"""One caller with a budget holds at most one part of so many of all streams, so that idle ones keep nobody else out."""
PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Before a subscriber is looked after again where the database did not answer; the last one repeats."""
LAG_S = 1.0
"""Before the catalogue is asked again that is not yet as new as was told, as a replica may be."""


class Subscriptions:
    """All streams of this process. `open` counts subscriptions and sockets."""

    def __init__(self, service: Service, newest: Newest, most: int) -> None:
        self._service, self._newest, self._most = service, newest, most
        self.open = 0
        self._held: Counter[str] = Counter()
        """Of these, by caller."""
        self.told: Counter[str] = Counter()
        """Events, by transport."""
        self._left = asyncio.Event()

    @property
    def stopping(self) -> asyncio.Event:
        """Set when the process was asked to stop: it answers what it has begun, and nobody should send it more."""
        return self._newest.ended

    def stop(self) -> None:
        """Lets all streams complete, and no further one begin."""
        self._newest.end()

    @contextlib.contextmanager
    def room(self, caller: Caller) -> Iterator[None]:
        """Room for one stream. Raises Refused: 503 where there is none, 429 where the caller has its share."""
        if self.stopping.is_set():
            raise busy("STOPPING", "This server is about to stop; connect again.")
        if self.open >= self._most:
            raise busy("TOO_MANY_STREAMS", f"All {self._most} streams of this server are in use; ask again later.", 30)
        if caller.budget is not None and self._held[caller.name] >= (share := ceil(self._most / SHARES)):
            said = (
                f"You hold {share} streams of this server, which is the most that one {caller.kind} may; end one first."
            )
            raise Refused(429, "TOO_MANY_STREAMS", said, {"retry-after": "30"})
        self.open += 1
        self._held[caller.name] += 1
        try:
            yield
        finally:
            self.open -= 1
            self._held[caller.name] -= 1
            if not self._held[caller.name]:
                del self._held[caller.name]
            self._left.set()

    async def answers(
        self, asked: Asked, caller: Caller, *, looked_at: bool = False
    ) -> AsyncGenerator[Reply | None, None]:
        """The answers of an operation; None says that it is still there, at once and whenever there was no news for a while.
        One that was not executed is the last, as where the caller's key is no longer good, or where something fails that was not
        foreseen. `looked_at`: nothing is kept, and what looking at the document takes was paid for. Raises Refused before the first."""
        try:
            async with contextlib.aclosing(self._answers(asked, caller, looked_at)) as answers:
                async for each in answers:
                    lags = each is not None and self._newest.behind(each.revision)
                    yield each.as_behind() if each is not None and lags else each
        except Refused:
            raise
        except Exception as error:
            reply = failed(error)
            seen().status = reply.status
            seen().erred(reply.codes)
            yield reply

    async def _answers(self, asked: Asked, caller: Caller, looked_at: bool) -> AsyncGenerator[Reply | None, None]:
        request = seen()
        reply = None if looked_at else self._service.kept(asked, caller)
        if reply is not None:
            request.cache = "hit"
            caller.check(QUERY, trusted=asked.trusted)
            await self._service.paid_as_kept(asked, caller)
        else:
            if not looked_at:
                await self._service.looked_at(asked, caller)
            prepared = prepare(asked.text)
            request.kind, request.deprecated = prepared.kind(asked.operation_name), prepared.deprecated
            if request.kind is not OperationType.SUBSCRIPTION:
                caller.check(QUERY, trusted=asked.trusted)
                reply, _ = await self._service.paid(asked, caller, None)
        if reply is not None:
            request.status, request.codes, request.deprecated = reply.status, reply.codes, reply.deprecated
            yield reply
            return
        caller.check(SUBSCRIBE, trusted=asked.trusted)
        with self.room(caller):
            request.status = 200
            async with contextlib.aclosing(self._events(asked, caller)) as events:
                async for each in events:
                    told = await self._checked(each, caller)
                    if told is not None:
                        request.erred(told.codes)
                        self.told[request.transport] += 1
                    yield told
                    if told is not each:
                        return

    async def _checked(self, told: Reply | None, caller: Caller) -> Reply | None:
        """What is told, or why nothing more is: the caller's key is no longer good."""
        try:
            await self._service.callers.still(caller)
        except Refused as refused:
            return refusal(refused)
        return told

    async def end(self, within_s: float) -> None:
        """Completes all streams, and waits until their clients were told, though not longer than so many seconds."""
        self.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self.open:
                    self._left.clear()
                    await self._left.wait()

    async def _events(self, asked: Asked, caller: Caller) -> AsyncGenerator[Reply | None, None]:
        place, failures = Place(), 0
        while not self.stopping.is_set():
            try:
                told = await self._service.told(asked, place, caller)
            except Refused:
                if place.revision is None:
                    raise  # before anything is sent, so that it is refused as a query is
                await self._pause(PAUSES_S[min(failures, len(PAUSES_S) - 1)])
                failures += 1
                yield None
                continue
            failures = 0
            if place.revision is None:
                yield None  # not before it has its place: whoever hears that it is there misses nothing from then on
            if told.reply is not None:
                yield told.reply
            if told.step is None:
                return
            lags, place = told.step.place == place, told.step.place
            if told.step.more:
                continue
            if lags:
                await self._pause(LAG_S)
            while not await self._newer(place):
                yield None

    async def _newer(self, place: Place) -> bool:
        """Whether something is to be done before it is time to say that the stream lives."""
        try:
            async with asyncio.timeout(KEEP_ALIVE_S):
                await self._newest.beyond(place.revision or 0)
        except TimeoutError:
            return False
        return True

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()


def refusal(refused: Refused) -> Reply:
    """A refusal as what stands for an answer."""
    return Reply(refused.body, refused.status, executed=False, codes=(refused.code,))
