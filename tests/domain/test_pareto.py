"""The front: nobody on it is beaten, everybody else by somebody on it."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.pareto import Point, dominates, front

_values = st.decimals(0, 5, places=0)
_points = st.lists(st.tuples(_values, _values), max_size=12).map(
    lambda drawn: [Point(str(number), cost, value) for number, (cost, value) in enumerate(drawn)]
)


def _front(*given: tuple[str, int, int]) -> dict[str, str | None]:
    placed = front([Point(key, Decimal(cost), Decimal(value)) for key, cost, value in given])
    return {each.point.key: each.dominated_by for each in placed}


def test_a_front() -> None:
    assert _front(("dear", 3, 9), ("cheap", 1, 4), ("between", 2, 4), ("twin", 1, 4)) == {
        "cheap": None,
        "twin": None,
        "between": "twin",
        "dear": None,
    }
    assert _front() == {}


@given(_points)
def test_members_are_undominated_and_others_are_beaten_by_a_member(points: list[Point]) -> None:
    placed = front(points)
    members = {each.point.key: each.point for each in placed if each.dominated_by is None}
    assert sorted(each.point.key for each in placed) == sorted(each.key for each in points)
    for each in placed:
        if each.dominated_by is None:
            assert not any(dominates(other, each.point) for other in points)
        else:
            assert dominates(members[each.dominated_by], each.point)
