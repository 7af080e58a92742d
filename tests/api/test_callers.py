"""Who asks: by address, by key, and what is believed of a key for how long."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from api import callers as module
from api.callers import ANONYMOUS_POINTS, LOOK_UP_POINTS, Caller, Callers, network
from api.errors import Refused
from api.keys import made
from db.keys import ApiKey

TEXT, KEPT = made()
STORED = ApiKey(
    KEPT.id, "mine", KEPT.digest, None, None, ("query",), 2_000, datetime(2026, 7, 1, tzinfo=UTC), None, None, None
)  # fmt: skip
BEARER = f"Bearer {TEXT}"


class Database:
    """What a look-up finds, and what was looked up and paid."""

    def __init__(self) -> None:
        self.found: ApiKey | Exception | None = STORED
        self.asked: list[str] = []
        self.paid: dict[str, int] = {}

    async def look_up(self, id: str) -> ApiKey | None:
        self.asked.append(id)
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    async def charge(self, caller: Caller, points: int) -> None:
        self.paid[caller.name] = self.paid.get(caller.name, 0) + points

    async def refund(self, caller: Caller, points: int) -> None:
        await self.charge(caller, -points)


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def callers(database: Database) -> Callers:
    return Callers(database.look_up, database.charge, database.refund, anonymous_budget=60_000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Its only item is the time."""
    now = [1_000.0]
    monkeypatch.setattr("api.callers.monotonic", lambda: now[0])
    return now


async def refusal(callers: Callers, authorization: str) -> Refused:
    with pytest.raises(Refused) as refused:
        await callers.named(authorization, "192.0.2.1")
    return refused.value


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("testclient", "testclient"),
        ("a:b:c", "a:b:c"),
    ],
)
def test_an_address_of_ipv6_counts_with_its_network(host: str, expected: str) -> None:
    assert network(host) == expected


@pytest.mark.asyncio
async def test_without_a_key_an_address_asks(callers: Callers, database: Database) -> None:
    caller = await callers.of({"type": "http", "headers": [], "client": ("192.0.2.1", 5)})
    assert (caller.name, caller.key, caller.most_points, caller.budget) == (
        "address:192.0.2.1", None, ANONYMOUS_POINTS, 60_000,
    )  # fmt: skip
    assert (await callers.of({"type": "http", "headers": [], "client": None})).name == "address:unknown"
    assert database.asked == []


@pytest.mark.asyncio
async def test_a_database_that_cannot_say_is_not_asked_for_the_same_key_at_once(
    callers: Callers, database: Database, clock: list[float]
) -> None:
    """As each look may be a long wait."""
    first = await callers.named(BEARER, "192.0.2.1")
    database.found = TimeoutError()
    clock[0] += 31
    for _ in range(10):
        assert await callers.named(BEARER, "192.0.2.1") is first
    assert len(database.asked) == 2
    clock[0] += module.REST_S
    assert await callers.named(BEARER, "192.0.2.1") is first
    assert len(database.asked) == 3


@pytest.mark.asyncio
async def test_a_key_is_looked_up_once_in_half_a_minute(
    callers: Callers, database: Database, clock: list[float]
) -> None:
    first = await callers.named(BEARER, "192.0.2.1")
    assert (first.name, first.key, first.budget, first.scopes) == (
        f"key:{KEPT.id}",
        KEPT.id,
        2_000,
        frozenset({"query"}),
    )
    assert first.most_points == 2_000, "one operation never has more than a minute's budget"
    clock[0] += 29
    assert await callers.named(BEARER.lower().replace(TEXT.lower(), TEXT), "192.0.2.2") is first
    assert database.asked == [KEPT.id]
    database.found = replace(STORED, revoked_at=datetime.now(UTC))
    clock[0] += 2
    assert (await refusal(callers, BEARER)).code == "UNAUTHENTICATED"
    assert database.asked == [KEPT.id] * 2


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "authorization", "asked"),
    [
        ("another scheme", "Basic dTpw", 0),
        ("no text", "Bearer", 0),
        ("mistyped", BEARER[:-1] + ("0" if BEARER[-1] != "0" else "1"), 0),
        ("another secret of the same id", f"Bearer {made(KEPT.id)[0]}", 1),
    ],
    ids=["scheme", "nothing", "mistyped", "secret"],  # keys are new in each process, names of tests are not
)
async def test_what_is_no_key_is_a_401(
    callers: Callers, database: Database, _case: str, authorization: str, asked: int
) -> None:
    refused = await refusal(callers, authorization)
    assert (refused.status, refused.code) == (401, "UNAUTHENTICATED")
    assert refused.headers["www-authenticate"].startswith('Bearer realm="llmref"')
    assert len(database.asked) == asked
    assert sum(database.paid.values()) == asked * LOOK_UP_POINTS, "who makes keys up pays for the looking"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "found"),
    [
        ("unknown", None),
        ("expired", replace(STORED, expires_at=datetime.now(UTC) - timedelta(seconds=1))),
        ("revoked", replace(STORED, revoked_at=datetime.now(UTC))),
    ],
)
async def test_a_key_that_is_not_good_is_a_401_and_looked_up_once(
    callers: Callers, database: Database, _case: str, found: ApiKey | None
) -> None:
    database.found = found
    for _ in range(3):
        assert (await refusal(callers, BEARER)).status == 401
    assert len(database.asked) == 1


@pytest.mark.asyncio
async def test_what_an_address_asks_is_no_matter_to_a_key_that_is_used_there(
    callers: Callers, database: Database, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking a key up has a budget beside that of the address, and a key that was good is looked up again for nothing."""
    await callers.named(BEARER, "192.0.2.1")
    assert set(database.paid) == {"look-up of address:192.0.2.1"}
    assert sum(database.paid.values()) == 0

    async def nothing_left(caller: Caller, points: int) -> None:
        raise Refused(429, "RATE_LIMITED", "nothing left")

    monkeypatch.setattr(callers, "_charge", nothing_left)
    clock[0] += 31
    assert (await callers.named(BEARER, "192.0.2.1")).key == KEPT.id
    assert database.asked == [KEPT.id] * 2


@pytest.mark.asyncio
async def test_a_key_is_not_believed_past_its_end(callers: Callers, database: Database, clock: list[float]) -> None:
    database.found = replace(STORED, expires_at=datetime.now(UTC) + timedelta(seconds=10))
    await callers.named(BEARER, "192.0.2.1")
    clock[0] += 11
    database.found = OperationalError("select", {}, Exception("gone"))
    assert (await refusal(callers, BEARER)).status == 503


@pytest.mark.asyncio
async def test_the_secret_before_is_good_until_its_overlap_ends(
    callers: Callers, database: Database, clock: list[float]
) -> None:
    until = datetime.now(UTC) + timedelta(seconds=10)
    database.found = replace(STORED, digest=b"x" * 32, previous_digest=KEPT.digest, previous_until=until)
    assert (await callers.named(BEARER, "192.0.2.1")).key == KEPT.id
    clock[0] += 11
    database.found = replace(database.found, previous_until=datetime.now(UTC))
    assert (await refusal(callers, BEARER)).status == 401


@pytest.mark.asyncio
async def test_without_the_database_a_known_key_is_believed_and_an_unknown_one_is_told_to_wait(
    callers: Callers, database: Database, clock: list[float]
) -> None:
    known = await callers.named(BEARER, "192.0.2.1")
    database.found = OperationalError("select", {}, Exception("gone"))
    clock[0] += 60
    assert await callers.named(BEARER, "192.0.2.1") is known
    refused = await refusal(callers, f"Bearer {made()[0]}")
    assert (refused.status, refused.code) == (503, "DATABASE_UNAVAILABLE")
    clock[0] += 600
    assert (await refusal(callers, BEARER)).status == 503
    assert set(database.paid.values()) == {0}


@pytest.mark.asyncio
async def test_who_was_let_in_goes_on_until_the_key_is_no_longer_good(
    callers: Callers, database: Database, clock: list[float]
) -> None:
    """It pays nothing for that, and does not suffer where nobody can say."""
    caller = await callers.named(BEARER, "192.0.2.1")
    paid = dict(database.paid)
    await callers.still(caller)
    await callers.still(Caller("address:192.0.2.1"))
    assert len(database.asked) == 1
    for seconds, found in ((31, STORED), (31, OSError()), (700, OperationalError("select", {}, Exception("gone")))):
        clock[0] += seconds
        database.found = found
        await callers.still(caller)
    clock[0] += 31
    database.found = replace(STORED, revoked_at=datetime.now(UTC))
    with pytest.raises(Refused) as refused:
        await callers.still(caller)
    assert (refused.value.status, refused.value.code) == (401, "UNAUTHENTICATED")
    assert {name: database.paid[name] for name in paid} == paid


@pytest.mark.asyncio
async def test_what_is_believed_is_bounded(
    callers: Callers, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BELIEVED", 3)
    for _ in range(10):
        await refusal(callers, f"Bearer {made()[0]}")
    assert len(callers._believed) == 3


@pytest.mark.parametrize(
    ("scopes", "scope", "trusted", "code"),
    [
        ({"query"}, "query", False, None),
        ({"query"}, "subscribe", True, "FORBIDDEN"),
        ({"subscribe"}, "query", True, "FORBIDDEN"),
        ({"query", "trusted-only"}, "query", True, None),
        ({"query", "trusted-only"}, "query", False, "DOCUMENT_NOT_TRUSTED"),
    ],
)
def test_scopes(scopes: Any, scope: str, trusted: bool, code: str | None) -> None:
    caller = Caller(scopes=frozenset(scopes))
    if code is None:
        caller.check(scope, trusted=trusted)
        return
    with pytest.raises(Refused) as refused:
        caller.check(scope, trusted=trusted)
    assert (refused.value.status, refused.value.code) == (403, code)
