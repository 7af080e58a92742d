"""What one connection can make a server hold: a few requests ahead, and as many pings as messages."""

import asyncio
import contextlib

import pytest
from websockets.exceptions import ConnectionClosed

from api.connections import ASKED_AHEAD, PINGS
from tests.streaming import heard, said, streaming

REQUEST = b"GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: t\r\n\r\n"


@pytest.mark.asyncio
async def test_a_few_requests_may_be_sent_ahead_and_are_answered_in_turn(filled: str) -> None:
    async with streaming(filled) as server, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(REQUEST * ASKED_AHEAD + REQUEST.replace(b"host: t", b"host: t\r\nconnection: close"))
        assert (await reader.read()).count(b"HTTP/1.1 200 OK") == ASKED_AHEAD + 1
        writer.close()


@pytest.mark.asyncio
async def test_a_connection_that_asks_on_and_on_ahead_is_closed(filled: str, caplog: pytest.LogCaptureFixture) -> None:
    async with streaming(filled) as server, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(REQUEST * 2_000)
        try:
            answered = (await reader.read()).count(b"HTTP/1.1 200 OK")
        except ConnectionResetError:  # as more came than was read
            answered = 0
        assert answered <= ASKED_AHEAD + 2
        assert not caplog.records, "nobody writes to a connection that is closed"
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(REQUEST)
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        writer.close()


@pytest.mark.asyncio
async def test_a_socket_that_is_pinged_on_and_on_is_closed(filled: str) -> None:
    async with streaming(filled) as server, asyncio.timeout(20):
        client = await server.connected()
        await said(client, type="connection_init")
        await heard(client)
        for _ in range(PINGS // 2):
            await client.ping()
        await said(client, type="ping")
        assert (await heard(client))["type"] == "pong", "as many as anybody may need"
        with contextlib.suppress(ConnectionClosed):
            for _ in range(PINGS * 2):
                await client.ping()
                await asyncio.sleep(0)
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 4429
