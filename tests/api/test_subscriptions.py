"""Subscriptions as server-sent events and over WebSocket: what is told, when, and from where on."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from api.errors import Refused
from schema.answer import event
from schema.subscription import Place
from tests.api.test_paying import issued
from tests.conftest import ROWS
from tests.ingest.small import run_script
from tests.streaming import heard, revise, said, streaming, subscribed, until

pytestmark = pytest.mark.asyncio
REVISED = "subscription ($after: Int) { catalogRevised(after: $after) { revision } }"
CHANGED_OF = "subscription ($where: PriceChangeFilter) { priceChanged(where: $where) { revision } }"
CHANGED = """subscription ($after: Int, $where: PriceChangeFilter) {
  priceChanged(after: $after, where: $where) { revision more changes { of revision amounts { unit before after } } } }"""


@pytest.fixture
def url(new_database: Callable[[], str]) -> str:
    """The made-up catalogue before its first revision."""
    found = new_database()
    run_script(found, ROWS)
    return found


async def test_a_revision_is_told_to_both_transports(url: str) -> None:
    async with (
        streaming(url) as server,
        server.client() as socket,
        server.events(REVISED) as events,
        server.events(REVISED, after=0) as resumed,
    ):
        assert (events.status, events.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        await subscribed(socket, REVISED, after=0)
        for number in (1, 2):
            assert await revise(url) == number
            expected = next_of(number)["payload"]
            assert await heard(socket) == {"id": "1", "type": "next", "payload": expected}
            assert await events.next() == ("next", expected)
            assert await resumed.next() == ("next", expected)


async def test_what_was_missed_is_told_at_once_and_then_what_is_new(url: str) -> None:
    await revise(url, 1)
    await revise(url, 2)
    async with streaming(url) as server, server.client() as socket:
        await subscribed(socket, CHANGED, after=1)
        told = (await heard(socket))["payload"]["data"]["priceChanged"]
        assert (told["revision"], told["more"], [each["revision"] for each in told["changes"]]) == (2, False, [2, 2])
        assert told["changes"][0]["amounts"] == [{"unit": "input", "before": "1", "after": "2"}]
        await revise(url)  # that changed no price
        await revise(url, 1)
        told = (await heard(socket))["payload"]["data"]["priceChanged"]
        assert (told["revision"], [each["revision"] for each in told["changes"]]) == (4, [4])


async def test_what_cannot_be_paid_is_refused_before_it_is_read(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a query is: by its status, and with the time after which to ask again."""
    taken: list[int] = []

    async def take(_: object, points: int) -> None:
        taken.append(points)
        if len(taken) > 1:  # the first one is for looking at the document
            raise Refused(429, "RATE_LIMITED", "Not so many points are left.", {"retry-after": "7"})

    async with streaming(url) as server:
        service = server.app.state.service
        monkeypatch.setattr(service.budgets, "take", take)
        monkeypatch.setattr(service, "_told", None)  # whatever asks for it fails
        async with server.events(REVISED) as events:
            assert (events.status, events.headers["retry-after"]) == (429, "7")
            assert (await events.body())["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert len(taken) == 2
    assert taken[1] > 0


async def test_a_stream_says_what_its_caller_has_left(url: str) -> None:
    async with streaming(url, RATE_LIMIT="5000") as server:
        for query in (REVISED, "{ __typename }"):
            async with server.events(query) as found:
                assert found.status == 200
                assert found.headers["ratelimit-policy"] == '"points";q=5000;w=60;qu="points"'
                assert found.headers["ratelimit"].startswith('"points";r=4')


async def test_only_what_is_asked_for_is_told(url: str) -> None:
    await revise(url, 1)
    async with streaming(url) as server, server.client() as socket:
        await subscribed(socket, CHANGED, "other", after=0, where={"routes": ["host/one"]})
        await subscribed(socket, CHANGED, "later", after=0, where={"routes": ["acme/one"], "afterRevision": 1})
        await revise(url, 3)
        found = await heard(socket)
        assert (found["id"], len(found["payload"]["data"]["priceChanged"]["changes"])) == ("later", 3)


async def test_many_changes_come_in_several_events_none_twice(url: str) -> None:
    await revise(url, 250)
    async with streaming(url) as server, server.events(CHANGED, after=0) as events:
        told = [(await events.next())[1]["data"]["priceChanged"] for _ in range(3)]
        assert [(each["revision"], each["more"], len(each["changes"])) for each in told] == [
            (0, True, 100),
            (0, True, 100),
            (1, False, 50),
        ]


async def test_who_missed_too_much_is_told_how_to_read_it(url: str) -> None:
    await revise(url, 1001)
    async with streaming(url) as server, server.client() as socket, server.events(CHANGED, after=0) as events:
        await subscribed(socket, CHANGED, after=0)
        found = await heard(socket)
        (error,) = found["payload"]
        assert (found["type"], error["extensions"]["code"]) == ("error", "TOO_FAR_BEHIND")
        assert (
            "priceChanges(where: {afterRevision: 0}, order: RECORDED, after: …), then subscribe with after: 1"
            in (error["message"])
        )
        assert await events.next() == ("next", {"errors": [error]})
        assert await events.next() == ("complete", None)


@pytest.mark.parametrize(
    ("_case", "query", "variables", "code"),
    [
        ("a revision that was never there", REVISED, {"after": 7}, "BAD_USER_INPUT"),
        ("a revision that cannot be", CHANGED, {"after": -1}, "BAD_USER_INPUT"),
        ("no number", REVISED, {"after": "x"}, "BAD_USER_INPUT"),
        ("a provider that nobody is", CHANGED_OF, {"where": {"providers": ["nosuch"]}}, "UNKNOWN_PROVIDER"),
        ("what the database cannot take", CHANGED_OF, {"where": {"models": ["nope\0"]}}, "BAD_USER_INPUT"),
        ("nothing that is there", "subscription { nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("two fields", "subscription { a: catalogRevised { revision } b: catalogRevised { revision } }", {}, None),
        ("cannot be parsed", "subscription {", {}, "GRAPHQL_PARSE_FAILED"),
        ("a query that is wrong", "{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        (
            "too costly",
            "subscription { priceChanged { changes { route { model { routes(first: 99) { nodes { provider { name } } } } } } } }",
            {},
            "OPERATION_TOO_COSTLY",
        ),
    ],
)
async def test_what_is_wrong_is_said_in_the_stream(
    filled: str, _case: str, query: str, variables: dict[str, Any], code: str | None
) -> None:
    async with streaming(filled) as server, server.client() as socket, server.events(query, **variables) as events:
        await subscribed(socket, query, **variables)
        found = await heard(socket)
        assert (found["type"], found["payload"][0]["extensions"]["code"]) == (
            "error",
            code or "GRAPHQL_VALIDATION_FAILED",
        )
        kind, said = await events.next()
        assert (kind, said["errors"]) == ("next", found["payload"])
        assert await events.next() == ("complete", None)
        assert server.subscriptions.open == 1  # the socket


async def test_a_query_is_one_event_where_nothing_else_is_accepted(filled: str) -> None:
    query = '{ model(ref: "one") { name } }'
    cost = {"estimated": 1, "actual": 1, "limit": 5_000}
    data = {"data": {"model": {"name": "One"}}, "extensions": {"cost": cost}}
    told = {"data": data["data"], "extensions": {"cost": cost, "revision": 1}}  # what a header says elsewhere
    async with streaming(filled) as server, server.client() as socket:
        async with server.events(query) as events:
            assert [await events.next(), await events.next()] == [("next", told), ("complete", None)]
        for accept in ("application/json, text/event-stream", "text/event-stream, application/graphql-response+json"):
            async with server.events(query, accept) as events:
                assert "json" in events.headers["content-type"]
                assert await events.body() == data
        await subscribed(socket, query)
        assert await heard(socket) == {"id": "1", "type": "next", "payload": told}
        assert await heard(socket) == {"id": "1", "type": "complete"}


async def test_a_subscription_is_streamed_wherever_events_are_accepted(filled: str) -> None:
    async with streaming(filled) as server:
        async with server.events(REVISED, "application/json, text/event-stream;q=0.5", after=0) as events:
            assert (await events.next())[0] == "next"
        async with server.events(REVISED, "application/json") as events:
            assert (await events.body())["errors"][0]["extensions"]["code"] == "OPERATION_RESOLUTION_FAILURE"


async def test_what_we_did_not_raise_on_purpose_is_masked_alike(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a secret of the inside")

    monkeypatch.setattr("schema.subscription._newest", broken)
    monkeypatch.setattr("domain.fit.fit", broken)
    async with streaming(filled) as server, server.client() as socket, server.events(REVISED) as events:
        await subscribed(socket, '{ model(ref: "one") { fit { label } } }', "query")
        await subscribed(socket, REVISED, "subscription")
        seen = [await heard(socket), await heard(socket), await heard(socket), await events.next()]
        assert "secret" not in str(seen)
        assert str(seen).count("INTERNAL_SERVER_ERROR") == 3


async def test_equal_subscriptions_are_computed_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[object] = []

    async def counted(*given: Any, **more: Any) -> Any:
        computed.append(given[2])
        return await event(*given, **more)

    monkeypatch.setattr("api.service.event", counted)
    async with streaming(url) as server, server.client() as socket:
        for number in range(20):
            await subscribed(socket, REVISED, str(number), after=0)
        for _ in range(2):  # after the first one all of them stand at one place
            computed.clear()
            await revise(url)
            assert {(await heard(socket))["id"] for _ in range(20)} == {str(number) for number in range(20)}
        assert computed == [Place(1)]


async def test_stopping_completes_streams_and_says_that_it_is_not_ready(filled: str) -> None:
    async with streaming(filled) as server, server.client() as socket, server.events(REVISED) as events:
        await subscribed(socket, REVISED)
        await until(lambda: server.subscriptions.open == 3)
        await server.subscriptions.end(5)
        assert server.subscriptions.open == 0
        assert await heard(socket) == {"id": "1", "type": "complete"}
        with pytest.raises(ConnectionClosed) as closed:
            await heard(socket)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
        assert await events.next() == ("complete", None)
        async with server.events(REVISED) as late:
            assert (late.status, (await late.body())["errors"][0]["extensions"]["code"]) == (503, "STOPPING")
        async with server.events("{ __typename }", "application/json") as query:
            assert (await query.body())["data"] == {"__typename": "Query"}
        async with server.asking("GET /readyz") as ready:
            body = await ready.body()
            assert (ready.status, body["ready"], body["reason"]) == (503, False, "stopping")


async def test_a_subscriber_outlasts_a_database_that_is_away(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.subscriptions.PAUSES_S", (0.05,))
    away: list[bool] = []

    async def sometimes(*given: Any, **more: Any) -> Any:
        if away:
            away.pop()
            raise OSError
        return await event(*given, **more)

    monkeypatch.setattr("api.service.event", sometimes)
    async with streaming(url) as server, server.client() as socket, server.events(REVISED, after=0) as events:
        await subscribed(socket, REVISED, after=0)
        await revise(url)
        assert (await heard(socket), await events.next()) == (next_of(1), ("next", next_of(1)["payload"]))
        away.extend([True] * 3)
        await revise(url)
        assert (await heard(socket), await events.next()) == (next_of(2), ("next", next_of(2)["payload"]))


@pytest.mark.parametrize(
    ("_case", "keep_alive_s", "ending"),
    [
        ("revoked, noticed while nothing happens", 0.1, "revoked_at"),
        ("expired, noticed while nothing happens", 0.1, "expires_at"),
        ("revoked, noticed at the next event", 60, "revoked_at"),
    ],
)
async def test_a_subscription_ends_with_its_key(
    url: str, monkeypatch: pytest.MonkeyPatch, _case: str, keep_alive_s: float, ending: str
) -> None:
    monkeypatch.setattr("api.subscriptions.KEEP_ALIVE_S", keep_alive_s)
    monkeypatch.setattr("api.callers.BELIEVED_S", 0.1)
    key = await asyncio.to_thread(issued, url, "subscribe")
    bearer, body = f"Bearer {key}", json.dumps({"query": REVISED})
    headers = f"authorization: {bearer}\r\naccept: text/event-stream\r\ncontent-type: application/json"
    headers = f"{headers}\r\ncontent-length: {len(body)}"
    async with (
        streaming(url) as server,
        server.connected() as socket,
        server.asking("POST /graphql", headers, body) as events,
        server.client() as other,
    ):
        await said(socket, type="connection_init", payload={"authorization": bearer})
        assert await heard(socket) == {"type": "connection_ack"}
        await subscribed(socket, REVISED)
        await subscribed(other, REVISED)
        await until(lambda: server.subscriptions.open == 5)
        await asyncio.sleep(0.5)
        assert server.subscriptions.open == 5, "a good key ends nothing"
        await asyncio.to_thread(run_script, url, f"update api_key set {ending} = now()")  # noqa: S608
        if keep_alive_s > 1:
            await asyncio.sleep(0.2)  # it is believed for so long
            await revise(url)
        told = await heard(socket)
        assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "UNAUTHENTICATED")
        assert await events.next() == ("next", {"errors": told["payload"]})
        assert await events.next() == ("complete", None)
        await until(lambda: server.subscriptions.open == 3)
        await revise(url)
        assert (await heard(other))["type"] == "next", "who has no key is not concerned"


def next_of(revision: int) -> dict[str, Any]:
    payload = {
        "data": {"catalogRevised": {"revision": revision}},
        "extensions": {"cost": {"estimated": 1, "actual": 1, "limit": 5_000}, "revision": revision},
    }
    return {"id": "1", "type": "next", "payload": payload}
