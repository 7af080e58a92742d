"""A date that says less is no other date: it agrees, and the one that says more is shown."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.exactness import more_exact, same_date
from domain.facts import FactRef
from domain.provenance import disputes, evidence
from domain.reconcile import Claim, accept, is_disputed
from domain.statements import Value
from tests.domain.told import numbered, recorded, said

CUTOFF = "knowledge_cutoff"


def entry(value: str, source: str) -> Claim:
    return said(CUTOFF, value, source)


def on(route: str, value: str, source: str, *, first_party: bool = False) -> Claim:
    return said("released", value, source, route=route, first_party=first_party)


@pytest.mark.parametrize(
    ("_case", "claims", "value", "rule", "agreeing", "disputed"),
    [
        ("a month and a day in it", [entry("2025-02", "curated"), entry("2025-02-28", "x")], "2025-02-28", "reconcile.more-exact", 2, False),
        ("the winner says most", [entry("2025-02-28", "curated"), entry("2025-02", "x"), entry("2025", "y")], "2025-02-28", "reconcile.curated", 3, False),
        ("step by step", [entry("2025", "curated"), entry("2025-02", "x"), entry("2025-02-28", "y")], "2025-02-28", "reconcile.more-exact", 3, False),
        ("another month", [entry("2025-02", "curated"), entry("2025-03-01", "x")], "2025-02", "reconcile.curated", 1, True),
        ("two days of one month", [entry("2025-02", "curated"), entry("2025-02-28", "models.dev"), entry("2025-02-01", "x")], "2025-02-28", "reconcile.more-exact", 2, True),
        ("a host is more exact", [on("lab/one", "2025-02", "x", first_party=True), on("host/one", "2025-02-12", "y")], "2025-02-12", "reconcile.more-exact", 2, False),
        ("a host says another month", [on("lab/one", "2025-02", "x", first_party=True), on("host/one", "2025-04-12", "y")], "2025-02", "reconcile.first-party", 1, True),
        ("an announced day", [said("retires_on", "2026-10", "curated"), said("retires_on", "2026-10-22", "x")], "2026-10-22", "reconcile.more-exact", 2, False),
        ("nothing before a day is no day", [said("retires_on", "2026-10", "curated"), said("retires_on", ">=2026-10-22", "x")], "2026-10", "reconcile.curated", 1, True),
        ("ids of a lab go one by one", [said("retires_on", "2026-10", "x", route="lab/b", first_party=True), said("retires_on", "2026-10-22", "x", route="lab/a", first_party=True)], "2026-10", "reconcile.last-to-go", 2, False),
        ("no date at all", [said("family", "2025", "curated"), said("family", "2025-02", "x")], "2025", "reconcile.curated", 1, True),
    ],
)  # fmt: skip
def test_a_date_that_says_less_agrees(
    _case: str, claims: list[Claim], value: str, rule: str, agreeing: int, disputed: bool
) -> None:
    said_ = numbered(claims)
    found = accept(claims[0].field, said_)
    assert found is not None
    assert (found.value, found.rule, len(found.agreeing)) == (value, rule, agreeing)
    assert is_disputed(found, said_) is disputed
    assert found.source == next(claim.source for claim in said_ if claim.value == value)


def test_its_evidence_is_that_of_what_is_shown() -> None:
    told = recorded((("model", 1), entry("2025-02", "curated")), (("model", 1), entry("2025-02-28", "x")))
    found = evidence(FactRef("model", 1, CUTOFF), told)
    assert found is not None
    assert (found.value, found.source, found.dissenting) == ("2025-02-28", "x", ())
    assert [each.claim.value for each in found.agreeing] == ["2025-02-28", "2025-02"]
    assert disputes("model", 1, told) == ()


_dates = st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(date.isoformat)
_cut = st.sampled_from([4, 7, 10])


@given(_dates, _cut, _dates, _cut)
def test_agreement_is_mutual_and_exactly_that_of_the_shared_part(one: str, few: int, other: str, many: int) -> None:
    left, right = one[:few], other[:many]
    assert same_date(CUTOFF, left, right) is same_date(CUTOFF, right, left)
    shared = min(few, many)
    assert (left == right or same_date(CUTOFF, left, right)) is (left[:shared] == right[:shared])
    assert not (more_exact(CUTOFF, left, right) and more_exact(CUTOFF, right, left))


@given(st.lists(st.tuples(_dates, _cut), min_size=1, max_size=5), st.randoms())
def test_the_order_of_statements_decides_nothing_and_the_shown_date_is_stated(
    parts: list[tuple[str, int]], random: object
) -> None:
    claims = numbered([entry(day[:cut], f"source-{n}") for n, (day, cut) in enumerate(parts)])
    turned = list(claims)
    random.shuffle(turned)  # type: ignore[attr-defined]
    found = accept(CUTOFF, claims)
    assert found is not None
    assert found == accept(CUTOFF, turned)
    shown: Value = found.value
    assert not any(more_exact(CUTOFF, claim.value, shown) for claim in claims)
    assert sorted((*found.agreeing, *found.dissenting)) == [claim.statement for claim in claims]
