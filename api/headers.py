"""Headers that every response has, whatever made it: what a browser must not do with it. Put around the whole application."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
_DAY_S = 86_400


class SecurityHeaders:
    """Adds the headers. `hsts_days` over 0 tells browsers to come over TLS alone for so long; for who has TLS in front of us."""

    def __init__(self, app: ASGIApp, *, hsts_days: int = 0) -> None:
        self._app = app
        hsts = [(b"strict-transport-security", b"max-age=%d" % (hsts_days * _DAY_S))] if hsts_days else []
        self._of_a_page = [*HEADERS, *hsts]
        self._of_others = [*self._of_a_page, (POLICY, NOTHING)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                has_policy = any(name == POLICY for name, _ in headers)
                headers.extend(self._of_a_page if has_policy else self._of_others)
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, sent)
