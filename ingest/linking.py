"""What each subject of a source is taken for: the hand-kept tables are read here and the resolver of `domain.identity` is
asked about every listing of every source at once.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

from db.claims import WITNESSES, StoredSubject, in_natural_order
from domain.aliases import Alias, Target
from domain.identity import KnownModel, Lab, Method, Named, Resolver, Row, Tables
from domain.spelling import REGIONS
from domain.statements import SubjectKind
from domain.universe import known_models

HERE = Path(__file__).parent
ALIASES, CURATED = HERE / "aliases", HERE / "curated"
HAND_MADE = frozenset(["curated", "reference-page"])
"""Sources that name models by the catalogue's own slugs: they are linked to the known models and are no evidence for them."""
BOARDS = frozenset(["aider-polyglot", "aider-edit"])
"""Sources that name models in free text and list none: they are linked to the known models and are no evidence for them."""

ONE_FOR_ALL = frozenset(["genai-prices"])
"""Sources that say name, context and price once for all ids of an entry: what they say is no witness beside that name."""


@dataclass(frozen=True, slots=True)
class Linked:
    """What a thing is taken for, in natural keys."""

    method: str
    confidence: Decimal | None = None
    evidence: str | None = None
    lab: str | None = None
    license: str | None = None
    provider: str | None = None
    model: str | None = None
    route: str | None = None
    variant: tuple[str, ...] = ()
    region: str | None = None
    targets: tuple[Target, ...] = ()
    """Where a moving name has pointed."""


@dataclass(frozen=True, slots=True)
class Links:
    """All links by id of the thing, the models that they name by slug, and what resolves any other name."""

    by_thing: Mapping[int, Linked]
    models: Mapping[str, KnownModel]
    resolver: Resolver

    def named(self, source: str, spelling: str) -> str | None:
        """The slug of the model that a source means when it names one in passing; None where no known model is meant."""
        namespace = "" if source in HAND_MADE else spelling.partition("/")[0]
        slug = self.resolver.resolve(Row(source, namespace, spelling, None)).model
        return slug if slug in self.models else None


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def read_tables(aliases: Path = ALIASES, curated: Path = CURATED) -> Tables:
    """The tables of ingest/aliases and the models of ingest/curated. Raises KeyError or TypeError on a wrong entry."""
    labs = tuple(
        Lab(slug, entry["name"], *(tuple(entry.get(key, ())) for key in ("spellings", "families", "providers")))
        for slug, entry in _toml(aliases / "labs.toml").items()
    )
    models = _toml(aliases / "models.toml")
    providers = {
        ("" if source == "any" else source.replace("_", "-"), spelled): slug
        for source, entries in _toml(aliases / "providers.toml").items()
        for spelled, slug in entries.items()
    }
    named = [
        Named(entry["slug"], entry["name"], entry.get("lab"), tuple(entry.get("aliases", ())))
        for path in sorted(curated.glob("models/*.toml"))
        for entry in _toml(path).get("model", ())
    ]
    return Tables(
        labs=labs,
        aliases=tuple(
            alias
            for entry in (*models.get("alias", ()), *_toml(aliases / "moving.toml").get("moving", ()))
            for alias in _aliases(**entry)
        ),
        models=tuple(named),
        own_names=tuple(models.get("own_names", ())),
        tiers=tuple(models.get("tiers", ())),
        snapshots=tuple(models.get("snapshots", ())),
        dated_listings=tuple(models.get("dated_listings", ())),
        providers=providers,
    )


def _aliases(
    ids: list[str],
    why: str,
    model: str | None = None,
    providers: list[str] | None = None,
    since: date | None = None,
    until: date | None = None,
    variant: Iterable[str] = (),
) -> Iterable[Alias]:
    hosts: list[str | None] = [*providers] if providers else [None]
    for id_, provider in product(ids, hosts):
        yield Alias(id_, model, why, provider, since, until, tuple(variant))


def tables_digest(aliases: Path = ALIASES, curated: Path = CURATED) -> str:
    """Changes whenever a hand-kept file changes."""
    digest = hashlib.sha256()
    for path in sorted([*aliases.glob("*.toml"), *curated.rglob("*.toml")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def link(things: Iterable[StoredSubject], tables: Tables) -> Links:
    """Links every thing. Pure: the same things and tables give the same links in any order."""
    everything = in_natural_order(things)
    rows = {thing.id: row_of(thing) for thing in everything if thing.kind in (SubjectKind.MODEL, SubjectKind.ROUTE)}
    evidence = [rows[thing.id] for thing in everything if thing.id in rows and thing.source not in HAND_MADE | BOARDS]
    resolver = Resolver(known_models(evidence, tables), tables)
    labs = {spelling: lab.slug for lab in tables.labs for spelling in (lab.slug, *lab.spellings)}
    models = {model.slug: model for model in resolver.models()}
    spelled = _spellings(everything, tables)
    spelled |= {key: spelled[right] for key, right in _notations(everything, rows, resolver, tables).items()}
    links: dict[int, Linked] = {}
    for thing in everything:
        if thing.kind is SubjectKind.LAB:
            slug = labs.get(thing.native_id.lower(), thing.native_id.lower())
            links[thing.id] = Linked(str(Method.EXACT), Decimal(1), lab=slug)
        elif thing.kind is SubjectKind.LICENSE:
            links[thing.id] = Linked(str(Method.EXACT), Decimal(1), license=thing.native_id)
        elif thing.kind is SubjectKind.PROVIDER:
            provider = tables.provider(thing.source, thing.native_id)
            links[thing.id] = Linked(str(Method.EXACT), Decimal(1), provider=provider)
        else:
            links[thing.id] = _listing(thing, rows[thing.id], resolver, tables, spelled)
    return Links(_of_one_route(everything, links), models, resolver)


def _of_one_route(things: Iterable[StoredSubject], links: Mapping[int, Linked]) -> dict[int, Linked]:
    """All listings of one route mean one model, so the others follow the surest."""
    listings: dict[str, list[tuple[StoredSubject, Linked]]] = {}
    for thing in things:
        if route := links[thing.id].route:
            listings.setdefault(route, []).append((thing, links[thing.id]))
    unified = dict(links)
    for named in listings.values():
        best = surest(named)
        for thing, own in named:
            if own.model != best.model:
                evidence = f"Another source lists this route. {best.evidence}"
                unified[thing.id] = replace(
                    own, method=best.method, confidence=best.confidence, evidence=evidence, model=best.model
                )
    return unified


def surest(named: Iterable[tuple[StoredSubject, Linked]]) -> Linked:
    """The link of a route that several sources list: one with a model, the surest, then by source name."""
    return min(
        named, key=lambda pair: (pair[1].model is None, -(pair[1].confidence or Decimal(0)), pair[0].source, pair[0].id)
    )[1]


def row_of(thing: StoredSubject) -> Row:
    """A model or route of a source as the row that the resolver is asked about."""
    if thing.source in HAND_MADE:
        return Row(thing.source, thing.provider, thing.native_id, None)  # the slug says all
    namespace = thing.native_id.partition("/")[0] if thing.kind is SubjectKind.MODEL else thing.provider
    said = {} if thing.source in ONE_FOR_ALL else thing.said
    released, context, *prices = (said.get(field) for field in WITNESSES)
    return Row(
        thing.source,
        namespace,
        thing.native_id,
        thing.name,
        _whole_day(released),
        None,
        context if isinstance(context, int) else None,
        *(Decimal(price) if isinstance(price, str) else None for price in prices),
    )


def _whole_day(said: object) -> date | None:
    """A release day as sources give it; None where they give a month or a year, which is no witness of a release."""
    return date.fromisoformat(said) if isinstance(said, str) and len(said) == len("2026-01-31") else None


def _spellings(things: Iterable[StoredSubject], tables: Tables) -> dict[str, str]:
    """Route keys in small letters, each with the key as it is shown. Sources differ in the capitals of one id, and no
    provider tells two models apart by them; two routes would be two votes and two prices of one offer. The spelling that
    most sources use is shown, of equals the one with more capitals; genai-prices matches without regard to capitals, so
    its spelling counts only where no other source has the id."""
    using: dict[str, dict[str, int]] = {}
    for thing in things:
        if thing.kind is SubjectKind.ROUTE:
            key = f"{tables.provider(thing.source, thing.provider)}/{thing.native_id}"
            votes = using.setdefault(key.lower(), {})
            votes[key] = votes.get(key, 0) + (thing.source != "genai-prices")
    return {folded: min(votes, key=lambda key: (-votes[key], key)) for folded, votes in using.items()}


_POINT = re.compile(r"(?<=\d)[.-](?=\d)")
_VERSION = re.compile(r".*?\d[.-]\d+")


def _notations(
    things: Iterable[StoredSubject], rows: Mapping[int, Row], resolver: Resolver, tables: Tables
) -> dict[str, str]:
    """Route keys in small letters that only a source in `ONE_FOR_ALL` has, and that are another notation (5-6 for 5.6) of an id
    of the same model at the same provider, each with the key of that id. Such a source lists everything that a request may be
    priced by; which notation the provider takes the others say: by the very id, else by ids that begin with the same version."""
    others: dict[str, set[str]] = {}
    listed: dict[tuple[str, str], dict[str, set[str | None]]] = {}
    for thing in things:
        if thing.kind is SubjectKind.ROUTE:
            provider, id_ = tables.provider(thing.source, thing.provider), thing.native_id.lower()
            if thing.source not in ONE_FOR_ALL:
                others.setdefault(provider, set()).add(id_)
            models = listed.setdefault((provider, _POINT.sub("-", id_)), {}).setdefault(id_, set())
            models.add(resolver.resolve(rows[thing.id]).model)
    found: dict[str, str] = {}
    for (provider, _), spelled in listed.items():
        known = others.get(provider, set())
        right = [id_ for id_ in spelled if id_ in known] or [id_ for id_ in spelled if _version_in(id_, known)]
        for id_ in spelled.keys() - known - set(right) if len(right) == 1 else ():
            if spelled[id_] - {None} and spelled[id_] <= spelled[right[0]]:
                found[f"{provider}/{id_}"] = f"{provider}/{right[0]}"
    return found


def _version_in(id_: str, others: Iterable[str]) -> bool:
    """Whether another id begins as this one does, up to its version. gpt-5.1 is no beginning of gpt-5.10."""
    found = _VERSION.match(id_)
    return found is not None and any(
        other.startswith(found[0]) and not other[len(found[0]) :][:1].isdigit() for other in others
    )


def _listing(thing: StoredSubject, row: Row, resolver: Resolver, tables: Tables, spelled: Mapping[str, str]) -> Linked:
    found = resolver.resolve(row)
    provider = tables.provider(thing.source, thing.provider) if thing.kind is SubjectKind.ROUTE else None
    regions = [word for word in found.variant if word in REGIONS]
    known = found.model is not None and resolver.model(found.model) is not None
    if found.model is not None and not known:
        found = replace(found, method=Method.UNRESOLVED, confidence=0.0, evidence="No catalogue lists such a model.")
    return Linked(
        str(found.method),
        Decimal(str(found.confidence)),
        found.evidence,
        provider=provider,
        model=found.model if known else None,
        route=None if provider is None else spelled[f"{provider}/{thing.native_id}".lower()],
        variant=tuple(word for word in found.variant if word not in REGIONS),
        region=regions[0] if regions else None,
        targets=resolver.targets(row) if thing.source not in HAND_MADE else (),
    )
