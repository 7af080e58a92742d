"""Whether a route is still offered, by the claims about it, the newest lists of its provider and the end of its model."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.listing import gone_with_model, listed, retired_by_lab
from domain.reconcile import CURATED_SOURCE, Claim, accept_all
from domain.statements import Value
from tests.domain.told import numbered, said

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


TODAY = date(2026, 3, 9)
SAID = date(2026, 3, 1)
"""The day of the documents here, where no other one is told."""


@pytest.mark.parametrize(
    ("_case", "facts", "since"),
    [
        ("nothing is said", {}, None),
        ("a day that has come, which is later than the document", {"retires_on": "2026-03-09"}, TODAY),
        ("a day that has come, which is earlier than the document", {"retires_on": "2026-01-01"}, SAID),
        ("a day that has not", {"retires_on": "2026-03-10"}, None),
        ("a month that is over", {"retires_on": "2026-02"}, SAID),
        ("advised against", {"lifecycle": "DEPRECATED"}, None),
        ("without a day", {"lifecycle": "RETIRED"}, SAID),
        ("weights that are out", {"lifecycle": "RETIRED", "open_weights": True}, SAID),
    ],
)
def test_since_when_a_lab_is_known_to_have_retired_a_model(
    _case: str, facts: dict[str, Value], since: date | None
) -> None:
    told = numbered([said(field, value, "x") for field, value in facts.items()])
    assert retired_by_lab(told, {"lab"}, {}, TODAY) == ({} if since is None else {"lab": since})
    assert retired_by_lab(told, set(), {}, TODAY) == {}


@pytest.mark.parametrize(
    ("_case", "words", "retired"),
    [
        ("of the other id nobody says how it stands", {"lab/one": "RETIRED"}, {"lab"}),
        ("another one is in use", {"lab/one": "RETIRED", "lab/two": "AVAILABLE"}, set()),
        ("another one is advised against", {"lab/one": "RETIRED", "lab/two": "DEPRECATED"}, set()),
        ("none is said to be", {}, set()),
        ("another one is in use at another place of the lab", {"lab/one": "RETIRED", "cn/one": "AVAILABLE"}, {"lab"}),
        ("a host has ended it", {"host/one": "RETIRED"}, set()),
    ],
)  # fmt: skip
def test_a_labs_second_id_follows_the_other_ones(_case: str, words: dict[str, str], retired: set[str]) -> None:
    """Also where the weights are out, at each place of the lab alone. What a host says of its own route does not count."""

    def at(key: str, field: str, value: Value) -> Claim:
        provider = key.partition("/")[0]
        return said(field, value, "x", route=key, provider=provider, first_party=provider != "host")

    told = [at(key, "lifecycle", word) for key, word in words.items()]
    told += [at("lab/second", "context_window", 8), at("host/two", "lifecycle", "AVAILABLE")]
    told.append(said("open_weights", True, "x"))
    assert retired_by_lab(numbered(told), {"lab", "cn"}, {}, TODAY).keys() == retired


@pytest.mark.parametrize(
    ("_case", "claims", "retired", "gone"),
    [
        ("its model is not retired", [], None, False),
        ("nobody says how it stands", [said("context_window", 8, "x", 8)], SAID, True),
        ("advised against in a later document", [said("lifecycle", "DEPRECATED", "x", 8)], SAID, True),
        ("in use as a later document says", [said("lifecycle", "AVAILABLE", "x", 8)], SAID, False),
        ("in use as a document of that day says", [said("lifecycle", "AVAILABLE", "x")], SAID, True),
        ("what is later does not say so", [said("lifecycle", "AVAILABLE", "x"), said("context_window", 8, "x", 8)], SAID, True),
        ("it is to end later", [said("retires_on", "2027-01-01", "x", 8)], SAID, True),
    ],
)  # fmt: skip
def test_a_labs_own_route_ends_with_its_model(
    _case: str, claims: list[Claim], retired: date | None, gone: bool
) -> None:
    told = numbered(claims)
    assert gone_with_model(told, accept_all(told, of_route=True), retired, TODAY) is gone
