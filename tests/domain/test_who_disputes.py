"""An output limit that is only filled in loses, and only independent sources dispute."""

from __future__ import annotations

import pytest

from domain.reconcile import Claim, accept, accept_all, is_disputed
from domain.statements import Value
from tests.domain import told
from tests.domain.told import numbered

WINDOW = "context_window"


def said(value: Value, source: str, day: int = 1, *, field: str = WINDOW, **facts: object) -> Claim:
    return told.said(field, value, source, day, **facts)


def on(route: str, value: Value, source: str, day: int = 1, **facts: object) -> Claim:
    """The same about a route."""
    return said(value, source, day, route=route, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("_case", "limits", "window", "expected"),
    [
        ("most state a smaller one", [8, 8, 8, 4, 3, 3, 2], 8, (3, "reconcile.filled-in")),
        ("as many do as do not", [8, 8, 8, 4, 4, 3], 8, (8, "reconcile.route-majority")),
        ("nobody does", [8, 8], 8, (8, "reconcile.route-majority")),
        ("the window is another one", [8, 8, 8, 4, 3, 3, 2], 16, (8, "reconcile.route-majority")),
        ("the window is not known", [8, 8, 8, 4, 3, 3, 2], None, (8, "reconcile.route-majority")),
        ("the smaller ones win anyway", [8, 4, 4], 8, (4, "reconcile.route-majority")),
    ],
)
def test_an_output_limit_that_is_filled_in(
    _case: str, limits: list[int], window: int | None, expected: tuple[int, str]
) -> None:
    claims = [on(f"host/{number}", limit, "x", field="max_output") for number, limit in enumerate(limits)]
    claims = numbered([*claims, *([said(window, "x")] if window else [])])
    found = accept("max_output", claims)
    assert found is not None
    assert (found.value, found.rule) == expected
    assert accept_all(claims)["max_output"] == found
    assert len(found.agreeing) + len(found.dissenting) == len(limits)  # those that lose stay visible


def test_the_labs_own_word_on_its_output_limit_is_not_filled_in() -> None:
    claims = [on(f"host/{number}", 4, "x", field="max_output") for number in range(3)]
    own = on("lab/one", 8, "x", field="max_output", first_party=True)
    found = accept("max_output", numbered([*claims, own, said(8, "x")]))
    assert found is not None
    assert (found.value, found.rule) == (8, "reconcile.first-party")


@pytest.mark.parametrize(
    ("_case", "claims", "disputed"),
    [
        ("two sources of one route", [on("a/1", 8, "x"), on("a/1", 4, "y")], True),
        ("two sources of two routes", [on("a/1", 8, "x"), on("b/1", 4, "y")], True),
        ("one source of two routes", [on("a/1", 8, "x"), on("b/1", 4, "x"), on("c/1", 8, "x")], False),
        ("a copy of it", [on("a/1", 8, "x", 2), on("b/1", 4, "copy", lineage="x"), on("c/1", 8, "x", 2)], False),
        ("nobody", [on("a/1", 8, "x"), on("b/1", 8, "y")], False),
    ],
)
def test_only_independent_sources_dispute(_case: str, claims: list[Claim], disputed: bool) -> None:
    said_ = numbered(claims)
    found = accept(WINDOW, said_)
    assert found is not None
    assert is_disputed(found, said_) is disputed
