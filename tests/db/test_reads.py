"""Reads give frozen facts, one statement for any number of keys."""

from datetime import date
from decimal import Decimal

import pytest

from db import reads, results
from db.reader import Reader
from domain import facts


@pytest.mark.asyncio
async def test_a_model_is_whole_and_what_nobody_says_is_unknown(reader: Reader) -> None:
    found = await reads.models_by_id(reader, [1, 2, 3])
    assert sorted(found) == [1, 2]
    one, two = found[1], found[2]
    assert one.lab == facts.Lab(1, "acme", "Acme")
    assert one.license == facts.License(1, "MIT", "MIT", "MIT", True)
    assert one.capabilities[facts.CapabilityKind.VISION] is facts.Presence.YES
    assert one.capabilities[facts.CapabilityKind.BATCH] is facts.Presence.NO
    assert one.capabilities[facts.CapabilityKind.REASONING] is facts.Presence.UNKNOWN
    assert two == facts.Model(id=2, slug="two", name="Two")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "ref", "slug"),
    [
        ("slug", "one", "one"),
        ("slug in capitals", "ONE", "one"),
        ("alias", "ACME/one", "one"),
        ("the better alias wins", "mostly", "two"),
        ("an ambiguous alias is no answer", "both", None),
        ("unknown", "three", None),
    ],
)
async def test_a_ref_is_a_slug_or_an_alias(reader: Reader, _case: str, ref: str, slug: str | None) -> None:
    found = await reads.models_by_ref(reader, [ref])
    assert {key: model.slug for key, model in found.items()} == ({} if slug is None else {ref: slug})


@pytest.mark.asyncio
async def test_routes_come_cheapest_first_and_a_model_without_any_has_an_entry(reader: Reader) -> None:
    found = await reads.routes_by_model(reader, [1, 2])
    assert [route.key for route in found[1]] == ["host/one", "acme/one", "host/one-free"]
    assert found[1][1].provider == facts.Provider(1, "acme", "Acme", facts.ProviderKind.LAB, facts.ApiShape.OPENAI_CHAT)
    assert found[2] == ()


@pytest.mark.asyncio
async def test_capitals_of_a_key_do_not_matter(reader: Reader) -> None:
    found = await reads.routes_by_key(reader, ["host/one", "ACME/One", "acme/one", "nobody/one"])
    assert {asked: route.key for asked, route in found.items()} == {
        "host/one": "host/one",
        "ACME/One": "acme/one",
        "acme/one": "acme/one",
    }


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "on", "amounts"),
    [
        ("before the first", date(2025, 12, 31), []),
        ("the first day", date(2026, 1, 1), [("0.30", "1.20")]),
        ("the day of the change", date(2026, 6, 1), [("0.15", "0.60")]),
    ],
)
async def test_prices_are_those_of_the_day(
    reader: Reader, _case: str, on: date, amounts: list[tuple[str, str]]
) -> None:
    found = await reads.prices_by_route(reader, [1, 2], on=on)
    assert [(price.input_mtok, price.output_mtok) for price in found[1]] == [
        (Decimal(first), Decimal(second)) for first, second in amounts
    ]
    assert found[2] == ()


@pytest.mark.asyncio
async def test_amounts_of_other_units_are_exact(reader: Reader) -> None:
    [price] = (await reads.prices_by_route(reader, [1], on=date(2026, 7, 1)))[1]
    assert price.other_units == {"per_image": Decimal("0.002")}
    assert price.source == "made-up"


@pytest.mark.asyncio
async def test_results_carry_their_benchmark(reader: Reader) -> None:
    [result] = (await results.results_by_model(reader, [1, 2]))[1]
    assert (result.benchmark.slug, result.score, result.harness) == ("quiz", Decimal("38.1"), None)


@pytest.mark.asyncio
async def test_an_empty_catalogue_has_no_revision(reader: Reader) -> None:
    assert await reads.latest_revision(reader) is None


@pytest.mark.asyncio
async def test_one_read_is_one_statement_for_any_number_of_keys(reader: Reader) -> None:
    for ids in ([1], [1, 2]):
        before = reader.statements
        await reads.models_by_id(reader, ids)
        await reads.routes_by_model(reader, ids)
        await reads.prices_by_route(reader, ids, on=date(2026, 7, 1))
        await results.results_by_model(reader, ids)
        await reads.models_by_ref(reader, ["one", "two"][: len(ids)])
        assert reader.statements - before == 5
