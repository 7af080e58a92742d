"""Moving names: what stands under one belongs to the model that it meant on the day, in routes, statements and spellings."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from db import moving, provenance
from db.reader import Reader
from domain.suspicion import is_moving
from tests.ingest.small import databases, run_script

# Models 1 to 3; `acme/bolt-latest` meant the first until February, nobody knows which one in March, and means the second now.
ROWS = """
insert into source (id, name, lineage) values ('made-up', 'Made up', 'made-up');
insert into lab (slug, name) values ('acme', 'Acme');
insert into provider (slug, name, kind, api_shape) values ('acme', 'Acme', 'LAB', 'OPENAI_CHAT'), ('host', 'Host', 'HOST', 'OTHER');
insert into model (slug, name, lab_id, task, architecture, openness, commercial_use, lifecycle, search) values
  ('bolt-1', 'Bolt 1', 1, 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'bolt 1'),
  ('bolt-2', 'Bolt 2', 1, 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'bolt 2'),
  ('bolt-3', 'Bolt 3', 1, 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'bolt 3');
insert into alias (key, model_id, spelling, method, confidence, reason, rank) values
  ('bolt-latest', 2, 'bolt-latest', 'ALIAS', 0.9, '', 0), ('bolt-best', 3, 'bolt-best', 'EXACT', 1, '', 0);
insert into route (key, provider_id, model_id, provider_model_id, lifecycle, price_basis, live, first_party) values
  ('acme/bolt-latest', 1, 2, 'bolt-latest', 'AVAILABLE', 'METERED', true, true),
  ('acme/bolt-2', 1, 2, 'bolt-2', 'AVAILABLE', 'METERED', true, true),
  ('acme/bolt-1', 1, 1, 'bolt-1', 'AVAILABLE', 'METERED', true, true),
  ('host/bolt-best', 2, null, 'bolt-best', 'AVAILABLE', 'METERED', true, false);
insert into subject (source_id, kind, native_provider, native_id, model_id, route_id, provider_id, method) values
  ('made-up', 'route', 'acme', 'bolt-latest', 2, 1, 1, 'ALIAS'), ('made-up', 'route', 'acme', 'bolt-2', 2, 2, 1, 'EXACT'),
  ('made-up', 'route', 'acme', 'bolt-1', 1, 3, 1, 'EXACT'), ('made-up', 'model', '', 'acme/bolt-latest', 2, null, null, 'ALIAS'),
  ('made-up', 'route', 'host', 'bolt-best', null, 4, 2, 'UNRESOLVED');
insert into moving_target (subject_id, since, until, model_id, first_party) values
  (1, '2026-01-01', '2026-02-28', 1, true), (1, '2026-03-01', '2026-03-31', null, false), (1, '2026-04-01', null, 2, true),
  (4, '2026-01-01', '2026-02-28', 1, false), (4, '2026-03-01', '2026-03-31', null, false), (4, '2026-04-01', null, 2, false),
  (5, '2026-01-01', '2026-05-31', 3, true), (5, '2026-06-01', null, null, false);
insert into retrieval (source_id, url, retrieved_at, sha256, size, body, problems, read_at) values
  ('made-up', 'x', '2026-01-01T00:00:00Z', '0', 0, '', '{}', '2026-01-01T00:00:00Z');
insert into statement (subject_id, retrieval_id, field, value, locator, observed_on, recorded_at)
  select id, 1, 'context_window', id::text, '', '2026-01-01', '2026-01-01T00:00:00Z' from subject;
"""
FEBRUARY, MARCH, MAY, JUNE = date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 1), date(2026, 6, 1)


@pytest.fixture(scope="module")
def filled() -> Iterator[str]:
    with databases() as new:
        url = new()
        run_script(url, ROWS)
        yield url


def span(day: date | None) -> provenance.Span:
    return provenance.NOW if day is None else provenance.Span(datetime.max.replace(tzinfo=UTC), day)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("day", "routes"),
    [
        (date(2025, 12, 31), {1: ["acme/bolt-1"], 2: ["acme/bolt-2"], 3: []}),
        (FEBRUARY, {1: ["acme/bolt-latest", "acme/bolt-1"], 2: ["acme/bolt-2"], 3: ["host/bolt-best"]}),
        (MARCH, {1: ["acme/bolt-1"], 2: ["acme/bolt-2"], 3: ["host/bolt-best"]}),
        (JUNE, {1: ["acme/bolt-1"], 2: ["acme/bolt-latest", "acme/bolt-2"], 3: []}),
    ],
)
async def test_routes_of_a_model_on_a_day(reader: Reader, day: date, routes: dict[int, list[str]]) -> None:
    found = await moving.routes_on(reader, [1, 2, 3], day)
    assert {id_: [route.key for route in each] for id_, each in found.items()} == routes
    assert all(route.model_id == id_ for id_, each in found.items() for route in each)
    assert all(route.first_party for each in found.values() for route in each)
    by_name = {route.key for each in found.values() for route in each if is_moving(route)}
    assert by_name == {"acme/bolt-latest", "host/bolt-best"} & {key for keys in routes.values() for key in keys}, (
        "whatever they are linked by today"
    )
    meant = await moving.models_meant(reader, [1, 2, 3, 4], day)
    for id_, keys in routes.items():
        assert ("acme/bolt-latest" in keys) == (meant[1] == id_)
        assert ("host/bolt-best" in keys) == (meant[4] == id_)
    assert meant.keys() == {1, 4}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("day", "saying"),
    [
        (None, {1: [3], 2: [1, 2, 4]}),
        (date(2025, 12, 31), {1: [3], 2: [2]}),
        (FEBRUARY, {1: [1, 3, 4], 2: [2]}),
        (MARCH, {1: [3], 2: [2]}),
        (MAY, {1: [3], 2: [1, 2, 4]}),
    ],
)
async def test_what_is_said_of_a_model_on_a_day(reader: Reader, day: date | None, saying: dict[int, list[int]]) -> None:
    """The reads of a whole model and of one field of it agree; each statement's value is its subject's number."""
    whole = await provenance.testimony_by_model(reader, [1, 2], span(day))
    assert {id_: [each.claim.value for each in said] for id_, said in whole.items()} == saying
    field = await provenance.testimony_by_field(reader, [(1, "context_window"), (2, "context_window")], span(day))
    assert {key[0]: list(said) for key, said in field.items()} == {id_: list(said) for id_, said in whole.items()}
    entry = next((each for said in whole.values() for each in said if each.claim.value == 4), None)
    assert entry is None or entry.about == ("model", 1 if day == FEBRUARY else 2)


@pytest.mark.asyncio
async def test_who_sells_under_a_moving_name_on_a_day(reader: Reader) -> None:
    """The target of today says whose own the route is today; `host` was that of the third model."""
    for day, own in ((None, False), (MAY, True), (JUNE, False)):
        [said] = (await provenance.testimony_by_route(reader, [4], span(day)))[4]
        assert said.claim.first_party is own


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("ref", "day", "slug"),
    [
        ("bolt-latest", FEBRUARY, "bolt-1"),
        ("acme/bolt-latest", FEBRUARY, None),  # no spelling of today
        ("Bolt Latest", FEBRUARY, "bolt-1"),
        ("bolt-latest", MARCH, None),
        ("bolt-latest", MAY, "bolt-2"),
        ("bolt-2", FEBRUARY, "bolt-2"),
        ("bolt-best", MAY, "bolt-3"),  # what it is taken for today is no target of it, and stands
        ("bolt-best", JUNE, "bolt-3"),
        ("nobody", FEBRUARY, None),
    ],
)
async def test_what_a_spelling_means_on_a_day(reader: Reader, ref: str, day: date, slug: str | None) -> None:
    found = await moving.models_by_ref_on(reader, [ref], day)
    assert (found[ref].slug if ref in found else None) == slug


@pytest.mark.asyncio
async def test_where_names_have_pointed(reader: Reader) -> None:
    found = await moving.pointed_by_route(reader, [1, 2, 4])
    assert [(each.model and each.model.slug, each.until) for each in found[1]] == [
        ("bolt-1", FEBRUARY),
        (None, date(2026, 3, 31)),
        ("bolt-2", None),
    ]
    assert found[2] == ()
    assert [each.model and each.model.slug for each in found[4]] == ["bolt-3", None]
