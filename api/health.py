"""Whether the service can answer and how fresh its sources are: `/readyz` for those who send traffic, `/metrics` for Prometheus,
with what the process counts. Both tell the same look, and say nothing of the catalogue that the API does not.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import orjson
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response

from api.cache import Flights
from api.metrics import Metrics
from api.newest import Newest
from api.state import State, document_age, seconds
from db.engine import look_engine
from db.freshness import is_replica
from db.migrate import current, head
from db.provenance import sources
from db.reader import Reader
from db.reads import latest_revision

ANSWER_S = 3.0
"""After so long a database does not answer."""
GOOD_S = 1.0
"""For so long what was seen is told to all who ask."""
UNASKED_S = 10.0
"""How often the database is looked at where metrics are sent."""
UNKEPT = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Health:
    """What is needed to answer. `schema` is the revision of the database's schema, None where it has none or was not asked; `state`
    is None where the database does not answer, or has not the tables of this version."""

    database: bool = False
    schema: str | None = None
    state: State | None = None
    stopping: bool = False
    full: bool = False
    """It answers that it has no connection left."""

    @property
    def missing(self) -> str | None:
        """Why no traffic should be sent here; None where it should."""
        if self.stopping:
            return "stopping"
        if not self.database:
            return "the database does not answer"
        if self.full:
            return "the database has no connection left to look at it"
        if self.schema != head():
            return f"the schema is at {self.schema or 'nothing'}, not at {head()}: run `llmref migrate`"
        if self.state is None:
            return "the tables cannot be read"
        if self.state.revision is None:
            return "the catalogue is empty: run `llmref ingest`"
        return None


async def health(engine: AsyncEngine) -> Health:
    """As it is at this moment."""
    schema: str | None = None
    answers = False
    try:
        async with asyncio.timeout(ANSWER_S):
            schema = await current(engine)
            answers = True
            async with Reader(engine) as reader:
                known = await latest_revision(reader), await sources(reader), await is_replica(reader)
                return Health(True, schema, State(datetime.now(UTC), *known))
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        full = getattr(getattr(error, "orig", error), "sqlstate", None) == "53300"
        return Health(answers or full, schema, full=full)


class Looks:
    """Looks at the database for all who ask: one look at a time, good for a second, over a connection of its own. So neither many
    probes nor many questions keep the others waiting."""

    def __init__(self, url: str, newest: Newest, metrics: Metrics) -> None:
        self._engine, self._newest, self._metrics = look_engine(url), newest, metrics
        self._flights: Flights[Health] = Flights()
        self._seen, self._seen_until = Health(), 0.0
        self._text, self._text_until = b"", 0.0

    async def health(self) -> Health:
        """As it was within the last second; whether the process is stopping, and what the primary has announced, as it is now."""
        found = await self._flights.join((), self._look) if monotonic() >= self._seen_until else self._seen
        announced, state = self._newest.announced, found.state
        if state is not None and announced is not None:
            state = replace(state, newest=announced.revision)
        self._metrics.catalogue.saw(state)
        return replace(found, state=state, stopping=self._newest.ended.is_set())

    async def answers(self) -> bool:
        """Whether the database answers."""
        return (await self.health()).database

    async def metrics(self) -> bytes:
        """The page for Prometheus, made once a second."""
        await self.health()
        if monotonic() >= self._text_until:
            self._text = self._metrics.text()
            self._text_until = monotonic() + GOOD_S
        return self._text

    async def watch(self) -> None:
        """Looks again and again, for a collector, which is sent what was seen and does not ask."""
        while True:
            await self.health()
            await asyncio.sleep(UNASKED_S)

    async def _look(self) -> Health:
        self._seen = await health(self._engine)
        self._seen_until = monotonic() + GOOD_S
        return self._seen

    async def aclose(self) -> None:
        """Closes what is open."""
        await self._engine.dispose()


def as_json(found: Health) -> dict[str, Any]:
    """The detail of `/readyz`. What was not asked or is unknown is null."""
    state = found.state
    revision = None if state is None else state.revision
    return {
        "ready": found.missing is None,
        "reason": found.missing,
        "database": found.database,
        "migrations": {"current": found.schema, "head": head(), "atHead": found.schema == head()},
        "catalogue": None if state is None else revision is not None,
        "revision": None if revision is None else revision.number,
        "ageSeconds": None if state is None or revision is None else seconds(revision.created_at, state.now),
        "newestRevision": None if state is None else state.newest,
        "replica": None if state is None else state.replica,
        "stopping": found.stopping,
        "sources": {} if state is None else _sources(state),
    }


def _sources(found: State) -> dict[str, Any]:
    return {
        source.id: {
            "state": "ok" if source.failure is None else "failing",
            "ageSeconds": seconds(source.retrieved_at, found.now),
            "lastCheckSeconds": seconds(source.last_checked_at, found.now),
            "documentDate": source.document_date,
            "documentAgeSeconds": document_age(source.document_date, found.now),
            "failure": source.failure,
        }
        for source in found.sources
    }


async def readyz(request: Request) -> Response:
    """200 where the database answers, its schema is the newest, the catalogue is there and nobody has asked to stop, else 503; in the
    body each of these, and how fresh each source is."""
    found = await request.app.state.looks.health()
    wait = {"retry-after": "1"} if found.missing else {}
    return Response(
        orjson.dumps(as_json(found)),
        503 if found.missing else 200,
        media_type="application/json",
        headers=UNKEPT | wait,
    )


async def metrics(request: Request) -> Response:
    """What the process counts, how fresh the sources are and what the catalogue holds; answers also where the database does not."""
    return Response(await request.app.state.looks.metrics(), media_type=CONTENT_TYPE_LATEST)
