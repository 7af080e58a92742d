"""Takes one document in: is it known, older than what we have, or so much smaller that somebody has to look at it; else what it
says newly is appended, and what it no longer says is closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from db import freshness, writes
from db.tables import HELD, OLDER
from domain.freshness import shrinks
from domain.reconcile import canonical
from domain.statements import Parsed, Problem, Said, Subject, SubjectKind
from ingest.documents import Document, Failure, parsed
from ingest.fetch import Version
from ingest.sources import SOURCES
from ingest.sources.base import Source
from ingest.sources.packages import is_packaged

_EXAMPLES = 3
EVERYBODY = "*"
"""Among the sources that may shrink: all of them may."""


@dataclass(slots=True)
class SourceReport:
    """What became of one document. `state`: `new`, `unchanged`, `older` (than what is known of its source; not used) or `held`
    (it names over a fifth fewer routes and models, `named` instead of `named_before`; not used).

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
    named: int = 0
    named_before: int = 0
    missing: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Where it is held back: the ids that it no longer names, by provider; under `models` those that have none."""

    @property
    def problem_counts(self) -> dict[str, int]:
        """Problems by code, each counted as often as it occurs in the document."""
        found: Counter[str] = Counter()
        for problem in self.problems:
            found[problem.code] += problem.count
        return dict(sorted(found.items()))

    @property
    def held(self) -> str | None:
        """Why the document is held back and what to do; None where it is not."""
        if self.state != "held":
            return None
        return (
            f"held back: it names {self.named:,} routes and models, {self.named_before:,} are named now; nothing of it is used."
            f" Not named any more: {self._examples()}. If it is right, take it in with --accept-shrink {self.source}"
        )

    def _examples(self) -> str:
        """What is missing, the providers that lose most first, with some ids of each."""
        by_loss = sorted(self.missing.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        said = [
            f"{len(ids):,} of {provider} ({', '.join(sorted(ids)[:_EXAMPLES])}{', …' if len(ids) > _EXAMPLES else ''})"
            for provider, ids in by_loss[:_EXAMPLES]
        ]
        rest = by_loss[_EXAMPLES:]
        if rest:
            said.append(f"{sum(len(ids) for _, ids in rest):,} of {len(rest):,} more")
        return ", ".join(said)


@dataclass(slots=True)
class Known:
    """The documents that are there: the one that counts of each source, and by source and SHA-256 all with their date and those
    that are held back."""

    newest: dict[str, writes.Newest]
    kept: Mapping[tuple[str, str], date | None]
    held: Collection[tuple[str, str]]


async def known_documents(connection: AsyncConnection) -> Known:
    """The documents that are there now."""
    return Known(
        await writes.newest_retrievals(connection),
        await writes.kept_documents(connection),
        await freshness.held_documents(connection),
    )


async def take_in(
    connection: AsyncConnection,
    document: Document,
    known: Known,
    now: datetime,
    *,
    anew: bool,
    accepted: Collection[str],
) -> SourceReport:
    """Take one document in. `anew` says that known ones are read again too, `accepted` which sources may shrink.

    Raises BrokenDocument; then nothing was written.
    """
    source, sha = document.source, document.sha256
    newest = known.newest.get(source.id)
    same = newest is not None and newest.sha256 == sha
    day = known.kept.get((source.id, sha))
    if newest is not None and same and not anew:
        await asked(connection, source, document.place, now)
        if document.place == newest.url and document.version not in (
            Version(),
            Version(newest.etag, newest.last_modified),
        ):
            await freshness.put_version(connection, newest.id, document.version.etag, document.version.last_modified)
        return SourceReport(source.id, document.place, "unchanged", newest.document_date)
    there = (source.id, sha) in known.kept
    # A pinned package has no news: what came after it came to stay, whatever the dates.
    overtaken = there and is_packaged(document.place) and (source.id, sha) not in known.held
    if not same and (overtaken or (there and _is_older(day, document.place, newest))):
        await asked(connection, source, document.place, now)
        return SourceReport(source.id, document.place, "older", day)
    said = parsed(document)
    if said.document_date is not None and said.document_date > now.date():
        # One wrong day in the future would make every later document an older one.
        said = replace(said, document_date=now.date())
    await asked(connection, source, document.place, now)
    entry = SourceReport(
        source.id,
        document.place,
        "unchanged" if same else "new",
        said.document_date,
        subjects=len(said.subjects),
        statements=sum(max(1, len(subject.said)) for subject in said.subjects),
        problems=said.problems,
    )
    if newest is not None and same:
        await writes.read_anew(connection, newest.id, now, entry.problem_counts)
        entry.new, entry.superseded = await _state(
            connection, source.id, newest.id, said, said.document_date or newest.retrieved_at.date(), now
        )
        return entry
    if _is_older(said.document_date, document.place, newest):
        entry.state = "older"
    elif not document.ours and not {source.id, EVERYBODY} & set(accepted):
        named = {_key(each) for each in said.subjects if each.kind in (SubjectKind.ROUTE, SubjectKind.MODEL)}
        before = await freshness.named_now(connection, source.id)
        entry.named, entry.named_before = len(named), len(before)
        if shrinks(entry.named_before, entry.named):
            entry.state = "held"
            entry.missing = _by_provider(before - named)
    retrieval = await writes.put_retrieval(
        connection,
        source=source.id,
        url=document.place,
        retrieved_at=now,
        document_date=said.document_date,
        sha256=sha,
        body=document.body,
        problems=entry.problem_counts,
        unused={"older": OLDER, "held": HELD}.get(entry.state),
        etag=document.version.etag,
        last_modified=document.version.last_modified,
    )
    if entry.held is not None:
        await freshness.put_failure(connection, source.id, now, entry.held)
    if entry.state == "new":
        known.newest[source.id] = writes.Newest(retrieval, document.place, sha, said.document_date, now)
        entry.new, entry.superseded = await _state(
            connection, source.id, retrieval, said, said.document_date or now.date(), now
        )
    return entry


async def asked(connection: AsyncConnection, source: Source, place: str, now: datetime) -> None:
    """Note that a source was asked and gave an answer. A packaged copy of one that has an address says nothing about that."""
    answered = source.live is None or not is_packaged(place)
    await _put(connection, source, now if answered else None)
    if answered:
        await freshness.forget_failure(connection, source.id)


async def failed(connection: AsyncConnection, failure: Failure, now: datetime) -> None:
    """Note that a source could not be had or read; what it said stands."""
    await _put(connection, SOURCES[failure.source], None)
    await freshness.put_failure(connection, failure.source, now, failure.why)


async def _put(connection: AsyncConnection, source: Source, checked: datetime | None) -> None:
    await writes.put_source(
        connection,
        id=source.id,
        name=source.name,
        url=source.url or None,
        license=source.license,
        lineage=source.lineage,
        checked=checked,
    )


def _is_older(day: date | None, place: str, newest: writes.Newest | None) -> bool:
    if newest is None:
        return False
    if day is not None and newest.document_date is not None:
        return day < newest.document_date
    # Where days do not tell, a package that was made some time ago is older than what its source gave when asked.
    return is_packaged(place) and not is_packaged(newest.url)


def _by_provider(keys: Iterable[writes.SubjectKey]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for _, provider, id_ in keys:
        found.setdefault(provider or "models", []).append(id_)
    return found


def _key(subject: Subject) -> writes.SubjectKey:
    return (str(subject.kind), subject.provider or "", subject.id)


async def _state(
    connection: AsyncConnection, source: str, retrieval: int, document: Parsed, day: date, now: datetime
) -> tuple[int, int]:
    """Append what the document of that day says newly and close what it no longer says. Returns how many of both."""
    ids = await writes.put_subjects(connection, source, {_key(subject): subject.name for subject in document.subjects})
    there = await writes.current_statements(connection, source)
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
