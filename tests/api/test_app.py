"""The application over HTTP, on the made-up catalogue."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.asked import MAX_BODY
from api.settings import from_env


@pytest.fixture(scope="module")
def client(catalogue: str) -> Iterator[TestClient]:
    with TestClient(create_app(from_env({}), catalogue)) as made:
        yield made


def test_a_query_by_post_and_by_get(client: TestClient) -> None:
    text = '{ model(ref: "one") { name } }'
    expected = {
        "data": {"model": {"name": "One"}},
        "extensions": {"cost": {"estimated": 1, "actual": 1, "limit": 5_000}},
    }
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
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, POST")


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
    # The explorer may not have been built, and the made-up catalogue has no revision.
    assert found.status_code in {200, 503 if path in {"/graphiql", "/readyz"} else 200}
    assert said in found.text


def test_a_dead_database_is_a_503_that_says_nothing_inner() -> None:
    with TestClient(create_app(from_env({}), "postgresql://u@127.0.0.1:1/d")) as client:
        found = client.post("/graphql", json={"query": "{ catalog { revision } }"})
        assert found.status_code == 503
        assert found.json()["errors"][0]["extensions"]["code"] == "DATABASE_UNAVAILABLE"
        assert "127.0.0.1" not in found.text
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        assert client.post("/graphql", json={"query": "{ __typename }"}).json()["data"] == {"__typename": "Query"}


def test_the_home_page_has_a_call_that_works_when_pasted(client: TestClient) -> None:
    text = client.get("/").text
    assert "curl -s http://testserver/graphql" in text
    query = text.partition("-d '")[2].partition("'</pre>")[0]
    found = client.post("/graphql", content=query, headers={"content-type": "application/json"}).json()
    assert [model["name"] for model in found["data"]["models"]["nodes"]] == ["Two", "One"]


def test_an_answer_names_the_revision_and_a_browser_may_read_it(client: TestClient) -> None:
    """The made-up catalogue has no revision, so only that the header is exposed can be seen here."""
    found = client.post("/graphql", json={"query": "{ catalog { revision } }"}, headers={"origin": "https://a.example"})
    assert found.headers["access-control-expose-headers"].startswith("llmref-revision, etag, ratelimit")
    assert found.headers["access-control-allow-origin"] == "*"


def test_what_we_did_not_raise_on_purpose_is_masked(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a secret of the inside")

    monkeypatch.setattr("domain.fit.fit", broken)
    found = client.post("/graphql", json={"query": '{ model(ref: "one") { name fit { label } } }'}).json()
    (error,) = found["errors"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert error["extensions"]["id"] in error["message"]
    assert "secret" not in str(found)
