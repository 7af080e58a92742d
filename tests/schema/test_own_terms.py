"""A caller's own terms on every field that takes them: names that nothing has are refused, excluded routes are not chosen."""

from typing import Any

import pytest

from tests.asking import Asked

pytestmark = pytest.mark.asyncio
PAGE = "workload: {preset: REFERENCE_PAGE}"
FIELDS = (
    '{{ comparison(models: ["one", "two"], {}) {{ id }} }}',
    '{{ model(ref: "one") {{ monthlyCost({}) {{ __typename }} }} }}',
    '{{ route(key: "acme/one") {{ monthlyCost({}) {{ __typename }} }} }}',
    '{{ breakEven(routes: ["acme/one", "host/one"], {}) {{ __typename }} }}',
    '{{ switchPlan(from: "one", to: "host/one", {}) {{ __typename }} }}',
    "{{ recommend({}) {{ fitCount }} }}",
    '{{ cheaperSwitches(source: "one", {}) {{ __typename }} }}',
    '{{ fallbacks(source: "one", {}) {{ __typename }} }}',
    '{{ capabilityMatrix(ref: "one", capabilities: [VISION], {}) {{ model {{ slug }} }} }}',
)
UNKNOWN = """overrides: {
  prices: [{route: "acme/one", input: 1}, {route: "acme/oen", percentOff: 5}], excludeProviders: ["host", "hots"], region: "Mars"
}"""


@pytest.mark.parametrize("field", FIELDS)
async def test_names_that_nothing_has_are_refused(ask: Asked, field: str) -> None:
    (error,) = (await ask(field.format(UNKNOWN)))["errors"]
    assert error["message"] == (
        "No route has the key 'acme/oen', no provider has the slug 'hots', and no route is in the region 'Mars'. "
        "`routes` and `providers` list what there is."
    )
    assert error["extensions"] == {
        "code": "UNKNOWN_OVERRIDE",
        "routes": ("acme/oen",),
        "providers": ("hots",),
        "region": "Mars",
    }


@pytest.mark.parametrize("field", FIELDS)
async def test_a_route_that_plays_no_part_is_no_mistake(ask: Asked, field: str) -> None:
    known = 'overrides: {prices: [{route: "host/one-free", percentOff: 5}], excludeProviders: ["host"]}'
    assert "errors" not in await ask(field.format(known))


@pytest.mark.parametrize(
    ("field", "codes"),
    [
        ("recommend(weights: [{signal: MAX_OUTPUT, weight: -1}], overrides: {region: null}) { fitCount }", set()),
        ('recommend(weights: [{signal: MAX_OUTPUT, weight: -1}], overrides: {region: "x"}) { fitCount }', set()),
        ('cheaperSwitches(source: "", overrides: {region: "x"}) { __typename }', {"BAD_REF"}),
        ('comparison(models: [""], overrides: {region: "x"}) { id }', {"BAD_COMPARISON", "BAD_REF"}),
        ('switchPlan(from: "", to: "one", overrides: {region: "x"}) { __typename }', {"BAD_REF"}),
        ('breakEven(routes: [], overrides: {region: "x"}) { __typename }', {"BAD_COMPARISON"}),
        ('capabilityMatrix(ref: "", capabilities: [VISION], overrides: {region: "x"}) { model { slug } }', {"BAD_REF"}),
    ],
)
async def test_own_terms_beside_an_argument_that_is_refused(ask: Asked, field: str, codes: set[str]) -> None:
    """Whichever of the two is told, it is told with its code, and as the caller's mistake."""
    (error,) = (await ask(f"{{ {field} }}"))["errors"]
    assert error["extensions"]["code"] in {"BAD_USER_INPUT", "UNKNOWN_OVERRIDE", *codes}


@pytest.mark.parametrize(
    "field",
    [
        'comparison(models: ["one", "two"], {}) {{ id }}',
        'switchPlan(from: "one", to: "acme/one", {}) {{ __typename }}',
        'breakEven(routes: ["acme/one", "host/one"], {}) {{ __typename }}',
        'capabilityMatrix(ref: "one", capabilities: [VISION], {}) {{ model {{ slug }} }}',
    ],
)
async def test_own_terms_beside_a_lens_that_is_refused(ask: Asked, field: str) -> None:
    """Through such a lens nothing was read, and their names are not looked up."""
    for lens in ("{}", "{known: null}", "{sources: []}"):
        (error,) = (await ask("{ " + field.format(f'lens: {lens}, overrides: {{region: "x"}}') + " }"))["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_ranking_at_own_prices(ask: Asked) -> None:
    text = """{{ recommend({}, {}) {{ fits {{ nodes {{ monthlyCost notes route {{ key }}
      reasons {{ signal used {{ kind of field }} }} }} }} }} }}"""
    half = 'overrides: {prices: [{route: "acme/one", input: 1, output: 1}]}'
    (published,) = (await ask(text.format(PAGE, "of: MODELS")))["data"]["recommend"]["fits"]["nodes"]
    (own,) = (await ask(text.format(PAGE, half)))["data"]["recommend"]["fits"]["nodes"]
    assert (published["notes"], published["monthlyCost"]) == ([], "270")
    assert own["notes"] == ["Your own input and output price of acme/one takes the place of the published one."]
    assert own["monthlyCost"] == "1200"
    (cost,) = (each["used"] for each in own["reasons"] if each["signal"] == "MONTHLY_COST")
    assert {each["kind"] for each in cost} == {"override"}
    gone = await ask(text.format(PAGE, 'overrides: {excludeProviders: ["acme"]}'))
    assert gone["data"]["recommend"]["fits"]["nodes"] == []


async def test_requirements_look_at_own_prices_and_say_so(ask: Asked) -> None:
    """Above the published price of 0.60 an own one fails, below it meets; what is looked at is no fact of the catalogue."""
    text = """{{ recommend(requirements: {{maxOutputPrice: "0.5", maxMonthlyCost: "5000"}}, {}, {}) {{
      fits(first: 1) {{ nodes {{ requirements {{ constraint found used {{ kind of field }} }} }} }}
      nearMisses(first: 1) {{ unmet {{ constraint found used {{ kind of field }} }} }} }} }}"""

    async def found(terms: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        ranked: dict[str, Any] = (await ask(text.format(PAGE, terms)))["data"]["recommend"]
        one: dict[str, Any] = (ranked["fits"]["nodes"] + ranked["nearMisses"])[0]
        return one.get("requirements", []), one.get("unmet", [])

    _, (published,) = await found("of: MODELS")
    assert published["found"] == "$0.60/1M tokens"
    assert published["used"] == [{"kind": "route", "of": "acme/one", "field": "price.STANDARD.0.output"}]
    own = 'overrides: {prices: [{route: "acme/one", output: "0.4"}]}'
    met, _ = await found(own)
    priced = {str(each["constraint"]): each for each in met if "PRICE" in str(each["constraint"])}
    assert priced["OUTPUT_PRICE"]["found"] == "$0.40/1M tokens"
    assert priced["OUTPUT_PRICE"]["used"] == [
        {"kind": "override", "of": "acme/one", "field": "price.STANDARD.0.output"}
    ]
    (cost,) = (each for each in met if each["constraint"] == "MONTHLY_COST")
    assert [each["kind"] for each in cost["used"]] == ["route", "override"]


async def test_a_plan_leaves_out_what_may_not_be_used_but_not_what_is_named(ask: Asked) -> None:
    text = """{{ switchPlan(from: "{}", to: "host/one", {}, overrides: {{excludeProviders: ["acme"], prices: [{{route: "acme/one", percentOff: 50}}]}}) {{
      ... on SwitchPlan {{ id source {{ route {{ key }} total }} notes }} ... on Unavailable {{ reason message }} }} }}"""
    named = (await ask(text.format("acme/one", PAGE)))["data"]["switchPlan"]
    assert named["source"] == {"route": {"key": "acme/one"}, "total": "135"}
    assert "Your own discount of 50 % on acme/one is taken off its published prices." in named["notes"]
    chosen = (await ask(text.format("one", PAGE)))["data"]["switchPlan"]
    assert chosen["source"]["route"] == {"key": "host/one"}
    only = (await ask(text.format("one", PAGE).replace('["acme"]', '["acme", "host"]')))["data"]["switchPlan"]
    assert only == {"reason": "NO_USABLE_ROUTE", "message": "Your own terms leave no live route of One over."}


async def test_what_is_in_use_counts_at_its_own_price(ask: Asked) -> None:
    text = f"""{{ cheaperSwitches(source: "acme/one", {PAGE}, overrides: {{prices: [{{route: "acme/one", percentOff: 50}}], excludeProviders: ["acme"]}}) {{
      ... on CheaperSwitches {{ total route {{ key }} }} }} }}"""
    assert (await ask(text))["data"]["cheaperSwitches"] == {"total": "135", "route": {"key": "acme/one"}}


async def test_a_matrix_shows_the_routes_that_may_be_used(ask: Asked) -> None:
    text = '{{ capabilityMatrix(ref: "one", capabilities: [VISION]{}) {{ routes {{ route {{ key }} }} }} }}'

    async def keys(terms: str) -> set[str]:
        return {each["route"]["key"] for each in (await ask(text.format(terms)))["data"]["capabilityMatrix"]["routes"]}

    assert await keys("") == {"acme/one", "host/one", "host/one-free"}
    assert await keys(', overrides: {excludeProviders: ["host"]}') == {"acme/one"}


async def test_one_statement_more(ask: Asked) -> None:
    text = '{{ model(ref: "one") {{ monthlyCost{} {{ __typename }} }} }}'
    counts = []
    for terms in ("", '(overrides: {excludeProviders: ["host"]})'):
        await ask(text.format(terms))
        counts.append(len(ask.statements))
    assert counts[1] == counts[0] + 1
