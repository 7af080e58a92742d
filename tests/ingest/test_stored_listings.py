"""What a stored subject says besides its names is what its document says now, so that an ingest and `llmref resolve` agree."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.claims import StoredSubject, subjects
from domain.statements import SubjectKind
from ingest.identifying import rows_of
from ingest.linking import HAND_MADE, row_of
from ingest.run import ingest
from tests.ingest import payloads
from tests.ingest.small import ROUTES, day, document, of


async def stored(engine: AsyncEngine) -> list[StoredSubject]:
    async with engine.connect() as connection:
        return await subjects(connection)


@pytest.mark.asyncio
async def test_listings_are_linked_alike_stored_or_not(engine: AsyncEngine) -> None:
    documents = [of(source, payloads.BODIES[source]) for source in sorted(payloads.BODIES)]
    await ingest(engine, documents=documents, now=day(2))
    listings = (SubjectKind.MODEL, SubjectKind.ROUTE)
    rows = [row_of(each) for each in await stored(engine) if each.kind in listings and each.source not in HAND_MADE]
    assert sorted(rows, key=repr) == sorted(rows_of(documents), key=repr)
    assert {row.source for row in rows if row.context and row.input and row.output} >= {
        "models.dev",
        "openrouter",
        "rates",
    }


@pytest.mark.asyncio
async def test_only_what_is_said_now_and_has_no_end(engine: AsyncEngine) -> None:
    await ingest(engine, documents=[document()], now=day(2))
    dearer = document("2026-03-05", {**ROUTES, "host/bolt-2": 7})
    prices = [
        {"constraint": {"start_date": "2026-02-01"}, "prices": {"input_mtok": 4, "output_mtok": 8}},
        {"prices": {"input_mtok": 2, "output_mtok": 8}},
    ]
    model = {"id": "bolt-2", "name": "Bolt 2", "match": {"equals": "bolt-2"}, "prices": prices}
    host = {"id": "host", "name": "Host", "api_pattern": "https://host", "models": [model]}
    await ingest(engine, documents=[dearer, of("genai-prices", json.dumps([host]).encode())], now=day(6))
    said = {f"{each.source} {each.provider}/{each.native_id}": each.said for each in await stored(engine)}
    assert said["models.dev host/bolt-2"] == {
        "released": "2026-01-16",
        "context_window": 256000,
        "price.STANDARD.0.input": "7",
        "price.STANDARD.0.output": "14",
    }
    assert said["genai-prices host/bolt-2"] == {"price.STANDARD.0.input": "4", "price.STANDARD.0.output": "8"}


@pytest.mark.asyncio
async def test_of_a_field_in_which_it_says_two_things_a_subject_says_nothing(engine: AsyncEngine) -> None:
    await ingest(engine, documents=[document()], now=day(2))
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "insert into statement (subject_id, retrieval_id, field, value, locator, recorded_at)"
                " select subject_id, retrieval_id, field, '128000', '/elsewhere', recorded_at from statement"
                " where field = 'context_window'"
            )
        )
    said = [each.said for each in await stored(engine) if each.kind is SubjectKind.ROUTE]
    fields = {"released", "price.STANDARD.0.input", "price.STANDARD.0.output"}
    assert [set(each) for each in said] == [fields] * len(ROUTES)
