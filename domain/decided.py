"""A decision in the compact form in which records keep it: what was answered, the numbers beside it, and both in words.

The answer is what a replay holds against the one of today; numbers beside it may move without turning it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from domain.benchmarks import SharedBenchmarks, said, told_apart
from domain.billing import base_ref
from domain.break_even import BreakEven
from domain.conditional import Matrix
from domain.cost import MonthlyCost, RouteCost, route_cost
from domain.eligible import Ineligible
from domain.facts import FactRef, Presence, Unavailable
from domain.fallbacks import Fallbacks
from domain.friction import SwitchFriction
from domain.plan_steps import SwitchPlan
from domain.recommend import Ranking
from domain.switches import Cheaper
from domain.units import display_percent, display_usd, plain
from domain.verdict import Verdict
from domain.wording import agree, listed, lowered


@dataclass(frozen=True, slots=True)
class Decided:
    """`answer` and `figures` are JSON. `is_open`: nothing was decided, and `sentence` says why."""

    answer: dict[str, Any]
    figures: dict[str, Any]
    sentence: str
    rules: tuple[str, ...]
    used: tuple[FactRef, ...]
    is_open: bool = False


def decided(found: Any, most: int = 10) -> Decided:
    """A decision in short; of a list the first `most`."""
    answer: dict[str, Any]
    figures: dict[str, Any]
    match found:
        case Unavailable():
            return Decided({}, {}, found.message, (), found.missing, is_open=True)
        case Ineligible():
            return Decided({}, {}, found.message, (found.rule,), found.used, is_open=True)
        case Verdict():
            figures = {"margin": plain(found.margin), "points": dict(found.points), "reason": found.reason}
            margin = display_percent(found.margin)
            words = f"{found.winner} wins, by {margin} of all weights." if found.decided else found.sentence
            answer = {"winner": found.winner}
            return Decided(answer, figures, words, found.rules, found.used, is_open=not found.decided)
        case MonthlyCost():
            keys = [each.route.key for each in found.cheapest]
            answer = {"cheapest": keys, "total": plain(found.total)}
            verb = agree(keys, "costs", "cost")
            words = f"{listed(keys)} {verb} least: {found.display} a month ({plain(found.total)} USD)."
            return Decided(answer, {}, words, found.rules, tuple(dict.fromkeys((*found.used, *_compared(found)))))
        case RouteCost():
            words = f"{found.route.key} costs {found.display} a month ({plain(found.total)} USD)."
            return Decided({"total": plain(found.total)}, {}, words, found.rules, found.used)
        case SwitchFriction():
            factors = [[each.kind.value, each.severity.value] for each in found.factors]
            answer = {"level": found.level.value, "score": found.score, "factors": factors}
            words = (
                f"{found.source} to {found.target}: {lowered(found.level.value.capitalize())}, {found.score} of 100."
            )
            return Decided(answer, {}, words, _rules(found, found.factors), found.used)
        case SwitchPlan():
            ends = found.source.offer.route.key, found.target.offer.route.key
            steps = [[each.kind.value, each.severity.value] for each in found.steps]
            answer = {"ends": list(ends), "level": found.level.value, "score": found.score, "steps": steps}
            words = (
                f"{ends[0]} to {ends[1]}: {lowered(found.level.value.capitalize())}, {found.score} of 100, in {len(steps)} "
                f"{agree(steps, 'step', 'steps')}."
            )
            return Decided(answer, {}, words, _rules(found, found.steps), found.used)
        case BreakEven():
            between = [None if each is None else plain(each.at) for each in (found.lower, found.upper)]
            cheaper = None if found.now.first == found.now.second else found.now.first < found.now.second
            answer = {"below": found.below, "above": found.above, "between": between, "firstIsCheaper": cheaper}
            figures = {"now": [plain(found.now.first), plain(found.now.second)]}
            return Decided(answer, figures, found.sentence, (found.rule,), found.used)
        case SharedBenchmarks():
            return _benchmarks(found)
        case Matrix():
            return _matrix(found)
        case Ranking():
            return _ranking(found, most)
        case Cheaper():
            return _cheaper(found, most)
        case Fallbacks():
            return _fallbacks(found)
    raise TypeError(f"no decision that has a record: {type(found).__name__}")


def _compared(found: MonthlyCost) -> Iterator[FactRef]:
    """The facts of every route that was compared: a change of any may turn it."""
    for each in found.ranked:
        yield from each.outcome.missing if isinstance(each.outcome, Unavailable) else each.outcome.used


def _rules(found: SwitchFriction | SwitchPlan, parts: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((found.rule, *(each.rule for each in parts))))


def _benchmarks(found: SharedBenchmarks) -> Decided:
    """Who leads in which row; a row is what was measured, and how. Nothing shared is nothing decided."""
    rows = [
        [[row.benchmark, row.version, row.metric, row.harness, row.variant, row.runner], list(row.leaders)]
        for row in found.rows
    ]
    scores = [{slug: plain(result.score) for slug, result in row.results.items()} for row in found.rows]
    figures = {"scores": scores, "refused": len(found.refused)}
    names = told_apart([said(row.name, row) for row in found.rows])
    words = [
        f"{listed(row.leaders) if row.leaders else 'nobody'} in {name}"
        for row, name in zip(found.rows, names, strict=True)
    ]
    sentence = f"{found.sentence} Who leads: {listed(words)}." if words else found.sentence
    refused = (
        FactRef("model", each.model_id, f"benchmark.{each.benchmark.slug}")
        for pair in found.refused
        for each in (pair.first_result, pair.second_result)
    )
    used = tuple(dict.fromkeys((*found.used, *refused)))
    return Decided({"rows": rows}, figures, sentence, (found.rule,), used, is_open=not rows)


def _matrix(found: Matrix) -> Decided:
    """Of each route whether all can be had there, and who decides that; in whatever order. Where no route says yes or no,
    nothing is decided."""
    routes = sorted([each.route.key, each.presence.value, each.scope.value] for each in found.routes)
    counts = {each.value: sum(one.presence is each for one in found.routes) for each in Presence}
    kinds = listed(str(kind.value) for kind in found.kinds)
    have = [each.route.key for each in found.routes if each.presence is Presence.YES]
    words = (
        f"{kinds} together, of {len(routes)} live {agree(routes, 'route', 'routes')} of {found.model.slug}: yes on "
        f"{listed(have, limit=5) if have else 'none'}, no on {counts['NO']}, unknown on {counts['UNKNOWN']}."
    )
    is_open = counts["UNKNOWN"] == len(routes)
    return Decided({"routes": routes}, counts, words, (found.rule,), found.used, is_open=is_open)


def _ranking(found: Ranking, most: int) -> Decided:
    first = found.fits[:most]
    names = [f"{one.model.slug} on {one.route.key}" for one in first]
    figures = {"scores": [one.score for one in first], "fits": len(found.fits)}
    words = "Nothing fits." if not names else f"Of {len(found.fits)} that fit, in this order: {listed(names)}."
    used = [ref for one in first for each in found.measures(one) for ref in each.used]
    used += [ref for one in first for each in found.checks(one) for ref in each.used]
    answer = {"ranked": [[one.model.slug, one.route.key] for one in first]}
    return Decided(answer, figures, words, (found.rule,), tuple(dict.fromkeys(used)))


def _cheaper(found: Cheaper, most: int) -> Decided:
    first = found.savings[:most]
    names = [f"{one.contender.model.slug} on {one.offer.route.key}" for one in first]
    figures = {"now": plain(found.total), "totals": [plain(one.total) for one in first], "count": len(found.savings)}
    figures["qualities"] = [one.quality.value for one in first]
    words = f"Now {display_usd(found.total)} a month; for less: {listed(names) if names else 'nothing that is known'}."
    source, workload = found.source, found.workload
    ours = source.contender.live if source.offer is None else (source.offer,)
    pairs = [(source.contender.model, offer) for offer in ours]
    pairs += [(one.contender.model, one.offer) for one in first]
    used = [FactRef("model", model.id, "task") for model, _ in pairs]
    for model, offer in pairs:
        cost = route_cost(offer, workload, model=model)
        used += cost.used if isinstance(cost, RouteCost) else ()
    used += [ref for one in first for row in one.rows for ref in row.used]
    answer = {"switches": [[one.contender.model.slug, one.offer.route.key] for one in first]}
    return Decided(answer, figures, words, found.rules, tuple(dict.fromkeys(used)))


def _fallbacks(found: Fallbacks) -> Decided:
    keys = [each.offer.route.key for each in found.backups]
    figures = {"now": plain(found.total), "totals": [plain(each.at_share) for each in found.backups]}
    words = f"{found.route.key} is backed up by {listed(keys) if keys else 'nothing that is known to be independent'}."
    refs = [ref for each in found.backups for ref in each.used]
    refs += [FactRef("model", found.source.contender.model.id, field) for field in ("task", "lab")]
    refs += [base_ref(found.offer, unit) for unit in ("input", "output")]
    answer = {"route": found.route.key, "backups": keys}
    return Decided(answer, figures, words, found.rules, tuple(dict.fromkeys(refs)))
