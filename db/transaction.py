"""One transaction that ends when its server does. The driver's bulk writing alone would wait for ever: it waits to be
allowed to write, and a connection that was lost allows nothing any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.writes import ERRORS, driver

WATCH_S = 0.5
"""How often the server is looked at."""
_ENDS: tuple[type[BaseException], ...] = (asyncio.CancelledError, *ERRORS)


class ConnectionLost(Exception):
    """The server ended the connection. Nothing was kept, but where it was `committing`: then nobody here can know."""

    def __init__(self, *, committing: bool) -> None:
        self.committing = committing
        super().__init__(
            "the connection to the database ended while the transaction was being committed; "
            "the next start or ingest finds out whether it was"
            if committing
            else "the connection to the database ended in the middle"
        )


@asynccontextmanager
async def transaction(engine: AsyncEngine, lives: Callable[[], bool] = lambda: True) -> AsyncIterator[AsyncConnection]:
    """Commits at its end, rolls back on an exception, and interrupts what is awaited within when the connection is lost.

    Also when the server no longer `lives`: the process behind a connection may outlive it for as long as a statement
    lasts. Raises ConnectionLost then, in place of what the lost connection made of it.
    """
    task = asyncio.current_task()
    assert task is not None
    before = task.cancelling()
    within, interrupted, lost, committing = True, False, False, False

    def interrupt(_: Any) -> None:
        nonlocal interrupted
        if within and not interrupted:
            interrupted = True
            task.cancel()

    async def watch() -> None:
        while lives():  # noqa: ASYNC110 - the server is another process, which sets no event of ours
            await asyncio.sleep(WATCH_S)
        interrupt(None)

    watching = asyncio.create_task(watch())
    try:
        async with engine.connect() as connection:
            await connection.begin()
            raw = await driver(connection)
            raw.add_termination_listener(interrupt)
            try:
                yield connection
                committing = True
                await connection.commit()
            finally:
                within = False
                lost = interrupted or raw.is_closed()
                raw.remove_termination_listener(interrupt)
    except _ENDS as error:
        if (task.uncancel() if interrupted else task.cancelling()) > before:
            raise asyncio.CancelledError from error  # somebody else wants an end too
        if not (lost or interrupted):
            raise
        raise ConnectionLost(committing=committing) from error
    finally:
        watching.cancel()
