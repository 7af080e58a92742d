"""What the rules decide, as GraphQL shows it. The source of every object is the decision of `domain`; only names of models become
models here. Lists are in the order of the rule that made them.
"""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Annotated, Any

import strawberry

from domain import cost, facts
from domain.cells import CellState
from domain.comparability import ComparabilityLevel
from domain.flips import FlipInput
from domain.friction_factors import FactorKind, Level, Severity
from domain.neighbours import NeighbourKind
from domain.scorecard import SignalKey
from domain.tradeoffs import ReasonKind
from schema.catalog import Model, Route, offered, one_model, several_models
from schema.costs import Unavailable
from schema.evidence import Evidence, Fact, Rule, Sentence
from schema.firmness import DecisiveUnknown, Robustness
from schema.groups import Group
from schema.ids import is_a
from schema.look import Info, Look, look
from schema.needs import Need, needs, of_parent
from schema.paging import Few, page_size
from schema.recording import record_field
from schema.rules import USED, rule_field, rules_field
from schema.scalars import Value


def named(**given: Any) -> Any:
    """A plain object for a type whose models are named by slug."""
    return SimpleNamespace(**given)


_SENTENCE = "All of this object in one or two English sentences, ready to show."
_WEIGHT = "How many points of the weighed scorecard it is worth, by the published weights or yours."


@strawberry.type(description="Why models are, or are not, of a kind that can be compared.")
class ComparabilityReason:
    level: ComparabilityLevel = strawberry.field(description="What this reason alone would make of it.")
    models: list[Model] = several_models(
        "models", "The two models that do not go together, or the one about which too little is known."
    )
    message: str = strawberry.field(description=_SENTENCE)
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


@strawberry.type(description="Whether the comparison means anything, said before anything else.")
class Comparability:
    level: ComparabilityLevel = strawberry.field(description="The level of the gravest reason; COMPARABLE without any.")
    reasons: list[ComparabilityReason] = strawberry.field(description="Empty where nothing speaks against it.")
    used: list[Fact] = strawberry.field(description=USED)
    rules: list[Rule] = rules_field()


@strawberry.type(description="Whether a model can be the safer pick at all.")
class Qualification:
    model: Model = one_model("model", "The model that is judged.")
    qualifies: bool = strawberry.field(description="Whether it has all that the rule asks for.")
    lacks: list[str] = strawberry.field(description="What it lacks, in words.")
    support: list[Fact] = strawberry.field(description="The facts that it has of those which the rule asks for.")
    against: list[Fact] = strawberry.field(description="Facts that speak against it, or are missing.")
    rule: Rule = rule_field()


@strawberry.type(description="One argument for or against a verdict, with the facts on both sides.")
class Claim:
    sentence: str = strawberry.field(description=_SENTENCE)
    favours: list[Model] = several_models("favours", "The models that it speaks for.")
    weight: int = strawberry.field(description=_WEIGHT)
    signal: SignalKey | None = strawberry.field(description="Its row of the scorecard, if it has one.")
    support: list[Fact] = strawberry.field(
        description="Facts for the winner, or for those whom it favours where there is no winner or it says nothing of that."
    )
    against: list[Fact] = strawberry.field(description="Facts against the winner.")
    rule: Rule = rule_field()


@strawberry.type(description="Something that only one of the models offers.")
class Strength:
    text: str = strawberry.field(description="The strength in a few words, such as `a larger context window`.")
    weight: int = strawberry.field(description=_WEIGHT)
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


@strawberry.type(description="When to choose a model although it is not the winner.")
class Alternative:
    model: Model = one_model("model", "The model that is not the winner.")
    sentence: str = strawberry.field(description=_SENTENCE)
    strengths: list[Strength] = strawberry.field(description="What only it offers, the weightiest first.")
    rule: Rule = rule_field()


@strawberry.type(description="The weighed scorecard of one model.")
class Points:
    model: Model = one_model("model", "The model that has these points.")
    points: int = strawberry.field(description="Sum of the weights of the rows that it leads.")


@strawberry.type(description="How much a row of the scorecard counts in a verdict.")
class Weight:
    signal: SignalKey = strawberry.field(description="The row of the scorecard that has this weight.")
    weight: int = strawberry.field(description="0 to 1,000; 0 for rows that only describe.")


_OF = of_parent(facts.Model)
JUDGES = (Need(Group.OFFERS, _OF), Need(Group.RESULTS, _OF))
JUDGED = needs(*JUDGES)
"""What a verdict rests on. Its weights are known without."""


@strawberry.type(description="Which model is the safer pick, or why that is not decided.")
class Verdict:
    id: strawberry.ID = strawberry.field(description="Names this question, for caches.")
    decided: bool = strawberry.field(
        metadata=JUDGED, description="True where `winner` is a model, false where the verdict is undecided."
    )
    reason: str = strawberry.field(
        metadata=JUDGED,
        description="ONLY_ONE_QUALIFIES or MARGIN; undecided: NOT_COMPARABLE, NONE_QUALIFIES, SCORECARD_DISAGREES or "
        "MARGIN_TOO_SMALL.",
    )
    sentence: str = strawberry.field(metadata=JUDGED, description=_SENTENCE)
    claims: list[Claim] = strawberry.field(metadata=JUDGED, description="Every argument, for and against.")
    speaks_against: list[Claim] = strawberry.field(
        metadata=JUDGED, description="The arguments against the winner; empty where there is none."
    )
    qualifications: list[Qualification] = strawberry.field(
        metadata=JUDGED, description="Of every model, whether it can be the safer pick at all, and what it lacks."
    )
    margin: Decimal = strawberry.field(
        metadata=JUDGED, description="Lead of the first over the second, as a share of all weights."
    )
    threshold: Decimal = strawberry.field(
        metadata=JUDGED, description="The lead that decides, as a share of all weights."
    )
    alternatives: list[Alternative] = strawberry.field(metadata=JUDGED, description="When to choose one of the others.")
    comparability: Comparability = strawberry.field(metadata=JUDGED, description="Whether they can be compared at all.")
    robustness: Robustness = strawberry.field(metadata=JUDGED, description="After which small changes it is the same.")
    used: list[Fact] = strawberry.field(metadata=JUDGED, description=USED)
    rules: list[Rule] = rules_field(JUDGED)
    record: str = record_field(*JUDGES)

    @strawberry.field(metadata=JUDGED, description="The safer pick; null is undecided, and `reason` says why.")
    def winner(self: Any, info: Info) -> Model | None:
        return None if self.winner is None else look(info).model(self.winner)

    @strawberry.field(
        metadata=JUDGED, description="What each model scores: the sum of the weights of the rows that it leads."
    )
    def points(self: Any) -> list[Points]:
        return [named(model=slug, points=points) for slug, points in self.points.items()]

    @strawberry.field(
        metadata=JUDGED,
        description="Missing facts that could turn it, those first that would make a winner; empty where none could.",
    )
    def decisive_unknowns(self: Any, first: Few = 20) -> list[DecisiveUnknown]:
        return self.unknowns[: page_size(first)]

    @strawberry.field(description="The weights that were used: the published ones with yours over them.")
    def weights(self: Any) -> list[Weight]:
        return [Weight(signal=key, weight=weight) for key, weight in self.chosen.items()]


@strawberry.type(description="The smallest change of one input that changes the answer.")
class Flip:
    input: FlipInput = strawberry.field(description="The input that changes, all others staying as they are.")
    signal: SignalKey | None = strawberry.field(description="The row whose weight changes; null for other inputs.")
    before: list[Model] = several_models("before", "The cheapest models, or the winner; empty is undecided.")
    after: list[Model] = several_models(
        "after", "The cheapest models, or the winner, after the change; empty is undecided."
    )
    current: Decimal = strawberry.field(description="The input now: a share of one, requests, tokens or a weight.")
    changed: Decimal | None = strawberry.field(description="Where the answer changes; null: no change of it flips it.")
    sentence: str = strawberry.field(description=_SENTENCE)
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


@strawberry.type(description="One reason to choose a model.")
class Reason:
    kind: ReasonKind = strawberry.field(description="In what the model is ahead.")
    sentence: str = strawberry.field(description=_SENTENCE)
    unknown_other_side: list[Model] = several_models(
        "unknown_other_side", "The models of which nobody says whether they have it too."
    )
    capabilities: list[facts.CapabilityKind] = strawberry.field(
        description="The capabilities that it is about, if any."
    )
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


@strawberry.type(description="All reasons to choose one model over the others of the comparison.")
class Tradeoff:
    model: Model = one_model("model", "The model that the reasons speak for.")
    reasons: list[Reason] = strawberry.field(description="Reasons in the order of the rule; empty where there is none.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


@strawberry.type(description="How two monthly costs differ.")
class CostDelta:
    id: strawberry.ID = strawberry.field(description="Names this question, for caches.")
    first: Model = one_model("first", "The model that the difference starts from.")
    second: Model = one_model("second", "The model that is set against the first.")
    delta: Decimal = strawberry.field(description="Second total minus first, in USD a month.")
    ratio: Decimal | None = strawberry.field(description="Second total divided by the first; null where that is 0.")
    display: str = strawberry.field(description="The difference, rounded to show: `+$904`.")
    used: list[Fact] = strawberry.field(description=USED)
    rules: list[Rule] = rules_field()

    is_type_of = is_a(cost.CostDelta)

    @strawberry.field(description="The cheaper one; null where they cost the same.")
    def cheaper(self: Any, info: Info) -> Model | None:
        return None if self.cheaper is None else look(info).model(self.cheaper)


CostDeltaResult = Annotated[
    CostDelta | Unavailable,
    strawberry.union("CostDeltaResult", description="How two costs differ, or why that cannot be said."),
]


@strawberry.type(description="One thing that changes in a switch.")
class Factor:
    kind: FactorKind = strawberry.field(description="What it is that changes.")
    severity: Severity = strawberry.field(description="How much work or loss it is by itself.")
    sentence: str = strawberry.field(description=_SENTENCE)
    before: str | None = strawberry.field(description="How it is now; null where there is nothing to show.")
    after: str | None = strawberry.field(description="How it will be; null where there is nothing to show.")
    step: str | None = strawberry.field(description="Line of a migration checklist; null: nothing has to be done.")
    capabilities: list[facts.CapabilityKind] = strawberry.field(description="The capabilities concerned, if any.")
    modalities: list[facts.Modality] = strawberry.field(description="The modalities concerned, if any.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


@strawberry.type(description="What a switch from one model to another would break, cost or win.")
class SwitchFriction:
    id: strawberry.ID = strawberry.field(description="Names this switch at this workload, for caches.")
    source: Model = one_model("source", "The model that you use now.")
    target: Model = one_model("target", "The model that you would move to.")
    source_route: Route | None = strawberry.field(
        description="The route that you leave, as a switch plan between the two has it: access, wire format and cost are judged "
        "between these two routes. Null where the model has no live one.",
        metadata=needs(to=offered),
    )
    target_route: Route | None = strawberry.field(
        description="The route that you would move to, by the same rule; null where the model has no live one.",
        metadata=needs(to=offered),
    )
    level: Level = strawberry.field(description="How hard it is, by the published weights of the steps.")
    score: int = strawberry.field(
        description="0 to 100: the sum of the weights of all steps of the switch plan between the two routes, the same number there. "
        "Factors are the graver of them; parameters that change, data terms and tests count too. Where a model has "
        "no live route, the sum of the factors' weights."
    )
    factors: list[Factor] = strawberry.field(description="Everything that changes, the gravest first.")
    steps: list[str] = strawberry.field(
        description="A migration checklist: what to do, in the order in which to do it, as in the switch plan between the routes."
    )
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()
    record: str = record_field()


@strawberry.type(description="What one model shows in one row of a table.")
class Cell:
    model: Model = one_model("model", "The model whose value the cell shows.")
    value: Value | None = strawberry.field(
        description="Exact: tokens, parameters, USD per million tokens, a day, a name or several; null unless it is known."
    )
    display: str = strawberry.field(description="The same to show. An unknown is `not sourced yet`, never No or 0.")
    state: CellState = strawberry.field(description="Known, unknown, or not applicable.")
    used: list[Fact] = strawberry.field(description="The facts behind it, each with its evidence and dissent.")

    @strawberry.field(
        description="Facts behind this cell of which independent sources state another value, with who says what; empty where "
        "nobody disagrees with what is shown.",
        metadata=needs(Need(Group.TESTIMONY, _OF)),
    )
    def disputes(self: Any, info: Info) -> list[Evidence]:
        seen: Any = look(info)
        return [each for fact in dict.fromkeys(self.used) if (each := seen.dispute(fact)) is not None]


@strawberry.type(description="One row of a table that compares models: a heading and a cell for each model.")
class Row:
    key: str = strawberry.field(description="Stable name of the row, such as `context_window`, for programs.")
    label: str = strawberry.field(description="The heading of the row for people, such as `Context window`.")
    cells: list[Cell] = strawberry.field(description="One per model, in the order asked.")
    rule: Rule = rule_field()


@strawberry.type(description="The live routes of a model at one company.")
class ProviderOffers:
    group: str = strawberry.field(description="Stable short name of the company behind the provider entries.")
    name: str = strawberry.field(description="The company's name as it is shown.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()

    @strawberry.field(
        description="Everything under which it serves the model, one route for each of its ids.",
        metadata=needs(to=offered),
    )
    def routes(self: Any) -> list[Route]:
        return [offer.route for offer in self.offers]


@strawberry.type(description="The companies that serve one model through an API.")
class Availability:
    model: Model = one_model("model", "The model that is served.")
    providers: list[ProviderOffers] = strawberry.field(
        description="The companies that serve it now, by name; empty where none is tracked."
    )


@strawberry.type(description="What it costs and where it can be had.")
class Pricing:
    rows: list[Row] = strawberry.field(description="The lowest prices and the monthly cost.")
    availability: list[Availability] = strawberry.field(description="For each model, the companies that serve it.")


@strawberry.type(description="Prose over decisions: wording only, no judgement of its own.")
class Paragraph:
    key: str = strawberry.field(description="Stable name of the paragraph.")
    text: str = strawberry.field(description="The whole paragraph, its sentences joined.")
    sentences: list[Sentence] = strawberry.field(description="Each with the facts behind it.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


@strawberry.type(description="A question that people ask, answered from the decisions.")
class Faq:
    key: str = strawberry.field(description="Stable name of the question, such as `cheaper`, for programs.")
    question: str = strawberry.field(description="The question as a buyer would ask it.")
    answer: str = strawberry.field(description="The answer in words; where nothing is sourced it says so.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


def _and_near(seen: Look, model: Any, _: Any) -> list[facts.Model]:
    return [model, *(each.model for each in seen.get(Group.NEAR, model.id) or ())]


@strawberry.type(description="Why a model is near another one.")
class NeighbourReason:
    kind: NeighbourKind = strawberry.field(description="What the two models have in common.")
    sentence: str = strawberry.field(description=_SENTENCE)
    used: list[Fact] = strawberry.field(description=USED, metadata=needs(to=_and_near))


@strawberry.type(description="Another model worth comparing.")
class Neighbour:
    model: Model = strawberry.field(
        description="The model that is near.",
        metadata=needs(to=lambda seen, model, _: [each.model for each in seen.get(Group.NEAR, model.id) or ()]),
    )
    score: int = strawberry.field(description="How near, by the published points.")
    reasons: list[NeighbourReason] = strawberry.field(
        description="What brings the two near each other, each with its facts."
    )
    used: list[Fact] = strawberry.field(description=USED, metadata=needs(to=_and_near))
    rule: Rule = rule_field()


@strawberry.type(description="What to compare a model with next.")
class ContinueComparing:
    model: Model = one_model("model", "Which of the compared models.")
    neighbours: list[Neighbour] = strawberry.field(description="Models to compare it with, the nearest first.")
