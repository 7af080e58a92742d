"""The matrix of capabilities over the schema."""

import pytest

from tests.asking import Asked

pytestmark = pytest.mark.asyncio


async def test_the_matrix_of_a_model(ask: Asked) -> None:
    found = await ask(
        """{ capabilityMatrix(ref: "Acme/One", capabilities: [VISION, BATCH]) { model { slug }
          routes(first: 1) { route { key } presence scope rule { id } cells { kind presence scope byModel byRoute contradicts used { of } } } } }"""
    )
    cell = {"scope": "MODEL", "byRoute": "UNKNOWN", "contradicts": False}
    used = [{"of": "acme/one"}, {"of": "one"}]
    assert found["data"]["capabilityMatrix"] == {
        "model": {"slug": "one"},
        "routes": [
            {
                "route": {"key": "acme/one"},
                "presence": "NO",
                "scope": "MODEL",
                "rule": {"id": "capability.conditional"},
                "cells": [
                    {"kind": "VISION", "presence": "YES", "byModel": "YES", "used": used, **cell},
                    {"kind": "BATCH", "presence": "NO", "byModel": "NO", "used": used, **cell},
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("_case", "selected", "statements"),
    [
        ("the model alone", "model { slug }", 1),
        ("its routes", "routes { presence route { provider { name } } }", 2),
        ("with prices", "routes { route { prices { above } } cells { used { of } } }", 3),
        ("with evidence", "routes { cells { used { evidence { source } } } }", 3),
    ],
)
async def test_exact_statements(ask: Asked, _case: str, selected: str, statements: int) -> None:
    assert "errors" not in await ask(f'{{ capabilityMatrix(ref: "one", capabilities: [VISION]) {{ {selected} }} }}')
    assert len(ask.statements) == statements


@pytest.mark.parametrize(
    ("_case", "arguments", "code"),
    [
        ("an unknown model", 'ref: "three", capabilities: [VISION]', "UNKNOWN_MODEL"),
        ("nothing to have", 'ref: "one", capabilities: []', "BAD_USER_INPUT"),
    ],
)
async def test_questions_that_are_refused(ask: Asked, _case: str, arguments: str, code: str) -> None:
    found = await ask(f"{{ capabilityMatrix({arguments}) {{ model {{ slug }} }} }}")
    assert found["errors"][0]["extensions"]["code"] == code


async def test_only_where_all_can_be_had(ask: Asked) -> None:
    text = '{ capabilityMatrix(ref: "one", capabilities: [VISION]) { routes(presence: YES) { route { key } } none: routes(presence: NO) { scope } } }'
    found = (await ask(text))["data"]["capabilityMatrix"]
    assert [each["route"]["key"] for each in found["routes"]] == ["acme/one", "host/one", "host/one-free"]
    assert found["none"] == []
