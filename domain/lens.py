"""A lens says which statements count. Through another lens than the default one, facts are accepted anew from the statements
of the sources that are named; who is who stays as the whole catalogue knows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from domain.accepted import LicenseTerms, model_facts, route_basis, route_facts
from domain.facts import BenchmarkResult, Model, Offer, Price, PriceBasis, Route
from domain.provenance import Testimony
from domain.rules import Rule
from domain.sheets import current, mark_suspicious, price_sheets

LENS = Rule(
    "lens.sources",
    "Named sources only",
    "Under a lens, only what the named sources say counts, newest first within each, and every fact is accepted anew by the same "
    "rules. A model or route of which they say nothing is not there. Which spelling means which model is not seen anew.",
    "docs/methodology.md#lens",
)
RULES = (LENS,)


@dataclass(frozen=True, slots=True)
class Lens:
    """Which statements count. No `sources`: those of all sources, which is the default."""

    sources: tuple[str, ...] = ()

    @property
    def is_default(self) -> bool:
        """Whether the accepted facts of the catalogue answer."""
        return not self.sources


DEFAULT = Lens()


@dataclass(frozen=True, slots=True)
class Seen:
    """A model as a lens shows it, with its offers and results."""

    model: Model
    offers: tuple[Offer, ...]
    results: tuple[BenchmarkResult, ...]


def through(
    lens: Lens,
    model: Model,
    routes: Sequence[Route],
    results: Sequence[BenchmarkResult],
    said: Sequence[Testimony],
    *,
    licenses: Mapping[str, LicenseTerms],
    today: date,
) -> Seen | None:
    """A model through the lens; None where its sources say nothing about it. `model`, `routes` and `results` are the catalogue's,
    `said` is all that is said of them."""
    counted = [each for each in said if each.claim.source in lens.sources]
    if not counted:
        return None
    about: dict[tuple[str, int], list[Testimony]] = {}
    for each in counted:
        about.setdefault(each.about, []).append(each)
    entry = [each.claim for each in about.get(("model", model.id), ())]
    made: list[Route] = []
    sheets: dict[int, list[Price]] = {}
    for route in routes:
        claims = [each.claim for each in about.get(("route", route.id), ())]
        if not claims:
            continue
        own = sheets[route.id] = price_sheets(route.id, claims, today=today)
        basis = route_basis(claims, entry, own, route.provider, route.provider_model_id, today)
        seen = route_facts(
            *(route.id, route.key, claims),
            today=today,
            provider=route.provider,
            provider_model_id=route.provider_model_id,
            model_id=model.id,
            basis=basis,
            variant=route.variant,
            region=route.region,
            listed=any(claim.until is None for claim in claims),
            last_seen=max((claim.observed_on for claim in claims if claim.observed_on), default=None),
            link_method=route.link_method,
            link_confidence=route.link_confidence,
            first_party=route.first_party,
        )
        made.append(seen)
    metered = {route.id for route in made if route.price_basis is PriceBasis.METERED and route.live}
    of_lab = {route.id for route in made if route.first_party}
    judged = {**sheets, **mark_suspicious({id_: sheets[id_] for id_ in metered}, today, own=of_lab)}
    offers = tuple(Offer(route, tuple(current(judged[route.id], today))) for route in made)
    live = [offer.route for offer in offers if offer.route.live]
    seen_model = model_facts(
        *(model.id, model.slug, [each.claim for each in counted]),
        today=today,
        lab=model.lab,
        licenses=licenses,
        route_count=len(live),
        provider_count=len({route.provider.group or route.provider.slug for route in live}),
    )
    if not any(claim.field == "name" for claim in entry):
        seen_model = replace(seen_model, name=model.name)
    return Seen(seen_model, offers, tuple(result for result in results if result.source in lens.sources))
