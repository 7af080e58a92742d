"""From all statements to the accepted catalogue: links every subject, reconciles every field and writes the typed tables.

It reads nothing but the database and the hand-kept tables, so the same statements on the same day give the same catalogue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from db import changes
from db import claims as reading
from domain.accepted import (
    LicenseTerms,
    lab_facts,
    license_terms,
    model_facts,
    openness_of,
    results_of,
    route_basis,
    route_facts,
    task_of,
)
from domain.aliases import Target
from domain.billing import only_waits
from domain.facts import (
    License,
    Price,
    PriceBasis,
    Route,
)
from domain.identity import Method, Tables
from domain.listing import gone_with_model, listed, only_priced, retired_by_lab
from domain.reconcile import Accepted, Claim, accept, accept_all
from domain.sheets import price_sheets
from domain.statements import SubjectKind
from domain.suspicion import is_moving, mark_suspicious
from ingest.changing import record
from ingest.digesting import digest
from ingest.disputing import of_model, of_route
from ingest.holding import kept, newest_lists
from ingest.linking import Linked, Links, link, surest
from ingest.materialise import Catalogue, Ids, write
from ingest.providing import providers_of, served_by
from ingest.succeeding import successors

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild made."""

    digest: str
    counts: Mapping[str, int]
    methods: Mapping[str, int]


async def rebuild(
    connection: AsyncConnection,
    tables: Tables,
    *,
    now: datetime,
    progress: Progress,
) -> Rebuilt:
    """Bring the accepted tables to what the statements say on the day, and record what became different. Returns a digest of all
    accepted facts."""
    today = now.date()
    things = await reading.subjects(connection)
    progress("link", 0, len(things))
    links = link(things, tables)
    progress("link", len(things), len(things))
    about = _about(things, links, tables)
    progress("reconcile", 0, 1)
    said = await reading.claims(connection, lambda subject: about[subject])
    by = _by_entity(things, links, said)
    catalogue = Catalogue()
    await _labs_and_licenses(connection, catalogue, by, links)
    best = {key: surest(named) for key, named in by.links.items()}
    newest = newest_lists(by.routes.values())
    await _providers(connection, catalogue, by, links, tables, best, newest)
    await _routes_and_models(connection, catalogue, by, links, best, newest, today, progress)
    catalogue.targets = list(_targets(things, links))
    progress("write", 0, 1)
    before = await changes.accepted(connection)
    await write(connection, catalogue, things, links, today)
    await record(connection, before, catalogue, _said_of(by, catalogue), now)
    progress("write", 1, 1)
    methods: dict[str, int] = defaultdict(int)
    for thing in things:
        if thing.kind is SubjectKind.ROUTE:
            methods[links.by_thing[thing.id].method] += 1
    live = [route for route in catalogue.routes.values() if route.live]
    counts = {
        "models": len(catalogue.models),
        "routes": len(catalogue.routes),
        "live_routes": len(live),
        "linked_routes": sum(1 for route in catalogue.routes.values() if route.model_id is not None),
        "providers": len(catalogue.providers),
        "labs": len(catalogue.labs),
        "prices": sum(map(len, catalogue.prices.values())),
        "suspicious_prices": sum(1 for sheets in catalogue.prices.values() for sheet in sheets if sheet.suspicious),
        "benchmark_results": len(catalogue.results),
        "disputes": len(catalogue.disputes),
        "successors": len(catalogue.successors),
    }
    return Rebuilt(digest(catalogue), counts, dict(sorted(methods.items())))


@dataclass(slots=True)
class _By:
    """Claims by what they are about, in natural keys."""

    labs: dict[str, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    licenses: dict[str, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    providers: dict[str, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    entries: dict[str, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    routes: dict[str, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    links: dict[str, list[tuple[reading.StoredSubject, Linked]]] = field(default_factory=lambda: defaultdict(list))
    """Of routes: every subject that names the route."""


def _about(things: Sequence[reading.StoredSubject], links: Links, tables: Tables) -> dict[int, reading.About]:
    own_providers = {lab.slug: frozenset(lab.providers) for lab in tables.labs}
    found: dict[int, reading.About] = {}
    for thing in things:
        linked = links.by_thing[thing.id]
        known = links.models.get(linked.model or "")
        lab = known.lab.slug if known is not None and known.lab is not None else ""
        found[thing.id] = reading.About(
            route=linked.route,
            provider=linked.provider,
            own=thing.source == linked.provider if thing.kind is SubjectKind.ROUTE else True,
            first_party=linked.provider in own_providers.get(lab, ()),
            moving=linked.method == str(Method.ALIAS),
        )
    return found


def _by_entity(things: Sequence[reading.StoredSubject], links: Links, said: Mapping[int, list[Claim]]) -> _By:
    by = _By()
    for thing in things:
        linked = links.by_thing[thing.id]
        claims = said.get(thing.id, [])
        if thing.kind is SubjectKind.LAB and linked.lab:
            by.labs[linked.lab] += claims
        elif thing.kind is SubjectKind.LICENSE and linked.license:
            by.licenses[linked.license] += claims
        elif thing.kind is SubjectKind.PROVIDER and linked.provider:
            by.providers[linked.provider] += claims
        elif thing.kind is SubjectKind.MODEL and linked.model:
            by.entries[linked.model] += claims
        elif linked.route and linked.provider:
            by.routes[linked.route] += claims
            by.links[linked.route].append((thing, linked))
            by.providers.setdefault(linked.provider, [])
    return by


def _said_of(by: _By, catalogue: Catalogue) -> Callable[[str, str], list[Claim]]:
    """All claims about a model by slug, or about a route by key."""
    routes: dict[int | None, list[str]] = defaultdict(list)
    for key, route in catalogue.routes.items():
        routes[route.model_id].append(key)

    def said(kind: str, name: str) -> list[Claim]:
        if kind == "route":
            return by.routes.get(name, [])
        own = routes[catalogue.models[name].id]
        return [*by.entries.get(name, ()), *(claim for key in own for claim in by.routes[key])]

    return said


def _targets(
    things: Sequence[reading.StoredSubject], links: Links
) -> Iterator[tuple[reading.StoredSubject, Target, bool]]:
    for thing in reading.in_natural_order(things):
        linked = links.by_thing[thing.id]
        for target in linked.targets:
            known = links.models.get(target.model or "")
            maker = known.lab if known is not None else None
            yield thing, target, maker is not None and linked.provider in maker.providers


async def _labs_and_licenses(
    connection: AsyncConnection,
    catalogue: Catalogue,
    by: _By,
    links: Links,
) -> None:
    named = {linked.model for linked in links.by_thing.values() if linked.model}
    labs = {known.lab.slug: known.lab for slug in sorted(named) if (known := links.models[slug]).lab is not None}
    slugs = sorted({*labs, *by.labs})
    ids = await Ids.of(connection, "lab", "slug", slugs)
    for slug in slugs:
        made = lab_facts(ids[slug], slug, by.labs.get(slug, ()))
        catalogue.labs[slug] = replace(made, name=labs[slug].name) if made.name == slug and slug in labs else made
    texts: dict[str, LicenseTerms] = {}
    for key in sorted(by.licenses):
        terms = license_terms(key, by.licenses[key])
        for spelling in filter(None, (key, terms.license.name, terms.license.spdx)):
            texts.setdefault(spelling.lower(), terms)
    for claims in [*by.entries.values()]:
        for claim in claims:
            text = claim.value
            if claim.field == "license" and isinstance(text, str) and text.lower() not in texts:
                texts[text.lower()] = LicenseTerms(License(0, text, text))
    keys = sorted({terms.license.key for terms in texts.values()})
    license_ids = await Ids.of(connection, "license", "key", keys)
    catalogue.licenses = {
        spelling: replace(terms, license=replace(terms.license, id=license_ids[terms.license.key]))
        for spelling, terms in texts.items()
    }


async def _providers(
    connection: AsyncConnection,
    catalogue: Catalogue,
    by: _By,
    links: Links,
    tables: Tables,
    best: Mapping[str, Linked],
    newest: Mapping[tuple[str, str], date],
) -> None:
    said: dict[str, list[Claim]] = defaultdict(list)
    for slug, entry in by.entries.items():
        said[slug] += kept(entry)
    models = {key: linked.model for key, linked in best.items() if linked.model is not None}
    for key, model in models.items():
        said[model] += by.routes[key]
    openness = {slug: openness_of(kept(claims), catalogue.licenses) for slug, claims in said.items()}
    labs = {key: links.models[model].lab for key, model in models.items()}
    served = served_by(
        {key: claims for key, claims in by.routes.items() if listed(claims, newest)},
        {key: lab.slug for key, lab in labs.items() if lab is not None},
        {key: openness[model] for key, model in models.items()},
    )
    ids = await Ids.of(connection, "provider", "slug", by.providers)
    catalogue.providers = providers_of(ids.known, by.providers, tables.labs, served)


async def _routes_and_models(
    connection: AsyncConnection,
    catalogue: Catalogue,
    by: _By,
    links: Links,
    best: Mapping[str, Linked],
    newest: Mapping[tuple[str, str], date],
    today: date,
    progress: Progress,
) -> None:
    slugs = sorted({*by.entries, *(linked.model for linked in best.values() if linked.model)})
    model_ids = await Ids.of(connection, "model", "slug", slugs)
    route_ids = await Ids.of(connection, "route", "key", by.routes)
    routes_of: dict[str | None, list[str]] = defaultdict(list)
    for key in sorted(by.routes):
        routes_of[best[key].model].append(key)
    for done, (slug, keys) in enumerate(sorted(routes_of.items(), key=lambda pair: pair[0] or "")):
        progress("reconcile", done, len(routes_of) + len(slugs))
        every = [*by.entries.get(slug or "", ()), *(claim for key in keys for claim in by.routes[key])]
        current = kept(every) if slug else ()
        task = task_of(current) if slug else None
        maker = links.models[slug].lab if slug else None
        own_places = {at for key in keys if (at := key.partition("/")[0]) in (maker.providers if maker else ())}
        retired = retired_by_lab(current, own_places, catalogue.licenses, today)
        priced = only_priced({key: by.routes[key] for key in keys}, accept("released", current), newest)
        sheets: dict[int, list[Price]] = {}
        made: list[Route] = []
        accepted: dict[str, Mapping[str, Accepted]] = {}
        for key in keys:
            claims = kept(by.routes[key])
            accepted[key] = accept_all(claims, of_route=True)
            linked, provider = best[key], catalogue.providers[key.partition("/")[0]]
            own_sheets = price_sheets(route_ids[key], claims)
            sheets[route_ids[key]] = own_sheets
            native = key.partition("/")[2]
            made_for = task_of(claims) if task is None else task
            basis = route_basis(claims, made_for, own_sheets, provider, native, today)
            made.append(
                route_facts(
                    route_ids[key],
                    key,
                    claims,
                    today=today,
                    provider=provider,
                    provider_model_id=native,
                    model_id=model_ids[slug] if slug else None,
                    basis=basis,
                    variant=linked.variant,
                    region=linked.region,
                    listed=key not in priced and listed(by.routes[key], newest),
                    last_seen=max((claim.observed_on for claim in by.routes[key] if claim.observed_on), default=None),
                    link_method=linked.method,
                    link_confidence=linked.confidence,
                    first_party=provider.slug in own_places,
                    gone_with_model=gone_with_model(claims, accepted[key], retired.get(provider.slug), today),
                    accepted=accepted[key],
                )
            )
        catalogue.routes.update({route.key: route for route in made})
        metered = {route.id for route in made if route.price_basis is PriceBasis.METERED and route.live}
        own = {route.id for route in made if route.first_party}
        waiting = {route.id for route in made if only_waits(route)}
        moving = {route.id for route in made if is_moving(route)}
        of_metered = {id_: sheets[id_] for id_ in sheets if id_ in metered}
        judged = mark_suspicious(of_metered, today, own=own, waiting=waiting, moving=moving)
        rest = [{id_: own} for id_, own in sheets.items() if id_ not in metered]
        alone = {id_: own for one in rest for id_, own in mark_suspicious(one, today).items()}
        if slug is None:
            judged = {id_: own for one in sheets for id_, own in mark_suspicious({one: sheets[one]}, today).items()}
        catalogue.prices.update({**alone, **judged})
        for key in keys:
            number = route_ids[key]
            catalogue.disputes += of_route(number, accepted[key], by.routes[key], catalogue.prices[number], today)
    for done, slug in enumerate(slugs, len(routes_of)):
        progress("reconcile", done, len(routes_of) + len(slugs))
        live = [catalogue.routes[key] for key in routes_of.get(slug, ()) if catalogue.routes[key].live]
        known = links.models[slug]
        claims = [
            *kept(by.entries.get(slug, ())),
            *(claim for key in routes_of.get(slug, ()) for claim in by.routes[key]),
        ]
        current = kept(claims)
        of_all = accept_all(current)
        model = model_facts(
            model_ids[slug],
            slug,
            current,
            today=today,
            lab=catalogue.labs.get(known.lab.slug) if known.lab is not None else None,
            licenses=catalogue.licenses,
            route_count=len(live),
            provider_count=len({route.provider.group or route.provider.slug for route in live}),
            accepted=of_all,
        )
        if not any(claim.field == "name" for claim in by.entries.get(slug, ())):
            # Resellers' display names carry their own additions; the resolver has cleaned them.
            model = replace(model, name=known.name)
        named = list(successors(slug, of_all, links.named))
        catalogue.successors += named
        first = (named[0].target or named[0].spelling) if named else None
        catalogue.models[slug] = replace(model, family=model.family or known.family, successor=first)
        catalogue.disputes += of_model(model.id, of_all, current)
        _results(catalogue, model.id, claims)
    progress("reconcile", len(routes_of) + len(slugs), len(routes_of) + len(slugs))


def _results(catalogue: Catalogue, model_id: int, claims: Sequence[Claim]) -> None:
    for made in results_of(model_id, claims):
        mark = made.benchmark
        catalogue.benchmarks.setdefault(mark.slug, (mark.name, mark.version))
        catalogue.results.append(
            (
                *(model_id, mark.slug, made.metric, made.score, made.harness, made.variant, made.runner, made.date),
                *(made.url, made.source),
            )
        )
