"""What an ingest makes different is recorded once, of its kind, with the revision that has it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from ingest.run import ingest
from tests.ingest.small import ROUTES, day, document, of, rates, read

FACTS = (
    "select of, field, kind, before, after, source_id, revision from fact_change where revision = {} order by of, field"
)
PRICES = (
    "select of, mode, kind, day::text, before->>'input', after->>'input', source_id, revision from price_change"
    " where revision = {} order by of, id"
)


async def told(engine: AsyncEngine, asked: str, revision: int) -> list[tuple[Any, ...]]:
    return await read(engine, asked.format(revision))


@pytest.mark.asyncio
async def test_at_first_everything_is_covered_for_the_first_time(engine: AsyncEngine) -> None:
    report = await ingest(engine, documents=[document()], now=day(2))
    assert await told(engine, FACTS, report.revision) == [
        (of_, "listed", "FIRST_COVERAGE", None, "true", None, 1)
        for of_ in ("bolt-2", "host/bolt-2", "other/bolt-2", "other/volt-1", "volt-1")
    ]
    assert await told(engine, PRICES, report.revision) == [
        (route, "STANDARD", "FIRST_COVERAGE", "2026-03-01", None, str(price), "models.dev", 1)
        for route, price in sorted(ROUTES.items())
    ]


@pytest.mark.asyncio
async def test_the_same_again_records_nothing(engine: AsyncEngine) -> None:
    for moment in (day(2), day(3)):
        await ingest(engine, documents=[document()], now=moment)
    assert await read(engine, "select count(*), max(revision) from fact_change") == [(5, 1)]
    assert await read(engine, "select count(*), max(revision) from price_change") == [(3, 1)]


@pytest.mark.asyncio
async def test_a_new_price_is_a_change_and_a_new_limit_is_one(engine: AsyncEngine) -> None:
    await ingest(engine, documents=[document()], now=day(2))
    newer = document("2026-03-05", {**ROUTES, "host/bolt-2": 1}, limit={"context": 512000, "output": 8192})
    report = await ingest(engine, documents=[newer], now=day(6))
    assert await told(engine, PRICES, report.revision) == [
        ("host/bolt-2", "STANDARD", "CHANGE", "2026-03-05", "2", "1", "models.dev", 2)
    ]
    changed = await told(engine, FACTS, report.revision)
    assert [(row[0], row[1], row[2], row[3], row[4]) for row in changed if row[1] == "context_window"] == [
        (route, "context_window", "CHANGE", "256000", "512000") for route in sorted([*ROUTES, "volt-1"])
    ]


@pytest.mark.asyncio
async def test_a_value_that_somebody_still_states_is_corrected(engine: AsyncEngine) -> None:
    """LiteLLM knew the window; models.dev, which comes first, says another one."""
    row = {"litellm_provider": "host", "mode": "chat", "max_output_tokens": 4096}
    await ingest(engine, documents=[of("litellm", _json({"host/bolt-2": row}))], now=day(2))
    report = await ingest(engine, documents=[document(routes={"host/bolt-2": 2})], now=day(6))
    changed = await told(engine, FACTS, report.revision)
    assert ("host/bolt-2", "max_output", "CORRECTION", "4096", "8192", "models.dev", 2) in changed


@pytest.mark.asyncio
async def test_what_goes_is_told(engine: AsyncEngine) -> None:
    await ingest(engine, documents=[document()], now=day(2))
    fewer = document("2026-03-05", {"host/bolt-2": 2, "other/bolt-2": 3})
    report = await ingest(engine, documents=[fewer], accepted=["models.dev"], now=day(6))
    changed = await told(engine, FACTS, report.revision)
    assert ("other/volt-1", "live", "CHANGE", "true", "false", None, 2) in changed
    assert ("other/volt-1", "STANDARD", "CHANGE", "2026-03-05", "5", None, "models.dev", 2) in await told(
        engine, PRICES, report.revision
    )


@pytest.mark.asyncio
async def test_another_witness_of_the_same_price_changes_nothing(engine: AsyncEngine) -> None:
    await ingest(engine, documents=[document()], now=day(2))
    await ingest(engine, documents=[rates("host", "bolt-2", 2, day="2026-03-05")], now=day(6))
    assert await read(engine, "select count(*) from price_change where kind <> 'FIRST_COVERAGE'") == [(0,)]


@pytest.mark.asyncio
async def test_another_document_of_the_same_day_corrects_what_it_says_otherwise(engine: AsyncEngine) -> None:
    """LiteLLM dates nothing: a document of the afternoon takes one amount of that of the morning back, and nothing else."""

    def listed(input_price: str) -> Any:
        prices = {"input_cost_per_token": input_price, "output_cost_per_token": "2.2e-06"}
        return of("litellm", _json({"host/bolt-2": {"litellm_provider": "host", "mode": "chat", **prices}}))

    await ingest(engine, documents=[listed("6e-07")], now=day(2))
    report = await ingest(engine, documents=[listed("7e-07")], now=day(2) + timedelta(hours=3))
    sheets = await read(
        engine, "select valid_from::text, valid_to::text, input_mtok::text, output_mtok::text from price"
    )
    assert sheets == [("2026-03-02", None, "0.7", "2.2")]
    changes = "select kind, day::text, before, after, previous_source_id from price_change where revision = 2"
    assert report.revision == 2
    assert await read(engine, changes) == [
        ("CORRECTION", "2026-03-02", {"input": "0.6", "output": "2.2"}, {"input": "0.7", "output": "2.2"}, "litellm")
    ]


@pytest.mark.asyncio
async def test_what_another_document_of_the_same_day_leaves_out_never_was(engine: AsyncEngine) -> None:
    await ingest(engine, documents=[document()], now=day(2))
    fewer = document("2026-03-01", {"host/bolt-2": 2, "other/bolt-2": 3})
    report = await ingest(engine, documents=[fewer], accepted=["models.dev"], now=day(2) + timedelta(hours=3))
    assert await told(engine, PRICES, report.revision) == [
        ("other/volt-1", "STANDARD", "CORRECTION", "2026-03-01", "5", None, "models.dev", 2)
    ]


def _json(value: Any) -> bytes:

    return json.dumps(value).encode()
