"""When a source shrinks so much that somebody has to look at it first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.freshness import shrinks

COUNTS = st.integers(0, 10**6)


@pytest.mark.parametrize(
    ("_case", "before", "after", "held"),
    [
        ("nothing was named before", 0, 0, False),
        ("it grows", 10, 11, False),
        ("a fifth", 10, 8, False),
        ("more than a fifth", 10, 7, True),
        ("one of five", 5, 4, False),
        ("one of four", 4, 3, True),
        ("all", 1, 0, True),
        ("one more than a fifth of many", 5000, 3999, True),
        ("a fifth of many", 5000, 4000, False),
    ],
)
def test_more_than_a_fifth_is_held_back(_case: str, before: int, after: int, held: bool) -> None:
    assert shrinks(before, after) is held


@given(before=COUNTS, after=COUNTS, more=COUNTS)
def test_naming_more_never_holds_back(before: int, after: int, more: int) -> None:
    assert shrinks(before, after) or not shrinks(before, after + more)
    assert not shrinks(before, before + more)
