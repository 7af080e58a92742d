"""A database that hangs is found out by one wait and one look, and nobody waits for it until a look says that it is back."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from starlette.testclient import TestClient

from api.keys import made
from api.outage import Outage
from db.embedded import EmbeddedPostgres
from db.engine import read_engine
from db.reader import Away, Reader
from tests.api.test_newest import ask, kept, served, until
from tests.streaming import streaming
from tests.streaming import until as there

__all__ = ["served"]
OTHER = '{ model(ref: "two") { name routes { nodes { key } } } }'


pytestmark = pytest.mark.usefixtures("looked_anew")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("api.outage.EVERY_S", "api.outage.SUSPECT_S"):
        monkeypatch.setattr(name, 0.02)
    monkeypatch.setattr("api.health.ANSWER_S", 0.5)


class Database:
    """What looks find, and how many there were."""

    def __init__(self, *, there: bool) -> None:
        self.there, self.looks = there, 0

    async def answers(self) -> bool:
        self.looks += 1
        return self.there


@contextlib.asynccontextmanager
async def watched(outage: Outage, database: Database) -> AsyncIterator[None]:
    task = asyncio.create_task(outage.watch(database.answers))
    try:
        yield
    finally:
        task.cancel()


async def waits(outage: Outage, seconds: float) -> None:
    """An operation that reads for so long, and may a minute."""
    async with asyncio.timeout(60) as deadline:
        with outage.ends(deadline):
            await asyncio.sleep(seconds)


@pytest.mark.asyncio
async def test_an_outage_ends_what_waits_for_it_and_is_known_until_a_look_says_otherwise() -> None:
    outage, database = Outage(), Database(there=False)
    async with watched(outage, database):
        ends = await asyncio.gather(*(waits(outage, 50) for _ in range(3)), return_exceptions=True)
        assert [type(each) for each in ends] == [TimeoutError] * 3
        assert outage.known
        looks = database.looks
        await asyncio.sleep(0.2)
        assert outage.known
        assert database.looks > looks
        database.there = True
        await asyncio.sleep(0.2)
        assert not outage.known


@pytest.mark.asyncio
async def test_an_operation_that_is_slow_by_itself_is_let_alone() -> None:
    outage, database = Outage(), Database(there=True)
    async with watched(outage, database):
        await waits(outage, 0.3)
    assert database.looks > 0
    assert not outage.known


@pytest.mark.asyncio
async def test_nobody_looks_without_a_reason() -> None:
    outage, database = Outage(), Database(there=False)
    async with watched(outage, database):
        await waits(outage, 0)
        await asyncio.sleep(0.2)
    assert (database.looks, outage.known) == (0, False)


@pytest.mark.asyncio
async def test_a_database_that_is_known_to_be_away_is_not_asked() -> None:
    engine = read_engine("postgresql://u@127.0.0.1:1/d", pool_size=1, pool_wait_s=1, statement_timeout_ms=300)
    with mock.patch.object(Reader, "_take") as taken, pytest.raises(Away):
        async with Reader(engine, lambda: True) as reader:
            await reader.answering()
    assert taken.call_count == 0


@contextlib.contextmanager
def hung(folder: Path) -> Iterator[None]:
    """PostgreSQL keeps its connections and does nothing."""
    (file,) = folder.rglob("postmaster.pid")
    server = int(file.read_text().split("\n")[0])
    all_of_it = [server, *map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split())]
    for pid in all_of_it:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in all_of_it:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def code(found: Any) -> str:
    return str(found.json()["errors"][0]["extensions"]["code"])


def test_a_server_that_hangs_costs_one_wait(served: tuple[TestClient, EmbeddedPostgres, str]) -> None:
    client, server, _ = served
    service = client.app.state.service  # type: ignore[attr-defined]
    until(lambda: ask(client) and ask(client) and kept(client))
    answered = ask(client)
    with hung(server.data_dir):
        assert code(ask(client, OTHER)) == "DATABASE_UNAVAILABLE"
        assert service.outage.known
        with mock.patch.object(Reader, "_take", side_effect=AssertionError("it was asked")):
            for _ in range(20):
                stale = ask(client)
                assert (stale.status_code, stale.headers["llmref-stale"]) == (200, "true")
                assert stale.json() == answered.json()
            away = ask(client, OTHER)
            assert (away.status_code, away.headers["retry-after"], code(away)) == (503, "1", "DATABASE_UNAVAILABLE")
            assert ask(client, "{ methodology { rules { id } } }").status_code == 200, "what reads nothing"
            ready = client.get("/readyz")
            assert (ready.status_code, ready.headers["retry-after"]) == (503, "1")
            assert ready.json()["reason"] == "the database does not answer"
    until(lambda: not service.outage.known)
    assert ask(client, OTHER).json()["data"] == {"model": {"name": "Two", "routes": {"nodes": []}}}
    until(lambda: "llmref-stale" not in ask(client).headers)


@pytest.mark.asyncio
async def test_an_unknown_key_is_not_looked_up_in_a_database_that_hangs() -> None:
    """One that accepts connections and never says anything. The first who asks waits, and then nobody does."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://u@127.0.0.1:{silent.getsockname()[1]}/d"
        async with streaming(url) as server:
            service = server.app.state.service

            async def refused() -> None:
                headers = f"accept: */*\r\nauthorization: Bearer {made()[0]}"
                async with asyncio.timeout(20), server.asking("GET /graphql?query={__typename}", headers) as found:
                    told = (await found.body())["errors"][0]["extensions"]["code"]
                    assert (found.status, told) == (503, "DATABASE_UNAVAILABLE")
                    assert found.headers["retry-after"] == "1"

            await refused()
            await there(lambda: service.outage.known)
            with mock.patch("db.keys._looked_up", side_effect=AssertionError("it was asked")):
                await refused()
