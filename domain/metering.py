"""What a model costs at very many workloads: what `cost.monthly_cost` says, without the bills that nobody reads.

The counterpart of `totals`, which has one workload and very many routes: sheets are looked at once, and each workload is a short sum.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from domain.billing import amount, billed_as, billed_tokens, only_waits, serves
from domain.facts import TOKEN_UNITS, Contender, Model, Offer, Price, PriceBasis, PriceMode
from domain.overrides import bar_of
from domain.suspicion import competes
from domain.tasks import needed_units
from domain.totals import Totals
from domain.units import exact
from domain.workload import Workload

_UNITS = ("input", "cache_read", "cache_write", "cache_write_1h", "output", "reasoning")
"""What `billing.billed_tokens` counts."""
_Rates: TypeAlias = "dict[str, Decimal] | None"
"""USD per million tokens by unit, as prices fall back; None of a sheet that is not complete or does not compete."""
_Class: TypeAlias = "tuple[int, tuple[tuple[str, Decimal], ...]]"
"""Of a request class the prompt, and tokens a month by unit."""


class Meter:
    """The live routes of a model. Needs the offers."""

    def __init__(self, contender: Contender) -> None:
        self.model = contender.model
        self._offers = distinct(contender)
        self._metered = [_Metered.of(offer, self.model) for offer in self._offers if _at_once(offer)]

    def lowest(self, workload: Workload) -> Decimal | None:
        """The least that the workload costs in a month on a route that competes, in USD; None where no route has a cost (rule
        `cost.cheapest`)."""
        if not serves(self.model, workload):
            return None
        if any(each.batch_share or each.peak_share != 1 for each in workload.classes):
            found = Totals(workload).of(self._offers, self.model)
            return min((each for each in found if isinstance(each, Decimal)), default=None)
        context, output = workload.context_need, workload.output_need
        with exact():
            classes = tuple(
                (
                    each.prompt,
                    tuple((unit, each.billed * count) for unit, count in billed_tokens(each, self.model.task)),
                )
                for each in workload.classes
            )
            totals = (each.total(classes) for each in self._metered if each.holds(context, output))
            lowest = min((total for total in totals if total is not None), default=None)
            return None if lowest is None else lowest.scaleb(-6)


def cheapest_of(meters: Sequence[Meter], workload: Workload) -> tuple[str, ...]:
    """The slugs of the models with the lowest monthly cost, in their order; empty where none has one."""
    found = {each.model.slug: total for each in meters if (total := each.lowest(workload)) is not None}
    lowest = min(found.values(), default=None)
    return tuple(slug for slug, total in found.items() if total == lowest)


@dataclass(frozen=True, slots=True)
class _Metered:
    """An offer that competes wherever its limits hold the workload; `sheets` from the highest tier down."""

    window: int | None
    longest: int | None
    sheets: tuple[tuple[int, _Rates], ...]

    @classmethod
    def of(cls, offer: Offer, model: Model) -> _Metered:
        sheets = [each for each in offer.prices if each.mode is PriceMode.STANDARD and each.currency == "USD"]
        sheets.sort(key=lambda price: (price.above, price.id), reverse=True)
        rates = ((each.above, _rates(each, offer, model)) for each in sheets)
        return cls(*_limits(offer, model), tuple(rates))

    def holds(self, context: int, output: int) -> bool:
        return (self.window is None or context <= self.window) and (self.longest is None or output <= self.longest)

    def total(self, classes: Sequence[_Class]) -> Decimal | None:
        """Millionths of a USD a month; None without a price that competes. Call inside `units.exact`."""
        total = Decimal(0)
        for prompt, tokens in classes:
            rates = next((rates for above, rates in self.sheets if above == 0 or prompt > above), None)
            if rates is None:
                return None
            for unit, count in tokens:
                total += count * rates[unit]
        return total


def _rates(price: Price, offer: Offer, model: Model) -> _Rates:
    if not competes(price, offer.route) or any(amount(price, unit) is None for unit in needed_units(model.task)):
        return None
    return {unit: rate for unit in _UNITS if (rate := amount(price, billed_as(price, unit))) is not None}


def _limits(offer: Offer, model: Model) -> tuple[int | None, int | None]:
    route = offer.route
    return (
        model.context_window if route.context_window is None else route.context_window,
        model.max_output if route.max_output is None else route.max_output,
    )


def _at_once(offer: Offer) -> bool:
    """It can compete for a workload whose requests are all answered at once."""
    return offer.route.price_basis is PriceBasis.METERED and not only_waits(offer.route)


def distinct(contender: Contender) -> tuple[Offer, ...]:
    """The live offers without those that can never be the only cheapest one: of those that bill alike one is left, and none that
    another one undercuts in every price while it takes every request. Popular models have dozens of either."""
    usable = (offer for offer in contender.live if bar_of(offer) is None)
    offers = list({_bill(offer): offer for offer in usable}.values())
    rated = [(rates, offer) for offer in offers if (rates := _plain_rates(offer, contender.model)) is not None]
    front: list[tuple[Decimal, ...]] = []
    beaten = set()
    for rates, offer in sorted(rated, key=lambda each: each[0]):  # who undercuts another one comes before it
        if any(_beats(other, rates) for other in front):
            beaten.add(offer.route.id)
        else:
            front.append(rates)
    return tuple(offer for offer in offers if offer.route.id not in beaten)


def _plain_rates(offer: Offer, model: Model) -> tuple[Decimal, ...] | None:
    """What a metered offer with one base sheet in USD asks for each unit, lower is better, with its limits as the last two;
    None for any other offer."""
    route = offer.route
    if len(offer.prices) != 1 or not _at_once(offer):
        return None
    (price,) = offer.prices
    if price.mode is not PriceMode.STANDARD or price.above or price.currency != "USD" or not competes(price, route):
        return None
    if amount(price, "input") is None or amount(price, "output") is None:
        return None
    found = (amount(price, billed_as(price, unit)) for unit in _UNITS)
    limits = (Decimal("-Infinity") if limit is None else Decimal(-limit) for limit in _limits(offer, model))
    return *(rate for rate in found if rate is not None), *limits


def _beats(one: tuple[Decimal, ...], other: tuple[Decimal, ...]) -> bool:
    return all(mine <= theirs for mine, theirs in zip(one, other, strict=True))


def _bill(offer: Offer) -> Hashable:
    """All that decides what a workload costs on an offer."""
    route = offer.route
    sheets = (
        (
            price.mode,
            price.above,
            price.currency,
            competes(price, route),
            *(amount(price, unit) for unit in TOKEN_UNITS),
        )
        for price in offer.prices
    )
    return route.context_window, route.max_output, route.price_basis, only_waits(route), frozenset(sheets)
