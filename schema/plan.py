"""A switch plan as GraphQL shows it. What it needs is read for both ends at once, and nothing is decided before it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from domain import facts, plan, plan_steps, shapes
from domain.cost import RouteCost
from domain.friction_factors import Level, Severity
from domain.overrides import Overrides
from domain.standing import end_under
from domain.workload import Workload
from schema.catalog import Model, Route
from schema.costs import Unavailable
from schema.ends import end_key, unknown_end
from schema.enums import described
from schema.evidence import Fact
from schema.groups import Group
from schema.ids import Identified, is_a
from schema.look import Info, Look, look
from schema.needs import needs
from schema.questions import of_ends
from schema.recording import record_field
from schema.rules import USED, rule_field
from schema.shapes import SHAPES, Reference
from schema.workloads import workload_key

described(
    plan_steps.StepKind,
    "What a step of a switch plan is about, in the order in which one would do them.",
    {
        "SOURCE_RETIRING": "The source is going away: the date of the whole work.",
        "TARGET_RETIRING": "The target is going away.",
        "CREDENTIALS": "Account, address and credentials of the new provider.",
        "MODEL_ID": "The id of the model in every request.",
        "API_SHAPE": "The wire format.",
        "SDK": "The client library.",
        "PARAMETERS_KEPT": "Parameters that stay what they are.",
        "PARAMETERS_REMOVED": "Parameters that the new format does not have, or that mean nothing to the new model.",
        "PARAMETERS_RENAMED": "Parameters with another name.",
        "PARAMETERS_VALUES": "Parameters that take other values, such as other levels of reasoning effort, or a number instead.",
        "PARAMETERS_GAINED": "Parameters that only the new format has.",
        "PARAMETERS_UNKNOWN": "Parameters of which no opened document says what becomes of them.",
        "VECTORS": "What was embedded: vectors of two models do not mix.",
        "REASONING_CONTROL": "How reasoning is switched on.",
        "CONTEXT_WINDOW": "How long a prompt may be.",
        "MAX_OUTPUT": "How long an answer may be.",
        "CAPABILITY_LOST": "Something that the target cannot do.",
        "CAPABILITY_UNKNOWN": "Something that the source can do, and nobody says whether the target can.",
        "CAPABILITY_GAINED": "Something that only the target can do.",
        "MODALITY_LOST": "Content that no longer goes in or comes out.",
        "MODALITY_GAINED": "Content that newly goes in or comes out.",
        "KNOWLEDGE_CUTOFF": "Up to when its knowledge reaches.",
        "BILLING": "What the bill counts, and on which basis.",
        "COST": "What the workload costs in a month.",
        "DATA_TERMS": "Who handles prompts and answers.",
        "LICENSE": "Licence or openness.",
        "COMMERCIAL_USE": "Commercial use.",
        "EVIDENCE_GAP": "Facts that nobody sources.",
        "RETEST": "What to test again.",
    },
    name="PlanStepKind",
)
described(
    shapes.Concept,
    "What a parameter of a request is for.",
    {
        "MAX_OUTPUT": "The most tokens that an answer may have.",
        "SYSTEM_PROMPT": "Instructions that stand above the conversation.",
        "STOP": "Texts at which the answer ends.",
        "TEMPERATURE": "How random the answer is.",
        "TOP_P": "From which share of likely tokens it is drawn.",
        "TOP_K": "From how many of the likeliest tokens it is drawn.",
        "TOOLS": "Functions that the model may call.",
        "TOOL_CHOICE": "Whether it may, must or must not call one.",
        "STRUCTURED_OUTPUT": "The schema of an answer in JSON.",
        "REASONING": "Whether and how much it thinks before it answers.",
        "STREAMING": "Whether the answer comes piece by piece.",
        "SEED": "A number that makes answers repeatable as far as possible.",
        "PROMPT_CACHE": "What of the prompt is kept for later requests, and how long.",
        "IMAGES": "Where images go.",
    },
    name="ParameterConcept",
)
described(
    shapes.ValueKind,
    "What kind of value a parameter takes. A value can only be sent on as it is where both sides take the same kind.",
    {
        "TOKENS": "A number of tokens.",
        "NUMBER": "A number; `values` is its range, where a document gives one.",
        "FLAG": "True or false.",
        "CHOICE": "One of the words in `values`; where that is empty, no list was found.",
        "TEXT": "A text of your own.",
        "TEXTS": "A list of texts of your own; `values` is how many at most, where a document says it.",
        "SCHEMA": "A JSON Schema.",
        "OBJECT": "An object in one of the forms in `values`.",
        "RESOURCE": "The name of something that an earlier request made.",
        "METHOD": "Nothing: another method of the API is called instead.",
        "UNKNOWN": "No document that was opened says.",
    },
    name="ParameterValueKind",
)
described(
    shapes.ChangeOfParameter,
    "What becomes of a parameter between two wire formats.",
    {
        "KEPT": "It has the same name and takes the same values.",
        "REMOVED": "A document says that the new format has none, or the model cannot do what it is for.",
        "RENAMED": "It has another name and takes the same values.",
        "VALUES": "It takes other values or another kind of value, and may have another name too.",
        "GAINED": "Only the new format has it.",
        "UNKNOWN": "No opened document says what becomes of it, or whether it takes the same values. It may well exist.",
    },
    name="ParameterDifference",
)


@strawberry.type(description="What one wire format calls a parameter of a request.")
class Parameter:
    name: str | None = strawberry.field(description="Its path in the request; null: a document says that it has none.")
    unless: str | None = strawberry.field(
        description="Under which setting there is one all the same; null: under none."
    )
    takes: shapes.ValueKind = strawberry.field(description="What kind of value it takes.")
    values: list[str] = strawberry.field(
        description="The words or forms that it takes, or the range of its number; empty where no document lists any."
    )
    reference: Reference = strawberry.field(description="Who says so.")
    beside: list[Parameter] = strawberry.field(
        description="Further parameters for the same purpose: one switches reasoning on, say, and another says how much of it."
    )


@strawberry.type(description="One purpose of a parameter, before and after a switch.")
class ParameterChange:
    concept: shapes.Concept = strawberry.field(description="What the parameter is for.")
    change: shapes.ChangeOfParameter = strawberry.field(description="How it differs.")
    before: Parameter | None = strawberry.field(description="In the format that you leave; null is unknown.")
    after: Parameter | None = strawberry.field(description="In the new format; null is unknown.")
    assumed: bool = strawberry.field(
        description="Whether the documents are those of the maker of a format and the API is another company's, which may differ."
    )


@strawberry.type(description="One step of a switch plan.")
class PlanStep:
    kind: plan_steps.StepKind = strawberry.field(description="What it is about.")
    severity: Severity = strawberry.field(description="How grave it is.")
    sentence: str = strawberry.field(description="What changes, in words.")
    before: str | None = strawberry.field(description="How it is now; null where there is nothing to show.")
    after: str | None = strawberry.field(description="How it will be; null where there is nothing to show.")
    action: str | None = strawberry.field(description="What to do; null: nothing.")
    capabilities: list[facts.CapabilityKind] = strawberry.field(description="The capabilities concerned, if any.")
    modalities: list[facts.Modality] = strawberry.field(description="The modalities concerned, if any.")
    parameters: list[ParameterChange] = strawberry.field(description="The parameters concerned, if any.")
    references: list[Reference] = strawberry.field(description="The documents behind its parameters, each once.")
    used: list[Fact] = strawberry.field(description=USED)
    rule = rule_field()


def _models(_: Look, end: Any, __: Any) -> Iterable[Any]:
    return [] if end.model is None else [end.model]


def _routes(_: Look, end: Any, __: Any) -> Iterable[Any]:
    return [offer.route for offer in end.offers]


@strawberry.type(
    description="One end of a switch: the route that is meant, or that stands for the model that was asked for."
)
class PlanEnd:
    asked: str = strawberry.field(description="What you wrote.")
    name: str = strawberry.field(description="Name of the model to show.")
    note: str | None = strawberry.field(
        description="Which route stands for the model, and why; null where you asked for a route."
    )
    api_shape: facts.ApiShape = strawberry.field(
        description="The wire format that the plan assumes there: one that both ends speak where there is one (rule `plan.shapes`)."
    )
    rule = rule_field()

    @strawberry.field(
        description="The model; null where the route belongs to no known one.", metadata=needs(to=_models)
    )
    def model(self: Any) -> Model | None:
        return self.model

    @strawberry.field(description="The route.", metadata=needs(to=_routes))
    def route(self: Any) -> Route:
        return self.offer.route

    @strawberry.field(description="What the workload costs there, in USD a month, exact; null where that is not known.")
    def total(self: Any) -> Decimal | None:
        return self.cost.total if isinstance(self.cost, RouteCost) else None

    @strawberry.field(description="The cost, rounded to show, or why there is none.")
    def display(self: Any) -> str:
        return self.cost.display if isinstance(self.cost, RouteCost) else self.cost.message


@strawberry.type(
    description="How to move from one model or route to another: everything that changes and what to do, in the order of doing. The "
    "way back is another plan."
)
class SwitchPlan:
    id: strawberry.ID = strawberry.field(description="Names this question, for caches.")
    source: PlanEnd = strawberry.field(description="From where.")
    target: PlanEnd = strawberry.field(description="To where.")
    level: Level = strawberry.field(description="How hard it is, by the published weights.")
    score: int = strawberry.field(
        description="0 to 100: the sum of the steps' weights. The friction of a comparison or of a cheaper switch between the same "
        "two routes is the same number."
    )
    steps: list[PlanStep] = strawberry.field(
        description="What to do, first things first; empty from a route to itself."
    )
    notes: list[str] = strawberry.field(
        description="How the routes were chosen that stand for models, and what your own terms changed."
    )
    used: list[Fact] = strawberry.field(description=USED)
    rule = rule_field()
    record: str = record_field()

    is_type_of = is_a(plan_steps.SwitchPlan)


SwitchPlanResult = Annotated[
    SwitchPlan | Unavailable,
    strawberry.union("SwitchPlanResult", description="A plan, or why there is none."),
]


def ends(seen: Look, *texts: str) -> list[plan_steps.End]:
    """What was found of both ends. Raises GraphQLError BAD_REF."""
    keys = [end_key(text) for text in texts]  # both first: where one is wrong, neither was read
    return [end for key in keys if (end := seen.get(Group.ENDS, key)) is not None]


def planned(info: Info, source: str, target: str, workload: Workload, terms: Overrides) -> Any:
    """The plan. Raises GraphQLError BAD_REF or UNKNOWN_MODEL."""
    seen = look(info)
    keys = [end_key(text) for text in (source, target)]  # both first, as above
    for text, key in zip((source, target), keys, strict=True):
        if seen.get(Group.ENDS, key) is None:
            raise unknown_end(text, "" if seen.lens.is_default else f" {seen.lens}")
    before, after = (end_under(end, terms) for end in ends(seen, source, target))
    found = plan.switch_plan(before, after, workload=workload, shapes=SHAPES, on=seen.today, required=terms.api_shapes)
    if isinstance(found, facts.Unavailable):
        return found
    question = (
        found.source.offer.route.key,
        found.target.offer.route.key,
        workload_key(workload),
        seen.lens.key,
        terms.key,
    )
    name = "|".join(filter(None, question))
    return Identified(found, "SwitchPlan", name, of_ends((before, after), workload, terms))
