"""Whether a route is still offered, by the claims about it and the newest lists of its provider."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.listing import listed
from domain.reconcile import CURATED_SOURCE, Claim
from tests.domain.told import said

NEWEST = {("one", "host"): date(2026, 3, 2)}
LISTED = replace(said("listed", True, "one", 2, route="host/ada"), provider="host")
NOTED = replace(said("retires_on", "2027-01-01", CURATED_SOURCE, 2, route="host/ada"), provider="host")


@pytest.mark.parametrize(
    ("_case", "claims", "expected"),
    [
        ("in the newest list", [LISTED], True),
        ("not in it", [replace(LISTED, observed_on=date(2026, 3, 1))], False),
        ("no longer said", [replace(LISTED, until=date(2026, 3, 2))], False),
        ("no list covers it", [replace(LISTED, lineage="two")], True),
        ("only its end is noted", [NOTED], False),
        ("its end is noted and it is listed", [NOTED, LISTED], True),
        ("another fact of ours", [replace(NOTED, field="context_window", value=8)], True),
    ],
)
def test_a_route_is_listed(_case: str, claims: list[Claim], expected: bool) -> None:
    assert listed(claims, NEWEST) is expected
