"""Who is who, measured on listings that a person judged: pairs that belong together and pairs that do not."""

import io
import json
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from api.resolving import resolve_lines
from domain.identity import Method, Resolver, Row
from tests.ingest.pairwise import pairwise

pytestmark = pytest.mark.xdist_group("packaged resolver")

HERE = Path(__file__).parent / "labelled"
LABELLED = {path.stem: tomllib.loads(path.read_text())["model"] for path in sorted(HERE.glob("*.toml"))}
ROWS = [
    (model["label"], Row(row[0], row[1], row[2], (row[3] or None) if len(row) > 3 else None))
    for models in LABELLED.values()
    for model in models
    for row in model["rows"]
]
PRECISION, RECALL = 0.99, 0.95
"""The bar."""

NEAR_MISSES = [
    ("openai", "gpt-4o", "gpt-4o-mini"),
    ("openai", "gpt-4o", "gpt-4o-audio-preview"),
    ("openai", "gpt-4o-2024-05-13", "gpt-4o-2024-11-20"),
    ("openai", "gpt-5", "gpt-5-nano"),
    ("openai", "gpt-5", "gpt-5-pro"),
    ("openai", "gpt-4", "gpt-4-turbo"),
    ("openai", "o3", "o3-pro"),
    ("anthropic", "claude-3-5-sonnet-20240620", "claude-3-5-sonnet-20241022"),
    ("anthropic", "claude-opus-4", "claude-opus-4-1"),
    ("google", "gemini-2.5-flash", "gemini-2.5-flash-lite"),
    ("google", "gemini-2.5-flash", "gemini-2.5-flash-image"),
    ("google", "gemini-2.5-pro", "gemini-2.5-pro-preview-tts"),
    ("google", "gemma-3-27b-it", "gemma-3-27b-pt"),
    ("meta", "llama-3.1-70b-instruct", "llama-3.3-70b-instruct"),
    ("meta", "llama-3.2-11b-vision-instruct", "llama-3.1-8b-instruct"),
    ("deepseek", "deepseek-r1", "deepseek-r1-0528"),
    ("deepseek", "deepseek-r1", "deepseek-r1-distill-qwen-32b"),
    ("deepseek", "deepseek-v3", "deepseek-v3-0324"),
    ("alibaba", "qwen3-235b-a22b", "qwen3-235b-a22b-thinking-2507"),
    ("alibaba", "qwen3-235b-a22b-instruct-2507", "qwen3-235b-a22b-thinking-2507"),
    ("alibaba", "qwen2.5-72b-instruct", "qwen2.5-vl-72b-instruct"),
    ("alibaba", "qwen3-32b", "qwen3-32b-abliterated"),
    ("moonshotai", "kimi-k2", "kimi-k2-thinking"),
    ("zhipuai", "glm-4.5", "glm-4.5-air"),
    ("zhipuai", "glm-4.5", "glm-4.5v"),
    ("mistral", "mistral-small-2506", "mistral-small-2603"),
    ("mistral", "mistral-large-2407", "mistral-large-2411"),
    ("xai", "grok-4", "grok-4-fast"),
    ("deepseek", "deepseek-v4-flash", "deepseek-v4-flash-0731"),
    ("deepseek", "deepseek-v3.2", "deepseek-v3.2-exp"),
    ("deepseek", "deepseek-v3.2", "deepseek-v3.2-speciale"),
    ("deepseek", "deepseek-r1-0528", "deepseek-r1-0528-qwen3-8b"),
    ("deepseek", "deepseek-v3", "deepseek-v3-base"),
    ("openai", "gpt-4o-mini-tts-2025-03-20", "gpt-4o-mini-tts-2025-12-15"),
    ("openai", "gpt-4o-realtime-preview-2024-10-01", "gpt-4o-realtime-preview-2024-12-17"),
    ("openai", "ft:gpt-4o-2024-08-06", "ft:gpt-4o-2024-11-20"),
    ("openai", "gpt-4-32k-0314", "gpt-4-0314"),
    ("openai", "o1", "o1-preview"),
    ("google", "gemini-1.5-pro-001", "gemini-1.5-pro-002"),
    ("google", "gemini-3-pro-image", "gemini-3-pro-image-preview"),
    ("google", "gemini-3.1-pro-preview", "gemini-3.1-pro-preview-customtools"),
    ("meta", "meta-llama/Llama-4-Scout-17B-16E", "meta-llama/Llama-4-Scout-17B-16E-Instruct"),
    ("meta", "meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-8B-Instruct"),
    ("alibaba", "qwen3-coder-plus-2025-07-22", "qwen3-coder-plus-2025-09-23"),
    ("alibaba", "qwen3-vl-235b-a22b-instruct", "qwen3-vl-235b-a22b-thinking"),
    ("alibaba", "qwen2.5-omni-7b", "qwen2.5-7b-instruct"),
    ("stability", "sd3.5-large", "sd3.5-large-turbo"),
    ("mistral", "mistral-small-24b-instruct-2501", "mistral-small-24b-base-2501"),
    ("microsoft", "phi-3-medium-4k-instruct", "phi-3-medium-128k-instruct"),
    ("xai", "grok-4.20", "grok-4.20-multi-agent"),
    ("fal_ai", "fal-ai/recraft/v3/text-to-image", "fal-ai/bytedance/seedream/v3/text-to-image"),
]

UNHEARD = [
    "claude-sonnet-4-5-vision",
    "deepseek-v3.2-vl",
    "glm-5.2v",
    "gpt-5-audio",
    "grok-4-heavy",
    "kimi-k2-base",
    "llama-3.3-70b-instruct-roleplay",
    "minimax-m2-mini",
    "nvidia/Llama-3.1-Nemotron-70B-Reward",
    "qwen3-32b-distill",
    "qwen3.5-27b-vl",
    "huihui-ai/Qwen3-32B-abliterated",
    "google/gemma-3-27b-pt",
    "gpt-4o-2024-12-01",
    "o3-preview",
]
"""Near to known models, and known by nobody."""


def test_the_set_is_large_and_told_by_kind() -> None:
    kinds = {
        row[4].partition("/")[2]
        for models in LABELLED.values()
        for model in models
        for row in model["rows"][0:]
        if len(row) > 4
    }
    others = {model["kind"].partition("/")[2] for models in LABELLED.values() for model in models if "kind" in model}
    assert len(ROWS) >= 1_400
    assert len({(row.source, row.provider, row.id) for _, row in ROWS}) == len(ROWS)
    assert {
        "region",
        "cloud",
        "quant",
        "plan",
        "tee",
        "free",
        "toggle",
        "effort",
        "context",
        "date",
        "speed",
        "typo",
    } <= kinds
    assert {"size", "line", "snapshot", "distill", "finetune", "abliterated", "base", "preview", "thinking"} <= others
    assert {"vision", "audio", "image", "video", "tts", "embedding", "rerank", "coder", "omni"} <= others


@pytest.mark.parametrize(
    ("_case", "labels", "found", "precision", "recall"),
    [
        ("all right", "aabb", ["x", "x", "y", "y"], 1.0, 1.0),
        ("one merged wrongly", "aab", ["x", "x", "x"], 1 / 3, 1.0),
        ("one link missing", "aaa", ["x", "x", "y"], 1.0, 1 / 3),
        ("nothing found is no pair", "aaaa", ["x", "x", None, None], 1.0, 1 / 6),
    ],
)
def test_pairs_are_counted(_case: str, labels: str, found: list[str | None], precision: float, recall: float) -> None:
    assert pairwise(list(labels), found) == (precision, recall)


@pytest.mark.parametrize("names", [True, False], ids=["with names", "names hidden"])
def test_precision_and_recall_over_pairs(resolver: Resolver, names: bool) -> None:
    found = [resolver.resolve(row if names else replace(row, name=None)).model for _, row in ROWS]
    precision, recall = pairwise([label for label, _ in ROWS], found)
    print(f"{len(ROWS)} rows: precision {precision:.4f}, recall {recall:.4f}")
    assert precision >= PRECISION
    assert recall >= RECALL


@pytest.mark.parametrize("name", sorted(LABELLED))
def test_each_file_is_at_the_bar_by_itself(resolver: Resolver, name: str) -> None:
    rows = [(model["label"], Row(row[0], row[1], row[2], None)) for model in LABELLED[name] for row in model["rows"]]
    precision, recall = pairwise([label for label, _ in rows], [resolver.resolve(row).model for _, row in rows])
    assert precision >= PRECISION
    assert recall >= RECALL


@pytest.mark.parametrize(("provider", "one", "other"), NEAR_MISSES)
def test_a_near_miss_is_not_merged(resolver: Resolver, provider: str, one: str, other: str) -> None:
    first, second = (resolver.resolve(Row("made-up", provider, id_, None)) for id_ in (one, other))
    assert first.model is not None
    assert first.model != second.model


@pytest.mark.parametrize("spelled", UNHEARD)
def test_an_unheard_relative_is_no_known_model(resolver: Resolver, spelled: str) -> None:
    link = resolver.resolve(Row("made-up", "host", spelled, None))
    assert link.method is Method.NEW
    assert resolver.model(link.model or "") is None


FROGBOT = ("frogbot", "grok-code-fast-1", "Grok 4.1 Fast (Reasoning)")
MISTRAL = ("mistral", "mistral-medium-3", "Mistral Medium 3.5")
VERCEL = ("vercel", "alibaba/qwen-3-235b", "Qwen3 235B A22B Instruct 2507")
DEEPSEEK = ("vercel", "deepseek/deepseek-v3", "DeepSeek V3 0324")
LARGER = ("made-up", "gpt-5.4", "GPT-5.4 mini")


@pytest.mark.parametrize(
    ("_case", "listing", "context", "price", "model"),
    [
        ("context and price of the id's", FROGBOT, 256000, ("0.2", "1.5"), "grok-code-fast-1"),
        ("of the name's", MISTRAL, 262144, ("1.5", "7.5"), "mistral-medium-3-5"),
        (
            "the context of the name's, a price of many",
            VERCEL,
            262144,
            ("0.22", "0.88"),
            "qwen3-235b-a22b-instruct-2507",
        ),
        ("a context that some hosts give the one, and a price of nobody", VERCEL, 40960, ("0.13", "0.6"), None),
        ("what hosts of both say", DEEPSEEK, 163840, ("0.77", "0.77"), None),
        ("the price alone", LARGER, None, ("2.5", "15"), "gpt-5.4"),
        ("the price against the context", LARGER, 400000, ("2.5", "15"), None),
    ],
)
def test_context_and_price_decide_where_they_are_of_one_model(
    resolver: Resolver,
    _case: str,
    listing: tuple[str, str, str],
    context: int | None,
    price: tuple[str, str],
    model: str | None,
) -> None:
    """All but the last two as catalogues list them, judged by reading what else is listed of both models."""
    link = resolver.resolve(Row("x", *listing, None, None, context, *map(Decimal, price)))
    assert (link.model, link.method) == (model, Method.NAME if model else Method.UNRESOLVED)


@pytest.mark.parametrize(
    ("_case", "spelled", "name"),
    [
        ("no date", "gpt-4o-2024-08-06", "GPT-4o"),
        ("no size", "llama-3.3-70b-instruct", "Llama 3.3"),
    ],
)
def test_a_name_that_says_less_contradicts_nothing(resolver: Resolver, _case: str, spelled: str, name: str) -> None:
    alone, both = (resolver.resolve(Row("made-up", "host", spelled, said)) for said in (None, name))
    assert both.model == alone.model is not None


MOVING = [
    ("deepseek-chat", "deepseek", date(2025, 9, 25), "deepseek-v3.1-terminus"),
    ("deepseek-chat", "deepseek", date(2026, 5, 1), "deepseek-v4-flash"),
    ("deepseek-chat", "deepseek", date(2026, 8, 1), "deepseek-v4-flash"),
    ("deepseek-chat", "deepseek", date(2025, 8, 20), None),
    ("deepseek-chat", "302ai", None, None),
    ("mistral-medium-latest", "mistral", date(2026, 7, 2), "mistral-medium-3.1"),
    ("mistral-medium-latest", "mistral", None, "mistral-medium-3-5"),
    ("mistral/mistral-large-latest", "merge-gateway", None, "mistral-large-3"),
    ("mistral-large-latest", "azure", None, None),
    ("gemini-flash-latest", "google", date(2026, 1, 1), "gemini-2.5-flash-preview-09-2025"),
    ("gemini-flash-latest", "google", None, None),
    ("gpt-chat-latest", "openai", None, "gpt-5.5-instant"),
]


@pytest.mark.parametrize(("id_", "provider", "day", "model"), MOVING)
def test_a_moving_name_means_the_model_of_its_day(
    resolver: Resolver, id_: str, provider: str, day: date | None, model: str | None
) -> None:
    assert resolver.resolve(Row("made-up", provider, id_, None, day=day)).model == model


def test_lines_in_lines_out(resolver: Resolver) -> None:
    given = [
        {"source": "x", "provider": "openai", "id": "gpt-4o", "name": None, "mine": 7},
        {"source": "x", "provider": "never-heard-of", "id": "auto", "name": "Auto"},
        {"source": "x", "provider": "mistral", "id": "mistral-medium-latest", "name": None, "day": "2026-07-02"},
    ]
    wrong_day = '{"source": "x", "provider": "x", "id": "x", "name": null, "released": "soon"}'
    lines = [*map(json.dumps, given), "", "{", '{"source": 1}', "[]", wrong_day]
    out, errors = io.StringIO(), io.StringIO()
    assert resolve_lines(resolver, lines, out, errors) == 1
    first, second, third = map(json.loads, out.getvalue().splitlines())
    assert (first["model"], first["method"], first["mine"]) == ("gpt-4o", "EXACT", 7)
    assert (second["model"], second["confidence"]) == (None, 0.0)
    assert (third["model"], third["method"]) == ("mistral-medium-3.1", "ALIAS")
    numbers = [line.partition(":")[0] for line in errors.getvalue().splitlines()]
    assert numbers == ["line 5", "line 6", "line 7", "line 8"]


def test_lines_may_say_what_else_is_listed(resolver: Resolver) -> None:
    provider, id_, name = FROGBOT
    row = {"source": "x", "provider": provider, "id": id_, "name": name}
    said: list[dict[str, object]] = [
        {},
        {"context": 256000},
        {"input": 0.2, "output": "1.50"},
        {"context": None, "input": 0, "output": None},
        {"context": 2_000_000, "input": 0.2, "output": 1.5},
    ]
    out, errors = io.StringIO(), io.StringIO()
    assert resolve_lines(resolver, [json.dumps({**row, **each}) for each in said], out, errors) == 0
    assert errors.getvalue() == ""
    found = [json.loads(line)["model"] for line in out.getvalue().splitlines()]
    assert found == [None, "grok-code-fast-1", "grok-code-fast-1", None, None]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        *(
            (f'"context": {value}', "context is a whole number of tokens, or null")
            for value in ('"128k"', "0", "-1", "1.5", "true", "[1]", "1e400", str(10**30))
        ),
        *(
            (
                f'"{key}": {value}',
                f"{key} is an amount of USD per million tokens, as a number or a decimal text, or null",
            )
            for key in ("input", "output")
            for value in ('"$3"', '""', "-1", '"NaN"', '"Infinity"', '"1e999999999999999999999"', "1e12", "true", "{}")
        ),
    ],
)
def test_what_else_is_listed_is_checked(resolver: Resolver, said: str, message: str) -> None:
    out, errors = io.StringIO(), io.StringIO()
    line = f'{{"source": "x", "provider": "x", "id": "x", "name": null, {said}}}'
    assert resolve_lines(resolver, [line], out, errors) == 1
    assert out.getvalue() == ""
    if said != '"context": 1e400':  # which is no JSON number to the parser
        assert errors.getvalue() == f"line 1: {message}\n"
