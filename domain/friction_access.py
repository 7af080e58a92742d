"""How the target is reached: shared providers, endpoint, model id, credentials, API shape and SDK.

Each rule yields the factors that it finds between a source and a target.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from domain.endpoints import api_shapes, shape_ref
from domain.facts import ApiShape, FactRef, Offer, Provider
from domain.fit import company_names, provider_groups
from domain.friction_factors import REFERENCE, Factor, FactorKind, Severity, Side
from domain.rules import Rule
from domain.wording import in_sentence, in_words, listed

SHOWN_PROVIDERS = 4
"""How many providers a sentence names before it counts the rest."""


def provider_names(offers: Iterable[Offer]) -> list[str]:
    """One name per provider group with a live route, that of its first entry by name; sorted."""
    return sorted(company_names(each.route for each in offers if each.route.live).values(), key=str.casefold)


def shared_names(source: Sequence[Offer], target: Sequence[Offer]) -> list[str]:
    """One name per provider group that serves both; sorted."""
    theirs = provider_groups(target)
    return provider_names(
        offer for group, offers in provider_groups(source).items() if group in theirs for offer in offers
    )


def route_overlap(source: Side, target: Side) -> Iterator[Factor]:
    """No provider group with a live route to both: HIGH. One is enough for no factor. Where a side has no tracked route
    there is nothing to compare, which is an evidence gap instead."""
    before, after = provider_names(source.offers), provider_names(target.offers)
    if not before or not after or shared_names(source.offers, target.offers):
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
    """Another model id, base URL or credential is LOW: a change of settings. Between models it is that of the two routes that
    stand for them (plan.standing); where these are of two companies, those that serve both models are named."""
    if source.offer is None or target.offer is None:
        return
    before, after = source.offer.route, target.offer.route
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
        both = shared_names(source.offers, target.offers)
        if both and (old.group or old.slug) != (new.group or new.slug):
            sentence += f" Both are also served by {listed(both, limit=SHOWN_PROVIDERS)}."
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
    """Where wire formats of the providers of both routes are known and none is common, code has to be ported: MEDIUM. A format
    in common but two SDK packages: LOW. A format of one's own is common only within one company. Between models it is the two
    routes that stand for them (plan.standing)."""
    if source.offer is None or target.offer is None:
        return
    before, after = (side.offer.route.provider for side in (source, target) if side.offer is not None)
    ours, theirs = _formats(before), _formats(after)
    if ours and theirs and not ours.keys() & theirs.keys():
        old, new = (listed(sorted({in_sentence(shape) for _, shape in each}), "or") for each in (ours, theirs))
        yield Factor(
            FactorKind.API_SHAPE,
            Severity.MEDIUM,
            f"The wire format changes: {source.name} speaks {old}, {target.name} speaks {new}.",
            "friction.api-shape",
            before=old,
            after=new,
            step=f"Port requests, streaming and tool definitions to {new}.",
            used=(*ours.values(), *theirs.values()),
        )
        return
    packages = before.sdk_package, after.sdk_package
    if packages[0] and packages[1] and packages[0] != packages[1]:
        yield Factor(
            FactorKind.SDK,
            Severity.LOW,
            f"The client package changes from {packages[0]} to {packages[1]}.",
            "friction.sdk",
            before=packages[0],
            after=packages[1],
            step=f"Install {packages[1]} and adjust imports and error handling.",
            used=tuple(FactRef("provider", each.id, "sdk_package") for each in (before, after)),
        )


def _formats(provider: Provider) -> dict[tuple[str, ApiShape], FactRef]:
    """The known wire formats of a provider, with the fact that says so of each."""
    return {
        ((provider.group or provider.slug) if shape is ApiShape.OTHER else "", shape): shape_ref(provider, shape)
        for shape in api_shapes(provider)
    }


def own_first(offer: Offer) -> tuple[bool, str, str]:
    """Sorts routes of the model's own lab before others, then by provider and key."""
    return (not offer.route.first_party, offer.route.provider.name.casefold(), offer.route.key)


RULES: tuple[Rule, ...] = (
    Rule("friction.route-overlap", "No shared provider", in_words(route_overlap), REFERENCE),
    Rule("friction.endpoint", "Endpoint, model id or credentials change", in_words(endpoint), REFERENCE),
    Rule("friction.api-shape", "API shape changes", in_words(api_shape), REFERENCE),
    Rule("friction.sdk", "SDK changes", in_words(api_shape), REFERENCE),
)
