"""Who reads waits for one of as many places as the pool has connections, in turn, and leaves it however it ends."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import func, select
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import _Pool, placed, read_engine, write_engine
from db.reader import Reader, TooSlow

pytestmark = pytest.mark.asyncio
_QUICK, _SLOW = select(func.pg_backend_pid()), select(func.pg_sleep(5))
CONNECTIONS = 2


@pytest_asyncio.fixture
async def engine(catalogue: str) -> AsyncIterator[AsyncEngine]:
    made = read_engine(catalogue, pool_size=CONNECTIONS, pool_wait_s=0.3, statement_timeout_ms=300)
    yield made
    await made.dispose()


def free(engine: AsyncEngine) -> int:
    """Places that nobody has."""
    pooled = engine.sync_engine.pool
    assert isinstance(pooled, _Pool)
    return pooled.places._value


async def test_many_share_few_connections_in_turn(engine: AsyncEngine) -> None:
    ended: list[int] = []

    async def read(number: int) -> int:
        async with Reader(engine) as reader:
            ((pid, *_),) = await reader.fetch(_QUICK)
        ended.append(number)
        return int(pid)

    backends = await asyncio.gather(*map(read, range(20)))
    assert len(set(backends)) <= CONNECTIONS
    waited = [number for number in ended if number >= CONNECTIONS]
    assert all(abs(place - number) <= 2 * CONNECTIONS for place, number in enumerate(waited)), (
        "who came first went first"
    )
    assert free(engine) == CONNECTIONS


async def test_who_waits_too_long_for_a_connection_is_told(engine: AsyncEngine) -> None:
    async with Reader(engine) as first, Reader(engine) as second, Reader(engine) as third:
        await first.fetch(_QUICK)
        await second.fetch(_QUICK)
        with pytest.raises(NoConnection):
            await third.fetch(_QUICK)
        await first.release()
        assert await third.fetch(_QUICK)
    assert free(engine) == CONNECTIONS


async def test_a_place_is_left_by_who_leaves_at_whichever_moment(engine: AsyncEngine) -> None:
    async def read() -> None:
        async with Reader(engine) as reader:
            await reader.fetch(_QUICK)
            await reader.fetch(_QUICK)

    for steps in range(40):
        several = [asyncio.create_task(read()) for _ in range(5)]
        for _ in range(steps):
            await asyncio.sleep(0)
        for each in several[::2]:
            each.cancel()
        await asyncio.gather(*several, return_exceptions=True)
        assert free(engine) == CONNECTIONS, f"after {steps} steps"
    assert engine.pool.status().endswith("Current Checked out connections: 0")


async def test_a_place_is_left_by_a_statement_that_fails(engine: AsyncEngine) -> None:
    for _ in range(CONNECTIONS + 1):
        async with Reader(engine) as reader:
            with pytest.raises(TooSlow):
                await reader.fetch(_SLOW)
    assert free(engine) == CONNECTIONS


async def test_a_place_is_left_where_no_connection_can_be_made() -> None:
    nowhere = read_engine("postgresql://u@127.0.0.1:1/d", pool_size=1, pool_wait_s=1, statement_timeout_ms=300)
    for _ in range(3):
        async with Reader(nowhere) as reader:
            with pytest.raises(OSError, match="Connect"):
                await reader.fetch(_QUICK)
    assert free(nowhere) == 1
    await nowhere.dispose()


async def test_an_engine_without_a_pool_has_no_places(catalogue: str) -> None:
    single = write_engine(catalogue)
    assert await placed(single) is None
    async with Reader(single) as reader:
        assert await reader.fetch(_QUICK)
    await single.dispose()
