"""What a process counts: by few labels, and what it measures of itself."""

from __future__ import annotations

import ast
import asyncio
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from starlette.testclient import TestClient

from api import metrics
from api.app import create_app
from api.budgets import NEW_LEAST, Budgets
from api.errors import CODES
from api.metrics import Metrics
from api.newest import Newest
from api.observed import Seen
from api.operations import document
from api.service import Service
from api.settings import from_env
from api.subscriptions import Subscriptions
from db.engine import read_engine
from tests.api.test_newest import until
from tests.api.test_paying import issued
from tests.conftest import ROWS
from tests.ingest.small import run_script
from tests.streaming import heard, said, streaming, subscribed
from tests.streaming import until as until_there

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("looked_anew")


@pytest.fixture(scope="module")
def client(filled: str) -> Iterator[TestClient]:
    with TestClient(create_app(from_env({}), filled)) as made:
        until(lambda: made.app.state.service.newest.state)  # type: ignore[attr-defined]
        yield made


def samples(client: TestClient) -> dict[str, float]:
    """Every sample by its name with its labels."""
    lines = client.get("/metrics").text.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def test_requests_are_counted_by_what_they_were(client: TestClient) -> None:
    before = samples(client)

    def more(name: str) -> float:
        return now.get(name, 0) - before.get(name, 0)

    variables = {"where": {"text": "one"}}
    for _ in range(3):
        assert client.post("/graphql", json={"documentId": "Find", "variables": variables}).status_code == 200
    assert client.post("/graphql", json={"query": document("Find"), "variables": variables}).status_code == 200
    for name in ("three", "four"):
        assert client.post("/graphql", json={"query": f'{{ model(ref: "{name}") {{ name }} }}'}).json()["errors"]
    assert client.post("/graphql", json={"query": "{ nothing }"}).json()["errors"]
    assert client.post("/graphql", content="no", headers={"content-type": "text/plain"}).status_code == 415
    now = samples(client)
    assert more('llmref_operations_total{operation="Find",transport="http",type="query"}') == 4
    assert more('llmref_operations_total{operation="other",transport="http",type="query"}') == 3
    assert more('llmref_operations_total{operation="other",transport="http",type="unknown"}') == 1
    assert more('llmref_operation_seconds_count{operation="Find"}') == 4
    assert more('llmref_cache_total{result="hit"}') == 3
    assert more('llmref_cache_total{result="miss"}') == 4
    assert more('llmref_cache_total{result="none"}') == 1
    assert more('llmref_errors_total{code="UNKNOWN_MODEL"}') == 2
    assert more('llmref_errors_total{code="GRAPHQL_VALIDATION_FAILED"}') == 1
    assert more('llmref_errors_total{code="UNSUPPORTED_MEDIA_TYPE"}') == 1
    assert more('llmref_operation_points_count{kind="estimated"}') == 3
    assert more('llmref_operation_points_sum{kind="actual"}') <= more('llmref_operation_points_sum{kind="estimated"}')
    assert more("llmref_sql_statements_total") >= 3
    assert now["llmref_cache_entries"] >= 3
    assert now["llmref_cache_bytes"] > 3000
    assert now["llmref_pool_size"] == 10
    assert now["llmref_tasks"] >= 2
    assert [now[f"llmref_{name}"] for name in ("flights", "slots_in_use", "slots_waiting", "in_flight")] == [0] * 4


@pytest.mark.asyncio
async def test_operations_on_sockets_and_as_events_are_counted(filled: str) -> None:
    revised = "subscription { catalogRevised(after: 0) { revision } }"
    async with streaming(filled) as server, server.client() as socket:

        def now(name: str) -> float:
            return sample(server.app.state.metrics.text(), name)

        def ended(transport: str, kind: str, operation: str = "other") -> float:
            labels = f'operation="{operation}",transport="{transport}",type="{kind}"'
            return now(f"llmref_operations_total{{{labels}}}")

        for id, query in (("1", document("Find")), ("2", '{ model(ref: "three") { name } }'), ("3", "{ nothing }")):
            await subscribed(socket, query, id)
            assert (await heard(socket))["id"] == id
            if id != "3":
                assert (await heard(socket))["type"] == "complete"
        await said(socket, id="4", type="subscribe", payload={"documentId": "Nothing"})
        assert (await heard(socket))["type"] == "error"
        await subscribed(socket, revised)
        assert (await heard(socket))["type"] == "next"
        async with server.events(revised) as events:
            assert (await events.next())[0] == "next"
            assert now("llmref_streams") == 3  # the socket, and a subscription of each kind
            assert now("llmref_in_flight") == 2
        async with server.events("{ __typename }") as events:
            assert [(await events.next())[0] for _ in range(2)] == ["next", "complete"]
        await said(socket, id="1", type="complete")
        await until_there(lambda: now("llmref_in_flight") == 0)
        assert ended("websocket", "query", "Find") == 1
        assert ended("websocket", "query") == 2
        assert ended("websocket", "unknown") == now('llmref_errors_total{code="UNKNOWN_DOCUMENT"}') == 1
        assert ended("websocket", "subscription") == ended("events", "subscription") == ended("events", "query") == 1
        assert now('llmref_stream_events_total{transport="websocket"}') == 1
        assert now('llmref_stream_events_total{transport="events"}') == 1
        assert now('llmref_errors_total{code="UNKNOWN_MODEL"}') == 1
        assert now('llmref_errors_total{code="GRAPHQL_VALIDATION_FAILED"}') == 1
        assert now('llmref_errors_total{code="INTERNAL_SERVER_ERROR"}') == 0
        assert now('llmref_operation_seconds_count{operation="Find"}') == 1
        assert now("llmref_sql_statements_total") >= 2


@pytest.mark.asyncio
async def test_use_of_what_is_deprecated_is_counted_whatever_brought_it(
    filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the schema is deprecated now, so something is made so for the test, with documents of its own."""
    reasons = dict.fromkeys(["Model.name", "CatalogRevision.revision", "Lab.name"], "Gone after 2027-03-01.")
    monkeypatch.setattr("schema.deprecations._reasons", lambda _: reasons)
    monkeypatch.setattr("api.metrics.deprecated", lambda _: reasons.items())
    query = '{ countedWhereDeprecated: model(ref: "one") { name slug } }'
    async with streaming(filled) as server, server.client() as socket:
        await until_there(lambda: server.app.state.service.newest.state is not None)

        def now(coordinate: str) -> float:
            return sample(server.app.state.metrics.text(), f'llmref_deprecated_total{{coordinate="{coordinate}"}}')

        assert "llmref_deprecated_total{" in server.app.state.metrics.text().decode(), "as 0 before it is used"
        for count in (1, 2):  # computed, and kept
            async with server.events(query, "application/json") as found:
                assert found.headers["llmref-deprecated"].startswith('"model.name"')
            assert now("Model.name") == count
        async with server.events(query) as events:
            assert [(await events.next())[0] for _ in range(2)] == ["next", "complete"]
        await until_there(lambda: now("Model.name") == 3)
        await subscribed(socket, query)
        assert [(await heard(socket))["type"] for _ in range(2)] == ["next", "complete"]
        await until_there(lambda: now("Model.name") == 4)
        await subscribed(socket, "subscription { countedToo: catalogRevised(after: 0) { revision } }", "2")
        assert (await heard(socket))["type"] == "next"
        await said(socket, id="2", type="complete")
        await until_there(lambda: now("CatalogRevision.revision") == 1)
        assert (now("Model.name"), now("Lab.name")) == (4, 0)


@pytest.mark.asyncio
async def test_a_socket_that_goes_is_no_mistake(filled: str) -> None:
    """Nor is a subscription slow, however long it lasts."""
    async with streaming(filled) as server:
        async with server.client() as socket:
            for number in range(20):
                await subscribed(socket, "subscription { catalogRevised(after: 0) { revision } }", str(number))
            socket.transport.abort()
        await until_there(lambda: server.subscriptions.open == 0)
        text = server.app.state.metrics.text()
    assert sample(text, 'llmref_operations_total{operation="other",transport="websocket",type="subscription"}') > 0
    assert "INTERNAL_SERVER_ERROR" not in text.decode()


def sample(text: bytes, name: str) -> float:
    """One number, 0 where it was not counted yet."""
    return next(
        (float(line.rpartition(" ")[2]) for line in text.decode().splitlines() if line.startswith(f"{name} ")), 0
    )


def test_what_budgets_take_is_counted_by_what_has_them(new_database: Callable[[], str]) -> None:
    run_script(url := new_database(), ROWS)
    with TestClient(create_app(from_env({"RATE_LIMIT": "1000"}), url)) as client:
        name = '{ askedWithAKey: model(ref: "one") { name } }'
        key = {"authorization": f"Bearer {issued(url)}"}
        assert client.post("/graphql", json={"query": name}, headers=key).status_code == 200
        statuses = [client.post("/graphql", json={"query": "{ nothing }"}).status_code for _ in range(12)]
        found = samples(client)
    assert found['llmref_budget_points_total{caller="key"}'] == NEW_LEAST, "nobody asked it before"
    # 100 for each document that does not validate; a wait meanwhile fills the budget a little.
    assert found['llmref_budget_points_total{caller="address"}'] == 100 * statuses.count(200) >= 1000
    assert found['llmref_budget_refused_total{caller="address"}'] == statuses.count(429) >= 1
    assert found['llmref_budget_refused_total{caller="key"}'] == found["llmref_budget_store_away_total"] == 0


def test_points_that_are_given_back_are_waited_for(alone: Metrics) -> None:
    """A counter never shrinks, and is right in the end."""
    spent = alone._service.budgets.spent
    for change, told in ((500, 500), (-400, 500), (100, 500), (350, 550)):
        spent["key"] += change
        alone._hand_over()
        assert sample(generate_latest(alone.registry), 'llmref_budget_points_total{caller="key"}') == told


def test_what_clients_write_is_no_label(client: TestClient) -> None:
    """Names of operations, aliases and values come from outside, without an end."""
    for number in range(5):
        client.post("/graphql", json={"query": f"query Mine{number} {{ mine{number}: __typename }}"})
        client.post("/graphql", json={"query": f"query Find {{ other{number}: __typename }}"})
    text = client.get("/metrics").text
    assert "ine4" not in text
    assert "other4" not in text


def codes_in(tree: ast.AST) -> Iterator[str]:
    """What stands where a code of an error stands: in a dictionary as `code`, in a variable of that name, or in a call that makes an
    error."""
    for node in ast.walk(tree):
        places: list[ast.AST] = []
        if isinstance(node, ast.Dict):
            named = zip(node.keys, node.values, strict=True)
            places = [value for key, value in named if isinstance(key, ast.Constant) and key.value == "code"]
        elif isinstance(node, ast.Assign) and any(isinstance(at, ast.Name) and at.id == "code" for at in node.targets):
            places = [node.value]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
            places = list(node.args[:2])  # what follows is told to people or machines in words and headers
        for constant in (inner for place in places for inner in ast.walk(place)):
            if isinstance(constant, ast.Constant) and re.fullmatch("[A-Z_]{4,}", str(constant.value)):
                yield str(constant.value)


MAKERS = frozenset({"Refused", "busy", "masked", "_coded", "_error", "UnusableRecord"})


def test_every_code_that_is_given_is_counted_by_its_name() -> None:
    """A code that is not in the list would be counted as OTHER."""
    rooms = ("api", "schema", "domain")
    found = {
        code for room in rooms for path in (ROOT / room).glob("*.py") for code in codes_in(ast.parse(path.read_text()))
    }
    assert sorted(found - CODES) == []
    assert sorted(CODES - found) == []


@pytest.fixture
def alone() -> Metrics:
    """The numbers of a process that answers nobody."""
    engine = read_engine("postgresql://u@127.0.0.1:1/d", pool_size=1, pool_wait_s=1, statement_timeout_ms=1)
    service = Service(from_env({}), engine, Newest(), Budgets(None, open_when_away=True))
    return Metrics(engine, service, Subscriptions(service, service.newest, 1))


def test_a_code_that_nobody_listed_is_other(alone: Metrics) -> None:
    alone.count(Seen(codes=("MADE_UP", "TIMEOUT")))
    text = generate_latest(alone.registry).decode()
    assert 'llmref_errors_total{code="OTHER"} 1.0' in text
    assert 'llmref_errors_total{code="TIMEOUT"} 1.0' in text


def test_durations_are_what_the_library_would_have_made_of_them(alone: Metrics) -> None:
    """They are added up before they are handed over, and bounds belong to the bucket below them."""
    registry = CollectorRegistry()
    expected = Histogram("llmref_operation_seconds", "x", ["operation"], buckets=metrics._SECONDS, registry=registry)
    for seconds in (0.0, 0.0009, 0.001, 0.00100001, 0.03, 0.03, 9.9, 10.0, 11.0):
        alone.count(Seen(seconds=seconds))
        expected.labels("other").observe(seconds)
    alone._hand_over()

    def told(text: bytes) -> list[str]:
        return [line for line in text.decode().splitlines() if line.startswith("llmref_operation_seconds")]

    assert told(generate_latest(alone.registry)) == told(generate_latest(registry)) != []


@pytest.mark.asyncio
async def test_a_loop_that_is_held_up_is_seen(alone: Metrics, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "EVERY_S", 0.01)
    async with alone.watching():
        await asyncio.sleep(0.02)
        time.sleep(0.3)  # noqa: ASYNC251
        await asyncio.sleep(0.02)
    assert float(re.findall(r"llmref_loop_lag_seconds_sum (\S+)", generate_latest(alone.registry).decode())[0]) > 0.2
