"""What nobody waits for any more gives its thread back."""

from __future__ import annotations

import asyncio
import threading

import pytest

from schema.beside import AT_ONCE, Abandoned, Wanted, beside


def _endless(ended: threading.Semaphore, wanted: Wanted) -> None:
    """Goes on for as long as somebody waits."""
    try:
        for _ in wanted.each(iter(lambda: threading.Event().wait(0.001), None)):
            pass
    except Abandoned:
        ended.release()
        raise


@pytest.mark.asyncio
async def test_a_computation_ends_with_its_request() -> None:
    """As many as may run at once never end by themselves: once their time is over, the next one has its turn."""
    ended = threading.Semaphore(0)

    async def one() -> None:
        async with asyncio.timeout(0.05):
            await beside(lambda wanted: _endless(ended, wanted))

    refused = await asyncio.gather(*(one() for _ in range(AT_ONCE)), return_exceptions=True)
    assert [type(each) for each in refused] == [TimeoutError] * AT_ONCE
    async with asyncio.timeout(10):
        assert await beside(lambda wanted: sum(wanted.each([1, 2, 3]))) == 6
    assert await asyncio.to_thread(lambda: [ended.acquire(timeout=10) for _ in range(AT_ONCE)]) == [True] * AT_ONCE
