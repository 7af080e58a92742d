"""Where in its life something stands on a day, and what its maker names instead: successors, followed to one that lives.

Everything is a function of dates and of the day asked, so that another day gives the answer of that day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from domain.dates import Announced, DatePrecision
from domain.facts import FactRef, Lifecycle, Model, Route
from domain.rules import Rule

_PAGE = "docs/methodology.md#lifecycle"
STATUS = Rule(
    "lifecycle.status",
    "Where a model or a route stands",
    "RETIRED from the announced shutdown day on, DEPRECATED from the announced day of deprecation on, whatever status word was "
    "written before. A month or a year has come on its last day. A day before which nothing happens (NOT_BEFORE) changes "
    "nothing by itself. Without a day that has come, the status is what sources say. Weights that are out cannot be taken back: "
    "an open model that somebody serves is available and has no end, whatever its lab does with its own route.",
    _PAGE,
)
CHAIN = Rule(
    "lifecycle.successor-chain",
    "Successors to a living model",
    "From a model that does not live, its successors are followed one after the other, drop-ins before options, each in the "
    "order in which its source names them; where that ends without a living model, the next one is tried. A model lives when "
    "it is AVAILABLE or PREVIEW, a live route serves it, and no shutdown of it is announced. No model is visited twice. "
    "Where none lives, the end of the first way is the answer: a cycle with its models; a dead end, the model for which no "
    "successor is named; or unknown, where a successor is not in the catalogue or nobody says whether the last one lives.",
    _PAGE,
)
SERVED_FOR = timedelta(days=90)
"""For how long what is newly chosen has to be served, where nobody says for how long."""
SERVED_UNTIL = Rule(
    "lifecycle.served-until",
    "Served for long enough to be chosen",
    "What is chosen must not be announced to be shut down before the day that is asked for or, where none is, within 90 days. The "
    "route's own announcement counts, else its model's. A month or a year ends before a day when its last day does. What "
    "nobody announces is no end (a recommendation for a later day that is asked for needs a source that says it lives), nor is a promise that nothing happens before a day (NOT_BEFORE), nor, where no day is asked "
    "for, a month or year that may lie on either side. What is offered all the same shows its announced end.",
    _PAGE,
)
RULES = (STATUS, CHAIN, SERVED_UNTIL)


class SuccessorKind(StrEnum):
    """DROP_IN: its maker says that it takes the model's place behind the same API. OPTION: an alternative to consider."""

    DROP_IN = "DROP_IN"
    OPTION = "OPTION"


class ChainOutcome(StrEnum):
    """How following successors ends."""

    LIVING = "LIVING"
    CYCLE = "CYCLE"
    DEAD_END = "DEAD_END"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Successor:
    """What is named instead of a model. `spelling` is the source's own; `target_id` None where it names no model of ours."""

    id: int
    model_id: int
    kind: SuccessorKind
    spelling: str
    target_id: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Succession:
    """Successors by the number of the model that they follow, and models by number."""

    successors: Mapping[int, Sequence[Successor]] = field(default_factory=dict)
    models: Mapping[int, Model] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One successor, as a chain follows it. `model` is None, and `status` UNKNOWN, where it names no model of ours."""

    model_id: int
    kind: SuccessorKind
    spelling: str
    model: Model | None
    status: Lifecycle


@dataclass(frozen=True, slots=True)
class Chain:
    """Successors followed. `end` is the living model, the dead end, or the last model of which nobody says whether it lives;
    `cycle` the models that name each other, in order."""

    outcome: ChainOutcome
    steps: tuple[Step, ...]
    end: Model | None
    cycle: tuple[Model, ...]
    sentence: str
    used: tuple[FactRef, ...]
    rule: str = CHAIN.id

    @property
    def living(self) -> Model | None:
        """Where the chain ends well."""
        return self.end if self.outcome is ChainOutcome.LIVING else None


@dataclass(frozen=True, slots=True)
class Retirement:
    """A shutdown of a model or of a route that is announced, as lists show it. `of` is the slug of the model or the key of the
    route, `model_id` the model that it is or serves."""

    id: int
    fact: FactRef
    of: str
    stated: Lifecycle
    deprecated: Announced | None
    retires: Announced
    model_id: int | None

    def status(self, on: date) -> Lifecycle:
        """Where in its life it stands on a day (rule `lifecycle.status`)."""
        return standing(self.stated, self.deprecated, self.retires, on)


def shutdown(thing: Model | Route) -> Announced | None:
    """When it is announced to be shut down; None where nobody says."""
    return _announced(thing.retires_on, thing.retires_precision)


def deprecation(thing: Model | Route) -> Announced | None:
    """From when it is advised against; None where nobody says."""
    return _announced(thing.deprecated_on, thing.deprecated_precision)


def _announced(day: date | None, precision: DatePrecision | None) -> Announced | None:
    return None if day is None else Announced(day, precision or DatePrecision.DAY)


@dataclass(frozen=True, slots=True)
class Ending:
    """An announced shutdown, and the fact that says so."""

    announced: Announced
    fact: FactRef

    @property
    def sentence(self) -> str:
        """The same in words."""
        return f"Announced to be shut down {self.announced.words}."


def ending(model: Model, route: Route) -> Ending | None:
    """The announced shutdown that counts for a model on a route (rule `lifecycle.served-until`); None where none is announced."""
    for kind, thing in (("route", route), ("model", model)):
        end = shutdown(thing)
        if end is not None and end.is_end:
            return Ending(end, FactRef(kind, thing.id, "retires_on"))
    return None


def leaves_before(model: Model, route: Route, until: date) -> bool:
    """Whether a model on a route is announced to be shut down before a day for certain."""
    end = ending(model, route)
    return end is not None and end.announced.comes_before(until) is True


def served_until(asked: date | None, on: date) -> date:
    """Until when what is chosen on a day has to be served."""
    return on + SERVED_FOR if asked is None else asked


def standing(stated: Lifecycle, deprecated: Announced | None, retires: Announced | None, on: date) -> Lifecycle:
    """Where in its life something stands on a day (rule `lifecycle.status`)."""
    if stated is Lifecycle.RETIRED or (retires is not None and retires.has_come(on)):
        return Lifecycle.RETIRED
    return Lifecycle.DEPRECATED if deprecated is not None and deprecated.has_come(on) else stated


def status(thing: Model | Route, on: date) -> Lifecycle:
    """Where in its life a model or a route stands on a day, which is not before the one for which its facts were accepted."""
    return standing(thing.lifecycle, deprecation(thing), shutdown(thing), on)


def lives(model: Model, on: date) -> bool:
    """Whether it is a place to move to: in use or in preview, served, and with no shutdown announced."""
    end = shutdown(model)
    stands = status(model, on) in (Lifecycle.AVAILABLE, Lifecycle.PREVIEW)
    return stands and model.route_count > 0 and not (end is not None and end.is_end)


def named(model: Model, succession: Succession, on: date) -> tuple[Step, ...]:
    """What is named instead of a model, with where that stands on a day: drop-ins before options, else in the given order."""
    kinds = list(SuccessorKind)
    found = []
    for each in sorted(succession.successors.get(model.id, ()), key=lambda each: kinds.index(each.kind)):
        target = None if each.target_id is None else succession.models.get(each.target_id)
        stands = Lifecycle.UNKNOWN if target is None else status(target, on)
        found.append(Step(each.model_id, each.kind, each.spelling, target, stands))
    return tuple(found)


def reached(succession: Succession, starts: Collection[int]) -> Succession:
    """The part that can be reached from some models: an entry for each of them and for each model on the way."""
    found: dict[int, Sequence[Successor]] = {}
    waiting = list(starts)
    while waiting:
        if (number := waiting.pop()) not in found:
            found[number] = succession.successors.get(number, ())
            waiting += (each.target_id for each in found[number] if each.target_id is not None)
    return Succession(found, {number: model for number, model in succession.models.items() if number in found})


def successor_chain(start: Model, succession: Succession, on: date) -> Chain:
    """From a model to the first one that lives (rule `lifecycle.successor-chain`). A model that lives is its own end."""
    if lives(start, on):
        return _chain(start, (), ChainOutcome.LIVING, start)
    first: Chain | None = None  # how the preferred way ends, should none end well
    trail, steps = [start], list[Step]()
    waiting: list[Iterator[Step]] = [iter(named(start, succession, on))]
    seen = {start.id}
    if not succession.successors.get(start.id):
        first = _stop(start, steps, start, on)
    while waiting:
        step = next(waiting[-1], None)
        if step is None:
            waiting.pop()
            trail.pop()
            if steps:
                steps.pop()
            continue
        target = step.model
        if target is None:
            first = first or _chain(start, (*steps, step), ChainOutcome.UNKNOWN, None)
        elif target.id in {model.id for model in trail}:
            place = [model.id for model in trail].index(target.id)
            first = first or _chain(start, tuple(steps), ChainOutcome.CYCLE, None, tuple(trail[place:]))
        elif target.id not in seen:
            seen.add(target.id)
            if lives(target, on):
                return _chain(start, (*steps, step), ChainOutcome.LIVING, target)
            trail.append(target)
            steps.append(step)
            if not succession.successors.get(target.id):
                first = first or _stop(start, steps, target, on)
            waiting.append(iter(named(target, succession, on)))
    assert first is not None  # a way that is not the first has been left because it ended
    return first


def _stop(start: Model, steps: Sequence[Step], end: Model, on: date) -> Chain:
    """A model for which nothing else is named: a dead end where it is known to go, else nobody says whether it lives."""
    announced_end = shutdown(end)
    goes = status(end, on) in (Lifecycle.DEPRECATED, Lifecycle.RETIRED)
    dead = goes or (announced_end is not None and announced_end.is_end)
    return _chain(start, tuple(steps), ChainOutcome.DEAD_END if dead else ChainOutcome.UNKNOWN, end)


def _chain(
    start: Model, steps: tuple[Step, ...], outcome: ChainOutcome, end: Model | None, cycle: tuple[Model, ...] = ()
) -> Chain:
    match outcome:
        case ChainOutcome.LIVING if not steps:
            sentence = f"{start.name} is in use: nothing has to take its place."
        case ChainOutcome.LIVING:
            way = ", then ".join(step.model.name if step.model else step.spelling for step in steps)
            sentence = f"{start.name} is followed by {way}, which is in use."
        case ChainOutcome.CYCLE:
            names = ", ".join(model.name for model in cycle)
            sentence = f"The successors that are named go in a circle: {names}, and again {cycle[0].name}."
        case ChainOutcome.DEAD_END:
            assert end is not None
            sentence = f"{end.name} goes or is gone, and no successor of it is named."
        case _ if end is None:
            sentence = f"The successor that is named, {steps[-1].spelling}, is not a model of this catalogue."
        case _:
            sentence = f"No source says whether {end.name if end else start.name} is in use, and no successor is named."
    reached = [start, *(step.model for step in steps if step.model is not None)]
    used = [FactRef("model", model.id, "lifecycle") for model in reached]
    edges = [FactRef("model", step.model_id, f"successor.{step.kind}") for step in steps]
    return Chain(outcome, steps, end, cycle, sentence, (*used, *dict.fromkeys(edges)))
