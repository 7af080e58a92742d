"""The documents and requests of published attacks on GraphQL servers: each gets a clear refusal, and none a statement or a 5xx.

After tests of graphql-cop, GraphQL Armor and what was reported of this stack: limiters that are exponential in fragments, validation
that is quadratic in equal fields, values that the database refuses.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.asked import MAX_BODY
from api.settings import from_env
from tests.asking import sent

DEEP = 500
MODEL = 'model(ref: "one")'
LABELS = "query ($ref: String!) { model(ref: $ref) { name } }"
FIRST = "query ($first: Int) { models(first: $first) { nodes { name } } }"


def nested(levels: int) -> str:
    return "{ models { nodes { " + "lab { models { nodes { " * levels + "name" + " } } }" * levels + " } } }"


def fragments(levels: int, width: int = 2) -> str:
    """Each fragment spreads the next one several times: the fields double with every level."""
    each = " ".join(f"fragment F{n} on Model {{ {f'...F{n + 1} ' * width} }}" for n in range(levels))
    return f"{{ {MODEL} {{ ...F0 }} }} {each} fragment F{levels} on Model {{ name }}"


def introspection(levels: int) -> str:
    return "{ __schema { types { " + "fields { type { " * levels + "name" + " } }" * levels + " } } }"


def packed(text: str) -> str:
    """As ids and cursors are."""
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


NODE = "query ($id: ID!) { node(id: $id) { id ... on Comparison { verdict { decided } } } }"
_REGION = orjson.dumps('[[],[],{"a":1},[]]').decode()
DOCUMENTS: dict[str, str] = {
    "aliases": "{ " + " ".join(f"a{n}: {MODEL} {{ name }}" for n in range(200)) + " }",
    "root fields": "{ " + " ".join(f"__typename a{n}: __typename" for n in range(15)) + " }",
    "a field three thousand times": "{ " + "__typename " * 3_000 + "}",
    "equal fields with selections": "{ " + f"{MODEL} {{ name }} " * 300 + "}",
    "a field a hundred times": f"{{ {MODEL} {{ {'routes(first: 1) { nodes { key } } ' * 100} }} }}",
    "fragments that all meet": f"{{ {MODEL} {{ {' '.join(f'...F{n}' for n in range(180))} }} }} "
    + " ".join(f"fragment F{n} on Model {{ slug }}" for n in range(180)),
    "directives": "{ __typename " + "@skip(if: false) " * 300 + "}",
    "unknown directives": "{ __typename " + "@x" * 300 + " }",
    "fragments that double": fragments(18),
    "fragments that treble, some": fragments(12, 3),
    "a fragment that spreads itself": "{ " + MODEL + " { ...A } } fragment A on Model { name ...A }",
    "two fragments that spread each other": "{ " + MODEL + " { ...A } } fragment A on Model { ...B } fragment B on Model { ...A }",
    "an unknown fragment": "{ ...Nothing }",
    "a cycle of lists": nested(8),
    "levels without end": "{ a" * DEEP + " }" * DEEP,
    "lists without end": "{ models(where: " + "[" * 2_000 + "]" * 2_000 + ") { totalCount } }",
    "parentheses that never close": "{ models(" * 500,
    "pages of pages": "{ models(first: 100) { nodes { lab { models(first: 100) { nodes { routes(first: 100) { nodes { key } } } } } } } }",
    "introspection in circles": introspection(8),
    "the schema under twenty names": "{ " + " ".join(f"a{n}: __schema {{ types {{ name }} }}" for n in range(20)) + " }",
    "the schema by fragments": "{ ...A ... { ...A } } fragment A on Query { __schema { types { name } } }",
    "fields of introspection under many names": "{ __schema { types { " + " ".join(f"a{n}: name" for n in range(31)) + " } } }",
    "a thousand fields of introspection": "{ __schema { types { " + "name kind " * 500 + "} } }",
    "all types of all fields, many times": "{ __schema { types { fields { "
    + " ".join(f"a{n}: type {{ fields {{ name }} }}" for n in range(20))
    + " } } } }",
    "operations": " ".join(f"query Q{n} {{ __typename }}" for n in range(50)),
    "variables": "query (" + " ".join(f"$v{n}: Int" for n in range(200)) + ") { __typename }",
    "a text of tokens": "{ " + "a " * 5_000 + "}",
    "comments and commas": "#" + "x" * 50_000 + "\n" + "," * 20_000,
    "a number beyond every integer": "{ models(first: " + "9" * 5_000 + ") { totalCount } }",
    "a number of 64 bit": "{ models(first: 9223372036854775808) { totalCount } }",
    "a float for an integer": "{ models(first: 1e400) { totalCount } }",
    "a byte order mark and nothing": "\ufeff",
    "NUL in the text": "{ \x00 }",
    "mutation": "mutation { __typename }",
    "defer": "{ ... @defer { __typename } }",
    "an invented type in a condition": "{ ... on Nothing { a } }",
}  # fmt: skip
VARIABLES: dict[str, tuple[str, Any]] = {
    "NUL": (LABELS, {"ref": "a\x00b"}),
    "an object for a text": (LABELS, {"ref": {"a": 1}}),
    "a list for a text": (LABELS, {"ref": ["a"] * 1_000}),
    "a number beyond 64 bit": (FIRST, {"first": 2**70}),
    "a number beyond 32 bit": (FIRST, {"first": 2**40}),
    "less than nothing": (FIRST, {"first": -1}),
    "not a number": (FIRST, {"first": "NaN"}),
    "ids without end": (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        {"ids": ["TW9kZWw6MQ=="] * 5_000},
    ),
    "a list that is no page": (
        "query ($first: Int!) { recommend { nearMisses(first: $first) { score } } }",
        {"first": -1},
    ),
    "a cursor nested deeply": (
        "query ($after: String) { models(after: $after) { totalCount } }",
        {"after": packed("[" * 3_000 + "]" * 3_000)},
    ),
    "an id with a weight below nothing": (
        NODE,
        {"id": packed('Comparison:[["one","two"],"CHAT",{"MONTHLY_COST":-5},""]')},
    ),
    "an id with a weight that is no number": (
        NODE,
        {"id": packed('Comparison:[["one","two"],"CHAT",{"MONTHLY_COST":NaN},""]')},
    ),
    "an id with a region that is an object": (
        NODE,
        {"id": packed(f'Comparison:[["one","two"],"CHAT",{{}},"",{_REGION}]')},
    ),
    "an id with half a character": (NODE, {"id": packed(r'Comparison:[["one","\ud800"],"CHAT",{},""]')}),
    "the last day that there is": (
        'query ($day: Date) { model(ref: "one", lens: {known: $day}) { name } }',
        {"day": "9999-12-31"},
    ),
    "the last moment that there is": (
        'query ($at: DateTime) { route(key: "acme/one") { prices(at: $at) { mode } } }',
        {"at": "9999-12-31T23:59:59Z"},
    ),
    "fifty wrong values": ("query ($refs: [String!]!) { comparison(models: $refs) { id } }", {"refs": [1] * 50}),
    "an id of something else": ("query ($id: ID!) { node(id: $id) { id } }", {"id": "\x00\x01\u202e"}),
}
BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "a surrogate alone": (rb'{"query": "{ __typename }", "variables": {"a": "\ud800"}}', 400),
    "a surrogate in the document": (rb'{"query": "{ a\udfff }"}', 400),
    "JSON without end": (b"[" * 50_000, 400),
    "objects without end": (b'{"a":' * 15_000 + b"1" + b"}" * 15_000, 400),
    "variables nested deeply": (
        b'{"query": "{ __typename }", "variables": {"a": %b%b}}' % (b"[" * 300, b"]" * 300),
        400,
    ),
    "variables nested as deeply as JSON is read": (
        b'{"query": "{ __typename }", "variables": %b1%b}' % (b'{"a":' * 1_000, b"}" * 1_000),
        400,
    ),
    "a document id nested deeply": (b'{"documentId": %b%b}' % (b"[" * 1_000, b"]" * 1_000), 400),
    "an operation name nested deeply": (
        b'{"query": "{ __typename }", "operationName": %b%b}' % (b"[" * 1_000, b"]" * 1_000),
        400,
    ),
    "a hash nested deeply": (
        b'{"query": "{ __typename }", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": %b%b}}}'
        % (b"[" * 900, b"]" * 900),
        400,
    ),
    "not UTF-8": (b'{"query": "\xff"}', 400),
    "a batch": (b"[" + b",".join([b'{"query": "{ __typename }"}'] * 100) + b"]", 400),
    "NaN": (b'{"query": "{ __typename }", "variables": {"a": NaN}}', 400),
    "too large": (b'{"query": "' + b"a" * MAX_BODY + b'"}', 413),
    "much too large": (b" " * 8_000_000, 413),
}


@pytest.fixture(scope="module")
def client(catalogue: str) -> Iterator[TestClient]:
    with TestClient(create_app(from_env({}), catalogue), raise_server_exceptions=False) as made:
        yield made


def test_what_is_not_refused_is_read(client: TestClient, statements: list[str]) -> None:
    assert post(client, orjson.dumps({"query": f"{{ {MODEL} {{ name slug }} }}"})).status_code == 200
    assert len(statements) == 1


@pytest.fixture
def statements(client: TestClient) -> Iterator[list[str]]:
    """What was sent to the database."""
    found: list[str] = []
    with sent(client.app.state.engine, lambda text, _: found.append(text)):  # type: ignore[attr-defined]
        yield found


def post(client: TestClient, body: bytes) -> Any:
    headers = {"content-type": "application/json", "accept": "application/graphql-response+json"}
    return client.post("/graphql", content=body, headers=headers)


def refused(found: Any) -> None:
    """Errors with codes and words, and not more of them than one reads."""
    content = found.json()
    assert set(content) - {"extensions"} == {"errors"}
    assert 1 <= len(content["errors"]) <= 10
    assert all(error["message"] and error["extensions"]["code"] for error in content["errors"])
    assert not any(error["extensions"]["code"] == "INTERNAL_SERVER_ERROR" for error in content["errors"])
    assert len(found.content) < 20_000


@pytest.mark.parametrize("attack", DOCUMENTS)
def test_a_document_is_refused_before_anything_is_read(client: TestClient, statements: list[str], attack: str) -> None:
    found = post(client, orjson.dumps({"query": DOCUMENTS[attack]}))
    assert found.status_code == 400
    refused(found)
    assert statements == []
    if len(DOCUMENTS[attack]) < 20_000:
        assert client.get("/graphql", params={"query": DOCUMENTS[attack]}).status_code in {200, 405}


@pytest.mark.parametrize("attack", VARIABLES)
def test_values_that_cannot_be_are_refused(client: TestClient, attack: str) -> None:
    query, variables = VARIABLES[attack]
    body = orjson.dumps({"query": query, "variables": variables}) if "beyond" not in attack else (
        b'{"query": ' + orjson.dumps(query) + b', "variables": {"first": %d}}' % variables["first"]
    )  # fmt: skip
    found = post(client, body)
    assert found.status_code in {200, 400, 413}
    codes = {error["extensions"]["code"] for error in found.json()["errors"]}
    assert codes <= {
        "BAD_USER_INPUT",
        "UNKNOWN_MODEL",
        "BAD_ID",
        "BODY_TOO_LARGE",
        "OPERATION_TOO_COSTLY",
        "BAD_PAGE",
        "BAD_CURSOR",
    }


@pytest.mark.parametrize("attack", BODIES)
def test_a_body_that_is_no_request_is_refused(client: TestClient, statements: list[str], attack: str) -> None:
    body, status = BODIES[attack]
    found = post(client, body)
    assert found.status_code == status
    refused(found)
    assert statements == []


def test_the_server_answers_as_before(client: TestClient) -> None:
    assert post(client, b'{"query": "{ __typename }"}').json()["data"] == {"__typename": "Query"}
