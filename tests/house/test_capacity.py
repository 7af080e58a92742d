"""The calculation in docs/operating.md is that of the figures that are measured now."""

import pytest

from bench.capacity import END, MIX, PAGE, START, Cell, capacity, measured


def test_the_page_has_the_calculation_of_today_s_figures() -> None:
    written = PAGE.read_text().split(START)[1].split(END)[0]
    assert written == capacity(), "run `python -m bench.capacity --write`"


def test_figures_are_read_from_the_table() -> None:
    text = """| | server | requests/s | p50 ms | p99 ms | CPU ms: app | CPU ms: PostgreSQL | statements | bytes |
|---|---|--:|--:|--:|--:|--:|--:|--:|
| Q1 | product, cold (once) | 1.35 | 7,089 | 12,273 | 1,331 | 21.2 | 3 | 22,997 |
| Q1 | product, cold, 16 answers, once | 1.35 | 7,089 | 12,273 | 1,331 | 21.2 | 3 | 22,997 |
| Q2 | product, warm | 14.0 | 470 | 895 | 0.2 | 0.00 | 0 | 16,610 |
| goal | wanted | measured | |"""
    found = measured(text)
    assert found["Q1", "product, cold"] == Cell(1331, 21.2, 22_997)
    assert found["Q2", "product, warm"] == Cell(0.2, 0, 16_610)


def test_the_shares_are_of_one_whole() -> None:
    assert sum(MIX.values()) == pytest.approx(1)
