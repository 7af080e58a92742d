"""Records of the catalogue of the package: the facts have their documents, and lenses are looked through again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from domain.records import read_record
from tests.asking import Asked
from tests.catalogue import DAY
from tests.kept import KEY, REPLAY, record_in, sealed


@pytest.mark.asyncio
@pytest.mark.xdist_group("default catalogue")
async def test_the_two_steps_of_the_documentation(ask_default: Asked) -> None:
    """The example of the methodology, on the catalogue of the package: each fact has its source, and its evidence is found again."""
    page = (Path(__file__).parents[2] / "docs" / "methodology.md").read_text()
    section = page[page.index("\n## Decision records") :]
    first, second = re.findall(r"```graphql\n(.*?)```", section, re.DOTALL)[:2]
    ask_default.record_key = KEY
    found = await ask_default(first, today=DAY.date())
    record = record_in(found["data"])
    kept = read_record(record, None)
    assert all(each.source and each.place for each in kept.facts if each.field.startswith("price."))
    held = await ask_default(second, today=DAY.date(), record=record)
    assert held["data"]["replay"]["outcome"] == "HOLDS"
    price = next(each for each in kept.facts if each.field.startswith("price."))
    other = sealed(record, KEY, facts=[[*price.name, "123", "somebody", "abc#/x"]])
    (change,) = (await ask_default(second, today=DAY.date(), record=other))["data"]["replay"]["changes"]
    assert (change["of"], change["before"], change["after"]) == (price.of, "123", price.value)
    assert change["evidence"]["source"] == price.source


@pytest.mark.asyncio
@pytest.mark.xdist_group("default catalogue")
async def test_evidence_of_what_changed_on_a_route(ask_default: Asked) -> None:
    asked = '{ route(key: "openai/gpt-4o") { monthlyCost { ... on RouteCost { record } } } }'
    ask_default.record_key = KEY
    record = record_in((await ask_default(asked, today=DAY.date()))["data"])
    first = read_record(record, None).facts[0]
    assert first.source
    assert first.place
    other = sealed(record, KEY, facts=[[*first.name, "123", None, None]])
    text = "query ($record: String!) { replay(record: $record) { changes { after evidence { source value } } } }"
    (change,) = (await ask_default(text, today=DAY.date(), record=other))["data"]["replay"]["changes"]
    assert change == {"after": first.value, "evidence": {"source": first.source, "value": first.value}}


@pytest.mark.asyncio
@pytest.mark.xdist_group("default catalogue")
async def test_records_of_days_and_sources(ask_default: Asked) -> None:
    """A record through a lens is replayed through it: with a day as of that day, whatever day it is."""
    pair = '["mistral-small-4", "mimo-v2.5-tts"]'
    for lens in ('{sources: ["reference-page"]}', '{valid: "2026-10-01"}'):
        asked = f"{{ comparison(models: {pair}, lens: {lens}) {{ verdict {{ record }} switchFriction {{ record }} }} }}"
        found = await ask_default(asked, today=DAY.date())
        assert "errors" not in found
        later = DAY.date().replace(year=2027)
        held = await ask_default(REPLAY, today=later, record=record_in(found["data"]))
        assert held["data"]["replay"]["lens"]
        assert held["data"]["replay"]["outcome"] == "HOLDS"
