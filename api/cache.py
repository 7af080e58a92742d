"""Answers kept as bytes: bounded, one computation for all that ask the same at once, and good for one state of the catalogue on one day.

An answer of an earlier state or day stays until it is replaced or pushed out: it is what can still be said, marked as
stale, while the database is away.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import blake2b
from typing import Any, Generic, TypeAlias, TypeVar

import orjson

from api.budgets import KEPT_POINTS
from db.listening import CatalogState

Result = TypeVar("Result")
Key: TypeAlias = tuple[Hashable, ...]
STALE = ("llmref-stale", "true")
BEHIND = ("llmref-behind", "true")
"""A replica answered that has not caught up: the primary has a newer revision than the one that is named."""
OVERHEAD = 1_000
"""Bytes of an entry beside its texts, about."""
WORTH_PACKING = 1_400
"""What fits into one packet gains nothing from compression."""


@dataclass(slots=True)
class Reply:
    """An encoded answer. `revision` answered it, None where nothing was read; `status` is that for graphql-response+json."""

    body: bytes
    status: int = 200
    executed: bool = True
    """Whether there is `data`: then every media type has the status 200."""
    revision: int | None = None
    day: date | None = None
    state: CatalogState | None = None
    """Of which it was kept."""
    keep: bool = False
    """Whether another one who asks the same gets the same."""
    headers: tuple[tuple[str, str], ...] = ()
    points: int | None = None
    """What it took, where an operation was executed."""
    deprecated: str = ""
    """What of the document is deprecated, as a header says it."""
    codes: tuple[str, ...] = ()
    """Of the errors in it, each once."""
    heads: dict[Hashable, list[tuple[bytes, bytes]]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """Headers as they were made for it, by the way in which it is sent."""
    _stale: Reply | None = field(init=False, repr=False, compare=False, default=None)
    _behind: Reply | None = field(init=False, repr=False, compare=False, default=None)
    _told: bytes = field(init=False, repr=False, compare=False, default=b"")
    _etag: str = ""
    _packed: bytes = field(default=b"", repr=False)

    def as_stale(self) -> Reply:
        """The same where nobody knows whether it is still the answer, at the price of one that was kept; made once, so that it is
        packed once."""
        if self._stale is None:
            self._stale = replace(self, headers=(*self.headers, STALE), points=KEPT_POINTS)
        return self._stale

    def as_behind(self) -> Reply:
        """The same where a replica answered that has not caught up."""
        if self._behind is None:
            self._behind = replace(self, headers=(*self.headers, BEHIND))
        return self._behind

    @property
    def told(self) -> bytes:
        """The body where there are no headers, as on a stream: it says itself which revision answered, and where that is not
        the newest one or nobody knows whether it is still the answer."""
        if self._told or not self.executed:
            return self._told or self.body
        said: dict[str, Any] = {} if self.revision is None else {"revision": self.revision}
        said |= {name: True for name, header in (("behind", BEHIND), ("stale", STALE)) if header in self.headers}
        told = _extended(self.body, said) if said else self.body
        # An event is told to many; an answer that is kept takes no more memory than was counted.
        if self.state is None:
            self._told = told
        return told

    @property
    def etag(self) -> str:
        """Weak, because the bytes differ by their encoding."""
        if not self._etag:
            self._etag = f'W/"{blake2b(self.body, digest_size=16).hexdigest()}"'
        return self._etag

    @property
    def packed(self) -> bytes:
        """As gzip, made when first asked for."""
        if not self._packed:
            packer = zlib.compressobj(6, zlib.DEFLATED, 31)
            self._packed = packer.compress(self.body) + packer.flush()
        return self._packed


def _extended(body: bytes, said: dict[str, Any]) -> bytes:
    found = orjson.loads(body)
    return orjson.dumps(found | {"extensions": found.get("extensions", {}) | said})


class ResponseCache:
    """Least lately used first out. `hits`, `misses` and `stale` count what `get` and `kept` gave."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[Key, tuple[Reply, int]] = OrderedDict()
        self.bytes = 0
        self.hits = self.misses = self.stale = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key, state: CatalogState, day: date) -> Reply | None:
        """The answer of this state and day."""
        found = self._kept.get(key)
        if found is None or found[0].state != state or found[0].day != day:
            self.misses += 1
            return None
        self._kept.move_to_end(key)
        self.hits += 1
        return found[0]

    def kept(self, key: Key) -> Reply | None:
        """The answer of whichever state and day."""
        found = self._kept.get(key)
        if found is None:
            return None
        self.stale += 1
        return found[0]

    def put(self, key: Key, reply: Reply) -> None:
        """Keeps an answer where it is no giant."""
        size = OVERHEAD + 2 * len(reply.body) + sum(len(part) for part in key if isinstance(part, str | bytes))
        self.drop(key)
        if size > self._most // 8:
            return
        self._kept[key] = (reply, size)
        self.bytes += size
        while self.bytes > self._most:
            self.drop(next(iter(self._kept)))

    def drop(self, key: Key) -> None:
        """Forgets an answer."""
        dropped = self._kept.pop(key, None)
        if dropped is not None:
            self.bytes -= dropped[1]


class Flights(Generic[Result]):
    """Computations under way. Who asks for one that is under way waits for it; when nobody waits any more it is cancelled, down
    to its statement."""

    def __init__(self) -> None:
        self._under_way: dict[Key, tuple[asyncio.Task[Result], list[int]]] = {}

    def __len__(self) -> int:
        return len(self._under_way)

    async def join(self, key: Key, compute: Callable[[], Awaitable[Result]]) -> Result:
        """What the computation gives. What it raises, all that wait for it get."""
        under_way = self._under_way.get(key)
        if under_way is None or under_way[0].done():
            task = asyncio.ensure_future(_run(compute))
            under_way = self._under_way[key] = (task, [0])
            task.add_done_callback(lambda done: self._land(key, done))
        task, waiting = under_way
        waiting[0] += 1
        try:
            return await asyncio.shield(task)
        finally:
            waiting[0] -= 1
            if not waiting[0] and not task.done():
                self._under_way.pop(key, None)
                task.cancel()

    def _land(self, key: Key, done: asyncio.Task[Result]) -> None:
        if (found := self._under_way.get(key)) is not None and found[0] is done:
            del self._under_way[key]
        if not done.cancelled():
            done.exception()  # somebody saw it, or nobody waits any more


async def _run(compute: Callable[[], Awaitable[Result]]) -> Result:
    return await compute()
