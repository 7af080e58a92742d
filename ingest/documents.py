"""The documents that an ingest takes in: one that is named, or what the sources publish now and what this installation brings.
A source that cannot be had or read is a failure of its own, which is told and stops no other one.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from db.writes import Newest
from domain.statements import BrokenDocument, Parsed
from ingest.fetch import UNKNOWN, FetchError, NotModified, Version, fetch, host_of
from ingest.linking import CURATED
from ingest.sources import CATALOGUES, SOURCES
from ingest.sources.base import Source
from ingest.sources.curated import parse_curated
from ingest.sources.packages import PACKAGED, packaged_document

LIVE: tuple[str, ...] = tuple(id_ for id_, source in SOURCES.items() if source.live is not None)
"""The sources with an address that gives their newest document."""
BEST_EFFORT: tuple[str, ...] = ("models.dev",)
"""Those that the default catalogue asks, once, because a package can stand in."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document to take in. `place` is its address, file or package, `version` what its server calls it; `ours` says that we
    wrote it ourselves."""

    source: Source
    place: str
    body: bytes
    parse: Callable[[bytes], Parsed]
    version: Version = UNKNOWN
    ours: bool = False

    @property
    def sha256(self) -> str:
        """Of the document as it came."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document of a source could not be had or read."""

    source: str
    place: str
    why: str


@dataclass(slots=True)
class Gathered:
    """What was got: documents, the sources that have nothing new with the address that says so, and what failed."""

    documents: list[Document] = field(default_factory=list)
    unchanged: list[tuple[Source, str]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def _parse_curated_files(body: bytes) -> Parsed:
    return parse_curated({name: text.encode() for name, text in json.loads(body).items()})


PARSERS: Mapping[str, Callable[[bytes], Parsed]] = MappingProxyType(
    {
        **{id_: catalogue.parse for id_, catalogue in CATALOGUES.items()},
        SOURCES["curated"].id: _parse_curated_files,
    }
)
"""How the documents of each source are read, by the source's id."""


def parsed(document: Document) -> Parsed:
    """What the document says. Raises BrokenDocument, also where a document is so odd that its importer trips over it."""
    try:
        return document.parse(document.body)
    except BrokenDocument as error:
        raise BrokenDocument(f"{document.source.id}, {document.place}: {error}") from error
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        raise BrokenDocument(f"{document.source.id}, {document.place}: {type(error).__name__}: {error}") from error


async def named_document(source: str, place: str) -> Document:
    """The document of a source at a file or web address that somebody named, who may name any host. Raises FetchError, and
    KeyError for an unknown source."""
    found = await fetch(place, trusted=host_of(place))
    assert not isinstance(found, NotModified), "no version was named"
    return Document(CATALOGUES[source].source, place, found.body, CATALOGUES[source].parse, found.version)


def curated_documents(folder: Path = CURATED) -> list[Document]:
    """Our own files: all curated facts as one document, and the reference page."""
    paths = [path for path in sorted(folder.rglob("*.toml")) if path.name != "reference-page.toml"]
    files = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    page = CATALOGUES["reference-page"]
    body = (folder / "reference-page.toml").read_bytes()
    bundle = json.dumps(files, sort_keys=True, indent=0).encode()
    return [
        Document(SOURCES["curated"], "curated files", bundle, _parse_curated_files, ours=True),
        Document(page.source, "reference-page.toml", body, page.parse, ours=True),
    ]


def _packaged(source: str) -> Document:
    found = packaged_document(source)
    return Document(CATALOGUES[source].source, found.label, found.body, CATALOGUES[source].parse)


def local_documents() -> list[Document]:
    """What this installation brings: the pinned packages and the curated files. Raises BrokenDocument, OSError."""
    return [*map(_packaged, PACKAGED), *curated_documents()]


async def live_document(source: str, newest: Newest | None, *, attempts: int) -> Document | None:
    """A source's document of this moment; None where it is the one that we have. Raises FetchError."""
    catalogue = CATALOGUES[source]
    live = catalogue.source.live
    assert live is not None
    known = Version(newest.etag, newest.last_modified) if newest is not None and newest.url == live.url else None
    found = await fetch(live.url, known=known, attempts=attempts)
    if isinstance(found, NotModified):
        return None
    return Document(catalogue.source, live.url, found.body, catalogue.parse, found.version)


def _readable(document: Document, newest: Newest | None) -> Document:
    """The same, known to be readable, and not read again when it is taken in. Raises BrokenDocument."""
    if newest is not None and newest.sha256 == document.sha256:
        return document  # it has been read
    said = parsed(document)
    return replace(document, parse=lambda _: said)


async def gather(live: Collection[str], newest: Mapping[str, Newest], *, attempts: int) -> Gathered:
    """The live documents of these sources where they can be had, and what this installation brings for all others, which also
    stands in for a live one that cannot be had; `newest` are the documents that we have. Raises OSError."""
    found = Gathered()
    asked = sorted(live)

    async def one(source: str) -> Document | FetchError | None:
        try:
            return await live_document(source, newest.get(source), attempts=attempts)
        except FetchError as error:
            return error

    had: set[str] = set()
    # First all are got, then all are read: reading takes the processor, and who waits for an answer would lose patience.
    for source, got in zip(asked, await asyncio.gather(*map(one, asked)), strict=True):
        try:
            if isinstance(got, FetchError):
                raise got
            if got is None:
                found.unchanged.append((SOURCES[source], _address(source)))
            else:
                found.documents.append(_readable(got, newest.get(source)))
        except (FetchError, BrokenDocument) as error:
            found.failures.append(Failure(source, _address(source), str(error)))
        else:
            had.add(source)
    # The packaged copy of what could be had live would only be an older document, or one of the same day.
    for source in PACKAGED:
        if source in had:
            continue
        try:
            found.documents.append(_packaged(source))
        except BrokenDocument as error:
            found.failures.append(Failure(source, f"package of {source}", str(error)))
    found.documents += curated_documents()
    return found


def _address(source: str) -> str:
    live = SOURCES[source].live
    return "" if live is None else live.url
