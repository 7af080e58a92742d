"""How many points a caller may have in a minute: a token bucket for each key, else for each address, in this process or shared by all
through Valkey or Redis.

A bucket is one number: when it will be full again (the generic cell rate algorithm). Nothing has to be refilled, and one that is full
need not be kept.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic

from api.callers import Caller
from api.errors import Refused, busy

WINDOW_S = 60
KEPT_POINTS = 1
"""What an answer costs that is sent as it was kept."""
NEW_LETTERS, NEW_LEAST = 25, 10
"""A document that nobody has asked before costs a point for so many letters, and so many at least: it has to be parsed, validated and
compiled, which takes 1.3 ms for a short one and 40 ms for 3 kB of fragments (measured 2026-11-27). At most `UNREAD_POINTS`."""
UNREAD_POINTS = 100
"""What is held before a document is looked at, and kept where it is refused: parsing and validating takes that long."""
MOST_BUCKETS = 100_000
POLICY, LEVEL = "ratelimit-policy", "ratelimit"
_SLACK_S = 1e-3
_log = logging.getLogger("llmref")


@lru_cache(maxsize=256)
def _policy(budget: int) -> str:
    return f'"points";q={budget};w={WINDOW_S};qu="points"'


@dataclass(slots=True)
class Level:
    """How full a bucket is: the points that are left, and after how many seconds it is full."""

    budget: int
    full_after: float

    @property
    def left(self) -> int:
        left = int(self.budget * (1 - self.full_after / WINDOW_S) + _SLACK_S)
        return left if left > 0 else 0

    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-11 has them. Its registry has no unit for points yet."""
        return {POLICY: _policy(self.budget), LEVEL: f'"points";r={self.left};t={math.ceil(self.full_after)}'}


class Own:
    """Buckets of this process."""

    def __init__(self) -> None:
        self._full_at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._full_at)

    def change(self, bucket: str, seconds: float) -> tuple[bool, float]:
        """Takes seconds' worth out of a bucket, or puts it back where negative. Whether it was there, and after how many seconds the
        bucket is full."""
        now = monotonic()
        full = self._full_at.get(bucket, now)
        if full < now:
            full = now
        after = full + seconds
        if seconds > 0 and after > now + WINDOW_S + _SLACK_S:
            return False, full - now
        self._full_at[bucket] = after
        if len(self._full_at) > MOST_BUCKETS:
            self._forget(now)
        return True, max(0.0, after - now)

    def _forget(self, now: float) -> None:
        """What is full need not be kept. Where that is not enough, the fuller half goes: it gains least by it."""
        kept = sorted((each for each in self._full_at.items() if each[1] > now), key=lambda each: each[1])
        self._full_at = dict(kept[-MOST_BUCKETS // 2 :])


_CHANGE = """
local at = redis.call('TIME')
local now = at[1] + at[2] / 1000000
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local after = full + ARGV[1]
if tonumber(ARGV[1]) > 0 and after > now + ARGV[2] + 0.001 then return {0, tostring(full - now)} end
if after <= now then
  redis.call('DEL', KEYS[1])
  return {1, '0'}
end
redis.call('SET', KEYS[1], string.format('%.6f', after), 'PX', math.ceil((after - now) * 1000))
return {1, tostring(after - now)}
"""
"""The same as `Own.change`, by the clock of the server, in one step; a bucket expires when it is full."""


class Away(Exception):
    """The shared store does not answer."""


class Shared:
    """Buckets in Valkey or Redis. After a failure it is left alone for a second, so that nobody waits for what is away."""

    REST_S = 1.0
    TIMEOUT_S = 0.25

    def __init__(self, url: str) -> None:
        # Only here: most installations have no such store.
        from redis.asyncio import BlockingConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from redis.exceptions import RedisError

        pool = BlockingConnectionPool.from_url(
            url.replace("valkey", "redis", 1) if url.startswith("valkey") else url,
            max_connections=32,
            timeout=self.TIMEOUT_S,
            socket_timeout=self.TIMEOUT_S,
            socket_connect_timeout=self.TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._client = Redis.from_pool(pool)
        self._change = self._client.register_script(_CHANGE)
        self._failures = (RedisError, OSError, TimeoutError, asyncio.TimeoutError)
        self._rests_until = 0.0

    async def change(self, bucket: str, seconds: float) -> tuple[bool, float]:
        """Raises Away."""
        if monotonic() < self._rests_until:
            raise Away
        try:
            there, full_after = await self._change(keys=[f"llmref:budget:{bucket}"], args=[seconds, WINDOW_S])
        except self._failures as error:
            self._rests_until = monotonic() + self.REST_S
            _log.warning("the shared store of budgets does not answer: %r", error)
            raise Away from None
        return bool(there), float(full_after)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._client.aclose()


class Budgets:
    """Takes points and gives them back. Without a budget (`Caller.budget` None) nothing is counted and no level is told."""

    def __init__(self, shared: Shared | None = None, *, open_when_away: bool = True) -> None:
        self._shared, self._own, self._open = shared, Own(), open_when_away
        self.spent: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        """Points that were taken and not given back, and how often there were not enough, by what has the budget: `key` or `address`."""
        self.alone = 0
        """How often the shared store was away."""

    async def take(self, caller: Caller, points: int) -> Level | None:
        """Raises Refused: 429 where there are not so many left, 503 where the store is away and that counts as closed."""
        if caller.budget is None:
            return None
        if self._shared is None:
            there, full_after = self._own.change(caller.name, points * WINDOW_S / caller.budget)
        else:
            there, full_after = await self._changed(caller, points)
        level = Level(caller.budget, full_after)
        if there:
            self.spent[caller.kind] += points
            return level
        self.refused[caller.kind] += 1
        wait = max(1, math.ceil(full_after + points * WINDOW_S / caller.budget - WINDOW_S))
        raise Refused(
            429,
            "RATE_LIMITED",
            f"This takes {points:,} points and {level.left:,} of {caller.budget:,} a minute are left: ask again in {wait} s.",
            {"retry-after": str(wait), **level.headers()},
        )

    async def give_back(self, caller: Caller, points: int) -> Level | None:
        """Points that were taken and not used. Never fails: then they are lost for a minute."""
        if caller.budget is None:
            return None
        try:
            _, full_after = await self._changed(caller, -points)
        except Refused:
            return None
        self.spent[caller.kind] -= points
        return Level(caller.budget, full_after)

    async def _changed(self, caller: Caller, points: int) -> tuple[bool, float]:
        assert caller.budget is not None
        seconds = points * WINDOW_S / caller.budget
        if self._shared is not None:
            try:
                return await self._shared.change(caller.name, seconds)
            except Away:
                self.alone += 1
                if not self._open:
                    raise busy("RATE_LIMIT_UNAVAILABLE", "Budgets cannot be counted now; ask again.") from None
        return self._own.change(caller.name, seconds)

    async def aclose(self) -> None:
        """Closes what is open."""
        if self._shared is not None:
            await self._shared.aclose()
