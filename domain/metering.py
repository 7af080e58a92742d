"""What a model costs at very many workloads: what `cost.monthly_cost` says, without the bills that nobody reads.

The counterpart of `totals`, which has one workload and very many routes: sheets are looked at once, and each workload is a short sum.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import itemgetter, le, mul
from typing import Any, TypeAlias, TypeVar

from domain.billing import WAITING, amount, billed_as, only_waits, writes
from domain.facts import TOKEN_UNITS, Contender, Model, Offer, Price, PriceBasis, PriceMode
from domain.moves import Month, Moved, used_units
from domain.overrides import bar_of
from domain.suspicion import competes
from domain.tasks import PROMPT_ONLY, needed_units
from domain.totals import Totals
from domain.units import exact
from domain.waiting import Check, unasked
from domain.workload import Workload

_UNITS = ("input", "cache_read", "cache_write", "cache_write_1h", "output", "reasoning")
"""What `billing.billed_tokens` counts, in the order of `moves.Tokens`."""
_PROMPT = 4
"""So many of them are of the prompt."""
_Rates: TypeAlias = "tuple[Decimal | None, ...] | None"
"""USD per million tokens by unit, as prices fall back; None of a sheet that is not complete or does not compete."""
_Tiers: TypeAlias = "tuple[tuple[int, _Rates], ...]"
"""The sheets of a mode with the prompt above which each bills, from the highest down."""
T = TypeVar("T")


class Meter:
    """The live routes of a model. Needs the offers. `check` is asked for each workload that is billed in full, else for each route."""

    def __init__(self, contender: Contender, check: Check = unasked) -> None:
        self.model, self._check = contender.model, check
        offers = distinct(contender)
        self._metered = [_Metered.of(offer, self.model) for offer in offers if _at_once(offer)]
        self._at_any_time = [
            _Metered.of(offer, self.model) for offer in offers if _at_once(offer) and not _in_modes(offer)
        ]
        metered = (offer for offer in offers if offer.route.price_basis is PriceBasis.METERED)
        waiting = [offer for offer in metered if only_waits(offer.route) or _in_modes(offer)]
        self._in_modes = [(offer, _Metered.in_modes(offer, self.model)) for offer in waiting]
        self._writes = writes(self.model)
        self._counted = _PROMPT if self.model.task in PROMPT_ONLY else len(_UNITS)
        self._left: dict[tuple[int, tuple[int, ...], bool, bool], list[_Metered]] = {}

    def lowest(self, moves: Sequence[Moved]) -> list[Decimal | None]:
        """The least that each workload costs in a month on a route that competes, in USD; None where no route has a cost (rule
        `cost.cheapest`). The workloads are one that was moved, with requests of one size."""
        if not moves:
            return []
        of = moves[0].of
        shares = [each.batch_share for each in of.classes]
        used = used_units(moves, self._counted)
        lowest: list[Decimal | None] = [None] * len(moves)
        with exact():
            months = [each.month(used) for each in moves]
            for offer in self._fitting(moves[0].context_need, used, of):
                self._check()
                for place, total in enumerate(offer.totals(months, used, shares)):
                    least = lowest[place]
                    if total is not None and (least is None or total < least) and self._serves(moves[place], offer):
                        lowest[place] = total
            found = [None if total is None else total.scaleb(-6) for total in lowest]
        if not of.waits:
            return found
        in_full = [offer for offer, sums in self._in_modes if sums is None or not sums.bills(of)]
        if not in_full:
            return found
        return [self._or_in_full(*each, in_full) for each in zip(moves, found, strict=True)]

    def _or_in_full(self, moved: Moved, lowest: Decimal | None, offers: Sequence[Offer]) -> Decimal | None:
        """The lowest total with offers that have to be billed in full."""
        self._check()
        totals = Totals(moved.workload).of(offers, self.model)
        return min((each for each in (lowest, *totals) if isinstance(each, Decimal)), default=None)

    def _serves(self, moved: Moved, offer: _Metered) -> bool:
        generated = moved.output_need
        return (self._writes or not generated) and (offer.longest is None or generated <= offer.longest)

    def _fitting(self, context: int, used: tuple[int, ...], of: Workload) -> list[_Metered]:
        """The offers that hold so many tokens, without those that another one undercuts in every unit that is used: very many
        workloads of one size use the same ones. Where some of it waits, without those that have to be billed in full."""
        key = context, used, of.waits, _by_the_hour(of)
        if key not in self._left:
            metered = self._metered
            if of.waits:
                sums = [each for _, each in self._in_modes if each is not None and each.bills(of)]
                metered = [*self._at_any_time, *sums]
            holding = [each.up_to(context) for each in metered if each.window is None or context <= each.window]
            plain = [(each.asks(used), each) for each in holding if each.is_plain]
            others = [each for each in holding if not each.is_plain]
            self._left[key] = [*not_undercut(plain), *others]
        return self._left[key]


def cheapest_of(meters: Sequence[Meter], moves: Sequence[Moved]) -> Iterator[tuple[str, ...]]:
    """The slugs of the models with the lowest monthly cost at each workload, in their order; empty where none has one."""
    costs = {each.model.slug: each.lowest(moves) for each in meters}
    for place in range(len(moves)):
        found = {slug: total for slug, totals in costs.items() if (total := totals[place]) is not None}
        lowest = min(found.values(), default=None)
        yield tuple(slug for slug, total in found.items() if total == lowest)


@dataclass(frozen=True, slots=True)
class _Metered:
    """An offer that competes wherever its limits hold the workload; `sheets` from the highest tier down."""

    window: int | None
    longest: int | None
    sheets: _Tiers
    waiting: tuple[_Tiers, ...] = ()
    """By each mode that bills what may wait."""
    quiet: bool = False
    """It has prices for quiet hours."""

    @classmethod
    def of(cls, offer: Offer, model: Model) -> _Metered:
        return cls(*_limits(offer, model), _tiers(offer, model, PriceMode.STANDARD))

    @classmethod
    def in_modes(cls, offer: Offer, model: Model) -> _Metered | None:
        """With the prices for what may wait; None where these, or the plain ones, are not complete or do not compete."""
        base = cls.of(offer, model)
        waiting = tuple([tiers for mode in WAITING if (tiers := _tiers(offer, model, mode))])
        every = [each for tiers in (base.sheets, *waiting) for each in tiers]
        if not _at_once(offer) or all(above for above, _ in base.sheets) or any(rates is None for _, rates in every):
            return None
        return replace(base, waiting=waiting, quiet=any(each.mode is PriceMode.OFF_PEAK for each in offer.prices))

    def bills(self, workload: Workload) -> bool:
        """Whether a short sum is what the workload costs: not where other prices hold in quiet hours, into which some of it falls."""
        return not (self.quiet and _by_the_hour(workload))

    def up_to(self, prompt: int) -> _Metered:
        """Without the tiers of longer prompts."""
        return replace(self, sheets=tuple([each for each in self.sheets if each[0] == 0 or each[0] < prompt]))

    @property
    def is_plain(self) -> bool:
        """It has one sheet, which bills every request."""
        alone = len(self.sheets) == 1 and not self.waiting
        return alone and self.sheets[0][0] == 0 and self.sheets[0][1] is not None

    def asks(self, used: tuple[int, ...]) -> tuple[Decimal, ...]:
        """What a plain one asks for these units, lower is better, with its limit of output as the last one."""
        rates = self.sheets[0][1] or ()
        limit = Decimal("-Infinity") if self.longest is None else Decimal(-self.longest)
        return *(rates[n] or Decimal(0) for n in used), limit

    def totals(
        self, months: Sequence[Sequence[Month]], used: tuple[int, ...], shares: Sequence[Decimal]
    ) -> list[Decimal | None]:
        """Millionths of a USD for each month, of which `shares` say by class how much may wait; None without a price that competes.
        Call inside `units.exact`."""
        asked = _of_units(self.sheets, used)
        if not self.waiting:
            return [_total(asked, month) for month in months]
        waiting = [_of_units(each, used) for each in self.waiting]
        return [_total_in_modes(asked, waiting, month, shares) for month in months]


def _of_units(tiers: _Tiers, used: tuple[int, ...]) -> list[tuple[int, Any]]:
    return [(above, None if rates is None else [rates[n] for n in used]) for above, rates in tiers]


def _total(sheets: Sequence[tuple[int, Any]], month: Sequence[Month]) -> Decimal | None:
    total = Decimal(0)
    for prompt, tokens in month:
        rates = next((rates for above, rates in sheets if above == 0 or prompt > above), None)
        if rates is None:
            return None
        total += sum(map(mul, rates, tokens))
    return total


def _total_in_modes(
    sheets: Sequence[tuple[int, Any]],
    waiting: Sequence[Sequence[tuple[int, Any]]],
    month: Sequence[Month],
    shares: Sequence[Decimal],
) -> Decimal:
    """What may wait bills by the mode that is cheapest, if its tier is none below that of the plain price (rule `cost.batch`)."""
    total = Decimal(0)
    for (prompt, tokens), share in zip(month, shares, strict=True):
        tier, rates = next(each for each in sheets if each[0] == 0 or prompt > each[0])
        amount = lowest = sum(map(mul, rates, tokens), Decimal(0))
        for mode in waiting if share else ():
            above, other = next((each for each in mode if each[0] == 0 or prompt > each[0]), (-1, ()))
            if above >= tier:
                lowest = min(lowest, sum(map(mul, other, tokens), Decimal(0)))
        total += amount * (1 - share) + lowest * share
    return total


def _tiers(offer: Offer, model: Model, mode: PriceMode) -> _Tiers:
    sheets = [each for each in offer.prices if each.mode is mode and each.currency == "USD"]
    sheets.sort(key=lambda price: (price.above, price.id), reverse=True)
    return tuple([(each.above, _rates(each, offer, model)) for each in sheets])


def _rates(price: Price, offer: Offer, model: Model) -> _Rates:
    if not competes(price, offer.route) or any(amount(price, unit) is None for unit in needed_units(model.task)):
        return None
    return tuple([amount(price, billed_as(price, unit)) for unit in _UNITS])


def _limits(offer: Offer, model: Model) -> tuple[int | None, int | None]:
    route = offer.route
    return (
        model.context_window if route.context_window is None else route.context_window,
        model.max_output if route.max_output is None else route.max_output,
    )


def _at_once(offer: Offer) -> bool:
    """It can compete for a workload whose requests are all answered at once."""
    return offer.route.price_basis is PriceBasis.METERED and not only_waits(offer.route)


def _by_the_hour(workload: Workload) -> bool:
    """Some of it falls into quiet hours, where other prices may be."""
    return any(each.peak_share != 1 for each in workload.classes)


def _in_modes(offer: Offer) -> bool:
    """It has a price of its own for requests that may wait, or in quiet hours."""
    return any(price.mode in WAITING for price in offer.prices)


def distinct(contender: Contender) -> tuple[Offer, ...]:
    """The live offers without those that can never be the only cheapest one: of those that bill alike one is left, and none that
    another one undercuts in every price while it takes every request. Popular models have dozens of either."""
    usable = (offer for offer in contender.live if bar_of(offer) is None)
    offers = {_bill(offer): offer for offer in usable}.values()
    rates = {offer.route.id: _plain_rates(offer, contender.model) for offer in offers}
    plain = ((asked, offer) for offer in offers if (asked := rates[offer.route.id]) is not None)
    left = {offer.route.id for offer in not_undercut(plain)}
    return tuple(offer for offer in offers if offer.route.id in left or rates[offer.route.id] is None)


def not_undercut(rated: Iterable[tuple[tuple[Decimal, ...], T]]) -> list[T]:
    """Those that no other one undercuts in every number; of equal ones the first."""
    front: list[tuple[Decimal, ...]] = []
    left = []
    for rates, each in sorted(rated, key=itemgetter(0)):  # who undercuts another one comes before it
        if not any(_beats(other, rates) for other in front):
            front.append(rates)
            left.append(each)
    return left


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
    return all(map(le, one, other))


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
