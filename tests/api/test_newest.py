"""A new revision reaches answers that are kept, and a database that goes away takes only what was not kept."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import from_env
from db.embedded import EmbeddedPostgres
from tests.api.conftest import REVISION
from tests.conftest import ROWS
from tests.ingest.small import _migrated, locked, run_script

NAME = '{ model(ref: "one") { name } }'
FAST_ENOUGH_S = 20


@pytest.fixture
def served() -> Iterator[tuple[TestClient, EmbeddedPostgres, str]]:
    """The made-up catalogue over HTTP on a server of its own."""
    with TemporaryDirectory() as folder, (server := EmbeddedPostgres(Path(folder), durable=False)) as url:
        asyncio.run(_migrated(url))
        run_script(url, ROWS + REVISION)
        with TestClient(create_app(from_env({"POOL_WAIT_SECONDS": "1"}), url)) as client:
            yield client, server, url


def until(holds: Callable[[], Any], seconds: float = FAST_ENOUGH_S) -> Any:
    """What is true within some seconds."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError("that never became true")


def ask(client: TestClient, query: str = NAME) -> Any:
    return client.get("/graphql", params={"query": query})


def kept(client: TestClient) -> int:
    return int(client.app.state.service.cache.hits)  # type: ignore[attr-defined]


def test_an_answer_is_kept_until_there_is_another_revision(served: tuple[TestClient, EmbeddedPostgres, str]) -> None:
    client, _, url = served
    until(lambda: ask(client) and ask(client) and kept(client))
    first = ask(client)
    assert first.headers["llmref-revision"] == "1"
    run_script(url, "update model set name = 'Uno' where slug = 'one'")
    assert ask(client).json() == first.json()  # nobody said that something has changed
    run_script(url, f"{REVISION}; select pg_notify('llmref_revision', '2')")
    second = until(lambda: found if (found := ask(client)).headers["llmref-revision"] == "2" else None)
    assert second.json()["data"] == {"model": {"name": "Uno"}}
    assert second.headers["etag"] != first.headers["etag"]
    assert ask(client, "{ __typename }").headers["llmref-revision"] == "2"


def test_a_check_that_found_nothing_new_reaches_what_tells_of_checks(
    served: tuple[TestClient, EmbeddedPostgres, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a revision nobody is notified; the state is asked for every few seconds."""
    client, _, url = served
    monkeypatch.setattr("db.listening.CHECK_S", 0.1)
    run_script(url, "select pg_notify('llmref_revision', '1')")  # the wait that has begun ends, the next one is short
    query = "{ catalog { sources { lastCheckedAt } } }"
    assert until(lambda: ask(client, query)).json()["data"]["catalog"]["sources"][0]["lastCheckedAt"] is None
    run_script(url, "update source set last_checked_at = '2026-07-01'")
    until(lambda: ask(client, query).json()["data"]["catalog"]["sources"][0]["lastCheckedAt"] is not None)


def test_without_a_database_what_was_kept_is_served_and_marked(
    served: tuple[TestClient, EmbeddedPostgres, str],
) -> None:
    client, server, _ = served
    until(lambda: ask(client) and ask(client) and kept(client))
    answered = ask(client)
    server.stop()
    stale = until(lambda: found if "llmref-stale" in (found := ask(client)).headers else None)
    assert (stale.status_code, stale.json(), stale.headers["cache-control"]) == (200, answered.json(), "no-cache")
    never_asked = ask(client, '{ model(ref: "two") { name } }')
    assert (never_asked.status_code, never_asked.headers["retry-after"]) == (503, "1")
    assert never_asked.json()["errors"][0]["extensions"]["code"] == "DATABASE_UNAVAILABLE"
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    server.start()
    again = until(lambda: found if "llmref-stale" not in (found := ask(client)).headers else None)
    assert again.json() == answered.json()
    assert ask(client, '{ model(ref: "two") { name } }').status_code == 200


@pytest.fixture
def small(served: tuple[TestClient, EmbeddedPostgres, str]) -> Iterator[tuple[TestClient, str]]:
    """The same catalogue with one connection, and little patience."""
    _, _, url = served
    settings = {"POOL_SIZE": "1", "POOL_WAIT_SECONDS": "0.3", "STATEMENT_TIMEOUT_MS": "1500"}
    with TestClient(create_app(from_env(settings), url)) as client:
        until(lambda: client.app.state.service.newest.state)  # type: ignore[attr-defined]
        yield client, url


def refusal(answer: Any) -> tuple[int, str | None, str]:
    """Status, when to ask again, and why."""
    return answer.status_code, answer.headers.get("retry-after"), answer.json()["errors"][0]["extensions"]["code"]


def test_a_slow_database_and_a_pool_in_use_are_503_for_what_was_not_kept(small: tuple[TestClient, str]) -> None:
    client, url = small
    assert ask(client).status_code == 200
    query = '{{ slow{}: model(ref: "two") {{ name }} }}'
    with locked(url) as release:
        with ThreadPoolExecutor(1) as beside:
            slow = beside.submit(ask, client, query.format(1))
            until(lambda: client.app.state.engine.pool.checkedout())  # type: ignore[attr-defined]
            assert refusal(ask(client, query.format(2))) == (503, "1", "OVERLOADED")
            assert refusal(slow.result()) == (503, "1", "TIMEOUT")
        kept_meanwhile = ask(client)
        assert (kept_meanwhile.status_code, "llmref-stale" in kept_meanwhile.headers) == (200, False)
        release()
    assert ask(client, query.format(1)).json()["data"] == {"slow1": {"name": "Two"}}


def test_what_was_kept_is_served_as_stale_while_the_database_is_slow(small: tuple[TestClient, str]) -> None:
    """A new revision has come, and what it says cannot be read in time."""
    client, url = small
    assert ask(client).headers["llmref-revision"] == "1"
    run_script(url, f"{REVISION}; select pg_notify('llmref_revision', '2')")
    until(lambda: client.app.state.service.newest.state.revision == 2)  # type: ignore[attr-defined]
    with locked(url):
        stale = ask(client)
    assert (stale.status_code, stale.headers["llmref-stale"], stale.headers["llmref-revision"]) == (200, "true", "1")
    assert ask(client).headers["llmref-revision"] == "2"


def test_every_connection_ended_at_once_costs_no_answer(served: tuple[TestClient, EmbeddedPostgres, str]) -> None:
    client, _, url = served
    query = '{{ again{}: model(ref: "one") {{ name }} }}'
    with ThreadPoolExecutor(8) as beside:
        assert {
            each.status_code for each in beside.map(lambda number: ask(client, query.format(number)), range(40))
        } == {200}
        ended = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name ^@ 'llmref'"
        run_script(url, ended)
        time.sleep(0.5)  # until their ends are seen on this side; what is asked in that moment may fail
        after = list(beside.map(lambda number: ask(client, query.format(number)), range(40, 80)))
    assert [each.status_code for each in after] == [200] * 40
