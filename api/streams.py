"""Server-sent events: one operation a request, its answers as events `next`, and `complete` at its end (the distinct connections
mode of the graphql-sse protocol).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from starlette.types import Message, Send

from api.asked import ClientLeft, Media
from api.cache import Reply
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
    return b"event: next\ndata: " + reply.body + b"\n\n"


async def stream(send: Send, vary: bytes, answers: AsyncGenerator[Reply | None, None]) -> None:
    """Sends all answers. Raises Refused before anything is sent, and ClientLeft for a client that takes nothing."""
    async with contextlib.aclosing(answers):
        first = await anext(answers)
        await _sent(send, {"type": "http.response.start", "status": 200, "headers": [*HEADERS, (b"vary", vary)]})
        await _sent(send, _part(ALIVE if first is None else event_of(first)))
        async for reply in answers:
            await _sent(send, _part(ALIVE if reply is None else event_of(reply)))
    await _sent(send, {"type": "http.response.body", "body": COMPLETE, "more_body": False})


def _part(data: bytes) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": True}


async def _sent(send: Send, message: Message) -> None:
    try:
        async with asyncio.timeout(SEND_S):
            await send(message)
    except TimeoutError:
        raise ClientLeft from None
