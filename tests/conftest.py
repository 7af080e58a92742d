"""A small made-up catalogue in a real PostgreSQL, for the rooms that read one."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from db.embedded import EmbeddedPostgres
from db.engine import write_engine
from db.migrate import migrate
from tests.asking import Asked, asking
from tests.catalogue import fill

# The ids are the identity columns' first numbers, given out in this order.
ROWS = """
insert into source (id, name, lineage) values ('made-up', 'Made up', 'made-up');
insert into lab (slug, name) values ('acme', 'Acme');
insert into license (key, name, spdx, osi_approved) values ('MIT', 'MIT', 'MIT', true);
insert into provider (slug, name, kind, api_shape) values ('acme', 'Acme', 'LAB', 'OPENAI_CHAT'), ('host', 'Host', 'HOST', 'OTHER');
insert into model (slug, name, lab_id, license_id, task, architecture, openness, commercial_use, lifecycle, search,
  capabilities_yes, capabilities_no, context_window) values
  ('one', 'One', 1, 1, 'TEXT_GENERATION', 'MOE', 'OPEN_SOURCE', 'ALLOWED', 'AVAILABLE', 'one', '{VISION}', '{BATCH}', 256000),
  ('two', 'Two', null, null, 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'two', '{}', '{}', null);
insert into alias (key, model_id, spelling, method, confidence, reason, rank) values
  ('acme/one', 1, 'Acme/One', 'EXACT', 1, 'an id', 0), ('both', 1, 'both', 'NAME', 0.5, 'a name', 1),
  ('both', 2, 'both', 'NAME', 0.5, 'a name', 1), ('mostly', 1, 'mostly', 'NAME', 0.5, 'a name', 1),
  ('mostly', 2, 'mostly', 'EXACT', 1, 'an id', 0);
insert into route (key, provider_id, model_id, provider_model_id, lifecycle, price_basis, live, first_party, output_mtok) values
  ('acme/one', 1, 1, 'one', 'AVAILABLE', 'METERED', true, true, 0.6),
  ('host/one', 2, 1, 'one', 'AVAILABLE', 'METERED', true, false, 0.3),
  ('host/one-free', 2, 1, 'one-free', 'AVAILABLE', 'FREE', true, false, null);
insert into price (route_id, mode, above, valid_from, valid_from_basis, valid_to, currency, input_mtok, output_mtok, other_units, hours, source_id) values
  (1, 'STANDARD', 0, '2026-01-01', 'STATED', '2026-06-01', 'USD', 0.30, 1.20, '{}', '{SAT-SUN 00:00-24:00 UTC+08:00,MON-FRI 16:30-00:30 UTC except CN through 2026-12-31: 2026-10-01/2026-10-02}', 'made-up'),
  (1, 'STANDARD', 0, '2026-06-01', 'STATED', null, 'USD', 0.15, 0.60, '{"per_image": "0.002"}', '{}', 'made-up');
insert into benchmark (slug, name) values ('quiz', 'Quiz');
insert into benchmark_result (model_id, benchmark_id, metric, score, source_id) values (1, 1, 'percent', 38.1, 'made-up');
"""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """The names of tests are short and the same in every process: a packed document, which has the second of its packing in it, names none."""
    return (
        argname
        if isinstance(val, bytes) or (isinstance(val, str) and (len(val) > 80 or not val.isprintable()))
        else None
    )


@pytest.fixture(scope="session")
def catalogue() -> Iterator[str]:
    async def made_up(url: str) -> None:
        engine = write_engine(url)
        await migrate(engine)
        async with engine.begin() as connection:
            for statement in filter(str.strip, ROWS.split(";")):
                await connection.exec_driver_sql(statement)
        await engine.dispose()

    with EmbeddedPostgres.temporary() as url:
        asyncio.run(made_up(url))
        yield url


@pytest.fixture(scope="session")
def default_catalogue() -> Iterator[str]:
    """The whole default catalogue. Tests that want it belong to the group of that name, so that it is filled once."""
    with EmbeddedPostgres.temporary() as url:
        fill(url)
        yield url


@pytest_asyncio.fixture
async def ask_default(default_catalogue: str) -> AsyncIterator[Asked]:
    """Asks the default catalogue."""
    async with asking(default_catalogue) as asked:
        yield asked


@pytest_asyncio.fixture
async def ask(catalogue: str) -> AsyncIterator[Asked]:
    """Asks the made-up catalogue."""
    async with asking(catalogue) as asked:
        yield asked
