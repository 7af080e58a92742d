"""Which models, or routes, fit what somebody needs, and in which order: requirements first, then published weights.

Nothing that is unknown counts as met. What fails by unknowns alone is listed apart, and so is what fails by one thing only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property, partial
from itertools import chain
from typing import Any

from domain import scales
from domain.abilities import Abilities, Able
from domain.benchmarks import conditions, less_is_better
from domain.cost import RouteCost, route_cost
from domain.facts import Contender, FactRef, Model, Offer, Route, Task
from domain.lifecycle import ending
from domain.overrides import bar_of, freed
from domain.pareto import Placed, Point, front
from domain.required import SOUGHT, Requirements, State
from domain.requirements import (
    Check,
    ability_checks,
    cost_checks,
    cost_state,
    of_model,
    of_route,
    terms_checks,
    told_by_cost,
)
from domain.retired import deprecated, retired
from domain.rules import Rule
from domain.scales import Alone, Measure
from domain.scorecard import SignalKey
from domain.totals import NoTotal, Shapes, Total, Totals
from domain.units import display_usd
from domain.wording import NOT_SOURCED, in_words
from domain.workload import Workload


class Of(StrEnum):
    """What is ranked. MODELS: each by the route that suits it best. ROUTES: every route by itself."""

    MODELS = "MODELS"
    ROUTES = "ROUTES"


@dataclass(frozen=True)
class Candidate:
    """A route of a model with what is wrong with it: the states of the requirements that are not met. `points` are those of
    `recommend.scale` where it has a cost. `score` counts in weight times points; `at_best` if all unknowns were the best."""

    alone: Alone
    offer: Offer
    total: Total
    states: tuple[State, ...]
    checks: Callable[[], Iterator[Check]] = field(compare=False, repr=False, default=lambda: iter(()))
    """Finds the words for them."""
    score: int = 0
    at_best: int = 0
    rank: int | None = None

    @property
    def model(self) -> Model:
        return self.alone.contender.model

    @property
    def route(self) -> Route:
        return self.offer.route

    @cached_property
    def unmet(self) -> tuple[Check, ...]:
        """The requirements that are not met."""
        return tuple(self.checks())

    @property
    def failed(self) -> int:
        """How many of them fail, and not for want of facts."""
        return self.states.count(State.FAILED)

    @property
    def cost(self) -> Decimal | None:
        """USD a month; None where it is not known."""
        return None if isinstance(self.total, NoTotal) else self.total

    @property
    def unsourced(self) -> bool:
        """No cost, and for want of facts."""
        return isinstance(self.total, NoTotal) and self.total.unknown


@dataclass(frozen=True)
class Ranking:
    """All candidates: those that fit by score, those that might fit once a fact is sourced, and those that just miss. `left` is
    how many more there are that miss more than one thing, or are of another lab or provider than was asked for."""

    of: Of
    wanted: Requirements
    workload: Workload
    weights: Mapping[SignalKey, int]
    fits: tuple[Candidate, ...]
    unsourced: tuple[Candidate, ...]
    near: tuple[Candidate, ...]
    left: int
    on: date
    rule: str = "recommend.rank"

    @cached_property
    def whole(self) -> int:
        """The score of a candidate that has the best of everything."""
        return scales.FULL * sum(self.weights.values())

    def measures(self, one: Candidate) -> tuple[Measure, ...]:
        """Why a candidate that fits has its score."""
        assert one.cost is not None
        found = scales.measures(one.alone, one.route, one.cost, self.workload)
        billed = route_cost(one.offer, self.workload, model=one.model)
        assert isinstance(billed, RouteCost)
        return tuple(
            replace(each, used=billed.used) if each.signal is SignalKey.MONTHLY_COST else each for each in found
        )

    def checks(self, one: Candidate) -> tuple[Check, ...]:
        """Every requirement, met or not."""
        return (
            *of_model(self.wanted, one.alone.contender),
            *of_route(self.wanted, one.model, one.offer, one.total, self.workload, on=self.on),
        )


def rank(
    contenders: Iterable[Contender],
    wanted: Requirements,
    workload: Workload,
    *,
    on: date,
    weights: Mapping[SignalKey, int] | None = None,
    of: Of = Of.MODELS,
    shapes: Shapes | None = None,
    abilities: Abilities | None = None,
) -> Ranking:
    """A model fits when one of its live routes meets every requirement and has a cost at the workload; of several such
    routes the cheapest counts, then provider by name. Those that fit are ordered by score: the sum of weight times points
    (recommend.scale), so that the order of two never depends on which others are listed. Equal scores share a rank, the
    cheaper first, then by name. A candidate that fails nothing but lacks facts is listed apart, the fewest missing first, after all others those of which nobody says what they are for or who makes them where that is asked;
    one that fails exactly one requirement and lacks nothing is a near miss, the nearest first: by how many times it is off,
    then those whose requirement is no number. What is made for another task, by another lab, or served by another provider, than was asked for is no near miss; a model whose task nobody states, and which is billed for what it writes, is not one that only reads a prompt. A model that does not fit may be both, by different routes. A cost that rests on a suspicious price is not known. What is announced to be shut down too soon (lifecycle.served-until) does not fit,
    nor what its lab has retired, unless the route announces an end of its own (lifecycle.retired)."""
    chosen = scales.chosen_weights(weights)
    asked = _Asked(wanted, workload, Totals(workload, shapes), abilities or Abilities(), on)
    fits: list[Candidate] = []
    unsourced: list[Candidate] = []
    near: list[Candidate] = []
    left = 0
    for contender in contenders:
        shared, looked_at = _shared(contender, wanted), _looked_at(contender)
        found: list[Candidate] = []
        if not _is_out(tuple(check.state for check in shared)) and not _elsewhere(shared):  # whatever its routes are
            found = asked.candidates(contender, looked_at, shared)
        kinds: tuple[list[Candidate], ...] = (
            [one for one in found if not one.states],
            [one for one in found if one.states and not one.failed],
            [one for one in found if one.failed == 1 == len(one.states)],
        )
        if of is Of.MODELS:
            kinds = (kinds[0], [], []) if kinds[0] else kinds
            kinds = tuple(
                some if len(some) < 2 else [min(some, key=key)] for some, key in zip(kinds, _BEST, strict=True)
            )
        for listed, some in zip((fits, unsourced, near), kinds, strict=True):
            listed.extend(some)
        if of is Of.ROUTES:
            left += len(looked_at) - sum(map(len, kinds))
        else:
            left += bool(looked_at) and not any(kinds)
    return Ranking(
        of,
        wanted,
        workload,
        chosen,
        tuple(_ranked([_scored(one, chosen, workload) for one in fits])),
        tuple(sorted(unsourced, key=lambda one: (_unplaced(one, wanted), *_suits(one)))),
        tuple(sorted(near, key=_nearness)),
        left,
        on,
    )


def _shared(contender: Contender, wanted: Requirements) -> list[Check]:
    """What the model does not meet, on whatever route."""
    return list(_unmet(of_model(wanted, contender, only_unmet=True)))


def _is_out(unmet: tuple[State, ...]) -> bool:
    """Whether what is not met is enough to be listed nowhere: more than one thing, and not for want of facts alone."""
    return len(unmet) > 1 and State.FAILED in unmet


def _elsewhere(unmet: Iterable[Check]) -> bool:
    """Whether it is made for something, or made or served by somebody, that was not asked for."""
    return any(check.state is State.FAILED and check.constraint in SOUGHT for check in unmet)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question to the whole catalogue."""

    wanted: Requirements
    workload: Workload
    totals: Totals
    abilities: Abilities
    on: date
    unmet_by: dict[tuple[State, ...], dict[Able, tuple[State, ...] | None]] = field(default_factory=dict)
    """By what a model does not meet, and what can be had on a route, what it does not meet with it; None where it is out. Found once
    for all routes that are alike."""

    def candidates(self, contender: Contender, offers: Sequence[Offer], shared: Sequence[Check]) -> list[Candidate]:
        """The offers that may be listed somewhere, each with all that it does not meet. What costs least to find out goes first, and
        words are found for what is listed alone."""
        model, alone, wanted = contender.model, Alone(contender, self.on), self.wanted
        of_model = tuple(check.state for check in shared)
        unmet_by = self.unmet_by.setdefault(of_model, {})
        able = []
        for offer in offers:
            able_to = self.abilities.of(model, offer.route)
            if able_to in unmet_by:
                states = unmet_by[able_to]
            else:
                lacks = of_model + able_to.unmet(wanted)
                states = unmet_by[able_to] = None if _is_out(lacks) else lacks
            if states is not None:
                able.append((offer, states))
        found = []
        costs = self.totals.of((freed(offer) for offer, _ in able), model)
        for (offer, lacks), total in zip(able, costs, strict=True):
            states, spent = lacks, cost_state(wanted, total)
            if spent is not State.MET:
                if told_by_cost(total) is not None:  # in place of a limit
                    states = of_model + tuple(check.state for check in _unmet(self._abilities(offer, model, total)))
                states = (*states, spent)
                if _is_out(states):
                    continue
            terms = list(_unmet(self._terms(offer, model)))
            states += tuple([check.state for check in terms])
            if not _is_out(states) and not _elsewhere(terms):
                unmet = partial(self._unmet, offer, model, total, shared)
                found.append(Candidate(alone, offer, total, states, unmet))
        return found

    def _abilities(self, offer: Offer, model: Model, total: Total) -> Iterator[Check]:
        return ability_checks(self.wanted, model, offer.route, told=told_by_cost(total))

    def _terms(self, offer: Offer, model: Model) -> Iterator[Check]:
        return terms_checks(self.wanted, model, offer, self.workload, on=self.on)

    def _unmet(self, offer: Offer, model: Model, total: Total, shared: Sequence[Check]) -> Iterator[Check]:
        """Everything that is not met, in words."""
        yield from shared
        costs = cost_checks(self.wanted, model, offer, total, self.workload)
        yield from _unmet(chain(self._abilities(offer, model, total), costs, self._terms(offer, model)))


def _unmet(checks: Iterable[Check]) -> Iterator[Check]:
    return (check for check in checks if check.state is not State.MET)


def _looked_at(contender: Contender) -> tuple[Offer, ...]:
    """The live routes, with those that own terms ask something of; an excluded provider is not looked at."""
    asked = (offer for offer in contender.barred if offer.route.live and (bar := bar_of(offer)) and bar.used)
    return (*contender.live, *asked) if contender.barred else contender.live


def _suits(one: Candidate) -> tuple[int, int, bool, Decimal, str, str, str]:
    """Fewest failures, then fewest unknowns, then the cheapest, then by name."""
    failed = one.failed
    cost = one.cost
    names = one.model.name.casefold(), one.route.provider.name.casefold(), one.route.key
    return failed, len(one.states) - failed, cost is None, cost or Decimal(0), *names


def _off(one: Candidate) -> tuple[bool, Decimal]:
    ratio = next(check.ratio for check in one.checks() if check.state is State.FAILED)  # words are found as far as that
    return ratio is None, ratio or Decimal(0)


def _unplaced(one: Candidate, wanted: Requirements) -> bool:
    """Whether it is not known to be of the kind, or by the lab, that was asked for."""
    of_lab = bool(wanted.labs) and one.model.lab is None
    return of_lab or (bool(wanted.tasks) and one.model.task is Task.UNKNOWN)


def _nearness(one: Candidate) -> tuple[object, ...]:
    return (*_off(one), *_suits(one))


_BEST: tuple[Callable[[Candidate], Any], ...] = (_suits, _suits, _nearness)
"""By what the route of a model is chosen among those that fit, that lack facts, and that just miss."""


def _scored(one: Candidate, weights: Mapping[SignalKey, int], workload: Workload) -> Candidate:
    assert one.cost is not None
    points = scales.points(one.alone, one.route, one.cost, workload)
    score = sum(weight * (points[key] or 0) for key, weight in weights.items())
    missing = sum(weight for key, weight in weights.items() if points[key] is None)
    return Candidate(one.alone, one.offer, one.total, (), score=score, at_best=score + scales.FULL * missing)


def _ranked(fits: list[Candidate]) -> Iterator[Candidate]:
    place, before = 0, -1
    for number, one in enumerate(sorted(fits, key=lambda one: (-one.score, *_suits(one))), 1):
        if one.score != before:
            place, before = number, one.score
        yield Candidate(one.alone, one.offer, one.total, (), score=one.score, at_best=one.at_best, rank=place)


@dataclass(frozen=True)
class Front:
    """The front of what fits: who stands on it, and whom somebody on it beats. `left_out` are candidates without the value.
    `measured` says under which conditions scores were taken."""

    placed: tuple[tuple[Placed, Candidate], ...]
    left_out: int
    measured: str
    used: tuple[FactRef, ...]
    rule: str = "recommend.pareto"


def capability_front(candidates: Sequence[Candidate]) -> Front:
    """Monthly cost against how many capabilities each candidate has, as sources say."""

    counts = {_key(one): Decimal(len(scales.offered(one.model, one.route))) for one in candidates}
    return _front(candidates, counts, "capabilities that a source states", ())


def benchmark_front(candidates: Sequence[Candidate], benchmark: str) -> Front:
    """Monthly cost against a benchmark, under the conditions that most candidates share."""
    groups: dict[tuple[str | None, ...], dict[str, tuple[Decimal, FactRef]]] = {}
    for one in candidates:
        for result in one.alone.contender.results:
            if result.benchmark.slug == benchmark:
                value = -result.score if less_is_better(result.metric) else result.score
                scores = groups.setdefault(tuple(conditions(result)), {})
                ref = FactRef("model", one.model.id, f"benchmark.{benchmark}")
                scores[_key(one)] = max(scores.get(_key(one), (value, ref)), (value, ref), key=lambda each: each[0])
    if not groups:
        return Front((), len(candidates), f"no sourced result on {benchmark}", ())
    shared, scores = max(groups.items(), key=lambda each: (len(each[1]), str(each[0])))
    measured = ", ".join(part for part in shared if part)
    values = {key: value for key, (value, _) in scores.items()}
    return _front(candidates, values, measured, tuple(ref for _, ref in scores.values()))


def _key(one: Candidate) -> str:
    return f"{one.model.slug} {one.route.key}"


def _front(
    candidates: Sequence[Candidate], values: Mapping[str, Decimal], measured: str, used: tuple[FactRef, ...]
) -> Front:
    by_key = {_key(one): one for one in candidates}
    known = [Point(key, one.cost, values[key]) for key, one in by_key.items() if key in values and one.cost is not None]
    placed = tuple((each, by_key[each.point.key]) for each in front(known))
    return Front(placed, len(by_key) - len(known), measured, tuple(dict.fromkeys(used)))


def sentence(one: Candidate, whole: int) -> str:
    """A candidate in one line."""
    contender, end = one.alone.contender, ending(one.model, one.route)
    words = dict.fromkeys((retired(contender), deprecated(contender, one.route) if end is None else None))
    said = "; ".join(word.text for word in words if word is not None)
    where = f"{one.model.name} at {one.route.provider.name}" + (f" ({said})" if said else "")
    ends = "" if end is None else f" {end.sentence}"
    points = f", {round(100 * one.score / whole)} of 100 points" if not one.states else ""
    costs = f"{display(one)} a month{points}"
    if one.cost is None:
        costs = f"what it costs is {NOT_SOURCED}" if one.unsourced else "it does not compete at this workload"
    return f"{where}: {costs}.{ends}"


def display(one: Candidate) -> str:
    """What it costs, to show."""
    if one.cost is None:
        return NOT_SOURCED if one.unsourced else "does not compete"
    return display_usd(one.cost)


RULES = (Rule("recommend.rank", "Recommendation", in_words(rank), "docs/methodology.md#recommend"),)
