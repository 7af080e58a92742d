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
from domain.cost import MonthlyCost, RouteOutcome
from domain.facts import Capabilities, Contender, FactRef, Lifecycle, Model, Offer, Route, Unavailable
from domain.friction_factors import REFERENCE, Factor, FactorKind, Level, Severity, Side
from domain.lifecycle import status
from domain.plan_steps import End, Standing, StepKind, SwitchPlan
from domain.rules import Rule
from domain.standing import Spend, standings
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
        ordered = sorted(self.factors, key=lambda factor: (_DOING[factor.kind], _GRAVITY[factor.severity]))
        return tuple(factor.step for factor in ordered if factor.step is not None)

    @property
    def used(self) -> tuple[FactRef, ...]:
        """Facts behind any factor, or any step that counts, each once."""
        planned = () if self.plan is None else self.plan.used
        return tuple(dict.fromkeys((*(ref for factor in self.factors for ref in factor.used), *planned)))


def switch_friction(
    source: Contender,
    target: Contender,
    *,
    workload: Workload,
    source_cost: Spend,
    target_cost: Spend,
    on: date,
) -> SwitchFriction:
    """The factors between two models on a day, gravest first. A model has no friction to itself.

    Requests move between the routes that stand for the two (`standings`), as in a switch plan; the costs are those of each
    model at `workload`.
    """
    ends = [End(each.model.slug, each.model, each.offers, is_route=False) for each in (source, target)]
    stands = standings(ends[0], ends[1], workload, costs=(source_cost, target_cost))
    before, after = _model_side(source, stands[0], source_cost, on), _model_side(target, stands[1], target_cost, on)
    if source.model.id == target.model.id:
        return _weighed(source.model.slug, target.model.slug, (), before, after)
    factors = sorted(
        _factors(before, after, workload), key=lambda factor: (_GRAVITY[factor.severity], *_execution_order(factor))
    )
    return _weighed(source.model.slug, target.model.slug, tuple(factors), before, after)


def route_friction(
    source: Offer,
    target: Offer,
    *,
    workload: Workload,
    source_cost: RouteOutcome,
    target_cost: RouteOutcome,
    on: date,
    source_model: Model | None = None,
    target_model: Model | None = None,
) -> SwitchFriction:
    """The factors between two routes on a day, in execution order. A route's own limits, modalities, capabilities and
    lifecycle count before those of its model, which fill in what the route does not say; but a model that is retired or deprecated
    is so on every route for which no other day is announced."""
    before = route_side(source, source_model, source_cost, on)
    after = route_side(target, target_model, target_cost, on)
    if source.route.key == target.route.key:
        return _weighed(source.route.key, target.route.key, (), before, after)
    factors = sorted(_factors(before, after, workload), key=_execution_order)
    return _weighed(source.route.key, target.route.key, tuple(factors), before, after)


def level_of(factors: Sequence[_Severe]) -> tuple[Level, int]:
    """A move between two routes has one score, wherever it is asked: the sum of the points of the steps of its switch plan
    (plan.order), at most 100. Factors are those steps, in their words and gravest first, but for LOW ones that only a plan has
    (parameters, data terms, tests), which count too. Where a model has no live route there is no plan: the factors are of what is
    known of the models, and their points are summed. Any blocker makes the level BLOCKED; without one it is HIGH from 50 points on, MODERATE from
    20, else LOW. Points: blocker 100, high 25, medium 12, low 4, deadline and benefit 0."""
    score = min(100, sum(WEIGHTS[factor.severity] for factor in factors))
    if any(factor.severity is Severity.BLOCKER for factor in factors):
        return Level.BLOCKED, score
    if score >= HIGH_FROM:
        return Level.HIGH, score
    return (Level.MODERATE if score >= MODERATE_FROM else Level.LOW), score


def _weighed(source: str, target: str, factors: tuple[Factor, ...], before: Side, after: Side) -> SwitchFriction:
    level, score = level_of(factors)
    source_route, target_route = (None if side.offer is None else side.offer.route for side in (before, after))
    return SwitchFriction(source, target, level, score, factors, source_route, target_route)


_Rule: TypeAlias = Callable[[Side, Side], Iterator[Factor]]
_FINDERS: tuple[_Rule, ...] = (
    friction_terms.target_retiring,
    friction_terms.source_retiring,
    friction_terms.license_change,
    friction_terms.commercial_use,
    friction_access.route_overlap,
    friction_access.endpoint,
    friction_access.api_shape,
    friction_ability.modalities,
    friction_ability.capabilities,
    friction_ability.reasoning_control,
    friction_ability.knowledge_cutoff,
    friction_ability.cost,
    friction_ability.evidence_gap,
)


def _factors(source: Side, target: Side, workload: Workload) -> Iterator[Factor]:
    for find in _FINDERS:
        yield from find(source, target)
    yield from friction_ability.limits(
        source, target, needed_context=workload.context_need, needed_output=workload.output_need
    )


_GRAVITY = {severity: place for place, severity in enumerate(Severity)}
_ORDER = {kind: place for place, kind in enumerate(FactorKind)}
_PLANNED_AS = {
    FactorKind.ROUTE_OVERLAP: StepKind.CREDENTIALS,
    FactorKind.ENDPOINT: StepKind.MODEL_ID,
    FactorKind.PARAMETERS: StepKind.PARAMETERS_REMOVED,
}
_DOING = {kind: list(StepKind).index(_PLANNED_AS.get(kind) or StepKind(kind.value)) for kind in FactorKind}


def _execution_order(factor: Factor) -> tuple[int, int]:
    return _ORDER[factor.kind], _GRAVITY[factor.severity]


def _model_side(of: Contender, stands: Standing | Unavailable, cost: Spend, on: date) -> Side:
    """What is known of the model counts; the route that stands for it says how it is reached, what it costs and how much a
    request may hold."""
    model = replace(of.model, lifecycle=status(of.model, on))
    if isinstance(stands, Unavailable):
        return Side(of.model.name, model, of.live, None, stands, on)
    costs = stands.cost if isinstance(cost, MonthlyCost) else cost
    return Side(of.model.name, model, of.live, stands.offer, costs, on)


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
