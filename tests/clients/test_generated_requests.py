"""Requests that schemathesis generates from the published schema, against a running server: whatever is asked, it is answered, or
refused with a code. Some for each root field here; `make fuzz` asks 2,000 and more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest
import schemathesis
from graphql import ArgumentNode, IntValueNode, StringValueNode, Visitor, parse, print_ast, visit
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from tests.clients.conftest import Served
from tests.clients.installing import ROOT

pytestmark = pytest.mark.xdist_group("generated requests")

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "3"))
"""For each root field."""
_FOUND = schemathesis.graphql.from_path(ROOT / "schema.graphql").get_all_operations()
OPERATIONS = [each.ok() for each in _FOUND]  # type: ignore[union-attr]  # one that cannot be read fails here
KNOWN = {"ref": "one", "models": "two", "from": "acme/one", "to": "host/one", "key": "acme/one", "route": "host/one"}
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "BigInt": st.integers(0, 2**40).map(nodes.Int),
    "Date": DAYS.map(str).map(nodes.String),
    "DateTime": DAYS.map(lambda day: nodes.String(f"{day}T12:00:00Z")),
    "Decimal": st.decimals(0, 1000, places=2).map(str).map(nodes.String),
    "Value": st.text().map(nodes.String),
}


class Likely(Visitor):
    """Puts names that the catalogue has, and pages of a possible size, where the generator put a text or number of even length: else
    nearly everything would be refused for them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        self._names.append(node.name.value)

    def leave_argument(self, *_: object) -> None:
        self._names.pop()

    enter_object_field, leave_object_field = enter_argument, leave_argument

    def enter_string_value(self, node: StringValueNode, *_: object) -> StringValueNode | None:
        known = KNOWN.get(self._names[-1]) if self._names else None
        return None if known is None or len(node.value) % 2 else StringValueNode(value=known)

    def enter_int_value(self, node: IntValueNode, *_: object) -> IntValueNode | None:
        return IntValueNode(value=str(abs(int(node.value)) % 100)) if len(node.value) % 2 == 0 else None


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    for name, strategy in SCALARS.items():
        schemathesis.graphql.scalar(name, strategy)
    with httpx.Client(timeout=30) as made:
        yield made


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_whatever_is_asked_is_answered_or_refused_with_a_code(
    served: Served, client: httpx.Client, operation: Any
) -> None:
    asked = 0

    @settings(
        max_examples=REQUESTS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        nonlocal asked
        document = parse(case.body)
        document = visit(document, Likely())
        response = client.post(served.url, json={"query": print_ast(document)})
        answer = response.json()
        asked += 1
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert response.status_code < 500, response.text
        assert "INTERNAL_SERVER_ERROR" not in codes, response.text
        assert codes or answer["data"], response.text

    ask()
    assert asked == REQUESTS
