"""One name and one slug for a benchmark, whatever the source writes: `ingest/aliases/benchmarks.toml` is read once and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

FILE = Path(__file__).parent.parent / "aliases" / "benchmarks.toml"


def _words(text: str) -> str:
    """A text without what makes no difference: capitals, apostrophes, hyphens and other marks."""
    plain = text.lower().replace("’", "").replace("'", "").replace("τ", "tau").replace("²", "2").replace("³", "3")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def names_of(table: Mapping[str, Any]) -> Mapping[str, str]:
    """From every spelling to the name that is shown. The file is ours: raises ValueError for a key that is none, an entry without
    a reason, or a spelling of two benchmarks."""
    found: dict[str, str] = {}
    for kind, keys in (("benchmark", {"name", "spellings", "why"}), ("apart", {"names", "why"})):
        for entry in table.get(kind, []):
            if entry.keys() != keys or not entry["why"]:
                raise ValueError(f"{kind} {entry.get('name') or entry.get('names')}: has {', '.join(sorted(keys))}")
    if unknown := sorted(table.keys() - {"benchmark", "apart"}):
        raise ValueError(f"unknown key {unknown[0]}")
    for entry in table.get("benchmark", []):
        for spelling in (entry["name"], *entry["spellings"]):
            if found.setdefault(_words(spelling), entry["name"]) != entry["name"]:
                raise ValueError(f"{spelling} is both {found[_words(spelling)]} and {entry['name']}")
    return MappingProxyType(found)


NAMES = names_of(tomllib.loads(FILE.read_text(encoding="utf-8")))


def benchmark_name(name: str) -> str:
    """The name that is shown for what a source writes."""
    return NAMES.get(_words(name), name)


def benchmark_slug(name: str, version: str | None) -> str:
    """One slug per benchmark and version, whatever the spelling ("SWE Bench Pro", "SWE-Bench Pro")."""
    return _words(f"{benchmark_name(name)} {version or ''}")
