"""How firmly a verdict stands: after which share of small single changes of weights and workload it is still the same.

A count over a published list of changes, not a probability.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.billing import writes
from domain.comparability import ComparabilityLevel
from domain.compared import Compared
from domain.facts import Contender
from domain.moves import CostAxis, Shares
from domain.rules import Rule
from domain.scorecard import SIGNALS, SignalKey
from domain.signals import Direction, leading
from domain.units import display_percents
from domain.verdict import chosen_weights, outcome, qualification, weigh
from domain.wording import in_words, label, listed
from domain.workload import Workload

WEIGHT_PERCENT = 50
SHARE_POINTS = 10


class VariedInput(StrEnum):
    """What is changed, everything else staying as it is."""

    WEIGHT = "WEIGHT"
    OUTPUT_SHARE = "OUTPUT_SHARE"
    CACHED_SHARE = "CACHED_SHARE"


@dataclass(frozen=True, slots=True)
class Stability:
    """Of so many changes of one kind, in how many the verdict stays. `turns` says in words which turn it."""

    kind: VariedInput
    tried: int
    stays: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Robustness:
    """`share` is that of all changes after which the verdict, a winner or undecided, is the same. None where nothing can be
    changed, as for models that are not comparable."""

    winner: str | None
    tried: int
    stays: int
    share: Decimal | None
    by_kind: tuple[Stability, ...]
    sentence: str
    rule: str


@dataclass(frozen=True, slots=True)
class _Change:
    kind: VariedInput
    signal: SignalKey | None
    at: Decimal
    now: Decimal
    winner: str | None


def robustness(
    contenders: Sequence[Contender],
    workload: Workload,
    weights: Mapping[SignalKey, int] | None = None,
    *,
    compared: Compared | None = None,
) -> Robustness:
    """The share of single changes after which the verdict is the same: the weight of each row that has a leader lowered
    and raised by 10, 20, 30, 40 and 50 %, and the share of generated and of cached prompt tokens moved by 1 to 10
    percent points each way in every request class, as far as it goes; of models that write nothing, of cached ones alone. Each change counts once. Models that are not
    comparable have no share."""
    chosen = chosen_weights(weights)
    compared = compared or Compared(contenders, workload)
    rows = {key: compared.row(key) for key, rule in SIGNALS.items() if rule.leads}
    slugs = tuple(each.model.slug for each in contenders)
    names = {each.model.slug: each.model.name for each in contenders}
    qualified = [each.model.slug for each in contenders if qualification(each).qualifies]
    comparable = compared.comparability.level is not ComparabilityLevel.NOT_COMPARABLE
    points, total = weigh(tuple(rows.values()), slugs, chosen), sum(chosen.values())

    def decided(points: Mapping[str, int], total: int) -> str | None:
        return outcome(points, qualified=qualified, comparable=comparable, total_weight=total)[0]

    def changes() -> Iterator[_Change]:
        for key, row in rows.items():
            if not row.leaders or not chosen[key]:
                continue
            for percent in range(-WEIGHT_PERCENT, WEIGHT_PERCENT + 1, 10):
                if percent:
                    # In hundredths of a weight, so that every sum stays whole.
                    more = chosen[key] * percent
                    then = {slug: points[slug] * 100 + (more if slug in row.leaders else 0) for slug in slugs}
                    at = Decimal(chosen[key] * (100 + percent)) / 100
                    winner = decided(then, total * 100 + more)
                    yield _Change(VariedInput.WEIGHT, key, at, Decimal(chosen[key]), winner)
        others = {key: row.leaders for key, row in rows.items() if key is not SignalKey.MONTHLY_COST}
        without = {slug: sum(chosen[key] for key, leaders in others.items() if slug in leaders) for slug in slugs}
        writing = any(writes(each.model) for each in contenders)
        for axis in (*((CostAxis.OUTPUT_SHARE,) if writing else ()), CostAxis.CACHED_SHARE):
            shares = Shares(workload, axis)
            here = shares.here
            found = dict(shares.by(points) for points in range(-SHARE_POINTS, SHARE_POINTS + 1) if points)
            found.pop(here, None)
            totals = {each.model.slug: each.lowest(list(found.values())) for each in compared.meters}
            for n, at in enumerate(found):
                costs = {slug: cost for slug, each in totals.items() if (cost := each[n]) is not None}
                leaders = leading(costs, Direction.LOWER)
                weight = chosen[SignalKey.MONTHLY_COST]
                then = {slug: points + (weight if slug in leaders else 0) for slug, points in without.items()}
                yield _Change(VariedInput(axis.value), None, at, here, decided(then, total))

    before = decided(points, total)
    found = tuple(changes()) if comparable else ()
    stays = sum(each.winner == before for each in found)
    by_kind = tuple(
        _stability(kind, [each for each in found if each.kind is kind], before, names)
        for kind in VariedInput
        if any(each.kind is kind for each in found)
    )
    share = Decimal(stays) / len(found) if found else None
    sentence = "Nothing is changed: these models are not comparable."
    if comparable:
        sentence = "No row has a leader and no share can be moved, so there is nothing to change."
    if share is not None:
        stands = "It stays undecided" if before is None else f"{names[before]} stays the safer pick"
        sentence = f"{stands} after {_of(stays, len(found))} small single changes of weights and workload."
    return Robustness(before, len(found), stays, share, by_kind, sentence, ROBUST.id)


def _of(stays: int, tried: int) -> str:
    return f"all {tried}" if stays == tried else f"{stays} of {tried}"


def _stability(kind: VariedInput, found: Sequence[_Change], before: str | None, names: Mapping[str, str]) -> Stability:
    turned = [each for each in found if each.winner != before]
    stays = len(found) - len(turned)
    if kind is VariedInput.WEIGHT:
        rows = dict.fromkeys(label(each.signal) for each in turned if each.signal)
        text = f"It stays under every change of one weight by up to {WEIGHT_PERCENT} %."
        if rows:
            text = (
                f"It stays under {_of(stays, len(found))} changes of one weight by up to {WEIGHT_PERCENT} %; "
                f"it turns with that of {listed(rows, 'or')}."
            )
        return Stability(kind, len(found), stays, text)
    words = _WORDS[kind]
    if not turned:
        low, high = min(each.at for each in found), max(each.at for each in found)
        low, high = min(low, found[0].now), max(high, found[0].now)
        first, last = display_percents((low, high))
        return Stability(kind, len(found), stays, f"It stays at any share of {words} from {first} to {last}.")
    nearest = min(turned, key=lambda each: (abs(each.at - each.now), each.at))
    at, now = display_percents((nearest.at, nearest.now))
    then = "nobody" if nearest.winner is None else names[nearest.winner]
    text = f"It turns, to {then}, at {at} instead of {now} {words}."
    return Stability(kind, len(found), stays, text)


_WORDS = {VariedInput.OUTPUT_SHARE: "generated tokens", VariedInput.CACHED_SHARE: "cached prompt tokens"}

ROBUST = Rule("verdict.robustness", "Robustness", in_words(robustness), "docs/methodology.md#verdict")
RULES = (ROBUST,)
