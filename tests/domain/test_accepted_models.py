"""What a model is, as against what its lab and its resellers do with it."""

from datetime import date

import pytest

from domain.accepted import LicenseTerms, model_facts, route_basis, task_of
from domain.facts import (
    CapabilityKind,
    CommercialUse,
    Lifecycle,
    Modality,
    Model,
    Openness,
    Presence,
    PriceBasis,
    Task,
)
from domain.reconcile import Claim
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


@pytest.mark.parametrize(("weights", "routes"), [(True, 1), (True, 0), (False, 1)])
def test_open_weights_that_somebody_serves_are_available(weights: bool, routes: int) -> None:
    """Also where nobody says so."""
    found = made(said("license", "apache-2.0", "curated"), said("open_weights", weights, "curated"), routes=routes)
    assert (found.lifecycle is Lifecycle.AVAILABLE) is (weights and routes > 0)


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


def test_a_word_that_nobody_knows_makes_no_basis() -> None:
    claims = numbered([said("task", "CHAT", "x"), said("price_basis", "BARTER", "x")])
    assert task_of(claims) is Task.UNKNOWN
    assert route_basis(claims, Task.UNKNOWN, [], provider("p"), "id", TODAY) is PriceBasis.UNKNOWN
