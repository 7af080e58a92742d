"""What a document may ask for, checked before it is validated, in one walk that is linear in the document's length: fragments are
measured once, however often they are spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

MAX_TOKENS = 2_000
MAX_DEPTH = 12
MAX_SELECTIONS = 1_000
MAX_ALIASES = 30
MAX_ROOT_FIELDS = 20
MAX_DIRECTIVES = 50
MAX_OPERATIONS = 10
MAX_VARIABLES = 100
MAX_SCHEMAS = 1


@dataclass(frozen=True, slots=True)
class Size:
    """Of a selection with its fragments spread: levels of fields, fields, aliases, directives, fields of its first level, and how often
    the whole schema is asked for. Introspection counts like all else, but for its levels, which validation bounds."""

    depth: int = 0
    selections: int = 0
    aliases: int = 0
    directives: int = 0
    roots: int = 0
    schemas: int = 0


def refused(document: DocumentNode) -> GraphQLError | None:
    """The error of the first limit that a document passes, or None."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) > MAX_OPERATIONS:
        return _too_many("operations", len(operations), MAX_OPERATIONS)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    measured: dict[str, Size | None] = {}
    for operation in operations:
        if (variables := len(operation.variable_definitions or ())) > MAX_VARIABLES:
            return _too_many("variables", variables, MAX_VARIABLES)
        size = _size(operation.selection_set, fragments, measured)
        for name, is_, limit in (
            ("levels", size.depth, MAX_DEPTH),
            ("fields, with all fragments spread,", size.selections, MAX_SELECTIONS),
            ("aliases", size.aliases, MAX_ALIASES),
            ("root fields", size.roots, MAX_ROOT_FIELDS),
            ("fields `__schema`", size.schemas, MAX_SCHEMAS),
            ("directives", size.directives + len(operation.directives or ()), MAX_DIRECTIVES),
        ):
            if is_ > limit:
                return _too_many(name, is_, limit)
    return None


def _too_many(what: str, are: int, limit: int) -> GraphQLError:
    return GraphQLError(
        f"The document has {are:,} {what} and may have {limit:,}; split it into several requests.",
        extensions={"code": "DOCUMENT_TOO_LARGE"},
    )


def _size(
    selection_set: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    measured: dict[str, Size | None],
) -> Size:
    depth = selections = aliases = directives = roots = schemas = 0
    for node in selection_set.selections:
        directives += len(node.directives or ())
        if isinstance(node, FieldNode):
            below = Size()
            if node.selection_set:
                below = _size(node.selection_set, fragments, measured)
            depth = max(depth, 1 if node.name.value.startswith("__") else 1 + below.depth)
            selections += 1 + below.selections
            aliases += (node.alias is not None) + below.aliases
            directives += below.directives
            roots += 1
            schemas += (node.name.value == "__schema") + below.schemas
            continue
        inner = Size()
        if isinstance(node, InlineFragmentNode):
            inner = _size(node.selection_set, fragments, measured)
        elif isinstance(node, FragmentSpreadNode):
            inner = _fragment(node.name.value, fragments, measured)
        depth = max(depth, inner.depth)
        selections += inner.selections
        aliases += inner.aliases
        directives += inner.directives
        roots += inner.roots
        schemas += inner.schemas
    return Size(depth, selections, aliases, directives, roots, schemas)


def _fragment(name: str, fragments: Mapping[str, FragmentDefinitionNode], measured: dict[str, Size | None]) -> Size:
    """A fragment that is unknown or spreads itself is refused by validation, and counts nothing here."""
    if name not in measured:
        measured[name] = None  # while it is being measured
        found = fragments.get(name)
        measured[name] = Size() if found is None else _size(found.selection_set, fragments, measured)
    return measured[name] or Size()
