"""The first routes of models are those of the whole list, in its order, in one statement."""

import pytest

from db import first_routes, reads
from db.queries import RoutesOf
from db.reader import Reader

pytestmark = pytest.mark.asyncio


async def test_they_are_the_beginning_of_the_whole_list(reader: Reader) -> None:
    queries = [
        RoutesOf(model, live, size) for model in (2, 1, 3) for live in (True, False, None) for size in (0, 1, 2, 3, 100)
    ]
    before = reader.statements
    found = await first_routes.first_routes(reader, queries)
    counted = await first_routes.count_routes_of(reader, queries)
    assert reader.statements - before == 2
    whole = await reads.routes_by_model(reader, [1, 2, 3])
    for query in queries:
        routes = [route for route in whole[query.model] if query.live in (None, route.live)]
        assert found[query] == first_routes.page(query, routes)
        assert found[query].items == tuple(routes[: query.size])
        assert found[query].has_next is (len(routes) > query.size)
        assert counted[query] == len(routes)
    assert len(found[RoutesOf(1, True, 2)].items) == 2
