"""The published operations on the default catalogue: their answers, and how many statements each costs."""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from graphql.execution.values import get_variable_values

from schema.answer import CORE, prepare
from schema.points import MAX_POINTS, Points
from tests.asking import Asked, objects_of
from tests.catalogue import DAY

pytestmark = [pytest.mark.asyncio, pytest.mark.xdist_group("default catalogue")]

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
OPERATIONS = {path.stem: path.read_text() for path in sorted((ROOT / "operations").glob("*.graphql"))}
COMPARE = OPERATIONS["1-compare"]
PAIR = ["Mistral Small 4", "Xiaomi MiMo-V2.5-TTS-Series"]
PAGE = {"models": PAIR, "workload": {"preset": "REFERENCE_PAGE"}, "lens": {"sources": ["reference-page"]}}


@pytest.mark.parametrize(
    ("name", "statements"),
    [
        ("1-compare", 9),
        ("2-cheapest-route", 3),
        ("3-find", 1),
        ("4-evidence", 5),
        ("5-disputes", 3),
        ("6-retirements", 8),
        ("7-price-changes", 4),
        ("8-switch-plan", 5),
        ("9-recommend", 5),
    ],
)
async def test_each_operation_answers_with_so_many_statements(ask_default: Asked, name: str, statements: int) -> None:
    found = await ask_default(OPERATIONS[name], today=DAY.date())
    assert "errors" not in found
    assert len(ask_default.statements) == statements


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("models", [2, 10])
async def test_an_answer_has_no_more_objects_than_were_estimated(ask_default: Asked, name: str, models: int) -> None:
    given: dict[str, Any] = {}
    if name == "1-compare":
        given["models"] = [each["slug"] for each in await _slugs(ask_default, models)]
    found = await ask_default(OPERATIONS[name], today=DAY.date(), **given)
    assert 0 < objects_of(found["data"]) <= _estimated(OPERATIONS[name], given) <= MAX_POINTS


def _estimated(text: str, given: dict[str, Any]) -> int:
    prepared = prepare(text)
    (operation,) = prepared.operations
    variables = get_variable_values(CORE, operation.variable_definitions or (), given)
    assert not isinstance(variables, list)
    return Points(CORE, prepared.fragments or {}, variables).of(operation)


async def test_all_operations_are_counted() -> None:
    assert list(OPERATIONS) == [
        "1-compare",
        "2-cheapest-route",
        "3-find",
        "4-evidence",
        "5-disputes",
        "6-retirements",
        "7-price-changes",
        "8-switch-plan",
        "9-recommend",
    ]


async def test_thirty_models_cost_the_statements_of_one(ask_default: Asked) -> None:
    text = """query ($first: Int) { models(first: $first) { nodes { name lab { models(first: 2) { nodes { slug } } }
      routes(first: 3) { nodes { key prices { outputMtok } priceHistory { validFrom } disputes { field } } }
      results { score } bestFor { tag } monthlyCost { ... on MonthlyCost { total } } evidence(field: CONTEXT_WINDOW) { value } } } }"""
    counts = []
    for first in (1, 30):
        found = await ask_default(text, first=first)
        assert len(found["data"]["models"]["nodes"]) == first
        counts.append(len(ask_default.statements))
    assert counts == [10, 10]


async def test_ten_models_compare_with_the_statements_of_two(ask_default: Asked) -> None:
    slugs = [each["slug"] for each in await _slugs(ask_default, 10)]
    counts = []
    for models in (slugs[:2], slugs):
        found = await ask_default(COMPARE, models=models)
        assert "errors" not in found
        counts.append(len(ask_default.statements))
    assert counts == [9, 9]


async def _slugs(ask: Asked, number: int) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    after = None
    while len(found) < number:
        page = (
            await ask(
                "query ($after: String) { models(first: 100, after: $after) { nodes { slug } pageInfo { endCursor } } }",
                after=after,
            )
        )["data"]["models"]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
    return found[:number]


async def test_any_of_a_thousand_models_can_be_compared(ask_default: Asked) -> None:
    """Ten at a time, and every section but those that only repeat others."""
    text = """query ($models: [String!]!) { comparison(models: $models) { comparability { level } verdict { sentence }
      scorecard { signals { cells { display } } } tradeoffs { reasons { sentence } } specs { cells { display } }
      pricing { rows { cells { display } } } capabilities { cells { state } } benchmarks { sentence } intro { text }
      switchFriction { level steps } costDeltas { __typename } faq { answer } deepDive { text } } }"""
    slugs = [each["slug"] for each in await _slugs(ask_default, 1000)]
    assert len(set(slugs)) == 1000
    for start in range(0, 1000, 10):
        found = await ask_default(text, models=slugs[start : start + 10])
        assert "errors" not in found, found["errors"][:1]
        cells = [row["cells"] for row in found["data"]["comparison"]["specs"]]
        assert all(len(row) == 10 and all(cell["display"] for cell in row) for row in cells)


@pytest.mark.parametrize(("name", "variables"), [("page", PAGE), ("default", {**PAGE, "lens": None})])
async def test_the_comparison_of_the_reference_page_is_golden(
    ask_default: Asked, name: str, variables: dict[str, Any]
) -> None:
    """Run with GOLDEN=write to accept a change, and read the difference."""
    found = await ask_default(COMPARE, today=DAY.date(), **variables)
    assert "errors" not in found
    path = GOLDEN / f"compare.{name}.json"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(json.dumps(found["data"], indent=1, ensure_ascii=False) + "\n")
    assert found["data"] == json.loads(path.read_text())


async def test_a_fact_says_whether_a_document_states_it_or_a_rule_derives_it(ask_default: Asked) -> None:
    """A kind that no rule can know has a reference; the others name the rule and no source; a label of ours has no evidence."""
    text = """
      fragment Why on Evidence { source value rule { id } agreeing { referenceUrl asWritten } }
      query Kinds($slug: String!) {
        provider(slug: $slug) { name kind group kinds: evidence(field: KIND) { ...Why } groups: evidence(field: GROUP) { ...Why } }
        labs(first: 100) { nodes { slug name names: evidence(field: NAME) { source of agreeing { referenceUrl } } } }
      }
    """
    found = {
        slug: (await ask_default(text, today=DAY.date(), slug=slug))["data"]
        for slug in ("scaleway", "groq", "xiaomi-token-plan-cn")
    }
    stated = found["scaleway"]["provider"]
    assert (stated["kind"], stated["group"], stated["groups"]) == ("CLOUD", None, None)
    assert stated["kinds"]["source"] == "curated"
    assert [each["asWritten"].startswith("Scaleway is a European cloud") for each in stated["kinds"]["agreeing"]] == [
        True
    ]
    derived: dict[str, Any] = {"source": None, "rule": {"id": "provider.kind"}, "agreeing": []}
    assert found["groq"]["provider"]["kinds"] == {"value": "HOST", **derived}
    plan = found["xiaomi-token-plan-cn"]["provider"]
    assert plan["kinds"] == {"value": "PLAN", **derived}
    assert plan["groups"] == {"value": "xiaomi", **derived, "rule": {"id": "provider.group"}}
    labs = {lab["slug"]: lab for lab in found["groq"]["labs"]["nodes"]}
    assert labs["openai"]["names"]["source"] == "curated"
    assert labs["openai"]["names"]["of"] == "openai"
    assert [each["referenceUrl"].startswith("https://") for each in labs["openai"]["names"]["agreeing"]] == [True]
    assert (labs["alibaba"]["name"], labs["alibaba"]["names"]) == ("Alibaba (Qwen)", None)


async def test_through_the_lens_of_the_page_are_the_facts_of_the_page(ask_default: Asked) -> None:
    """Fact by fact, as read on the reference page, reviewed 2026-05-26; what its own rows contradict is left to our rules."""
    found = (await ask_default(COMPARE, today=DAY.date(), **PAGE))["data"]["comparison"]
    assert [model["name"] for model in found["models"]] == PAIR
    assert [model["lab"]["name"] for model in found["models"]] == ["Mistral AI", "Xiaomi"]
    signals = {row["key"]: [cell["display"] for cell in row["cells"]] for row in found["scorecard"]["signals"]}
    assert signals["BEST_FOR"] == [
        "multimodal apps, tool-calling agents, and provider-routed production",
        "multimodal apps",
    ]
    # Vision is added for the one that has it, and left out for the one whose own row says No.
    assert signals["DECISION_FIT"] == ["RAG, Agents, Long context, and Vision", "none by the known facts"]
    assert signals["CONTEXT_WINDOW"] == ["256k", "not sourced yet"]
    assert signals["CHEAPEST_OUTPUT"] == ["$0.60/1M tokens", "not sourced yet"]
    assert signals["PROVIDER_ROUTES"] == ["3 tracked", "1 tracked"]
    assert signals["SHARED_BENCHMARKS"] == ["0 rows", "0 rows"]
    known, unknown = found["monthlyCosts"]
    assert (known["display"], known["cheapest"][0]["route"]["provider"]["name"]) == ("$270", "OpenRouter")
    assert len(known["cheapest"]) == 1
    assert unknown["reason"] == "NO_COMPLETE_TOKEN_PRICE"
    assert [delta["reason"] for delta in found["costDeltas"]] == ["COST_UNAVAILABLE"]
    specs = {row["key"]: [cell["display"] for cell in row["cells"]] for row in found["specs"]}
    assert list(specs.values())[:8] == [
        ["2026-03-16", "2026-04-23"],
        ["256k", "not sourced yet"],
        ["119B (6.5B active)", "not sourced yet"],
        ["Mixture of experts", "not sourced yet"],
        ["Apache 2.0 (OSI)", "Proprietary"],
        ["Open source", "Proprietary"],
        ["Commercial use allowed", "Commercial use with conditions"],
        ["2025-06", "not sourced yet"],
    ]
    prices = {row["key"]: [cell["display"] for cell in row["cells"]] for row in found["pricing"]["rows"]}
    assert list(prices.values())[:2] == [
        ["$0.15/1M tokens", "not sourced yet"],
        ["$0.60/1M tokens", "not sourced yet"],
    ]
    offered = [sorted(each["name"] for each in one["providers"]) for one in found["pricing"]["availability"]]
    assert offered == [["Mistral AI Studio", "NVIDIA NIM", "OpenRouter"], ["Xiaomi"]]
    cells = [[cell["display"] for cell in row["cells"]] for row in found["capabilities"][:10]]
    yes_no, yes_yes, no_no = ["Yes", "No"], ["Yes", "Yes"], ["No", "No"]
    assert cells == [yes_no, yes_yes, no_no, yes_no, yes_no, no_no, no_no, no_no, no_no, no_no]
    there, back = found["switchFriction"]
    assert {"ROUTE_OVERLAP", "CAPABILITY_LOST"} <= {factor["kind"] for factor in there["factors"]}
    assert any(factor["sentence"].endswith("No provider serves both.") for factor in there["factors"])
    assert {"ROUTE_OVERLAP", "CAPABILITY_GAINED"} <= {factor["kind"] for factor in back["factors"]}
    for factors in (there["factors"], back["factors"]):
        changed = next(each["sentence"] for each in factors if each["kind"].startswith("CAPABILITY_"))
        assert all(word in changed for word in ("vision", "function calling", "tool use"))
    reasons, others = ([reason["kind"] for reason in each["reasons"]] for each in found["tradeoffs"])
    assert {"LARGER_CONTEXT", "MORE_PROVIDERS", "UNIQUE_CAPABILITIES", "FIT"} <= set(reasons)
    assert others == ["NEWER"]  # the page's own reason, vision, is what its own row denies
    asked = {each["question"].split(",")[0]: each["answer"] for each in found["faq"]}
    assert "Apache 2.0" in asked[f"Is {PAIR[0]} or {PAIR[1]} open source?"]
    assert all(
        asked[f"Which is better for {each}"].startswith(PAIR[0]) for each in ("vision", "function calling", "tool use")
    )
    assert asked["Which is better for multimodal work"].startswith("Both")
    assert found["benchmarks"]["rows"] == []
    assert found["provenance"]["lastReviewed"] == "2026-05-26"
    assert [source["key"] for source in found["provenance"]["sources"]] == ["reference-page"]


async def test_by_default_all_sources_count_and_their_disputes_are_shown(ask_default: Asked) -> None:
    found = (await ask_default(COMPARE, today=DAY.date(), **{**PAGE, "lens": None}))["data"]["comparison"]
    assert found["comparability"]["level"] == "NOT_COMPARABLE"
    assert found["verdict"]["reason"] == "NOT_COMPARABLE"
    known, _ = found["monthlyCosts"]
    assert known["cheapest"][0]["route"]["key"] != ""
    assert len(found["switchFriction"]) == 2
    assert not any("friction" in each["text"] for each in found["deepDive"]), "what cannot be compared is not moved"
    assert not any("friction" in each["answer"] for each in found["faq"])
    assert {"capability.REASONING", "context_window"} <= {each["field"] for each in found["provenance"]["disputes"]}
    assert len(found["provenance"]["sources"]) > 3


async def test_disputes_across_the_catalogue_come_with_what_costs_money_first(ask_default: Asked) -> None:
    text = """query ($where: DisputeFilter, $after: String, $first: Int) { disputes(where: $where, first: $first, after: $after) {
      totalCount nodes { of kind field value source ratio routeCount dissentingCount model { slug }
        evidence { value source dissentingCount dissenting(first: 1) { value locator } } } pageInfo { endCursor } } }"""
    where = {"minRatio": "1.5", "fields": ["price.STANDARD.0.output", "context_window"]}
    seen: list[tuple[str, str]] = []
    ratios: list[tuple[bool, Decimal]] = []
    after = None
    for _ in range(3):
        page = (await ask_default(text, where=where, first=25, after=after))["data"]["disputes"]
        # The page, its count, models, and what is said of models, of routes or of both.
        assert len(ask_default.statements) == 3 + len({node["kind"] for node in page["nodes"]})
        for node in page["nodes"]:
            seen.append((node["model"]["slug"] if node["model"] else node["of"], node["field"]))
            ratios.append((node["field"].startswith("price."), Decimal(node["ratio"])))
            assert node["routeCount"] >= (node["kind"] == "route")
            assert node["evidence"]["value"] == node["value"]
            assert node["evidence"]["dissentingCount"] == node["dissentingCount"] > 0
            assert node["evidence"]["dissenting"][0]["locator"]
        after = page["pageInfo"]["endCursor"]
    assert len(set(seen)) == 75 <= page["totalCount"]
    assert ratios == sorted(ratios, reverse=True)
    assert min(ratio for _, ratio in ratios) >= Decimal("1.5")


async def test_every_dispute_can_be_reached_and_is_counted_where_only_the_worst_is_shown(ask_default: Asked) -> None:
    text = """query ($where: DisputeFilter) { disputes(where: $where, first: 100) {
      totalCount nodes { of kind field ratio routeCount model { slug } } } }"""
    where = {"fields": ["context_window"], "minRatio": "2"}
    found = (await ask_default(text, where=where))["data"]["disputes"]
    every = (await ask_default(text, where={**where, "every": True}))["data"]["disputes"]
    assert found["totalCount"] == len(found["nodes"]) < every["totalCount"] == len(every["nodes"])
    for node in found["nodes"]:
        if node["model"] is not None:
            alike = [each for each in every["nodes"] if each["model"] == node["model"]]
            assert node in alike
            assert Decimal(node["ratio"]) == max(Decimal(each["ratio"]) for each in alike)
            assert node["routeCount"] == sum(each["kind"] == "route" for each in alike)


async def test_disputes_of_one_model_are_those_of_its_own_page(ask_default: Asked) -> None:
    text = """{ disputes(where: {models: ["mistral-small-4"], ofRoutes: false}, first: 100) { nodes { field source } }
      model(ref: "mistral-small-4") { disputes { field source } } }"""
    found = (await ask_default(text))["data"]
    listed = {(each["field"], each["source"]) for each in found["disputes"]["nodes"]}
    own = {(each["field"], each["source"]) for each in found["model"]["disputes"]}
    assert listed == {each for each in own if each[0] not in ("name", "family")}


async def test_the_calendar_of_announced_shutdowns(ask_default: Asked) -> None:
    text = """{ routes(where: {retiresFrom: "2026-11-25", retiresTo: "2027-06-30"}, order: RETIREMENT, first: 50) {
      nodes { key retiresOn live } } }"""
    nodes = (await ask_default(text))["data"]["routes"]["nodes"]
    days = [node["retiresOn"] for node in nodes]
    assert days
    assert days == sorted(days)
    assert "2026-11-25" <= days[0] <= days[-1] <= "2027-06-30"
    assert all(node["live"] for node in nodes)
