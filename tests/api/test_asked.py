"""What a request over HTTP asks, and as what it is answered."""

import gzip
import json
from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.asked import MAX_NESTING, Media, accepted, header
from api.documents import MOST_REGISTERED_BYTES, Documents, document_id
from api.errors import Refused
from api.operations import Operation, operations
from api.settings import from_env

GRAPHQL, JSON, EVENTS = Media.GRAPHQL, Media.JSON, Media.EVENTS
NAME = '{ model(ref: "one") { name } }'


@pytest.fixture(scope="module")
def client(catalogue: str) -> Iterator[TestClient]:
    with TestClient(create_app(from_env({}), catalogue)) as made:
        yield made


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", [JSON]),
        ("*/*", [JSON]),
        ("application/*", [JSON, GRAPHQL]),
        ("application/json", [JSON]),
        ("application/graphql-response+json", [GRAPHQL]),
        ("application/json, application/graphql-response+json", [JSON, GRAPHQL]),
        ("application/json;q=0.5, application/graphql-response+json", [GRAPHQL, JSON]),
        ("Application/JSON ; Q=0.5", [JSON]),
        ("text/html, */*;q=0.1", [JSON, GRAPHQL]),
        ("application/json;q=0, */*", [GRAPHQL]),
        ("application/graphql-response+json, application/json, text/event-stream, multipart/mixed", [GRAPHQL, JSON, EVENTS]),
    ],
)  # fmt: skip
def test_what_is_accepted_is_ordered_by_q_and_then_as_written(header: str, expected: list[Media]) -> None:
    assert accepted(header) == expected


@pytest.mark.parametrize(
    "header", ["text/html", "application/json;q=0", "application/json;q=x", "application/json;q=7"]
)
def test_what_we_do_not_have_is_a_406(header: str) -> None:
    with pytest.raises(Refused) as refused:
        accepted(header)
    assert (refused.value.status, refused.value.code) == (406, "NOT_ACCEPTABLE")


def test_a_list_on_several_lines_is_one_list(client: TestClient) -> None:
    """As RFC 9110 (5.3) has it."""
    for lines in (("text/html", "application/json"), ("text/html, text/css", "*/*")):
        found = client.post("/graphql", json={"query": NAME}, headers=[("accept", each) for each in lines])
        assert found.headers["content-type"].startswith("application/json")
    tag = client.get("/graphql", params={"query": NAME}).headers["etag"]
    again = [("if-none-match", '"x"'), ("if-none-match", tag)]
    assert client.get("/graphql", params={"query": NAME}, headers=again).status_code == 304
    rules = {"query": "{ methodology { rules { id } } }"}
    packed = client.get("/graphql", params=rules, headers=[("accept-encoding", "br"), ("accept-encoding", "gzip")])
    assert packed.headers["content-encoding"] == "gzip"


def test_what_is_no_list_and_comes_twice_is_nothing(client: TestClient) -> None:
    """Nobody is taken for the first of two keys, or sends what the first of two types says."""
    two = [(b"authorization", b"Bearer a"), (b"accept", b"*/*"), (b"authorization", b"Bearer b")]
    assert header({"headers": two}, b"authorization") == "Bearer a, Bearer b"
    twice = [("content-type", "application/json"), ("content-type", "text/plain")]
    assert client.post("/graphql", content=b"{}", headers=twice).status_code == 415


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "identity, gzip", "x"])
def test_a_packed_body_is_refused_and_told_what_would_do(client: TestClient, encoding: str) -> None:
    """Whatever is in it: a body that is plain in spite of its header is refused as well."""
    plain = json.dumps({"query": "{ __typename }"}).encode()
    other = client.post("/graphql", content=plain, headers={"content-type": "text/plain"})
    for body in (gzip.compress(b"0" * 10_000_000), plain):
        sent = {"content-type": "application/json", "content-encoding": encoding}
        found = client.post("/graphql", content=body, headers=sent)
        assert (found.status_code, found.headers["accept-encoding"]) == (415, "identity")
        assert found.json()["errors"][0]["extensions"]["code"] == "UNSUPPORTED_MEDIA_TYPE"
        assert set(found.headers) == {*other.headers, "accept-encoding"}


@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
def test_a_body_that_says_that_it_is_plain_is_read(client: TestClient, encoding: str) -> None:
    sent = {"content-type": "application/json", "content-encoding": encoding}
    found = client.post("/graphql", content=b'{"query": "{ __typename }"}', headers=sent)
    assert found.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE"])
def test_a_method_that_is_not_answered_is_told_which_ones_are(client: TestClient, method: str) -> None:
    found = client.request(method, "/graphql")
    assert (found.status_code, found.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize("transport", ["GET", "events"])
def test_variables_that_are_nested_too_deeply_are_refused(client: TestClient, transport: str) -> None:
    variables = '{"a":' + "[" * 300 + "]" * 300 + "}"
    asked = {"query": "{ __typename }", "variables": variables}
    accept = "text/event-stream" if transport == "events" else "*/*"
    found = client.get("/graphql", params=asked, headers={"accept": accept})
    assert (found.status_code, found.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert f"{MAX_NESTING} levels" in found.json()["errors"][0]["message"]
    asked["variables"] = '{"a":' + "[" * (MAX_NESTING - 1) + "]" * (MAX_NESTING - 1) + "}"
    assert client.get("/graphql", params=asked).status_code == 200


@pytest.mark.parametrize(
    ("_case", "query", "status"),
    [
        ("an answer", NAME, 200),
        ("a field that fails", '{ model(ref: "three") { name } }', 200),
        ("does not parse", "{", 400),
        ("does not validate", "{ nothing }", 400),
        ("two operations, none named", "query A { __typename } query B { __typename }", 400),
        ("no such variable", "query ($a: Int!) { __typename }", 400),
        ("a subscription", "subscription { __typename }", 400),
    ],
)
def test_request_errors_are_400_to_those_who_know_the_media_type_and_200_to_others(
    client: TestClient, _case: str, query: str, status: int
) -> None:
    found = client.post("/graphql", json={"query": query}, headers={"accept": "application/graphql-response+json"})
    assert (found.status_code, found.headers["content-type"]) == (
        status,
        "application/graphql-response+json; charset=utf-8",
    )
    assert ("data" in found.json()) is (status == 200)
    older = client.post("/graphql", json={"query": query}, headers={"accept": "application/json"})
    assert older.headers["content-type"] == "application/json; charset=utf-8"
    assert older.status_code == (400 if _case == "a subscription" else 200)


def test_a_query_is_no_stream_of_events(client: TestClient) -> None:
    both = client.post("/graphql", json={"query": NAME}, headers={"accept": "application/json, text/event-stream"})
    assert both.headers["content-type"].startswith("application/json")


def test_a_batch_is_refused_in_words(client: TestClient) -> None:
    (error,) = client.post("/graphql", json=[{"query": NAME}]).json()["errors"]
    assert error["extensions"]["code"] == "BATCHING_NOT_SUPPORTED"


def test_defer_is_refused_in_words(client: TestClient) -> None:
    found = client.post("/graphql", json={"query": "{ ... @defer { __typename } }"}).json()["errors"]
    assert found[0]["message"].startswith("@defer is not supported")


def test_a_mutation_by_get_is_a_405_before_it_is_anything_else(client: TestClient) -> None:
    found = client.get("/graphql", params={"query": "mutation { nothing }"})
    assert (found.status_code, found.headers["allow"]) == (405, "POST")


def test_head_has_the_headers_of_get_and_no_body(client: TestClient) -> None:
    got, head = (client.request(method, "/graphql", params={"query": NAME}) for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))
    assert head.headers["etag"] == got.headers["etag"]


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/json; charset=latin-1", "application/graphql", "multipart/form-data"],
)
def test_only_json_in_utf8_is_read(client: TestClient, content_type: str) -> None:
    found = client.post("/graphql", content=b"{}", headers={"content-type": content_type})
    assert found.status_code == 415


def test_an_answer_to_get_has_a_tag_with_which_it_is_not_sent_twice(client: TestClient) -> None:
    first = client.get("/graphql", params={"query": NAME})
    assert first.headers["vary"] == "accept, accept-encoding, authorization, Origin"
    assert first.headers["cache-control"].startswith("public, max-age=")
    for given in (first.headers["etag"], f'"x", {first.headers["etag"]}', first.headers["etag"][2:], "*"):
        second = client.get("/graphql", params={"query": NAME}, headers={"if-none-match": given})
        assert (second.status_code, second.content) == (304, b"")
        assert second.headers["etag"] == first.headers["etag"]
    assert client.get("/graphql", params={"query": NAME}, headers={"if-none-match": '"x"'}).status_code == 200


def test_what_failed_is_kept_by_nobody(client: TestClient) -> None:
    found = client.get("/graphql", params={"query": "{ nothing }"})
    assert found.headers["cache-control"] == "no-store"
    assert "etag" not in found.headers


def test_an_answer_is_packed_for_those_who_take_it(client: TestClient) -> None:
    query = "{ methodology { rules { id } } }"
    packed = client.get("/graphql", params={"query": query}, headers={"accept-encoding": "gzip"})
    plain = client.get("/graphql", params={"query": query}, headers={"accept-encoding": "gzip;q=0"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.headers["etag"] == plain.headers["etag"]


@pytest.mark.parametrize(
    ("given", "packs"),
    [("*", True), ("*, gzip;q=0", False), ("gzip; q=0, *", False), ("*;q=0, GZIP", True), ("br, *;q=0", False)],
)
def test_its_own_name_counts_before_any(client: TestClient, given: str, packs: bool) -> None:
    found = client.get(
        "/graphql", params={"query": "{ methodology { rules { id } } }"}, headers={"accept-encoding": given}
    )
    assert ("content-encoding" in found.headers) is packs


def test_our_own_operations_are_asked_for_by_name_and_by_hash(client: TestClient) -> None:
    by_name = client.get("/graphql", params={"documentId": "Disputes"})
    text = next(each.query for each in operations() if each.name == "Disputes")
    by_hash = client.post("/graphql", json={"documentId": document_id(text)})
    by_text = client.post("/graphql", json={"query": text})
    assert by_name.json() == by_hash.json() == by_text.json()
    assert "data" in by_name.json()


@pytest.mark.parametrize(
    ("_case", "given", "code"),
    [
        ("unknown", {"documentId": "sha256:" + "0" * 64}, "UNKNOWN_DOCUMENT"),
        ("no text", {"documentId": 1}, "UNKNOWN_DOCUMENT"),
        ("both", {"documentId": "Disputes", "query": NAME}, "BAD_REQUEST"),
        ("neither", {"variables": {}}, "BAD_REQUEST"),
        ("extensions that are a list", {"query": NAME, "extensions": []}, "BAD_REQUEST"),
        ("a hash of something else", {"query": NAME, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}, "BAD_REQUEST"),
        ("no hash", {"query": NAME, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "x"}}}, "BAD_REQUEST"),
    ],
)  # fmt: skip
def test_wrong_ids_are_told(client: TestClient, _case: str, given: dict[str, object], code: str) -> None:
    found = client.post("/graphql", json=given)
    assert (found.status_code, found.json()["errors"][0]["extensions"]["code"]) == (400, code)


def test_apollo_registers_a_query_with_its_hash_and_then_sends_the_hash_alone(client: TestClient) -> None:
    query = '{ model(ref: "one") { slug } }'
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": sha256(query.encode()).hexdigest()}}
    (error,) = client.post("/graphql", json={"extensions": extensions}).json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == ("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
    both = client.post("/graphql", json={"query": query, "extensions": extensions})
    alone = client.get("/graphql", params={"extensions": str(extensions).replace("'", '"')})
    assert both.json() == alone.json()
    assert both.json()["data"] == {"model": {"slug": "one"}}


def test_a_query_that_comes_with_its_hash_is_registered_each_time(client: TestClient) -> None:
    """What bytes asked is remembered; that another client's document has pushed it out of what is registered is not."""
    query = '{ model(ref: "two") { slug } }'
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": sha256(query.encode()).hexdigest()}}
    for _ in range(2):
        assert client.post("/graphql", json={"query": query, "extensions": extensions}).json()["data"]
        assert client.post("/graphql", json={"extensions": extensions}).json()["data"]
        for number in range(MOST_REGISTERED_BYTES // 90_000 + 1):
            other = f"{{ __typename }} # {number}" + " " * 90_000
            persisted = {"version": 1, "sha256Hash": sha256(other.encode()).hexdigest()}
            client.post("/graphql", json={"query": other, "extensions": {"persistedQuery": persisted}})
        (error,) = client.post("/graphql", json={"extensions": extensions}).json()["errors"]
        assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


def test_the_same_bytes_by_get_and_by_post_are_not_the_same_request(client: TestClient) -> None:
    """As an address they are parameters, as a body they are no JSON."""
    for _ in range(2):
        assert client.get("/graphql?query={__typename}").json()["data"] == {"__typename": "Query"}
        found = client.post("/graphql", content=b"query={__typename}", headers={"content-type": "application/json"})
        assert found.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


def test_registered_documents_are_bounded() -> None:
    documents = Documents([])
    texts = [f"{{ a{number} }}" + " " * 90_000 for number in range(60)]
    for text in texts:
        documents.register(text)
    kept = 0
    for text in texts:
        try:
            documents.text_of({"documentId": document_id(text)})
            kept += len(text)
        except Refused:
            pass
    assert 0 < kept <= MOST_REGISTERED_BYTES


def test_where_only_trusted_documents_are_answered_others_are_refused() -> None:
    documents = Documents([Operation("A", "{ a }")], trusted_only=True)
    assert documents.text_of({"query": "{ a }"}) == documents.text_of({"documentId": "A"}) == "{ a }"
    with pytest.raises(Refused, match="documentId"):
        documents.text_of({"query": "{ b }"})


def test_parameters_are_text_in_utf8(client: TestClient) -> None:
    query, variables = quote("query ($ref: String!) { model(ref: $ref) { name } }"), quote('{"ref": "öne"}')
    (error,) = client.get(f"/graphql?query={query}&variables={variables}").json()["errors"]
    assert "öne" in error["message"]
    wrong = client.get(f"/graphql?query={query}&variables=%ff")
    assert (wrong.status_code, wrong.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
