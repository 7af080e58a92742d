"""How good a candidate is in one row, on a published scale of its own: 0 to 1,000 points that do not depend on who else is listed.

The rows are those of the scorecard; a verdict compares models with each other there, a ranking measures each alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from math import log
from types import MappingProxyType

from domain.comparability import coverage, known_facts
from domain.facts import PAGE_CAPABILITIES, CapabilityKind, CommercialUse, Contender, FactRef, Model, Openness, Route
from domain.fit import provider_groups
from domain.overrides import unsettled_companies
from domain.rules import Rule
from domain.scorecard import SignalKey
from domain.tasks import PROMPT_ONLY
from domain.units import display_percent, display_tokens, display_usd
from domain.wording import NOT_APPLICABLE, NOT_SOURCED, counted, label
from domain.workload import Workload

FULL = 1000
"""Points of the best end of a scale."""
MAX_WEIGHT = 1000

SCALE = Rule(
    "recommend.scale",
    "Scales of a ranking",
    "Each row gives 0 to 1,000 points on a fixed scale, so that no candidate's points depend on the others. Monthly cost: "
    "by its cost per million tokens of the workload, from 1,000 at $0.01 to 0 at $100, logarithmic. Context window: from 0 "
    "at 4,000 tokens to 1,000 at 2,000,000, logarithmic. Max output: from 0 at 1,000 tokens to 1,000 at 200,000, "
    "logarithmic; 0 and nothing missing for what writes nothing. Provider routes: from 0 for one company that serves the model on your own terms, wherever, to 1,000 for 32, logarithmic; not known where no source says of further ones whether they meet those terms. Release date and knowledge cutoff: "
    "from 1,000 for today to 0 for 36 months ago, by the month, the earliest that a coarse date allows. License freedom: a "
    "third for each of its three steps. Capability breadth: a tenth for each of the page's ten that it has. Evidence "
    "coverage: its share. A route's own limits and capabilities count before its model's. What is not sourced yet earns "
    "nothing, is named, and the best that it could still earn is given.",
    "docs/methodology.md#recommend",
)
RULES = (SCALE,)

WEIGHTS: Mapping[SignalKey, int] = MappingProxyType(
    {
        SignalKey.MONTHLY_COST: 8,
        SignalKey.CAPABILITY_BREADTH: 4,
        SignalKey.RELEASE_DATE: 3,
        SignalKey.PROVIDER_ROUTES: 3,
        SignalKey.CONTEXT_WINDOW: 2,
        SignalKey.LICENSE_FREEDOM: 2,
        SignalKey.MAX_OUTPUT: 1,
        SignalKey.KNOWLEDGE_CUTOFF: 1,
        SignalKey.EVIDENCE_COVERAGE: 1,
    }
)
"""What each row weighs in a ranking unless the caller says otherwise. Rows without a scale cannot be weighed."""


def chosen_weights(own: Mapping[SignalKey, int] | None) -> Mapping[SignalKey, int]:
    """The published weights with the caller's own over them. Raises ValueError for a row without a scale, a weight outside 0 to
    1,000, and where all of them are 0."""
    found = {**WEIGHTS, **(own or {})}
    for key, weight in found.items():
        if key not in WEIGHTS:
            raise ValueError(f"{key} has no scale of its own; a ranking weighs {', '.join(WEIGHTS)}")
        if not 0 <= weight <= MAX_WEIGHT:
            raise ValueError(f"the weight of {key} must be between 0 and {MAX_WEIGHT:,}, not {weight:,}")
    if not any(found.values()):
        raise ValueError("at least one weight must be above 0")
    return MappingProxyType(found)


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of one candidate: its points, None where it is not known."""

    signal: SignalKey
    points: int | None
    display: str
    used: tuple[FactRef, ...]


@dataclass(frozen=True)
class Alone:
    """A model with its points that no route changes, as of a day: found once, for whoever fits. Needs the offers."""

    contender: Contender
    on: date

    @cached_property
    def unsettled(self) -> tuple[FactRef, ...]:
        """What keeps the number of companies from being known."""
        return tuple(dict.fromkeys(ref for bar in unsettled_companies(self.contender) for ref in bar.used))

    @cached_property
    def points(self) -> Mapping[SignalKey, int | None]:
        """The rows that depend on the model alone."""
        model = self.contender.model
        steps = _freedom(model)
        return {
            SignalKey.RELEASE_DATE: _age(model.released, self.on),
            SignalKey.KNOWLEDGE_CUTOFF: _age(model.knowledge_cutoff, self.on),
            SignalKey.PROVIDER_ROUTES: None
            if self.unsettled
            else _log(len(provider_groups(self.contender.offers)), 1, 32),
            SignalKey.LICENSE_FREEDOM: None if steps is None else round(FULL * steps / 3),
            SignalKey.EVIDENCE_COVERAGE: int(coverage(model) * FULL),
        }


def points(alone: Alone, route: Route, total: Decimal, workload: Workload) -> Mapping[SignalKey, int | None]:
    """The points of every row of a candidate."""
    model = alone.contender.model
    window = route.context_window or model.context_window
    longest = route.max_output or model.max_output
    return {
        **alone.points,
        SignalKey.MONTHLY_COST: _spend(total, workload, model),
        SignalKey.CONTEXT_WINDOW: None if window is None else _log(window, 4_000, 2_000_000),
        SignalKey.MAX_OUTPUT: _length(model, longest),
        SignalKey.CAPABILITY_BREADTH: round(FULL * len(offered(model, route) & _PAGE) / len(_PAGE)),
    }


def measures(alone: Alone, route: Route, total: Decimal, workload: Workload) -> tuple[Measure, ...]:
    """The same with what there is to show and the facts behind it, in the order of the weights."""
    model = alone.contender.model
    found = points(alone, route, total, workload)
    own = {name: getattr(route, name) is not None for name in ("context_window", "max_output")}

    def limit(name: str) -> tuple[str, tuple[FactRef, ...]]:
        value = getattr(route, name) or getattr(model, name)
        ref = FactRef("route", route.id, name) if own[name] else FactRef("model", model.id, name)
        return (NOT_SOURCED if value is None else f"{display_tokens(value)} tokens"), (ref,)

    def fact(name: str, shown: str | None) -> tuple[str, tuple[FactRef, ...]]:
        return shown or NOT_SOURCED, (FactRef("model", model.id, name),)

    groups = provider_groups(alone.contender.offers)
    kinds = _page_offered(model, route)
    shown: dict[SignalKey, tuple[str, tuple[FactRef, ...]]] = {
        SignalKey.MONTHLY_COST: (
            f"{display_usd(total)} a month at {route.provider.name}",
            tuple(FactRef("route", route.id, f"price.STANDARD.0.{unit}") for unit in ("input", "output")),
        ),
        SignalKey.CAPABILITY_BREADTH: (
            f"{len(kinds)} of {len(PAGE_CAPABILITIES)}",
            kinds,
        ),
        SignalKey.RELEASE_DATE: fact("released", model.released),
        SignalKey.PROVIDER_ROUTES: (
            f"{'at least ' if alone.unsettled else ''}{counted(len(groups), 'company', 'companies')}",
            (*(FactRef("route", offers[0].route.id, "lifecycle") for offers in groups.values()), *alone.unsettled),
        ),
        SignalKey.CONTEXT_WINDOW: limit("context_window"),
        SignalKey.LICENSE_FREEDOM: fact(
            "openness", None if model.openness is Openness.UNKNOWN else label(model.openness)
        ),
        SignalKey.MAX_OUTPUT: (NOT_APPLICABLE, ()) if model.task in PROMPT_ONLY else limit("max_output"),
        SignalKey.KNOWLEDGE_CUTOFF: fact("knowledge_cutoff", model.knowledge_cutoff),
        SignalKey.EVIDENCE_COVERAGE: (display_percent(coverage(model)), known_facts(model)),
    }
    return tuple(Measure(key, found[key], *shown[key]) for key in WEIGHTS)


def offered(model: Model, route: Route) -> frozenset[CapabilityKind]:
    """The capabilities that can be had on a route: its own, and its model's where it denies none. Accepted facts hold what
    modalities show."""
    return route.capabilities.yes | (model.capabilities.yes - route.capabilities.no)


def _page_offered(model: Model, route: Route) -> tuple[FactRef, ...]:
    """The page's capabilities among them, each as the fact that says so."""
    kinds = offered(model, route)
    own = route.capabilities.yes
    return tuple(
        FactRef("route" if kind in own else "model", route.id if kind in own else model.id, f"capability.{kind}")
        for kind in PAGE_CAPABILITIES
        if kind in kinds
    )


def _length(model: Model, longest: int | None) -> int | None:
    """Of what writes nothing, a length is no merit, and none is missing: what catalogues write there is that of a vector."""
    if model.task in PROMPT_ONLY:
        return 0
    return None if longest is None else _log(longest, 1_000, 200_000)


_PAGE = frozenset(PAGE_CAPABILITIES)


def _freedom(model: Model) -> int | None:
    if model.openness is Openness.UNKNOWN:
        return None
    steps = {Openness.PROPRIETARY: 0, Openness.OPEN_WEIGHTS: 1, Openness.OPEN_SOURCE: 3}[model.openness]
    return steps + (steps == 1 and model.commercial_use is CommercialUse.ALLOWED)


def _spend(total: Decimal, workload: Workload, model: Model) -> int:
    generated = 0 if model.task in PROMPT_ONLY else 1
    tokens = sum(each.requests * (each.prompt + generated * each.generated) for each in workload.classes)
    return FULL if not tokens or not total else FULL - _log(float(total) * 1e6 / tokens, 0.01, 100)


def _log(value: float, low: float, high: float) -> int:
    """Points of a value between the two ends of a logarithmic scale."""
    if value <= low:
        return 0
    return min(FULL, round(FULL * log(value / low) / log(high / low)))


def _age(day: str | None, on: date) -> int | None:
    if day is None:
        return None
    year, month = int(day[:4]), int(day[5:7] or 1)
    months = (on.year - year) * 12 + on.month - month
    return max(0, min(FULL, round(FULL * (36 - months) / 36)))
