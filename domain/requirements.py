"""What somebody needs, checked against one route of one model: met, failed and by how much, or not known.

A route's own word counts before its model's, which fills in what the route does not say. What no source says is never met.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.benchmarks import less_is_better
from domain.billing import base_ref, complete_price, price_ref
from domain.capabilities import capability, is_denied, presence_of
from domain.dates import DatePrecision
from domain.eligible import window_unknown
from domain.endpoints import api_shapes
from domain.facts import (
    BenchmarkResult,
    CapabilityKind,
    Contender,
    FactRef,
    Lifecycle,
    Modality,
    Model,
    Offer,
    Presence,
    Route,
    Task,
)
from domain.keys import slug_of
from domain.lifecycle import ending, served_until
from domain.overrides import bar_of, within
from domain.required import Constraint, Floor, Requirements, State
from domain.rules import Rule
from domain.tasks import PROMPT_ONLY
from domain.totals import NoTotal, Total
from domain.units import display_date, display_price, display_tokens, display_usd, plain
from domain.wording import NOT_SOURCED, agree, in_sentence, label, listed
from domain.workload import Workload

CHECK = Rule(
    "recommend.requirement",
    "A requirement",
    "Each is checked on one route, together with its model: the route's own word counts, and the model's where the route "
    "says nothing; a capability that the route states while it is denied of the model is met, and that is noted. A requirement is met only "
    "where a source says so; a fact that no source gives, or a date too coarse to tell, is "
    "not sourced yet and never counts as met. A route must compete for the workload (cost.eligible); one that is free, "
    "included or a trial has no price to compete with. Of a benchmark the best published result counts, whatever its "
    "conditions, and the answer names it.",
    "docs/methodology.md#recommend",
)
RULES = (CHECK,)


@dataclass(frozen=True, slots=True)
class Check:
    """One requirement on one route. `wanted` and `found` are texts to show, `ratio` says by how much it fails: how many times
    too much or too little, None where that is no number."""

    constraint: Constraint
    state: State
    wanted: str
    found: str
    used: tuple[FactRef, ...]
    ratio: Decimal | None = None
    rule: str = CHECK.id

    @property
    def sentence(self) -> str:
        """The same in words."""
        what = "Price" if self.constraint is Constraint.COMPETES else label(self.constraint)
        here = self.found if self.constraint in _SAID_WHOLE else f"here it is {self.found}"
        if self.state is State.UNKNOWN:
            here = f"that is {self.found}"
        by = "" if self.ratio is None else f", off by {_times(self.ratio)}"
        return f"{what}: {self.wanted} is required; {here}{by}."


def _times(ratio: Decimal) -> str:
    rounded = ratio.quantize(Decimal("0.01"))
    return f"a factor of {plain(rounded)}" if rounded > 1 else "less than 1 %"


_SAID_WHOLE = frozenset(
    {
        Constraint.CAPABILITY,
        Constraint.COMPETES,
        Constraint.BENCHMARK,
        Constraint.LIFECYCLE,
        Constraint.CONTEXT_WINDOW,
        Constraint.MAX_OUTPUT,
    }
)
"""Whose `found` is half a sentence."""


def of_model(wanted: Requirements, contender: Contender, *, only_unmet: bool = False) -> Iterator[Check]:
    """The requirements that do not depend on the route. `only_unmet` leaves out those of one member that are met: of most models
    nothing else is asked. Needs the offers, and the results where a benchmark is required."""
    model = contender.model
    if wanted.tasks and not (only_unmet and model.task in wanted.tasks and model.task is not Task.UNKNOWN):
        yield _task(wanted.tasks, contender)
    if wanted.openness and not (only_unmet and model.openness in wanted.openness and model.openness.name != "UNKNOWN"):
        yield _member(Constraint.OPENNESS, wanted.openness, model.openness, _ref(model, "openness"))
    if wanted.licenses:
        names = () if model.license is None else (model.license.key, model.license.spdx or model.license.key)
        found = None if model.license is None else model.license.name
        state = _state(None if not names else any(name.lower() in wanted.licenses for name in names))
        yield Check(
            Constraint.LICENSE, state, listed(wanted.licenses, "or"), found or NOT_SOURCED, (_ref(model, "license"),)
        )
    if wanted.commercial_use:
        yield _member(
            Constraint.COMMERCIAL_USE, wanted.commercial_use, model.commercial_use, _ref(model, "commercial_use")
        )
    lab = None if model.lab is None else model.lab.slug
    if wanted.labs or wanted.not_labs:
        yield _named(Constraint.LAB, wanted.labs, wanted.not_labs, () if lab is None else (lab,), _ref(model, "lab"))
    if wanted.released_after is not None:
        day, released = wanted.released_after.isoformat(), model.released
        known = None if released is None or (day > released and day.startswith(released)) else released > day
        text = f"later than {day}"
        yield Check(
            Constraint.RELEASED, _state(known), text, display_date(released) or NOT_SOURCED, (_ref(model, "released"),)
        )
    for floor in wanted.benchmarks:
        yield _benchmark(floor, model, contender.results)


def _task(wanted: tuple[Task, ...], of: Contender) -> Check:
    """Of a model of which nobody says what it is made for, a price for what it writes says that it does not only read."""
    found = _member(Constraint.TASK, wanted, of.model.task, _ref(of.model, "task"))
    if found.state is not State.UNKNOWN or not set(wanted) <= set(PROMPT_ONLY):
        return found
    billed = next((price for offer in of.live for price in offer.prices if price.output_mtok), None)
    if billed is None:
        return found
    return replace(found, state=State.FAILED, found="billed for what it writes", used=(price_ref(billed, "output"),))


def of_route(
    wanted: Requirements, model: Model, offer: Offer, total: Total, workload: Workload, *, on: date
) -> Iterator[Check]:
    """The requirements of one route on a day at what a month of the workload costs on it."""
    yield from ability_checks(wanted, model, offer.route, told=told_by_cost(total))
    yield from cost_checks(wanted, model, offer, total, workload)
    yield from terms_checks(wanted, model, offer, workload, on=on)


def ability_checks(
    wanted: Requirements, model: Model, route: Route, *, told: Constraint | None = None
) -> Iterator[Check]:
    """Those of `of_route` for which nobody needs to know what it costs, without the limit of which the cost tells already."""
    for kind in wanted.capabilities:
        yield capability_check(kind, model, route)
    for constraint, needed, field in (
        (Constraint.INPUT, wanted.inputs, "input_modalities"),
        (Constraint.OUTPUT, wanted.outputs, "output_modalities"),
    ):
        if needed:
            has, ref = own_or_models(model, route, field), _whose(model, route, field)
            found = listed(in_sentence(each) for each in has) or NOT_SOURCED
            yield Check(constraint, all_of(needed, has), listed(in_sentence(each) for each in needed), found, (ref,))
    if wanted.min_context is not None and told is not Constraint.CONTEXT_WINDOW:
        yield _at_least(Constraint.CONTEXT_WINDOW, wanted.min_context, model, route, "context_window")
    if wanted.min_output is not None and told is not Constraint.MAX_OUTPUT:
        yield _at_least(Constraint.MAX_OUTPUT, wanted.min_output, model, route, "max_output")


def _at_least(constraint: Constraint, floor: int, model: Model, route: Route, field: str) -> Check:
    has = own_or_models(model, route, field)
    # Rounded, two limits that lie near each other may look equal, or the wrong way round.
    near = has is not None and has != floor and max(has, floor) * 4 < min(has, floor) * 5
    tokens = _in_full if near else display_tokens
    shown = NOT_SOURCED if has is None else f"it has {tokens(has)}"
    ratio = Decimal(floor) / has if has and has < floor else None
    text = f"at least {tokens(floor)} tokens"
    return Check(constraint, enough(floor, has), text, shown, (_whose(model, route, field),), ratio)


def _in_full(tokens: int) -> str:
    return f"{tokens:,}"


def told_by_cost(total: Total) -> Constraint | None:
    """The limit of which the missing cost says already that it is too small."""
    return _TOLD.get(total.reason) if isinstance(total, NoTotal) else None


def terms_checks(wanted: Requirements, model: Model, offer: Offer, workload: Workload, *, on: date) -> Iterator[Check]:
    """The rest of `of_route`: room for the largest request, prices, and where, from whom and for how long it is served."""
    route = offer.route
    if wanted.min_context is None and workload.context_need and window_unknown(route, model):
        text, whose = (
            f"room for the largest request of {workload.context_need:,} tokens",
            _whose(model, route, "context_window"),
        )
        yield Check(Constraint.CONTEXT_WINDOW, State.UNKNOWN, text, NOT_SOURCED, (whose,))
    for constraint, ceiling, unit in (
        (Constraint.INPUT_PRICE, wanted.max_input_price, "input"),
        (Constraint.OUTPUT_PRICE, wanted.max_output_price, "output"),
    ):
        if ceiling is not None:
            base = complete_price(offer, model.task)
            price: Decimal | None = None if base is None else getattr(base, f"{unit}_mtok")
            refs = (base_ref(offer, unit),)
            shown = NOT_SOURCED if price is None else display_price(price)
            yield _ceiling(constraint, ceiling, price, f"at most {display_price(ceiling)}", shown, refs)
    provider = route.provider
    if wanted.providers or wanted.not_providers:
        names = (provider.slug, provider.group or provider.slug)
        ref = FactRef("provider", provider.id, "name")
        yield _named(Constraint.PROVIDER, wanted.providers, wanted.not_providers, names, ref)
    if wanted.provider_kinds:
        ref = FactRef("provider", provider.id, "kind")
        yield _member(Constraint.PROVIDER_KIND, wanted.provider_kinds, provider.kind, ref)
    if wanted.regions:
        inside = None if route.region is None else within(route, wanted.regions)
        ref = FactRef("route", route.id, "region")
        yield Check(
            Constraint.REGION, _state(inside), listed(wanted.regions, "or"), route.region or NOT_SOURCED, (ref,)
        )
    if (bar := bar_of(offer)) is not None:  # what the caller's own terms ask for
        state = State.UNKNOWN if bar.unknown else State.FAILED
        of_region = bar.used[0].field == "region"
        found = (
            NOT_SOURCED
            if bar.unknown
            else (route.region or "")
            if of_region
            else listed(map(in_sentence, api_shapes(provider)))
        )
        constraint = Constraint.REGION if of_region else Constraint.API_SHAPE
        yield Check(constraint, state, f"a route that {bar.wanted}", found, bar.used)
    gone = model.lifecycle is Lifecycle.RETIRED
    if gone or wanted.lives_until is not None or route.retires_on is not None or model.retires_on is not None:
        yield from _life(wanted.lives_until, model, route, on)


def capability_check(kind: CapabilityKind, model: Model, route: Route) -> Check:
    """Whether a capability can be had on a route, and who says so."""
    own = presence_of(route, kind) is not Presence.UNKNOWN
    answer, whose = (capability(route, kind), "the route") if own else (capability(model, kind), "the model")
    state, used = _PRESENCE[answer.presence], answer.used
    words = {State.MET: f"{whose} has it", State.FAILED: f"{whose} does not have it", State.UNKNOWN: NOT_SOURCED}
    if is_denied(kind, model, route):
        words[State.MET], used = "the route has it, its model does not", (*used, *capability(model, kind).used)
    return Check(Constraint.CAPABILITY, state, in_sentence(kind), words[state], used)


def all_of(needed: tuple[Modality, ...], has: tuple[Modality, ...]) -> State:
    """Whether all modalities that are needed are among those that a source lists."""
    return _state(None if not has else set(needed) <= set(has))


def enough(floor: int, has: int | None) -> State:
    """Whether a limit is large enough."""
    return _state(None if has is None else has >= floor)


def cost_state(wanted: Requirements, total: Total) -> State:
    """Whether it has a cost, and one that is low enough."""
    if isinstance(total, NoTotal):
        return State.UNKNOWN if total.unknown else State.FAILED
    return _state(wanted.max_monthly_cost is None or total <= wanted.max_monthly_cost)


_PRESENCE = {Presence.YES: State.MET, Presence.NO: State.FAILED, Presence.UNKNOWN: State.UNKNOWN}


_TOLD = {"CONTEXT_TOO_SMALL": Constraint.CONTEXT_WINDOW, "OUTPUT_LIMIT_TOO_SMALL": Constraint.MAX_OUTPUT}


def cost_checks(wanted: Requirements, model: Model, offer: Offer, total: Total, workload: Workload) -> Iterator[Check]:
    """Whether it has a cost, else whether that is low enough. Where a limit leaves it without one, and more than
    the month needs is required, that is told."""
    route = offer.route
    if isinstance(total, NoTotal):
        ref, ratio = FactRef("route", route.id, "price_basis"), None
        if (told := _TOLD.get(total.reason)) is not None:
            field, floor, need = (
                ("context_window", wanted.min_context, workload.context_need)
                if told is Constraint.CONTEXT_WINDOW
                else ("max_output", wanted.min_output, workload.output_need)
            )
            if floor is not None and floor > need:
                yield _at_least(told, floor, model, route, field)
                return
            ref, ratio = _whose(model, route, field), Decimal(need) / own_or_models(model, route, field)
        found = NOT_SOURCED if total.unknown else "this route does not compete"
        text = f"{found} ({total.reason.lower().replace('_', ' ')})"
        yield Check(Constraint.COMPETES, cost_state(wanted, total), "a cost at this workload", text, (ref,), ratio)
    elif (most := wanted.max_monthly_cost) is not None:
        refs = tuple(base_ref(offer, unit) for unit in ("input", "output"))
        # What is asked for is told as it was asked, where it would be rounded to nothing.
        asked = display_usd(most) if most >= Decimal("0.01") or not most else f"${plain(most)}"
        yield _ceiling(Constraint.MONTHLY_COST, most, total, f"at most {asked} a month", display_usd(total), refs)


def _ceiling(
    constraint: Constraint, most: Decimal, has: Decimal | None, wanted: str, found: str, refs: tuple[FactRef, ...]
) -> Check:
    over = has / most if has is not None and has > most > 0 else None
    return Check(constraint, _state(None if has is None else has <= most), wanted, found, refs, over)


def _life(asked: date | None, model: Model, route: Route, on: date) -> Iterator[Check]:
    """How long it is served (rules `lifecycle.served-until` and `lifecycle.retired`). Only for a later day that is asked for must somebody say that it lives."""
    until, must_say = served_until(asked, on), asked is not None and asked > on
    wanted = f"in service until {until.isoformat()}"
    end = ending(model, route)
    early = None if end is None else end.announced.comes_before(until)
    if model.lifecycle is Lifecycle.RETIRED and not early and (end is None or end.fact.kind == "model"):
        found = (
            f"retired by {'its maker' if model.lab is None else model.lab.name}"  # whatever a host says of its route
        )
        yield Check(Constraint.LIFECYCLE, State.FAILED, wanted, found, (_ref(model, "lifecycle"),))
    elif end is not None:
        found = f"shut down {end.announced.words}"
        if early:
            days = (until - end.announced.day).days
            least = "" if end.announced.precision is DatePrecision.DAY else "at least "
            found += f", {least}{days:,} {agree(range(days), 'day', 'days')} too early"
        if early is not None or must_say:
            yield Check(Constraint.LIFECYCLE, _state(None if early is None else not early), wanted, found, (end.fact,))
    elif must_say:
        own = route.lifecycle is not Lifecycle.UNKNOWN
        status = route.lifecycle if own else model.lifecycle
        known = {Lifecycle.AVAILABLE: True, Lifecycle.PREVIEW: True, Lifecycle.RETIRED: False}.get(status)
        said = status is not Lifecycle.UNKNOWN
        found = f"{in_sentence(status)}, no shutdown announced" if said else NOT_SOURCED
        whose = FactRef("route", route.id, "lifecycle") if own else _ref(model, "lifecycle")
        yield Check(Constraint.LIFECYCLE, _state(known), wanted, found, (whose,))


def _benchmark(floor: Floor, model: Model, results: tuple[BenchmarkResult, ...]) -> Check:
    ours = [each for each in results if each.benchmark.slug == floor.benchmark]
    ref = _ref(model, f"benchmark.{floor.benchmark}")
    if not ours:
        wanted = f"{plain(floor.score)} on {floor.benchmark}"
        alike = [each for each in results if slug_of(each.benchmark.name) == floor.benchmark]
        if not alike:
            return Check(Constraint.BENCHMARK, State.UNKNOWN, wanted, NOT_SOURCED, (ref,))
        shown = listed(dict.fromkeys(f"{plain(each.score)} on {each.benchmark.slug}" for each in alike))
        used = tuple(dict.fromkeys(_ref(model, f"benchmark.{each.benchmark.slug}") for each in alike))
        return Check(Constraint.BENCHMARK, State.UNKNOWN, wanted, f"{NOT_SOURCED}, only {shown}", (ref, *used))
    fewer = less_is_better(ours[0].metric)
    best = (min if fewer else max)(ours, key=lambda each: each.score)
    wanted = f"at {'most' if fewer else 'least'} {plain(floor.score)} on {floor.benchmark}"
    how = ", ".join(filter(None, (best.metric, best.harness, best.variant)))
    low, high = (floor.score, best.score) if fewer else (best.score, floor.score)
    met = high <= low if fewer else low >= high
    ratio = high / low if not met and low > 0 else None
    return Check(Constraint.BENCHMARK, _state(met), wanted, f"its best is {plain(best.score)} ({how})", (ref,), ratio)


def own_or_models(model: Model, route: Route, field: str) -> Any:
    """What the route says of itself, else its model."""
    own = getattr(route, field)
    return getattr(model, field) if own is None or own == () else own


def _whose(model: Model, route: Route, field: str) -> FactRef:
    """Which fact that is."""
    own = getattr(route, field)
    return _ref(model, field) if own is None or own == () else FactRef("route", route.id, field)


def _ref(model: Model, field: str) -> FactRef:
    return FactRef("model", model.id, field)


def _state(known: bool | None) -> State:
    return State.UNKNOWN if known is None else State.MET if known else State.FAILED


def _member(constraint: Constraint, wanted: tuple[StrEnum, ...], has: StrEnum, ref: FactRef) -> Check:
    state = _state(None if has.name == "UNKNOWN" else has in wanted)
    return Check(constraint, state, listed((in_sentence(each) for each in wanted), "or"), in_sentence(has), (ref,))


def _named(
    constraint: Constraint, wanted: tuple[str, ...], unwanted: tuple[str, ...], names: tuple[str, ...], ref: FactRef
) -> Check:
    known = None
    if names:
        known = not any(name in unwanted for name in names) and (not wanted or any(name in wanted for name in names))
    words = [listed(wanted, "or")] if wanted else []
    words += [f"not {listed(unwanted, 'or')}"] if unwanted else []
    return Check(constraint, _state(known), " and ".join(words), names[0] if names else NOT_SOURCED, (ref,))
