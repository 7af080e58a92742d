"""What is said of a model's monthly cost beside the amount."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.cost import MonthlyCost, RouteCost, monthly_cost, route_cost
from domain.cost_notes import caveats_of
from domain.facts import Capabilities, CapabilityKind, Contender, Lifecycle, Presence, Task
from domain.workload import PRESETS, REFERENCE_PAGE
from tests.domain.made_up import contender, model, offer


def said(of: Contender) -> list[str]:
    found = monthly_cost(of, REFERENCE_PAGE.workload)
    assert isinstance(found, MonthlyCost)
    return [each.text for each in caveats_of(found)]


CHAT = PRESETS["CHAT"].workload
TEXT = {"task": Task.TEXT_GENERATION, "context_window": 128_000}


def test_two_ids_at_the_lab_that_are_billed_differently_are_told() -> None:
    lab = [offer("acme", name, price=(price, price), first_party=True) for name, price in (("m", "1"), ("m-0905", "2"))]
    (only,) = said(contender(model(1, "M", **TEXT), *lab))
    assert "takes several ids for it" in only
    assert "m-0905" in only


def test_two_ids_of_one_price_are_not() -> None:
    lab = [offer("acme", name, price=("1", "1"), first_party=True) for name in ("m", "m-0905")]
    assert said(contender(model(1, "M", **TEXT), *lab)) == []


def test_dear_ids_of_others_are_not() -> None:
    others = [offer("host", name, price=(price, price)) for name, price in (("m", "3"), ("m-0905", "2"))]
    assert said(contender(model(1, "M", **TEXT), offer("acme", "m", price=("1", "1"), first_party=True), *others)) == []


def test_a_deprecated_model_is_told() -> None:
    old = model(1, "M", **TEXT, lifecycle=Lifecycle.DEPRECATED)
    (only,) = said(contender(old, offer("acme", "m", price=("1", "1"))))
    assert only.startswith("Deprecated by")


def test_what_the_cheapest_route_is_is_told() -> None:
    eco = offer("host", "m-eco", price=("1", "1"), variant=("eco",))
    leaves = offer("host", "m", price=("2", "2"), lifecycle=Lifecycle.DEPRECATED)
    dear = offer("acme", "m", price=("3", "3"))
    one = model(1, "M", **TEXT)
    assert said(contender(one, leaves, dear)) == ["Its cheapest route is deprecated by Host."]
    (only,) = said(contender(one, eco, dear))
    assert only == (
        "Its cheapest route is offered as a variant named eco, which may answer otherwise; as it is, the model costs $3,600 a month at "
        "Acme."
    )
    (only,) = said(contender(one, eco))
    assert only == "Its cheapest route is offered as a variant named eco, which may answer otherwise."
    assert said(contender(replace(one, lifecycle=Lifecycle.DEPRECATED), leaves)) == [
        "Deprecated by its maker.",
        "Its cheapest route is deprecated by Host.",
    ]


def said_of(presence: Presence) -> Capabilities:
    kinds = frozenset({CapabilityKind.REASONING})
    return Capabilities(
        kinds if presence is Presence.YES else frozenset(), kinds if presence is Presence.NO else frozenset()
    )


@pytest.mark.parametrize("presence", list(Presence))
def test_reasoning_tokens_of_a_model_that_does_not_reason_are_told(presence: Presence) -> None:
    """Of one of which nobody says so, nothing is said either."""
    month = replace(CHAT, classes=(replace(CHAT.classes[0], requests=1_000_000, output=100, reasoning=300),))
    one = model(1, "M", **TEXT, capabilities=said_of(presence))
    found = monthly_cost(contender(one, offer("acme", "m", price=("1", "2"))), month)
    assert isinstance(found, MonthlyCost)
    told = [each.text for each in caveats_of(found)]
    if presence is Presence.NO:
        assert told == [
            "It does not reason as far as is known, and $600 of its month is for reasoning tokens, which the workload counts for "
            "every model."
        ]
    else:
        assert told == []
    assert all(line.unit != "reasoning" or line.amount == 600 for line in found.cheapest[0].lines)


@pytest.mark.parametrize(("task", "told"), [(Task.IMAGE_GENERATION, True), (Task.TEXT_GENERATION, False)])
def test_a_price_of_what_is_no_text_is_told_where_that_comes_out(task: Task, told: bool) -> None:
    priced = offer("host", price=("1", "2"))
    (price,) = priced.prices
    both = replace(priced, prices=(replace(price, other_units={"per_mtok_image_out": Decimal(32)}),))
    cost = route_cost(both, CHAT, model=model(1, "Ada", task=task))
    assert isinstance(cost, RouteCost)
    note = "Host has a price of its own for images; it is not in this cost, which counts tokens of text."
    assert (note in cost.notes) is told
