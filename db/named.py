"""What labs, providers, benchmarks and licences are called, so that a name that none of them has is told from one that matches nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import func, literal, select, union_all

from db.reader import Reader
from db.tables import BenchmarkRow, LabRow, LicenseRow, ProviderRow


async def names(reader: Reader) -> Mapping[str, Collection[str]]:
    """The slugs by kind, `lab`, `provider`, `benchmark` and `license`; that of the company behind a provider names it too, and the SPDX
    id of a licence. One statement."""
    every = union_all(
        select(literal("lab").label("kind"), LabRow.slug.label("name")),
        select(literal("provider"), ProviderRow.slug),
        select(literal("provider"), ProviderRow.group).where(ProviderRow.group.is_not(None)),
        select(literal("benchmark"), BenchmarkRow.slug),
        select(literal("license"), func.lower(LicenseRow.key)),
        select(literal("license"), func.lower(LicenseRow.spdx)).where(LicenseRow.spdx.is_not(None)),
    ).subquery()
    found: dict[str, set[str]] = {"lab": set(), "provider": set(), "benchmark": set(), "license": set()}
    for row in await reader.execute(select(every.c.kind, every.c.name)):
        found[row.kind].add(row.name)
    return found
