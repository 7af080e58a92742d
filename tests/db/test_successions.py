"""The calendar of announced shutdowns by condition and page, and successors with the models at both ends."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from db import lifecycle
from db.queries import RetirementQuery, Window
from db.reader import Reader
from domain.dates import Announced, DatePrecision
from domain.facts import FactRef, Lifecycle
from domain.lifecycle import Retirement, SuccessorKind
from tests.ingest.small import databases, run_script

# Model 1 and route 1 go on one day; their numbers in the list are 2 and 3.
ROWS = """
insert into source (id, name, lineage) values ('made-up', 'Made up', 'made-up');
insert into lab (slug, name) values ('acme', 'Acme');
insert into provider (slug, name, kind, api_shape, "group") values
  ('acme', 'Acme', 'LAB', 'OTHER', null), ('cloud-eu', 'Cloud EU', 'CLOUD', 'OTHER', 'cloud');
insert into model (slug, name, lab_id, task, architecture, openness, commercial_use, lifecycle, search, deprecated_on,
  deprecated_precision, retires_on, retires_precision) values
  ('one', 'One', 1, 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'AVAILABLE', '', '2026-01-01', 'DAY', '2026-06-30', 'MONTH'),
  ('two', 'Two', null, 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', '', null, null, '2027-01-01', 'NOT_BEFORE'),
  ('three', 'Three', 1, 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'AVAILABLE', '', null, null, null, null);
insert into route (key, provider_id, model_id, provider_model_id, lifecycle, price_basis, live, first_party, retires_on,
  retires_precision) values
  ('acme/one', 1, 1, 'one', 'AVAILABLE', 'METERED', true, true, '2026-06-30', 'DAY'),
  ('cloud-eu/one', 2, 1, 'one', 'RETIRED', 'METERED', false, false, '2026-02-01', 'DAY'),
  ('cloud-eu/nobody', 2, null, 'nobody', 'UNKNOWN', 'UNKNOWN', true, false, '2026-12-31', 'YEAR'),
  ('cloud-eu/two', 2, 2, 'two', 'AVAILABLE', 'METERED', true, false, null, null);
insert into successor (model_id, target_id, spelling, kind, place, source_id) values
  (1, 2, 'Two', 'OPTION', 0, 'made-up'), (1, 3, 'three-2026', 'DROP_IN', 1, 'made-up'),
  (1, null, 'elsewhere', 'DROP_IN', 0, 'made-up');
"""
YEARS = RetirementQuery(date(2026, 1, 1), date(2027, 12, 31))
ALL = ["cloud-eu/one", "one", "acme/one", "cloud-eu/nobody", "two"]


@pytest.fixture(scope="module")
def filled() -> Iterator[str]:
    with databases() as new:
        url = new()
        run_script(url, ROWS)
        yield url


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "where", "found"),
    [
        ("all, the model before its route", {}, ALL),
        ("both days count", {"first_day": date(2026, 2, 1), "last_day": date(2026, 6, 30)}, ALL[:3]),
        ("a day later", {"first_day": date(2026, 2, 2), "last_day": date(2026, 6, 29)}, []),
        ("routes", {"of_routes": True}, ["cloud-eu/one", "acme/one", "cloud-eu/nobody"]),
        ("models", {"of_routes": False}, ["one", "two"]),
        ("a model and its routes", {"models": ("ONE",)}, ["cloud-eu/one", "one", "acme/one"]),
        ("no such model", {"models": ("nobody",)}, []),
        ("a lab", {"labs": ("Acme",)}, ["cloud-eu/one", "one", "acme/one"]),
        ("a provider", {"providers": ("acme",)}, ["acme/one"]),
        ("a group", {"providers": ("Cloud",)}, ["cloud-eu/one", "cloud-eu/nobody"]),
        ("what does happen", {"precisions": tuple(DatePrecision)[:3]}, ALL[:4]),
        ("not before", {"precisions": (DatePrecision.NOT_BEFORE,)}, ["two"]),
        ("all conditions hold", {"labs": ("acme",), "of_routes": True, "providers": ("acme",)}, ["acme/one"]),
    ],
)
async def test_by_condition(reader: Reader, _case: str, where: Mapping[str, Any], found: list[str]) -> None:
    query = replace(YEARS, **where)
    page = (await lifecycle.retirements(reader, [query]))[query]
    assert [each.of for each in page.items] == found
    assert (await lifecycle.count_retirements(reader, [query]))[query] == len(found)


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("backward", [False, True])
async def test_pages_neither_repeat_nor_skip(reader: Reader, size: int, backward: bool) -> None:
    seen: list[str] = []
    window = Window(size, backward)
    for _ in range(6):
        query = replace(YEARS, window=window)
        page = (await lifecycle.retirements(reader, [query]))[query]
        seen = [each.of for each in page.items] + seen if backward else seen + [each.of for each in page.items]
        if not (page.has_previous if backward else page.has_next):
            break
        bound = page.keys[0 if backward else -1]
        window = Window(size, backward, before=bound if backward else None, after=None if backward else bound)
    assert seen == ALL


@pytest.mark.asyncio
async def test_an_entry_knows_its_dates(reader: Reader) -> None:
    query = replace(YEARS, models=("one",), of_routes=False)
    [one] = (await lifecycle.retirements(reader, [query]))[query].items
    ends = (Announced(date(2026, 1, 1)), Announced(date(2026, 6, 30), DatePrecision.MONTH))
    assert one == Retirement(2, FactRef("model", 1, "retires_on"), "one", Lifecycle.AVAILABLE, *ends, 1)


@pytest.mark.asyncio
async def test_several_calendars_are_one_statement(reader: Reader) -> None:
    queries = [replace(YEARS, of_routes=of_routes) for of_routes in (None, True, False)]
    found = await lifecycle.retirements(reader, queries)
    assert [len(found[query].items) for query in queries] == [5, 3, 2]
    assert reader.statements == 1


@pytest.mark.asyncio
async def test_successors_with_the_models_at_both_ends(reader: Reader) -> None:
    """Drop-ins before options, each in its source's order; two statements for all."""
    found = await lifecycle.succession(reader, [1])
    assert [(each.kind, each.spelling, each.target_id) for each in found.successors[1]] == [
        (SuccessorKind.DROP_IN, "elsewhere", None),
        (SuccessorKind.DROP_IN, "three-2026", 3),
        (SuccessorKind.OPTION, "Two", 2),
    ]
    assert {number: len(named) for number, named in found.successors.items()} == {1: 3, 2: 0, 3: 0}
    assert {number: model.slug for number, model in found.models.items()} == {1: "one", 2: "two", 3: "three"}
    assert reader.statements == 2


@pytest.mark.asyncio
async def test_a_model_without_successors_costs_the_same(reader: Reader) -> None:
    found = await lifecycle.succession(reader, [2])
    assert (dict(found.successors), [each.slug for each in found.models.values()]) == ({2: ()}, ["two"])
    assert reader.statements == 2
