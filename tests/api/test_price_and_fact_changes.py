"""Changes of the default catalogue, as clients follow them."""

import pytest

from tests.asking import Asked
from tests.catalogue import DAY

pytestmark = [pytest.mark.asyncio, pytest.mark.xdist_group("default catalogue")]

TODAY = DAY.date()


async def test_price_changes_since_a_day_the_latest_first(ask_default: Asked) -> None:
    text = """query ($after: String, $first: Int) { priceChanges(since: "2026-09-01", where: {kinds: [CHANGE]}, first: $first, after: $after) {
      totalCount nodes { day kind of amounts { unit before after ratio } route { key provider { name } model { slug } } }
      pageInfo { endCursor hasNextPage } } }"""
    days: list[str] = []
    seen: list[tuple[str, ...]] = []
    after = None
    for first in (1, 30, 30):
        page = (await ask_default(text, today=TODAY, first=first, after=after))["data"]["priceChanges"]
        assert len(ask_default.statements) == 4  # the page, its count, the routes, their models
        for node in page["nodes"]:
            assert node["kind"] == "CHANGE"
            assert node["amounts"]
            assert all(amount["before"] != amount["after"] for amount in node["amounts"])
            days.append(node["day"])
            seen.append((node["of"], node["day"], str(node["amounts"])))
        after = page["pageInfo"]["endCursor"]
    assert days == sorted(days, reverse=True)
    assert days[-1] >= "2026-09-01"
    assert len(seen) == 61 <= page["totalCount"]


async def test_the_order_of_recording_goes_on_where_a_client_stopped(ask_default: Asked) -> None:
    text = """query ($prices: String, $facts: String) {
      priceChanges(order: RECORDED, first: 100, after: $prices) { nodes { of mode day revision } pageInfo { endCursor } }
      factChanges(first: 100, after: $facts) { nodes { of field revision } pageInfo { endCursor } } }"""
    first = (await ask_default(text, today=TODAY))["data"]
    ends = {
        "prices": first["priceChanges"]["pageInfo"]["endCursor"],
        "facts": first["factChanges"]["pageInfo"]["endCursor"],
    }
    second = (await ask_default(text, today=TODAY, **ends))["data"]
    for kind in ("priceChanges", "factChanges"):
        pages = [[str(node) for node in part[kind]["nodes"]] for part in (first, second)]
        assert [len(page) for page in pages] == [100, 100]
        assert set(pages[0]).isdisjoint(pages[1])
    assert {node["revision"] for node in first["priceChanges"]["nodes"]} == {1}
    assert {node["field"] for node in first["factChanges"]["nodes"]} == {"listed"}
    later = "{ priceChanges(where: {afterRevision: 1}) { totalCount } }"
    assert (await ask_default(later, today=TODAY))["data"]["priceChanges"]["totalCount"] == 0
    assert len(ask_default.statements) == 1


async def test_how_the_price_of_one_route_changed(ask_default: Asked) -> None:
    text = """{ route(key: "deepseek/deepseek-chat") { priceChanges { mode day dayBasis kind
      amounts { unit before after } } priceHistory { mode validFrom inputMtok } } }"""
    route = (await ask_default(text, today=TODAY))["data"]["route"]
    standard = [step for step in route["priceChanges"] if step["mode"] == "STANDARD"]
    assert [(step["day"], step["dayBasis"], step["kind"]) for step in standard[:3]] == [
        ("2025-06-10", "STATED", "FIRST_COVERAGE"),
        ("2025-08-25", "OBSERVED", "CHANGE"),
        ("2025-11-17", "OBSERVED", "CHANGE"),
    ]
    assert standard[1]["amounts"][0] == {"unit": "input", "before": "0.27", "after": "0.57"}
    history = [each["validFrom"] for each in route["priceHistory"] if each["mode"] == "STANDARD"]
    history.remove("2025-09-05")  # only its hours changed
    assert [step["day"] for step in standard][: len(history)] == history


async def test_what_was_recorded_is_not_seen_anew_through_a_lens(ask_default: Asked) -> None:
    found = await ask_default(
        '{ route(key: "deepseek/deepseek-chat", lens: {valid: "2026-03-01"}) { priceChanges { day } } }'
    )
    assert len(found["data"]["route"]["priceChanges"]) > 3
