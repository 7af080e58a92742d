"""Where an API key is looked up while the primary is away; with a real replica it is tried in tests/api/test_replicas.py."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from db import keys
from db.engine import read_engine
from db.keys import Keys
from db.reader import Away

pytestmark = pytest.mark.asyncio


class Primary:
    """One that fails in some way, and counts how often it was asked."""

    def __init__(self, failure: Exception | None) -> None:
        self.failure, self.asked = failure, 0

    @asynccontextmanager
    async def connect(self) -> Any:
        self.asked += 1
        if self.failure is None:
            await asyncio.sleep(60)  # silent
        raise self.failure or AssertionError
        yield


@pytest.mark.parametrize("failure", [OSError(), OperationalError("select", {}, Exception("gone")), None])
async def test_a_primary_that_is_away_is_left_alone_for_a_while(
    catalogue: str, monkeypatch: pytest.MonkeyPatch, failure: Exception | None
) -> None:
    now, primary = [1_000.0], Primary(failure)
    monkeypatch.setattr(keys, "monotonic", lambda: now[0])
    monkeypatch.setattr(Keys, "TIMEOUT_S", 0.1)
    engine = read_engine(catalogue, pool_size=1, pool_wait_s=5, statement_timeout_ms=5_000)
    try:
        looking = Keys(engine, primary)  # type: ignore[arg-type]
        for asked in (1, 1, 2):
            assert await looking.by_id("nothing0") is None, "the other database says that there is none"
            assert primary.asked == asked
            now[0] += Keys.REST_S * 0.6
    finally:
        await engine.dispose()


class Unending(Primary):
    """One that does not even let go of whoever has waited for long enough, as a driver that closes its connection in good order."""

    def __init__(self) -> None:
        super().__init__(None)
        self.closed = asyncio.Event()

    @asynccontextmanager
    async def connect(self) -> Any:
        try:
            await asyncio.sleep(60)
            yield
        finally:
            await self.closed.wait()


async def test_nobody_waits_for_the_end_of_a_connection(catalogue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keys, "TIMEOUT_S", 0.1)
    monkeypatch.setattr(Keys, "READ_TIMEOUT_S", 0.1)
    engine, hanging = read_engine(catalogue, pool_size=1, pool_wait_s=5, statement_timeout_ms=5_000), Unending()
    try:
        async with asyncio.timeout(20):
            assert await Keys(engine, hanging).by_id("nothing0") is None  # type: ignore[arg-type]
            with pytest.raises(TimeoutError):
                await Keys(hanging).by_id("nothing0")  # type: ignore[arg-type]
    finally:
        hanging.closed.set()
        await engine.dispose()


async def test_a_database_that_is_known_to_be_away_is_not_asked(catalogue: str) -> None:
    """Where answers are read, of which that is known; the primary may be there all the same."""
    engine, never = read_engine(catalogue, pool_size=1, pool_wait_s=5, statement_timeout_ms=5_000), Primary(None)
    try:
        assert await Keys(never, engine).by_id("nothing0", lambda: True) is None  # type: ignore[arg-type]
        with pytest.raises(Away):
            await Keys(never).by_id("nothing0", lambda: True)  # type: ignore[arg-type]
        assert never.asked == 0
    finally:
        await engine.dispose()
