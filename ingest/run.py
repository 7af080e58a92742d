"""One ingest: fetch, keep, parse, link, reconcile, write, all in one transaction under a lock.

Documents that are known already leave everything as it is but the time of the check; a broken one leaves everything, or, where
all sources are asked, what its own source says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db import writes
from db.changes import number
from db.transaction import ConnectionLost, transaction
from domain.rules import RULES_VERSION
from domain.statements import BrokenDocument
from ingest.documents import (
    BEST_EFFORT,
    LIVE,
    PARSERS,
    Document,
    Failure,
    Gathered,
    gather,
    local_documents,
    named_document,
    parsed,
)
from ingest.fetch import ATTEMPTS, FetchError
from ingest.linking import read_tables, tables_digest
from ingest.rebuild import Rebuilt, rebuild
from ingest.recognising import folder_documents
from ingest.sources import CATALOGUES, SOURCES
from ingest.take import Known, SourceReport, asked, failed, known_documents, take_in

INGEST_VERSION = "11"
"""Changes whenever the same documents give other statements, links or accepted facts."""
LOCK_WAIT_S = 300

Progress = Callable[[str, int, int], None]
"""Called with the step's name, how much of it is done and how much there is."""


class IngestError(Exception):
    """The ingest could not be done; the catalogue is as it was. The message says why."""


class CommitUnknown(IngestError):
    """The database was lost while it committed: whether the catalogue is as it was cannot be known."""


class Due(Enum):
    """Why the default catalogue is to be taken in; the value says it in words."""

    EMPTY = "there is no catalogue yet"
    SHIPPED = "the packaged documents, the curated files or the rules are others than before"
    CALENDAR = "a day has come on which a price, a route or a model changes"


@dataclass(slots=True)
class Report:
    """What an ingest did. `revision` is the one that answers now, `new_revision` whether this ingest made it."""

    sources: list[SourceReport] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    """Sources that could not be had or read, while all others were taken in; what they said before stands."""
    messages: list[str] = field(default_factory=list)
    counts: Mapping[str, int] = field(default_factory=dict)
    methods: Mapping[str, int] = field(default_factory=dict)
    """Subjects of routes by the method that linked them; empty when nothing was rebuilt."""
    revision: int = 0
    digest: str = ""
    new_revision: bool = False

    @property
    def resolved_share(self) -> float | None:
        """The part of all routes that is linked to a model; None where there are none."""
        routes = self.counts.get("routes", 0)
        return self.counts["linked_routes"] / routes if routes else None


def _quiet(step: str, done: int, total: int) -> None:
    pass


def rules_version() -> str:
    """Changes whenever known documents are to be read and judged anew: with the rules and the hand-kept tables."""
    return f"{RULES_VERSION}.{INGEST_VERSION}.{tables_digest()}"


async def due(engine: AsyncEngine, *, now: datetime | None = None) -> Due | None:
    """Why the default catalogue is to be taken in, told without reading a document or asking anybody; None if it need not.

    Raises IngestError.
    """
    try:
        async with engine.connect() as connection:
            last = await writes.newest_revision(connection)
            kept = await writes.kept_documents(connection)
            if last is None:
                return Due.EMPTY
            shipped = {(document.source.id, document.sha256) for document in local_documents()}
            if last.rules_version != rules_version() or not shipped <= kept.keys():
                return Due.SHIPPED
            days = last.created_at.date(), (now or datetime.now(UTC)).date()
            return Due.CALENDAR if await writes.days_have_come(connection, *days) else None
    except BrokenDocument as error:
        raise IngestError(f"broken document: {error}") from error
    except writes.ERRORS as error:
        raise _refused(error) from error


async def ingest(
    engine: AsyncEngine,
    *,
    source: str | None = None,
    place: str | None = None,
    folder: Path | None = None,
    live: bool = True,
    every_source: bool = False,
    accepted: Collection[str] = (),
    documents: Sequence[Document] | None = None,
    progress: Progress = _quiet,
    now: datetime | None = None,
    lives: Callable[[], bool] = lambda: True,
) -> Report:
    """Take documents in and bring the catalogue up to date.

    With `source` (an id of `ingest.sources.CATALOGUES`) and `place` (file, http or https address): that document. With
    `folder`: every document of a source in it. With `documents`: those. Otherwise the default catalogue: models.dev's live document
    if it can be had (`live`), the pinned packages, and the curated files; with `every_source` the live document of every source that
    has one, where each that cannot be had or read is a failure of its own in the report. Sources that are `accepted` may shrink
    (`EVERYBODY`: all). `lives` says whether the database server still does. Raises IngestError; then nothing was changed (but see
    CommitUnknown).
    """
    moment = now or datetime.now(UTC)
    report = Report()
    try:
        if documents is None:
            progress("get documents", 0, 1)
            if source is not None:
                found = Gathered([await _explicit(source, place)])
            elif folder is not None:
                found = Gathered(folder_documents(folder, report.messages))
            else:
                found = await _catalogue(
                    engine, LIVE if every_source else BEST_EFFORT if live else (), every_source, report
                )
            progress("get documents", 1, 1)
        else:
            found = Gathered(list(documents))
        async with transaction(engine, lives) as connection:
            if not await writes.lock(connection):
                report.messages.append("Another ingest was running; waited for it.")
                progress("wait for another ingest", 0, 0)
                await writes.wait_for_lock(connection, LOCK_WAIT_S)
            await _take_in(connection, found, report, progress, moment, accepted=accepted, apart=every_source)
    except BrokenDocument as error:
        raise IngestError(f"broken document: {error}") from error
    except ConnectionLost as error:
        raise (CommitUnknown if error.committing else IngestError)(str(error)) from error
    except (FetchError, writes.StillBusy) as error:
        raise IngestError(str(error)) from error
    except writes.ERRORS as error:
        raise _refused(error) from error
    return report


async def _catalogue(engine: AsyncEngine, live: Collection[str], every_source: bool, report: Report) -> Gathered:
    async with engine.connect() as connection:
        newest = await writes.newest_retrievals(connection)
    found = await gather(live, newest, attempts=ATTEMPTS if every_source else 1)
    if every_source:
        report.failures += found.failures
        return found
    for failure in found.failures:
        if failure.source not in live:
            raise BrokenDocument(failure.why)
        report.messages.append(
            f"The live catalogue of {failure.source} cannot be used, the packaged copy stands in: {failure.why}"
        )
    return found


def _refused(error: Exception) -> IngestError:
    return IngestError(f"the database refused: {getattr(error, 'orig', None) or error}")


async def _explicit(source: str, place: str | None) -> Document:
    if source not in CATALOGUES:
        raise IngestError(f"unknown source {source!r}; known are {', '.join(sorted(CATALOGUES))}")
    if place is None:
        raise IngestError(f"say where the document of {source} is: a file, or an http or https address")
    return await named_document(source, place)


async def _take_in(
    connection: AsyncConnection,
    found: Gathered,
    report: Report,
    progress: Progress,
    now: datetime,
    *,
    accepted: Collection[str],
    apart: bool,
) -> None:
    """`apart`: a broken document is a failure of its source alone."""
    rules = rules_version()
    last = await writes.newest_revision(connection)
    anew = last is None or last.rules_version != rules
    known = await known_documents(connection)
    for source, place in found.unchanged:
        await asked(connection, source, place, now)
        if not anew:  # else its kept document is read again, and reported
            report.sources.append(SourceReport(source.id, place, "unchanged", known.newest[source.id].document_date))
    documents: Sequence[Document] = found.documents
    if anew:
        documents = [*await _kept_ones(connection, known, documents, report), *documents]
    failures = list(found.failures)
    for index, document in enumerate(documents):
        progress("read documents", index, len(documents))
        try:
            entry = await take_in(connection, document, known, now, anew=anew, accepted=accepted)
        except BrokenDocument as error:
            if not apart:
                raise
            failures.append(Failure(document.source.id, document.place, str(error)))
            report.failures.append(failures[-1])
        else:
            report.sources.append(entry)
    for failure in failures:
        await failed(connection, failure, now)
    progress("read documents", len(documents), len(documents))
    changed = any(entry.new or entry.superseded for entry in report.sources)
    come = last is not None and await writes.days_have_come(connection, last.created_at.date(), now.date())
    if last is not None and not (anew or changed or come):
        report.revision, report.digest, report.counts = last.id, last.digest, last.counts
        return
    made: Rebuilt = await rebuild(
        connection,
        read_tables(),
        now=now,
        progress=progress,
    )
    report.counts, report.methods, report.digest = made.counts, made.methods, made.digest
    if last is not None and last.digest == made.digest and not anew and not come:
        report.revision = last.id
        return
    report.revision = await writes.put_revision(
        connection, digest=made.digest, at=now, rules_version=rules, counts=made.counts
    )
    await number(connection, report.revision)
    report.new_revision = True


async def _kept_ones(
    connection: AsyncConnection, known: Known, given: Sequence[Document], report: Report
) -> list[Document]:
    """When the rules change, the documents that count and are not given again are read anew from what was kept."""
    found: list[Document] = []
    again = {(document.source.id, document.sha256) for document in given}
    for source, newest in sorted(known.newest.items()):
        if (source, newest.sha256) in again or source not in PARSERS:
            continue
        document = Document(SOURCES[source], newest.url, await writes.body(connection, newest.id), PARSERS[source])
        try:
            parsed(document)
        except BrokenDocument as error:
            report.messages.append(f"A kept document cannot be read any more, what it said stands: {error}")
        else:
            found.append(document)
    return found
