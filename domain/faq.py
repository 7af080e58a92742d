"""The questions a buyer asks about a comparison, answered from its facts and decisions.

Wording only: an answer that is not known says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.capabilities import presence_of
from domain.cells import applies
from domain.cost import MonthlyCost
from domain.facts import CapabilityKind, Contender, FactRef, Model, Openness, Presence, Task, Unavailable
from domain.friction import SwitchFriction
from domain.prose import (
    availability,
    capability_split,
    context_windows,
    openness,
    switching,
)
from domain.prose_costs import monthly_costs
from domain.retired import called, caveats
from domain.rules import Rule
from domain.sentences import FEW, Sentence
from domain.several import all_of, names, none_of
from domain.signals import Direction, leading
from domain.units import display_tokens
from domain.wording import in_sentence, in_words, listed

_REFERENCE = "docs/methodology.md#prose"


@dataclass(frozen=True, slots=True)
class Faq:
    """One question with its answer. `key` is stable: `open_source`, `capability.VISION`, `capabilities_shared`, `cheaper` …"""

    key: str
    question: str
    answer: str
    rule: str
    used: tuple[FactRef, ...]


def faq(
    contenders: Sequence[Contender],
    costs: Mapping[str, MonthlyCost | Unavailable],
    frictions: Sequence[SwitchFriction] = (),
) -> tuple[Faq, ...]:
    """Open source? Better for each capability that some have (those that all have are one question), or, of models that are made for
    different things, who has it? Cheaper at this workload? Larger context window?
    Where to run each? What changes when switching (of more than three models: the easiest and the hardest switches, and
    how many are how hard)? A question about which nothing at all is sourced is not asked, and
    of one model alone only what it is and where it runs."""
    models = [each.model for each in contenders]
    either = names(models, "or") if len(models) <= FEW else "which of these models"
    every = names(models) if len(models) <= FEW else "these models"
    short = len(models) <= FEW
    open_source = f"Is {either} open source?" if short else "Which of these models are open source?"
    licensed = any(model.openness is not Openness.UNKNOWN for model in models)
    served = any(each.live for each in contenders)
    alone = len(models) < 2
    found = [
        _answer("open_source", open_source, openness(models) if licensed else ()),
        *(() if alone else _capability_questions(contenders, either, short)),
        _answer("cheaper", _which("is cheaper", either, short), () if alone else _cheaper(contenders, costs)),
        _answer(
            "larger_context",
            _which("has the larger context window", either, short),
            () if alone else _larger(contenders),
        ),
        _answer("where_to_run", f"Where can I run {every}?", availability(contenders) if served else ()),
        _answer("switching", f"What changes when I switch between {every}?", switching(models, frictions)),
    ]
    return tuple(each for each in found if each is not None)


def _answer(key: str, question: str, sentences: Iterable[Sentence]) -> Faq | None:
    found = list(sentences)
    if not found:
        return None
    used = tuple(dict.fromkeys(ref for sentence in found for ref in sentence.used))
    return Faq(key, question, " ".join(sentence.text for sentence in found), "prose.faq", used)


def _which(predicate: str, either: str, short: bool) -> str:
    return f"Which {predicate}, {either}?" if short else f"Which of these models {predicate}?"


def _capability_questions(contenders: Sequence[Contender], either: str, short: bool) -> Iterator[Faq | None]:
    models = [each.model for each in contenders]
    answers = {kind: {presence_of(model, kind) for model in models} for kind in CapabilityKind}
    shared = [kind for kind, found in answers.items() if found == {Presence.YES}]
    for kind, found in answers.items():
        if Presence.YES in found and (kind not in shared or len(shared) == 1):
            question = _which(_excels(models, (kind,)), either, short)
            yield _answer(f"capability.{kind}", question, [_better(contenders, kind)])
    if len(shared) > 1:
        question = _which(_excels(models, shared), either, short)
        used = capability_split(models, [Presence.YES] * len(models), shared).used
        text = f"{all_of(models)} have all of these, so they do not decide between them."
        yield _answer("capabilities_shared", question, [Sentence(text, used)])


def _excels(models: Sequence[Model], kinds: Sequence[CapabilityKind]) -> str:
    """What is made for another task is not better for anything; it has a capability, or has not."""
    if len({model.task for model in models} - {Task.UNKNOWN}) > 1:
        return f"has {listed(map(in_sentence, kinds), 'or')}"
    return f"is better for {listed(map(_work, kinds), 'or')}"


def _work(kind: CapabilityKind) -> str:
    return "multimodal work" if kind is CapabilityKind.MULTIMODAL else in_sentence(kind)


def _better(contenders: Sequence[Contender], kind: CapabilityKind) -> Sentence:
    """Who has it; where all have it, that it decides nothing."""
    models = [each.model for each in contenders]
    answers = [presence_of(model, kind) for model in models]
    split = capability_split(models, answers, (kind,))
    if set(answers) == {Presence.YES}:
        return Sentence(f"{all_of(models)} have {in_sentence(kind)}, so it does not decide between them.", split.used)
    having = [each for each, answer in zip(contenders, answers, strict=True) if answer is Presence.YES]
    if len(having) == 1 and Presence.UNKNOWN not in answers:
        return Sentence(f"{called(having[0], weights=False)}. {split.text}", (*split.used, *_words(having)))
    return split


def _cheaper(contenders: Sequence[Contender], costs: Mapping[str, MonthlyCost | Unavailable]) -> Iterator[Sentence]:
    models = [each.model for each in contenders]
    known = {model.slug: cost.total for model in models if isinstance(cost := costs[model.slug], MonthlyCost)}
    unknown = [(model, cost) for model in models if isinstance(cost := costs[model.slug], Unavailable)]
    if not known:
        return
    if not unknown:
        leaders = leading(known, Direction.LOWER)
        ahead = [each for each in contenders if each.model.slug in leaders]
        text = f"{listed(map(called, ahead))}."
        if not leaders:
            same = len(set(known.values())) == 1
            text = f"{all_of(models)} cost the same." if same else f"{none_of(models)} by a clear margin."
        costing = (ref for each in monthly_costs(models, costs) for ref in each.used)
        yield Sentence(text, tuple(dict.fromkeys((*costing, *_words(ahead)))))
    else:
        used = tuple(dict.fromkeys(ref for _, cost in unknown for ref in cost.missing))
        used = used or tuple(FactRef("model", model.id, "name") for model, _ in unknown)
        yield Sentence(f"That cannot be said for all. {' '.join(cost.message for _, cost in unknown)}", used)
    yield from monthly_costs(models, costs)


def _words(contenders: Iterable[Contender]) -> Iterator[FactRef]:
    """The facts behind what is said of those who are named first."""
    return (ref for each in contenders for said in caveats(each, weights=False) for ref in said.used)


def _larger(contenders: Sequence[Contender]) -> Iterator[Sentence]:
    models = [each.model for each in contenders]
    known = {model.slug: model.context_window for model in models if model.context_window is not None}
    if not known:
        return
    leaders = leading(known, Direction.HIGHER)
    ahead = [each for each in contenders if each.model.slug in leaders]
    unknown = [model for model in models if model.context_window is None and applies(model, "context_window")]
    used = tuple(FactRef("model", model.id, "context_window") for model in models)
    if ahead:
        text = listed(map(called, ahead)) + (", as far as sourced." if unknown else ".")
        yield Sentence(text, (*used, *_words(ahead)))
    elif not unknown and len({display_tokens(size) for size in known.values()}) > 1:
        yield Sentence(f"{none_of(models)} by a clear margin.", used)
    yield from context_windows(models)


RULES: tuple[Rule, ...] = (Rule("prose.faq", "Questions and answers", in_words(faq), _REFERENCE),)
