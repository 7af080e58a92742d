"""Which state of the catalogue this process believes to be the newest, and who is told when that changes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from db.engine import listen_engine
from db.listening import CatalogState, listen


class Newest:
    """`state` is None while nobody tells: then only the database knows, and what was kept is not taken for current."""

    def __init__(self) -> None:
        self.state: CatalogState | None = None
        self.last: CatalogState | None = None
        """The last one that was told."""
        self.ended = asyncio.Event()
        """Set when nobody is to wait any more, because the process is about to stop."""
        self._changed = asyncio.Event()

    def told(self, state: CatalogState) -> None:
        """Takes what the database says. Wakes those who wait for a later revision."""
        changed = self.last is None or state.revision != self.last.revision
        self.state = self.last = state
        if changed:
            self._wake()

    def lost(self) -> None:
        """Nobody tells any more."""
        self.state = None

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
async def following_newest(url: str, newest: Newest) -> AsyncIterator[None]:
    """Listens beside what is done inside."""
    engine = listen_engine(url)
    task = asyncio.create_task(listen(engine, newest.told, newest.lost))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await engine.dispose()
