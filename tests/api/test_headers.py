"""Every response has the headers that keep browsers from misusing it: of every route, method, refusal and failure."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from api.app import create_app
from api.explorer import CONTENT_SECURITY_POLICY
from api.front import HEADERS, NOTHING, Front
from api.settings import from_env

EXPECTED = {name.decode(): value.decode() for name, value in HEADERS}
QUERY = "/graphql?query={__typename}"
POLICIES = {"/": "default-src 'none'; style-src 'unsafe-inline'", "/graphiql": CONTENT_SECURITY_POLICY}
"""Of pages; everything else has the policy that allows nothing."""


@pytest.fixture(scope="module")
def client(catalogue: str) -> Iterator[TestClient]:
    app = create_app(from_env({}), catalogue)

    def broken(_: object) -> Response:
        raise ValueError("a mistake of ours")

    app.router.routes.append(Route("/broken", broken))
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def paths(app: Any) -> list[str]:
    """An address below every route that there is."""
    assert isinstance(app, Starlette)
    found = [f"{route.path}/nothing.js" if isinstance(route, Mount) else route.path for route in app.routes]  # type: ignore[attr-defined]
    assert len(found) >= 8
    return found


def test_every_route_has_them_whatever_the_method(client: TestClient) -> None:
    for path in [*paths(client.app), QUERY, "/nowhere", "/graphql/nowhere"]:
        for method in ("GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE"):
            found = client.request(method, path, follow_redirects=False)
            assert {name: found.headers.get(name) for name in EXPECTED} == EXPECTED, (method, path)
            assert found.headers.get_list("content-security-policy") == [found.headers["content-security-policy"]], (
                "one policy, not two"
            )
            if found.headers.get("content-type", "").startswith("text/html"):
                assert found.headers["content-security-policy"].startswith(POLICIES[path])
            else:
                assert found.headers["content-security-policy"] == NOTHING.decode()
            assert "strict-transport-security" not in found.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "MADE-UP"])
def test_a_method_that_is_not_taken_is_refused_alike_everywhere(client: TestClient, method: str) -> None:
    every = [*paths(client.app), "/graphiql/assets/a/b.css"]
    assert {"/", "/graphql", "/schema.graphql", "/healthz", "/readyz", "/metrics", "/graphiql"} < set(every)
    for path in every:
        if (path, method) == ("/graphql", "POST"):
            continue
        found = client.request(method, path, follow_redirects=False)
        assert (found.status_code, found.headers["content-type"].partition(";")[0]) == (405, "application/json"), path
        assert found.headers["allow"] == ("GET, HEAD, POST" if path == "/graphql" else "GET, HEAD")
        assert found.headers["cache-control"] == "no-store"
        (error,) = found.json()["errors"]
        assert error["extensions"] == {"code": "METHOD_NOT_ALLOWED"}
    nowhere = client.request(method, "/nowhere")
    assert (nowhere.status_code, nowhere.json()["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")


def test_a_page_that_may_not_ask_is_told_so_in_json(client: TestClient) -> None:
    asked = {"origin": "https://a.example", "access-control-request-method": "DELETE"}
    refused = client.options("/graphql", headers=asked)
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert "method" in error["message"]
    assert "Origin" in refused.headers["vary"]


def test_refusals_failures_and_preflights_have_them(client: TestClient) -> None:
    preflight = {"origin": "https://a.example", "access-control-request-method": "POST"}
    for status, found in (
        (500, client.get("/broken")),
        (413, client.post("/graphql", content=b" " * 1_000_000, headers={"content-type": "application/json"})),
        (415, client.post("/graphql", content=b"{}", headers={"content-type": "text/plain"})),
        (200, client.options("/graphql", headers=preflight)),
    ):
        assert found.status_code == status
        assert {name: found.headers.get(name) for name in EXPECTED} == EXPECTED
        assert "a mistake of ours" not in found.text


def test_a_304_has_them(client: TestClient) -> None:
    etag = client.get(QUERY).headers["etag"]
    found = client.get(QUERY, headers={"if-none-match": etag})
    assert found.status_code == 304
    assert {name: found.headers.get(name) for name in EXPECTED} == EXPECTED


def test_pages_let_no_script_run_that_is_not_ours(client: TestClient) -> None:
    for path in POLICIES:
        found = client.get(path)
        directives = dict(each.strip().split(" ", 1) for each in found.headers["content-security-policy"].split(";"))
        assert directives["default-src"] == "'none'"
        assert directives.get("script-src", "'none'") in {"'none'", "'self'"}
        assert directives["base-uri"] == directives["frame-ancestors"] == "'none'"


def test_browsers_are_sent_to_tls_where_it_is_set(catalogue: str) -> None:
    with TestClient(create_app(from_env({"HSTS_DAYS": "365"}), catalogue)) as client:
        for path in ("/", "/graphql", "/nowhere"):
            assert client.get(path).headers["strict-transport-security"] == "max-age=31536000"


def test_the_headers_of_a_response_are_not_changed_for_the_next_one() -> None:
    """An application may send one list again and again."""
    own = [(b"a", b"b")]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": own})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def run() -> None:
        front = Front(app, app, origins=["*"], exposed=[])
        for path in ("/graphql", "/graphql", "/"):
            asked = {"type": "http", "method": "GET", "path": path, "headers": [(b"x-request-id", b"x")]}
            await front(asked, None, send)  # type: ignore[arg-type]

    asyncio.run(run())
    every = [*HEADERS, (b"content-security-policy", NOTHING)]
    assert own == [(b"a", b"b")]
    assert sent[0]["headers"] == sent[1]["headers"] == [(b"a", b"b"), (b"x-request-id", b"x"), *every]
    assert sent[2]["headers"] == [(b"a", b"b"), (b"x-request-id", b"x"), (b"vary", b"Origin"), *every]


@pytest.mark.parametrize(
    ("_case", "origins", "origin", "allowed"),
    [
        ("everybody", "*", "https://a.example", "*"),
        ("one that is named", "https://a.example", "https://a.example", "https://a.example"),
        ("one that is not", "https://a.example", "https://b.example", None),
        ("no page", "*", None, None),
    ],
)
def test_which_pages_may_read_an_answer(
    catalogue: str, _case: str, origins: str, origin: str | None, allowed: str | None
) -> None:
    """Answers, refusals and pages alike, and all say that they differ by origin, as somebody may keep them."""
    given = {} if origin is None else {"origin": origin}
    with TestClient(create_app(from_env({"CORS_ORIGINS": origins}), catalogue)) as client:
        for path in (QUERY, "/graphql", "/schema.graphql", "/nowhere"):
            found = client.get(path, headers=given).headers
            assert found.get_list("access-control-allow-origin") == ([] if allowed is None else [allowed])
            assert ("access-control-expose-headers" in found) is (allowed is not None)
            assert "Origin" in found["vary"]
        asked = given | {"access-control-request-method": "POST"}
        assert (client.options("/graphql", headers=asked).status_code == 200) is (allowed is not None)


def test_a_failure_of_the_endpoint_is_answered_and_told(
    catalogue: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a mistake of ours")

    monkeypatch.setattr("api.service.Service.kept", broken)
    with TestClient(create_app(from_env({}), catalogue), raise_server_exceptions=False) as client:
        found = client.get(QUERY)
        assert found.status_code == 500
        assert found.headers["content-type"] == "application/json"
        assert found.headers["cache-control"] == "no-store"
        (error,) = found.json()["errors"]
        assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert "a mistake of ours" not in found.text
        assert [
            (each.exc_info or (None,))[0] for each in caplog.records if error["extensions"]["id"] in each.getMessage()
        ] == [ValueError]
        assert {name: found.headers.get(name) for name in EXPECTED} == EXPECTED


@pytest.mark.asyncio
async def test_a_request_that_the_server_gives_up_at_its_end_is_told_so() -> None:
    """As uvicorn cancels what is not answered when its time to stop is over."""
    begun = asyncio.Event()

    async def slow(*_: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    front, sent = Front(slow, slow, origins=(), exposed=()), []
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": []}

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError

    task = asyncio.create_task(front(scope, receive, send))
    await begun.wait()
    task.cancel()
    await task
    start, body = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert (start["status"], headers["retry-after"], headers["content-type"]) == (503, "1", "application/json")
    assert json.loads(body["body"])["errors"][0]["extensions"]["code"] == "STOPPING"
    assert EXPECTED.items() <= headers.items()


def test_the_schema_is_asked_for_again_by_its_tag(client: TestClient) -> None:
    whole = client.get("/schema.graphql")
    assert (whole.status_code, whole.headers["cache-control"]) == (200, "public, max-age=3600")
    again = client.get("/schema.graphql", headers={"if-none-match": whole.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", whole.headers["etag"])
    assert client.get("/schema.graphql", headers={"if-none-match": '"other"'}).status_code == 200
