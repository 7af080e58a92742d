"""What asking the schema about itself costs: half a point for each object, counted exactly, within the limits of every document."""

from typing import Any

import pytest
from graphql import execute_sync, get_introspection_query
from graphql.execution.values import VariableValues

from api.callers import ANONYMOUS_POINTS
from schema import introspection
from schema.answer import CORE, Answer, Chosen, choose, prepare
from schema.introspection import OBJECTS_A_POINT, objects
from schema.points import MAX_POINTS
from tests.asking import Asked

ALL = {"specified_by_url", "directive_is_repeatable", "schema_description", "input_value_deprecation"}
STANDARD = [
    get_introspection_query(),
    get_introspection_query(descriptions=False),
    get_introspection_query(**dict.fromkeys(ALL, True)),
]
"""As graphql-js has it too, whose function GraphiQL, Apollo's tools, codegen and graphql-inspector send, with few or all of its switches on."""


def objects_in(found: Any) -> int:
    if isinstance(found, dict):
        return 1 + sum(map(objects_in, found.values()))
    return sum(map(objects_in, found)) if isinstance(found, list) else 0


def answered(text: str) -> Any:
    document = prepare(text).document
    assert document is not None
    result: Any = execute_sync(CORE, document)
    return result.data


@pytest.mark.parametrize(
    "text",
    [
        *STANDARD,
        "{ __schema { types { fields { args { name } } } } }",
        "{ __schema { types { fields(includeDeprecated: true) { type { ofType { ofType { fields { type { name } } } } } } } } }",
        "{ __schema { types { possibleTypes { name } interfaces { name } enumValues { name } inputFields { type { ofType { kind } } } } } }",
        '{ __type(name: "Query") { fields { args { type { ofType { name } } } } } }',
        '{ a: __type(name: "Model") { ...F } b: __type(name: "Price") { ...F ...F } } fragment F on __Type { fields { name } }',
        "{ __schema { directives { args { name } } directives { args { type { name } } } } }",
        '{ __type(name: "Nothing") { fields { name } } }',
    ],
)
def test_objects_are_counted_as_they_are_answered(text: str) -> None:
    prepared = prepare(text)
    asked: Any = prepared.operations[0].selection_set.selections
    counted = [
        objects(CORE, each, prepared.fragments or {}, VariableValues({}, {}), enough=10**9)
        for each in asked
    ]  # fmt: skip
    assert sum(counted) == objects_in(answered(text)) - 1
    chosen = choose(text, {})
    assert isinstance(chosen, Chosen)
    assert chosen.points == sum(-(-each // OBJECTS_A_POINT) for each in counted)
    assert chosen.introspects


def test_the_name_of_a_type_may_be_a_variable() -> None:
    text = "query ($name: String!) { __type(name: $name) { fields { name } } }"
    many, few = (choose(text, {"name": name}) for name in ("Model", "PageInfo"))
    assert isinstance(many, Chosen)
    assert isinstance(few, Chosen)
    assert many.points > few.points > 1


@pytest.mark.parametrize("text", STANDARD)
def test_anybody_may_ask_for_the_whole_schema(text: str) -> None:
    chosen = choose(text, {}, most_points=ANONYMOUS_POINTS)
    assert isinstance(chosen, Chosen)
    assert 1_000 < chosen.points < ANONYMOUS_POINTS


def test_what_is_too_much_is_not_counted_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty names for the types of all fields are refused after some of them."""
    asked = " ".join(f"a{number}: type {{ fields {{ name }} }}" for number in range(20))
    seen: list[int] = []
    before = introspection._Counting._parts

    def parts(self: Any, *given: Any) -> Any:
        found = before(self, *given)
        seen.append(sum(times for _, times in found.values()))
        return found

    monkeypatch.setattr(introspection._Counting, "_parts", parts)
    refused = choose(f"{{ __schema {{ types {{ fields {{ {asked} }} }} }} }}", {})
    assert isinstance(refused, Answer)
    assert refused.errors is not None
    assert refused.errors[0].extensions == {"code": "OPERATION_TOO_COSTLY"}
    assert sum(seen) < 2 * MAX_POINTS * OBJECTS_A_POINT


@pytest.mark.parametrize(
    ("text", "introspects"),
    [
        ("{ __typename }", False),
        ('{ __typename __type(name: "Model") { name } }', True),
        ('{ model(ref: "one") { name } __type(name: "Model") { name } }', False),
        ("query ($no: Boolean = false) { __schema @include(if: $no) { description } }", False),
    ],
)
def test_what_asks_for_the_schema_alone_is_known(text: str, introspects: bool) -> None:
    chosen = choose(text, {})
    assert isinstance(chosen, Chosen)
    assert chosen.introspects is introspects


@pytest.mark.asyncio
async def test_what_it_took_is_what_was_reckoned(ask: Asked) -> None:
    found = await ask.answered('{ model(ref: "one") { name } __type(name: "Model") { fields { name } } }')
    assert found.actual == found.estimated > 10
