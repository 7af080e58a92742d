"""Workloads refuse what makes no sense, and presets show their counts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.workload import AGENTIC_CODING, MAX_TOKENS, PRESETS, REFERENCE_PAGE, RequestClass, Workload


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"requests": -1}, "requests of 'one' must be between 0 and 1,000,000,000,000, not -1"),
        ({"input": -5}, "input of 'one' must be between 0 and 1,000,000,000, not -5"),
        ({"output": MAX_TOKENS + 1}, "output of 'one' must be between 0 and 1,000,000,000, not 1,000,000,001"),
        ({"batch_share": Decimal("1.1")}, "batch_share of 'one' must be between 0 and 1, not 1.1"),
        ({"batch_share": Decimal("-0.1")}, "batch_share of 'one' must be between 0 and 1, not -0.1"),
        ({"peak_share": Decimal("1.1")}, "peak_share of 'one' must be between 0 and 1, not 1.1"),
        ({"retries": Decimal("-0.1")}, "retries of 'one' must be between 0 and 1, not -0.1"),
        ({"cache_write_1h": -1}, "cache_write_1h of 'one' must be between 0 and 1,000,000,000, not -1"),
        ({"batch_share": Decimal("NaN")}, "batch_share of 'one' must be between 0 and 1, not NaN"),
        ({"batch_share": Decimal("0.1234567891")}, "batch_share of 'one' may have nine decimals at most"),
    ],
)
def test_a_wrong_request_class_is_refused(wrong: dict[str, int | Decimal], message: str) -> None:
    """A negative or oversized number and a share outside 0 to 1 are errors that name the field."""
    with pytest.raises(ValueError, match=message):
        RequestClass(**{"name": "one", "requests": 1, "input": 1, "output": 1, **wrong})  # type: ignore[arg-type]


def test_a_workload_has_classes_with_different_names() -> None:
    """None, or two of one name, are errors."""
    one = RequestClass("one", 1, 1, 1)
    with pytest.raises(ValueError, match="1 to 20 request classes, not 0"):
        Workload("empty", ())
    with pytest.raises(ValueError, match="need different names"):
        Workload("twice", (one, one))


def test_the_needs_of_a_workload_are_those_of_its_largest_request() -> None:
    """Cached tokens fill the window as others do, and reasoning counts as generated."""
    small = RequestClass("small", 9, 10, 900)
    large = RequestClass("large", 1, 100, 20, cached_input=1_000, cache_write=50, reasoning=30)
    workload = Workload("both", (small, large))
    assert (workload.context_need, workload.output_need) == (1_200, 900)


def test_presets_say_what_they_are() -> None:
    """Ten presets, each under its own key with a description and the note that its counts are assumed."""
    assert list(PRESETS) == [
        *("CHAT", "RAG", "AGENTIC_CODING", "BATCH_EXTRACTION"),
        *("SUMMARISATION", "CLASSIFICATION", "LONG_DOCUMENT", "EMBEDDING", "AGENT_LOOP", "REFERENCE_PAGE"),
    ]
    for key, preset in PRESETS.items():
        assert (preset.key, preset.workload.name) == (key, key)
        assert preset.description.endswith(".")
        assert "assumption" in preset.note or preset is REFERENCE_PAGE


def test_agentic_coding_reads_98_percent_of_its_prompt_from_the_cache() -> None:
    """58,800 of 60,000 tokens."""
    [step] = AGENTIC_CODING.workload.classes
    assert Decimal(step.cached_input) / step.prompt == Decimal("0.98")
