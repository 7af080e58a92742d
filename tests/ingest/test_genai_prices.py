"""What genai-prices says, as statements: the same from its JSON feed and from the package's module."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.statements import BrokenDocument, Parsed, SubjectKind
from ingest.sources import genai_prices
from tests.ingest.said import body, dated, prices, problems, said, subject, values

FEED: list[dict[str, Any]] = [
    {
        "id": "acme",
        "name": "Acme",
        "api_pattern": "https://api",
        "models": [
            {
                "id": "bolt-2",
                "name": "Bolt 2",
                "context_window": 256000,
                "deprecated": True,
                "match": {"or": [{"equals": "bolt-2"}, {"equals": "bolt-2-eu"}, {"starts_with": "bolt-2-"}]},
                "prices": {
                    "input_mtok": {"base": 3, "tiers": [{"start": 200000, "price": 6}]},
                    "output_mtok": 15.5,
                    "cache_read_mtok": 0.3,
                    "requests_kcount": 12,
                    "moon_mtok": 1,
                },
                "price_variants": [
                    {
                        "when": {"processing": "batch"},
                        "constraint": {"start_date": "2026-10-14"},
                        "prices": {"input_mtok": 1.5},
                    },
                    {"when": {"route": "acme/eu"}, "prices": {"input_mtok": 9}},
                ],
            }
        ],
    }
]

MODULE = """
import datetime
from decimal import Decimal
from .types import *

providers: list[Provider] = [
    Provider(
        id='acme',
        name='Acme',
        api_pattern='https://api',
        models=[
            ModelInfo(
                id='bolt-2',
                name='Bolt 2',
                context_window=256000,
                deprecated=True,
                match=ClauseOr(or_=[
                    ClauseEquals(equals='bolt-2'), ClauseEquals(equals='bolt-2-eu'), ClauseStartsWith(starts_with='bolt-2-')
                ]),
                prices=ModelPrice(
                    input_mtok=TieredPrices(base=Decimal('3'), tiers=[Tier(start=200000, price=Decimal('6'))]),
                    output_mtok=Decimal('15.5'),
                    cache_read_mtok=Decimal('0.3'),
                    requests_kcount=Decimal('12'),
                    moon_mtok=Decimal('1'),
                ),
                price_variants=[
                    PriceVariant(
                        when={'processing': 'batch'},
                        constraint=StartDateConstraint(start_date=datetime.date(2026, 10, 14)),
                        prices=ModelPrice(input_mtok=Decimal('1.5')),
                    ),
                    PriceVariant(when={'route': 'acme/eu'}, prices=ModelPrice(input_mtok=Decimal('9'))),
                ],
            )
        ],
    )
]
"""


def one(**model: Any) -> bytes:
    """A feed with one model, `bolt`."""
    return body([{"id": "acme", "models": [{"id": "bolt", **model}]}])


def test_a_route() -> None:
    parsed = genai_prices.parse(body(FEED))
    found = subject(parsed, "bolt-2")
    assert (found.provider, found.name) == ("acme", "Bolt 2")
    assert values(found) == {
        "name": "Bolt 2",
        "context_window": 256000,
        "lifecycle": "DEPRECATED",
        "capability.PROMPT_CACHING": True,
        "capability.BATCH": True,
        "price.STANDARD.0.input": "3",
        "price.STANDARD.200000.input": "6",
        "price.STANDARD.0.output": "15.5",
        "price.STANDARD.0.cache_read": "0.3",
        "price.STANDARD.0.per_request": "0.012",
        "price.BATCH.0.input": "1.5",
    }
    assert said(found, "price.STANDARD.200000.input").locator == "/0/models/0/prices/input_mtok/tiers/0/price"
    assert dated(found, "price.BATCH.0.input") == [("1.5", date(2026, 10, 14), None, None)]
    assert values(subject(parsed, "bolt-2-eu")) == values(found)
    assert values(subject(parsed, "acme", SubjectKind.PROVIDER)) == {"name": "Acme"}
    path, at = "providers.*.models.*", "/0/models/0"
    assert problems(parsed) == [
        ("clause-only-match", f"{path}.match by prefix, part or pattern, not expanded: once", f"{at}/match"),
        ("unknown-field", f"{path}.prices.moon_mtok: once", f"{at}/prices/moon_mtok"),
        (
            "unknown-mode",
            f"{path}.price_variants.* for route acme/eu is no price mode of ours: once",
            f"{at}/price_variants/1",
        ),
    ]


def test_the_package_module_says_the_same_as_the_feed() -> None:
    assert genai_prices.parse(MODULE.encode()) == genai_prices.parse(body(FEED))


@pytest.mark.parametrize(
    ("_case", "match", "ids"),
    [
        ("a prefix is no identity", {"starts_with": "bolt"}, ["bolt"]),
        ("a pattern that covers its own id", {"or": [{"regex": "^bo"}, {"equals": "bolt-x"}]}, ["bolt", "bolt-x"]),
        ("capitals do not matter for the own id", {"equals": "BOLT"}, ["BOLT"]),
        ("nor for any other", {"or": [{"equals": "acme/bolt-x"}, {"equals": "Acme/Bolt-X"}]}, ["Acme/Bolt-X"]),
        ("an own id that the rule does not name", {"or": [{"equals": "a"}, {"equals": "b"}]}, ["a", "b"]),
        ("both at once is no list", {"and": [{"equals": "a"}, {"contains": "b"}]}, ["bolt"]),
        ("no rule", None, ["bolt"]),
    ],
)
def test_only_exact_ids_become_routes(_case: str, match: Any, ids: list[str]) -> None:
    parsed = genai_prices.parse(one(match=match, prices={}))
    assert [each.id for each in parsed.subjects if each.kind is SubjectKind.ROUTE] == ids


def test_start_days_follow_each_other() -> None:
    parsed = genai_prices.parse(
        one(
            prices=[
                {"prices": {"input_mtok": 2}},
                {"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 4}},
                {"constraint": {"start_date": "2026-09-01"}, "prices": {"input_mtok": 3}},
                {"constraint": {"moon": "full"}, "prices": {"input_mtok": 9}},
            ]
        )
    )
    assert dated(subject(parsed, "bolt"), "price.STANDARD.0.input") == [
        ("2", None, None, date(2026, 9, 1)),
        ("3", date(2026, 9, 1), None, date(2027, 1, 1)),
        ("4", date(2027, 1, 1), None, None),
    ]
    assert problems(parsed) == [
        (
            "dropped-row",
            "providers.*.models.*.prices.* with a constraint that is not understood: once",
            "/0/models/0/prices/3",
        ),
        (
            "unknown-field",
            "providers.*.models.*.prices.*.constraint.moon: once",
            "/0/models/0/prices/3/constraint/moon",
        ),
    ]


@pytest.mark.parametrize(("window", "modes"), [(2, ("OFF_PEAK", "STANDARD")), (0.5, ("STANDARD", "OFF_PEAK"))])
def test_of_two_prices_by_hour_the_dearer_is_standard(window: float, modes: tuple[str, str]) -> None:
    hours = {"start_time": "01:00:00Z", "end_time": "04:00:00Z"}
    parsed = genai_prices.parse(
        one(prices=[{"prices": {"input_mtok": 1}}, {"constraint": hours, "prices": {"input_mtok": window}}])
    )
    found = subject(parsed, "bolt")
    assert prices(found) == {f"{modes[0]}.0.input": "1", f"{modes[1]}.0.input": str(window)}
    assert said(found, f"price.{modes[1]}.0.input").as_written == "01:00:00Z-04:00:00Z"
    outside = ["MON-SUN 00:00-01:00 UTC", "MON-SUN 04:00-24:00 UTC"]
    assert (values(found)[f"hours.{modes[0]}"], values(found)[f"hours.{modes[1]}"]) == (
        outside,
        ["MON-SUN 01:00-04:00 UTC"],
    )


def test_several_windows_have_one_price_or_no_hours() -> None:
    def parsed(second: int, start: str = "06:00:00Z") -> Parsed:
        hours = [("01:00:00Z", "04:00:00Z", 2), (start, "10:00:00Z", second)]
        windows = [
            {"constraint": {"start_time": first, "end_time": last}, "prices": {"input_mtok": price}}
            for first, last, price in hours
        ]
        dated = {"constraint": {"start_date": "2026-08-17"}, "prices": {"input_mtok": 1}}
        return genai_prices.parse(one(prices=[{"prices": {"input_mtok": 3}}, dated, *windows]))

    found = subject(parsed(2), "bolt")
    peak = ["MON-SUN 01:00-04:00 UTC", "MON-SUN 06:00-10:00 UTC"]
    assert dated(found, "hours.STANDARD") == [(peak, date(2026, 8, 17), None, None)]
    assert dated(found, "price.STANDARD.0.input") == [
        ("3", None, None, date(2026, 8, 17)),
        ("2", date(2026, 8, 17), None, None),
    ]
    assert dated(found, "price.OFF_PEAK.0.input") == [("1", date(2026, 8, 17), None, None)]
    path = "providers.*.models.*.prices"
    untold = ("bad-value", f"{path} have hours that cannot be told: once", "/0/models/0/prices")
    for other, dropped in (
        (parsed(5), [("dropped-row", f"{path} by time of day beyond the first window: once", "/0/models/0/prices")]),
        (parsed(2, start="06:00:00+08:00"), []),
    ):
        assert not [each for each in subject(other, "bolt").said if each.field.startswith("hours.")]
        assert [(code, message.partition(", first")[0], at) for code, message, at in problems(other)] == [
            untold,
            *dropped,
        ]


def test_the_first_rule_for_an_id_wins() -> None:
    models = [{"id": "bolt", "prices": {"input_mtok": 1}}, {"id": "bolt", "prices": {"input_mtok": 2}}]
    parsed = genai_prices.parse(body([{"id": "acme", "models": models}]))
    assert prices(subject(parsed, "bolt")) == {"STANDARD.0.input": "1"}
    assert problems(parsed) == [
        ("dropped-row", "providers.*.models.* claims an id that an earlier model has: once", "/0/models/1")
    ]


@pytest.mark.parametrize(
    ("_case", "document"),
    [
        ("no providers", b"[]"),
        ("an object", b"{}"),
        ("a list of something else", b"[1]"),
        ("Python without the list", b"prices = 1"),
        ("no Python", b"providers = ["),
        ("a computed value", b"providers = [Provider(id='a' + 'b')]"),
        ("a call of something else", b"providers = [__import__('os').system('true')]"),
        ("positional arguments", b"providers = [Provider('acme')]"),
        ("no number", b"providers = [Provider(id='a', models=[ModelInfo(price=Decimal('x'))])]"),
    ],
)
def test_a_broken_document_is_refused(_case: str, document: bytes) -> None:
    with pytest.raises(BrokenDocument):
        genai_prices.parse(document)


FIRST_FEED = {
    **{"input_mtok": {"base": 1.25, "tiers": [{"start": 200000, "price": 2.5}]}, "output_mtok": 10},
    **{"cache_read_mtok": 0.125, "cache_write_mtok": 1.5, "input_audio_mtok": 1, "output_audio_mtok": 2},
    **{"cache_audio_read_mtok": 0.3, "requests_kcount": 12},
}


def test_both_forms_of_the_feed_are_read() -> None:
    first = genai_prices.parse(one(prices=FIRST_FEED))
    second_feed = {**FIRST_FEED, "cache_write_1h_mtok": 2.5, "web_searches_kcount": 10, "output_image_mtok": 30}
    second = genai_prices.parse(one(prices=second_feed))
    told = {
        **{"STANDARD.0.input": "1.25", "STANDARD.200000.input": "2.5", "STANDARD.0.output": "10"},
        **{"STANDARD.0.cache_read": "0.125", "STANDARD.0.cache_write": "1.5", "STANDARD.0.audio_in": "1"},
        **{
            "STANDARD.0.audio_out": "2",
            "STANDARD.0.per_mtok_cache_read_audio": "0.3",
            "STANDARD.0.per_request": "0.012",
        },
    }
    more = {"STANDARD.0.cache_write_1h": "2.5", "STANDARD.0.per_search": "0.01", "STANDARD.0.per_mtok_image_out": "30"}
    assert prices(subject(first, "bolt")) == told
    assert prices(subject(second, "bolt")) == {**told, **more}
    assert problems(first) == problems(second) == []


@pytest.mark.parametrize(
    ("_case", "document", "answer"),
    [
        ("its units", one(prices=FIRST_FEED), True),
        ("a later unit", one(prices={"cache_write_1h_mtok": 1}), False),
        (
            "a later unit on a later day",
            one(prices=[{"prices": FIRST_FEED}, {"prices": {"input_image_mtok": 1}}]),
            False,
        ),
        ("the package", MODULE.encode(), False),
        ("prices that are none", one(prices=[1, {"prices": None}]), True),
    ],
)
def test_the_first_feed_is_known_by_its_units(_case: str, document: bytes, answer: bool) -> None:
    assert genai_prices.is_first_feed(document) is answer


@pytest.mark.parametrize(
    ("_case", "when", "told"),
    [
        ("batch", {"processing": "batch"}, {"BATCH.0.input": "2"}),
        ("flex", {"service_tier": "flex"}, {"FLEX.0.input": "2"}),
        ("priority", {"service_tier": "priority"}, {"PRIORITY.0.input": "2"}),
        ("fast", {"service_tier": "fast"}, {"FAST.0.input": "2"}),
        ("fast by its speed", {"speed": "fast"}, {"FAST.0.input": "2"}),
        ("two conditions", {"processing": "batch", "service_tier": "flex"}, {}),
        ("another search", {"search_type": "fast"}, {}),
        ("the usual tier with a price of its own", {"service_tier": "default"}, {}),
    ],
)
def test_variants_are_modes(_case: str, when: dict[str, str], told: dict[str, str]) -> None:
    variants = [{"when": when, "prices": {"input_mtok": 2}}, {"when": {"service_tier": "default"}, "prices": {}}]
    parsed = genai_prices.parse(one(prices={"input_mtok": 4}, price_variants=variants))
    assert prices(subject(parsed, "bolt")) == {"STANDARD.0.input": "4", **told}
    assert [code for code, *_ in problems(parsed)] == ([] if told else ["unknown-mode"])
