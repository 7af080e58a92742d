"""The facts of a model or a route as statements would say them, so that the evidence of a fact can be held against what is shown.

Some facts are not what any one statement says: a rule of ours cleans a name, reads a lab off an id or lets open weights
outlive their lab's route. Their evidence names that rule and has the statements it started from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum

from domain.exactness import same_date
from domain.facts import CapabilityKind, FactRef, Model, Presence, Route
from domain.lifecycle import STATUS, deprecation, shutdown
from domain.provenance import Evidence, Testimony, disputes, evidence
from domain.reconcile import CURATED_SOURCE, key_of_value
from domain.rules import Rule
from domain.sheets import BASIS
from domain.statements import Value

_PAGE = "docs/methodology.md#facts"
LAB = Rule(
    "identity.lab",
    "Whose model it is",
    "The lab follows from the words of a model's name and from who serves it first-hand, by our table of labs and their families; "
    "few sources state it.",
    _PAGE,
)
NAME = Rule(
    "identity.name",
    "The name to show",
    "Without an entry of its own, a model's name is what its listings call it most, its lab's first, without what belongs to "
    "an offer.",
    _PAGE,
)
FAMILY = Rule(
    "identity.family",
    "The line of a model",
    "Where no source states a family, it is the model's name without version, size and date.",
    _PAGE,
)
OPENNESS = Rule(
    "openness.derived",
    "How open a model is",
    "Closed weights are proprietary, if those say so who know the model or three routes and nobody else; open ones are open "
    "source under an OSI-approved licence, and open weights under any other or an unknown one. What a licence alone decides comes last.",
    _PAGE,
)
TERMS = Rule(
    "license.terms",
    "What a licence decides",
    "A stated licence is recognised by its SPDX id, key or name; where nobody states the commercial use, the licence decides it.",
    _PAGE,
)
FROM_MODALITIES = "capability.from-modalities"
NO_OUTPUT = Rule(
    "facts.no-output-limit",
    "No output limit",
    "Models that answer with numbers have no limit of output tokens: what catalogues write there is the length of a vector.",
    _PAGE,
)
RULES = (LAB, NAME, FAMILY, OPENNESS, TERMS, NO_OUTPUT)

_RULE: Mapping[str, str] = {
    "lab": LAB.id,
    "name": NAME.id,
    "family": FAMILY.id,
    **dict.fromkeys(("lifecycle", "deprecated_on", "retires_on"), STATUS.id),
    "openness": OPENNESS.id,
    **dict.fromkeys(("license", "commercial_use"), TERMS.id),
    "max_output": NO_OUTPUT.id,
    "price_basis": BASIS.id,
    **{f"capability.{kind}": FROM_MODALITIES for kind in CapabilityKind},
}
"""By which rule a fact may be another value than any statement has."""
_OF_ROUTE = frozenset({"lifecycle", "price_basis"})
_READ_OFF = frozenset({"lab", "family"})
"""Facts that are read off a name where nobody states them."""


def shown(model: Model | Route, field: str) -> Value | None:
    """What a model or a route shows for a field of `domain.statements`, as a statement says it; None where it is unknown, and for
    fields that it does not show."""
    if field.startswith("capability."):
        presence = model.capabilities[CapabilityKind(field.removeprefix("capability."))]
        return None if presence is Presence.UNKNOWN else presence is Presence.YES
    match field:
        case "lab" if isinstance(model, Model):
            return None if model.lab is None else model.lab.slug
        case "license" if isinstance(model, Model):
            return None if model.license is None else model.license.key
        case "input_modalities" | "output_modalities":
            names = [member.value for member in getattr(model, field)]
            return names or None
        case "deprecated_on" | "retires_on":
            day = deprecation(model) if field == "deprecated_on" else shutdown(model)
            return None if day is None else day.text
    value: Value | StrEnum | date | None = getattr(model, field, None)
    if isinstance(value, StrEnum):
        return None if value.name == "UNKNOWN" else value.value
    return value.isoformat() if isinstance(value, date) else value


def evidence_of(subject: Model | Route, field: str, said: Sequence[Testimony]) -> Evidence | None:
    """The evidence of what a model or a route shows; None where it shows nothing and no source says anything. `said` is what is said in
    the fields of `fields_behind`. A fact that follows from another one has that one's evidence, as far as its value is told."""
    route = isinstance(subject, Route)
    fact = FactRef("route" if route else "model", subject.id, field)
    found, value = evidence(fact, said), shown(subject, field)
    if field not in (_OF_ROUTE if route else _RULE) or (found is None and value is None):
        return found
    follows = found is not None and found.fact.field != field and field not in _READ_OFF
    if found is not None and (follows or (found.fact.field == field and _same(field, found.value, value))):
        return found
    concerned = [
        each for each in said if each.claim.until is None and (not route or each.about == (fact.kind, fact.id))
    ]
    stated = [each for each in concerned if each.claim.field == field]
    agreeing = tuple(each for each in stated if _same(field, each.claim.value, value))
    if field == "price_basis":  # it follows from what the standard prices are, or are not
        agreeing = agreeing or tuple(each for each in concerned if each.claim.field.startswith("price.STANDARD.0."))
    if not agreeing and value is not None and found is not None:
        agreeing = found.agreeing  # not the value itself, but what it follows from
    dissenting = tuple(each for each in stated if each not in agreeing)
    source = next((each.claim.source for each in (*agreeing, *dissenting)), CURATED_SOURCE)
    return Evidence(fact, value, _RULE[field], source, agreeing, dissenting)


def disputes_of(model: Model, said: Sequence[Testimony]) -> tuple[Evidence, ...]:
    """Every fact of a model on which independent lineages disagree. Where the model shows by a rule of ours what none of them was
    accepted for (open weights outlive their lab's route; a name leaves out what belongs to an offer), that is the value, and who
    states otherwise dissents."""
    return tuple(_as_shown(model, each) for each in disputes("model", model.id, said))


def _as_shown(model: Model, dispute: Evidence) -> Evidence:
    field, value = dispute.fact.field, shown(model, dispute.fact.field)
    if field not in ("lifecycle", "name") or value is None or _same(field, dispute.value, value):
        return dispute
    every = (*dispute.agreeing, *dispute.dissenting)
    agreeing = tuple(each for each in every if _same(field, each.claim.value, value))
    source = next((each.claim.source for each in agreeing), None)
    dissenting = tuple(each for each in every if each not in agreeing)
    return replace(dispute, value=value, rule=_RULE[field], source=source, agreeing=agreeing, dissenting=dissenting)


def _same(field: str, one: Value | None, other: Value | None) -> bool:
    if one is None or other is None:
        return False
    return key_of_value(field, one) == key_of_value(field, other) or same_date(field, one, other)
