"""docs/integration.md says what a client meets: every code that the program gives, and a query that the schema has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from graphql import build_schema, parse, validate

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "integration.md").read_text()
GIVING = {"Refused", "busy", "masked", "_error", "_coded", "UnusableRecord"}
"""What is called with a code."""
OF_KEYS = {"FORBIDDEN", "RATE_LIMITED", "RATE_LIMIT_UNAVAILABLE", "UNAUTHENTICATED"}
"""What only a server with API keys and budgets gives."""


def _codes() -> Iterator[str]:
    for room in ("api", "schema", "domain"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Call(func=ast.Name(id=name), args=given) if name in GIVING:
                        yield from _words(*given)
                    case ast.Dict(keys=keys, values=values):
                        for key, value in zip(keys, values, strict=True):
                            if isinstance(key, ast.Constant) and key.value == "code":
                                yield from _words(value)
                    case ast.Assign(targets=[ast.Name(id="code" | "default")], value=value):
                        yield from _words(value)


def _words(*nodes: ast.expr) -> Iterator[str]:
    """The codes among constants and the two ends of a choice."""
    for node in nodes:
        if isinstance(node, ast.IfExp):
            yield from _words(node.body, node.orelse)
        elif isinstance(node, ast.Constant) and re.fullmatch(r"[A-Z]+(_[A-Z]+)*", str(node.value)):
            yield node.value  # type: ignore[misc]  # text, as it matches


def test_every_code_is_explained() -> None:
    explained = re.findall(r"^\| `([A-Z_]+)` \|", PAGE, flags=re.MULTILINE)
    assert explained == sorted(explained)
    given = set(_codes())
    assert len(given) > 30
    assert given | OF_KEYS == set(explained)


def test_the_query_that_is_shown_is_one_of_the_schema() -> None:
    (query,) = re.findall(r"^```graphql\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
    assert validate(build_schema((ROOT / "schema.graphql").read_text()), parse(query)) == []
