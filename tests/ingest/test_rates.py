"""What the ledger of rates says, as statements."""

from __future__ import annotations

import gzip
import json
from datetime import date
from typing import Any

import pytest

from domain.statements import BrokenDocument
from ingest.sources import rates
from tests.ingest.said import body, prices, problems, said, subject, values


def ledger(**route: Any) -> dict[str, Any]:
    """A ledger with one route, `bolt-2` at `acme`."""
    return {"snapshot_date": "2026-09-28", "models": [{"provider": "acme", "id": "bolt-2", **route}]}


def test_a_route() -> None:
    parsed = rates.parse(
        body(
            {
                **{"schema_version": 3, "domain": "ai", "resolution": {}, "sources": {"litellm": "1"}},
                **ledger(
                    type="chat",
                    family="bolt",
                    context={"input": 256000, "output": 8192},
                    lifecycle={"status": "active", "release_date": "2026-03-16", "deprecation_date": "2027-01-01"},
                    modalities={"input": ["text", "image"], "output": ["text"]},
                    tool_call=True,
                    structured_output=False,
                    reasoning={"control": "effort", "levels": ["low", "high"], "can_disable_reasoning": True},
                    price={
                        **{"currency": "USD", "input_mtok": 3, "output_mtok": 15.5, "cache_read_mtok": 0.3},
                        **{"cache_write_1h_mtok": 6, "requests_kcount": 12, "reasoning_mtok": 20},
                    },
                    price_tiers=[{"when": {"dimension": "context", "over": 200000}, "price": {"input_mtok": 6}}],
                    sources=["models_dev"],
                ),
            }
        )
    )
    found = subject(parsed, "bolt-2")
    assert (found.provider, parsed.document_date) == ("acme", date(2026, 9, 28))
    assert values(found) == {
        "family": "bolt",
        "task": "TEXT_GENERATION",
        "context_window": 256000,
        "max_output": 8192,
        "lifecycle": "AVAILABLE",
        "released": "2026-03-16",
        "retires_on": "2027-01-01",
        "input_modalities": ["TEXT", "IMAGE"],
        "output_modalities": ["TEXT"],
        "capability.FUNCTION_CALLING": True,
        "capability.TOOL_USE": True,
        "capability.STRUCTURED_OUTPUTS": False,
        "capability.REASONING": True,
        "capability.VISION": True,
        "capability.AUDIO_IN": False,
        "capability.VIDEO_IN": False,
        "capability.AUDIO_OUT": False,
        "capability.IMAGE_OUT": False,
        "capability.MULTIMODAL": True,
        "capability.PROMPT_CACHING": True,
        "price.STANDARD.0.input": "3",
        "price.STANDARD.0.output": "15.5",
        "price.STANDARD.0.cache_read": "0.3",
        "price.STANDARD.0.cache_write_1h": "6",
        "price.STANDARD.0.per_request": "0.012",
        "price.STANDARD.0.reasoning": "20",
        "price.STANDARD.200000.input": "6",
    }
    assert said(found, "price.STANDARD.200000.input").locator == "/models/0/price_tiers/0/price/input_mtok"
    assert problems(parsed) == []
    assert [each.message for each in parsed.problems] == [
        "domain: once",
        "models.*.reasoning.can_disable_reasoning: once",
        "models.*.reasoning.control: once",
        "models.*.reasoning.levels: once",
        "models.*.sources: once",
        "schema_version: once",
        "sources: once",
    ]


def test_packed_or_not_it_says_the_same() -> None:
    plain = body(ledger(price={"input_mtok": 1}))
    assert rates.parse(gzip.compress(plain, mtime=0)) == rates.parse(plain)


def test_a_recorded_discrepancy_is_told_and_taken_from_nobody() -> None:
    entry = {
        **{"field": "output_mtok", "chosen_source": "litellm", "chosen_value": 0.160, "other_source": "models_dev"},
        **{"other_value": 0.4, "difference_pct": 150, "resolved_by": "freshness"},
    }
    unknown = {**entry, "other_value": None, "moons": 1}
    parsed = rates.parse(body(ledger(price={"output_mtok": 0.16}, price_discrepancies=[entry, unknown])))
    assert prices(subject(parsed, "bolt-2")) == {"STANDARD.0.output": "0.16"}
    assert problems(parsed) == [
        (
            "recorded-discrepancy",
            "acme/bolt-2 output_mtok: litellm says 0.16, models_dev says 0.4 (chosen by freshness)",
            "/models/0/price_discrepancies/0",
        ),
        (
            "recorded-discrepancy",
            "acme/bolt-2 output_mtok: litellm says 0.16, models_dev says ? (chosen by freshness)",
            "/models/0/price_discrepancies/1",
        ),
        ("unknown-field", "models.*.price_discrepancies.*.moons: once", "/models/0/price_discrepancies/1/moons"),
    ]


@pytest.mark.parametrize(
    ("_case", "route", "told"),
    [
        ("another currency is kept apart", {"price": {"currency": "CNY", "input_mtok": 2}}, {"STANDARD.0.input@CNY": "2"}),
        ("without one it is USD", {"price": {"input_mtok": 2}}, {"STANDARD.0.input": "2"}),
        ("a zero is kept", {"price": {"input_mtok": 0}}, {"STANDARD.0.input": "0"}),
        ("a negative amount is none", {"price": {"input_mtok": -1, "output_mtok": 2}}, {"STANDARD.0.output": "2"}),
        ("a fraction as it is written", {"price": {"input_mtok": 0.1}}, {"STANDARD.0.input": "0.1"}),
        ("a tier of another dimension", {"price_tiers": [{"when": {"dimension": "time", "over": 5}, "price": {"input_mtok": 6}}]}, {}),
        ("a tier without a size", {"price_tiers": [{"when": {"dimension": "context"}, "price": {"input_mtok": 6}}]}, {}),
    ],
)  # fmt: skip
def test_prices(_case: str, route: dict[str, Any], told: dict[str, str]) -> None:
    assert prices(subject(rates.parse(body(ledger(**route))), "bolt-2")) == told


@pytest.mark.parametrize(
    ("_case", "route", "problem"),
    [
        ("a new field", {"moons": 1}, ("unknown-field", "models.*.moons: once", "/models/0/moons")),
        ("a new unit", {"price": {"moon_mtok": 1}}, ("unknown-field", "models.*.price.moon_mtok: once", "/models/0/price/moon_mtok")),
        (
            "a new word of the life cycle",
            {"lifecycle": {"status": "undead"}},
            ("bad-value", "models.*.lifecycle.status is the unknown status 'undead': once, first 'undead'", "/models/0/lifecycle/status"),
        ),
        (
            "a date of no calendar",
            {"lifecycle": {"deprecation_date": "2026-02-31"}},
            ("bad-value", "models.*.lifecycle.deprecation_date is not an announced day: once, first '2026-02-31'", "/models/0/lifecycle/deprecation_date"),
        ),
        ("no window", {"context": {"input": 0}}, ("not-applicable", "models.*.context.input is 0: once", "/models/0/context/input")),
        ("a zero", {"price": {"input_mtok": 0}}, ("zero-price", "price.STANDARD.0.input: once", "/models/0/price/input_mtok")),
    ],
)  # fmt: skip
def test_what_is_reported(_case: str, route: dict[str, Any], problem: tuple[str, str, str]) -> None:
    assert problems(rates.parse(body(ledger(**route)))) == [problem]


def test_a_route_without_an_id_is_dropped() -> None:
    document = ledger()
    document["models"].append({"provider": "acme"})
    parsed = rates.parse(body(document))
    assert [each.id for each in parsed.subjects] == ["bolt-2"]
    assert problems(parsed) == [("dropped-row", "model without provider or id: once", "/models/1")]


@pytest.mark.parametrize(
    ("_case", "document"),
    [
        ("no models", b"{}"),
        ("an empty list", json.dumps({"models": []}).encode()),
        ("a list", b"[]"),
        ("half a pack", gzip.compress(b"{}", mtime=0)[:-4]),
        ("no JSON", b"models:"),
    ],
)
def test_a_broken_document_is_refused(_case: str, document: bytes) -> None:
    with pytest.raises(BrokenDocument):
        rates.parse(document)
