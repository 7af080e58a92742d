"""The digest of an accepted catalogue: two that say the same have one, whatever their numbers in the database."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from decimal import Decimal

from ingest.materialise import Catalogue, price_row


def digest(catalogue: Catalogue) -> str:
    """SHA-256 over all accepted facts in the order of their natural keys. Numbers given by the database are no facts."""
    total = hashlib.sha256()

    def add(*values: object) -> None:
        total.update(json.dumps([None if value is None else str(value) for value in values]).encode() + b"\n")

    def plain(amount: object) -> object:
        return amount.normalize() if isinstance(amount, Decimal) else amount

    for slug, lab in sorted(catalogue.labs.items()):
        add("lab", slug, lab.name, lab.url)
    for key, terms in sorted(catalogue.licenses.items()):
        one = terms.license
        add(
            "license", key, one.key, one.name, one.spdx, one.osi_approved, one.url, terms.commercial_use, terms.openness
        )
    for slug, made in sorted(catalogue.providers.items()):
        add("provider", slug, made.name, made.kind, made.api_shape, made.base_url, made.docs_url, made.sdk_package)
        add(*made.credentials, made.group, *(text for endpoint in made.more_endpoints for text in endpoint))
    for slug, model in sorted(catalogue.models.items()):
        add("model", slug, model.name, model.lab and model.lab.slug, model.family, model.task, model.released)
        add(
            model.knowledge_cutoff,
            model.context_window,
            model.max_output,
            model.parameters_total,
            model.parameters_active,
        )
        add(model.architecture, model.license and model.license.key, model.openness, model.commercial_use)
        add(*model.input_modalities, ">", *model.output_modalities)
        add(*sorted(model.capabilities.yes), "-", *sorted(model.capabilities.no))
        add(model.lifecycle, model.deprecated_on, model.deprecated_precision, model.retires_on, model.retires_precision)
        add(model.successor, model.weights_url, model.last_reviewed, model.route_count, model.provider_count)
    slugs = {model.id: slug for slug, model in catalogue.models.items()}
    for key, route in sorted(catalogue.routes.items()):
        add("route", key, route.model_id and slugs[route.model_id], route.name, *route.variant, route.region)
        add(route.context_window, route.max_output, *route.input_modalities, ">", *route.output_modalities)
        add(*sorted(route.capabilities.yes), "-", *sorted(route.capabilities.no))
        add(route.lifecycle, route.deprecated_on, route.deprecated_precision, route.retires_on, route.retires_precision)
        add(route.price_basis, route.live, route.first_party)
        add(route.link_method, plain(route.link_confidence))
        for price in catalogue.prices.get(route.id, ()):
            add(*(plain(value) for value in price_row(price)[1:]))
    for model_id, *rest in sorted(catalogue.results, key=lambda row: (slugs[row[0]], *map(str, row[1:]))):
        add("result", slugs[model_id], *map(plain, rest))
    for each in sorted(catalogue.successors, key=lambda each: (each.model, each.kind, each.place)):
        add("successor", *astuple(each))
    for thing, target, first_party in catalogue.targets:
        add("target", thing.source, thing.kind, thing.provider, thing.native_id, *astuple(target), first_party)
    return total.hexdigest()
