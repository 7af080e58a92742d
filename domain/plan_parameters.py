"""Parameters in a switch plan: which wire format each end is assumed to speak, and what becomes of every parameter.

A parameter of something that a model can or cannot do belongs to the step that speaks of that capability, and to no other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from domain.endpoints import api_shapes, endpoints, shape_ref
from domain.facts import ApiShape, FactRef, Presence, Provider, Task
from domain.friction import route_side
from domain.friction_factors import Severity, Side
from domain.parameter_steps import NEEDED, carrying, presence, stepped
from domain.parameter_words import becomes
from domain.plan_steps import REFERENCE, Standing, Step, StepKind
from domain.rules import Rule
from domain.shapes import Cells, ChangeOfParameter, Concept, ParameterChange, Shapes, parameter_changes
from domain.wording import in_sentence, in_words, label, listed


def assumed(old: Provider, new: Provider, required: Collection[ApiShape] = ()) -> tuple[ApiShape, ApiShape]:
    """Where both providers speak a wire format, it is assumed on both sides, so that code stays what it is: one that the
    caller's own terms require before others, then the source's own, the target's own, and further ones as the source has them.
    Where none is common, each side's own one. A format of one's own is common only within one company. A provider may serve
    single models by one of its formats only, which is not known here."""
    ours, theirs = api_shapes(old), api_shapes(new)
    company = _company(old) == _company(new)
    common = [shape for shape in ours if shape in theirs and (company or shape is not ApiShape.OTHER)]
    if common:
        shared = min(common, key=lambda shape: (shape not in required, shape != ours[0], shape != theirs[0]))
        return shared, shared
    return old.api_shape, new.api_shape


def _cells(shapes: Shapes, of: Provider, shape: ApiShape, model: str | None, made: Collection[str]) -> Cells:
    return shapes.of(_company(of), shape, model, made=made)


def _company(provider: Provider) -> str:
    return provider.group or provider.slug


def address(provider: Provider, shape: ApiShape) -> str | None:
    """The base URL at which a provider speaks a format; its own one where no format is known."""
    if shape is ApiShape.UNKNOWN:
        return provider.base_url
    return next((each.base_url for each in endpoints(provider) if each.api_shape is shape), None)


def shared_shape(before: Standing, after: Standing, shapes: Shapes) -> Iterator[Step]:
    """Between two providers that share a format which is not the source's own, requests in the source's own one are ported
    first: LOW, because whoever uses the shared one already has nothing to do."""
    old, new, shape = before.offer.route.provider, after.offer.route.provider, after.api_shape
    if old.slug == new.slug or before.api_shape is not shape or shape is old.api_shape:
        return
    model = None if before.model is None else before.model.slug
    ports = ((each, shapes.settings(each, model)) for each in (old.api_shape, shape))
    found = parameter_changes(*(_cells(shapes, old, each, model, made) for each, made in ports))
    stays = (ChangeOfParameter.KEPT, ChangeOfParameter.GAINED)
    moved = tuple(each for each in found if each.change not in stays and each.before is not None)
    own, where = in_sentence(old.api_shape), address(old, shape)
    yield Step(
        StepKind.API_SHAPE,
        Severity.LOW,
        f"{old.name} and {new.name} both speak {in_sentence(shape)}, which this plan assumes that your requests use.",
        "plan.shapes",
        before=label(shape),
        after=label(shape),
        action=f"If your requests use {own}, port them to {in_sentence(shape)} first"
        f"{f' (base URL {where})' if where else ''}{f': {listed(map(becomes, moved))}' if moved else ''}.",
        parameters=moved,
        used=tuple(dict.fromkeys((shape_ref(old, old.api_shape), shape_ref(old, shape), shape_ref(new, shape)))),
    )


def with_parameters(
    before: Standing, after: Standing, shapes: Shapes, steps: Sequence[Step], on: date
) -> tuple[Step, ...]:
    """Between two known formats one step for each way in which parameters differ (`plan.parameters`), by what either provider is
    known to do otherwise: removed is MEDIUM, renamed, of other vocabulary and unknown are LOW, gained and kept are BENEFITs.
    A parameter of a capability that the target does not have is removed, whatever its format has. Where a capability is lost,
    gained, unknown or switched on differently, the step that says so names its parameters and no other does; one that
    the source does not have either is not spoken of. What a document says of a single model counts before what is said of its
    format: a parameter that the model refuses is removed, unless the source refuses it but under the same setting, and one whose
    document lists the models that take it is unknown of any other. Documents of the company that made a format are assumed of others that speak it, which is said; that there
    is no parameter for something is not, and stays unknown. Where two
    providers are concerned and a format is not known, or is one of its own, nothing is compared, which is said: LOW."""
    old, new = before.offer.route.provider, after.offer.route.provider
    pairs = ((old, before.api_shape), (new, after.api_shape))
    used = tuple(shape_ref(*each) for each in pairs)
    untold = [(made, shape) for made, shape in pairs if shape not in shapes.cells]
    if untold:
        return (*steps, *([] if old.slug == new.slug else [_not_compared(pairs, [made for made, _ in untold])]))
    sides = [route_side(end.offer, end.model, end.cost, on) for end in (before, after)]
    found = list(steps)
    plain: list[ParameterChange] = []
    lacking: set[Concept] = set()
    models = [None if end.model is None else end.model.slug for end in (before, after)]
    made = shapes.settings(before.api_shape, models[0])
    cells = [_cells(shapes, at, shape, model, made) for (at, shape), model in zip(pairs, models, strict=True)]
    refused = {
        concept
        for concept in shapes.refused(_company(new), after.api_shape, models[1])
        if concept in cells[1] and cells[1][concept].name is None
    }
    for each in parameter_changes(*cells):
        change, carrier = _by_capability(each, *sides)
        place = next((place for place, step in enumerate(found) if _speaks_of(step, each.concept, carrier)), None)
        if change is None:
            continue
        if place is not None and not (carrier is StepKind.REASONING_CONTROL and each.change is ChangeOfParameter.KEPT):
            found[place] = carrying(found[place], change, used, (before, after))
            continue
        plain.append(change)
        if change.change is ChangeOfParameter.REMOVED and each.change is not ChangeOfParameter.REMOVED:
            lacking.add(change.concept)
    if old.slug == new.slug:
        plain = [each for each in plain if each.change is not ChangeOfParameter.KEPT]
    return (*found, *stepped(plain, lacking, refused, (before, after), sides[1], used))


def _by_capability(
    change: ParameterChange, source: Side, target: Side
) -> tuple[ParameterChange | None, StepKind | None]:
    """What becomes of a parameter given what both ends can do, and which step speaks of it; None: nobody has to know."""
    if change.concept not in NEEDED:
        return change, None
    had, has = (presence(side, change.concept) for side in (source, target))
    if change.before is None and has is not Presence.YES:
        return None, None
    if Presence.NO in (had, has):
        if has is Presence.YES:
            gained = change.after is not None and change.after.name is not None
            return (replace(change, change=ChangeOfParameter.GAINED) if gained else None), StepKind.CAPABILITY_GAINED
        if had is Presence.NO or change.before is None or change.before.name is None:
            return None, None
        return replace(change, change=ChangeOfParameter.REMOVED), StepKind.CAPABILITY_LOST
    if had is Presence.YES and has is Presence.UNKNOWN:
        return change, StepKind.CAPABILITY_UNKNOWN
    return change, StepKind.REASONING_CONTROL if change.concept is Concept.REASONING else None


def _speaks_of(step: Step, concept: Concept, carrier: StepKind | None) -> bool:
    if step.kind is not carrier:
        return False
    return carrier is StepKind.REASONING_CONTROL or bool(set(NEEDED[concept]) & set(step.capabilities))


def other_requests(before: Standing, after: Standing) -> Step:
    """The tables of parameters are of requests for generated text. Where either model is made for something else, parameters
    are not compared, which is said: LOW."""
    tasks = [end.model.task for end in (before, after) if end.model is not None and not generates([end])]
    names = listed(dict.fromkeys(end.offer.route.provider.name for end in (before, after)))
    return Step(
        StepKind.PARAMETERS_UNKNOWN,
        Severity.LOW,
        f"Parameters of requests for {listed(dict.fromkeys(map(in_sentence, tasks)))} are not compared: the tables that were "
        "made from documents are of requests for generated text.",
        "plan.other-requests",
        action=f"Compare the parameters that you send with the documentation of {names}.",
        used=tuple(FactRef("model", end.model.id, "task") for end in (before, after) if end.model is not None),
    )


def generates(ends: Iterable[Standing]) -> bool:
    """Whether requests at all of these ends ask for generated text, as far as the task of a model is known."""
    return all(end.model is None or end.model.task in (Task.TEXT_GENERATION, Task.UNKNOWN) for end in ends)


def _not_compared(pairs: Sequence[tuple[Provider, ApiShape]], untold: Sequence[Provider]) -> Step:
    names = listed(dict.fromkeys(each.name for each in untold))
    before, after = (None if shape is ApiShape.UNKNOWN else label(shape) for _, shape in pairs)
    return Step(
        StepKind.PARAMETERS_UNKNOWN,
        Severity.LOW,
        f"No table of parameters for the API of {names}, so that parameters are not compared.",
        "plan.parameter-steps",
        before=before,
        after=after,
        action=f"Compare the parameters that you send with the documentation of {names}.",
        used=tuple(shape_ref(made, shape) for made, shape in pairs if made in untold),
    )


RULES: tuple[Rule, ...] = (
    Rule("plan.shapes", "Which wire format is assumed", f"{in_words(assumed)} {in_words(shared_shape)}", REFERENCE),
    Rule("plan.parameter-steps", "Steps for parameters", in_words(with_parameters), REFERENCE),
    Rule("plan.other-requests", "Requests for other than generated text", in_words(other_requests), REFERENCE),
)
