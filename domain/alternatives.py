"""When to choose a model that is not the winner of a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.capabilities import capability, presence_of
from domain.facts import CapabilityKind, Contender, FactRef, Presence
from domain.own_routes import OWN_ROUTES, Turn
from domain.retired import called, caveats
from domain.rules import Rule
from domain.scorecard import SIGNALS, Signal, SignalKey
from domain.sentences import Sentence
from domain.wording import NOT_SOURCED, in_sentence, in_words, listed

SAID = 3
"""So many strengths are said in the sentence; that a model costs less at its lab is always one of them."""
_CHEAPER = SIGNALS[SignalKey.MONTHLY_COST].advantage


@dataclass(frozen=True, slots=True)
class Strength:
    """Something that only one model of the comparison offers."""

    text: str
    weight: int
    rule: str
    used: tuple[FactRef, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """When to choose a model although it is not the winner: its unique strengths, the weightiest first. `caveats` say that it is
    retired, or is to be, or is not served."""

    model: str
    sentence: str
    strengths: tuple[Strength, ...]
    caveats: tuple[Sentence, ...]
    rule: str


def strengths(
    contender: Contender, contenders: Sequence[Contender], signals: Sequence[Signal], weights: Mapping[SignalKey, int]
) -> tuple[Strength, ...]:
    """What only this model offers, the weightiest first: rows with a weight that it leads alone, and capabilities
    that no other one is known to have. Where another one's capability is not sourced, that is said."""
    slug = contender.model.slug
    found = [
        Strength(SIGNALS[signal.key].advantage, weights[signal.key], signal.rule, signal.used)
        for signal in signals
        if signal.leaders == (slug,) and weights[signal.key]
    ]
    others = [each for each in contenders if each.model.slug != slug]
    for kind in CapabilityKind:
        if presence_of(contender.model, kind) is not Presence.YES:
            continue
        answers = [presence_of(each.model, kind) for each in others]
        if Presence.YES in answers:
            continue
        ours, theirs = capability(contender.model, kind), [capability(each.model, kind) for each in others]
        unknown = [each.model.name for each, found in zip(others, answers, strict=True) if found is Presence.UNKNOWN]
        text = in_sentence(kind) + (f" ({NOT_SOURCED} for {listed(unknown)})" if unknown else "")
        used = (*ours.used, *(ref for answer in theirs for ref in answer.used))
        found.append(Strength(text, weights[SignalKey.CAPABILITY_BREADTH], ours.rule, used))
    return tuple(sorted(found, key=lambda strength: -strength.weight))


def alternatives(
    contenders: Sequence[Contender],
    signals: Sequence[Signal],
    weights: Mapping[SignalKey, int],
    winner: str | None,
    turned: Sequence[Turn] = (),
) -> Iterator[Alternative]:
    """When to choose each model that is not the winner. `turned`: whose order by cost turns at the labs themselves."""
    names = {each.model.slug: each.model.name for each in contenders}
    for contender in contenders:
        if contender.model.slug == winner:
            continue
        found = tuple(
            _on_which_routes(each, contender, turned) for each in strengths(contender, contenders, signals, weights)
        )
        at_its_lab = _at_its_lab(contender.model.slug, turned, names, winner)
        said = (*found[: SAID - len(at_its_lab)], *at_its_lab)
        found += at_its_lab
        name, but = contender.model.name, caveats(contender)
        sentence = f"No sourced fact speaks for {name} alone."
        if found:
            offers = listed(each.text for each in said)
            sentence = f"What speaks for {called(contender)}: {offers}." if but else f"Choose {name} for {offers}."
        yield Alternative(contender.model.slug, sentence, found, but, ALTERNATIVE.id)


def _on_which_routes(strength: Strength, of: Contender, turned: Sequence[Turn]) -> Strength:
    """A lower cost is said to be that of the cheapest routes where on the labs' own it is another model's."""
    elsewhere = strength.text == _CHEAPER and any(each.dearer.slug == of.model.slug for each in turned)
    return replace(strength, text=f"{_CHEAPER} on the cheapest routes") if elsewhere else strength


def _at_its_lab(
    slug: str, turned: Sequence[Turn], names: Mapping[str, str], winner: str | None
) -> tuple[Strength, ...]:
    """That it costs less than the winner, or without one than others, where each is bought from its own lab."""
    ahead = [each for each in turned if each.cheaper.slug == slug and winner in (None, each.dearer.slug)]
    if not ahead:
        return ()
    text = f"a lower monthly cost than {listed(names[each.dearer.slug] for each in ahead)} on the labs' own routes"
    return (Strength(text, 0, OWN_ROUTES.id, tuple(dict.fromkeys(ref for each in ahead for ref in each.used))),)


ALTERNATIVE = Rule(
    "verdict.alternative", "When to choose another one", in_words(strengths), "docs/methodology.md#verdict"
)
RULES = (ALTERNATIVE,)
