"""Answers read from a real streaming replica: it follows, lags, is lost and comes back, and the primary is lost and comes back."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from starlette.testclient import TestClient
from websockets.asyncio.client import ClientConnection

from api.app import create_app
from api.keys import made
from api.serving import _prepared
from api.settings import from_env
from api.steps import Steps
from db import hosts
from db.embedded import EmbeddedPostgres
from db.unavailable import DatabaseUnavailable
from tests.api.conftest import REVISION
from tests.api.test_newest import NAME, ask, kept, until
from tests.api.test_paying import ask as paying
from tests.api.test_paying import issued
from tests.conftest import ROWS
from tests.db.test_backup import content, dumped, restored
from tests.ingest.small import _migrated, run_script
from tests.replicating import Replica, replicated
from tests.replicating import ask as sql
from tests.streaming import Server, heard, streaming, subscribed
from tests.streaming import until as there

pytestmark = [pytest.mark.xdist_group("replicas"), pytest.mark.usefixtures("looked_anew")]

OTHER = '{ model(ref: "two") { name } }'
CHECKED = "{ catalog { sources { lastCheckedAt } } }"
Both = tuple[EmbeddedPostgres, Replica]


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    with replicated() as (primary, replica):
        asyncio.run(_migrated(primary.url))
        run_script(primary.url, ROWS + REVISION)
        yield primary, replica


@pytest.fixture
def running(both: Both) -> Both:
    """Both running and equal, whatever the test before has done."""
    primary, replica = both
    primary.start()
    if not replica.lives():
        replica.start()
    newest = sql(primary.url, "select max(id) from catalog_revision")
    until(lambda: _newest(replica.url) == newest)
    return both


def _newest(url: str) -> object:
    """The newest revision; None also where a replica has not even the tables yet."""
    try:
        return sql(url, "select max(id) from catalog_revision")
    except asyncpg.UndefinedTableError:
        return None


def served(primary: EmbeddedPostgres, read: str) -> TestClient:
    settings = {"DATABASE_URL": primary.url, "DATABASE_READ_URL": read, "POOL_WAIT_SECONDS": "1"}
    return TestClient(create_app(from_env(settings), primary.url))


@pytest.fixture
def client(running: Both) -> Iterator[TestClient]:
    """Answers from the replica alone."""
    primary, replica = running
    with served(primary, replica.url) as made:
        until(lambda: made.app.state.service.newest.state)  # type: ignore[attr-defined]
        yield made


@pytest.fixture
def choosing(running: Both) -> Iterator[TestClient]:
    """Answers from the replica, or from the primary where there is none."""
    primary, replica = running
    # The primary stands first, and is taken only where there is no standby.
    places = f"host={primary._socket_dir}:5432&host={replica.folder}:5432"
    with served(primary, f"postgresql://llmref@/llmref?{places}&target_session_attrs=prefer-standby") as made:
        until(lambda: made.app.state.service.newest.state)  # type: ignore[attr-defined]
        yield made


def revise(primary: EmbeddedPostgres, name: str) -> str:
    """Another name of the first model, as an ingest commits it; the number of the revision."""
    run_script(primary.url, f"update model set name = '{name}' where slug = 'one'; {REVISION}")  # noqa: S608
    number = sql(primary.url, "select max(id) from catalog_revision")
    run_script(primary.url, f"select pg_notify('llmref_revision', '{number}')")
    return str(number)


def named(client: TestClient, revision: str, query: str = NAME) -> Any:
    """The answer, once it is of the revision."""
    return until(lambda: found if (found := ask(client, query)).headers.get("llmref-revision") == revision else None)


def warm(client: TestClient) -> None:
    """Returns when an answer has come out of what is kept."""
    before = kept(client)
    until(lambda: ask(client) and kept(client) > before)


def ready(client: TestClient) -> Any:
    return client.get("/readyz").json()


def test_the_replica_answers_and_follows(client: TestClient, running: Both) -> None:
    assert ready(client)["replica"] is True
    number = revise(running[0], "Followed")
    found = named(client, number)
    assert found.json()["data"] == {"model": {"name": "Followed"}}
    warm(client)
    assert "llmref-behind" not in ask(client).headers
    assert ask(client).headers["cache-control"].startswith("public")
    assert {ready(client)["revision"], ready(client)["newestRevision"]} == {int(number)}


def test_a_replica_that_lags_says_so_and_nothing_old_is_kept_as_new(client: TestClient, running: Both) -> None:
    primary, replica = running
    number = revise(primary, "Before")
    first = named(client, number)
    warm(client)
    run_script(replica.url, "select pg_wal_replay_pause()")
    newer = revise(primary, "After")
    behind = until(lambda: found if "llmref-behind" in (found := ask(client)).headers else None)
    # The older answer is right for the revision that it names, also when it was not asked before; others must not keep it.
    for found in (behind, ask(client, OTHER)):
        assert found.headers["llmref-revision"] == number
        assert found.headers["cache-control"] == "no-cache"
        assert found.headers["llmref-behind"] == "true"
    assert (behind.json(), behind.headers["etag"]) == (first.json(), first.headers["etag"])
    assert (ready(client)["revision"], ready(client)["newestRevision"]) == (int(number), int(newer))
    # What is computed once is kept for as long as the replica stays there, so that lag costs no work.
    before = kept(client)
    assert ask(client).status_code == 200
    assert kept(client) == before + 1
    run_script(replica.url, "select pg_wal_replay_resume()")
    after = named(client, newer)
    assert after.json()["data"] == {"model": {"name": "After"}}
    assert after.headers["etag"] != first.headers["etag"]
    assert "llmref-behind" not in after.headers
    again = client.get("/graphql", params={"query": NAME}, headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 200, "the tag of the older answer is not that of the newer one"


@pytest.mark.asyncio
async def test_streams_say_that_a_replica_lags(running: Both) -> None:
    primary, replica = running
    number = int(await asyncio.to_thread(revise, primary, "Streamed"))
    revised = f"subscription {{ catalogRevised(after: {number - 1}) {{ revision }} }}"
    read = {"DATABASE_URL": primary.url, "DATABASE_READ_URL": replica.url}

    async def marks(server: Server) -> list[tuple[object, object]]:
        """Which revision answered, and whether it is behind: as an event, and as messages to a query and to a subscription."""
        async with server.events(NAME) as events, server.client() as socket:
            told = [(await events.next())[1]]
            for id, query in (("1", NAME), ("2", revised)):
                await subscribed(socket, query, id)
                told.append((await heard_of(socket, id))["payload"])
        return [(each["extensions"]["revision"], each["extensions"].get("behind")) for each in told]

    async with streaming(primary.url, **read) as server:
        newest = server.app.state.service.newest
        await there(lambda: newest.state is not None and newest.state == newest.announced)
        assert await marks(server) == [(number, None)] * 3
        await asyncio.to_thread(run_script, replica.url, "select pg_wal_replay_pause()")
        newer = int(await asyncio.to_thread(revise, primary, "Not yet"))
        await there(lambda: newest.announced.revision == newer)
        assert await marks(server) == [(number, True)] * 3
        await asyncio.to_thread(run_script, replica.url, "select pg_wal_replay_resume()")
        await there(lambda: newest.state.revision == newer)
        assert await marks(server) == [(newer, None)] * 3


async def heard_of(socket: ClientConnection, id: str) -> Any:
    """The next answer to that operation."""
    while (found := await heard(socket))["id"] != id or found["type"] != "next":
        pass
    return found


def test_a_key_is_looked_up_at_the_primary_and_at_the_replica_while_that_is_away(
    client: TestClient, running: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a key that was revoked is refused although the replica does not know it yet."""
    primary, replica = running
    kept, ended = issued(primary.url), issued(primary.url)
    until(lambda: sql(replica.url, "select count(*) from api_key") == 2)
    run_script(replica.url, "select pg_wal_replay_pause()")
    run_script(primary.url, f"update api_key set revoked_at = now() where id = '{ended.split('_')[1]}'")  # noqa: S608
    assert paying(client, NAME, kept).status_code == 200
    assert paying(client, NAME, ended).status_code == 401
    monkeypatch.setattr(client.app.state.service.keys, "REST_S", 0.0)  # type: ignore[attr-defined]
    primary._temporary = False  # its folder is still wanted
    primary.stop()
    try:
        client.app.state.service.callers._believed.clear()  # type: ignore[attr-defined]
        assert paying(client, NAME, kept).status_code == 200
        assert paying(client, NAME, made()[0]).status_code == 401, "the replica says that there is no such key"
    finally:
        primary.start()
        primary._temporary = True
        run_script(replica.url, "select pg_wal_replay_resume()")
    client.app.state.service.callers._believed.clear()  # type: ignore[attr-defined]
    assert paying(client, NAME, ended).status_code == 401
    assert paying(client, NAME, kept).status_code == 200


def test_a_check_without_a_revision_reaches_the_answers(client: TestClient, running: Both) -> None:
    primary, replica = running
    run_script(primary.url, "update source set last_checked_at = '2026-07-01'; select pg_notify('llmref_revision', '')")
    first = until(lambda: found if "2026-07-01" in (found := ask(client, CHECKED)).text else None)
    run_script(replica.url, "select pg_wal_replay_pause()")
    run_script(primary.url, "update source set last_checked_at = '2026-07-02'; select pg_notify('llmref_revision', '')")
    assert ask(client, CHECKED).text == first.text
    run_script(replica.url, "select pg_wal_replay_resume()")
    until(lambda: "2026-07-02" in ask(client, CHECKED).text)


def test_a_replica_that_is_lost_and_comes_back(client: TestClient, running: Both) -> None:
    primary, replica = running
    answered = named(client, revise(primary, "Kept"))
    warm(client)
    replica.stop()
    # What was kept stays current until it is noticed, and is right; a new revision makes it be noticed.
    newer = revise(primary, "Unseen")
    stale = until(lambda: found if "llmref-stale" in (found := ask(client)).headers else None)
    assert (stale.status_code, stale.json(), stale.headers["cache-control"]) == (200, answered.json(), "no-cache")
    refused = ask(client, "{ models { totalCount } }")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["errors"][0]["extensions"]["code"] == "DATABASE_UNAVAILABLE"
    assert (client.get("/readyz").status_code, client.get("/healthz").status_code) == (503, 200)
    replica.start()
    assert named(client, newer).json()["data"] == {"model": {"name": "Unseen"}}
    assert ready(client)["ready"] is True


def test_a_lost_replica_s_place_is_taken_by_the_primary(
    choosing: TestClient, running: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    primary, replica = running
    named(choosing, revise(primary, "Preferred"))
    assert ready(choosing)["replica"] is True
    replica.stop()
    # Pooled connections do not know it yet; no request notices.
    assert ask(choosing, OTHER).status_code == 200
    assert ready(choosing)["replica"] is False
    newer = revise(primary, "Alone")
    assert named(choosing, newer).json()["data"] == {"model": {"name": "Alone"}}
    replica.start()
    # A host that failed is avoided for 30 s, and connections are made anew after 60; here at once.
    monkeypatch.setattr(hosts, "AVOID_S", 0.0)
    choosing.app.state.engine.pool._recycle = 0  # type: ignore[attr-defined]
    until(lambda: ready(choosing)["replica"])


def test_a_backup_is_made_of_the_replica(running: Both, tmp_path: Path) -> None:
    primary, replica = running
    revise(primary, "Dumped")
    until(lambda: content(replica.url) == content(primary.url))
    again = restored(primary.url, dumped(replica.url, tmp_path), tmp_path, "from_the_replica")
    assert content(again) == content(primary.url)


def started(url: str, read_url: str) -> tuple[str, str]:
    """What a server that starts now writes to, and the last line of what it says."""
    with ExitStack() as held, Steps() as steps:
        found, said = _prepared(from_env({"DATABASE_URL": url, "DATABASE_READ_URL": read_url}), held, steps)
    return found.url, (said or "").splitlines()[-1]


def test_without_the_primary_answers_go_on(client: TestClient, running: Both) -> None:
    primary, replica = running
    number = revise(primary, "Primary")
    named(client, number)
    primary._temporary = False  # its folder is still wanted
    primary.stop()
    try:
        until(lambda: ready(client)["newestRevision"] is None)
        found = ask(client, '{ model(ref: "one") { slug } }')
        assert (found.status_code, found.headers["llmref-revision"]) == (200, number)
        warm(client)
        assert "llmref-stale" not in ask(client).headers
        assert started(primary.url, replica.url) == (
            primary.url,
            "Answers come from DATABASE_READ_URL alone; DATABASE_URL was not looked after.",
        )
        with pytest.raises(DatabaseUnavailable):
            started(primary.url, "postgresql://u@127.0.0.1:1/d")
        with pytest.raises(DatabaseUnavailable):
            started(primary.url, "")
    finally:
        primary.start()
        primary._temporary = True
    assert named(client, revise(primary, "Back")).json()["data"] == {"model": {"name": "Back"}}
