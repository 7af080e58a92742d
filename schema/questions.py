"""The questions of records: how each kind is written down when it is asked, read from a record, and asked again.

A question of named models or routes can also be asked with one fact put back, because its rule is pure; a question to the whole
catalogue can only be asked anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias, get_args, get_type_hints

from domain import benchmarks, break_even, conditional, cost, plan, verdict
from domain.facts import CapabilityKind, Contender, Model, Offer, Route, Task, Unavailable
from domain.moves import CostAxis
from domain.overrides import Overrides, contenders_under, overrides_of, under, usable
from domain.plan_steps import End
from domain.recommend import Of
from domain.records import Kind, Question, Record, UnusableRecord
from domain.required import Floor, Requirements
from domain.scales import chosen_weights as ranking_weights
from domain.scorecard import SignalKey
from domain.standing import end_under
from domain.switches import Source
from domain.units import plain
from domain.verdict import chosen_weights
from domain.workload import Workload
from schema.groups import Group
from schema.look import Key, Look
from schema.other_ways import FallbacksAsked, SwitchesAsked
from schema.ranking import RankingAsked
from schema.shapes import SHAPES

MOST_RANKED = 100
Alter: TypeAlias = Callable[[Any], Any]


def of_models(
    kind: Kind,
    models: Sequence[str],
    workload: Workload | None,
    overrides: Overrides,
    weights: Mapping[SignalKey, int] | None = None,
) -> Question:
    """A verdict, a monthly cost, a switch between models or their benchmark results, by their slugs."""
    own = {key.value: weight for key, weight in (weights or {}).items()}
    terms = {"overrides": overrides.key, **({"weights": own} if kind is Kind.VERDICT else {})}
    return Question(kind, tuple(models), workload, terms)


def of_matrix(model: str, kinds: Sequence[CapabilityKind], overrides: Overrides) -> Question:
    """Capabilities together on the routes of a model, by its slug."""
    terms = {"capabilities": _names(kinds), "overrides": overrides.key}
    return Question(Kind.CAPABILITY_MATRIX, (model,), None, terms)


def of_routes(
    kind: Kind, keys: Sequence[str], workload: Workload, overrides: Overrides, axis: CostAxis | None = None
) -> Question:
    """A cost of a route or a break-even of two, by their keys."""
    terms = {"overrides": overrides.key, **({} if axis is None else {"axis": axis.value})}
    return Question(kind, tuple(keys), workload, terms)


def of_ends(ends: Sequence[End], workload: Workload, overrides: Overrides) -> Question:
    """A switch plan between what was asked for: routes by key, models by slug."""
    named = [("Route", end.offers[0].route.key) if end.is_route else ("Model", _slug(end)) for end in ends]
    kinds, refs = zip(*named, strict=True)
    return Question(Kind.SWITCH_PLAN, refs, workload, {"ends": list(kinds), "overrides": overrides.key})


def _slug(end: End) -> str:
    assert end.model is not None
    return end.model.slug


def of_ranking(asked: RankingAsked, first: int) -> Question:
    """The first ones of a ranking."""
    weights = {key.value: weight for key, weight in asked.weights}
    terms = {
        "requirements": _plain(asked.wanted),
        "weights": weights,
        "of": asked.of.value,
        "first": first,
        "overrides": asked.terms.key,
    }
    return Question(Kind.RECOMMENDATION, (), asked.workload, terms)


def of_other_ways(asked: SwitchesAsked | FallbacksAsked, source: Source) -> Question:
    """What is cheaper than, or backs up, a model by slug or a route by key."""
    terms: dict[str, Any] = {"end": "Model" if source.offer is None else "Route", "overrides": asked.terms.key}
    if asked.lives_until is not None:
        terms["livesUntil"] = asked.lives_until.isoformat()
    if isinstance(asked, SwitchesAsked):
        return Question(Kind.CHEAPER_SWITCHES, (source.name,), asked.workload, {**terms, "keep": _names(asked.keep)})
    own = {"share": plain(asked.share), "required": _names(asked.required), "most": asked.most}
    return Question(Kind.FALLBACKS, (source.name,), asked.workload, {**terms, **own})


def _names(kinds: Sequence[CapabilityKind] | None) -> list[str] | None:
    return None if kinds is None else [each.value for each in kinds]


def _kinds(said: Any) -> tuple[CapabilityKind, ...] | None:
    return None if said is None else tuple(CapabilityKind(each) for each in _is(said, list))


def _plain(wanted: Requirements) -> dict[str, Any]:
    """Requirements as JSON, what is left at its default left out."""
    usual = Requirements()
    said = {each.name: getattr(wanted, each.name) for each in fields(wanted)}
    return {name: _one(value) for name, value in said.items() if value != getattr(usual, name)}


def _one(value: Any) -> Any:
    match value:
        case tuple():
            return [_one(each) for each in value]
        case Floor():
            return [value.benchmark, plain(value.score)]
        case Decimal():
            return plain(value)
        case date():
            return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value


def _requirements(said: Mapping[str, Any]) -> Requirements:
    hints = get_type_hints(Requirements)
    return Requirements(**{name: _read(hints[name], value) for name, value in said.items()})


def _read(kind: Any, value: Any) -> Any:
    inner = get_args(kind)
    if Ellipsis in inner:
        return tuple(_read(inner[0], each) for each in _is(value, list))
    if inner:  # or None
        return _read(inner[0], value)
    if kind is Floor:
        benchmark, score = value
        return Floor(_is(benchmark, str), _amount(score))
    if kind is Decimal:
        return _amount(value)
    if kind is date:
        return date.fromisoformat(value)
    return _is(value, kind) if kind in (int, str) else kind(value)


def _is(value: Any, kind: type) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{kind.__name__} expected")
    return value


def _amount(text: Any) -> Decimal:
    found = Decimal(_is(text, str))
    if len(text) > 40 or not found.is_finite() or abs(found) > 10**18:
        raise ValueError("an amount")
    return found


def weights_said(said: Any) -> dict[SignalKey, int]:
    """Weights as they were written down. Raises ValueError for anything else."""
    return {SignalKey(key): _is(weight, int) for key, weight in _is(said, dict).items()}


_OF_NO_MONTH = frozenset({Kind.BENCHMARKS, Kind.CAPABILITY_MATRIX})


class Asked:
    """A question that is asked again. `first` is what is read before anything is known of it."""

    models: tuple[str, ...] = ()
    """Slugs of the models that are named."""
    is_of_models = False

    def __init__(self, question: Question) -> None:
        if (question.workload is None) != (question.kind in _OF_NO_MONTH):
            raise ValueError("a workload")
        self.question, self.terms = question, question.terms

    @property
    def workload(self) -> Workload:
        """The month of a question that is about one."""
        assert self.question.workload is not None
        return self.question.workload

    @property
    def first(self) -> Sequence[tuple[Group, Key]]:
        return [(Group.MODELS, slug) for slug in self.models]

    def found(self, seen: Look, alter: Alter) -> Any:
        """What is decided, with every thing altered; Unavailable where something is not there any more."""
        raise NotImplementedError


def _gone(kind: str, name: str) -> Unavailable:
    return Unavailable("NOT_TRACKED", f"The {kind} {name} is not in the catalogue that is looked at.")


def _overrides(terms: Mapping[str, Any]) -> Overrides:
    return overrides_of(_is(terms["overrides"], str))


def _count(question: Question, fewest: int, most: int) -> None:
    if not fewest <= len(question.refs) <= most or len(set(question.refs)) < len(question.refs):
        raise ValueError("refs")


_SO_MANY = {
    **dict.fromkeys((Kind.VERDICT, Kind.BENCHMARKS), (2, 10)),
    **dict.fromkeys((Kind.MONTHLY_COST, Kind.CAPABILITY_MATRIX), (1, 1)),
    Kind.SWITCH_FRICTION: (2, 2),
}
OF_RESULTS = frozenset({Kind.VERDICT, Kind.BENCHMARKS, Kind.RECOMMENDATION})
"""What rests on benchmark results."""


class OfModels(Asked):
    """A verdict, a monthly cost, a switch between two models, benchmark results, capabilities together."""

    is_of_models = True

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        _count(question, *_SO_MANY[question.kind])
        self.models = question.refs
        self.overrides = _overrides(self.terms)
        self.weights = weights_said(self.terms.get("weights", {}))
        chosen_weights(self.weights)
        self.kinds: tuple[CapabilityKind, ...] = ()
        if question.kind is Kind.CAPABILITY_MATRIX:
            self.kinds = _kinds(_is(self.terms["capabilities"], list)) or ()
            if not 1 <= len(self.kinds) <= len(CapabilityKind):
                raise ValueError("capabilities")

    def found(self, seen: Look, alter: Alter) -> Any:
        contenders: list[Contender] = []
        for slug in self.models:
            model: Model | None = seen.get(Group.MODELS, slug)
            if model is None:
                return _gone("model", slug)
            offers = tuple(seen.get(Group.OFFERS, model.id) or ())
            results = tuple(seen.get(Group.RESULTS, model.id) or ()) if self.question.kind in OF_RESULTS else None
            contenders.append(alter(Contender(model, offers, results)))
        mine = contenders_under(contenders, self.overrides)
        if self.question.kind is Kind.VERDICT:
            return verdict.verdict(mine, self.workload, self.weights or None)
        if self.question.kind is Kind.BENCHMARKS:
            return benchmarks.shared_benchmarks(mine)
        if self.question.kind is Kind.CAPABILITY_MATRIX:
            routes = [offer.route for offer in usable(mine[0].offers)]
            return conditional.matrix(mine[0].model, routes, self.kinds, SHAPES)
        costs = [cost.monthly_cost(each, self.workload) for each in mine]
        if self.question.kind is Kind.MONTHLY_COST:
            return costs[0]
        return plan.switch_friction(
            mine[0],
            mine[1],
            workload=self.workload,
            costs=(costs[0], costs[1]),
            shapes=SHAPES,
            on=seen.today,
            required=self.overrides.api_shapes,
        )


class OfEnds(Asked):
    """A switch plan."""

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        kinds = _is(self.terms["ends"], list)
        if len(question.refs) != 2 or len(kinds) != 2 or not set(kinds) <= {"Model", "Route"}:
            raise ValueError("ends")
        self.keys = tuple(zip(kinds, question.refs, strict=True))
        self.overrides = _overrides(self.terms)

    @property
    def first(self) -> Sequence[tuple[Group, Key]]:
        return [(Group.ENDS, key) for key in self.keys]

    def found(self, seen: Look, alter: Alter) -> Any:
        ends = [seen.get(Group.ENDS, key) for key in self.keys]
        for (kind, name), end in zip(self.keys, ends, strict=True):
            if end is None:
                return _gone(kind.lower(), name)
        source, target = (end_under(alter(end), self.overrides) for end in ends)
        return plan.switch_plan(
            source,
            target,
            workload=self.workload,
            shapes=SHAPES,
            on=seen.today,
            required=self.overrides.api_shapes,
        )


class OfRoutes(Asked):
    """A cost of one route, or the break-even of two."""

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        number = 1 if question.kind is Kind.ROUTE_COST else 2
        _count(question, number, number)
        self.overrides = _overrides(self.terms)
        self.axis = None if question.kind is Kind.ROUTE_COST else CostAxis(self.terms["axis"])

    @property
    def first(self) -> Sequence[tuple[Group, Key]]:
        return [(Group.ROUTE, key) for key in self.question.refs]

    def found(self, seen: Look, alter: Alter) -> Any:
        served = []
        for key in self.question.refs:
            route: Route | None = seen.get(Group.ROUTE, key)
            if route is None:
                return _gone("route", key)
            model = None if route.model_id is None else seen.get(Group.MODEL, route.model_id)
            end = alter(End(key, model, (Offer(route, tuple(seen.get(Group.PRICES, route.id) or ())),), True))
            (offer,) = under(end.offers, self.overrides, Task.TEXT_GENERATION if model is None else model.task)
            served.append(break_even.Served(offer, end.model))
        if self.axis is None:
            return served[0].cost(self.workload)
        return break_even.break_evens(served, self.workload, (self.axis,))[0]


@dataclass
class _Key:
    group: Group
    asked: RankingAsked | SwitchesAsked | FallbacksAsked


class OfCatalogue(Asked):
    """A question to the whole catalogue. The models whose facts the record has are read too, wherever they stand today."""

    def __init__(self, question: Question, models: Sequence[str]) -> None:
        super().__init__(question)
        self.models = tuple(models)
        self.overrides = _overrides(self.terms)
        self.key = _Key(Group.OTHER_WAYS, self._asked_of_source()) if question.refs else self._ranking()

    def _ranking(self) -> _Key:
        weights = weights_said(self.terms["weights"])
        ranking_weights(weights)
        if self.question.kind is not Kind.RECOMMENDATION or not 1 <= _is(self.terms["first"], int) <= MOST_RANKED:
            raise ValueError("a ranking")
        wanted = _requirements(_is(self.terms["requirements"], dict))
        of = Of(self.terms["of"])
        return _Key(
            Group.RANKING, RankingAsked(wanted, self.workload, tuple(sorted(weights.items())), of, self.overrides)
        )

    def _asked_of_source(self) -> SwitchesAsked | FallbacksAsked:
        _count(self.question, 1, 1)
        (ref,) = self.question.refs
        if self.terms["end"] not in ("Model", "Route"):
            raise ValueError("end")
        source = (self.terms["end"], ref)
        until = None if (day := self.terms.get("livesUntil")) is None else date.fromisoformat(_is(day, str))
        if self.question.kind is Kind.CHEAPER_SWITCHES:
            return SwitchesAsked(source, self.workload, _kinds(self.terms["keep"]), self.overrides, until)
        share, most = _amount(self.terms["share"]), _is(self.terms["most"], int)
        if self.question.kind is not Kind.FALLBACKS or not 0 <= share <= 1 or not 1 <= most <= 10:
            raise ValueError("fallbacks")
        return FallbacksAsked(source, self.workload, share, _kinds(self.terms["required"]), most, self.overrides, until)

    @property
    def first(self) -> Sequence[tuple[Group, Key]]:
        return [(self.key.group, self.key.asked), *super().first]

    def found(self, seen: Look, _: Alter) -> Any:
        answer = seen.get(self.key.group, self.key.asked)
        return answer.ranking if self.key.group is Group.RANKING else answer.found


def asked_again(record: Record) -> Asked:
    """The question of a record. Raises UnusableRecord BAD_RECORD where it is none that this service asks."""
    question = record.question
    models = tuple(dict.fromkeys(each.of for each in record.facts if each.kind == "model"))
    try:
        match question.kind:
            case kind if kind in _SO_MANY:
                return OfModels(question)
            case Kind.SWITCH_PLAN:
                return OfEnds(question)
            case Kind.ROUTE_COST | Kind.BREAK_EVEN:
                return OfRoutes(question)
        if not record.lens.is_default:
            raise ValueError("the whole catalogue has no lens")
        return OfCatalogue(question, models[:MOST_RANKED])
    except (ValueError, TypeError, KeyError, ArithmeticError, AttributeError):
        raise UnusableRecord("BAD_RECORD", "The record asks nothing that this service answers.") from None
