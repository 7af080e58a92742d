"""Spellings that no rule can know: opaque names, typos, renames, and names that move from one model to the next.

The entries are kept by hand in ingest/aliases; each says why. Here they are only looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.facts import Model
from domain.spelling import Key, Speller, Spelling


@dataclass(frozen=True, slots=True)
class Alias:
    """A spelling that no rule can know. `id` is a whole id, its last parts or its last part in any notation of versions;
    `provider`, if given, limits it. `model` None means that the id names nothing fixed. `since` and `until` bound a moving
    name's target: the first and the last day on which it is known to point there. `variant` is what the id says of the offer."""

    id: str
    model: str | None
    why: str
    provider: str | None = None
    since: date | None = None
    until: date | None = None
    variant: tuple[str, ...] = ()

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


@dataclass(frozen=True, slots=True)
class Target:
    """Where a moving name points from one day to another, both included; `until` None: to this day. `model` None: not known."""

    since: date
    until: date | None
    model: str | None


@dataclass(frozen=True, slots=True)
class Pointed:
    """The model that a moving name meant from one day to another, both included. `until` None: to this day; `model` None:
    not known."""

    model: Model | None
    since: date
    until: date | None


def find_alias(
    aliases: Mapping[str | Key, list[Alias]], provider: str, raw: str, spelling: Spelling, day: date | None = None
) -> Alias | None:
    """The curated entry for an id. Of a moving name the one that holds on the day; without a day the newest, and one
    without a model for a day on which it is not known to have pointed anywhere yet."""
    entries = _entries(aliases, provider, raw, spelling)
    if day is None or not entries or entries[0].since is None:
        return entries[0] if entries else None
    pointing = next((target for target in _targets(entries) if target.since <= day <= (target.until or day)), None)
    held = next((entry for entry in entries if pointing is not None and entry.since == pointing.since), None)
    return held or Alias(entries[0].id, None, f"A moving name; where it pointed on {day} is not known.")


def find_targets(
    aliases: Mapping[str | Key, list[Alias]], provider: str, raw: str, spelling: Spelling
) -> tuple[Target, ...]:
    """Where a moving name has pointed, the oldest first; the last target stays after the last day on which it is known to
    hold. Empty for any other id."""
    return _targets(_entries(aliases, provider, raw, spelling))


def _entries(aliases: Mapping[str | Key, list[Alias]], provider: str, raw: str, spelling: Spelling) -> Sequence[Alias]:
    """The entries of the whole id, of what is left of it without the outermost namespaces, of the name in it or of the
    name's words: the first of these that has some for the provider, which go before those for everybody."""
    parts = raw.strip().lower().split("/")
    spelled_so: list[str | Key] = ["/".join(parts[depth:]) for depth in range(len(parts))]
    spelled_so += [spelling.tail, spelling.key]
    for spelled in dict.fromkeys(spelled_so):
        for limit in (provider, None):
            if found := [alias for alias in aliases.get(spelled, ()) if alias.provider == limit]:
                return found
    return ()


def _targets(entries: Sequence[Alias]) -> tuple[Target, ...]:
    """Of entries in the order of `aliases_by_id`: each holds until its last day or the next one's first."""
    made: list[Target] = []
    for entry in entries:
        if entry.since is None:
            continue
        until = None if not made else min(entry.until or date.max, made[-1].since - timedelta(days=1))
        made.append(Target(entry.since, until, entry.model))
    return tuple(reversed(made))
