"""Where a fact comes from: the sources, what their documents say and where in them, and which of them we believe.

Everything that is accepted can be followed to statements; those that lost stay beside the one that won.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from domain.changes import amounts_of
from domain.facts import FactRef, Presence, Price, Provider
from domain.providers import DERIVED
from domain.reconcile import (
    HELD_AGAINST,
    Accepted,
    Claim,
    accept,
    accept_all,
    choose_for_route,
    is_disputed,
    key_of_value,
    value_key,
)
from domain.sheets import WHOLE_SHEET, holds, lines_of
from domain.statements import Value


@dataclass(frozen=True, slots=True)
class CatalogRevision:
    """One accepted state of the whole catalogue."""

    number: int
    digest: str
    created_at: datetime
    rules_version: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Source:
    """Who publishes. Sources of one `lineage` copy each other and count as one witness. `license` is an SPDX expression
    or `none stated`. `retrieved_at` and `document_date` are of the newest document that was taken in; `failed_at` and
    `failure` tell of the last attempt to get a newer one, where it failed."""

    id: str
    name: str
    lineage: str
    url: str | None = None
    license: str | None = None
    last_checked_at: datetime | None = None
    retrieved_at: datetime | None = None
    document_date: date | None = None
    failed_at: datetime | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One obtained document. `place` is its address, file or package."""

    place: str
    retrieved_at: datetime
    sha256: str
    document_date: date | None = None


@dataclass(frozen=True, slots=True)
class Testimony:
    """A statement with the document that makes it. `subject` is what the source calls the thing, `locator` the place in the
    document, `about` the kind of fact (`model`, `route`, `provider`) and its number."""

    claim: Claim
    about: tuple[str, int]
    subject: str
    source: Source
    document: Document
    locator: str
    recorded_at: datetime
    read_on: date | None = None
    as_written: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a fact is what it is. `value` is the accepted one, None where a rule shows nothing although somebody states something.
    `agreeing` state the same value or what it follows from, `dissenting` another one, and speak for their lineage. No `source`
    and no statement: nobody says it, it follows by the rule."""

    fact: FactRef
    value: Value | None
    rule: str
    source: str | None
    agreeing: tuple[Testimony, ...]
    dissenting: tuple[Testimony, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as a price sheet shows it: `source` is whose sheet it is, `on` a day on which it holds."""

    value: Decimal
    source: str
    on: date


@dataclass(frozen=True, slots=True)
class Dispute:
    """A fact on which independent lineages disagree, as lists show it. `ratio` is the largest number over the smallest one, None
    where the values are no numbers; `of` the slug of the model or the key of the route; `source` whose value was accepted, `routes` on how many routes of the model the field
    is disputed."""

    id: int
    fact: FactRef
    of: str
    value: Value
    source: str
    ratio: Decimal | None
    dissenting: int
    model_id: int | None
    routes: int


_FOLLOWING: Mapping[str, tuple[str, ...]] = {
    "lab": ("lab", "name"),
    "family": ("family", "name"),
    "openness": ("openness", "open_weights", "license"),
    "commercial_use": ("commercial_use", "license"),
    "capability.VISION": ("capability.VISION", "input_modalities"),
    "capability.MULTIMODAL": ("capability.MULTIMODAL", "input_modalities", "output_modalities"),
    **{f"capability.{kind}": (f"capability.{kind}", "input_modalities") for kind in ("AUDIO_IN", "VIDEO_IN", "PDF_IN")},
    **{f"capability.{kind}": (f"capability.{kind}", "output_modalities") for kind in ("AUDIO_OUT", "IMAGE_OUT")},
    "lifecycle": ("lifecycle", "retires_on", "deprecated_on"),
}
"""Facts that follow from other ones where nobody states them: the first of these that somebody states is the evidence."""


def fields_behind(field: str) -> tuple[str, ...]:
    """The fields whose statements can be the evidence of a fact."""
    return _FOLLOWING.get(field, (field,))


def fields_weighed(field: str) -> tuple[str, ...]:
    """The same with the fields against which these are judged."""
    behind = fields_behind(field)
    return (*behind, *(HELD_AGAINST[each] for each in behind if each in HELD_AGAINST))


def evidence(fact: FactRef, said: Sequence[Testimony], *, amount: Amount | None = None) -> Evidence | None:
    """The evidence of one fact, or None where no source says. `said` is everything known of the model (with its routes) or of
    the provider. A price belongs to a whole sheet, so what is shown there, `amount`, decides it."""
    concerned = _concerned(fact, said)
    for field in fields_behind(fact.field):
        claims = [each.claim for each in concerned]
        if amount is None:
            found = accept(field, claims, of_route=fact.kind == "route")
        else:
            found = price_accepted(field, claims, amount)
        if found is not None:
            return _evidence(FactRef(fact.kind, fact.id, field), found, concerned)
    return None


def provider_evidence(provider: Provider, field: str, said: Sequence[Testimony]) -> Evidence | None:
    """The evidence of a fact of a provider; where no source says it, of what follows by rule `provider.kind` or `provider.group`."""
    fact = FactRef("provider", provider.id, field)
    found = evidence(fact, said)
    if found is not None or field not in DERIVED:
        return found
    value = str(getattr(provider, field) or Presence.UNKNOWN)
    return None if value == Presence.UNKNOWN else Evidence(fact, value, DERIVED[field].id, None, (), ())


def disputes(kind: str, id_: int, said: Sequence[Testimony]) -> tuple[Evidence, ...]:
    """Every fact of a model, route or provider on which independent lineages disagree, by field."""
    concerned = _concerned(FactRef(kind, id_, ""), said)
    claims = [each.claim for each in concerned]
    fields = _contested(claims)
    beside = fields | {HELD_AGAINST[field] for field in fields if field in HELD_AGAINST}
    of_them = accept_all((claim for claim in claims if claim.field in beside), of_route=kind == "route")
    found = {field: accepted for field, accepted in of_them.items() if field in fields}
    if kind == "route":
        for field in sorted(field for field in fields if field.startswith("price.")):
            accepted = accept(field, claims, of_route=True)
            if accepted is not None:
                found[field] = accepted
    return tuple(
        _evidence(FactRef(kind, id_, field), accepted, concerned)
        for field, accepted in sorted(found.items())
        if is_disputed(accepted, claims)
    )


def _contested(claims: Collection[Claim]) -> set[str]:
    """The fields of which several lineages speak now and several values are stated: no other one can be disputed."""
    speakers: dict[str, set[str]] = {}
    for claim in claims:
        if claim.until is None:
            speakers.setdefault(claim.field, set()).add(claim.lineage)
    values: dict[str, set[str]] = {field: set() for field, lineages in speakers.items() if len(lineages) > 1}
    for claim in claims:
        stated = values.get(claim.field)
        if claim.until is None and stated is not None and len(stated) < 2:
            stated.add(value_key(claim))
    return {field for field, stated in values.items() if len(stated) > 1}


def spread(values: Iterable[Value]) -> Decimal | None:
    """How far numbers lie apart: the largest over the smallest one; None where not all of them are numbers above zero."""
    numbers = []
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | str):
            return None
        try:
            numbers.append(Decimal(value))
        except InvalidOperation:
            return None
    if len(numbers) < 2 or not all(number.is_finite() and number > 0 for number in numbers):
        return None
    return (max(numbers) / min(numbers)).quantize(Decimal("0.001"))


def _concerned(fact: FactRef, said: Sequence[Testimony]) -> list[Testimony]:
    """A route speaks for its model too; a model does not speak for its routes."""
    if fact.kind == "model":
        return [each for each in said if each.about[0] in ("model", "route")]
    return [each for each in said if each.about == (fact.kind, fact.id)]


def amount_of(price: Price, unit: str, today: date) -> Amount | None:
    """An amount of a sheet on a day on which it holds: today, else its last one, else its first one. None where it has none."""
    value = amounts_of(price).get(unit)
    last = date.max if price.valid_to is None else price.valid_to - timedelta(days=1)
    day = max(min(today, last), price.valid_from or date.min)
    return None if value is None else Amount(value, price.source, day)


def price_accepted(field: str, claims: Sequence[Claim], amount: Amount) -> Accepted | None:
    """The evidence of an amount that a price sheet shows, among what holds on its day: never another value. A unit that was
    filled from a sheet before it is told by who said it last; None where nobody did. Other lineages dissent by what they state
    of that day; one that states several amounts of the same route tells apart what we do not."""
    begun = [line for line in lines_of(field, claims) if line.start is None or line.start <= amount.on]
    key = key_of_value(field, str(amount.value))
    shown = [line for line in begun if value_key(line.claim) == key]
    last = max((line.end or date.max for line in shown), default=date.max)
    same = [line.claim for line in shown if holds(line, amount.on) or (last <= amount.on and line.end == last)]
    if not same:
        return None
    winner, _ = choose_for_route([claim for claim in same if claim.source == amount.source] or same)
    there = [line.claim for line in begun if holds(line, amount.on)]
    return Accepted(
        winner.value,
        WHOLE_SHEET.id,
        winner.source,
        tuple(sorted(claim.statement for claim in same)),
        tuple(sorted(claim.statement for claim in _of_one_mind(there, winner.lineage) if value_key(claim) != key)),
    )


def _of_one_mind(claims: Sequence[Claim], except_for: str) -> Iterator[Claim]:
    """The newest claim of each other lineage that states one amount."""
    said: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.lineage != except_for:
            said.setdefault(claim.lineage, []).append(claim)
    for of_one in said.values():
        day = max(claim.observed_on or date.min for claim in of_one)
        now = [claim for claim in of_one if (claim.observed_on or date.min) == day]
        if len({value_key(claim) for claim in now}) == 1:
            yield now[0]


def _evidence(fact: FactRef, found: Accepted, said: Sequence[Testimony]) -> Evidence:
    by_statement = {each.claim.statement: each for each in said}

    def told(numbers: Sequence[int]) -> tuple[Testimony, ...]:
        spoken = (by_statement[number] for number in numbers if number in by_statement)
        return tuple(sorted(spoken, key=lambda each: (each.claim.source != found.source, each.claim.statement)))

    return Evidence(fact, found.value, found.rule, found.source, told(found.agreeing), told(found.dissenting))
