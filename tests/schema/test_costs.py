"""Costs under own terms, how they follow the workload, and routes side by side, as a client asks for them."""

import json
from typing import Any

import pytest
from graphql.execution.values import get_variable_values

from domain.workload import PRESETS
from schema.answer import CORE, prepare
from schema.ids import encode
from schema.points import MAX_POINTS, Points
from tests.asking import Asked, objects_of

pytestmark = pytest.mark.asyncio

PAGE = "workload: {preset: REFERENCE_PAGE}"
OWN = 'overrides: {prices: [{route: "acme/one", percentOff: 50}], excludeProviders: ["host"]}'


async def _data(ask: Asked, text: str, **given: Any) -> Any:
    found = await ask(text, **given)
    assert "errors" not in found, found["errors"]
    return found["data"]


async def test_own_terms_change_the_cost_the_notes_and_the_id(ask: Asked) -> None:
    fields = "... on MonthlyCost { id total cheapest { notes rules { id } } ranked { outcome { ... on Ineligible { reason } } } }"
    found = await _data(
        ask,
        f'{{ model(ref: "one") {{ a: monthlyCost({PAGE}) {{ {fields} }} b: monthlyCost({PAGE}, {OWN}) {{ {fields} }} }} }}',
    )
    before, after = found["model"]["a"], found["model"]["b"]
    assert (before["total"], after["total"]) == ("270", "135")
    assert before["cheapest"][0]["notes"] == []
    assert after["cheapest"][0]["notes"] == ["Your own discount of 50 % on acme/one is taken off its published prices."]
    assert "cost.overrides" in {rule["id"] for rule in after["cheapest"][0]["rules"]}
    assert [each["outcome"].get("reason") for each in after["ranked"]] == [
        None,
        "PROVIDER_EXCLUDED",
        "PROVIDER_EXCLUDED",
    ]
    assert before["id"] != after["id"]


async def test_a_comparison_under_own_terms_is_found_again_by_its_id(ask: Asked) -> None:
    fields = "id monthlyCosts { ... on MonthlyCost { id total } } pricing { availability { providers { name } } }"
    found = await _data(ask, f'{{ comparison(models: ["one", "two"], {PAGE}, {OWN}) {{ {fields} }} }}')
    again = await _data(
        ask,
        f"query ($id: ID!) {{ node(id: $id) {{ ... on Comparison {{ {fields} }} }} }}",
        id=found["comparison"]["id"],
    )
    assert again["node"] == found["comparison"]
    assert found["comparison"]["monthlyCosts"][0]["total"] == "135"
    assert [each["providers"] for each in found["comparison"]["pricing"]["availability"]] == [[{"name": "Acme"}], []]
    without = await _data(
        ask, f'{{ comparison(models: ["one", "two"], {PAGE}) {{ id monthlyCosts {{ ... on MonthlyCost {{ id }} }} }} }}'
    )
    assert without["comparison"]["id"] != found["comparison"]["id"]
    assert without["comparison"]["monthlyCosts"][0]["id"] != found["comparison"]["monthlyCosts"][0]["id"]


async def test_a_cost_of_one_route_with_the_evidence_of_its_facts(ask: Asked) -> None:
    text = f'{{ route(key: "acme/one") {{ monthlyCost({PAGE}) {{ ... on RouteCost {{ total route {{ key }} used {{ of field evidence {{ value }} }} }} }} }} }}'
    found = (await _data(ask, text))["route"]["monthlyCost"]
    assert (found["total"], found["route"]["key"]) == ("270", "acme/one")
    assert [(each["of"], each["field"]) for each in found["used"]] == [
        ("acme/one", "price.STANDARD.0.input"),
        ("acme/one", "price.STANDARD.0.output"),
    ]


async def test_no_source_is_named_for_a_price_of_ones_own(ask: Asked) -> None:
    own = 'overrides: {prices: [{route: "acme/one", output: 1}]}'
    cost = (
        f"monthlyCost({PAGE}, {own}) {{ ... on RouteCost {{ total used {{ kind of field evidence {{ value }} }} }} }}"
    )
    found = (await _data(ask, f'{{ route(key: "acme/one") {{ {cost} }} }}'))["route"]["monthlyCost"]
    assert found["total"] == "350"
    assert [(each["kind"], each["of"], each["field"]) for each in found["used"]] == [
        ("route", "acme/one", "price.STANDARD.0.input"),
        ("override", "acme/one", "price.STANDARD.0.output"),
    ]
    assert found["used"][1]["evidence"] is None


async def test_how_a_cost_follows_the_workload(ask: Asked) -> None:
    fields = (
        "sensitivity { axis at step gain sentence } curve(over: VOLUME, points: 3) { at total display current reason }"
    )
    found = await _data(
        ask, f'{{ model(ref: "one") {{ monthlyCost({PAGE}) {{ ... on MonthlyCost {{ {fields} }} }} }} }}'
    )
    cost = found["model"]["monthlyCost"]
    assert [(each["axis"], each["gain"]) for each in cost["sensitivity"]] == [
        ("OUTPUT_SHARE", "5.4"),
        ("CACHED_SHARE", "0"),
        ("VOLUME", "2.7"),
    ]
    assert [tuple(each.values()) for each in cost["curve"]] == [
        ("0", "0", "$0", False, None),
        ("1000000", "270", "$270", True, None),
        ("2000000", "540", "$540", False, None),
    ]


BREAK_EVEN = """query ($own: OverridesInput, $routes: [String!]!) {
  breakEven(routes: $routes, workload: {preset: REFERENCE_PAGE}, overrides: $own) {
    routes { key } workload { name } costs { __typename ... on RouteCost { total } }
    breakEvens(over: [OUTPUT_SHARE]) { __typename ... on BreakEven { below above now { first second } lower { at } upper { at } sentence
      used { field evidence { value } } } ... on Unavailable { reason message missing { of field } } }
    curves(over: OUTPUT_SHARE, points: 2) { route points { at total } } } }"""


async def test_routes_side_by_side(ask: Asked) -> None:
    """The second route has no published price: with one of your own there is a break-even."""
    own = {"prices": [{"route": "host/one", "input": "0.3", "output": "0.3"}]}
    found = (await _data(ask, BREAK_EVEN, own=own, routes=["acme/one", "host/one"]))["breakEven"]
    assert [each["total"] for each in found["costs"]] == ["270", "360"]
    (turn,) = found["breakEvens"]
    assert (turn["below"], turn["above"], turn["now"]) == ("acme/one", "host/one", {"first": "270", "second": "360"})
    assert turn["sentence"] == (
        "Between 33 % and 34 % generated tokens both cost the same: below, acme/one is cheaper, above, host/one."
    )
    assert [each["route"] for each in found["curves"]] == ["acme/one", "host/one"]
    assert (
        len(ask.statements) == 5
    )  # one says that the names in the terms are known  # routes, prices, model, and what is said of it for the evidence


async def test_a_route_without_a_price_has_no_break_even(ask: Asked) -> None:
    found = (await _data(ask, BREAK_EVEN, routes=["acme/one", "host/one"]))["breakEven"]
    (turn,) = found["breakEvens"]
    assert (turn["__typename"], turn["reason"]) == ("Unavailable", "COST_UNAVAILABLE")
    assert {(each["of"], each["field"]) for each in turn["missing"]} == {
        ("host/one", "price.STANDARD.0.input"),
        ("host/one", "price.STANDARD.0.output"),
    }


@pytest.mark.parametrize(
    ("_case", "terms"),
    [
        ("no terms", [""]),
        ("two of them", ['[[],["host"],null,[]]'] * 2),
        ("not in order", ['[[],["host","acme"],null,[]]']),
        ("a number for a provider", ["[[],[1],null,[]]"]),
        ("a price that is none", ['[[["acme/one",null,["input","x"]]],[],null,[]]']),
        ("another shape", ['[[],[],null,["X"]]']),
    ],
)
async def test_an_id_with_terms_that_nobody_gave_is_refused(ask: Asked, _case: str, terms: list[str]) -> None:
    key = json.dumps([["one", "two"], "RAG", {}, "", *terms], separators=(",", ":"))
    found = await ask("query ($id: ID!) { node(id: $id) { id } }", id=encode("Comparison", key))
    assert [error["extensions"]["code"] for error in found["errors"]] == ["BAD_ID"]


@pytest.mark.parametrize(
    ("_case", "text", "code"),
    [
        ("one route", '{ breakEven(routes: ["acme/one"]) { routes { key } } }', "BAD_COMPARISON"),
        ("a route twice", '{ breakEven(routes: ["acme/one", "acme/one"]) { costs { __typename } } }', "BAD_COMPARISON"),
        ("an unknown route", '{ breakEven(routes: ["acme/one", "x/y"]) { costs { __typename } } }', "UNKNOWN_ROUTE"),
        ("a curve of one point", '{ model(ref: "one") { monthlyCost { ... on MonthlyCost { curve(over: VOLUME, points: 1) { at } } } } }', "BAD_USER_INPUT"),
        ("no terms of a price", '{ model(ref: "one") { monthlyCost(overrides: {prices: [{route: "a/b"}]}) { __typename } } }', "BAD_USER_INPUT"),
        ("terms of a comparison", '{ comparison(models: ["one", "two"], overrides: {prices: [{route: "a/b", percentOff: 100}]}) { id } }', "BAD_USER_INPUT"),
        ("too many retries", '{ model(ref: "one") { monthlyCost(workload: {requests: [{requests: 1, input: 1, output: 1, retries: 2}]}) { __typename } } }', "BAD_USER_INPUT"),
    ],
)  # fmt: skip
async def test_bad_input_is_coded(ask: Asked, _case: str, text: str, code: str) -> None:
    found = await ask(text)
    assert [error["extensions"]["code"] for error in found["errors"]] == [code]
    assert len(found["errors"][0]["message"]) > 20


async def test_a_workload_is_shown_as_it_was_given(ask: Asked) -> None:
    asked = 'requests: 1, input: 2, output: 3, cacheWrite1h: 4, peakShare: "0.5", retries: "0.1", name: "mine"'
    fields = "name requests input output cacheWrite cacheWrite1h peakShare retries batchShare"
    text = f'{{ model(ref: "one") {{ monthlyCost(workload: {{requests: [{{{asked}}}]}}) {{ ... on MonthlyCost {{ workload {{ classes {{ {fields} }} }} }} }} }} methodology {{ presets {{ key workload {{ classes {{ cacheWrite1h }} }} }} }} }}'
    found = await _data(ask, text)
    assert list(found["model"]["monthlyCost"]["workload"]["classes"][0].values()) == [
        *("mine", 1, 2, 3, 0, 4, "0.5", "0.1", "0"),
    ]
    assert [each["key"] for each in found["methodology"]["presets"]] == list(PRESETS)


async def test_a_preset_names_who_measured_its_counts(ask: Asked) -> None:
    found = await _data(ask, "{ methodology { presets { key note reference { url read asWritten } } } }")
    told = {each["key"]: each["reference"] for each in found["methodology"]["presets"]}
    assert told["AGENTIC_CODING"]["url"] == "https://tracelab.cs.washington.edu/"
    assert told["AGENTIC_CODING"]["read"] == "2026-11-27"
    assert "Agent steps 357,161" in told["AGENTIC_CODING"]["asWritten"]
    assert told["LONG_DOCUMENT"] is None


@pytest.mark.parametrize(
    ("_case", "text"),
    [
        ("break-even", BREAK_EVEN),
        ("every axis", '{ breakEven(routes: ["acme/one", "host/one"], overrides: {prices: [{route: "host/one", input: 1, output: 1}]}) { breakEvens { ... on BreakEven { axis now { at } used { field } } } } }'),
        ("a curve", '{ model(ref: "one") { monthlyCost { ... on MonthlyCost { curve(over: OUTPUT_SHARE, points: 101) { at } } } } }'),
        ("curves", '{ breakEven(routes: ["acme/one", "host/one"]) { curves(over: OUTPUT_SHARE, points: 101) { points { at } } } }'),
        ("sensitivity", '{ model(ref: "one") { monthlyCost { ... on MonthlyCost { sensitivity { axis used { field } } } } } }'),
    ],
)  # fmt: skip
async def test_an_answer_has_no_more_objects_than_were_estimated(ask: Asked, _case: str, text: str) -> None:
    given = {
        "routes": ["acme/one", "host/one"],
        "own": {"prices": [{"route": "host/one", "input": "1", "output": "1"}]},
    }
    used = given if text is BREAK_EVEN else {}
    prepared = prepare(text)
    (operation,) = prepared.operations
    variables = get_variable_values(CORE, operation.variable_definitions or (), used)
    assert not isinstance(variables, list)
    points = Points(CORE, prepared.fragments or {}, variables).of(operation)
    assert 3 < objects_of(await _data(ask, text, **used)) <= points <= MAX_POINTS


async def test_a_record_of_more_candidates_costs_more() -> None:
    def points(first: str) -> int:
        prepared = prepare(f"{{ recommend {{ record{first} }} }}")
        variables = get_variable_values(CORE, (), {})
        assert not isinstance(variables, list)
        return Points(CORE, {}, variables).of(prepared.operations[0])

    ten, twenty, most = points(""), points("(first: 20)"), points("(first: 100)")
    assert twenty - ten == 500
    assert MAX_POINTS / 2 < most <= MAX_POINTS
