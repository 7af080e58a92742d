"""The protocol graphql-transport-ws to the letter, its limits, and that clients who leave leave nothing behind."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from api.asked import MAX_BODY
from api.documents import document_id
from api.operations import operations
from api.sockets import BURST, MOST_OPERATIONS
from tests.streaming import PROTOCOL, Server, heard, revise, said, streaming, subscribed, until

pytestmark = pytest.mark.asyncio
REVISED = "subscription { catalogRevised { revision } }"
NAME = '{ model(ref: "one") { name } }'
INIT = {"type": "connection_init"}


@pytest_asyncio.fixture
async def server(filled: str) -> AsyncIterator[Server]:
    async with streaming(filled) as made:
        yield made


def subscribe(id_: Any = "1", payload: Any = None) -> dict[str, Any]:
    return {"id": id_, "type": "subscribe", "payload": {"query": REVISED} if payload is None else payload}


@pytest.mark.parametrize(
    ("_case", "messages", "code"),
    [
        ("no JSON", ["{"], 4400),
        ("a number", ["1"], 4400),
        ("a list", ["[]"], 4400),
        ("null", ["null"], 4400),
        ("deep", ["[" * 20_000], 4400),
        ("bytes", [b"{}"], 4400),
        ("no type", ["{}"], 4400),
        ("a type of the legacy protocol", [INIT, {"id": "1", "type": "start", "payload": {}}], 4400),
        ("a type that is a list", [{"type": []}], 4400),
        ("a payload of init that is no object", [INIT | {"payload": "x"}], 4400),
        ("a key that is none", [INIT | {"payload": {"authorization": "Bearer nonsense"}}], 4403),
        ("a key that is a number", [INIT | {"payload": {"authorization": 1}}], 4400),
        ("a payload that is no object", [INIT, subscribe(payload=[1])], 4400),
        ("a payload that is text", [INIT, subscribe(payload="x")], 4400),
        ("no payload", [INIT, {"id": "1", "type": "subscribe"}], 4400),
        ("no id", [INIT, {"type": "subscribe", "payload": {"query": REVISED}}], 4400),
        ("an id that is a number", [INIT, subscribe(1)], 4400),
        ("an empty id", [INIT, subscribe("")], 4400),
        ("complete without an id", [INIT, {"type": "complete"}], 4400),
        ("no init", [subscribe()], 4401),
        ("init twice", [INIT, INIT], 4429),
        ("an id twice", [INIT, subscribe(), subscribe()], 4409),
        ("too large", [json.dumps({"type": "ping", "payload": {"x": " " * MAX_BODY}})], 1009),
        ("a flood", [{"type": "pong"}] * (BURST + 100), 4429),
    ],
)
async def test_what_is_no_message_of_the_protocol_closes_the_socket(
    server: Server, caplog: pytest.LogCaptureFixture, _case: str, messages: Sequence[Any], code: int
) -> None:
    async with server.connected() as client:
        with pytest.raises(ConnectionClosed) as closed:
            await conversation(client, messages)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code
    await nobody(server)
    assert [record for record in caplog.records if record.exc_info] == []


async def test_init_is_waited_for_and_not_for_ever(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.sockets.INIT_S", 0.2)
    async with server.connected() as client:
        with pytest.raises(ConnectionClosed) as closed:
            await heard(client)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4408


@pytest.mark.parametrize("protocols", [["graphql-ws"], None])
async def test_another_protocol_is_refused(server: Server, protocols: list[Subprotocol] | None) -> None:
    async with connect(f"ws://127.0.0.1:{server.port}/graphql", subprotocols=protocols) as client:
        with pytest.raises(ConnectionClosed) as closed:
            await heard(client)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4406
        assert client.subprotocol is None


async def test_ping_is_answered_before_init_too(server: Server) -> None:
    async with server.connected() as client:
        await said(client, type="ping", payload={"at": 1})
        assert await heard(client) == {"type": "pong"}


async def test_what_is_wrong_with_an_operation_is_its_error_and_others_go_on(server: Server) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "BAD_REQUEST"),
        ({"query": 1}, "BAD_REQUEST"),
        ({"query": NAME, "variables": []}, "BAD_REQUEST"),
        ({"query": NAME, "variables": {"a": json.loads("[" * 300 + "]" * 300)}}, "BAD_REQUEST"),
        ({"documentId": "nobody's"}, "UNKNOWN_DOCUMENT"),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}, "PERSISTED_QUERY_NOT_FOUND"),
        ({"query": "mutation { x }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query a { __typename } query b { __typename }"}, "OPERATION_RESOLUTION_FAILURE"),
    ]
    async with server.client() as client:
        for payload, code in cases:
            await said(client, **subscribe("x", payload or {"variables": {}}))
            found = await heard(client)
            assert (found["id"], found["type"]) == ("x", "error")
            assert found["payload"][0]["extensions"]["code"] == code
        await subscribed(client, NAME)
        assert (await heard(client))["payload"]["data"] == {"model": {"name": "One"}}


async def test_documents_are_named_over_the_socket_too(server: Server) -> None:
    text = "{ __typename }"
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": document_id(text).removeprefix("sha256:")}}
    first = operations()[0]
    async with server.client() as client:
        for id_, payload in (
            ("1", {"query": text, "extensions": persisted}),
            ("2", {"extensions": persisted}),
            ("3", {"documentId": first.name, "variables": first.variables}),
        ):
            await said(client, **subscribe(id_, payload))
            found = await heard(client)
            assert (found["id"], found["type"]) == (id_, "next")
            assert await heard(client) == {"id": id_, "type": "complete"}


async def test_a_completed_operation_is_silent_and_its_id_is_free(server: Server, filled: str) -> None:
    async with server.client() as client:
        await subscribed(client, REVISED)
        await said(client, id="1", type="complete")
        await said(client, id="nobody's", type="complete")
        await subscribed(client, NAME)
        assert (await heard(client))["type"] == "next"
        assert await heard(client) == {"id": "1", "type": "complete"}
        await until(lambda: server.subscriptions.open == 1)


@pytest.mark.parametrize("broken", ["Service.kept", "Service.told", "Documents.trusted"])
async def test_a_failure_of_one_operation_is_its_error_and_others_go_on(
    filled: str, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """Whatever fails that was not foreseen, and wherever: while the operation is read, or while it is answered."""

    def fails(*_: object) -> None:
        raise ValueError("a mistake of ours")

    async with streaming(filled) as server, server.client() as client:
        await subscribed(client, REVISED, "before")
        await until(lambda: server.subscriptions.open == 2)
        room = "api.documents" if broken.startswith("Documents") else "api.service"
        monkeypatch.setattr(f"{room}.{broken}", fails)
        await said(client, **subscribe("x", {"query": REVISED if broken == "Service.told" else NAME}))
        found = await heard(client)
        assert (found["id"], found["type"]) == ("x", "error")
        assert found["payload"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert "mistake" not in str(found)
        monkeypatch.undo()
        await said(client, **subscribe("x", {"query": NAME}))
        assert (await heard(client))["payload"]["data"] == {"model": {"name": "One"}}
        assert await heard(client) == {"id": "x", "type": "complete"}
        revision = await revise(filled)
        told = await heard(client)
        assert (told["id"], told["payload"]["data"]) == ("before", {"catalogRevised": {"revision": revision}})


async def test_a_failure_of_the_session_closes_its_socket_in_words(
    filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("a mistake of ours")

    async with streaming(filled) as server, server.client() as client:
        monkeypatch.setattr("api.sockets._parsed", fails)
        await said(client, type="ping")
        with pytest.raises(ConnectionClosed) as closed:
            await heard(client)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1011, "Internal error")
        await nobody(server)


async def test_a_failure_of_a_stream_is_its_last_event(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ValueError("a mistake of ours")

    monkeypatch.setattr("api.service.Service.told", fails)
    async with streaming(filled) as server, server.events(REVISED) as events:
        text = (await events.reader.readuntil(b"event: complete")).decode()
    assert "INTERNAL_SERVER_ERROR" in text
    assert "mistake" not in text


async def test_a_socket_has_so_many_operations_and_a_process_so_many_streams(filled: str) -> None:
    async with (
        streaming(filled, STREAMS_MOST=str(MOST_OPERATIONS + 1), RATE_LIMIT="off") as server,
        server.client() as client,
    ):
        for number in range(MOST_OPERATIONS):
            await subscribed(client, REVISED, str(number))
        await subscribed(client, NAME, "one more")
        found = await heard(client)
        assert (found["id"], found["payload"][0]["extensions"]["code"]) == ("one more", "TOO_MANY_OPERATIONS")
        await until(lambda: server.subscriptions.open == MOST_OPERATIONS + 1)
        async with server.events(REVISED) as events:
            assert events.status == 503
            assert events.headers["retry-after"] == "30"
            assert (await events.body())["errors"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"
        with pytest.raises(InvalidStatus) as refused:
            async with server.connected():
                pass
        assert refused.value.response.status_code == 503
        await said(client, id="0", type="complete")
        await until(lambda: server.subscriptions.open == MOST_OPERATIONS)
        async with server.events(REVISED) as events:
            assert events.status == 200


async def test_one_address_holds_a_share_of_the_streams(filled: str) -> None:
    async with streaming(filled, STREAMS_MOST="8") as server:
        async with server.client() as client:
            await subscribed(client, REVISED, "mine")
            await until(lambda: server.subscriptions.open == 2)
            await subscribed(client, REVISED, "one more")
            found = await heard(client)
            assert (found["id"], found["payload"][0]["extensions"]["code"]) == ("one more", "TOO_MANY_STREAMS")
            async with server.events(REVISED) as events:
                assert events.status == 429
                assert "2 streams" in (await events.body())["errors"][0]["message"]
            with pytest.raises(InvalidStatus) as refused:
                async with server.connected():
                    pass
            assert refused.value.response.status_code == 429
        await until(lambda: server.subscriptions.open == 0)
        async with server.events(REVISED) as events:
            assert events.status == 200


@pytest.mark.parametrize(
    ("_case", "origins", "origin", "status"),
    [
        ("any", "*", "https://anywhere.example", 101),
        ("one of ours", "https://a.example,https://b.example", "https://b.example", 101),
        ("no browser", "https://a.example", None, 101),
        ("another one", "https://a.example", "https://evil.example", 403),
        ("null", "https://a.example", "null", 403),
        ("one that is no address", "https://a.example", "http://[::bad", 403),
        ("our own, of which no scheme is told", "https://a.example", "127.0.0.1", 403),
    ],
)
async def test_pages_of_other_origins_may_not_connect(
    filled: str, _case: str, origins: str, origin: str | None, status: int
) -> None:
    async with streaming(filled, CORS_ORIGINS=origins) as server:
        given = None if origin is None else Origin(origin)
        if status == 101:
            async with server.connected(origin=given) as client:
                assert client.subprotocol == PROTOCOL
        else:
            with pytest.raises(InvalidStatus) as refused:
                async with server.connected(origin=given):
                    pass
            assert refused.value.response.status_code == status
        async with server.connected(origin=Origin(f"http://127.0.0.1:{server.port}")):
            pass  # our own pages


async def test_clients_that_vanish_leave_nothing_behind(server: Server, filled: str) -> None:
    before = tasks()
    sockets, streams = [], []
    for _ in range(30):
        client = await server.connected()
        await said(client, **INIT)
        await heard(client)
        await subscribed(client, REVISED, "1")
        await subscribed(client, "subscription { priceChanged { revision } }", "2")
        sockets.append(client)
        stream = server.events(REVISED)
        await stream.__aenter__()
        streams.append(stream)
    await until(lambda: server.subscriptions.open == 30 * 4)
    assert (tasks() - before).total() > 30 * 4
    for client in sockets:
        client.transport.abort()
        await client.wait_closed()
    for stream in streams:
        await stream.__aexit__(None, None, None)
    await nobody(server)
    await until(lambda: tasks() <= before)
    assert await revise(filled) > 1
    await until(lambda: tasks() <= before)


def tasks() -> Counter[str]:
    """What runs in this loop."""
    return Counter(getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks())


async def test_a_client_that_takes_nothing_is_given_up(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it was sent fills what the network holds; then nothing more is computed for it, and its place is free. That is no error."""
    monkeypatch.setattr("api.sockets.SEND_S", 0.5)
    monkeypatch.setattr("api.streams.SEND_S", 0.5)
    large = "subscription { priceChanged(after: 0) { changes { amounts { unit before after ratio } rule { text } } } }"
    await revise(filled, 900)
    told: list[str] = []
    monkeypatch.setattr(logging.getLogger("uvicorn.error"), "error", lambda *said, **_: told.append(str(said)))
    async with streaming(filled) as server, server.client() as client, server.events(large) as events:
        client.transport.pause_reading()
        events.writer.transport.pause_reading()  # type: ignore[attr-defined] # it can, as every one that reads
        for number in range(MOST_OPERATIONS):
            await subscribed(client, large, str(number))
        await nobody(server)
        client.transport.abort()
        events.writer.transport.resume_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(20):
            while size := int(await events.reader.readline(), 16):
                text = await events.reader.readexactly(size + 2)
    assert text.startswith(b"event: next"), "it ends where it was given up, and is not complete"
    assert told == []


async def conversation(client: ClientConnection, messages: Sequence[Any]) -> None:
    for each in messages:
        await client.send(each if isinstance(each, str | bytes) else json.dumps(each))
    while True:
        await heard(client)


async def nobody(server: Server) -> None:
    await until(lambda: server.subscriptions.open == 0)
