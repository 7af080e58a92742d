"""Whether a route is still offered, by the claims about it, the newest lists of its provider and the end of its model."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.listing import gone_with_model, listed, only_priced, retired_by_lab
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


RELEASED = accept_all([said("released", "2025-11-02", "x")])["released"]
LISTS = {
    ("models.dev", "lab"): date(2026, 3, 2),
    ("models.dev", "host"): date(2026, 3, 2),
    ("models.dev", "other"): date(2026, 3, 2),
}


def _at(key: str, source: str, day: int = 2, **facts: object) -> Claim:
    provider = key.partition("/")[0]
    return said("context_window", 8, source, day, route=key, provider=provider, first_party=provider == "lab", **facts)


PRICED, AT_HOST, AT_OTHER = _at("lab/ada", "prices", 9), _at("host/ada", "models.dev"), _at("other/ada", "models.dev")


@pytest.mark.parametrize(
    ("_case", "claims", "gone"),
    [
        ("the lists have it elsewhere alone", [PRICED, AT_HOST, AT_OTHER], {"lab/ada"}),
        ("they have it at the lab", [PRICED, AT_HOST, AT_OTHER, _at("lab/ada", "models.dev")], set()),
        ("they have another id of it at the lab", [PRICED, AT_HOST, AT_OTHER, _at("lab/ada-1", "models.dev")], set()),
        ("they had it at the lab", [PRICED, AT_HOST, AT_OTHER, _at("lab/ada", "models.dev", 1)], {"lab/ada"}),
        ("they hardly know it", [PRICED, AT_HOST], set()),
        ("what another host is priced at stays", [_at("third/ada", "prices"), AT_HOST, AT_OTHER], set()),
        ("a name that moves stays", [replace(PRICED, moving=True), AT_HOST, AT_OTHER], set()),
        ("what we noted stays", [_at("lab/ada", CURATED_SOURCE), AT_HOST, AT_OTHER], set()),
        ("an end that no list has", [_at("lab/ada:free", "prices"), AT_HOST, AT_OTHER, _at("lab/ada", "models.dev")], {"lab/ada:free"}),
        ("an end that a list has", [_at("lab/ada:free", "models.dev"), AT_HOST, AT_OTHER, _at("lab/ada", "models.dev")], set()),
    ],
)  # fmt: skip
def test_a_price_alone_does_not_keep_a_labs_own_route_live(_case: str, claims: list[Claim], gone: set[str]) -> None:
    routes: dict[str, list[Claim]] = {}
    for claim in claims:
        routes.setdefault(claim.route or "", []).append(claim)
    assert only_priced(routes, RELEASED, LISTS) == gone


@pytest.mark.parametrize(
    ("_case", "released", "newest", "gone"),
    [
        ("90 days before the list", "2025-12-02", LISTS, True),
        ("later: the list may not have it yet", "2025-12-03", LISTS, False),
        ("in a month that had not gone by", "2025-12", LISTS, False),
        ("no list covers the lab", "2025-11-02", {place: day for place, day in LISTS.items() if place[1] != "lab"}, False),
    ],
)  # fmt: skip
def test_what_a_list_cannot_know_of_a_lab_stays_live(
    _case: str, released: str, newest: dict[tuple[str, str], date], gone: bool
) -> None:
    told = {claim.route or "": [claim] for claim in (PRICED, AT_HOST, AT_OTHER)}
    out = accept_all([said("released", released, "x")])["released"]
    assert bool(only_priced(told, out, newest)) is gone


def test_without_a_release_day_nothing_is_known_to_be_missing() -> None:
    told = {claim.route or "": [claim] for claim in (PRICED, AT_HOST, AT_OTHER)}
    assert not only_priced(told, None, LISTS)
