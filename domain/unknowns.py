"""Decisive unknowns: which missing fact, once a source states it, could turn the verdict, and what it would have to be.

One fact at a time, every other one as it is. An unknown stays unknown: nothing is said about what it probably is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from domain.benchmarks import conditions, less_is_better
from domain.billing import TOKEN_TASKS, complete_price
from domain.capabilities import capability
from domain.cells import applies, lowest_price
from domain.comparability import ComparabilityLevel, comparability
from domain.facts import (
    PAGE_CAPABILITIES,
    Architecture,
    BenchmarkResult,
    CapabilityKind,
    CommercialUse,
    Contender,
    FactRef,
    License,
    Lifecycle,
    Openness,
    PartialDate,
    Presence,
    Price,
    PriceBasis,
    Task,
)
from domain.rules import Rule
from domain.scorecard import SIGNALS, Signal, SignalKey, signal
from domain.units import display_price, plain
from domain.verdict import chosen_weights, outcome, qualification, weigh
from domain.wording import in_sentence, in_words, listed
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
    "capability": (_KEY.CAPABILITY_BREADTH,),
    "benchmark": (_KEY.SHARED_BENCHMARKS,),
}
"""Which rows of the scorecard a fact feeds, beside evidence coverage."""


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


@dataclass(frozen=True, slots=True)
class _Try:
    """A value that a missing fact may have, as text, and the model that has it."""

    value: str
    filled: Contender


@dataclass(frozen=True, slots=True)
class _Missing:
    """A missing fact with the values to try; of a range these are in order. `said` puts values that give one outcome in
    words; the flag says of a range whether it is open at the lower and at the upper end."""

    fact: FactRef
    tries: tuple[_Try, ...]
    said: Callable[[tuple[str, ...], bool, bool], str]
    is_range: bool = False

    @property
    def kind(self) -> str:
        return self.fact.field.split(".")[0]


def decisive_unknowns(
    contenders: Sequence[Contender], workload: Workload, weights: Mapping[SignalKey, int] | None = None
) -> tuple[DecisiveUnknown, ...]:
    """A missing fact is decisive where some value that it may have gives another winner, or none where there is one,
    with every other fact as it is. Limits and dates are tried on both sides of every place where a row changes, so all
    their values are covered; of kinds, licence, capabilities and tasks every value is. A missing price is tried on one
    live route, far below, about, and far above the lowest prices of the others, a missing benchmark result better than,
    equal to and worse than the best one under the same conditions: what these do not show is not ruled out. Missing
    modalities are not tried. Facts that would make a winner come first."""
    judge = _Judge(contenders, workload, weights)
    found: list[DecisiveUnknown] = []
    for place, contender in enumerate(contenders):
        for missing in _missing(contender, contenders, workload):
            outcomes = [(each.value, after) for each, after in judge.winners(place, missing)]
            found += _regions(contender, missing, outcomes, judge)
    return tuple(sorted(found, key=lambda each: each.after is None))


class _Judge:
    """Asks for the winner again after one fact of one model is filled in, computing only the rows that it feeds."""

    def __init__(
        self, contenders: Sequence[Contender], workload: Workload, weights: Mapping[SignalKey, int] | None
    ) -> None:
        self.contenders, self.workload, self._weights = contenders, workload, chosen_weights(weights)
        self.names = {each.model.slug: each.model.name for each in contenders}
        self._rows = {key: signal(key, contenders, workload) for key, rule in SIGNALS.items() if rule.leads}
        self._qualifies = [qualification(each).qualifies for each in contenders]
        self._comparable = _comparable(contenders)
        self.before = self._winner(self._rows, self._qualifies, self._comparable)

    def winners(self, place: int, missing: _Missing) -> Iterator[tuple[_Try, str | None]]:
        """The winner with each value in the place of the missing fact."""
        if not self._comparable and missing.kind != "task":
            return
        coverage: Signal | None = None
        costs: dict[bool, Signal] = {}
        for each in missing.tries:
            filled = [*self.contenders[:place], each.filled, *self.contenders[place + 1 :]]
            coverage = coverage or signal(_KEY.EVIDENCE_COVERAGE, filled, self.workload)
            rows = {**self._rows, _KEY.EVIDENCE_COVERAGE: coverage}
            for key in _ROWS.get(missing.kind, ()):
                if key is _KEY.MONTHLY_COST and missing.is_range:  # a limit is too small for the workload, or it is not
                    enough = int(each.value) >= _need(missing.kind, self.workload)
                    costs[enough] = rows[key] = costs.get(enough) or signal(key, filled, self.workload)
                else:
                    rows[key] = signal(key, filled, self.workload)
            qualifies = [*self._qualifies]
            qualifies[place] = qualification(each.filled).qualifies
            comparable = _comparable(filled) if missing.kind == "task" else self._comparable
            yield each, self._winner(rows, qualifies, comparable)

    def _winner(self, rows: Mapping[SignalKey, Signal], qualifies: Sequence[bool], comparable: bool) -> str | None:
        slugs = tuple(self.names)
        return outcome(
            weigh(tuple(rows.values()), slugs, self._weights),
            qualified=[slug for slug, fit in zip(slugs, qualifies, strict=True) if fit],
            comparable=comparable,
            total_weight=sum(self._weights.values()),
        )[0]


def _comparable(contenders: Sequence[Contender]) -> bool:
    return comparability(contenders).level is not ComparabilityLevel.NOT_COMPARABLE


def _need(field: str, workload: Workload) -> int:
    return workload.context_need if field == "context_window" else workload.output_need


def _regions(
    contender: Contender, missing: _Missing, outcomes: Sequence[tuple[str, str | None]], judge: _Judge
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


def _missing(contender: Contender, contenders: Sequence[Contender], workload: Workload) -> Iterator[_Missing]:
    """Every fact of a model that is missing and that the verdict asks for."""
    others = [each for each in contenders if each is not contender]
    model = contender.model

    def one(field: str, values: Iterable[tuple[str, object]], said: Callable[..., str], is_range: bool) -> _Missing:
        tries = (_Try(text, replace(contender, model=replace(model, **{field: value}))) for text, value in values)  # type: ignore[arg-type]
        return _Missing(FactRef("model", model.id, field), tuple(tries), said, is_range)

    for field in ("context_window", "max_output"):
        if getattr(model, field) is None and applies(model, field):
            known = [getattr(each.model, field) for each in others]
            sizes = _sizes([size for size in known if size is not None], _need(field, workload))
            yield one(field, ((str(size), size) for size in sizes), _tokens(field), True)
    for field, word in (("released", "a release"), ("knowledge_cutoff", "a knowledge cutoff")):
        if getattr(model, field) is None:
            days = _days([day for each in others if (day := getattr(each.model, field)) is not None])
            yield one(field, ((day, PartialDate(day)) for day in days), _dates(word), True)
    for field, kind in _KINDS.items():
        if getattr(model, field).name == "UNKNOWN":
            members = ((each.value, each) for each in kind if each.name != "UNKNOWN")
            yield one(field, members, _kinds(field, kind), False)
    if model.license is None:
        yield one(
            "license", [("any", License(0, "any", "Any"))], lambda *_: "its license sourced, whatever it is", False
        )
    if model.parameters_total is None:
        yield one("parameters_total", [("1", 1)], lambda *_: "its parameters sourced, however many", False)
    for ability in PAGE_CAPABILITIES:
        if capability(model, ability).presence is Presence.UNKNOWN:
            yield _ability(contender, ability)
    yield from _prices(contender, others)
    yield from _results(contender, others)


_KINDS: Mapping[str, type[StrEnum]] = {
    "task": Task,
    "openness": Openness,
    "commercial_use": CommercialUse,
    "lifecycle": Lifecycle,
    "architecture": Architecture,
}


def _sizes(known: Sequence[int], need: int) -> list[int]:
    """On both sides of every size at which somebody leads, ties or is beaten, or at which the workload fits."""
    edges = {need}
    for size in known:
        edges |= {size, size * 95 // 100, size * 100 // 95}
    near = {edge + step for edge in edges for step in (-1, 0, 1, 2)}
    return sorted({1, *(size for size in near if size > 0), 2 * max(edges)})


def _days(known: Sequence[str]) -> list[str]:
    """On both sides of every known date, however precise."""
    days: set[date] = set()
    for text in known:
        parts = [int(part) for part in text.split("-")]
        first = date(*(*parts, 1, 1)[:3])
        last = first
        if len(parts) == 2:
            last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        elif len(parts) == 1:
            last = date(first.year, 12, 31)
        days |= {first - timedelta(days=1), first, last, last + timedelta(days=1)}
    return [day.isoformat() for day in sorted(days or {date(2000, 1, 1)})]


def _tokens(field: str) -> Callable[[tuple[str, ...], bool, bool], str]:
    noun = "a context window" if field == "context_window" else "an output limit"

    def said(values: tuple[str, ...], from_lowest: bool, to_highest: bool) -> str:
        low, high = (f"{int(value):,}" for value in values)
        if from_lowest and to_highest:
            return f"{noun} sourced, of any size"
        if to_highest:
            return f"{noun} of {low} tokens or more"
        return f"{noun} of {high} tokens or less" if from_lowest else f"{noun} of {low} to {high} tokens"

    return said


def _dates(noun: str) -> Callable[[tuple[str, ...], bool, bool], str]:
    def said(values: tuple[str, ...], from_lowest: bool, to_highest: bool) -> str:
        low, high = values
        if from_lowest and to_highest:
            return f"{noun} sourced, on any day"
        if to_highest:
            return f"{noun} on {low} or later"
        if from_lowest:
            return f"{noun} on {high} or earlier"
        return f"{noun} on {low}" if low == high else f"{noun} from {low} to {high}"

    return said


def _kinds(field: str, kind: type[StrEnum]) -> Callable[..., str]:
    noun = field.replace("_", " ")
    size = sum(each.name != "UNKNOWN" for each in kind)

    def said(values: tuple[str, ...], *_: bool) -> str:
        if len(values) == size:
            return f"its {noun} sourced, whatever it is"
        return f"its {noun} sourced as {listed((in_sentence(kind(value)) for value in values), 'or')}"

    return said


def _ability(contender: Contender, kind: CapabilityKind) -> _Missing:
    model, given = contender.model, contender.model.capabilities
    yes = replace(given, yes=given.yes | {kind})
    no = replace(given, no=given.no | {kind})
    tries = tuple(
        _Try(text, replace(contender, model=replace(model, capabilities=each)))
        for text, each in (("YES", yes), ("NO", no))
    )
    words = {("YES",): f"{in_sentence(kind)} confirmed", ("NO",): f"{in_sentence(kind)} ruled out"}
    settled = f"{in_sentence(kind)} settled, yes or no"
    return _Missing(
        FactRef("model", model.id, f"capability.{kind}"), tries, lambda values, *_: words.get(values, settled)
    )


def _prices(contender: Contender, others: Sequence[Contender]) -> Iterator[_Missing]:
    """A complete price of one live route that may be metered, where the model has none."""
    model = contender.model
    if model.task not in TOKEN_TASKS or any(complete_price(offer, model.task) for offer in contender.live):
        return
    open_ones = [
        offer for offer in contender.live if offer.route.price_basis in (PriceBasis.UNKNOWN, PriceBasis.METERED)
    ]
    if not open_ones:
        return
    offer = min(open_ones, key=lambda each: (not each.route.first_party, each.route.key))
    amounts = {}
    for unit in ("input", "output"):
        lowest = [found[0] for each in others if (found := lowest_price(each, unit))]
        amounts[unit] = sorted({rate * share for rate in lowest or [Decimal(1)] for share in _SHARES})
    tries = []
    for into in amounts["input"]:
        for out in amounts["output"]:
            price = Price(-offer.route.id, offer.route.id, input_mtok=into, output_mtok=out)
            priced = replace(offer, route=replace(offer.route, price_basis=PriceBasis.METERED), prices=(price,))
            offers = tuple(priced if each is offer else each for each in contender.offers)
            tries.append(_Try(f"{plain(into)} {plain(out)}", replace(contender, loaded_offers=offers)))

    def said(values: tuple[str, ...], *_: bool) -> str:
        if len(values) == len(tries):
            return f"a complete price of {offer.route.key} sourced, at each amount that was tried"
        into, out = (display_price(Decimal(text)).replace("/1M tokens", "") for text in values[-1].split())
        return f"a complete price of {offer.route.key} such as {into} for input and {out} for output per 1M tokens"

    yield _Missing(FactRef("route", offer.route.id, "price.STANDARD.0.input"), tuple(tries), said)


_SHARES = tuple(Decimal(share) for share in ("0.01", "0.5", "0.94", "1", "1.06", "2", "100"))


def _results(contender: Contender, others: Sequence[Contender]) -> Iterator[_Missing]:
    """A result under the conditions of one that others have and this model has not."""
    own = {conditions(each) for each in contender.results}
    theirs: dict[Hashable, list[Decimal]] = {}
    one: dict[Hashable, BenchmarkResult] = {}
    for each in (result for other in others for result in other.results):
        key = conditions(each)
        if key not in own:
            theirs.setdefault(key, []).append(each.score)
            one.setdefault(key, each)
    for shared, scores in theirs.items():
        result = one[shared]
        lower = less_is_better(result.metric)
        best = min(scores) if lower else max(scores)
        step = Decimal("-0.01") if lower else Decimal("0.01")
        bound = 0 if lower else 100 if result.metric == "percent" else None
        better = [("BETTER", best + step)] if bound is None or best != bound else []
        values = [*better, ("EQUAL", best), ("WORSE", best - step)]
        tries = tuple(
            _Try(word, replace(contender, loaded_results=(*contender.results, _scored(result, contender, score))))
            for word, score in values
        )
        yield _Missing(
            FactRef("model", contender.model.id, f"benchmark.{result.benchmark.slug}"),
            tries,
            _scores(f"{result.benchmark.name} ({result.metric})", plain(best), len(tries)),
        )


def _scored(result: BenchmarkResult, contender: Contender, score: Decimal) -> BenchmarkResult:
    return replace(result, id=-result.id, model_id=contender.model.id, score=score)


def _scores(name: str, best: str, tried: int) -> Callable[..., str]:
    def said(values: tuple[str, ...], *_: bool) -> str:
        if len(values) == tried:
            return f"any score in {name} under the same conditions"
        return f"a score {listed((_SCORED[value] for value in values), 'or')} the best one, {best}, in {name}, under the same conditions"

    return said


_SCORED = {"BETTER": "better than", "EQUAL": "equal to", "WORSE": "worse than"}

DECISIVE = Rule(
    "verdict.decisive-unknowns", "Decisive unknowns", in_words(decisive_unknowns), "docs/methodology.md#verdict"
)
RULES = (DECISIVE,)
