"""An answer that one statement makes is that of the plan and the resolvers, byte for byte, with the same points."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type, is_composite_type

from db.embedded import EmbeddedPostgres
from db.engine import read_engine, write_engine
from db.json_text import Shown, Unknown
from db.migrate import migrate
from db.reader import Reader
from db.rows import model_of, models_selected, route_of, routes_selected
from db.straight import statement
from db.tables import BenchmarkResultRow, BenchmarkRow, LabRow, LicenseRow, ModelRow, PriceRow, ProviderRow, RouteRow
from domain.capabilities import capability
from domain.facts import CapabilityKind
from schema.answer import CORE, Answer, Written, objects_in
from schema.ids import encode
from schema.paging import cursor
from tests.asking import Asked, asking
from tests.catalogue import DAY
from tests.conftest import ROWS
from tests.documents import Documents

DOCUMENTS = Path(__file__).parents[2] / "bench" / "documents"
ODD = r"""
insert into lab (slug, name, url) values ('odd', E'"Ödd" \\ {lab} 実験', 'https://odd.example/{x}');
insert into license (key, name) values ('odd', E'a\nline\tand \u0001\u001f\u007f\u2028 </script>');
insert into model (slug, name, lab_id, license_id, family, task, architecture, openness, commercial_use, lifecycle, search,
  parameters_total, parameters_active, released, retires_on, retires_precision, max_output, input_modalities, capabilities_yes, capabilities_no) values
  ('odd', E'a {"brace", [{ and {', 2, 2, '{"a":', 'OTHER', 'DENSE', 'OPEN_WEIGHTS', 'CONDITIONS', 'DEPRECATED', 'odd', 1600000000000,
  0, '2026-03', '2027-01-31', 'DAY', 0, '{TEXT,IMAGE}', '{MULTIMODAL,VISION}', '{AUDIO_IN,VIDEO_IN}'),
  ('ünï', 'Ünï{', 2, null, '', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'uni', null, null, null, null, null, null, '{}', '{}', '{}');
insert into provider (slug, name, kind, api_shape, "group", credentials) values ('odd', 'Odd', 'CLOUD', 'OTHER', 'host', '{A_KEY,"B \" KEY"}');
insert into route (key, provider_id, model_id, provider_model_id, lifecycle, price_basis, live, first_party, output_mtok, variant,
  link_confidence) values ('odd/é', 3, 3, 'é', 'RETIRED', 'METERED', false, false, 1, '{free,"a,b"}', 0.950),
  ('odd/none', 3, null, 'none', 'PREVIEW', 'UNKNOWN', true, false, 0, '{}', 1.000), ('odd/one', 3, 1, 'one', 'PREVIEW', 'UNKNOWN', true, false, 0.3, '{}', 0);
insert into price (route_id, mode, above, valid_from_basis, currency, input_mtok, output_mtok, cache_read_mtok, reasoning_mtok, audio_in_mtok,
  source_id, suspicious) values
  (4, 'BATCH', 200000, 'OBSERVED', 'EUR', 0.100, 1200, 0.0000000001, 0, 10.50, 'made-up', 'too "low"'), (4, 'STANDARD', 0, 'OBSERVED', 'USD', null, 1E+3, null, 0.00, null, 'made-up', null),
  (4, 'STANDARD', 128000, 'STATED', 'USD', 12345678901234567890.123456789012345678901, 3, null, null, null, 'made-up', null);
insert into benchmark (slug, name, version) values ('a-quiz', 'A Quiz', '2');
insert into benchmark_result (model_id, benchmark_id, metric, score, source_id, date) values (1, 2, 'points', -7.10, 'made-up', '2026'), (1, 2, 'points', 1000, 'made-up', null);
"""
pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def odd() -> Iterator[str]:
    """The made-up catalogue with everything in it that may be hard to write."""

    async def fill(url: str) -> None:
        engine = write_engine(url)
        await migrate(engine)
        async with engine.begin() as connection:
            for each in filter(str.strip, (ROWS + ODD).split(";")):
                await connection.exec_driver_sql(each)
        await engine.dispose()

    with EmbeddedPostgres.temporary() as url:
        asyncio.run(fill(url))
        yield url


@pytest_asyncio.fixture
async def ask_odd(odd: str) -> AsyncIterator[Asked]:
    async with asking(odd) as asked:
        yield asked


async def same(ask: Asked, text: str, **given: Any) -> Answer:
    """The answer by the straight way where it goes there, which was checked to be that of the plan."""
    found = await ask.answered(text, **given)
    statements = list(ask.statements)
    usual = await ask.answered(text, straight=False, **given)
    assert not isinstance(usual, Written)
    if isinstance(found, Written):
        assert found.encoded == orjson.dumps(usual.data), text
        assert len(statements) == 1
        assert usual.errors is None
    assert (found.formatted, found.actual, found.estimated) == (usual.formatted, usual.actual, usual.estimated)
    return found


def reach(selected: str) -> dict[str, str]:
    """A document that shows each type of facts."""
    return {
        "Model": f"{{ models(first: 9) {{ nodes {{ {selected} }} }} }}",
        "Lab": f"{{ labs {{ nodes {{ {selected} }} }} models(first: 5) {{ edges {{ node {{ lab {{ {selected} }} }} }} }} }}",
        "License": f"{{ licenses {{ nodes {{ {selected} }} }} }}",
        "Provider": f"{{ providers {{ nodes {{ {selected} }} }} }}",
        "Route": f"{{ routes(where: {{live: null}}) {{ nodes {{ {selected} }} }} }}",
        "Price": f"{{ routes(where: {{live: null}}, first: 9) {{ nodes {{ prices {{ {selected} }} priceHistory {{ {selected} }} }} }} }}",
        "Benchmark": f"{{ benchmarks {{ nodes {{ {selected} }} }} }}",
        "BenchmarkResult": f"{{ models(first: 5) {{ nodes {{ results {{ {selected} }} }} }} }}",
        "Capability": f"{{ models(first: 5) {{ nodes {{ capabilities {{ {selected} }} }} }} }}",
        "CatalogRevision": f"{{ catalog {{ {selected} }} }}",
        "PageInfo": f"{{ models(first: 2) {{ pageInfo {{ {selected} }} }} }}",
        "ModelConnection": f"{{ models {{ {selected} }} labs {{ nodes {{ models(last: 1) {{ {selected} }} }} }} }}",
        "RouteConnection": f"{{ models {{ nodes {{ routes {{ {selected} }} }} }} providers {{ nodes {{ routes {{ {selected} }} }} }} }}",
        "ProviderConnection": f"{{ providers {{ {selected} }} }}",
        "LabConnection": f"{{ labs {{ {selected} }} }}",
        "LicenseConnection": f"{{ licenses {{ {selected} }} }}",
        "BenchmarkConnection": f"{{ benchmarks {{ {selected} }} }}",
        "ModelEdge": f"{{ models(order: NAME) {{ edges {{ {selected} }} }} }}",
        "RouteEdge": f"{{ routes(order: KEY) {{ edges {{ {selected} }} }} }}",
    }


USUAL = {
    *("Model.successors", "Model.successorChain", "Model.fit", "Model.bestFor", "Model.monthlyCost", "Model.disputes"),
    *("Provider.endpoints", "Provider.disputes", "Route.monthlyCost", "Route.priceChanges", "Route.pointed"),
    *("Route.disputes", "Route.caveats", "Price.otherUnits", "Price.hours", "Capability.used", "Capability.rule"),
    *("CatalogRevision.createdAt", "CatalogRevision.counts", "CatalogRevision.sources"),
}
"""What is no plain fact. `evidence` of anything is another."""


@pytest.mark.parametrize("kind", sorted(reach("")))
async def test_every_field_of_facts(ask_odd: Asked, kind: str) -> None:
    """Each is written straight or known to be none; alone, under an alias and beside its type."""
    declared = CORE.type_map[kind]
    assert isinstance(declared, GraphQLObjectType)
    for name, each in declared.fields.items():
        if name == "evidence":
            continue
        below = get_named_type(each.type)
        selected = f"{name} {{ __typename }}" if is_composite_type(below) else name
        found = await same(ask_odd, reach(f"{selected} __typename other: {selected}")[kind])
        assert isinstance(found, Written) is (f"{kind}.{name}" not in USUAL), name
        assert found.errors is None


_TABLES: dict[str, Any] = {
    "Model": ModelRow,
    "Lab": LabRow,
    "License": LicenseRow,
    "Provider": ProviderRow,
    "Route": RouteRow,
    "Price": PriceRow,
    "Benchmark": BenchmarkRow,
    "BenchmarkResult": BenchmarkResultRow,
}


@pytest.mark.parametrize("kind", sorted(_TABLES))
async def test_what_is_never_null_is_never_null_in_its_table(kind: str) -> None:
    """A null there would be left out of a list."""
    declared = CORE.type_map[kind]
    assert isinstance(declared, GraphQLObjectType)
    for each in declared.fields.values():
        column = _TABLES[kind].__table__.c.get(each.extensions["strawberry-definition"].python_name)
        if column is not None and isinstance(each.type, GraphQLNonNull):
            assert not column.nullable, column


@pytest.mark.xdist_group("default catalogue")
async def test_capabilities_are_stored_complete(default_catalogue: str) -> None:
    """So that what is stored is what the rule shows."""
    engine = read_engine(default_catalogue, pool_size=1, pool_wait_s=2, statement_timeout_ms=30_000)
    async with Reader(engine) as reader:
        found: list[Any] = [model_of(row) for row in await reader.execute(models_selected())]
        found += [route_of(row) for row in await reader.execute(routes_selected())]
    await engine.dispose()
    assert len(found) > 1000
    for each in found:
        shown = {kind: capability(each, kind).presence for kind in CapabilityKind}
        assert shown == {kind: each.capabilities[kind] for kind in CapabilityKind}


_AFTER = [
    cursor(order, (key, number))
    for order, key in (("MOST_PROVIDERS", "0"), ("NAME", "one"), ("CHEAPEST_OUTPUT", "0.6"), ("KEY", "host/one"), ("NEWEST", ""), ("NAME", ""))
    for number in ("1", "2")
]  # fmt: skip
_VALUES = {
    "ref": (*['"one"', '"two"', '"acme/one"', '"mostly"', '"ODD"'] * 3, '"three"', '"both"', f'"{encode("Model", "odd")}"', '"an odd one"', '""'),
    "slug": ('"acme"', '"nobody"', '"host"'),
    "key": ('"acme/one"', '"HOST/one"', '"odd/é"'),
    "first": ("0", "1", "2", "3", "10", "null"),
    "last": (*["null"] * 5, "1", "2"),
    "after": (*["null"] * 25, '"x"', *(f'"{each}"' for each in _AFTER)),
    "before": (*["null"] * 50, *(f'"{each}"' for each in _AFTER)),
    "where": ('{text: "one"}', '{text: "ôdd"}', '{capabilities: [VISION]}', '{minContext: 1000, maxOutputPrice: "1.5"}', '{live: null}', '{labs: ["odd"]}', '{kinds: [HOST]}', "{}"),
    "order": ("NAME", "KEY", "NEWEST", "CHEAPEST_OUTPUT", "MOST_PROVIDERS", "RELEVANCE", "LARGEST_CONTEXT"),
    "live": ("null", "true", "false"),
    "kinds": ("[VISION, BATCH]", "[]", "null"),
    "lens": (*["null"] * 5, '{valid: "2026-02-01"}'),
    "on": (*["null"] * 5, '"2026-02-01"'),
    "at": ("null",),
}  # fmt: skip
_ROOTS = {"model", "models", "routes", "providers", "provider", "route", "labs", "licenses", "benchmarks"}


def plain(kind: str, name: str) -> bool:
    return name in _ROOTS if kind == "Query" else name != "evidence" and f"{kind}.{name}" not in USUAL


async def asked_at_random(ask: Asked, seed: int, number: int, values: Any = _VALUES, **given: Any) -> tuple[int, int]:
    """How many documents of plain facts were answered without an error, and how many of them straight."""
    documents = Documents(CORE, values, seed, plain)
    right = straight = 0
    for _ in range(number):
        text, variables = documents.next()
        found = await same(ask, text, **variables, **given)
        right += found.errors is None
        straight += isinstance(found, Written)
    return right, straight


@pytest.mark.parametrize("seed", range(6))
async def test_any_document_of_plain_facts(ask_odd: Asked, seed: int) -> None:
    right, straight = await asked_at_random(ask_odd, seed, 40)
    assert straight >= max(8, right // 2)


@pytest.mark.xdist_group("default catalogue")
@pytest.mark.parametrize("seed", range(2))
async def test_any_document_of_plain_facts_of_a_whole_catalogue(ask_default: Asked, seed: int) -> None:
    values = _VALUES | {
        "ref": ('"gpt-5"', '"Claude Sonnet 4.5"', '"llama-3.3-70b-instruct"'),
        "slug": ('"openrouter"',),
    }
    _, straight = await asked_at_random(ask_default, seed, 25, values, today=DAY.date())
    assert straight >= 5


@pytest.mark.xdist_group("default catalogue")
@pytest.mark.parametrize("name", ["q1", "q2", "q3", "q4"])
async def test_what_is_measured_is_one_statement(ask_default: Asked, name: str) -> None:
    found = await same(ask_default, (DOCUMENTS / f"{name}.graphql").read_text(), today=DAY.date())
    assert isinstance(found, Written)
    assert ask_default.isolation == ["REPEATABLE READ"]  # the plan, which was asked last, takes several


@pytest.mark.parametrize(
    ("_case", "text", "variables"),
    [
        ("a name as a variable", "query ($ref: String!) { model(ref: $ref) { name } }", {"ref": "one"}),
        ("an alias", '{ model(ref: "ACME/one") { slug } }', {}),
        ("an id", f'{{ model(ref: "{encode("Model", "one")}") {{ slug }} }}', {}),
        ("a page after a cursor of letters beyond ASCII", f'{{ models(order: NAME, first: 1, after: "{cursor("NAME", ("two", "2"))}") {{ edges {{ cursor }} }} }}', {}),
        ("backwards", "{ models(order: NAME, last: 2) { nodes { slug } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }", {}),
        ("the end of a list", "{ models(order: NAME, last: 2) { nodes { slug } } routes(last: 1, order: KEY) { edges { cursor } } }", {}),
        ("the end before something", f'{{ models(order: NAME, last: 1, before: "{cursor("NAME", ("two", "2"))}") {{ nodes {{ slug }} }} }}', {}),
        ("an empty page", "{ models(first: 0) { nodes { slug } edges { cursor } pageInfo { hasNextPage endCursor } totalCount } }", {}),
        ("a page of what has no routes", '{ model(ref: "two") { routes { nodes { key } pageInfo { hasNextPage startCursor } totalCount } } }', {}),
        ("routes of a company", '{ provider(slug: "host") { routes(live: null) { nodes { key } totalCount } } }', {}),
        ("conditions with values", 'query ($most: Decimal) { models(where: {maxOutputPrice: $most, text: "one"}) { totalCount nodes { slug } } }', {"most": "2"}),
        ("one of two pages", "{ a: models(where: {text: \"one\"}) { nodes { slug } } b: routes(where: {text: \"host\"}) { nodes { key } totalCount } }", {}),
        ("around in a circle", '{ model(ref: "one") { routes { nodes { model { lab { models { nodes { slug routes(first: 1) { nodes { provider { routes { totalCount } } } } } } } } } } } }', {}),
        ("included by a variable", 'query ($yes: Boolean!) { model(ref: "one") { name slug @include(if: $yes) } }', {"yes": False}),
        ("a long alias", '{ model(ref: "one") { %s: name } }' % ("a" * 80), {}),
    ],
)  # fmt: skip
async def test_what_goes_straight(ask_odd: Asked, _case: str, text: str, variables: dict[str, Any]) -> None:
    found = await same(ask_odd, text, **variables)
    assert isinstance(found, Written)


@pytest.mark.parametrize(
    ("_case", "text"),
    [
        ("a name that nobody has", '{ model(ref: "three") { slug } }'),
        ("a name that is two models'", '{ model(ref: "both") { slug } }'),
        ("a name of two words", '{ model(ref: "an odd one") { slug } }'),
        ("another spelling of a key", '{ route(key: "HOST/one") { key } }'),
        ("a provider that is not there", '{ provider(slug: "nobody") { slug } model(ref: "one") { slug } }'),
        ("a ref that is too long", '{ model(ref: "%s") { slug } }' % ("a" * 300)),
        ("a zero byte", '{ model(ref: "a\\u0000b") { slug } }'),
        ("a lens", '{ model(ref: "one", lens: {valid: "2026-02-01"}) { name } }'),
        ("a lab that is named", '{ models(where: {labs: ["odd"]}) { nodes { slug } } }'),
        ("a lab that is nobody's", '{ models(where: {labs: ["nobody"]}) { nodes { slug } } }'),
        ("a cursor of another order", f'{{ models(after: "{cursor("NAME", ("", "1"))}") {{ nodes {{ slug }} }} }}'),
        ("a cursor that is none of the order's values", f'{{ models(after: "{cursor("MOST_PROVIDERS", ("x", "1"))}") {{ nodes {{ slug }} }} }}'),
        ("the end of a model's routes", '{ model(ref: "one") { routes(last: 1) { nodes { key } } } }'),
        ("prices of another day", '{ route(key: "acme/one") { prices(on: "2026-02-01") { outputMtok } } }'),
        ("something that is computed", '{ model(ref: "one") { slug fit { tag } } }'),
        ("introspection", '{ __schema { queryType { name } } model(ref: "one") { slug } }'),
        ("nothing at all", "{ __typename }"),
        ("nothing of an object", '{ model(ref: "one") { slug @skip(if: true) } }'),
        ("an interface", f'{{ node(id: "{encode("Model", "one")}") {{ id }} }}'),
    ],
)  # fmt: skip
async def test_what_goes_the_usual_way(ask_odd: Asked, _case: str, text: str) -> None:
    """With the errors that it has there."""
    found = await same(ask_odd, text)
    assert not isinstance(found, Written)


async def test_a_value_of_a_caller_is_never_part_of_the_statement(ask_odd: Asked) -> None:
    text = "query ($ref: String!, $words: String!) { model(ref: $ref) { name } models(where: {text: $words}) { totalCount } }"
    await same(ask_odd, text, ref="one", words="x'); drop table model; --")
    said = set()
    for ref in ("one", "two"):
        await ask_odd.answered(text, ref=ref, words="x'); drop table model; --")
        said.update(ask_odd.statements)
    (only,) = said
    assert "drop" not in only


@pytest.mark.parametrize(
    ("data", "objects"),
    [
        (b'{"a":1}', 1),
        (b'{"a":{"b":[{"c":1},{"c":2}]}}', 4),
        (b'{"a":"{","b":"{\\"c\\":","d":["{"],"e":"x{"}', 1),
        (b'{"a":"{}","_":[],"b":"{\\\\"}', 1),
    ],
)
async def test_objects_are_counted(data: bytes, objects: int) -> None:
    """Braces of texts do not count."""
    assert orjson.dumps(orjson.loads(data)) == data
    assert objects_in(data) == objects


async def test_what_is_not_known_is_refused() -> None:
    for name in ("search", "no_such_column"):
        with pytest.raises(Unknown):
            statement(
                (Shown("labs", "labs", below=(Shown("nodes", "nodes", below=(Shown("x", name),)),), asked=0),), (1,)
            )
