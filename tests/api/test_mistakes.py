"""The log of what was not raised on purpose: once in full, then a line now and then, and every id that was told is in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from api import mistakes
from api.app import create_app
from api.errors import masked
from api.mistakes import MISTAKES
from api.request_ids import CURRENT
from api.settings import from_env

AWAY = "postgresql://u@127.0.0.1:1/d"


def raised(act: Callable[[], object]) -> Exception:
    try:
        act()
    except Exception as error:
        return error
    raise AssertionError


def noted(code: str, error: BaseException, request: bytes = b"-") -> str:
    CURRENT.set(request)
    found: str = masked(code, error)["extensions"]["id"]
    return found


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, bool, dict[str, object]]]:
    """Each line: what it says, whether with a traceback, and its fields."""
    return [
        (each.getMessage(), each.exc_info is not None, getattr(each, "fields", {}))
        for each in caplog.records
        if each.name == "llmref"
    ]


@pytest.mark.asyncio
async def test_what_repeats_is_told_once_in_full_and_then_how_often(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mistakes, "EVERY_S", 0.05)
    with MISTAKES.counted():
        ids = {noted("INTERNAL_SERVER_ERROR", raised(lambda: [][0]), b"r%d" % number) for number in range(5)}
        (id,) = ids
        assert lines(caplog) == [
            (f"masked as {id} in request r0", True, {"code": "INTERNAL_SERVER_ERROR", "error": "IndexError"})
        ]
        caplog.clear()
        await asyncio.sleep(0.2)
        fields = {"code": "INTERNAL_SERVER_ERROR", "error": "IndexError", "repeated": 4, "last_request": "r4"}
        assert lines(caplog) == [(f"masked again as {id}", False, fields)]
        await asyncio.sleep(0.1)
        assert len(caplog.records) == 1, "what did not happen again has no line"
        assert noted("INTERNAL_SERVER_ERROR", raised(lambda: [][0]), b"r5") == id
    assert lines(caplog)[1][2] == fields | {"repeated": 1, "last_request": "r5"}, "the end waits for nothing"


@pytest.mark.asyncio
async def test_what_was_not_there_for_a_while_is_told_in_full_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000.0]
    monkeypatch.setattr(mistakes, "EVERY_S", 0.01)
    monkeypatch.setattr(mistakes, "monotonic", lambda: now[0])
    with MISTAKES.counted():
        first = noted("INTERNAL_SERVER_ERROR", error := ValueError())
        now[0] += mistakes.QUIET_S - 1
        assert noted("INTERNAL_SERVER_ERROR", error) == first
        now[0] += mistakes.QUIET_S
        await asyncio.sleep(0.1)
        assert noted("INTERNAL_SERVER_ERROR", error) != first
    assert [full for _, full, _ in lines(caplog)] == [True, False, True]


@pytest.mark.asyncio
async def test_other_kinds_have_ids_of_their_own_and_are_bounded() -> None:
    """Of another class, from another place or another statement; wherever it is noticed that a database is away, it is the same one."""

    def here() -> None:
        raise ValueError

    def there() -> None:
        masked("BAD", None)  # type: ignore[arg-type]

    with MISTAKES.counted():
        found = {noted("INTERNAL_SERVER_ERROR", each) for each in (ValueError(), TypeError(), raised(there))}
        assert len(found) == 3
        with_statements = [raised(here), raised(here)]
        for number, each in enumerate(with_statements):
            each.statement = f"select {number}"  # type: ignore[attr-defined]
        assert len({noted("INTERNAL_SERVER_ERROR", each) for each in with_statements}) == 2
        assert len({noted("DATABASE_UNAVAILABLE", each) for each in with_statements}) == 1
        for number in range(2 * mistakes.MOST_KINDS):
            noted(f"CODE_{number}", ValueError())
        assert len(MISTAKES._known) == mistakes.MOST_KINDS


def test_a_database_that_is_away_writes_one_traceback(caplog: pytest.LogCaptureFixture) -> None:
    with TestClient(create_app(from_env({"LOG_REQUESTS": "off"}), AWAY)) as client:
        ids = set()
        for number in range(20):
            found = client.post("/graphql", json={"query": f"{{ a{number}: catalog {{ revision }} }}"})
            (error,) = found.json()["errors"]
            assert error["extensions"]["code"] == "DATABASE_UNAVAILABLE"
            ids.add(error["message"].split("quote ")[1].split()[0])
    told = [each for each in lines(caplog) if each[0].startswith("masked")]
    assert [full for _, full, _ in told] == [True, False]
    assert {text.split()[-1] if "again" in text else text.split()[2] for text, _, _ in told} == ids
    assert told[1][2]["repeated"] == 19
