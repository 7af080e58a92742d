"""`llmref compare`, `models`, `resolve`, `export-schema`: pages for people, JSON for programs, a word where it fails."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from api import page, reading
from api.__main__ import main
from api.operations import document
from db.engine import write_engine
from domain.rules import RULES_VERSION
from ingest.run import ingest
from schema import comparison as schema_comparison
from schema import paging
from tests.asking import TODAY, asking
from tests.ingest import small

EMPTY = "The catalogue is empty; run `llmref ingest` first.\n"
UNKNOWN = (
    "No model is known as 'three', or several are. `resolve(ref:)` says what it may mean; "
    "`models(where: {text:})` searches.\n"
)


class Fixed(datetime):
    """A clock that stands still on the day of the made-up catalogue."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Fixed":
        return cls(TODAY.year, TODAY.month, TODAY.day, tzinfo=tz or UTC)


@pytest.fixture(scope="module")
def ingested(new_database: Callable[[], str]) -> str:
    """Two sources that disagree about a price, neither a copy of the other."""
    url = new_database()
    price = {"input_cost_per_token": "0.000002", "output_cost_per_token": "0.000004"}
    litellm = {"host/bolt-2": {"litellm_provider": "host", "mode": "chat", **price}}

    async def fill() -> None:
        engine = write_engine(url)
        await ingest(
            engine,
            documents=[
                small.document(routes={**small.ROUTES, "host/bolt-2": 1}),
                small.of("litellm", json.dumps(litellm).encode()),
            ],
            now=small.day(2),
        )
        await engine.dispose()

    asyncio.run(fill())
    return url


@pytest.fixture
def url(filled: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", filled)
    monkeypatch.setattr(reading, "datetime", Fixed)
    return filled


def answered(url: str, text: str, **variables: Any) -> dict[str, Any]:
    """The answer over any other way."""

    async def ask() -> dict[str, Any]:
        async with asking(url) as asked:
            return await asked(text, **variables)

    return asyncio.run(ask())


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def table(said: str) -> list[list[str]]:
    """The cells of the only table, without its head."""
    lines = said.splitlines()
    [rule] = [number for number, line in enumerate(lines) if "───" in line]
    return [cells(line) for line in takewhile(str.strip, lines[rule + 1 :])]


@pytest.mark.parametrize(
    ("_case", "more", "asked"),
    [
        ("as it is", [], {"workload": {"preset": "CHAT"}, "lens": None}),
        ("a preset", ["--preset", "rag"], {"workload": {"preset": "RAG"}, "lens": None}),
    ],
)
def test_a_comparison_as_json_is_the_answer_of_the_api(
    url: str, capsys: pytest.CaptureFixture[str], _case: str, more: list[str], asked: dict[str, Any]
) -> None:
    assert main(["compare", "ACME/one", "two", "--json", *more]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert found == answered(url, document("Compare"), models=["ACME/one", "two"], **asked)
    assert [model["slug"] for model in found["data"]["comparison"]["models"]] == ["one", "two"]
    assert said.err == ""


def test_names_are_taken_as_people_type_them() -> None:
    assert [reading.spelled(typed) for typed in ("agentic-coding", "Agentic_Coding", "rag")] == [
        *("AGENTIC_CODING", "AGENTIC_CODING", "RAG")
    ]


def test_a_lens_counts_one_source_only(
    ingested: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", ingested)
    prices = []
    for more in ([], ["--source", "models.dev"], ["--source", "litellm", "--source", "models.dev"]):
        assert main(["compare", "bolt-2", "volt-1", *more]) == 0
        prices += [row for row in map(cells, capsys.readouterr().out.splitlines()) if row[:1] == ["Input price"]]
    assert [row[1] for row in prices] == ["$1.00/1M tokens *", "$1.00/1M tokens", "$1.00/1M tokens *"]


def test_a_comparison_as_a_page(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    variables = {"models": ["one", "two"], "workload": {"preset": "CHAT"}}
    expected = answered(url, document("Compare"), **variables)["data"]["comparison"]
    assert main(["compare", "one", "two"]) == 0
    said = capsys.readouterr().out
    lines = [line.strip() for line in said.splitlines()]
    headings = [
        *("One vs Two", "Verdict", "What would change the answer", "Scorecard", "Why One"),
        *("Monthly cost", "One → Two: LOW, 16 of 100", "Two → One: LOW, 4 of 100", "Specs", "Pricing and availability"),
        *("Capabilities", "Benchmarks", "Deep dive", "Questions", "Continue comparing", "Sources"),
    ]
    assert [line for line in lines if line in headings] == headings
    assert expected["verdict"]["sentence"] in " ".join(lines)  # it takes two of them
    assert expected["verdict"]["robustness"]["sentence"] in lines
    assert {f"• {each['sentence']}" for each in expected["verdict"]["robustness"]["byKind"]} <= set(lines)
    assert all(line == line.rstrip() for line in said.splitlines())
    assert {flip["changed"] for flip in expected["flips"]} == {None}
    assert "• No weight of Provider routes or Evidence coverage changes the verdict." in lines
    stripped = [cells(line) for line in lines]
    assert ["Context window", "256k", "not sourced yet"] in stripped
    assert ["Provider routes", "2 tracked", "0 tracked", "One"] in stripped
    assert ["One", "$203", "acme/one"] in stripped
    assert ["Two", "unavailable", "No live route of Two is tracked."] in stripped
    assert lines[-1] == f"Last reviewed: not yet. Catalogue revision 1, rules version {RULES_VERSION}."


def test_weights_and_unknowns_that_lead_to_one_outcome_are_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """And what is stated of a capability is yes or no, not a word of a programming language."""
    labels = {"CONTEXT_WINDOW": "Context window", "MAX_OUTPUT": "Max output", "RELEASE_DATE": "Release date"}
    ada: list[dict[str, str]] = [{"name": "Ada"}]
    found = [
        {"signal": signal, "current": "1", "changed": changed, "after": after, "sentence": "each by itself"}
        for signal, changed, after in (
            *(("CONTEXT_WINDOW", "2", ada), ("MAX_OUTPUT", "0", ada)),
            *(("RELEASE_DATE", "5", []), ("RELEASE_DATE", None, ada)),
            *(("FRESHNESS", "24", []), ("KNOWLEDGE_CUTOFF", "26", [])),
        )
    ]
    assert list(page._flips(found, labels, labels)) == [
        "Ada would win if one row weighed otherwise: Context window 2 instead of 1 or Max output 0 instead of 1.",
        "Nobody would win if one row weighed otherwise: Release date 5 instead of 1.",
        "If a row that nobody leads weighed 23 more, nobody would win.",
        "No weight of Release date changes the verdict.",
    ]
    bee = {"name": "Bee"}
    unknowns = [
        {"model": {"name": "Ada"}, "needed": "its license sourced", "after": {"name": "Ada"}},
        {"model": {"name": "Ada"}, "needed": "vision confirmed", "after": {"name": "Ada"}},
        {"model": {"name": "Ada"}, "needed": "vision ruled out", "after": bee},
        {"model": bee, "needed": "a release on 2026-01-01 or earlier", "after": None},
    ]
    firm = {"robustness": {"sentence": "It stays.", "byKind": []}, "decisiveUnknowns": unknowns}
    page._firmness(page.Page(), firm)
    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == [
        *("It stays.", "What is not sourced yet and could turn it:"),
        "• Ada: with its license sourced or vision confirmed, it would be the safer pick.",
        "• Ada: with vision ruled out, Bee would be the safer pick.",
        "• Bee: with a release on 2026-01-01 or earlier, nobody would be the safer pick.",
    ]
    dissenting = [{"value": False, "source": {"key": "b"}}]
    said = {
        "of": "ada",
        "field": "capability.VISION",
        "value": True,
        "source": "a",
        "dissenting": dissenting,
        "dissentingCount": 1,
    }
    assert page._dispute(said) == "ada capability.VISION: yes by a; b states no"


def test_a_disputed_amount_is_marked_and_told(
    ingested: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", ingested)
    assert main(["compare", "bolt-2", "volt-1"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line.startswith("* host/")] == [
        "* host/bolt-2 price.STANDARD.0.input: 1 by models.dev; litellm states 2",
        "* host/bolt-2 price.STANDARD.0.output: 2 by models.dev; litellm states 4",
    ]
    rows = [cells(line) for line in lines]
    for row in (
        ["Cheapest input", "$1.00/1M tokens *", "$5.00/1M tokens", "Bolt 2"],
        ["Monthly cost", "$1,140 *", "$5,700", "Bolt 2"],
        ["Bolt 2", "$1,140 *", "host/bolt-2"],
        ["Input price", "$1.00/1M tokens *", "$5.00/1M tokens"],
        ["Cheapest route", "Host ($1,140 a month) *", "Other ($5,700 a month)"],
    ):
        assert row in rows
    assert "• Each where it is cheapest, Volt 1 costs $4,560 more a month than Bolt 2." in lines
    assert lines.count("* sources disagree; who says what stands under Pricing and availability") == 2


def test_models_as_a_page(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--order", "name"]) == 0
    said = capsys.readouterr().out
    nothing = "not sourced yet"
    assert table(said) == [
        ["one", "One", "Acme", "256,000", "open source", "0", nothing],
        ["two", "Two", nothing, nothing, "unknown", "0", nothing],
    ]
    assert said.splitlines()[-1].strip() == "2 of 2"
    assert main(["models", "--order", "name", "--first", "1"]) == 0
    said = capsys.readouterr().out
    assert ([row[0] for row in table(said)], said.splitlines()[-1].strip()) == (["one"], "1 of 2")


@pytest.mark.parametrize(
    ("_case", "arguments", "where", "slugs"),
    [
        ("all", [], {}, ["one", "two"]),
        ("a word", ["tow"], {"text": "tow"}, []),
        ("a word of one", ["ONE"], {"text": "ONE"}, ["one"]),
        ("a lab", ["--lab", "acme"], {"labs": ["acme"]}, ["one"]),
        ("a capability", ["--capability", "vision"], {"capabilities": ["VISION"]}, ["one"]),
        ("one it has not", ["--capability", "batch"], {"capabilities": ["BATCH"]}, []),
        (
            "two capabilities",
            ["--capability", "vision", "--capability", "tool-use"],
            {"capabilities": ["VISION", "TOOL_USE"]},
            [],
        ),
        ("a large context", ["--min-context", "256000"], {"minContext": 256000}, ["one"]),
        ("a larger context", ["--min-context", "256001"], {"minContext": 256001}, []),
        ("a price", ["--max-output-price", "0.6"], {"maxOutputPrice": "0.6"}, []),
        ("a provider", ["--provider", "host"], {"providers": ["host"]}, []),
        ("a licence", ["--license", "mit"], {"licenses": ["mit"]}, ["one"]),
        ("openness", ["--openness", "open-source"], {"openness": ["OPEN_SOURCE"]}, ["one"]),
    ],
)
def test_models_by_their_facts(
    url: str,
    capsys: pytest.CaptureFixture[str],
    _case: str,
    arguments: list[str],
    where: dict[str, Any],
    slugs: list[str],
) -> None:
    assert main(["models", *arguments, "--order", "name", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["data"]["models"]
    assert ([each["slug"] for each in found["nodes"]], found["totalCount"]) == (slugs, len(slugs))
    text = "query ($where: ModelFilter) { models(where: $where, order: NAME) { nodes { slug } } }"
    assert answered(url, text, where=where)["data"]["models"]["nodes"] == [{"slug": slug} for slug in slugs]


def test_models_with_their_prices(
    ingested: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", ingested)
    assert main(["models", "--order", "cheapest-output", "--provider", "other"]) == 0
    assert table(capsys.readouterr().out) == [
        ["bolt-2", "Bolt 2", "not sourced yet", "256,000", "open weights", "2", "2 at Host"],
        ["volt-1", "Volt 1", "not sourced yet", "256,000", "open weights", "1", "10 at Other"],
    ]
    assert main(["resolve", "bolt-2"]) == 0
    assert capsys.readouterr().out.startswith("bolt-2 is bolt-2 (Bolt 2).")


@pytest.mark.parametrize(
    ("_case", "ref", "said"),
    [
        ("a spelling", "acme/ONE", ["acme/ONE is one (One).", "one: Acme/One, EXACT (1). an id"]),
        (
            "several",
            "both",
            ["both is not known as one model.", "one: both, NAME (0.5). a name", "two: both, NAME (0.5). a name"],
        ),
        (
            "the better one",
            "mostly",
            ["mostly is two (Two).", "two: mostly, EXACT (1). an id", "one: mostly, NAME (0.5). a name"],
        ),
        ("spelled alike", "onee", ["onee is not known as one model.", "Spelled alike: one"]),
        ("nothing like it", "zzz", ["zzz is not known as one model."]),
    ],
)
def test_a_spelling(url: str, capsys: pytest.CaptureFixture[str], _case: str, ref: str, said: list[str]) -> None:
    assert main(["resolve", ref]) == 0
    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == said
    assert main(["resolve", ref, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["data"]["resolve"]
    assert found["ref"] == ref
    assert (found["model"] is None) is ("not known" in said[0])
    assert len(found["candidates"]) + bool(found["suggestions"]) == len(said) - 1


@pytest.mark.parametrize(
    ("_case", "arguments", "word"),
    [
        ("an unknown model", ["compare", "one", "three"], UNKNOWN),
        (
            "an unknown source",
            ["compare", "one", "two", "--source", "x"],
            "No source is called x; there are made-up.\n",
        ),
        ("an empty spelling", ["resolve", " "], "A ref has 1 to 200 characters.\n"),
    ],
)
def test_what_cannot_be_answered_is_told(
    url: str, capsys: pytest.CaptureFixture[str], _case: str, arguments: list[str], word: str
) -> None:
    assert main(arguments) == 1
    assert tuple(capsys.readouterr()) == ("", word)
    assert main([*arguments, "--json"]) == 1
    said = capsys.readouterr()
    assert said.err == word
    assert [error["message"] + "\n" for error in json.loads(said.out)["errors"]] == [word]


@pytest.mark.parametrize(
    ("_case", "arguments", "word"),
    [
        ("no capability", ["models", "--capability", "nope"], "--capability: 'nope' is not one of vision, multimodal, "),
        ("no openness", ["models", "--openness", "unknown"], "--openness: 'unknown' is not one of open-source, "),
        ("no order", ["models", "--order", "best"], "--order: 'best' is not one of relevance, newest, name, "),
        ("no price", ["models", "--max-output-price", "abc"], "--max-output-price: 'abc' is not an amount of 0 USD or more"),
        ("a price below zero", ["models", "--max-output-price=-1"], "--max-output-price: '-1' is not an amount of 0 USD or more"),
        ("no number", ["models", "--max-output-price", "nan"], "--max-output-price: 'nan' is not an amount of 0 USD or more"),
        ("tokens below zero", ["models", "--min-context=-1"], "--min-context: '-1' is not a whole number of tokens from 0 to 2,147,483,647"),
        ("too many tokens", ["models", "--min-context", "2147483648"], "--min-context: '2147483648' is not a whole number of tokens"),
        ("too many models", ["models", "--first", "101"], "--first: '101' is not a whole number from 0 to 100"),
        ("one model to compare", ["compare", "one"], "MODEL: give 2 to 10 models, not 1"),
        ("eleven models to compare", ["compare", *map(str, range(11))], "MODEL: give 2 to 10 models, not 11"),
    ],
)  # fmt: skip
def test_a_wrong_call_names_the_flag_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], _case: str, arguments: list[str], word: str
) -> None:
    """Before any database is asked."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert word in capsys.readouterr().err


def test_the_limits_of_the_command_line_are_those_of_the_schema() -> None:
    assert (reading.MOST, reading.MOST_COMPARED) == (paging.MOST, schema_comparison.MOST)


@pytest.mark.parametrize(
    ("_case", "tables", "arguments"),
    [
        pytest.param("models to compare", True, ["compare", "one", "two"]),
        ("models", True, ["models"]),
        ("a spelling", True, ["resolve", "one"]),
        ("no tables to compare in", False, ["compare", "one", "two"]),
        ("no tables of models", False, ["models"]),
        ("no tables of spellings", False, ["resolve", "one"]),
    ],
)
def test_an_empty_catalogue_is_told(
    new_database: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    _case: str,
    tables: bool,
    arguments: list[str],
) -> None:
    url = make_url(new_database())
    monkeypatch.setenv("DATABASE_URL", (url if tables else url.set(database="postgres")).render_as_string())
    assert main(arguments) == 1
    assert tuple(capsys.readouterr()) == ("", EMPTY)
    assert main([*arguments, "--json"]) == 1
    said = capsys.readouterr()
    assert (json.loads(said.out), said.err) == ({"errors": [{"message": EMPTY.strip()}]}, EMPTY)


def test_the_exported_schema_is_the_committed_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")  # it is not asked
    assert main(["export-schema"]) == 0
    assert tuple(capsys.readouterr()) == ((Path(__file__).parents[2] / "schema.graphql").read_text(), "")
