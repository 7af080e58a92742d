"""Lines about requests: which ones have one, what is in it, and what never is."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.documents import document_id
from api.logs import configure
from api.operations import document
from api.settings import from_env

SECRET = "what-somebody-asked-for"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Logging belongs to the whole process."""
    root, ours = logging.getLogger(), logging.getLogger("llmref")
    before = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:], root.level, ours.level = before


def asked(url: str, capsys: pytest.CaptureFixture[str], **settings: str) -> list[str]:
    """The lines about a trusted document, one that fails, and one that is wrong."""
    made = from_env(settings)
    configure(made)
    with TestClient(create_app(made, url)) as client:
        variables = {"where": {"text": SECRET}}
        client.post("/graphql", json={"documentId": "Find", "variables": variables}, headers={"x-request-id": "abc-1"})
        client.post(
            "/graphql", json={"query": f'{{ a: model(ref: "{SECRET}") {{ name }} }}'}, headers={"x-request-id": "a\tb"}
        )
        client.post("/graphql", content="{")
    return [line for line in capsys.readouterr().err.splitlines() if "llmref.requests" in line]


def test_a_line_as_json(filled: str, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third = (json.loads(line) for line in asked(filled, capsys, LOG_FORMAT="json", LOG_REQUESTS="all"))
    expected: dict[str, Any] = {
        **{"level": "info", "logger": "llmref.requests", "message": "answered", "request_id": "abc-1"},
        **{"hash": document_id(document("Find")), "operation": "Find", "type": "query", "status": 200, "cache": "miss"},
        "codes": "-",
    }
    assert {name: first[name] for name in expected} == expected
    assert first["statements"] >= 1
    assert first["points"] >= 1
    assert first["ms"] > 0
    assert first["time"].endswith("+00:00")
    assert re.fullmatch(r"[0-9a-f]{32}", second["request_id"])
    assert (second["operation"], second["codes"]) == ("other", "UNKNOWN_MODEL")
    assert (third["hash"], third["type"], third["cache"], third["points"]) == ("-", "unknown", "none", 0)
    assert third["codes"] in {"BAD_REQUEST", "UNSUPPORTED_MEDIA_TYPE"}


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_was_asked_for_is_in_no_line(filled: str, capsys: pytest.CaptureFixture[str], form: str) -> None:
    lines = asked(filled, capsys, LOG_FORMAT=form, LOG_REQUESTS="all")
    assert len(lines) == 3
    assert SECRET not in "".join(lines)
    assert "name }" not in "".join(lines)


@pytest.mark.parametrize(
    ("_case", "settings", "lines"),
    [
        ("none", {"LOG_REQUESTS": "off", "LOG_SLOW_MS": "1"}, 0),
        ("none is slow or failed", {"LOG_REQUESTS": "slow", "LOG_SLOW_MS": "60000"}, 0),
        ("a share of all", {"LOG_REQUESTS": "1"}, 3),
        ("nothing below warnings", {"LOG_REQUESTS": "all", "LOG_LEVEL": "warning"}, 0),
    ],
)
def test_which_requests_have_a_line(
    filled: str, capsys: pytest.CaptureFixture[str], _case: str, settings: dict[str, str], lines: int
) -> None:
    assert len(asked(filled, capsys, **settings)) == lines


def test_failed_and_slow_ones_are_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    configure(made := from_env({"LOG_SLOW_MS": "1", "LOG_LEVEL": "warning"}))
    with TestClient(create_app(made, "postgresql://u@127.0.0.1:1/d")) as client:
        assert client.post("/graphql", json={"query": "{ catalog { revision } }"}).status_code == 503
        client.post("/graphql", json={"query": document("Compare"), "variables": {"models": ["a", "b"]}})
    lines = [line for line in capsys.readouterr().err.splitlines() if "llmref.requests" in line]
    assert re.search(r"WARNING llmref\.requests: failed request_id=[0-9a-f]{32} ", lines[0])
    assert lines[0].endswith("status=503 " + lines[0].partition("status=503 ")[2])
    assert "codes=DATABASE_UNAVAILABLE" in lines[0]


def test_an_error_of_the_database_says_the_statement_and_no_value(
    filled: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log of an error that is masked has the id, the cause, and nothing of what was asked."""
    configure(made := from_env({"LOG_FORMAT": "json"}))
    monkeypatch.setattr("db.reader.Reader.fetch", _broken)
    with TestClient(create_app(made, filled)) as client:
        found = client.post("/graphql", json={"query": f'{{ model(ref: "{SECRET}") {{ name }} }}'}).json()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    (masked,) = (line for line in lines if line["message"].startswith("masked as "))
    assert masked["message"].split()[2] in found["errors"][0]["message"]
    assert "no_such_function" in masked["exception"]
    assert SECRET not in str(lines)


async def _broken(reader: Any, *_: Any, **__: Any) -> Any:
    from sqlalchemy import func, select

    async with reader.engine.connect() as connection:
        return await connection.execute(select(func.no_such_function(SECRET)))
