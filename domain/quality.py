"""How good one model is beside another, as far as results say that may be compared; mostly nobody says."""

from __future__ import annotations

from enum import StrEnum

from domain.benchmarks import BenchmarkRow, rows_of
from domain.facts import Contender
from domain.rules import Rule
from domain.wording import in_words


class Quality(StrEnum):
    """What the benchmark rows of two models say of the second. UNKNOWN is neither good nor bad."""

    AT_LEAST_AS_GOOD = "AT_LEAST_AS_GOOD"
    MIXED = "MIXED"
    UNKNOWN = "UNKNOWN"
    WORSE = "WORSE"


def quality(one: Contender, other: Contender) -> tuple[Quality, tuple[BenchmarkRow, ...]]:
    """By the benchmark results of two models that may be joined (benchmarks.join), the second is AT_LEAST_AS_GOOD where it
    trails in none, WORSE where it leads in none and trails in some, and MIXED where each leads in some. Without a joined
    result it is UNKNOWN. How far they are apart does not count, nor how many results there are: the scores are given. A model
    is as good as itself."""
    if one.model.id == other.model.id:
        return Quality.AT_LEAST_AS_GOOD, ()
    rows = rows_of((one, other)) if one.results and other.results else ()
    leaders = {leader for row in rows for leader in row.leaders}
    if not rows:
        return Quality.UNKNOWN, ()
    if one.model.slug not in leaders:
        return Quality.AT_LEAST_AS_GOOD, rows
    return (Quality.MIXED if other.model.slug in leaders else Quality.WORSE), rows


RULES = (
    Rule(
        "quality.shared-benchmarks",
        "Quality beside another model",
        in_words(quality),
        "docs/methodology.md#cheaper-switches-and-fallbacks",
    ),
)
