"""Parameters in a switch plan: which wire format each end is assumed to speak, and what becomes of every parameter.

A parameter of something that a model can or cannot do belongs to the step that speaks of that capability, and to no other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from domain.capabilities import presence_of
from domain.endpoints import api_shapes, endpoints, shape_ref
from domain.facts import ApiShape, CapabilityKind, FactRef, Presence, Provider, Task
from domain.friction import route_side
from domain.friction_factors import Severity, Side
from domain.parameter_words import becomes, concept_name, named
from domain.plan_steps import REFERENCE, Standing, Step, StepKind
from domain.rules import Rule
from domain.shapes import Cells, ChangeOfParameter, Concept, ParameterChange, Shapes, ValueKind, parameter_changes
from domain.wording import agree, in_sentence, in_words, label, listed

_NEEDED: Mapping[Concept, tuple[CapabilityKind, ...]] = MappingProxyType(
    {
        Concept.TOOLS: (CapabilityKind.FUNCTION_CALLING, CapabilityKind.TOOL_USE),
        Concept.TOOL_CHOICE: (CapabilityKind.FUNCTION_CALLING, CapabilityKind.TOOL_USE),
        Concept.STRUCTURED_OUTPUT: (CapabilityKind.STRUCTURED_OUTPUTS,),
        Concept.REASONING: (CapabilityKind.REASONING,),
        Concept.STREAMING: (CapabilityKind.STREAMING,),
        Concept.PROMPT_CACHE: (CapabilityKind.PROMPT_CACHING,),
        Concept.IMAGES: (CapabilityKind.VISION,),
    }
)
"""What a model must be able to do for a parameter to mean anything; the first of which a source speaks decides."""


def assumed(old: Provider, new: Provider, required: Collection[ApiShape] = ()) -> tuple[ApiShape, ApiShape]:
    """Where both providers speak a wire format, it is assumed on both sides, so that code stays what it is: one that the
    caller's own terms require before others, then the source's own, the target's own, and further ones as the source has them.
    Where none is common, each side's own one. A format of one's own is common only within one company. A provider may serve
    single models by one of its formats only, which is not known here."""
    ours, theirs = api_shapes(old), api_shapes(new)
    company = (old.group or old.slug) == (new.group or new.slug)
    common = [shape for shape in ours if shape in theirs and (company or shape is not ApiShape.OTHER)]
    if common:
        shared = min(common, key=lambda shape: (shape not in required, shape != ours[0], shape != theirs[0]))
        return shared, shared
    return old.api_shape, new.api_shape


def _cells(shapes: Shapes, of: Provider, shape: ApiShape, model: str | None, *, as_source: bool) -> Cells:
    return shapes.of(of.group or of.slug, shape, model, as_source=as_source)


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
    found = parameter_changes(*(_cells(shapes, old, each, model, as_source=True) for each in (old.api_shape, shape)))
    moved = tuple(each for each in found if each.change not in (ChangeOfParameter.KEPT, ChangeOfParameter.GAINED))
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


_WORDS = {
    ChangeOfParameter.KEPT: (
        StepKind.PARAMETERS_KEPT,
        Severity.BENEFIT,
        "Parameters keep their names and values: {names}.",
        None,
    ),
    ChangeOfParameter.REMOVED: (
        StepKind.PARAMETERS_REMOVED,
        Severity.MEDIUM,
        "{after} has no parameter for {concepts}.",
        "Stop sending {names}, and find another way to do what {they} did.",
    ),
    ChangeOfParameter.RENAMED: (
        StepKind.PARAMETERS_RENAMED,
        Severity.LOW,
        "Parameters have other names or places: {pairs}.",
        "Send under the new name, or in the new place, what went into {names}.",
    ),
    ChangeOfParameter.VALUES: (
        StepKind.PARAMETERS_VALUES,
        Severity.LOW,
        "Parameters take other values: {pairs}.",
        "Map every value that you send in {names} to what the target takes.",
    ),
    ChangeOfParameter.GAINED: (
        StepKind.PARAMETERS_GAINED,
        Severity.BENEFIT,
        "{after} also has a parameter for {concepts}.",
        None,
    ),
    ChangeOfParameter.UNKNOWN: (
        StepKind.PARAMETERS_UNKNOWN,
        Severity.LOW,
        "No document that was opened says how {after} takes {concepts}.",
        "Look up what becomes of {names}.",
    ),
}


_MOVED = (ChangeOfParameter.RENAMED, ChangeOfParameter.VALUES)


def with_parameters(
    before: Standing, after: Standing, shapes: Shapes, steps: Sequence[Step], on: date
) -> tuple[Step, ...]:
    """Between two known formats one step for each way in which parameters differ (`plan.parameters`), by what either provider is
    known to do otherwise: removed is MEDIUM, renamed, of other vocabulary and unknown are LOW, gained and kept are BENEFITs.
    A parameter of a capability that the target does not have is removed, whatever its format has. Where a capability is lost,
    gained, unknown or switched on differently, the step that says so names its parameters and no other does; one that
    the source does not have either is not spoken of. What a document says of a single model counts before what is said of its
    format: a parameter that the model refuses is removed, and one whose document lists the models that take it is unknown of
    any other. Documents of the company that made a format are assumed of others that speak it, which is said. Where two
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
    cells = [
        _cells(shapes, made, shape, model, as_source=place == 0)
        for place, ((made, shape), model) in enumerate(zip(pairs, models, strict=True))
    ]
    refused = {
        concept
        for concept, cell in shapes.models.get((models[1] or "", after.api_shape), {}).items()
        if cell.name is None and cells[1].get(concept, cell).name is None
    }
    for each in parameter_changes(*cells):
        change, carrier = _by_capability(each, *sides)
        place = next((place for place, step in enumerate(found) if _speaks_of(step, each.concept, carrier)), None)
        if change is None:
            continue
        if place is not None and not (carrier is StepKind.REASONING_CONTROL and each.change is ChangeOfParameter.KEPT):
            found[place] = _carrying(found[place], change, used, (before, after))
            continue
        plain.append(change)
        if change.change is ChangeOfParameter.REMOVED and each.change is not ChangeOfParameter.REMOVED:
            lacking.add(change.concept)
    if old.slug == new.slug:
        plain = [each for each in plain if each.change is not ChangeOfParameter.KEPT]
    return (*found, *_stepped(plain, lacking, refused, (before, after), sides[1], used))


def _by_capability(
    change: ParameterChange, source: Side, target: Side
) -> tuple[ParameterChange | None, StepKind | None]:
    """What becomes of a parameter given what both ends can do, and which step speaks of it; None: nobody has to know."""
    if change.concept not in _NEEDED:
        return change, None
    had, has = (_presence(side, change.concept) for side in (source, target))
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


def _presence(side: Side, concept: Concept) -> Presence:
    said = (presence_of(side.model, kind) for kind in _NEEDED[concept])
    return next((each for each in said if each is not Presence.UNKNOWN), Presence.UNKNOWN)


def _speaks_of(step: Step, concept: Concept, carrier: StepKind | None) -> bool:
    if step.kind is not carrier:
        return False
    return carrier is StepKind.REASONING_CONTROL or bool(set(_NEEDED[concept]) & set(step.capabilities))


def _carrying(step: Step, change: ParameterChange, used: tuple[FactRef, ...], ends: tuple[Standing, Standing]) -> Step:
    """The step with one parameter more."""
    action = step.action
    if step.kind is StepKind.CAPABILITY_LOST:
        sentence = f"{step.sentence} {named(change.before)} has no counterpart there."
        action = f"{action} Stop sending {named(change.before)}."
    elif step.kind is StepKind.CAPABILITY_GAINED:
        sentence = f"{step.sentence} The parameter for {concept_name(change.concept)} is {named(change.after)}."
    else:
        sentence = f"{step.sentence} In requests, {becomes(change)}."
    if said := _assumption([change], ends):
        sentence = f"{sentence} {said}"
    return replace(
        step,
        sentence=sentence,
        action=action,
        parameters=(*step.parameters, change),
        used=tuple(dict.fromkeys((*step.used, *used))),
    )


def _stepped(
    changes: Sequence[ParameterChange],
    lacking: Collection[Concept],
    refused: Collection[Concept],
    ends: tuple[Standing, Standing],
    target: Side,
    used: tuple[FactRef, ...],
) -> Iterator[Step]:
    before, after = ends
    same = before.api_shape is after.api_shape
    shape, place = in_sentence(after.api_shape), after.offer.route.provider.name
    for change, (kind, severity, sentence, action) in _WORDS.items():
        found = tuple(each for each in changes if each.change is change)
        if not found:
            continue
        removed = change is ChangeOfParameter.REMOVED
        without = [each for each in found if each.concept in lacking]
        of_model = [each for each in found if removed and each.concept in refused and each not in without]
        uncompared = [each for each in found if change is ChangeOfParameter.UNKNOWN and each.after is not None]
        apart = (*without, *of_model, *uncompared)
        called = [each for each in found if ValueKind.METHOD in _kinds(each) and change in _MOVED]
        words = {
            "after": f"{shape} at {place}" if same else shape,
            "concepts": listed(concept_name(each.concept) for each in found if each not in apart),
            "names": listed(
                each.before.name for each in found if each.before and each.before.name and each not in called
            ),
            "pairs": listed(becomes(each) for each in found),
            "they": agree(found, "it", "they"),
        }
        said = [] if len(apart) == len(found) else [sentence.format_map(words)]
        if uncompared:
            said.append(f"{listed(map(becomes, uncompared)).replace('whether', 'Whether', 1)}.")
        if change is ChangeOfParameter.KEPT and same:
            said.insert(0, f"Both ends speak {shape}.")
            said.append(
                "That is what documents of the format say; what a provider is known to do otherwise has a step of its own."
            )
        if of_model:
            said.append(
                f"{after.name} takes no {listed(map(_refused, of_model), 'or')}, as a document on the model says."
            )
        if without:
            names = listed(named(each.before) for each in without)
            said.append(
                f"{names} {agree(without, 'has', 'have')} no counterpart, because {target.name} does not offer "
                f"{listed(concept_name(each.concept) for each in without)}."
            )
        doubtful = [
            each
            for each in found
            if each.concept in _NEEDED
            and each.concept is not Concept.STREAMING  # a parameter of the API says it of the API
            and _presence(target, each.concept) is Presence.UNKNOWN
        ]
        if doubtful and change is not ChangeOfParameter.GAINED:
            said.append(
                f"No source says whether {target.name} offers {listed(concept_name(each.concept) for each in doubtful)}."
            )
        if assumption := _assumption(found, ends):
            said.append(assumption)
        yield Step(
            kind,
            severity,
            " ".join(said),
            "plan.parameter-steps",
            before=listed(named(each.before) for each in found),
            after=listed("none" if each in without else named(each.after) for each in found),
            action=action and f"{_first(found, after)}{' '.join(_todo(action.format_map(words), found, called))}",
            parameters=found,
            used=used,
        )


def _kinds(change: ParameterChange) -> set[ValueKind]:
    return {each.takes for each in (change.before, change.after) if each is not None}


def _todo(action: str, found: Sequence[ParameterChange], called: Sequence[ParameterChange]) -> Iterator[str]:
    """What to do with values, and apart from it what is a method to call on either side, which takes no value."""
    if len(called) < len(found):
        yield action
    for each in called:
        yield f"Ask for {concept_name(each.concept)} by {named(each.after)} instead of {named(each.before)}."


def _refused(change: ParameterChange) -> str:
    unless = change.after and change.after.unless
    return f"{named(change.before)}{f' (unless {unless})' if unless else ''}"


def _assumption(changes: Sequence[ParameterChange], ends: tuple[Standing, Standing]) -> str | None:
    """Whose API is taken to be as another company documents it."""
    sides = [[each.before for each in changes], [each.after for each in changes]]
    guessed = [
        end for end, cells in zip(ends, sides, strict=True) if any(cell is not None and cell.assumed for cell in cells)
    ]
    if not guessed or all(each.change is ChangeOfParameter.UNKNOWN for each in changes):
        return None
    formats = listed(dict.fromkeys(in_sentence(end.api_shape) for end in guessed))
    names = listed(dict.fromkeys(end.offer.route.provider.name for end in guessed))
    concerned = [each for each in changes if each.assumed]
    what = "" if len(concerned) == len(changes) else f" of {listed(concept_name(each.concept) for each in concerned)}"
    return f"Assumed, not known{what}: the documents are by the maker of {formats}, and the compatible API of {names} may differ."


def _first(changes: Sequence[ParameterChange], after: Standing) -> str:
    guessed = any(each.after is not None and each.after.assumed for each in changes)
    return f"Check it in the documentation of {after.offer.route.provider.name} first. " if guessed else ""


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
