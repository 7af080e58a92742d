"""The calendar of shutdowns and the chains of successors on the default catalogue, as clients ask for them."""

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest

import ingest
from tests.asking import Asked
from tests.catalogue import DAY
from tests.ingest.small import rows

pytestmark = [pytest.mark.asyncio, pytest.mark.xdist_group("default catalogue")]

FILES = sorted((Path(ingest.__file__).parent / "curated" / "lifecycle").glob("*.toml"))
CALENDAR = """query ($from: Date!, $to: Date!, $where: RetirementFilter, $first: Int, $after: String) {
  retirements(from: $from, to: $to, where: $where, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    nodes { date precision kind of status deprecatedOn model { slug } route { key provider { name } }
      successorChain { outcome sentence living { slug } cycle { slug } end { slug } rule { id } used { field of }
        steps { kind spelling status model { slug lifecycle } evidence { source } } }
      evidence { value source of agreeing(first: 1) { asWritten } } } } }"""
PERIOD = {"from": "2024-01-01", "to": "2027-12-31"}


async def page(ask: Asked, **given: Any) -> dict[str, Any]:
    found = await ask(CALENDAR, today=DAY.date(), **{**PERIOD, **given})
    assert "errors" not in found, found["errors"][:1]
    answer: dict[str, Any] = found["data"]["retirements"]
    return answer


@pytest.mark.parametrize(("of_routes", "statements"), [(False, 7), (True, 8)])
async def test_thirty_shutdowns_cost_the_statements_of_one(
    ask_default: Asked, of_routes: bool, statements: int
) -> None:
    """The page, its count, models, successors with the models on the way, and what is said of them; of routes also the routes
    and what is said of those."""
    counts = []
    for first in (1, 30):
        assert len((await page(ask_default, where={"ofRoutes": of_routes}, first=first))["nodes"]) == first
        counts.append(len(ask_default.statements))
    assert counts == [statements, statements]


async def test_the_whole_calendar_page_by_page(ask_default: Asked) -> None:
    seen: list[dict[str, Any]] = []
    after, more = None, True
    while more:
        found = await page(ask_default, first=60, after=after)
        seen += found["nodes"]
        after, more = found["pageInfo"]["endCursor"], found["pageInfo"]["hasNextPage"]
    assert len(seen) == len({(each["kind"], each["of"]) for each in seen}) == found["totalCount"] > 200
    days = [each["date"] for each in seen]
    assert days == sorted(days)
    for each in seen:
        assert (each["route"] is None) is (each["kind"] == "model")
        assert each["of"] == (each["route"]["key"] if each["route"] else each["model"]["slug"])
        assert each["evidence"]["of"] == each["of"]
        come = each["date"] <= DAY.date().isoformat() and each["precision"] != "NOT_BEFORE"
        assert each["status"] == "RETIRED" or not come
        chain = each["successorChain"]
        assert (chain is None) is (each["model"] is None)
        if chain is not None:
            assert (chain["living"] is None) is (chain["outcome"] != "LIVING")
            assert all(step["evidence"]["source"] == "curated" for step in chain["steps"])
    assert {each["precision"] for each in seen} == {"DAY", "NOT_BEFORE"}
    assert {each["successorChain"]["outcome"] for each in seen if each["successorChain"]} >= {
        "LIVING",
        "DEAD_END",
        "UNKNOWN",
    }


@pytest.mark.parametrize(
    ("_case", "given", "code"),
    [
        ("a period that ends before it begins", {"from": "2027-01-01", "to": "2026-12-31"}, "BAD_USER_INPUT"),
        ("an empty name", {"where": {"models": [""], "labs": ["x" * 300]}}, "BAD_USER_INPUT"),
        ("too large a page", {"first": 101}, "BAD_PAGE"),
        ("no cursor", {"after": "here"}, "BAD_CURSOR"),
        ("the cursor of another list", {"after": "WyJSQVRJTyIsICIxLjAiLCAiMSJd"}, "BAD_CURSOR"),
    ],
)
async def test_a_bad_question_is_told(ask_default: Asked, _case: str, given: dict[str, Any], code: str) -> None:
    found = await ask_default(CALENDAR, **{**PERIOD, **given})
    assert [each["extensions"]["code"] for each in found["errors"]] == [code]
    assert ask_default.statements == []


async def test_a_chain_is_told_with_its_documents(ask_default: Asked) -> None:
    """As OpenAI's page has it: gpt-4-32k was to be replaced by gpt-4o, which goes too, and that by gpt-6-luna."""
    text = """{ model(ref: "gpt-4-32k") { lifecycle retiresOn retiresPrecision deprecatedOn deprecatedPrecision successor
      successors { kind spelling status model { slug } evidence { value } }
      successorChain { outcome living { slug } sentence steps { kind model { slug }
        evidence { source agreeing { asWritten referenceUrl readOn } } } } } }"""
    found = (await ask_default(text, today=DAY.date()))["data"]["model"]
    assert (found["lifecycle"], found["retiresOn"], found["retiresPrecision"]) == ("RETIRED", "2025-06-06", "DAY")
    assert (found["deprecatedOn"], found["deprecatedPrecision"], found["successor"]) == ("2024-06-06", "DAY", "gpt-4o")
    assert found["successors"] == [
        {
            **{"kind": "DROP_IN", "spelling": "gpt-4o", "status": "DEPRECATED", "model": {"slug": "gpt-4o"}},
            "evidence": {"value": ["gpt-4o"]},
        }
    ]
    chain = found["successorChain"]
    assert (chain["outcome"], chain["living"]) == ("LIVING", {"slug": "gpt-6-luna"})
    assert chain["sentence"] == "GPT-4 32K is followed by GPT-4o, then GPT-6 Luna, which is in use."
    assert [step["model"]["slug"] for step in chain["steps"]] == ["gpt-4o", "gpt-6-luna"]
    [first, second] = [step["evidence"]["agreeing"][0] for step in chain["steps"]]
    assert (first["asWritten"], first["readOn"]) == ("2025-06-06 | gpt-4-32k | gpt-4o", "2026-11-26")
    assert second["asWritten"].endswith("| gpt-6-luna")
    assert len(ask_default.statements) == 4  # the model, the successors, the models at their ends, what is said


async def test_a_lens_counts_only_successors_of_its_sources(ask_default: Asked) -> None:
    text = """query ($sources: [String!]!) { model(ref: "o1-mini", lens: {sources: $sources}) { successors { spelling }
      successorChain { outcome steps { spelling status } end { slug } } } }"""
    found = (await ask_default(text, today=DAY.date(), sources=["curated"]))["data"]["model"]
    assert found["successors"] == [{"spelling": "o4-mini"}]
    # Our own files say of no model that it is in use but where they had to: what is not said is unknown.
    assert found["successorChain"]["outcome"] == "UNKNOWN"
    assert [step["spelling"] for step in found["successorChain"]["steps"]] == ["o4-mini", "gpt-5.6-terra"]
    found = (await ask_default(text, today=DAY.date(), sources=["rates"]))["data"]["model"]
    assert found["successors"] == found["successorChain"]["steps"] == []


@pytest.mark.parametrize(
    ("_case", "lens", "spellings"),
    [
        ("as known today", {"known": DAY.date().isoformat()}, ["o4-mini"]),
        ("before anybody had recorded anything", {"known": "2026-01-01"}, None),
        ("what is named since a later day", {"valid": "2026-06-01"}, []),
    ],
)
async def test_a_lens_counts_only_successors_of_its_day(
    ask_default: Asked, _case: str, lens: dict[str, str], spellings: list[str] | None
) -> None:
    text = """query ($lens: LensInput!) { model(ref: "o1-mini", lens: $lens) { successors { spelling }
      successorChain { steps { spelling } } } }"""
    found = (await ask_default(text, today=DAY.date(), lens=lens))["data"]["model"]
    assert found is None or [each["spelling"] for each in found["successors"]] == spellings
    assert (found is None) is (spellings is None)
    assert found is None or found["successorChain"]["steps"][:1] == found["successors"][:1]


async def test_what_the_labs_say_is_what_the_catalogue_says(ask_default: Asked) -> None:
    text = """query ($refs: [String!]!) { models(first: 100, where: {text: "claude-opus-4"}) { nodes { slug lifecycle retiresOn
      retiresPrecision } } routes(where: {models: $refs, providers: ["azure"], live: null}) { nodes { key retiresOn } } }"""
    found = (await ask_default(text, today=DAY.date(), refs=["gpt-5.2"]))["data"]
    opus = {each["slug"]: tuple(each.values())[1:] for each in found["models"]["nodes"]}
    assert opus["claude-opus-4-1"] == ("RETIRED", "2026-08-05", "DAY")
    assert opus["claude-opus-4-6"] == ("AVAILABLE", "2027-02-05", "NOT_BEFORE")
    assert {"key": "azure/gpt-5.2", "retiresOn": "2026-12-12"} in found["routes"]["nodes"]


async def test_every_curated_end_is_of_something_that_is_there(default_catalogue: str) -> None:
    """A slug or route that nobody knows would be lost without a word."""
    entries = [tomllib.loads(path.read_text()) for path in FILES]
    slugs = {entry["slug"] for file in entries for entry in file.get("model", ())}
    keys = {f"{entry['provider']}/{entry['id']}" for file in entries for entry in file.get("route", ())}
    assert len(slugs) > 100
    assert len(keys) > 100
    known = await _column(default_catalogue, "select slug from model")
    assert slugs - known == set()
    assert keys - await _column(default_catalogue, "select key from route") == set()
    lost = await _column(default_catalogue, "select spelling from successor where target_id is null")
    assert lost == set()


async def _column(url: str, statement: str) -> set[str]:
    return {row[0] for row in await asyncio.to_thread(rows, url, statement)}
