"""Whether models may be compared at all, before anything ranks them: a speech model is not a worse chat model.

Every other section is still computed; only the verdict waits for this answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

from domain.billing import billed_units, price_ref
from domain.capabilities import presence_of
from domain.facts import (
    PAGE_CAPABILITIES,
    TOKEN_UNITS,
    Architecture,
    CommercialUse,
    Contender,
    FactRef,
    Lifecycle,
    Model,
    Openness,
    Presence,
    PriceBasis,
    Task,
)
from domain.rules import Rule
from domain.units import display_percent
from domain.wording import in_sentence, listed

LEAST_EVIDENCE = Decimal("0.4")

_PAGE = "docs/methodology.md#comparison"
TASK = Rule(
    "comparability.task",
    "Same task",
    "Models made for different tasks are not comparable; where the task of one is not known, they are partly "
    "comparable.",
    _PAGE,
)
OUTPUT = Rule(
    "comparability.output-modality",
    "Shared output",
    "Models that share no output modality are not comparable.",
    _PAGE,
)
BILLING = Rule(
    "comparability.billing-unit",
    "Shared billing unit",
    "Where the metered routes of one bill tokens and those of the other only other units, prices cannot be "
    "compared: partly comparable.",
    _PAGE,
)
EVIDENCE = Rule(
    "comparability.evidence",
    "Enough evidence",
    f"Where less than {display_percent(LEAST_EVIDENCE)} of the tracked facts and page capabilities of a model are "
    "known, the models are partly comparable.",
    _PAGE,
)
RULES = (TASK, OUTPUT, BILLING, EVIDENCE)


class ComparabilityLevel(StrEnum):
    """COMPARABLE: nothing speaks against it. PARTIAL: with the reservations given. NOT_COMPARABLE: no verdict is
    given."""

    COMPARABLE = "COMPARABLE"
    PARTIAL = "PARTIAL"
    NOT_COMPARABLE = "NOT_COMPARABLE"


_ORDER = tuple(ComparabilityLevel)


@dataclass(frozen=True, slots=True)
class ComparabilityReason:
    """Why two models (or one, for evidence) cannot be compared fully. `models` are slugs in the order asked."""

    level: ComparabilityLevel
    models: tuple[str, ...]
    message: str
    rule: str
    used: tuple[FactRef, ...]


@dataclass(frozen=True, slots=True)
class Comparability:
    """The worst level over all pairs, with every reason."""

    level: ComparabilityLevel
    reasons: tuple[ComparabilityReason, ...]
    rules: tuple[str, ...]
    used: tuple[FactRef, ...]


COVERED: tuple[str, ...] = (
    "task",
    "released",
    "knowledge_cutoff",
    "context_window",
    "max_output",
    "parameters_total",
    "architecture",
    "license",
    "openness",
    "commercial_use",
    "input_modalities",
    "output_modalities",
    "lifecycle",
)
"""The facts of a model that evidence coverage counts, beside the page's ten capabilities."""

_NOTHING = (None, (), Task.UNKNOWN, Architecture.UNKNOWN, Openness.UNKNOWN, CommercialUse.UNKNOWN, Lifecycle.UNKNOWN)


def known_facts(model: Model) -> tuple[FactRef, ...]:
    """The covered facts that some source gives, capabilities by their modalities included."""
    fields = [field for field in COVERED if getattr(model, field) not in _NOTHING]
    kinds = [kind for kind in PAGE_CAPABILITIES if presence_of(model, kind) is not Presence.UNKNOWN]
    return tuple(FactRef("model", model.id, field) for field in (*fields, *(f"capability.{kind}" for kind in kinds)))


def coverage(model: Model) -> Decimal:
    """The share of covered facts that are known, 0 to 1."""
    return covered(known_facts(model))


def covered(known: tuple[FactRef, ...]) -> Decimal:
    """The same of facts that are known."""
    return Decimal(len(known)) / (len(COVERED) + len(PAGE_CAPABILITIES))


def comparability(contenders: Sequence[Contender]) -> Comparability:
    """Whether these models may be compared. Needs the offers."""
    units = {contender.model.slug: _units(contender) for contender in contenders}
    reasons: list[ComparabilityReason] = []
    for first, second in combinations(contenders, 2):
        reasons += [*_task(first, second), *_output(first, second), *_billing(first, second, units)]
    reasons += [reason for contender in contenders for reason in _evidence(contender)]
    level = max((reason.level for reason in reasons), key=_ORDER.index, default=ComparabilityLevel.COMPARABLE)
    used = tuple(dict.fromkeys(ref for reason in reasons for ref in reason.used))
    return Comparability(level, tuple(reasons), tuple(rule.id for rule in RULES), used)


def _reason(
    level: ComparabilityLevel, rule: Rule, message: str, *, first: Contender, second: Contender, field: str
) -> ComparabilityReason:
    models = (first.model, second.model)
    used = tuple(FactRef("model", model.id, field) for model in models)
    return ComparabilityReason(level, tuple(model.slug for model in models), message, rule.id, used)


def _task(first: Contender, second: Contender) -> Iterator[ComparabilityReason]:
    tasks = (first.model.task, second.model.task)
    names = (first.model.name, second.model.name)
    if Task.UNKNOWN in tasks:
        unknown = [name for name, task in zip(names, tasks, strict=True) if task is Task.UNKNOWN]
        message = f"No source says what {listed(unknown)} {'is' if len(unknown) == 1 else 'are'} made for."
        yield _reason(ComparabilityLevel.PARTIAL, TASK, message, first=first, second=second, field="task")
    elif tasks[0] is not tasks[1]:
        message = f"{names[0]} is made for {in_sentence(tasks[0])}, {names[1]} for {in_sentence(tasks[1])}."
        yield _reason(ComparabilityLevel.NOT_COMPARABLE, TASK, message, first=first, second=second, field="task")


def _output(first: Contender, second: Contender) -> Iterator[ComparabilityReason]:
    ours, theirs = first.model.output_modalities, second.model.output_modalities
    if ours and theirs and not set(ours) & set(theirs):
        made = (listed(in_sentence(each) for each in modalities) for modalities in (ours, theirs))
        message = f"{first.model.name} produces {next(made)}, {second.model.name} {next(made)}."
        yield _reason(
            ComparabilityLevel.NOT_COMPARABLE, OUTPUT, message, first=first, second=second, field="output_modalities"
        )


_Units = Mapping[str, FactRef]


def _billing(first: Contender, second: Contender, units_of: Mapping[str, _Units]) -> Iterator[ComparabilityReason]:
    ours, theirs = units_of[first.model.slug], units_of[second.model.slug]
    if ours and theirs and not set(ours) & set(theirs):
        sides = ((first, ours), (second, theirs))
        texts = [f"{side.model.name} is billed per {listed(sorted(units), 'or')}" for side, units in sides]
        used = tuple(ref for _, units in sides for ref in units.values())
        slugs = (first.model.slug, second.model.slug)
        message = f"{texts[0]}, {texts[1]}."
        yield ComparabilityReason(ComparabilityLevel.PARTIAL, slugs, message, BILLING.id, used)


def _units(contender: Contender) -> _Units:
    """The units that metered routes bill: `token`, or the name of another unit."""
    found: dict[str, FactRef] = {}
    metered = (offer for offer in contender.live if offer.route.price_basis is PriceBasis.METERED)
    for price in (price for offer in metered for price in offer.prices):
        for unit in billed_units(price):
            name = "token" if unit in TOKEN_UNITS else unit.removeprefix("per_")
            if name not in found:
                found[name] = price_ref(price, unit)
    return found


def _evidence(contender: Contender) -> Iterator[ComparabilityReason]:
    share = coverage(contender.model)
    if share < LEAST_EVIDENCE:
        message = f"Only {display_percent(share)} of the tracked facts of {contender.model.name} are sourced."
        used = known_facts(contender.model)
        yield ComparabilityReason(ComparabilityLevel.PARTIAL, (contender.model.slug,), message, EVIDENCE.id, used)
