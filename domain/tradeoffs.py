"""Why somebody would choose each of the models: an ordered list of reasons, each with the facts behind it.

Reasons follow the scorecard's rows, so that the two never disagree. What is unknown about the others is said as
unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.benchmarks import rows_of, said, told_apart
from domain.capabilities import capability, presence_of
from domain.compared import Compared
from domain.facts import CapabilityKind, Contender, FactRef, Presence
from domain.fit import fit
from domain.retired import called, caveats
from domain.rules import Rule
from domain.scorecard import Signal, SignalKey
from domain.signals import Cell
from domain.wording import agree, in_sentence, in_words, listed, lowered
from domain.workload import Workload

_REFERENCE = "docs/methodology.md#tradeoffs"
_SHOWN = 3
"""How many other models or benchmarks a sentence names before it counts the rest."""


class ReasonKind(StrEnum):
    """Why to choose a model, in the order in which reasons are listed."""

    LARGER_CONTEXT = "LARGER_CONTEXT"
    CHEAPER = "CHEAPER"
    MORE_PROVIDERS = "MORE_PROVIDERS"
    UNIQUE_CAPABILITIES = "UNIQUE_CAPABILITIES"
    CAPABILITIES_UNKNOWN_ELSEWHERE = "CAPABILITIES_UNKNOWN_ELSEWHERE"
    FREER_LICENSE = "FREER_LICENSE"
    NEWER = "NEWER"
    BENCHMARKS = "BENCHMARKS"
    FIT = "FIT"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason to choose a model. `unknown_other_side` are the slugs of models about which the same fact is not
    known, so that the advantage over them is not proved."""

    kind: ReasonKind
    sentence: str
    rule: str
    used: tuple[FactRef, ...]
    unknown_other_side: tuple[str, ...] = ()
    capabilities: tuple[CapabilityKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """The reasons to choose one model over the others of a comparison; none is an answer too."""

    model: str
    reasons: tuple[Reason, ...]
    rule: str = "tradeoffs.order"

    @property
    def used(self) -> tuple[FactRef, ...]:
        """Facts behind any reason, each once."""
        return tuple(dict.fromkeys(ref for reason in self.reasons for ref in reason.used))


def tradeoffs(
    contenders: Sequence[Contender], workload: Workload, *, compared: Compared | None = None
) -> tuple[Tradeoff, ...]:
    """Per model, in the order asked: a larger context window, cheaper at this workload, more providers, capabilities
    that only it has, those whose absence elsewhere is not sourced, a freer licence, newer, better on shared
    benchmarks, fit. Needs offers and results."""
    compared = compared or Compared(contenders, workload)
    rows = [(advantage, compared.row(advantage.row)) for advantage in _ADVANTAGES]
    found: dict[str, list[Reason]] = {each.model.slug: [] for each in contenders}
    for contender in contenders:
        reasons = found[contender.model.slug]
        reasons.extend(reason for advantage, row in rows for reason in _leads(advantage, row, contender, contenders))
        reasons.extend(capability_reasons(contender, contenders))
        reasons.extend(benchmark_reason(contender, contenders))
        reasons.extend(fit_reason(contender, contenders))
        reasons.sort(key=lambda reason: _PLACE[reason.kind])
    return tuple(Tradeoff(slug, tuple(reasons)) for slug, reasons in found.items())


_PLACE = {kind: place for place, kind in enumerate(ReasonKind)}


@dataclass(frozen=True, slots=True)
class _Advantage:
    """How leading in a row of the scorecard reads. `more` goes before `than`, `alone` is for a value that has none to
    be compared with (None: no reason then), `unknown` for the others' missing values."""

    kind: ReasonKind
    row: SignalKey
    more: str
    alone: str | None
    unknown: str

    @property
    def rule(self) -> str:
        return f"tradeoffs.{self.kind.lower().replace('_', '-')}"


_ADVANTAGES = (
    _Advantage(
        ReasonKind.LARGER_CONTEXT,
        SignalKey.CONTEXT_WINDOW,
        "has a larger context window",
        "has a known context window of {value}",
        "the context window of {others} is not sourced yet",
    ),
    _Advantage(
        ReasonKind.CHEAPER,
        SignalKey.MONTHLY_COST,
        "costs less a month at this workload",
        "has a known cost at this workload, {value} a month",
        "no comparable cost of {others} is known",
    ),
    _Advantage(ReasonKind.MORE_PROVIDERS, SignalKey.PROVIDER_ROUTES, "is served by more providers", None, ""),
    _Advantage(
        ReasonKind.FREER_LICENSE,
        SignalKey.LICENSE_FREEDOM,
        "is freer to use",
        None,
        "the openness of {others} is not sourced yet",
    ),
    _Advantage(
        ReasonKind.NEWER,
        SignalKey.RELEASE_DATE,
        "was released later",
        None,
        "the release date of {others} is not sourced yet",
    ),
)


_OF_HOSTS = (ReasonKind.CHEAPER, ReasonKind.MORE_PROVIDERS)
"""Of whom others sell a model, also one that its lab has retired."""


def _leads(
    advantage: _Advantage, row: Signal, contender: Contender, contenders: Sequence[Contender]
) -> Iterator[Reason]:
    """A model that leads a row of the scorecard has a reason against those that do not. Where it alone has a known
    value there is nothing to lead: context window and cost are then a reason by themselves, which says that the
    others' are not sourced."""
    slug = contender.model.slug
    name = called(contender, weights=False) if advantage.kind in _OF_HOSTS else contender.model.name
    names = {each.model.slug: each.model.name for each in contenders}
    cells = {cell.model: cell for cell in row.cells}
    mine = cells[slug]
    unknown = tuple(other for other, cell in cells.items() if not cell.known)
    beaten = [cell for other, cell in cells.items() if cell.known and other not in row.leaders]
    if slug in row.leaders and beaten:
        text = f"{name} {advantage.more} than {_against(mine, beaten, names)}"
    elif advantage.alone and mine.known and len(unknown) == len(cells) - 1:
        beaten = []
        text = f"{name} {advantage.alone.format(value=mine.display)}"
    else:
        return
    if unknown:
        text += "; " + advantage.unknown.format(others=listed((names[each] for each in unknown), limit=_SHOWN))
    used = [ref for cell in (mine, *beaten, *(cells[each] for each in unknown)) for ref in cell.used]
    used += (
        [ref for each in caveats(contender, weights=False) for ref in each.used] if advantage.kind in _OF_HOSTS else []
    )
    yield Reason(advantage.kind, f"{text}.", advantage.rule, tuple(dict.fromkeys(used)), unknown)


def _against(mine: Cell, beaten: Sequence[Cell], names: dict[str, str]) -> str:
    if len(beaten) == 1:
        return f"{names[beaten[0].model]}: {_value(mine)} against {_value(beaten[0])}"
    others = listed((f"{names[cell.model]} ({_value(cell)})" for cell in beaten), limit=_SHOWN)
    return f"{others}: {_value(mine)}"


def _value(cell: Cell) -> str:
    """The value inside a sentence, which says itself what is counted."""
    return lowered(cell.display.removesuffix(" tracked"))


def capability_reasons(contender: Contender, contenders: Sequence[Contender]) -> Iterator[Reason]:
    """A capability is unique where this model is YES and every other one NO. Where no other is YES and some are
    UNKNOWN, it is a reason of its own that says so."""
    others = [each.model for each in contenders if each.model.id != contender.model.id]
    name = contender.model.name
    unique: list[CapabilityKind] = []
    open_elsewhere: list[CapabilityKind] = []
    unknown: dict[str, str] = {}
    for kind in CapabilityKind:
        answers = {other: presence_of(other, kind) for other in others}
        if presence_of(contender.model, kind) is not Presence.YES or Presence.YES in answers.values():
            continue
        if Presence.UNKNOWN not in answers.values():
            unique.append(kind)
            continue
        open_elsewhere.append(kind)
        unknown |= {other.slug: other.name for other, answer in answers.items() if answer is Presence.UNKNOWN}

    def used(kinds: Sequence[CapabilityKind]) -> tuple[FactRef, ...]:
        models = (contender.model, *others)
        return tuple(dict.fromkeys(ref for kind in kinds for each in models for ref in capability(each, kind).used))

    if unique:
        has = listed(in_sentence(kind) for kind in unique)
        text = f"{name} has {has}, which {others[0].name} lacks." if len(others) == 1 else f"Only {name} has {has}."
        rule = "tradeoffs.unique-capabilities"
        yield Reason(ReasonKind.UNIQUE_CAPABILITIES, text, rule, used(unique), (), tuple(unique))
    if open_elsewhere:
        has = listed(in_sentence(kind) for kind in open_elsewhere)
        elsewhere = listed(unknown.values(), "or", limit=_SHOWN)
        text = f"{name} has {has}; for {elsewhere} no source settles {agree(open_elsewhere, 'it', 'all of them')}."
        yield Reason(
            ReasonKind.CAPABILITIES_UNKNOWN_ELSEWHERE,
            text,
            "tradeoffs.capabilities-unknown-elsewhere",
            used(open_elsewhere),
            tuple(unknown),
            tuple(open_elsewhere),
        )


def benchmark_reason(contender: Contender, contenders: Sequence[Contender]) -> Iterator[Reason]:
    """A model that is best in at least one row of benchmarks that may be joined has a reason, which counts these
    rows."""
    slug, name = contender.model.slug, contender.model.name
    shared = [row for row in rows_of(contenders) if slug in row.results]
    led = [row for row in shared if slug in row.leaders]
    if not led:
        return
    apart = dict(zip(map(id, shared), told_apart([said(row.name, row) for row in shared]), strict=True))
    names = listed(dict.fromkeys(apart[id(row)] for row in led), limit=_SHOWN)
    text = f"{name} scores best in {len(led)} of {len(shared)} shared benchmark rows: {names}."
    if len(shared) == 1:
        text = f"{name} scores best in the one shared benchmark row: {names}."
    used = tuple(dict.fromkeys(ref for row in led for ref in row.used))
    yield Reason(ReasonKind.BENCHMARKS, text, "tradeoffs.benchmarks", used)


def fit_reason(contender: Contender, contenders: Sequence[Contender]) -> Iterator[Reason]:
    """The fit tags of a model that not every other model has as well."""
    shared = [{tag.tag for tag in fit(each.model)} for each in contenders]
    own = [tag for tag in fit(contender.model) if not all(tag.tag in tags for tags in shared)]
    if own:
        text = f"By its facts, {contender.model.name} fits {listed(lowered(tag.label) for tag in own)}."
        used = tuple(dict.fromkeys(ref for tag in own for ref in tag.used))
        yield Reason(ReasonKind.FIT, text, "tradeoffs.fit", used)


RULES: tuple[Rule, ...] = (
    Rule("tradeoffs.order", "Reasons to choose a model", in_words(tradeoffs), _REFERENCE),
    *(
        Rule(advantage.rule, advantage.kind.replace("_", " ").capitalize(), in_words(_leads), _REFERENCE)
        for advantage in _ADVANTAGES
    ),
    Rule("tradeoffs.unique-capabilities", "Unique capabilities", in_words(capability_reasons), _REFERENCE),
    Rule(
        "tradeoffs.capabilities-unknown-elsewhere",
        "Capabilities unknown elsewhere",
        in_words(capability_reasons),
        _REFERENCE,
    ),
    Rule("tradeoffs.benchmarks", "Better on shared benchmarks", in_words(benchmark_reason), _REFERENCE),
    Rule("tradeoffs.fit", "Fit", in_words(fit_reason), _REFERENCE),
)
