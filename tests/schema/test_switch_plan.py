"""A switch plan over GraphQL: both ends are read at once, a route's key is that route, and a wrong end is a coded error."""

from __future__ import annotations

from typing import Any

import pytest

from domain.facts import ApiShape
from domain.shapes import Concept
from schema.ids import encode
from schema.shapes import SHAPES
from tests.asking import Asked

PLAN = """switchPlan(from: $from, to: $to, workload: $workload, lens: $lens) {
  ... on SwitchPlan { level score notes source { asked route { key } model { slug } total display } target { route { key } }
    steps { kind severity sentence action used { of field } rule { id } } }
  ... on Unavailable { reason message } }"""
PAGE = {"preset": "REFERENCE_PAGE"}
ASKED = f"query ($from: String!, $to: String!, $workload: WorkloadInput, $lens: LensInput) {{ {PLAN} }}"

SPOKEN = "Wire format that is assumed: OpenAI Chat Completions at the source, a format of its own at the target."


async def between(ask: Asked, source: str, target: str, **given: Any) -> dict[str, Any]:
    variables: dict[str, Any] = {"from": source, "to": target, **given}
    return await ask(ASKED, **variables)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "source", "target", "statements"),
    [
        ("two routes of one model", "acme/one", "host/one", 3),
        ("a model and a route", "One", "host/one-free", 6),
        ("two models", "one", "two", 5),
        ("a route to itself", "acme/one", "acme/one", 3),
    ],
)
async def test_exact_statements(ask: Asked, _case: str, source: str, target: str, statements: int) -> None:
    found = await between(ask, source, target)
    assert "errors" not in found
    assert len(ask.statements) == statements


@pytest.mark.asyncio
async def test_a_plan_between_routes(ask: Asked) -> None:
    found = (await between(ask, "acme/one", "host/one", workload=PAGE))["data"]
    plan = found["switchPlan"]
    assert plan["source"] == {
        "asked": "acme/one",
        "route": {"key": "acme/one"},
        "model": {"slug": "one"},
        "total": "270",
        "display": "$270",
    }
    assert [(step["kind"], step["severity"]) for step in plan["steps"]] == [
        ("CREDENTIALS", "HIGH"),
        ("API_SHAPE", "MEDIUM"),
        ("PARAMETERS_UNKNOWN", "LOW"),
        ("DATA_TERMS", "LOW"),
        ("EVIDENCE_GAP", "LOW"),
        ("RETEST", "LOW"),
    ]
    assert plan["notes"] == [SPOKEN]
    assert plan["steps"][0]["used"][0] == {"of": "host", "field": "base_url"}


@pytest.mark.asyncio
async def test_a_model_stands_for_a_route_and_says_which_and_why(ask: Asked) -> None:
    plan = (await between(ask, "one", "host/one", workload=PAGE))["data"]["switchPlan"]
    assert plan["source"]["route"] == {"key": "acme/one"}
    assert plan["notes"] == [
        "One stands for its route acme/one, its lab's own: REFERENCE_PAGE costs $270 a month on it. Name the key of a route to have another one.",
        SPOKEN,
    ]


@pytest.mark.asyncio
async def test_the_same_route_is_an_empty_plan(ask: Asked) -> None:
    plan = (await between(ask, "acme/one", "acme/one"))["data"]["switchPlan"]
    assert (plan["steps"], plan["score"], plan["level"]) == ([], 0, "LOW")


@pytest.mark.asyncio
async def test_ids_name_ends_too(ask: Asked) -> None:
    plan = (await between(ask, encode("Model", "one"), encode("Route", "host/one")))["data"]["switchPlan"]
    assert (plan["source"]["route"]["key"], plan["target"]["route"]["key"]) == ("acme/one", "host/one")


@pytest.mark.asyncio
@pytest.mark.parametrize("to", ["", " ", "x" * 201])
async def test_a_wrong_end_is_told_whatever_is_read_of_a_plan(ask: Asked, to: str) -> None:
    """Neither end was read then, and the facts that its record needs are not looked for."""
    text = 'query ($to: String!) { switchPlan(from: "acme/one", to: $to) { ... on SwitchPlan { record } } }'
    (error,) = (await ask(text, to=to))["errors"]
    assert error["extensions"]["code"] == "BAD_REF"


@pytest.mark.asyncio
async def test_a_model_without_a_route_has_no_plan(ask: Asked) -> None:
    found = await between(ask, "one", "two")
    assert found["data"]["switchPlan"] == {"reason": "NO_LIVE_ROUTE", "message": "No live route of Two is tracked."}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "given", "code"),
    [
        ("nobody knows it", {"to": "three"}, "UNKNOWN_MODEL"),
        ("several are called so", {"to": "both"}, "UNKNOWN_MODEL"),
        ("nothing", {"to": "  "}, "BAD_REF"),
        ("the id of something else", {"to": encode("Lab", "acme")}, "BAD_REF"),
        ("an empty lens", {"to": "one", "lens": {}}, "BAD_USER_INPUT"),
        ("a source that nobody knows", {"to": "one", "lens": {"sources": ["x"]}}, "UNKNOWN_SOURCE"),
    ],
)
async def test_a_wrong_question_is_a_coded_error(ask: Asked, _case: str, given: dict[str, Any], code: str) -> None:
    found = await between(ask, "acme/one", given["to"], **{key: each for key, each in given.items() if key != "to"})
    assert [error["extensions"]["code"] for error in found["errors"]] == [code]


def test_the_table_of_shapes() -> None:
    """Every shape that we name is in it; what is not filled is listed here, and is unknown."""
    empty = {
        (shape.value, concept.value)
        for shape in ApiShape
        if shape not in (ApiShape.OTHER, ApiShape.UNKNOWN)
        for concept in Concept
        if concept not in SHAPES.cells[shape]
    }
    assert empty == {
        ("OPENAI_CHAT", "PROMPT_CACHE"),
        ("OPENAI_RESPONSES", "PROMPT_CACHE"),
        ("BEDROCK", "TOP_K"),
        ("BEDROCK", "SEED"),
    }
