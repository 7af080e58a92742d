"""Ids of one provider that differ only in capitals are one route, and all listings of a route mean one model."""

from __future__ import annotations

from itertools import permutations

import pytest

from db.claims import StoredSubject
from domain.statements import SubjectKind, Value
from ingest.linking import link, read_tables, row_of

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


@pytest.mark.parametrize(
    ("_case", "names", "model"),
    [
        ("a contradiction leaves it to the others", ["GPT-5 Codex", None], "gpt-5"),
        ("whichever source it is", [None, "GPT-5 Codex"], "gpt-5"),
        ("nothing is linked where all contradict themselves", ["GPT-5 Codex", "GPT-5 Codex"], None),
    ],
)
def test_all_listings_of_a_route_follow_its_surest_link(_case: str, names: list[str | None], model: str | None) -> None:
    known = [
        StoredSubject(number, "models.dev", SubjectKind.ROUTE, "openai", id_, name)
        for number, (id_, name) in enumerate([("gpt-5", "GPT-5"), ("gpt-5-codex", "GPT-5 Codex")])
    ]
    listings = [
        StoredSubject(number, source, SubjectKind.ROUTE, "some-host", "gpt-5", name)
        for number, (source, name) in enumerate(zip(("models.dev", "rates"), names, strict=True), len(known))
    ]
    for order in permutations([*known, *listings]):
        links = link(order, TABLES).by_thing
        assert {links[each.id].model for each in listings} == {model}
        followed = [each for each in listings if each.name and model]
        assert all(
            links[each.id].evidence == "Another source lists this route. The id is the model's slug."
            for each in followed
        )


def test_one_price_for_all_ids_of_an_entry_is_no_witness_beside_its_name() -> None:
    said: dict[str, Value] = {
        "context_window": 262144,
        "price.STANDARD.0.input": "1.5",
        "price.STANDARD.0.output": "7.5",
    }
    for source, context in (("genai-prices", None), ("models.dev", 262144)):
        row = row_of(
            StoredSubject(1, source, SubjectKind.ROUTE, "mistral", "mistral-medium-3", "Mistral Medium 3.5", said)
        )
        assert (row.context, row.input is None) == (context, context is None)


PRICED = "genai-prices"


@pytest.mark.parametrize(
    ("_case", "others", "priced", "keys"),
    [
        ("by the very id", ["gpt-5.1"], ["gpt-5-1", "gpt-5.1"], {"gpt-5.1": "gpt-5.1", "gpt-5-1": "gpt-5.1"}),
        ("which it need not list itself", ["gpt-5.1"], ["gpt-5-1"], {"gpt-5-1": "gpt-5.1"}),
        (
            "by an id of the same version",
            ["gpt-5.1"],
            ["gpt-5-1-2025-11-13", "gpt-5.1-2025-11-13"],
            {"gpt-5-1-2025-11-13": "gpt-5.1-2025-11-13", "gpt-5.1-2025-11-13": "gpt-5.1-2025-11-13"},
        ),
        ("the other way round", ["claude-opus-4-5"], ["claude-opus-4.5"], {"claude-opus-4.5": "claude-opus-4-5"}),
        ("both are ids", ["gpt-5-1", "gpt-5.1"], ["gpt-5-1"], {"gpt-5-1": "gpt-5-1", "gpt-5.1": "gpt-5.1"}),
        ("nobody else says", [], ["gpt-5-1", "gpt-5.1"], {"gpt-5-1": "gpt-5-1", "gpt-5.1": "gpt-5.1"}),
        (
            "another version",
            ["gpt-5.1", "gpt-5.10-mini"],
            ["gpt-5-1", "gpt-5-2", "gpt-5-1-mini"],
            {"gpt-5-1": "gpt-5.1", "gpt-5-2": "gpt-5-2", "gpt-5-1-mini": "gpt-5-1-mini"},
        ),
    ],
)
def test_another_notation_of_a_version_is_no_route(
    _case: str, others: list[str], priced: list[str], keys: dict[str, str]
) -> None:
    said = [(source, id_) for source in ("models.dev", "rates") for id_ in others] + [(PRICED, id_) for id_ in priced]
    things = [
        StoredSubject(number, source, SubjectKind.ROUTE, "openai", id_, None)
        for number, (source, id_) in enumerate(said)
    ]
    for order in (things, things[::-1]):
        links = link(order, TABLES).by_thing
        assert {each.native_id: links[each.id].route for each in things} == {
            **{id_: f"openai/{id_}" for id_ in others},
            **{id_: f"openai/{key}" for id_, key in keys.items()},
        }


def test_a_notation_that_names_another_model_or_that_offers_are_listed_by_stays_a_route() -> None:
    things = [
        StoredSubject(number, source, SubjectKind.ROUTE, provider, id_, name)
        for number, (source, provider, id_, name) in enumerate(
            [
                ("models.dev", "openai", "gpt-5.1", "GPT-5.1"),
                ("models.dev", "openai", "gpt-5-codex", "GPT-5 Codex"),
                (PRICED, "openai", "gpt-5-1", "GPT-5 Codex"),
                ("models.dev", "proxy", "claude-opus-4-5", None),
                ("rates", "proxy", "claude-opus-4.5", None),
            ]
        )
    ]
    links = link(things, TABLES).by_thing
    assert [links[each.id].route for each in things] == [f"{each.provider}/{each.native_id}" for each in things]
    assert links[2].model != "gpt-5.1"
