"""What labs, providers and benchmarks are called, so that a name that none of them has is told from one that matches nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import literal, select, union_all

from db.reader import Reader
from db.tables import BenchmarkRow, LabRow, ProviderRow


async def names(reader: Reader) -> Mapping[str, Collection[str]]:
    """The slugs by kind, `lab`, `provider` and `benchmark`; that of the company behind a provider names it too. One statement."""
    every = union_all(
        select(literal("lab").label("kind"), LabRow.slug.label("name")),
        select(literal("provider"), ProviderRow.slug),
        select(literal("provider"), ProviderRow.group).where(ProviderRow.group.is_not(None)),
        select(literal("benchmark"), BenchmarkRow.slug),
    ).subquery()
    found: dict[str, set[str]] = {"lab": set(), "provider": set(), "benchmark": set()}
    for row in await reader.execute(select(every.c.kind, every.c.name)):
        found[row.kind].add(row.name)
    return found
