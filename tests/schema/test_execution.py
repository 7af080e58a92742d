"""A compiled operation answers what graphql-core answers, byte for byte, and counts what it counts."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import ExecutionResult, execute

from schema import execution
from schema.answer import CORE, Answer, Written, prepare
from schema.execution import Compiled, Executed
from tests.asking import Asked
from tests.catalogue import DAY
from tests.documents import Documents

ROOT = Path(__file__).parents[2]
OPERATIONS = {path.stem: path.read_text() for path in sorted((ROOT / "operations").glob("*.graphql"))}
README = [part.split("```")[0] for part in (ROOT / "README.md").read_text().split("```graphql\n")[1:]]
LENSES = """{ now: model(ref: "gpt-5") { id routes(first: 2) { nodes { id } } }
  then: model(ref: "gpt-5", lens: {valid: "2026-10-01"}) { id routes(first: 2) { nodes { id } } } }"""


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Executed, Executed, Any]]:
    """What each operation gave: compiled, by our counting executor, and by graphql-core's own."""
    seen: list[tuple[Executed, Executed, Any]] = []
    compiled = Compiled.execute

    def executed(plan: Compiled, document: Any, facts: Any, given: Any, raw: Any, name: Any, source: Any) -> Executed:
        found = compiled(plan, document, facts, given, raw, name, source)
        counted = execution.by_core(plan.root, document, facts, given, raw, name, source)
        core = execute(CORE, document, source, facts, variable_values=dict(raw), operation_name=name)
        seen.append((found, counted, core))
        return found

    monkeypatch.setattr(Compiled, "execute", executed)
    return seen


async def same(ask: Asked, both: list[tuple[Executed, Executed, Any]], text: str, **given: Any) -> Executed | None:
    """The compiled answer, that was checked to be graphql-core's, as was that of one statement where there is one; None where nothing
    was executed."""
    straight = await ask.answered(text, **given)
    both.clear()
    found = await ask.answered(text, straight=False, **given)
    assert orjson.dumps(straight.formatted) == orjson.dumps(found.formatted)
    assert (straight.estimated, straight.actual) == (found.estimated, found.actual)
    assert not isinstance(straight, Written) or straight.encoded == orjson.dumps(found.data)
    if not both:  # refused before it was executed
        assert found.data is None
        return None
    ((compiled, counted, core),) = both
    assert isinstance(core, ExecutionResult)
    assert orjson.dumps(compiled.result.formatted) == orjson.dumps(core.formatted)
    assert orjson.dumps(found.formatted) == orjson.dumps(core.formatted)
    assert compiled.points == counted.points
    assert compiled.points <= found.actual <= found.estimated, "more for what is looked through"
    assert compiled.compiled or core.errors or "__schema" in (core.data or {}) or "__type" in (core.data or {})
    return compiled


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "text", "variables", "compiled", "points"),
    [
        ("leaves", '{ model(ref: "one") { slug name contextWindow maxOutput task } }', {}, True, 1),
        ("the root is no object", "{ __typename }", {}, True, 0),
        ("a page", "{ models { nodes { name lab { slug } } totalCount } }", {}, True, 4),
        ("a weighed field", '{ model(ref: "one") { disputes { field } } }', {}, True, 101),
        ("aliases with other arguments", '{ model(ref: "one") { a: routes(first: 1) { nodes { key } } b: routes(live: null) { nodes { key } } } }', {}, True, 7),
        ("merged selections", '{ model(ref: "one") { lab { slug } ...F } } fragment F on Model { lab { name } }', {}, True, 2),
        ("skipped by a variable", 'query ($no: Boolean!) { model(ref: "one") { slug name @skip(if: $no) } }', {"no": True}, True, 1),
        ("not skipped by it", 'query ($no: Boolean!) { model(ref: "one") { slug name @skip(if: $no) } }', {"no": False}, True, 1),
        ("nothing is left", '{ model(ref: "one") { slug @skip(if: true) } }', {}, True, 1),
        ("nothing is left at the root", '{ model(ref: "one") @skip(if: true) { slug } }', {}, True, 0),
        ("a condition that is null", 'query ($x: Boolean = true) { model(ref: "one") { slug name @include(if: $x) } }', {"x": None}, False, 0),
        ("an unknown model", '{ model(ref: "three") { slug } other: model(ref: "one") { slug } }', {}, False, 1),
        ("an error in a list", '{ nodes(ids: ["TW9kZWw6b25l", "bad", "TW9kZWw6dHdv"]) { id ... on Model { name } } }', {}, False, 2),
        ("a bad cursor below a list", '{ models { nodes { slug routes(after: "x") { nodes { key } } } } }', {}, False, 2),
        ("a null that goes up to the root", '{ comparison(models: ["one", "three"]) { id } }', {}, False, 0),
        ("a union", '{ model(ref: "one") { monthlyCost { __typename ... on MonthlyCost { total } ... on Unavailable { reason } } } }', {}, True, 42),
        ("an interface of which the object decides", '{ comparison(models: ["one", "two"]) { scorecard { signals { __typename key } } } }', {}, True, 157),
        ("introspection", '{ __type(name: "Model") { name } model(ref: "one") { slug } }', {}, False, 2),
    ],
)  # fmt: skip
async def test_an_answer_is_that_of_graphql_core(
    ask: Asked, both: Any, _case: str, text: str, variables: dict[str, Any], compiled: bool, points: int
) -> None:
    executed = await same(ask, both, text, **variables)
    if executed is None:
        assert not compiled
        return
    assert executed.compiled is compiled
    assert executed.points == points


@pytest.mark.asyncio
async def test_a_condition_that_is_null_at_the_root_is_a_coded_error(ask: Asked) -> None:
    text = "query ($x: Boolean = true) { models @include(if: $x) { totalCount } }"
    found = (await ask.answered(text, x=None)).formatted
    document = prepare(text).document
    assert document is not None
    core = execute(CORE, document, variable_values={"x": None})
    assert isinstance(core, ExecutionResult)
    (error,) = core.formatted["errors"]
    assert found == {"data": None, "errors": [{**error, "extensions": {"code": "BAD_USER_INPUT"}}]}
    assert ask.statements == []


_VALUES = {
    "ref": ('"one"', '"two"', '"three"', '"acme/one"'),
    "models": ('["one", "two"]', '["two", "one"]', '["one", "three"]'),
    "routes": ('["acme/one", "host/one"]', '["acme/one"]'),
    "source": ('"acme/one"', '"one"'),
    "failoverShare": ('"0.1"',),
    "slug": ('"acme"', '"nobody"'),
    "key": ('"acme/one"', '"host/none"'),
    "from": ('"one"', '"2026-01-01"'),
    "to": ('"two"', '"2027-01-01"'),
    "id": ('"TW9kZWw6b25l"', '"bad"', '"cost.total"'),
    "ids": ('["TW9kZWw6b25l", "bad", "TW9kZWw6dHdv"]', '["TW9kZWw6b25l"]'),
    "record": ('"no record"',),
    "first": ("1", "2", "3", "101"),
    "after": ('"x"', "null"),
    "live": ("null", "true"),
    "lens": ('{valid: "2026-02-01"}', "null"),
    "capabilities": ("[VISION]",),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", range(4))
async def test_any_document_is_answered_as_graphql_core_does(ask: Asked, both: Any, seed: int) -> None:
    documents = Documents(CORE, _VALUES, seed)
    executed = compiled = 0
    for _ in range(25):
        text, variables = documents.next()
        if (made := await same(ask, both, text, **variables)) is not None:
            executed += 1
            compiled += made.compiled
    assert executed >= 8
    assert compiled >= 3


@pytest.mark.asyncio
@pytest.mark.xdist_group("default catalogue")
@pytest.mark.parametrize("text", [*OPERATIONS.values(), *README, LENSES], ids=lambda text: text.split("\n")[0][:40])
async def test_what_we_publish_is_answered_as_graphql_core_does(ask_default: Asked, both: Any, text: str) -> None:
    made = await same(ask_default, both, text, today=DAY.date())
    assert made is not None
    assert made.compiled
    assert made.points > 0


def test_no_more_is_charged_than_was_announced() -> None:
    """A list without paging may be longer than was assumed."""
    assert Answer(ExecutionResult({}, None), estimated=7, points=9).actual == 7
    assert Answer(ExecutionResult({}, None), estimated=7, points=3).actual == 3
