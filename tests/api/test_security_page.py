"""The list of attacks in docs/security.md is what happens. `GOLDEN=write` writes it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import from_env
from tests.api.test_attacks import BODIES, DOCUMENTS, VARIABLES, post

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
START, END = "<!-- attacks -->\n", "<!-- /attacks -->"


@pytest.fixture(scope="module")
def client(catalogue: str) -> Iterator[TestClient]:
    with TestClient(create_app(from_env({}), catalogue), raise_server_exceptions=False) as made:
        yield made


def told(found: Any) -> tuple[str, str]:
    """Status and the codes of the errors."""
    codes = sorted({error["extensions"]["code"] for error in found.json()["errors"]})
    return str(found.status_code), ", ".join(f"`{code}`" for code in codes)


def tried(client: TestClient) -> Iterator[tuple[str, str, str, str]]:
    for name, document in DOCUMENTS.items():
        yield "document", name, *told(post(client, orjson.dumps({"query": document})))
    for name, (document, variables) in VARIABLES.items():
        # orjson refuses integers beyond 64 bit, which is what some of these are about.
        packed = repr(variables).replace("'", '"').encode() if "beyond" in name else orjson.dumps(variables)
        body = b'{"query": ' + orjson.dumps(document) + b', "variables": ' + packed + b"}"
        yield "values", name, *told(post(client, body))
    for name, (body, _) in BODIES.items():
        yield "body", name, *told(post(client, body))


def test_the_page_says_what_each_attack_gets(client: TestClient) -> None:
    rows = list(tried(client))
    assert all(status < "500" and codes for _, _, status, codes in rows)
    table = [
        "| where | what | status | code |",
        "| --- | --- | --- | --- |",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    text = PAGE.read_text()
    before, rest = text.split(START)
    written, after = rest.split(END)
    wanted = "\n".join(table) + "\n"
    if os.environ.get("GOLDEN") == "write":
        PAGE.write_text(before + START + wanted + END + after)
        written = wanted
    assert written == wanted
