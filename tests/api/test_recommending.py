"""`llmref recommend`: a page for people, the answer of the API as JSON, and calls that are refused."""

import json
from typing import Any

import pytest

from api import reading
from api.__main__ import main
from api.operations import document
from tests.api.test_reading import Fixed, answered


@pytest.fixture
def url(filled: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", filled)
    monkeypatch.setattr(reading, "datetime", Fixed)
    return filled


@pytest.mark.parametrize(
    ("_case", "more", "asked"),
    [
        ("as it is", [], {"requirements": {}}),
        (
            "everything",
            [
                *("--preset", "rag", "--capability", "vision", "--min-context", "1000", "--max-monthly-cost", "9999.5"),
                *("--not-lab", "acme", "--openness", "open-source", "--benchmark", "quiz=30", "--weight", "max-output=9"),
                *("--released-after", "2020-01-01", "--routes", "--first", "3"),
            ],
            {
                "requirements": {
                    "capabilities": ["VISION"], "minContext": 1000, "maxMonthlyCost": "9999.5", "notLabs": ["acme"],
                    "openness": ["OPEN_SOURCE"], "benchmarks": [{"benchmark": "quiz", "score": "30"}], "releasedAfter": "2020-01-01",
                },
                "workload": {"preset": "RAG"}, "weights": [{"signal": "MAX_OUTPUT", "weight": 9}], "of": "ROUTES", "first": 3,
            },
        ),
    ],
)  # fmt: skip
def test_as_json_it_is_the_answer_of_the_api(
    url: str, capsys: pytest.CaptureFixture[str], _case: str, more: list[str], asked: dict[str, Any]
) -> None:
    assert main(["recommend", "--json", *more]) == 0
    found = json.loads(capsys.readouterr().out)
    expected = {"workload": {"preset": "CHAT"}, "weights": None, "of": "MODELS", "first": 10, "after": None, **asked}
    assert found == answered(url, document("Recommend"), **expected)


def test_a_page_for_people(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", "--preset", "reference_page", "--max-monthly-cost", "300"]) == 0
    said = capsys.readouterr().out
    assert "1 fit, 0 might once a fact is sourced, 0 miss one thing, 0 are left out" in said
    assert "Why One" in said
    assert "$270 a month at Acme" in said
    assert "not sourced yet" in said
    assert main(["recommend", "--preset", "reference_page", "--max-monthly-cost", "180"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Nothing fits by what is sourced." in said
    assert (
        "One at Acme: $270 a month. Monthly cost: at most $180 a month is required; here it is $270, off by a factor of 1.5."
        in said
    )
    assert main(["recommend", "--capability", "reasoning"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Capability: reasoning is required; that is not sourced yet." in said


@pytest.mark.parametrize(
    ("_case", "more"),
    [
        ("an unknown capability", ["--capability", "flying"]),
        ("half a floor", ["--benchmark", "quiz"]),
        ("a row without a scale", ["--weight", "best-for=1"]),
        ("a weight that is no number", ["--weight", "max-output=much"]),
    ],
)
def test_a_wrong_call(capsys: pytest.CaptureFixture[str], _case: str, more: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["recommend", *more])
    assert stopped.value.code == 2
    assert "usage: llmref recommend" in capsys.readouterr().err


def test_what_the_api_refuses(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", "--min-context", "0"]) == 1
    assert capsys.readouterr().err == "`min_context` must be above 0; leave it out.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["models", "--lab", "amce"], "No lab is called 'amce'. Spelled alike: acme."),
        (["models", "--provider", "hots"], "No provider is called 'hots'. Spelled alike: host."),
        (["recommend", "--benchmark", "quizz=3"], "No benchmark is called 'quizz'. Spelled alike: quiz."),
        (["recommend", "--weight", "release-date=1", "--weight", "release-date=2"], "RELEASE_DATE more than once"),
    ],
)
def test_what_nobody_has_is_told_and_fails(
    url: str, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(arguments) == 1
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
