"""A comparison as its sections see it: the models in the order asked, with the fact groups that were read. Decisions that several
sections share are made once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, permutations
from typing import Any

from domain import cost, plan, robustness, unknowns, verdict
from domain.benchmarks import SharedBenchmarks
from domain.comparability import ComparabilityLevel
from domain.compared import Compared
from domain.cost import CostDelta, MonthlyCost
from domain.facts import Contender, Model, Unavailable
from domain.friction import SwitchFriction
from domain.overrides import NONE, Overrides, contender_under
from domain.records import Kind, Question
from domain.robustness import Robustness
from domain.scorecard import SignalKey
from domain.unknowns import DecisiveUnknown
from domain.verdict import Verdict
from domain.workload import Workload
from schema.groups import Group
from schema.ids import Identified, encode
from schema.look import Look
from schema.needs import Several
from schema.questions import of_models
from schema.shapes import SHAPES


@dataclass(eq=False)
class Case(Several):
    """`key` is a text that is the same for the same question."""

    look: Look
    models: tuple[Model, ...]
    workload: Workload
    weights: Mapping[SignalKey, int] | None
    key: str
    overrides: Overrides = NONE

    def parents(self) -> tuple[Model, ...]:
        return self.models

    @cached_property
    def contenders(self) -> tuple[Contender, ...]:
        """The models with what was read of them; a rule that touches another group raises NotLoaded."""
        return tuple(
            self._under(Contender(model, self._read(Group.OFFERS, model), self._read(Group.RESULTS, model)))
            for model in self.models
        )

    def _under(self, contender: Contender) -> Contender:
        return contender if contender.loaded_offers is None else contender_under(contender, self.overrides)

    def _read(self, group: Group, model: Model) -> tuple | None:  # type: ignore[type-arg]
        if not self.look.has(group, model.id):
            return None
        return self.look.get(group, model.id) or ()

    @cached_property
    def compared(self) -> Compared:
        """What several decisions rest on."""
        return Compared(self.contenders, self.workload, self.look.facts.wanted.check)

    @property
    def costs(self) -> Mapping[str, MonthlyCost | Unavailable]:
        """The monthly cost of each model, by slug. Needs the offers."""
        return self.compared.costs

    @cached_property
    def deltas(self) -> tuple[CostDelta | Unavailable, ...]:
        """How the costs of every two models differ. Needs the offers."""
        return tuple(cost.cost_delta(first, second) for first, second in combinations(self.costs.values(), 2))

    @cached_property
    def frictions(self) -> tuple[SwitchFriction, ...]:
        """Every switch, both directions of two models side by side. Needs the offers."""
        pairs = sorted(permutations(range(len(self.contenders)), 2), key=lambda pair: (sorted(pair), pair))
        wanted = self.look.facts.wanted
        return tuple(self._friction(self.contenders[one], self.contenders[other]) for one, other in wanted.each(pairs))

    @property
    def told_frictions(self) -> tuple[SwitchFriction, ...]:
        """The switches that the text tells: none between models that are not made for the same work."""
        incomparable = self.compared.comparability.level is ComparabilityLevel.NOT_COMPARABLE
        return () if incomparable else self.frictions

    def _friction(self, source: Contender, target: Contender) -> SwitchFriction:
        return plan.switch_friction(
            source,
            target,
            workload=self.workload,
            costs=(self.costs[source.model.slug], self.costs[target.model.slug]),
            shapes=SHAPES,
            on=self.look.today,
            required=self.overrides.api_shapes,
        )

    @cached_property
    def verdict(self) -> Verdict:
        """The verdict. Needs offers and results."""
        return verdict.verdict(self.contenders, self.workload, self.weights, compared=self.compared)

    @cached_property
    def unknowns(self) -> tuple[DecisiveUnknown, ...]:
        """What is missing and could turn the verdict. Needs offers and results."""
        return unknowns.decisive_unknowns(self.contenders, self.workload, self.weights, compared=self.compared)

    @cached_property
    def robustness(self) -> Robustness:
        """What small changes do to the verdict. Needs offers and results."""
        return robustness.robustness(self.contenders, self.workload, self.weights, compared=self.compared)

    @property
    def chosen(self) -> Mapping[SignalKey, int]:
        """The weights of the verdict: the published ones with the caller's own over them."""
        return verdict.chosen_weights(self.weights)

    def identified(self, decision: Any) -> Any:
        """A decision with its own id; what is unavailable has none."""
        question = None
        match decision:
            case CostDelta():
                key = f"{decision.first}|{decision.second}|{self.key}"
            case SwitchFriction():
                key = f"{decision.source}|{decision.target}|{self.key}"
                ends = decision.source, decision.target
                question = of_models(Kind.SWITCH_FRICTION, ends, self.workload, self.overrides)
            case SharedBenchmarks():
                key = self.key
                question = of_models(Kind.BENCHMARKS, [model.slug for model in self.models], None, NONE)
            case Unavailable():
                return decision
            case _:
                key = self.key
        return Identified(decision, type(decision).__name__, key, question)


class Pending:
    """The verdict of a case, which is made when a field that rests on it is asked."""

    __slots__ = ("case", "id")

    def __init__(self, case: Case) -> None:
        self.case = case
        self.id = encode("Verdict", case.key)

    @property
    def chosen(self) -> Mapping[SignalKey, int]:
        return self.case.chosen

    @property
    def decision(self) -> Verdict:
        return self.case.verdict

    @property
    def question(self) -> Question:
        """What its record asks again."""
        case = self.case
        slugs = [model.slug for model in case.models]
        return of_models(Kind.VERDICT, slugs, case.workload, case.overrides, case.weights)

    @property
    def unknowns(self) -> tuple[DecisiveUnknown, ...]:
        return self.case.unknowns

    @property
    def robustness(self) -> Robustness:
        return self.case.robustness

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # whoever looks whether it can be awaited asks for no verdict
            raise AttributeError(name)
        return getattr(self.case.verdict, name)
