"""What LiteLLM's cost map says, as statements."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.reconcile import Claim
from domain.sheets import price_sheets
from domain.statements import BrokenDocument
from domain.suspicion import mark_suspicious
from ingest.sources import litellm
from tests.ingest.said import body, prices, problems, said, subject, values


def route(**fields: Any) -> dict[str, Any]:
    """A document with one route, `bolt` at `acme`."""
    return {"sample_spec": {"mode": "one of"}, "acme/bolt": {"litellm_provider": "acme", **fields}}


@pytest.mark.parametrize(
    ("_case", "key", "provider", "id_"),
    [
        ("provider first", "gemini/gemini-9", "gemini", "gemini-9"),
        ("a part of the provider's name", "vertex_ai/claude@1", "vertex_ai-anthropic_models", "claude@1"),
        ("hyphen for underscore", "amazon-nova/nova", "amazon_nova", "nova"),
        ("no prefix", "gpt-9", "openai", "gpt-9"),
        ("a size, not a provider", "1024-x-1024/dall-e-9", "openai", "1024-x-1024/dall-e-9"),
        ("a namespace below the provider", "deepinfra/meta/llama", "deepinfra", "meta/llama"),
    ],
)
def test_route_id(_case: str, key: str, provider: str, id_: str) -> None:
    assert litellm.route_id(key, provider) == id_


def test_prices_are_a_grammar() -> None:
    parsed = litellm.parse(
        body(
            route(
                mode="chat",
                source="https://acme.example/pricing",
                input_cost_per_token=3.0001999999999996e-07,
                output_cost_per_token=1.5e-05,
                input_cost_per_token_above_200k_tokens=6e-07,
                output_cost_per_token_above_272k_tokens_priority=2e-05,
                input_cost_per_token_batches=1.5e-07,
                output_cost_per_token_flex=7.5e-06,
                cache_read_input_token_cost=0,
                input_cost_per_token_cache_hit=0,
                cache_creation_input_token_cost=1e-06,
                cache_creation_input_token_cost_above_1hr=2e-06,
                cache_creation_input_token_cost_above_1hr_above_200k_tokens=4e-06,
                output_cost_per_reasoning_token=None,
                input_cost_per_audio_token=1e-06,
                output_cost_per_image=0.04,
                output_cost_per_second_1080p=0.5,
                input_cost_per_second=0.0002833333333333333,
                search_context_cost_per_query={"search_context_size_low": 0.01},
                input_cost_per_token_ultrafast=1e-3,
                output_cost_per_token_on_mars=1,
                regional_processing_uplift_multiplier_eu=1.1,
            )
        )
    )
    found = subject(parsed, "bolt")
    assert found.provider == "acme"
    assert prices(found) == {
        "STANDARD.0.input": "0.30002",
        "STANDARD.0.output": "15",
        "STANDARD.200000.input": "0.6",
        "PRIORITY.272000.output": "20",
        "BATCH.0.input": "0.15",
        "FLEX.0.output": "7.5",
        "STANDARD.0.cache_read": "0",
        "STANDARD.0.cache_write": "1",
        "STANDARD.0.cache_write_1h": "2",
        "STANDARD.200000.cache_write_1h": "4",
        "STANDARD.0.audio_in": "1",
        "STANDARD.0.per_image_out": "0.04",
        "STANDARD.0.per_second_out_1080p": "0.5",
        "STANDARD.0.per_second_in": "0.000283333333333",
        "STANDARD.0.per_search_low": "0.01",
    }
    assert said(found, "price.STANDARD.0.input").url == "https://acme.example/pricing"
    assert values(found)["capability.BATCH"] is True
    at = "/acme~1bolt"
    assert problems(parsed, without=()) == [
        ("rounded-number", "*.input_cost_per_second to 12 significant digits: once", f"{at}/input_cost_per_second"),
        ("rounded-number", "*.input_cost_per_token to 12 significant digits: once", f"{at}/input_cost_per_token"),
        ("unknown-field", "*.output_cost_per_token_on_mars: once", f"{at}/output_cost_per_token_on_mars"),
        (
            "unknown-mode",
            "*.input_cost_per_token_ultrafast: no price mode of ours: once",
            f"{at}/input_cost_per_token_ultrafast",
        ),
        ("unread-field", "*.input_cost_per_token_cache_hit: once", f"{at}/input_cost_per_token_cache_hit"),
        (
            "unread-field",
            "*.regional_processing_uplift_multiplier_eu: once",
            f"{at}/regional_processing_uplift_multiplier_eu",
        ),
        ("zero-price", "price.STANDARD.0.cache_read: once", f"{at}/cache_read_input_token_cost"),
    ]


def test_tiers_and_off_peak() -> None:
    parsed = litellm.parse(
        body(
            route(
                input_cost_per_token=1e-06,
                tiered_pricing=[
                    {"range": [0, 32000.0], "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
                    {"range": [32000.0, 128000], "input_cost_per_token": 3e-06, "moons": 1},
                    {"max_results_range": [0, 25], "input_cost_per_query": 0.005},
                ],
                off_peak_pricing={"input_cost_per_token": 5e-07, "windows": [{"hours_utc": "16:00-00:00"}]},
            )
        )
    )
    found = subject(parsed, "bolt")
    assert prices(found) == {
        "STANDARD.0.input": "1",
        "STANDARD.0.output": "2",
        "STANDARD.32000.input": "3",
        "OFF_PEAK.0.input": "0.5",
    }
    assert said(found, "price.OFF_PEAK.0.input").as_written == '[{"hours_utc": "16:00-00:00"}]'
    assert values(found)["hours.OFF_PEAK"] == ["MON-SUN 16:00-24:00 UTC"]
    assert values(found)["hours.STANDARD"] == ["MON-SUN 00:00-16:00 UTC"]
    assert problems(parsed) == [
        ("dropped-row", "*.tiered_pricing.* without a range of tokens: once", "/acme~1bolt/tiered_pricing/2"),
        ("unknown-field", "*.tiered_pricing.*.moons: once", "/acme~1bolt/tiered_pricing/1/moons"),
    ]


def test_limits_capabilities_and_dates() -> None:
    parsed = litellm.parse(
        body(
            route(
                mode="responses",
                max_input_tokens=272000,
                max_output_tokens=128000,
                deprecation_date="2027-01-31",
                supports_vision=False,
                supports_function_calling=True,
                supports_response_schema=True,
                supports_computer_use=True,
                supports_native_streaming=False,
                supports_moonlight=True,
                supported_modalities=["text", "image"],
                supported_output_modalities=["text", "code", "smell"],
            )
        )
    )
    assert values(subject(parsed, "bolt")) == {
        "task": "TEXT_GENERATION",
        "max_input": 272000,
        "max_output": 128000,
        "retires_on": "2027-01-31",
        "capability.FUNCTION_CALLING": True,
        "capability.TOOL_USE": True,
        "capability.STRUCTURED_OUTPUTS": True,
        "capability.COMPUTER_USE": True,
        "capability.STREAMING": False,
        # The source's own word, although an image goes in.
        "capability.VISION": False,
        "capability.AUDIO_IN": False,
        "capability.VIDEO_IN": False,
        "capability.AUDIO_OUT": False,
        "capability.IMAGE_OUT": False,
        "capability.MULTIMODAL": True,
        "input_modalities": ["TEXT", "IMAGE"],
        "output_modalities": ["TEXT"],
    }
    assert problems(parsed) == [
        (
            "bad-value",
            "*.supported_output_modalities holds the unknown modality 'smell': once, first ['text', 'code', 'smell']",
            "/acme~1bolt/supported_output_modalities",
        ),
        ("unknown-field", "*.supports_moonlight: once", "/acme~1bolt/supports_moonlight"),
    ]


def test_a_route_that_is_written_twice_is_kept_once() -> None:
    parsed = litellm.parse(
        body(
            {
                "bolt": {"litellm_provider": "acme", "max_input_tokens": 1},
                "acme/bolt": {"litellm_provider": "acme", "max_input_tokens": 2},
                "spark": {"mode": "chat"},
            }
        )
    )
    assert values(subject(parsed, "bolt")) == {"max_input": 2}
    assert problems(parsed) == [
        ("dropped-row", "bolt is the route acme/bolt again, different in max_input_tokens", "/bolt"),
        ("dropped-row", "entry without litellm_provider: once", "/spark"),
    ]


@pytest.mark.parametrize("document", [b"", b"[]", b'{"sample_spec": {"litellm_provider": "acme"}}', b'{"a": 1}'])
def test_a_broken_document_is_refused(document: bytes) -> None:
    with pytest.raises(BrokenDocument):
        litellm.parse(document)


NIGHTS = {"hours_utc": ["00:00-01:00", "10:00-00:00"], "weekdays": [1, 2, 3, 4, 5]}
WEEKENDS = {"hours_utc": "00:00-00:00", "weekdays": [6, 7]}


@pytest.mark.parametrize(
    ("_case", "sheet", "off_peak", "standard"),
    [
        (
            "weekdays in UTC",
            {"windows": [NIGHTS, WEEKENDS]},
            ["MON-FRI 00:00-01:00 UTC", "MON-FRI 10:00-24:00 UTC", "SAT-SUN 00:00-24:00 UTC"],
            ["MON-FRI 01:00-10:00 UTC"],
        ),
        (
            "weekdays in China",
            {"windows": [NIGHTS, WEEKENDS], "weekday_timezone": "Asia/Shanghai"},
            ["MON-FRI 00:00-09:00 UTC+08:00", "MON-FRI 18:00-24:00 UTC+08:00", "SAT-SUN 00:00-24:00 UTC+08:00"],
            ["MON-FRI 09:00-18:00 UTC+08:00"],
        ),
        ("weekdays in a place with summer time", {"windows": [NIGHTS], "weekday_timezone": "Europe/Paris"}, None, None),
        ("a time in words", {"windows": [{"hours_utc": "late"}]}, None, None),
        ("weekdays that are no list", {"windows": [{"hours_utc": "01:00-02:00", "weekdays": 6}]}, None, None),
        ("one window that cannot be read", {"windows": [NIGHTS, {"hours_utc": 5}]}, None, None),
        ("no windows", {}, None, None),
    ],
)
def test_off_peak_hours(
    _case: str, sheet: dict[str, Any], off_peak: list[str] | None, standard: list[str] | None
) -> None:
    parsed = litellm.parse(body(route(off_peak_pricing={"input_cost_per_token": 5e-07, **sheet})))
    found = values(subject(parsed, "bolt"))
    assert (found.get("hours.OFF_PEAK"), found.get("hours.STANDARD")) == (off_peak, standard)
    assert found["price.OFF_PEAK.0.input"] == "0.5"
    unread = [code for code, message, _ in problems(parsed) if message.startswith("*.off_peak_pricing.windows")]
    assert unread == ([] if off_peak else ["bad-value"])


@pytest.mark.parametrize(
    ("_case", "entry", "fast"),
    [
        ("a multiple", {"fast": 2.5, "us": 1.1}, {"FAST.0.input": "12.5", "FAST.0.output": "62.5"}),
        ("another thing", {"us": 1.1}, {}),
        ("no number", {"fast": "very"}, {}),
        ("no table", "fast", {}),
    ],
)
def test_fast_is_a_multiple_of_input_and_output(_case: str, entry: Any, fast: dict[str, str]) -> None:
    costs = {"input_cost_per_token": 5e-06, "output_cost_per_token": 2.5e-05, "cache_read_input_token_cost": 5e-07}
    found = prices(subject(litellm.parse(body(route(**costs, provider_specific_entry=entry))), "bolt"))
    assert {field: value for field, value in found.items() if field.startswith("FAST")} == fast


def test_what_is_100_000_times_too_high_is_kept_and_flagged() -> None:
    """LiteLLM 1.90.2 had ten such routes of one provider: dollars per million were written as dollars per token."""
    found = subject(litellm.parse(body(route(input_cost_per_token=0.1, output_cost_per_token=0.5))), "bolt")
    assert prices(found) == {"STANDARD.0.input": "100000", "STANDARD.0.output": "500000"}
    claims = [Claim(number, "litellm", "litellm", each.field, each.value) for number, each in enumerate(found.said)]
    today = date(2026, 3, 1)
    (sheet,) = mark_suspicious({1: price_sheets(1, claims)}, today)[1]
    assert sheet.suspicious == (
        "input 100000 USD per million tokens is outside 0.001 to 1000; "
        "output 500000 USD per million tokens is outside 0.001 to 1000"
    )
