"""All sources in one ingest: every one says something, and the second time nothing is new."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from ingest.documents import PARSERS, parsed
from ingest.run import ingest
from ingest.sources import SOURCES
from tests.ingest.payloads import everything
from tests.ingest.small import day, read

_TABLES = (
    *("subject", "statement", "retrieval", "catalog_revision", "lab", "license", "provider", "model", "alias"),
    *("route", "price", "benchmark", "benchmark_result", "dispute"),
)


async def _contents(engine: AsyncEngine) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(await read(engine, f"select * from {table}"), key=str) for table in _TABLES}  # noqa: S608


def test_there_is_a_payload_of_every_source() -> None:
    documents = everything()
    assert {document.source.id for document in documents} == SOURCES.keys() == PARSERS.keys()
    unknown = [
        (document.source.id, problem.message)
        for document in documents
        for problem in parsed(document).problems
        if problem.code in ("unknown-field", "bad-value")
    ]
    assert unknown == []
    assert all(parsed(document).subjects for document in documents)


@pytest.mark.asyncio
async def test_the_second_time_nothing_is_new(engine: AsyncEngine) -> None:
    first = await ingest(engine, documents=everything(), now=day(2))
    assert first.new_revision
    assert [entry.source for entry in first.sources if entry.state != "new" or not entry.new] == []
    before = await _contents(engine)
    for again in (everything(), list(reversed(everything()))):
        report = await ingest(engine, documents=again, now=day(2))
        assert {(entry.state, entry.new, entry.superseded) for entry in report.sources} == {("unchanged", 0, 0)}
        assert (report.revision, report.new_revision, report.digest) == (first.revision, False, first.digest)
        assert await _contents(engine) == before


@pytest.mark.asyncio
async def test_new_rules_read_all_again_and_say_nothing_new(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await ingest(engine, documents=everything(), now=day(2))
    before = await _contents(engine)
    monkeypatch.setattr("ingest.run.INGEST_VERSION", "of tomorrow")
    report = await ingest(engine, documents=[], now=day(2))
    assert {entry.source for entry in report.sources} == SOURCES.keys()
    assert {(entry.new, entry.superseded) for entry in report.sources} == {(0, 0)}
    assert (report.digest, report.new_revision) == (first.digest, True)
    assert {**await _contents(engine), "catalog_revision": []} == {**before, "catalog_revision": []}


@pytest.mark.asyncio
async def test_what_they_say_meets(engine: AsyncEngine) -> None:
    await ingest(engine, documents=everything(), now=day(2))
    asked = """
      select distinct j.source_id from subject j join model m on m.id = j.model_id
      where m.slug = 'bolt-2' order by 1"""
    told = sorted(SOURCES.keys() - {"genai-prices"})  # whose second feed has another model here
    assert [source for (source,) in await read(engine, asked)] == told
    results = (
        "select b.slug, r.score, r.harness, r.variant from benchmark_result r join benchmark b on b.id = r.benchmark_id"
    )
    assert sorted(await read(engine, results)) == [
        (f"aider-{board}", 62.5, "aider 0.86, diff", "high") for board in ("edit", "polyglot")
    ]
    hours = "select mode, hours, source_id from price p join route r on r.id = p.route_id where key = 'acme/bolt-2' and hours <> '{}'"
    assert ("STANDARD", ["MON-SUN 01:00-04:00 UTC"], "model-prices") in await read(engine, hours)


@pytest.mark.asyncio
async def test_boards_make_no_models(engine: AsyncEngine) -> None:
    """They name what they ran in free text; only a catalogue says that there is such a model."""
    boards = [each for each in everything() if each.source.lineage == "aider"]
    await ingest(engine, documents=boards, now=day(2))
    assert await read(engine, "select slug from model") == []
    linked = "select distinct kind, native_id, method, model_id from subject"
    assert await read(engine, linked) == [("model", "bolt-2", "UNRESOLVED", None)]
