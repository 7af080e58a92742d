"""One of several hosts: the wanted kind, whatever the others do; a silent one costs its share of the time, and that only once."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from db import hosts
from db.embedded import EmbeddedPostgres
from db.engine import read_engine
from db.hosts import Hosts
from db.reader import Reader
from tests.api.test_serving import free_port
from tests.ingest.small import rows


@contextmanager
def silent() -> Iterator[int]:
    """The port of somebody who accepts and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres.temporary()
    with made:
        yield made


async def connected(hosts: Hosts, server: EmbeddedPostgres, *others: tuple[str, int], wanted: str = "any") -> float:
    """Seconds that it took to have a connection to the server, which stands last."""
    places = [*others, (str(server._socket_dir), 5432)]
    started = time.monotonic()
    connection = await hosts(
        host=[place[0] for place in places],
        port=[place[1] for place in places],
        timeout=1.0,
        target_session_attrs=wanted,
        user="llmref",
        database="llmref",
    )
    taken = time.monotonic() - started
    assert await connection.fetchval("select 1") == 1
    await connection.close()
    return taken


@pytest.mark.asyncio
@pytest.mark.parametrize("wanted", ["any", "primary", "prefer-standby"])
async def test_a_host_that_is_away_or_silent_is_passed_over(server: EmbeddedPostgres, wanted: str) -> None:
    with silent() as port:
        choosing = Hosts()
        away = ("127.0.0.1", free_port())
        first = await connected(choosing, server, ("127.0.0.1", port), away, wanted=wanted)
        assert 0.3 < first < 0.9, "the share of one of three hosts"
        assert await connected(choosing, server, ("127.0.0.1", port), away, wanted=wanted) < 0.3


@pytest.mark.asyncio
async def test_a_host_that_failed_is_asked_again_later(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    with silent() as port:
        choosing = Hosts()
        await connected(choosing, server, ("127.0.0.1", port))
        monkeypatch.setattr(hosts, "AVOID_S", 0.0)
        assert await connected(choosing, server, ("127.0.0.1", port)) > 0.4


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("wanted", "error"),
    [("standby", asyncpg.TargetServerAttributeNotMatched), ("any", OSError)],
)
async def test_where_no_host_will_do_it_is_told(server: EmbeddedPostgres, wanted: str, error: type[Exception]) -> None:
    place: Any = (str(server._socket_dir), 5432) if wanted == "standby" else ("127.0.0.1", free_port())
    with pytest.raises(error):
        await Hosts()(host=[place[0]] * 2, port=[place[1]] * 2, timeout=2, target_session_attrs=wanted, user="llmref")


@pytest.mark.asyncio
async def test_a_wrong_password_is_not_tried_elsewhere(server: EmbeddedPostgres) -> None:
    """It would hide that a host is set up wrongly."""
    place = (str(server._socket_dir), 5432)
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await Hosts()(host=[place[0]] * 2, port=[place[1]] * 2, timeout=2, user="nobody_known")


@pytest.mark.asyncio
async def test_a_pooled_connection_that_died_is_replaced_before_anything_was_read(catalogue: str) -> None:
    engine = read_engine(catalogue, pool_size=1, pool_wait_s=2, statement_timeout_ms=3000)
    for lost in (False, True):
        async with Reader(engine) as reader:
            pid = (await reader.execute(text("select pg_backend_pid()")))[0][0]
        if not lost:
            before = pid
            await asyncio.to_thread(rows, catalogue, f"select pg_terminate_backend({pid}, 5000)")
    assert pid != before
    await engine.dispose()


@pytest.mark.asyncio
async def test_a_connection_that_dies_later_is_told(catalogue: str) -> None:
    """What follows would be of another snapshot."""
    engine = read_engine(catalogue, pool_size=1, pool_wait_s=2, statement_timeout_ms=3000)
    async with Reader(engine) as reader:
        pid = (await reader.execute(text("select pg_backend_pid()")))[0][0]
        await asyncio.to_thread(rows, catalogue, f"select pg_terminate_backend({pid}, 5000)")
        with pytest.raises(Exception, match=r"closed|terminat"):
            await reader.execute(text("select 1"))
    await engine.dispose()
