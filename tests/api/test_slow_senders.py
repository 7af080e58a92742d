"""Whoever begins a request and does not go on with it is given up."""

import asyncio

import pytest

from api.deadlines import Deadlines
from tests.streaming import streaming

HALF = "accept: {}\r\ncontent-type: application/json\r\ncontent-length: 5000"


@pytest.mark.asyncio
@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_body_that_does_not_come_is_given_up(filled: str, accept: str) -> None:
    """The status and the code say so, and the connection ends: what might still come is no request."""
    async with (
        streaming(filled, BODY_TIMEOUT_SECONDS="0.2") as server,
        server.asking("POST /graphql", HALF.format(accept), '{"q') as found,
        asyncio.timeout(20),
    ):
        assert found.status == 408
        assert found.headers["content-type"] == f"{accept}; charset=utf-8"
        (error,) = (await found.body())["errors"]
        assert error["extensions"]["code"] == "BODY_TIMEOUT"
        assert await found.reader.read() == b""


@pytest.mark.asyncio
async def test_a_body_that_comes_byte_by_byte_has_no_more_time(filled: str) -> None:
    async with streaming(filled, BODY_TIMEOUT_SECONDS="0.3") as server, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(f"POST /graphql HTTP/1.1\r\nhost: t\r\n{HALF.format('*/*')}\r\n\r\n".encode())
        answer = asyncio.create_task(reader.readline())
        while not answer.done():
            writer.write(b" ")
            await asyncio.sleep(0.02)
        assert answer.result() == b"HTTP/1.1 408 Request Timeout\r\n"
        writer.close()


@pytest.mark.asyncio
async def test_a_body_in_parts_is_read(filled: str) -> None:
    body = b'{"query": "{ __typename }"}'
    head = f"POST /graphql HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    async with streaming(filled) as server, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        for part in (head.encode() + body[:5], body[5:9], body[9:]):
            writer.write(part)
            await asyncio.sleep(0.05)
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        writer.close()


@pytest.mark.asyncio
async def test_each_wait_has_its_own_deadline() -> None:
    deadlines = Deadlines(0.2)

    async def waits(before: float, seconds: float) -> str:
        await asyncio.sleep(before)
        try:
            await deadlines.within(asyncio.sleep(seconds))
        except TimeoutError:
            return "late"
        return "in time"

    told = waits(0, 60), waits(0, 0.01), waits(0.15, 0.1), waits(0.15, 60), waits(0.6, 60)
    assert list(await asyncio.gather(*told)) == ["late", "in time", "in time", "late", "late"]
    assert not deadlines._since
    assert not deadlines._late


@pytest.mark.asyncio
async def test_who_is_cancelled_by_others_is_not_late() -> None:
    deadlines = Deadlines(60)
    task = asyncio.create_task(deadlines.within(asyncio.sleep(60)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not deadlines._since
