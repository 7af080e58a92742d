"""A transaction ends with its connection, wherever it was; it does so as one kind of error and leaves other ends alone."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError

from db.embedded import EmbeddedPostgres
from db.engine import write_engine
from db.transaction import ConnectionLost, transaction
from db.unavailable import CATALOGUE_BYTES, DiskFull, ServerEnded, ending, require_room
from db.writes import driver

SLEEP = text("select pg_sleep(60)")
SLOW_COMMIT = (
    "create temporary table slow (n int)",
    "create function pg_temp.wait() returns trigger language plpgsql as 'begin perform pg_sleep(60); return null; end'",
    "create constraint trigger wait after insert on slow deferrable initially deferred"
    " for each row execute function pg_temp.wait()",
    "insert into slow values (1)",
)


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres.temporary()
    with made:
        yield made


def _end(server: EmbeddedPostgres, number: signal.Signals) -> None:
    os.kill(int((server.data_dir / "cluster" / "postmaster.pid").read_text().split("\n")[0]), number)


@pytest.mark.asyncio
async def test_bulk_writing_does_not_outlast_the_server(server: EmbeddedPostgres) -> None:
    """The driver alone waits for ever here."""

    def rows() -> Iterator[tuple[str]]:
        for number in range(200_000):
            if number == 1000:
                _end(server, signal.SIGQUIT)
            yield ("x" * 1000,)

    async def write() -> None:
        async with asyncio.timeout(60), transaction(write_engine(server.url)) as connection:
            await connection.execute(text("create temporary table many (t text)"))
            await (await driver(connection)).copy_records_to_table("many", records=rows())

    with pytest.raises(ConnectionLost, match="ended in the middle") as lost:
        await write()
    assert not lost.value.committing
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    reason = server.ended(lost=True)
    assert isinstance(reason, ServerEnded)
    assert str(reason).startswith(f"PostgreSQL in {server.data_dir} ended while it was in use; start again")


@pytest.mark.asyncio
async def test_a_statement_does_not_outlast_the_server(server: EmbeddedPostgres) -> None:
    """Nor when the process behind the connection does: it looks for its server between statements only."""

    async def wait() -> None:
        async with asyncio.timeout(60), transaction(write_engine(server.url), server.lives) as connection:
            _end(server, signal.SIGKILL)
            await connection.execute(SLEEP)

    with pytest.raises(ConnectionLost, match="in the middle"):
        await wait()


@pytest.mark.asyncio
async def test_other_ends_are_left_alone(server: EmbeddedPostgres) -> None:
    engine = write_engine(server.url)
    async with transaction(engine) as connection:
        await connection.execute(text("create table kept (n int)"))

    async def insert(then: TextClause) -> None:
        async with transaction(engine) as connection:
            await connection.execute(text("insert into kept values (1)"))
            await connection.execute(then)

    with pytest.raises(DBAPIError, match="division by zero"):
        await insert(text("select 1 / 0"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(insert(SLEEP), 0.2)
    async with transaction(engine) as connection:
        assert await connection.scalar(text("select count(*) from kept")) == 0
    assert server.ended() is None


@pytest.mark.asyncio
async def test_a_loss_while_committing_is_told_apart(server: EmbeddedPostgres) -> None:
    left: list[bool] = []

    async def commit() -> None:
        async with transaction(write_engine(server.url), lambda: not left) as connection:
            for statement in SLOW_COMMIT:
                await connection.execute(text(statement))
            left.append(True)

    with pytest.raises(ConnectionLost, match="while the transaction was being committed") as lost:
        await commit()
    assert lost.value.committing


@pytest.mark.asyncio
async def test_a_lost_connection_is_told_while_the_server_lives(server: EmbeddedPostgres) -> None:
    with pytest.raises(ConnectionLost):
        async with transaction(write_engine(server.url)) as connection:
            await connection.execute(text("select pg_terminate_backend(pg_backend_pid())"))
    assert server.ended() is None


FULL = 'PANIC:  could not write to file "pg_wal/x": No space left on device'


@pytest.mark.parametrize(
    ("_case", "log", "kind", "words"),
    [
        ("full", f"LOG:  ready\n{FULL}\nLOG:  shut down", DiskFull, f"What was committed is kept.\n{FULL}"),
        ("over its quota", "FATAL:  Disk quota exceeded", DiskFull, "kept.\nFATAL:  Disk quota exceeded"),
        ("a process of it was killed", "LOG:  x (PID 1) was terminated by signal 9: Killed", ServerEnded, "signal 9: Killed"),
        ("without a word", "LOG:  ready", ServerEnded, "Its log does not say why; it may have been killed."),
    ],
)  # fmt: skip
def test_why_it_ended(tmp_path: Path, _case: str, log: str, kind: type[Exception], words: str) -> None:
    found = ending(log, tmp_path)
    assert type(found) is kind
    assert str(tmp_path) in str(found)
    assert str(found).endswith(words)


def test_too_little_room_is_told_before_anything_is_made(tmp_path: Path) -> None:
    require_room(tmp_path, 0)
    require_room(tmp_path, 1)
    with pytest.raises(DiskFull, match=r"^No space left for the database in .*: [\d,]+ MB are free, .* about 350 MB;"):
        EmbeddedPostgres(tmp_path / "data", room=2**60).start()
    assert CATALOGUE_BYTES == 350_000_000
    assert not (tmp_path / "data" / "cluster").exists()
