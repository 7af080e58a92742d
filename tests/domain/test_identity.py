"""Who is who: spellings of one model join, different models stay apart, and "unresolved" is an answer."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.aliases import Alias
from domain.identity import CONFIDENCE, Lab, Link, Method, Named, Resolver, Row, Tables
from domain.universe import known_models

TABLES = Tables(
    labs=(
        Lab("mistral", "Mistral AI", ("mistral", "mistralai"), ("mistral", "codestral"), ("mistral",)),
        Lab("deepseek", "DeepSeek", ("deepseek", "deepseek-ai"), ("deepseek",), ("deepseek",)),
        Lab("anthropic", "Anthropic", ("anthropic",), ("claude",), ("anthropic",)),
        Lab("openai", "OpenAI", ("openai",), ("gpt",), ("openai",)),
    ),
    aliases=(Alias("mistral-small-latest", "mistral-small-4", "the lab says so"),),
    models=(
        Named("mistral-small-4", "Mistral Small 4", "mistral", ("mistral-small-2603",)),
        Named("deepseek-v4", "DeepSeek-V4", "deepseek"),
        Named("deepseek-v4-0813", "DeepSeek-V4-0813", "deepseek"),
    ),
    dated_listings=("openrouter",),
)


def rows(*spelled: str) -> list[Row]:
    """Rows from `provider/id` texts."""
    return [Row("made-up", provider, id_, None) for provider, id_ in (each.split("/", 1) for each in spelled)]


def links(listed: list[Row], tables: Tables = TABLES) -> dict[str, Link]:
    resolver = Resolver(known_models(listed, tables), tables)
    return {f"{row.provider}/{row.id}": resolver.resolve(row) for row in listed}


def models(*spelled: str) -> dict[str, str | None]:
    return {key: link.model for key, link in links(rows(*spelled)).items()}


@pytest.mark.parametrize(
    ("_case", "one", "other"),
    [
        ("a vendor before it", "mistral/codestral-2501", "openrouter/mistralai/codestral-2501"),
        ("word order and dots", "anthropic/claude-sonnet-4-5", "host/claude-4.5-sonnet"),
        ("letters", "deepseek/deepseek-v3.1", "host/DeepSeek-V3.1"),
        ("free serving", "deepseek/deepseek-v3.1", "openrouter/deepseek/deepseek-v3.1:free"),
        ("quantised", "deepseek/deepseek-v3.1", "host/deepseek-ai/DeepSeek-V3.1-FP8"),
        ("a batch route", "openai/gpt-5", "openrouter/openai/gpt-5:batch"),
        ("a region", "anthropic/claude-sonnet-4-5", "bedrock/us.anthropic.claude-sonnet-4-5"),
        ("one whole date of the only snapshot", "openai/gpt-5", "host/gpt-5-2025-08-07"),
    ],
)
def test_spellings_of_one_model_join(_case: str, one: str, other: str) -> None:
    found = models(one, other)
    assert found[one] is not None
    assert found[one] == found[other]


@pytest.mark.parametrize(
    ("_case", "one", "other"),
    [
        ("another size", "host/llama-3.3-70b-instruct", "host/llama-3.3-8b-instruct"),
        ("another release", "openai/gpt-5", "openai/gpt-5.1"),
        ("mini", "openai/gpt-5", "openai/gpt-5-mini"),
        ("two snapshots of one name", "openai/gpt-4o-2024-05-13", "openai/gpt-4o-2024-08-06"),
        ("another lab's fine-tune", "deepseek/deepseek-v3.1", "host/nvidia/deepseek-v3.1-nemotron"),
    ],
)
def test_different_models_stay_apart(_case: str, one: str, other: str) -> None:
    found = models(one, other)
    assert None not in found.values()
    assert found[one] != found[other]


def test_what_our_own_files_tell_apart_never_joins() -> None:
    """Two releases of one name, where one reseller dates its listings: the day that only it has is no bridge."""
    found = models(
        *("deepseek/deepseek-v4", "openrouter/deepseek/deepseek-v4", "host/deepseek-v4-0813", "other/deepseek-v4-0813"),
        *("openrouter/deepseek/deepseek-v4-20260813", "openrouter/deepseek/deepseek-v4-20260423"),
    )
    assert found["deepseek/deepseek-v4"] == "deepseek-v4"
    assert found["host/deepseek-v4-0813"] == found["openrouter/deepseek/deepseek-v4-20260813"] == "deepseek-v4-0813"


def test_a_curated_alias_wins_and_says_why() -> None:
    found = links(rows("mistral/mistral-small-latest", "host/mistral-small-2603"))
    moving = found["mistral/mistral-small-latest"]
    assert (moving.model, moving.evidence) == ("mistral-small-4", "the lab says so")
    assert found["host/mistral-small-2603"].model == "mistral-small-4"


@pytest.mark.parametrize("spelled", ["host/auto", "host/best-free", "host/-", "host/gpt-latest"])
def test_a_name_that_says_nothing_is_unresolved_with_a_reason(spelled: str) -> None:
    link = links(rows(spelled))[spelled]
    assert (link.model, link.method, link.confidence) == (None, Method.UNRESOLVED, 0.0)
    assert link.evidence.endswith(".")


def test_a_model_that_one_host_alone_lists_is_new() -> None:
    link = links(rows("host/unheard-7b-instruct"))["host/unheard-7b-instruct"]
    assert link.model is not None
    assert link.confidence == CONFIDENCE[link.method]


_SPELLED = [
    *(
        "openai/gpt-5",
        "host/openai/gpt-5",
        "openrouter/openai/gpt-5:batch",
        "host/gpt-5-2025-08-07",
        "other/gpt-5-mini",
    ),
    *("deepseek/deepseek-v4", "openrouter/deepseek/deepseek-v4-20260423", "host/deepseek-v4-0813", "host/auto"),
]


@given(st.permutations(_SPELLED))
def test_the_order_of_rows_changes_nothing(spelled: list[str]) -> None:
    assert models(*spelled) == models(*_SPELLED)


@given(st.sets(st.sampled_from(_SPELLED), min_size=1))
def test_every_row_gets_an_answer_with_a_reason(spelled: set[str]) -> None:
    for link in links(rows(*sorted(spelled))).values():
        assert (link.model is None) == (link.method is Method.UNRESOLVED)
        assert 0 <= link.confidence <= 1
        assert link.evidence


def test_two_rows_in_both_orders() -> None:
    for one in permutations(rows("openai/gpt-5", "host/gpt-5-2025-08-07")):
        assert {link.model for link in links(list(one)).values()} == {"gpt-5"}
