"""What every foreign catalogue module has: a Source that says who speaks, and the pure function that reads its document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain.statements import Parsed


@dataclass(frozen=True, slots=True)
class Live:
    """Where the newest document of a source can be had, over https and by everybody, and the document that says so."""

    url: str
    reference: str


@dataclass(frozen=True, slots=True)
class Source:
    """Who makes statements. Sources of one `lineage` copy from each other and count as one witness; the newest of them
    speaks for all. `license` is an SPDX expression, or `none stated`; `url` is empty where the source has no address."""

    id: str
    name: str
    url: str
    license: str
    lineage: str
    live: Live | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A source and how to read its document. `parse` is pure and raises `domain.statements.BrokenDocument`."""

    source: Source
    parse: Callable[[bytes], Parsed]
