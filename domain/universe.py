"""The known models, made from the rows of all sources at once: spellings that mean one model are joined, and nothing else is.

Evidence is what providers do: a provider that lists two spellings side by side sells two models. The result depends on the
set of rows, never on their order.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from domain.aliases import Alias, aliases_by_id, find_alias
from domain.identity import KnownModel, Lab, Row, Tables, speller_of, unreadable
from domain.keys import has_version, has_year, respelled, skeleton, slug_of, tuned, undated, without_flags
from domain.labs import Labs
from domain.naming import clean_name, family_of, plain_date, pretty
from domain.spelling import CLEAR_SPEED, CONTEXT, SOFT_FLAGS, SPEED, Key, Speller, key_of, same_day, words_of
from domain.witnesses import Terms

OWN_THINKING_HOSTS = 4
"""From so many hosts on, -thinking is taken for weights of their own, not for a toggle of one host."""
HOSTED_LABS = 3
"""A namespace that stands before names of so many other labs is a host's there, not the maker's."""
COLISTED = 2
"""So many providers that list two spellings side by side show that they are two models."""


@dataclass(slots=True)
class _Group:
    hosts: set[str] = field(default_factory=set)
    first_party: set[str] = field(default_factory=set)
    tails: Counter[str] = field(default_factory=Counter)
    lab_tails: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    lab_names: Counter[str] = field(default_factory=Counter)
    namespaces: Counter[str] = field(default_factory=Counter)
    released: set[date] = field(default_factory=set)
    listed: set[Terms] = field(default_factory=set)


def known_models(rows: Iterable[Row], tables: Tables) -> tuple[KnownModel, ...]:
    """Derive the known models from catalogue rows and the curated tables, sorted by slug."""
    return _Universe(rows, tables).models()


class _Universe:
    def __init__(self, rows: Iterable[Row], tables: Tables) -> None:
        self._tables = tables
        self._speller: Speller = speller_of(tables)
        self._labs = Labs(tables.labs)
        self._lab_by_slug = {lab.slug: lab for lab in tables.labs}
        self._groups: dict[Key, _Group] = {}
        self._parent: dict[Key, Key] = {}
        self._own = {self._speller.spelling(name).key for name in tables.own_names}
        self._tiers = {self._speller.spelling(name).key for name in tables.tiers}
        self._aliases = aliases_by_id(tables.aliases, self._speller)
        self._firsts = {
            undated(self._speller.spelling(alias.id).key)[0] for alias in tables.aliases if self._dates(alias)
        }
        self._named: set[Key] = set()
        self._led: defaultdict[str, set[str]] = defaultdict(set)
        self._vocabulary: defaultdict[str, set[str]] = defaultdict(set)
        self._cased: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for row in rows:
            self._take(row)
        self._learn()
        for snapshot in tables.snapshots:
            spelling = self._speller.spelling(snapshot)
            self._groups.setdefault(spelling.key, _Group()).tails[slug_of(spelling.tail)] += 0
        self._join_named()
        self._join_aliases()
        self._join_respelled()
        self._join_toggles()
        self._join_flags()
        self._join_dates()
        self._join_tuned()
        self._join_completed()

    def _take(self, row: Row) -> None:
        provider = self._tables.provider(row.source, row.provider)
        spelling = self._speller.spelling(row.id, provider)
        if row.name and not spelling.variants:
            for word in re.findall(r"[A-Za-z][A-Za-z0-9]*", clean_name(row.name)):
                if not word.islower():
                    self._cased[word.lower()][word] += 1
        alias = find_alias(self._aliases, provider, row.id, spelling)
        if alias is not None:
            self._take_alias(alias, provider)
            return
        if unreadable(spelling, self._speller):
            return
        group = self._groups.setdefault(spelling.key, _Group())
        group.hosts.add(provider)
        group.tails[slug_of(spelling.tail)] += 1
        if not spelling.variants and (row.context or row.input):
            group.listed.add(Terms(provider, row.context, row.input, row.output))
        if row.name and not spelling.variants:
            group.names[clean_name(row.name)] += 1
        if spelling.namespaces:
            group.namespaces[spelling.namespaces[-1]] += 1
        lab = self._labs.of_provider(provider)
        family = self._labs.of_words(spelling.words)
        if lab and (family is None or family is lab):
            group.first_party.add(provider)
            if row.released:
                group.released.add(row.released)
            group.lab_tails[slug_of(spelling.tail)] += 1
            if row.name and not spelling.variants:
                group.lab_names[clean_name(row.name)] += 1

    def _take_alias(self, alias: Alias, provider: str) -> None:
        if alias.model is not None:
            key = self._speller.spelling(alias.model).key
            group = self._groups.setdefault(key, _Group())
            group.hosts.add(provider)
            group.tails[alias.model] += 1

    def _dates(self, alias: Alias) -> bool:
        """Whether a table gives the date of a bare name's own weights: then any other date is another snapshot."""
        base, day = undated(self._speller.spelling(alias.id).key)
        return day is not None and alias.model is not None and self._speller.spelling(alias.model).key == base

    def _root(self, key: Key) -> Key:
        while key in self._parent:
            key = self._parent[key]
        return key

    def _join(self, child: Key, parent: Key) -> None:
        """Takes two spellings for one model, unless our own files tell them apart."""
        child, parent = self._root(child), self._root(parent)
        if child == parent or {child, parent} <= self._named:
            return
        self._parent[child] = parent
        if child in self._named:
            self._named.add(parent)

    def _roots(self) -> list[Key]:
        return sorted(key for key in self._groups if key not in self._parent)

    def _join_named(self) -> None:
        for named in self._tables.models:
            key = self._speller.spelling(named.slug).key
            self._groups.setdefault(key, _Group()).tails[slug_of(named.slug)] += (
                0  # it is there even where nobody lists it
            )
            self._named.add(self._root(key))
            for spelling in named.spellings:
                other = self._speller.spelling(spelling).key
                if other != key:
                    self._groups.setdefault(other, _Group()).tails[slug_of(spelling)] += 0
                    self._join(other, key)

    def _join_aliases(self) -> None:
        """A spelling that a table gives joins its model, so that the spelling with a flag or a date does too."""
        for alias in self._tables.aliases:
            if alias.everywhere and alias.model:
                key, model = (self._speller.spelling(text).key for text in (alias.id, alias.model))
                if model in self._groups and self._root(key) != self._root(model):
                    self._groups.setdefault(key, _Group())
                    self._join(key, model)

    def _join_respelled(self) -> None:
        for key in self._roots():
            target = next((other for other in respelled(key) if other in self._groups), None)
            if target:
                self._join(key, target)

    def _join_toggles(self) -> None:
        """grok-4-fast-reasoning and -non-reasoning are two ids of one checkpoint, grok-4-fast."""
        for key in self._roots():
            if "non" in key and "reasoning" in key:
                bare = tuple(word for word in key if word not in ("non", "reasoning"))
                twin = key_of([*bare, "reasoning"])
                for other in (bare, twin):
                    if other in self._groups:
                        self._join(other if other == twin else key, bare if bare in self._groups else key)

    def _join_flags(self) -> None:
        for key in self._roots():
            target = next(
                (rest for rest, taken in without_flags(key) if rest in self._groups and self._may_go(key, set(taken))),
                None,
            )
            if target:
                self._join(key, target)

    def _may_go(self, key: Key, taken: set[str]) -> bool:
        """Whether these flags of a spelling are of the offer. What a lab lists itself as fast or thinking is its own model
        unless a table says otherwise, and so is a thinking model that many list or that has an -instruct twin;
        -reasoning is a toggle only beside a -non-reasoning twin (phi-4-reasoning names weights)."""
        if key in self._own or undated(key)[0] in self._own:
            return False
        if key in self._tiers or taken <= CLEAR_SPEED | CONTEXT | {"latest", "high"}:
            return True
        group = self._groups[key]
        if group.first_party and taken & (SPEED | {"thinking"}):
            return False
        if taken & {"thinking", "think"}:
            twin = key_of([*(set(key) - taken), "instruct"])
            return len(group.hosts) < OWN_THINKING_HOSTS and twin not in self._groups
        return "reasoning" not in taken or "non" in key or key_of([*key, "non"]) in self._groups

    def _join_dates(self) -> None:
        by_base: dict[Key, list[tuple[str, Key]]] = {}
        for key in self._roots():
            base, day = undated(key)
            if day:
                by_base.setdefault(base, []).append((day, key))
        for base, dated in sorted(by_base.items()):
            snapshots: list[list[tuple[str, Key]]] = []
            for day, key in sorted(dated, key=lambda pair: (-len(pair[0]), pair)):
                fitting = [snapshot for snapshot in snapshots if same_day(day, snapshot[0][0])]
                if len(fitting) == 1:
                    fitting[0].append((day, key))
                    self._join(key, fitting[0][0][1])
                else:
                    snapshots.append([(day, key)])
            if base not in self._groups:
                continue
            for snapshot in list(snapshots):
                if all(self._is_listing(key, base) for _, key in snapshot):
                    self._join(snapshot[0][1], base)
                    snapshots.remove(snapshot)
            if len(snapshots) == 1 and base not in self._firsts:
                days = [day for day, _ in snapshots[0]]
                first = snapshots[0][0][1]
                if has_version(base) and any(has_year(day) for day in days):
                    self._join(first, base)
                elif has_version(base) and all(self._outweighs(key, base) for _, key in snapshots[0]):
                    self._join(base, first)

    def _join_tuned(self) -> None:
        for key in self._roots():
            full = next((full for each in (key, *respelled(key)) if (full := tuned(each, self._groups))), None)
            if full and not self._colisted(key, full) and len(self._groups[full].hosts) >= len(self._groups[key].hosts):
                self._join(key, full)

    def _join_completed(self) -> None:
        by_skeleton: dict[Key, list[Key]] = {}
        for key in self._roots():
            bones = skeleton(key)
            if has_version(bones) and len(bones) > 1 and key not in self._own:
                by_skeleton.setdefault(bones, []).append(key)
        for keys in by_skeleton.values():
            for key in sorted(keys, key=lambda key: (len(key), key)):
                above = [other for other in keys if set(key) < set(other)]
                if not above:
                    continue
                largest = max(above, key=lambda other: (len(other), other))
                chain = all(set(other) <= set(largest) for other in above)
                if chain and all(self._may_complete(key, other) for other in above):
                    self._join(key, min(above, key=lambda other: (len(other), other)))

    def _is_listing(self, dated: Key, base: Key) -> bool:
        """Whether a date says only when a provider listed the bare name (a table names such providers)."""
        hosts = self._groups[dated].hosts
        return bool(hosts) and hosts <= set(self._tables.dated_listings) and hosts <= self._groups[base].hosts

    def _outweighs(self, dated: Key, base: Key) -> bool:
        """Whether a bare name is short for the dated one: nobody lists both, and the dated one is the usual."""
        return not self._colisted(dated, base) and len(self._groups[dated].hosts) >= len(self._groups[base].hosts)

    def _may_complete(self, short: Key, full: Key) -> bool:
        hosts = max(len(self._groups[short].hosts), len(self._groups[full].hosts))
        return hosts > 1 and self._colisted(short, full) < COLISTED

    def _colisted(self, one: Key, other: Key) -> int:
        first, second = self._groups[one], self._groups[other]
        both = first.hosts & second.hosts
        return len(both) + (COLISTED if first.first_party & second.first_party else 0)

    def models(self) -> tuple[KnownModel, ...]:
        members: dict[Key, list[Key]] = {}
        for key in self._groups:
            members.setdefault(self._root(key), []).append(key)
        curated = {self._root(self._speller.spelling(named.slug).key): named for named in self._tables.models}
        found: dict[str, KnownModel] = {}
        for root in sorted(members):
            keys = sorted(members[root])
            named = curated.get(root)
            hosts = {host for key in keys for host in self._groups[key].hosts}
            key, tail = self._best_tail(keys)
            slug = named.slug if named else tail
            aliases = {alias for key in keys for alias in self._groups[key].tails}
            lab = self._lab_by_slug.get(named.lab) if named and named.lab else self._lab(slug, keys)
            released = tuple(sorted({day for key in keys for day in self._groups[key].released}))
            listed = frozenset(terms for key in keys for terms in self._groups[key].listed)
            name = named.name if named and named.name else self._name(key, keys, slug)
            known_as = tuple(sorted(aliases | {slug}))
            found[slug] = KnownModel(slug, name, lab, family_of(slug), known_as, len(hosts), released, listed)
        return tuple(found[slug] for slug in sorted(found))

    def _best_tail(self, keys: list[Key]) -> tuple[Key, str]:
        def order(pair: tuple[Key, str]) -> tuple[object, ...]:
            key, tail = pair
            group = self._groups[key]
            flagged = len(set(key) & SOFT_FLAGS)
            return (
                flagged,
                tuned(key, keys) is not None,
                undated(key)[1] is not None,
                -group.lab_tails[tail],
                -len(group.hosts),
                -group.tails[tail],
                len(tail),
                tail,
            )

        return min(((key, tail) for key in keys for tail in self._groups[key].tails), key=order)

    def _lab(self, slug: str, keys: list[Key]) -> Lab | None:
        for key in keys:
            for provider in sorted(self._groups[key].first_party):
                return self._labs.of_provider(provider)
        family = self._labs.of_words(words_of(slug))
        spaces: Counter[str] = Counter()
        for key in keys:
            for namespace, count in self._groups[key].namespaces.items():
                lab = self._labs.of_namespace(namespace)
                if lab and (lab is family or len(self._led[lab.slug] - {lab.slug}) < HOSTED_LABS):
                    spaces[lab.slug] += count
        if family and not spaces and self._is_remix(family, keys):
            return None
        listed = [key for key in keys if self._groups[key].hosts]
        if family and (not spaces or spaces[family.slug] or len(listed) > 1):
            return family
        if spaces:
            return self._lab_by_slug[min(spaces, key=lambda name: (-spaces[name], name))]
        return family

    def _is_remix(self, family: Lab, keys: list[Key]) -> bool:
        """Whether a name that one reseller alone lists is another model's and a word that no name of the lab has:
        somebody's fine-tune (gemma-4-31b-darkidol)."""
        if len({host for key in keys for host in self._groups[key].hosts}) > 1:
            return False
        known = self._vocabulary[family.slug]
        words = {word for key in keys for word in key}
        strange = {word for word in words if word.isalpha()} - known
        return bool(strange) and any(
            (len(other) > 1 and words - strange > set(other) - {"instruct"}) or words - strange == set(other)
            for other in self._groups
            if len(self._groups[other].hosts) > 1 and set(other) <= words
        )

    def _learn(self) -> None:
        """What the rows show about labs: which words their names have, and before whose names their own stands."""
        for key in self._roots():
            group = self._groups[key]
            family = self._labs.of_words(words_of(min(group.tails))) if group.tails else None
            for namespace in group.namespaces:
                lab = self._labs.of_namespace(namespace)
                if lab and family:
                    self._led[lab.slug].add(family.slug)
            if family and (len(group.hosts) > 1 or group.first_party):
                self._vocabulary[family.slug].update(key)

    def _name(self, key: Key, keys: list[Key], slug: str) -> str:
        for counter in ("lab_names", "names"):
            names: Counter[str] = Counter()
            for member in [key, *keys]:
                for name, count in getattr(self._groups[member], counter).items():
                    said = set(self._speller.name(name).key)
                    if " " in name and name.islower():
                        continue
                    if said == set(key) or said == set(undated(key)[0]):
                        names[self._bare(name)] += count + (1000 if member == key else 0)
            if names:
                name = min(names, key=lambda name: (-names[name], -sum(char.isupper() for char in name), name))
                return self._dated(name, slug)
        return pretty(slug, self._cased)

    def _bare(self, name: str) -> str:
        """A display name without the lab's before it: Sonar of “Perplexity Sonar”, but all of “Mistral Small”."""
        first, _, rest = name.partition(" ")
        if rest and self._labs.of_namespace(first.lower()) and self._labs.of_words(words_of(rest)):
            same = self._speller.name(rest).key == self._speller.name(name).key
            return rest if same else name
        return name

    def _dated(self, name: str, slug: str) -> str:
        """The name with the snapshot that the slug says and the name does not: “GPT-4o (2024-08-06)”."""
        day = undated(self._speller.spelling(slug).key)[1]
        return name if day is None or undated(self._speller.name(name).key)[1] else f"{name} ({plain_date(day)})"
