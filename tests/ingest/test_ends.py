"""From a curated end or successor to the accepted tables: how exactly a day is known, and which model a name means."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.statements import BrokenDocument, SubjectKind
from ingest.documents import PARSERS, Document
from ingest.run import ingest
from ingest.sources import SOURCES, litellm
from ingest.sources.curated import parse_curated
from tests.ingest.said import body, problems, values
from tests.ingest.small import day, document, of, read

REFERENCE = 'url = "https://acme.example/deprecations"\nread = 2026-03-01\nas_written = "as it stands there"\n'


def entry(kind: str, keys: str, **facts: str) -> str:
    """A curated entry; the values are TOML."""
    told = "".join(
        f'[[{kind}.fact]]\nfield = "{field.replace("__", ".")}"\nvalue = {value}\n{REFERENCE}'
        for field, value in facts.items()
    )
    return f"[[{kind}]]\n{keys}\n{told}"


def curated(*entries: str) -> Document:
    bundle = json.dumps({"lifecycle/acme.toml": "\n".join(entries)}).encode()
    return Document(SOURCES["curated"], "curated files", bundle, PARSERS["curated"])


BOLT = 'slug = "bolt-2"'


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("written", "now", "expected"),
    [
        ("2026-03-20", 19, (date(2026, 3, 20), "DAY", "AVAILABLE")),
        ("2026-03-20", 20, (date(2026, 3, 20), "DAY", "RETIRED")),
        ("2026-03", 20, (date(2026, 3, 31), "MONTH", "AVAILABLE")),
        ("2026-03", 31, (date(2026, 3, 31), "MONTH", "RETIRED")),
        ("2026", 31, (date(2026, 12, 31), "YEAR", "AVAILABLE")),
        (">=2026-03", 31, (date(2026, 3, 1), "NOT_BEFORE", "AVAILABLE")),
    ],
)
async def test_an_end_of_a_route(engine: AsyncEngine, written: str, now: int, expected: tuple[date, str, str]) -> None:
    told = entry("route", 'provider = "host"\nid = "bolt-2"', retires_on=f'"{written}"', lifecycle='"AVAILABLE"')
    await ingest(engine, documents=[document(), curated(told)], now=day(now))
    asked = "select retires_on, retires_precision, lifecycle, live from route where key = 'host/bolt-2'"
    assert await read(engine, asked) == [(*expected, expected[2] != "RETIRED")]


@pytest.mark.asyncio
async def test_a_day_that_comes_for_a_model_makes_a_revision(engine: AsyncEngine) -> None:
    """Deprecation too; a day before which nothing happens does not."""
    documents = [
        document(open_weights=False),
        curated(entry("model", 'slug = "volt-1"', deprecated_on='"2026-03-20"', retires_on='">=2026-03-22"')),
    ]
    revisions = []
    for number in (19, 20, 23):
        report = await ingest(engine, documents=documents, now=day(number))
        [(lifecycle,)] = await read(engine, "select lifecycle from model where slug = 'volt-1'")
        revisions.append((report.new_revision, lifecycle))
    assert revisions == [(True, "UNKNOWN"), (True, "DEPRECATED"), (False, "DEPRECATED")]


@pytest.mark.asyncio
async def test_names_of_successors_become_models(engine: AsyncEngine) -> None:
    """By any spelling that names one; what is not in the catalogue keeps its name; a change replaces what was there."""
    told = {"successor__OPTION": '["Acme/Volt-1", "bolt-9"]', "successor__DROP_IN": '["volt-1"]'}
    asked = """select m.slug, t.slug, s.spelling, s.kind, s.place, s.source_id from successor s join model m on m.id = s.model_id
      left join model t on t.id = s.target_id order by s.kind, s.place"""
    await ingest(engine, documents=[document(), curated(entry("model", BOLT, **told))], now=day(2))
    assert await read(engine, asked) == [
        ("bolt-2", "volt-1", "volt-1", "DROP_IN", 0, "curated"),
        ("bolt-2", "volt-1", "Acme/Volt-1", "OPTION", 0, "curated"),
        ("bolt-2", None, "bolt-9", "OPTION", 1, "curated"),
    ]
    assert await read(engine, "select successor from model where slug = 'bolt-2'") == [("volt-1",)]
    again = curated(entry("model", BOLT, successor__OPTION='["bolt-9"]'))
    report = await ingest(engine, documents=[document(), again], now=day(3))
    assert report.new_revision
    assert await read(engine, asked) == [("bolt-2", None, "bolt-9", "OPTION", 0, "curated")]
    assert await read(engine, "select successor from model where slug = 'bolt-2'") == [("bolt-9",)]


@pytest.mark.asyncio
async def test_another_end_and_another_successor_are_recorded(engine: AsyncEngine) -> None:
    """Also where only how exactly an end is announced is another."""
    told: list[dict[str, str]] = [
        {"retires_on": '"2026-10"', "successor__OPTION": '["bolt-2"]'},
        {"retires_on": '"2026-10-31"', "successor__DROP_IN": '["bolt-9"]'},
    ]
    for number, facts in enumerate(told, 2):
        documents = [document(open_weights=False), curated(entry("model", 'slug = "volt-1"', **facts))]
        await ingest(engine, documents=documents, now=day(number))
    asked = "select field, kind, before, after, source_id from fact_change where revision = 2 and of = 'volt-1' order by field"
    assert await read(engine, asked) == [
        ("retires_on", "CHANGE", '"2026-10"', '"2026-10-31"', "curated"),
        ("successor", "CHANGE", '"bolt-2"', '"bolt-9"', "curated"),
    ]


@pytest.mark.asyncio
async def test_what_we_note_of_a_routes_end_does_not_bring_it_back(engine: AsyncEngine) -> None:
    told = curated(entry("route", 'provider = "host"\nid = "bolt-2"', retires_on='"2027-01-01"'))
    await ingest(engine, documents=[document(), told], now=day(2))
    await ingest(engine, documents=[document("2026-03-05", {"host/volt-1": 3})], accepted=["models.dev"], now=day(6))
    assert await read(engine, "select live from route where key = 'host/bolt-2'") == [(False,)]


def test_an_entry_may_have_its_life_in_a_file_of_its_own() -> None:
    files = {
        "models/acme.toml": entry("model", 'slug = "bolt-2"\nname = "Bolt 2"', context_window="8000"),
        "lifecycle/acme.toml": entry("model", BOLT, retires_on='"2026-10"', successor__DROP_IN='["bolt-3"]'),
    }
    [found] = parse_curated({name: text.encode() for name, text in files.items()}).subjects
    assert (found.kind, found.id, found.name) == (SubjectKind.MODEL, "bolt-2", "Bolt 2")
    assert {each.field: each.value for each in found.said} == {
        **{"context_window": 8000, "retires_on": "2026-10", "successor.DROP_IN": ["bolt-3"]},
    }


@pytest.mark.parametrize(
    ("_case", "facts", "told"),
    [
        ("no day", {"retires_on": '"soon"'}, "'soon' is not an announced day"),
        ("no day of the calendar", {"deprecated_on": '"2026-02-30"'}, "'2026-02-30' is not an announced day"),
        ("a date of TOML", {"retires_on": "2026-02-20"}, "retires_on cannot be"),
        ("one name", {"successor__DROP_IN": '"bolt-3"'}, r"successor\.DROP_IN is a list of texts"),
        ("no name", {"successor__OPTION": "[]"}, r"successor\.OPTION is a list of texts"),
        ("an empty name", {"successor__OPTION": '[""]'}, r"successor\.OPTION is a list of texts"),
        ("another kind", {"successor__HEIR": '["bolt-3"]'}, r"a model has no field successor\.HEIR"),
        ("the old field", {"successor": '["bolt-3"]'}, "a model has no field successor"),
    ],
)
def test_a_wrong_value_is_told(_case: str, facts: dict[str, str], told: str) -> None:
    with pytest.raises(BrokenDocument, match=told):
        parse_curated({"lifecycle/acme.toml": entry("model", BOLT, **facts).encode()})


def test_a_route_has_no_successors() -> None:
    told = entry("route", 'provider = "host"\nid = "bolt-2"', successor__OPTION='["bolt-3"]')
    with pytest.raises(BrokenDocument, match="a route has no field"):
        parse_curated({"lifecycle/acme.toml": told.encode()})


@pytest.mark.parametrize(
    ("written", "value"),
    [("2027-01-31", "2027-01-31"), ("2027-01", "2027-01"), (">=2027", ">=2027"), ("n/a", None), ("2027-31-01", None)],
)
def test_a_catalogue_may_write_a_month(written: str, value: str | None) -> None:
    row: dict[str, Any] = {"litellm_provider": "acme", "mode": "chat", "deprecation_date": written}
    parsed = litellm.parse(body({"acme/bolt": row}))
    assert values(parsed.subjects[0]).get("retires_on") == value
    assert ("bad-value" in {each.code for each in parsed.problems}) is (value is None), problems(parsed)


def listed(keys: list[str], **more: object) -> Document:
    """A document of models.dev with routes of any model."""
    providers: dict[str, Any] = {}
    for key in keys:
        provider, _, id_ = key.partition("/")
        made = providers.setdefault(provider, {"id": provider, "name": provider.title(), "models": {}})
        entry_of = {"id": id_, "name": id_, "last_updated": "2026-03-01", "limit": {"context": 32000}, **more}
        made["models"][id_] = entry_of | {"cost": {"input": 1, "output": 2}}
    return of("models.dev", json.dumps({"models": {}, "providers": providers}).encode())


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "keys", "more", "told", "gone"),
    [
        (
            "another id of weights that are out",
            ["mistral/open-mixtral-8x7b", "mistral/mixtral-8x7b", "host/mixtral-8x7b-instruct"],
            {"open_weights": True},
            entry("route", 'provider = "mistral"\nid = "open-mixtral-8x7b"', lifecycle='"RETIRED"'),
            {"mistral/open-mixtral-8x7b", "mistral/mixtral-8x7b"},
        ),
        (
            "nobody retired the other id",
            ["mistral/open-mixtral-8x7b", "mistral/mixtral-8x7b"],
            {"open_weights": True},
            entry("route", 'provider = "mistral"\nid = "open-mixtral-8x7b"', lifecycle='"DEPRECATED"'),
            set(),
        ),
        (
            "a closed model, whose shutdown a later document names",
            ["openai/gpt-4o-search-preview", "host/gpt-4o-search-preview"],
            {"open_weights": False},
            entry("model", 'slug = "gpt-4o-search-preview"', retires_on='"2026-02-20"'),
            {"openai/gpt-4o-search-preview"},
        ),
    ],
)
async def test_a_labs_routes_end_with_its_model_and_hosts_go_on(
    engine: AsyncEngine, _case: str, keys: list[str], more: dict[str, object], told: str, gone: set[str]
) -> None:
    words = [{"provider": "openai", "id": "gpt-4o-search-preview", "lifecycle": {"status": "active"}}]
    older = of("rates", json.dumps({"snapshot_date": "2026-02-28", "models": words}).encode())
    documents = [listed(keys, **more), curated(told), *([older] if "openai/gpt-4o-search-preview" in keys else [])]
    await ingest(engine, documents=documents, now=day(9))
    live = dict(await read(engine, "select key, live from route"))
    assert live == {key: key not in gone for key in keys}
