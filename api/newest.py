"""Which state of the catalogue answers, which one is the newest, and who is told when that changes.

The two differ while a replica has not caught up.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from api.beside import beside, within
from db import listening
from db.engine import listen_engine
from db.listening import CatalogState, ask, listen

BEHIND_S = 0.5
"""How often a replica is asked that has not caught up; as often where the primary cannot tell."""


class Newest:
    """`state` is that of the database that is read; None while nobody tells: then only the database knows, and what was kept is not
    taken for current. `announced` is that of the primary, the same where no replica is read."""

    def __init__(self) -> None:
        self.state: CatalogState | None = None
        self.last: CatalogState | None = None
        """The last one that was told."""
        self.announced: CatalogState | None = None
        self.ended = asyncio.Event()
        """Set when nobody is to wait any more, because the process was asked to stop."""
        self._changed = asyncio.Event()
        self._due = asyncio.Event()

    def told(self, state: CatalogState) -> None:
        """Takes what the database that is read says. Wakes those who wait for a later revision."""
        changed = self.last is None or state.revision != self.last.revision
        self.state = self.last = state
        if changed:
            self._wake()

    def lost(self) -> None:
        """Nobody tells any more."""
        self.state = None

    def announce(self, state: CatalogState) -> None:
        """Takes what the primary says, which a replica will say in a moment."""
        if state != self.announced:
            self.announced = state
            self._due.set()

    def both(self, state: CatalogState) -> None:
        """Takes what the primary says where it is the one that is read."""
        self.announced = state
        self.told(state)

    def unannounced(self) -> None:
        """The primary is away; what it said last was said, and may no longer be the newest."""
        self.announced = None

    def behind(self, revision: int | None) -> bool:
        """Whether the primary has announced a newer revision than this one."""
        announced = self.announced
        return announced is not None and revision is not None and (announced.revision or 0) > revision

    async def due(self) -> None:
        """Returns when the replica should be asked again: at an announcement, soon where it has not caught up, else every few
        seconds."""
        caught_up = self.state is not None and self.state == self.announced
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(listening.CHECK_S if caught_up else BEHIND_S):
                await self._due.wait()
        self._due.clear()

    def end(self) -> None:
        """Wakes all for the last time."""
        self.ended.set()
        self._wake()

    async def beyond(self, revision: int) -> None:
        """Returns when a later revision is the newest, or nobody is to wait any more."""
        while not self.ended.is_set() and (self.last is None or (self.last.revision or 0) <= revision):
            await self._changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


@contextlib.asynccontextmanager
async def following_newest(url: str, newest: Newest, read_url: str | None = None) -> AsyncIterator[None]:
    """Listens to the primary, and asks the replica where one is read, beside what is done inside."""
    engines = [listen_engine(each) for each in (url, read_url) if each is not None]
    if read_url is None:
        telling = [listen(engines[0], newest.both, newest.lost)]
    else:
        telling = [
            listen(engines[0], newest.announce, newest.unannounced),
            ask(engines[1], newest.told, newest.lost, newest.due),
        ]
    try:
        async with beside(*telling):
            yield
    finally:
        await within(*(engine.dispose() for engine in engines))
