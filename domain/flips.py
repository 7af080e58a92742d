"""What would change the answer: the smallest change of one input that makes another model the cheapest or the winner.

Shares move in whole percent points, weights in whole numbers; what no change can flip is said as such.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import permutations

from domain.billing import serves, writes
from domain.comparability import ComparabilityLevel
from domain.compared import Compared
from domain.cost import Costs, MonthlyCost, RouteCost, monthly_cost
from domain.facts import Contender, FactRef, Model
from domain.metering import Meter, cheapest_of
from domain.moves import CostAxis, Shares
from domain.retired import called, caveats
from domain.rules import Rule
from domain.scorecard import SIGNALS, Signal, SignalKey
from domain.units import display_percents, display_tokens
from domain.verdict import MAX_WEIGHT, THRESHOLD_PERCENT, chosen_weights, outcome, qualification, weigh
from domain.wording import agree, label, listed
from domain.workload import Workload

_PAGE = "docs/methodology.md#flips"
SHARE = Rule(
    "flips.share",
    "Flip by a share",
    "The share of generated tokens, or of cached prompt tokens, moves in whole percent points in every request "
    "class at once, with the size of requests unchanged. The nearest share at which another set of models is the "
    "cheapest. Models without a cost take no part, and fewer than two with one have no cheapest.",
    _PAGE,
)
VOLUME = Rule(
    "flips.volume",
    "Flip by volume",
    "Token prices have no volume discounts, so every cost grows in proportion and no volume changes which model is "
    "the cheapest.",
    _PAGE,
)
CONTEXT = Rule(
    "flips.context",
    "Flip by context need",
    "The smallest context window, beyond what the workload needs, whose requirement excludes the routes of the "
    "cheapest model. Costs stay those of the workload; routes whose window is not known count as too small, and "
    "routes that hold more than the model's own window are said to.",
    _PAGE,
)
WEIGHT = Rule(
    "flips.weight",
    "Flip by a weight",
    f"Per row of the scorecard that can be weighed, whoever leads it, the nearest other whole weight from 0 to {MAX_WEIGHT:,} that "
    "changes the verdict: the weight of a row that nobody leads makes the lead of every model a smaller share of all weights.",
    _PAGE,
)
RULES = (SHARE, VOLUME, CONTEXT, WEIGHT)


class FlipInput(StrEnum):
    """The input that changes, all others staying as they are."""

    OUTPUT_SHARE = "OUTPUT_SHARE"
    CACHED_SHARE = "CACHED_SHARE"
    VOLUME = "VOLUME"
    CONTEXT_NEED = "CONTEXT_NEED"
    WEIGHT = "WEIGHT"


@dataclass(frozen=True, slots=True)
class Flip:
    """`before` and `after` are the slugs of the cheapest models, or of the winner (empty: undecided). `current` and
    `changed` are a share of one, tokens or a weight; `changed` is None where no change of this input flips the
    answer. `signal` is the row whose weight changes."""

    input: FlipInput
    signal: SignalKey | None
    before: tuple[str, ...]
    after: tuple[str, ...]
    current: Decimal
    changed: Decimal | None
    sentence: str
    rule: str
    used: tuple[FactRef, ...] = ()


def cheapest_flips(
    contenders: Sequence[Contender], workload: Workload, *, compared: Compared | None = None
) -> tuple[Flip, ...]:
    """What makes another model the cheapest; empty where fewer than two have a cost, because one alone is no cheapest.
    Where others have none, every sentence says so. Needs the offers."""
    compared = compared or Compared(contenders, workload)
    costs = compared.costs
    able = [each for each in contenders if serves(each.model, workload)]
    priced = sum(isinstance(costs[each.model.slug], MonthlyCost) for each in able)
    if priced < 2:
        return ()
    field = _Field(able, workload, priced < len(contenders), compared.meters)
    now = _cheapest(costs)
    volume = Decimal(sum(each.requests for each in workload.classes))
    writing = any(writes(each.model) for each in able)
    return (
        *((_share_flip(field, FlipInput.OUTPUT_SHARE, now),) if writing else ()),
        _share_flip(field, FlipInput.CACHED_SHARE, now),
        _context_flip(field, costs, now),
        Flip(
            input=FlipInput.VOLUME,
            signal=None,
            before=tuple(now),
            after=tuple(now),
            current=volume,
            changed=None,
            sentence=f"At any number of requests {field.names(now)} {agree(now, 'stays', 'stay')} {field.the_cheapest}.",
            rule=VOLUME.id,
            used=tuple(dict.fromkeys((*_used(now), *field.words(now)))),
        ),
    )


_Cheapest = Mapping[str, tuple[RouteCost, ...]]


@dataclass(frozen=True, slots=True)
class _Field:
    """The models that can serve the workload. `partial`: some model of the comparison has no cost at it."""

    contenders: Sequence[Contender]
    workload: Workload
    partial: bool
    meters: Sequence[Meter]

    @property
    def the_cheapest(self) -> str:
        return "the cheapest" + (" of those with a cost at this workload" if self.partial else "")

    def cheapest(self, workload: Workload) -> _Cheapest:
        return _cheapest({each.model.slug: monthly_cost(each, workload) for each in self.contenders})

    def names(self, slugs: Collection[str]) -> str:
        """With what has to be said of each that is told to be the cheapest."""
        return listed(map(called, self._those(slugs)))

    def words(self, slugs: Collection[str]) -> tuple[FactRef, ...]:
        """The facts behind what is said of these."""
        return tuple(ref for each in self._those(slugs) for said in caveats(each, weights=False) for ref in said.used)

    def _those(self, slugs: Collection[str]) -> list[Contender]:
        return [each for each in self.contenders if each.model.slug in slugs]


def _cheapest(costs: Costs) -> _Cheapest:
    """The models with the lowest monthly cost, with their cheapest routes."""
    known = {slug: cost for slug, cost in costs.items() if isinstance(cost, MonthlyCost)}
    lowest = min((cost.total for cost in known.values()), default=None)
    return {slug: cost.cheapest for slug, cost in known.items() if cost.total == lowest}


def _used(models: _Cheapest) -> tuple[FactRef, ...]:
    return tuple(dict.fromkeys(ref for routes in models.values() for route in routes for ref in route.used))


_SHARES: Mapping[FlipInput, tuple[str, CostAxis]] = {
    FlipInput.OUTPUT_SHARE: ("generated tokens", CostAxis.OUTPUT_SHARE),
    FlipInput.CACHED_SHARE: ("cached prompt tokens", CostAxis.CACHED_SHARE),
}


def _share_flip(field: _Field, kind: FlipInput, now: _Cheapest) -> Flip:
    words, axis = _SHARES[kind]
    shares = Shares(field.workload, axis)
    current = shares.here
    others = list(shares.others())
    cheapest = cheapest_of(field.meters, [moved for _, moved in others])
    for (changed, moved), chosen in zip(others, cheapest, strict=True):
        if not chosen or set(chosen) == now.keys():
            continue
        after = field.cheapest(moved.workload)
        then, now_shown = display_percents((changed, current))
        sentence = f"With {then} instead of {now_shown} {words}, {field.names(after)} would be {field.the_cheapest}."
        used = tuple(dict.fromkeys((*_used(now), *_used(after), *field.words(after))))
        return Flip(kind, None, tuple(now), tuple(after), current, changed, sentence, SHARE.id, used)
    plain = listed(each.model.name for each in field.contenders if each.model.slug in now)
    other = "another model" + (" with a cost at this workload" if field.partial else "")
    sentence = f"No share of {words}, in whole percent, makes {other} cheaper than {plain}."
    return Flip(kind, None, tuple(now), tuple(now), current, None, sentence, SHARE.id, _used(now))


def _context_flip(field: _Field, costs: Costs, now: _Cheapest) -> Flip:
    found: list[tuple[int, Model, RouteCost]] = []
    for each in field.contenders:
        monthly = costs[each.model.slug]
        outcomes = {one.route.id: one.outcome for one in monthly.ranked} if isinstance(monthly, MonthlyCost) else {}
        for offer in each.live:
            cost = outcomes.get(offer.route.id)
            if isinstance(cost, RouteCost) and cost.competes:
                window = offer.route.context_window or each.model.context_window or field.workload.context_need
                found.append((window, each.model, cost))
    need = Decimal(field.workload.context_need)
    for excluded in sorted({window for window, _, _ in found}):
        left = [(cost.total, model.slug) for window, model, cost in found if window > excluded]
        lowest = min((total for total, _ in left), default=None)
        after = tuple(dict.fromkeys(slug for total, slug in left if total == lowest))
        if set(after) != set(now):
            size = display_tokens(excluded)
            sentence = (
                f"If routes had to hold more than {size} tokens, {field.names(after)} would be {field.the_cheapest}"
            )
            if not after:
                sentence = f"No route with a cost is known to hold more than {size} tokens"
            told = [each for each in found if each[0] >= excluded and each[1].slug in {*now, *after}]
            sentence += _beyond_their_own(told, excluded) + "."
            chosen = (ref for _, model, cost in found if model.slug in after for ref in cost.used)
            used = tuple(dict.fromkeys((*_used(now), *chosen, *field.words(after))))
            return Flip(
                FlipInput.CONTEXT_NEED, None, tuple(now), after, need, Decimal(excluded + 1), sentence, CONTEXT.id, used
            )
    raise AssertionError("a context need beyond every window leaves no route")


def _beyond_their_own(routes: Iterable[tuple[int, Model, RouteCost]], size: int) -> str:
    """Says of which models with a context window of no more than `size` these routes hold clearly more than that; empty
    where of none."""
    own = {
        model.name: shown
        for window, model, _ in routes
        if model.context_window is not None
        and model.context_window <= size
        and window > model.context_window
        and (shown := display_tokens(model.context_window)) != display_tokens(window)
    }
    texts = [f"some routes of {name} hold more than its own {size}" for name, size in own.items()]
    return f" ({listed(texts)})" if texts else ""


def _turning(points: Mapping[str, int], leaders: Collection[str], total: int) -> Iterator[int]:
    """By how much the weight of a row has to change for two models to change places, or for the lead of one over another to
    pass the threshold, in whole numbers at or next to it. From one of these to the next the outcome is the same."""
    for one, other in permutations(points, 2):
        lead, gain = points[one] - points[other], (one in leaders) - (other in leaders)
        if gain:
            yield -lead * gain
        yield (THRESHOLD_PERCENT * total - 100 * lead) // (100 * gain - THRESHOLD_PERCENT)


def _others(weight: int, turning: Iterable[int]) -> list[int]:
    """The other weights at which something may turn, the nearest first; of two as near the lower one."""
    near = {weight + change + step for change in turning for step in (-1, 0, 1)} - {weight}
    return sorted((each for each in near if 0 <= each <= MAX_WEIGHT), key=lambda each: (abs(each - weight), each))


def weight_flips(
    contenders: Sequence[Contender],
    workload: Workload,
    weights: Mapping[SignalKey, int] | None = None,
    *,
    compared: Compared | None = None,
) -> tuple[Flip, ...]:
    """Per row that can be weighed, whoever leads it, the nearest weight that changes the verdict, the smallest change first; rows whose
    weight cannot change it come last. Needs all fact groups."""
    chosen = chosen_weights(weights)
    compared = compared or Compared(contenders, workload)
    signals = [each for each in compared.scorecard() if SIGNALS[each.key].leads]
    slugs = [each.model.slug for each in contenders]
    names = {each.model.slug: called(each, weights=False) for each in contenders}
    qualified = [each.model.slug for each in contenders if qualification(each).qualifies]
    comparable = compared.comparability.level is not ComparabilityLevel.NOT_COMPARABLE

    points, total = weigh(signals, slugs, chosen), sum(chosen.values())

    def winner(signal: Signal, more: int) -> str | None:
        changed = {slug: points[slug] + (more if slug in signal.leaders else 0) for slug in slugs}
        return outcome(changed, qualified=qualified, comparable=comparable, total_weight=total + more)[0]

    before = outcome(points, qualified=qualified, comparable=comparable, total_weight=total)[0]

    def flips() -> Iterator[Flip]:
        for signal in signals:
            compared.check()
            current = chosen[signal.key]
            turning = _turning(points, signal.leaders, total)
            found = next((each for each in _others(current, turning) if winner(signal, each - current) != before), None)
            after = before if found is None else winner(signal, found - current)
            then = "nobody would win" if after is None else f"{names[after]} would win"
            row = label(signal.key)
            sentence = f"If {row} weighed {found} instead of {current}, {then}."
            if found is None:
                sentence = f"No weight of {row} changes the verdict."
            yield Flip(
                input=FlipInput.WEIGHT,
                signal=signal.key,
                before=(before,) if before else (),
                after=(after,) if after else (),
                current=Decimal(current),
                changed=None if found is None else Decimal(found),
                sentence=sentence,
                rule=WEIGHT.id,
                used=signal.used,
            )

    def size(flip: Flip) -> Decimal:
        return Decimal(MAX_WEIGHT + 1) if flip.changed is None else abs(flip.changed - flip.current)

    return tuple(sorted(flips(), key=size))
