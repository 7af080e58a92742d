"""One operation's view of the catalogue: lazy, read-only, one snapshot, and clear about what went wrong."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import Integer, String, bindparam, cast, func, literal, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from db import reads
from db.engine import read_engine, write_engine
from db.reader import Lost, Reader, TooSlow, UnusableValue
from db.tables import RouteRow

pytestmark = pytest.mark.asyncio
ENDED = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'llmref'"

_SLOW = select(func.pg_sleep(5))


@pytest_asyncio.fixture
async def engine(catalogue: str) -> AsyncIterator[AsyncEngine]:
    made = read_engine(catalogue, pool_size=1, pool_wait_s=2, statement_timeout_ms=300)
    yield made
    await made.dispose()


async def test_nothing_is_opened_before_the_first_read() -> None:
    nowhere = read_engine("postgresql://u@127.0.0.1:1/d", pool_size=1, pool_wait_s=1, statement_timeout_ms=300)
    async with Reader(nowhere) as reader:
        assert (reader.statements, reader.revision) == (0, None)
    await nowhere.dispose()


async def test_the_connection_goes_back_when_the_operation_ends(engine: AsyncEngine) -> None:
    for _ in range(3):  # the pool holds one
        async with Reader(engine) as reader:
            await reads.models_by_id(reader, [1])
    assert engine.pool.status().endswith("Current Checked out connections: 0")


async def test_a_database_that_is_lost_after_the_reads_loses_nothing(engine: AsyncEngine, catalogue: str) -> None:
    async with Reader(engine) as reader:
        assert await reads.models_by_id(reader, [1])
        await end_all(catalogue)
    async with Reader(engine) as reader:
        assert await reads.models_by_id(reader, [1])


async def test_a_connection_that_the_server_ended_is_not_given_out(engine: AsyncEngine, catalogue: str) -> None:
    async with Reader(engine) as reader:
        await reads.models_by_id(reader, [1])
    killer = write_engine(catalogue)
    async with killer.begin() as connection:
        ended = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'llmref'"
        await connection.exec_driver_sql(ended)
    await killer.dispose()
    await asyncio.sleep(0.1)
    async with Reader(engine) as reader:
        assert await reads.models_by_id(reader, [1])


async def test_losing_the_database_in_the_middle_is_told_and_mended(engine: AsyncEngine, catalogue: str) -> None:
    killer = write_engine(catalogue)
    async with Reader(engine) as reader:
        await reads.models_by_id(reader, [1])
        async with killer.begin() as connection:
            ended = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'llmref'"
            await connection.exec_driver_sql(ended)
        with pytest.raises(Lost):
            await reads.models_by_id(reader, [1])
    await killer.dispose()
    async with Reader(engine) as reader:
        assert await reads.models_by_id(reader, [1])


async def test_who_leaves_in_the_middle_leaves_no_transaction_behind(engine: AsyncEngine, catalogue: str) -> None:
    async def slow() -> None:
        async with Reader(engine) as reader:
            await reader.fetch(_SLOW)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(slow(), 0.1)
    other = write_engine(catalogue)
    async with other.connect() as connection:
        open_ = "select state from pg_stat_activity where application_name = 'llmref' and state <> 'idle'"
        assert (await connection.exec_driver_sql(open_)).all() == []
    await other.dispose()
    async with Reader(engine) as reader:
        assert await reads.models_by_id(reader, [1])
    assert engine.pool.status().endswith("Current Checked out connections: 0")


async def test_a_kept_statement_that_takes_too_long_is_ended(engine: AsyncEngine) -> None:
    async with Reader(engine) as reader:
        with pytest.raises(TooSlow):
            await reader.fetch(_SLOW)


@pytest.mark.parametrize(("_case", "key"), [("a NUL", "a\0b"), ("a lone surrogate", "\ud800")])
async def test_a_value_of_a_kept_statement_that_cannot_be_looked_up(engine: AsyncEngine, _case: str, key: str) -> None:
    async with Reader(engine) as reader:
        with pytest.raises(UnusableValue):
            await reads.routes_by_key(reader, [key])


async def test_values_that_a_kept_statement_needs_must_be_given(engine: AsyncEngine) -> None:
    async with Reader(engine) as reader:
        with pytest.raises(KeyError):
            await reader.fetch(select(bindparam("ids", type_=Integer)))


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("method", ["fetch", "execute"])
async def test_a_cancellation_that_was_meant_for_another_one_is_no_error(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, alone: bool, method: str
) -> None:
    """Of the statement, or of the beginning of the transaction."""
    async with Reader(engine) as reader:  # which makes the connection
        await reads.models_by_id(reader, [1])
    before = getattr(asyncpg.Connection, method)
    cancelled: list[object] = []

    async def late(self: asyncpg.Connection, *args: object, **more: object) -> object:
        if not cancelled:
            cancelled.append(args[0])
            raise asyncpg.QueryCanceledError("canceling statement due to user request")
        return await before(self, *args, **more)

    monkeypatch.setattr(asyncpg.Connection, method, late)
    async with Reader(engine) as reader:
        reader.alone = alone
        assert await reads.models_by_id(reader, [1])
    assert bool(cancelled) is not (alone and method == "execute")
    assert engine.pool.status().endswith("Current Checked out connections: 0")


async def test_it_cannot_write(engine: AsyncEngine) -> None:
    async with Reader(engine) as reader:
        await reads.models_by_id(reader, [1])
        with pytest.raises(DBAPIError, match="read-only"):
            await reader.execute(text("delete from model"))


async def test_it_sees_one_state_from_the_first_read_to_the_last(engine: AsyncEngine, catalogue: str) -> None:
    writer = write_engine(catalogue)
    async with Reader(engine) as reader:
        before = await reads.prices_by_route(reader, [1], on=date(2026, 7, 1))
        async with writer.begin() as connection:
            await connection.exec_driver_sql("update price set suspicious = 'changed meanwhile' where route_id = 1")
        try:
            assert await reads.prices_by_route(reader, [1], on=date(2026, 7, 1)) == before
        finally:
            async with writer.begin() as connection:
                await connection.exec_driver_sql("update price set suspicious = null where route_id = 1")
    await writer.dispose()


async def test_a_statement_that_takes_too_long_is_ended(engine: AsyncEngine) -> None:
    async with Reader(engine) as reader:
        with pytest.raises(TooSlow):
            await reader.execute(select(func.pg_sleep(5)))


@pytest.mark.parametrize(
    ("_case", "statement"),
    [
        ("no number", select(cast(literal("x", String), RouteRow.output_mtok.type))),
        ("a NUL", select(literal("a\0b", String))),
        ("beyond 64 bits", select(literal(2**63))),
    ],
)
async def test_a_value_that_cannot_be_looked_up_is_told_apart(
    engine: AsyncEngine, _case: str, statement: object
) -> None:
    async with Reader(engine) as reader:
        with pytest.raises(UnusableValue):
            await reader.execute(statement)  # type: ignore[arg-type]


@pytest.mark.parametrize("alone", [True, False])
async def test_pooled_connections_that_were_ended_are_replaced_without_an_error(catalogue: str, alone: bool) -> None:
    """As after a restart of the database, whether an operation reads one statement or more."""
    made = read_engine(catalogue, pool_size=3, pool_wait_s=2, statement_timeout_ms=300)
    async with AsyncExitStack() as held:
        readers = [await held.enter_async_context(Reader(made)) for _ in range(3)]
        for reader in readers:
            await reads.models_by_id(reader, [1])
    await end_all(catalogue)
    for _ in range(4):
        async with Reader(made) as reader:
            reader.alone = alone
            assert await reads.models_by_id(reader, [1])
    await made.dispose()


async def test_a_connection_that_ends_after_the_first_statement_is_an_error(catalogue: str) -> None:
    """What was read before would be of another snapshot."""
    made = read_engine(catalogue, pool_size=1, pool_wait_s=2, statement_timeout_ms=300)
    async with Reader(made) as reader:
        await reads.models_by_id(reader, [1])
        await end_all(catalogue)
        with pytest.raises(Lost):
            await reads.models_by_id(reader, [1])
    async with Reader(made) as reader:
        assert await reads.models_by_id(reader, [1])
    await made.dispose()


async def end_all(url: str) -> None:
    """Ends every connection that reads, and waits until they are gone."""
    killer = write_engine(url)
    async with killer.connect() as connection:
        made = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await made.exec_driver_sql(ENDED)
        while await made.scalar(text("select count(*) from pg_stat_activity where application_name = 'llmref'")):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await killer.dispose()
