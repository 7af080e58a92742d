"""`llmref switch`: the plan as a checklist, as JSON, and a word where there is none."""

from __future__ import annotations

import json

import pytest

from api.__main__ import main


@pytest.fixture(autouse=True)
def _url(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", filled)


def _lines(said: str) -> list[str]:
    return [line.strip() for line in said.splitlines() if line.strip()]


def test_a_checklist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["switch", "acme/one", "host/one", "--preset", "reference_page"]) == 0
    lines = _lines(capsys.readouterr().out)
    assert lines[0] == "One on Acme → One on Host: high, 53 of 100"
    todo = lines[lines.index("To do, in this order") + 1 :]
    assert todo[0] == "1. [high] Requests go to Host instead of Acme."
    assert todo[1].startswith("Open an account with Host and point the client to it (base URL not sourced yet;")
    assert [line.partition(".")[0] for line in todo if line[:1].isdigit()] == ["1", "2", "3", "4", "5", "6"]


def test_a_route_to_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["switch", "acme/one", "acme/one"]) == 0
    assert _lines(capsys.readouterr().out)[-1] == "Nothing changes: both are the same route."


def test_a_model_without_a_route(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["switch", "one", "two"]) == 0
    assert _lines(capsys.readouterr().out) == ["There is no plan: No live route of Two is tracked."]


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["switch", "one", "host/one", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)["data"]["switchPlan"]
    assert plan["source"]["route"]["key"] == "acme/one"
    note, spoken, *of_the_bills = plan["notes"]
    assert note.startswith("One stands for its route acme/one, its lab's own: CHAT costs $")
    assert spoken.startswith("Wire format that is assumed: ")
    assert of_the_bills
    assert all(each.startswith("One on ") for each in of_the_bills)


def test_an_unknown_end_is_a_word_and_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["switch", "one", "three"]) == 1
    assert capsys.readouterr().err.startswith("No model or route is known as 'three'")
