"""Whether the database that is read is known not to answer, so that not every request has to find that out by waiting."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from time import monotonic

EVERY_S = 1.0
"""How often it is looked at, while there is a reason to."""
SUSPECT_S = 1.0
"""An operation that waits for so long is a reason."""
_log = logging.getLogger("llmref")


class Outage:
    """`known` until a look beside says that the database answers. Only a look decides: an operation may be slow by itself."""

    def __init__(self) -> None:
        self.known = False
        self._waiting: dict[asyncio.Timeout, float] = {}
        """Operations that are being read for, by their deadlines, and since when."""

    @contextlib.contextmanager
    def ends(self, deadline: asyncio.Timeout) -> Iterator[None]:
        """Lets an outage that becomes known end what is done inside, by its deadline."""
        self._waiting[deadline] = monotonic()
        try:
            yield
        finally:
            del self._waiting[deadline]

    async def watch(self, answers: Callable[[], Awaitable[bool]]) -> None:
        """Until cancelled: asks whether the database answers while an operation has waited for long, and while an outage is known."""
        while True:
            await asyncio.sleep(EVERY_S)
            if self.known or self._suspected():
                self._told(answers=await answers())

    def _suspected(self) -> bool:
        """The oldest comes first."""
        return next(iter(self._waiting.values()), monotonic()) + SUSPECT_S < monotonic()

    def _told(self, *, answers: bool) -> None:
        if self.known is not answers:
            return
        self.known = not answers
        _log.warning(
            "the database %s", "answers again" if answers else "does not answer: nobody waits for it until it does"
        )
        now = asyncio.get_running_loop().time()
        for each in self._waiting if self.known else ():
            if not each.expired():
                each.reschedule(now)
