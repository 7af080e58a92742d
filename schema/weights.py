"""What takes long in an operation and how long its lists are: the tables by which points are reckoned (`schema.points`)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from strawberry.utils.str_converters import to_camel_case

from domain.scorecard import SIGNALS, Need, SignalKey
from schema.paging import MOST

WEIGHTS: Mapping[str, int] = {
    "Model.disputes": 100,
    "Model.evidence": 2,
    "Model.monthlyCost": 40,
    "Route.monthlyCost": 2,
    "MonthlyCost.sensitivity": 5,
    "MonthlyCost.curve": 50,
    "RouteComparison.breakEvens": 100,
    "RouteComparison.curves": 50,
    "Model.bestFor": 20,
    "Comparison.flips": 85,
    "Comparison.deepDive": 3,
    "Comparison.faq": 3,
    "Comparison.pricing": 3,
    "Comparison.tradeoffs": 5,
    "Comparison.verdictProse": 3,
    "Verdict.decisiveUnknowns": 30,
    "Verdict.robustness": 30,
    "Comparison.continueComparing": 50,
    "Provenance.disputes": 40,
    "Fact.evidence": 3,
    "Cell.disputes": 1,
    "Query.disputes": 40,
    "Query.resolve": 5,
    "Query.switchPlan": 80,
    "Query.recommend": 2_000,
    "Query.cheaperSwitches": 2_000,
    "Query.fallbacks": 2_000,
    "Query.replay": 2_250,
    "Verdict.record": 250,
    "CapabilityMatrix.record": 1_000,
    "MonthlyCost.record": 100,
    "RouteCost.record": 20,
    "SwitchFriction.record": 150,
    "SwitchPlan.record": 100,
    "BreakEven.record": 20,
    "Recommendations.record": 50,
    "CheaperSwitches.record": 500,
    "FallbackSet.record": 500,
    "CheaperSwitch.friction": 10,
    "Recommendations.paretoFront": 100,
}
"""Points of a field itself, where it takes more than an attribute. Those of `OF_ALL_MODELS` count for each model that is compared, and
those of `FOR_EACH` for each of the first ones that are asked for."""

OF_ALL_MODELS = frozenset({"Comparison", "Verdict", "Provenance", "RouteComparison"})
"""Types of which there is one for all that is compared."""

ON_COSTS = frozenset(
    {
        "Model.monthlyCost",
        "Route.monthlyCost",
        "MonthlyCost.sensitivity",
        "MonthlyCost.curve",
        "RouteComparison.breakEvens",
        "RouteComparison.curves",
        "Comparison.flips",
        "Verdict.robustness",
        "Query.switchPlan",
        "Query.recommend",
        "Query.cheaperSwitches",
        "Query.fallbacks",
        "Query.replay",
        "CheaperSwitch.friction",
    }
)
"""Fields that reckon costs of their own, so that their weight is counted once for every `CLASSES_AT_ONCE` request classes."""

SEARCH, SEARCH_LETTER = 200, 8
"""For each `where: {text: …}` at the root, for each letter of it and at least: what is like a text is looked for in all rows, which takes
PostgreSQL 10 to 50 ms for a name, 130 ms for 100 letters and 240 for 200 (measured 2026-11-27)."""
FILTER = 20
"""For each other `where` at the root that names a condition: rows are looked through, which takes PostgreSQL 1 to 8 ms."""

RESOLVE_LETTERS = 4
"""Letters of a spelling that `resolve` takes one more point for: where nobody has it, what is spelled like it is looked for, which takes
PostgreSQL 9 ms for 180 letters (measured 2026-11-27)."""
COUNT = 5
"""For each `totalCount` at the root: all rows of the list are counted, which takes PostgreSQL 1 to 3 ms."""

CLASSES_AT_ONCE = 5
"""So many request classes of a month cost what one costs, and no preset has more: much of the work is not done for each class."""


def times(classes: int) -> int:
    """How often what rests on costs is counted for a month of so many request classes."""
    return -(-classes // CLASSES_AT_ONCE)


FOR_EACH = frozenset({"Recommendations.record"})
"""Fields that read all that is said of each of their `first`."""


class Work(StrEnum):
    """What takes long in a comparison and is done once for all of its fields that rest on it."""

    OFFERS = "OFFERS"
    COSTS = "COSTS"
    VERDICT = "VERDICT"
    FRICTIONS = "FRICTIONS"
    TESTIMONY = "TESTIMONY"
    LENS = "LENS"

    def points(self, models: int, classes: int = 1) -> int:
        """What it takes for so many models, at a month of so many request classes."""
        each = _WORK[self] * (times(classes) if self is Work.COSTS else 1)
        return each * (models * (models - 1) if self is Work.FRICTIONS else models)


_WORK: Mapping[Work, int] = {
    Work.OFFERS: 25,
    Work.COSTS: 45,
    Work.VERDICT: 20,
    Work.FRICTIONS: 15,
    Work.TESTIMONY: 40,
    Work.LENS: 500,
}
"""For each model, of frictions for each ordered pair of them. As all weights: a point is 0.1 to 0.4 ms of processor time for the models with the
most routes, measured 2026-11-27 by `python -m bench.points`."""

_COSTED = (Work.OFFERS, Work.COSTS)
_JUDGED = (*_COSTED, Work.VERDICT)
_SWITCHED = (*_COSTED, Work.FRICTIONS)


def _works_of(row: SignalKey) -> tuple[Work, ...]:
    """What a row of the scorecard rests on, by what its rule needs."""
    if row is SignalKey.MONTHLY_COST:
        return _COSTED
    return (Work.OFFERS,) if Need.OFFERS in SIGNALS[row].needs else ()


WORKS: Mapping[str, tuple[Work, ...]] = {
    "Comparison.comparability": (Work.OFFERS,),
    "Comparison.costDeltas": _COSTED,
    "Comparison.deepDive": _SWITCHED,
    "Comparison.faq": _SWITCHED,
    "Comparison.flips": _JUDGED,
    "Comparison.monthlyCosts": _COSTED,
    "Comparison.pricing": _COSTED,
    "Comparison.switchFriction": _SWITCHED,
    "Comparison.tradeoffs": _COSTED,
    "Comparison.verdict": _JUDGED,
    "Comparison.verdictProse": _JUDGED,
    "Cell.disputes": (Work.TESTIMONY,),
    "Fact.evidence": (Work.TESTIMONY,),
    "Provenance.disputes": (Work.TESTIMONY,),
    "Provenance.sources": (Work.TESTIMONY,),
    "Scorecard.signals": _COSTED,
    "SharedBenchmarks.record": (Work.TESTIMONY,),
    "SwitchFriction.record": (Work.TESTIMONY,),
    "Verdict.record": (Work.TESTIMONY,),
    **{f"Scorecard.{to_camel_case(key.lower())}": works for key in SIGNALS if (works := _works_of(key))},
}
"""What fields rest on. It is charged once for each comparison, and not below anything else."""

LENGTHS: Mapping[str, int] = {
    "Price.otherUnits": 2,
    "Price.hours": 2,
    "Route.prices": 5,
    "Route.priceHistory": 6,
    "Model.results": 30,
    "Model.capabilities": 18,
    "Route.capabilities": 18,
    "Methodology.rules": 200,
    "Methodology.presets": 10,
    "Methodology.frictionWeights": 6,
    "Methodology.weights": 15,
    "Comparison.specs": 12,
    "Comparison.capabilities": 17,
    "Scorecard.signals": 15,
    "Cell.disputes": 1,
    "ContinueComparing.neighbours": 1,  # `first` of the list above has counted them
    "MonthlyCost.sensitivity": 3,
    "Verdict.claims": 25,
    "Verdict.weights": 15,
    "Query.sources": 10,
    "PricesChanged.changes": MOST,
    "SwitchPlan.steps": 20,
    "PlanStep.parameters": 14,
    "Parameter.beside": 1,
    "PlanStep.references": 14,
    "Recommendations.weights": 9,
    "SwitchCost.factors": 15,
    "CapabilityMatrix.routes": 100,
    "Recommendation.reasons": 9,
    "Recommendation.requirements": 20,
    "Replay.changes": 50,
    "BestFor.used": 40,
    "BestForCell.used": 85,
    "CountCell.used": 85,
    "FitCell.used": 8,
    "ShareCell.used": 20,
    "SignalCell.used": 15,
    "BreakEven.used": 10,
    "CatalogRevision.counts": 15,
    "CatalogRevision.sources": 10,
    "CostDelta.used": 30,
    "Evidence.agreeing": 20,
    "Model.fit": 10,
    "Availability.providers": 80,
    "Claim.support": 20,
    "Comparison.deepDive": 7,
    "Comparison.faq": 12,
    "Comparison.flips": 17,
    "Neighbour.used": 20,
    "Reason.used": 30,
    "SharedBenchmarks.rows": 10,
    "SwitchFriction.factors": 7,
    "SwitchFriction.used": 50,
    "Tradeoff.used": 95,
    "Verdict.speaksAgainst": 14,
}
"""How many items a list without paging usually has at most; any other has `OTHER_LENGTH`."""

OTHER_LENGTH = 5

FACTS_A_CELL: Mapping[str, int] = {"Pricing.rows": 32}
"""How long `Cell.used` is on average below these: one of the rows has a fact for each route."""

LENGTHS_A_CLASS: Mapping[str, int] = {"RouteCost.lines": 6, "Workload.classes": 1}
"""The same of lists that grow with the request classes of the month: items for each of them."""

LENGTHS_A_MODEL: Mapping[str, int] = {
    "BestForSignal.used": 85,
    "Claim.against": 5,
    "CountSignal.used": 85,
    "DateSignal.used": 1,
    "Faq.used": 20,
    "FitSignal.used": 8,
    "Flip.used": 8,
    "MoneySignal.used": 4,
    "Paragraph.used": 30,
    "Sentence.used": 17,
    "ShareSignal.used": 20,
    "Signal.used": 15,
    "SharedBenchmarks.refused": 5,
    "SharedBenchmarks.used": 5,
    "TokensSignal.used": 1,
    "Verdict.alternatives": 1,
    "Verdict.used": 100,
}
"""The same of lists that grow with the models that are compared: items for each of them, on average over the lists of an answer,
counted 2026-11-27 for the ten most served models. A fact for each of a hundred routes makes them long."""
