"""Which names of a caller's own terms nothing in the catalogue has."""

from __future__ import annotations

from sqlalchemy import func, literal, or_, select, union_all

from db.reader import Reader
from db.tables import ProviderRow, RouteRow
from domain.overrides import Overrides, Unmatched


async def unmatched(reader: Reader, terms: Overrides) -> Unmatched:
    """The route keys, provider slugs and region that match nothing, live or not: one statement."""
    routes = {each.route for each in terms.prices}
    wanted, region = (terms.region or "").casefold(), func.lower(RouteRow.region)
    inside = or_(region == wanted, region.startswith(f"{wanted}-", autoescape=True))  # as `overrides.within` has it
    rows = await reader.execute(
        union_all(
            select(literal("route").label("kind"), RouteRow.key.label("name")).where(RouteRow.key.in_(routes)),
            select(literal("provider"), ProviderRow.slug).where(ProviderRow.slug.in_(terms.excluded)),
            select(literal("region"), literal(wanted)).where(RouteRow.region.is_not(None), inside).distinct(),
        )
    )
    found = {(row.kind, row.name) for row in rows}
    return Unmatched(
        tuple(each.route for each in terms.prices if ("route", each.route) not in found),
        tuple(slug for slug in terms.excluded if ("provider", slug) not in found),
        terms.region if terms.region is not None and ("region", wanted) not in found else None,
    )
