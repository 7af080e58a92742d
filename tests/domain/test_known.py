"""Facts by their natural names, and the same things with one fact put back to what it was."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.facts import CapabilityKind, Price
from domain.known import known_of, put_back
from tests.domain.made_up import model, offer

ONE = model(1, "One", context_window=200_000)
TWO = model(2, "Two", context_window=100_000)
HERE = offer("acme", "one", price=("0.15", "0.60"), lifecycle="AVAILABLE")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("context_window", 1_000),
        ("context_window", None),
        ("task", "EMBEDDING"),
        ("capability.VISION", True),
        ("capability.VISION", False),
        ("input_modalities", ["TEXT", "IMAGE"]),
        ("openness", "OPEN_SOURCE"),
    ],
)
def test_what_is_put_back_is_what_is_known_then(field: str, value: object) -> None:
    known = known_of([ONE])
    ref = known.ref("model", "one", field)
    assert ref is not None
    alter = put_back(ref, value)
    assert alter is not None
    assert known_of([alter(ONE)]).value(ref) == value
    assert alter(TWO) == TWO


def test_a_price_is_put_back_on_a_sheet_that_is_gone() -> None:
    bare = replace(HERE, prices=())
    ref = known_of([HERE]).ref("route", "acme/one", "price.STANDARD.0.output")
    assert ref is not None
    alter = put_back(ref, "0.6")
    assert alter is not None
    assert alter(bare).prices == (Price(-bare.route.id, bare.route.id, output_mtok=Decimal("0.6")),)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("provider", "api_shape", "OTHER"),
        ("model", "license", "MIT"),
        ("model", "benchmark.quiz", ["percent 1"]),
        ("model", "context_window", "much"),
        ("model", "context_window", True),
        ("model", "task", "DANCING"),
        ("model", "capability.VISION", "maybe"),
        ("route", "price.STANDARD.0.output", "NaN"),
        ("route", "price.STANDARD.0.output", "-1"),
        ("route", "price.STANDARD.0.output", "1e999999"),
        ("route", "price.STANDARD.0.per_image", "1"),
    ],
)
def test_what_cannot_be_put_back_is_not_tried(kind: str, field: str, value: object) -> None:
    ref = known_of([ONE, HERE]).ref(kind, {"model": "one", "route": "acme/one", "provider": "acme"}[kind], field)
    assert ref is not None
    assert put_back(ref, value) is None


def test_capabilities_are_three_valued_in_a_record() -> None:
    known = known_of([replace(ONE, capabilities=replace(ONE.capabilities, no=frozenset({CapabilityKind.VISION})))])
    ref = known.ref("model", "one", "capability.VISION")
    assert ref is not None
    assert known.value(ref) is False
