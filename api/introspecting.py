"""The usual questions about the whole schema, answered before anybody asks them."""

from __future__ import annotations

from graphql import get_introspection_query

from api.asked import Asked
from api.callers import ANONYMOUS
from api.service import Service, most_points
from schema.answer import choose

INTROSPECTIONS = (
    get_introspection_query(),  # of most clients
    get_introspection_query(schema_description=True, input_value_deprecation=True),  # of GraphiQL
)


async def introspected(service: Service) -> None:
    """Keeps their answers, which no catalogue changes; each takes a quarter of a second to make."""
    for text in INTROSPECTIONS:
        asked = Asked(text, {})
        limit = most_points(asked, ANONYMOUS)
        await service.reply(asked, choose(text, {}, None, most_points=limit), limit)
