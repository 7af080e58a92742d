"""alembic owns the schema: every revision goes up and down, and the tables are what the program thinks they are."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

import db.keys
import db.signing  # noqa: F401 - the same
from db.base import Base
from db.embedded import EmbeddedPostgres
from db.engine import read_engine, write_engine
from db.migrate import current, head, migrate


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with EmbeddedPostgres.temporary() as url:
        yield url


@pytest_asyncio.fixture
async def engine(address: str) -> AsyncIterator[AsyncEngine]:
    made = write_engine(address)
    yield made
    await made.dispose()


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


@pytest.mark.asyncio
async def test_up_down_up(engine: AsyncEngine) -> None:
    """Every revision can be taken back without a trace and applied again; a second upgrade changes nothing."""
    assert await current(engine) is None
    expected = set(Base.metadata.tables)
    await migrate(engine)
    await migrate(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(tables) == expected
    assert await current(engine) == head()
    await migrate(engine, "base")
    async with engine.connect() as connection:
        assert await connection.run_sync(tables) == set()
    await migrate(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(tables) == expected


@pytest.mark.asyncio
async def test_each_catalogue_signs_with_a_key_of_its_own(engine: AsyncEngine) -> None:
    keys: list[bytes] = []
    for _ in range(2):
        await migrate(engine)
        async with engine.connect() as connection:
            keys += (await connection.execute(text("select key from record_key"))).scalars().all()
        await migrate(engine, "base")
    await migrate(engine)
    assert [len(key) for key in keys] == [32, 32]
    assert keys[0] != keys[1]


@pytest.mark.asyncio
async def test_the_schema_is_what_the_program_thinks(engine: AsyncEngine) -> None:
    await migrate(engine)

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.asyncio
async def test_every_constraint_has_a_name_of_the_convention(engine: AsyncEngine) -> None:
    await migrate(engine)
    async with engine.connect() as connection:
        found = await connection.execute(
            text(
                "select conname, contype::text from pg_constraint join pg_class on pg_class.oid = conrelid"
                " join pg_namespace on pg_namespace.oid = relnamespace"
                " where nspname = 'public' and relname <> 'alembic_version' and contype in ('p', 'u', 'f', 'c')"
            )
        )
        prefixes = {"p": "pk_", "u": "uq_", "f": "fk_", "c": "ck_"}
        names = [(name, kind) for name, kind in found]
    assert names
    assert [name for name, kind in names if not name.startswith(prefixes[kind])] == []


@pytest.mark.asyncio
async def test_the_read_engine_refuses_to_write(address: str, engine: AsyncEngine) -> None:
    await migrate(engine)
    reading = read_engine(address, pool_size=1, pool_wait_s=1, statement_timeout_ms=3000)
    async with reading.connect() as connection:
        assert await connection.scalar(text("show statement_timeout")) == "3s"
        with pytest.raises(Exception, match="read-only transaction"):
            await connection.execute(text("insert into lab (slug, name) values ('a', 'A')"))
    await reading.dispose()
