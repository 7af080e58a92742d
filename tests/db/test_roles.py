"""The roles of `db/roles.sql`: each can do what its process needs, and is refused everything else, by PostgreSQL itself."""

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url
from starlette.testclient import TestClient

from api.app import create_app
from api.database import migrated
from api.serving import _due
from api.settings import from_env
from db.base import Base
from db.engine import write_engine
from db.migrate import head
from ingest.run import Due, ingest
from tests.conftest import ROWS
from tests.ingest.small import ROUTES, databases, day, document, rows, run_script

pytestmark = pytest.mark.xdist_group("roles")

SCRIPT = (Path(__file__).parents[2] / "db" / "roles.sql").read_text()
COLUMNS = "api_key (id, name, digest, scopes, budget, created_at)"
KEY = f"insert into {COLUMNS} values ('k', 'K', 'x', '{{}}', 1000, now())"  # noqa: S608
LOGINS = """create role api login in role llmref_reader; create role timer login in role llmref_ingester;
create role metered login in role llmref_reader, llmref_meter; create role issuer login in role llmref_keys"""


@pytest.fixture(scope="module")
def new() -> Iterator[Callable[[], str]]:
    with databases() as made:
        yield made


@pytest.fixture(scope="module")
def owner(new: Callable[[], str]) -> str:
    """The made-up catalogue with a key and the roles, as the owner's address."""
    url = new()
    run_script(url, ROWS)
    run_script(url, KEY)
    run_script(url, SCRIPT)
    run_script(url, SCRIPT)  # may be run again
    run_script(url, LOGINS)
    return url


def by(owner: str, login: str) -> str:
    return make_url(owner).set(username=login).render_as_string(hide_password=False)


NOT_THEIRS = "select digest from api_key", "select * from api_key_usage", "delete from api_key"
FORBIDDEN = {
    "api": (
        "insert into lab (slug, name) values ('x', 'x')",
        "update price set input_mtok = 0",
        "delete from model",
        "truncate route",
        "drop table route",
        "create table mine (a int)",
        "create temporary table mine (a int)",
        "select lo_from_bytea(0, 'x')",
        "select lo_create(0)",
        "alter table model add column mine int",
        "create schema mine",
        "create extension hstore",
        "select nextval('lab_id_seq')",
        "select pg_read_file('/etc/passwd')",
        "copy model to program 'true'",
        "copy model to '/tmp/llmref-model'",
        "select passwd from pg_shadow",
        "set role llmref_ingester",
        "grant select on api_key to llmref_reader",
        "update record_key set key = 'mine'",
        *NOT_THEIRS,
    ),
    "timer": (
        "drop table price",
        "truncate statement",
        "delete from statement",
        "delete from retrieval",
        "delete from price_change",
        "delete from catalog_revision",
        "alter table price drop column hours",
        "create table mine (a int)",
        "create index on price (currency)",
        "update alembic_version set version_num = 'x'",
        "create function mine() returns int language sql as 'select 1'",
        "drop schema public cascade",
        "copy model from program 'true'",
        "set role llmref_keys",
        "select key from record_key",
        *NOT_THEIRS,
    ),
    "metered": (
        "update api_key set digest = 'mine'",
        KEY.replace("'k'", "'mine'"),
        "delete from api_key",
        "update model set name = 'x'",
    ),
    "issuer": ("select * from model", "update price set input_mtok = 0", "drop table api_key"),
}
ALLOWED = {
    "api": ("select count(*) from price", "select * from statement", "select version_num from alembic_version"),
    "timer": (
        "update model set name = name",
        "delete from price where id < 0",
        "create temporary table t (a int) on commit drop",
    ),
    "metered": (
        "select digest from api_key",
        "update api_key set last_used_at = now()",
        "insert into api_key_usage (key_id, day, requests, points) values ('k', '2026-07-01', 1, 1)",
        "select count(*) from model",
    ),
    "issuer": (
        KEY.replace("'k'", "'n'"),
        "update api_key set digest = 'y' where id = 'n'",
        "delete from api_key where id = 'n'",
        "select * from api_key_usage",
    ),
}


def cases(of: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(login, statement) for login, statements in of.items() for statement in statements]


@pytest.mark.parametrize(("login", "statement"), cases(FORBIDDEN))
def test_what_a_role_does_not_need_is_refused(owner: str, login: str, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        rows(by(owner, login), statement)


@pytest.mark.parametrize(("login", "statement"), cases(ALLOWED))
def test_what_a_role_needs_it_can(owner: str, login: str, statement: str) -> None:
    rows(by(owner, login), statement)


def test_somebody_without_a_role_is_not_even_let_in(owner: str) -> None:
    run_script(owner, "create role stranger login")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        rows(by(owner, "stranger"), "select 1")


def test_every_table_is_named_in_the_script() -> None:
    """A new table is closed until somebody has decided who needs it; that is here."""
    assert [name for name in Base.metadata.tables if not re.search(rf"\b{name}\b", SCRIPT)] == []


@pytest.fixture
def served(new: Callable[[], str]) -> str:
    """A database with the roles and no catalogue yet."""
    url = new()
    run_script(url, SCRIPT)
    return url


def test_the_ingester_ingests_and_the_reader_serves(owner: str, served: str) -> None:
    """What comes, changes and goes, all by the ingester; then a server starts and answers as the reader."""
    timer, reader = by(served, "timer"), by(served, "api")

    async def take_in() -> list[bool]:
        engine = write_engine(timer)
        fewer = {key: price for key, price in ROUTES.items() if key != "other/volt-1"}
        documents = (
            document("2026-03-01"),
            document("2026-03-02", {**ROUTES, "host/bolt-2": 9}),
            document("2026-03-03", fewer),
        )
        made = [
            (await ingest(engine, documents=[each], now=day(number), accepted=["models.dev"])).new_revision
            for number, each in enumerate(documents, 1)
        ]
        await engine.dispose()
        return made

    assert migrated(timer) == head()
    assert asyncio.run(take_in()) == [True, True, True]
    assert migrated(reader) == head()
    assert asyncio.run(_due(reader)) is not Due.EMPTY
    with TestClient(create_app(from_env({"DATABASE_URL": reader}), reader)) as client:
        found = client.post("/graphql", json={"query": "{ catalog { revision } models { totalCount } }"}).json()
        assert found["data"]["catalog"] == {"revision": 3}
        assert found["data"]["models"]["totalCount"] == 2
        assert client.get("/readyz").json()["ready"] is True
