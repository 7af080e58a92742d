"""Writes the accepted catalogue into the typed tables: upserts by natural key, so that ids outlive every ingest, with the
columns that are derived for sorting and searching filled in.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from db import writes
from db.claims import StoredSubject, in_natural_order
from domain.accepted import LicenseTerms
from domain.aliases import Target
from domain.billing import only_waits
from domain.facts import Lab, Model, Price, PriceBasis, PriceMode, Provider, Route
from domain.sheets import current
from domain.statements import SubjectKind
from domain.suspicion import competes
from ingest.disputing import Dispute
from ingest.linking import Linked, Links
from ingest.succeeding import Successor

_SPELLINGS_SEARCHED = 20
_OF_A_PART = Decimal("0.85")
"""A part of an id says less than the same word as somebody's whole id: `deepseek-chat` is what DeepSeek calls so, not what a
reseller lists below `deepseek/`."""


@dataclass(slots=True)
class Catalogue:
    """Everything that is accepted, before it is written."""

    labs: dict[str, Lab] = field(default_factory=dict)
    licenses: dict[str, LicenseTerms] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    models: dict[str, Model] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    prices: dict[int, list[Price]] = field(default_factory=dict)
    results: list[tuple[Any, ...]] = field(default_factory=list)
    benchmarks: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    disputes: list[Dispute] = field(default_factory=list)
    successors: list[Successor] = field(default_factory=list)
    targets: list[tuple[StoredSubject, Target, bool]] = field(default_factory=list)
    """Where moving names have pointed, and whether the model's own lab offers them."""


class Ids:
    """Ids by natural key: those that are there, and new ones for the rest."""

    def __init__(self, known: dict[str, int]) -> None:
        self.known = known

    @classmethod
    async def of(cls, connection: AsyncConnection, table: str, key: str, wanted: Iterable[str]) -> Ids:
        known = await writes.ids(connection, table, key)
        missing = sorted(set(wanted) - known.keys())
        known.update(zip(missing, await writes.new_ids(connection, table, len(missing)), strict=True))
        return cls(known)

    def __getitem__(self, key: str) -> int:
        return self.known[key]


async def write(
    connection: AsyncConnection, catalogue: Catalogue, things: Sequence[StoredSubject], links: Links, today: date
) -> None:
    """Make the typed tables hold the catalogue, and subjects point into it."""
    await writes.merge(
        connection,
        "lab",
        ("slug",),
        ("id", "slug", "name", "url"),
        [(lab.id, lab.slug, lab.name, lab.url) for lab in catalogue.labs.values()],
    )
    terms = {found.license.key: found for found in catalogue.licenses.values()}
    await writes.merge(
        connection,
        "license",
        ("key",),
        ("id", "key", "name", "spdx", "osi_approved", "commercial_use", "openness", "url"),
        [
            (
                one.license.id,
                key,
                one.license.name,
                one.license.spdx,
                one.license.osi_approved,
                str(one.commercial_use),
                str(one.openness),
                one.license.url,
            )
            for key, one in terms.items()
        ],
    )
    live: dict[str, list[Route]] = defaultdict(list)
    models = {model.id: model.slug for model in catalogue.models.values()}
    for route in catalogue.routes.values():
        if route.live and route.model_id is not None:
            live[models[route.model_id]].append(route)
    best = {
        route.id: best_price(route, catalogue.prices.get(route.id, ()), today) for route in catalogue.routes.values()
    }
    aliases = _aliases(catalogue, things, links)
    await _write_providers(connection, catalogue)
    await _write_models(connection, catalogue, live, best, aliases)
    await _write_routes(connection, catalogue, best)
    await writes.put_links(connection, _link_rows(catalogue, things, links))
    await writes.delete_unlinked(connection)
    await writes.replace_all(
        connection, "moving_target", ("subject_id", "since", "until", "model_id", "first_party"), _targets(catalogue)
    )
    await _write_prices(connection, catalogue)
    await _write_results(connection, catalogue)
    await writes.replace_all(
        connection,
        "dispute",
        ("model_id", "route_id", "field", "value", "source_id", "ratio", "dissenting"),
        map(astuple, catalogue.disputes),
    )
    await _write_successors(connection, catalogue)
    await writes.replace_all(
        connection, "alias", ("key", "model_id", "spelling", "method", "confidence", "reason", "rank"), aliases
    )


def best_price(route: Route, prices: Sequence[Price], on: date) -> tuple[Decimal | None, Decimal | None]:
    """Input and output of the standard base sheet that holds on the day, where it competes: metered, in USD, by rule `price.suspicious`,
    for requests that cannot wait."""
    if only_waits(route):
        return (None, None)
    for price in current(prices, on):
        base = price.mode is PriceMode.STANDARD and price.above == 0 and price.currency == "USD"
        if base and route.price_basis is PriceBasis.METERED and competes(price, route):
            return (price.input_mtok or None, price.output_mtok or None)
    return (None, None)


async def _write_providers(connection: AsyncConnection, catalogue: Catalogue) -> None:
    counts: dict[int, int] = defaultdict(int)
    for route in catalogue.routes.values():
        counts[route.provider.id] += route.live
    await writes.merge(
        connection,
        "provider",
        ("slug",),
        (
            *("id", "slug", "name", "kind", "api_shape", "base_url", "docs_url", "sdk_package", "credentials", "group"),
            *("endpoints", "route_count"),
        ),
        [
            (
                *(made.id, made.slug, made.name, str(made.kind), str(made.api_shape), made.base_url, made.docs_url),
                *(made.sdk_package, list(made.credentials), made.group),
                json.dumps({str(shape): url for shape, url in made.more_endpoints}),
                counts[made.id],
            )
            for made in catalogue.providers.values()
        ],
    )


async def _write_models(
    connection: AsyncConnection,
    catalogue: Catalogue,
    live: Mapping[str, Sequence[Route]],
    best: Mapping[int, tuple[Decimal | None, Decimal | None]],
    aliases: Iterable[tuple[Any, ...]],
) -> None:
    spellings: dict[int, list[str]] = defaultdict(list)
    for key, model_id, *_ in aliases:
        spellings[model_id].append(key)
    rows = []
    for slug, model in catalogue.models.items():
        routes = live.get(slug, ())
        inputs = [amount for route in routes if (amount := best[route.id][0]) is not None]
        outputs = [amount for route in routes if (amount := best[route.id][1]) is not None]
        words = [model.name.lower(), slug, model.lab.name.lower() if model.lab is not None else ""]
        words += sorted(spellings[model.id])[:_SPELLINGS_SEARCHED]
        rows.append(
            (
                *(model.id, slug, model.name, model.lab.id if model.lab is not None else None, model.family),
                *(str(model.task), model.released, model.knowledge_cutoff, model.context_window, model.max_output),
                *(model.parameters_total, model.parameters_active, str(model.architecture)),
                *(
                    model.license.id if model.license is not None else None,
                    str(model.openness),
                    str(model.commercial_use),
                ),
                *([*map(str, model.input_modalities)], [*map(str, model.output_modalities)]),
                *(sorted(map(str, model.capabilities.yes)), sorted(map(str, model.capabilities.no))),
                *(str(model.lifecycle), model.deprecated_on, model.deprecated_precision, model.retires_on),
                *(model.retires_precision, model.successor, model.weights_url, model.last_reviewed),
                *(model.route_count, model.provider_count),
                *(min(inputs, default=None), min(outputs, default=None)),
                *(sorted({route.provider.id for route in routes}), " ".join(dict.fromkeys(filter(None, words)))),
            )
        )
    await writes.merge(connection, "model", ("slug",), _MODEL_COLUMNS, rows)


_MODEL_COLUMNS = (
    *("id", "slug", "name", "lab_id", "family", "task", "released", "knowledge_cutoff", "context_window", "max_output"),
    *("parameters_total", "parameters_active", "architecture", "license_id", "openness", "commercial_use"),
    *("input_modalities", "output_modalities", "capabilities_yes", "capabilities_no", "lifecycle", "deprecated_on"),
    *("deprecated_precision", "retires_on", "retires_precision", "successor", "weights_url", "last_reviewed"),
    *("route_count", "provider_count", "cheapest_input", "cheapest_output", "provider_ids", "search"),
)
_ROUTE_COLUMNS = (
    *("id", "key", "provider_id", "model_id", "provider_model_id", "name", "variant", "region", "context_window"),
    *("max_output", "input_modalities", "output_modalities", "capabilities_yes", "capabilities_no", "lifecycle"),
    *(
        "deprecated_on",
        "deprecated_precision",
        "retires_on",
        "retires_precision",
        "price_basis",
        "live",
        "last_seen",
        "link_method",
        "link_confidence",
    ),
    *("first_party", "input_mtok", "output_mtok"),
)
_PRICE_COLUMNS = (
    *("route_id", "mode", "above", "valid_from", "valid_from_basis", "valid_to", "currency", "input_mtok"),
    *("output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok", "reasoning_mtok", "audio_in_mtok"),
    *("audio_out_mtok", "other_units", "hours", "source_id", "suspicious"),
)


async def _write_routes(
    connection: AsyncConnection, catalogue: Catalogue, best: Mapping[int, tuple[Decimal | None, Decimal | None]]
) -> None:
    rows = [
        (
            *(route.id, route.key, route.provider.id, route.model_id, route.provider_model_id, route.name),
            *(list(route.variant), route.region, route.context_window, route.max_output),
            *([*map(str, route.input_modalities)], [*map(str, route.output_modalities)]),
            *(sorted(map(str, route.capabilities.yes)), sorted(map(str, route.capabilities.no)), str(route.lifecycle)),
            *(route.deprecated_on, route.deprecated_precision, route.retires_on, route.retires_precision),
            *(str(route.price_basis), route.live, route.last_seen),
            *(route.link_method, route.link_confidence, route.first_party, *best[route.id]),
        )
        for route in catalogue.routes.values()
    ]
    await writes.merge(connection, "route", ("key",), _ROUTE_COLUMNS, rows)


def price_row(price: Price) -> tuple[Any, ...]:
    """The columns of a price sheet."""
    return (
        *(price.route_id, str(price.mode), price.above, price.valid_from, str(price.valid_from_basis), price.valid_to),
        *(price.currency, price.input_mtok, price.output_mtok, price.cache_read_mtok, price.cache_write_mtok),
        *(price.cache_write_1h_mtok, price.reasoning_mtok, price.audio_in_mtok, price.audio_out_mtok),
        json.dumps({unit: format(amount, "f") for unit, amount in sorted(price.other_units.items())}),
        *([*map(str, price.hours)], price.source, price.suspicious),
    )


async def _write_prices(connection: AsyncConnection, catalogue: Catalogue) -> None:
    rows = [price_row(price) for sheets in catalogue.prices.values() for price in sheets]
    await writes.replace_all(connection, "price", _PRICE_COLUMNS, rows)


async def _write_successors(connection: AsyncConnection, catalogue: Catalogue) -> None:
    models = catalogue.models
    rows = [
        (models[each.model].id, each.target and models[each.target].id, *astuple(each)[2:])
        for each in catalogue.successors
    ]
    columns = ("model_id", "target_id", "spelling", "kind", "place", "source_id")
    await writes.replace_all(connection, "successor", columns, rows)


async def _write_results(connection: AsyncConnection, catalogue: Catalogue) -> None:
    ids = await Ids.of(connection, "benchmark", "slug", catalogue.benchmarks)
    await writes.merge(
        connection,
        "benchmark",
        ("slug",),
        ("id", "slug", "name", "version"),
        [(ids[slug], slug, *named) for slug, named in sorted(catalogue.benchmarks.items())],
    )
    await writes.replace_all(
        connection,
        "benchmark_result",
        (
            *("model_id", "benchmark_id", "metric", "score", "harness", "variant", "runner", "date", "url"),
            "source_id",
        ),
        [(model_id, ids[slug], *rest) for model_id, slug, *rest in catalogue.results],
    )


def _link_rows(catalogue: Catalogue, things: Sequence[StoredSubject], links: Links) -> Iterable[tuple[Any, ...]]:
    for thing in things:
        linked: Linked = links.by_thing[thing.id]
        lab, provider = catalogue.labs.get(linked.lab or ""), catalogue.providers.get(linked.provider or "")
        model, route = catalogue.models.get(linked.model or ""), catalogue.routes.get(linked.route or "")
        yield (
            thing.id,
            *(None if one is None else one.id for one in (lab, provider, model, route)),
            *(linked.method, linked.confidence, linked.evidence),
        )


def _targets(catalogue: Catalogue) -> Iterable[tuple[Any, ...]]:
    for thing, target, first_party in catalogue.targets:
        model = catalogue.models.get(target.model or "")
        yield thing.id, target.since, target.until, None if model is None else model.id, first_party


def _aliases(catalogue: Catalogue, things: Sequence[StoredSubject], links: Links) -> list[tuple[Any, ...]]:
    """Every spelling under which a model occurs. Rows: key, model id, spelling, method, confidence, reason, rank. Of several
    models the one comes first whose own lab calls it so, then the surest."""
    found: dict[tuple[str, int], tuple[Decimal, int, str, str, str]] = {}

    def add(spelling: str, model: Model, method: str, confidence: Decimal, reason: str, count: int = 1) -> None:
        key = (spelling.strip().lower(), model.id)
        old = found.get(key)
        if key[0] and (old is None or (confidence, old[2]) > (old[0], spelling)):
            found[key] = (confidence, count + (old[1] if old else 0), spelling, method, reason)
        elif old is not None:
            found[key] = (old[0], old[1] + count, *old[2:])

    for slug, model in sorted(catalogue.models.items()):
        add(slug, model, "EXACT", Decimal(1), "It is the model's slug.")
        add(model.name, model, "EXACT", Decimal("0.99"), "It is the model's name.")
        for spelling in links.models[slug].aliases:
            add(spelling, model, "EXACT", Decimal("0.95"), "Sources use this spelling for the model.")
    own: set[tuple[str, int]] = set()
    for thing in in_natural_order(things):
        linked = links.by_thing[thing.id]
        named = catalogue.models.get(linked.model or "")
        if named is None or thing.kind not in (SubjectKind.MODEL, SubjectKind.ROUTE):
            continue
        who = thing.provider or thing.source
        confidence = linked.confidence or Decimal(0)
        if (maker := links.models[named.slug].lab) is not None and linked.provider in maker.providers:
            own.add((thing.native_id.strip().lower(), named.id))
        add(thing.native_id, named, linked.method, confidence, f"{who} lists it so. {linked.evidence or ''}".strip())
        tail = thing.native_id.rsplit("/", 1)[-1]
        if tail != thing.native_id:
            reason = f"The last part of {thing.native_id}, as {who} lists it."
            add(tail, named, linked.method, confidence * _OF_A_PART, reason)
    by_key: dict[str, list[tuple[bool, Decimal, int, int]]] = defaultdict(list)
    for (key, model_id), (confidence, count, *_) in found.items():
        by_key[key].append(((key, model_id) not in own, -confidence, -count, model_id))
    slugs = {model.id: model.slug for model in catalogue.models.values()}
    ranks = {
        (key, model_id): rank
        for key, ranked in by_key.items()
        for rank, (*_, model_id) in enumerate(sorted(ranked, key=lambda one: (*one[:3], slugs[one[3]])))
    }
    return [
        (key, model_id, spelling, method, confidence, reason, ranks[key, model_id])
        for (key, model_id), (confidence, _, spelling, method, reason) in sorted(found.items())
    ]
