"""An id for each request: the one that the client sent where it is a sane one, else a new one. It is in the answer's headers and in the log."""

from __future__ import annotations

import re
from contextvars import ContextVar
from secrets import token_hex

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-request-id"
_NAME = HEADER.encode()
_SANE = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
"""What fits into a log line and a header as it is."""
CURRENT: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIds:
    """Middleware around everything, so that refusals and pages have an id too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        id = next((value for name, value in scope["headers"] if name == _NAME), b"")
        if _SANE.fullmatch(id) is None:
            id = token_hex(16).encode()
        CURRENT.set(id.decode())

        async def sent(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                message["headers"] = [*message.get("headers", ()), (_NAME, id)]
            await send(message)

        await self._app(scope, receive, sent)
