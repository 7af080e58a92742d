"""Decisive unknowns: which missing fact, once a source states it, could turn the verdict, and what it would have to be.

One fact at a time, every other one as it is. An unknown stays unknown: nothing is said about what it probably is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any

from domain.benchmarks import best_of, conditions, joined, scores_alike
from domain.capabilities import presence_of
from domain.comparability import ComparabilityLevel, comparability
from domain.compared import Compared
from domain.facts import CapabilityKind, Contender, FactRef, Model, Offer, Presence, Unavailable
from domain.missing import Missing, Try, missing_facts, needed_tokens
from domain.rules import Rule
from domain.scorecard import SIGNALS, Signal, SignalKey, signal
from domain.signals import Direction, leaders_of, leading
from domain.totals import NoTotal, Totals
from domain.verdict import chosen_weights, outcome, qualification, weigh
from domain.wording import in_words
from domain.workload import Workload

_KEY = SignalKey
_ROWS: Mapping[str, tuple[SignalKey, ...]] = {
    "context_window": (_KEY.CONTEXT_WINDOW, _KEY.MONTHLY_COST),
    "max_output": (_KEY.MAX_OUTPUT, _KEY.MONTHLY_COST),
    "released": (_KEY.RELEASE_DATE,),
    "knowledge_cutoff": (_KEY.KNOWLEDGE_CUTOFF,),
    "openness": (_KEY.LICENSE_FREEDOM,),
    "commercial_use": (_KEY.LICENSE_FREEDOM,),
    "task": (_KEY.CHEAPEST_INPUT, _KEY.CHEAPEST_OUTPUT, _KEY.MONTHLY_COST),
    "price": (_KEY.CHEAPEST_INPUT, _KEY.CHEAPEST_OUTPUT, _KEY.MONTHLY_COST),
    "region": (_KEY.PROVIDER_ROUTES, _KEY.CHEAPEST_INPUT, _KEY.CHEAPEST_OUTPUT, _KEY.MONTHLY_COST),
    "api_shape": (_KEY.PROVIDER_ROUTES, _KEY.CHEAPEST_INPUT, _KEY.CHEAPEST_OUTPUT, _KEY.MONTHLY_COST),
    "capability": (_KEY.CAPABILITY_BREADTH,),
    "benchmark": (_KEY.SHARED_BENCHMARKS,),
}
"""Which rows of the scorecard a fact feeds, beside evidence coverage."""
_QUALIFIES = frozenset({"context_window", "license", "openness", "lifecycle", "task", "price", "region", "api_shape"})
"""Facts that may make a model one that can be the safer pick, or none."""


@dataclass(frozen=True, slots=True)
class DecisiveUnknown:
    """`needed` says in words what `fact` of `model` would have to be. `values` are values that give the outcome: the
    members of an enumeration, or the lowest and the highest of a range as far as was tried; of a price those of input and
    output. `before` and `after` are the winner's slug or None, undecided."""

    model: str
    fact: FactRef
    needed: str
    values: tuple[str, ...]
    before: str | None
    after: str | None
    sentence: str
    rule: str

    @property
    def used(self) -> tuple[FactRef, ...]:
        """The missing fact."""
        return (self.fact,)


def decisive_unknowns(
    contenders: Sequence[Contender],
    workload: Workload,
    weights: Mapping[SignalKey, int] | None = None,
    *,
    compared: Compared | None = None,
) -> tuple[DecisiveUnknown, ...]:
    """A missing fact is decisive where some value that it may have gives another winner, or none where there is one,
    with every other fact as it is. Limits and dates are tried on both sides of every place where a row changes, so all
    their values are covered; of kinds, licence, capabilities and tasks every value is. A missing price is tried on one
    live route, about the lowest price of each other one, and far below and far above the lowest of these, a missing benchmark result better than,
    equal to and worse than the best one under the same conditions; where own terms ask for what no source says of routes, the
    cheapest of these is tried as usable and as not: what these do not show is not ruled out. Missing
    modalities are not tried. Facts that would make a winner come first."""
    judge = _Judge(compared or Compared(contenders, workload), weights)
    found: list[DecisiveUnknown] = []
    for place, contender in enumerate(contenders):
        for missing in missing_facts(contender, contenders, workload):
            judge.check()
            outcomes = [(each.value, after) for each, after in judge.winners(place, missing)]
            found += _regions(contender, missing, outcomes, judge)
    return tuple(sorted(dict.fromkeys(found), key=lambda each: each.after is None))  # what says the same is said once


class _Judge:
    """Asks for the winner again after one fact of one model is filled in, computing only the cells that it feeds."""

    def __init__(self, compared: Compared, weights: Mapping[SignalKey, int] | None) -> None:
        self._compared, self._weights = compared, chosen_weights(weights)
        self.check = compared.check
        self.contenders, self.workload = contenders, workload = compared.contenders, compared.workload
        self.names = {each.model.slug: each.model.name for each in contenders}
        self._totals = Totals(workload)
        self._found: dict[object, str | None] = {}
        self._rows = {key: compared.row(key) for key, rule in SIGNALS.items() if rule.leads}
        self._led = Counter(slug for row in joined(contenders) for slug in row.leaders)
        self._qualifies = [qualification(each).qualifies for each in contenders]
        self._comparable = compared.comparability.level is not ComparabilityLevel.NOT_COMPARABLE
        self.before = self._winner(self._rows, self._qualifies, self._comparable)

    def winners(self, place: int, missing: Missing) -> Iterator[tuple[Try, str | None]]:
        """The winner with each value in the place of the missing fact."""
        if not self._comparable and missing.kind != "task":
            return
        first = missing.tries[0].filled
        coverage = self._rows[_KEY.EVIDENCE_COVERAGE]
        if first.model is not self.contenders[place].model:
            coverage = self._with_cell(_KEY.EVIDENCE_COVERAGE, place, first)
        fit = self._qualifies[place]
        alike_in_all = missing.is_range or missing.kind == "price"
        if alike_in_all and missing.kind in _QUALIFIES:
            fit = qualification(first).qualifies
        costs: dict[bool, Signal] = {}
        cheapest: dict[tuple[SignalKey, str], Signal] = {}
        at = next((n for n, one in enumerate(first.loaded_offers or ()) if one.route.id == missing.fact.id), 0)
        for each in missing.tries:
            rows = {**self._rows, _KEY.EVIDENCE_COVERAGE: coverage}
            for key in _ROWS.get(missing.kind, ()):
                if key is _KEY.MONTHLY_COST and missing.is_range:  # a limit is too small for the workload, or it is not
                    enough = int(each.value) >= needed_tokens(missing.kind, self.workload)
                    costs[enough] = rows[key] = costs.get(enough) or self._limited(place, each.filled, enough=enough)
                elif key is _KEY.MONTHLY_COST and missing.kind == "price":
                    rows[key] = self._priced(place, each.filled.model, each.filled.offers[at])
                elif missing.kind == "price":  # the lowest input price has nothing to do with the output price
                    amount = each.value.split()[key is _KEY.CHEAPEST_OUTPUT]
                    found = cheapest.get((key, amount)) or self._with_cell(key, place, each.filled)
                    cheapest[key, amount] = rows[key] = found
                elif key is _KEY.SHARED_BENCHMARKS:
                    rows[key] = self._with_score(place, each.filled)
                elif key is _KEY.CAPABILITY_BREADTH:
                    rows[key] = self._with_ability(place, each.filled, missing.fact.field)
                else:
                    rows[key] = self._with_cell(key, place, each.filled)
            if not alike_in_all and missing.kind in _QUALIFIES:
                fit = qualification(each.filled).qualifies
            comparable = self._comparable
            if missing.kind == "task":
                comparable = _comparable(self._among(place, each.filled))
            yield (
                each,
                self._winner(rows, [*self._qualifies[:place], fit, *self._qualifies[place + 1 :]], comparable),
            )

    def _among(self, place: int, filled: Contender) -> list[Contender]:
        return [*self.contenders[:place], filled, *self.contenders[place + 1 :]]

    def _with_cell(self, key: SignalKey, place: int, filled: Contender) -> Signal:
        """A row in which every cell is about its own model: the others stay."""
        row = self._rows[key]
        (cell,) = signal(key, (filled,), self.workload).cells
        cells = (*row.cells[:place], cell, *row.cells[place + 1 :])
        return replace(row, cells=cells, leaders=leaders_of(cells, SIGNALS[key].direction))

    def _limited(self, place: int, filled: Contender, *, enough: bool) -> Signal:
        """A limit that is not known keeps no route out, and neither does one that is enough."""
        return self._rows[_KEY.MONTHLY_COST] if enough else self._with_cell(_KEY.MONTHLY_COST, place, filled)

    def _priced(self, place: int, model: Model, offer: Offer) -> Signal:
        """The one route that has a price now, against what is the cheapest without it."""
        (total,) = self._totals.of((offer,), model)
        cost, row = self._compared.costs[model.slug], self._rows[_KEY.MONTHLY_COST]
        known = [] if isinstance(total, NoTotal) else [total]
        known += [] if isinstance(cost, Unavailable) else [cost.total]
        cell = replace(row.cells[place], value=min(known, default=None), known=bool(known))
        cells = (*row.cells[:place], cell, *row.cells[place + 1 :])
        return replace(row, cells=cells, leaders=leaders_of(cells, Direction.LOWER))

    def _with_ability(self, place: int, filled: Contender, field: str) -> Signal:
        """Counted is only what is known of every model."""
        kind = CapabilityKind(field.removeprefix("capability."))
        others = (*self.contenders[:place], *self.contenders[place + 1 :])
        if any(presence_of(each.model, kind) is Presence.UNKNOWN for each in others):
            return self._rows[_KEY.CAPABILITY_BREADTH]
        return signal(_KEY.CAPABILITY_BREADTH, self._among(place, filled), self.workload)

    @cached_property
    def _scores(self) -> Mapping[Any, Mapping[str, Decimal]]:
        """The scores that may be joined, by what has to agree."""
        return scores_alike(self.contenders)

    def _with_score(self, place: int, filled: Contender) -> Signal:
        """Who is the best how often changes in the one row."""
        result = filled.results[-1]
        scores = self._scores[conditions(result)]
        before = best_of(scores, result.metric)
        after = best_of({**scores, filled.model.slug: result.score}, result.metric)
        led = {slug: self._led[slug] - (slug in before) + (slug in after) for slug in self.names}
        return replace(self._rows[_KEY.SHARED_BENCHMARKS], leaders=leading(led, Direction.HIGHER))

    def _winner(self, rows: Mapping[SignalKey, Signal], qualifies: Sequence[bool], comparable: bool) -> str | None:
        key = (tuple(row.leaders for row in rows.values()), tuple(qualifies), comparable)
        if key not in self._found:
            slugs = tuple(self.names)
            self._found[key] = outcome(
                weigh(tuple(rows.values()), slugs, self._weights),
                qualified=[slug for slug, fit in zip(slugs, qualifies, strict=True) if fit],
                comparable=comparable,
                total_weight=sum(self._weights.values()),
            )[0]
        return self._found[key]


def _comparable(contenders: Sequence[Contender]) -> bool:
    return comparability(contenders).level is not ComparabilityLevel.NOT_COMPARABLE


def _regions(
    contender: Contender, missing: Missing, outcomes: Sequence[tuple[str, str | None]], judge: _Judge
) -> Iterator[DecisiveUnknown]:
    """One for each other outcome, of a range for each run of values that gives it."""
    found: list[tuple[str | None, tuple[str, ...], bool, bool]] = []
    if missing.is_range:
        place = 0
        for after, run in groupby(outcomes, key=lambda each: each[1]):
            ends = [value for value, _ in run]
            first, place = place == 0, place + len(ends)
            found.append((after, (ends[0], ends[-1]), first, place == len(outcomes)))
    else:
        for after in dict.fromkeys(after for _, after in outcomes):
            found.append((after, tuple(value for value, won in outcomes if won == after), False, False))
    name = contender.model.name
    for after, values, from_lowest, to_highest in found:
        if after != judge.before:
            needed = missing.said(values, from_lowest, to_highest)
            then = (
                "nobody would be the safer pick" if after is None else f"{judge.names[after]} would be the safer pick"
            )
            yield DecisiveUnknown(
                model=contender.model.slug,
                fact=missing.fact,
                needed=needed,
                values=values,
                before=judge.before,
                after=after,
                sentence=f"{name}: with {needed}, {then}.",
                rule=DECISIVE.id,
            )


DECISIVE = Rule(
    "verdict.decisive-unknowns", "Decisive unknowns", in_words(decisive_unknowns), "docs/methodology.md#verdict"
)
RULES = (DECISIVE,)
