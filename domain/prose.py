"""The comparison in words: introduction, verdict and deep dive, as templates over facts and decisions.

Wording only, no new judgement; a sentence that has no fact behind it does not appear.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from domain.benchmarks import shared_benchmarks
from domain.capabilities import capability, presence_of
from domain.cells import applies, providers
from domain.cost import MonthlyCost
from domain.facts import (
    CapabilityKind,
    CommercialUse,
    Contender,
    FactRef,
    Model,
    Openness,
    Presence,
    Task,
    Unavailable,
)
from domain.friction import SwitchFriction
from domain.friction_factors import FactorKind, Level, Severity
from domain.overrides import bar_of, unsettled, unsettled_in_words
from domain.prose_costs import monthly_costs, prices
from domain.retired import called, caveats
from domain.rules import Rule
from domain.sentences import FEW, Paragraph, Sentence, refs
from domain.several import all_of, names, together
from domain.units import display_tokens
from domain.verdict import Verdict
from domain.wording import agree, counted, in_sentence, in_words, listed

_REFERENCE = "docs/methodology.md#prose"


T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


def intro(models: Sequence[Model]) -> Paragraph:
    """Who is compared, with lab and year where they are sourced; what each is made for; how long a prompt may be."""
    named = [model.name + _by(model) for model in models]
    text = f"This comparison sets {named[0]} against {named[-1]}." if len(named) == 2 else ""
    sentences = [
        Sentence(
            text or f"This comparison covers {counted(len(named), 'model')}: {listed(named)}.",
            refs(models, "name", "lab", "released"),
        ),
        *_tasks(models),
        *context_windows(models),
    ]
    return Paragraph("intro", tuple(sentences), "prose.intro")


def _by(model: Model) -> str:
    known = [*([model.lab.name] if model.lab else []), *([model.released[:4]] if model.released else [])]
    return f" ({', '.join(known)})" if known else ""


def _tasks(models: Sequence[Model]) -> Iterator[Sentence]:
    known = [model for model in models if model.task not in (Task.UNKNOWN, Task.OTHER)]
    groups = grouped(known, lambda model: model.task)
    if len(groups) == 1 and 1 < len(known) == len(models):
        yield Sentence(f"{all_of(models)} are made for {in_sentence(known[0].task)}.", refs(known, "task"))
    elif groups:
        texts = [f"{names(each)} {agree(each, 'is', 'are')} made for {in_sentence(task)}" for task, each in groups]
        yield Sentence(f"{'; '.join(texts)}.", refs(known, "task"))


def context_windows(models: Sequence[Model]) -> Iterator[Sentence]:
    """The context windows one by one, or the range of many; then for whom none is sourced."""
    known = [(model.context_window, model) for model in models if model.context_window is not None]
    unknown = [model for model in models if model.context_window is None and applies(model, "context_window")]
    if known:
        sizes = {display_tokens(size) for size, _ in known}
        listing = listed(f"{display_tokens(size)} for {model.name}" for size, model in known)
        text = f"The context window is {listing} (in tokens)."
        if len(sizes) == 1 and len(known) > 1:
            text = f"{all_of([model for _, model in known], models)} have a context window of "
            text += f"{display_tokens(known[0][0])} tokens."
        elif len(known) == 1:
            text = f"The context window of {known[0][1].name} is {display_tokens(known[0][0])} tokens."
        elif len(known) > FEW:
            low, high = min(known, key=lambda each: each[0]), max(known, key=lambda each: each[0])
            text = f"Context windows run from {display_tokens(low[0])} tokens ({low[1].name}) "
            text += f"to {display_tokens(high[0])} ({high[1].name})."
        yield Sentence(text, refs([model for _, model in known], "context_window"))
    if unknown:
        yield Sentence(f"No context window is sourced yet for {names(unknown, 'or')}.", refs(unknown, "context_window"))


def verdict_prose(verdict: Verdict) -> Paragraph:
    """The verdict's own sentence, then for every other model when to choose it instead, as far as it has strengths."""
    judged = verdict.comparability.used
    weighed = (ref for each in verdict.qualifications for ref in (*each.support, *each.against))
    sentences = [Sentence(verdict.sentence, tuple(dict.fromkeys((*judged, *weighed, *verdict.used))))]
    for each in verdict.alternatives:
        if each.strengths:
            words = (ref for caveat in each.caveats for ref in caveat.used)
            used = tuple(dict.fromkeys((*(ref for strength in each.strengths for ref in strength.used), *words)))
            sentences.append(Sentence(each.sentence, used))
    return Paragraph("verdict", tuple(each for each in sentences if each.used), "prose.verdict")


def deep_dive(
    contenders: Sequence[Contender],
    costs: Mapping[str, MonthlyCost | Unavailable],
    frictions: Sequence[SwitchFriction] = (),
) -> tuple[Paragraph, ...]:
    """What differs, subject by subject: capabilities, prices and providers, limits and age, terms, benchmarks, and what
    switching would take. A subject without a sourced fact has no paragraph. Needs offers and results."""
    models = [each.model for each in contenders]
    paragraphs = (
        Paragraph("capabilities", tuple(_capabilities(models)), "prose.deep-dive"),
        Paragraph("pricing", (*prices(contenders), *monthly_costs(models, costs)), "prose.deep-dive"),
        Paragraph("availability", tuple(availability(contenders)), "prose.deep-dive"),
        Paragraph("terms", (*openness(models), *_commercial_use(models)), "prose.deep-dive"),
        Paragraph("limits", (*_max_outputs(models), *_cutoffs(models)), "prose.deep-dive"),
        Paragraph("benchmarks", tuple(_benchmarks(contenders)), "prose.deep-dive"),
        Paragraph("switching", tuple(switching(models, frictions)), "prose.deep-dive"),
    )
    return tuple(paragraph for paragraph in paragraphs if paragraph.sentences)


_MOST_GROUPS = 5


def _capabilities(models: Sequence[Model]) -> Iterator[Sentence]:
    """First what all have, then what some have and others lack, then what is not sourced for somebody."""
    answers = {kind: [presence_of(model, kind) for model in models] for kind in CapabilityKind}
    shared = [kind for kind, found in answers.items() if set(found) == {Presence.YES}]
    if shared:
        yield Sentence(
            f"{all_of(models)} {agree(models, 'has', 'have')} {_kinds(shared)}.", _capability_refs(models, shared)
        )
    split = [kind for kind, found in answers.items() if {Presence.YES, Presence.NO} <= set(found)]
    for found, kinds in grouped(split, lambda kind: tuple(answers[kind]))[:_MOST_GROUPS]:
        yield capability_split(models, found, kinds)
    unsourced = [kind for kind, found in answers.items() if set(found) == {Presence.YES, Presence.UNKNOWN}]
    for found, kinds in grouped(unsourced, lambda kind: tuple(answers[kind]))[:_MOST_GROUPS]:
        yield capability_split(models, found, kinds)


def capability_split(models: Sequence[Model], found: Sequence[Presence], kinds: Sequence[CapabilityKind]) -> Sentence:
    """Who has these capabilities, who lacks them, and for whom no source says."""
    having, lacking, unknown = (
        [model for model, answer in zip(models, found, strict=True) if answer is presence] for presence in Presence
    )
    parts = [f"{names(having)} {agree(having, 'has', 'have')} {_kinds(kinds)}"]
    if lacking:
        parts.append(f"{names(lacking)} {agree(lacking, 'does', 'do')} not")
    if unknown:
        parts.append(f"for {names(unknown)} that is not sourced yet")
    return Sentence(f"{'; '.join(parts)}.", _capability_refs(models, kinds))


def _kinds(kinds: Iterable[CapabilityKind]) -> str:
    return listed(in_sentence(kind) for kind in kinds)


def _capability_refs(models: Iterable[Model], kinds: Iterable[CapabilityKind]) -> tuple[FactRef, ...]:
    every = list(kinds)
    return tuple(dict.fromkeys(ref for model in models for kind in every for ref in capability(model, kind).used))


def availability(contenders: Sequence[Contender]) -> Iterator[Sentence]:
    """The providers with a live route to each model, at most five by name."""
    served = [(each, providers(each)) for each in contenders]
    for contender, found in served:
        if found:
            text = f"{called(contender)} is served by {listed((each.name for each in found), limit=5)}."
            word = (ref for each in caveats(contender) for ref in each.used)
            yield Sentence(text, (*(ref for each in found for ref in each.used), *word))
    without = [each for each, found in served if not found]
    for wanted, some in grouped(without, unsettled_in_words):
        models = [each.model for each in some]
        if wanted:
            used = tuple(
                ref for each in some for offer in unsettled(each) if (bar := bar_of(offer)) for ref in bar.used
            )
            text = f"No source says that a live route of {names(models, 'or')} {wanted}."
            yield Sentence(text, tuple(dict.fromkeys(used)))
            continue
        kept_out = [each.model for each in some if any(offer.route.live for offer in each.barred)]
        if kept_out:
            yield Sentence(f"No live route of {names(kept_out, 'or')} is one that you may use.", refs(kept_out, "name"))
        if untracked := [model for model in models if model not in kept_out]:
            yield Sentence(f"No live route is tracked for {names(untracked, 'or')}.", refs(untracked, "name"))


def openness(models: Sequence[Model]) -> Iterator[Sentence]:
    """Who is open source, has open weights or is proprietary, with the licence; then for whom no source says."""
    known = [model for model in models if model.openness is not Openness.UNKNOWN]
    for kind, each in grouped(known, lambda model: model.openness):
        licensed = []
        for model in each:
            named = model.license and model.license.name.casefold() != in_sentence(kind)
            licensed.append(f"{model.name} ({model.license.name})" if model.license and named else model.name)
        verb = agree(each, "has", "have") if kind is Openness.OPEN_WEIGHTS else agree(each, "is", "are")
        yield Sentence(f"{listed(licensed)} {verb} {in_sentence(kind)}.", refs(each, "openness", "license"))
    unknown = [model for model in models if model.openness is Openness.UNKNOWN]
    if unknown:
        yield Sentence(
            f"Whether {names(unknown)} {agree(unknown, 'is', 'are')} open is not sourced yet.",
            refs(unknown, "openness"),
        )


_COMMERCIAL = {
    CommercialUse.ALLOWED: "may be used commercially",
    CommercialUse.CONDITIONS: "may be used commercially under conditions",
    CommercialUse.NOT_ALLOWED: "may not be used commercially",
}


def _commercial_use(models: Sequence[Model]) -> Iterator[Sentence]:
    known = [model for model in models if model.commercial_use is not CommercialUse.UNKNOWN]
    for use, each in grouped(known, lambda model: model.commercial_use):
        yield Sentence(f"{names(each)} {_COMMERCIAL[use]}.", refs(each, "commercial_use"))


def _max_outputs(models: Sequence[Model]) -> Iterator[Sentence]:
    known = [model for model in models if model.max_output is not None]
    if known:
        groups = grouped(known, lambda model: display_tokens(model.max_output or 0))
        parts = [f"{size} tokens for {names(each)}" for size, each in groups]
        if len(groups) == 1 and len(known) > 1:
            parts = [f"{groups[0][0]} tokens for {together(known, models)}"]
        yield Sentence(f"One answer can have up to {listed(parts)}.", refs(known, "max_output"))


def _cutoffs(models: Sequence[Model]) -> Iterator[Sentence]:
    known = [model for model in models if model.knowledge_cutoff is not None]
    groups = grouped(known, lambda model: model.knowledge_cutoff)
    if groups:
        text = listed(f"{day} for {names(each)}" for day, each in groups)
        if len(groups) == 1 and len(known) > 1:
            text = f"{groups[0][0]} for {together(known, models)}"
        yield Sentence(f"The knowledge cutoff is {text}.", refs(known, "knowledge_cutoff"))


def _benchmarks(contenders: Sequence[Contender]) -> Iterator[Sentence]:
    shared = shared_benchmarks(contenders)
    if not shared.rows:
        return
    led = {each.model.name: sum(each.model.slug in row.leaders for row in shared.rows) for each in contenders}
    whole = len(shared.rows)
    leaders = listed(
        f"{name} in {count if count < whole else 'it' if whole == 1 else 'all of them'}"
        for name, count in led.items()
        if count
    )
    text = f"The models share {counted(len(shared.rows), 'benchmark row')} measured the same way"
    yield Sentence(f"{text}; best: {leaders}." if leaders else f"{text}; nobody leads.", shared.used)


_TAKES = {
    Level.LOW: ("takes little effort", "take little effort"),
    Level.MODERATE: ("takes moderate effort", "take moderate effort"),
    Level.HIGH: ("takes much effort", "take much effort"),
    Level.BLOCKED: ("is blocked as things stand", "are blocked as things stand"),
}


def switching(models: Sequence[Model], frictions: Sequence[SwitchFriction]) -> Iterator[Sentence]:
    """Per direction the level, and the gravest factors (blocker or high, else medium), at most two. Of more than three
    models: how many switches are how hard, then the easiest and the hardest ones by score, without their factors."""
    by_slug = {model.slug: model.name for model in models}
    found = [friction for friction in frictions if friction.factors]
    if len(models) > FEW:
        yield from _many_switches(by_slug, found)
        return
    for friction in found:
        # Another company is nearly always a grave change, and says least about these two.
        others = [each for each in friction.factors if each.kind not in _ANOTHER_COMPANY]
        grave = [each for each in others if each.severity in (Severity.BLOCKER, Severity.HIGH)]
        grave = grave or [each for each in others if each.severity is Severity.MEDIUM]
        text = f"Moving from {by_slug[friction.source]} to {by_slug[friction.target]} {_TAKES[friction.level][0]}"
        yield Sentence(f"{text} (friction {friction.score} of 100).", friction.used)
        for factor in grave[:2]:
            yield Sentence(factor.sentence, factor.used)


_ANOTHER_COMPANY = (FactorKind.CREDENTIALS, FactorKind.ROUTE_OVERLAP)
_EXTREMES = 3


def _many_switches(by_slug: Mapping[str, str], frictions: Sequence[SwitchFriction]) -> Iterator[Sentence]:
    if not frictions:
        return
    counts = {level: sum(each.level is level for each in frictions) for level in Level}
    levels = listed(f"{count} {_TAKES[level][count != 1]}" for level, count in counts.items() if count)
    used = tuple(dict.fromkeys(ref for each in frictions for ref in each.used))
    yield Sentence(f"Of the {counted(len(frictions), 'switch', 'switches')} between them, {levels}.", used)
    few = min(_EXTREMES, len(frictions) // 2)
    for word, hardest in (("easiest", False), ("hardest", True)):
        shown = sorted(frictions, key=lambda each: (each.level is Level.BLOCKED, each.score), reverse=hardest)[:few]
        texts = (f"{by_slug[each.source]} to {by_slug[each.target]} ({each.score} of 100)" for each in shown)
        yield Sentence(
            f"The {word}: {listed(texts)}.", tuple(dict.fromkeys(ref for each in shown for ref in each.used))
        )


def grouped(items: Iterable[T], key: Callable[[T], K]) -> list[tuple[K, list[T]]]:
    """Items with an equal key together, in order of first appearance."""
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.items())


RULES: tuple[Rule, ...] = (
    Rule("prose.intro", "Introduction", in_words(intro), _REFERENCE),
    Rule("prose.verdict", "Verdict in words", in_words(verdict_prose), _REFERENCE),
    Rule("prose.deep-dive", "Deep dive", in_words(deep_dive), _REFERENCE),
)
