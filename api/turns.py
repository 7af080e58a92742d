"""How much of the service one caller may take at once, so that who asks much at a time keeps itself waiting and not the others."""

from __future__ import annotations

import asyncio
from types import TracebackType

from api.callers import Caller
from api.errors import Refused

QUEUE = 4
"""So many operations wait for each that is answered, before the next one is refused at once."""


class _Of:
    def __init__(self, most: int) -> None:
        self.places, self.users = asyncio.Semaphore(most), 0


class Turns:
    """At most `most` operations of one caller at once; the next ones wait for so many seconds. Callers without a budget, as with
    `RATE_LIMIT=off`, have no such limit."""

    def __init__(self, most: int, wait_s: float) -> None:
        self._most, self._wait_s = most, wait_s
        self._of: dict[str, _Of] = {}

    def of(self, caller: Caller) -> Turn:
        """One operation of a caller, to be entered."""
        return Turn(self, caller)


class Turn:
    """Raises Refused 429 where no place of the caller becomes free in time."""

    __slots__ = ("_name", "_of", "_turns")

    def __init__(self, turns: Turns, caller: Caller) -> None:
        self._turns, self._name = turns, None if caller.budget is None else caller.name
        self._of: _Of | None = None

    async def __aenter__(self) -> None:
        if self._name is None:
            return
        turns = self._turns
        found = turns._of.get(self._name)
        if found is None:
            found = turns._of[self._name] = _Of(turns._most)
        if found.users >= turns._most * (1 + QUEUE):
            raise self._refused()
        found.users += 1
        self._of = found
        try:
            if found.places.locked():
                async with asyncio.timeout(turns._wait_s):
                    await found.places.acquire()
            else:
                await found.places.acquire()  # which waits for nothing
        except BaseException as error:
            self._left(found)
            if isinstance(error, TimeoutError):
                raise self._refused() from None
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._of is not None:
            self._of.places.release()
            self._left(self._of)

    def _left(self, found: _Of) -> None:
        self._of = None
        found.users -= 1
        if not found.users and self._name is not None:
            del self._turns._of[self._name]

    def _refused(self) -> Refused:
        most = self._turns._most
        return Refused(
            429,
            "RATE_LIMITED",
            f"{most} operations of yours are under way; wait for their answers before you ask more.",
            {"retry-after": "1"},
        )
