"""Who is who: spellings of one model join, different models stay apart, and "unresolved" is an answer."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
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
    aliases=(
        Alias("mistral-small-latest", "mistral-small-4", "the lab says so"),
        Alias("codestral-latest", "codestral-2501", "one day", since=date(2025, 1, 14), until=date(2025, 7, 29)),
        Alias("codestral-latest", "codestral-2508", "another day", since=date(2025, 7, 30)),
        Alias("deepseek-v3.9", "deepseek-v4", "renamed"),
        Alias("gpt-7-0401", "gpt-7", "the first snapshot"),
    ),
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
        ("a bare name of open weights", "host/mixtral-8x7b", "other/mixtral-8x7b-instruct"),
        ("a number format as repositories write it", "deepseek/deepseek-v3.1", "host/DeepSeek-V3.1-quantized.w4a16"),
        ("a renamed model in another notation", "deepseek/deepseek-v4", "host/deepseek-v3-9"),
        ("vision in the version", "host/deepseek-4-6v", "other/deepseek-4.6v"),
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
        ("base weights in their repository", "host/meta-llama/llama-3.1-8b", "host/meta-llama/llama-3.1-8b-instruct"),
        ("a bare name beside the tuned one", "host/gemma-2-9b", "host/gemma-2-9b-instruct"),
        ("a date beside a first snapshot that a table names", "openai/gpt-7", "openai/gpt-7-2027-09-01"),
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


def test_a_bare_name_means_no_tuning_where_thinking_weights_are_known() -> None:
    found = models("host/qwen-9-8b", "other/qwen-9-8b-instruct", "other/qwen-9-8b-thinking")
    assert len(set(found.values())) == 3


def unseen(spelled: str, *listed: str) -> Link:
    """What a row is taken for that is no evidence itself."""
    (row,) = rows(spelled)
    return Resolver(known_models(rows(*listed), TABLES), TABLES).resolve(row)


@pytest.mark.parametrize(
    ("_case", "spelled", "listed", "model", "method"),
    [
        ("the day of the listing", "openrouter/x/maestro-20260105", ["host/maestro"], "maestro", Method.SNAPSHOT),
        ("any host's date", "host/maestro-20260105", ["host/maestro"], "maestro-20260105", Method.NEW),
        (
            "the only snapshot",
            "host/devstral-2-small",
            ["host/devstral-2-small-2512"],
            "devstral-2-small-2512",
            Method.SNAPSHOT,
        ),
        ("one of two", "host/gpt-6", ["host/gpt-6-2026-01-01", "host/gpt-6-2026-02-02"], "gpt-6", Method.NEW),
        ("tuned", "host/llama-9-8b", ["host/llama-9-8b-instruct"], "llama-9-8b-instruct", Method.COMPLETED),
    ],
)
def test_an_id_that_no_source_lists(_case: str, spelled: str, listed: list[str], model: str, method: Method) -> None:
    link = unseen(spelled, *listed)
    assert (link.model, link.method) == (model, method)


def test_a_new_model_has_one_slug_in_every_notation() -> None:
    notations = ("host/newcomer-2.5-flex", "host/newcomer-2p5-flex", "other/NewComer-v2.5-Flex-FP8".lower())
    assert {unseen(each).model for each in notations} == {"newcomer-2.5-flex"}


@pytest.mark.parametrize(
    ("day", "model"),
    [
        (None, "codestral-2508"),
        (date(2025, 1, 14), "codestral-2501"),
        (date(2025, 7, 29), "codestral-2501"),
        (date(2025, 7, 30), "codestral-2508"),
        (date(2025, 1, 13), None),
    ],
)
def test_a_moving_name_follows_its_dates(day: date | None, model: str | None) -> None:
    """The target of the row's day, the newest without one, and nothing before the first that is known."""
    resolver = Resolver(known_models(rows("mistral/codestral-2501", "mistral/codestral-2508"), TABLES), TABLES)
    assert resolver.resolve(Row("made-up", "mistral", "codestral-latest", None, day=day)).model == model


def test_where_a_moving_name_has_pointed() -> None:
    """Each target until the next one, the last one to this day; a model that nobody lists is not known."""
    entries = [
        Alias("bolt-latest", model, "", "acme", since, until)
        for model, since, until in (
            ("bolt-3", date(2026, 3, 1), date(2026, 3, 31)),
            ("bolt-1", date(2026, 1, 1), None),
            ("bolt-2", date(2026, 2, 1), date(2026, 2, 10)),
            (None, date(2026, 4, 1), None),
            ("bolt-9", date(2026, 5, 1), date(2026, 5, 2)),
        )
    ]
    tables = replace(TABLES, aliases=tuple(entries))
    resolver = Resolver(known_models(rows("acme/bolt-1", "acme/bolt-2", "acme/bolt-3"), tables), tables)
    found = resolver.targets(Row("made-up", "acme", "acme/Bolt-Latest", None))
    assert [(target.model, target.since, target.until) for target in found] == [
        ("bolt-1", date(2026, 1, 1), date(2026, 1, 31)),
        ("bolt-2", date(2026, 2, 1), date(2026, 2, 10)),
        ("bolt-3", date(2026, 3, 1), date(2026, 3, 31)),
        (None, date(2026, 4, 1), date(2026, 4, 30)),
        (None, date(2026, 5, 1), None),
    ]
    for target in found[:-1]:
        for day in filter(None, (target.since, target.until)):
            assert resolver.resolve(Row("made-up", "acme", "bolt-latest", None, day=day)).model == target.model
    assert resolver.resolve(Row("made-up", "acme", "bolt-latest", None, day=date(2026, 2, 20))).model is None
    assert resolver.targets(Row("made-up", "other", "bolt-latest", None)) == ()
    assert resolver.targets(Row("made-up", "acme", "bolt-1", None)) == ()


@pytest.mark.parametrize(
    ("_case", "released", "model", "method"),
    [
        ("no third witness", None, None, Method.UNRESOLVED),
        ("the day of the id's model", date(2025, 5, 22), "claude-sonnet-4", Method.NAME),
        ("the day of the name's model", date(2025, 9, 29), "claude-sonnet-4-5", Method.NAME),
        ("the day of neither", date(2026, 1, 1), None, Method.UNRESOLVED),
    ],
)
def test_where_id_and_name_disagree_the_release_day_decides_or_nothing(
    _case: str, released: date | None, model: str | None, method: Method
) -> None:
    listed = [
        Row("made-up", "anthropic", "claude-sonnet-4", "Claude Sonnet 4", date(2025, 5, 22)),
        Row("made-up", "anthropic", "claude-sonnet-4-5", "Claude Sonnet 4.5", date(2025, 9, 29)),
    ]
    resolver = Resolver(known_models(listed, TABLES), TABLES)
    link = resolver.resolve(Row("made-up", "host", "claude-sonnet-4", "Claude Sonnet 4.5", released))
    assert (link.model, link.method) == (model, method)


def _offered(id_: str, name: str, context: int, price: int) -> list[Row]:
    hosts = ("one-host", "another-host", "third-host", "fourth-host")
    return [
        Row("made-up", host, id_, name, context=context, input=Decimal(price), output=Decimal(5 * price))
        for host in hosts
    ]


OFFERED = [
    *_offered("gpt-9-mini", "GPT-9 mini", 400_000, 1),
    *_offered("gpt-9", "GPT-9", 1_000_000, 6),
    *_offered("gpt-9-pro", "GPT-9 pro", 1_000_000, 20),
]


@pytest.mark.parametrize(
    ("_case", "id_", "name", "context", "price", "model", "method"),
    [
        ("the price decides for the id", "gpt-9", "GPT-9 mini", None, "6", "gpt-9", Method.NAME),
        ("the price decides for the name", "gpt-9", "GPT-9 mini", None, "1", "gpt-9-mini", Method.NAME),
        ("the context decides", "gpt-9", "GPT-9 mini", 400_000, None, "gpt-9-mini", Method.NAME),
        ("they agree", "gpt-9", "GPT-9 mini", 1_048_576, "6", "gpt-9", Method.NAME),
        ("they contradict each other", "gpt-9", "GPT-9 mini", 400_000, "6", None, Method.UNRESOLVED),
        ("they say nothing", "gpt-9", "GPT-9 mini", None, None, None, Method.UNRESOLVED),
        ("they fit neither", "gpt-9", "GPT-9 mini", 32_000, "3", None, Method.UNRESOLVED),
        ("a flagged offer is no usual one", "gpt-9:batch", "GPT-9 mini", None, "1", None, Method.UNRESOLVED),
        ("nor one whose name has a flag", "gpt-9-pro", "GPT-9 mini Fast", None, "20", None, Method.UNRESOLVED),
        (
            "a name that thinks is no other offer",
            "gpt-9-pro",
            "GPT-9 mini Thinking",
            None,
            "20",
            "gpt-9-pro",
            Method.NAME,
        ),
        ("no disagreement, no question", "gpt-9", "GPT-9", 400_000, "1", "gpt-9", Method.EXACT),
        ("without a name neither", "gpt-9", None, 400_000, "1", "gpt-9", Method.EXACT),
    ],
)
def test_where_id_and_name_disagree_context_and_price_decide_or_nothing(
    _case: str, id_: str, name: str | None, context: int | None, price: str | None, model: str | None, method: Method
) -> None:
    resolver = Resolver(known_models(OFFERED, TABLES), TABLES)
    amounts = (None, None) if price is None else (Decimal(price), 5 * Decimal(price))
    link = resolver.resolve(Row("made-up", "fifth-host", id_, name, None, None, context, *amounts))
    assert (link.model, link.method) == (model, method)


def test_a_flagged_offer_does_not_tell_what_a_model_usually_costs() -> None:
    """Three hosts list only its batch: nobody lists the model itself."""
    batches = [
        Row("made-up", row.provider, f"{row.id}:batch", row.name, context=row.context, input=row.input)
        for row in _offered("gpt-8", "GPT-8", 1_000_000, 3)
    ]
    resolver = Resolver(known_models([*OFFERED, *batches], TABLES), TABLES)
    link = resolver.resolve(Row("made-up", "fifth-host", "gpt-8", "GPT-9", None, input=Decimal(3)))
    assert (link.model, link.method) == (None, Method.UNRESOLVED)


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
