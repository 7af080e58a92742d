"""An id for each request: the one that the client sent where it is a sane one, else a new one. It is in the answer's headers and in the log."""

from __future__ import annotations

import re
from contextvars import ContextVar
from random import getrandbits

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-request-id"
_NAME = HEADER.encode()
_SANE = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
"""What fits into a log line and a header as it is."""
CURRENT: ContextVar[bytes] = ContextVar("request_id", default=b"-")


_STARTS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})


class RequestIds:
    """Middleware around everything, so that refusals and pages have an id too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        id = b""
        for name, value in scope["headers"]:
            if name == _NAME:
                id = value
                break
        if not id or _SANE.fullmatch(id) is None:
            id = b"%032x" % getrandbits(128)
        CURRENT.set(id)

        async def sent(message: Message) -> None:
            if message["type"] in _STARTS:
                message.setdefault("headers", [])
                message["headers"].append((_NAME, id))
            await send(message)

        await self._app(scope, receive, sent)
