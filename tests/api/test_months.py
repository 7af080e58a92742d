"""What a page says of months: what holds of several of them once, and the shares of their requests where they are unusual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from api import bill, page
from tests.api.test_costing import lines


def test_what_holds_of_several_months_is_told_once() -> None:
    def bill(key: str, *notes: str, marked: str = "") -> dict[str, Any]:
        return {"route": {"key": key}, "notes": notes, "suspicious": [marked] if marked else []}

    def month(name: str, *bills: dict[str, Any], caveats: Sequence[str] = ()) -> dict[str, Any]:
        return {"model": {"name": name}, "caveats": [{"text": each} for each in caveats], "cheapest": bills}

    cache = "No cache read price."
    one = month("One", bill("a/one", cache), caveats=["Deprecated by Acme."])
    two = month("Two", bill("a/two", cache, marked="far below"), bill("b/two", cache))
    assert list(page._told([one, two])) == [
        "One: Deprecated by Acme.",
        "One and Two: No cache read price.",
        "Two at a/two: Marked price: far below",
    ]


def test_shares_of_requests_are_told_where_they_are_unusual(capsys: pytest.CaptureFixture[str]) -> None:
    tokens = dict.fromkeys(("cachedInput", "cacheWrite", "cacheWrite1h", "reasoning"), 0)
    usual = {
        **tokens,
        "name": "a",
        "requests": "1000",
        "input": 5,
        "output": 7,
        "batchShare": "0",
        "peakShare": "1",
        "retries": "0",
    }
    other = {**usual, "name": "b", "batchShare": "0.25", "retries": "0.02"}
    bill._month(page.Page(), {"name": "OWN", "classes": [usual]})
    bill._month(page.Page(), {"name": "OWN", "classes": [usual, other]})
    assert lines(capsys.readouterr().out) == [
        "The month (OWN), tokens per request:",
        "requests a month input output",
        "a 1,000 5 7",
        "The month (OWN), tokens per request:",
        "requests a month input output in batches sent again",
        "a 1,000 5 7 0 % 0 %",
        "b 1,000 5 7 25 % 2 %",
    ]
