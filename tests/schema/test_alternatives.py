"""Cheaper switches and fallbacks over the schema, on the made-up catalogue with a rival of another lab."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from db.embedded import EmbeddedPostgres
from db.engine import write_engine
from db.migrate import migrate
from schema.ids import encode
from tests.asking import Asked, asking
from tests.conftest import ROWS

MORE = """
insert into lab (slug, name) values ('buzz', 'Buzz');
insert into provider (slug, name, kind, api_shape) values ('shop', 'Shop', 'AGGREGATOR', 'OPENAI_CHAT'), ('node', 'Node', 'HOST', 'OPENAI_CHAT');
insert into model (slug, name, lab_id, task, architecture, openness, commercial_use, lifecycle, search, capabilities_yes, capabilities_no,
  context_window) values ('bee', 'Bee', 2, 'TEXT_GENERATION', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'bee', '{VISION}', '{}', 256000);
insert into route (key, provider_id, model_id, provider_model_id, lifecycle, price_basis, live, first_party) values
  ('node/bee', 4, 3, 'bee', 'AVAILABLE', 'METERED', true, false), ('shop/bee', 3, 3, 'bee', 'AVAILABLE', 'METERED', true, false),
  ('shop/nobody', 3, null, 'nobody', 'AVAILABLE', 'METERED', true, false);
insert into price (route_id, mode, above, valid_from_basis, currency, input_mtok, output_mtok, other_units, hours, source_id) values
  (4, 'STANDARD', 0, 'OBSERVED', 'USD', 0.10, 0.10, '{}', '{}', 'made-up'), (5, 'STANDARD', 0, 'OBSERVED', 'USD', 0.05, 0.05, '{}', '{}', 'made-up');
insert into benchmark_result (model_id, benchmark_id, metric, score, source_id) values (3, 1, 'percent', 40.5, 'made-up');
"""
pytestmark = pytest.mark.asyncio
PAGE = "workload: {preset: REFERENCE_PAGE}"


async def fill(url: str, rows: str) -> None:
    """A catalogue of these rows."""
    engine = write_engine(url)
    await migrate(engine)
    async with engine.begin() as connection:
        for statement in filter(str.strip, rows.split(";")):
            await connection.exec_driver_sql(statement)
    await engine.dispose()


@pytest.fixture(scope="module")
def filled() -> Iterator[str]:
    with EmbeddedPostgres.temporary() as url:
        asyncio.run(fill(url, ROWS + MORE))
        yield url


@pytest_asyncio.fixture
async def ask_more(filled: str) -> AsyncIterator[Asked]:
    async with asking(filled) as asked:
        yield asked


NOTED = """
insert into lab (slug, name) values ('cat', 'Cat Labs');
insert into model (slug, name, lab_id, task, architecture, openness, commercial_use, lifecycle, search, capabilities_yes, capabilities_no)
  values ('cat', 'Cat', 3, 'TEXT_GENERATION', 'UNKNOWN', 'OPEN_WEIGHTS', 'UNKNOWN', 'AVAILABLE', 'cat', '{}', '{}');
insert into provider (slug, name, kind, api_shape) values ('cat', 'Cat Labs', 'LAB', 'OPENAI_CHAT'), ('barn', 'Barn', 'HOST', 'OPENAI_CHAT');
insert into route (key, provider_id, model_id, provider_model_id, lifecycle, price_basis, live, first_party) values
  ('barn/cat', 6, 4, 'cat', 'AVAILABLE', 'METERED', true, false), ('cat/cat', 5, 4, 'cat', 'RETIRED', 'METERED', false, true);
insert into price (route_id, mode, above, valid_from_basis, currency, input_mtok, output_mtok, other_units, hours, source_id) values
  (7, 'STANDARD', 0, 'OBSERVED', 'USD', 0.10, 0.10, '{}', '{}', 'made-up');
"""


@pytest.fixture(scope="module")
def with_notes() -> Iterator[str]:
    with EmbeddedPostgres.temporary() as url:
        asyncio.run(fill(url, ROWS + MORE + NOTED))
        yield url


async def test_notes_are_those_of_the_cost_and_of_the_model(with_notes: str) -> None:
    """A window that no source gives, and that the lab serves its open weights no more, wherever it is advised."""
    notes = [
        "No source gives the context window: whether it holds the largest request, 1,200 tokens, is not known.",
        "Open weights, no longer served by Cat Labs.",
    ]
    async with asking(with_notes) as ask:
        found = await ask(
            f"""{{ cheaperSwitches(source: "acme/one", {PAGE}, keep: []) {{ ... on CheaperSwitches {{ switches {{ model {{ slug }} notes }} }} }}
              fallbacks(source: "acme/one", {PAGE}, capabilities: []) {{ ... on FallbackSet {{ backups {{ model {{ slug }} notes }} }} }}
              recommend({PAGE}, requirements: {{labs: ["cat"]}}) {{ unsourced {{ model {{ slug }} notes sentence }} }} }}"""
        )
    data = found["data"]
    listed = [*data["cheaperSwitches"]["switches"], *data["fallbacks"]["backups"], *data["recommend"]["unsourced"]]
    assert [each["notes"] for each in listed if each["model"]["slug"] == "cat"] == [notes] * 3
    assert data["recommend"]["unsourced"][0]["sentence"].startswith(
        "Cat at Barn (open weights, no longer served by Cat Labs): $120 a month"
    )


async def test_cheaper_switches(ask_more: Asked) -> None:
    found = await ask_more(
        f"""{{ cheaperSwitches(source: "acme/one", {PAGE}, keep: [VISION]) {{ ... on CheaperSwitches {{ total count unpriced
          rules {{ id }} workload {{ name }} switches {{ model {{ slug }} route {{ key }} total saving display quality
            scores {{ benchmark metric lessIsBetter inUse candidate rule {{ id }} used {{ of field }} }}
            friction {{ level score lost doubtful steps factors {{ kind used {{ of }} }} }} }} }} }} }}"""
    )
    one = found["data"]["cheaperSwitches"]
    (switch,) = one["switches"]
    friction = switch.pop("friction")
    assert (one["total"], one["count"], one["unpriced"]) == ("270", 1, 0)
    assert [each["id"] for each in one["rules"]] == [
        "switches.cheaper",
        "switches.order",
        "quality.shared-benchmarks",
        "plan.standing",
    ]
    assert switch.pop("scores") == [
        {
            "benchmark": "quiz",
            "metric": "percent",
            "lessIsBetter": False,
            "inUse": "38.1",
            "candidate": "40.5",
            "rule": {"id": "benchmarks.join"},
            "used": [{"of": "one", "field": "benchmark.quiz"}, {"of": "bee", "field": "benchmark.quiz"}],
        }
    ]
    assert switch == {
        "model": {"slug": "bee"},
        "route": {"key": "shop/bee"},
        "total": "60",
        "saving": "210",
        "display": "$60.00, $210 less",
        "quality": "UNKNOWN",  # one benchmark is not enough to call it good
    }
    assert (friction["lost"], friction["doubtful"]) == ([], [])
    kinds = {factor["kind"] for factor in friction["factors"]}
    assert {"MODEL_ID", "COST"} <= kinds
    assert {use["of"] for factor in friction["factors"] for use in factor["used"]} <= {
        "acme/one",
        "shop/bee",
        "one",
        "bee",
        "acme",
        "shop",
    }


async def test_fallbacks(ask_more: Asked) -> None:
    found = await ask_more(
        f"""{{ fallbacks(source: "one", {PAGE}, failoverShare: "0.1") {{ ... on FallbackSet {{ total share required route {{ key }}
          parties {{ role company }} rules {{ id }} unprovenCount unproven {{ route {{ key }} total parties {{ role company }} }}
          backups {{ model {{ slug }} route {{ key }} total atShare extra display parties {{ role company }} used {{ of field }} }} }} }} }}"""
    )
    one = found["data"]["fallbacks"]
    assert (one["total"], one["required"], one["route"]["key"]) == ("270", ["VISION"], "acme/one")
    assert [each["company"] for each in one["parties"]] == ["acme", "acme", "acme"]
    assert [(each["model"]["slug"], each["route"]["key"]) for each in one["backups"]] == [("bee", "node/bee")]
    backup = one["backups"][0]
    assert (backup["total"], Decimal(backup["atShare"]), Decimal(backup["extra"])) == (
        "120",
        Decimal(255),
        Decimal(-15),
    )
    assert [each["company"] for each in backup["parties"]] == ["buzz", "node", "node"]
    assert backup["used"][0] == {"of": "bee", "field": "lab"}
    assert one["unproven"] == [
        {"route": {"key": "shop/bee"}, "total": "60", "parties": [
            {"role": "LAB", "company": "buzz"}, {"role": "HOST", "company": "shop"}, {"role": "UPSTREAM", "company": None}]}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("_case", "text", "statements"),
    [
        ("from a route", '{ cheaperSwitches(source: "acme/one") { ... on CheaperSwitches { count } } }', 7),
        ("from a model", '{ cheaperSwitches(source: "one") { ... on CheaperSwitches { switches { friction { level } } } } }', 9),  # one more asks for the revision
        ("four questions", """{ a: cheaperSwitches(source: "one") { __typename } b: cheaperSwitches(source: "bee") { __typename } c: fallbacks(source: "acme/one") { __typename }
                               d: fallbacks(source: "shop/bee") { __typename } }""", 10),
        ("backups of a route", '{ fallbacks(source: "acme/one") { ... on FallbackSet { backups { model { name } route { provider { name } } } } } }', 7),
        ("the prices of backups", '{ fallbacks(source: "acme/one") { ... on FallbackSet { backups { route { prices { outputMtok } } } } } }', 8),
    ],
)  # fmt: skip
async def test_exact_statements(ask_more: Asked, _case: str, text: str, statements: int) -> None:
    assert "errors" not in await ask_more(text)
    assert len(ask_more.statements) == statements


@pytest.mark.parametrize(
    ("_case", "arguments", "code"),
    [
        ("an unknown name", 'source: "three"', "UNKNOWN_MODEL"),
        ("the id of something else", f'source: "{encode("Lab", "acme")}"', "BAD_REF"),
        ("nothing", 'source: " "', "BAD_REF"),
        ("more than all", 'source: "one", failoverShare: "1.1"', "BAD_USER_INPUT"),
        ("no number", 'source: "one", failoverShare: "NaN"', "BAD_USER_INPUT"),
        ("no backups", 'source: "one", first: 0', "BAD_PAGE"),
    ],
)
async def test_questions_that_are_refused(ask_more: Asked, _case: str, arguments: str, code: str) -> None:
    found = await ask_more(f"{{ fallbacks({arguments}) {{ __typename }} }}")
    assert found["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize("source", ["acme/one", encode("Route", "acme/one"), "one", encode("Model", "one")])
async def test_a_source_is_named_in_every_way(ask_more: Asked, source: str) -> None:
    found = await ask_more(
        f'{{ cheaperSwitches(source: "{source}", {PAGE}) {{ ... on CheaperSwitches {{ total }} }} }}'
    )
    assert found["data"]["cheaperSwitches"] == {"total": "270"}


async def test_a_route_of_no_known_model_has_no_answer(ask_more: Asked) -> None:
    for field in ("cheaperSwitches", "fallbacks"):
        found = await ask_more(f'{{ {field}(source: "shop/nobody") {{ ... on Unavailable {{ reason message }} }} }}')
        assert found["data"][field] == {
            "reason": "MODEL_UNKNOWN",
            "message": "Nobody says which model shop/nobody serves, so nothing is known to do the same.",
        }


async def test_what_has_no_answer_is_a_value(ask_more: Asked) -> None:
    text = '{ cheaperSwitches(source: "two") { __typename ... on Unavailable { reason missing { of field } } } }'
    assert (await ask_more(text))["data"]["cheaperSwitches"] == {
        "__typename": "Unavailable",
        "reason": "TASK_UNKNOWN",
        "missing": [{"of": "two", "field": "task"}],
    }


async def test_nothing_that_ends_soon_is_offered_and_every_end_is_shown(ask_more: Asked, filled: str) -> None:
    """Today is the first of July: a shutdown in two weeks is too soon, unless less is asked for, and then it is told."""

    async def changed(statement: str) -> None:
        engine = write_engine(filled)
        async with engine.begin() as connection:
            await connection.exec_driver_sql(statement)
        await engine.dispose()

    end = "end { date precision sentence fact { kind of field } }"
    text = f"""query ($until: Date) {{
      cheaperSwitches(source: "acme/one", {PAGE}, livesUntil: $until) {{ ... on CheaperSwitches {{ switches {{ route {{ key }} {end} }} record }} }}
      fallbacks(source: "acme/one", {PAGE}, livesUntil: $until) {{ ... on FallbackSet {{
        backups {{ route {{ key }} {end} }} unproven {{ route {{ key }} {end} }} record }} }}
      recommend(requirements: {{livesUntil: $until}}, {PAGE}) {{
        fits(first: 5) {{ nodes {{ route {{ key }} {end} }} }} nearMisses(first: 5) {{ route {{ key }} {end} unmet {{ found }} }} }}
    }}"""

    async def offered(**given: Any) -> tuple[dict[str, dict[str, Any] | None], list[dict[str, Any]], list[str]]:
        found = (await ask_more(text, **given))["data"]
        sets = found["cheaperSwitches"], found["fallbacks"]
        rows = [*sets[0]["switches"], *sets[1]["backups"], *sets[1]["unproven"], *found["recommend"]["fits"]["nodes"]]
        near = found["recommend"]["nearMisses"]
        return {row["route"]["key"]: row["end"] for row in rows}, near, [each["record"] for each in sets]

    assert (await offered())[0] == {"shop/bee": None, "node/bee": None, "acme/one": None}
    await changed("update model set retires_on = '2026-07-15' where slug = 'bee'")
    try:
        kept, (near,), _ = await offered()
        assert kept == {"acme/one": None}
        said = {
            "date": "2026-07-15",
            "precision": "DAY",
            "sentence": "Announced to be shut down on 2026-07-15.",
            "fact": {"kind": "model", "of": "bee", "field": "retires_on"},
        }
        assert near["end"] == said
        assert near["unmet"] == [{"found": "shut down on 2026-07-15, 76 days too early"}]
        all_of_them, _, records = await offered(until="2026-07-01")
        assert all_of_them == {"shop/bee": said, "node/bee": said, "acme/one": None}
        for record in records:
            again = await ask_more("query ($it: String!) { replay(record: $it) { outcome } }", it=record)
            assert again["data"]["replay"]["outcome"] == "HOLDS"
    finally:
        await changed("update model set retires_on = null where slug = 'bee'")


async def test_candidates_are_kept_until_another_revision_or_day_answers(ask_more: Asked, filled: str) -> None:
    """What is kept is never older than the revision that the operation's own snapshot says."""
    text = f"{{ recommend(requirements: {{tasks: []}}, {PAGE}) {{ revision fits {{ nodes {{ route {{ key }} }} }} }} }}"

    async def asked() -> tuple[int | None, list[str], int]:
        found = (await ask_more(text))["data"]["recommend"]
        keys = [each["route"]["key"] for each in found["fits"]["nodes"]]
        return found["revision"], keys, len(ask_more.statements)

    async def changed(*statements: str) -> None:
        engine = write_engine(filled)
        async with engine.begin() as connection:
            for statement in statements:
                await connection.exec_driver_sql(statement)
        await engine.dispose()

    revision = "insert into catalog_revision (id, digest, created_at, counts, rules_version) values ({}, 'd{}', now(), '{{}}', '1')"
    await changed(revision.format(1, 1))
    both = ["acme/one", "shop/bee"]
    assert await asked() == (1, both, 5)
    assert await asked() == (1, both, 1)
    await changed(revision.format(2, 2), "update route set live = false where key = 'shop/bee'")
    assert await asked() == (2, ["acme/one", "node/bee"], 5)
    assert await asked() == (2, ["acme/one", "node/bee"], 1)
    await ask_more(text, today=date(2026, 7, 2))
    assert len(ask_more.statements) == 5
    await changed("delete from catalog_revision", "update route set live = true where key = 'shop/bee'")
    assert await asked() == (None, both, 5)
    assert await asked() == (None, both, 5)  # nothing would say when it changes


async def test_a_switch_of_a_comparison_has_the_routes_and_the_cost_of_the_plan(ask_more: Asked) -> None:
    found = await ask_more(
        f"""{{ comparison(models: ["one", "bee", "two"], {PAGE}) {{ switchFriction {{ source {{ slug }} target {{ slug }}
            sourceRoute {{ key }} targetRoute {{ key }} factors {{ kind before after }} }} }}
          switchPlan(from: "one", to: "bee", {PAGE}) {{ ... on SwitchPlan {{ source {{ route {{ key }} }} target {{ route {{ key }} }}
            steps {{ kind before after }} }} }} }}"""
    )
    plan = found["data"]["switchPlan"]
    switches = {
        (each["source"]["slug"], each["target"]["slug"]): each for each in found["data"]["comparison"]["switchFriction"]
    }
    there, back = switches["one", "bee"], switches["bee", "one"]
    routes = {"key": "acme/one"}, {"key": "shop/bee"}
    assert (there["sourceRoute"], there["targetRoute"]) == (back["targetRoute"], back["sourceRoute"]) == routes
    assert (plan["source"]["route"], plan["target"]["route"]) == routes
    costs = [[each for each in found if each["kind"] == "COST"] for found in (there["factors"], plan["steps"])]
    assert costs[0] == costs[1] == [{"kind": "COST", "before": "$270", "after": "$60.00"}]
    assert (switches["one", "two"]["sourceRoute"], switches["one", "two"]["targetRoute"]) == (routes[0], None)
