"""The optional schedule of a serving process: every so often all sources are asked, by one process of all replicas.

The ingest runs as a process of its own, because making the catalogue anew takes the processor for a while; serving does not wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine

from api.beside import END_S, beside
from api.ingesting import HELD, IN_PART
from db.engine import write_engine
from db.freshness import Leadership, asked_last
from db.writes import ERRORS
from ingest.documents import LIVE

TICK = timedelta(minutes=1)
"""How often it is looked whether a run is due, and whether the process that led is gone."""
DATABASE_S = 20.0
STOP_S = 2.0
ROOT = Path(__file__).parent.parent
_log = logging.getLogger("llmref")


class Incomplete(Exception):
    """A run failed, or did not reach every source; the message says why."""


def again_in(every: timedelta, failures: int) -> timedelta:
    """How long to wait after so many failed runs in a row: twice as long each time, at most as long as between two good ones."""
    return min(every, TICK * (1 << min(failures, 20)))


class Schedule:
    """Asks all sources whenever the last time was `every` ago, as long as this process leads. `run` raises Incomplete."""

    def __init__(self, engine: AsyncEngine, every: timedelta, run: Callable[[], Awaitable[None]]) -> None:
        self._engine, self._every, self._run = engine, every, run
        self._leadership = Leadership(engine)
        self._failures = 0
        self._not_before: datetime | None = None

    async def tick(self, now: datetime) -> bool:
        """One look: whether a run was made. A database that does not answer is asked again at the next one."""
        try:
            async with asyncio.timeout(DATABASE_S):
                if not await self._leadership.holds() or not await self._due(now):
                    return False
        except ERRORS as error:
            why = str(getattr(error, "orig", None) or error) or type(error).__name__
            _log.warning("the schedule cannot ask the database: %s", why)
            return False
        try:
            await self._run()
        except Exception as error:
            self._failures += 1
            wait = again_in(self._every, self._failures)
            self._not_before = now + wait
            _log.warning("scheduled ingest, next attempt in %d s: %s", wait.total_seconds(), error)
            if not isinstance(error, Incomplete):
                raise
        else:
            self._failures, self._not_before = 0, None
        return True

    async def _due(self, now: datetime) -> bool:
        if self._not_before is not None:
            return now >= self._not_before
        async with self._engine.connect() as connection:
            last = await asked_last(connection, LIVE)
        return last is None or now - last >= self._every

    async def close(self) -> None:
        """Let another process lead."""
        await self._leadership.release()


async def run_ingest() -> None:
    """`llmref ingest --all` as a process of its own, with the settings of this one. Raises Incomplete."""
    # The code of this process, wherever it was started from.
    path = os.pathsep.join(dict.fromkeys(filter(None, (str(ROOT), *sys.path))))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "api", "ingest", "--all", "--json"),
        env={**os.environ, "PYTHONPATH": path},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await process.communicate()
    finally:
        await _end(process)
    if process.returncode in (0, HELD, IN_PART):
        report = orjson.loads(out)
        held = [f"{each['source']} is {each['heldBack']}" for each in report["sources"] if each["heldBack"]]
        failed = [f"{each['source']}: {each['why']}" for each in report["failures"]]
        for word in held:
            # Nothing to be tried again: it waits for a human word.
            _log.warning("scheduled ingest: %s", word)
        if failed:
            raise Incomplete("; ".join(failed))
        return
    said = [line for line in err.decode(errors="replace").splitlines() if not line.startswith("==> ")]
    raise Incomplete(f"exit code {process.returncode}: {' '.join(said[-5:])[-1000:]}")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask the process to stop, which takes its transaction back, and kill it where it does not."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_S)
        except TimeoutError:
            process.kill()
            await process.wait()


async def follow(url: str, every: timedelta, run: Callable[[], Awaitable[None]] = run_ingest) -> None:
    """Follow the schedule until cancelled."""
    engine = write_engine(url)
    schedule = Schedule(engine, every, run)
    try:
        while True:
            try:
                await schedule.tick(datetime.now(UTC))
            except Exception:
                # Serving goes on, and so does the schedule.
                _log.exception("the schedule met what it did not expect")
            await asyncio.sleep(TICK.total_seconds())
    finally:
        await schedule.close()
        await engine.dispose()


@contextlib.asynccontextmanager
async def following(url: str, every: timedelta | None) -> AsyncIterator[None]:
    """The schedule beside what is done inside; none where `every` is None."""
    if every is None:
        yield
        return
    async with beside(follow(url, every), seconds=STOP_S + END_S):
        yield
