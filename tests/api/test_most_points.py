"""How much one operation may cost whom."""

from __future__ import annotations

import pytest

from api.asked import Asked
from api.callers import Caller
from api.service import most_points
from schema.points import MAX_POINTS


@pytest.mark.parametrize(
    ("trusted", "budget", "most"),
    [
        (False, None, 700),
        (False, 60_000, 700),
        (False, 500, 500),
        (True, None, MAX_POINTS),
        (True, 60_000, MAX_POINTS),
        (True, 1_000, 1_000),
    ],
)
def test_own_documents_may_cost_what_any_may_and_nothing_more_than_a_budget_ever_holds(
    trusted: bool, budget: int | None, most: int
) -> None:
    asked = Asked("{ __typename }", {}, trusted=trusted)
    assert most_points(asked, Caller("key:k", most_points=700, budget=budget)) == most
