"""When the catalogue is to be made anew without a new word from anybody: by the calendar, by the rules, by what is shipped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db import writes
from db.engine import write_engine
from domain.statements import BrokenDocument, Parsed
from ingest import run
from ingest.documents import PARSERS, Document
from ingest.run import Due, IngestError, due, ingest
from tests.ingest.small import ROUTES, day, document, of, rates, read

RETIRING = rates("host", "bolt-2", 2, retires="2026-03-20")


def ship(monkeypatch: pytest.MonkeyPatch, *documents: Document) -> None:
    """Let the installation bring these documents."""
    monkeypatch.setattr(run, "local_documents", lambda: list(documents))


@pytest.mark.asyncio
async def test_a_day_that_changes_a_route_makes_a_revision(engine: AsyncEngine) -> None:
    revisions = []
    for number in (2, 19, 20, 21):
        report = await ingest(engine, documents=[RETIRING], now=day(number))
        [(live, lifecycle)] = await read(engine, "select live, lifecycle from route")
        revisions.append((report.revision, report.new_revision, live, lifecycle))
    assert revisions == [
        (1, True, True, "AVAILABLE"),
        (1, False, True, "AVAILABLE"),
        (2, True, False, "RETIRED"),
        (2, False, False, "RETIRED"),
    ]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "shipped", "now", "reason"),
    [
        ("nothing has happened", [RETIRING], day(2), None),
        ("the day before", [RETIRING], day(19), None),
        ("the day", [RETIRING], day(20), Due.CALENDAR),
        ("long after", [RETIRING], day(1, 9), Due.CALENDAR),
        ("another document is shipped", [RETIRING, document()], day(2), Due.SHIPPED),
        ("a document is not shipped any more", [], day(2), None),
    ],
)
async def test_what_is_due(
    engine: AsyncEngine,
    monkeypatch: pytest.MonkeyPatch,
    _case: str,
    shipped: Sequence[Document],
    now: datetime,
    reason: Due | None,
) -> None:
    ship(monkeypatch, *shipped)
    assert await due(engine, now=now) is Due.EMPTY
    await ingest(engine, documents=[RETIRING], now=day(2))
    assert await due(engine, now=now) is reason


@pytest.mark.asyncio
async def test_other_rules_are_due_until_they_are_applied(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    ship(monkeypatch, RETIRING)
    await ingest(engine, documents=[RETIRING], now=day(2))
    monkeypatch.setattr(run, "INGEST_VERSION", "next")
    assert await due(engine, now=day(3)) is Due.SHIPPED
    await ingest(engine, documents=[RETIRING], now=day(3))
    assert await due(engine, now=day(3)) is None


@pytest.mark.asyncio
async def test_with_other_rules_kept_documents_are_read_anew(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await ingest(engine, documents=[document(), RETIRING], now=day(2))
    before = await read(engine, "select * from statement order by id")
    monkeypatch.setattr(run, "INGEST_VERSION", "next")
    report = await ingest(engine, documents=[RETIRING], now=day(3))
    assert [(entry.source, entry.state, entry.new) for entry in report.sources] == [
        ("models.dev", "unchanged", 0),
        ("rates", "unchanged", 0),
    ]
    assert report.sources[0].subjects > 0, "it was read"
    assert (report.revision, report.new_revision, report.digest) == (2, True, first.digest)
    assert await read(engine, "select * from statement order by id") == before


@pytest.mark.asyncio
async def test_a_kept_document_that_cannot_be_read_any_more_stands(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: bytes) -> Parsed:
        raise BrokenDocument("too old")

    await ingest(engine, documents=[document(), RETIRING], now=day(2))
    monkeypatch.setattr(run, "INGEST_VERSION", "next")
    monkeypatch.setattr(run, "PARSERS", {**PARSERS, "models.dev": refuse})
    report = await ingest(engine, documents=[RETIRING], now=day(3))
    assert report.messages == [
        "A kept document cannot be read any more, what it said stands: models.dev, made up: too old"
    ]
    assert dict(await read(engine, "select key, live from route")) == dict.fromkeys(ROUTES, True)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "other"),
    [("a number", of("models.dev", b"1")), ("a tree without leaves", of("models.dev", b'{"providers": {}}'))],
)
async def test_broken_shipped_documents_are_told(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, _case: str, other: Document
) -> None:
    def broken() -> list[Document]:
        other.parse(other.body)
        return []

    await ingest(engine, documents=[RETIRING], now=day(2))
    monkeypatch.setattr(run, "local_documents", broken)
    with pytest.raises(IngestError, match=r"broken document: models\.dev"):
        await due(engine, now=day(2))


@pytest.mark.asyncio
async def test_a_database_that_refuses_is_told(engine: AsyncEngine) -> None:
    dead = write_engine("postgresql://u@127.0.0.1:1/d")
    for asked in (due(dead), ingest(dead, documents=[document()])):
        with pytest.raises(IngestError, match=r"the database refused: .*127\.0\.0\.1"):
            await asked
    async with engine.begin() as connection:
        await connection.execute(text("alter table statement rename to statements"))
    with pytest.raises(IngestError, match=r'the database refused: .*"statement" does not exist'):
        await ingest(engine, documents=[document()])
    assert await read(engine, "select count(*) from source") == [(0,)]


@pytest.mark.asyncio
async def test_who_listens_hears_of_a_new_revision_when_it_is_there(engine: AsyncEngine) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with engine.connect() as connection:
        await connection.begin()
        listener = await writes.driver(connection)
        await connection.rollback()
        await listener.add_listener(writes.CHANNEL, lambda *given: heard.put_nowait(str(given[3])))
        await ingest(engine, documents=[document()], now=day(2))
        assert await asyncio.wait_for(heard.get(), 10) == "1"
        await ingest(engine, documents=[document()], now=day(3))
        await ingest(engine, documents=[document("2026-03-05", {**ROUTES, "host/bolt-2": 3})], now=day(6))
        assert await asyncio.wait_for(heard.get(), 10) == "2"
        assert heard.empty()


@pytest.mark.asyncio
async def test_every_step_is_told_to_its_end(engine: AsyncEngine) -> None:
    told: list[tuple[str, int, int]] = []
    await ingest(engine, documents=[document()], progress=lambda *step: told.append(step), now=day(2))
    steps = list(dict.fromkeys(step for step, _, _ in told))
    assert steps == ["read documents", "link", "reconcile", "write"]
    assert all(any(name == step and done == total > 0 for name, done, total in told) for step in steps)
