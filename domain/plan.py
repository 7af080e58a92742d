"""A switch plan: what to do, step by step, to move from one route to another, with what each step changes and how grave it
is.

Every end is a route in the end: a model stands for one of its routes (`standing`). Factors of friction become
steps; access, parameters, billing, data terms and tests have rules of their own here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import TypeAlias

from domain.cost import RouteCost
from domain.eligible import Ineligible
from domain.facts import ApiShape, Contender, FactRef, PriceBasis, Task, Unavailable
from domain.friction import SwitchFriction, factors, level_of, route_side, unplanned
from domain.friction_access import route_overlap
from domain.friction_factors import FactorKind, Level, Severity
from domain.plan_parameters import address, assumed, generates, other_requests, shared_shape, with_parameters
from domain.plan_steps import REFERENCE, End, Standing, Step, StepKind, SwitchPlan, as_factors
from domain.rules import Rule
from domain.shapes import ChangeOfParameter, Concept, Shapes
from domain.standing import Spend, company, standings
from domain.tasks import TOKEN_TASKS
from domain.wording import in_sentence, in_words, label, listed, lowered
from domain.workload import Workload

_ORDER = {kind: place for place, kind in enumerate(StepKind)}


def switch_plan(
    source: End,
    target: End,
    *,
    workload: Workload,
    shapes: Shapes,
    on: date,
    required: Collection[ApiShape] = (),
) -> SwitchPlan | Unavailable:
    """The steps on a day, in the order of their kinds, days that date the whole work first; a route has no steps to itself. The
    score is the sum of the steps' points and the level follows from it: that of the switch friction between the two ends
    (`friction.level`). Unavailable where an end has no route."""
    ends = standings(source, target, workload)
    for end in ends:
        if isinstance(end, Unavailable):
            return end
    before, after = (end for end in ends if isinstance(end, Standing))
    return _between(before, after, workload, shapes, on, required)


def switch_friction(
    source: Contender,
    target: Contender,
    *,
    workload: Workload,
    costs: tuple[Spend, Spend],
    shapes: Shapes,
    on: date,
    required: Collection[ApiShape] = (),
) -> SwitchFriction:
    """Friction between two models, with the plan between the routes that stand for them (`friction.level`)."""
    models = [End(each.model.slug, each.model, each.offers, is_route=False) for each in (source, target)]
    stands = standings(models[0], models[1], workload, costs=costs)
    ends = [end for end in stands if isinstance(end, Standing)]
    slugs = source.model.slug, target.model.slug
    if source.model.id == target.model.id:
        before, after = (None if isinstance(end, Unavailable) else end.offer.route for end in stands)
        return SwitchFriction(*slugs, Level.LOW, 0, (), before, after)
    if len(ends) < 2:
        return unplanned(source, target, stands, workload, on)
    found = _by_plan(*slugs, _between(ends[0], ends[1], workload, shapes, on, required))
    companies = {company(end.offer.route) for end in ends}
    told = [
        route_overlap(each, source.live, target.live, companies)
        if each.kind is FactorKind.CREDENTIALS and each.severity is Severity.HIGH
        else each
        for each in found.factors
    ]
    return replace(found, factors=tuple(told))


def route_friction(
    before: Standing,
    after: Standing,
    *,
    workload: Workload,
    shapes: Shapes,
    on: date,
    required: Collection[ApiShape] = (),
) -> SwitchFriction:
    """Friction between two routes, with the plan between them (`friction.level`)."""
    plan = _between(before, after, workload, shapes, on, required)
    return _by_plan(before.offer.route.key, after.offer.route.key, plan)


def _by_plan(source: str, target: str, plan: SwitchPlan) -> SwitchFriction:
    before, after = plan.source.offer.route, plan.target.offer.route
    return SwitchFriction(source, target, plan.level, plan.score, as_factors(plan.steps), before, after, plan=plan)


def _between(
    before: Standing,
    after: Standing,
    workload: Workload,
    shapes: Shapes,
    on: date,
    required: Collection[ApiShape],
) -> SwitchPlan:
    spoken = assumed(before.offer.route.provider, after.offer.route.provider, required)
    before, after = (replace(end, api_shape=shape) for end, shape in zip((before, after), spoken, strict=True))
    steps: tuple[Step, ...] = ()
    if before.offer.route.key != after.offer.route.key:
        found = [
            *_factors(before, after, workload, shapes, on),
            *(step for find in _FINDERS for step in find(before, after)),
        ]
        if generates((before, after)):
            found += shared_shape(before, after, shapes)
            found = [*with_parameters(before, after, shapes, found, on)]
        else:
            found.append(other_requests(before, after))
        found += retest(before, after, tuple(found))
        steps = tuple(sorted(found, key=lambda step: _ORDER[step.kind]))
    level, score = level_of(steps)
    return SwitchPlan(before, after, level, score, steps)


def _factors(before: Standing, after: Standing, workload: Workload, shapes: Shapes, on: date) -> Iterator[Step]:
    """What changes between the two routes, as steps."""
    sides = [route_side(end.offer, end.model, end.cost, on) for end in (before, after)]
    for factor in factors(sides[0], sides[1], workload):
        action = factor.step
        if factor.kind is FactorKind.API_SHAPE and not generates((before, after)):
            action = f"Port requests to {factor.after}."
        same = before.api_shape is after.api_shape in shapes.cells and generates((before, after))
        if factor.kind is FactorKind.SDK and action and same:
            spoken = in_sentence(after.api_shape)
            action = f"A client that speaks {spoken} can stay, with the new address. Else: {lowered(action)}"
        yield Step(
            StepKind(factor.kind.value),
            factor.severity,
            factor.sentence,
            factor.rule,
            before=factor.before,
            after=factor.after,
            action=action,
            capabilities=factor.capabilities,
            modalities=factor.modalities,
            used=factor.used,
        )


def credentials(before: Standing, after: Standing) -> Iterator[Step]:
    """Another company is HIGH, because contract, billing and quota are new; another entry of the same company is LOW. What
    no source says of address and credentials is said to be unknown."""
    old, new = before.offer.route.provider, after.offer.route.provider
    if old.slug == new.slug:
        return
    same = (old.group or old.slug) == (new.group or new.slug)
    url = address(new, after.api_shape)
    place = f"base URL {url}" if url else "base URL not sourced yet"
    keys = f"credentials in {listed(new.credentials)}" if new.credentials else "credentials not sourced yet"
    docs = f" Documentation: {new.docs_url}" if new.docs_url else ""
    yield Step(
        StepKind.CREDENTIALS,
        Severity.LOW if same else Severity.HIGH,
        f"Requests go to {new.name} instead of {old.name}.",
        "plan.credentials",
        before=old.name,
        after=new.name,
        action=f"{'Use' if same else 'Open an account with'} {new.name} and point the client to it ({place}; {keys}).{docs}",
        used=tuple(
            FactRef("provider", new.id, field)
            for field in (
                "base_url" if after.api_shape in (new.api_shape, ApiShape.UNKNOWN) else f"endpoint.{after.api_shape}",
                "credentials",
                "docs_url",
            )
        ),
    )


def model_id(before: Standing, after: Standing) -> Iterator[Step]:
    """Another model id in the request is LOW."""
    old, new = before.offer.route, after.offer.route
    if old.provider_model_id == new.provider_model_id:
        return
    yield Step(
        StepKind.MODEL_ID,
        Severity.LOW,
        f"The model id changes from {old.provider_model_id} to {new.provider_model_id}.",
        "plan.model-id",
        before=old.provider_model_id,
        after=new.provider_model_id,
        action=f"Put {new.provider_model_id} where requests name the model.",
        used=(FactRef("route", old.id, "lifecycle"), FactRef("route", new.id, "lifecycle")),
    )


def billing(before: Standing, after: Standing) -> Iterator[Step]:
    """Another basis of price, or another unit than tokens on one side, is MEDIUM, as far as both are known. Where a
    model is made for what is billed otherwise, and no cost of a side is known, it is LOW: nobody compared the bills. A target that takes only
    requests that may wait, where not all of the workload may, blocks."""
    old, new = before.offer.route, after.offer.route
    if isinstance(after.cost, Ineligible) and after.cost.reason == "BATCH_ONLY":
        yield Step(
            StepKind.BILLING,
            Severity.BLOCKER,
            after.cost.message,
            "plan.billing",
            action="Choose a route that answers at once, or move only what may wait.",
            used=after.cost.used,
        )
    known = PriceBasis.UNKNOWN not in (old.price_basis, new.price_basis)
    if known and old.price_basis is not new.price_basis:
        shown = [label(each.price_basis) for each in (old, new)]
        yield Step(
            StepKind.BILLING,
            Severity.MEDIUM,
            f"The basis of the price changes from {lowered(shown[0])} to {lowered(shown[1])}.",
            "plan.billing",
            before=shown[0],
            after=shown[1],
            action="Check what the price covers, and which quotas come with it.",
            used=tuple(FactRef("route", each.id, "price_basis") for each in (old, new)),
        )
        return
    units = [_unit(each) for each in (before, after)]
    if units[0] and units[1] and units[0] != units[1]:
        yield Step(
            StepKind.BILLING,
            Severity.MEDIUM,
            f"The bill counts {units[1]} instead of {units[0]}, so that the costs cannot be compared.",
            "plan.billing",
            before=units[0],
            after=units[1],
            action="Work out the new bill from your own traffic.",
            used=tuple(FactRef("route", each.id, "price_basis") for each in (old, new)),
        )
    elif None in units and not all(end.model is None or end.model.task in TOKEN_TASKS for end in (before, after)):
        yield Step(
            StepKind.BILLING,
            Severity.LOW,
            "The costs are not compared: a month of tokens does not say how much is billed here, such as images or seconds.",
            "plan.billing",
            action="Work out both bills from your own traffic, by the prices of the two routes.",
            used=tuple(FactRef("route", each.id, "price_basis") for each in (old, new)),
        )


def _unit(end: Standing) -> str | None:
    if isinstance(end.cost, RouteCost):
        return "tokens"
    other = isinstance(end.cost, Unavailable) and end.cost.reason == "OTHER_BILLING_UNIT"
    return "other units than tokens" if other else None


def data_terms(before: Standing, after: Standing) -> Iterator[Step]:
    """Another provider, or another region, means other hands for prompts and answers. Terms of data are not sourced here, so
    it is LOW and said to be read."""
    old, new = before.offer.route, after.offer.route
    shown = [f"{each.provider.name} ({each.region})" if each.region else each.provider.name for each in (old, new)]
    if shown[0] == shown[1]:
        return
    yield Step(
        StepKind.DATA_TERMS,
        Severity.LOW,
        f"Prompts and answers go to {shown[1]} instead of {shown[0]}; how either keeps or uses them is not sourced yet.",
        "plan.data-terms",
        before=shown[0],
        after=shown[1],
        action=f"Read the terms of {new.provider.name}: retention, training, place of processing, sub-processors.",
        used=tuple(FactRef("route", each.id, "region") for each in (old, new)),
    )


def vectors(before: Standing, after: Standing) -> Iterator[Step]:
    """Between two embedding models everything has to be embedded again: HIGH. Each model places texts in a space of its own, so
    that the distance between vectors of two models means nothing, and they may differ in length, which an index is made for."""
    one, other = before.model, after.model
    if one is None or other is None or one.id == other.id or {one.task, other.task} != {Task.EMBEDDING}:
        return
    yield Step(
        StepKind.VECTORS,
        Severity.HIGH,
        f"Vectors of {one.name} and {other.name} do not mix: each model places texts in a space of its own.",
        "plan.vectors",
        action="Embed everything that is stored again, into a new index, before queries use the new model. Check the dimension: an "
        "index is made for vectors of one length, and that of the new ones may be another.",
        used=tuple(FactRef("model", each.id, "task") for each in (one, other)),
    )


_ANSWERS: Mapping[Task, str] = MappingProxyType(
    {
        Task.EMBEDDING: "what your own queries find, and any threshold of similarity",
        Task.RERANKING: "the order of results for your own queries, and any threshold",
        Task.MODERATION: "what is flagged among your own examples, and any threshold",
        Task.TRANSCRIPTION: "transcripts of your own recordings",
        Task.SPEECH: "voices and pronunciation of your own texts",
        Task.IMAGE_GENERATION: "images from your own prompts",
        Task.VIDEO_GENERATION: "videos from your own prompts",
    }
)
"""What comes out of a model that generates no text, as one would test it."""


def retest(before: Standing, after: Standing, steps: tuple[Step, ...]) -> Iterator[Step]:
    """Last, what to test again, by what the other steps change: what comes out where the model does, in the words of what it is
    made for, and every parameter, because a model may refuse what its format has; requests, streaming and errors where the API
    shape does; tool calls, structured outputs, reasoning and caching where their parameters do; the bill where both costs are
    known. LOW, once for all."""
    kinds = {step.kind for step in steps}
    concepts = {
        change.concept for step in steps for change in step.parameters if change.change is not ChangeOfParameter.KEPT
    }
    other_model = before.model is None or after.model is None or before.model.id != after.model.id
    costs = isinstance(before.cost, RouteCost) and isinstance(after.cost, RouteCost)
    text = generates((before, after))
    task = Task.TEXT_GENERATION if after.model is None else after.model.task
    what = [
        text
        for text, needed in (
            (_ANSWERS.get(task, "answers and prompts, on your own evaluations"), other_model),
            ("a sample of answers", not other_model),
            (
                "requests, streaming and error handling" if text else "requests and error handling",
                StepKind.API_SHAPE in kinds,
            ),
            ("tool calls", bool(concepts & {Concept.TOOLS, Concept.TOOL_CHOICE})),
            ("structured outputs", Concept.STRUCTURED_OUTPUT in concepts),
            ("reasoning effort", Concept.REASONING in concepts or StepKind.REASONING_CONTROL in kinds),
            ("cache hits", Concept.PROMPT_CACHE in concepts),
            ("your longest requests", bool(kinds & {StepKind.CONTEXT_WINDOW, StepKind.MAX_OUTPUT})),
            ("the bill of a day", costs),
        )
        if needed
    ]
    yield Step(
        StepKind.RETEST,
        Severity.LOW,
        f"Test again before moving traffic: {listed(what)}."
        + (
            " Send every parameter that you use once: a model may refuse what its format has, and where no document says so of "
            "single models, no step here does."
            if text and other_model
            else ""
        ),
        "plan.retest",
        action="Send a share of the traffic to both and compare, then move the rest.",
        used=(
            FactRef("route", before.offer.route.id, "lifecycle"),
            FactRef("route", after.offer.route.id, "lifecycle"),
        ),
    )


_Find: TypeAlias = Callable[[Standing, Standing], Iterator[Step]]
_FINDERS: tuple[_Find, ...] = (credentials, model_id, vectors, billing, data_terms)

RULES: tuple[Rule, ...] = (
    Rule("plan.order", "Steps, score and level", in_words(switch_plan), REFERENCE),
    Rule("plan.credentials", "Credentials and endpoint", in_words(credentials), REFERENCE),
    Rule("plan.model-id", "Model id", in_words(model_id), REFERENCE),
    Rule("plan.vectors", "Vectors of two models", in_words(vectors), REFERENCE),
    Rule("plan.billing", "Billing unit and basis", in_words(billing), REFERENCE),
    Rule("plan.data-terms", "Data terms", in_words(data_terms), REFERENCE),
    Rule("plan.retest", "What to test again", in_words(retest), REFERENCE),
)
