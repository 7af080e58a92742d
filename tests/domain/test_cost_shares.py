"""Quiet hours, retries and how long a cache keeps what is written: the cases of their rules, with exact totals."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.cost import RouteCost, monthly_cost, route_cost
from domain.facts import Price, PriceBasis, PriceMode, Unavailable
from domain.hours import parse_hours
from tests.domain.made_up import contender, model, offer
from tests.domain.test_cost import _BATCH, _STANDARD, PAGE, cost, metered, month, sheet

_QUIET = sheet(PriceMode.OFF_PEAK, input="0.25", output="0.25")
_NO_QUIET = "No off-peak price: 'request' is billed at the same price at every hour."
_THEN = "Off peak throughout, it would cost $300 a month at Alpha."


@pytest.mark.parametrize(
    ("_case", "sheets", "facts", "total", "modes", "notes"),
    [
        ("all in the peak", (_STANDARD, _QUIET), {}, "1200", ["STANDARD"], (_THEN,)),
        (
            "half in the peak",
            (_STANDARD, _QUIET),
            {"peak_share": Decimal("0.5")},
            "750",
            ["STANDARD", "OFF_PEAK"],
            (_THEN,),
        ),
        (
            "off peak for the same",
            (_STANDARD, replace(_STANDARD, mode=PriceMode.OFF_PEAK)),
            {},
            "1200",
            ["STANDARD"],
            (),
        ),
        (
            "what waits and has no batch price goes off peak",
            (_STANDARD, _QUIET),
            {"batch_share": Decimal(1)},
            "300",
            ["OFF_PEAK"],
            (),
        ),
        (
            "half waits, so that half goes off peak",
            (_STANDARD, _QUIET),
            {"batch_share": Decimal("0.5")},
            "750",
            ["STANDARD", "OFF_PEAK"],
            (_THEN,),
        ),
        (
            "what waits goes where a batch is cheaper than the night",
            (_STANDARD, replace(_BATCH, input_mtok=Decimal("0.1"), output_mtok=Decimal("0.1")), _QUIET),
            {"batch_share": Decimal(1)},
            "120",
            ["BATCH"],
            (),
        ),
        (
            "the night may cost more than a batch",
            (_STANDARD, replace(_BATCH, input_mtok=Decimal("0.1"), output_mtok=Decimal("0.1")), _QUIET),
            {"batch_share": Decimal(1), "peak_share": Decimal("0.5")},
            "120",
            ["BATCH"],
            (),
        ),
        ("none in the peak", (_STANDARD, _QUIET), {"peak_share": Decimal(0)}, "300", ["OFF_PEAK"], ()),
        ("no off-peak price", (_STANDARD,), {"peak_share": Decimal(0)}, "1200", ["STANDARD"], (_NO_QUIET,)),
        (
            "half an off-peak price",
            (_STANDARD, replace(_QUIET, output_mtok=None)),
            {"peak_share": Decimal(0)},
            "1200",
            ["STANDARD"],
            (_NO_QUIET,),
        ),
        (
            "an off-peak sheet without the tier",
            (_STANDARD, sheet(above=500, input="2", output="2"), _QUIET),
            {"peak_share": Decimal(0)},
            "2400",
            ["STANDARD"],
            (_NO_QUIET,),
        ),
        (
            "what waits takes the cheaper one of batch and hour",
            (_STANDARD, _BATCH, _QUIET),
            {"peak_share": Decimal("0.5"), "batch_share": Decimal(1)},
            "300",
            ["OFF_PEAK"],
            (),
        ),
        (
            "the hours are said",
            (_STANDARD, replace(_QUIET, hours=(parse_hours("MON-SUN 16:30-00:30 UTC"),))),
            {"peak_share": Decimal(0)},
            "300",
            ["OFF_PEAK"],
            ("Off-peak at Alpha: MON-SUN 16:30-00:30 UTC.",),
        ),
        (
            "the hours of what it would cost are said too",
            (_STANDARD, replace(_QUIET, hours=(parse_hours("MON-SUN 16:30-00:30 UTC"),))),
            {},
            "1200",
            ["STANDARD"],
            (_THEN, "Off-peak at Alpha: MON-SUN 16:30-00:30 UTC."),
        ),
        ("one in ten is sent again", (_STANDARD,), {"retries": Decimal("0.1")}, "1320", ["STANDARD"], ()),
    ],
)
def test_peak_and_retries(
    _case: str,
    sheets: tuple[Price, ...],
    facts: dict[str, Decimal],
    total: str,
    modes: list[str],
    notes: tuple[str, ...],
) -> None:
    """The share outside of the peak takes a complete off-peak sheet, and so does what can wait where no batch is cheaper; what is
    sent again is billed again."""
    found = cost(metered(*sheets), month(**facts))
    assert found.total == Decimal(total)
    assert list(dict.fromkeys(line.mode.value for line in found.lines)) == modes
    assert found.notes == notes
    by_the_hour = "peak_share" in facts or any(price.mode is PriceMode.OFF_PEAK for price in sheets)
    assert ("cost.peak" in found.rules, "cost.retries" in found.rules) == (by_the_hour, "retries" in facts)


@pytest.mark.parametrize(
    ("_case", "rates", "total", "notes"),
    [
        ("own price", {"cache_write": "1.25", "cache_write_1h": "2"}, "2000", ()),
        (
            "that of five minutes",
            {"cache_write": "1.25"},
            "1250",
            ("No price of cache writes that last an hour: they are billed at the cache write price.",),
        ),
        (
            "that of the input",
            {},
            "1000",
            ("No price of cache writes that last an hour: they are billed at the input price.",),
        ),
    ],
)
def test_cache_writes_that_last_an_hour(_case: str, rates: dict[str, str], total: str, notes: tuple[str, ...]) -> None:
    """They have a price of their own, else that of shorter ones, else that of the input."""
    found = cost(
        metered(sheet(PriceMode.STANDARD, 0, input="1", output="1", **rates)),
        month(input=0, cache_write_1h=1_000, output=0),
    )
    assert (found.total, found.notes) == (Decimal(total), notes)


def test_what_does_not_compete_is_counted_by_its_reason() -> None:
    """Free, included and trial are three different things."""
    bases = (PriceBasis.FREE, PriceBasis.INCLUDED, PriceBasis.TRIAL, PriceBasis.TRIAL)
    offers = [metered(basis=basis, at=at) for at, basis in zip("abcd", bases, strict=True)]
    found = monthly_cost(contender(model(1, "Bare"), *offers), month())
    assert isinstance(found, Unavailable)
    assert found.message == (
        "No tracked route of Bare competes for this workload: 2 a trial, 1 free, and 1 included in a plan."
    )


def test_the_one_missing_fact_of_a_model_is_said() -> None:
    found = monthly_cost(contender(model(1, "Half"), metered(sheet(input="1"))), month())
    assert isinstance(found, Unavailable)
    assert (found.low, [ref.field for ref in found.missing]) == (Decimal(1000), ["price.STANDARD.0.output"])
    assert found.message == (
        "No route of Half has a complete token price. One fact is missing: No output price of Alpha (some-model) is known."
    )


@pytest.mark.parametrize("peak_share", ["0", "0.4", "1"])
def test_what_waits_is_not_said_to_be_billed_at_the_standard_price_where_it_is_billed_off_peak(peak_share: str) -> None:
    quiet = Price(9, 1, PriceMode.OFF_PEAK, input_mtok=Decimal("0.5"), output_mtok=Decimal(1))
    request = replace(PAGE.classes[0], batch_share=Decimal("0.3"), peak_share=Decimal(peak_share))
    found = route_cost(offer("alpha", price=("1", "2"), other_prices=(quiet,)), replace(PAGE, classes=(request,)))
    assert isinstance(found, RouteCost)
    in_peak = request.requests * Decimal("0.7") * Decimal(peak_share)
    sent = {line.mode: line.tokens / request.input for line in found.lines if line.unit == "input"}
    assert sent.pop(PriceMode.STANDARD, Decimal(0)) == in_peak
    assert sent == {PriceMode.OFF_PEAK: request.requests - in_peak}
    assert not any("batch" in note for note in found.notes)


def test_what_waits_and_what_does_not_are_one_line_where_one_sheet_bills_both() -> None:
    found = cost(metered(_STANDARD), month(batch_share=Decimal("0.5")))
    assert [(line.unit, line.amount) for line in found.lines] == [
        ("input", Decimal(1000)),
        ("output", Decimal(200)),
    ]


def test_a_route_that_only_takes_what_waits_is_not_said_to_lack_a_batch_price() -> None:
    waits = offer("alpha", price=("1", "1"), variant=("batch",))
    found = route_cost(waits, month(batch_share=Decimal(1)))
    assert isinstance(found, RouteCost)
    assert (found.total, found.notes) == (Decimal(1200), ())
