"""A server in the loop of a test, clients of its streams, and a catalogue that gets new revisions."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from api.app import create_app
from api.serving import WIRE
from api.settings import from_env
from api.subscriptions import Subscriptions
from db.writes import CHANNEL

PROTOCOL = Subprotocol("graphql-transport-ws")
JSON = {"content-type": "application/json"}
_CHANGE = """insert into price_change (route_id, of, mode, above, currency, kind, day, basis, before, after, source_id, recorded_at,
  revision) select 1, 'acme/one', 'STANDARD', 0, 'USD', 'CHANGE', '2026-07-01', 'STATED', '{"input": "1"}', '{"input": "2"}', 'made-up',
  '2026-07-01', $1 from generate_series(1, $2)"""


async def revise(url: str, changes: int = 0) -> int:
    """A further revision that has so many changes of prices; told as ingest tells it."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            made = "insert into catalog_revision values (default, 'd', '2026-07-01', 'r', '{}') returning id"
            revision = int(await connection.fetchval(made))
            await connection.execute(_CHANGE, revision, changes)
            await connection.execute("select pg_notify($1, $2)", CHANNEL, str(revision))
        return revision
    finally:
        await connection.close()


@dataclass
class Server:
    """A server that answers."""

    app: Starlette
    port: int
    uvicorn: uvicorn.Server

    @property
    def subscriptions(self) -> Subscriptions:
        found: Subscriptions = self.app.state.subscriptions
        return found

    def connected(self, **more: Any) -> connect:
        """A socket of the protocol, not yet initialised."""
        address = f"ws://127.0.0.1:{self.port}/graphql"
        return connect(address, subprotocols=[PROTOCOL], sock=self._narrow(), **more)

    def _narrow(self) -> socket.socket:
        """A connection that holds little of what is not yet taken from it."""
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        made.connect(("127.0.0.1", self.port))
        return made

    @asynccontextmanager
    async def client(self) -> AsyncIterator[ClientConnection]:
        """A socket that was acknowledged."""
        async with self.connected() as made:
            await said(made, type="connection_init")
            assert await heard(made) == {"type": "connection_ack"}
            yield made

    @asynccontextmanager
    async def events(self, query: str, accept: str = "text/event-stream", **variables: Any) -> AsyncIterator[Events]:
        """A request that accepts events."""
        body = json.dumps({"query": query, "variables": variables})
        given = f"accept: {accept}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
        async with self.asking("POST /graphql", given, body) as found:
            yield found

    @asynccontextmanager
    async def asking(self, what: str, headers: str = "accept: */*", body: str = "") -> AsyncIterator[Events]:
        """Any request."""
        reader, writer = await asyncio.open_connection(sock=self._narrow())
        try:
            writer.write(f"{what} HTTP/1.1\r\nhost: t\r\n{headers}\r\n\r\n{body}".encode())
            raw = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            told = dict(line.split(": ", 1) for line in raw[1:] if line)
            yield Events(int(raw[0].split()[1]), told, reader, writer)
        finally:
            writer.close()


@dataclass
class Events:
    """The answer to a request, as it comes."""

    status: int
    headers: dict[str, str]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def body(self) -> Any:
        """The whole of one that is not chunked."""
        return json.loads(await self.reader.readexactly(int(self.headers["content-length"])))

    async def next(self) -> tuple[str, Any]:
        """Kind and data of the next event; comments are passed over, and no time is given for them."""
        async with asyncio.timeout(20):
            return await self._next()

    async def _next(self) -> tuple[str, Any]:
        while True:
            size = int(await self.reader.readline(), 16)
            text = (await self.reader.readexactly(size + 2))[:-2].decode()
            assert "\r" not in text
            assert text.endswith("\n\n")
            if not text.startswith(":"):
                kind, data = text[:-2].split("\n")
                given = data.removeprefix("data:").strip()
                return kind.removeprefix("event: "), json.loads(given) if given else None


async def said(client: ClientConnection, **message: Any) -> None:
    """Sends a message."""
    await client.send(json.dumps(message))


async def subscribed(client: ClientConnection, query: str, id: str = "1", **variables: Any) -> None:
    """Begins an operation."""
    await said(client, id=id, type="subscribe", payload={"query": query, "variables": variables})


async def heard(client: ClientConnection) -> Any:
    """The next message."""
    return json.loads(await asyncio.wait_for(client.recv(), 20))


@asynccontextmanager
async def streaming(url: str, **settings: str) -> AsyncIterator[Server]:
    """A server over a database, in this loop."""
    app = create_app(from_env(settings), url)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)  # so that little is on its way
        config = uvicorn.Config(app, log_level="warning", **WIRE, timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:  # noqa: ASYNC110 - it has no event for it
            await asyncio.sleep(0.01)
        try:
            yield Server(app, listening.getsockname()[1], server)
        finally:
            await app.state.subscriptions.end(5)
            server.should_exit = True
            await task


async def until(there: Callable[[], bool]) -> None:
    """Waits for what nobody tells."""
    async with asyncio.timeout(20):
        while not there():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
