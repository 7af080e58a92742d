"""Past and announced prices of the default catalogue: who says so then, and whether every hour has one."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.asking import Asked
from tests.catalogue import DAY

pytestmark = [pytest.mark.asyncio, pytest.mark.xdist_group("default catalogue")]

TODAY = DAY.date()
UNITS = {
    **{"INPUT": "inputMtok", "OUTPUT": "outputMtok", "CACHE_READ": "cacheReadMtok", "CACHE_WRITE": "cacheWriteMtok"},
    **{"CACHE_WRITE_1H": "cacheWrite1hMtok", "REASONING": "reasoningMtok"},
    **{"AUDIO_IN": "audioInMtok", "AUDIO_OUT": "audioOutMtok"},
}
SHEET = " ".join(
    f"{attribute} says_{unit}: evidence(unit: {unit}) {{ value agreeing(first: 10) {{ value since until validFrom validTo }} }}"
    for unit, attribute in UNITS.items()
)
"""Every amount of a sheet, and what its evidence says."""
PROVIDERS = ("mistral", "deepseek", "openai", "google", "quicksilverpro")
ANNOUNCED = ("google/gemini-3.8-flash-tts", "google/gemini-3.8-flash-lite-tts")
"""Routes whose next price is announced."""


async def test_every_amount_of_a_history_has_evidence_of_that_value(ask_default: Asked) -> None:
    """Of some providers whose prices changed: the value is what the sheet shows, and who agrees spoke of the sheet's days."""
    listed = "query ($provider: String!) { provider(slug: $provider) { routes(first: 60, order: KEY, live: null) { nodes { key } } } }"
    text = f"query ($key: String!) {{ route(key: $key) {{ priceHistory {{ mode above validFrom validTo {SHEET} }} }} }}"
    seen = {"past": 0, "now": 0, "announced": 0}
    keys = list(ANNOUNCED)
    for provider in PROVIDERS:
        answer = await ask_default(listed, today=TODAY, provider=provider)
        keys += [route["key"] for route in answer["data"]["provider"]["routes"]["nodes"]]
    for key in keys:
        route = (await ask_default(text, today=TODAY, key=key))["data"]["route"]
        for sheet in route["priceHistory"]:
            start, end = sheet["validFrom"], sheet["validTo"]
            when = "past" if end and end <= str(TODAY) else "announced" if (start or "") > str(TODAY) else "now"
            seen[when] += 1
            for unit, attribute in UNITS.items():
                _agrees(sheet[attribute], sheet[f"says_{unit}"], start, end, (key, sheet["mode"], unit))
    assert seen["past"] > 60
    assert seen["now"] > 100
    assert seen["announced"] > 0


def _agrees(shown: str | None, told: Any, start: str | None, end: str | None, place: object) -> None:
    if shown is None:
        assert told is None, place
        return
    assert told is not None, place
    assert Decimal(told["value"]) == Decimal(shown), place
    assert told["agreeing"], place
    for each in told["agreeing"]:
        assert Decimal(each["value"]) == Decimal(shown), place
        ends = [day for day in (each["until"], each["validTo"]) if day]
        assert not start or not ends or min(ends) > start, place
        assert not end or not each["validFrom"] or each["validFrom"] < end, place


@pytest.mark.parametrize(
    ("key", "asked", "amount"),
    [
        ("mistral/mistral-large-latest", 'on: "2025-09-15"', "2"),
        ("deepseek/deepseek-chat", 'at: "2025-09-15T12:00:00Z"', "0.57"),
    ],
)
async def test_a_price_of_another_day_says_who_stated_it_then(
    ask_default: Asked, key: str, asked: str, amount: str
) -> None:
    text = f"""query ($key: String!) {{ route(key: $key) {{ prices({asked}) {{ mode inputMtok
      evidence(unit: INPUT) {{ value agreeingCount dissenting {{ value }} }} }} }} }}"""
    [price] = (await ask_default(text, today=TODAY, key=key))["data"]["route"]["prices"]
    assert (price["inputMtok"], price["evidence"]["value"]) == (amount, amount)
    assert price["evidence"]["agreeingCount"] > 0
    assert amount not in [each["value"] for each in price["evidence"]["dissenting"]]


async def test_every_hour_of_a_week_has_a_price(ask_default: Asked) -> None:
    """Where a route has prices by the hour, each hour of a week after each day on which a price changed has one."""
    history = """{ provider(slug: "deepseek") { routes(first: 100, order: KEY, live: null) { nodes {
      key priceHistory { mode validFrom validTo above hours { days } } } } } }"""
    routes = (await ask_default(history, today=TODAY))["data"]["provider"]["routes"]["nodes"]
    timed = {
        route["key"]: [sheet for sheet in route["priceHistory"] if sheet["above"] == 0]
        for route in routes
        if any(sheet["hours"] for sheet in route["priceHistory"])
    }
    assert len(timed) > 4
    asked = 0
    for key, sheets in timed.items():
        days = {sheet[end] for sheet in sheets for end in ("validFrom", "validTo") if sheet[end]}
        moments = [
            datetime.combine(date.fromisoformat(day), time(), UTC) + timedelta(days=shift, hours=hour)
            for day in sorted(days)
            for shift in range(-1, 7)
            for hour in range(24)
        ]
        known = [sheet for sheet in sheets if sheet["mode"] == "STANDARD" and sheet["validFrom"]]
        std = [(sheet["validFrom"], sheet["validTo"] or "9") for sheet in known]
        moments = [each for each in moments if any(start <= str(each.date()) < end for start, end in std)]
        for n in range(0, len(moments), 24):
            parts = " ".join(
                f'at_{n}: prices(at: "{each.isoformat()}") {{ mode above }}'
                for n, each in enumerate(moments[n : n + 24])
            )
            answer = await ask_default(
                f"query ($key: String!) {{ route(key: $key) {{ {parts} }} }}", key=key, today=TODAY
            )
            for n_, each in enumerate(moments[n : n + 24]):
                held = [price["mode"] for price in answer["data"]["route"][f"at_{n_}"] if price["above"] == 0]
                assert {"STANDARD", "OFF_PEAK"} & set(held), (key, each)
                asked += 1
    assert asked > 1000
