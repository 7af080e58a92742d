"""Ids of one provider that differ only in capitals are one route."""

from __future__ import annotations

from itertools import permutations

import pytest

from db.claims import StoredSubject
from domain.statements import SubjectKind
from ingest.linking import link, read_tables

TABLES = read_tables()


@pytest.mark.parametrize(
    ("_case", "said", "key"),
    [
        (
            "the spelling of most sources",
            [("models.dev", "Zai/GLM-4.7"), ("rates", "zai/glm-4.7"), ("model-prices", "zai/glm-4.7")],
            "groq/zai/glm-4.7",
        ),
        (
            "of equals the one with capitals",
            [("models.dev", "zai/glm-4.7"), ("rates", "zai/GLM-4.7")],
            "groq/zai/GLM-4.7",
        ),
        (
            "genai-prices, which does not look at capitals, asks another source",
            [("genai-prices", "ZAI/GLM-4.7"), ("rates", "zai/glm-4.7")],
            "groq/zai/glm-4.7",
        ),
        ("where there is one", [("genai-prices", "zai/GLM-4.7")], "groq/zai/GLM-4.7"),
    ],
)
def test_one_route_for_all_spellings(_case: str, said: list[tuple[str, str]], key: str) -> None:
    things = [
        StoredSubject(number, source, SubjectKind.ROUTE, "groq", native, None)
        for number, (source, native) in enumerate(said)
    ]
    for order in permutations(things):
        found = link(order, TABLES)
        assert {linked.route for linked in found.by_thing.values()} == {key}
        assert len({linked.model for linked in found.by_thing.values()}) == 1


def test_other_providers_are_other_routes() -> None:
    things = [
        StoredSubject(number, "rates", SubjectKind.ROUTE, provider, "zai/GLM-4.7", None)
        for number, provider in enumerate(("groq", "huggingface"))
    ]
    routes = [linked.route for linked in link(things, TABLES).by_thing.values()]
    assert sorted(map(str, routes)) == ["groq/zai/GLM-4.7", "huggingface/zai/GLM-4.7"]
