"""docs/integration.md says what a client meets: every code that the program gives, and a query that the schema has."""

from __future__ import annotations

import re
from pathlib import Path

from graphql import build_schema, parse, validate

from api.errors import CODES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "integration.md").read_text()


def test_every_code_is_explained() -> None:
    explained = re.findall(r"^\| `([A-Z_]+)` \|", PAGE, flags=re.MULTILINE)
    assert explained == sorted(explained)
    assert set(explained) == CODES


def test_the_query_that_is_shown_is_one_of_the_schema() -> None:
    (query,) = re.findall(r"^```graphql\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
    assert validate(build_schema((ROOT / "schema.graphql").read_text()), parse(query)) == []
