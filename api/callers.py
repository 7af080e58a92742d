"""Who asks: an API key, sent as `Authorization: Bearer …`, else an address. What the database said of a key is believed for half a
minute, so that an answer that was kept needs no statement, and a key that is revoked is refused by every process after that.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Scope

from api.asked import header
from api.errors import Refused, busy, masked
from api.keys import QUERY, SUBSCRIBE, TRUSTED_ONLY, Presented, matches, presented
from db.keys import ApiKey
from schema.points import MAX_POINTS

ANONYMOUS_POINTS = 5_000
"""Most points of one operation without a key; one of our own documents may have as many as with a key."""
BELIEVED_S = 30.0
BELIEVED_WITHOUT_DATABASE_S = 600.0
REST_S = 5.0
"""Before a database that did not know is asked for a key again that was good."""
MOST_BELIEVED = 10_000
LOOK_UP_POINTS = 100
"""What an address pays for a key that is wrong, so that nobody keeps the database busy with made-up ones. It has a budget of its own for that, as
who holds a good key pays nothing for what others ask at the same address."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `name` is for budgets and counts, never for an answer; `budget` is in points a minute, None without limit."""

    name: str = "anonymous"
    most_points: int = ANONYMOUS_POINTS
    budget: int | None = None
    scopes: frozenset[str] = frozenset({QUERY, SUBSCRIBE})
    presented: Presented | None = field(default=None, repr=False)
    """The key as it was sent; None without one."""

    @property
    def key(self) -> str | None:
        """The id of the key; None without one."""
        return None if self.presented is None else self.presented.id

    @property
    def kind(self) -> str:
        """What has its budget: `key` or `address`."""
        return "address" if self.presented is None else "key"

    def check(self, scope: str, *, trusted: bool) -> None:
        """Raises Refused where this caller may not do that, or not with a document that is none of our own."""
        if scope not in self.scopes:
            raise Refused(403, "FORBIDDEN", f"This key does not have the scope `{scope}`.")
        if TRUSTED_ONLY in self.scopes and not trusted:
            raise Refused(
                403, "DOCUMENT_NOT_TRUSTED", "This key is for trusted documents only: send a `documentId` of ours."
            )


ANONYMOUS = Caller()
"""Without a budget, as of whom nobody asks anything."""


@lru_cache(maxsize=4096)
def network(host: str) -> str:
    """The address that has a budget: of IPv6 the network of 64 bits, because one customer has at least that many addresses."""
    if ":" not in host:
        return host
    try:
        found = ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError:
        return host
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))


def host_of(scope: Scope) -> str:
    """The address that a request or a socket comes from."""
    client = scope.get("client")
    return str(client[0]) if client else "unknown"


@dataclass(frozen=True, slots=True)
class _Believed:
    caller: Caller | None
    until: float
    last: float


class Callers:
    """`look_up` asks the database for a key by its id. `charge` takes points from a caller, `refund` gives them back."""

    def __init__(
        self,
        look_up: Callable[[str], Awaitable[ApiKey | None]],
        charge: Callable[[Caller, int], Awaitable[object]],
        refund: Callable[[Caller, int], Awaitable[object]],
        *,
        anonymous_budget: int | None,
    ) -> None:
        self._look_up, self._charge, self._refund = look_up, charge, refund
        self._budget = anonymous_budget
        self._believed: OrderedDict[bytes, _Believed] = OrderedDict()
        self._anonymous: Callable[[str], Caller] = lru_cache(maxsize=4096)(
            lambda host: Caller(f"address:{network(host)}", budget=anonymous_budget)
        )

    async def of(self, scope: Scope) -> Caller:
        """Who sent a request. Raises Refused."""
        authorization, host = header(scope, b"authorization"), host_of(scope)
        return await self.named(authorization, host) if authorization else self._anonymous(host)

    async def named(self, authorization: str, host: str) -> Caller:
        """Who sends this header from this host. Raises Refused: 401 for a key that is none or is not good, 503 where nobody can say."""
        anonymous = self._anonymous(host)
        if not authorization:
            return anonymous
        scheme, _, text = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise _unauthenticated("Send an API key as `Authorization: Bearer llmref_…`, or none.", "")
        key = presented(text.strip())
        if key is None:
            raise _unauthenticated("This is no API key of ours, or it is mistyped.")
        return await self._good(key, anonymous)

    async def still(self, caller: Caller) -> None:
        """Raises Refused 401 where the key by which a caller was let in is no longer good. It pays nothing for that; where nobody can
        say, the caller goes on."""
        if caller.presented is None:
            return
        try:
            await self._good(caller.presented, ANONYMOUS)
        except Refused as refused:
            if refused.status == 401:
                raise

    async def _good(self, key: Presented, anonymous: Caller) -> Caller:
        found = self._believed.get(key.digest)
        if found is None or monotonic() >= found.until:
            found = await self._asked(key, anonymous, found)
        if found.caller is None:
            raise _unauthenticated("This API key is unknown, expired or revoked.")
        return found.caller

    async def _asked(self, key: Presented, anonymous: Caller, before: _Believed | None) -> _Believed:
        purse = replace(anonymous, name=f"look-up of {anonymous.name}")
        paid = LOOK_UP_POINTS if before is None or before.caller is None else 0  # one that was good pays nothing
        if paid:
            await self._charge(purse, paid)
        try:
            caller, believed = self._judged(await self._look_up(key.id), key)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            if paid:
                await self._refund(purse, paid)
            if before is not None and monotonic() < before.last:
                # Nor is it asked again at once, as who asks waits for it.
                rested = replace(before, until=min(before.last, monotonic() + REST_S))
                self._believed[key.digest] = rested
                return rested
            raise busy("DATABASE_UNAVAILABLE", masked("DATABASE_UNAVAILABLE", error)["message"]) from None
        if caller is not None and paid:
            await self._refund(purse, paid)
        now = monotonic()
        found = _Believed(caller, now + min(BELIEVED_S, believed), now + min(BELIEVED_WITHOUT_DATABASE_S, believed))
        self._believed[key.digest] = found
        self._believed.move_to_end(key.digest)
        if len(self._believed) > MOST_BELIEVED:
            self._believed.popitem(last=False)
        return found

    def _judged(self, stored: ApiKey | None, key: Presented) -> tuple[Caller | None, float]:
        """Who it is, and for how many seconds at most that is true."""
        now = datetime.now(UTC)
        if stored is None or not matches(stored, key.digest, now) or not stored.good(now):
            return None, BELIEVED_S
        caller = Caller(
            f"key:{stored.id}",
            min(MAX_POINTS, stored.budget),
            None if self._budget is None else stored.budget,
            frozenset(stored.scopes),
            key,
        )
        ends = [stored.expires_at, stored.previous_until if key.digest != stored.digest else None]
        return caller, min(((end - now).total_seconds() for end in ends if end is not None), default=float("inf"))


def _unauthenticated(message: str, error: str = ' error="invalid_token"') -> Refused:
    """As RFC 6750 has it: the scheme, and what is wrong with a token where there is one."""
    return Refused(
        401, "UNAUTHENTICATED", message, {"www-authenticate": f'Bearer realm="llmref"{"," if error else ""}{error}'}
    )
