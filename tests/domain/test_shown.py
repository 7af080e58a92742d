"""The evidence of a fact is evidence of what is shown: where a rule of ours shows something else, it is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.dates import DatePrecision
from domain.facts import Capabilities, CapabilityKind, Lab, Lifecycle, Model, Openness, Task
from domain.reconcile import CURATED_SOURCE, Claim
from domain.rules import registry
from domain.shown import disputes_of, evidence_of, shown
from domain.statements import MODEL_FIELDS, Value
from tests.domain.made_up import APACHE, model
from tests.domain.told import recorded, said

OWN = ("model", 1)
ADA = model(1, "Ada", lab=Lab(1, "acme", "Acme"), license=APACHE, openness=Openness.OPEN_SOURCE)


@pytest.mark.parametrize(
    ("_case", "ada", "field", "claims", "expected"),
    [
        ("as stated", replace(ADA, context_window=8), "context_window", [said("context_window", 8, "one")],
         (8, "reconcile.lab-entry", "one", 1, 0)),
        ("nobody says", ADA, "context_window", [], None),
        ("a lab that is read off the name", ADA, "lab", [said("name", "Ada", "one")], ("acme", "identity.lab", "one", 1, 0)),
        ("a lab that somebody states", ADA, "lab", [said("lab", "acme", CURATED_SOURCE), said("name", "Ada", "one")],
         ("acme", "reconcile.curated", CURATED_SOURCE, 1, 0)),
        ("a lab of which nothing is said", ADA, "lab", [], ("acme", "identity.lab", CURATED_SOURCE, 0, 0)),
        ("a name without what belongs to an offer", ADA, "name", [said("name", "Ada (free)", "one", route="host/ada")],
         ("Ada", "identity.name", "one", 1, 0)),
        ("a name that some listings have", ADA, "name",
         [said("name", "Ada (free)", "one", 2, route="host/ada"), said("name", "ADA", "two", route="other/ada")],
         ("Ada", "identity.name", "two", 1, 1)),
        ("an open model outlives its lab's route", replace(ADA, lifecycle=Lifecycle.AVAILABLE), "lifecycle",
         [said("lifecycle", "RETIRED", "one")], ("AVAILABLE", "lifecycle.status", "one", 1, 0)),
        ("and has no last day", ADA, "retires_on", [said("retires_on", "2026-01-01", "one")],
         (None, "lifecycle.status", "one", 0, 1)),
        ("a month as it is announced", replace(ADA, retires_on=date(2026, 10, 31), retires_precision=DatePrecision.MONTH), "retires_on",
         [said("retires_on", "2026-10", "one")], ("2026-10", "reconcile.lab-entry", "one", 1, 0)),
        ("a day before which nothing happens",
         replace(ADA, retires_on=date(2026, 10, 1), retires_precision=DatePrecision.NOT_BEFORE), "retires_on",
         [said("retires_on", ">=2026-10", "one")], (">=2026-10", "reconcile.lab-entry", "one", 1, 0)),
        ("a licence in other words", ADA, "license", [said("license", "Apache License", "one")],
         ("apache-2.0", "license.terms", "one", 1, 0)),
        ("openness that follows has the evidence of what it follows from", ADA, "openness",
         [said("open_weights", True, "one")], (True, "reconcile.lab-entry", "one", 1, 0)),
        ("a vector's length is no limit", replace(ADA, task=Task.EMBEDDING), "max_output", [said("max_output", 1024, "one")],
         (None, "facts.no-output-limit", "one", 0, 1)),
        ("what models do not show", ADA, "open_weights", [said("open_weights", True, "one")],
         (True, "reconcile.lab-entry", "one", 1, 0)),
    ],
)  # fmt: skip
def test_evidence_is_of_what_is_shown(
    _case: str, ada: Model, field: str, claims: list[Claim], expected: tuple[Value | None, str, str, int, int] | None
) -> None:
    found = evidence_of(
        ada, field, recorded(*((OWN if claim.route is None else ("route", 7), claim) for claim in claims))
    )
    told = found and (found.value, found.rule, found.source, len(found.agreeing), len(found.dissenting))
    assert told == expected
    if found is not None:
        assert found.rule in registry()


def test_every_field_of_a_model_can_be_shown() -> None:
    """And an unknown one is None, never a word."""
    fields = [*MODEL_FIELDS, *(f"capability.{kind}" for kind in CapabilityKind)]
    bare = model(
        1, "Ada", capabilities=Capabilities(frozenset({CapabilityKind.VISION}), frozenset({CapabilityKind.BATCH}))
    )
    values = {field: shown(replace(bare, task=Task.UNKNOWN), field) for field in fields}
    known = {field: value for field, value in values.items() if value is not None}
    assert known == {"name": "Ada", "capability.VISION": True, "capability.BATCH": False} | {
        field: value for field, value in known.items() if field.endswith("modalities")
    }


@pytest.mark.parametrize(
    ("_case", "shows", "expected"),
    [
        ("what is shown all the same", Lifecycle.AVAILABLE, ("AVAILABLE", "lifecycle.status", None, 0, 2)),
        ("what was accepted", Lifecycle.RETIRED, ("RETIRED", "reconcile.lab-entry", "one", 1, 1)),
    ],
)
def test_a_dispute_is_about_what_is_shown(
    _case: str, shows: Lifecycle, expected: tuple[Value | None, str, str | None, int, int]
) -> None:
    told = recorded((OWN, said("lifecycle", "RETIRED", "one", 2)), (OWN, said("lifecycle", "DEPRECATED", "two")))
    (found,) = disputes_of(replace(ADA, lifecycle=shows), told)
    assert (found.value, found.rule, found.source, len(found.agreeing), len(found.dissenting)) == expected


def test_a_disputed_name_is_the_one_that_is_shown() -> None:
    told = recorded((OWN, said("name", "Ada (extended)", "one", 2)), (OWN, said("name", "Ada", "two")))
    (found,) = disputes_of(ADA, told)
    assert (found.value, found.rule, found.source) == ("Ada", "identity.name", "two")
    assert [each.claim.value for each in found.dissenting] == ["Ada (extended)"]
