"""Which state of the catalogue is the newest: told by PostgreSQL when an ingest commits, asked again at every connection, and
every few seconds, because an ingest that finds nothing new makes no revision but was a check all the same.

A replica tells nobody anything. It is asked when the primary has told, until it has caught up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db.writes import CHANNEL, ERRORS, driver

_log = logging.getLogger("llmref")
CHECK_S = 10.0
"""How often the connection is tried, since one that died in silence tells nothing."""
ANSWER_S = 5.0
_AWAY: tuple[type[Exception], ...] = (*ERRORS, TimeoutError)
WAITS_S = (0.2, 0.5, 1.0, 2.0)
"""Before connecting again; the last one repeats."""


@dataclass(frozen=True, slots=True)
class CatalogState:
    """`revision` is None before the first ingest. `mark` differs whenever documents were read or sources asked, even if that
    changed no fact."""

    revision: int | None
    mark: str


_STATE = text(
    "select (select max(id) from catalog_revision) as revision, concat_ws('/', (select max(id) from retrieval),"
    " (select max(read_at) from retrieval), (select max(last_checked_at) from source),"
    " (select max(last_failed_at) from source)) as mark"
)


async def listen(engine: AsyncEngine, told: Callable[[CatalogState], None], lost: Callable[[], None]) -> None:
    """Until cancelled: `told` gets the newest state now and after every ingest, `lost` is called when nobody would tell."""
    failures = 0
    while True:
        try:
            async with engine.connect() as connection:
                failures = 0
                await _until_lost(connection, told)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            _log.warning("not told of new revisions: %s", type(error).__name__)
        finally:
            lost()
        await asyncio.sleep(WAITS_S[min(failures, len(WAITS_S) - 1)])
        failures += 1


async def ask(
    engine: AsyncEngine,
    told: Callable[[CatalogState], None],
    lost: Callable[[], None],
    due: Callable[[], Awaitable[None]],
) -> None:
    """Until cancelled: `told` gets the state of a database that cannot tell by itself, asked for whenever `due` returns, each time
    over a new connection, so that of several hosts it is the one that others would get now. `lost` is called when it does not answer.
    """
    answered = True
    while True:
        try:
            async with asyncio.timeout(2 * ANSWER_S), engine.connect() as connection:
                told(await _state(connection))
                answered = True
        except _AWAY as error:
            if answered:
                _log.warning("the database that is read does not say its revision: %s", type(error).__name__)
            answered = False
            lost()
        await due()


async def _state(connection: AsyncConnection) -> CatalogState:
    row = (await connection.execute(_STATE)).one()
    await connection.commit()
    return CatalogState(row.revision, row.mark)


async def _until_lost(connection: AsyncConnection, told: Callable[[CatalogState], None]) -> None:
    await connection.begin()
    raw = await driver(connection)
    await connection.commit()
    woken = asyncio.Event()
    raw.add_termination_listener(lambda _: woken.set())
    await raw.add_listener(CHANNEL, lambda *_: woken.set())
    while not raw.is_closed():
        woken.clear()
        async with asyncio.timeout(ANSWER_S):
            state = await _state(connection)
        told(state)
        # Not wait_for, which in Python 3.11 loses a cancellation that comes together with what it waits for.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CHECK_S):
                await woken.wait()
