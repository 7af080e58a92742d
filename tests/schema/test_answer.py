"""What is selected is read once a level and nothing else is; resolvers await nothing."""

import json
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLUnionType

from domain.workload import PRESETS
from schema.answer import Written, prepare
from schema.comparison import Question
from schema.ids import encode
from schema.limits import MAX_ALIASES, MAX_DEPTH
from schema.query import schema
from tests.asking import Asked

_TEN = tuple("abcdefghij")
TEN, TEN_ID = json.dumps(_TEN), encode("Comparison", Question(_TEN, PRESETS["CHAT"].workload).key(_TEN))


def _bomb(levels: int) -> str:
    """Fragments that spread the next one twice."""
    spreads = (f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels))
    return f"{{ ...F0 }} {' '.join(spreads)} fragment F{levels} on Query {{ __typename }}"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "text", "statements"),
    [
        ("introspection", "{ __schema { queryType { name } } }", 0),
        ("typename", "{ __typename }", 0),
        ("two scalars", '{ model(ref: "one") { name contextWindow } }', 1),
        ("to-one neighbours", '{ model(ref: "one") { lab { name } license { spdx } } }', 1),
        ("two models", '{ a: model(ref: "one") { name } b: model(ref: "two") { name } }', 1),
        ("routes", '{ model(ref: "one") { routes { nodes { key provider { name } } } } }', 2),
        ("prices", '{ model(ref: "one") { routes { nodes { prices { outputMtok } } } } }', 3),
        ("prices of two", '{ a: model(ref: "one") { routes { nodes { prices { above } } } } b: model(ref: "two") { routes { nodes { prices { above } } } } }', 3),
        ("the first routes and their number", '{ model(ref: "one") { routes(first: 1) { nodes { key } totalCount } } }', 3),
        ("a number of routes alone", '{ model(ref: "one") { routes { totalCount } } }', 2),
        ("first and last routes of two models", '{ models { nodes { first: routes(first: 1) { nodes { key } } more: routes(first: 2, live: null) { nodes { key } } last: routes(last: 1) { nodes { key } } } } }', 3),
        ("the lists below labs and providers", '{ models { nodes { lab { models { nodes { slug } totalCount } } routes { nodes { provider { routes(first: 1) { nodes { key } } } } } } } }', 5),
        ("one group under two aliases", '{ model(ref: "one") { a: routes { nodes { key } } b: routes { edges { node { key } } } } }', 2),
        ("a fragment", '{ model(ref: "one") { ...F } } fragment F on Model { routes { nodes { key } } results { score } }', 3),
        ("skipped", '{ model(ref: "one") { name routes @skip(if: true) { nodes { prices { above } } } } }', 1),
        ("included by a variable", 'query ($no: Boolean = false) { model(ref: "one") { name routes @include(if: $no) { nodes { key } } } }', 1),
        ("an unknown model", '{ model(ref: "three") { routes { nodes { prices { above } } } } }', 2),  # the other one asks for the revision
        ("a page and its count", "{ models(first: 1) { nodes { name } totalCount } }", 2),
        ("a count alone", "{ models { totalCount } }", 1),
        ("counts below every provider of a page", "{ providers { nodes { routes { totalCount } } } }", 2),
        ("the weights of a verdict", '{ comparison(models: ["one", "two"]) { verdict { id weights { weight } } } }', 1),
        ("a verdict", '{ comparison(models: ["one", "two"]) { verdict { sentence } } }', 4),
        ("who says how a lab is called", '{ model(ref: "one") { lab { evidence(field: NAME) { value } } license { evidence(field: SPDX) { value } } } }', 3),
        ("the routes of every model of a page", "{ models { nodes { routes { nodes { key } } } } }", 2),
        ("the lists below every provider of a page", "{ providers { nodes { routes { nodes { model { name } } } } } }", 3),
        ("two pages of one kind", '{ a: models(first: 1) { nodes { name } } b: models(order: NAME) { nodes { slug } } }', 1),
        ("by id", '{ node(id: "TW9kZWw6b25l") { ... on Model { name } } }', 1),
        ("one row of the scorecard", '{ comparison(models: ["one", "two"]) { scorecard { contextWindow { label } } } }', 1),
        ("a row with prices", '{ comparison(models: ["one", "two"]) { scorecard { cheapestOutput { label } } } }', 3),
        ("rows by key", '{ comparison(models: ["one", "two"]) { scorecard { signals(keys: [MAX_OUTPUT]) { label } } } }', 1),
        ("specs", '{ comparison(models: ["one", "two"]) { specs { label cells { display } } } }', 1),
        ("benchmarks", '{ comparison(models: ["one", "two"]) { benchmarks { sentence } } }', 2),
        ("a switch with its routes", '{ comparison(models: ["one", "two"]) { switchFriction { score sourceRoute { key provider { name } } } } }', 3),
        ("methodology", "{ methodology { rules { id text } presets { key } weights { weight } } }", 0),
        ("no catalogue yet", "{ catalog { revision } }", 2),
    ],
)  # fmt: skip
async def test_exact_statements(ask: Asked, _case: str, text: str, statements: int) -> None:
    """Of the plan. What one statement makes takes that one, and where a name is nobody's it was tried."""
    await ask.answered(text, straight=False)
    assert len(ask.statements) == statements
    found = await ask.answered(text)
    assert len(ask.statements) == (1 if isinstance(found, Written) else statements + ("three" in text))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "text", "alone"),
    [
        ("two scalars", '{ model(ref: "one") { name contextWindow } }', True),
        ("two models", '{ a: model(ref: "one") { name } b: model(ref: "two") { name } }', False),
        ("a page", "{ models { nodes { name } } }", True),
        ("a count", "{ models { totalCount } }", True),
        ("a page and its count", "{ models { nodes { name } totalCount } }", False),
        ("a model with its routes", '{ model(ref: "one") { name routes { nodes { key } } } }', False),
        ("through a lens", '{ model(ref: "one", lens: {known: "2026-01-01"}) { name } }', False),
        ("by an id, which may name a lens", '{ node(id: "TW9kZWw6b25l") { id } }', False),
        ("what takes two statements", '{ resolve(ref: "one") { ref } }', False),
        ("what is skipped counts", '{ model(ref: "one") { name routes @skip(if: true) { nodes { key } } } }', False),
        ("a fragment", '{ model(ref: "one") { ...F } } fragment F on Model { name }', True),
        ("a key, of which other spellings are looked for", '{ route(key: "HOST/One") { key } }', False),
        ("nothing", "{ methodology { rules { id } } }", True),
    ],
)  # fmt: skip
async def test_one_statement_needs_no_transaction(ask: Asked, _case: str, text: str, alone: bool) -> None:
    prepared = prepare(text)
    assert (0 in prepared.alone) is alone
    assert (await ask.answered(text, straight=False)).data
    assert ask.isolation == ([] if not ask.statements else ["AUTOCOMMIT" if alone else "REPEATABLE READ"])


@pytest.mark.asyncio
async def test_an_answer(ask: Asked) -> None:
    found = await ask(
        """query ($ref: String!) { model(ref: $ref) {
          name contextWindow maxOutput lab { slug } license { spdx osiApproved } openness
          capabilities { kind presence }
          routes { nodes { key priceBasis prices { inputMtok outputMtok cacheReadMtok otherUnits { unit amount } } } }
          results { benchmark { name } score } } }""",
        ref="ACME/One",
    )
    assert "errors" not in found
    model = found["data"]["model"]
    presences = {entry["kind"]: entry["presence"] for entry in model.pop("capabilities")}
    assert presences.pop("VISION") == "YES"
    assert presences.pop("BATCH") == "NO"
    assert set(presences.values()) == {"UNKNOWN"}
    assert model == {
        "name": "One",
        "contextWindow": 256000,
        "maxOutput": None,
        "lab": {"slug": "acme"},
        "license": {"spdx": "MIT", "osiApproved": True},
        "openness": "OPEN_SOURCE",
        "routes": {
            "nodes": [
                {"key": "host/one", "priceBasis": "METERED", "prices": []},
                {
                    "key": "acme/one",
                    "priceBasis": "METERED",
                    "prices": [
                        {
                            "inputMtok": "0.15",
                            "outputMtok": "0.6",
                            "cacheReadMtok": None,
                            "otherUnits": [{"unit": "per_image", "amount": "0.002"}],
                        }
                    ],
                },
                {"key": "host/one-free", "priceBasis": "FREE", "prices": []},
            ]
        },
        "results": [{"benchmark": {"name": "Quiz"}, "score": "38.1"}],
    }


@pytest.mark.asyncio
async def test_the_price_of_a_route_on_four_days(ask: Asked) -> None:
    """Before the first day that a source states, nothing is known; an end is the first day without."""
    found = await ask(
        """{ route(key: "acme/one") { before: prices(on: "2025-12-31") { outputMtok } first: prices(on: "2026-01-01") { outputMtok }
        last: prices(on: "2026-05-31") { outputMtok } next: prices(on: "2026-06-01") { outputMtok } now: prices { outputMtok } } }"""
    )
    amounts = {day: [price["outputMtok"] for price in prices] for day, prices in found["data"]["route"].items()}
    assert amounts == {"before": [], "first": ["1.2"], "last": ["1.2"], "next": ["0.6"], "now": ["0.6"]}
    assert len(ask.statements) == 3


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "at", "held"),
    [
        ("a working day before its window", "2026-05-29T10:00:00Z", []),
        ("in the window", "2026-05-29T17:00:00Z", ["0.3"]),
        ("the same on another clock", "2026-05-30T01:00:00+08:00", ["0.3"]),
        ("after midnight, in the window of the day before", "2026-05-29T00:10:00Z", ["0.3"]),
        ("a weekend over there", "2026-05-30T03:00:00+08:00", ["0.3"]),
        ("the sheet of later days", "2026-06-01T10:00:00Z", ["0.15"]),
        ("before the first", "2025-12-31T23:59:59Z", []),
    ],
)
async def test_the_prices_at_a_moment(ask: Asked, _case: str, at: str, held: list[str]) -> None:
    text = 'query ($at: DateTime!) { route(key: "acme/one") { prices(at: $at) { inputMtok } } }'
    found = (await ask(text, at=at))["data"]["route"]["prices"]
    assert [price["inputMtok"] for price in found] == held
    assert len(ask.statements) == 2


@pytest.mark.asyncio
@pytest.mark.parametrize("at", ["2026-05-29", "2026-05-29T10:00:00", "never", "9999-12-31T23:59:59-23:59", "\x00"])
async def test_a_moment_that_is_none(ask: Asked, at: str) -> None:
    text = 'query ($at: DateTime!) { route(key: "acme/one") { prices(at: $at) { inputMtok } } }'
    [error] = (await ask(text, at=at))["errors"]
    assert "2026-11-26T16:30:00Z" in error["message"]
    both = '{ route(key: "acme/one") { prices(on: "2026-05-29", at: "2026-05-29T10:00:00Z") { inputMtok } } }'
    [error] = (await ask(both))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.asyncio
async def test_the_hours_of_a_price(ask: Asked) -> None:
    hours = "hours { days from to timeZone holidays { calendar through dates } }"
    found = await ask(
        f'{{ route(key: "acme/one") {{ then: prices(on: "2026-05-31") {{ {hours} }} prices {{ {hours} }} }} }}'
    )
    weekend = {"days": ["SAT", "SUN"], "from": "00:00", "to": "24:00", "timeZone": "UTC+08:00", "holidays": None}
    days = {"days": ["MON", "TUE", "WED", "THU", "FRI"], "from": "16:30", "to": "00:30", "timeZone": "UTC"}
    holidays = {"calendar": "CN", "through": "2026-12-31", "dates": ["2026-10-01", "2026-10-02"]}
    assert found["data"]["route"] == {
        "then": [{"hours": [weekend, {**days, "holidays": holidays}]}],
        "prices": [{"hours": []}],
    }


@pytest.mark.asyncio
async def test_one_unknown_ref_is_one_error(ask: Asked) -> None:
    found = await ask('{ a: model(ref: "one") { slug } b: model(ref: "three") { slug } }')
    assert found["data"] == {"a": {"slug": "one"}, "b": None}
    assert [(error["path"], error["extensions"]["code"]) for error in found["errors"]] == [(["b"], "UNKNOWN_MODEL")]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "text", "code"),
    [
        ("syntax", "{", "GRAPHQL_PARSE_FAILED"),
        ("unknown field", "{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("missing variable", "query ($ref: String!) { model(ref: $ref) { slug } }", "BAD_USER_INPUT"),
        ("two operations", "query A { __typename } query B { __typename }", "OPERATION_RESOLUTION_FAILURE"),
        ("too many tokens", "{ " + "a " * 2_001 + "}", "DOCUMENT_TOO_LARGE"),
        ("too deep", "{" * (MAX_DEPTH + 1) + "a" + "}" * (MAX_DEPTH + 1), "GRAPHQL_PARSE_FAILED"),
        ("too deep fields", "{ a " * (MAX_DEPTH + 1) + "}" * (MAX_DEPTH + 1), "DOCUMENT_TOO_LARGE"),
        ("nested beyond measure", "{ a " * 900 + "}" * 900, "DOCUMENT_TOO_LARGE"),
        ("aliases", "{ " + " ".join(f"a{n}: __typename" for n in range(MAX_ALIASES + 1)) + " }", "DOCUMENT_TOO_LARGE"),
        ("root fields", "{ " + "__typename " * 21 + "}", "DOCUMENT_TOO_LARGE"),
        ("directives", "{ " + "__typename @skip(if: true) @skip(if: false) @skip(if: true) " * 18 + "}", "DOCUMENT_TOO_LARGE"),
        ("operations", " ".join(f"query Q{n} {{ __typename }}" for n in range(11)), "DOCUMENT_TOO_LARGE"),
        ("a bomb of fragments", _bomb(18), "DOCUMENT_TOO_LARGE"),
        ("a bomb of lists", "{ models(first: 100) { nodes { routes(first: 100) { nodes { key } } } } }", "OPERATION_TOO_COSTLY"),
        ("a bomb of lists through variables", "query ($n: Int = 100) { models(first: $n) { nodes { routes(first: $n) { nodes { key } } } } }", "OPERATION_TOO_COSTLY"),
        ("a bomb of flips", "{" + " ".join(f"c{n}: comparison(models: {TEN}) {{ flips {{ sentence }} }}" for n in range(6)) + "}", "OPERATION_TOO_COSTLY"),
        ("a bomb of flips by id", f"{{ nodes(ids: {json.dumps([TEN_ID] * 6)}) {{ ... on Comparison {{ flips {{ sentence }} }} }} }}", "OPERATION_TOO_COSTLY"),
        ("a bomb of lenses", "{" + " ".join(f'm{n}: model(ref: "one", lens: {{known: "2026-06-{n + 1:02}"}}) {{ name }}' for n in range(20)) + "}", "OPERATION_TOO_COSTLY"),
        ("a bomb of prose", "{" + " ".join(f"c{n}: comparison(models: {TEN}) {{ deepDive {{ text }} }}" for n in range(5)) + "}", "OPERATION_TOO_COSTLY"),
        ("a bomb of disputes", "{ models(first: 100) { edges { node { disputes { field } } } } }", "OPERATION_TOO_COSTLY"),
        ("a fragment of itself", "{ ...F } fragment F on Query { ...F }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)  # fmt: skip
async def test_a_request_error_reads_nothing(ask: Asked, _case: str, text: str, code: str) -> None:
    found = await ask(text)
    assert found["data"] is None
    assert {error["extensions"]["code"] for error in found["errors"]} == {code}
    assert len(found["errors"]) <= 10  # the last says that there are more
    assert ask.statements == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "text", "code"),
    [
        ("first and last", "{ models(first: 1, last: 1) { totalCount } }", "BAD_PAGE"),
        ("too many", "{ models(first: 101) { totalCount } }", "BAD_PAGE"),
        ("below zero", "{ routes(first: -1) { totalCount } }", "BAD_PAGE"),
        ("no cursor", '{ models(after: "x") { totalCount } }', "BAD_CURSOR"),
        ("a cursor of another order", '{ models(after: "WyJOQU1FIiwib25lIiwiMSJd") { totalCount } }', "BAD_CURSOR"),
        ("no id", '{ node(id: "x") { id } }', "BAD_ID"),
        ("the id of a part", '{ node(id: "VmVyZGljdDp4") { id } }', "BAD_ID"),
        ("an id of a comparison with a hole", '{ node(id: "Q29tcGFyaXNvbjpbWyJncHQtNSIsbnVsbF0sIlJBRyIse30sW11d") { id } }', "BAD_ID"),
        ("an id of a comparison of numbers", '{ node(id: "Q29tcGFyaXNvbjpbWzEsMl0sIlJBRyIse30sW11d") { id } }', "BAD_ID"),
        ("one model", '{ comparison(models: ["one"]) { id } }', "BAD_COMPARISON"),
        ("eleven models", "{ comparison(models: [" + '"one" ' * 11 + "]) { id } }", "BAD_COMPARISON"),
        ("a model with itself", '{ comparison(models: ["one", "acme/one"]) { id } }', "BAD_COMPARISON"),
        ("unknown in a comparison", '{ comparison(models: ["one", "three"]) { id } }', "UNKNOWN_MODEL"),
        ("an ambiguous ref", '{ model(ref: "both") { slug } }', "UNKNOWN_MODEL"),
        ("an empty ref", '{ model(ref: " ") { slug } }', "BAD_REF"),
        ("an empty text", '{ models(where: {text: " "}) { totalCount } }', "BAD_USER_INPUT"),
        ("too long a text", '{ models(where: {text: "' + "x" * 201 + '"}) { totalCount } }', "BAD_USER_INPUT"),
        ("a workload without requests", '{ model(ref: "one") { monthlyCost(workload: {requests: []}) { __typename } } }', "BAD_USER_INPUT"),
        ("a month of no requests", '{ model(ref: "one") { monthlyCost(workload: {requests: [{requests: 0, input: 1, output: 1}]}) { __typename } } }', "BAD_USER_INPUT"),
        ("a month of no tokens", '{ model(ref: "one") { monthlyCost(workload: {requests: [{requests: 9, input: 0, output: 0}]}) { __typename } } }', "BAD_USER_INPUT"),
        ("requests below zero", '{ model(ref: "one") { monthlyCost(workload: {requests: [{requests: -1, input: 1, output: 1}]}) { __typename } } }', "BAD_USER_INPUT"),
        ("too heavy a weight", '{ comparison(models: ["one", "two"], weights: [{signal: MAX_OUTPUT, weight: 1001}]) { id } }', "BAD_USER_INPUT"),
        ("an unknown source", '{ model(ref: "one", lens: {sources: ["nobody"]}) { slug } }', "UNKNOWN_SOURCE"),
        ("two weights of a row", '{ comparison(models: ["one", "two"], weights: [{signal: MAX_OUTPUT, weight: 1}, {signal: MAX_OUTPUT, weight: 2}]) { id } }', "BAD_USER_INPUT"),
        ("a context below zero", "{ models(where: {minContext: -1}) { totalCount } }", "BAD_USER_INPUT"),
        ("a price below zero", '{ routes(where: {maxOutputPrice: "-0.1"}) { totalCount } }', "BAD_USER_INPUT"),
        ("an end before its start", '{ models(where: {retiresFrom: "2027-01-02", retiresTo: "2027-01-01"}) { totalCount } }', "BAD_USER_INPUT"),
        ("a lens of nothing", '{ model(ref: "one", lens: {sources: []}) { slug } }', "BAD_USER_INPUT"),
        ("an unknown rule", '{ methodology { rule(id: "x") { text } } }', "UNKNOWN_RULE"),
        ("a NUL", '{ model(ref: "a\\u0000b") { slug } }', "BAD_USER_INPUT"),
    ],
)  # fmt: skip
async def test_bad_input_is_coded_and_says_what_to_do(ask: Asked, _case: str, text: str, code: str) -> None:
    found = await ask(text)
    assert [error["extensions"]["code"] for error in found["errors"]] == [code]
    assert len(found["errors"][0]["message"]) > 20


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "where", "message"),
    [
        ("models", "models(where: {minContext: -1})", "`minContext` is -1; it takes 0 or more."),
        ("routes", 'routes(where: {maxInputPrice: "-1"})', "`maxInputPrice` is -1; it takes 0 or more."),
        ("disputes", 'disputes(where: {minRatio: "-2"})', "`minRatio` is -2; it takes 0 or more."),
        ("a span", 'routes(where: {retiresFrom: "2027-01-02", retiresTo: "2027-01-01"})', "`retiresFrom` 2027-01-02 is after `retiresTo` 2027-01-01, so that nothing can match."),
    ],
)  # fmt: skip
async def test_an_impossible_condition_is_named(ask: Asked, _case: str, where: str, message: str) -> None:
    found = await ask(f"{{ {where} {{ totalCount }} }}")
    assert [error["message"] for error in found["errors"]] == [message]


@pytest.mark.asyncio
async def test_an_end_that_is_not_compared_spoils_no_other_section(ask: Asked) -> None:
    found = await ask(
        '{ comparison(models: ["one", "two"]) { models { slug } switchFriction(source: "x") { score } } }'
    )
    assert found["data"] == {"comparison": {"models": [{"slug": "one"}, {"slug": "two"}], "switchFriction": None}}
    assert [error["extensions"]["code"] for error in found["errors"]] == ["BAD_COMPARISON"]


@pytest.mark.asyncio
async def test_pages_meet_without_gap_or_repetition(ask: Asked) -> None:
    text = "query ($after: String, $before: String, $first: Int, $last: Int) { models(order: NAME, first: $first, last: $last, "
    text += "after: $after, before: $before) { edges { cursor node { slug } } pageInfo { hasNextPage hasPreviousPage endCursor } } }"
    first = (await ask(text, first=1))["data"]["models"]
    assert [edge["node"]["slug"] for edge in first["edges"]] == ["one"]
    assert first["pageInfo"]["hasNextPage"]
    second = (await ask(text, first=1, after=first["pageInfo"]["endCursor"]))["data"]["models"]
    assert [edge["node"]["slug"] for edge in second["edges"]] == ["two"]
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)
    back = (await ask(text, last=1, before=second["edges"][0]["cursor"]))["data"]["models"]
    assert [edge["node"]["slug"] for edge in back["edges"]] == ["one"]


@pytest.mark.asyncio
async def test_everything_with_an_id_is_found_again(ask: Asked) -> None:
    found = await ask(
        """{ model(ref: "one") { id lab { id } license { id } routes { nodes { id provider { id } } } results { benchmark { id } } }
        sources { id } comparison(models: ["two", "one"], workload: {preset: RAG}, weights: [{signal: MAX_OUTPUT, weight: 3}]) { id } }"""
    )
    ids = list(_ids(found["data"]))
    assert len(ids) == len(set(ids)) + 1  # two of the three routes are of one provider
    again = await ask("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids)
    assert "errors" not in again
    assert [node["id"] for node in again["data"]["nodes"]] == ids
    kinds = {node["__typename"] for node in again["data"]["nodes"]}
    assert kinds == {"Model", "Lab", "License", "Route", "Provider", "Benchmark", "Source", "Comparison"}


def _ids(found: Any) -> Any:
    if isinstance(found, dict):
        if "id" in found:
            yield found["id"]
        found = list(found.values())
    if isinstance(found, list):
        for each in found:
            yield from _ids(each)


@pytest.mark.asyncio
async def test_one_bad_id_among_good_ones_is_one_error(ask: Asked) -> None:
    found = await ask('{ nodes(ids: ["TW9kZWw6b25l", "x", "TW9kZWw6dGhyZWU"]) { id } }')
    assert found["data"]["nodes"] == [{"id": "TW9kZWw6b25l"}, None, None]
    assert [error["path"] for error in found["errors"]] == [["nodes", 1]]


@pytest.mark.asyncio
async def test_no_ids_are_no_nodes(ask: Asked) -> None:
    assert await ask("{ nodes(ids: []) { id } }") == {"data": {"nodes": []}}


@pytest.mark.asyncio
async def test_the_same_question_has_the_same_id(ask: Asked) -> None:
    text = "{{ comparison(models: [{}], workload: {{preset: {}}}) {{ id verdict {{ id }} }} }}"
    asked = [
        await ask(text.format(*given))
        for given in (('"one", "two"', "RAG"), ('"acme/one", "TWO"', "RAG"), ('"one", "two"', "CHAT"))
    ]
    ids = [found["data"]["comparison"] for found in asked]
    assert ids[0] == ids[1]
    assert ids[0]["id"] != ids[2]["id"]
    assert ids[0]["id"] != ids[0]["verdict"]["id"]


def test_everything_is_described() -> None:
    """Somebody in GraphiQL who has never seen us reads what each type, field, argument and value means."""
    missing = []
    for name, kind in schema._schema.type_map.items():
        if name.startswith("__") or name in {"String", "Int", "Boolean", "Float", "ID"}:
            continue
        missing += [name] if not kind.description else []
        for field, definition in getattr(kind, "fields", {}).items():
            missing += [f"{name}.{field}"] if not definition.description else []
            arguments = definition.args if isinstance(kind, GraphQLObjectType) else {}
            missing += [f"{name}.{field}({each})" for each, argument in arguments.items() if not argument.description]
        for value, definition in getattr(kind, "values", {}).items():
            missing += [f"{name}.{value}"] if not definition.description else []
    assert missing == []


def test_union_members_share_the_types_of_their_fields() -> None:
    for kind in schema._schema.type_map.values():
        if isinstance(kind, GraphQLUnionType):
            seen: dict[str, str] = {}
            for member in kind.types:
                for field, definition in member.fields.items():
                    assert seen.setdefault(field, str(definition.type)) == str(definition.type), (kind.name, field)
