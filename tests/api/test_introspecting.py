"""Answers about the schema itself: kept beside the others, however a document is commented, and never free."""

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from graphql import get_introspection_query
from starlette.testclient import TestClient

from api.app import create_app
from api.budgets import UNREAD_POINTS
from api.introspecting import introspected
from api.service import SCHEMAS_BYTES, Service
from api.settings import from_env
from schema import answer

WHOLE = get_introspection_query()
GRAPHIQL = get_introspection_query(schema_description=True, input_value_deprecation=True)


@pytest.fixture
def client(catalogue: str) -> Iterator[TestClient]:
    with TestClient(create_app(from_env({"RATE_LIMIT": "60000"}), catalogue)) as made:
        yield made


def service(client: TestClient) -> Service:
    found: Service = client.app.state.service  # type: ignore[attr-defined]
    return found


def ask(client: TestClient, query: str) -> Any:
    found = client.post("/graphql", json={"query": query})
    assert found.status_code == 200
    return found


def test_comments_and_spaces_do_not_make_it_again(client: TestClient) -> None:
    with mock.patch.object(answer, "_computed", wraps=answer._computed) as computed:
        first = ask(client, WHOLE)
        others = [ask(client, f"#{number}\n{WHOLE}  ,") for number in range(5)]
    assert computed.call_count == 1
    assert {each.content for each in others} == {first.content}
    assert len(first.json()["data"]["__schema"]["types"]) > 200


def test_what_is_usually_asked_is_there_before_it_is_asked(client: TestClient) -> None:
    """By graphql-js' own text with its name, and by GraphiQL's."""
    assert client.portal is not None
    client.portal.call(introspected, service(client))
    with mock.patch.object(answer, "_computed", wraps=answer._computed) as computed:
        for query in (WHOLE, GRAPHIQL):
            for name in ("IntrospectionQuery", None):
                found = client.post("/graphql", json={"query": query, "operationName": name}).json()
                assert len(found["data"]["__schema"]["types"]) > 200
    assert not computed.called


def test_it_is_paid_for(client: TestClient) -> None:
    """In full where it is made, and where it is kept with what looking at a document takes."""
    spent = service(client).budgets.spent
    made = ask(client, WHOLE).json()["extensions"]["cost"]
    assert made["actual"] == made["estimated"] == spent["address"] > 1_000
    ask(client, f"{WHOLE}#")
    assert spent["address"] == made["actual"] + UNREAD_POINTS


def test_it_pushes_out_no_other_answer(client: TestClient) -> None:
    for number in range(20):
        ask(client, f'{{ a{number}: __type(name: "Model") {{ fields {{ name description }} }} }}')
    assert len(service(client).cache) == 0
    assert len(service(client).schemas) == 20
    assert 0 < service(client).schemas.bytes <= SCHEMAS_BYTES
    ask(client, WHOLE)
    assert len(service(client).schemas) == 21, "the whole of it is no giant there"


def test_other_variables_are_other_answers(client: TestClient) -> None:
    query = "query ($name: String!) { __type(name: $name) { name } }"
    for name in ("Model", "Price", "Model"):
        found = client.post("/graphql", json={"query": query, "variables": {"name": name}})
        assert found.json()["data"] == {"__type": {"name": name}}


def test_the_whole_schema_by_get_may_be_kept_outside(client: TestClient) -> None:
    first = client.get("/graphql", params={"query": WHOLE})
    assert first.headers["cache-control"].startswith("public, max-age=")
    again = client.get("/graphql", params={"query": WHOLE}, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
