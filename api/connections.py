"""What a connection may make this process hold before anything is answered, as uvicorn bounds neither what is asked ahead nor pings;
and whole answers are written at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

ASKED_AHEAD = 16
"""Requests that wait on a connection for the answer to one before them. Browsers and client libraries send none ahead."""
PINGS, PINGS_PER_S = 200, 20
"""Pings that a socket takes at once, and a second: as many as messages."""


class Http(HttpToolsProtocol):
    """Closes a connection on which more is asked ahead, as a queue takes some kilobytes for each request of fifty bytes. What is being
    answered is told when a connection is lost; uvicorn tells the last one that waits."""

    _answered: RequestResponseCycle | None = None
    _leaving: Leaving | None = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answered, self._leaving = cycle, Leaving(cycle.flow)
        cycle.scope[LEAVING] = self._leaving  # type: ignore[literal-required]
        super()._start_asgi_task(cycle, partial(_answering, cycle, app))

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is no more."""
        self._tell()
        super().connection_lost(exc)

    def _tell(self) -> None:
        if self._answered is not None and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()
            if self._leaving is not None:
                self._leaving.left()

    def on_headers_complete(self) -> None:
        """A request has begun."""
        if len(self.pipeline) >= ASKED_AHEAD:
            self._tell()
            self.transport.close()
            return
        super().on_headers_complete()


LEAVING = "llmref.leaving"
"""In the scope of a request: its `Leaving`."""


class Leaving:
    """Tells when the client of a request has left. Who waits for a message that says so needs a task for it, which takes a tenth of the
    time of a small answer."""

    __slots__ = ("_flow", "_leave", "gone")

    def __init__(self, flow: FlowControl) -> None:
        self._flow = flow
        self._leave: Callable[[], object] | None = None
        self.gone = False

    def tell(self, leave: Callable[[], object]) -> Callable[[], object]:
        """Calls `leave` when the client leaves, until what is returned is called."""
        self._leave = leave
        self._flow.resume_reading()  # who does not read does not see it leave
        if self.gone:
            asyncio.get_running_loop().call_soon(self.left)
        return self._stay

    def _stay(self) -> None:
        self._leave = None

    def left(self) -> None:
        """The client has left."""
        leave, self._leave, self.gone = self._leave, None, True
        if leave is not None:
            leave()


def _answering(
    cycle: RequestResponseCycle, app: ASGI3Application, scope: Any, receive: Any, _send: Any
) -> Awaitable[None]:
    return app(scope, receive, Whole(cycle).send)


_JOINED = 4_096
"""Bytes of a body up to which copying it behind its head costs less than handing over both."""
_OF_CONNECTION = frozenset({b"connection", b"transfer-encoding"})


@lru_cache(maxsize=1024)
def _line(name: bytes, value: bytes) -> bytes | None:
    """A header as it is sent; None for what uvicorn has to look at, or refuse."""
    name = name.lower()
    if name in _OF_CONNECTION or HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
        return None
    return b"%b: %b\r\n" % (name, value)


class Whole:
    """Sends what uvicorn would send, byte for byte. An answer of known length that comes in one piece is written with its head, whose
    lines are remembered, as most headers are the same in every answer: uvicorn looks through each anew, which takes a fifth of the
    time of an answer that was kept. Everything else is uvicorn's."""

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._start: Any = None
        """What begins an answer and was not sent yet."""
        self._head: list[bytes] = []
        self._length = -1

    async def send(self, message: Any) -> None:
        """One message of ASGI."""
        cycle = self._cycle
        if self._start is None:
            if message["type"] == "http.response.start" and self._begins(message):
                self._start = message
            else:
                await cycle.send(message)
            return
        start, self._start = self._start, None
        body = message.get("body", b"")
        if message.get("more_body") or len(body) != self._length or cycle.response_started:
            await cycle.send(start)
            await cycle.send(message)
            return
        if cycle.flow.write_paused and not cycle.disconnected:
            await cycle.flow.drain()
        if not cycle.disconnected:
            self._write(body)

    def _begins(self, start: Any) -> bool:
        """Whether it begins an answer of known length; its head is made then."""
        cycle = self._cycle
        if cycle.scope["method"] == "HEAD" or cycle.access_log or not cycle.keep_alive:
            return False
        head = [STATUS_LINE[start["status"]]]
        length = None
        for name, value in (*cycle.default_headers, *start["headers"]):
            line = _line(name, value)
            if line is None:
                return False
            head.append(line)
            if name == b"content-length":
                length = value
        if length is None or not length.isdigit():
            return False
        head.append(b"\r\n")
        self._head, self._length = head, int(length)
        return True

    def _write(self, body: bytes) -> None:
        cycle = self._cycle
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        head = b"".join(self._head)
        if self._length <= _JOINED:
            cycle.transport.write(head + body)
        else:
            cycle.transport.writelines((head, body))
        cycle.message_event.set()
        if not cycle.keep_alive:  # since the server is about to end
            cycle.transport.close()
        cycle.on_response()


class Sockets(WebSocketsSansIOProtocol):
    """Closes a socket that is pinged more often, as who pings and reads nothing lets the answers pile up."""

    _pings, _pinged = float(PINGS), 0.0

    def handle_ping(self) -> None:
        """A ping has come, and its answer is made."""
        now = self.loop.time()
        self._pings = min(PINGS, self._pings + (now - self._pinged) * PINGS_PER_S) - 1
        self._pinged = now
        if self.close_sent:
            return
        if self._pings < 0:
            self.conn.fail(4429, "Too many pings")
        super().handle_ping()
        if self._pings < 0:
            self.close_sent = True
            self.transport.close()
