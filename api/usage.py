"""What is asked with each key, counted here and written once a minute: a request never waits for it, and never fails by it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from api.beside import beside, within
from api.callers import Caller
from db.keys import Usage, count_usage, keys_engine

EVERY_S = 60.0
LAST_S = 1.0
"""How long the last writing may take when the process ends."""
_log = logging.getLogger("llmref")


class Counts:
    """Counted since the last writing."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, date], list[int]] = {}
        self._last: dict[str, datetime] = {}

    def add(self, caller: Caller, points: int) -> None:
        """One request of a caller, which is counted where it has a key."""
        if caller.key is None:
            return
        now = datetime.now(UTC)
        count = self._counts.setdefault((caller.key, now.date()), [0, 0])
        count[0] += 1
        count[1] += points
        self._last[caller.key] = now

    async def write(self, engine: AsyncEngine) -> bool:
        """Writes what was counted; what cannot be written is kept for the next time. Whether all is written."""
        counts, last = self._counts, self._last
        if not counts:
            return True
        self._counts, self._last = {}, {}
        used = [Usage(key, day, requests, points) for (key, day), (requests, points) in counts.items()]
        written = False
        try:
            async with engine.begin() as connection:
                await count_usage(connection, used, last)
            written = True
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("usage of keys cannot be written now: %r", error)
        finally:
            if not written:
                self._again(counts, last)
        return written

    def _again(self, counts: dict[tuple[str, date], list[int]], last: dict[str, datetime]) -> None:
        for key, (requests, points) in counts.items():
            count = self._counts.setdefault(key, [0, 0])
            count[0] += requests
            count[1] += points
        self._last = last | self._last


@contextlib.asynccontextmanager
async def counting(url: str, counts: Counts) -> AsyncIterator[None]:
    """Writes beside what is done inside, and once more at its end."""
    engine = keys_engine(url)

    async def write() -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await counts.write(engine)

    try:
        async with beside(write()):
            yield
    finally:
        await within(counts.write(engine), seconds=LAST_S)
        await within(engine.dispose())
