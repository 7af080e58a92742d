"""One ingest: fetch, keep, parse, link, reconcile, write, all in one transaction under a lock.

Documents that are known already leave everything as it is but the time of the check; a broken one leaves everything.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db import writes
from db.changes import number
from domain.reconcile import canonical
from domain.rules import RULES_VERSION
from domain.statements import BrokenDocument, Parsed, Problem, Said, Subject
from ingest.documents import PARSERS, Document, default_catalogue, local_documents, named_document, parsed
from ingest.fetch import FetchError
from ingest.linking import read_tables, tables_digest
from ingest.rebuild import Rebuilt, rebuild
from ingest.recognising import folder_documents
from ingest.sources import CATALOGUES, SOURCES

INGEST_VERSION = "3"
"""Changes whenever the same documents give other statements, links or accepted facts."""
LOCK_WAIT_S = 300

Progress = Callable[[str, int, int], None]
"""Called with the step's name, how much of it is done and how much there is."""


class IngestError(Exception):
    """The ingest could not be done; the catalogue is as it was. The message says why."""


class Due(Enum):
    """Why the default catalogue is to be taken in; the value says it in words."""

    EMPTY = "there is no catalogue yet"
    SHIPPED = "the packaged documents, the curated files or the rules are others than before"
    CALENDAR = "a day has come on which a price or a route changes"


@dataclass(slots=True)
class SourceReport:
    """What became of one document. `state`: `new`, `unchanged` or `older` (than what is known of its source; not used).

    A document that is not read again, because it is known, has no counts and no problems.
    """

    source: str
    place: str
    state: str
    document_date: date | None = None
    subjects: int = 0
    statements: int = 0
    new: int = 0
    superseded: int = 0
    problems: tuple[Problem, ...] = ()
    """What was dropped or not understood, and why."""

    @property
    def problem_counts(self) -> dict[str, int]:
        """Problems by code, each counted as often as it occurs in the document."""
        found: Counter[str] = Counter()
        for problem in self.problems:
            found[problem.code] += problem.count
        return dict(sorted(found.items()))


@dataclass(slots=True)
class Report:
    """What an ingest did. `revision` is the one that answers now, `new_revision` whether this ingest made it."""

    sources: list[SourceReport] = field(default_factory=list)
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
            shipped = {(document.source.id, _sha(document)) for document in local_documents()}
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
    documents: Sequence[Document] | None = None,
    progress: Progress = _quiet,
    now: datetime | None = None,
) -> Report:
    """Take documents in and bring the catalogue up to date.

    With `source` (an id of `ingest.sources.CATALOGUES`) and `place` (file, http or https address): that document. With
    `folder`: every document of a source in it. With `documents`: those. Otherwise the default catalogue: models.dev's live document if it can be had (`live`), the
    pinned packages, and the curated files. Raises IngestError; then nothing was changed.
    """
    moment = now or datetime.now(UTC)
    report = Report()
    try:
        if documents is None:
            progress("get documents", 0, 1)
            if source is not None:
                documents = [await _explicit(source, place)]
            elif folder is not None:
                documents = folder_documents(folder, report.messages)
            else:
                documents = await default_catalogue(live=live, messages=report.messages)
            progress("get documents", 1, 1)
        async with engine.begin() as connection:
            if not await writes.lock(connection):
                report.messages.append("Another ingest was running; waited for it.")
                progress("wait for another ingest", 0, 0)
                await writes.wait_for_lock(connection, LOCK_WAIT_S)
            await _take_in(connection, documents, report, progress, moment)
    except BrokenDocument as error:
        raise IngestError(f"broken document: {error}") from error
    except (FetchError, writes.StillBusy) as error:
        raise IngestError(str(error)) from error
    except writes.ERRORS as error:
        raise _refused(error) from error
    return report


def _refused(error: Exception) -> IngestError:
    return IngestError(f"the database refused: {getattr(error, 'orig', None) or error}")


async def _explicit(source: str, place: str | None) -> Document:
    if source not in CATALOGUES:
        raise IngestError(f"unknown source {source!r}; known are {', '.join(sorted(CATALOGUES))}")
    if place is None:
        raise IngestError(f"say where the document of {source} is: a file, or an http or https address")
    return await named_document(source, place)


def _sha(document: Document) -> str:
    return hashlib.sha256(document.body).hexdigest()


async def _take_in(
    connection: AsyncConnection, documents: Sequence[Document], report: Report, progress: Progress, now: datetime
) -> None:
    rules = rules_version()
    last = await writes.newest_revision(connection)
    anew = last is None or last.rules_version != rules
    known = _Known(await writes.newest_retrievals(connection), await writes.kept_documents(connection))
    if anew:
        documents = [*await _kept_ones(connection, known, documents, report), *documents]
    for index, document in enumerate(documents):
        progress("read documents", index, len(documents))
        report.sources.append(await _one(connection, document, known, now, anew=anew))
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


@dataclass(slots=True)
class _Known:
    """The documents that are there: the one that counts of each source, and all by source and SHA-256 with their date."""

    newest: dict[str, writes.Newest]
    kept: Mapping[tuple[str, str], date | None]


async def _kept_ones(
    connection: AsyncConnection, known: _Known, given: Sequence[Document], report: Report
) -> list[Document]:
    """When the rules change, the documents that count and are not given again are read anew from what was kept."""
    found: list[Document] = []
    places = {(document.source.id, document.place) for document in given}
    for source, newest in sorted(known.newest.items()):
        if (source, newest.url) in places or source not in PARSERS:
            continue
        document = Document(SOURCES[source], newest.url, await writes.body(connection, newest.id), PARSERS[source])
        try:
            parsed(document)
        except BrokenDocument as error:
            report.messages.append(f"A kept document cannot be read any more, what it said stands: {error}")
        else:
            found.append(document)
    return found


async def _one(
    connection: AsyncConnection, document: Document, known: _Known, now: datetime, *, anew: bool
) -> SourceReport:
    source, sha = document.source, _sha(document)
    await writes.put_source(
        connection,
        id=source.id,
        name=source.name,
        url=source.url or None,
        license=source.license,
        lineage=source.lineage,
        checked=now,
    )
    newest = known.newest.get(source.id)
    same = newest is not None and newest.sha256 == sha
    if newest is not None and same and not anew:
        return SourceReport(source.id, document.place, "unchanged", newest.document_date)
    day = known.kept.get((source.id, sha))
    # A pinned package has no news: what came after it came to stay, whatever the dates.
    overtaken = document.packaged and not same and (source.id, sha) in known.kept
    if overtaken or (not same and _is_older(day, newest)):
        return SourceReport(source.id, document.place, "older", day)
    said = parsed(document)
    if said.document_date is not None and said.document_date > now.date():
        # One wrong day in the future would make every later document an older one.
        said = replace(said, document_date=now.date())
    entry = SourceReport(
        source.id,
        document.place,
        "unchanged" if same else "new",
        said.document_date,
        subjects=len(said.subjects),
        statements=sum(max(1, len(subject.said)) for subject in said.subjects),
        problems=said.problems,
    )
    older = not same and _is_older(said.document_date, newest)
    retrieval = await writes.put_retrieval(
        connection,
        source=source.id,
        url=document.place,
        retrieved_at=now,
        document_date=said.document_date,
        sha256=sha,
        body=document.body,
        problems=entry.problem_counts,
        older=older,
    )
    if older:
        entry.state = "older"
    else:
        known.newest[source.id] = writes.Newest(retrieval, document.place, sha, said.document_date)
        entry.new, entry.superseded = await _state(connection, source.id, retrieval, said, now)
    return entry


def _is_older(day: date | None, newest: writes.Newest | None) -> bool:
    return day is not None and newest is not None and newest.document_date is not None and day < newest.document_date


def _key(subject: Subject) -> writes.SubjectKey:
    return (str(subject.kind), subject.provider or "", subject.id)


async def _state(
    connection: AsyncConnection, source: str, retrieval: int, document: Parsed, now: datetime
) -> tuple[int, int]:
    """Append what the document says newly and close what it no longer says. Returns how many of both."""
    ids = await writes.put_subjects(connection, source, {_key(subject): subject.name for subject in document.subjects})
    there = await writes.current_statements(connection, source)
    day = document.document_date or now.date()
    said: set[writes.Content] = set()
    rows: list[tuple[Any, ...]] = []
    for subject in document.subjects:
        id_ = ids[_key(subject)]
        # A listing without any fact is a fact too: the document names it.
        for one in subject.said or (Said("listed", True, ""),):
            mark = (
                id_,
                one.field,
                canonical(one.value),
                one.valid_from,
                one.valid_to,
                one.url,
                one.read,
                one.as_written,
            )
            if mark in said:
                continue
            said.add(mark)
            if mark not in there:
                rows.append((*mark, retrieval, one.locator, one.observed_from or day, now))
    gone = [statement for mark, statement in there.items() if mark not in said]
    await writes.supersede(connection, gone, now)
    await writes.add_statements(connection, rows)
    return len(rows), len(gone)
