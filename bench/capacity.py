"""The way to 10,000 requests a second and 100 million price rows, calculated from measured figures.

`python -m bench.capacity` prints it, `--write` puts it into docs/operating.md. Times come from the table of docs/performance.md, so that a
new measurement is taken over by running this again; sizes and what is assumed stand here, each with where it is from.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "operating.md"
START, END = "<!-- capacity -->\n", "<!-- /capacity -->"

REQUESTS = 10_000
PRICES = 100_000_000
BUSY = 0.6
"""How busy a core may be on average, so that a queue stays short. Assumed."""
MIX = {"Q1": 0.1, "Q2": 0.4, "Q3": 0.45, "full comparison": 0.05}
"""What is asked. Assumed: mostly small questions, sometimes everything."""
CACHED = ((0.0, 0.0), (0.0, 0.99), (0.9, 0.9), (0.99, 0.9))
"""Shares of requests that the CDN answers, and of the rest that a process has kept. Assumed; measure yours by the hits of both."""
WARM_MS = 0.22
"""CPU of an answer that a process has kept, Q2 by GET, 16 connections: measured 2026-11-27 on 2 busy cores by wrk, used where
docs/performance.md has none."""
DISTINCT = 10_000
"""Different questions that are asked again and again. Assumed."""


@dataclass(frozen=True, slots=True)
class Size:
    """Rows of a table and its bytes with indexes."""

    rows: int
    bytes: int


SIZES: Mapping[str, Size] = {
    "price": Size(13_936, 2_588_672),
    "price_change": Size(13_955, 10_354_688),
    "route": Size(11_655, 8_142_848),
    "model": Size(1_743, 3_850_240),
    "alias": Size(9_069, 7_118_848),
    "statement": Size(313_116, 65_339_392),
    "subject": Size(17_321, 9_420_800),
    "fact_change": Size(13_398, 4_612_096),
}
"""The default catalogue after its first ingest, by pg_total_relation_size, measured 2026-11-27."""
DATABASE = 121_796_287
INGEST_S = 107
"""The first ingest of the default catalogue without a network, 2026-11-27 on 2 busy cores."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer: milliseconds of CPU in the process and in PostgreSQL, and its bytes."""

    app: float
    postgres: float
    size: int


def measured(text: str) -> dict[tuple[str, str], Cell]:
    """The table of docs/performance.md by question and server."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 9 and re.fullmatch(r"[\d,]+", cells[8]):
            server = re.sub(r" \(.*\)$|, \d+ answers(, once)?$", "", cells[1])
            app, postgres, size = (float(cells[at].replace(",", "")) for at in (5, 6, 8))
            found[cells[0], server] = Cell(app, postgres, int(size))
    return found


def _mean(values: Mapping[str, float]) -> float:
    return sum(share * values[question] for question, share in MIX.items())


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _traffic(cells: Mapping[tuple[str, str], Cell]) -> Iterator[str]:
    cold = {question: cells[question, "product, cold"] for question in MIX}
    app, postgres = _mean({q: c.app for q, c in cold.items()}), _mean({q: c.postgres for q, c in cold.items()})
    size = _mean({q: float(c.size) for q, c in cold.items()})
    known = cells.get(("Q2", "product, warm"))
    warm = WARM_MS if known is None else known.app
    asked = ", ".join(f"{share:.0%} {question}" for question, share in MIX.items())
    yield f"**{REQUESTS:,} requests a second**, of {asked} (assumed). A computed answer takes {app:,.1f} ms of the process and"
    yield f"{postgres:,.1f} ms of PostgreSQL (docs/performance.md, *product, cold*), a kept one {warm:.2f} ms"
    yield f"({'docs/performance.md, *product, warm*' if known else 'measured by wrk, see `bench/capacity.py`'}). Cores are {BUSY:.0%} busy."
    yield ""
    yield "| from the CDN | kept, of the rest | computed a second | cores: serving | cores: PostgreSQL | Mbit/s from the CDN, unpacked |"
    yield "| --: | --: | --: | --: | --: | --: |"
    for cdn, kept in CACHED:
        origin = REQUESTS * (1 - cdn)
        computed = origin * (1 - kept)
        serving = (computed * app + origin * kept * warm) / 1000 / BUSY
        of_postgres = computed * postgres / 1000 / BUSY
        out = REQUESTS * cdn * size * 8 / 1e6
        row = (_number(computed), _number(serving), _number(of_postgres), _number(out))
        yield f"| {cdn:.0%} | {kept:.0%} | " + " | ".join(row) + " |"
    yield ""
    yield f"After a new revision everything is computed again: {DISTINCT:,} different questions take {DISTINCT * app / 1000:,.0f} core seconds in each process,"
    yield "spread over the time in which they come; who asks the same waits for one computation."


def _growth(cells: Mapping[tuple[str, str], Cell]) -> float:
    """By how much PostgreSQL's work for an answer grows with a hundredfold catalogue; not below 1, as less is noise."""
    ratios = [
        cells[question, "product, cold, x100"].postgres / cells[question, "product, cold"].postgres
        for question in MIX
        if (question, "product, cold, x100") in cells
    ]
    return max(1.0, math.prod(ratios) ** (1 / len(ratios)))


def _rows(cells: Mapping[tuple[str, str], Cell]) -> Iterator[str]:
    factor = PRICES / SIZES["price"].rows
    growth = _growth(cells)
    times = growth ** (math.log(factor) / math.log(100))
    yield f"**{PRICES:,} price rows** are {factor:,.0f} times the {SIZES['price'].rows:,} of today."
    yield ""
    yield "| table | bytes a row, with indexes | rows to a price row | as longer history, GB | as more models, GB |"
    yield "| --- | --: | --: | --: | --: |"
    for table, size in SIZES.items():
        grown = f"{size.bytes * factor / 1e9:,.0f}"
        history = grown if table in ("price", "price_change") else f"{size.bytes / 1e9:.2g}"
        yield f"| `{table}` | {size.bytes / size.rows:,.0f} | {size.rows / SIZES['price'].rows:.2g} | {history} | {grown} |"
    longer = DATABASE + (factor - 1) * (SIZES["price"].bytes + SIZES["price_change"].bytes)
    yield f"| whole database | | | {longer / 1e9:,.0f} | {DATABASE * factor / 1e9:,.0f} |"
    hot = sum(SIZES[table].bytes for table in ("price", "route", "model", "alias"))
    yield ""
    yield f"What answers read (`price`, `route`, `model`, `alias`) is {hot * factor / 1e9:,.0f} GB as more models: memory of a replica that reads from"
    yield f"memory alone. PostgreSQL's work for Q1 to Q4 grew by {growth:.2f} from the catalogue to a hundredfold one; at that pace it is"
    yield f"{times:.2f} times today's at {factor:,.0f} times the rows, as indexes get deeper and no list is longer."
    yield ""
    yield f"**What does not go that far:** an ingest derives everything anew and takes {INGEST_S} s today; linearly that is {INGEST_S * factor / 86_400:,.1f} days at"
    yield "that size, in one transaction. It has to derive only what changed statements touch, and `price`, `price_change` and `statement` have to be"
    yield "partitioned, before the catalogue grows by more than about a hundred times. `recommend` and its kin look at every model once for each"
    yield "revision and would need an order that is kept. Answers are measured up to a hundred times the rows, and beyond that calculated."


def capacity() -> str:
    """The calculation as Markdown. Raises KeyError where docs/performance.md lacks a figure."""
    cells = measured((DOCS / "performance.md").read_text())
    return "\n".join([*_traffic(cells), "", *_rows(cells)]) + "\n"


def main() -> None:
    if "--write" not in sys.argv:
        print(capacity(), end="")
        return
    before, rest = PAGE.read_text().split(START)
    PAGE.write_text(before + START + capacity() + END + rest.split(END)[1])


if __name__ == "__main__":
    main()
