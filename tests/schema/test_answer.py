"""What is selected is read once a level and nothing else is; resolvers await nothing."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import write_engine
from schema.answer import answer
from schema.catalog import schema


class Asked:
    """Answers operations on one connection and keeps the statements that they sent."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.statements: list[str] = []
        event.listen(
            connection.sync_connection, "before_cursor_execute", lambda *given: self.statements.append(given[2])
        )

    async def __call__(self, text: str, **variables: Any) -> dict[str, Any]:
        async def connect() -> AsyncConnection:
            return self.connection

        self.statements.clear()
        result = await answer(text, variables, connect=connect, today=date(2026, 7, 1))
        return result.formatted  # type: ignore[return-value]  # a TypedDict


@pytest_asyncio.fixture
async def ask(catalogue: str) -> AsyncIterator[Asked]:
    engine = write_engine(catalogue)
    async with engine.connect() as connection:
        await connection.exec_driver_sql("select 1")
        yield Asked(connection)
    await engine.dispose()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "text", "statements"),
    [
        ("introspection", "{ __schema { queryType { name } } }", 0),
        ("typename", "{ __typename }", 0),
        ("two scalars", '{ model(ref: "one") { name contextWindow } }', 1),
        ("to-one neighbours", '{ model(ref: "one") { lab { name } license { spdx } } }', 1),
        ("two models", '{ a: model(ref: "one") { name } b: model(ref: "two") { name } }', 1),
        ("routes", '{ model(ref: "one") { routes { key provider { name } } } }', 2),
        ("prices", '{ model(ref: "one") { routes { prices { outputMtok } } } }', 3),
        ("prices of two", '{ a: model(ref: "one") { routes { prices { above } } } b: model(ref: "two") { routes { prices { above } } } }', 3),
        ("one group under two aliases", '{ model(ref: "one") { a: routes { key } b: routes { key } } }', 2),
        ("a fragment", '{ model(ref: "one") { ...F } } fragment F on Model { routes { key } results { score } }', 3),
        ("skipped", '{ model(ref: "one") { name routes @skip(if: true) { prices { above } } } }', 1),
        ("included by a variable", 'query ($no: Boolean = false) { model(ref: "one") { name routes @include(if: $no) { key } } }', 1),
        ("an unknown model", '{ model(ref: "three") { routes { prices { above } } } }', 1),
        ("the catalogue", "{ catalog { number } }", 1),
    ],
)  # fmt: skip
async def test_exact_statements(ask: Asked, _case: str, text: str, statements: int) -> None:
    await ask(text)
    assert len(ask.statements) == statements


@pytest.mark.asyncio
async def test_an_answer(ask: Asked) -> None:
    found = await ask(
        """query ($ref: String!) { model(ref: $ref) {
          name contextWindow maxOutput lab { slug } license { spdx osiApproved } openness
          capabilities { kind presence }
          routes { key priceBasis prices { inputMtok outputMtok cacheReadMtok } }
          results { benchmark score } } }""",
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
        "routes": [
            {"key": "host/one", "priceBasis": "METERED", "prices": []},
            {
                "key": "acme/one",
                "priceBasis": "METERED",
                "prices": [{"inputMtok": "0.15", "outputMtok": "0.60", "cacheReadMtok": None}],
            },
            {"key": "host/one-free", "priceBasis": "FREE", "prices": []},
        ],
        "results": [{"benchmark": "Quiz", "score": "38.1"}],
    }


@pytest.mark.asyncio
async def test_one_unknown_ref_is_one_error(ask: Asked) -> None:
    found = await ask('{ a: model(ref: "one") { slug } b: model(ref: "three") { slug } }')
    assert found["data"] == {"a": {"slug": "one"}, "b": None}
    assert [(error["path"], error["extensions"]["code"]) for error in found["errors"]] == [(["b"], "UNKNOWN_MODEL")]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "text"),
    [
        ("syntax", "{"),
        ("unknown field", "{ nothing }"),
        ("missing variable", "query ($ref: String!) { model(ref: $ref) { slug } }"),
        ("two operations", "query A { __typename } query B { __typename }"),
        ("too many tokens", "{ " + "a " * 2_001 + "}"),
    ],
)
async def test_a_request_error_reads_nothing(ask: Asked, _case: str, text: str) -> None:
    found = await ask(text)
    assert found["data"] is None
    assert found["errors"]
    assert ask.statements == []


def test_everything_is_described() -> None:
    """Somebody in GraphiQL who has never seen us reads what each type and field means."""
    ours = {
        name: kind for name, kind in schema._schema.type_map.items() if not name.startswith("__") and name[0].isupper()
    }
    standard = {"String", "Int", "Boolean", "Float", "ID", "Decimal"}
    missing = [name for name, kind in ours.items() if name not in standard and not kind.description]
    missing += [
        f"{name}.{field}"
        for name, kind in ours.items()
        for field, definition in getattr(kind, "fields", {}).items()
        if not definition.description
    ]
    assert missing == []
