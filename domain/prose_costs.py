"""Sentences about prices and about what a month costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from domain.cells import cheapest_at, lowest_price
from domain.cost import MonthlyCost, RouteCost, competing, own_cost
from domain.facts import Contender, FactRef, Model, Unavailable
from domain.sentences import FEW, Sentence, refs
from domain.several import names
from domain.units import display_price
from domain.wording import agree, listed


def prices(contenders: Sequence[Contender]) -> Iterator[Sentence]:
    without = []
    for contender in contenders:
        found = {unit: lowest_price(contender, unit) for unit in ("input", "output")}
        known = {unit: each for unit, each in found.items() if each}
        if not known:
            without.append(contender)
        elif len(contenders) <= FEW:
            text = listed(
                f"{display_price(rate).replace('/1M tokens', '')} for {unit}" for unit, (rate, _, _) in known.items()
            )
            used = tuple(ref for _, _, stated in known.values() for ref in stated)
            yield Sentence(f"{contender.model.name} starts at {text} per million tokens.", used)
    if without:
        missing = [each.model for each in without]
        offers = [offer.route.id for each in without for offer in each.live]
        used = tuple(FactRef("route", id, "price.STANDARD.0.input") for id in offers) or refs(missing, "name")
        yield Sentence(f"No complete token price is sourced yet for {names(missing, 'or')}.", used)


def monthly_costs(models: Sequence[Model], costs: Mapping[str, MonthlyCost | Unavailable]) -> Iterator[Sentence]:
    """The monthly cost of each on its cheapest route, or of the cheapest and the dearest of many. Where routes of their own labs
    are not the cheapest, what it is there, and who has none."""
    known = [(model, cost) for model in models if isinstance(cost := costs[model.slug], MonthlyCost)]
    known.sort(key=lambda each: each[1].total)
    if not known:
        return
    used = tuple(dict.fromkeys(ref for _, cost in known for ref in cost.used))
    shown = known if len(known) <= FEW else [known[0], known[-1]]
    parts = [f"{cost.display} for {model.name} ({_where(cost)})" for model, cost in shown]
    text = f"At this workload, the cheapest route costs {listed(parts)} a month."
    if len(known) > FEW:
        text = f"At this workload, the monthly cost runs from {parts[0]} to {parts[1]}."
    yield Sentence(text, used)
    own = [(model, each, at_lab) for model, each in known if (at_lab := own_cost(competing(each.ranked))) is not None]
    if any(at_lab.total != each.total for _, each, at_lab in own):
        at_labs = [(model, at_lab) for model, _, at_lab in own]
        yield _at_the_labs(at_labs, [model for model, _ in known if model not in [each for each, _ in at_labs]])


def _where(cost: MonthlyCost) -> str:
    return listed(cheapest_at(cost), "or")


def _at_the_labs(own: Sequence[tuple[Model, RouteCost]], without: Sequence[Model]) -> Sentence:
    found = sorted(own, key=lambda each: each[1].total)
    shown = found if len(found) <= FEW else [found[0], found[-1]]
    parts = [f"{cost.display} for {model.name} ({cost.route.provider.name})" for model, cost in shown]
    text = f"On the labs' own routes it is {listed(parts)}"
    if len(found) > FEW:
        text = f"On the labs' own routes it runs from {parts[0]} to {parts[1]}"
    elif len(found) == 1:
        text = f"On its lab's own route it is {parts[0]}"
    if without:
        text += f"; {names(without)} {agree(without, 'has', 'have')} none with a cost"
    return Sentence(f"{text}.", tuple(dict.fromkeys(ref for _, cost in found for ref in cost.used)))
