"""The README's queries give the README's answers."""

import json
import os
import re
from pathlib import Path

import pytest

from schema.limits import (
    MAX_ALIASES,
    MAX_DEPTH,
    MAX_DIRECTIVES,
    MAX_FRAGMENTS,
    MAX_OPERATIONS,
    MAX_REPEATED,
    MAX_ROOT_FIELDS,
    MAX_SELECTIONS,
    MAX_TOKENS,
)
from schema.points import MAX_POINTS
from tests.asking import Asked
from tests.catalogue import DAY

README = Path(__file__).parents[2] / "README.md"
_PAIR = re.compile(r"```graphql\n(.*?)```\n\n```json\n(.*?)```", re.DOTALL)


@pytest.mark.asyncio
@pytest.mark.xdist_group("default catalogue")
async def test_the_answers_of_the_readme(ask_default: Asked) -> None:
    """Run with GOLDEN=write to put the answers in, and read them."""
    text = README.read_text()
    pairs = _PAIR.findall(text)
    assert len(pairs) == 5
    for query, answer in pairs:
        found = await ask_default(query, today=DAY.date())
        assert "errors" not in found
        if os.environ.get("GOLDEN") == "write":
            shown = json.dumps(found["data"], indent=2, ensure_ascii=False)
            text = text.replace(
                f"```graphql\n{query}```\n\n```json\n{answer}```", f"```graphql\n{query}```\n\n```json\n{shown}\n```"
            )
        else:
            assert json.loads(answer) == found["data"]
    if os.environ.get("GOLDEN") == "write":
        README.write_text(text)


def test_the_limits_of_the_readme() -> None:
    text = README.read_text()
    for said in (
        f"{MAX_TOKENS:,} tokens, {MAX_DEPTH} levels, {MAX_SELECTIONS:,} fields",
        f"{MAX_POINTS:,} points",
        f"{MAX_ALIASES} aliases, {MAX_ROOT_FIELDS} root fields, {MAX_DIRECTIVES} directives, {MAX_FRAGMENTS} fragments",
        f"{MAX_REPEATED} fields of a name that stands beside them already, {MAX_OPERATIONS} operations",
    ):
        assert said in text
