"""Tasks that run beside something and end with it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

END_S = 0.5
"""What a work has for its own end. Closing a connection to a database that hangs would never end."""


@contextlib.asynccontextmanager
async def beside(*works: Coroutine[Any, Any, None], seconds: float = END_S) -> AsyncIterator[None]:
    """Runs each beside what is done inside; at its end they are cancelled, and have so long to come to their own ends. One that failed
    before raises there what it raised."""
    tasks = [asyncio.create_task(each) for each in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await _ended(tasks, seconds)


async def within(*works: Coroutine[Any, Any, object], seconds: float = END_S) -> None:
    """Does all at once, for so long at most; what takes longer is cancelled, and nobody waits for it."""
    await _ended([asyncio.create_task(each) for each in works], seconds)


async def _ended(tasks: list[asyncio.Task[Any]], seconds: float) -> None:
    done, late = await asyncio.wait(tasks, timeout=seconds) if tasks else (set(), set())
    for task in late:
        task.cancel()
    for task in done:
        if not task.cancelled():
            task.result()
