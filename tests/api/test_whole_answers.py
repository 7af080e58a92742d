"""What goes over a connection is what uvicorn would send, byte for byte, however an answer comes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from api.connections import LEAVING, Http

App = Callable[[Any, Any, Any], Awaitable[None]]
GET = b"GET /any HTTP/1.1\r\nhost: t\r\n\r\n"
PLAIN = (b"content-type", b"text/plain")


class Transport:
    """Takes what is written."""

    def __init__(self) -> None:
        self.sent, self.closed, self.paused = b"", False, False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)}.get(name, default)

    def write(self, data: bytes) -> None:
        self.sent += data

    def writelines(self, several: Iterable[bytes]) -> None:
        self.sent += b"".join(several)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


async def connection(protocol: type[HttpToolsProtocol], app: App) -> tuple[Any, Transport]:
    """A connection that such a protocol serves."""
    config = uvicorn.Config(app, http=protocol, lifespan="off", access_log=False, log_config=None)
    config.load()
    state = ServerState()
    state.default_headers = [(b"date", b"Fri, 27 Nov 2026 00:00:00 GMT"), (b"server", b"uvicorn")]
    made, transport = protocol(config, state, {}), Transport()
    made.connection_made(transport)  # type: ignore[arg-type]
    return made, transport


async def settled(made: Any) -> None:
    """Returns when nothing is being answered any more."""
    async with asyncio.timeout(5):
        while made.tasks or (made.pipeline and not made.transport.is_closing()):  # noqa: ASYNC110
            await asyncio.sleep(0)
    if made.timeout_keep_alive_task is not None:
        made.timeout_keep_alive_task.cancel()


def saying(*messages: dict[str, Any], error: Exception | None = None) -> App:
    """Sends these, and then fails where there is an error."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        for message in messages:
            await send({**message})
        if error is not None:
            raise error

    return app


def start(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": [*headers]}


def body(data: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


def length(number: int) -> tuple[bytes, bytes]:
    return (b"content-length", b"%d" % number)


APPS: dict[str, App] = {
    "whole": saying(start(PLAIN, length(5)), body(b"whole")),
    "large": saying(start(PLAIN, length(200_000)), body(b"x" * 200_000)),
    "empty": saying(start(length(0)), body(b"")),
    "without a body": saying(start(length(0)), {"type": "http.response.body"}),
    "in pieces": saying(start(length(6)), body(b"in ", more=True), body(b"two")),
    "of unknown length": saying(start(PLAIN), body(b"some", more=True), body(b"thing")),
    "unchanged": saying(start((b"etag", b'"1"'), status=304), body(b"")),
    "names in capitals": saying(start((b"Content-Length", b"2"), (b"X-Any", b"A")), body(b"ok")),
    "closes": saying(start(length(2), (b"connection", b"close")), body(b"ok")),
    "chunked by itself": saying(start((b"transfer-encoding", b"chunked")), body(b"ok")),
    "a length of letters": saying(start((b"content-length", b"two")), body(b"ok")),
    "too short": saying(start(length(9)), body(b"short")),
    "too long": saying(start(length(2)), body(b"long")),
    "a line break in a value": saying(start(length(2), (b"x-any", b"a\r\nx-other: b")), body(b"ok")),
    "a space in a name": saying(start(length(2), (b"x any", b"a")), body(b"ok")),
    "nothing": saying(),
    "a head alone, of unknown length": saying(start(PLAIN)),
    "fails at once": saying(error=ValueError("no")),
    "fails behind all": saying(start(length(2)), body(b"ok"), error=ValueError("no")),
    "twice": saying(start(length(2)), body(b"ok"), body(b"ok")),
    "a body first": saying(body(b"ok")),
}
REQUESTS = {
    "one": GET,
    "head": GET.replace(b"GET", b"HEAD"),
    "closing": GET.replace(b"host: t", b"host: t\r\nconnection: close"),
    "old": GET.replace(b"1.1", b"1.0"),
    "three ahead": GET * 3,
    "expecting": b"POST / HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\nhi",
}


@pytest.mark.asyncio
@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("app", APPS.values(), ids=APPS)
async def test_an_answer_is_written_as_uvicorn_writes_it(app: App, request_: bytes) -> None:
    seen = []
    for protocol in (HttpToolsProtocol, Http):
        made, transport = await connection(protocol, app)
        made.data_received(request_)
        await settled(made)
        seen.append((transport.sent, transport.closed))
    assert seen[1] == seen[0]
    assert seen[0][0] or seen[0][1]


@pytest.mark.asyncio
async def test_what_fails_after_its_head_alone_is_an_error_and_no_connection_that_ends() -> None:
    """uvicorn has sent the head of known length by then; here nothing was sent, so that the failure can be told."""
    made, transport = await connection(Http, saying(start(length(2)), error=ValueError("no")))
    made.data_received(GET)
    await settled(made)
    assert transport.sent.startswith(b"HTTP/1.1 500 ")


@pytest.mark.asyncio
async def test_who_writes_waits_for_a_client_that_does_not_read() -> None:
    made, transport = await connection(Http, APPS["whole"])
    made.pause_writing()
    made.data_received(GET)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not transport.sent
    made.resume_writing()
    await settled(made)
    assert transport.sent.endswith(b"whole")


@pytest.mark.asyncio
async def test_an_application_is_told_once_that_its_client_has_left() -> None:
    told: list[str] = []
    ended = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        stay = scope[LEAVING].tell(lambda: told.append("left"))
        await ended.wait()
        stay()

    made, _ = await connection(Http, app)
    made.data_received(GET * 2)
    await asyncio.sleep(0)
    made.connection_lost(None)
    made.connection_lost(None)
    assert told == ["left"]
    ended.set()
    await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_who_asks_after_the_client_has_left_is_told_too() -> None:
    told: list[str] = []
    may = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await may.wait()
        scope[LEAVING].tell(lambda: told.append("left"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    made, _ = await connection(Http, app)
    made.data_received(GET)
    await asyncio.sleep(0)
    made.connection_lost(None)
    may.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert told == ["left"]


@pytest.mark.asyncio
async def test_who_has_its_answer_is_not_told_that_its_client_left() -> None:
    told: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope[LEAVING].tell(lambda: told.append("left"))()
        await APPS["whole"](scope, receive, send)

    made, _ = await connection(Http, app)
    made.data_received(GET)
    await settled(made)
    made.connection_lost(None)
    assert told == []
