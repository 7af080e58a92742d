"""The published schema says what an operation costs: reckoned from its text alone, it comes to what the server takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    get_argument_values,
    get_named_type,
    is_composite_type,
    parse,
)

from schema.answer import CORE, choose
from schema.points import is_paged
from schema.published import sdl
from schema.weights import LENGTHS, LENGTHS_A_MODEL, WEIGHTS, WORKS

PUBLISHED: GraphQLSchema = build_schema(sdl())
PLAIN = [
    "{ models { nodes { slug lab { name } } } }",
    "{ models(first: 50) { nodes { slug routes(first: 3) { nodes { key provider { name } prices { inputMtok hours { days } } } } } } }",
    "{ models(last: 7) { edges { node { capabilities { kind used { field } } results { benchmark { name } } } } pageInfo { hasNextPage } } }",
    '{ model(ref: "one") { disputes { field } monthlyCost { ... on MonthlyCost { sensitivity { at } curve(over: CACHED_SHARE, points: 7) { at } } } } }',
    '{ route(key: "a/b") { priceHistory { otherUnits { unit } } model { evidence(field: TASK) { agreeing(first: 3) { value } } } } }',
    "{ catalog { counts { number } sources { key } } methodology { rules { id } presets { key } weights { signal } } }",
    '{ switchPlan(from: "a", to: "b") { ... on SwitchPlan { steps { sentence parameters { before { name } } } record } } }',
    "{ recommend { fits(first: 5) { nodes { model { slug } reasons { weight } } } paretoFront { members { candidate { model { slug } } } } } }",
    "{ recommend { paretoFront(first: 7) { members { candidate { model { slug } } } } } }",
    '{ model(ref: "one") { monthlyCost { ... on MonthlyCost { ranked(first: 250) { route { key } } } } } }',
    '{ cheaperSwitches(source: "a") { ... on CheaperSwitches { switches(first: 4) { friction { score factors { kind } } } } } }',
]


def _said(kind: GraphQLObjectType, name: str) -> Mapping[str, Mapping[str, Any]]:
    """The directives of a field, as a client reads them."""
    node = kind.fields[name].ast_node
    assert node is not None
    return {
        each.name.value: get_argument_values(PUBLISHED.get_directive(each.name.value), each)  # type: ignore[arg-type]
        for each in node.directives or ()
    }


def reckoned(selected: Any, kind: Any, sized: Mapping[str, int]) -> int:
    """The points of a selection, as the two directives say. `sized`: the lists that the connection above has sized."""
    total = 0
    for node in selected.selections:
        if not isinstance(node, FieldNode):
            total += reckoned(node.selection_set, PUBLISHED.get_type(node.type_condition.name.value), {})
            continue
        name = node.name.value
        definition, said = kind.fields[name], _said(kind, name)
        size, below = sized.get(name, 1), get_named_type(definition.type)
        inner: dict[str, int] = {}
        if "listSize" in said:
            given = get_argument_values(definition, node)
            asked = [given[each] for each in said["listSize"].get("slicingArguments") or () if given.get(each)]
            size = asked[0] if asked else said["listSize"]["assumedSize"]
            if fields := said["listSize"].get("sizedFields"):
                inner, size = dict.fromkeys(fields, size), 1
        total += int(said["cost"]["weight"]) if "cost" in said else 0
        if is_composite_type(below) and node.selection_set is not None:
            total += size * (1 + reckoned(node.selection_set, below, inner))
    return total


@pytest.mark.parametrize("text", PLAIN)
def test_a_client_reckons_what_the_server_takes(text: str) -> None:
    (operation,) = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    chosen = choose(text, {})
    assert getattr(chosen, "points", 0), getattr(chosen, "errors", None)
    assert reckoned(operation.selection_set, PUBLISHED.query_type, {}) == chosen.points  # type: ignore[union-attr]


def test_every_weight_and_length_is_of_a_field_and_stands_there() -> None:
    for name in WEIGHTS.keys() | LENGTHS.keys() | LENGTHS_A_MODEL.keys() | WORKS.keys():
        kind, _, field = name.partition(".")
        said = _said(PUBLISHED.type_map[kind], field)  # type: ignore[arg-type]
        assert ("cost" in said) == (name in WEIGHTS)
        assert ("restsOn" in said) == (name in WORKS)
        assert "listSize" in said or name not in LENGTHS.keys() | LENGTHS_A_MODEL.keys()


def test_every_list_of_objects_has_a_length() -> None:
    for kind in PUBLISHED.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__") and not is_paged(kind.name):
            for name, definition in kind.fields.items():
                if "[" in str(definition.type) and is_composite_type(get_named_type(definition.type)):
                    assert "listSize" in _said(kind, name), f"{kind}.{name}"


def test_what_slices_a_list_is_an_argument_of_it() -> None:
    for kind in PUBLISHED.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, definition in kind.fields.items():
                sliced = _said(kind, name).get("listSize", {}).get("slicingArguments") or ()
                assert set(sliced) <= set(definition.args), f"{kind}.{name}"


def test_but_for_them_it_is_the_schema() -> None:
    """A client that knows nothing of costs reads the same types."""
    assert {name for name in CORE.type_map if not name.startswith("__")} == {
        name for name in PUBLISHED.type_map if not name.startswith("__")
    }
    assert {each.name for each in PUBLISHED.directives} - {each.name for each in CORE.directives} == {
        "cost",
        "listSize",
        "restsOn",
    }
