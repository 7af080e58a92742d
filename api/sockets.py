"""Operations over WebSocket by the graphql-transport-ws protocol: several at once on one socket, each with an id of the client's
choice. What is no message of the protocol closes the socket with the protocol's code; what is wrong with an operation is its error.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from api.asked import MAX_BODY, Asked, ClientLeft, header, operation_of
from api.cache import Reply
from api.callers import Caller, Callers, host_of
from api.documents import Documents
from api.errors import Refused, masked
from api.observed import seen
from api.observing import Observing
from api.service import failed
from api.subscriptions import SEND_S, Subscriptions, refusal

PROTOCOL = "graphql-transport-ws"
INIT_S = 10.0
"""For the client's first message."""
MOST_OPERATIONS = 30
"""On one socket at once."""
BURST, MESSAGES_PER_S = 200, 20
"""Messages that a client may send at once, and for how long."""
MAX_ID = 200
DRAIN_S = 8.5
"""For queries under way when the server stops."""


class Closed(Exception):
    """The socket is to be closed, with this code and for this reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Sockets:
    """The endpoint."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        documents: Documents,
        origins: Sequence[str],
        callers: Callers,
        observing: Observing,
    ) -> None:
        self._subscriptions, self._documents, self._origins = subscriptions, documents, origins
        self._callers, self._observing = callers, observing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        if not self._welcome(scope):
            await _denied(socket, Refused(403, "ORIGIN_NOT_ALLOWED", "Pages of this origin may not connect."))
        elif PROTOCOL not in scope["subprotocols"]:
            await socket.accept()
            await socket.close(4406, "Subprotocol not acceptable")
        else:
            try:
                with self._subscriptions.room(await self._callers.named("", host_of(scope))):
                    await _Session(socket, self._subscriptions, self._documents, self._callers, self._observing).run()
            except Refused as refused:
                await _denied(socket, refused)

    def _welcome(self, scope: Scope) -> bool:
        """Browsers name the origin of the page and do not check it themselves; its own pages are always welcome."""
        origin = header(scope, b"origin")
        if not origin or "*" in self._origins or origin in self._origins:
            return True
        return origin.partition("://")[2] == header(scope, b"host") != ""


async def _denied(socket: WebSocket, refused: Refused) -> None:
    """Refuses the handshake, in words where the server can."""
    if "websocket.http.response" in socket.scope.get("extensions", {}):
        body = refusal(refused).body
        await socket.send_denial_response(Response(body, refused.status, refused.headers, "application/json"))
    else:
        await socket.close()


class _Session:
    """One socket, from its handshake to its end."""

    def __init__(
        self,
        socket: WebSocket,
        subscriptions: Subscriptions,
        documents: Documents,
        callers: Callers,
        observing: Observing,
    ) -> None:
        self._socket, self._subscriptions, self._documents = socket, subscriptions, documents
        self._observing = observing
        self._callers, self._authorization = callers, header(socket.scope, b"authorization")
        self._acknowledged = asyncio.Event()
        self._operations: dict[str, asyncio.Task[None]] = {}
        """Those that the client knows, by its ids."""
        self._tasks: set[asyncio.Task[None]] = set()
        """Those and the ones that are just ending."""
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writing = asyncio.Lock()
        self._allowance, self._counted = float(BURST), time.monotonic()

    async def run(self) -> None:
        """Until either side ends it. No task outlives it."""
        await self._socket.accept(PROTOCOL)
        ends = [asyncio.create_task(each) for each in (self._read(), self._lasting(), self._stopped())]
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        except Closed as closed:
            await self._close(closed.code, str(closed))
        except ClientLeft:
            pass
        except Exception as error:
            masked("INTERNAL_SERVER_ERROR", error)
            await self._close(1011, "Internal error")
        finally:
            tasks = [*ends, *self._tasks]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _lasting(self) -> None:
        """Ends with an error: where the client does not begin in time, or an operation cannot go on."""
        try:
            async with asyncio.timeout(INIT_S):
                await self._acknowledged.wait()
        except TimeoutError:
            raise Closed(4408, "Connection initialisation timeout") from None
        await self._broken

    async def _stopped(self) -> None:
        """Subscriptions end by themselves when the server is about to stop; queries get time to."""
        await self._subscriptions.stopping.wait()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=DRAIN_S)
        raise Closed(1001, "Going away")

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            self._count()
            await self._take(_parsed(message))

    def _count(self) -> None:
        now = time.monotonic()
        self._allowance = min(BURST, self._allowance + (now - self._counted) * MESSAGES_PER_S) - 1
        self._counted = now
        if self._allowance < 0:
            raise Closed(4429, "Too many messages")

    async def _take(self, message: Mapping[str, Any]) -> None:
        payload = message.get("payload")
        match message.get("type"):
            case "connection_init":
                if payload is not None and not isinstance(payload, dict):
                    raise Closed(4400, "The payload of connection_init is no object")
                if self._acknowledged.is_set():
                    raise Closed(4429, "Too many initialisation requests")
                # Browsers cannot send headers with a socket: the key stands in the first message.
                said = (payload or {}).get("authorization", self._authorization)
                if not isinstance(said, str):
                    raise Closed(4400, "`authorization` of connection_init is no text")
                self._authorization = said
                try:
                    await self._caller()
                except Refused as refused:
                    raise Closed(4403 if refused.status == 401 else 4429, str(refused)[:120]) from None
                self._acknowledged.set()
                await self._send({"type": "connection_ack"})
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(_id(message), payload)
            case "complete":
                task = self._operations.pop(_id(message), None)
                if task is not None:
                    task.cancel()
            case _:
                raise Closed(4400, "Unknown type of message")

    async def _subscribe(self, id_: str, payload: Any) -> None:
        if not isinstance(payload, dict):
            raise Closed(4400, "The payload of subscribe is no object")
        if not self._acknowledged.is_set():
            raise Closed(4401, "Unauthorized")
        if id_ in self._operations:
            raise Closed(4409, "Subscriber for this id already exists")
        try:
            if len(self._operations) >= MOST_OPERATIONS:
                said = f"A socket has at most {MOST_OPERATIONS} operations at once; complete one, or open another."
                raise Refused(429, "TOO_MANY_OPERATIONS", said)
            asked = operation_of(payload, self._documents)
            caller = await self._caller()
        except Refused as refused:
            await self._observing.operation(self._socket.scope, None, partial(self._refuse, id_, refusal(refused)))
            return
        except Exception as error:  # of this operation alone: others go on
            await self._observing.operation(self._socket.scope, None, partial(self._refuse, id_, failed(error)))
            return
        answer = partial(self._answer, id_, asked, caller)
        task = asyncio.create_task(self._observing.operation(self._socket.scope, asked, answer))
        self._operations[id_] = task
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def _caller(self) -> Caller:
        """Who asks; looked at for each operation, as a key may end before its socket does. Raises Refused."""
        return await self._callers.named(self._authorization, host_of(self._socket.scope))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not self._broken.done():
            self._broken.set_exception(error)
            self._broken.exception()  # seen, also where the session ends before it looks

    async def _answer(self, id_: str, asked: Asked, caller: Caller) -> None:
        try:
            async with contextlib.aclosing(self._subscriptions.answers(asked, caller)) as answers:
                async for reply in answers:
                    if reply is None:
                        continue
                    if not reply.executed:
                        self._forget(id_)
                        await self._send_reply(id_, reply)
                        return
                    await self._send_reply(id_, reply)
        except Refused as refused:
            await self._refuse(id_, refusal(refused))
            return
        self._forget(id_)
        await self._send({"id": id_, "type": "complete"})

    async def _refuse(self, id_: str, reply: Reply) -> None:
        seen().status = reply.status
        seen().erred(reply.codes)
        self._forget(id_)
        await self._send_reply(id_, reply)

    def _forget(self, id_: str) -> None:
        """Frees an id before its client is told, as it may use it again at once."""
        if self._operations.get(id_) is asyncio.current_task():
            del self._operations[id_]

    async def _send_reply(self, id_: str, reply: Reply) -> None:
        """An answer as it was encoded; one that was not executed as an error, which ends the operation."""
        if reply.executed:
            await self._send_text(b'{"id":' + orjson.dumps(id_) + b',"type":"next","payload":' + reply.told + b"}")
        else:
            await self._send({"id": id_, "type": "error", "payload": orjson.loads(reply.body)["errors"]})

    async def _send(self, message: Mapping[str, Any]) -> None:
        await self._send_text(orjson.dumps(message))

    async def _send_text(self, text: bytes) -> None:
        """Raises ClientLeft for a client that takes nothing, or is gone."""
        try:
            async with asyncio.timeout(SEND_S), self._writing:
                if self._socket.application_state is not WebSocketState.CONNECTED:
                    raise ClientLeft
                await self._socket.send({"type": "websocket.send", "text": text.decode()})
        except (TimeoutError, WebSocketDisconnect):
            raise ClientLeft from None

    async def _close(self, code: int, reason: str) -> None:
        with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(SEND_S):
                if self._socket.client_state is WebSocketState.CONNECTED:
                    await self._socket.close(code, reason)


def _parsed(message: Message) -> Mapping[str, Any]:
    text = message.get("text")
    if text is None:
        raise Closed(4400, "Send text, not bytes")
    if len(text) > MAX_BODY:
        raise Closed(1009, f"Send at most {MAX_BODY} bytes")
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Closed(4400, "The message is not JSON") from None
    if not isinstance(found, dict):
        raise Closed(4400, "The message is no object")
    return found


def _id(message: Mapping[str, Any]) -> str:
    found = message.get("id")
    if not isinstance(found, str) or not 0 < len(found) <= MAX_ID:
        raise Closed(4400, f"`id` must be text of 1 to {MAX_ID} letters")
    return found
