"""What the labs themselves ask. The cheapest route of a model is often a reseller's, and where each is bought from its lab another
one may be the cheaper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from domain.cost import Costs, MonthlyCost, RouteCost, competing, own_cost
from domain.facts import FactRef
from domain.rules import Rule
from domain.signals import Direction, leading
from domain.wording import in_words, listed

FEW = 2
"""Up to so many pairs have a sentence each."""


@dataclass(frozen=True, slots=True)
class Bought:
    """A model on the cheapest route of its lab, and on the cheapest route of all."""

    slug: str
    own: RouteCost
    cheapest: MonthlyCost


@dataclass(frozen=True, slots=True)
class Turn:
    """Two models whose order by monthly cost turns: `cheaper` is it where each is bought from its own lab."""

    cheaper: Bought
    dearer: Bought

    @property
    def used(self) -> tuple[FactRef, ...]:
        """The facts behind all four costs."""
        both = (self.cheaper, self.dearer)
        return tuple(dict.fromkeys(ref for each in both for ref in (*each.own.used, *each.cheapest.used)))


def turns(costs: Costs) -> tuple[Turn, ...]:
    """Of every two models that both have a route of their own lab on which the workload has a cost: where one clearly costs less on
    these, and does not on the cheapest routes of both, the order turns. That speaks for it, without a weight: many buy from the lab,
    and resellers may not last. A model without such a route takes no part."""
    known = {slug: cost for slug, cost in costs.items() if isinstance(cost, MonthlyCost)}
    own = {slug: found for slug, cost in known.items() if (found := own_cost(competing(cost.ranked))) is not None}
    bought = [Bought(slug, at_lab, known[slug]) for slug, at_lab in own.items()]
    return tuple(Turn(one, other) for one, other in permutations(bought, 2) if _turned(one, other))


def _turned(one: Bought, other: Bought) -> bool:
    at_labs = {each.slug: each.own.total for each in (one, other)}
    return leading(at_labs, Direction.LOWER) == (one.slug,) != _cheapest(one, other)


def _cheapest(one: Bought, other: Bought) -> tuple[str, ...]:
    """Which of two clearly costs less on the cheapest routes; empty where none."""
    return leading({each.slug: each.cheapest.total for each in (one, other)}, Direction.LOWER)


def told(found: Sequence[Turn], names: Mapping[str, str]) -> Iterator[tuple[str, tuple[Turn, ...]]]:
    """Turns in words, each with what it tells: a sentence for each of two, one sentence for all of more."""
    if len(found) <= FEW:
        yield from ((_sentence(each, names), (each,)) for each in found)
        return
    shown: set[str] = set()

    def named(each: Bought) -> str:
        amount = "" if each.slug in shown else f" ({each.own.display})"
        shown.add(each.slug)
        return names[each.slug] + amount

    groups: dict[str, list[Turn]] = {}
    for each in sorted(found, key=lambda turn: (turn.cheaper.own.total, turn.dearer.own.total)):
        groups.setdefault(each.cheaper.slug, []).append(each)
    parts = [
        f"{named(some[0].cheaper)} then costs less than {listed(named(each.dearer) for each in some)}"
        for some in groups.values()
    ]
    yield f"Bought from their own labs, the order by monthly cost turns: {'; '.join(parts)}.", tuple(found)


def _sentence(turn: Turn, names: Mapping[str, str]) -> str:
    here, there = turn.cheaper, turn.dearer
    more = "more" if _cheapest(here, there) else "about as much"
    return (
        f"On the labs' own routes {names[here.slug]} costs less a month than {names[there.slug]}, {here.own.display} against "
        f"{there.own.display}; on the cheapest routes it costs {more}, {here.cheapest.display} against {there.cheapest.display}."
    )


OWN_ROUTES = Rule("verdict.own-routes", "What the labs themselves ask", in_words(turns), "docs/methodology.md#verdict")
RULES = (OWN_ROUTES,)
