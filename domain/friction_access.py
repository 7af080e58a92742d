"""How the target is spoken to: API shape and SDK, and who serves both.

Each rule yields the factors that it finds between a source and a target.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from domain.endpoints import api_shapes, shape_ref
from domain.facts import ApiShape, FactRef, Offer, Provider
from domain.fit import company_names, provider_groups
from domain.friction_factors import REFERENCE, Factor, FactorKind, Severity, Side
from domain.rules import Rule
from domain.wording import in_sentence, in_words, listed

SHOWN_PROVIDERS = 4
"""How many providers a sentence names before it counts the rest."""


def route_overlap(move: Factor, source: Sequence[Offer], target: Sequence[Offer], ends: Collection[str]) -> Factor:
    """A move between two models to another company, where no company has a live route to both, so that nothing spares the new
    account: HIGH, as the account is. Where some serve both, the factor is that of the account (plan.credentials) and names them,
    first those besides the two that stand for the models."""
    ours, theirs = provider_groups(source), provider_groups(target)
    shared = [group for group in ours if group in theirs]
    if not shared:
        alone = f"{move.sentence} No provider serves both."
        return replace(move, kind=FactorKind.ROUTE_OVERLAP, rule="friction.route-overlap", sentence=alone)
    besides = [group for group in shared if group not in ends]
    names = company_names(offer.route for group in besides or shared for offer in (*ours[group], *theirs[group]))
    by_name = sorted(names, key=lambda group: names[group].casefold())
    told = listed([names[group] for group in by_name], limit=SHOWN_PROVIDERS)
    shown = [side[group][0].route.id for group in by_name[:SHOWN_PROVIDERS] for side in (ours, theirs)]
    return replace(
        move,
        sentence=f"{move.sentence} Both are {'also ' if besides else ''}served by {told}.",
        used=(*move.used, *(FactRef("route", id, "lifecycle") for id in shown)),
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
    Rule("friction.api-shape", "API shape changes", in_words(api_shape), REFERENCE),
    Rule("friction.sdk", "SDK changes", in_words(api_shape), REFERENCE),
)
