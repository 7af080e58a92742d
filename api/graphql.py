"""GraphQL over HTTP: one ASGI endpoint for GET and POST, written for few steps on the way to an answer that is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import TypeVar

from graphql import OperationType
from starlette.types import Receive, Scope, Send

from api.asked import Asked, ClientLeft, Media, Requests, accepted, header
from api.cache import BEHIND, STALE, WORTH_PACKING, Reply
from api.callers import Caller
from api.connections import LEAVING, Leaving
from api.documents import Documents
from api.errors import Refused
from api.front import Headers
from api.keys import QUERY
from api.observed import seen
from api.service import Service
from api.streams import stream
from api.subscriptions import Subscriptions
from schema.answer import prepare

REVISION_HEADER = "llmref-revision"
"""Which catalogue revision answered; absent where nothing was read."""
DEPRECATED_HEADER = "llmref-deprecated"
"""What the document uses that is going to go, and until when it stays."""
FRESH_S = 60
"""How long others may keep an answer: a new revision is seen by everybody after so many seconds at the latest."""
VARY = (b"vary", b"accept, accept-encoding, authorization, Origin")
_BEHIND = (BEHIND[0].encode(), BEHIND[1].encode())
_UNKEPT = (b"cache-control", b"no-store")
_CONTENT_TYPE = {each: (b"content-type", f"{each.value}; charset=utf-8".encode()) for each in Media}
Result = TypeVar("Result")


class GraphQL:
    """The endpoint."""

    def __init__(self, service: Service, documents: Documents, subscriptions: Subscriptions) -> None:
        self._service, self._subscriptions = service, subscriptions
        self._requests = Requests(documents, service.settings.body_timeout_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        media, request = Media.JSON, seen()
        try:
            wanted = accepted(header(scope, b"accept"))
            media = wanted[0]
            if media is Media.EVENTS:
                media = wanted[1] if len(wanted) > 1 else Media.JSON
            asked = request.asked = await self._requests.read(scope, receive)
            caller = await self._service.callers.of(scope)
            reply = self._service.kept(asked, caller)
            if reply is None or media not in wanted:
                level = None
                if reply is None:
                    level = await self._service.looked_at(asked, caller)
                    kind = request.kind = prepare(asked.text).kind(asked.operation_name)
                else:
                    kind = OperationType.QUERY  # as all that is kept
                if _as_events(kind, scope, asked, wanted):
                    request.transport = "events"
                    answers = self._subscriptions.answers(asked, caller, looked_at=reply is None)
                    left = [] if level is None else _encoded(level.headers().items())
                    await _while_here(scope, receive, stream(send, [VARY, *left], answers))
                    request.status = 200  # whatever the one event of a query says
                    return
                _check_kind(kind, asked, wanted, media)
                caller.check(QUERY, trusted=asked.trusted)
                paid = await _while_here(scope, receive, self._service.paid(asked, caller, level))
                reply, level = paid
            else:
                request.cache = "hit"
                caller.check(QUERY, trusted=asked.trusted)
                level = await self._service.paid_as_kept(asked, caller)
        except Refused as refused:
            request.status, request.codes = refused.status, (refused.code,)
            body = refused.body
            head = [VARY, *_content(media, body), _UNKEPT, *_encoded(refused.headers.items())]
            await _send(send, scope, refused.status, head, body)
            return
        except ClientLeft:
            return
        request.codes, request.deprecated = reply.codes, reply.deprecated
        more = [] if level is None else _encoded(level.headers().items())
        if asked.by_get and reply.keep:
            more += self._reusable(reply, caller)
            if matches(header(scope, b"if-none-match"), reply.etag):
                request.status = 304
                await _send(send, scope, 304, [*_common(reply), *more], b"")
                return
        else:
            more.append(_UNKEPT)
            if self._service.newest.behind(reply.revision):
                more.append(_BEHIND)
        request.status = reply.status if media is Media.GRAPHQL or reply.status >= 500 else 200
        packed = len(reply.body) > WORTH_PACKING and _takes_gzip(header(scope, b"accept-encoding"))
        head = [*_head(reply, media, packed=packed), *more]
        await _send(send, scope, request.status, head, reply.packed if packed else reply.body)

    def _reusable(self, reply: Reply, caller: Caller) -> Headers:
        """What tells others how long they may keep an answer, and by which tag they ask whether it is still the one."""
        behind = self._service.newest.behind(reply.revision)
        whose = "public" if caller.key is None else "private"
        kept = "no-cache" if behind or STALE in reply.headers else f"{whose}, max-age={_fresh()}"
        found = _encoded([("etag", reply.etag), ("cache-control", kept)])
        return [*found, _BEHIND] if behind else found


def _head(reply: Reply, media: Media, *, packed: bool) -> Headers:
    """The headers that an answer has whenever it is sent in this way."""
    found = reply.heads.get((media, packed))
    if found is None:
        found = [*_content(media, reply.packed if packed else reply.body), *_common(reply)]
        if packed:
            found.append((b"content-encoding", b"gzip"))
        reply.heads[media, packed] = found
    return found


def _common(reply: Reply) -> Headers:
    """The headers that an answer has also where it is not sent again."""
    more = list(reply.headers)
    if reply.deprecated:
        more.append((DEPRECATED_HEADER, reply.deprecated))
    if reply.revision is not None:
        more.append((REVISION_HEADER, str(reply.revision)))
    return [VARY, *_encoded(more)]


def _content(media: Media, body: bytes) -> Headers:
    return [_CONTENT_TYPE[media], (b"content-length", b"%d" % len(body))]


def _encoded(headers: Iterable[tuple[str, str]]) -> Headers:
    return [(name.encode(), value.encode("latin-1")) for name, value in headers]


def _as_events(kind: OperationType | None, scope: Scope, asked: Asked, wanted: Sequence[Media]) -> bool:
    """Whether the answer is a stream: of a subscription where that is taken, of a query where nothing else is."""
    if Media.EVENTS not in wanted or scope["method"] == "HEAD":
        return False
    if kind is OperationType.MUTATION and asked.by_get:
        return False
    return kind is OperationType.SUBSCRIPTION or wanted == [Media.EVENTS]


def _check_kind(kind: OperationType | None, asked: Asked, wanted: Sequence[Media], media: Media) -> None:
    """Raises Refused where this kind of operation is not answered in this way."""
    if kind is OperationType.MUTATION and asked.by_get:
        raise Refused(405, "METHOD_NOT_ALLOWED", "Send mutations by POST.", {"allow": "POST"})
    if kind is OperationType.SUBSCRIPTION:
        raise Refused(400, "OPERATION_RESOLUTION_FAILURE", "Subscribe over WebSocket, or accept text/event-stream.")
    if media not in wanted:
        raise Refused(406, "NOT_ACCEPTABLE", f"A query is answered as {Media.GRAPHQL} or {Media.JSON}.")


def _fresh() -> int:
    """Seconds for which an answer may be kept: never past the end of the day in UTC, which may change prices."""
    now = datetime.now(UTC)
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return min(FRESH_S, int((midnight - now).total_seconds()))


def matches(given: str, etag: str) -> bool:
    """Whether `If-None-Match` names the tag: it compares weakly."""
    tag = etag.removeprefix("W/")
    return bool(given) and (
        given.strip() == "*" or any(each.strip().removeprefix("W/") == tag for each in given.split(","))
    )


@lru_cache(maxsize=64)
def _takes_gzip(given: str) -> bool:
    """By its own name, else by `*`."""
    found: dict[str, bool] = {}
    for part in given.split(","):
        name, _, parameter = part.partition(";")
        found.setdefault(name.strip().lower(), parameter.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"))
    return found.get("gzip", found.get("*", False))


async def _send(send: Send, scope: Scope, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def _while_here(scope: Scope, receive: Receive, answering: Awaitable[Result]) -> Result:
    """The result, unless the client leaves before. Raises ClientLeft then, and what was under way is cancelled."""
    here, gone = asyncio.current_task(), False
    assert here is not None

    def leave() -> None:
        nonlocal gone
        gone = True
        here.cancel()

    leaving: Leaving | None = scope.get(LEAVING)
    stay = _watching(receive, leave) if leaving is None else leaving.tell(leave)
    try:
        return await answering
    except asyncio.CancelledError:
        if gone and not here.uncancel():
            raise ClientLeft from None
        raise
    finally:
        stay()


def _watching(receive: Receive, leave: Callable[[], object]) -> Callable[[], object]:
    """As `Leaving.tell`, on any other server than ours."""

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        leave()

    return asyncio.ensure_future(watch()).cancel
