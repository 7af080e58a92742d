"""One deadline for many waits, by one timer: a timer for each takes a third of the time of an answer that was kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from time import monotonic
from typing import Any, TypeVar

Result = TypeVar("Result")


class Deadlines:
    """Each wait may take so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._since: dict[asyncio.Task[Any], float] = {}
        """The oldest first."""
        self._late: set[asyncio.Task[Any]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def within(self, awaiting: Awaitable[Result]) -> Result:
        """What is awaited. Raises TimeoutError where it takes too long; it is cancelled then."""
        task = asyncio.current_task()
        assert task is not None
        self._since[task] = monotonic()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.seconds, self._look)
        try:
            return await awaiting
        except asyncio.CancelledError:
            if task in self._late and not task.uncancel():
                raise TimeoutError from None
            raise
        finally:
            del self._since[task]
            self._late.discard(task)

    def _look(self) -> None:
        self._timer, now = None, monotonic()
        for task, since in self._since.items():
            if (left := since + self.seconds - now) > 0:
                self._timer = asyncio.get_running_loop().call_later(left, self._look)
                return
            if task not in self._late:
                self._late.add(task)
                task.cancel()
