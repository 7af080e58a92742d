"""How changes of parameters become steps of a switch plan, in words: one step for each way in which they differ.

Which changes there are, and which of them another step speaks of, is found in `plan_parameters`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from domain.capabilities import presence_of
from domain.facts import CapabilityKind, FactRef, Presence
from domain.friction_factors import Severity, Side
from domain.parameter_words import becomes, concept_name, described, named
from domain.plan_steps import Standing, Step, StepKind
from domain.shapes import ChangeOfParameter, Concept, ParameterChange, ValueKind
from domain.wording import agree, in_sentence, listed

NEEDED: Mapping[Concept, tuple[CapabilityKind, ...]] = MappingProxyType(
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
        "No document that was opened says how {after} takes {concepts} for {model}.",
        "Look up what becomes of {names}.",
    ),
}


_MOVED = (ChangeOfParameter.RENAMED, ChangeOfParameter.VALUES)


def presence(side: Side, concept: Concept) -> Presence:
    """Whether a side can do what a parameter is for, as the first capability of which a source speaks says."""
    said = (presence_of(side.model, kind) for kind in NEEDED[concept])
    return next((each for each in said if each is not Presence.UNKNOWN), Presence.UNKNOWN)


def carrying(step: Step, change: ParameterChange, used: tuple[FactRef, ...], ends: tuple[Standing, Standing]) -> Step:
    """The step with one parameter more. What is assumed of all that it names is said once, at its end."""
    action, sentence, changes = step.action, step.sentence, (*step.parameters, change)
    if said := _assumption(step.parameters, ends):
        sentence = sentence.removesuffix(f" {said}")
    if step.kind is StepKind.CAPABILITY_LOST:
        sentence = f"{sentence} {becomes(change)} there."
        action = f"{action} Stop sending {named(change.before)}."
    elif step.kind is StepKind.CAPABILITY_GAINED:
        sentence = f"{sentence} The parameter for {concept_name(change.concept)} is {named(change.after)}."
    else:
        sentence = f"{sentence} In requests, {becomes(change)}."
    if said := _assumption(changes, ends):
        sentence = f"{sentence} {said}"
    return replace(
        step,
        sentence=sentence,
        action=action,
        parameters=changes,
        used=tuple(dict.fromkeys((*step.used, *used))),
    )


def stepped(
    changes: Sequence[ParameterChange],
    lacking: Collection[Concept],
    refused: Collection[Concept],
    ends: tuple[Standing, Standing],
    target: Side,
    used: tuple[FactRef, ...],
) -> Iterator[Step]:
    """One step for each way in which parameters differ. `lacking` have no counterpart because the target cannot do what they are
    for, `refused` because a document on the target's model says so."""
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
        unknown = change is ChangeOfParameter.UNKNOWN
        uncompared = [each for each in found if unknown and None not in (each.before, each.after)]
        unnamed = [each for each in found if unknown and each.before is None]
        apart = (*without, *of_model, *uncompared, *unnamed)
        called = [each for each in found if ValueKind.METHOD in _kinds(each) and change in _MOVED]
        words = {
            "after": f"{shape} at {place}" if same else shape,
            "model": after.name,
            "concepts": listed(concept_name(each.concept) for each in found if each not in apart),
            "names": listed(
                f"{part.name}{_unless(each) if removed else ''}"
                for each in found
                if each.before and each not in called
                for part in each.before.all
                if part.name
            ),
            "pairs": listed(becomes(each) for each in found),
            "they": agree(found, "it", "they"),
        }
        said = [] if len(apart) == len(found) else [sentence.format_map(words)]
        if uncompared:
            said.append(f"{listed(map(becomes, uncompared)).replace('whether', 'Whether', 1)}.")
        if unnamed:
            concepts = listed(concept_name(each.concept) for each in unnamed)
            said.append(
                f"No document that was opened says how {in_sentence(before.api_shape)} takes {concepts} for {before.name}; "
                f"for {after.name} {agree(unnamed, 'it is', 'they are')} "
                f"{listed(described(each.after) for each in unnamed if each.after)}."
            )
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
            sent = [part for each in without if each.before for part in each.before.all]
            said.append(
                f"{names} {agree(sent, 'has', 'have')} no counterpart, because {target.name} does not offer "
                f"{listed(concept_name(each.concept) for each in without)}."
            )
        doubtful = [
            each
            for each in found
            if each.concept in NEEDED
            and each.concept is not Concept.STREAMING  # a parameter of the API says it of the API
            and presence(target, each.concept) is Presence.UNKNOWN
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
            after=listed("none" if each in without else f"{named(each.after)}{_unless(each)}" for each in found),
            action=action
            and f"{_first(found, after)}{' '.join(_todo(action.format_map(words), found, called, unnamed))}",
            parameters=found,
            used=used,
        )


def _kinds(change: ParameterChange) -> set[ValueKind]:
    return {each.takes for each in (change.before, change.after) if each is not None}


def _todo(
    action: str,
    found: Sequence[ParameterChange],
    called: Sequence[ParameterChange],
    unnamed: Sequence[ParameterChange],
) -> Iterator[str]:
    """What to do with values, and apart from it what is a method to call on either side, which takes no value, and what has
    no known name at the source."""
    if len(called) + len(unnamed) < len(found):
        yield action
    for each in called:
        yield f"Ask for {concept_name(each.concept)} by {named(each.after)} instead of {named(each.before)}."
    if unnamed:
        yield f"If you ask for {listed((concept_name(each.concept) for each in unnamed), 'or')} today, look up what becomes of that."


def _refused(change: ParameterChange) -> str:
    return f"{named(change.before)}{_unless(change)}"


def _unless(change: ParameterChange) -> str:
    """Under which setting the target takes it all the same."""
    unless = change.after and change.after.unless
    return f" (unless {unless})" if unless else ""


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
