"""Which names of a caller's own terms nothing in the catalogue has."""

from __future__ import annotations

from sqlalchemy import func, literal, select, union_all

from db.reader import Reader
from db.tables import ProviderRow, RouteRow
from domain.overrides import Overrides, Unmatched


async def unmatched(reader: Reader, terms: Overrides) -> Unmatched:
    """The route keys, provider slugs and region that match nothing, live or not: one statement."""
    routes = {each.route for each in terms.prices}
    region = func.lower(RouteRow.region)
    wanted = [] if terms.region is None else [terms.region.casefold()]
    rows = await reader.execute(
        union_all(
            select(literal("route").label("kind"), RouteRow.key.label("name")).where(RouteRow.key.in_(routes)),
            select(literal("provider"), ProviderRow.slug).where(ProviderRow.slug.in_(terms.excluded)),
            select(literal("region"), region).where(region.in_(wanted)).distinct(),
        )
    )
    found = {(row.kind, row.name) for row in rows}
    return Unmatched(
        tuple(each.route for each in terms.prices if ("route", each.route) not in found),
        tuple(slug for slug in terms.excluded if ("provider", slug) not in found),
        terms.region if wanted and ("region", wanted[0]) not in found else None,
    )
