"""Reads give frozen facts, one statement for any number of keys."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date
from decimal import Decimal

import pytest
import pytest_asyncio
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from db import reads
from db.embedded import EmbeddedPostgres
from db.engine import write_engine
from db.migrate import migrate
from domain import facts

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
insert into price (route_id, mode, above, valid_from, valid_from_basis, valid_to, currency, input_mtok, output_mtok, other_units, source_id) values
  (1, 'STANDARD', 0, '2026-01-01', 'STATED', '2026-06-01', 'USD', 0.30, 1.20, '{}', 'made-up'),
  (1, 'STANDARD', 0, '2026-06-01', 'STATED', null, 'USD', 0.15, 0.60, '{"per_image": "0.002"}', 'made-up');
insert into benchmark (slug, name) values ('quiz', 'Quiz');
insert into benchmark_result (model_id, benchmark_id, metric, score, source_id) values (1, 1, 'percent', 38.1, 'made-up');
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    async def fill(url: str) -> None:
        engine = write_engine(url)
        await migrate(engine)
        async with engine.begin() as connection:
            for statement in filter(str.strip, ROWS.split(";")):
                await connection.exec_driver_sql(statement)
        await engine.dispose()

    with EmbeddedPostgres.temporary() as url:
        asyncio.run(fill(url))
        yield url


@pytest_asyncio.fixture
async def connection(address: str) -> AsyncIterator[AsyncConnection]:
    engine = write_engine(address)
    async with engine.connect() as made:
        yield made
    await engine.dispose()


@pytest.mark.asyncio
async def test_a_model_is_whole_and_what_nobody_says_is_unknown(connection: AsyncConnection) -> None:
    found = await reads.models_by_id(connection, [1, 2, 3])
    assert sorted(found) == [1, 2]
    one, two = found[1], found[2]
    assert one.lab == facts.Lab(1, "acme", "Acme")
    assert one.license == facts.License(1, "MIT", "MIT", "MIT", True)
    assert one.capabilities[facts.CapabilityKind.VISION] is facts.Presence.YES
    assert one.capabilities[facts.CapabilityKind.BATCH] is facts.Presence.NO
    assert one.capabilities[facts.CapabilityKind.REASONING] is facts.Presence.UNKNOWN
    assert two == facts.Model(id=2, slug="two", name="Two")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "ref", "slug"),
    [
        ("slug", "one", "one"),
        ("slug in capitals", "ONE", "one"),
        ("alias", "ACME/one", "one"),
        ("the better alias wins", "mostly", "two"),
        ("an ambiguous alias is no answer", "both", None),
        ("unknown", "three", None),
    ],
)
async def test_a_ref_is_a_slug_or_an_alias(connection: AsyncConnection, _case: str, ref: str, slug: str | None) -> None:
    found = await reads.models_by_ref(connection, [ref])
    assert {key: model.slug for key, model in found.items()} == ({} if slug is None else {ref: slug})


@pytest.mark.asyncio
async def test_routes_come_cheapest_first_and_a_model_without_any_has_an_entry(connection: AsyncConnection) -> None:
    found = await reads.routes_by_model(connection, [1, 2])
    assert [route.key for route in found[1]] == ["host/one", "acme/one", "host/one-free"]
    assert found[1][1].provider == facts.Provider(1, "acme", "Acme", facts.ProviderKind.LAB, facts.ApiShape.OPENAI_CHAT)
    assert found[2] == ()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "on", "amounts"),
    [
        ("before the first", date(2025, 12, 31), []),
        ("the first day", date(2026, 1, 1), [("0.30", "1.20")]),
        ("the day of the change", date(2026, 6, 1), [("0.15", "0.60")]),
    ],
)
async def test_prices_are_those_of_the_day(
    connection: AsyncConnection, _case: str, on: date, amounts: list[tuple[str, str]]
) -> None:
    found = await reads.prices_by_route(connection, [1, 2], on=on)
    assert [(price.input_mtok, price.output_mtok) for price in found[1]] == [
        (Decimal(first), Decimal(second)) for first, second in amounts
    ]
    assert found[2] == ()


@pytest.mark.asyncio
async def test_amounts_of_other_units_are_exact(connection: AsyncConnection) -> None:
    [price] = (await reads.prices_by_route(connection, [1], on=date(2026, 7, 1)))[1]
    assert price.other_units == {"per_image": Decimal("0.002")}
    assert price.source == "made-up"


@pytest.mark.asyncio
async def test_results_carry_their_benchmark(connection: AsyncConnection) -> None:
    [result] = (await reads.results_by_model(connection, [1, 2]))[1]
    assert (result.benchmark.slug, result.score, result.harness) == ("quiz", Decimal("38.1"), None)


@pytest.mark.asyncio
async def test_an_empty_catalogue_has_no_revision(connection: AsyncConnection) -> None:
    assert await reads.latest_revision(connection) is None


@pytest.mark.asyncio
async def test_one_read_is_one_statement_for_any_number_of_keys(connection: AsyncConnection) -> None:
    await connection.execute(text("select 1"))
    seen: list[str] = []
    event.listen(connection.sync_connection, "before_cursor_execute", lambda *given: seen.append(given[2]))
    for ids in ([1], [1, 2]):
        seen.clear()
        await reads.models_by_id(connection, ids)
        await reads.routes_by_model(connection, ids)
        await reads.prices_by_route(connection, ids, on=date(2026, 7, 1))
        await reads.results_by_model(connection, ids)
        await reads.models_by_ref(connection, ["one", "two"][: len(ids)])
        assert len(seen) == 5
