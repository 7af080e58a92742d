"""From what sources say to one accepted value: who wins by which rule, and that no order of arrival decides anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.provenance import spread
from domain.reconcile import (
    CURATED_SOURCE,
    LINEAGES,
    PAGE_SOURCE,
    RULES,
    Claim,
    accept,
    accept_all,
)
from domain.statements import Value
from tests.domain import told
from tests.domain.told import numbered

WINDOW = "context_window"
VISION = "capability.VISION"


def said(value: Value, source: str, day: int = 1, *, field: str = WINDOW, **facts: object) -> Claim:
    return told.said(field, value, source, day, **facts)


def on(route: str, value: Value, source: str, day: int = 1, **facts: object) -> Claim:
    """The same about a route."""
    return said(value, source, day, route=route, **facts)  # type: ignore[arg-type]


def chosen(*claims: Claim, of_route: bool = False) -> tuple[Value, str]:
    """The accepted value and the last word of its rule."""
    found = accept(claims[0].field, numbered(claims), of_route=of_route)
    assert found is not None
    return found.value, found.rule.removeprefix("reconcile.")


@pytest.mark.parametrize(
    ("_case", "claims", "expected"),
    [
        ("one source", [said(8, "litellm")], (8, "newest")),
        ("its newer document", [said(8, "litellm", 2), said(4, "litellm", 1)], (8, "newest")),
        ("curated beats the own list", [said(8, CURATED_SOURCE), said(4, "acme", 9, own=True)], (8, "curated")),
        ("the page is one source of many", [said(8, PAGE_SOURCE), said(4, "litellm")], (4, "precedence")),
        (
            "the own list beats a newer majority",
            [said(8, "acme", 1, own=True), said(4, "models.dev", 9), said(4, "litellm", 9), said(4, "openrouter", 9)],
            (8, "own-source"),
        ),
        ("of two own lists the newer", [said(8, "one", 2, own=True), said(4, "two", own=True)], (8, "own-source")),
        ("of one document what holds later", [said(8, "one", valid_from=date(2026, 3, 1)), said(4, "one")], (8, "newest")),
        ("two of three", [said(8, "models.dev"), said(4, "litellm"), said(4, "other")], (4, "majority")),
        (
            "half is no majority",
            [said(8, "models.dev"), said(8, "other"), said(4, "litellm"), said(4, "openrouter")],
            (8, "precedence"),
        ),
        (
            "copies are one witness",
            [said(8, "models.dev", 1), *(said(4, each, 9, lineage="litellm") for each in "xyz")],
            (8, "precedence"),
        ),
        (
            "the newest copy speaks for its lineage",
            [said(8, "x", 9, lineage="litellm"), said(4, "litellm", 1), said(8, "models.dev"), said(4, "openrouter")],
            (8, "majority"),
        ),
        ("three of three minds", [said(2, "litellm"), said(4, "openrouter"), said(8, "genai-prices")], (8, "precedence")),
        ("the order of lineages beats the day", [said(8, "models.dev", 1), said(4, "genai-prices", 9)], (8, "precedence")),
        ("an unlisted lineage comes last", [said(8, "litellm", 1), said(4, "other", 9)], (8, "precedence")),
        ("of unlisted ones the newest", [said(8, "other", 2), said(4, "zebra", 1)], (8, "precedence")),
        ("what is no longer said", [said(4, "models.dev", until=date(2026, 3, 5)), said(8, "other")], (8, "newest")),
    ],
)  # fmt: skip
def test_of_a_route(_case: str, claims: list[Claim], expected: tuple[Value, str]) -> None:
    assert chosen(*claims, of_route=True) == expected


@pytest.mark.parametrize(
    ("_case", "field", "values", "expected"),
    [
        ("amounts by number", "price.STANDARD.0.input", ["0.6", "0.60", "0.7"], "0.6"),
        ("a whole number of tens", "price.STANDARD.0.input", ["10", "10.0", "7"], "10"),
        ("texts without case and outer space", "name", ["Ada", " ADA ", "Bee"], "Ada"),
        ("lists in any order", "input_modalities", [["TEXT", "IMAGE"], ["IMAGE", "TEXT"], ["TEXT"]], ["TEXT", "IMAGE"]),
    ],
)
def test_values_that_are_equal_vote_together(_case: str, field: str, values: list[Value], expected: Value) -> None:
    """And the strongest lineage's spelling is taken."""
    sources = ("openrouter", "litellm", "models.dev")
    claims = [said(value, source, field=field) for value, source in zip(values, sources, strict=True)]
    assert chosen(*claims, of_route=True) == (expected, "majority")


@pytest.mark.parametrize(
    ("_case", "claims", "expected"),
    [
        ("curated beats the page", [said(8, CURATED_SOURCE, 1), said(4, PAGE_SOURCE, 9)], (8, "curated")),
        (
            "the page beats every catalogue",
            [said(8, PAGE_SOURCE, 1), said(4, "acme", 9, own=True), said(4, "models.dev", 9)],
            (8, "reference-page"),
        ),
        (
            "curated about a route is only its word",
            [on("a/1", 8, CURATED_SOURCE, 9), said(4, "litellm", 1)],
            (4, "lab-entry"),
        ),
        (
            "an entry beats all routes",
            [said(8, "litellm", 1), on("a/1", 4, "models.dev", 9, first_party=True), on("b/1", 4, "other", 9)],
            (8, "lab-entry"),
        ),
        ("the lab's entry beats others", [said(8, "acme", 1, own=True), said(4, "models.dev", 9)], (8, "lab-entry")),
        ("of entries the strongest lineage", [said(8, "models.dev", 1), said(4, "litellm", 9)], (8, "lab-entry")),
        (
            "the lab's own route beats many",
            [on("acme/1", 8, "litellm", first_party=True), on("b/1", 4, "models.dev"), on("c/1", 4, "other")],
            (8, "first-party"),
        ),
        (
            "most routes",
            [on("a/1", 4, "models.dev"), on("b/1", 8, "litellm"), on("c/1", 8, "litellm")],
            (8, "route-majority"),
        ),
        (
            "a route has one vote, whoever speaks of it",
            [*(on("a/1", 4, each) for each in LINEAGES[:3]), on("b/1", 8, "litellm"), on("c/1", 8, "litellm")],
            (8, "route-majority"),
        ),
        (
            "a tie: more lineages",
            [on("a/1", 4, "x", 9), on("b/1", 4, "x", 9), on("c/1", 8, "y", 1), on("d/1", 8, "z", 1)],
            (8, "route-majority"),
        ),
        (
            "a tie: who has the newest",
            [on("a/1", 8, "x", 3), on("b/1", 8, "x", 1), on("c/1", 4, "z", 2), on("d/1", 4, "z", 2)],
            (8, "route-majority"),
        ),
        (
            "in the strongest lineage's letters",
            [on("a/1", "B", "litellm", 2), on("b/1", "b", "models.dev", 1), on("c/1", " b", "other", 9)],
            ("b", "route-majority"),
        ),
    ],
)
def test_of_a_model(_case: str, claims: list[Claim], expected: tuple[Value, str]) -> None:
    assert chosen(*claims) == expected


@pytest.mark.parametrize(
    ("_case", "claims", "expected"),
    [
        ("its Yes beats a No", [said(True, PAGE_SOURCE), said(False, "models.dev")], (True, "reference-page")),
        ("its No alone", [said(False, PAGE_SOURCE), on("a/1", False, "litellm")], (False, "reference-page")),
        ("an entry says yes", [said(False, PAGE_SOURCE, 9), said(True, "litellm", 1)], (True, "lab-entry")),
        ("a route says yes", [said(False, PAGE_SOURCE, 9), on("a/1", True, "litellm")], (True, "route-majority")),
        (
            "a yes only opens the question again",
            [said(False, PAGE_SOURCE), said(False, "models.dev"), on("a/1", True, "litellm")],
            (False, "lab-entry"),
        ),
        ("a curated No stays", [said(False, CURATED_SOURCE), said(True, "litellm")], (False, "curated")),
    ],
)
def test_the_pages_word_on_a_capability(_case: str, claims: list[Claim], expected: tuple[Value, str]) -> None:
    assert chosen(*(replace(claim, field=VISION) for claim in claims)) == expected


def test_only_the_maker_retires_a_model() -> None:
    """A reseller's shutdown date counts for its own route and not for the model."""
    reseller = on("shop/one", "2026-09-01", "models.dev", field="retires_on")
    maker = on("acme/one", "2027-01-01", "litellm", field="retires_on", first_party=True)
    assert accept("retires_on", [reseller]) is None
    assert chosen(reseller, maker) == ("2027-01-01", "last-to-go")
    assert chosen(reseller, of_route=True) == ("2026-09-01", "newest")


@pytest.mark.parametrize(
    ("_case", "lives", "expected"),
    [
        ("one id goes, another one stays", [("a", "RETIRED", "x", 2), ("b", "AVAILABLE", "x", 2)], "AVAILABLE"),
        (
            "an older list of the lineage does not count",
            [("a", "RETIRED", "x", 2), ("b", "AVAILABLE", "x", 1)],
            "RETIRED",
        ),
        ("all go", [("a", "RETIRED", "x", 2), ("b", "DEPRECATED", "x", 2)], "DEPRECATED"),
        ("the stronger lineage", [("a", "RETIRED", "models.dev", 1), ("b", "AVAILABLE", "litellm", 2)], "RETIRED"),
    ],
)
def test_a_model_is_as_alive_as_the_last_of_its_labs_ids(
    _case: str, lives: list[tuple[str, str, str, int]], expected: str
) -> None:
    claims = [
        on(f"acme/{name}", life, lineage, day, field="lifecycle", first_party=True)
        for name, life, lineage, day in lives
    ]
    assert chosen(*claims) == (expected, "last-to-go")


@pytest.mark.parametrize(
    ("_case", "days", "last"),
    [
        ("days", ["2026-10-01", "2027-01-01"], "2027-01-01"),
        ("a month has come on its last day", ["2026-10-22", "2026-10"], "2026-10"),
        ("so has a year", ["2026", "2026-10-22"], "2026"),
        ("what may stay outlives what goes", [">=2026-01-01", "2027-01-01"], ">=2026-01-01"),
        ("the later of two that may stay", [">=2026-01-01", ">=2026-02"], ">=2026-02"),
    ],
)
def test_the_last_day_is_that_of_the_last_id(_case: str, days: list[str], last: str) -> None:
    claims = [
        on(f"acme/{name}", day, "x", field="retires_on", first_party=True) for name, day in zip("ab", days, strict=True)
    ]
    assert chosen(*claims) == (last, "last-to-go")
    assert chosen(*reversed(claims)) == (last, "last-to-go")


def test_an_announced_day_is_one_however_it_is_written() -> None:
    """What does not come before a month does not come before its first day; a month is not its last day."""
    first, second = said(">=2026-10", "models.dev"), said(">=2026-10-01", "litellm")
    month = said("2026-10", "rates"), said("2026-10-31", "x")
    claims = numbered([replace(each, field="retires_on") for each in (first, second, *month)])
    found = accept("retires_on", claims)
    assert found is not None
    assert (len(found.agreeing), len(found.dissenting)) == (2, 2)


@pytest.mark.parametrize(
    ("_case", "claims", "expected"),
    [
        ("another name says it too", [("a/x-latest", "2024-11", True), ("b/x-2512", "2025-12", False)], "2025-12"),
        ("only moving names say it", [("a/x-latest", "2024-11", True)], "2024-11"),
        (
            "many moving ones against one",
            [*((f"{n}/x-latest", "2024-11", True) for n in "abc"), ("d/x", "2025-12", False)],
            "2025-12",
        ),
    ],
)
def test_a_moving_name_speaks_for_a_model_only_alone(
    _case: str, claims: list[tuple[str, str, bool]], expected: str
) -> None:
    said_ = [on(route, value, "x", field="released", moving=moving) for route, value, moving in claims]
    assert chosen(*said_)[0] == expected
    assert chosen(said_[0], of_route=True)[0] == claims[0][1]


def test_a_host_that_serves_less_does_not_dispute_a_limit() -> None:
    claims = numbered([on("acme/one", 8, "x", first_party=True), on("host/one", 4, "x"), said(8, "y")])
    found = accept(WINDOW, claims)
    assert found is not None
    assert (found.value, found.dissenting) == (8, ())
    alone = accept(WINDOW, claims[1:2] + numbered([on("other/one", 2, "y"), on("more/one", 2, "y")])[1:])
    assert alone is not None
    assert len(alone.dissenting) == 1


def test_who_agrees_and_who_does_not() -> None:
    """Every current statement of the same value agrees; of another value only what speaks for its lineage and route."""
    claims = numbered(
        [
            said(8, PAGE_SOURCE),
            said(8, "models.dev"),
            said(4, "litellm", 1),
            said(2, "x", 2, lineage="litellm"),
            on("a/1", 4, "litellm", 1),
            on("b/1", 8, "litellm", 1),
            said(4, "openrouter", until=date(2026, 3, 2)),
        ]
    )
    found = accept(WINDOW, claims)
    assert found is not None
    assert (found.value, found.source) == (8, PAGE_SOURCE)
    assert found.agreeing == (1, 2, 6)
    assert found.dissenting == (4,)  # a host that serves less does not dispute what the model can


def test_every_field_but_prices_and_benchmarks() -> None:
    claims = [
        said("text", "litellm", field="name"),
        said(8, "litellm"),
        said("1", "litellm", field="price.STANDARD.0.input"),
        said({"score": "1"}, "litellm", field="benchmark.quiz"),
        said("Comet", "litellm", field="family", until=date(2026, 3, 2)),
    ]
    assert {field: found.value for field, found in accept_all(claims).items()} == {WINDOW: 8, "name": "text"}
    assert list(accept_all(claims)) == [WINDOW, "name"]


def test_how_far_values_lie_apart() -> None:
    """Numbers and texts of numbers; where one of them is something else, nobody can say."""
    assert spread([4, "2", "1.0"]) == 4
    others: list[list[Value]] = [[4], [4, 0], ["4", "many"], [4, True], ["4", "NaN"]]
    assert [spread(each) for each in others] == [None] * len(others)


_SOURCES = {"curated": "curated", "reference-page": "page", "one": "litellm", "copy": "litellm", "acme": "acme"}
_SOURCES |= {name: name for name in ("models.dev", "openrouter", "zebra")}


@st.composite
def _claims(draw: st.DrawFn, values: tuple[Value, ...] = (1, 2, 3), field: str = WINDOW) -> list[Claim]:
    """Up to eight claims of a model and three of its routes. Who is its maker's route or own list is the same for all."""
    found = []
    for _ in range(draw(st.integers(1, 8))):
        source, route = draw(st.sampled_from(list(_SOURCES))), draw(st.sampled_from([None, "acme/1", "b/1", "c/1"]))
        value = draw(st.sampled_from(values))
        until = draw(st.sampled_from([None, None, None, date(2026, 4, 1)]))
        facts = {"own": source == "acme", "first_party": route == "acme/1", "until": until}
        found.append(
            said(value, source, draw(st.integers(1, 4)), field=field, lineage=_SOURCES[source], route=route, **facts)
        )
    return numbered(found)


@given(_claims(), st.data(), st.booleans())
def test_the_order_of_claims_changes_nothing(claims: list[Claim], data: st.DataObject, of_route: bool) -> None:
    shuffled = data.draw(st.permutations(claims))
    assert accept(WINDOW, shuffled, of_route=of_route) == accept(WINDOW, claims, of_route=of_route)


@given(_claims(), st.booleans())
def test_what_is_accepted_was_said_and_nobody_is_on_both_sides(claims: list[Claim], of_route: bool) -> None:
    found = accept(WINDOW, claims, of_route=of_route)
    current = {claim.statement: claim for claim in claims if claim.until is None}
    assert (found is None) == (not current)
    if found is not None:
        assert {current[number].value for number in found.agreeing} == {found.value}
        assert found.source in {current[number].source for number in found.agreeing}
        assert all(current[number].value != found.value for number in found.dissenting)
        assert found.rule in {rule.id for rule in RULES}


@given(_claims(), st.data(), st.booleans())
def test_an_older_copy_changes_no_value(claims: list[Claim], data: st.DataObject, of_route: bool) -> None:
    """Whatever a lineage said before of the same thing."""
    later = data.draw(st.sampled_from(claims))
    copy = replace(later, statement=0, source="old copy", value=9, observed_on=date(2026, 2, 1), own=False)
    before, after = (accept(WINDOW, each, of_route=of_route) for each in (claims, [*claims, copy]))
    if before is not None and later.until is None:
        assert after is not None
        assert (after.value, after.rule) == (before.value, before.rule)


@given(_claims(), st.sampled_from(["models.dev", "acme", "zebra"]), st.booleans())
def test_the_later_statement_of_a_source_wins(claims: list[Claim], source: str, of_route: bool) -> None:
    """Where only that source speaks, of one thing."""
    alone = [replace(claim, source=source, lineage=source, route=None, until=None, own=False) for claim in claims]
    newest = max(alone, key=lambda claim: (claim.observed_on or date.min, claim.statement))
    found = accept(WINDOW, alone, of_route=of_route)
    assert found is not None
    assert found.value == newest.value


@given(_claims(), st.integers(1, 9))
def test_a_curated_entry_always_wins(claims: list[Claim], value: int) -> None:
    entry = replace(said(value, CURATED_SOURCE, 9), statement=99)
    for of_route in (False, True):
        assert chosen(*claims, entry, of_route=of_route) == (value, "curated")


@given(_claims((True, False), VISION))
def test_no_is_never_made_of_silence(claims: list[Claim]) -> None:
    """A No needs somebody who says no, and the page's alone is not enough where anybody says yes."""
    found = accept(VISION, claims)
    current = [claim for claim in claims if claim.until is None]
    if found is not None and found.value is False:
        noes = {claim.source for claim in current if claim.value is False}
        assert noes
        assert not (noes == {PAGE_SOURCE} and any(claim.value for claim in current if claim.source != PAGE_SOURCE))


def test_the_published_order_of_lineages() -> None:
    """The text of the rule names them in the order that decides."""
    [text] = [rule.text.casefold() for rule in RULES if rule.id == "reconcile.precedence"]
    assert [text.index(lineage) for lineage in LINEAGES] == sorted(text.index(lineage) for lineage in LINEAGES)
