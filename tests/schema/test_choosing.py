"""Recommendations over the schema: statements, pages that hold for one state of the catalogue, refused questions."""

import json
from base64 import urlsafe_b64decode
from datetime import date
from typing import Any

import pytest

from schema.paging import cursor
from tests.asking import Asked

pytestmark = pytest.mark.asyncio
_ALL = "{ recommend(workload: {preset: REFERENCE_PAGE}, requirements: {tasks: []}, of: ROUTES) "


@pytest.mark.parametrize(
    ("_case", "text", "statements"),
    [
        ("counts", "{ recommend { fitCount unsourcedCount nearMissCount leftOut revision } }", 5),
        ("two questions", '{ a: recommend { fitCount } b: recommend(of: ROUTES) { fitCount } }', 5),
        ("one question twice", '{ a: recommend { fitCount } b: recommend { nearMissCount } }', 5),
        ("why, with the facts", "{ recommend { fits { nodes { model { name lab { name } } route { key provider { name } } reasons { used { of field } } } } } }", 5),
        ("and their evidence", "{ recommend { fits(first: 5) { nodes { reasons { used { evidence { source } } } } } } }", 6),
        ("prices of the routes", "{ recommend { fits { nodes { route { prices { outputMtok } } } } nearMisses { route { prices { above } } } } }", 6),
        ("a front", '{ recommend { paretoFront { members { candidate { model { slug } } dominatedBy { rank } } } } }', 5),
    ],
)  # fmt: skip
async def test_exact_statements(ask: Asked, _case: str, text: str, statements: int) -> None:
    assert "errors" not in await ask(text)
    assert len(ask.statements) == statements


async def test_an_answer(ask: Asked) -> None:
    found = (
        await ask(
            """{ recommend(workload: {preset: REFERENCE_PAGE}, requirements: {capabilities: [VISION], maxMonthlyCost: "300"}) {
              fitCount leftOut rule { id } workload { name }
              fits { totalCount nodes { rank score atBest monthlyCost display sentence model { slug } route { key }
                unmet { sentence } requirements { constraint state used { kind of field } } reasons { signal points used { of } } } }
              paretoFront { measured leftOut members { value candidate { model { slug } } } } } }"""
        )
    )["data"]["recommend"]
    (one,) = found["fits"]["nodes"]
    assert (found["fitCount"], found["fits"]["totalCount"], found["rule"]["id"]) == (1, 1, "recommend.rank")
    assert (one["rank"], one["monthlyCost"], one["display"], one["model"]["slug"]) == (1, "270", "$270", "one")
    assert one["sentence"] == f"One at Acme: $270 a month, {round(float(one['score']))} of 100 points."
    assert float(one["score"]) < float(one["atBest"])
    assert [(each["constraint"], each["state"]) for each in one["requirements"]] == [
        ("TASK", "MET"), ("CAPABILITY", "MET"), ("MONTHLY_COST", "MET")
    ]  # fmt: skip
    assert one["requirements"][1]["used"] == [{"kind": "model", "of": "one", "field": "capability.VISION"}]
    assert found["paretoFront"]["members"] == [{"value": "1", "candidate": {"model": {"slug": "one"}}}]


async def test_what_does_not_fit_says_why(ask: Asked) -> None:
    found = (
        await ask(
            _ALL.replace("tasks: []", "tasks: [], capabilities: [VISION, REASONING]")
            + "{ unsourced { sentence route { key } unmet { sentence } rank score reasons { points } } leftOut } }"
        )
    )["data"]["recommend"]
    assert [each["route"]["key"] for each in found["unsourced"]] == ["acme/one", "host/one"]
    assert [[check["sentence"] for check in each["unmet"]] for each in found["unsourced"]] == [
        ["Capability: reasoning is required; that is not sourced yet."],
        [
            "Capability: reasoning is required; that is not sourced yet.",
            "Price: a cost at this workload is required; that is not sourced yet (no complete token price).",
        ],
    ]
    assert found["unsourced"][0]["rank"] is found["unsourced"][0]["score"] is None
    assert found["leftOut"] == 1  # the free one misses a price, and nobody states its reasoning


async def test_pages_hold_for_one_day_and_one_state(ask: Asked) -> None:
    text = "query ($after: String, $own: Decimal) { recommend(requirements: {maxMonthlyCost: $own}) { fits(first: 1, after: $after) { nodes { rank } pageInfo { endCursor hasNextPage hasPreviousPage } } } }"
    page = (await ask(text))["data"]["recommend"]["fits"]
    after = page["pageInfo"]["endCursor"]
    assert page["pageInfo"] == {"endCursor": after, "hasNextPage": False, "hasPreviousPage": False}
    assert (await ask(text, after=after))["data"]["recommend"]["fits"]["nodes"] == []

    async def code(today: date = date(2026, 7, 1), **given: Any) -> str:
        found = await ask(text, today=today, **given)
        return str(found["errors"][0]["extensions"]["code"])

    assert await code(after=after, today=date(2026, 7, 2)) == "CURSOR_EXPIRED"
    order, name, _ = json.loads(urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    for place in ("-5", "-1", "+0", " 0", "1", "٠"):  # no place, or one that is no cursor of ours
        assert await code(after=cursor(order, (name, place))) == "BAD_CURSOR"
    assert await code(after=after, own="1000") == "BAD_CURSOR"
    assert await code(after="nonsense") == "BAD_CURSOR"
    assert await code(after=cursor("RANKING", ("7/2026-07-01/" + "0" * 12, "0"))) == "BAD_CURSOR"


@pytest.mark.parametrize(
    ("_case", "arguments", "code", "words"),
    [
        ("a floor of nothing", "requirements: {minContext: 0}", "BAD_USER_INPUT", "`min_context` must be above 0"),
        ("empty lists", "requirements: {labs: [], notLabs: [], licenses: []}", None, ""),
        ("a row without a scale", "weights: [{signal: BEST_FOR, weight: 1}]", "BAD_USER_INPUT", "has no scale"),
        ("a heavy weight", "weights: [{signal: MONTHLY_COST, weight: 1001}]", "BAD_USER_INPUT", "between 0 and 1,000"),
        ("no requests", "workload: {requests: []}", "BAD_USER_INPUT", "1 to 20 request classes"),
    ],
)
async def test_questions_that_are_refused(ask: Asked, _case: str, arguments: str, code: str | None, words: str) -> None:
    found = await ask(f"{{ recommend({arguments}) {{ fitCount }} }}")
    if code is None:
        assert "errors" not in found
        return
    assert found["errors"][0]["extensions"]["code"] == code
    assert words in found["errors"][0]["message"]
    assert ask.statements == []
