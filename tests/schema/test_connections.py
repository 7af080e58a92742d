"""What generic clients of GraphQL take for granted of a schema, Relay's above all (docs/adr/0036-what-linters-ask.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLObjectType, get_named_type

from schema.answer import CORE

OBJECTS = {
    name: kind
    for name, kind in CORE.type_map.items()
    if isinstance(kind, GraphQLObjectType) and not name.startswith("__")
}
CONNECTIONS = sorted(name for name in OBJECTS if name.endswith("Connection"))
FORWARD_ONLY = {("Recommendations", "fits")}
"""A ranking is asked for from its best end on."""


def _connected() -> Iterator[tuple[str, str, GraphQLField]]:
    for name, kind in OBJECTS.items():
        for key, field in kind.fields.items():
            if get_named_type(field.type).name in CONNECTIONS:
                yield name, key, field


@pytest.mark.parametrize("name", CONNECTIONS)
def test_a_connection_has_edges_with_cursors_and_a_page(name: str) -> None:
    fields = OBJECTS[name].fields
    assert str(fields["pageInfo"].type) == "PageInfo!"
    edge: Any = get_named_type(fields["edges"].type)
    assert edge.name.endswith("Edge")
    assert str(edge.fields["cursor"].type) == "String!"
    assert get_named_type(edge.fields["node"].type) == get_named_type(fields["nodes"].type)


@pytest.mark.parametrize(("name", "key", "field"), [*_connected()])
def test_a_list_of_pages_is_asked_for_from_either_end(name: str, key: str, field: GraphQLField) -> None:
    ends = {"first": "Int", "after": "String", "last": "Int", "before": "String"}
    if (name, key) in FORWARD_ONLY:
        del ends["last"], ends["before"]
    assert {end: str(argument.type) for end, argument in field.args.items() if end in {*ends, "last", "before"}} == ends


def test_an_id_is_never_missing() -> None:
    """Clients keep objects by `id`, whether or not `node(id:)` gives them again."""
    found = {name: str(kind.fields["id"].type) for name, kind in OBJECTS.items() if "id" in kind.fields}
    assert {"Model", "Comparison"} <= found.keys()
    assert all(kind.endswith("!") for kind in found.values())
