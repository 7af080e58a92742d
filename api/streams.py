"""Server-sent events: one operation a request, its answers as events `next`, and `complete` at its end (the distinct connections
mode of the graphql-sse protocol).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from starlette.types import Send

from api.asked import ClientLeft, Media
from api.cache import Reply
from api.front import Headers
from api.subscriptions import SEND_S

HEADERS = [
    (b"content-type", f"{Media.EVENTS.value}; charset=utf-8".encode()),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
]
"""The last one is for proxies that would collect before they pass on."""
COMPLETE = b"event: complete\ndata:\n\n"
ALIVE = b":\n\n"


def event_of(reply: Reply) -> bytes:
    """An answer as an event. JSON has no line ends of its own."""
    return b"event: next\ndata: " + reply.told + b"\n\n"


async def stream(send: Send, head: Headers, answers: AsyncGenerator[Reply | None, None]) -> None:
    """Sends all answers, with these headers besides. Raises Refused before anything is sent. A client that takes nothing is told nothing more; its response ends
    when it has taken what is on its way, or is cancelled when it is gone."""
    try:
        async with contextlib.aclosing(answers):
            first = await anext(answers)
            await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, *head]})
            await _sent(send, ALIVE if first is None else event_of(first))
            async for reply in answers:
                await _sent(send, ALIVE if reply is None else event_of(reply))
        last = COMPLETE
    except ClientLeft:
        last = b""
    await send({"type": "http.response.body", "body": last, "more_body": False})


async def _sent(send: Send, data: bytes) -> None:
    """Raises ClientLeft for a client that takes nothing."""
    try:
        async with asyncio.timeout(SEND_S):
            await send({"type": "http.response.body", "body": data, "more_body": True})
    except TimeoutError:
        raise ClientLeft from None
