"""Counts, logs and traces every request to the GraphQL endpoint, and every operation on a socket, in one place around them, and
measures the process that answers.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp, Receive, Scope, Send

from api.asked import Asked, ClientLeft
from api.metrics import Metrics
from api.observed import CURRENT, LEFT, OTHER, Seen
from api.operations import operations
from api.request_log import RequestLog
from api.service import Service
from api.settings import Settings
from api.subscriptions import Subscriptions

if TYPE_CHECKING:
    from api.tracing import Tracing


class Observing:
    """The endpoint with everything that looks on while it answers."""

    def __init__(
        self, endpoint: ASGIApp, settings: Settings, engine: AsyncEngine, service: Service, streams: Subscriptions
    ) -> None:
        self._endpoint = endpoint
        self.metrics = Metrics(engine, service, streams)
        self._names = {each.query: each.name for each in operations()}
        self._told: list[Callable[[Scope, Seen], None]] = []
        if settings.log_requests is not None:
            self._told.append(RequestLog(settings.log_requests, settings.log_slow_ms / 1000))
        self._tracing: Tracing | None = None
        self._stop: Callable[[], None] = lambda: None
        if settings.traces or settings.sent_metrics:
            self._send(settings, engine)

    def _send(self, settings: Settings, engine: AsyncEngine) -> None:
        # Only here: who sends nothing to a collector does not pay for OpenTelemetry.
        from api import tracing

        traces, meters = tracing.tracer_provider(settings), tracing.meter_provider(settings)
        if traces is not None:
            self._tracing = tracing.Tracing(traces, engine)
        if meters is not None:
            self._told.append(tracing.send_metrics(meters, self.metrics))
        self._stop = lambda: tracing.shut_down(each for each in (traces, meters) if each is not None)

    @contextlib.asynccontextmanager
    async def on(self) -> AsyncIterator[None]:
        """Looks on while what is inside is done."""
        if self._tracing is not None:
            self._tracing.start()
        try:
            async with self.metrics.watching():
                yield
        finally:
            if self._tracing is not None:
                self._tracing.stop()
            self._stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request over HTTP."""
        seen = Seen()
        if self._tracing is None:
            await self._watched(scope, seen, self._endpoint(scope, receive, send))
            return
        with self._tracing.request(scope, seen):
            await self._watched(scope, seen, self._endpoint(scope, receive, send))

    async def operation(self, scope: Scope, asked: Asked | None, answer: Callable[[], Awaitable[None]]) -> None:
        """One operation on a socket, whose scope it has. `asked` is None where it cannot be read."""
        await self._watched(scope, Seen(asked, transport="websocket"), answer())

    async def _watched(self, scope: Scope, seen: Seen, answering: Awaitable[None]) -> None:
        token = CURRENT.set(seen)
        began = time.perf_counter()
        self.metrics.in_flight += 1
        try:
            await answering
        except ClientLeft:
            seen.status = LEFT
            raise
        except Exception:
            seen.status, seen.codes = 500, ("INTERNAL_SERVER_ERROR",)
            raise
        finally:
            self.metrics.in_flight -= 1
            CURRENT.reset(token)
            seen.seconds = time.perf_counter() - began
            if seen.asked is not None:
                seen.operation = self._names.get(seen.asked.text, OTHER)
            self.metrics.count(seen)
            for told in self._told:
                told(scope, seen)
