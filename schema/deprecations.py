"""What a document uses that is deprecated, so that its answer can say so. Every reason ends with the day until which the thing stays, see
docs/breaking-changes.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)

_NAMES = re.compile(r'(?:^|, )"([^"]+)"')
_SUNSET = re.compile(r"Gone after (\d{4}-\d{2}-\d{2})\.$")


def sunset(reason: str) -> date | None:
    """The last day of what is deprecated for this reason; None where the reason names none, which our own never do."""
    found = _SUNSET.search(reason)
    return None if found is None else date.fromisoformat(found[1])


def deprecated(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Everything of a schema that is deprecated, as a schema coordinate (`Type.field`, `Type.field(argument:)`) with its reason."""
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for key, field in kind.fields.items():
                if field.deprecation_reason is not None:
                    yield f"{name}.{key}", field.deprecation_reason
                for argument, given in field.args.items():
                    if given.deprecation_reason is not None:
                        yield f"{name}.{key}({argument}:)", given.deprecation_reason
        elif isinstance(kind, GraphQLEnumType | GraphQLInputObjectType):
            parts: Any = kind.values if isinstance(kind, GraphQLEnumType) else kind.fields
            for key, part in parts.items():
                if part.deprecation_reason is not None:
                    yield f"{name}.{key}", part.deprecation_reason


@lru_cache(maxsize=8)
def _reasons(schema: GraphQLSchema) -> dict[str, str]:
    return dict(deprecated(schema))


def used(schema: GraphQLSchema, document: DocumentNode) -> str:
    """The deprecated parts that a valid document names, as a list of structured fields (RFC 9651): `"Model.old";sunset="2027-02-25"`. Empty
    where there is none. What only values of variables name is not seen."""
    reasons = _reasons(schema)
    if not reasons:
        return ""
    types = TypeInfo(schema)
    found = _Found(types)
    visit(document, TypeInfoVisitor(types, found))
    return ", ".join(_item(name, reasons[name]) for name in sorted(found.names & reasons.keys()))


def coordinates(said: str) -> list[str]:
    """The schema coordinates of what `used` said."""
    return _NAMES.findall(said)


def _item(name: str, reason: str) -> str:
    day = sunset(reason)
    return f'"{name}"' if day is None else f'"{name}";sunset="{day}"'


class _Found(Visitor):
    """Collects the coordinates of all that a document names."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types, self.names = types, set[str]()

    def enter_field(self, node: Any, *_: Any) -> None:
        if (kind := self._types.get_parent_type()) is not None:
            self.names.add(f"{kind.name}.{node.name.value}")
            for argument in node.arguments or ():
                self.names.add(f"{kind.name}.{node.name.value}({argument.name.value}:)")

    def enter_object_field(self, node: Any, *_: Any) -> None:
        kind = get_named_type(self._types.get_parent_input_type())
        if kind is not None:
            self.names.add(f"{kind.name}.{node.name.value}")

    def enter_enum_value(self, node: Any, *_: Any) -> None:
        kind = get_named_type(self._types.get_input_type())
        if kind is not None:
            self.names.add(f"{kind.name}.{node.value}")
