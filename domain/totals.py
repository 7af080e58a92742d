"""Monthly totals of very many routes: what `cost.route_cost` says, without the bill that nobody reads.

Sheets that have the same units are billed alike, so each shape of sheets is billed once in full and then is a short sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from domain.billing import billed_as, only_waits, serves
from domain.cost import RouteCost, route_cost
from domain.eligible import Ineligible
from domain.facts import TOKEN_UNITS, Model, Offer, Price, PriceBasis, PriceMode, Route, Task, Unavailable
from domain.overrides import OwnOffer
from domain.units import exact
from domain.workload import RequestClass, Workload


@dataclass(frozen=True, slots=True)
class NoTotal:
    """A route without a total. `unknown`: for want of facts, else because it does not compete (`cost.eligible`)."""

    reason: str
    unknown: bool


Total: TypeAlias = "Decimal | NoTotal"
_Sum: TypeAlias = "tuple[tuple[int, str, Decimal], ...]"
"""Which amount of which sheet is multiplied with how many million tokens."""


@dataclass(frozen=True, slots=True)
class _Bill:
    """How sheets of one shape bill: a sum, and for each class with requests that may wait the sums of which the least counts."""

    fixed: _Sum
    waiting: tuple[tuple[_Sum, ...], ...]


Bills: TypeAlias = "dict[Task, dict[int, _Bill | NoTotal]]"
"""By the number of a shape."""
_WORKLOADS = 32
_PLAIN_MODES = frozenset({PriceMode.STANDARD, PriceMode.BATCH, PriceMode.FLEX, PriceMode.PRIORITY, PriceMode.FAST})
_NEXT_TO_NOTHING = Decimal("1e-12")
SUSPICIOUS = NoTotal("SUSPICIOUS_PRICE", unknown=True)
"""A price that looks wrong wins no ranking; what the route costs is not known."""


class Shapes:
    """How offers bill but for the amounts, as numbers. Those of a whole catalogue that stays are remembered by their route, so that
    each is looked at once; what a caller's own terms make of one is not."""

    def __init__(self, *, remember: bool = False) -> None:
        self._of: dict[int, int | None] = {}
        self._remember = remember
        self._numbers: dict[object, int] = {}
        self._bills: dict[Workload, Bills] = {}

    def bills(self, workload: Workload) -> Bills:
        """How shapes bill a workload by task, as far as it was found; of few workloads, as most ask for one that has a name."""
        if workload not in self._bills:
            if len(self._bills) >= _WORKLOADS:
                self._bills.clear()
            self._bills[workload] = {}
        return self._bills[workload]

    def of(self, offer: Offer) -> int | None:
        """The number of its shape; None where which sheet bills what does not follow from it, or it does not compete."""
        if not self._remember or isinstance(offer, OwnOffer):
            return self._number(offer)
        route = offer.route.id
        if route not in self._of:
            self._of[route] = self._number(offer)
        return self._of[route]

    def _number(self, offer: Offer) -> int | None:
        if not _plain(offer):
            return None
        shape = (offer.route.price_basis, tuple(map(_shape, offer.prices)))
        return self._numbers.setdefault(shape, len(self._numbers))


class Totals:
    """The totals of one workload."""

    def __init__(self, workload: Workload, shapes: Shapes | None = None) -> None:
        self.workload = workload
        self._kept = shapes or Shapes()
        self._context, self._output = workload.context_need, workload.output_need
        self._bills = self._kept.bills(workload)

    def of(self, offers: Iterable[Offer], model: Model) -> list[Total]:
        """The total of each offer of a model, in their order."""
        usable = serves(model, self.workload)
        bills = self._bills.setdefault(model.task, {})
        with exact():
            return [self._total(offer, model, bills) if usable else self._in_full(offer, model) for offer in offers]

    def _total(self, offer: Offer, model: Model, bills: dict[int, _Bill | NoTotal]) -> Total:
        shape = self._kept.of(offer) if self._held(offer.route, model) else None
        if shape is None:
            return self._in_full(offer, model)
        found = bills.get(shape)
        if found is None:
            found = bills[shape] = self._summed(offer, model.task)
        if isinstance(found, NoTotal):
            return found
        total = _amount(found.fixed, offer.prices)
        for sums in found.waiting:
            total += min(_amount(each, offer.prices) for each in sums)
        return total

    def _held(self, route: Route, model: Model) -> bool:
        """Whether the limits hold the largest request."""
        window = model.context_window if route.context_window is None else route.context_window
        longest = model.max_output if route.max_output is None else route.max_output
        return (window is None or self._context <= window) and (longest is None or self._output <= longest)

    def _in_full(self, offer: Offer, model: Model) -> Total:
        match route_cost(offer, self.workload, model=model):
            case RouteCost() as cost:
                return cost.total if cost.competes else SUSPICIOUS
            case Ineligible() as ineligible:
                return NoTotal(ineligible.reason, unknown=False)
            case Unavailable() as unavailable:
                return NoTotal(unavailable.reason, unknown=True)

    def _summed(self, offer: Offer, task: Task) -> _Bill | NoTotal:
        """How all sheets of this shape bill, from whole bills of an offer that has it."""
        anywhere = replace(offer, route=replace(offer.route, context_window=None, max_output=None))
        cost = route_cost(anywhere, self.workload, model=Model(0, "", "", task=task))
        if not isinstance(cost, RouteCost):
            return NoTotal(cost.reason, isinstance(cost, Unavailable))
        fixed: list[tuple[int, str, Decimal]] = []
        waiting = []
        for request in self.workload.classes:
            share = request.batch_share
            if share < 1:
                fixed += _bill(anywhere, replace(request, batch_share=Decimal(0)), task, 1 - share)
            if share:
                modes = {price.mode for price in offer.prices} & _MAY_WAIT
                whole = replace(request, batch_share=Decimal(1))
                sums = [_bill(_favouring(anywhere, mode), whole, task, share, mode) for mode in sorted(modes)]
                waiting.append(tuple(filter(None, sums)))
        return _Bill(_merged(fixed), tuple(filter(None, waiting)))


_MAY_WAIT = frozenset({PriceMode.STANDARD, PriceMode.BATCH, PriceMode.FLEX})


def _amount(sums: _Sum, prices: tuple[Price, ...]) -> Decimal:
    total = Decimal(0)
    for place, unit, millions in sums:
        total += millions * getattr(prices[place], unit)
    return total


def _merged(sums: Iterable[tuple[int, str, Decimal]]) -> _Sum:
    found: dict[tuple[int, str], Decimal] = {}
    for place, unit, millions in sums:
        found[place, unit] = found.get((place, unit), Decimal(0)) + millions
    return tuple((place, unit, millions) for (place, unit), millions in found.items())


def _favouring(offer: Offer, mode: PriceMode) -> Offer:
    """The offer with amounts of a mode so low that the mode is taken wherever it may be."""
    prices = []
    for price in offer.prices:
        low = {
            f"{unit}_mtok": amount * _NEXT_TO_NOTHING
            for unit in TOKEN_UNITS
            if price.mode is mode and (amount := getattr(price, f"{unit}_mtok")) is not None
        }
        prices.append(replace(price, **low))
    return replace(offer, prices=tuple(prices))


def _bill(offer: Offer, request: RequestClass, task: Task, share: Decimal, mode: PriceMode | None = None) -> _Sum:
    """What a share of a class multiplies with which amounts; empty where it is not billed by the mode that is asked for."""
    cost = route_cost(offer, Workload("", (request,)), model=Model(0, "", "", task=task))
    if not isinstance(cost, RouteCost) or any(mode not in (None, line.mode) for line in cost.lines):
        return ()
    places = {price.id: place for place, price in enumerate(offer.prices)}
    return tuple(
        (places[line.price_id], f"{line.price_unit}_mtok", (line.tokens * share).scaleb(-6)) for line in cost.lines
    )


def _plain(offer: Offer) -> bool:
    """Whether the route competes as far as it goes, and which sheet bills what follows from the shape of its sheets alone."""
    route = offer.route
    if not route.live or only_waits(route) or route.price_basis not in (PriceBasis.METERED, PriceBasis.UNKNOWN):
        return False
    seen = set()
    for price in offer.prices:
        if price.suspicious or price.hours or (price.mode, price.above) in seen or price.mode not in _PLAIN_MODES:
            return False
        seen.add((price.mode, price.above))
    return True


def _shape(price: Price) -> tuple[object, ...]:
    """What decides how a sheet bills, but for the amounts."""
    return (
        price.mode,
        price.above,
        price.currency,
        bool(price.input_mtok),
        bool(price.output_mtok),
        bool(price.cache_read_mtok),
        billed_as(price, "cache_write"),
        billed_as(price, "cache_write_1h"),
        bool(price.reasoning_mtok),
        bool(price.audio_in_mtok),
        bool(price.audio_out_mtok),
        bool(price.other_units),
    )
