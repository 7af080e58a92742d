"""What looks wrong is marked; a lab's own price that is only far off the others' keeps competing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.facts import Price, PriceMode
from domain.suspicion import competes, lifted, mark_suspicious
from tests.domain.made_up import offer

TODAY = date(2026, 3, 9)
FEBRUARY = date(2026, 2, 1)
ONE = ("1", "1")


def _price(route: int, into: str, out: str) -> Price:
    return Price(route, route, input_mtok=Decimal(into), output_mtok=Decimal(out))


@pytest.mark.parametrize(
    ("_case", "asked", "first", "others", "why"),
    [
        ("the limits themselves", [("0.001", "1000")], {}, {}, None),
        ("too low", [("0.0009", "1")], {}, {}, "input 0.0009 USD per million tokens is outside 0.001 to 1000"),
        ("too high", [("1", "1000.1")], {}, {}, "output 1000.1 USD per million tokens is outside 0.001 to 1000"),
        ("a zero is no price", [("0", "0")], {}, {}, None),
        ("another currency", [("1", "7000")], {"currency": "CNY"}, {}, None),
        ("eight times the median", [("8", "1"), *[ONE] * 3], {}, {}, None),
        ("more", [("8.1", "1"), *[ONE] * 3], {}, {}, "input 8.1 is more than 8 times off the model's median 1"),
        ("an eighth", [("1", "0.125"), *[ONE] * 3], {}, {}, None),
        ("less", [("1", "0.12"), *[ONE] * 3], {}, {}, "output 0.12 is more than 8 times off the model's median 1"),
        ("three make no median", [("9", "1"), ONE, ONE], {}, {}, None),
        ("nor does a zero", [("9", "1"), ONE, ONE, ("0", "1")], {}, {}, None),
        ("nor does a tier", [("9", "1"), *[ONE] * 3], {}, {"above": 200_000}, None),
        ("nor does another mode", [("9", "1"), *[ONE] * 3], {}, {"mode": PriceMode.BATCH}, None),
        ("nor does another currency", [("9", "1"), *[ONE] * 3], {}, {"currency": "CNY"}, None),
        ("nor does what is over", [("9", "1"), *[ONE] * 3], {}, {"valid_to": FEBRUARY}, None),
        ("a tier is not held against it", [("9", "1"), *[ONE] * 4], {"above": 200_000}, {}, None),
        ("nor is another mode", [("9", "1"), *[ONE] * 4], {"mode": PriceMode.BATCH}, {}, None),
        ("nor is what is over", [("9", "1"), *[ONE] * 4], {"valid_to": FEBRUARY}, {}, None),
    ],
)
def test_what_looks_wrong(
    _case: str, asked: list[tuple[str, str]], first: dict[str, Any], others: dict[str, Any], why: str | None
) -> None:
    """The first input and output price, each on a route of its own. Nothing is wrong with the others."""
    prices = {
        route: [Price(route, route, input_mtok=Decimal(one), output_mtok=Decimal(two), **(others if route else first))]
        for route, (one, two) in enumerate(asked)
    }
    found = [price.suspicious for [price] in mark_suspicious(prices, TODAY).values()]
    assert found == [why, *[None] * (len(asked) - 1)]


@pytest.mark.parametrize(
    ("_case", "asked", "first_party", "competing"),
    [
        ("nothing wrong", ("2", "2"), False, True),
        ("far off the others", ("9", "9"), False, False),
        ("the lab's own, far off the others", ("9", "9"), True, True),
        ("the lab's own, out of range", ("0.0001", "1"), True, False),
        ("the lab's own, one out of range and one far off", ("9", "2000"), True, False),
    ],
)
def test_what_competes(_case: str, asked: tuple[str, str], first_party: bool, competing: bool) -> None:
    """A lab does not vanish from a ranking because of what others ask; a wrong unit is nobody's price."""
    prices = {number: [_price(number, *amounts)] for number, amounts in enumerate((asked, ONE, ONE, ONE))}
    [marked] = mark_suspicious(prices, TODAY, own=(0,) if first_party else ())[0]
    assert competes(marked, replace(offer("lab").route, first_party=first_party)) is competing


def test_the_words_say_that_it_is_the_labs_own_price() -> None:
    prices = {number: [_price(number, amount, "1")] for number, amount in enumerate(("9", "1", "1", "1"))}
    [marked] = mark_suspicious(prices, TODAY, own=(0,))[0]
    assert marked.suspicious == "input 9 is the lab's own price and more than 8 times off the model's median 1"


def test_a_price_with_an_announced_end_is_held_against_the_median_too() -> None:
    prices = {route: [Price(route, route, input_mtok=Decimal(1), output_mtok=Decimal(1))] for route in range(4)}
    low = Price(9, 9, input_mtok=Decimal("0.05"), output_mtok=Decimal(1), valid_to=date(2026, 4, 1))
    announced = Price(10, 9, input_mtok=Decimal("0.05"), output_mtok=Decimal(1), valid_from=date(2027, 1, 1))
    [judged, later] = mark_suspicious({**prices, 9: [low, announced]}, TODAY)[9]
    assert judged.suspicious is not None
    assert later.suspicious is None


def _asked(route: int, into: str, out: str, mode: PriceMode = PriceMode.STANDARD, **facts: Any) -> Price:
    return replace(_price(route, into, out), mode=mode, **facts)


LAB = [_asked(0, "2.5", "10"), _asked(0, "1.25", "5", PriceMode.BATCH)]
TAKEN = (
    "input 1.25 is the lab's own batch price, its standard one is 2.5; "
    "output 5 is the lab's own batch price, its standard one is 10"
)


@pytest.mark.parametrize(
    ("_case", "lab", "there", "why"),
    [
        ("the batch sheet taken for the standard one", LAB, _asked(1, "1.25", "5"), TAKEN),
        ("the standard one", LAB, _asked(1, "2.5", "10"), None),
        ("half of it in part only", LAB, _asked(1, "1.25", "5.01"), None),
        ("a batch sheet", LAB, _asked(1, "1.25", "5", PriceMode.BATCH), None),
        ("a tier", LAB, _asked(1, "1.25", "5", above=200_000), None),
        ("what is over", LAB, _asked(1, "1.25", "5", valid_to=FEBRUARY), None),
        ("the lab's batch sheet is over", [LAB[0], replace(LAB[1], valid_to=FEBRUARY)], _asked(1, "1.25", "5"), None),
        ("the lab's standard sheet is the same", [_asked(0, "1.25", "5"), LAB[1]], _asked(1, "1.25", "5"), None),
        ("nobody knows the lab's standard price", LAB[1:], _asked(1, "1.25", "5"), None),
    ],
)
def test_a_labs_batch_sheet_is_nobody_elses_standard_one(
    _case: str, lab: list[Price], there: Price, why: str | None
) -> None:
    marked = mark_suspicious({0: lab, 1: [there]}, TODAY, own=(0,))
    assert [price.suspicious for price in marked[1]] == [why]
    assert all(price.suspicious is None for price in marked[0])


def test_a_route_that_takes_only_what_may_wait_has_batch_prices() -> None:
    marked = mark_suspicious({0: LAB, 1: [_asked(1, "1.25", "5")]}, TODAY, own=(0,), waiting=(1,))
    assert [price.suspicious for price in marked[1]] == [None]


ODD = (
    "input 1 is stated of a moving name and may be of an earlier model, the lab asks 2.5 for this one; output 4 is stated of a moving name "
    "and may be of an earlier model, the lab asks 10 for this one"
)


@pytest.mark.parametrize(
    ("_case", "lab", "there", "why"),
    [
        ("another price", LAB, _asked(1, "1", "4"), ODD),
        ("the same price", LAB, _asked(1, "2.5", "10"), None),
        ("one of several that the lab asks", [*LAB, _asked(0, "1", "4")], _asked(1, "1", "4"), None),
        ("a batch sheet", LAB, _asked(1, "1", "4", PriceMode.BATCH), None),
        ("what is over", LAB, _asked(1, "1", "4", valid_to=FEBRUARY), None),
        ("nobody knows what the lab asks", LAB[1:], _asked(1, "1", "4"), None),
    ],
)
@pytest.mark.parametrize("own", [False, True])
def test_what_a_moving_name_costs_may_be_what_an_earlier_model_cost(
    _case: str, lab: list[Price], there: Price, why: str | None, own: bool
) -> None:
    """Also under the lab's own moving name, which then wins no ranking; under a fixed name the lab's price always may."""
    marked = mark_suspicious({0: lab, 1: [there]}, TODAY, own=(0, 1) if own else (0,), moving=(1,))
    assert [price.suspicious for price in marked[1]] == [why]
    assert all(price.suspicious is None for price in marked[0])
    moving = replace(offer("acme", "latest", first_party=own).route, link_method="ALIAS")
    assert competes(marked[1][0], moving) is (why is None)
    assert mark_suspicious({0: lab, 1: [there]}, TODAY, own=(0,))[1][0].suspicious is None


def test_with_one_amount_of_the_readers_own_the_other_one_still_looks_wrong() -> None:
    assert lifted(TAKEN, {"input"}) == "output 5 is the lab's own batch price, its standard one is 10"
    assert lifted(TAKEN, {"input", "output"}) is None
