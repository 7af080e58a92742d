"""Every accepted fact can be followed to who says so, and whoever says otherwise stays beside it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import provenance
from domain.accepted import LicenseTerms, model_facts, route_facts
from domain.facts import CapabilityKind, CommercialUse, FactRef, Openness, Presence, Price
from domain.provenance import Amount, Evidence, amount_of, disputes, evidence, fields_behind
from domain.reconcile import CURATED_SOURCE, PAGE_SOURCE, Claim
from domain.statements import Value
from tests.domain.made_up import APACHE, provider
from tests.domain.told import recorded, said

Told: TypeAlias = "tuple[tuple[str, int], Claim]"
MODEL, ROUTE, OTHER, HOST = ("model", 1), ("route", 7), ("route", 8), ("provider", 3)
TODAY = date(2026, 3, 9)
INPUT = "price.STANDARD.0.input"


def because(fact: tuple[str, int], field: str, *told: Told, amount: Amount | None = None) -> Evidence | None:
    return evidence(FactRef(*fact, field), recorded(*told), amount=amount)


def numbers(told: tuple[provenance.Testimony, ...]) -> list[int]:
    return [each.claim.statement for each in told]


WINDOWS: list[Told] = [
    (MODEL, said("context_window", 4, "litellm")),
    (MODEL, said("context_window", 8, PAGE_SOURCE)),
    (ROUTE, said("context_window", 8, "models.dev")),
    (OTHER, said("context_window", 2, "models.dev")),
    (HOST, said("context_window", 8, "litellm")),
    (MODEL, said("max_output", 8, "litellm")),
]


@pytest.mark.parametrize(
    ("_case", "fact", "value", "rule", "source", "agreeing", "dissenting"),
    [
        ("a model, for which its routes speak too", MODEL, 8, "reference-page", PAGE_SOURCE, [2, 3], [1]),
        ("a route, for which its model does not speak", ROUTE, 8, "newest", "models.dev", [3], []),
        ("another route", OTHER, 2, "newest", "models.dev", [4], []),
        ("a provider", HOST, 8, "lab-entry", "litellm", [5], []),
    ],
)
def test_who_speaks(
    _case: str,
    fact: tuple[str, int],
    value: Value,
    rule: str,
    source: str,
    agreeing: list[int],
    dissenting: list[int],
) -> None:
    found = because(fact, "context_window", *WINDOWS)
    assert found is not None
    assert (found.fact, found.value, found.source) == (FactRef(*fact, "context_window"), value, source)
    assert found.rule == f"reconcile.{rule}"
    assert (numbers(found.agreeing), numbers(found.dissenting)) == (agreeing, dissenting)


@pytest.mark.parametrize(
    ("_case", "fact", "field", "told"),
    [
        ("nothing is said", MODEL, "context_window", []),
        ("of another field only", MODEL, "context_window", [(MODEL, said("max_output", 8, "litellm"))]),
        ("no longer", MODEL, "family", [(MODEL, said("family", "a", "litellm", until=TODAY))]),
        ("of the model, not of its route", ROUTE, "context_window", WINDOWS[:2]),
        ("a reseller on the model's end", MODEL, "lifecycle", [(ROUTE, said("lifecycle", "RETIRED", "litellm"))]),
        ("a price that ended", ROUTE, INPUT, [(ROUTE, said(INPUT, "1", "litellm", until=TODAY))]),
    ],
)
def test_no_evidence(_case: str, fact: tuple[str, int], field: str, told: list[Told]) -> None:
    assert because(fact, field, *told) is None


def test_whom_we_believe_is_named_first() -> None:
    """Then the others in the order in which they were recorded."""
    found = because(MODEL, "name", *((MODEL, said("name", "Ada", each)) for each in ("x", "y", CURATED_SOURCE, "z")))
    assert found is not None
    assert [each.claim.source for each in found.agreeing] == [CURATED_SOURCE, "x", "y", "z"]


_WEIGHTS, _LICENSE = said("open_weights", True, "litellm"), said("license", "MIT", "litellm")
_IN, _OUT = said("input_modalities", ["TEXT"], "litellm"), said("output_modalities", ["TEXT"], "litellm")


@pytest.mark.parametrize(
    ("_case", "field", "claims", "behind"),
    [
        ("stated", "openness", [_LICENSE, _WEIGHTS, said("openness", "OPEN_SOURCE", "x")], "openness"),
        ("open weights", "openness", [_LICENSE, _WEIGHTS], "open_weights"),
        ("the licence", "openness", [_LICENSE], "license"),
        ("what the licence allows", "commercial_use", [_LICENSE, _WEIGHTS], "license"),
        ("what is seen", "capability.VISION", [_OUT, _IN], "input_modalities"),
        ("what is not seen", "capability.VISION", [_OUT], None),
        ("a stated No", "capability.VISION", [_IN, said("capability.VISION", False, "x")], "capability.VISION"),
        ("more than one medium", "capability.MULTIMODAL", [_OUT, _IN], "input_modalities"),
        ("media that come out", "capability.MULTIMODAL", [_OUT], "output_modalities"),
        ("an end", "lifecycle", [said("retires_on", "2026-01-01", "x")], "retires_on"),
        ("nothing else follows", "max_output", [said("context_window", 8, "x")], None),
    ],
)
def test_a_fact_that_nobody_states_follows_from_others(
    _case: str, field: str, claims: list[Claim], behind: str | None
) -> None:
    found = because(MODEL, field, *((MODEL, claim) for claim in claims))
    assert (found.fact.field if found else None) == behind


def price(amount: str, source: str, day: int = 1, **facts: object) -> Told:
    return ROUTE, said(INPUT, amount, source, day, **facts)


@pytest.mark.parametrize(
    ("_case", "told", "sheet", "value", "rule", "agreeing", "dissenting"),
    [
        (
            "the sheet decides, not the stronger lineage",
            [price("1", "models.dev"), price("2", "litellm"), price("2.0", "x")],
            "litellm",
            *("2", "price.sheet", [2, 3], [1]),
        ),
        (
            "a unit that the sheet has from another one",
            [price("1", "models.dev"), price("2", "litellm"), (ROUTE, said("price.STANDARD.0.output", "9", "x"))],
            "x",
            *("1", "price.sheet", [1], [2]),
        ),
        (
            "no sheet is known",
            [price("1", "litellm"), price("2", "models.dev")],
            None,
            *("2", "reconcile.precedence", [2], [1]),
        ),
        (
            "the last of a dated history, which does not speak against itself",
            [price("3", "x", valid_from=date(2025, 1, 1)), price("1", "x", valid_from=date(2026, 1, 1))],
            "x",
            *("1", "price.sheet", [2], []),
        ),
        (
            "of another history only the last counts",
            [
                price("1", "x"),
                price("3", "dated", valid_from=date(2025, 1, 1)),
                price("2", "dated", valid_from=date(2026, 1, 1)),
            ],
            "x",
            *("1", "price.sheet", [1], [3]),
        ),
        (
            "an earlier amount that is dated is not what an undated one says now",
            [price("3", "x", valid_from=date(2025, 1, 1), valid_to=date(2026, 1, 1)), price("1", "x")],
            "x",
            *("1", "price.sheet", [2], []),
        ),
        (
            "an announced amount is not yet what is asked",
            [price("1", "x", valid_from=date(2026, 1, 1)), price("9", "x", valid_from=date(2027, 1, 1))],
            "x",
            *("1", "price.sheet", [1], []),
        ),
        (
            "an older copy of the same lineage is no dissent",
            [price("1", "x", 2), price("1000", "copy", lineage="x"), price("1000", "y")],
            "x",
            *("1", "price.sheet", [1], [3]),
        ),
        (
            "who states two amounts of one route tells apart what we do not",
            [price("1", "x"), price("2", "y"), price("3", "y")],
            "x",
            *("1", "price.sheet", [1], []),
        ),
        (
            "an amount that ended is no dissent",
            [price("1", "x"), price("2", "dated", valid_from=date(2025, 1, 1), valid_to=date(2026, 1, 1))],
            "x",
            *("1", "price.sheet", [1], []),
        ),
    ],
)
def test_a_price_belongs_to_its_sheet(
    _case: str,
    told: list[Told],
    sheet: str | None,
    value: Value,
    rule: str,
    agreeing: list[int],
    dissenting: list[int],
) -> None:
    amount = None if sheet is None else Amount(Decimal(str(value)), sheet, TODAY)
    found = because(ROUTE, INPUT, *told, amount=amount)
    assert found is not None
    assert (found.value, found.rule) == (value, rule)
    assert (sorted(numbers(found.agreeing)), numbers(found.dissenting)) == (agreeing, dissenting)


JANUARY, FEBRUARY, SEEN = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
PAST: list[Told] = [
    price("2", "x", since=JANUARY, until=FEBRUARY),
    price("0.5", "x", since=FEBRUARY),
    price("2", "y", since=JANUARY, until=SEEN),
    price("3", "z", valid_from=JANUARY, valid_to=SEEN),
    price("9", "x", valid_from=date(2026, 5, 1)),
]


@pytest.mark.parametrize(
    ("_case", "value", "on", "agreeing", "dissenting"),
    [
        ("now", "0.5", TODAY, [2], []),
        ("then", "2", date(2026, 1, 31), [1, 3], [4]),
        ("others still said otherwise", "0.5", FEBRUARY, [2], [3, 4]),
        ("announced", "9", date(2026, 5, 1), [5], []),
        ("said last before that day", "2", date(2026, 3, 2), [3], [2]),
        ("before anybody said so", "0.5", JANUARY, None, None),
        ("nobody says so", "7", TODAY, None, None),
    ],
)
def test_a_price_of_another_day_has_the_evidence_of_that_day(
    _case: str, value: str, on: date, agreeing: list[int] | None, dissenting: list[int] | None
) -> None:
    found = because(ROUTE, INPUT, *PAST, amount=Amount(Decimal(value), "x", on))
    assert (found and found.value) == (value if agreeing else None)
    assert (found and numbers(found.agreeing)) == agreeing
    assert (found and numbers(found.dissenting)) == dissenting


def test_an_amount_is_of_a_day_of_its_sheet() -> None:
    """Today where the sheet holds today, the last day of a past one, the first of one that is announced."""

    def day(start: date | None, end: date | None) -> date | None:
        found = amount_of(
            Price(1, 7, valid_from=start, valid_to=end, input_mtok=Decimal(2), source="x"), "input", TODAY
        )
        return None if found is None else found.on

    assert [day(JANUARY, None), day(None, None)] == [TODAY, TODAY]
    assert [day(JANUARY, FEBRUARY), day(None, FEBRUARY)] == [date(2026, 1, 31), date(2026, 1, 31)]
    assert day(date(2026, 5, 1), date(2026, 6, 1)) == date(2026, 5, 1)
    assert amount_of(Price(1, 7, input_mtok=Decimal(2)), "output", TODAY) is None


def test_disputes_of_a_model_and_of_a_route() -> None:
    """By field, and only where independent lineages disagree. A price is disputed on its route, not on the model."""
    told: list[Told] = [
        (MODEL, said("name", "Ada", "litellm")),
        (MODEL, said("name", "ADA", "models.dev")),
        (MODEL, said("max_output", 8, "copy", 1, lineage="litellm")),
        (MODEL, said("max_output", 4, "litellm", 2)),
        (ROUTE, said("context_window", 8, "models.dev")),
        (MODEL, said("context_window", 4, "litellm")),
        (ROUTE, said("context_window", 2, "openrouter")),
        *(price("1", "models.dev"), price("2", "litellm")),
        *((MODEL, said("benchmark.quiz", {"score": score}, source)) for score, source in (("1", "x"), ("2", "y"))),
    ]

    def found(kind: str, id_: int) -> list[tuple[str, list[int], list[int]]]:
        each = disputes(kind, id_, recorded(*told))
        return [(one.fact.field, numbers(one.agreeing), numbers(one.dissenting)) for one in each]

    assert found(*MODEL) == []  # hosts may serve another window than the model has
    assert found(*ROUTE) == [("context_window", [5], [7]), (INPUT, [8], [9])]
    assert found(*OTHER) == []


_VALUES: dict[str, tuple[Value, ...]] = {
    "context_window": (4, 8),
    "openness": ("PROPRIETARY", "OPEN_SOURCE"),
    "open_weights": (True, False),
    "license": ("MIT", "other"),
    "commercial_use": ("ALLOWED",),
    "capability.VISION": (True, False),
    "capability.MULTIMODAL": (True, False),
    "input_modalities": (["TEXT"], ["TEXT", "IMAGE"]),
    "output_modalities": (["TEXT"],),
    "retires_on": ("2026-01-01", "2027-01-01"),
    "deprecated_on": ("2026-01-01",),
}


@st.composite
def _told(draw: st.DrawFn) -> list[Told]:
    found: list[Told] = []
    for _ in range(draw(st.integers(0, 8))):
        field = draw(st.sampled_from(list(_VALUES)))
        source = draw(st.sampled_from([CURATED_SOURCE, PAGE_SOURCE, "models.dev", "litellm", "x"]))
        claim = said(field, draw(st.sampled_from(_VALUES[field])), source, draw(st.integers(1, 3)))
        found.append((draw(st.sampled_from([MODEL, ROUTE, OTHER])), claim))
    return found


@given(_told(), st.data())
def test_the_order_of_statements_changes_nothing(told: list[Told], data: st.DataObject) -> None:
    every = recorded(*told)
    shuffled = data.draw(st.permutations(every))
    for kind, id_ in (MODEL, ROUTE):
        assert disputes(kind, id_, shuffled) == disputes(kind, id_, every)
        for field in _VALUES:
            assert evidence(FactRef(kind, id_, field), shuffled) == evidence(FactRef(kind, id_, field), every)


@given(_told())
def test_a_dispute_is_the_evidence_of_its_fact(told: list[Told]) -> None:
    every = recorded(*told)
    for kind, id_ in (MODEL, ROUTE):
        for each in disputes(kind, id_, every):
            assert each.dissenting
            assert each == evidence(each.fact, every)


@given(_told(), st.sampled_from(list(_VALUES)))
def test_only_the_fields_behind_a_fact_speak_for_it(told: list[Told], field: str) -> None:
    every = recorded(*told)
    behind = [each for each in every if each.claim.field in fields_behind(field)]
    assert evidence(FactRef(*MODEL, field), behind) == evidence(FactRef(*MODEL, field), every)


@given(_told())
def test_every_known_fact_has_evidence(told: list[Told]) -> None:
    """Of the model and of a route, and the evidence of a plain field has its value."""
    every = recorded(*told)
    terms = {"mit": LicenseTerms(APACHE, CommercialUse.ALLOWED)}
    model = model_facts(1, "ada", [each.claim for each in every], today=TODAY, licenses=terms)
    own = [each.claim for each in every if each.about == ROUTE]
    route = route_facts(7, "a/1", own, today=TODAY, provider=provider("a"), provider_model_id="1", model_id=1)
    for fact, subject in ((MODEL, model), (ROUTE, route)):
        found = evidence(FactRef(*fact, "context_window"), every)
        assert (found.value if found else None) == subject.context_window
        for kind in (CapabilityKind.VISION, CapabilityKind.MULTIMODAL):
            known = subject.capabilities[kind] is not Presence.UNKNOWN
            assert not known or evidence(FactRef(*fact, f"capability.{kind}"), every)
    for field, known in (
        ("openness", model.openness is not Openness.UNKNOWN),
        ("commercial_use", model.commercial_use is not CommercialUse.UNKNOWN),
        ("lifecycle", model.lifecycle.name != "UNKNOWN"),
    ):
        assert not known or evidence(FactRef(*MODEL, field), every)
