"""How good one model is beside another, as far as results say that may be compared; mostly nobody says."""

from __future__ import annotations

from enum import StrEnum

from domain.benchmarks import BenchmarkRow, rows_of
from domain.facts import Contender, Route
from domain.rules import Rule
from domain.spelling import class_of
from domain.wording import in_words

LEAST_BENCHMARKS = 3
"""So many benchmarks have to agree before a model counts as good: on one of them, models of very different size come out alike."""


class Quality(StrEnum):
    """What the benchmark rows of two models say of the second. UNKNOWN is neither good nor bad."""

    AT_LEAST_AS_GOOD = "AT_LEAST_AS_GOOD"
    MIXED = "MIXED"
    UNKNOWN = "UNKNOWN"
    WORSE = "WORSE"


def quality(
    one: Contender, other: Contender, routes: tuple[Route, Route] | None = None
) -> tuple[Quality, tuple[BenchmarkRow, ...]]:
    """By the benchmark results of two models that may be joined (benchmarks.join), the second is AT_LEAST_AS_GOOD where it
    trails in none, WORSE where it leads in none and trails in some, and MIXED where each leads in some. For the good word of
    AT_LEAST_AS_GOOD or MIXED it takes three benchmarks: with fewer it is UNKNOWN, because on a single one a much smaller model
    may come out alike. To be WORSE one is enough: who moves needs a reason to, who stays needs none. How far they are apart does
    not count: the scores are given. A model is as good as itself. A route that serves a class of its model (quantised, eco,
    turbo, another amount of thinking, as its variant says) is as good as a route of the same model and the same class; beside
    anything else it is UNKNOWN, because results are those of the model."""
    classes = [class_of(route.variant) for route in routes or ()]
    if one.model.id == other.model.id:
        same = not classes or classes[0] == classes[1]
        return (Quality.AT_LEAST_AS_GOOD if same else Quality.UNKNOWN), ()
    rows = rows_of((one, other)) if one.results and other.results and not any(classes) else ()
    leaders = {leader for row in rows for leader in row.leaders}
    if not rows:
        return Quality.UNKNOWN, ()
    if other.model.slug not in leaders and one.model.slug in leaders:
        return Quality.WORSE, rows
    if len({row.benchmark for row in rows}) < LEAST_BENCHMARKS:
        return Quality.UNKNOWN, rows
    return (Quality.MIXED if one.model.slug in leaders else Quality.AT_LEAST_AS_GOOD), rows


RULES = (
    Rule(
        "quality.shared-benchmarks",
        "Quality beside another model",
        in_words(quality),
        "docs/methodology.md#cheaper-switches-and-fallbacks",
    ),
)
