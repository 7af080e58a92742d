"""How fresh each source is, told in three places by the same rows: `/readyz`, `/metrics` and the API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from starlette.testclient import TestClient

from api import health
from api.app import create_app
from api.health import Health, as_json
from api.settings import from_env
from api.state import Catalogue, State, document_age, seconds
from db.engine import look_engine, write_engine
from db.migrate import head
from domain.provenance import CatalogRevision, Source
from ingest.run import ingest
from tests.ingest.small import ROUTES, document, rates, run_script
from tests.streaming import streaming

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
FRESH = Source(
    *("models.dev", "models.dev", "models.dev", "https://models.dev", "MIT"),
    last_checked_at=NOW - timedelta(minutes=1),
    retrieved_at=NOW - timedelta(hours=2),
    document_date=date(2026, 3, 8),
)
FAILING = replace(FRESH, id="litellm", failed_at=NOW, failure="https://x/y: answered 404")
NEVER = Source("openrouter", "OpenRouter", "openrouter", failed_at=NOW, failure="nobody answers")
STATE = State(NOW, CatalogRevision(7, "abc", NOW, "1", {"models": 2, "routes": 3}), (FAILING, FRESH, NEVER))


@pytest.mark.parametrize(
    ("_case", "since", "passed"),
    [("never", None, None), ("now", NOW, 0), ("a clock that is behind", NOW + timedelta(seconds=9), 0)],
)
def test_seconds_since(_case: str, since: datetime | None, passed: int | None) -> None:
    assert seconds(since, NOW) == passed


def test_a_document_is_as_old_as_the_start_of_its_day() -> None:
    """However lately it was obtained; a day that has not begun here is not before now."""
    assert document_age(NOW.date(), NOW) == NOW.hour * 3600 + NOW.minute * 60 + NOW.second
    assert document_age(NOW.date() - timedelta(days=189), NOW) == (document_age(NOW.date(), NOW) or 0) + 189 * 86400
    assert document_age(NOW.date() + timedelta(days=1), NOW) == 0
    assert document_age(None, NOW) is None


def test_the_detail() -> None:
    def told(state: str, age: int | None, check: int | None, day: date | None, failure: str | None) -> dict[str, Any]:
        known = {"ageSeconds": age, "lastCheckSeconds": check, "documentDate": day, "failure": failure}
        known["documentAgeSeconds"] = document_age(day, NOW)
        return {"state": state, **known}

    assert as_json(Health(True, head(), replace(STATE, replica=True, newest=8))) == {
        "ready": True,
        "reason": None,
        "database": True,
        "migrations": {"current": head(), "head": head(), "atHead": True},
        "catalogue": True,
        "revision": 7,
        "ageSeconds": 0,
        "stopping": False,
        "newestRevision": 8,
        "replica": True,
        "sources": {
            "litellm": told("failing", 7200, 60, date(2026, 3, 8), "https://x/y: answered 404"),
            "models.dev": told("ok", 7200, 60, date(2026, 3, 8), None),
            "openrouter": told("failing", None, None, None, "nobody answers"),
        },
    }


@pytest.mark.parametrize(
    ("found", "reason", "catalogue"),
    [
        (Health(), "the database does not answer", None),
        (Health(True), f"the schema is at nothing, not at {head()}: run `llmref migrate`", None),
        (Health(True, "0001"), f"the schema is at 0001, not at {head()}: run `llmref migrate`", None),
        (Health(True, "0001", STATE), f"the schema is at 0001, not at {head()}: run `llmref migrate`", True),
        (Health(True, head()), "the tables cannot be read", None),
        (Health(True, head(), State(NOW, None, ())), "the catalogue is empty: run `llmref ingest`", False),
        (Health(True, head(), STATE, stopping=True), "stopping", True),
    ],
)
def test_what_is_missing_is_told(found: Health, reason: str, catalogue: bool | None) -> None:
    """What could not be looked at is unknown, not absent."""
    told = as_json(found)
    assert (told["ready"], told["reason"], told["catalogue"]) == (False, reason, catalogue)
    assert told["migrations"]["atHead"] is (found.schema == head())


def samples(text: bytes) -> list[str]:
    return [line for line in text.decode().splitlines() if not line.startswith("#")]


def as_metrics(found: State | None) -> bytes:
    """What was seen, as Prometheus is told it."""
    (catalogue := Catalogue()).saw(found)
    registry = CollectorRegistry()
    registry.register(catalogue)
    return generate_latest(registry)


def test_the_metrics() -> None:
    """What is unknown has no sample; it is not 0."""
    assert samples(as_metrics(replace(STATE, replica=True, newest=8))) == [
        "llmref_database_up 1.0",
        "llmref_database_replica 1.0",
        "llmref_catalog_newest_revision 8.0",
        'llmref_source_age_seconds{source="litellm"} 7200.0',
        'llmref_source_age_seconds{source="models.dev"} 7200.0',
        f'llmref_source_document_age_seconds{{source="litellm"}} {document_age(date(2026, 3, 8), NOW)}.0',
        f'llmref_source_document_age_seconds{{source="models.dev"}} {document_age(date(2026, 3, 8), NOW)}.0',
        'llmref_source_last_check_seconds{source="litellm"} 60.0',
        'llmref_source_last_check_seconds{source="models.dev"} 60.0',
        'llmref_source_failing{source="litellm"} 1.0',
        'llmref_source_failing{source="models.dev"} 0.0',
        'llmref_source_failing{source="openrouter"} 1.0',
        "llmref_catalog_revision 7.0",
        'llmref_catalog_things{kind="models"} 2.0',
        'llmref_catalog_things{kind="routes"} 3.0',
    ]
    assert samples(as_metrics(State(NOW, None, ()))) == ["llmref_database_up 1.0", "llmref_database_replica 0.0"]
    assert samples(as_metrics(None)) == ["llmref_database_up 0.0"]
    assert [family.samples for family in Catalogue().collect()] == [[]] * 9, "nobody has looked yet"


@pytest.fixture(scope="module")
def client(new_database: Callable[[], str]) -> Iterator[TestClient]:
    """Two sources two hours ago; one of them has shrunk since and is held back."""
    url = new_database()

    async def filled() -> None:
        engine = write_engine(url)
        then = datetime.now(UTC) - timedelta(hours=2)
        await ingest(engine, documents=[document(), rates("host", "bolt-2", 2)], now=then)
        await ingest(engine, documents=[document("2026-03-05", {"host/bolt-2": 2})], now=then + timedelta(hours=1))
        await engine.dispose()

    asyncio.run(filled())
    with TestClient(create_app(from_env({}), url)) as made:
        yield made


def test_a_real_catalogue_in_three_places(client: TestClient) -> None:
    ready = client.get("/readyz")
    assert (ready.status_code, ready.headers["content-type"]) == (200, "application/json")
    assert 2 <= (ready.json()["ageSeconds"] + 3600) // 3600 <= 3
    detail = ready.json()["sources"]
    assert {id_: each["state"] for id_, each in detail.items()} == {"models.dev": "failing", "rates": "ok"}
    assert detail["models.dev"]["documentDate"] == "2026-03-01"
    assert "--accept-shrink models.dev" in detail["models.dev"]["failure"]
    assert [each["ageSeconds"] // 3600 for each in detail.values()] == [2, 2]
    assert [each["lastCheckSeconds"] // 3600 for each in detail.values()] == [1, 2]

    scraped = client.get("/metrics")
    assert (scraped.status_code, scraped.headers["content-type"].partition(";")[0]) == (200, "text/plain")
    assert f'llmref_catalog_things{{kind="routes"}} {len(ROUTES)}.0' in samples(scraped.content)
    assert 'llmref_source_failing{source="models.dev"} 1.0' in samples(scraped.content)

    query = "{ catalog { revision sources { key retrievedAt lastCheckedAt documentDate failedAt failure } } }"
    found = client.post("/graphql", json={"query": query}).json()["data"]["catalog"]
    assert found["revision"] == ready.json()["revision"] == 1
    [models_dev, of_rates] = found["sources"]
    assert (models_dev["key"], models_dev["documentDate"]) == ("models.dev", "2026-03-01")
    assert models_dev["failedAt"] == models_dev["lastCheckedAt"] > models_dev["retrievedAt"]
    assert models_dev["failure"] == detail["models.dev"]["failure"]
    assert (of_rates["key"], of_rates["failedAt"], of_rates["failure"]) == ("rates", None, None)
    assert of_rates["retrievedAt"] == of_rates["lastCheckedAt"] == models_dev["retrievedAt"]


def test_without_a_database() -> None:
    with TestClient(create_app(from_env({}), "postgresql://u@127.0.0.1:1/d")) as dead:
        ready = dead.get("/readyz")
        assert (ready.status_code, ready.json()["ready"], ready.headers["retry-after"]) == (503, False, "1")
        scraped = dead.get("/metrics")
        assert (scraped.status_code, samples(scraped.content)[-1]) == (200, "llmref_database_up 0.0")
        assert "llmref_pool_size 10.0" in samples(scraped.content)


@pytest.mark.asyncio
async def test_any_number_of_probes_is_one_look_over_a_connection_of_its_own(
    filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though all connections for answers are in use, and then within the second after."""
    looked = mock.Mock(wraps=health.health)
    monkeypatch.setattr(health, "health", looked)
    monkeypatch.setattr(health, "GOOD_S", 60)
    async with streaming(filled, POOL_SIZE="1") as server, server.app.state.engine.connect():
        rendered = mock.Mock(wraps=server.app.state.metrics.text)
        monkeypatch.setattr(server.app.state.metrics, "text", rendered)

        async def asked(path: str) -> int:
            async with server.asking(f"GET {path}") as found:
                return found.status

        for _ in range(2):
            assert set(await asyncio.gather(*(asked("/readyz") for _ in range(50)))) == {200}
            assert set(await asyncio.gather(*(asked("/metrics") for _ in range(20)))) == {200}
        assert (looked.call_count, rendered.call_count) == (1, 1)
        server.subscriptions.stop()
        assert await asked("/readyz") == 503, "that it stops is told at once"


def test_a_database_without_a_connection_left_is_said_to_answer(new_database: Callable[[], str]) -> None:
    """Nobody but a superuser is let in."""
    url = new_database()
    name = urlsplit(url).path[1:]
    run_script(url, f"create role nobody_is_let_in login; alter database {name} connection limit 0")

    async def looked() -> Health:
        engine = look_engine(url.replace("//llmref@", "//nobody_is_let_in@"))
        found = await health.health(engine)
        await engine.dispose()
        return found

    found = asyncio.run(looked())
    assert (found.database, found.missing) == (True, "the database has no connection left to look at it")


def of_a(url: str) -> tuple[int, dict[str, Any]]:
    """What `/readyz` says over a database."""
    with TestClient(create_app(from_env({}), url)) as made:
        found = made.get("/readyz")
    assert found.headers["cache-control"] == "no-store"
    return found.status_code, found.json()


def test_an_empty_catalogue_is_not_ready(new_database: Callable[[], str]) -> None:
    """It would answer every question with nothing."""
    status, told = of_a(new_database())
    assert (status, told["ready"], told["database"], told["catalogue"]) == (503, False, True, False)
    assert told["migrations"]["atHead"] is True
    assert (told["revision"], told["ageSeconds"]) == (None, None)


def test_a_database_that_is_not_migrated_is_not_ready(new_database: Callable[[], str]) -> None:
    run_script(url := new_database(), "update alembic_version set version_num = '0001'")
    status, told = of_a(url)
    assert (status, told["migrations"]) == (503, {"current": "0001", "head": head(), "atHead": False})
    run_script(url, "drop schema public cascade; create schema public")
    status, told = of_a(url)
    assert (status, told["database"], told["migrations"]["current"], told["catalogue"]) == (503, True, None, None)
