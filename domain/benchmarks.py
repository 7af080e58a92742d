"""Which benchmark results may stand in one row: only those that were measured the same way.

Other pairs on the same benchmark are refused, with what blocks them. Nothing shared is an answer, not an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from types import MappingProxyType

from domain.facts import BenchmarkResult, Contender, FactRef
from domain.reconcile import CURATED_SOURCE
from domain.rules import Rule
from domain.wording import counted

JOIN = Rule(
    "benchmarks.join",
    "Results that may be joined",
    "Two results join only when benchmark, version, metric, harness, variant and runner class agree. What neither "
    "result states agrees only within one source (for our own files, one cited document), because a source measures its "
    "own rows the same way. Two models' results on one benchmark that find no partner are refused, with what blocks them: "
    "of whatever version, and SWE-bench Verified bash only is SWE-bench Verified in a harness of its own. Of several "
    "results of one model measured the same way the newest counts. More is better, except for error rates, costs and times.",
    "docs/methodology.md#benchmarks",
)
RULES = (JOIN,)

_LESS_IS_BETTER = frozenset({"wer", "cer", "error_rate", "cost", "latency", "seconds", "perplexity"})
ONE_SETTING: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"SWE-bench Verified bash only": ("SWE-bench Verified", "harness")}
)
"""Names that stand for a benchmark under one condition: the same tasks, where every model runs in the board's one small agent.
What only looks alike (other tasks, a selection of them) is another benchmark and not here."""
_CONDITIONS = ("version", "metric", "harness", "variant", "runner")


@dataclass(frozen=True, slots=True)
class BenchmarkRow:
    """Results of at least two models that were measured the same way. `results` by model slug; a model without one is
    absent. `leaders` have the best score; empty where all are equal."""

    benchmark: str
    name: str
    version: str | None
    metric: str
    harness: str | None
    variant: str | None
    runner: str | None
    less_is_better: bool
    results: Mapping[str, BenchmarkResult]
    leaders: tuple[str, ...]
    rule: str
    used: tuple[FactRef, ...]


@dataclass(frozen=True, slots=True)
class RefusedPair:
    """Two results on one benchmark that must not be compared. `blocked_by` names the conditions that differ or are not
    known on both sides: version, metric, harness, variant, runner."""

    benchmark: str
    name: str
    first: str
    second: str
    first_result: BenchmarkResult
    second_result: BenchmarkResult
    blocked_by: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class SharedBenchmarks:
    """The rows that models share, and the pairs that look comparable and are not."""

    rows: tuple[BenchmarkRow, ...]
    refused: tuple[RefusedPair, ...]
    rule: str
    used: tuple[FactRef, ...]

    @property
    def sentence(self) -> str:
        """How many results stand side by side; none is a sentence too."""
        if self.rows:
            return f"{counted(len(self.rows), 'benchmark result')} can be compared side by side."
        blocked = f" {counted(len(self.refused), 'pair')} of results must not be compared." if self.refused else ""
        return f"No benchmark result is sourced yet that these models share under the same conditions.{blocked}"


def blocked_by(first: BenchmarkResult, second: BenchmarkResult) -> tuple[str, ...]:
    """What keeps two results of one benchmark (`tasks_of`) apart (rule `benchmarks.join`); empty when they join."""

    def condition(result: BenchmarkResult, name: str) -> str | None:
        return result.benchmark.version if name == "version" else getattr(result, name)

    found = []
    for name in _CONDITIONS:
        ours, theirs = condition(first, name), condition(second, name)
        named = first.benchmark.name != second.benchmark.name and name in (_setting(first), _setting(second))
        if named or ours != theirs or (ours is None and _publisher(first) != _publisher(second)):
            found.append(name)
    return tuple(found)


def tasks_of(result: BenchmarkResult) -> str:
    """The name of the benchmark that a result is one on, whatever the version and the setting."""
    return ONE_SETTING.get(result.benchmark.name, (result.benchmark.name, ""))[0]


def _setting(result: BenchmarkResult) -> str:
    return ONE_SETTING.get(result.benchmark.name, ("", ""))[1]


def less_is_better(metric: str) -> bool:
    """Whether the lower score of a metric leads: error rates, costs and times."""
    return metric.casefold() in _LESS_IS_BETTER


def conditions(result: BenchmarkResult) -> _Key:
    """What has to agree for two results to join (rule `benchmarks.join`): those with equal conditions do."""
    return _key(result)


Said = tuple[str, str | None, str | None, str | None, str | None, str | None]


def said(name: str, one: BenchmarkRow | BenchmarkResult) -> Said:
    """The name of a benchmark and what tells results on it apart, what says most first."""
    version = one.version if isinstance(one, BenchmarkRow) else one.benchmark.version
    return name, version, one.variant, one.harness, one.metric, one.runner


def told_apart(every: Sequence[Said]) -> tuple[str, ...]:
    """Each by its name, and where others have that name too by as few of its conditions as tell them apart, as far as any do:
    `BFCL Agentic (memory)` and `BFCL Agentic (web search)`."""
    found = []
    for one in every:
        alike, words = {other for other in every if other[0] == one[0]}, []
        for place in range(1, len(one)):
            if len({other[place] for other in alike}) > 1:
                words += [stated] if (stated := one[place]) else []
                alike = {other for other in alike if other[place] == one[place]}
        found.append(f"{one[0]} ({', '.join(words)})" if words else one[0])
    return tuple(found)


def joined(contenders: Sequence[Contender]) -> tuple[BenchmarkRow, ...]:
    """The rows alone. Needs the results."""
    return tuple(_rows(contenders))


def shared_benchmarks(contenders: Sequence[Contender]) -> SharedBenchmarks:
    """The joined rows and refused pairs of two or more models. Needs the results."""
    rows = rows_of(contenders)
    used = tuple(dict.fromkeys(ref for row in rows for ref in row.used))
    return SharedBenchmarks(rows, tuple(_refused(contenders)), JOIN.id, used)


def rows_of(contenders: Sequence[Contender]) -> tuple[BenchmarkRow, ...]:
    """The joined rows alone: nothing is said of pairs that look comparable and are not. Needs the results."""
    return tuple(_rows(contenders))


_Key = tuple[str, str | None, str, str | None, str | None, str | None, str | None]


def _key(result: BenchmarkResult) -> _Key:
    version = result.benchmark.version
    stated = (result.benchmark.slug, version, result.metric, result.harness, result.variant, result.runner)
    # The source belongs to the key only where something is not stated: see the rule.
    return (*stated, None if None not in stated else _publisher(result))


def _publisher(result: BenchmarkResult) -> str | None:
    """Who put the number beside others: our own files quote many documents, so there it is the document."""
    return result.url if result.source == CURATED_SOURCE else result.source


def _alike(contenders: Sequence[Contender]) -> dict[_Key, dict[str, BenchmarkResult]]:
    """The newest result of each model by what has to agree."""
    cells: dict[_Key, dict[str, BenchmarkResult]] = {}
    for contender in contenders:
        for result in sorted(contender.results, key=lambda result: (result.date or "", result.id)):
            cells.setdefault(_key(result), {})[contender.model.slug] = result
    return cells


def scores_alike(contenders: Sequence[Contender]) -> Mapping[_Key, Mapping[str, Decimal]]:
    """The scores of models by what has to agree for them to join, those that stand alone too. Needs the results."""
    return {
        key: {slug: result.score for slug, result in results.items()} for key, results in _alike(contenders).items()
    }


def best_of(scores: Mapping[str, Decimal], metric: str) -> tuple[str, ...]:
    """Who has the best of scores that may be joined; nobody where it is one alone, or all are equal."""
    return _leaders(scores, less_is_better(metric)) if len(scores) > 1 else ()


def _rows(contenders: Sequence[Contender]) -> Iterator[BenchmarkRow]:
    cells = _alike(contenders)
    for key in sorted(cells, key=lambda key: tuple(part or "" for part in key)):
        results = cells[key]
        if len(results) < 2:
            continue
        one = next(iter(results.values()))
        less_is_better = one.metric.casefold() in _LESS_IS_BETTER
        yield BenchmarkRow(
            benchmark=one.benchmark.slug,
            name=one.benchmark.name,
            version=one.benchmark.version,
            metric=one.metric,
            harness=one.harness,
            variant=one.variant,
            runner=one.runner,
            less_is_better=less_is_better,
            results=MappingProxyType(results),
            leaders=_leaders({slug: result.score for slug, result in results.items()}, less_is_better),
            rule=JOIN.id,
            used=tuple(
                FactRef("model", each.model_id, f"benchmark.{each.benchmark.slug}") for each in results.values()
            ),
        )


def _leaders(scores: Mapping[str, Decimal], less_is_better: bool) -> tuple[str, ...]:
    best = min(scores.values()) if less_is_better else max(scores.values())
    leaders = tuple(slug for slug, score in scores.items() if score == best)
    return leaders if len(leaders) < len(scores) else ()


def _refused(contenders: Sequence[Contender]) -> Iterator[RefusedPair]:
    """Per two models and benchmark: the results of each that found no partner at the other. Not by slug, which has the version."""
    for first, second in combinations(contenders, 2):
        ours, theirs = ({id(result): _key(result) for result in each.results} for each in (first, second))
        alone = set(ours.values()) ^ set(theirs.values())
        others = [each for each in second.results if theirs[id(each)] in alone]
        for one in (each for each in first.results if ours[id(each)] in alone):
            for other in others:
                if tasks_of(one) == tasks_of(other):
                    yield RefusedPair(
                        benchmark=one.benchmark.slug,
                        name=tasks_of(one),
                        first=first.model.slug,
                        second=second.model.slug,
                        first_result=one,
                        second_result=other,
                        blocked_by=blocked_by(one, other),
                        rule=JOIN.id,
                    )
