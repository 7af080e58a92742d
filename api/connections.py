"""What a connection may make this process hold before anything is answered: uvicorn bounds neither what is asked ahead nor pings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
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

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is no more."""
        self._tell()
        super().connection_lost(exc)

    def _tell(self) -> None:
        if self._answered is not None and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()

    def on_headers_complete(self) -> None:
        """A request has begun."""
        if len(self.pipeline) >= ASKED_AHEAD:
            self._tell()
            self.transport.close()
            return
        super().on_headers_complete()


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
