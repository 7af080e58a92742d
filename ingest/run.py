"""One ingest: fetch, keep, parse, link, reconcile, write, all in one transaction under a lock.

Documents that are known already leave everything as it is but the time of the check; a broken one leaves everything.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from db import writes
from domain.reconcile import canonical
from domain.rules import RULES_VERSION
from domain.statements import BrokenDocument, Parsed, Problem, Said, Subject
from ingest.fetch import FetchError, fetch
from ingest.linking import CURATED, read_tables, tables_digest
from ingest.rebuild import Rebuilt, rebuild
from ingest.sources import CATALOGUES, SOURCES
from ingest.sources.base import Source
from ingest.sources.curated import parse_curated
from ingest.sources.licenses import read_licenses
from ingest.sources.packages import default_documents

INGEST_VERSION = "1"
"""Changes whenever the same documents give other statements, links or accepted facts."""
LIVE = "https://models.dev/catalog.json"
LOCK_WAIT_S = 120
REMEMBERED_PROBLEMS = 200

Progress = Callable[[str, int, int], None]
"""Called with the step's name, how much of it is done and how much there is."""


class IngestError(Exception):
    """The ingest could not be done; the catalogue is as it was. The message says why."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document to take in. `place` is its address, file or package."""

    source: Source
    place: str
    body: bytes
    parse: Callable[[bytes], Parsed]


@dataclass(slots=True)
class SourceReport:
    """What became of one document. `state`: `new`, `unchanged` or `older` (than what is known of its source)."""

    source: str
    place: str
    state: str
    document_date: date | None = None
    subjects: int = 0
    statements: int = 0
    new: int = 0
    superseded: int = 0
    problems: Mapping[str, int] = field(default_factory=dict)
    samples: tuple[Problem, ...] = ()
    """The first problems of each kind: what was dropped, and why."""


@dataclass(slots=True)
class Report:
    """What an ingest did. `revision` is the one that answers now, `new_revision` whether this ingest made it."""

    sources: list[SourceReport] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    counts: Mapping[str, int] = field(default_factory=dict)
    methods: Mapping[str, int] = field(default_factory=dict)
    """Subjects of routes by the method that linked them."""
    revision: int = 0
    digest: str = ""
    new_revision: bool = False

    @property
    def resolved_share(self) -> float | None:
        """The part of all routes that is linked to a model; None when nothing was rebuilt."""
        routes = self.counts.get("routes", 0)
        return self.counts["linked_routes"] / routes if routes else None


def _quiet(step: str, done: int, total: int) -> None:
    pass


async def ingest(
    engine: AsyncEngine,
    *,
    source: str | None = None,
    place: str | None = None,
    live: bool = True,
    documents: Sequence[Document] | None = None,
    progress: Progress = _quiet,
    now: datetime | None = None,
) -> Report:
    """Take documents in and bring the catalogue up to date.

    With `source` (an id of `ingest.sources.CATALOGUES`) and `place` (file, http or https address): that document. With
    `documents`: those. Otherwise the default catalogue: models.dev's live document if it can be had (`live`), the
    pinned packages, and the curated files. Raises IngestError; then nothing was changed.
    """
    moment = now or datetime.now(UTC)
    report = Report()
    try:
        if documents is None:
            documents = await _explicit(source, place) if source is not None else await _default(live, report, progress)
        async with engine.begin() as connection:
            if not await writes.lock(connection):
                report.messages.append("Another ingest was running; waited for it.")
                progress("wait for another ingest", 0, 1)
                await writes.wait_for_lock(connection, LOCK_WAIT_S)
            await _take_in(connection, documents, report, progress, moment)
    except BrokenDocument as error:
        raise IngestError(f"broken document: {error}") from error
    except FetchError as error:
        raise IngestError(str(error)) from error
    except (DBAPIError, OSError) as error:
        raise IngestError(f"the database refused: {getattr(error, 'orig', None) or error}") from error
    return report


def curated_documents(folder: Path = CURATED) -> list[Document]:
    """Our own files: all curated facts as one document, and the reference page."""
    apart = {"licenses.toml", "reference-page.toml"}
    paths = [path for path in sorted(folder.rglob("*.toml")) if path.name not in apart]
    files = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}

    def parse(body: bytes) -> Parsed:
        return parse_curated({name: text.encode() for name, text in json.loads(body).items()})

    page = CATALOGUES["reference-page"]
    return [
        Document(SOURCES["curated"], "curated files", json.dumps(files, sort_keys=True, indent=0).encode(), parse),
        Document(page.source, "reference-page.toml", (folder / "reference-page.toml").read_bytes(), page.parse),
    ]


async def _explicit(source: str, place: str | None) -> list[Document]:
    catalogue = CATALOGUES.get(source)
    if catalogue is None:
        raise IngestError(f"unknown source {source!r}; known are {', '.join(sorted(CATALOGUES))}")
    if place is None:
        raise IngestError(f"say where the document of {source} is: a file, or an http or https address")
    return [Document(catalogue.source, place, await fetch(place), catalogue.parse)]


async def _default(live: bool, report: Report, progress: Progress) -> list[Document]:
    documents: list[Document] = []
    progress("fetch", 0, 2)
    if live:
        catalogue = CATALOGUES["models.dev"]
        try:
            body = await fetch(LIVE)
            catalogue.parse(body)
            documents.append(Document(catalogue.source, LIVE, body, catalogue.parse))
        except (FetchError, BrokenDocument) as error:
            report.messages.append(f"models.dev is not used live, the packaged copy stands in: {error}")
    progress("fetch", 1, 2)
    for packaged in default_documents():
        catalogue = CATALOGUES[packaged.source]
        documents.append(Document(catalogue.source, packaged.label, packaged.body, catalogue.parse))
    documents += curated_documents()
    progress("fetch", 2, 2)
    return documents


async def _take_in(
    connection: AsyncConnection, documents: Sequence[Document], report: Report, progress: Progress, now: datetime
) -> None:
    rules = f"{RULES_VERSION}.{INGEST_VERSION}.{tables_digest()}"
    last = await writes.newest_revision(connection)
    same_rules = last is not None and last[2] == rules
    known = await writes.newest_retrievals(connection)
    for index, document in enumerate(documents):
        progress("take in", index, len(documents))
        report.sources.append(await _one(connection, document, known, now, same_rules=same_rules))
    progress("take in", len(documents), len(documents))
    changed = any(entry.new or entry.superseded for entry in report.sources)
    today = now.date()
    if (
        last is not None
        and same_rules
        and not changed
        and not await writes.days_have_come(connection, last[3].date(), today)
    ):
        report.revision, report.digest = last[0], last[1]
        return
    made: Rebuilt = await rebuild(
        connection,
        read_tables(),
        read_licenses((CURATED / "licenses.toml").read_bytes()),
        today=today,
        progress=progress,
    )
    report.counts, report.methods, report.digest = made.counts, made.methods, made.digest
    if last is not None and last[1] == made.digest and same_rules:
        report.revision = last[0]
        return
    report.revision = await writes.put_revision(
        connection, digest=made.digest, at=now, rules_version=rules, counts=made.counts
    )
    report.new_revision = True


async def _one(
    connection: AsyncConnection,
    document: Document,
    known: dict[str, writes.Newest],
    now: datetime,
    *,
    same_rules: bool,
) -> SourceReport:
    source = document.source
    await writes.put_source(
        connection,
        id=source.id,
        name=source.name,
        url=source.url or None,
        license=source.license,
        lineage=source.lineage,
        checked=now,
    )
    sha = hashlib.sha256(document.body).hexdigest()
    newest = known.get(source.id)
    if newest is not None and newest.sha256 == sha and same_rules:
        return SourceReport(source.id, document.place, "unchanged", newest.document_date)
    parsed = document.parse(document.body)
    problems = Counter(problem.code for problem in parsed.problems)
    entry = SourceReport(
        source.id,
        document.place,
        "new" if newest is None or newest.sha256 != sha else "unchanged",
        parsed.document_date,
        subjects=len(parsed.subjects),
        statements=sum(len(subject.said) for subject in parsed.subjects),
        problems=dict(sorted(problems.items())),
        samples=parsed.problems[:REMEMBERED_PROBLEMS],
    )
    if newest is not None and newest.sha256 != sha and _is_older(parsed, newest):
        entry.state = "older"
        return entry
    retrieval = await writes.put_retrieval(
        connection,
        source=source.id,
        url=document.place,
        retrieved_at=now,
        document_date=parsed.document_date,
        sha256=sha,
        size=len(document.body),
        body=zlib.compress(document.body, 6),
        problems=dict(problems),
    )
    known[source.id] = writes.Newest(retrieval, sha, parsed.document_date, now)
    entry.new, entry.superseded = await _state(connection, source.id, retrieval, parsed, now)
    return entry


def _is_older(parsed: Parsed, newest: writes.Newest) -> bool:
    return parsed.document_date is not None and (
        newest.document_date is not None and parsed.document_date < newest.document_date
    )


def _key(subject: Subject) -> writes.SubjectKey:
    return (str(subject.kind), subject.provider or "", subject.id)


async def _state(
    connection: AsyncConnection, source: str, retrieval: int, parsed: Parsed, now: datetime
) -> tuple[int, int]:
    """Append what the document says newly and close what it no longer says. Returns how many of both."""
    ids = await writes.put_subjects(connection, source, {_key(subject): subject.name for subject in parsed.subjects})
    there = await writes.current_statements(connection, source)
    day = parsed.document_date or now.date()
    said: set[writes.Content] = set()
    rows: list[tuple[Any, ...]] = []
    for subject in parsed.subjects:
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
