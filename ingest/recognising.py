"""Whose document a file is, told by what stands in it, and the documents that a folder of upstream files holds."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from domain.statements import BrokenDocument
from ingest.documents import Document
from ingest.fetch import MAX_BYTES, Unreadable
from ingest.sources import CATALOGUES
from ingest.sources.genai_prices import is_first_feed
from ingest.sources.reading import Report, read_json, unpacked

_NOT_DATA = re.compile(r"(readme|licen[cs]es?|notice|copying|changelog)(\.\w+)?|\..*", re.IGNORECASE)
_CASES = re.compile(rb"^\s+test_cases:\s*(\d+)", re.MULTILINE)


def is_data(path: Path) -> bool:
    """Whether a file of a folder is looked at: licences, notes and hidden files are not."""
    return path.is_file() and _NOT_DATA.fullmatch(path.name) is None


def recognise(body: bytes) -> str | None:
    """The id of the source whose shape the document has, gzipped or not; None where it has none that we know."""
    try:
        plain = unpacked(body)
    except BrokenDocument:
        return None
    if plain.lstrip()[:1] in (b"{", b"["):
        with suppress(BrokenDocument):  # a table of TOML may begin so too
            return _of_json(read_json(plain, Report()))
    if re.search(rb"^providers\b.*= \[", plain, re.MULTILINE):
        return "genai-prices"
    if cases := Counter(_CASES.findall(plain)):
        return {b"225": "aider-polyglot", b"133": "aider-edit"}.get(cases.most_common(1)[0][0])
    try:
        source = tomllib.loads(plain.decode()).get("source")
    except ValueError:
        return None
    return "reference-page" if isinstance(source, dict) and source.get("id") == "reference-page" else None


def _of_json(data: Any) -> str | None:
    if isinstance(data, list):
        return "genai-prices" if data and all(isinstance(row, dict) and "models" in row for row in data) else None
    if isinstance(data.get("data"), list):
        return "openrouter"
    if isinstance(data.get("models"), list) and "snapshot_date" in data:
        return "rates"
    if isinstance(data.get("prices"), dict) and "updated_at" in data:
        return "model-prices"
    rows = [row for row in data.values() if isinstance(row, dict)]
    if isinstance(data.get("providers"), dict) or (rows and all("models" in row and "id" in row for row in rows)):
        return "models.dev"
    return "litellm" if any("litellm_provider" in row for row in rows) else None


def files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """The data files of a folder by name, with what is in them. Raises Unreadable."""
    try:
        for path in sorted(folder.iterdir()):
            if is_data(path):
                if path.stat().st_size > MAX_BYTES:
                    raise Unreadable(f"{path}: larger than {MAX_BYTES} bytes")
                yield path, path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{error.filename or folder}: {error.strerror or error}") from error


def folder_documents(folder: Path, messages: list[str]) -> list[Document]:
    """One document of each source that the folder has; which files are not taken is added to the messages, and why: nobody's
    shape, or another one of the same source. Of these the last by name counts, but never genai-prices' first feed before its
    second. Raises Unreadable, also where there is none."""
    found: dict[str, tuple[bool, Path, bytes]] = {}
    for path, body in files(folder):
        source = recognise(body)
        if source is None:
            messages.append(f"{path.name} is not taken: it has the shape of no source that we know.")
            continue
        mine = (not (source == "genai-prices" and is_first_feed(body)), path, body)
        better, other = sorted([mine, found.get(source, mine)], key=lambda each: each[:2], reverse=True)
        if better[1] != other[1]:
            messages.append(f"{other[1].name} is not taken: {better[1].name} is a document of {source} too.")
        found[source] = better
    if not found:
        raise Unreadable(f"{folder}: no document of a source that we know")
    return [
        Document(CATALOGUES[source].source, str(path), body, CATALOGUES[source].parse)
        for source, (_, path, body) in sorted(found.items())
    ]
