"""What to know of a model's monthly cost before one counts on it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from domain.capabilities import capability
from domain.cost import MonthlyCost, RouteCost, competing
from domain.facts import CapabilityKind, FactRef, Presence
from domain.retired import caveats, ending_of
from domain.rules import Rule
from domain.sentences import Sentence
from domain.units import display_usd
from domain.wording import in_words, listed


def caveats_of(found: MonthlyCost) -> tuple[Sentence, ...]:
    """That the model or all of its routes end (`lifecycle.retired`), that it does not think although the month counts tokens of it
    (`cost.without-reasoning`), what its cheapest route is (`cost.cheapest-route`), and that its ids are billed differently
    (`cost.other-ids`)."""
    model = (each.whole for each in caveats(found.of))
    return (*model, *without_reasoning(found), *cheapest_route(found), *other_ids(found))


def cheapest_route(found: MonthlyCost) -> Iterator[Sentence]:
    """Of a model's cheapest route it is said that it is deprecated or ends although the model does not, and that it is a variant of
    the model, whose quality may be another one; then what the model costs a month as it is."""
    cost = found.cheapest[0]
    told = {each.text for each in caveats(found.of)}
    if (ends := ending_of(cost.route)) is not None and ends.text not in told:
        yield Sentence(f"Its cheapest route is {ends.text}.", ends.used)
    if not cost.route.variant:
        return
    plain = next((each for each in competing(found.ranked) if not each.route.variant), None)
    text = f"Its cheapest route is offered as a variant named {listed(cost.route.variant)}, which may answer otherwise"
    if plain is not None:
        text += f"; as it is, the model costs {plain.display} a month at {plain.route.provider.name}"
    yield Sentence(f"{text}.", (FactRef("route", cost.route.id, "lifecycle"), *(() if plain is None else plain.used)))


def without_reasoning(found: MonthlyCost) -> Iterator[Sentence]:
    """A month counts the same tokens for every model, so that months can be compared. Of a model of which sources say that it does not
    reason, the reasoning tokens that the month counts are billed all the same, and it is said how much of the total that is, as such a
    model is not going to write them."""
    asked = capability(found.of.model, CapabilityKind.REASONING)
    part = sum((line.amount for line in found.cheapest[0].lines if line.unit == "reasoning"), Decimal(0))
    if asked.presence is Presence.NO and part:
        yield Sentence(
            f"It does not reason as far as is known, and {display_usd(part)} of its month is for reasoning tokens, which the workload "
            "counts for every model.",
            asked.used,
        )


def other_ids(found: MonthlyCost) -> Iterator[Sentence]:
    """A provider may take several ids for one model, such as a dated one, and sources may state other prices for each. Where that
    makes a difference to the month at the lab itself, or at a provider that is among the cheapest, it is said with the ids, because
    no source says that one model is billed twice over. Other variants and other regions are other offers."""
    cheapest = {cost.route.provider.slug for cost in found.cheapest}
    doors: dict[tuple[str, str | None, tuple[str, ...]], list[RouteCost]] = {}
    for cost in competing(found.ranked):
        route = cost.route
        if route.first_party or route.provider.slug in cheapest:
            doors.setdefault((route.provider.slug, route.region, route.variant), []).append(cost)
    for costs in doors.values():
        if len({cost.display for cost in costs}) < 2:
            continue
        shown = listed(f"{cost.route.provider_model_id} {cost.display}" for cost in costs)
        yield Sentence(
            f"{costs[0].route.provider.name} takes several ids for it, and what sources state of their prices differs: {shown} a month.",
            tuple(dict.fromkeys(ref for cost in costs for ref in cost.used)),
        )


OTHER_IDS = Rule("cost.other-ids", "Several ids of one model", in_words(other_ids), "docs/methodology.md#monthly-cost")
WITHOUT_REASONING = Rule(
    "cost.without-reasoning",
    "Reasoning tokens of a model without reasoning",
    in_words(without_reasoning),
    "docs/methodology.md#monthly-cost",
)
CHEAPEST_ROUTE = Rule(
    "cost.cheapest-route", "What the cheapest route is", in_words(cheapest_route), "docs/methodology.md#monthly-cost"
)
RULES = (OTHER_IDS, WITHOUT_REASONING, CHEAPEST_ROUTE)
