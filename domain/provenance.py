"""Where a fact comes from: the sources, what their documents say and where in them, and which of them we believe.

Everything that is accepted can be followed to statements; those that lost stay beside the one that won.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.facts import FactRef, Presence, Provider
from domain.providers import DERIVED
from domain.reconcile import HELD_AGAINST, Accepted, Claim, accept, accept_all, choose_for_route, is_disputed, value_key
from domain.sheets import WHOLE_SHEET
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


def evidence(fact: FactRef, said: Sequence[Testimony], *, sheet: str | None = None) -> Evidence | None:
    """The evidence of one fact, or None where no source says. `said` is everything known of the model (with its routes) or of
    the provider. A price belongs to a whole sheet, so `sheet`, the source of the accepted one, decides it."""
    concerned = _concerned(fact, said)
    for field in fields_behind(fact.field):
        claims = [each.claim for each in concerned]
        found = price_accepted(field, claims, sheet) if field.startswith("price.") else None
        found = found or accept(field, claims, of_route=fact.kind == "route")
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
    found = dict(accept_all(claims, of_route=kind == "route"))
    if kind == "route":
        for field in sorted({claim.field for claim in claims if claim.field.startswith("price.")}):
            accepted = accept(field, claims, of_route=True)
            if accepted is not None:
                found[field] = accepted
    return tuple(
        _evidence(FactRef(kind, id_, field), accepted, concerned)
        for field, accepted in sorted(found.items())
        if is_disputed(accepted, claims)
    )


def _concerned(fact: FactRef, said: Sequence[Testimony]) -> list[Testimony]:
    """A route speaks for its model too; a model does not speak for its routes."""
    if fact.kind == "model":
        return [each for each in said if each.about[0] in ("model", "route")]
    return [each for each in said if each.about == (fact.kind, fact.id)]


def price_accepted(field: str, claims: Sequence[Claim], sheet: str | None) -> Accepted | None:
    """The accepted value of an amount of a price sheet, whose source is `sheet`; None where that source does not state it. Other
    lineages dissent by what is in force; one that states several amounts of the same route tells apart what we do not."""
    current = [claim for claim in claims if claim.field == field and claim.until is None]
    chosen = [claim for claim in current if claim.source == sheet]
    if not chosen:
        return None
    winner, _ = choose_for_route([claim for claim in chosen if _in_force(claim)] or chosen)
    same = value_key(winner)
    return Accepted(
        winner.value,
        WHOLE_SHEET.id,
        winner.source,
        tuple(sorted(claim.statement for claim in current if value_key(claim) == same)),
        tuple(sorted(claim.statement for claim in _of_one_mind(current, winner.lineage) if value_key(claim) != same)),
    )


def _of_one_mind(claims: Sequence[Claim], except_for: str) -> Iterator[Claim]:
    """The newest claim in force of each other lineage that states one amount."""
    said: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.lineage != except_for and _in_force(claim) and _is_open(claim, claims):
            said.setdefault(claim.lineage, []).append(claim)
    for of_one in said.values():
        day = max(claim.observed_on or date.min for claim in of_one)
        now = [claim for claim in of_one if (claim.observed_on or date.min) == day]
        if len({value_key(claim) for claim in now}) == 1:
            yield now[0]


def _in_force(claim: Claim) -> bool:
    """Whether it holds on the day of its document: a dated history names earlier amounts and announced ones as well."""
    day = claim.observed_on or date.max
    begun = claim.valid_from is None or claim.valid_from <= day
    return begun and (claim.valid_to is None or day < claim.valid_to)


def _is_open(claim: Claim, among: Sequence[Claim]) -> bool:
    """Whether it is the last that its lineage says; a dated history names every earlier amount as well."""
    later = [each for each in among if each.lineage == claim.lineage and each.valid_from and claim.valid_from]
    return claim.valid_to is None and all(each.valid_from <= claim.valid_from for each in later)  # type: ignore[operator]


def _evidence(fact: FactRef, found: Accepted, said: Sequence[Testimony]) -> Evidence:
    by_statement = {each.claim.statement: each for each in said}

    def told(numbers: Sequence[int]) -> tuple[Testimony, ...]:
        spoken = (by_statement[number] for number in numbers if number in by_statement)
        return tuple(sorted(spoken, key=lambda each: (each.claim.source != found.source, each.claim.statement)))

    return Evidence(fact, found.value, found.rule, found.source, told(found.agreeing), told(found.dissenting))
