"""A lens says which statements count: of which sources, what held on which day, what this service knew by which day. Through
another lens than the default one facts are accepted anew from those statements; who is who stays as the whole catalogue knows it,
but for moving names: the routes and statements that come in here are those that meant the model on the day of the lens.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from domain.accepted import LicenseTerms, model_facts, results_of, route_basis, route_facts, task_of
from domain.billing import only_waits
from domain.facts import BenchmarkResult, Model, Offer, Price, PriceBasis, Route, Task
from domain.lifecycle import SuccessorKind
from domain.listing import Newest, gone_with_model, listed, only_priced, retired_by_lab
from domain.plain_json import read_json
from domain.provenance import Testimony
from domain.reconcile import Accepted, Claim, accept, accept_all
from domain.rules import Rule
from domain.sheets import current, held, price_sheets
from domain.suspicion import is_moving, mark_suspicious

_PAGE = "docs/methodology.md#lens"
SOURCES = Rule(
    "lens.sources",
    "Named sources only",
    "Under a lens, only what the named sources say counts, newest first within each, and every fact is accepted anew by the same "
    "rules. A model or route of which they say nothing is not there. Which spelling means which model is not seen anew.",
    _PAGE,
)
VALID = Rule(
    "lens.valid",
    "What held on a day",
    "A statement counts from the day that it names as its first, else from the day of the first document that makes it, until the "
    "day on which it is said to end or a newer document of its source no longer makes it. What a checkpoint is (name, lab, "
    "family, task, release date, knowledge cutoff, size, architecture) and the days on which it is announced to end hold at all "
    "times. A moving name (`…-latest`) stands for the model that it meant on that day, and for none where that is not known. "
    "Before the first statement that counts, a model or a route is not there: that it may have existed is not known. "
    "A price without a first day holds now, and is not known to have held on a day that is over.",
    _PAGE,
)
KNOWN = Rule(
    "lens.known",
    "What was known by a day",
    "Only statements that this service had recorded by the end of that day (UTC) count, and what was withdrawn later still "
    "stands. They are judged by today's rules, and without another day also as of that day.",
    _PAGE,
)
RULES = (SOURCES, VALID, KNOWN)

_ALWAYS = frozenset(
    [
        *("name", "lab", "family", "task", "released", "knowledge_cutoff", "parameters_total", "parameters_active"),
        *("architecture", "deprecated_on", "retires_on", "base_model", "weights_url"),
    ]
)
"""Fields that do not begin to hold on a day."""

_PRICED = ("price.", "hours.")


@dataclass(frozen=True, slots=True)
class Lens:
    """Which statements count. No `sources`: those of all sources; no `valid`: what holds now; no `known`: all that is known."""

    sources: tuple[str, ...] = ()
    valid: date | None = None
    known: date | None = None

    @property
    def is_default(self) -> bool:
        """Whether the accepted facts of the catalogue answer."""
        return not (self.sources or self.valid or self.known)

    @property
    def key(self) -> str:
        """A short text that names this lens, empty for the default one; `lens_of` reads it."""
        days = (None if day is None else day.isoformat() for day in (self.valid, self.known))
        return "" if self.is_default else json.dumps([list(self.sources), *days], separators=(",", ":"))

    def day(self, today: date) -> date:
        """The day as of which facts are judged."""
        return self.valid or self.known or today

    def __str__(self) -> str:
        words = [
            f"only {', '.join(self.sources)} counting" if self.sources else "",
            f"as of {self.valid.isoformat()}" if self.valid else "",
            f"as known by {self.known.isoformat()}" if self.known else "",
        ]
        return ", ".join(filter(None, words))


DEFAULT = Lens()


def lens_of(key: str) -> Lens:
    """The lens of a key. Raises ValueError for another text."""
    if not key:
        return DEFAULT
    try:
        sources, *days = read_json(key)
        valid, known = (None if day is None else date.fromisoformat(day) for day in days)
        found = Lens(tuple(sources), valid, known)
        if not all(isinstance(each, str) for each in sources) or found.key != key:
            raise ValueError
    except (TypeError, ValueError):
        raise ValueError(f"{key[:80]!r} is not the key of a lens") from None
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """A model as a lens shows it, with its offers, results and, by route, all price sheets, and what is named instead of it."""

    model: Model
    offers: tuple[Offer, ...]
    results: tuple[BenchmarkResult, ...]
    sheets: Mapping[int, tuple[Price, ...]]
    successors: frozenset[tuple[SuccessorKind, str]] = frozenset()


def end_of(day: date) -> datetime:
    """The moment at which a day (UTC) is over; of the last day that there is, its last moment."""
    return (
        datetime.max.replace(tzinfo=UTC) if day == date.max else datetime.combine(day + timedelta(days=1), time(), UTC)
    )


def heard(lens: Lens, said: Iterable[Testimony]) -> list[Testimony]:
    """What the sources of the lens say. What was known by a day is told by the read: see `db.provenance`."""
    return [each for each in said if not lens.sources or each.claim.source in lens.sources]


def holding_alone(lens: Lens, said: Iterable[Testimony]) -> list[Testimony]:
    """What of single facts holds on the day of the lens, as if it were said now, whatever else is said of the thing."""
    if lens.valid is None:
        return list(said)
    return [_as_now(each) for each in said if _begins(each.claim) <= lens.valid < _ends(each.claim)]


def holding(lens: Lens, said: Sequence[Testimony]) -> list[Testimony]:
    """What holds of things on the day of the lens, as if it were said now. Of a thing of which nothing holds any more on that
    day, what was said of it last; nothing of a thing of which nobody is known to have spoken yet."""
    if lens.valid is None:
        return list(said)
    about: dict[tuple[str, int], list[Testimony]] = {}
    for each in said:
        about.setdefault(each.about, []).append(each)
    return [each for of_one in about.values() for each in _holding(of_one, lens.valid)]


def holding_of_all(lens: Lens, said: Sequence[Testimony]) -> list[Testimony]:
    """The same of all that is said of a model and its routes together: a route that is gone no longer speaks for the model."""
    return list(said) if lens.valid is None else _holding(said, lens.valid)


def _holding(said: Sequence[Testimony], day: date) -> list[Testimony]:
    if not any(_first_said(each.claim) <= day for each in said):
        return []
    begun = [each for each in said if _begins(each.claim) <= day]
    now = [each for each in begun if day < _ends(each.claim)]
    if not any(_first_said(each.claim) <= day for each in now):
        last = max(_ends(each.claim) for each in begun)
        now = [each for each in begun if _ends(each.claim) >= last and not each.claim.field.startswith(_PRICED)]
    return list(map(_as_now, now))


def _as_now(each: Testimony) -> Testimony:
    return replace(each, claim=replace(each.claim, until=None, valid_to=None))


def _begins(claim: Claim) -> date:
    return date.min if claim.field in _ALWAYS else _first_said(claim)


def _first_said(claim: Claim) -> date:
    """What holds at all times shows that a thing is there only from the day on which somebody says it."""
    return claim.valid_from or claim.since or claim.observed_on or date.max


def _ends(claim: Claim) -> date:
    return min(claim.until or date.max, claim.valid_to or date.max)


def through(
    lens: Lens,
    model: Model,
    routes: Sequence[Route],
    said: Sequence[Testimony],
    *,
    licenses: Mapping[str, LicenseTerms],
    newest: Newest,
    today: date,
) -> Seen | None:
    """A model through the lens; None where nothing that counts is said about it. `model` and `routes` are the catalogue's,
    `said` is all that is said of them, `newest` the lists that count."""
    every = heard(lens, said)
    own = holding(lens, [each for each in every if each.about == ("model", model.id)])
    counted = holding_of_all(lens, [*own, *(each for each in every if each.about != ("model", model.id))])
    if not counted:
        return None
    entry = [each.claim for each in own]
    claims = [each.claim for each in counted]
    offers, sheets = offers_through(
        *(lens, routes, task_of(claims), every),
        newest=newest,
        today=today,
        released=accept("released", claims),
        retired=retired_by_lab(
            claims, {each.provider.slug for each in routes if each.first_party}, licenses, lens.day(today)
        ),
    )
    live = [offer.route for offer in offers if offer.route.live]
    seen_model = model_facts(
        *(model.id, model.slug, claims),
        today=lens.day(today),
        lab=model.lab,
        licenses=licenses,
        route_count=len(live),
        provider_count=len({route.provider.group or route.provider.slug for route in live}),
    )
    if not any(claim.field == "name" for claim in entry):
        seen_model = replace(seen_model, name=model.name)
    return Seen(seen_model, offers, results_of(model.id, claims), sheets, frozenset(_successors(claims)))


def _successors(claims: Sequence[Claim]) -> Iterator[tuple[SuccessorKind, str]]:
    for kind in SuccessorKind:
        found = accept(f"successor.{kind}", claims)
        yield from ((kind, str(name)) for name in (found.value if found and isinstance(found.value, list) else ()))


def offers_through(
    lens: Lens,
    routes: Sequence[Route],
    task: Task | None,
    said: Sequence[Testimony],
    *,
    newest: Newest,
    today: date,
    released: Accepted | None = None,
    retired: Mapping[str, date] | None = None,
) -> tuple[tuple[Offer, ...], Mapping[int, tuple[Price, ...]]]:
    """Routes of one model (or one route without a model) with their sheets on the day, and all sheets by route. `task` is
    that of the model, `released` its day, `retired` since when its lab has retired it (`retired_by_lab`); a route of which nothing that counts is said is not there."""
    day = lens.day(today)
    about: dict[int, list[Testimony]] = {}
    for each in said:
        if each.about[0] == "route":
            about.setdefault(each.about[1], []).append(each)
    made: list[Route] = []
    sheets: dict[int, list[Price]] = {}
    offered = {route.key: _spoken_now(lens, about.get(route.id, ())) for route in routes}
    priced = only_priced(offered, released, newest)
    for route in routes:
        spoken = about.get(route.id, [])
        claims = [each.claim for each in holding(lens, spoken)]
        if not claims:
            continue
        own = sheets[route.id] = price_sheets(route.id, [each.claim for each in spoken])
        accepted = accept_all(claims, of_route=True)
        made_for = task_of(claims) if task is None else task
        basis = route_basis(claims, made_for, own, route.provider, route.provider_model_id, day)
        made.append(
            route_facts(
                *(route.id, route.key, claims),
                today=day,
                provider=route.provider,
                provider_model_id=route.provider_model_id,
                model_id=route.model_id,
                basis=basis,
                variant=route.variant,
                region=route.region,
                listed=route.key not in priced and listed(offered[route.key], newest),
                last_seen=max((min(claim.observed_on, day) for claim in claims if claim.observed_on), default=None),
                link_method=route.link_method,
                link_confidence=route.link_confidence,
                first_party=route.first_party,
                gone_with_model=gone_with_model(claims, accepted, (retired or {}).get(route.provider.slug), day),
                accepted=accepted,
            )
        )
    metered = {route.id for route in made if route.price_basis is PriceBasis.METERED and route.live}
    of_lab = {route.id for route in made if route.first_party}
    waiting = {route.id for route in made if only_waits(route)}
    moving = {route.id for route in made if is_moving(route)}
    marked = mark_suspicious({id_: sheets[id_] for id_ in metered}, day, own=of_lab, waiting=waiting, moving=moving)
    judged = {**sheets, **marked}
    offers = tuple(Offer(route, sheets_on(lens, judged[route.id], today)) for route in made)
    return offers, {id_: tuple(prices) for id_, prices in judged.items()}


def sheets_on(lens: Lens, sheets: Sequence[Price], today: date) -> tuple[Price, ...]:
    """The sheets that hold on the day of the lens. Of a named day that is over only what is known to have held counts: a sheet
    without a first day holds now, nobody knows since when."""
    day = lens.day(today)
    over = lens.valid is not None and day < today
    return tuple(held(sheets, day) if over else current(sheets, day))


def _spoken_now(lens: Lens, said: Sequence[Testimony]) -> list[Claim]:
    """What is said of a route on the day. What holds at all times is no sign that it is offered before somebody says it."""
    day = lens.valid
    return [each.claim for each in holding_alone(lens, said) if day is None or _first_said(each.claim) <= day]
