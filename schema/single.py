"""Whether an operation reads one statement at most: then that is its own snapshot, and needs no transaction around it. Told from
the document alone, whatever the variables are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
)

from schema.groups import SEVERAL_STATEMENTS, Group


def reads_once(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> bool:
    """Whether one field at most has a need, and that takes one statement, and nothing looks through a lens."""
    seen: set[tuple[int, str]] = set()

    def needed(selected: SelectionSetNode, kind: Any) -> Iterator[frozenset[Group] | None]:
        """The groups of each field with needs; None for a field that looks through a lens or needs several groups."""
        if (id(selected), kind.name) in seen:
            yield None  # a fragment that is spread twice: may be two reads
            return
        seen.add((id(selected), kind.name))
        for node in selected.selections:
            if isinstance(node, FieldNode):
                definition = getattr(kind, "fields", {}).get(node.name.value)
                if definition is None:
                    continue
                declared = definition.extensions.get("strawberry-definition")
                metadata = declared.metadata if declared is not None else {}
                groups = frozenset(need.group for need in metadata.get("needs", ()))
                if any(argument.name.value == "lens" for argument in node.arguments or ()) or metadata.get("through"):
                    yield None
                elif groups:
                    yield groups if len(groups) == 1 or metadata["one_of"] else None
                below = get_named_type(definition.type)
                if node.selection_set is not None and is_composite_type(below):
                    yield from needed(node.selection_set, below)
            else:
                found = fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
                assert isinstance(found, InlineFragmentNode | FragmentDefinitionNode)
                condition = found.type_condition
                narrowed = schema.get_type(condition.name.value) if condition else kind
                yield from needed(found.selection_set, narrowed)

    every = list(needed(operation.selection_set, schema.get_root_type(operation.operation)))
    return len(every) <= 1 and all(groups is not None and not groups & SEVERAL_STATEMENTS for groups in every)
