"""What is missing of a model that a verdict asks for, and the values that it may have.

Few values stand for all: on both sides of every place where a row of the scorecard changes, and every member of a kind.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.benchmarks import conditions, less_is_better, said, told_apart
from domain.billing import complete_price
from domain.capabilities import presence_of
from domain.cells import applies, lowest_price
from domain.cost import RouteCost, ranked_costs
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
from domain.overrides import bar_of, freed, settled, unsettled
from domain.tasks import TOKEN_TASKS
from domain.units import display_price, plain
from domain.wording import in_sentence, listed
from domain.workload import Workload


@dataclass(frozen=True, slots=True)
class Try:
    """A value that a missing fact may have, as text, and the model that has it."""

    value: str
    filled: Contender


@dataclass(frozen=True, slots=True)
class Missing:
    """A missing fact with the values to try; of a range these are in order. `said` puts values that give one outcome in
    words; the flag says of a range whether it is open at the lower and at the upper end."""

    fact: FactRef
    tries: tuple[Try, ...]
    said: Callable[[tuple[str, ...], bool, bool], str]
    is_range: bool = False

    @property
    def kind(self) -> str:
        return self.fact.field.split(".")[0]


def needed_tokens(field: str, workload: Workload) -> int:
    """What a limit has to hold for the workload."""
    return workload.context_need if field == "context_window" else workload.output_need


def missing_facts(contender: Contender, contenders: Sequence[Contender], workload: Workload) -> Iterator[Missing]:
    """Every fact of a model that is missing and that the verdict asks for."""
    others = [each for each in contenders if each is not contender]
    model = contender.model

    def one(field: str, values: Iterable[tuple[str, object]], said: Callable[..., str], is_range: bool) -> Missing:
        tries = (Try(text, replace(contender, model=replace(model, **{field: value}))) for text, value in values)  # type: ignore[arg-type]
        return Missing(FactRef("model", model.id, field), tuple(tries), said, is_range)

    for field in ("context_window", "max_output"):
        if getattr(model, field) is None and applies(model, field):
            known = [getattr(each.model, field) for each in others]
            sizes = _sizes([size for size in known if size is not None], needed_tokens(field, workload))
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
            "license", [("any", License(0, "any", "Any"))], lambda *_: "its license sourced (whatever it is)", False
        )
    if model.parameters_total is None:
        yield one("parameters_total", [("1", 1)], lambda *_: "its parameters sourced (however many)", False)
    for ability in PAGE_CAPABILITIES:
        if presence_of(model, ability) is Presence.UNKNOWN:
            yield _ability(contender, ability)
    yield from _prices(contender, others)
    yield from _usability(contender, workload)
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
            return f"its {noun} sourced (whatever it is)"
        others = [each for each in kind if each.name != "UNKNOWN" and each.value not in values]
        if len(others) < len(values):  # the shorter way to say it
            return f"its {noun} sourced as anything but {listed((in_sentence(each) for each in others), 'or')}"
        return f"its {noun} sourced as {listed((in_sentence(kind(value)) for value in values), 'or')}"

    return said


def _ability(contender: Contender, kind: CapabilityKind) -> Missing:
    model, given = contender.model, contender.model.capabilities
    yes = replace(given, yes=given.yes | {kind})
    no = replace(given, no=given.no | {kind})
    tries = tuple(
        Try(text, replace(contender, model=replace(model, capabilities=each)))
        for text, each in (("YES", yes), ("NO", no))
    )
    words = {("YES",): f"{in_sentence(kind)} confirmed", ("NO",): f"{in_sentence(kind)} ruled out"}
    settled = f"{in_sentence(kind)} settled, yes or no"
    return Missing(
        FactRef("model", model.id, f"capability.{kind}"), tries, lambda values, *_: words.get(values, settled)
    )


def _prices(contender: Contender, others: Sequence[Contender]) -> Iterator[Missing]:
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
        lowest = [found[0] for each in others if (found := lowest_price(each, unit))] or [Decimal(1)]
        near = {rate * share for rate in lowest for share in _ABOUT}
        amounts[unit] = sorted(near | {min(lowest) * share for share in _FAR_OFF})
    tries = []
    for into in amounts["input"]:
        for out in amounts["output"]:
            price = Price(-offer.route.id, offer.route.id, input_mtok=into, output_mtok=out)
            priced = replace(offer, route=replace(offer.route, price_basis=PriceBasis.METERED), prices=(price,))
            offers = tuple(priced if each is offer else each for each in contender.offers)
            tries.append(Try(f"{plain(into)} {plain(out)}", replace(contender, loaded_offers=offers)))

    def said(values: tuple[str, ...], *_: bool) -> str:
        if len(values) == len(tries):
            return f"a complete price of {offer.route.key} sourced, at each amount that was tried"
        into, out = (display_price(Decimal(text)).replace("/1M tokens", "") for text in values[-1].split())
        return f"a complete price of {offer.route.key} such as {into} for input and {out} for output per 1M tokens"

    yield Missing(FactRef("route", offer.route.id, "price.STANDARD.0.input"), tuple(tries), said)


def _usability(contender: Contender, workload: Workload) -> Iterator[Missing]:
    """Whether the caller may use the cheapest of the routes of which no source says so, under their own terms."""
    ranked = ranked_costs([freed(offer) for offer in unsettled(contender)], workload, model=contender.model)
    keys = [each.route.key for each in ranked if isinstance(each.outcome, RouteCost) and each.outcome.competes]
    bars = {offer.route.key: bar for offer in unsettled(contender) if (bar := bar_of(offer)) and len(bar.used) == 1}
    key = next((key for key in keys if key in bars), None)
    if key is None:
        return
    (fact,), wanted = bars[key].used, bars[key].wanted
    tries = tuple(Try(text, settled(contender, fact, usable=text == "YES")) for text in ("YES", "NO"))
    words = {("YES",): f"a source that {key} {wanted}", ("NO",): f"a source that {key} does not"}
    yield Missing(fact, tries, lambda values, *_: words.get(values, f"it settled whether {key} {wanted}"))


_ABOUT = tuple(map(Decimal, ("0.94", "1", "1.06")))
_FAR_OFF = tuple(map(Decimal, ("0.01", "0.5", "2", "100")))


def _results(contender: Contender, others: Sequence[Contender]) -> Iterator[Missing]:
    """A result under the conditions of one that others have and this model has not."""
    own = {conditions(each) for each in contender.results}
    theirs: dict[Hashable, list[Decimal]] = {}
    one: dict[Hashable, BenchmarkResult] = {}
    for each in (result for other in others for result in other.results):
        key = conditions(each)
        if key not in own:
            theirs.setdefault(key, []).append(each.score)
            one.setdefault(key, each)
    names = told_apart([said(each.benchmark.name, each) for each in one.values()])
    for (shared, scores), name in zip(theirs.items(), names, strict=True):
        result = one[shared]
        lower = less_is_better(result.metric)
        best = min(scores) if lower else max(scores)
        step = Decimal("-0.01") if lower else Decimal("0.01")
        bound = 0 if lower else 100 if result.metric == "percent" else None
        better = [("BETTER", best + step)] if bound is None or best != bound else []
        values = [*better, ("EQUAL", best), ("WORSE", best - step)]
        tries = tuple(
            Try(word, replace(contender, loaded_results=(*contender.results, _scored(result, contender, score))))
            for word, score in values
        )
        yield Missing(
            FactRef("model", contender.model.id, f"benchmark.{result.benchmark.slug}"),
            tries,
            _scores(name, plain(best), len(tries)),
        )


def _scored(result: BenchmarkResult, contender: Contender, score: Decimal) -> BenchmarkResult:
    return replace(result, id=-result.id, model_id=contender.model.id, score=score)


def _scores(name: str, best: str, tried: int) -> Callable[..., str]:
    def said(values: tuple[str, ...], *_: bool) -> str:
        if len(values) == tried:
            return f"any score in {name} measured the same way"
        return f"a score {listed((_SCORED[value] for value in values), 'or')} {best} in {name} measured the same way"

    return said


_SCORED = {"BETTER": "better than", "EQUAL": "equal to", "WORSE": "worse than"}
