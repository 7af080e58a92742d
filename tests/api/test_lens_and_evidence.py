"""The default catalogue through lenses, and whether evidence is evidence of what is shown."""

from typing import Any

import pytest

from domain.dates import announced
from tests.asking import Asked
from tests.catalogue import DAY

pytestmark = [pytest.mark.asyncio, pytest.mark.xdist_group("default catalogue")]

TODAY = DAY.date()
_SHOWN = {
    "name": "name",
    "family": "family",
    "task": "task",
    "released": "released",
    "knowledge_cutoff": "knowledgeCutoff",
    "context_window": "contextWindow",
    "max_output": "maxOutput",
    "architecture": "architecture",
    "openness": "openness",
    "commercial_use": "commercialUse",
    "lifecycle": "lifecycle",
    "deprecated_on": "deprecatedOn",
    "retires_on": "retiresOn",
}
_FACTS = "\n".join(
    f"says_{fact}: evidence(field: {fact.upper()}) {{ field value rule {{ id }} }}"
    for fact in (*_SHOWN, "lab", "license")
)


async def test_every_shown_fact_has_evidence_of_that_value(ask_default: Asked) -> None:
    """Of some hundreds of models: what is shown is what the evidence says, or follows from another field."""
    text = f"""query ($after: String) {{ models(first: 20, after: $after, order: NAME) {{ pageInfo {{ endCursor hasNextPage }} nodes {{
      slug lab {{ slug }} license {{ key }} {" ".join(_SHOWN.values())} deprecatedPrecision retiresPrecision
          {_FACTS} }} }} }}"""
    after, seen = None, 0
    for _ in range(12):
        page = (await ask_default(text, today=TODAY, after=after))["data"]["models"]
        for node in page["nodes"]:
            for fact, attribute in _SHOWN.items():
                _agrees(node, fact, node[attribute])
            _agrees(node, "lab", node["lab"] and node["lab"]["slug"])
            _agrees(node, "license", node["license"] and node["license"]["key"])
        seen += len(page["nodes"])
        after = page["pageInfo"]["endCursor"]
    assert seen == 240


def _agrees(node: dict[str, Any], fact: str, shown: Any) -> None:
    """What is shown is the value, or follows from another field; what is not shown is not told to be a value either."""
    told = node[f"says_{fact}"]
    if shown in (None, "UNKNOWN"):
        assert told is None or told["value"] is None or told["field"] != fact, (node["slug"], fact, told)
        return
    assert told is not None, (node["slug"], fact)
    if told["field"] == fact in ("deprecated_on", "retires_on"):  # stated as exactly as it is announced
        day = announced(told["value"])
        assert day is not None
        precision = node[_SHOWN[fact].removesuffix("On") + "Precision"]
        assert (day.day.isoformat(), day.precision) == (shown, precision), (node["slug"], fact)
    elif told["field"] == fact:
        assert str(told["value"]).lower() == str(shown).lower(), (node["slug"], fact)


async def test_what_is_seen_through_a_lens_has_an_id_of_its_own(ask_default: Asked) -> None:
    text = """query ($lens: LensInput) { model(ref: "mistral-small-4", lens: $lens) { id name routes(first: 2) { nodes { id key } }
      monthlyCost(workload: {preset: REFERENCE_PAGE}) { ... on MonthlyCost { id total } } } }"""
    again = """query ($id: ID!) { node(id: $id) { id ... on Model { name routeCount } ... on Route { key live } } }"""
    seen: set[str] = set()
    for lens in (None, {"sources": ["reference-page"]}, {"valid": "2026-10-27"}, {"known": TODAY.isoformat()}):
        model = (await ask_default(text, today=TODAY, lens=lens))["data"]["model"]
        ids = [model["id"], *(route["id"] for route in model["routes"]["nodes"]), model["monthlyCost"]["id"]]
        assert seen.isdisjoint(ids)
        seen.update(ids)
        for id_ in ids[:-1]:
            found = await ask_default(again, today=TODAY, id=id_)
            assert found["data"]["node"]["id"] == id_
    mixed = await ask_default(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
        ids=[each for each in seen if each.startswith("TW9kZWw6")][:2],
    )
    assert {error["extensions"]["code"] for error in mixed["errors"]} == {"LENS_NOT_APPLICABLE"}


async def test_today_through_a_lens_is_the_answer_without_one(ask_default: Asked) -> None:
    """What was accepted at the ingest, and what is accepted anew from the statements that hold today."""
    text = """query ($ref: String!, $lens: LensInput) { model(ref: $ref, lens: $lens) { name contextWindow maxOutput openness lifecycle
      released parametersTotal routeCount providerCount license { key } capabilities { kind presence }
      routes(first: 100) { nodes { key live contextWindow priceBasis prices { mode above inputMtok outputMtok cacheReadMtok suspicious } } } } }"""
    usual = ("mistral-small-4", "gpt-5", "claude-sonnet-4.5", "deepseek-v3.2", "text-embedding-3-large")
    # Routes of which only a name is said, facts that hold at all times, an end that is announced, prices without a first day.
    odd = ("qwen3-32b", "internvl3-2b", "glm-4.7", "sora-2", "claude-opus-4.6")
    for ref in (*usual, *odd):
        answers = []
        for lens in (None, {"known": TODAY.isoformat()}, {"valid": TODAY.isoformat()}):
            model = (await ask_default(text, today=TODAY, ref=ref, lens=lens))["data"]["model"]
            for route in model["routes"]["nodes"]:
                route["prices"].sort(key=lambda price: (price["mode"], price["above"]))
            model["routes"]["nodes"].sort(key=lambda route: route["key"])
            answers.append(model)
        assert ref == "sora-2" or answers[0]["routeCount"] > 0
        assert answers[1] == answers[0], ref
        assert answers[2] == answers[0], ref


async def test_the_price_of_one_route_at_four_dates(ask_default: Asked) -> None:
    """Before the first day that is known there is nothing; then what held, stated or observed."""
    lenses = "\n".join(
        f'd{day.replace("-", "")}: route(key: "deepseek/deepseek-chat", lens: {{valid: "{day}"}}) '
        "{ prices { mode inputMtok outputMtok validFromBasis } }"
        for day in ("2025-01-01", "2025-09-01", "2026-03-01", "2026-10-30")
    )
    found = (await ask_default(f"{{ {lenses} }}", today=TODAY))["data"]
    asked = [each and [tuple(price.values()) for price in each["prices"]] for each in found.values()]
    assert asked == [
        None,
        [("STANDARD", "0.57", "1.68", "OBSERVED"), ("OFF_PEAK", "0.285", "0.84", "OBSERVED")],
        [("STANDARD", "0.28", "0.42", "OBSERVED")],
        [("STANDARD", "0.28", "0.56", "OBSERVED"), ("OFF_PEAK", "0.14", "0.28", "OBSERVED")],
    ]


async def test_a_moving_name_is_the_model_of_the_day(ask_default: Asked) -> None:
    """Route, model, its routes, a spelling and a comparison agree on which model `-latest` was."""
    text = """query ($day: Date!, $ref: String!, $key: String!) {
      route(key: $key, lens: {valid: $day}) { firstParty model { slug routes(first: 100) { nodes { key } } } }
      model(ref: $ref, lens: {valid: $day}) { slug } }"""
    key = "mistral/mistral-large-latest"
    for day, slug in (("2025-07-01", "mistral-large-2411"), (TODAY.isoformat(), "mistral-large-3")):
        found = (await ask_default(text, today=TODAY, day=day, ref="mistral-large-latest", key=key))["data"]
        assert found["route"]["firstParty"]
        assert found["route"]["model"]["slug"] == found["model"]["slug"] == slug
        assert {"key": key} in found["route"]["model"]["routes"]["nodes"]
        text_ = """query ($day: Date!) { comparison(models: ["mistral-large-latest", "gpt-4o"], lens: {valid: $day}) {
          models { slug } monthlyCosts { __typename } } }"""
        compared = (await ask_default(text_, today=TODAY, day=day))["data"]["comparison"]
        assert compared["models"][0]["slug"] == slug
    unknown = await ask_default(text, today=TODAY, day="2025-08-15", ref="x", key="moonshotai/kimi-k2-turbo-preview")
    assert unknown["data"]["route"]["model"] is None


async def test_no_model_is_there_before_its_release_through_a_moving_name(ask_default: Asked) -> None:
    """What stands under the name is said of what the name meant then."""
    days = {"deepseek-v4-flash": "2025-07-01", "mistral-large-3": "2025-07-01", "mistral-small-4": "2025-09-01"}
    for ref, day in days.items():
        found = await ask_default(
            "query ($ref: String!, $day: Date!) { model(ref: $ref, lens: {valid: $day}) { slug } }",
            today=TODAY,
            ref=ref,
            day=day,
        )
        assert found["errors"][0]["extensions"]["code"] == "UNKNOWN_MODEL", ref


async def test_where_a_name_has_pointed(ask_default: Asked) -> None:
    text = "query ($key: String!) { route(key: $key) { pointed { since until model { slug } } } }"
    found = (await ask_default(text, today=TODAY, key="deepseek/deepseek-chat"))["data"]["route"]["pointed"]
    assert [each["model"]["slug"] for each in found] == [
        *("deepseek-v3.1", "deepseek-v3.1-terminus", "deepseek-v3.2-exp", "deepseek-v3.2", "deepseek-v4-flash")
    ]
    assert (found[0]["since"], found[0]["until"], found[-1]["until"]) == ("2025-08-21", "2025-09-21", None)
    fixed = (await ask_default(text, today=TODAY, key="mistral/mistral-large-2411"))["data"]["route"]
    assert fixed["pointed"] == []


async def test_a_comparison_of_another_day(ask_default: Asked) -> None:
    text = """query ($lens: LensInput) { comparison(models: ["gpt-5", "claude-sonnet-4.5"], lens: $lens) { id
      monthlyCosts { __typename ... on MonthlyCost { total } ... on Unavailable { reason } } switchFriction { level factors { kind } } } }"""
    then = (await ask_default(text, today=TODAY, lens={"valid": "2026-10-27"}))["data"]["comparison"]
    early = await ask_default(text, today=TODAY, lens={"valid": "2020-01-01"})
    assert [cost["__typename"] for cost in then["monthlyCosts"]] == ["MonthlyCost", "MonthlyCost"]
    assert early["errors"][0]["extensions"]["code"] == "UNKNOWN_MODEL"
    assert "as of 2020-01-01" in early["errors"][0]["message"]


@pytest.mark.parametrize("lens", ["", ', lens: {valid: "2026-10-01"}', ', lens: {sources: ["models.dev"]}'])
async def test_pages_of_routes_are_parts_of_the_whole_list(ask_default: Asked, lens: str) -> None:
    """Whether only the first ones are read, or all of them, as through a lens and behind a cursor."""
    paged = f"""query ($first: Int, $after: String) {{ model(ref: "gpt-5-mini"{lens}) {{ routes(live: null, first: $first, after: $after) {{
      totalCount pageInfo {{ hasNextPage hasPreviousPage endCursor }} nodes {{ key }} edges {{ cursor }} }} }} }}"""
    whole = (await ask_default(paged, first=100, today=DAY.date()))["data"]["model"]["routes"]
    assert whole["totalCount"] == len(whole["nodes"]) > 5
    shown: list[dict[str, str]] = []
    cursors: list[dict[str, str]] = []
    after = None
    for _ in range(100):
        page = (await ask_default(paged, first=4, after=after, today=DAY.date()))["data"]["model"]["routes"]
        assert page["totalCount"] == whole["totalCount"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        shown, cursors, after = shown + page["nodes"], cursors + page["edges"], page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert (shown, cursors) == (whole["nodes"], whole["edges"])
