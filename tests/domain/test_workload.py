"""Workloads refuse what makes no sense, and presets show their counts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.workload import AGENTIC_CODING, CHAT, MAX_TOKENS, PRESETS, RAG, REFERENCE_PAGE, RequestClass, Workload


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
    """Ten presets, each under its own key with a description and the note what of its counts is assumed."""
    assert list(PRESETS) == [
        *("CHAT", "RAG", "AGENTIC_CODING", "BATCH_EXTRACTION"),
        *("SUMMARISATION", "CLASSIFICATION", "LONG_DOCUMENT", "EMBEDDING", "AGENT_LOOP", "REFERENCE_PAGE"),
    ]
    for key, preset in PRESETS.items():
        assert (preset.key, preset.workload.name) == (key, key)
        assert preset.description.endswith(".")
        assert "assumption" in preset.note or preset is REFERENCE_PAGE


def test_who_measured_is_named_where_somebody_did() -> None:
    measured = {key: preset.reference for key, preset in PRESETS.items() if preset.reference is not None}
    assert list(measured) == ["CHAT", "RAG", "AGENTIC_CODING"]
    assert all(each.url.startswith("https://") and each.as_written for each in measured.values())
    assert all("not a measurement" not in PRESETS[key].note for key in measured)


def test_agentic_coding_is_what_was_measured_per_step() -> None:
    """The totals that the reference states, divided by its 357,161 steps, within the rounding that the note tells."""
    [step] = AGENTIC_CODING.workload.classes
    steps = 357_161
    assert step.cached_input == pytest.approx(52.6e9 / steps, rel=0.01)
    assert step.input + step.cache_write == pytest.approx(2.34e9 / steps, rel=0.01)
    assert step.generated == pytest.approx(186.9e6 / steps, rel=0.01)
    assert round(Decimal(step.cached_input) / step.prompt, 2) == Decimal("0.96")


def test_a_turn_of_chat_is_what_was_measured() -> None:
    """A message, an answer, and as the cache write the turn before, which is as long as both."""
    [turn] = CHAT.workload.classes
    assert turn.input == pytest.approx(69.5, rel=0.02)
    assert turn.output == pytest.approx(214.5, rel=0.02)
    assert turn.cache_write == pytest.approx(69.5 + 214.5, rel=0.02)


def test_a_question_over_retrieved_text_is_what_was_measured() -> None:
    [question] = RAG.workload.classes
    assert question.prompt == pytest.approx(2_968, rel=0.02)
    assert question.output == pytest.approx(265, rel=0.02)
