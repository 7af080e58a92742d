"""The documents of operations/: tabs of the explorer, and what `llmref compare` asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphql import OperationDefinitionNode, parse

FOLDER = Path(__file__).parent.parent / "operations"


@dataclass(frozen=True, slots=True)
class Operation:
    """One tab: the name of a GraphQL operation, its document, and values for its variables (JSON values only)."""

    name: str
    query: str
    variables: dict[str, Any] = field(default_factory=dict)


def operations() -> Sequence[Operation]:
    """Each document under the name of its operation, in the order of the files."""
    found = []
    for file in sorted(FOLDER.glob("*.graphql")):
        text = file.read_text()
        (name,) = (
            node.name.value
            for node in parse(text).definitions
            if isinstance(node, OperationDefinitionNode) and node.name
        )
        found.append(Operation(name, text))
    return found


def document(name: str) -> str:
    """The document of the operation of that name."""
    (found,) = (each.query for each in operations() if each.name == name)
    return found
