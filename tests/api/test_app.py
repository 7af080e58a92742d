"""The application over HTTP, on the made-up catalogue."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.app import MAX_BODY, create_app
from api.settings import from_env


@pytest.fixture(scope="module")
def client(catalogue: str) -> Iterator[TestClient]:
    with TestClient(create_app(from_env({}), catalogue)) as made:
        yield made


def test_a_query_by_post_and_by_get(client: TestClient) -> None:
    text = '{ model(ref: "one") { name } }'
    expected = {"data": {"model": {"name": "One"}}}
    assert client.post("/graphql", json={"query": text}).json() == expected
    assert client.get("/graphql", params={"query": text, "variables": ""}).json() == expected


@pytest.mark.parametrize(
    ("_case", "body", "status", "code"),
    [
        ("no JSON", b"{", 400, "BAD_REQUEST"),
        ("a number", b"1", 400, "BAD_REQUEST"),
        ("not UTF-8", b"\xff", 400, "BAD_REQUEST"),
        ("deep", b"[" * 20_000, 400, "BAD_REQUEST"),
        ("no query", b"{}", 400, "BAD_REQUEST"),
        ("variables that are a list", b'{"query": "{ __typename }", "variables": []}', 400, "BAD_REQUEST"),
        ("too large", b" " * (MAX_BODY + 1), 413, "BODY_TOO_LARGE"),
    ],
)
def test_what_is_no_request_is_refused_with_a_code(
    client: TestClient, _case: str, body: bytes, status: int, code: str
) -> None:
    found = client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert (found.status_code, found.json()["errors"][0]["extensions"]["code"]) == (status, code)


def test_media_type_and_method(client: TestClient) -> None:
    assert client.post("/graphql", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    refused = client.put("/graphql", content=b"{}")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, POST")


def test_a_request_error_has_no_data(client: TestClient) -> None:
    found = client.post("/graphql", json={"query": "{ nothing }"}).json()
    assert list(found) == ["errors"]
    assert found["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_an_unknown_model_is_a_coded_error(client: TestClient) -> None:
    found = client.post("/graphql", json={"query": '{ model(ref: "three") { name } }'}).json()
    assert found["data"] == {"model": None}
    assert found["errors"][0]["extensions"]["code"] == "UNKNOWN_MODEL"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", "LLM Reference"),
        ("/healthz", "alive"),
        ("/readyz", "ready"),
        ("/schema.graphql", "type Model implements Node {"),
        ("/graphiql", "<!doctype html>"),
    ],
)
def test_pages(client: TestClient, path: str, said: str) -> None:
    found = client.get(path)
    assert found.status_code in {200, 503 if path == "/graphiql" else 200}
    assert said in found.text


def test_a_dead_database_is_a_503_that_says_nothing_inner() -> None:
    with TestClient(create_app(from_env({}), "postgresql://u@127.0.0.1:1/d")) as client:
        found = client.post("/graphql", json={"query": "{ catalog { revision } }"})
        assert found.status_code == 503
        assert found.json()["errors"][0]["extensions"]["code"] == "DATABASE_UNAVAILABLE"
        assert "127.0.0.1" not in found.text
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        assert client.post("/graphql", json={"query": "{ __typename }"}).json() == {"data": {"__typename": "Query"}}
