"""Records and replays over GraphQL: every kind holds while nothing changes, and says what turned it when something does; what was
tampered with, and what is no record, is a coded error."""

from __future__ import annotations

import asyncio
import zlib
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from typing import Any

import pytest
import pytest_asyncio

from domain.records import Kind, read_record
from tests.asking import Asked, asking
from tests.conftest import ROWS
from tests.ingest.small import databases, run_script
from tests.kept import KEY, REPLAY, forged, record_in, sealed

REVISION = "insert into catalog_revision values (default, 'd', '2026-07-01', 'r', '{}');"
MORE = """
insert into model (slug, name, lab_id, license_id, task, architecture, lifecycle, search, context_window, openness, commercial_use,
  capabilities_yes, capabilities_no) values
  ('three', 'Three', 1, 1, 'TEXT_GENERATION', 'UNKNOWN', 'AVAILABLE', 'three', 128000, 'OPEN_SOURCE', 'ALLOWED', '{}', '{}');
insert into provider (slug, name, kind, api_shape) values ('far', 'Far', 'HOST', 'OPENAI_CHAT');
insert into route (key, provider_id, model_id, provider_model_id, lifecycle, price_basis, live, first_party, output_mtok) values
  ('far/three', 3, 3, 'three', 'AVAILABLE', 'METERED', true, false, 0.4);
insert into price (route_id, mode, above, valid_from, valid_from_basis, currency, input_mtok, output_mtok, other_units, hours, source_id) values
  (4, 'STANDARD', 0, '2026-01-01', 'STATED', 'USD', 0.10, 0.40, '{}', '{}', 'made-up'),
  (2, 'STANDARD', 0, '2026-01-01', 'STATED', 'USD', 0.20, 0.80, '{}', '{}', 'made-up');
insert into benchmark_result (model_id, benchmark_id, metric, score, source_id) values (2, 1, 'percent', 10, 'made-up');
"""

RECORDS = {
    Kind.VERDICT: '{ comparison(models: ["one", "three"]) { verdict { record } } }',
    Kind.MONTHLY_COST: '{ model(ref: "one") { monthlyCost { ... on MonthlyCost { record } } } }',
    Kind.ROUTE_COST: '{ route(key: "acme/one") { monthlyCost { ... on RouteCost { record } } } }',
    Kind.SWITCH_FRICTION: '{ comparison(models: ["one", "three"]) { switchFriction(source: "one") { record } } }',
    Kind.SWITCH_PLAN: '{ switchPlan(from: "one", to: "far/three") { ... on SwitchPlan { record } } }',
    Kind.BREAK_EVEN: '{ breakEven(routes: ["acme/one", "host/one"]) { breakEvens(over: [OUTPUT_SHARE]) { ... on BreakEven { record } } } }',
    Kind.BENCHMARKS: '{ comparison(models: ["one", "two"]) { benchmarks { record } } }',
    Kind.CAPABILITY_MATRIX: '{ capabilityMatrix(ref: "one", capabilities: [VISION]) { record } }',
    Kind.RECOMMENDATION: "{ recommend(requirements: {minContext: 1000}) { record } }",
    Kind.CHEAPER_SWITCHES: '{ cheaperSwitches(source: "one", keep: []) { ... on CheaperSwitches { record } } }',
    Kind.FALLBACKS: '{ fallbacks(source: "host/one", capabilities: []) { ... on FallbackSet { record } } }',
}


@pytest.fixture(scope="module")
def urls() -> Iterator[tuple[str, str]]:
    """A catalogue that stays, and one that tests change and change back."""
    with databases() as new:
        made = new(), new()
        for url in made:
            run_script(url, ROWS + MORE + REVISION)
        yield made


@pytest_asyncio.fixture
async def ask_more(urls: tuple[str, str]) -> AsyncIterator[Asked]:
    async with asking(urls[0]) as asked:
        asked.record_key = KEY
        yield asked


@pytest_asyncio.fixture
async def ask_changing(urls: tuple[str, str]) -> AsyncIterator[Asked]:
    async with asking(urls[1]) as asked:
        yield asked


async def recorded(ask: Asked, kind: Kind) -> str:
    found = await ask(RECORDS[kind])
    assert "errors" not in found
    text = record_in(found["data"])
    assert read_record(text, None).question.kind is kind
    return text


async def replay(ask: Asked, record: str) -> dict[str, Any]:
    found = await ask(REPLAY, record=record)
    assert "errors" not in found, found["errors"]
    return dict(found["data"]["replay"])


STATEMENTS = {
    Kind.VERDICT: (7, 5),
    Kind.MONTHLY_COST: (6, 4),
    Kind.ROUTE_COST: (6, 4),
    Kind.SWITCH_FRICTION: (6, 4),
    Kind.SWITCH_PLAN: (9, 7),
    Kind.BREAK_EVEN: (6, 4),
    Kind.BENCHMARKS: (5, 5),
    Kind.CAPABILITY_MATRIX: (5, 4),
    Kind.RECOMMENDATION: (8, 5),
    Kind.CHEAPER_SWITCHES: (12, 7),
    Kind.FALLBACKS: (10, 7),
}
"""Of a decision with its record, and of its replay, for which the candidates of the revision are there already."""


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", Kind)
async def test_every_kind_holds_at_the_same_revision(ask_more: Asked, kind: Kind) -> None:
    record = await recorded(ask_more, kind)
    counts = [len(ask_more.statements)]
    found = await replay(ask_more, record)
    counts.append(len(ask_more.statements))
    assert (found["outcome"], found["changes"], found["rulesChanged"]) == ("HOLDS", [], [])
    assert found["before"] == found["after"]
    assert (found["kind"], found["revision"], found["catalogDigest"], found["day"]) == (kind, 1, "d", "2026-07-01")
    assert tuple(counts) == STATEMENTS[kind]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "without", "statements"),
    [
        ("verdict", '{ comparison(models: ["one", "three"]) { verdict { decided } } }', 4),
        ("cost", '{ model(ref: "one") { monthlyCost { ... on MonthlyCost { total } } } }', 3),
        ("route", '{ route(key: "acme/one") { monthlyCost { ... on RouteCost { total } } } }', 3),
        ("plan", '{ switchPlan(from: "acme/one", to: "far/three") { ... on SwitchPlan { level } } }', 3),
        ("ranking", "{ recommend { fitCount } }", 5),
    ],
)
async def test_a_record_costs_nothing_where_it_is_not_selected(
    ask_more: Asked, _case: str, without: str, statements: int
) -> None:
    assert "errors" not in await ask_more(without)
    assert len(ask_more.statements) == statements


@pytest.mark.asyncio
async def test_a_part_of_a_cost_has_no_record_of_its_own(ask_more: Asked) -> None:
    found = await ask_more('{ model(ref: "one") { monthlyCost { ... on MonthlyCost { cheapest { record } } } } }')
    assert found["data"]["model"]["monthlyCost"]["cheapest"] == [{"record": None}]


CHANGES: list[tuple[str, Kind, str, str, str, tuple[str, str, str] | None]] = [
    (
        "a price that makes another route the cheapest",
        Kind.MONTHLY_COST,
        "update price set input_mtok = 0.01 where route_id = 2",
        "update price set input_mtok = 0.20 where route_id = 2",
        "TURNED",
        ("host/one", "price.STANDARD.0.input", "DECISIVE"),
    ),
    (
        "a price that goes missing",
        Kind.ROUTE_COST,
        "update price set output_mtok = null where route_id = 1 and valid_to is null",
        "update price set output_mtok = 0.60 where route_id = 1 and valid_to is null",
        "UNDECIDABLE",
        ("acme/one", "price.STANDARD.0.output", "DECISIVE"),
    ),
    (
        "a price that matters to nobody who won",
        Kind.MONTHLY_COST,
        "update price set input_mtok = 0.21 where route_id = 2",
        "update price set input_mtok = 0.20 where route_id = 2",
        "HOLDS",
        ("host/one", "price.STANDARD.0.input", "NOT_ALONE"),
    ),
    (
        "a capability that the target turns out to have",
        Kind.SWITCH_PLAN,
        "update model set capabilities_yes = '{VISION}' where slug = 'three'",
        "update model set capabilities_yes = '{}' where slug = 'three'",
        "TURNED",
        ("three", "capability.VISION", "DECISIVE"),
    ),
    (
        "a capability that a route is said to have",
        Kind.CAPABILITY_MATRIX,
        "update route set capabilities_yes = '{VISION}' where key = 'host/one'",
        "update route set capabilities_yes = '{}' where key = 'host/one'",
        "TURNED",
        ("host/one", "capability.VISION", "DECISIVE"),
    ),
    (
        "a route that no longer has them together",
        Kind.CAPABILITY_MATRIX,
        "update route set live = false where key = 'host/one'",
        "update route set live = true where key = 'host/one'",
        "TURNED",
        ("host/one", "lifecycle", "DECISIVE"),
    ),
    (
        "a score that makes another one lead",
        Kind.BENCHMARKS,
        "update benchmark_result set score = 99 where model_id = 2",
        "update benchmark_result set score = 10 where model_id = 2",
        "TURNED",
        ("two", "benchmark.quiz", "NOT_TRIED"),
    ),
    (
        "a score that can no longer be compared",
        Kind.BENCHMARKS,
        "update benchmark_result set metric = 'elo' where model_id = 2",
        "update benchmark_result set metric = 'percent' where model_id = 2",
        "UNDECIDABLE",
        ("two", "benchmark.quiz", "NOT_TRIED"),
    ),
    (
        "something that nobody used",
        Kind.VERDICT,
        "update model set family = 'other' where slug = 'three'",
        "update model set family = null where slug = 'three'",
        "HOLDS",
        None,
    ),
    (
        "a price, asked of the whole catalogue",
        Kind.CHEAPER_SWITCHES,
        "update price set input_mtok = 9 where route_id = 4",
        "update price set input_mtok = 0.10 where route_id = 4",
        "TURNED",
        ("far/three", "price.STANDARD.0.input", "NOT_TRIED"),
    ),
    (
        "a slug that is gone",
        Kind.SWITCH_FRICTION,
        "update model set slug = 'drei' where slug = 'three'",
        "update model set slug = 'three' where slug = 'drei'",
        "UNDECIDABLE",
        None,
    ),
    (
        "a route that is gone",
        Kind.BREAK_EVEN,
        "update route set key = 'host/uno' where id = 2",
        "update route set key = 'host/one' where id = 2",
        "UNDECIDABLE",
        ("host/one", "price.STANDARD.0.input", "NOT_TRIED"),
    ),
    (
        "what was backed up is gone",
        Kind.FALLBACKS,
        "update route set key = 'host/uno' where id = 2",
        "update route set key = 'host/one' where id = 2",
        "UNDECIDABLE",
        None,
    ),
]


NO_NEXT = "delete from catalog_revision where digest = 'e'"
NEXT = "insert into catalog_revision (digest, created_at, rules_version, counts) values ('e', now(), '1', '{}')"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "kind", "change", "undo", "outcome", "fact"), CHANGES, ids=[each[0] for each in CHANGES]
)
async def test_what_becomes_of_a_decision(
    ask_changing: Asked,
    urls: tuple[str, str],
    _case: str,
    kind: Kind,
    change: str,
    undo: str,
    outcome: str,
    fact: tuple[str, str, str] | None,
) -> None:
    record = await recorded(ask_changing, kind)
    await asyncio.to_thread(run_script, urls[1], f"{change};{NEXT}")
    try:
        found = await replay(ask_changing, record)
    finally:
        await asyncio.to_thread(run_script, urls[1], f"{undo};{NO_NEXT}")
    assert found["outcome"] == outcome
    named = [(each["of"], each["field"], each["part"]) for each in found["changes"]]
    assert fact in named if fact is not None else "DECISIVE" not in [part for _, _, part in named]
    assert (await replay(ask_changing, record))["outcome"] == "HOLDS"


@pytest.mark.asyncio
async def test_own_terms_and_weights_are_part_of_the_question(ask_more: Asked) -> None:
    """A price of one's own is in the question, and none of the facts."""
    terms = '{prices: [{route: "host/one", input: "0.01", output: "0.02"}], excludeProviders: ["far"]}'
    asked = f"""{{ comparison(models: ["one", "three"], weights: [{{signal: CONTEXT_WINDOW, weight: 900}}], overrides: {terms}) {{
      verdict {{ record }} monthlyCosts {{ ... on MonthlyCost {{ record }} }} }} }}"""
    found = (await ask_more(asked))["data"]["comparison"]
    for record in (found["verdict"]["record"], found["monthlyCosts"][0]["record"]):
        assert (await replay(ask_more, record))["outcome"] == "HOLDS"
    assert read_record(found["monthlyCosts"][0]["record"], None).answer["cheapest"] == ["host/one"]
    assert {each.kind for each in read_record(record, None).facts} == {"route"}


def _bomb() -> str:
    head = f"llmref1.{urlsafe_b64encode(zlib.compress(b'[' * 30_000_000)).decode().rstrip('=')}"
    return f"{head}.{sha256(head.encode()).hexdigest()}"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "BAD_RECORD"),
        ("llmref1.AAAA", "BAD_RECORD"),
        (f"llmref1.AAAA.{'0' * 64}", "TAMPERED_RECORD"),
        ("x" * 90_000, "BAD_RECORD"),
        ("\u0000", "BAD_RECORD"),
        (_bomb(), "BAD_RECORD"),
    ],
)
async def test_what_is_no_record_is_a_coded_error_and_reads_nothing(ask_more: Asked, text: str, code: str) -> None:
    found = await ask_more(REPLAY, record=text)
    assert [each["extensions"]["code"] for each in found["errors"]] == [code]
    assert ask_more.statements == []


FORGED: list[tuple[Kind, dict[str, Any]]] = [
    (Kind.VERDICT, {"refs": ["one"]}),
    (Kind.VERDICT, {"refs": ["one"] * 2}),
    (Kind.VERDICT, {"terms": {"overrides": "", "weights": {"CONTEXT_WINDOW": 10**9}}}),
    (Kind.VERDICT, {"terms": {"overrides": '[[["acme/one",null,["input","NaN"]]],[],null,[]]', "weights": {}}}),
    (Kind.VERDICT, {"terms": {"overrides": "[" * 5000, "weights": {}}}),
    (Kind.MONTHLY_COST, {"terms": {}}),
    (Kind.SWITCH_PLAN, {"terms": {"ends": [{}, []]}}),
    (Kind.BREAK_EVEN, {"terms": {"overrides": "", "axis": "TIME"}}),
    (Kind.VERDICT, {"workload": None}),
    (Kind.BENCHMARKS, {"refs": ["one"]}),
    (Kind.CAPABILITY_MATRIX, {"terms": {"overrides": "", "capabilities": []}}),
    (Kind.CAPABILITY_MATRIX, {"terms": {"overrides": "", "capabilities": None}}),
    (Kind.CAPABILITY_MATRIX, {"refs": ["one", "three"]}),
    (Kind.RECOMMENDATION, {"terms": {"requirements": {"tasks": 1}, "weights": {}, "of": "MODELS", "first": 10}}),
    (Kind.RECOMMENDATION, {"terms": {"requirements": {"no": 1}, "weights": {}, "of": "MODELS", "first": 10}}),
    (Kind.RECOMMENDATION, {"terms": {"requirements": {}, "weights": {}, "of": "MODELS", "first": 10**6}}),
    (Kind.RECOMMENDATION, {"lens": '[["made-up"],null,null]'}),
    (Kind.CHEAPER_SWITCHES, {"terms": {"keep": ["DANCING"]}}),
    (Kind.FALLBACKS, {"terms": {"share": "2", "required": None, "most": 3}}),
    (Kind.FALLBACKS, {"terms": {"share": "0.05", "required": None, "most": 3000}}),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("kind", "changed"), FORGED)
async def test_a_sealed_question_that_nobody_can_ask_is_refused(
    ask_more: Asked, kind: Kind, changed: dict[str, Any]
) -> None:
    found = await ask_more(REPLAY, record=sealed(await recorded(ask_more, kind), KEY, **changed))
    assert [each["extensions"]["code"] for each in found["errors"]] == ["BAD_RECORD"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "facts",
    [
        [["model", "one", "context_window", "much", None, None], ["model", "one", "task", "X", None, None]],
        [["route", "acme/one", "price.STANDARD.0.input", "1e9999", None, None]],
        [["route", "acme/one", "price.STANDARD.999999999999.input", "0.1", None, None]],
        [["route", "acme/one", "price.STANDARD.0.input@CNY", "1", None, None]],
        [["provider", "acme", "name", "A", None, None], ["lab", "acme", "url", "u", None, None]],
        [["license", "MIT", "name", "X", None, None], ["model", "one", "benchmark.quiz", ["x"], None, None]],
        [["model", "one", "name", 5, None, None], ["model", "one", "released", "never", None, None]],
        [["model", "one", "successor.OPTION", ["two"], None, None]],
    ],
)
@pytest.mark.parametrize("kind", [Kind.VERDICT, Kind.SWITCH_PLAN, Kind.MONTHLY_COST])
async def test_strange_facts_of_a_record_do_no_harm(ask_more: Asked, kind: Kind, facts: list[Any]) -> None:
    """Whoever has the key, or an older version, may have written them: they are compared and shown, and break nothing."""
    text = sealed(await recorded(ask_more, kind), KEY, facts=facts, answer={"winner": "nobody"})
    found = await replay(ask_more, text)
    assert found["outcome"] == ("UNDECIDABLE" if kind is Kind.VERDICT else "TURNED")


@pytest.mark.asyncio
async def test_only_our_own_records_are_taken(urls: tuple[str, str]) -> None:
    """Every catalogue has a key of its own, without any setting; with the setting, that one counts instead."""
    await asyncio.to_thread(
        run_script, urls[1], "update record_key set key = 'another'"
    )  # else it is a copy of the other one's
    texts: dict[tuple[str, bytes | None], str] = {}
    for url in urls:
        for key in (None, KEY):
            async with asking(url) as ask:
                ask.record_key = key
                texts[url, key] = await recorded(ask, Kind.ROUTE_COST)
    assert len(set(texts.values())) == 3, "the same question of the same facts, by two catalogues and by a key for both"
    for url in urls:
        for key in (None, KEY):
            async with asking(url) as ask:
                ask.record_key = key
                assert (await replay(ask, texts[url, key]))["outcome"] == "HOLDS"
                others = {text for text in texts.values() if text != texts[url, key]}
                for text in (*others, forged(texts[url, key]), forged(texts[url, key], sentence="Free.")):
                    found = await ask(REPLAY, record=text)
                    assert [each["extensions"]["code"] for each in found["errors"]] == ["TAMPERED_RECORD"]
