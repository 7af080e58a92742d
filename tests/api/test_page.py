"""The page of a comparison says nothing that the comparison itself denies."""

from typing import Any

import pytest

from api import page
from api.operations import document
from tests.api.test_reading import answered, cells


def test_of_what_cannot_be_compared_nobody_leads_on_the_page(filled: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked: dict[str, Any] = {"models": ["one", "two"], "workload": {"preset": "CHAT"}}
    data = answered(filled, document("Compare"), **asked)["data"]
    shown = {}
    for level in ("PARTIAL", "NOT_COMPARABLE"):
        data["comparison"]["comparability"]["level"] = level
        page.comparison(data)
        rows = list(map(cells, capsys.readouterr().out.splitlines()))
        shown[level] = [row for row in rows if row[:1] == ["Provider routes"] or row == ["One", "Two", "leads"]]
    assert shown == {
        "PARTIAL": [["One", "Two", "leads"], ["Provider routes", "2 tracked", "0 tracked", "One"]],
        "NOT_COMPARABLE": [["Provider routes", "2 tracked", "0 tracked"]],
    }
