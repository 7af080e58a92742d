"""Long computations run beside the event loop, few at a time, and end with the request that wanted them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

AT_ONCE = 2
LONG_ONES = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="long")
Found = TypeVar("Found")
Item = TypeVar("Item")


class Abandoned(Exception):
    """Nobody waits for it any more."""


class Wanted:
    """Whether somebody still waits for a computation."""

    def __init__(self) -> None:
        self._given_up = False

    def give_up(self) -> None:
        self._given_up = True

    def check(self) -> None:
        """Raises Abandoned once nobody waits any more."""
        if self._given_up:
            raise Abandoned

    def each(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items one by one. Raises Abandoned between two of them once nobody waits any more."""
        for item in items:
            self.check()
            yield item


async def beside(compute: Callable[[Wanted], Found]) -> Found:
    """What a computation finds in a thread of its own. One that is cancelled, as its client left or its time is over, gives its thread
    back after the item at which it is; else it would keep the others waiting."""
    wanted = Wanted()
    try:
        return await asyncio.get_running_loop().run_in_executor(LONG_ONES, compute, wanted)
    except asyncio.CancelledError:
        wanted.give_up()
        raise
