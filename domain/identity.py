"""Who is who: which model a row of a source means, and how sure that is.

A curated entry wins; then the words of the id are compared with the known models, setting aside only what leaves a known
model; the display name is a second witness. A wrong merge is worse than a missing link, so "unresolved" is an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.aliases import Alias, Target, aliases_by_id, find_alias, find_targets
from domain.keys import (
    contradict,
    has_version,
    has_year,
    other_model,
    releases,
    respelled,
    skeleton,
    slug_of_words,
    tuned,
    undated,
    without_flags,
)
from domain.spelling import COMPLETABLE, SOFT_FLAGS, THINKING, Key, Speller, Spelling, same_day
from domain.witnesses import Terms, fitting


class Method(StrEnum):
    """How a row was linked. CURATED: a hand-kept entry says so. EXACT: the same words. ALIAS: a moving name whose target is
    known. SNAPSHOT: a date names the only snapshot. STRUCTURE: flags of an offer set aside. COMPLETED: a size or
    -instruct left out that only one model can mean. NAME: the display name. NEW: nobody else lists it; the row makes a
    model of its own. UNRESOLVED: no rule understands it."""

    CURATED = "CURATED"
    EXACT = "EXACT"
    ALIAS = "ALIAS"
    SNAPSHOT = "SNAPSHOT"
    STRUCTURE = "STRUCTURE"
    COMPLETED = "COMPLETED"
    NAME = "NAME"
    NEW = "NEW"
    UNRESOLVED = "UNRESOLVED"


CONFIDENCE: Mapping[Method, float] = {
    Method.CURATED: 1.0,
    Method.EXACT: 0.99,
    Method.ALIAS: 0.9,
    Method.SNAPSHOT: 0.95,
    Method.STRUCTURE: 0.95,
    Method.COMPLETED: 0.85,
    Method.NAME: 0.8,
    Method.NEW: 0.6,
    Method.UNRESOLVED: 0.0,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One listing as its source spells it: a provider's id and, if the source gives one, a display name. `released` is the
    model's release day as the source gives it; `day` is the day of which the row speaks (None: the newest known), for names
    that move. `context` (tokens), `input` and `output` (USD per million tokens, standard price of the smallest prompt) are,
    with the release day, what decides where id and name disagree."""

    source: str
    provider: str
    id: str
    name: str | None
    released: date | None = None
    day: date | None = None
    context: int | None = None
    input: Decimal | None = None
    output: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """What a row was taken for. `model` is a slug or None; `confidence` 0 to 1; `variant` the flags set aside."""

    model: str | None
    method: Method
    confidence: float
    evidence: str
    variant: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lab:
    """Who makes models; see ingest/aliases/labs.toml."""

    slug: str
    name: str
    spellings: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A curated model: the slug and name that it shall have, and further spellings of it."""

    slug: str
    name: str
    lab: str | None = None
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """The hand-kept tables. `own_names`: ids that are models although a flag-like word is part of them. `tiers`: ids of
    labs that sell a speed of another model. `snapshots`: dated ids of names that have had several snapshots.
    `dated_listings`: providers that put the day of the listing behind a name. `providers`: (source, its id) to canonical slug."""

    labs: tuple[Lab, ...] = ()
    aliases: tuple[Alias, ...] = ()
    models: tuple[Named, ...] = ()
    own_names: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    snapshots: tuple[str, ...] = ()
    dated_listings: tuple[str, ...] = ()
    providers: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def provider(self, source: str, provider: str) -> str:
        """The canonical slug of a source's provider id; an unknown id is its own slug."""
        spelled = provider.strip().lower()
        return self.providers.get((source, spelled)) or self.providers.get(("", spelled)) or spelled.replace("_", "-")


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A canonical model. `aliases` are the names by which it is known, without what belongs to offers; `hosts` counts
    the providers that list it; `released` are the release days that its lab gives, `listed` the terms of its listings."""

    slug: str
    name: str
    lab: Lab | None
    family: str
    aliases: tuple[str, ...] = ()
    hosts: int = 0
    released: tuple[date, ...] = ()
    listed: frozenset[Terms] = frozenset()


def speller_of(tables: Tables) -> Speller:
    """The id parser that knows the labs of the tables."""
    return Speller({spelling: lab.families for lab in tables.labs for spelling in lab.spellings})


class Resolver:
    """Links rows to known models. Pure: the same models and tables give the same links in any order."""

    def __init__(self, models: Iterable[KnownModel], tables: Tables) -> None:
        self._tables = tables
        self._speller = speller_of(tables)
        self._own_words: dict[str, frozenset[str]] = {}
        self._own = {self._speller.spelling(name).key for name in tables.own_names}
        self._families = {word: lab.slug for lab in tables.labs for word in lab.families}
        self._models: dict[str, KnownModel] = {model.slug: model for model in models}
        self._keys: dict[Key, str] = {}
        for model in sorted(self._models.values(), key=lambda model: model.slug):
            for spelled in model.aliases:
                self._keys.setdefault(self._speller.spelling(spelled).key, model.slug)
        for slug in sorted(self._models):
            self._keys[self._speller.spelling(slug).key] = slug
        for alias in tables.aliases:
            target = self._keys.get(self._speller.spelling(alias.model or "").key)
            if target and alias.everywhere:
                self._keys.setdefault(self._speller.spelling(alias.id).key, target)
        self._skeletons: dict[Key, list[Key]] = {}
        self._snapshots: dict[Key, list[tuple[str, str]]] = {}
        for key, slug in self._keys.items():
            self._skeletons.setdefault(skeleton(key), []).append(key)
            base, day = undated(key)
            if day:
                self._snapshots.setdefault(base, []).append((day, slug))
        self._aliases = aliases_by_id(tables.aliases, self._speller)
        self._cache: dict[tuple[object, ...], Link] = {}

    def model(self, slug: str) -> KnownModel | None:
        """The known model of a slug, if there is one."""
        return self._models.get(slug)

    def models(self) -> tuple[KnownModel, ...]:
        """All known models, by slug."""
        return tuple(self._models[slug] for slug in sorted(self._models))

    def resolve(self, row: Row) -> Link:
        """Say which model a row means. Never raises; case of the id does not matter."""
        provider = self._tables.provider(row.source, row.provider)
        asked = (provider, row.id, row.name, row.released, row.day, row.context, row.input, row.output)
        link = self._cache.get(asked)
        if link is None:
            link = self._cache[asked] = self._resolve(provider, row)
        return link

    def targets(self, row: Row) -> tuple[Target, ...]:
        """Where the row's id has pointed, the oldest first, with known models by slug; empty where it is no moving name."""
        provider = self._tables.provider(row.source, row.provider)
        spelling = self._speller.spelling(row.id, provider)
        found = find_targets(self._aliases, provider, row.id, spelling)
        return tuple(replace(each, model=self._known_slug(each.model)) for each in found)

    def _resolve(self, provider: str, row: Row) -> Link:
        spelling = self._speller.spelling(row.id, provider)
        curated = find_alias(self._aliases, provider, row.id, spelling, row.day)
        if curated is not None:
            return self._curated(curated, spelling)
        if row.id.lower() in self._models and row.name is None:
            return self._link(row.id.lower(), Method.EXACT, "The id is the model's slug.", ())
        by_id = self._find(spelling, provider)
        # A name that repeats the id is no second witness, and neither is one beside a name that moves.
        told = row.name and row.name.lower() != row.id.lower() and "latest" not in spelling.words
        named = self._speller.name(row.name or "") if told else None
        by_name = self._find(named, provider) if named else None
        if by_id and by_name and by_id.model != by_name.model:
            return self._settle(spelling, row, provider, by_id, by_name)
        if by_id and named and not by_name and self._names_other(spelling, named, by_id):
            evidence = (
                f"The id reads as {by_id.model}, the display name “{row.name}” as another model that nobody lists."
            )
            return Link(None, Method.UNRESOLVED, 0.0, evidence, spelling.variants)
        if by_id:
            return by_id
        if by_name and by_name.model and self._abbreviates(spelling, row.name or ""):
            evidence = f"The display name “{row.name}” names it and the id says nothing else."
            return self._link(by_name.model, Method.NAME, evidence, spelling.variants)
        return self._new(spelling)

    def _curated(self, alias: Alias, spelling: Spelling) -> Link:
        """What a hand-kept entry says of a row. It may name a model by any of the model's spellings."""
        if alias.model is None:
            return Link(None, Method.UNRESOLVED, 0.0, alias.why, spelling.variants)
        model = self._slug(alias.model)
        method = Method.ALIAS if alias.since else Method.CURATED
        return self._link(model, method, alias.why, (*spelling.variants, *alias.variant))

    def _slug(self, model: str) -> str:
        if model in self._models:
            return model
        spelled = self._speller.spelling(model)
        return self._keys.get(spelled.key) or slug_of_words(spelled.words)

    def _known_slug(self, model: str | None) -> str | None:
        slug = None if model is None else self._slug(model)
        return slug if slug in self._models else None

    def _link(self, model: str, method: Method, evidence: str, variant: tuple[str, ...]) -> Link:
        return Link(model, method, CONFIDENCE[method], evidence, variant)

    def _find(self, spelling: Spelling, provider: str) -> Link | None:
        key, variants = spelling.key, spelling.variants
        if key in self._keys:
            return self._known(spelling, self._keys[key])
        for other in respelled(key):
            if other in self._keys:
                return self._link(
                    self._keys[other], Method.STRUCTURE, "The same version in another notation.", variants
                )
        for spelled in (key, *respelled(key)):
            full = tuned(spelled, self._keys)
            if full:
                evidence = "Hosts that name open weights without a tuning serve the tuned ones."
                return self._link(self._keys[full], Method.COMPLETED, evidence, variants)
        found = self._snapshot(key, variants, provider)
        if found:
            return found
        for rest, taken in () if undated(key)[0] in self._own else without_flags(key):
            if "reasoning" in taken and "non" not in taken:
                continue
            model = self._keys.get(rest) or (None if THINKING & set(taken) else self._completed(rest))
            if model:
                method = Method.ALIAS if "latest" in taken else Method.STRUCTURE
                evidence = f"What remains without {', '.join(taken)} is a known model."
                return self._link(model, method, evidence, (*variants, *taken))
        completed = self._completed(key)
        if completed:
            evidence = "Only one known model has these words; the id leaves out or adds a size or -instruct."
            return self._link(completed, Method.COMPLETED, evidence, variants)
        return None

    def _known(self, spelling: Spelling, model: str) -> Link:
        """A spelling of a known model: flags that the model's own name lacks are those of the offer."""
        own, said = self._words_of(model), dict.fromkeys(spelling.words)
        taken = [word for word in said if word in SOFT_FLAGS and word not in own]
        variants = (*spelling.variants, *taken)
        if not variants:
            return self._link(model, Method.EXACT, "The id has the model's own words.", ())
        method = Method.ALIAS if "latest" in taken else Method.STRUCTURE
        return self._link(model, method, f"Same words without {', '.join(variants)}.", variants)

    def _words_of(self, model: str) -> frozenset[str]:
        """The words of a known model's slug and name."""
        own = self._own_words.get(model)
        if own is None:
            said = self._speller.spelling(model).key, self._speller.name(self._models[model].name).key
            own = self._own_words[model] = frozenset([*said[0], *said[1]])
        return own

    def _snapshot(self, key: Key, variants: tuple[str, ...], provider: str) -> Link | None:
        base, day = undated(key)
        snapshots = self._snapshots.get(base, ())
        models = {slug for _, slug in snapshots}
        if not day:
            if len(models) != 1 or not has_version(key):
                return None
            return self._link(models.pop(), Method.SNAPSHOT, "The only snapshot known of this name.", variants)
        matches = {slug for known, slug in snapshots if same_day(day, known)}
        if len(matches) == 1:
            return self._link(
                matches.pop(), Method.SNAPSHOT, "The same snapshot in another notation of its date.", variants
            )
        alone = base in self._keys and models <= {self._keys[base]}
        if alone and provider in self._tables.dated_listings and has_year(day):
            evidence = "The date is the day on which this provider listed it."
            return self._link(self._keys[base], Method.SNAPSHOT, evidence, (*variants, day[1:]))
        # A date with its year on a name that has no snapshot so far names its only one; a short one (0528) often means another.
        if base in self._keys and not snapshots and has_year(day) and has_version(base):
            return self._link(
                self._keys[base], Method.SNAPSHOT, "The date names the only snapshot known.", (*variants, day[1:])
            )
        return None

    def _completed(self, key: Key) -> str | None:
        bones = skeleton(key)
        if not has_version(bones) or len(bones) < 2:
            return None
        words = {word for word in key if word not in COMPLETABLE}
        near = [known for known in self._skeletons.get(bones, ()) if words <= set(known)]
        models = {self._keys[known] for known in near}
        others = {self._keys[known] for known in self._skeletons.get(bones, ())}
        return models.pop() if len(models) == 1 and len(others) == 1 else None

    def _settle(self, spelling: Spelling, row: Row, provider: str, by_id: Link, by_name: Link) -> Link:
        """Two witnesses disagree. The name decides if it says all that the id says and the id leaves open which release or
        tuning it means. If they contradict each other, the third witness decides or nothing does. Else the id stands: it only
        says more exactly what the name says (opus-4.1 under “Claude Opus 4”). What an offer with flags of its own (a batch, a
        region) costs and allows is no witness; that only the name says that it thinks makes it no other offer."""
        name = row.name or ""
        spelled = self._speller.name(name).key
        said, meant = set(spelling.key), set(spelled)
        flags = {*spelling.variants, *by_id.variant}
        more = other_model(said - flags, meant - flags, self._words_of(by_name.model or ""))
        leaves_open = by_id.method is Method.COMPLETED or not (more or has_version(spelling.key))
        if leaves_open and said < meant and by_name.method is Method.EXACT:
            return by_name
        of_id, of_name = releases(spelling.key), releases(spelled)
        refined = all(any(own == other or own.startswith(f"{other}.") for own in of_id) for other in of_name)
        other_release = of_id and of_name and not refined and not of_id <= of_name
        if other_release or more or contradict(spelling.key, spelled):
            evidence = f"The id reads as {by_id.model}, the display name “{name}” as {by_name.model}."
            plain = not by_id.variant and THINKING.issuperset(by_name.variant)
            terms = Terms(provider, row.context, row.input, row.output) if plain else Terms(provider)
            fit = fitting(terms, row.released, *(self._models[link.model or ""] for link in (by_id, by_name)))
            if fit:
                return self._link(fit[0].slug, Method.NAME, " ".join([evidence, *fit[1]]), spelling.variants)
            return Link(None, Method.UNRESOLVED, 0.0, evidence, spelling.variants)
        return by_id

    def _names_other(self, spelling: Spelling, named: Spelling, by_id: Link) -> bool:
        """Whether a name that nobody knows means another model than its id: it adds a line or a kind, or begins with
        another lab's family (Dolphin Mistral Small)."""
        flags, lab = {*spelling.variants, *by_id.variant}, self._models[by_id.model or ""].lab
        said, meant = set(spelling.key) - flags, set(named.key) - flags
        family = self._families.get(named.words[0]) if named.words else None
        foreign = lab is not None and family not in (None, lab.slug) and said - COMPLETABLE < meant
        return foreign or other_model(said, meant, None)

    def _new(self, spelling: Spelling) -> Link:
        """A model of its own for a name that reads like one; otherwise unresolved, with the reason."""
        reason = unreadable(spelling, self._speller)
        if reason and any(alias.since for alias in self._aliases.get(spelling.tail, ())):
            reason = "A moving name; where it points at this provider is not known."
        if reason:
            return Link(None, Method.UNRESOLVED, 0.0, reason, spelling.variants)
        return self._link(
            slug_of_words(spelling.words), Method.NEW, "No known model has these words.", spelling.variants
        )

    def _abbreviates(self, spelling: Spelling, name: str) -> bool:
        meant = set(self._speller.name(name).key)
        said = {word for word in spelling.key if word not in SOFT_FLAGS}
        return bool(said) and said <= meant and any(len(word) > 1 for word in said)


def unreadable(spelling: Spelling, speller: Speller) -> str | None:
    """Why a spelling names no model, or None if it does."""
    if not spelling.words:
        return "The id holds no word."
    if "latest" in spelling.words and not has_version(tuple(word for word in spelling.key if word != "latest")):
        return "A moving name without a version; its target is not in the alias table."
    if any(part.startswith("~") for part in spelling.namespaces):
        return "A moving name; its target is not in the alias table."
    if speller.says_nothing(spelling.tail, spelling.words):
        return "The id has only words that name no model."
    return None
