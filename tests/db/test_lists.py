"""Lists by filter, order and page, on rows with gaps and ties; all pages of one level are one statement."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from db import lists, near
from db.queries import ModelOrder, ModelQuery, Page, ProviderOrder, ProviderQuery, RouteOrder, RouteQuery, Window
from db.reader import Reader, UnusableValue
from domain.facts import (
    ApiShape,
    Architecture,
    CapabilityKind,
    CommercialUse,
    Lifecycle,
    Modality,
    Openness,
    PriceBasis,
    ProviderKind,
    Task,
)
from tests.ingest.small import databases, run_script

# The ids are the identity columns' first numbers. Two models are alike in everything that sorts but their number.
ROWS = """
insert into lab (slug, name) values ('acme', 'Acme'), ('bolt', 'Bolt');
insert into license (key, name, spdx) values ('MIT', 'MIT', 'MIT'), ('acme-1', 'Acme 1', null);
insert into provider (slug, name, kind, api_shape, "group", route_count, endpoints) values
  ('acme', 'Acme', 'LAB', 'OPENAI_CHAT', null, 2, '{"OPENAI_RESPONSES": "https://acme.example/v1"}'),
  ('cloud-eu', 'cloud EU', 'CLOUD', 'BEDROCK', 'cloud', 5, '{}'),
  ('cloud-us', 'Cloud US', 'CLOUD', 'OTHER', 'cloud', 2, '{}'), ('host', 'Host', 'HOST', 'OTHER', null, 0, '{}');
insert into model (slug, name, lab_id, license_id, family, task, released, context_window, max_output, parameters_total,
  architecture, openness, commercial_use, input_modalities, output_modalities, capabilities_yes, capabilities_no, lifecycle,
  route_count, provider_count, cheapest_input, cheapest_output, provider_ids, search) values
  ('alpha', 'Alpha', 1, 1, 'Greek', 'TEXT_GENERATION', '2026-01-15', 256000, 8192, 7000000000, 'MOE', 'OPEN_SOURCE',
   'ALLOWED', '{TEXT,IMAGE}', '{TEXT}', '{VISION,TOOL_USE}', '{BATCH}', 'AVAILABLE', 3, 2, 0.15, 0.60, '{1,2}', 'alpha acme'),
  ('beta', 'beta', 1, 2, 'greek', 'TEXT_GENERATION', '2026-01', 128000, null, 9000000000, 'DENSE', 'OPEN_WEIGHTS',
   'CONDITIONS', '{TEXT}', '{TEXT}', '{VISION}', '{}', 'DEPRECATED', 1, 1, 0.15, 10.5, '{3}', 'beta acme 100%'),
  ('gamma', 'Gamma', 2, null, null, 'SPEECH', '2026', null, null, null, 'OTHER', 'PROPRIETARY',
   'NOT_ALLOWED', '{TEXT}', '{AUDIO}', '{}', '{VISION}', 'PREVIEW', 1, 1, null, 2, '{4}', 'gamma bolt'),
  ('delta', 'Delta', null, null, null, 'UNKNOWN', null, null, null, null, 'UNKNOWN', 'UNKNOWN',
   'UNKNOWN', '{}', '{}', '{}', '{}', 'UNKNOWN', 0, 0, null, null, '{}', 'delta'),
  ('delta-2', 'delta', null, null, null, 'UNKNOWN', null, null, null, null, 'UNKNOWN', 'UNKNOWN',
   'UNKNOWN', '{}', '{}', '{}', '{}', 'UNKNOWN', 0, 0, null, null, '{}', 'delta');
insert into alias (key, model_id, spelling, method, confidence, reason, rank) values
  ('first', 1, 'First', 'EXACT', 1, '', 0), ('second', 1, 'second', 'NAME', 0.5, '', 1), ('second', 2, 'second', 'EXACT', 1, '', 0),
  ('first-one', 1, 'First-one', 'EXACT', 1, '', 0), ('beta', 1, 'Beta', 'EXACT', 1, '', 0);
insert into route (key, provider_id, model_id, provider_model_id, context_window, capabilities_yes, lifecycle, price_basis,
  live, first_party, input_mtok, output_mtok) values
  ('acme/alpha', 1, 1, 'alpha', 256000, '{VISION,TOOL_USE}', 'AVAILABLE', 'METERED', true, true, 0.15, 0.60),
  ('cloud-eu/alpha', 2, 1, 'alpha', 128000, '{VISION}', 'AVAILABLE', 'METERED', true, false, 0.20, 0.60),
  ('cloud-us/beta', 3, 2, 'beta', null, '{}', 'DEPRECATED', 'METERED', true, false, 0.15, 10.5),
  ('host/gamma-free', 4, 3, 'gamma-free', null, '{}', 'UNKNOWN', 'FREE', true, false, null, null),
  ('host/nobody', 4, null, 'nobody', 8000, '{}', 'UNKNOWN', 'UNKNOWN', true, false, null, null),
  ('acme/old', 1, 1, 'old', null, '{}', 'RETIRED', 'METERED', false, true, null, null);
"""
ALL_MODELS = ["alpha", "beta", "delta", "delta-2", "gamma"]
LIVE = ["acme/alpha", "cloud-eu/alpha", "cloud-us/beta", "host/gamma-free", "host/nobody"]


@pytest.fixture(scope="module")
def filled() -> Iterator[str]:
    with databases() as new:
        url = new()
        run_script(url, ROWS)
        yield url


def slugs(page: Page[Any]) -> list[str]:
    return [getattr(item, "slug", "") or item.key for item in page.items]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "where", "found"),
    [
        ("all", {}, ALL_MODELS),
        ("a part of a name", {"text": "AMM"}, ["gamma"]),
        ("a typo", {"text": "gama"}, ["gamma"]),
        ("a lab's name", {"text": " acme "}, ["alpha", "beta"]),
        ("a sign that means something in a pattern", {"text": "%"}, ["beta"]),
        ("the other one", {"text": "_"}, []),
        ("labs", {"labs": ("ACME", "nobody")}, ["alpha", "beta"]),
        ("two labs", {"labs": ("acme", "bolt")}, ["alpha", "beta", "gamma"]),
        ("a provider", {"providers": ("Cloud-EU",)}, ["alpha"]),
        ("a group of providers", {"providers": ("cloud",)}, ["alpha", "beta"]),
        ("no such provider", {"providers": ("nobody",)}, []),
        ("families", {"families": ("GREEK",)}, ["alpha", "beta"]),
        ("tasks", {"tasks": (Task.SPEECH, Task.UNKNOWN)}, ["delta", "delta-2", "gamma"]),
        ("an input", {"inputs": (Modality.IMAGE,)}, ["alpha"]),
        ("all inputs are needed", {"inputs": (Modality.TEXT, Modality.IMAGE)}, ["alpha"]),
        ("an output", {"outputs": (Modality.AUDIO,)}, ["gamma"]),
        ("a capability", {"capabilities": (CapabilityKind.VISION,)}, ["alpha", "beta"]),
        ("all capabilities are needed", {"capabilities": (CapabilityKind.VISION, CapabilityKind.TOOL_USE)}, ["alpha"]),
        ("one that it has not", {"capabilities": (CapabilityKind.BATCH,)}, []),
        ("context", {"min_context": 128_000}, ["alpha", "beta"]),
        ("more context", {"min_context": 128_001}, ["alpha"]),
        ("none is no context of zero", {"min_context": 0}, ["alpha", "beta"]),
        ("output", {"min_output": 8192}, ["alpha"]),
        ("input price", {"max_input_price": Decimal("0.15")}, ["alpha", "beta"]),
        ("a lower one", {"max_input_price": Decimal("0.149")}, []),
        ("output price", {"max_output_price": Decimal(2)}, ["alpha", "gamma"]),
        ("a licence by SPDX", {"licenses": ("mit",)}, ["alpha"]),
        ("a licence by key", {"licenses": ("ACME-1", "mit")}, ["alpha", "beta"]),
        ("openness", {"openness": (Openness.OPEN_WEIGHTS, Openness.PROPRIETARY)}, ["beta", "gamma"]),
        ("commercial use", {"commercial_use": (CommercialUse.ALLOWED,)}, ["alpha"]),
        ("architecture", {"architectures": (Architecture.DENSE,)}, ["beta"]),
        ("lifecycle", {"lifecycles": (Lifecycle.DEPRECATED,)}, ["beta"]),
        ("released later for certain", {"released_after": date(2026, 1, 14)}, ["alpha"]),
        ("not on the day itself", {"released_after": date(2026, 1, 15)}, []),
        ("in a later month", {"released_after": date(2025, 12, 31)}, ["alpha", "beta", "gamma"]),
        ("parameters", {"max_parameters": 7_000_000_000}, ["alpha"]),
        ("served", {"served": True}, ["alpha", "beta", "gamma"]),
        ("not served", {"served": False}, ["delta", "delta-2"]),
        ("all conditions hold", {"labs": ("acme",), "served": True, "min_output": 1}, ["alpha"]),
    ],
)
async def test_models_by_condition(reader: Reader, _case: str, where: Mapping[str, Any], found: list[str]) -> None:
    query = ModelQuery(**where, order=ModelOrder.NAME)
    assert slugs((await lists.models(reader, [query]))[query]) == found
    assert await lists.count_models(reader, [query]) == {query: len(found)}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "where", "found"),
    [
        ("live ones", {}, LIVE),
        ("all", {"live": None}, ["acme/alpha", "acme/old", *LIVE[1:]]),
        ("gone ones", {"live": False}, ["acme/old"]),
        ("text", {"text": "ALPHA"}, LIVE[:2]),
        ("a model", {"models": ("Alpha",)}, LIVE[:2]),
        ("an alias", {"models": ("FIRST",)}, LIVE[:2]),
        ("the best of an alias", {"models": ("second",)}, ["cloud-us/beta"]),
        ("no such model", {"models": ("nobody",)}, []),
        pytest.param("spaces as in a ref", {"models": (" First  One ",)}, LIVE[:2]),
        pytest.param("a slug before an alias", {"models": ("beta",)}, ["cloud-us/beta"]),
        ("labs", {"labs": ("bolt",)}, ["host/gamma-free"]),
        ("a provider", {"providers": ("HOST",)}, LIVE[3:]),
        ("a group of providers", {"providers": ("cloud",)}, LIVE[1:3]),
        ("kinds", {"provider_kinds": (ProviderKind.LAB, ProviderKind.HOST)}, [LIVE[0], *LIVE[3:]]),
        ("capabilities", {"capabilities": (CapabilityKind.VISION, CapabilityKind.TOOL_USE)}, LIVE[:1]),
        ("context", {"min_context": 8000}, [*LIVE[:2], "host/nobody"]),
        ("input price", {"max_input_price": Decimal("0.15")}, ["acme/alpha", "cloud-us/beta"]),
        ("output price", {"max_output_price": Decimal("0.6")}, LIVE[:2]),
        ("basis", {"price_bases": (PriceBasis.FREE,)}, ["host/gamma-free"]),
        ("lifecycle", {"lifecycles": (Lifecycle.DEPRECATED,)}, ["cloud-us/beta"]),
        ("resolved", {"resolved": True}, LIVE[:4]),
        ("not resolved", {"resolved": False}, ["host/nobody"]),
    ],
)
async def test_routes_by_condition(reader: Reader, _case: str, where: Mapping[str, Any], found: list[str]) -> None:
    query = RouteQuery(**where, order=RouteOrder.KEY)
    assert slugs((await lists.routes(reader, [query]))[query]) == found
    assert await lists.count_routes(reader, [query]) == {query: len(found)}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "where", "found"),
    [
        pytest.param("all", {}, ["acme", "cloud-eu", "cloud-us", "host"]),
        ("name", {"text": "cloud us"}, ["cloud-eu", "cloud-us"]),
        ("kind", {"kinds": (ProviderKind.CLOUD,)}, ["cloud-eu", "cloud-us"]),
        ("wire format", {"api_shapes": (ApiShape.BEDROCK, ApiShape.OPENAI_CHAT)}, ["acme", "cloud-eu"]),
        (
            "a further wire format",
            {"api_shapes": (ApiShape.OPENAI_RESPONSES, ApiShape.OTHER)},
            ["acme", "cloud-us", "host"],
        ),
        ("both", {"kinds": (ProviderKind.CLOUD,), "api_shapes": (ApiShape.OTHER,)}, ["cloud-us"]),
    ],
)
async def test_providers_by_condition(reader: Reader, _case: str, where: Mapping[str, Any], found: list[str]) -> None:
    query = ProviderQuery(**where)
    assert slugs((await lists.providers(reader, [query]))[query]) == found
    assert await lists.count_providers(reader, [query]) == {query: len(found)}


@pytest.mark.asyncio
async def test_a_provider_has_its_further_endpoints(reader: Reader) -> None:
    query = ProviderQuery(api_shapes=(ApiShape.OPENAI_CHAT,))
    (acme,) = (await lists.providers(reader, [query]))[query].items
    assert acme.more_endpoints == ((ApiShape.OPENAI_RESPONSES, "https://acme.example/v1"),)


ORDERS: Sequence[tuple[Any, list[str]]] = [
    (ModelQuery(order=ModelOrder.NAME), ALL_MODELS),
    (ModelQuery(order=ModelOrder.NEWEST), ["alpha", "beta", "gamma", "delta-2", "delta"]),
    (ModelQuery(order=ModelOrder.MOST_PROVIDERS), ["alpha", "gamma", "beta", "delta-2", "delta"]),
    (ModelQuery(order=ModelOrder.CHEAPEST_OUTPUT), ["alpha", "gamma", "beta", "delta", "delta-2"]),
    (ModelQuery(order=ModelOrder.CHEAPEST_INPUT), ["alpha", "beta", "gamma", "delta", "delta-2"]),
    (ModelQuery(order=ModelOrder.LARGEST_CONTEXT), ["alpha", "beta", "delta-2", "delta", "gamma"]),
    (ModelQuery(order=ModelOrder.RELEVANCE, text="acme"), ["alpha", "beta"]),
    (ModelQuery(order=ModelOrder.RELEVANCE), ["alpha", "gamma", "beta", "delta-2", "delta"]),
    (RouteQuery(order=RouteOrder.KEY), LIVE),
    (RouteQuery(order=RouteOrder.CHEAPEST_OUTPUT), LIVE),
    (RouteQuery(order=RouteOrder.CHEAPEST_INPUT), [LIVE[0], LIVE[2], LIVE[1], *LIVE[3:]]),
    (RouteQuery(order=RouteOrder.LARGEST_CONTEXT), [LIVE[0], LIVE[1], LIVE[4], LIVE[3], LIVE[2]]),
    (ProviderQuery(order=ProviderOrder.NAME), ["acme", "cloud-eu", "cloud-us", "host"]),
    (ProviderQuery(order=ProviderOrder.MOST_ROUTES), ["cloud-eu", "cloud-us", "acme", "host"]),
]
READS: Mapping[type[Any], Callable[..., Any]] = {
    ModelQuery: lists.models,
    RouteQuery: lists.routes,
    ProviderQuery: lists.providers,
}


async def read(reader: Reader, query: Any, **window: Any) -> Page[Any]:
    asked = replace(query, window=Window(**window))
    page: Page[Any] = (await READS[type(query)](reader, [asked]))[asked]
    assert page.query == asked
    assert len(page.keys) == len(page.items)
    return page


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [1, 2, 3, 10])
@pytest.mark.parametrize(
    ("query", "order"), ORDERS, ids=[f"{type(one).__name__}-{one.order}-{one.text}" for one, _ in ORDERS]
)
async def test_pages_forward_and_backward_meet(reader: Reader, query: Any, order: list[str], size: int) -> None:
    forward: list[Page[Any]] = []
    while (not forward or forward[-1].has_next) and len(forward) <= len(order):
        forward.append(await read(reader, query, size=size, after=forward[-1].keys[-1] if forward else None))
    assert [slug for page in forward for slug in slugs(page)] == order
    assert [page.has_previous for page in forward] == [False] + [True] * (len(forward) - 1)
    assert all(len(page.items) == size for page in forward[:-1])
    backward: list[Page[Any]] = []
    while (not backward or backward[-1].has_previous) and len(backward) <= len(order):
        before = backward[-1].keys[0] if backward else None
        backward.append(await read(reader, query, size=size, backward=True, before=before))
    assert [slug for page in reversed(backward) for slug in slugs(page)] == order
    assert [page.has_next for page in backward] == [False] + [True] * (len(backward) - 1)


@pytest.mark.asyncio
async def test_a_page_between_two_rows_and_an_empty_one(reader: Reader) -> None:
    query = ModelQuery(order=ModelOrder.NAME)
    every = await read(reader, query, size=9)
    between = await read(reader, query, size=9, after=every.keys[0], before=every.keys[3])
    assert slugs(between) == ALL_MODELS[1:3]
    nothing = await read(reader, query, size=0)
    assert (nothing.items, nothing.has_next, nothing.has_previous) == ((), True, False)
    behind = await read(reader, query, size=2, after=every.keys[-1])
    assert (behind.items, behind.has_next, behind.has_previous) == ((), False, True)


@pytest.mark.asyncio
async def test_several_pages_are_one_statement(reader: Reader) -> None:
    queries = [replace(query, window=Window(2)) for query, _ in ORDERS if isinstance(query, ModelQuery)]
    queries += [replace(query, window=Window(2, backward=True)) for query in queries]
    await reader.execute(select(1))  # the first statement also asks for the revision
    before = reader.statements
    pages = await lists.models(reader, queries)
    counts = await lists.count_models(reader, [*queries, ModelQuery(labs=("acme",))])
    assert reader.statements - before == 2
    assert list(pages) == queries
    orders = {(query.order, query.text): order for query, order in ORDERS if isinstance(query, ModelQuery)}
    for query, page in pages.items():
        order = orders[query.order, query.text]
        assert slugs(page) == (order[-2:] if query.window.backward else order[:2])
        assert counts[query] == len(order)
        assert page.keys == (await read(reader, query, size=2, backward=query.window.backward)).keys


@pytest.mark.asyncio
@pytest.mark.parametrize("bound", [("many", "1"), ("1e999999", "1")])
async def test_a_bound_that_is_no_value_is_refused(reader: Reader, bound: tuple[str, str]) -> None:
    with pytest.raises(UnusableValue):
        await read(reader, ModelQuery(order=ModelOrder.CHEAPEST_OUTPUT), size=1, after=bound)


@pytest.mark.asyncio
async def test_models_near(reader: Reader) -> None:
    found = await near.models_near(reader, [1, 3, 4])
    assert {of: [model.slug for model in models] for of, models in found.items()} == {1: ["beta"], 3: [], 4: []}


@pytest.mark.asyncio
@pytest.mark.parametrize("window", [Window(1), Window(2), Window(20, backward=True), Window(1, after=("0.60", "1"))])
async def test_lists_below_parents_are_those_of_a_condition_in_one_statement(reader: Reader, window: Window) -> None:
    slugs = ["acme", "cloud", "cloud-eu", "host", "nobody"]
    below = [RouteQuery(of=slug, live=live, window=window) for slug in slugs for live in (True, None)]
    plain = RouteQuery(order=RouteOrder.KEY)
    before = reader.statements
    found = await lists.routes(reader, [*below, plain])
    counted = await lists.count_routes(reader, [*below, plain])
    assert reader.statements - before == 2
    for query in below:
        same = RouteQuery(providers=(str(query.of),), live=query.live, window=window)
        page = (await lists.routes(reader, [same]))[same]
        assert replace(found[query], query=same) == page
        assert counted[query] == (await lists.count_routes(reader, [same]))[same]
    assert len(found[plain].items) == counted[plain] == 5


@pytest.mark.asyncio
async def test_models_below_labs_are_those_of_the_labs(reader: Reader) -> None:
    below = [ModelQuery(of=slug) for slug in ("acme", "bolt", "nobody")]
    found, counted = await lists.models(reader, below), await lists.count_models(reader, below)
    for query in below:
        same = ModelQuery(labs=(str(query.of),))
        assert replace(found[query], query=same) == (await lists.models(reader, [same]))[same]
        assert counted[query] == len(found[query].items)
    assert [len(found[query].items) for query in below] == [2, 1, 0]
