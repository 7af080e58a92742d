"""How hard it is to move from one model, or one route, to another: factors found by rule, weighed into a score and a
level.

Each direction is judged by itself: what one loses on the way there is what one gains on the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Protocol, TypeAlias

from domain import friction_ability, friction_access, friction_terms
from domain.cost import RouteOutcome
from domain.facts import Capabilities, Contender, FactRef, Lifecycle, Model, Offer, Route, Unavailable
from domain.friction_factors import REFERENCE, Factor, FactorKind, Level, Severity, Side
from domain.lifecycle import status
from domain.plan_steps import Standing, StepKind, SwitchPlan
from domain.rules import Rule
from domain.wording import in_words
from domain.workload import Workload

WEIGHTS: Mapping[Severity, int] = MappingProxyType(
    {Severity.BLOCKER: 100, Severity.HIGH: 25, Severity.MEDIUM: 12, Severity.LOW: 4}
    | {Severity.DEADLINE: 0, Severity.BENEFIT: 0}
)
"""Points of a factor by its severity. A deadline makes a move urgent and a benefit makes it worth while, neither makes it harder
or easier."""

HIGH_FROM = 50
MODERATE_FROM = 20


class _Severe(Protocol):
    """What has a severity: a factor here, a step of a switch plan."""

    @property
    def severity(self) -> Severity: ...


@dataclass(frozen=True, slots=True)
class SwitchFriction:
    """The friction of one direction. `source` and `target` are model slugs or route keys, `score` is 0 to 100. Access, wire
    format and cost are those of the two routes; None where a model has no live one. With a `plan`, score, level and steps are
    its own."""

    source: str
    target: str
    level: Level
    score: int
    factors: tuple[Factor, ...]
    source_route: Route | None
    target_route: Route | None
    plan: SwitchPlan | None = None
    rule: str = "friction.level"

    @property
    def steps(self) -> tuple[str, ...]:
        """What has to be done, in the order of a plan."""
        if self.plan is not None:
            return tuple(step.action for step in self.plan.steps if step.action is not None)
        ordered = sorted(self.factors, key=lambda factor: (_DOING[factor.kind.value], _GRAVITY[factor.severity]))
        return tuple(factor.step for factor in ordered if factor.step is not None)

    @property
    def used(self) -> tuple[FactRef, ...]:
        """Facts behind any factor, or any step that counts, each once."""
        planned = () if self.plan is None else self.plan.used
        return tuple(dict.fromkeys((*(ref for factor in self.factors for ref in factor.used), *planned)))


def factors(source: Side, target: Side, workload: Workload) -> tuple[Factor, ...]:
    """What changes between two sides that are not the same, gravest first."""
    found = [*(each for find in _FINDERS for each in find(source, target))]
    found += friction_ability.limits(
        source, target, needed_context=workload.context_need, needed_output=workload.output_need
    )
    return tuple(sorted(found, key=lambda factor: (_GRAVITY[factor.severity], _ORDER[factor.kind])))


def unplanned(
    source: Contender, target: Contender, stands: Sequence[Standing | Unavailable], workload: Workload, on: date
) -> SwitchFriction:
    """The friction between two models of which one has no live route, so that there is no plan: what is known of the models."""
    before, after = (_side(of, end, on) for of, end in zip((source, target), stands, strict=True))
    found = factors(before, after, workload)
    level, score = level_of(found)
    routes = [None if side.offer is None else side.offer.route for side in (before, after)]
    return SwitchFriction(source.model.slug, target.model.slug, level, score, found, routes[0], routes[1])


def level_of(factors: Sequence[_Severe]) -> tuple[Level, int]:
    """A move between two routes has one score, wherever it is asked: the sum of the points of the steps of its switch plan
    (plan.order), at most 100. Factors are those steps, in their words and gravest first, but for LOW ones that only a plan has
    (parameters that change, data terms, tests), which count too. Where a model has no live route there is no plan: the factors are of what is
    known of the models, and their points are summed. Any blocker makes the level BLOCKED; without one it is HIGH from 50 points on, MODERATE from
    20, else LOW. Points: blocker 100, high 25, medium 12, low 4, deadline and benefit 0."""
    score = min(100, sum(WEIGHTS[factor.severity] for factor in factors))
    if any(factor.severity is Severity.BLOCKER for factor in factors):
        return Level.BLOCKED, score
    if score >= HIGH_FROM:
        return Level.HIGH, score
    return (Level.MODERATE if score >= MODERATE_FROM else Level.LOW), score


_Rule: TypeAlias = Callable[[Side, Side], Iterator[Factor]]
_FINDERS: tuple[_Rule, ...] = (
    friction_terms.target_retiring,
    friction_terms.source_retiring,
    friction_terms.license_change,
    friction_terms.commercial_use,
    friction_access.api_shape,
    friction_ability.modalities,
    friction_ability.capabilities,
    friction_ability.reasoning_control,
    friction_ability.knowledge_cutoff,
    friction_ability.cost,
    friction_ability.evidence_gap,
)


_GRAVITY = {severity: place for place, severity in enumerate(Severity)}
_ORDER = {kind: place for place, kind in enumerate(FactorKind)}
_DOING = {kind.value: place for place, kind in enumerate(StepKind)}


def _side(of: Contender, stands: Standing | Unavailable, on: date) -> Side:
    """What is known of the model; where a route stands for it, also what it costs and how much a request may hold there."""
    model = replace(of.model, lifecycle=status(of.model, on))
    if isinstance(stands, Unavailable):
        return Side(of.model.name, model, of.live, None, stands, on)
    return Side(of.model.name, model, of.live, stands.offer, stands.cost, on)


def route_side(offer: Offer, model: Model | None, cost: RouteOutcome, on: date) -> Side:
    """The facts that count on this route on a day, and which of them are the route's own."""
    route = offer.route
    name = f"{(model.name if model else route.name) or route.provider_model_id} on {route.provider.name}"
    facts, own = as_served(route, model or Model(id=0, slug=route.key, name=name))
    facts = replace(facts, lifecycle=status(facts, on))
    left = Lifecycle.UNKNOWN if model is None else status(model, on)
    if route.retires_on is None and _LEFT.get(left, 0) > _LEFT.get(facts.lifecycle, 0):
        facts, own = replace(facts, lifecycle=left), own - {"lifecycle"}
    return Side(name, facts, (offer,), offer, cost, on, own, known_model=model is not None)


_LEFT = {Lifecycle.DEPRECATED: 1, Lifecycle.RETIRED: 2}
"""How far something is on its way out."""


def as_served(route: Route, model: Model) -> tuple[Model, frozenset[str]]:
    """The facts that count on a route, and which of them are the route's own."""
    own: dict[str, object] = {
        field: value
        for field in (
            "context_window",
            "max_output",
            "input_modalities",
            "output_modalities",
            "deprecated_on",
            "retires_on",
        )
        if (value := getattr(route, field))
    }
    precisions = {
        field: getattr(route, field)
        for field, day in (("deprecated_precision", "deprecated_on"), ("retires_precision", "retires_on"))
        if day in own
    }
    if route.lifecycle is not Lifecycle.UNKNOWN:
        own["lifecycle"] = route.lifecycle
    if not route.live:
        own["lifecycle"] = Lifecycle.RETIRED
    said = route.capabilities.yes | route.capabilities.no
    merged = Capabilities(
        yes=route.capabilities.yes | (model.capabilities.yes - said),
        no=route.capabilities.no | (model.capabilities.no - said),
    )
    facts = replace(model, capabilities=merged, **own, **precisions)  # type: ignore[arg-type]
    return facts, frozenset(own) | {f"capability.{kind}" for kind in said}


RULES: tuple[Rule, ...] = (
    *friction_terms.RULES,
    *friction_access.RULES,
    *friction_ability.RULES,
    Rule("friction.level", "Score and level", in_words(level_of), REFERENCE),
)
