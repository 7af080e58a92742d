"""What stands before everything that answers: an id for each request, the headers that every response has whatever made it, and what
pages of other origins may read. A question goes from here to its endpoint, without the steps that a page takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TypeAlias

from starlette.datastructures import Headers as StarletteHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.asked import headers
from api.errors import STOPPING, Refused, internal_error
from api.request_ids import CURRENT, HEADER, id_of

ENDPOINT = "/graphql"
POLICY = b"content-security-policy"
NOTHING = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of what is no page of ours: it loads nothing, runs nothing and is framed by nobody."""
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    # Programs of other origins read our answers by CORS, which this does not touch; as an image or script nobody should.
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
Headers: TypeAlias = "list[tuple[bytes, bytes]]"
_ID = HEADER.encode()
_DAY_S = 86_400
_UNKEPT = {"cache-control": "no-store"}
_STARTS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})


class _Preflights(CORSMiddleware):
    """Says in JSON why a page may not ask."""

    def preflight_response(self, request_headers: StarletteHeaders) -> Response:
        found = super().preflight_response(request_headers)
        if found.status_code == 200:
            return found
        refused = Refused(found.status_code, "BAD_REQUEST", f"{bytes(found.body).decode()}.")
        kept = {name: value for name, value in found.headers.items() if not name.startswith("content-")}
        return Response(refused.body, refused.status, kept, "application/json")


class Front:
    """`endpoint` answers HTTP at /graphql and says itself that an answer varies by origin; `pages` answers all else. Pages of
    `origins` may read every answer, with the headers that `exposed` names. `hsts_days` over 0 tells browsers to come over TLS alone
    for so long; for who has TLS in front of us."""

    def __init__(
        self, endpoint: ASGIApp, pages: ASGIApp, *, origins: Sequence[str], exposed: Sequence[str], hsts_days: int = 0
    ) -> None:
        self._endpoint, self._pages = endpoint, pages
        allowed = ["content-type", "authorization", "if-none-match", HEADER]
        self._preflights = _Preflights(
            pages, allow_origins=origins, allow_methods=["GET", "POST"], allow_headers=allowed
        )
        self._origins = frozenset(each.encode() for each in origins)
        self._exposed = (b"access-control-expose-headers", ", ".join(exposed).encode())
        hsts = [(b"strict-transport-security", b"max-age=%d" % (hsts_days * _DAY_S))] if hsts_days else []
        self._of_each = [*HEADERS, *hsts, (POLICY, NOTHING)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._pages(scope, receive, send)
            return
        given = headers(scope)
        id = id_of(given.get(_ID))
        CURRENT.set(id)
        own: Headers = [(_ID, id)]
        if scope["type"] == "websocket":
            await self._pages(scope, receive, _with(own, send))
        elif scope["method"] == "OPTIONS" and b"access-control-request-method" in given and b"origin" in given:
            await self._http(self._preflights, scope, receive, send, own)
        elif scope["path"] == ENDPOINT:
            await self._http(self._endpoint, scope, receive, send, own + self._readable(given.get(b"origin")))
        else:
            own += self._readable(given.get(b"origin"))
            await self._http(self._pages, scope, receive, send, [*own, (b"vary", b"Origin")])

    async def _http(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, own: Headers) -> None:
        """What the application answers, with the headers. Where it fails, that is the answer, and in the log; once something was sent
        nothing more can be said, and the server ends the connection."""
        started = False

        async def sent(message: Message) -> None:
            nonlocal started
            if not started:
                started = True
                said, more = message["headers"], self._of_each
                if app is not self._endpoint and any(name == POLICY for name, _ in said):
                    more = more[:-1]
                message["headers"] = [*said, *own, *more]
            await send(message)

        try:
            await app(scope, receive, sent)
        except asyncio.CancelledError:  # by the server, which is about to end
            if started:
                raise
            await Response(STOPPING.body, STOPPING.status, _UNKEPT | STOPPING.headers, "application/json")(
                scope, receive, sent
            )
        except Exception as error:
            if started:
                raise
            await Response(internal_error(error), 500, _UNKEPT, "application/json")(scope, receive, sent)

    def _readable(self, origin: bytes | None) -> Headers:
        """What tells a browser that a page of this origin may read the answer; nothing where it may not, and where no page asks."""
        if origin is None:
            return []
        if b"*" in self._origins:
            return [(b"access-control-allow-origin", b"*"), self._exposed]
        return [(b"access-control-allow-origin", origin), self._exposed] if origin in self._origins else []


def _with(own: Headers, send: Send) -> Send:
    """Sends with these headers where the handshake of a socket is answered."""

    async def sent(message: Message) -> None:
        if message["type"] in _STARTS:
            message["headers"] = [*message.get("headers", ()), *own]
        await send(message)

    return sent
