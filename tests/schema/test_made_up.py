"""Ids, cursors, records and days that a client has made up are answered, or refused with a code: whatever stands in them."""

import json
from base64 import urlsafe_b64encode
from contextlib import suppress
from hashlib import sha256
from typing import Any
from zlib import compress

import pytest
from graphql import GraphQLError, GraphQLObjectType, get_named_type
from hypothesis import given
from hypothesis import strategies as st

from domain.records import UnusableRecord, read_record
from domain.scorecard import SignalKey
from schema.answer import CORE
from schema.comparison import FEWEST, Question, question_of
from schema.ids import decode, encode, seen_key
from schema.paging import MOST, MOST_ROUTES, window
from schema.questions import asked_again
from schema.workloads import workload_key, workload_of_key
from tests.asking import Asked

PLAIN: list[Any] = [["one", "two"], "CHAT", {"MONTHLY_COST": 5}, ""]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["one", "two", "CHAT", "[[]]", '["a",null]', "OPENAI_CHAT", "1", "-5", *SignalKey]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(list(SignalKey)) | st.text(), inner),
    max_leaves=8,
)
"""What JSON can say, NaN, and words of ours."""
CURSOR = "query ($cursor: String!) { models(order: NAME, after: $cursor) { nodes { slug } } }"
NODE = "query ($id: ID!) { node(id: $id) { id ... on Comparison { verdict { decided } } } }"


def packed(text: str | bytes) -> str:
    return urlsafe_b64encode(text if isinstance(text, bytes) else text.encode()).decode().rstrip("=")


def comparison(*parts: Any) -> str:
    return packed("Comparison:" + json.dumps(parts, separators=(",", ":")))


def code_of(found: Any) -> Any:
    """That of the only error; None without one, and where it is one of ours."""
    errors = found.get("errors") or [{}]
    return errors[0].get("extensions", {}).get("code") if len(errors) == 1 else errors


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "weight", [-5, 1_001, 1_000_000, 2**70, True, 1.5, float("nan"), float("inf"), None, "5", "", [], {}]
)
async def test_an_id_with_a_weight_that_nobody_can_give_is_none(ask: Asked, weight: Any) -> None:
    made_up = comparison(["one", "two"], "CHAT", {"MONTHLY_COST": weight}, "")
    assert code_of(await ask(NODE, id=made_up)) == "BAD_ID"
    assert code_of(await ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[made_up])) == "BAD_ID"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "parts"),
    [
        ("a region that is an object", [*PLAIN, '[[],[],{"a":1},[]]']),
        ("a provider that is a list", [*PLAIN, '[[],[["acme"]],null,[]]']),
        ("terms nested deeply", [*PLAIN, "[" * 3_000 + "]" * 3_000]),
        ("a month nested deeply", [["one", "two"], "[" * 3_000 + "]" * 3_000, {}, ""]),
        ("a lens nested deeply", [["one", "two"], "CHAT", {}, "[" * 3_000 + "]" * 3_000]),
        ("a lens on no day", [["one", "two"], "CHAT", {}, '[[],"2026-02-31",null]']),
        ("half a character", [["one", "\ud800"], "CHAT", {}, ""]),
        ("an empty ref", [["one", ""], "CHAT", {}, ""]),
        ("too long a ref", [["one", "x" * 201], "CHAT", {}, ""]),
        ("the id of a provider", [["one", encode("Provider", "acme")], "CHAT", {}, ""]),
        ("a weight of a row that only describes", [["one", "two"], "CHAT", {"BEST_FOR": 5}, ""]),
        ("nested deeply", json.loads("[" * 900 + "]" * 900)),
    ],
)
async def test_a_comparison_id_that_nobody_was_given_is_none(ask: Asked, _case: str, parts: Any) -> None:
    assert code_of(await ask(NODE, id=comparison(*parts))) == "BAD_ID"


@pytest.mark.asyncio
async def test_an_id_as_it_was_given_is_one(ask: Asked) -> None:
    found = await ask(NODE, id=comparison(*PLAIN))
    assert found["data"]["node"]["verdict"]["decided"] in {True, False}


@given(st.lists(JSON, max_size=6) | JSON)
def test_an_id_is_one_that_we_give_or_bad(said: Any) -> None:
    for text in (comparison(*said) if isinstance(said, list) else packed(f"Comparison:{json.dumps(said)}"), str(said)):
        with suppress(Refusal):
            assert is_question(refusing(question_of, text), text)


@given(st.integers(0, len(PLAIN)), JSON)
def test_so_is_one_with_anything_in_one_place(place: int, said: Any) -> None:
    parts = [*PLAIN, ""]
    parts[place] = said
    for each in (parts, [*parts[:1], json.dumps(parts[1]), *parts[2:]]):
        text = comparison(*(each[:-1] if each[-1] == "" else each))
        with suppress(Refusal):
            assert is_question(refusing(question_of, text), text)


@given(st.binary(max_size=40) | st.text(max_size=40))
def test_so_is_any_text(said: bytes | str) -> None:
    for text in (packed(said.encode("utf-8", "replace") if isinstance(said, str) else said), str(said)):
        with suppress(Refusal):
            kind, key = refusing(decode, text)
            assert encode(kind, key) == text
            refusing(seen_key, key)


class Refusal(Exception):
    """What a client made up was refused with the code that is for it."""


def refusing(read: Any, text: str, code: str = "BAD_ID") -> Any:
    try:
        return read(text)
    except GraphQLError as error:
        if error.extensions == {"code": code}:
            raise Refusal from error
        raise


def is_question(question: Question, id_: str) -> bool:
    """One that can be asked: the id says all of it, and nothing else."""
    workload = workload_of_key(workload_key(question.workload))
    assert len(set(question.refs)) >= FEWEST
    return workload == question.workload and encode("Comparison", question.key(question.refs)) == id_


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "said",
    [
        "[" * 3_000 + "]" * 3_000,
        '{"a":' * 3_000 + "1" + "}" * 3_000,
        "",
        "[",
        "null",
        "NaN",
        "9" * 6_000,
        '["NAME"]',
        '["NAME","one",1]',
        '["NAME","one","-1"]',
        '["NAME","one","2147483648"]',
        '["NAME","one","99999999999999999999"]',
        '["NAME","one","١"]',
        '["NAME","one"," 1"]',
        '["NAME","\\ud800","1"]',
        '["NAME",["one"],"1"]',
        '["NAME","one","1","1"]',
        b"\xff",
    ],
)
async def test_a_cursor_that_nobody_was_given_is_none(ask: Asked, said: str | bytes) -> None:
    assert code_of(await ask(CURSOR, cursor=packed(said))) == "BAD_CURSOR"
    text = 'query ($cursor: String!) { model(ref: "one") { routes(before: $cursor) { nodes { key } } } }'
    assert code_of(await ask(text, cursor=packed(said))) == "BAD_CURSOR"


@given(JSON | st.lists(JSON, max_size=3).map(lambda more: ["NAME", *more]), st.text(max_size=20))
def test_a_cursor_is_text_and_a_number_or_bad(said: Any, other: str) -> None:
    for cursor in (packed(json.dumps(said)), other):
        with suppress(Refusal):
            found = refusing(lambda text: window("NAME", None, text, None, None), cursor, "BAD_CURSOR").after
            assert found == tuple(said[1:])
            assert said[0] == "NAME"
            assert int(found[1]) < 2**31


@given(st.dictionaries(st.sampled_from(["kind", "refs", "workload", "terms", "lens", "revision", "facts"]), JSON))
def test_a_record_is_a_question_of_ours_or_bad(changed: Any) -> None:
    """Whatever stands in it, its digest being right: only the signature is not."""
    content = {
        **{
            "kind": "VERDICT",
            "refs": ["one", "two"],
            "workload": ["own", ["a", *"1234567", "0", "1", "0"]],
            "lens": "",
        },
        **{"terms": {"overrides": "", "weights": {}}, "revision": 1, "catalog": None, "day": "2026-07-01"},
        **{"rulesVersion": "1", "rules": {}, "answer": {}, "figures": {}, "sentence": "", "facts": []},
    }
    for name, said in changed.items():
        for part in (content | {name: said}, content | {"terms": {"overrides": json.dumps(said), "weights": said}}):
            head = f"llmref1.{packed(compress(json.dumps(part).encode()))}"
            with suppress(UnusableRecord):
                record = read_record(f"{head}.{sha256(head.encode()).hexdigest()}", None)
                assert asked_again(record).question == record.question


FARTHEST = ["9999-12-31", "9999-12-30", "0001-01-01", "0001-01-02"]


@pytest.mark.asyncio
@pytest.mark.parametrize("day", FARTHEST)
@pytest.mark.parametrize("of", ["known", "valid"])
async def test_the_first_and_the_last_days_are_days(ask: Asked, of: str, day: str) -> None:
    """Nothing is known of the catalogue on a day before the first document, and what is known now holds on the last one."""
    lens = f'lens: {{{of}: "{day}"}}'
    expected = "UNKNOWN_MODEL" if day.startswith("0001") else None
    models = await ask(f'{{ model(ref: "one", {lens}) {{ slug routes {{ nodes {{ prices {{ inputMtok }} }} }} }} }}')
    route = await ask(f'{{ route(key: "acme/one", {lens}) {{ key prices {{ inputMtok }} }} }}')
    compared = await ask(
        f'{{ comparison(models: ["one", "two"], {lens}) {{ id verdict {{ decided }} flips {{ sentence }} }} }}'
    )
    assert {code_of(models), code_of(compared)} <= {expected, "UNKNOWN_MODEL"}
    assert code_of(route) is None
    key = json.dumps([[], *((day, None) if of == "valid" else (None, day))], separators=(",", ":"))
    assert code_of(await ask(NODE, id=comparison(["one", "two"], "CHAT", {}, key))) in {None, "UNKNOWN_MODEL"}
    assert code_of(await ask(NODE, id=packed(f"Model:one\n{key}"))) in {None, "UNKNOWN_MODEL"}


@pytest.mark.asyncio
@pytest.mark.parametrize("day", FARTHEST)
async def test_they_bound_what_is_asked_for(ask: Asked, day: str) -> None:
    for text in (
        f'{{ route(key: "acme/one") {{ prices(on: "{day}") {{ inputMtok }} }} }}',
        f'{{ retirements(from: "{day}", to: "9999-12-31") {{ totalCount nodes {{ date }} }} }}',
        f'{{ retirements(from: "0001-01-01", to: "{day}") {{ totalCount nodes {{ date }} }} }}',
        f'{{ factChanges(since: "{day}") {{ totalCount nodes {{ revision }} }} }}',
        f'{{ priceChanges(since: "{day}", where: {{until: "{day}"}}) {{ totalCount nodes {{ revision }} }} }}',
        f'{{ models(where: {{releasedAfter: "{day}", retiresFrom: "{day}", retiresTo: "{day}"}}) {{ totalCount }} }}',
        f'{{ routes(where: {{retiresFrom: "{day}", retiresTo: "{day}"}}) {{ totalCount nodes {{ key }} }} }}',
        f'{{ recommend(requirements: {{releasedAfter: "{day}", livesUntil: "{day}"}}) {{ fitCount record(first: 1) }} }}',
        f'{{ cheaperSwitches(source: "one", livesUntil: "{day}") {{ __typename }} }}',
        f'{{ fallbacks(source: "one", livesUntil: "{day}") {{ __typename }} }}',
    ):
        assert "errors" not in await ask(text), text


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("9999-12-31T23:59:59Z", "BAD_USER_INPUT"),
        ("9999-12-31T23:59:59+14:00", "BAD_USER_INPUT"),
        ("0001-01-01T00:00:00Z", "BAD_USER_INPUT"),
        ("0001-01-01T00:00:00-14:00", "BAD_USER_INPUT"),
        ("9998-12-31T23:59:59-23:59", None),
        ("0002-01-01T00:00:00+23:59", None),
    ],
)
async def test_a_moment_is_one_in_every_zone(ask: Asked, moment: str, code: str | None) -> None:
    text = 'query ($at: DateTime!) { route(key: "acme/one") { prices(at: $at) { hours { timeZone } } } }'
    assert code_of(await ask(text, at=moment)) == code


def lists() -> dict[str, int]:
    """Of every list that is no connection and takes `first` the most of it that one may ask for."""
    return {
        f"{kind.name}.{name}": MOST_ROUTES if name in ("ranked", "routes") else 10 if name == "fallbacks" else MOST
        for kind in CORE.type_map.values()
        if isinstance(kind, GraphQLObjectType)
        for name, each in kind.fields.items()
        if "first" in each.args and not get_named_type(each.type).name.endswith("Connection")
    }


ASKED = {
    "CapabilityMatrix.routes": 'capabilityMatrix(ref: "one", capabilities: [VISION]) { routes(first: $first) { presence } }',
    "CheaperSwitches.switches": 'cheaperSwitches(source: "acme/one") { ... on CheaperSwitches { switches(first: $first) { __typename } } }',
    "Comparison.continueComparing": 'comparison(models: ["one", "two"]) { continueComparing(first: $first) { __typename } }',
    "FallbackSet.unproven": 'fallbacks(source: "acme/one") { ... on FallbackSet { unproven(first: $first) { __typename } } }',
    "MonthlyCost.ranked": 'model(ref: "one") { monthlyCost { ... on MonthlyCost { ranked(first: $first) { __typename } } } }',
    "Query.fallbacks": 'fallbacks(source: "acme/one", first: $first) { __typename }',
    "Recommendations.nearMisses": "recommend { nearMisses(first: $first) { __typename } }",
    "Recommendations.paretoFront": "recommend { paretoFront(first: $first) { members { __typename } } }",
    "Recommendations.record": "recommend { record(first: $first) }",
    "Recommendations.unsourced": "recommend { unsourced(first: $first) { __typename } }",
    "Verdict.decisiveUnknowns": 'comparison(models: ["one", "two"]) { verdict { decisiveUnknowns(first: $first) { __typename } } }',
}  # fmt: skip


OF_STATEMENTS = {
    "Evidence.agreeing": 'model(ref: "gpt-4o") { evidence(field: CONTEXT_WINDOW) { agreeing(first: $first) { __typename } } }',
    "Evidence.dissenting": 'model(ref: "gpt-4o") { evidence(field: CONTEXT_WINDOW) { dissenting(first: $first) { __typename } } }',
}
"""Of what the made-up catalogue has none of."""


@pytest.mark.asyncio
@pytest.mark.parametrize("listed", ASKED)
async def test_a_list_without_pages_gives_as_many_as_are_asked_for_or_says_how_many_it_may(
    ask: Asked, listed: str
) -> None:
    await checked(ask, listed, ASKED[listed])


@pytest.mark.asyncio
@pytest.mark.xdist_group("default catalogue")
@pytest.mark.parametrize("listed", OF_STATEMENTS)
async def test_so_does_a_list_of_statements(ask_default: Asked, listed: str) -> None:
    await checked(ask_default, listed, OF_STATEMENTS[listed])


async def checked(ask: Asked, listed: str, asked: str) -> None:
    text, most = f"query ($first: Int!) {{ {asked} }}", lists()[listed]
    refused = {"Recommendations.record": "BAD_USER_INPUT"}.get(listed, "BAD_PAGE")
    for first in (-1, -(2**31), most + 1, 2**31 - 1):
        found = await ask(text, first=first)
        assert code_of(found) == refused, (first, found)
        assert str(most) in found["errors"][0]["message"]
    assert code_of(await ask(text, first=most)) is None


def test_every_such_list_is_asked_for() -> None:
    assert {*ASKED, *OF_STATEMENTS} == set(lists())
