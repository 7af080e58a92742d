"""What an operation is estimated to cost: shared work once for each comparison, a lens for each model, and nothing for free."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest
from strawberry.utils.str_converters import to_camel_case

from db.queries import ModelOrder
from domain import plan
from domain.facts import CapabilityKind
from domain.lens import through
from domain.scorecard import SignalKey
from domain.workload import MAX_CLASSES, PRESETS, Workload
from schema.answer import LONG, Answer, choose
from schema.beside import Abandoned, Wanted
from schema.comparison import Question
from schema.execution import Run
from schema.filters import ModelFilter, model_order
from schema.ids import encode
from schema.look import Facts
from schema.points import request_classes
from schema.weights import FILTER, SEARCH, SEARCH_LETTER, WEIGHTS, WORKS, Work
from tests.asking import TODAY, Asked, objects_of

PAIR = ("gpt-5", "claude-sonnet-4.5")
TEN = tuple("abcdefghij")
CHAT = PRESETS["CHAT"].workload


def points(text: str) -> int:
    chosen = choose(text, {})
    assert not isinstance(chosen, Answer), chosen.errors
    return chosen.points


def comparing(models: tuple[str, ...], selected: str, more: str = "") -> str:
    return f"comparison(models: {json.dumps(models)}{more}) {{ {selected} }}"


def below(models: tuple[str, ...], selected: str) -> int:
    return points(f"{{ {comparing(models, selected)} }}") - points(f"{{ {comparing(models, '__typename')} }}")


PROSE, QUESTIONS = "deepDive { text }", "faq { answer }"


@pytest.mark.parametrize("models", [PAIR, TEN])
def test_what_sections_share_is_charged_once_for_each_comparison(models: tuple[str, ...]) -> None:
    shared = sum(work.points(len(models)) for work in (Work.OFFERS, Work.COSTS, Work.FRICTIONS))
    alone = below(models, PROSE), below(models, QUESTIONS)
    assert min(alone) > shared > 0
    assert below(models, f"{PROSE} {QUESTIONS}") == sum(alone) - shared
    spread = f"{{ {comparing(models, '...F')} }} fragment F on Comparison {{ {PROSE} {QUESTIONS} }}"
    assert points(spread) == points(f"{{ {comparing(models, f'{PROSE} {QUESTIONS}')} }}")
    twice = f"{{ a: {comparing(models, PROSE)} b: {comparing(models, PROSE)} }}"
    assert points(twice) == 2 * points(f"{{ {comparing(models, PROSE)} }}")


def test_frictions_grow_with_pairs_and_the_rest_with_models() -> None:
    assert Work.FRICTIONS.points(10) == 45 * Work.FRICTIONS.points(2)
    assert all(work.points(10) == 5 * work.points(2) for work in Work if work is not Work.FRICTIONS)


@pytest.mark.parametrize("name", sorted(name for name in WORKS if name.startswith("Comparison.")))
def test_no_section_that_takes_long_is_an_object_alone(name: str) -> None:
    field = name.partition(".")[2]
    assert below(TEN, f"{field} {{ __typename }}") >= sum(work.points(10) for work in WORKS[name]) >= 250


def month(classes: int) -> str:
    each = (f'{{name: "{n}", requests: 1000, input: 900, output: 100}}' for n in range(classes))
    return f"{{requests: [{', '.join(each)}]}}"


ON_A_MONTH = [
    ("Comparison.flips", 2, "comparison(models: [\"gpt-5\", \"claude-sonnet-4.5\"], workload: %s) { flips { __typename } }"),
    ("Query.cheaperSwitches", 1, 'cheaperSwitches(source: "gpt-5", workload: %s) { __typename }'),
    ("Query.fallbacks", 1, 'fallbacks(source: "gpt-5", workload: %s) { __typename }'),
    ("Query.recommend", 1, "recommend(workload: %s) { __typename }"),
    ("Query.switchPlan", 1, 'switchPlan(from: "gpt-5", to: "claude-sonnet-4.5", workload: %s) { __typename }'),
    ("Model.monthlyCost", 1, 'model(ref: "gpt-5") { monthlyCost(workload: %s) { __typename } }'),
    ("MonthlyCost.curve", 1, 'model(ref: "gpt-5") { monthlyCost(workload: %s) { ... on MonthlyCost { curve(over: VOLUME, points: 2) { at } } } }'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "models", "asked"), ON_A_MONTH)
def test_what_rests_on_costs_is_counted_for_every_five_request_classes(name: str, models: int, asked: str) -> None:
    one, five, six, most = (points(f"{{ {asked % month(classes)} }}") for classes in (1, 5, 6, 20))
    assert points(f"{{ {asked % '{preset: AGENT_LOOP}'} }}") == one == five
    each = six - five
    assert most - one == 3 * each
    shared = Work.COSTS.points(models) if name.startswith("Comparison.") else 0
    above = WEIGHTS["Model.monthlyCost"] if name.startswith("MonthlyCost.") else 0
    assert each == WEIGHTS[name] * models + shared + above


def test_a_month_is_read_wherever_it_stands() -> None:
    """In a variable, in an id, and on its way to a field within a comparison; what cannot be read has as many classes as any."""
    asked = 'query ($month: WorkloadInput) { cheaperSwitches(source: "gpt-5", workload: $month) { __typename } }'
    classes = [{"name": str(n), "requests": 1000, "input": 900, "output": 100} for n in range(12)]
    chosen = [choose(asked, {"month": each}) for each in ({"requests": classes}, {"preset": "CHAT"}, None)]
    weights = [each.points - 1 for each in chosen if not isinstance(each, Answer)]
    assert weights == [3 * WEIGHTS["Query.cheaperSwitches"], *[WEIGHTS["Query.cheaperSwitches"]] * 2]
    of_many = Workload("own", tuple(replace(CHAT.classes[0], name=str(n)) for n in range(12)))
    ids = [encode("Comparison", Question(PAIR, each).key(PAIR)) for each in (CHAT, of_many)]
    by_id = [
        points(f'{{ node(id: "{each}") {{ ... on Comparison {{ monthlyCosts {{ __typename }} }} }} }}') for each in ids
    ]
    assert by_id[1] - by_id[0] == 2 * Work.COSTS.points(2)
    within = f"models {{ monthlyCost(workload: {month(12)}) {{ __typename }} }}"
    assert below(PAIR, within) == 2 + 3 * 2 * WEIGHTS["Model.monthlyCost"] + 2
    assert request_classes("replay", {"record": "llmref1.nonsense"}) == 1, "which computes nothing"
    assert request_classes("recommend", {"workload": {}}) == MAX_CLASSES


@pytest.mark.asyncio
async def test_a_month_of_many_classes_is_counted_as_it_was_estimated(ask_default: Asked) -> None:
    """Also where graphql-core makes the answer, as beside an error."""
    lines = "... on MonthlyCost { ranked(first: 3) { outcome { ... on RouteCost { lines { __typename } } } } }"
    costed = f'model(ref: "gpt-5") {{ monthlyCost(workload: {month(20)}) {{ {lines} }} }}'
    wrong = 'wrong: node(id: "nothing") { id }'
    usual, beside = [await ask_default.answered(f"{{ {costed} {more} }}") for more in ("", wrong)]
    assert (usual.errors, usual.compiled, beside.compiled) == (None, True, False)
    for found in (usual, beside):
        assert found.data is not None
        weighed = 4 * WEIGHTS["Model.monthlyCost"]
        assert objects_of(found.data["model"]["monthlyCost"]) > 3 * 20
        assert weighed + objects_of(found.data["model"]) == found.actual <= found.estimated


@pytest.mark.parametrize(
    ("root", "models"),
    [
        ('model(ref: "one"%s)', 1),
        ('route(key: "acme/one"%s)', 1),
        ('comparison(models: ["one", "two"]%s)', 2),
        ('switchPlan(from: "one", to: "two"%s)', 2),
        ('capabilityMatrix(ref: "one", capabilities: [VISION, REASONING]%s)', 1),
        ('breakEven(routes: ["acme/one", "host/one", "b/c"]%s)', 3),
    ],
)
def test_a_lens_is_charged_for_each_model(root: str, models: int) -> None:
    plain, seen = (f"{{ {root % more} {{ __typename }} }}" for more in ("", ', lens: {known: "2026-06-01"}'))
    assert points(seen) - points(plain) == Work.LENS.points(models)


@pytest.mark.parametrize("more", ["", ', lens: {sources: ["models.dev", "curated"]}'])
@pytest.mark.asyncio
async def test_an_id_costs_what_it_names(ask_default: Asked, more: str) -> None:
    asked = comparing(PAIR, f"id {PROSE}", more)
    found = await ask_default(f"{{ {asked} }}")
    by_id = f'{{ node(id: "{found["data"]["comparison"]["id"]}") {{ ... on Comparison {{ id {PROSE} }} }} }}'
    assert points(by_id) == points(f"{{ {asked} }}")
    assert (await ask_default(by_id))["data"]["node"] == found["data"]["comparison"]


def test_an_id_that_names_nothing_costs_little() -> None:
    assert points('{ node(id: "x") { id } }') == 1
    assert points(f'{{ node(id: "{encode("Model", "one")}") {{ id }} }}') == 1
    ids = json.dumps([encode("Model", "one"), encode("Comparison", Question(PAIR, CHAT).key(PAIR))])
    assert points(f"{{ nodes(ids: {ids}) {{ ... on Comparison {{ {PROSE} }} }} }}") == 2 * points(
        f"{{ {comparing(PAIR, PROSE)} }}"
    )


SECTIONS = [
    f"{{ {comparing(PAIR, 'verdict { sentence robustness { sentence } record } ' + PROSE)} }}",
    "{ " + comparing(PAIR, QUESTIONS, ', lens: {sources: ["models.dev", "curated"]}') + " }",
    '{ model(ref: "gpt-5", lens: {sources: ["models.dev", "curated"]}) { name monthlyCost { __typename } } }',
]


@pytest.mark.parametrize("text", SECTIONS)
@pytest.mark.asyncio
async def test_what_was_computed_is_counted_as_it_was_estimated(ask_default: Asked, text: str) -> None:
    found = await ask_default.answered(text)
    assert found.errors is None
    weighed = sum(work.points(2) for work in (Work.OFFERS, Work.COSTS)) if "comparison" in text else Work.LENS.points(1)
    assert weighed < found.actual <= found.estimated


@pytest.mark.asyncio
async def test_what_takes_long_is_computed_beside_the_loop(ask_default: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that health checks are answered meanwhile: no friction of many, and nothing through a lens, is found out in the loop."""
    at: dict[str, set[str]] = {"friction": set(), "lens": set()}

    def noted(kind: str, rule: Any) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            at[kind].add(threading.current_thread().name.partition("_")[0])
            return rule(*given, **named)

        return call

    monkeypatch.setattr(plan, "switch_friction", noted("friction", plan.switch_friction))
    monkeypatch.setattr("schema.groups.through", noted("lens", through))
    several = " ".join(f"c{n}: {comparing(PAIR, PROSE)}" for n in range(3))
    assert points(f"{{ {several} }}") >= LONG
    assert (await ask_default(f"{{ {several} }}")).get("errors") is None
    assert (await ask_default('{ model(ref: "gpt-5", lens: {sources: ["models.dev", "curated"]}) { name } }')).get(
        "errors"
    ) is None
    assert at == {"friction": {"long"}, "lens": {"long"}}


def test_nothing_long_begins_for_somebody_who_left() -> None:
    chosen = choose(f"{{ {comparing(PAIR, PROSE)} }}", {})
    assert not isinstance(chosen, Answer)
    (root,) = chosen.compiled.root.fields
    (kind,) = root.possible()
    (deep_dive,) = (each for each in root.below(kind).fields if each.name == "deepDive")
    run = Run(Facts(TODAY), chosen.given)
    run.weigh(deep_dive)
    counted = run.points
    assert counted == WEIGHTS["Comparison.deepDive"] * 2 + sum(work.points(2) for work in WORKS["Comparison.deepDive"])
    run.weigh(deep_dive)
    assert run.points == counted + WEIGHTS["Comparison.deepDive"] * 2, "what it rests on is there"
    wanted = Wanted()
    wanted.give_up()
    run = Run(Facts(TODAY, wanted=wanted), chosen.given)
    with pytest.raises(Abandoned):
        run.weigh(deep_dive)


LONG_ONES = [
    ("flips", 100, f"comparison(models: {json.dumps(PAIR)}, workload: {{preset: BATCH_EXTRACTION}}) {{ flips {{ sentence }} }}"),
    ("robustness", 20, f"comparison(models: {json.dumps(PAIR)}, workload: {{preset: BATCH_EXTRACTION}}) {{ verdict {{ robustness {{ sentence }} }} }}"),
    ("frictions", 20, "comparison(models: %s) { switchFriction { level } }"),
    ("break-even", 100, "breakEven(routes: %s) { breakEvens { __typename } }"),
    ("cheaper switches", 100, 'cheaperSwitches(source: "gpt-5") { __typename }'),
    ("fallbacks", 100, 'fallbacks(source: "gpt-5") { __typename }'),
    ("a recommendation", 100, "recommend { __typename }"),
]  # fmt: skip


@pytest.mark.parametrize(("_case", "often", "asked"), LONG_ONES)
@pytest.mark.asyncio
async def test_what_takes_long_asks_often_whether_anybody_waits(
    ask_default: Asked, monkeypatch: pytest.MonkeyPatch, _case: str, often: int, asked: str
) -> None:
    """Once for each candidate or change, so that its thread is free soon after its client is gone."""
    found = await ask_default(
        """{
          models(first: 6, order: MOST_PROVIDERS, where: {tasks: [TEXT_GENERATION]}) { nodes { slug } }
          model(ref: "gpt-5") { monthlyCost { ... on MonthlyCost { ranked(first: 3) { route { key } } } } }
        }"""
    )
    if "%s" in asked:
        routes = [each["route"]["key"] for each in found["data"]["model"]["monthlyCost"]["ranked"]]
        models = [each["slug"] for each in found["data"]["models"]["nodes"]]
        asked %= json.dumps(routes if asked.startswith("breakEven") else models)
    times = 0

    def counted(_: Wanted) -> None:
        nonlocal times
        times += 1

    monkeypatch.setattr(Wanted, "check", counted)
    assert (await ask_default(f"{{ {asked} }}")).get("errors") is None
    assert times >= often


FACTS = "used { field }"
ROWS = [to_camel_case(key.lower()) for key in SignalKey]
LISTS = [
    f"verdict {{ {FACTS} claims {{ support {{ field }} against {{ field }} }} speaksAgainst {{ sentence }} }}",
    f"faq {{ {FACTS} }}",
    f"deepDive {{ {FACTS} sentences {{ {FACTS} }} }}",
    f"intro {{ {FACTS} }} verdictProse {{ {FACTS} }}",
    f"tradeoffs {{ {FACTS} reasons {{ {FACTS} }} }}",
    f"flips {{ {FACTS} }}",
    "pricing { availability { providers { name } } }",
    f"switchFriction {{ {FACTS} factors {{ sentence }} }}",
    f"benchmarks {{ {FACTS} rows {{ {FACTS} }} refused {{ __typename }} }}",
    f"specs {{ cells {{ {FACTS} }} }} capabilities {{ cells {{ {FACTS} }} }}",
    f"pricing {{ rows {{ cells {{ {FACTS} }} }} }}",
    *(f"scorecard {{ {row} {{ {FACTS} cells {{ {FACTS} }} }} }}" for row in ROWS),
]


@pytest.mark.parametrize("selected", LISTS)
@pytest.mark.parametrize("models", [2, 5])
@pytest.mark.asyncio
async def test_lists_are_as_long_as_they_are_taken_to_be_at_most(
    ask_default: Asked, models: int, selected: str
) -> None:
    """Of the models with the most routes: what was estimated is enough for the objects that come."""
    first = await ask_default(
        f"{{ models(first: {models}, order: MOST_PROVIDERS, where: {{tasks: [TEXT_GENERATION]}}) {{ nodes {{ slug }} }} }}"
    )
    slugs = tuple(each["slug"] for each in first["data"]["models"]["nodes"])
    text = f"{{ {comparing(slugs, selected)} }}"
    found = await ask_default(text)
    assert "errors" not in found
    assert objects_of(found["data"]["comparison"]) <= points(text)
    assert objects_of(found["data"]["comparison"]) > models


@pytest.mark.asyncio
async def test_other_long_lists_are_no_longer_than_they_are_taken_to_be(ask_default: Asked) -> None:
    kinds = " ".join(CapabilityKind)
    for text in (
        f'{{ capabilityMatrix(ref: "gpt-5", capabilities: [{kinds}]) {{ routes(first: 81) {{ cells {{ presence }} }} }} }}',
        "{ methodology { frictionWeights { points } weights { weight } presets { key } rules { id } } }",
    ):
        found = await ask_default(text)
        assert "errors" not in found
        assert 5 < objects_of(found["data"]) - 1 <= points(text)


@pytest.mark.parametrize(
    ("where", "more"),
    [
        ("{}", 0),
        ("{labs: null}", 0),
        ("{minContext: 1}", FILTER),
        ('{text: "gpt"}', SEARCH),
        ('{text: "gpt", minContext: 1}', SEARCH),
        ('{text: "' + "x" * 200 + '"}', 200 * SEARCH_LETTER),
    ],
)
def test_looking_through_rows_is_charged(where: str, more: int) -> None:
    plain = points("{ models(first: 1) { nodes { slug } } }")
    assert points(f"{{ models(first: 1, where: {where}) {{ nodes {{ slug }} }} }}") == plain + more


def test_nothing_is_like_no_text() -> None:
    """So that no likeness is worked out for it."""
    for where in (None, ModelFilter(), ModelFilter(min_context=1)):
        assert model_order(where, ModelOrder.RELEVANCE) is model_order(where, None) is ModelOrder.MOST_PROVIDERS
    assert model_order(ModelFilter(text="gpt"), None) is ModelOrder.RELEVANCE
    assert model_order(ModelFilter(text="gpt"), ModelOrder.NAME) is ModelOrder.NAME
