"""A decision asked again: it holds, it turned, or it cannot be decided any more, with every used fact that is another one now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from domain.decided import Decided
from domain.facts import FactRef
from domain.known import Known, put_back
from domain.records import Record, UsedFact, rules_now
from domain.rules import RULES_VERSION, Rule
from domain.wording import counted, in_words, listed

MOST_TRIED = 40
"""So many changed facts are put back one by one; further ones are listed and not tried."""


class Outcome(StrEnum):
    """What became of a decision."""

    HOLDS = "HOLDS"
    TURNED = "TURNED"
    UNDECIDABLE = "UNDECIDABLE"


class Part(StrEnum):
    """What a fact has to do with it. NEWLY_USED: the record does not have it, so that what it was then is not known."""

    DECISIVE = "DECISIVE"
    NOT_ALONE = "NOT_ALONE"
    NOT_TRIED = "NOT_TRIED"
    NEWLY_USED = "NEWLY_USED"


@dataclass(frozen=True, slots=True)
class Changed:
    """A fact that is another one now, or newly used: then there is no `before`. `fact` names it today, None where its subject is no
    longer found."""

    before: UsedFact | None
    kind: str
    of: str
    field: str
    after: Any
    part: Part
    fact: FactRef | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """A record against today. `rules_changed` are the ids of its rules that say something else now, or are no rules any more."""

    record: Record
    now: Decided
    outcome: Outcome
    sentence: str
    changes: tuple[Changed, ...]
    rules_changed: tuple[str, ...]
    rules_version: str = RULES_VERSION
    rule: str = "records.replay"


Again: TypeAlias = Callable[[Callable[[Any], Any]], Decided]
"""The same question decided on what is known, with each thing altered."""


def used_facts(found: Decided, known: Known) -> tuple[UsedFact, ...]:
    """The facts of a decision by their natural names, each once. A caller's own price is part of the question, not a fact."""
    made: dict[tuple[str, str, str], UsedFact] = {}
    for ref in found.used:
        name = known.name(ref)
        if name is not None:
            made.setdefault((ref.kind, name, ref.field), UsedFact(ref.kind, name, ref.field, known.value(ref)))
    return tuple(made.values())


def replayed(record: Record, now: Decided, known: Known, again: Again | None) -> Replayed:
    """A decision holds while the same question has the same answer: the winner of a verdict, the cheapest routes of a model with
    the exact total, the exact total of a route, level, score and kinds with severities of a switch, which of two routes is
    cheaper on which side and from where, who leads in which row of benchmark results, what is had together on which route, the order of the first ones of a list. Numbers beside it (margins, points, scores,
    amounts of listed candidates) may move. Where something was decided and nothing is now, it cannot be decided any more; any
    other difference turned it. Of the facts that the record used every one that is another one now is named, and of a decision
    that no longer holds also the facts that only today's uses. Each used fact is put back alone: one with which the old answer
    comes back is decisive. What cannot be put back by itself, and every fact of a question to the whole catalogue, is named as
    not tried."""
    holds = now.answer == record.answer
    outcome = Outcome.HOLDS if holds else Outcome.UNDECIDABLE if now.is_open else Outcome.TURNED
    found = _differences(record, now, known, also_new=not holds)
    parts = (Part.NOT_ALONE if holds else _part(place, each, record, again) for place, each in enumerate(found))
    changes = tuple(
        Changed(before, *name, after, part, ref) for (before, name, after, ref), part in zip(found, parts, strict=True)
    )
    texts = rules_now(tuple(record.rules))
    rules = tuple(id_ for id_, text in sorted(record.rules.items()) if texts.get(id_) != text)
    return Replayed(record, now, outcome, _sentence(outcome, now, changes, rules, record), changes, rules)


_Difference: TypeAlias = "tuple[UsedFact | None, tuple[str, str, str], Any, FactRef | None]"


def _differences(record: Record, now: Decided, known: Known, *, also_new: bool) -> Sequence[_Difference]:
    found: list[_Difference] = []
    for before in record.facts:
        ref = known.ref(*before.name)
        after = None if ref is None else known.value(ref)
        if after != before.value:
            found.append((before, before.name, after, ref))
    if also_new:
        recorded = {each.name for each in record.facts}
        for each in used_facts(now, known):
            if each.name not in recorded and each.value is not None:
                found.append((None, each.name, each.value, known.ref(*each.name)))
    return found


def _part(place: int, one: _Difference, record: Record, again: Again | None) -> Part:
    """Whether the old answer comes back with this fact alone as it was."""
    before, _, _, ref = one
    if before is None:
        return Part.NEWLY_USED
    alter = None if ref is None else put_back(ref, before.value)
    if again is None or alter is None or place >= MOST_TRIED:
        return Part.NOT_TRIED
    return Part.DECISIVE if again(alter).answer == record.answer else Part.NOT_ALONE


def _sentence(outcome: Outcome, now: Decided, changes: Sequence[Changed], rules: Sequence[str], record: Record) -> str:
    if outcome is Outcome.HOLDS:
        moved = f" {counted(len(changes), 'used fact')} changed without turning it." if changes else ""
        return f"It holds: {now.sentence}{moved}"
    word = "It turned" if outcome is Outcome.TURNED else "It cannot be decided any more"
    used = [each for each in changes if each.part is not Part.NEWLY_USED]
    decisive = [_in_short(each) for each in used if each.part is Part.DECISIVE]
    if decisive:
        alone = "" if len(decisive) == 1 else ", each of which is enough alone"
        why = f"Because of {listed(decisive, limit=5)}{alone}."
    elif used:
        why = f"{counted(len(used), 'used fact')} changed; none is known to be enough alone."
    elif rules:
        why = "No used fact changed, but rules did."
    elif record.rules_version != RULES_VERSION:
        why = "No used fact changed, but the version of the rules did."
    else:
        why = "No used fact changed: what there is to choose from did."
    return f"{word}: {now.sentence} {why}"


def _in_short(one: Changed) -> str:
    before = None if one.before is None else one.before.value
    values = [_shown(before), _shown(one.after)]
    return f"{one.field} of {one.of} ({values[0]} before, {values[1]} now)"


def _shown(value: Any) -> str:
    if value is None:
        return "not sourced"
    return listed(map(str, value)) if isinstance(value, list) else str(value)


RULES: tuple[Rule, ...] = (
    Rule("records.replay", "Replay of a decision", in_words(replayed), "docs/methodology.md#decision-records"),
)
