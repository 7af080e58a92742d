"""Benchmarks and what was measured with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Row, Select, func, select

from db.reader import Reader
from db.reads import grouped
from db.tables import BenchmarkResultRow, BenchmarkRow
from domain import facts


async def benchmarks(reader: Reader) -> tuple[facts.Benchmark, ...]:
    """All benchmarks by name."""
    found = BenchmarkRow
    rows = await reader.execute(
        select(found.id, found.slug, found.name, found.version).order_by(func.lower(found.name), found.id)
    )
    return tuple(facts.Benchmark(row.id, row.slug, row.name, row.version) for row in rows)


def results_selected() -> Select[*tuple[Any, ...]]:
    """Benchmark results with their benchmarks, by benchmark."""
    result = BenchmarkResultRow
    return (
        select(
            *(result.id, result.model_id, result.metric, result.score, result.harness, result.variant, result.runner),
            *(result.date, result.url, result.source_id, BenchmarkRow.id.label("benchmark_id"), BenchmarkRow.slug),
            *(BenchmarkRow.name, BenchmarkRow.version),
        )
        .join(BenchmarkRow, BenchmarkRow.id == result.benchmark_id)
        .order_by(BenchmarkRow.slug, result.id)
    )


def result_of(row: Row[*tuple[Any, ...]]) -> facts.BenchmarkResult:
    """A result from a row of `results_selected`."""
    return facts.BenchmarkResult(
        id=row.id,
        model_id=row.model_id,
        benchmark=facts.Benchmark(row.benchmark_id, row.slug, row.name, row.version),
        metric=row.metric,
        score=row.score,
        harness=row.harness,
        variant=row.variant,
        runner=row.runner,
        date=row.date,
        url=row.url,
        source=row.source_id,
    )


async def results_by_model(
    reader: Reader, model_ids: Collection[int]
) -> Mapping[int, tuple[facts.BenchmarkResult, ...]]:
    rows = await reader.execute(results_selected().where(BenchmarkResultRow.model_id.in_(model_ids)))
    return grouped(model_ids, ((row.model_id, result_of(row)) for row in rows))
