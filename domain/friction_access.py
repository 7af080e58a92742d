"""How the target is reached: shared providers, endpoint, model id, credentials, API shape and SDK.

Each rule yields the factors that it finds between a source and a target.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from domain.cost import MonthlyCost
from domain.endpoints import api_shapes, shape_ref
from domain.facts import ApiShape, FactRef, Offer
from domain.fit import company_names, provider_groups
from domain.friction_factors import REFERENCE, Factor, FactorKind, Severity, Side
from domain.rules import Rule
from domain.wording import in_sentence, in_words, listed

SHOWN_PROVIDERS = 4
"""How many providers a sentence names before it counts the rest."""


def provider_names(offers: Iterable[Offer]) -> list[str]:
    """One name per provider group with a live route, that of its first entry by name; sorted."""
    return sorted(company_names(each.route for each in offers if each.route.live).values(), key=str.casefold)


def shared_offers(source: Side, target: Side) -> tuple[tuple[Offer, ...], tuple[Offer, ...]]:
    """The offers of each side whose provider group serves both."""
    ours, theirs = provider_groups(source.offers), provider_groups(target.offers)
    shared = [group for group in ours if group in theirs]
    return tuple(chain(*(ours[group] for group in shared))), tuple(chain(*(theirs[group] for group in shared)))


def route_overlap(source: Side, target: Side) -> Iterator[Factor]:
    """No provider group with a live route to both: HIGH. One is enough for no factor. Where a side has no tracked route
    there is nothing to compare, which is an evidence gap instead."""
    before, after = provider_names(source.offers), provider_names(target.offers)
    if not before or not after or shared_offers(source, target)[0]:
        return
    yield Factor(
        FactorKind.ROUTE_OVERLAP,
        Severity.HIGH,
        f"No overlapping tracked route: {source.name} is served by {listed(before, limit=SHOWN_PROVIDERS)}, "
        f"{target.name} by {listed(after, limit=SHOWN_PROVIDERS)}.",
        "friction.route-overlap",
        before=listed(before),
        after=listed(after),
        step=f"Open an account with {listed(after, 'or', limit=SHOWN_PROVIDERS)}: contract, billing and quota are new.",
        used=tuple(FactRef("route", offer.route.id, "lifecycle") for offer in (*source.offers, *target.offers)),
    )


def endpoint(source: Side, target: Side) -> Iterator[Factor]:
    """Another model id, base URL or credential is LOW: a change of settings. Between models, the company that serves both
    and where the source costs least at the workload is compared, as the one in use (without a cost the first by name),
    with the target's cheapest route there; without one, the lab's own route of each, else the first by provider name."""
    pair = _pair(source, target)
    if pair is None:
        return
    before, after = (offer.route for offer in pair)
    old, new = before.provider, after.provider
    moves = old.slug != new.slug
    if before.provider_model_id == after.provider_model_id and not moves:
        return
    details = [f"base URL {new.base_url}"] if new.base_url and new.base_url != old.base_url else []
    if new.credentials and new.credentials != old.credentials:
        details.append(f"credentials in {listed(new.credentials)}")
    extra = f" ({listed(details)})" if moves and details else ""
    sentence = f"On {new.name}, the model id changes from {before.provider_model_id} to {after.provider_model_id}."
    step = f"On {new.name}, change the model id to {after.provider_model_id}."
    if moves:
        sentence = (
            f"Requests go to {after.provider_model_id} on {new.name} instead of "
            f"{before.provider_model_id} on {old.name}."
        )
        step = f"Point the client to {new.name}{extra} and set the model id {after.provider_model_id}."
    fields = [("base_url", old.base_url, new.base_url), ("credentials", old.credentials, new.credentials)]
    yield Factor(
        FactorKind.ENDPOINT,
        Severity.LOW,
        sentence,
        "friction.endpoint",
        before=f"{before.provider_model_id} on {old.name}",
        after=f"{after.provider_model_id} on {new.name}",
        step=step,
        used=(
            FactRef("route", before.id, "lifecycle"),
            FactRef("route", after.id, "lifecycle"),
            *(FactRef("provider", new.id, field) for field, _, now in fields if moves and now),
        ),
    )


def api_shape(source: Side, target: Side) -> Iterator[Factor]:
    """Where wire formats of both sides are known and none is common, code has to be ported: MEDIUM. Formats in common but
    SDK packages not: LOW. With shared providers only those count."""
    pools = shared_offers(source, target)
    if not pools[0]:
        pools = (source.offers, target.offers)
    before, after = (_shapes(pool) for pool in pools)
    if before and after and not before.keys() & after.keys():
        old, new = (listed(sorted({in_sentence(shape) for _, shape in each}), "or") for each in (before, after))
        yield Factor(
            FactorKind.API_SHAPE,
            Severity.MEDIUM,
            f"The wire format changes: {source.name} speaks {old}, {target.name} speaks {new}.",
            "friction.api-shape",
            before=old,
            after=new,
            step=f"Port requests, streaming and tool definitions to {new}.",
            used=(*before.values(), *after.values()),
        )
        return
    packages = [
        {
            offer.route.provider.sdk_package: offer.route.provider.id
            for offer in pool
            if offer.route.provider.sdk_package
        }
        for pool in pools
    ]
    if packages[0] and packages[1] and not packages[0].keys() & packages[1].keys():
        old, new = (listed(sorted(str(package) for package in each), "or") for each in packages)
        yield Factor(
            FactorKind.SDK,
            Severity.LOW,
            f"The client package changes from {old} to {new}.",
            "friction.sdk",
            before=old,
            after=new,
            step=f"Install {new} and adjust imports and error handling.",
            used=tuple(FactRef("provider", id, "sdk_package") for each in packages for id in each.values()),
        )


def _pair(source: Side, target: Side) -> tuple[Offer, Offer] | None:
    if not source.offers or not target.offers:
        return None
    shared_source, shared_target = shared_offers(source, target)
    if not shared_source:
        return min(source.offers, key=own_first), min(target.offers, key=own_first)
    ours, theirs = _places(source), _places(target)
    before = min(
        shared_source,
        key=lambda offer: (_place(ours, offer), offer.route.provider.name.casefold(), offer.route.key),
    )
    here, group = before.route.provider.slug, set(provider_groups((before,)))
    same_group = [offer for offer in shared_target if set(provider_groups((offer,))) == group]
    return before, min(
        same_group,
        key=lambda offer: (offer.route.provider.slug != here, _place(theirs, offer), *own_first(offer)),
    )


def _places(side: Side) -> Mapping[int, int]:
    """The rank of every route that competes at the workload."""
    ranked = side.cost.ranked if isinstance(side.cost, MonthlyCost) else ()
    return {each.route.id: each.rank for each in ranked if each.rank is not None}


def _place(places: Mapping[int, int], offer: Offer) -> int:
    return places.get(offer.route.id, len(places) + 1)


def own_first(offer: Offer) -> tuple[bool, str, str]:
    """Sorts routes of the model's own lab before others, then by provider and key."""
    return (not offer.route.first_party, offer.route.provider.name.casefold(), offer.route.key)


def _shapes(offers: Iterable[Offer]) -> dict[tuple[str, ApiShape], FactRef]:
    """Known wire formats with a provider that speaks each. A format of one's own is common only within one company."""
    return {
        (made.group or made.slug if shape is ApiShape.OTHER else "", shape): shape_ref(made, shape)
        for offer in offers
        for made in (offer.route.provider,)
        for shape in api_shapes(made)
    }


RULES: tuple[Rule, ...] = (
    Rule("friction.route-overlap", "No shared provider", in_words(route_overlap), REFERENCE),
    Rule("friction.endpoint", "Endpoint, model id or credentials change", in_words(endpoint), REFERENCE),
    Rule("friction.api-shape", "API shape changes", in_words(api_shape), REFERENCE),
    Rule("friction.sdk", "SDK changes", in_words(api_shape), REFERENCE),
)
