"""Who has used up a budget takes no time either: nothing of a document is parsed or registered before it is paid for."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from unittest import mock

import pytest
from graphql import parse
from starlette.testclient import TestClient

from api.app import create_app
from api.budgets import NEW_LEAST, UNREAD_POINTS, WINDOW_S
from api.callers import Caller
from api.settings import from_env
from tests.streaming import heard, said, streaming

EVENTS, GRAPHQL = "text/event-stream", "application/graphql-response+json"


@pytest.fixture
def client(filled: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """Time stands still for budgets."""
    monkeypatch.setattr("api.budgets.monotonic", lambda: 1_000.0)
    with TestClient(create_app(from_env({"RATE_LIMIT": "6000"}), filled)) as made:
        yield made


@pytest.fixture
def parsed() -> Iterator[Any]:
    """Looks on at the parser."""
    with mock.patch("schema.answer.parse", wraps=parse) as found:
        yield found


def leave(client: TestClient, points: int) -> None:
    """Lets the client's budget have so many points."""
    own = client.app.state.service.budgets._own  # type: ignore[attr-defined]
    own._full_at["address:testclient"] = 1_000.0 + WINDOW_S * (1 - points / 6_000)


def spent(client: TestClient) -> int:
    found: int = client.app.state.service.budgets.spent["address"]  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("accept", [GRAPHQL, "application/json", EVENTS, f"{EVENTS}, application/json"])
@pytest.mark.parametrize("kind", ["query", "mutation", "subscription"])
def test_nothing_is_parsed_over_http(client: TestClient, parsed: Any, accept: str, kind: str) -> None:
    leave(client, UNREAD_POINTS - 1)
    for number in range(3):
        query = f"{kind} {{ __typename }} # {accept} {number}"
        for found in (
            client.post("/graphql", json={"query": query}, headers={"accept": accept}),
            client.get("/graphql", params={"query": query}, headers={"accept": accept}),
        ):
            assert (found.status_code, found.json()["errors"][0]["extensions"]["code"]) == (429, "RATE_LIMITED")
            wanted = GRAPHQL if accept == GRAPHQL else "application/json"
            assert found.headers["content-type"] == f"{wanted}; charset=utf-8"
            assert "retry-after" in found.headers
    assert parsed.call_count == 0
    assert spent(client) == 0


def persisted(query: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(query.encode()).hexdigest()}}


def test_nothing_is_registered(client: TestClient) -> None:
    query = '{ model(ref: "one") { slug } } # registered'
    body = {"query": query, "extensions": persisted(query)}
    leave(client, UNREAD_POINTS - 1)
    assert client.post("/graphql", json=body).status_code == 429
    leave(client, 6_000)
    (error,) = client.post("/graphql", json={"extensions": persisted(query)}).json()["errors"]
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert client.post("/graphql", json=body).json()["data"]
    by_hash = {"extensions": json.dumps(persisted(query))}
    assert client.get("/graphql", params=by_hash).json()["data"] == {"model": {"slug": "one"}}


@pytest.mark.asyncio
async def test_nothing_is_parsed_or_registered_on_a_socket(filled: str, parsed: Any) -> None:
    async with streaming(filled, RATE_LIMIT="1000") as server, server.client() as socket:
        budgets = server.app.state.service.budgets
        await budgets.take(Caller("address:127.0.0.1", budget=1_000), 1_000)
        budgets._own.change = lambda *_: (False, WINDOW_S)  # which nothing fills up again
        for kind in ("query", "subscription"):
            query = f"{kind} {{ __typename }} # on a socket"
            payload = {"query": query, "extensions": persisted(query)}
            await said(socket, id=kind, type="subscribe", payload=payload)
            told = await heard(socket)
            assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "RATE_LIMITED")
            await said(socket, id=kind, type="subscribe", payload={"extensions": persisted(query)})
            told = await heard(socket)
            assert told["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert parsed.call_count == 0


@pytest.mark.parametrize(
    ("query", "accept", "points"),
    [
        ('{ chargedOnce: model(ref: "one") { name } }', GRAPHQL, NEW_LEAST),  # which nobody asked before
        ('{ chargedOnceAsEvent: model(ref: "one") { name } }', EVENTS, NEW_LEAST),
        ("{ nothing }", GRAPHQL, UNREAD_POINTS),
        ("{ nothing }", EVENTS, UNREAD_POINTS),
        ("subscription { nothing }", EVENTS, UNREAD_POINTS + 1),  # its one event
        ("subscription { catalogRevised { revision } }", "application/json", UNREAD_POINTS),
    ],
)
def test_nothing_is_charged_twice(client: TestClient, query: str, accept: str, points: int) -> None:
    leave(client, 6_000)
    body = {"query": query}
    assert client.post("/graphql", json=body, headers={"accept": accept}).status_code in {200, 400}
    assert spent(client) == points
