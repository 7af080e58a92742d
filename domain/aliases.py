"""Spellings that no rule can know: opaque names, typos, renames, and names that move from one model to the next.

The entries are kept by hand in ingest/aliases; each says why. Here they are only looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from domain.spelling import Key, Speller, Spelling


@dataclass(frozen=True, slots=True)
class Alias:
    """A spelling that no rule can know. `id` is a whole id, its last parts or its last part in any notation of versions;
    `provider`, if given, limits it. `model` None means that the id names nothing fixed. `since` and `until` bound a moving
    name's target: the first and the last day on which it is known to point there."""

    id: str
    model: str | None
    why: str
    provider: str | None = None
    since: date | None = None
    until: date | None = None

    @property
    def everywhere(self) -> bool:
        """Whether the id means the model at every provider and on every day."""
        return self.provider is None and self.since is None


def aliases_by_id(aliases: Iterable[Alias], speller: Speller) -> dict[str | Key, list[Alias]]:
    """Aliases by id and, where it is a bare name, by its words; the newest target of a moving name first, those limited to a
    provider before the others."""
    found: dict[str | Key, list[Alias]] = {}
    for alias in aliases:
        spelled = alias.id.lower()
        found.setdefault(spelled, []).append(alias)
        key = speller.spelling(spelled).key
        if "/" not in spelled and ":" not in spelled and key != speller.spelling(alias.model or "").key:
            found.setdefault(key, []).append(alias)
    for entries in found.values():
        entries.sort(
            key=lambda alias: (alias.provider is None, -(alias.since or date.min).toordinal(), alias.model or "")
        )
    return found


def find_alias(
    aliases: Mapping[str | Key, list[Alias]], provider: str, raw: str, spelling: Spelling, day: date | None = None
) -> Alias | None:
    """The curated entry for an id: the whole id, what is left of it without the outermost namespaces, the name in it or the
    name's words. Of a moving name the target of the day; without a day the newest."""
    parts = raw.strip().lower().split("/")
    spelled_so: list[str | Key] = ["/".join(parts[depth:]) for depth in range(len(parts))]
    spelled_so += [spelling.tail, spelling.key]
    for spelled in dict.fromkeys(spelled_so):
        for alias in aliases.get(spelled, ()):
            if alias.provider in (None, provider) and _holds(alias, day):
                return alias
    return None


def _holds(alias: Alias, day: date | None) -> bool:
    if day is None or alias.since is None:
        return True
    return alias.since <= day <= (alias.until or day)
