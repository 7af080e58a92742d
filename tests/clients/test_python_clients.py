"""gql, the client of Python, against a running server: over HTTP, as a WebSocket, and by GET."""

from __future__ import annotations

from typing import Any

import pytest
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests.clients.conftest import Served
from tests.streaming import revise

pytestmark = [pytest.mark.asyncio, pytest.mark.xdist_group("clients")]

MODEL = "query Q($ref: String!) { model(ref: $ref) { slug contextWindow } }"
REVISED = "subscription ($after: Int) { catalogRevised(after: $after) { revision } }"


def _transport(kind: str, url: str) -> Any:
    return HTTPXAsyncTransport(url) if kind == "http" else WebsocketsTransport(url.replace("http", "ws"))


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_gql_gets_data_and_coded_errors(served: Served, kind: str) -> None:
    async with Client(transport=_transport(kind, served.url)) as session:
        found = await session.execute(GraphQLRequest(MODEL, variable_values={"ref": "one"}))
        assert found == {"model": {"slug": "one", "contextWindow": 256000}}
        for query, variables, code in (
            (MODEL, {"ref": "nobody"}, "UNKNOWN_MODEL"),
            ("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ):
            with pytest.raises(TransportQueryError) as refused:
                await session.execute(GraphQLRequest(query, variable_values=variables))
            assert refused.value.errors is not None
            assert [error["extensions"]["code"] for error in refused.value.errors] == [code]


async def test_gql_reads_the_schema_of_a_server_and_checks_against_it(served: Served) -> None:
    client = Client(transport=_transport("http", served.url), fetch_schema_from_transport=True)
    async with client as session:
        assert client.schema is not None
        assert client.schema.subscription_type is not None
        assert await session.execute(GraphQLRequest("{ __typename }")) == {"__typename": "Query"}


async def test_gql_hears_of_new_revisions(served: Served) -> None:
    known = await revise(served.database)
    missed = await revise(served.database)
    async with Client(transport=_transport("websocket", served.url)) as session:
        events = session.subscribe(GraphQLRequest(REVISED, variable_values={"after": known}))
        assert await anext(events) == {"catalogRevised": {"revision": missed}}
        new = await revise(served.database)
        assert await anext(events) == {"catalogRevised": {"revision": new}}
        await events.aclose()
