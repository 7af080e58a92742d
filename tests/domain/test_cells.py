"""The tables of a comparison: a cell is known, unknown or not applicable, and only a sourced No reads No."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from domain.capabilities import capability
from domain.cells import (
    Cell,
    CellState,
    Row,
    applies,
    capabilities,
    lowest_price,
    pricing,
    providers,
    specs,
)
from domain.cost import MonthlyCost, monthly_cost
from domain.dates import DatePrecision
from domain.facts import (
    Architecture,
    CapabilityKind,
    CommercialUse,
    Contender,
    FactRef,
    Lifecycle,
    Modality,
    Offer,
    PartialDate,
    Presence,
    Price,
    PriceBasis,
    Task,
    Unavailable,
)
from domain.rules import registry
from domain.workload import REFERENCE_PAGE, RequestClass, Workload
from tests.domain import made_up
from tests.domain.made_up import APACHE, MIMO, MISTRAL, PROPRIETARY, contender, model, offer, provider, rivals

PAGE = REFERENCE_PAGE.workload
DAY = date(2026, 7, 1)
ADA, BEE = model(1, "Ada"), model(2, "Bee")


def priced(*contenders: Contender, workload: Workload = PAGE) -> tuple[Row, ...]:
    costs: Mapping[str, MonthlyCost | Unavailable] = {
        each.model.slug: monthly_cost(each, workload) for each in contenders
    }
    return pricing(contenders, costs)


def cell(rows: tuple[Row, ...], key: str) -> Cell:
    """The first model's cell of a row."""
    [found] = [row.cells[0] for row in rows if row.key == key]
    return found


def shown(found: Cell) -> tuple[object, str, str]:
    return found.value, found.display, found.state.value


NOT_BEFORE = DatePrecision.NOT_BEFORE
UNKNOWN = (None, "not sourced yet", "UNKNOWN")
NOT_APPLICABLE = (None, "not applicable", "NOT_APPLICABLE")


def test_the_pages_two_models() -> None:
    pair = (MISTRAL, MIMO)
    shapes = {
        row.label: tuple(each.display for each in row.cells) for row in specs([each.model for each in pair], on=DAY)
    }
    assert shapes == {
        "Released": ("2026-03-16", "2026-04-23"),
        "Context window": ("256k", "not sourced yet"),
        "Parameters": ("119B (6.5B active)", "not sourced yet"),
        "Architecture": ("Mixture of experts", "not sourced yet"),
        "License": ("Apache 2.0 (OSI)", "Proprietary"),
        "Openness": ("Open source", "Proprietary"),
        "Commercial use": ("Commercial use allowed", "Commercial use with conditions"),
        "Knowledge cutoff": ("2025-06", "not sourced yet"),
        "Max output": ("not sourced yet", "not sourced yet"),
        "Input modalities": ("not sourced yet", "not sourced yet"),
        "Output modalities": ("not sourced yet", "not sourced yet"),
        "Lifecycle": ("not sourced yet", "not sourced yet"),
    }
    assert {row.label: tuple(each.display for each in row.cells) for row in priced(*pair)} == {
        "Input price": ("$0.15/1M tokens", "not sourced yet"),
        "Output price": ("$0.60/1M tokens", "not sourced yet"),
        "Providers": ("Mistral AI Studio, NVIDIA NIM, and OpenRouter", "Xiaomi"),
        "Cheapest route": ("OpenRouter ($270 a month)", "not sourced yet"),
    }


@pytest.mark.parametrize(
    ("_case", "key", "facts", "expected"),
    [
        ("a day", "released", {"released": PartialDate("2026-03")}, ("2026-03", "2026-03", "KNOWN")),
        ("tokens", "context_window", {"context_window": 262_144}, (262_144, "256k", "KNOWN")),
        ("active parameters alone", "parameters", {"parameters_active": 7_000_000_000}, (7_000_000_000, "7B active", "KNOWN")),
        ("a member", "architecture", {"architecture": Architecture.MOE}, ("MOE", "Mixture of experts", "KNOWN")),
        ("an OSI licence", "license", {"license": APACHE}, ("apache-2.0", "Apache 2.0 (OSI)", "KNOWN")),
        ("another licence", "license", {"license": PROPRIETARY}, ("proprietary", "Proprietary", "KNOWN")),
        ("a sourced No", "commercial_use", {"commercial_use": CommercialUse.NOT_ALLOWED}, ("NOT_ALLOWED", "No commercial use", "KNOWN")),
        ("modalities", "input_modalities", {"input_modalities": (Modality.TEXT, Modality.PDF)}, (("TEXT", "PDF"), "Text and PDF", "KNOWN")),
        ("a lifecycle", "lifecycle", {"lifecycle": Lifecycle.AVAILABLE}, ("AVAILABLE", "Available", "KNOWN")),
        (
            "an end",
            "lifecycle",
            {"lifecycle": Lifecycle.DEPRECATED, "retires_on": date(2027, 1, 31)},
            ("DEPRECATED", "Deprecated, shut down on 2027-01-31", "KNOWN"),
        ),
        (
            "an end in a month",
            "lifecycle",
            {"lifecycle": Lifecycle.AVAILABLE, "retires_on": date(2027, 1, 31), "retires_precision": DatePrecision.MONTH},
            ("AVAILABLE", "Available, shut down in 2027-01", "KNOWN"),
        ),
        (
            "no end before a day",
            "lifecycle",
            {"lifecycle": Lifecycle.AVAILABLE, "retires_on": date(2027, 1, 31), "retires_precision": NOT_BEFORE},
            ("AVAILABLE", "Available, not shut down before 2027-01-31", "KNOWN"),
        ),
        (
            "no end before a day that has passed",
            "lifecycle",
            {"lifecycle": Lifecycle.AVAILABLE, "retires_on": date(2026, 6, 30), "retires_precision": NOT_BEFORE},
            ("AVAILABLE", "Available, was not to be shut down before 2026-06-30", "KNOWN"),
        ),
        *((f"unknown {key}", key, {}, UNKNOWN) for key in ("released", "parameters", "license", "openness", "max_output")),
        ("an image has no window", "context_window", {"task": Task.IMAGE_GENERATION}, NOT_APPLICABLE),
        ("nor an output limit", "max_output", {"task": Task.VIDEO_GENERATION}, NOT_APPLICABLE),
        ("an embedding has a window", "context_window", {"task": Task.EMBEDDING}, UNKNOWN),
        ("but no output limit", "max_output", {"task": Task.EMBEDDING}, NOT_APPLICABLE),
        ("what is sourced all the same", "max_output", {"task": Task.EMBEDDING, "max_output": 5}, (5, "5", "KNOWN")),
    ],
)  # fmt: skip
def test_a_spec(_case: str, key: str, facts: dict[str, Any], expected: tuple[object, str, str]) -> None:
    assert shown(cell(specs([replace(ADA, **facts)], on=DAY), key)) == expected


def test_a_cell_names_its_facts_even_where_they_are_missing() -> None:
    rows = specs([ADA, replace(BEE, retires_on=date(2027, 1, 1))], on=DAY)
    fields = {row.key: [[ref.field for ref in each.used] for each in row.cells] for row in rows}
    assert fields["context_window"] == [["context_window"], ["context_window"]]
    assert fields["parameters"][0] == ["parameters_total", "parameters_active"]
    assert fields["lifecycle"] == [["lifecycle"], ["lifecycle", "retires_on"]]
    one = contender(ADA, offer("alpha"))
    [route] = [each.route for each in one.offers]
    assert cell(priced(one), "input_price").used == (FactRef("route", route.id, "price.STANDARD.0.input"),)


def at(where: str, one: str, two: str, **facts: Any) -> Offer:
    """A metered offer; what is said of its sheet goes to the sheet."""
    found = offer(where, price=(one, two))
    return replace(found, prices=(replace(found.prices[0], **facts),))


def by(**rates: str) -> Offer:
    """A metered offer that bills other units than tokens."""
    sheet = Price(1, 1, other_units={unit: Decimal(rate) for unit, rate in rates.items()})
    return offer("alpha", other_prices=(sheet,), price_basis=PriceBasis.METERED)


@pytest.mark.parametrize(
    ("_case", "task", "offers", "into", "out"),
    [
        ("each the lowest, of whichever route", "UNKNOWN", [at("a", "1", "9"), at("b", "5", "2")], "$1.00", "$2.00"),
        ("half a price is none", "UNKNOWN", [at("a", "1", "0"), at("b", "5", "2")], "$5.00", "$2.00"),
        ("what looks wrong", "UNKNOWN", [at("a", "1", "1", suspicious="odd"), at("b", "5", "2")], "$5.00", "$2.00"),
        ("another currency", "UNKNOWN", [at("a", "1", "1", currency="CNY"), at("b", "5", "2")], "$5.00", "$2.00"),
        ("a tier", "UNKNOWN", [at("a", "1", "1", above=9), at("b", "5", "2")], "$5.00", "$2.00"),
        ("gone", "UNKNOWN", [offer("a", price=("1", "1"), live=False), at("b", "5", "2")], "$5.00", "$2.00"),
        ("free", "UNKNOWN", [offer("a", price=("1", "1"), price_basis=PriceBasis.FREE)], UNKNOWN, UNKNOWN),
        ("a batch route", "UNKNOWN", [offer("a", price=("1", "1"), variant=("batch",))], UNKNOWN, UNKNOWN),
        ("an embedding", "EMBEDDING", [at("a", "1", "0")], "$1.00", NOT_APPLICABLE),
        ("an embedding without a price", "EMBEDDING", [offer("a")], UNKNOWN, NOT_APPLICABLE),
        ("nothing", "UNKNOWN", [], UNKNOWN, UNKNOWN),
    ],
)
def test_the_lowest_prices(_case: str, task: str, offers: list[Offer], into: object, out: object) -> None:
    rows = priced(contender(replace(ADA, task=Task(task)), *offers))
    for key, expected in (("input_price", into), ("output_price", out)):
        found = cell(rows, key)
        assert found.display == f"{expected}/1M tokens" if isinstance(expected, str) else shown(found) == expected


def test_all_offers_with_the_lowest_price_are_named() -> None:
    one = contender(ADA, at("a", "1", "2"), at("b", "1.0", "3"), at("c", "2", "2"))
    found = lowest_price(one, "input")
    assert found is not None
    assert (found[0], [each.route.provider.slug for each in found[1]]) == (Decimal(1), ["a", "b"])
    assert len(found[2]) == 2


@pytest.mark.parametrize(
    ("_case", "first", "second", "expected"),
    [
        (
            "the lowest of each unit",
            contender(replace(ADA, task=Task.IMAGE_GENERATION), by(per_image="0.04"), by(per_image="0.030")),
            contender(BEE),
            (("$0.03 per image",), "$0.03 per image", "KNOWN"),
        ),
        ("a zero is no price", contender(replace(ADA, task=Task.SPEECH), by(per_second="0", per_character_in="0.1")), contender(BEE), (("$0.1 per character in",), "$0.1 per character in", "KNOWN")),
        ("a model that bills tokens", contender(ADA, at("a", "1", "1")), contender(replace(BEE, task=Task.SPEECH), by(per_second="1")), UNKNOWN),
        ("no price yet", contender(replace(ADA, task=Task.SPEECH)), contender(replace(BEE, task=Task.SPEECH), by(per_second="1")), UNKNOWN),
    ],
)  # fmt: skip
def test_other_prices(_case: str, first: Contender, second: Contender, expected: tuple[object, str, str]) -> None:
    assert shown(cell(priced(first, second), "other_prices")) == expected


def test_entries_of_one_company_are_one_provider() -> None:
    """Under the name of its first entry; routes that are gone do not count."""
    us, eu = provider("acme-us", "Acme US", group="acme"), provider("acme-eu", "acme EU", group="acme")
    one = contender(ADA, offer("zeta"), offer(us), offer(eu, "two"), offer(eu, "one"), offer("beta", live=False))
    found = [(each.group, each.name, [one.route.key for one in each.offers]) for each in providers(one)]
    assert found == [
        ("acme", "acme EU", ["acme-eu/one", "acme-eu/two", "acme-us/some-model"]),
        ("zeta", "Zeta", ["zeta/some-model"]),
    ]
    assert shown(cell(priced(one), "providers")) == (("acme EU", "Zeta"), "acme EU and Zeta", "KNOWN")
    assert shown(cell(priced(contender(ADA)), "providers")) == UNKNOWN


def test_the_cheapest_route() -> None:
    two = contender(ADA, offer("beta", price=("1", "1")), offer("alpha", price=("1", "1")), at("gamma", "2", "2"))
    keys = ("alpha/some-model", "beta/some-model")
    assert shown(cell(priced(two), "cheapest_route")) == (keys, "Alpha and Beta ($1,200 a month)", "KNOWN")
    twins = (provider("z-ai", "Z.AI", group="z"), provider("zhipu", "Zhipu AI", group="z"))
    one = contender(ADA, offer(twins[0], price=("2", "2")), offer(twins[1], price=("1", "1")))
    assert cell(priced(one), "providers").display == "Z.AI"
    assert cell(priced(one), "cheapest_route").display == "Zhipu AI / Z.AI ($1,200 a month)"
    long = Workload("long", (RequestClass("one", requests=1, input=9_000, output=0),))
    small = contender(replace(ADA, context_window=8_000), at("alpha", "1", "1"))
    found = cell(priced(small, workload=long), "cheapest_route")
    assert shown(found) == (None, "no eligible route", "NOT_APPLICABLE")


@pytest.mark.parametrize(
    ("_case", "yes", "no", "expected"),
    [
        ("yes", "VISION", "", ("YES", "Yes", "KNOWN")),
        ("no", "", "VISION", ("NO", "No", "KNOWN")),
        ("nobody says", "REASONING", "BATCH", UNKNOWN),
    ],
)
def test_a_capability(_case: str, yes: str, no: str, expected: tuple[object, str, str]) -> None:
    rows = capabilities([replace(ADA, capabilities=made_up.capabilities(yes, no))])
    assert shown(cell(rows, "vision")) == expected
    kinds = [kind.lower() for kind in CapabilityKind if kind is not CapabilityKind.STREAMING]
    assert [row.key for row in rows] == kinds


@settings(max_examples=20)
@given(rivals())
def test_a_no_is_always_sourced(contenders: tuple[Contender, ...]) -> None:
    """No cell is empty, and one that is not known says which kind of nothing it is."""
    models = [each.model for each in contenders]
    for row in (*specs(models, on=DAY), *priced(*contenders), *capabilities(models)):
        assert row.rule in registry()
        assert [each.model for each in row.cells] == [each.slug for each in models]
        for one, each in zip(models, row.cells, strict=True):
            assert each.display
            assert (each.value is None) == (each.state is not CellState.KNOWN)
            assert (each.display == "not sourced yet") == (each.state is CellState.UNKNOWN)
            if each.display == "No":
                assert capability(one, CapabilityKind(row.key.upper())).presence is Presence.NO
            if each.display == "not applicable" and row.key in ("context_window", "max_output"):
                assert not applies(one, row.key)


def test_a_company_is_named_with_its_entries_for_other_places() -> None:
    entries = [provider("ali-cn", "Ali (China)", group="ali"), provider("ali", "Ali", group="ali")]
    both = contender(ADA, *(offer(at, "ada", price=("1", price)) for at, price in zip(entries, "12", strict=True)))
    one = contender(BEE, offer(entries[0], "bee", price=("1", "1")))
    rows = priced(both, one)
    assert cell(rows, "providers").display == "Ali / Ali (China)"
    assert [each.display.split(" ($")[0] for row in rows if row.key == "cheapest_route" for each in row.cells] == [
        "Ali (China)",
        "Ali (China)",
    ]
