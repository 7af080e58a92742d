"""What an operation selects, collected once for a document, one of its operations and the values of its @skip and @include.
The plan and the execution walk the same selection; what depends on other variables is asked of `Given`, once a request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
    get_named_type,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from schema.scalars import SCALARS

_CONFIG = StrawberryConfig(scalar_map=SCALARS)
_SCALARS = {**DEFAULT_SCALAR_REGISTRY, **SCALARS}


@dataclass(frozen=True, slots=True, eq=False)
class Collecting:
    """An operation with what decides which of its fields are selected: `conditions` are the variables of @skip and @include."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: VariableValues
    details: dict[str, FragmentDetails]

    @classmethod
    def of(
        cls,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        conditions: VariableValues,
    ) -> Collecting:
        """The operation with its fragments."""
        details = {name: FragmentDetails(node) for name, node in fragments.items()}
        return cls(schema, operation, fragments, conditions, details)

    def root(self) -> Selection:
        """The selection on the type of the operation. Raises GraphQLError for a condition that is null."""
        kind = self.schema.get_root_type(self.operation.operation)
        assert kind is not None
        found = collect_fields(self.schema, self.details, self.conditions, kind, self.operation)
        return _selection(self, kind, found.grouped_field_set, None)


@dataclass(slots=True, eq=False)
class Selection:
    """The fields that are selected on one object type, in the order of the answer."""

    type: GraphQLObjectType
    fields: tuple[SelectedField, ...]
    collecting: Collecting


@dataclass(slots=True, eq=False)
class SelectedField:
    """A field of the answer. `definition` is None for __typename and introspection."""

    key: str
    name: str
    parent: GraphQLObjectType
    definition: GraphQLField | None
    declared: StrawberryField | None
    metadata: Mapping[str, Any]
    details: FieldDetailsList
    root: SelectedField
    """The field of the root type that it is below, or is."""
    month: SelectedField
    """The nearest one that it is below, or is, that takes a month of use; else the root."""
    collecting: Collecting
    _below: dict[str, Selection] = field(default_factory=dict)
    _reads_below: bool | None = None
    arguments: Mapping[str, Any] | None = None
    """As the resolver gets them, once they were converted, where they depend on no variable."""

    def possible(self) -> Sequence[GraphQLObjectType]:
        """The types that its objects may have; none where it is a leaf."""
        kind = None if self.definition is None else get_named_type(self.definition.type)
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            return self.collecting.schema.get_possible_types(kind)
        return (kind,) if isinstance(kind, GraphQLObjectType) else ()

    def reads_below(self) -> bool:
        """Whether anything that is selected below it needs a read; where nothing does, the plan has nothing to look for there."""
        if self._reads_below is None:
            self._reads_below = any(map(self._reads, self.possible()))
        return self._reads_below

    def _reads(self, kind: GraphQLObjectType) -> bool:
        try:
            selected = self.below(kind).fields
        except GraphQLError:  # a condition is null, which execution says
            return False
        return any(each.metadata.get("needs") or each.reads_below() for each in selected)

    def below(self, kind: GraphQLObjectType) -> Selection:
        """What is selected below it on an object of a type. Raises GraphQLError for a condition that is null."""
        found = self._below.get(kind.name)
        if found is None:
            of = self.collecting
            collected = collect_subfields(of.schema, of.details, of.conditions, of.operation, kind, self.details)
            found = self._below[kind.name] = _selection(of, kind, collected.grouped_field_set, self)
        return found


def _selection(
    collecting: Collecting, kind: GraphQLObjectType, grouped: GroupedFieldSet, above: SelectedField | None
) -> Selection:
    fields = []
    for key, details in grouped.items():
        name = details[0].node.name.value
        definition = kind.fields.get(name)
        declared = definition.extensions.get("strawberry-definition") if definition is not None else None
        metadata: Mapping[str, Any] = declared.metadata if declared is not None else {}
        root, month = (None, None) if above is None else (above.root, above.month)
        made = SelectedField(key, name, kind, definition, declared, metadata, details, root, month, collecting)  # type: ignore[arg-type]
        if above is None:
            made.root = made.month = made
        elif definition is not None and "workload" in definition.args:
            made.month = made
        fields.append(made)
    return Selection(kind, tuple(fields), collecting)


def _varies(value: ValueNode) -> bool:
    """Whether a variable is in it."""
    if isinstance(value, ListValueNode):
        return any(map(_varies, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_varies(each.value) for each in value.fields)
    return isinstance(value, VariableNode)


@dataclass(slots=True)
class Given:
    """The arguments of the fields in one request, each converted once however many parents a field has."""

    variables: VariableValues
    _of: dict[SelectedField, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, selected: SelectedField) -> Mapping[str, Any]:
        """The arguments as the resolver gets them. Raises GraphQLError where one is not what it should be."""
        found = selected.arguments or self._of.get(selected)
        if found is None:
            assert selected.definition is not None
            assert selected.declared is not None
            given = get_argument_values(selected.definition, selected.details[0].node, self.variables)
            found = convert_arguments(given, selected.declared.arguments, _SCALARS, _CONFIG)
            self._of[selected] = found
            if not any(_varies(each.value) for each in selected.details[0].node.arguments or ()):
                selected.arguments = found
        return found
