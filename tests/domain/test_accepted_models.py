"""What a model is, as against what its lab and its resellers do with it."""

from datetime import date
from decimal import Decimal

import pytest

from domain.accepted import LicenseTerms, model_facts, route_basis
from domain.facts import (
    CapabilityKind,
    CommercialUse,
    Lifecycle,
    Modality,
    Model,
    Openness,
    Presence,
    Price,
    PriceBasis,
    Task,
)
from domain.reconcile import Claim
from domain.sheets import mark_suspicious
from tests.domain.made_up import APACHE, provider
from tests.domain.told import numbered, said

TODAY = date(2026, 3, 9)
LICENSES = {"apache-2.0": LicenseTerms(APACHE, CommercialUse.ALLOWED, Openness.OPEN_SOURCE)}


def made(*claims: Claim, routes: int) -> Model:
    return model_facts(1, "ada", numbered(claims), today=TODAY, licenses=LICENSES, route_count=routes)


@pytest.mark.parametrize(
    ("_case", "weights", "license_", "routes", "lifecycle"),
    [
        ("open and served", True, "apache-2.0", 3, Lifecycle.AVAILABLE),
        ("open under terms that we do not know", True, "own terms", 3, Lifecycle.AVAILABLE),
        ("open and served by nobody", True, "apache-2.0", 0, Lifecycle.RETIRED),
        ("not open", False, "own terms", 3, Lifecycle.RETIRED),
    ],
)
def test_open_weights_outlive_their_labs_route(
    _case: str, weights: bool, license_: str, routes: int, lifecycle: Lifecycle
) -> None:
    found = made(
        said("license", license_, "curated"),
        said("open_weights", weights, "curated"),
        said("retires_on", "2026-01-31", "x", route="lab/ada", first_party=True),
        routes=routes,
    )
    assert found.lifecycle is lifecycle
    assert (found.retires_on is None) == (lifecycle is Lifecycle.AVAILABLE)


@pytest.mark.parametrize(
    ("_case", "names", "first_party", "more", "openness"),
    [
        ("the lab says it", "a", True, [], Openness.PROPRIETARY),
        ("two resellers say it", "ab", False, [], Openness.UNKNOWN),
        ("three say it", "abc", False, [], Openness.PROPRIETARY),
        ("and one says otherwise", "abc", False, [said("open_weights", True, "x", route="host/d")], Openness.UNKNOWN),
    ],
)
def test_that_weights_are_closed_needs_a_word_of_those_who_know(
    _case: str, names: str, first_party: bool, more: list[Claim], openness: Openness
) -> None:
    routes = [said("open_weights", False, "x", route=f"host/{name}", first_party=first_party) for name in names]
    assert made(*routes, *more, routes=3).openness is openness


def test_a_listed_modality_outweighs_a_stated_no() -> None:
    found = made(
        said("capability.MULTIMODAL", False, "x"),
        said("input_modalities", ["TEXT", "IMAGE"], "x"),
        said("output_modalities", ["TEXT"], "x"),
        routes=1,
    )
    assert found.input_modalities == (Modality.TEXT, Modality.IMAGE)
    assert found.capabilities[CapabilityKind.MULTIMODAL] is Presence.YES


def test_the_length_of_a_vector_is_no_output_limit() -> None:
    for task, limit in ((Task.EMBEDDING, None), (Task.TEXT_GENERATION, 3_072)):
        assert made(said("task", task.value, "x"), said("max_output", 3_072, "x"), routes=1).max_output == limit


def test_what_the_lab_itself_asks_is_not_held_against_resellers() -> None:
    prices = {
        route: [Price(route, route, input_mtok=Decimal(amount), output_mtok=Decimal(amount))]
        for route, amount in enumerate((30, 1, 1, 1, 1))
    }
    for own, wrong in (((), [0]), ((0,), [])):
        judged = mark_suspicious(prices, TODAY, own=own)
        assert [route for route, [price] in judged.items() if price.suspicious] == wrong


def test_a_price_with_an_announced_end_is_held_against_the_median_too() -> None:
    prices = {route: [Price(route, route, input_mtok=Decimal(1), output_mtok=Decimal(1))] for route in range(4)}
    low = Price(9, 9, input_mtok=Decimal("0.05"), output_mtok=Decimal(1), valid_to=date(2026, 4, 1))
    announced = Price(10, 9, input_mtok=Decimal("0.05"), output_mtok=Decimal(1), valid_from=date(2027, 1, 1))
    [judged, later] = mark_suspicious({**prices, 9: [low, announced]}, TODAY)[9]
    assert judged.suspicious is not None
    assert later.suspicious is None


def test_a_word_that_nobody_knows_makes_no_basis() -> None:
    claims = numbered([said("task", "CHAT", "x"), said("price_basis", "BARTER", "x")])
    assert route_basis([], claims, [], provider("p"), "id", TODAY) is PriceBasis.UNKNOWN
