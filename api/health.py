"""Whether the service can answer and how fresh its sources are: `/readyz` for those who send traffic, `/metrics` for Prometheus.
Both read the same few rows at once and say nothing that the API does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import orjson
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response

from db.freshness import is_replica
from db.provenance import sources
from db.reader import Reader
from db.reads import latest_revision
from domain.provenance import CatalogRevision, Source


@dataclass(frozen=True, slots=True)
class State:
    """What the catalogue holds at a moment. `revision` is None before the first ingest. `replica` says whether a standby answered,
    `newest` which revision the primary has, None where it does not say."""

    now: datetime
    revision: CatalogRevision | None
    sources: tuple[Source, ...]
    replica: bool = False
    newest: int | None = None


async def state(engine: AsyncEngine, newest: int | None = None) -> State | None:
    """The state of this moment; None where the database does not answer, or has no schema of this version."""
    try:
        async with Reader(engine) as reader:
            known = await latest_revision(reader), await sources(reader), await is_replica(reader)
            return State(datetime.now(UTC), *known, newest)
    except (SQLAlchemyError, OSError, TimeoutError):
        return None


def seconds(since: datetime | None, now: datetime) -> int | None:
    """Whole seconds since then; None where there was none. A clock that is behind another one does not make it negative."""
    return None if since is None else max(0, int((now - since).total_seconds()))


def document_age(day: date | None, now: datetime) -> int | None:
    """Seconds since the day of a source's data began in UTC: the age of what it says, however lately it was obtained."""
    return None if day is None else seconds(datetime.combine(day, time(), UTC), now)


def as_json(found: State | None) -> dict[str, Any]:
    """The detail of `/readyz`."""
    if found is None:
        return {"ready": False, "reason": "the database does not answer, or its schema is not of this version"}
    return {
        "ready": True,
        "revision": None if found.revision is None else found.revision.number,
        "newestRevision": found.newest,
        "replica": found.replica,
        "sources": {
            source.id: {
                "state": "ok" if source.failure is None else "failing",
                "ageSeconds": seconds(source.retrieved_at, found.now),
                "lastCheckSeconds": seconds(source.last_checked_at, found.now),
                "documentDate": source.document_date,
                "documentAgeSeconds": document_age(source.document_date, found.now),
                "failure": source.failure,
            }
            for source in found.sources
        },
    }


class _Catalogue(Collector):
    """The state as metrics. What is unknown has no sample."""

    def __init__(self, found: State | None) -> None:
        self._found = found

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = self._found
        yield GaugeMetricFamily("llmref_database_up", "Whether the database answers.", value=found is not None)
        if found is None:
            return
        age = GaugeMetricFamily(
            "llmref_source_age_seconds", "Since the newest document of a source was obtained.", labels=["source"]
        )
        data = GaugeMetricFamily(
            "llmref_source_document_age_seconds",
            "Since the day of the data that a source's newest document states.",
            labels=["source"],
        )
        check = GaugeMetricFamily(
            "llmref_source_last_check_seconds", "Since a source last answered.", labels=["source"]
        )
        failing = GaugeMetricFamily(
            "llmref_source_failing", "Whether the last attempt failed or its document is held back.", labels=["source"]
        )
        yield GaugeMetricFamily("llmref_database_replica", "Whether a standby answers.", value=found.replica)
        if found.newest is not None:
            yield GaugeMetricFamily(
                "llmref_catalog_newest_revision", "The revision that the primary has.", value=found.newest
            )
        for source in found.sources:
            for family, passed in (
                (age, seconds(source.retrieved_at, found.now)),
                (data, document_age(source.document_date, found.now)),
                (check, seconds(source.last_checked_at, found.now)),
            ):
                if passed is not None:
                    family.add_metric([source.id], passed)
            failing.add_metric([source.id], source.failure is not None)
        yield from (age, data, check, failing)
        if found.revision is not None:
            yield GaugeMetricFamily(
                "llmref_catalog_revision", "The revision that answers.", value=found.revision.number
            )
            things = GaugeMetricFamily("llmref_catalog_things", "How many things the catalogue holds.", labels=["kind"])
            for kind, number in sorted(found.revision.counts.items()):
                things.add_metric([kind], number)
            yield things


def as_metrics(found: State | None) -> bytes:
    """The state in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Catalogue(found))
    return generate_latest(registry)


async def _state(request: Request) -> State | None:
    announced = request.app.state.service.newest.announced
    return await state(request.app.state.engine, None if announced is None else announced.revision)


async def readyz(request: Request) -> Response:
    """200 where the database answers and has a schema, else 503, also from the moment of being asked to stop; in the body how
    fresh each source is."""
    if request.app.state.subscriptions.stopping.is_set():
        return Response(b'{"ready":false,"reason":"stopping"}', 503, media_type="application/json")
    found = await _state(request)
    return Response(orjson.dumps(as_json(found)), 503 if found is None else 200, media_type="application/json")


async def metrics(request: Request) -> Response:
    """How fresh the sources are and what the catalogue holds; answers also where the database does not."""
    return Response(as_metrics(await _state(request)), media_type=CONTENT_TYPE_LATEST)
