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
        self._changed = asyncio.Event()

    def told(self, state: CatalogState) -> None:
        """Takes what the database says. Wakes those who wait for a change."""
        changed = self.last is not None and state.revision != self.last.revision
        self.state = self.last = state
        if changed:
            self._changed.set()
            self._changed = asyncio.Event()

    def lost(self) -> None:
        """Nobody tells any more."""
        self.state = None

    async def change(self) -> None:
        """Returns when another revision has become the newest."""
        await self._changed.wait()


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
