"""Backup and restore as docs/operating.md tells them, with PostgreSQL's own programs: everything comes back, and the next ingest goes on."""

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from api.database import migrated
from db.base import Base
from db.engine import write_engine
from db.migrate import head
from ingest.run import ingest
from tests.ingest.small import ROUTES, databases, day, document, rows, run_script
from tests.replicating import run

pytestmark = pytest.mark.xdist_group("roles")

OPERATING = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()


@pytest.fixture(scope="module")
def new() -> Iterator[Callable[[], str]]:
    with databases() as made:
        yield made


async def take_in(url: str, number: int, price: int) -> tuple[int | None, bool]:
    engine = write_engine(url)
    documents = [document(f"2026-03-0{number}", {**ROUTES, "host/bolt-2": price})]
    report = await ingest(engine, documents=documents, now=day(number))
    await engine.dispose()
    return report.revision, report.new_revision


def content(url: str) -> dict[str, list[str]]:
    """Every row of every table."""
    return {name: sorted(map(repr, rows(url, f'select * from "{name}"'))) for name in Base.metadata.tables}  # noqa: S608


def on(url: str) -> list[str]:
    """How the programs are told where a database is."""
    found = make_url(url)
    return ["-h", str(found.query["host"]), "-p", str(found.query["port"]), "-U", str(found.username)]


def test_what_is_dumped_comes_back_whole_and_goes_on(new: Callable[[], str], tmp_path: Path) -> None:
    url = new()
    assert asyncio.run(take_in(url, 1, 2)) == (1, True)
    assert asyncio.run(take_in(url, 2, 3)) == (2, True)
    before = content(url)
    assert len(before["statement"]) > 10
    assert len(before["price_change"]) >= 1

    dump = run(tmp_path, "pg_dump", "-Fc", *on(url), str(make_url(url).database))
    assert asyncio.run(take_in(url, 3, 4)) == (3, True)  # what comes after a backup is not in it

    restored = make_url(url).set(database="restored").render_as_string(hide_password=False)
    run_script(
        make_url(url).set(database="postgres").render_as_string(hide_password=False),
        "create database restored template template0 encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'",
    )
    run(
        tmp_path,
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        *on(url),
        "-d",
        "restored",
        said=dump,
    )
    assert content(restored) == before
    assert migrated(restored) == head()
    assert rows(restored, "select 'b' collate \"default\" < 'B' collate \"default\"") == rows(
        url, "select 'b' collate \"default\" < 'B' collate \"default\""
    )
    # The same document makes no revision, the next one makes the third: numbers of ids go on where they were.
    assert asyncio.run(take_in(restored, 2, 3)) == (2, False)
    assert asyncio.run(take_in(restored, 3, 4)) == (3, True)
    assert rows(restored, "select p.input_mtok from price p join route r on r.id = p.route_id where r.key = 'host/bolt-2'"
                " and p.valid_to is null")[0][0] == 4  # fmt: skip


def test_the_handbook_gives_the_commands_that_are_tried() -> None:
    for words in ("pg_dump -Fc", "pg_restore --no-owner --no-privileges --exit-on-error", "template0"):
        assert re.search(rf"{words}", OPERATING), words
