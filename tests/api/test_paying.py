"""Keys and budgets over HTTP, on the made-up catalogue."""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.app import create_app
from api.asked import Asked
from api.budgets import KEPT_POINTS, NEW_LEAST, NEW_LETTERS, UNREAD_POINTS
from api.callers import ANONYMOUS_POINTS
from api.keys import Presented, made
from api.operations import document
from api.service import _preparing
from api.settings import from_env
from api.usage import Counts
from db.engine import write_engine
from db.keys import ApiKey, add_key, all_keys, revoke_key, usage_since
from schema.points import MAX_POINTS
from schema.weights import SEARCH

NAME = '{ model(ref: "one") { name } }'
LARGE = "{ models(first: 100) { nodes { routes(first: 65) { nodes { key } } } } }"
"""Between the limits without and with a key."""
LEVEL = re.compile(r'"points";r=(\d+);t=(\d+)')


async def run(url: str, act: Callable[[Any], Any]) -> Any:
    engine = write_engine(url)
    async with engine.begin() as connection:
        found = await act(connection)
    await engine.dispose()
    return found


def issued(url: str, *scopes: str, budget: int = 600_000) -> str:
    """A new key's text."""
    key, kept = made()
    row = ApiKey(
        kept.id, "a test", kept.digest, None, None, scopes or ("query",), budget, datetime.now(UTC), None, None, None
    )
    asyncio.run(run(url, lambda connection: add_key(connection, row)))
    return key


@pytest.fixture(scope="module")
def client(filled: str) -> Iterator[TestClient]:
    with TestClient(create_app(from_env({"RATE_LIMIT": "10000"}), filled)) as made:
        yield made


@pytest.fixture
def fresh(client: TestClient) -> TestClient:
    """With all budgets full and nothing kept."""
    service = client.app.state.service  # type: ignore[attr-defined]
    service.budgets._own._full_at.clear()
    service.cache.__init__(64_000_000)
    return client


def ask(client: TestClient, query: str = NAME, key: str | None = None, **more: str) -> Any:
    headers = {"accept": "application/graphql-response+json", **more}
    if key is not None:
        headers["authorization"] = f"Bearer {key}"
    return client.post("/graphql", json={"query": query}, headers=headers)


def left(found: Any) -> int:
    match = LEVEL.fullmatch(found.headers["ratelimit"])
    assert match is not None
    return int(match[1])


def until_kept(client: TestClient) -> None:
    """The service has heard which revision is the newest."""
    newest = client.app.state.service.newest  # type: ignore[attr-defined]
    for _ in range(400):
        if newest.state is not None:
            return
        client.get("/healthz")
    raise AssertionError("no state was told")


def test_an_answer_says_what_is_left_and_what_it_may_have_cost(fresh: TestClient) -> None:
    found = ask(fresh, document("Disputes"))
    cost = found.json()["extensions"]["cost"]
    assert cost["limit"] == MAX_POINTS
    assert found.headers["ratelimit-policy"] == '"points";q=10000;w=60;qu="points"'
    assert 0 <= left(found) - (10_000 - cost["estimated"]) < 300
    assert set(cost) <= {"estimated", "actual", "limit"}, "what is left would make every answer another one"


def test_an_answer_that_was_kept_costs_a_point(fresh: TestClient) -> None:
    until_kept(fresh)
    ask(fresh)
    before = left(ask(fresh))
    levels = [left(ask(fresh)) for _ in range(30)]
    assert min(levels) >= before - 30
    assert fresh.app.state.service.cache.hits >= 30  # type: ignore[attr-defined]


def test_variables_that_nobody_declared_make_no_other_question(fresh: TestClient) -> None:
    until_kept(fresh)
    service = fresh.app.state.service  # type: ignore[attr-defined]
    document, kept = "query ($ref: String!) { model(ref: $ref) { name } }", len(service.cache)
    for number in range(20):
        asked = {"query": document, "variables": {"ref": "one", "junk": number}}
        assert fresh.post("/graphql", json=asked).json()["data"] == {"model": {"name": "One"}}
    assert len(service.cache) <= kept + 1
    assert service.cache.hits >= 19


def test_a_document_that_is_refused_costs_its_reading_and_one_that_is_small_only_its_points(fresh: TestClient) -> None:
    wrong = ask(fresh, "{ nothing }")
    assert wrong.status_code == 400
    assert 0 <= left(wrong) - (10_000 - UNREAD_POINTS) < 50
    assert 0 <= left(ask(fresh)) - left(wrong) + NEW_LEAST < 300


def test_who_has_used_up_the_budget_is_told_when_to_come_back(fresh: TestClient) -> None:
    for _ in range(200):
        found = ask(fresh, "{ nothing }")
        if found.status_code == 429:
            break
    assert found.status_code == 429
    (error,) = found.json()["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert found.headers["cache-control"] == "no-store"
    wait = int(found.headers["retry-after"])
    assert 1 <= wait <= 2
    assert 55 <= int(LEVEL.fullmatch(found.headers["ratelimit"])[2]) <= 60, "until all are there again"  # type: ignore[index]
    assert fresh.get("/healthz").status_code == 200


def test_a_key_has_a_budget_of_its_own(fresh: TestClient, filled: str) -> None:
    while ask(fresh, "{ nothing }").status_code != 429:
        pass
    key = issued(filled)
    # The look-up itself is paid by the address, so that it is free only for those who have not asked too much.
    fresh.app.state.service.budgets._own._full_at.clear()  # type: ignore[attr-defined]
    assert ask(fresh, NAME, key).headers["ratelimit-policy"] == '"points";q=600000;w=60;qu="points"'
    while ask(fresh, "{ nothing }").status_code != 429:
        pass
    assert ask(fresh, NAME, key).status_code == 200


def test_a_key_may_ask_for_more_at_once_and_our_own_documents_may_too(fresh: TestClient, filled: str) -> None:
    fresh.app.state.service.budgets._own._full_at.clear()  # type: ignore[attr-defined]
    refused = ask(fresh, LARGE)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["extensions"]["code"]) == (400, "OPERATION_TOO_COSTLY")
    assert f"one may have {ANONYMOUS_POINTS:,}" in error["message"]
    assert "with an API key" in error["message"]
    cost = refused.json()["extensions"]["cost"]
    assert ANONYMOUS_POINTS < cost["estimated"] <= MAX_POINTS
    answered = ask(fresh, LARGE, issued(filled))
    assert answered.json()["extensions"]["cost"] == cost | {"actual": 8, "limit": MAX_POINTS}
    assert "data" in answered.json()
    ours = fresh.get("/graphql", params={"documentId": "Compare", "variables": '{"models": ["one", "two"]}'})
    assert ours.json()["extensions"]["cost"]["limit"] == MAX_POINTS


@pytest.mark.parametrize("key", ["", "nonsense", made()[0]], ids=["empty", "nonsense", "unknown"])
def test_a_wrong_key_is_a_401(fresh: TestClient, key: str) -> None:
    found = ask(fresh, NAME, key)
    assert found.status_code == 401
    assert found.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert found.headers["www-authenticate"] == 'Bearer realm="llmref", error="invalid_token"'
    assert key not in found.text or not key


def test_a_key_that_is_revoked_is_refused_when_it_is_looked_up_again(fresh: TestClient, filled: str) -> None:
    key = issued(filled)
    assert ask(fresh, NAME, key).status_code == 200
    asyncio.run(run(filled, lambda connection: revoke_key(connection, key.split("_")[1], datetime.now(UTC))))
    fresh.app.state.service.callers._believed.clear()  # type: ignore[attr-defined]
    assert ask(fresh, NAME, key).status_code == 401


def test_scopes_over_http(fresh: TestClient, filled: str) -> None:
    assert ask(fresh, NAME, issued(filled, "subscribe")).status_code == 403
    trusted = issued(filled, "query", "trusted-only")
    refused = ask(fresh, NAME, trusted)
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "DOCUMENT_NOT_TRUSTED")
    assert ask(fresh, document("Disputes"), trusted).status_code == 200


def test_an_answer_with_a_key_is_not_for_caches_of_others(fresh: TestClient, filled: str) -> None:
    with_key = {"authorization": f"Bearer {issued(filled)}"}
    assert fresh.get("/graphql", params={"query": NAME}).headers["cache-control"].startswith("public")
    own = fresh.get("/graphql", params={"query": NAME}, headers=with_key)
    assert own.headers["cache-control"].startswith("private")
    assert "authorization" in own.headers["vary"]


def test_a_kept_answer_with_a_known_key_asks_the_database_for_nothing(fresh: TestClient, filled: str) -> None:
    until_kept(fresh)
    key = issued(filled)
    ask(fresh, NAME, key)
    opened = fresh.app.state.engine.pool.checkedout()  # type: ignore[attr-defined]
    sent: list[str] = []

    from sqlalchemy import event

    engine = fresh.app.state.engine.sync_engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", note := lambda *given: sent.append(given[2]))
    assert ask(fresh, NAME, key).status_code == 200
    event.remove(engine, "before_cursor_execute", note)
    assert (sent, opened) == ([], 0)


def test_usage_is_counted_by_key_and_day(fresh: TestClient, filled: str) -> None:
    key = issued(filled)
    answers = [ask(fresh, NAME, key), ask(fresh, "{ nothing }", key)]
    assert [each.status_code for each in answers] == [200, 400]
    counts = fresh.app.state.service.usage  # type: ignore[attr-defined]
    engine = write_engine(filled)

    async def write() -> bool:
        written = await counts.write(engine)
        await engine.dispose()
        return bool(written)

    assert asyncio.run(write())
    used = asyncio.run(run(filled, lambda connection: usage_since(connection, datetime.now(UTC).date())))
    (mine,) = (each for each in used if each.key_id == key.split("_")[1])
    assert (mine.requests, mine.points) == (2, 1 + UNREAD_POINTS)
    (row,) = (each for each in asyncio.run(run(filled, all_keys)) if each.id == key.split("_")[1])
    assert row.last_used_at is not None
    assert datetime.now(UTC) - row.last_used_at < timedelta(minutes=1)


@pytest.mark.asyncio
async def test_usage_that_cannot_be_written_is_written_later_and_once(filled: str) -> None:
    from api.callers import Caller

    counts, caller = Counts(), Caller("key:abc", presented=Presented("abc", b""))
    counts.add(caller, 5)
    dead, engine = write_engine("postgresql://u@127.0.0.1:1/d"), write_engine(filled)
    assert not await counts.write(dead)
    counts.add(caller, 7)
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "insert into api_key (id, name, digest, scopes, budget, created_at) values ('abc', 'a', '', '{}', 1000, now())"
            )
        )
    assert await counts.write(engine)
    assert await counts.write(engine)
    async with engine.connect() as connection:
        used = [each for each in await usage_since(connection, datetime.now(UTC).date()) if each.key_id == "abc"]
    assert [(each.requests, each.points) for each in used] == [(2, 12)]
    await dead.dispose()
    await engine.dispose()


def test_answers_are_kept_for_each_limit(fresh: TestClient, filled: str) -> None:
    until_kept(fresh)
    key, limits = issued(filled), []
    for _ in range(2):
        limits += [ask(fresh, NAME, each).json()["extensions"]["cost"]["limit"] for each in (None, key)]
    assert limits == [ANONYMOUS_POINTS, MAX_POINTS] * 2


def test_what_is_not_answered_for_our_sake_costs_a_point() -> None:
    with TestClient(create_app(from_env({}), "postgresql://u@127.0.0.1:1/d")) as client:
        assert ask(client).status_code == 503
        (bucket,) = client.app.state.service.budgets._own._full_at.values()  # type: ignore[attr-defined]
        assert bucket <= time.monotonic() + 60 / 60_000


def test_off_is_off(filled: str) -> None:
    key = issued(filled)
    with TestClient(create_app(from_env({"RATE_LIMIT": "off"}), filled)) as client:
        found = ask(client, NAME, key)
        assert found.status_code == 200
        assert "ratelimit" not in found.headers
        assert all(ask(client, "{ nothing }").status_code == 400 for _ in range(150))


def test_addresses_behind_a_trusted_proxy_have_budgets_of_their_own_and_others_cannot_pretend(
    client: TestClient,
) -> None:
    """As uvicorn is configured: it replaces the peer by what a trusted proxy says, and by nobody else's word."""
    app: Any = client.app
    service = app.state.service
    for trusted, names in (("testclient", {"address:192.0.2.7"}), ("10.0.0.0/8", {"address:testclient"})):
        service.budgets._own._full_at.clear()
        behind = TestClient(ProxyHeadersMiddleware(app, [trusted]))  # type: ignore[arg-type]
        behind.portal = client.portal
        ask(behind, "{ nothing }", None, **{"x-forwarded-for": "192.0.2.9, 192.0.2.7"})
        assert set(service.budgets._own._full_at) == names


@pytest.mark.parametrize("path", ["/graphql", "/healthz", "/nothing", "/"])
@pytest.mark.parametrize(
    ("sent", "kept"), [("abc-123/é".replace("/é", ".4"), True), ("two words", False), ("x" * 129, False), ("", False)]
)
def test_every_answer_has_the_id_of_its_request(fresh: TestClient, path: str, sent: str, kept: bool) -> None:
    found = fresh.get(path, headers={"x-request-id": sent} if sent else {})
    (id,) = found.headers.get_list("x-request-id")
    assert (id == sent) is kept
    assert kept or re.fullmatch(r"[0-9a-f]{32}", id)


def test_the_log_of_a_masked_error_names_the_request(
    fresh: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a secret of the inside")

    monkeypatch.setattr("domain.fit.fit", broken)
    with caplog.at_level(logging.ERROR, "llmref"):
        ask(fresh, '{ model(ref: "one") { fit { label } } }', **{"x-request-id": "from-outside"})
    assert "in request from-outside" in caplog.text


def test_a_browser_may_send_a_key_and_read_what_is_left(fresh: TestClient) -> None:
    asked = {"origin": "https://a.example", "access-control-request-method": "POST"}
    allowed = fresh.options(
        "/graphql", headers={**asked, "access-control-request-headers": "authorization, content-type, x-request-id"}
    )
    assert allowed.status_code == 200
    assert "x-request-id" in allowed.headers
    found = ask(fresh, NAME, None, origin="https://a.example")
    exposed = set(found.headers["access-control-expose-headers"].split(", "))
    assert {"ratelimit", "ratelimit-policy", "retry-after", "llmref-deprecated", "x-request-id"} <= exposed


def test_what_is_deprecated_is_named_in_a_header(fresh: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the schema is deprecated now, so a field is made so for the test, with a document of its own."""
    until_kept(fresh)
    query = '{ deprecatedOrNot: model(ref: "one") { name } }'
    monkeypatch.setattr("schema.deprecations._reasons", lambda _: {"Model.name": "Use `slug`. Gone after 2027-03-01."})
    for _ in range(2):  # computed, and kept
        found = ask(fresh, query)
        assert found.headers["llmref-deprecated"] == '"Model.name";sunset="2027-03-01"'
    assert "llmref-deprecated" not in ask(fresh, "{ __typename }").headers


def test_a_search_is_paid_whatever_it_finds(fresh: TestClient) -> None:
    cost = ask(fresh, '{ models(first: 1, where: {text: "nothing like it"}) { nodes { slug } } }').json()["extensions"][
        "cost"
    ]
    assert cost["estimated"] >= cost["actual"] > SEARCH


def test_what_costs_more_than_a_whole_budget_is_refused_for_good(filled: str) -> None:
    """And not with a 429, after which one would wait for it in vain."""
    with TestClient(create_app(from_env({"RATE_LIMIT": "1000"}), filled)) as small:
        ours = {"documentId": "Compare", "variables": '{"models": ["one", "two"]}'}
        headers = {"accept": "application/graphql-response+json"}
        for refused in (ask(small, LARGE), small.get("/graphql", params=ours, headers=headers)):
            (error,) = refused.json()["errors"]
            assert (refused.status_code, error["extensions"]["code"]) == (400, "OPERATION_TOO_COSTLY")
            assert "one may have 1,000, at most what a minute allows" in error["message"]
            assert refused.json()["extensions"]["cost"]["limit"] == 1_000
        assert ask(small).status_code == 200


def test_the_first_who_asks_a_document_pays_for_its_being_prepared() -> None:
    """Also where it executes nothing, as one whose fields are all skipped."""

    def least(text: str, *, trusted: bool = False) -> int:
        return _preparing(Asked(text, {}, None, trusted=trusted))

    short, long = "{ a1b2: __typename }", "{ " + " ".join(f"a{n}: __typename" for n in range(50)) + " }"
    assert [least(short), least(short)] == [NEW_LEAST, KEPT_POINTS]
    assert [least(long), least(long)] == [len(long) // NEW_LETTERS, KEPT_POINTS]
    assert least("{ __typename } #" + "x" * 9_000) == UNREAD_POINTS
    assert least("{ a1b3: __typename }", trusted=True) == KEPT_POINTS
