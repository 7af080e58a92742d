"""Benchmarks and what was measured with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Select, any_, func, select

from db.reader import Reader
from db.reads import NUMBERS, grouped
from db.tables import BenchmarkResultRow, BenchmarkRow
from domain import facts


async def benchmarks(reader: Reader) -> tuple[facts.Benchmark, ...]:
    """All benchmarks by name."""
    found = BenchmarkRow
    rows = await reader.execute(
        select(found.id, found.slug, found.name, found.version).order_by(func.lower(found.name), found.id)
    )
    return tuple(facts.Benchmark(row.id, row.slug, row.name, row.version) for row in rows)


@cache
def results_selected() -> Select[*tuple[Any, ...]]:
    """Benchmark results with their benchmarks, in no order."""
    result = BenchmarkResultRow
    return select(
        *(result.id, result.model_id, BenchmarkRow.id.label("benchmark_id"), result.metric, result.score),
        *(result.harness, result.variant, result.runner, result.date, result.url, result.source_id),
        *(BenchmarkRow.slug, BenchmarkRow.name, BenchmarkRow.version),
    ).join(BenchmarkRow, BenchmarkRow.id == result.benchmark_id)


def result_of(row: Sequence[Any]) -> facts.BenchmarkResult:
    """A result from a row that begins with the columns of `results_selected`."""
    made = list(row[:11])
    made[2] = _benchmark(made[2], *row[11:14])
    return facts.BenchmarkResult(*made)


@lru_cache(maxsize=1024)
def _benchmark(id_: int, slug: str, name: str, version: str | None) -> facts.Benchmark:
    return facts.Benchmark(id_, slug, name, version)


async def results_by_model(
    reader: Reader, model_ids: Collection[int]
) -> Mapping[int, tuple[facts.BenchmarkResult, ...]]:
    rows = await reader.fetch(_results_by_model(), ids=list(model_ids))
    return grouped(model_ids, ((row[1], result_of(row)) for row in rows))


@cache
def _results_by_model() -> Select[*tuple[Any, ...]]:
    found = results_selected().where(BenchmarkResultRow.model_id == any_(NUMBERS))
    return found.order_by(BenchmarkRow.slug, BenchmarkResultRow.id)
