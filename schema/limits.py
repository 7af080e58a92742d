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
MAX_FRAGMENTS = 50
MAX_REPEATED = 30
"""These two because validation compares every fragment, and every field of one name, with every other one beside it."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of a selection with its fragments spread: levels of fields, fields, aliases, directives, fields of its first level, how often
    the whole schema is asked for, and how often a name that is there already comes again. Introspection counts like all else, but for
    its levels, which validation bounds."""

    depth: int = 0
    selections: int = 0
    aliases: int = 0
    directives: int = 0
    roots: int = 0
    schemas: int = 0
    repeated: int = 0


def refused(document: DocumentNode) -> GraphQLError | None:
    """The error of the first limit that a document passes, or None."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) > MAX_OPERATIONS:
        return _too_many("operations", len(operations), MAX_OPERATIONS)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    if len(fragments) > MAX_FRAGMENTS:
        return _too_many("fragments", len(fragments), MAX_FRAGMENTS)
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
            ("fields of a name that is there already", size.repeated, MAX_REPEATED),
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
    names: set[str] | None = None,
) -> Size:
    """`names`: of fields that stand beside these, as those around an inline fragment do."""
    names = set() if names is None else names
    depth = selections = aliases = directives = roots = schemas = repeated = 0
    for node in selection_set.selections:
        directives += len(node.directives or ())
        inner = Size()
        if isinstance(node, FieldNode):
            name = (node.alias or node.name).value
            repeated += name in names
            names.add(name)
            if node.selection_set:
                inner = _size(node.selection_set, fragments, measured)
            depth = max(depth, 1 if node.name.value.startswith("__") else 1 + inner.depth)
            selections += 1
            aliases += node.alias is not None
            roots += 1
            schemas += node.name.value == "__schema"
        else:
            if isinstance(node, InlineFragmentNode):
                inner = _size(node.selection_set, fragments, measured, names)
            elif isinstance(node, FragmentSpreadNode):
                inner = _fragment(node.name.value, fragments, measured)
            depth = max(depth, inner.depth)
            roots += inner.roots
        selections += inner.selections
        aliases += inner.aliases
        directives += inner.directives
        schemas += inner.schemas
        repeated += inner.repeated
    return Size(depth, selections, aliases, directives, roots, schemas, repeated)


def _fragment(name: str, fragments: Mapping[str, FragmentDefinitionNode], measured: dict[str, Size | None]) -> Size:
    """A fragment that is unknown or spreads itself is refused by validation, and counts nothing here."""
    if name not in measured:
        measured[name] = None  # while it is being measured
        found = fragments.get(name)
        measured[name] = Size() if found is None else _size(found.selection_set, fragments, measured)
    return measured[name] or Size()
