"""The scorecard: which rows there are, what each needs, which way it points and what it weighs.

Each row is computed by itself and only when asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from domain import signals
from domain.facts import Contender, FactRef
from domain.rules import Rule
from domain.signals import Cell, Direction, Row, leading, newest
from domain.wording import in_words, label
from domain.workload import Workload


class SignalKey(StrEnum):
    """The rows of the scorecard; the first six are the page's, in its order."""

    BEST_FOR = "BEST_FOR"
    DECISION_FIT = "DECISION_FIT"
    CONTEXT_WINDOW = "CONTEXT_WINDOW"
    CHEAPEST_OUTPUT = "CHEAPEST_OUTPUT"
    PROVIDER_ROUTES = "PROVIDER_ROUTES"
    SHARED_BENCHMARKS = "SHARED_BENCHMARKS"
    CHEAPEST_INPUT = "CHEAPEST_INPUT"
    MONTHLY_COST = "MONTHLY_COST"
    MAX_OUTPUT = "MAX_OUTPUT"
    RELEASE_DATE = "RELEASE_DATE"
    KNOWLEDGE_CUTOFF = "KNOWLEDGE_CUTOFF"
    LICENSE_FREEDOM = "LICENSE_FREEDOM"
    CAPABILITY_BREADTH = "CAPABILITY_BREADTH"
    EVIDENCE_COVERAGE = "EVIDENCE_COVERAGE"
    FRESHNESS = "FRESHNESS"


class Need(StrEnum):
    """A fact group that a signal touches."""

    MODEL = "MODEL"
    OFFERS = "OFFERS"
    RESULTS = "RESULTS"


@dataclass(frozen=True, slots=True)
class Signal:
    """One row. `cells` in the order asked; `leaders` are model slugs, empty where nobody leads."""

    key: SignalKey
    label: str
    cells: tuple[Cell, ...]
    leaders: tuple[str, ...]
    direction: Direction
    rule: str

    @property
    def unknown(self) -> tuple[str, ...]:
        """Slugs of the models whose value is not known, and which therefore neither lead nor lose."""
        return tuple(cell.model for cell in self.cells if not cell.known)

    @property
    def used(self) -> tuple[FactRef, ...]:
        """Every fact behind the row."""
        return tuple(dict.fromkeys(ref for cell in self.cells for ref in cell.used))


Compute: TypeAlias = Callable[[Sequence[Contender], Workload], Row]


@dataclass(frozen=True, slots=True)
class SignalRule:
    """How a signal is found: what it needs, which way it points, what it weighs in a verdict unless the caller says
    otherwise, and how its advantage is called in a sentence."""

    key: SignalKey
    needs: frozenset[Need]
    direction: Direction
    weight: int
    advantage: str
    compute: Compute

    @property
    def leads(self) -> bool:
        """The row can have a leader, and so a weight."""
        return self.direction is not Direction.NONE

    @property
    def label(self) -> str:
        """The heading of the row."""
        return label(self.key)

    @property
    def rule_id(self) -> str:
        """Names the published rule; a row needs no more of it, and rows are made by the dozen."""
        return f"scorecard.{self.key.lower().replace('_', '-')}"

    @property
    def rule(self) -> Rule:
        """The published rule: its text is the text beside the code."""
        return Rule(self.rule_id, self.label, in_words(self.compute), "docs/methodology.md#scorecard")


_MODEL = frozenset({Need.MODEL})
_OFFERS = frozenset({Need.MODEL, Need.OFFERS})
_RESULTS = frozenset({Need.MODEL, Need.RESULTS})
_HIGHER, _LOWER, _NONE = Direction.HIGHER, Direction.LOWER, Direction.NONE
_KEY = SignalKey

_TABLE: tuple[SignalRule, ...] = (
    SignalRule(_KEY.BEST_FOR, _OFFERS, _NONE, 0, "its uses", signals.best_for_products),
    SignalRule(_KEY.DECISION_FIT, _MODEL, _NONE, 0, "its fit", signals.decision_fit),
    SignalRule(_KEY.CONTEXT_WINDOW, _MODEL, _HIGHER, 3, "a larger context window", signals.context_window),
    SignalRule(_KEY.CHEAPEST_OUTPUT, _OFFERS, _LOWER, 1, "cheaper output tokens", signals.cheapest_output),
    SignalRule(_KEY.PROVIDER_ROUTES, _OFFERS, _HIGHER, 3, "a wider choice of providers", signals.provider_routes),
    SignalRule(_KEY.SHARED_BENCHMARKS, _RESULTS, _HIGHER, 3, "better shared scores", signals.benchmark_rows),
    SignalRule(_KEY.CHEAPEST_INPUT, _OFFERS, _LOWER, 1, "cheaper input tokens", signals.cheapest_input),
    SignalRule(_KEY.MONTHLY_COST, _OFFERS, _LOWER, 4, "a lower monthly cost", signals.cost_of_month),
    SignalRule(_KEY.MAX_OUTPUT, _MODEL, _HIGHER, 1, "longer answers", signals.max_output),
    SignalRule(_KEY.RELEASE_DATE, _MODEL, _HIGHER, 1, "a newer release", signals.release_date),
    SignalRule(_KEY.KNOWLEDGE_CUTOFF, _MODEL, _HIGHER, 1, "newer knowledge", signals.knowledge_cutoff),
    SignalRule(_KEY.LICENSE_FREEDOM, _MODEL, _HIGHER, 2, "a freer license", signals.license_freedom),
    SignalRule(_KEY.CAPABILITY_BREADTH, _MODEL, _HIGHER, 3, "more capabilities", signals.capability_breadth),
    SignalRule(_KEY.EVIDENCE_COVERAGE, _MODEL, _HIGHER, 1, "more sourced facts", signals.evidence_coverage),
    SignalRule(_KEY.FRESHNESS, _OFFERS, _HIGHER, 0, "fresher facts", signals.freshness),
)

SIGNALS: Mapping[SignalKey, SignalRule] = MappingProxyType({each.key: each for each in _TABLE})
"""Every signal by key, in the order of the rows."""

LEADER = Rule("scorecard.leader", "Leader of a row", in_words(leading), "docs/methodology.md#scorecard")
NEWEST = Rule("scorecard.newest", "Leader of a row of dates", in_words(newest), "docs/methodology.md#scorecard")
RULES = (LEADER, NEWEST, *(each.rule for each in SIGNALS.values()))


def signal(key: SignalKey, contenders: Sequence[Contender], workload: Workload) -> Signal:
    """One row of the scorecard. Touches only the fact groups of `SIGNALS[key].needs`."""
    return shown(key, SIGNALS[key].compute(contenders, workload))


def shown(key: SignalKey, row: Row) -> Signal:
    """A row that is computed already, with its heading and rule."""
    found = SIGNALS[key]
    return Signal(key, found.label, row.cells, row.leaders, found.direction, found.rule_id)


def scorecard(contenders: Sequence[Contender], workload: Workload) -> tuple[Signal, ...]:
    """Every row. Needs all fact groups."""
    return tuple(signal(key, contenders, workload) for key in SIGNALS)
