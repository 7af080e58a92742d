"""The JavaScript clients that people use, as they come from npm, against a running server: what they ask, what they are told, and
what they hear of a new revision.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.build import Node
from tests.clients.conftest import Served
from tests.clients.installing import npm_installed, run
from tests.streaming import revise

pytestmark = pytest.mark.xdist_group("clients")

HERE = Path(__file__).parent
ASKED = [
    {"query": '{ model(ref: "one") { slug contextWindow } }'},
    {"query": "query Q($ref: String!) { model(ref: $ref) { slug contextWindow } }", "variables": {"ref": "two"}},
    {"query": '{ model(ref: "nobody") { slug } }'},
    {"query": "{ nothing }"},
    {"query": "query Q($ref: String!) { model(ref: $ref) { slug } }", "variables": {"ref": 3}},
]
REVISED = "subscription ($after: Int) { catalogRevised(after: $after) { revision } }"


@pytest.fixture(scope="module")
def node() -> Node:
    return npm_installed(HERE)


def _without_typename(value: Any) -> Any:
    """Apollo Client and urql ask for it by themselves."""
    if isinstance(value, dict):
        return {key: _without_typename(part) for key, part in value.items() if key != "__typename"}
    return value


def test_every_audit_of_graphql_over_http_is_passed(served: Served, node: Node) -> None:
    results = json.loads(run([*node.node, HERE / "audit.mjs", served.url], HERE))
    assert [each for each in results if each["status"] != "ok"] == []
    assert len(results) == 61


@pytest.mark.parametrize("client", ["graphql-request", "apollo", "apollo-persisted", "urql", "urql-get"])
def test_a_client_gets_data_and_coded_errors(served: Served, node: Node, client: str) -> None:
    said = run([*node.node, HERE / "asking.mjs", served.url, client], HERE, json.dumps(ASKED))
    plain, with_variables, *wrong = json.loads(said)
    assert _without_typename(plain) == {"data": {"model": {"slug": "one", "contextWindow": 256000}}}
    assert _without_typename(with_variables) == {"data": {"model": {"slug": "two", "contextWindow": None}}}
    codes = [[error["extensions"]["code"] for error in each["errors"]] for each in wrong]
    assert codes == [["UNKNOWN_MODEL"], ["GRAPHQL_VALIDATION_FAILED"], ["BAD_USER_INPUT"]]


@pytest.fixture(params=["graphql-ws", "graphql-sse", "apollo", "urql"])
def subscriber(request: pytest.FixtureRequest, served: Served, node: Node) -> Iterator[Any]:
    """Subscribes with a client, for so many events; gives its process, which writes a line for each."""
    begun: list[subprocess.Popen[str]] = []

    def subscribe(query: str, most: int, **variables: Any) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*node.node, HERE / "hearing.mjs", served.url, request.param, str(most)],
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        assert process.stdin is not None
        process.stdin.write(json.dumps({"query": query, "variables": variables}))
        process.stdin.close()
        process.stdin = None
        return process

    yield subscribe
    for each in begun:
        each.kill()
        each.communicate()


def test_a_client_hears_of_new_revisions_until_it_has_enough(served: Served, subscriber: Any) -> None:
    known = asyncio.run(revise(served.database))
    missed = asyncio.run(revise(served.database))
    process = subscriber(REVISED, 2, after=known)
    first = _without_typename(json.loads(process.stdout.readline()))
    assert first == {"data": {"catalogRevised": {"revision": missed}}}
    new = asyncio.run(revise(served.database))  # now that it listens
    out, err = process.communicate(timeout=30)
    lines = [_without_typename(json.loads(line)) for line in out.splitlines()]
    assert (lines, process.returncode) == ([{"data": {"catalogRevised": {"revision": new}}}, "ended"], 0), err
