"""What the price history of model-prices says, as dated statements."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.statements import BrokenDocument, Parsed
from ingest.sources import model_prices
from tests.ingest.said import body, dated, prices, problems, said, subject, values

AUGUST, SEPTEMBER = date(2026, 8, 16), date(2026, 9, 10)
CN = {
    "cn": {"dates": ["2026-10-02", "2026-10-01"], "covers_through": "2026-12-31", "utc_offset_hours": 8, "source": "x"}
}
PEAK: dict[str, Any] = {
    **{"provider": "acme", "peak_multiplier": 2.0, "peak_hours_utc": [["01:00", "04:00"], ["06:00", "10:00"]]},
    **{"weekdays_only": True, "valid_from": "2026-08-16T16:00:00Z", "source": "https://acme.example/hours"},
}
OFF_PEAK: dict[str, Any] = {
    **{"provider": "acme", "off_peak_multiplier": {"bolt": 0.5}, "off_peak_hours_utc": [["16:30", "00:30"]]},
    **{"valid_from": "2026-08-16T16:30:00Z", "valid_until": "2026-09-10T16:00:00Z"},
}


def rates(start: str | None = None, basis: str = "documented", **amounts: Any) -> dict[str, Any]:
    """One interval of a history, from a day on."""
    return {"start": start, "rates": {"valid_from": start, "valid_from_basis": basis, **amounts}}


def history(*intervals: Any, mode: str = "standard", **more: Any) -> bytes:
    """A snapshot with one route, `bolt` at `acme`, and its history in one mode."""
    return body({"updated_at": "2026-10-26T08:00:00Z", "prices": {"acme": {"bolt": {mode: intervals}}}, **more})


def scheduled(*entries: dict[str, Any], intervals: Any = None, **calendars: Any) -> Parsed:
    """The same with schedules and their calendars of holidays."""
    intervals = intervals or [rates(input=1, output=2)]
    schedules = {"schedule": entries, **({"holidays": calendars} if calendars else {})}
    return model_prices.parse(history(*intervals, schedules=schedules))


def test_a_history() -> None:
    parsed = model_prices.parse(
        history(
            rates(input=5, output=10),
            rates("2026-08-16", "models.dev commit", input=3, output=6, source="https://acme.example"),
            {**rates("2026-09-10", input=2, output=4), "recorded": {"input": 9}},
            status={"acme": {"bolt": "deprecated"}},
            bases={"acme": {"lab/bolt-2": "bolt"}},
        )
    )
    found = subject(parsed, "bolt")
    assert (found.provider, parsed.document_date) == ("acme", date(2026, 10, 26))
    assert dated(found, "price.STANDARD.0.input") == [
        ("5", None, None, AUGUST),
        ("3", None, AUGUST, SEPTEMBER),
        ("2", SEPTEMBER, None, None),
    ]
    assert [each.url for each in found.said if each.field == "price.STANDARD.0.output"] == [
        *(None, "https://acme.example", None)
    ]
    assert said(found, "lifecycle").value == "DEPRECATED"
    assert (said(found, "base_model").value, said(found, "base_model").locator) == (
        "lab/bolt-2",
        "/bases/acme/lab~1bolt-2",
    )
    assert problems(parsed) == [
        (
            "superseded-value",
            "prices.*.*.standard.*.recorded, which a correction replaces: once",
            "/prices/acme/bolt/standard/2/recorded",
        )
    ]


@pytest.mark.parametrize(
    ("_case", "mode", "amounts", "told"),
    [
        ("batch", "batch", {"input": 1}, {"BATCH.0.input": "1"}),
        ("fast", "fast", {"input": 1}, {"FAST.0.input": "1"}),
        ("flex", "flex", {"input": 1}, {"FLEX.0.input": "1"}),
        ("thinking", "thinking", {"output": 1}, {"THINKING.0.output": "1"}),
        ("no mode of ours", "ultrafast", {"input": 1}, {}),
        ("caches", "standard", {"cache_read": 0.1, "cache_write": 1.25}, {"STANDARD.0.cache_read": "0.1", "STANDARD.0.cache_write": "1.25"}),
        (
            "a cache of one hour is a multiple of the input",
            *("standard", {"input": 0.3, "cache_write_1h_multiple": 2}),
            {"STANDARD.0.input": "0.3", "STANDARD.0.cache_write_1h": "0.6"},
        ),
        ("a multiple of nothing", "standard", {"cache_write_1h_multiple": 2}, {}),
        (
            "tiers above a size",
            *("standard", {"input": 1, "tiers": [{"above": 200000, "input": 2, "cache_read": 0.2}]}),
            {"STANDARD.0.input": "1", "STANDARD.200000.input": "2", "STANDARD.200000.cache_read": "0.2"},
        ),
        ("a tier without a size", "standard", {"tiers": [{"input": 2}]}, {}),
    ],
)  # fmt: skip
def test_modes_units_and_tiers(_case: str, mode: str, amounts: dict[str, Any], told: dict[str, str]) -> None:
    parsed = model_prices.parse(history(rates(**amounts), mode=mode))
    found = [each for each in parsed.subjects if each.said]
    assert (prices(found[0]) if found else {}) == told


@pytest.mark.parametrize(
    ("_case", "mode", "intervals", "said"),
    [
        ("a price now", "batch", [rates(input=1, output=2)], True),
        ("one that ended", "batch", [rates(input=1), {"start": "2026-10-01"}], None),
        ("another mode", "flex", [rates(input=1, output=2)], None),
    ],
)
def test_a_price_of_a_batch_says_that_there_are_batches(
    _case: str, mode: str, intervals: list[dict[str, Any]], said: bool | None
) -> None:
    (found,) = model_prices.parse(history(*intervals, mode=mode)).subjects
    assert {each.field: each.value for each in found.said}.get("capability.BATCH") is said


def test_another_models_price_is_taken_and_told() -> None:
    parsed = model_prices.parse(history(rates(input=1, model="bolt-1")))
    assert prices(subject(parsed, "bolt")) == {"STANDARD.0.input": "1"}
    assert problems(parsed) == [
        (
            "borrowed-price",
            "prices.*.*.standard.*.rates are another model's, that the route served: once",
            "/prices/acme/bolt/standard/0/rates/model",
        )
    ]


def test_a_price_of_some_hours_is_dropped() -> None:
    parsed = model_prices.parse(history(rates("2026-08-16", input=1), rates("2026-08-16", input=2)))
    assert dated(subject(parsed, "bolt"), "price.STANDARD.0.input") == [("2", AUGUST, None, None)]
    assert problems(parsed) == [
        ("dropped-row", "prices.*.*.standard.* in force for less than a day: once", "/prices/acme/bolt/standard/0")
    ]


def test_plans_are_told() -> None:
    plans = [{"provider": "acme", "name": "Acme Plus", "usd_per_month": 20, "checked": "2026-09-30", "moons": 1}]
    parsed = model_prices.parse(history(rates(input=1), plans=plans))
    assert problems(parsed) == [
        ("subscription-plan", "acme: Acme Plus costs 20 USD per month, which is no token price", "/plans/0"),
        ("unknown-field", "plans.*.moons: once", "/plans/0/moons"),
    ]


def test_peak_hours_make_two_modes_with_their_holidays() -> None:
    parsed = scheduled({**PEAK, "holidays": "cn", "note": "n", "terms": {"en": "x"}}, **CN)
    found = subject(parsed, "bolt")
    assert dated(found, "price.STANDARD.0.input") == [("1", None, None, AUGUST), ("2", AUGUST, None, None)]
    assert dated(found, "price.OFF_PEAK.0.output") == [("2", AUGUST, None, None)]
    calendar = "CN through 2026-12-31: 2026-10-01/2026-10-02"
    assert said(found, "hours.STANDARD").value == [
        f"MON-FRI 01:00-04:00 UTC except {calendar}",
        f"MON-FRI 06:00-10:00 UTC except {calendar}",
    ]
    off = said(found, "hours.OFF_PEAK")
    assert off.value == [
        *("MON-FRI 00:00-01:00 UTC", "MON-FRI 04:00-06:00 UTC", "MON-FRI 10:00-24:00 UTC"),
        *("SAT-SUN 00:00-24:00 UTC", f"HOLIDAYS 00:00-24:00 UTC of {calendar}"),
    ]
    assert (off.valid_from, off.url, off.locator) == (AUGUST, "https://acme.example/hours", "/schedules/schedule/0")
    assert off.as_written == "peak hours 01:00-04:00, 06:00-10:00 UTC on weekdays but public holidays (cn)"
    assert problems(parsed) == []


def test_off_peak_hours_hold_while_their_schedule_does() -> None:
    intervals = [rates("2026-08-01", "first observed", input=1), rates("2026-09-01", input=2)]
    found = subject(scheduled(OFF_PEAK, intervals=intervals), "bolt")
    first, change = date(2026, 8, 1), date(2026, 9, 1)
    assert dated(found, "price.STANDARD.0.input") == [
        ("1", None, first, AUGUST),
        ("1", None, AUGUST, change),
        ("2", change, None, SEPTEMBER),
        ("2", SEPTEMBER, None, None),
    ]
    assert dated(found, "price.OFF_PEAK.0.input") == [("0.5", None, AUGUST, change), ("1", change, None, SEPTEMBER)]
    night, day = ["MON-SUN 16:30-00:30 UTC"], ["MON-SUN 00:30-16:30 UTC"]
    assert dated(found, "hours.OFF_PEAK") == [(night, None, AUGUST, change), (night, change, None, SEPTEMBER)]
    assert dated(found, "hours.STANDARD") == [(day, None, AUGUST, change), (day, change, None, SEPTEMBER)]


@pytest.mark.parametrize(
    ("_case", "schedule", "calendars"),
    [
        ("a time in words", {**PEAK, "peak_hours_utc": [["early", "late"]]}, {}),
        ("no hours", {**PEAK, "peak_hours_utc": []}, {}),
        ("a calendar that is not there", {**PEAK, "holidays": "cn"}, {}),
        ("a calendar without an end", {**PEAK, "holidays": "cn"}, {"cn": {**CN["cn"], "covers_through": None}}),
        ("hours of the next day there", {**PEAK, "holidays": "cn", "peak_hours_utc": [["15:00", "17:00"]]}, CN),
    ],
)
def test_hours_that_cannot_be_told_leave_the_prices(_case: str, schedule: Any, calendars: Any) -> None:
    parsed = scheduled(schedule, **calendars)
    found = values(subject(scheduled(schedule, intervals=[rates("2026-09-10", input=1)], **calendars), "bolt"))
    assert (found["price.STANDARD.0.input"], found["price.OFF_PEAK.0.input"]) == ("2", "1")
    assert not [field for field in found if field.startswith("hours.")]
    codes = [(code, at) for code, message, at in problems(parsed) if "are no hours" in message]
    assert codes == [("bad-value", "/schedules/schedule/0/peak_hours_utc")]


def test_a_schedule_of_another_provider_or_model_changes_nothing() -> None:
    others = ({**PEAK, "provider": "host"}, {**OFF_PEAK, "off_peak_multiplier": {"volt": 0.5}})
    assert values(subject(scheduled(*others), "bolt")) == {
        "price.STANDARD.0.input": "1",
        "price.STANDARD.0.output": "2",
        "lifecycle": "AVAILABLE",
    }


@pytest.mark.parametrize(
    ("_case", "intervals", "status", "lifecycle"),
    [
        ("a price now and no status", [rates(input=1)], {}, "AVAILABLE"),
        ("a status", [rates(input=1)], {"acme": {"bolt": "removed"}}, "RETIRED"),
        ("no price any more", [rates(input=1), {"start": "2026-09-10"}], {}, None),
    ],
)
def test_the_status_table_names_what_is_on_its_way_out(
    _case: str, intervals: list[Any], status: dict[str, Any], lifecycle: str | None
) -> None:
    found = values(subject(model_prices.parse(history(*intervals, status=status)), "bolt"))
    assert found.get("lifecycle") == lifecycle


@pytest.mark.parametrize(
    ("_case", "more", "problem"),
    [
        ("a new field", {"moons": 1}, ("unknown-field", "moons: once", "/moons")),
        (
            "a new word of the life cycle",
            {"status": {"acme": {"bolt": "undead"}}},
            ("bad-value", "status.*.bolt is the unknown status 'undead': once, first 'undead'", "/status/acme/bolt"),
        ),
        (
            "a schedule without a factor",
            {"schedules": {"schedule": [{"provider": "acme"}]}},
            ("dropped-row", "schedules.schedule.* without provider or factor: once", "/schedules/schedule/0"),
        ),
        (
            "a new field of a schedule",
            {"schedules": {"schedule": [{**PEAK, "moons": 1}]}},
            ("unknown-field", "schedules.schedule.*.moons: once", "/schedules/schedule/0/moons"),
        ),
    ],
)
def test_what_is_reported(_case: str, more: dict[str, Any], problem: tuple[str, str, str]) -> None:
    assert problems(model_prices.parse(history(rates(input=1), **more))) == [problem]


def test_an_unknown_basis_counts_as_observed() -> None:
    parsed = model_prices.parse(history(rates("2026-08-16", "hearsay", input=1)))
    assert dated(subject(parsed, "bolt"), "price.STANDARD.0.input") == [("1", None, AUGUST, None)]
    assert [code for code, *_ in problems(parsed)] == ["bad-value"]


@pytest.mark.parametrize("document", [b"{}", b"[]", b'{"prices": {}}', b"prices"])
def test_a_broken_document_is_refused(document: bytes) -> None:
    with pytest.raises(BrokenDocument):
        model_prices.parse(document)
