"""One caller keeps itself waiting, and not the others."""

import asyncio
import re

import pytest

from api.callers import Caller
from api.errors import Refused
from api.turns import QUEUE, Turns
from tests.streaming import streaming

ADA, BEE, FREE = Caller("key:ada", budget=100), Caller("key:bee", budget=100), Caller("address:1", budget=None)


async def held(turns: Turns, caller: Caller, until: asyncio.Event) -> None:
    async with turns.of(caller):
        await until.wait()


@pytest.mark.asyncio
async def test_the_next_one_waits_for_a_place_of_its_caller_and_others_do_not() -> None:
    turns, ends = Turns(2, wait_s=5), asyncio.Event()
    under_way = [asyncio.create_task(held(turns, ADA, ends)) for _ in range(2)]
    await asyncio.sleep(0)
    next_one = asyncio.create_task(held(turns, ADA, ends))
    await asyncio.sleep(0)
    async with asyncio.timeout(1), turns.of(BEE), turns.of(FREE):
        pass
    assert not next_one.done()
    ends.set()
    await asyncio.gather(*under_way, next_one)
    assert not turns._of, "nothing is kept of callers that are gone"


@pytest.mark.asyncio
async def test_who_waits_too_long_or_in_too_long_a_queue_is_refused() -> None:
    turns, ends = Turns(1, wait_s=0.05), asyncio.Event()
    first = asyncio.create_task(held(turns, ADA, ends))
    await asyncio.sleep(0)
    with pytest.raises(Refused) as late:
        await held(turns, ADA, ends)
    assert (late.value.status, late.value.code, late.value.headers) == (429, "RATE_LIMITED", {"retry-after": "1"})
    waiting = [asyncio.create_task(held(turns, ADA, ends)) for _ in range(QUEUE)]
    await asyncio.sleep(0)
    with pytest.raises(Refused):
        async with asyncio.timeout(0.01):
            await held(turns, ADA, ends)
    for each in waiting:
        each.cancel()
    ends.set()
    await asyncio.gather(first, *waiting, return_exceptions=True)
    assert not turns._of


@pytest.mark.asyncio
async def test_without_a_budget_there_is_no_limit() -> None:
    turns, ends = Turns(1, wait_s=0.01), asyncio.Event()
    many = [asyncio.create_task(held(turns, FREE, ends)) for _ in range(50)]
    await asyncio.sleep(0.05)
    assert not any(each.done() for each in many)
    ends.set()
    await asyncio.gather(*many)


@pytest.mark.asyncio
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_who_has_no_turn_is_told_the_budget_and_when_to_ask_again(filled: str, accept: str) -> None:
    """The budget is not what is short: what the operation would have taken is there again."""
    async with streaming(filled, CONCURRENCY="1", POOL_WAIT_SECONDS="0.05", RATE_LIMIT="1000") as server:
        service = server.app.state.service
        same = await service.callers.named("", "127.0.0.1")
        async with service.turns.of(same), server.events('{ model(ref: "one") { name } }', accept) as refused:
            told = (await refused.body())["errors"][0]
        assert (refused.status, told["extensions"]["code"]) == (429, "RATE_LIMITED")
        assert "under way" in told["message"]
        assert refused.headers["retry-after"] == "1"
        assert refused.headers["ratelimit-policy"] == '"points";q=1000;w=60;qu="points"'
        left = re.fullmatch(r'"points";r=(\d+);t=\d+', refused.headers["ratelimit"])
        assert left is not None
        assert 900 < int(left[1]) <= 1000
