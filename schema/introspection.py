"""What asking the schema about itself costs. How large the schema is is known, so that it is counted rather than estimated: on its own
parts, each looked at once however often it comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SchemaMetaFieldDef,
    SelectionSetNode,
    TypeMetaFieldDef,
    get_named_type,
    get_nullable_type,
)
from graphql.execution.values import VariableValues, get_argument_values

OBJECTS_A_POINT = 2
"""An object of introspection is half a point, as nothing is read for it; so the whole schema is below what anybody may ask for in one
operation."""
ROOTS: Mapping[str, GraphQLField] = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
Fragments = Mapping[str, FragmentDefinitionNode]
_Parts = dict[int, tuple[Any, int]]
"""Parts of the schema, each with how often it comes."""


def points_of(found: int) -> int:
    """The price of so many objects of introspection."""
    return -(-found // OBJECTS_A_POINT)


def objects(
    schema: GraphQLSchema, asked: FieldNode, fragments: Fragments, variables: VariableValues, *, enough: int
) -> int:
    """How many objects a field `__schema` or `__type` has, whatever its @skip and @include say; where there are more than `enough`, some
    number above it."""
    counting = _Counting(schema, fragments, variables, enough)
    return counting.field(ROOTS[asked.name.value], [asked], {0: (None, 1)})


class _Counting:
    def __init__(self, schema: GraphQLSchema, fragments: Fragments, variables: VariableValues, enough: int) -> None:
        self._fragments, self._variables, self._enough = fragments, variables, enough
        self._info: Any = SimpleNamespace(schema=schema)  # all that resolvers of introspection look at

    def field(self, definition: GraphQLField, nodes: Sequence[FieldNode], parents: _Parts) -> int:
        """The objects of a field and all that is below it."""
        kind = get_named_type(definition.type)
        if not isinstance(kind, GraphQLObjectType):
            return 0
        parts = self._parts(definition, nodes[0], parents)
        found = sum(times for _, times in parts.values())
        for below in self._selected(nodes) if parts else ():
            if found > self._enough:
                break
            if (inner := kind.fields.get(below[0].name.value)) is not None:
                found += self.field(inner, below, parts)
        return found

    def _parts(self, definition: GraphQLField, node: FieldNode, parents: _Parts) -> _Parts:
        try:
            given = get_argument_values(definition, node, self._variables)
        except GraphQLError:  # execution is going to say so
            return {}
        listed = isinstance(get_nullable_type(definition.type), GraphQLList)
        resolve = definition.resolve
        assert resolve is not None
        found: _Parts = {}
        for parent, times in parents.values():
            value: Any = resolve(parent, self._info, **given)
            each: Iterable[Any] = () if value is None else value if listed else (value,)
            for part in each:
                key = id(
                    part[1] if isinstance(part, tuple) else part
                )  # pairs of name and thing are made anew each time
                found[key] = (part, times + (found[key][1] if key in found else 0))
        return found

    def _selected(self, nodes: Sequence[FieldNode]) -> Iterable[Sequence[FieldNode]]:
        """The fields below, those together that are one in the answer."""
        together: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        for node in nodes:
            for each in self._fields(node.selection_set, spread):
                together.setdefault((each.alias or each.name).value, []).append(each)
        return together.values()

    def _fields(self, selected: SelectionSetNode | None, spread: set[str]) -> Iterator[FieldNode]:
        for node in () if selected is None else selected.selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._fields(node.selection_set, spread)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                yield from self._fields(self._fragments[node.name.value].selection_set, spread)
