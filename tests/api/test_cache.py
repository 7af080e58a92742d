"""Answers that are kept: for whom, how long, and how many."""

import asyncio
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cache import OVERHEAD, Flights, Reply, ResponseCache
from db.listening import CatalogState

STATE, DAY = CatalogState(1, "a"), date(2026, 7, 1)


def reply(size: int = 10, state: CatalogState = STATE) -> Reply:
    return Reply(b"x" * size, state=state, day=DAY)


def test_an_answer_is_current_for_its_state_and_day_only() -> None:
    cache = ResponseCache(100_000)
    cache.put(("a",), made := reply())
    assert cache.get(("a",), STATE, DAY) is made
    assert cache.get(("a",), CatalogState(2, "a"), DAY) is None
    assert cache.get(("a",), CatalogState(1, "b"), DAY) is None
    assert cache.get(("a",), STATE, date(2026, 7, 2)) is None
    assert cache.get(("b",), STATE, DAY) is None
    assert cache.kept(("a",)) is made
    assert (cache.hits, cache.misses, cache.stale) == (1, 4, 1)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3_000)), max_size=200))
def test_it_is_bounded_whatever_is_put(puts: list[tuple[int, int]]) -> None:
    """And what it believes to hold is what it holds."""
    cache = ResponseCache(20_000)
    for key, size in puts:
        cache.put((str(key),), reply(size))
        assert cache.bytes <= 20_000
    sizes = [
        OVERHEAD + 2 * len(found.body) + len(str(key))
        for key in range(21)
        if (found := cache.kept((str(key),))) is not None
    ]
    assert cache.bytes == sum(sizes)
    assert len(cache) == len(sizes)


def test_the_least_lately_used_goes_first() -> None:
    cache = ResponseCache(8 * (OVERHEAD + 21))
    for key in "abcdefgh":
        cache.put((key,), reply())
    cache.get(("a",), STATE, DAY)
    cache.put(("i",), reply())
    assert cache.kept(("a",)) is not None
    assert cache.kept(("b",)) is None


def test_a_cache_of_no_size_keeps_nothing() -> None:
    cache = ResponseCache(0)
    cache.put(("a",), reply())
    assert len(cache) == 0


@pytest.mark.asyncio
async def test_those_who_ask_the_same_share_one_computation() -> None:
    flights: Flights[Reply] = Flights()
    started, finish = 0, asyncio.Event()

    async def compute() -> Reply:
        nonlocal started
        started += 1
        await finish.wait()
        return reply()

    waiting = [asyncio.create_task(flights.join(("a",), compute)) for _ in range(5)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    finish.set()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert started == 1
    assert isinstance(found[0], asyncio.CancelledError)
    assert len({id(each) for each in found[1:]}) == 1
    await asyncio.sleep(0)
    assert len(flights) == 0


@pytest.mark.asyncio
async def test_what_nobody_waits_for_is_cancelled() -> None:
    flights: Flights[Reply] = Flights()
    cancelled = asyncio.Event()

    async def compute() -> Reply:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return reply()

    waiting = asyncio.create_task(flights.join(("a",), compute))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.wait_for(cancelled.wait(), 5)
    assert len(flights) == 0


@pytest.mark.asyncio
async def test_a_failure_is_told_to_all_and_not_kept() -> None:
    flights: Flights[Reply] = Flights()
    attempts = 0

    async def compute() -> Reply:
        nonlocal attempts
        attempts += 1
        await asyncio.sleep(0)
        raise ValueError("no")

    for _ in range(2):
        found = await asyncio.gather(*(flights.join(("a",), compute) for _ in range(3)), return_exceptions=True)
        assert [str(each) for each in found] == ["no"] * 3
    assert attempts == 2


def test_an_answer_says_itself_where_there_are_no_headers_of_when_it_is() -> None:
    fresh = Reply(b'{"data":{"a":"1.0"},"extensions":{"cost":{"actual":1}}}', state=STATE, day=DAY)
    assert fresh.told == fresh.body
    fresh.revision = 7
    for reply, more in (
        (fresh, {}),
        (fresh.as_behind(), {"behind": True}),
        (fresh.as_stale(), {"stale": True}),
        (fresh.as_behind().as_stale(), {"behind": True, "stale": True}),
        (fresh, {}),
    ):
        extensions = {"cost": {"actual": 1}, "revision": 7, **more}
        assert json.loads(reply.told) == {"data": {"a": "1.0"}, "extensions": extensions}
    bare = Reply(b'{"data":{}}', revision=7)
    assert json.loads(bare.told) == {"data": {}, "extensions": {"revision": 7}}
    assert bare.told is bare.told, "an event is made once for all who are told it"
    refused = Reply(b'{"errors":[]}', executed=False, revision=7)
    assert refused.told == refused.body, "a refusal is no answer of a revision"
