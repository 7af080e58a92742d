"""A new revision reaches answers that are kept, and a database that goes away takes only what was not kept."""

import asyncio
import time
from collections.abc import Callable, Iterator
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
from tests.ingest.small import _migrated, run_script

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


def until(holds: Callable[[], Any]) -> Any:
    """What is true within some seconds."""
    ends = time.monotonic() + FAST_ENOUGH_S
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
