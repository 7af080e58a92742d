"""The documents that an ingest takes in: one that is named, or the default catalogue, most of which needs no network."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from domain.statements import BrokenDocument, Parsed
from ingest.fetch import FetchError, fetch
from ingest.linking import CURATED
from ingest.sources import CATALOGUES, SOURCES
from ingest.sources.base import Source
from ingest.sources.curated import parse_curated
from ingest.sources.packages import PACKAGED, default_documents

LIVE = "https://models.dev/catalog.json"
LIVE_SOURCE = "models.dev"


@dataclass(frozen=True, slots=True)
class Document:
    """One document to take in. `place` is its address, file or package."""

    source: Source
    place: str
    body: bytes
    parse: Callable[[bytes], Parsed]

    @property
    def packaged(self) -> bool:
        """Whether it is a file of a pinned package, which stays as it is until another version is installed."""
        return self.place.startswith(PACKAGED)


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
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise BrokenDocument(f"{document.source.id}, {document.place}: {type(error).__name__}: {error}") from error


async def named_document(source: str, place: str) -> Document:
    """The document of a source at a file or web address. Raises FetchError, and KeyError for an unknown source."""
    return Document(CATALOGUES[source].source, place, await fetch(place), CATALOGUES[source].parse)


def curated_documents(folder: Path = CURATED) -> list[Document]:
    """Our own files: all curated facts as one document, and the reference page."""
    paths = [path for path in sorted(folder.rglob("*.toml")) if path.name != "reference-page.toml"]
    files = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    page = CATALOGUES["reference-page"]
    bundle = json.dumps(files, sort_keys=True, indent=0).encode()
    return [
        Document(SOURCES["curated"], "curated files", bundle, _parse_curated_files),
        Document(page.source, "reference-page.toml", (folder / "reference-page.toml").read_bytes(), page.parse),
    ]


def local_documents() -> list[Document]:
    """What this installation brings: the pinned packages and the curated files. Raises BrokenDocument, OSError."""
    packaged = [
        Document(CATALOGUES[found.source].source, found.label, found.body, CATALOGUES[found.source].parse)
        for found in default_documents()
    ]
    return [*packaged, *curated_documents()]


async def live_document() -> Document:
    """models.dev's catalogue of this moment, known to be readable. Raises FetchError, BrokenDocument."""
    document = await named_document(LIVE_SOURCE, LIVE)
    said = parsed(document)
    # Not parsed again when it is taken in.
    return Document(document.source, document.place, document.body, lambda _: said)


async def default_catalogue(*, live: bool, messages: list[str]) -> list[Document]:
    """The live catalogue where it can be had, and all local documents; why it cannot is added to the messages."""
    found: list[Document] = []
    if live:
        try:
            found.append(await live_document())
        except (FetchError, BrokenDocument) as error:
            messages.append(f"The live catalogue of models.dev cannot be used, the packaged copy stands in: {error}")
    # The packaged copy of what could be had live would only be an older document, or one of the same day.
    taken = {document.source.id for document in found}
    return [*found, *(document for document in local_documents() if document.source.id not in taken)]
