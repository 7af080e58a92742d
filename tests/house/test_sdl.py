"""`schema.graphql` is the published schema: it is what the server serves, and no client breaks without our saying so."""

import subprocess
from pathlib import Path

import pytest
from graphql import build_schema
from graphql.utilities import find_breaking_changes

from schema.published import sdl

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "schema.graphql"
ACKNOWLEDGED = ROOT / "docs" / "breaking-changes.md"


def test_the_published_schema_is_the_schema() -> None:
    """Otherwise run `llmref export-schema > schema.graphql` and commit the difference."""
    assert PUBLISHED.read_text() == sdl()


def test_a_breaking_change_is_acknowledged() -> None:
    """Against the last commit that is published. A break must stand in docs/breaking-changes.md, in the words of the tool."""
    released = _committed("schema.graphql")
    if released is None:
        pytest.skip("no commit with schema.graphql to compare with")
    assert _unacknowledged(released, sdl(), ACKNOWLEDGED.read_text()) == []


def test_a_break_is_found_and_can_be_acknowledged() -> None:
    before, after = "type Query { a: Int b: Int }", "type Query { a: Int }"
    found = _unacknowledged(before, after, "")
    assert found == ["Field Query.b was removed."]
    assert _unacknowledged(before, after, f"- {found[0]}") == []
    assert _unacknowledged(after, before, "") == []


def _unacknowledged(before: str, after: str, acknowledged: str) -> list[str]:
    changes = find_breaking_changes(build_schema(before), build_schema(after))
    return [change.description for change in changes if change.description not in acknowledged]


def _committed(path: str) -> str | None:
    """The file in the commit before the last, else in the last one: a fresh clone still sees what its last commit changed."""
    for revision in ("HEAD~1", "HEAD"):
        found = subprocess.run(
            ["git", "show", f"{revision}:{path}"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if found.returncode == 0:
            return found.stdout
    return None
