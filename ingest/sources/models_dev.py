"""models.dev: lab models, providers and routes, in USD per million tokens. Reads both published shapes: `catalog.json`
({"models", "providers"}) and `api.json` (the providers alone), gzipped or not.
"""

from __future__ import annotations

import re
from datetime import date

from domain.facts import ApiShape, CapabilityKind, PriceMode
from domain.statements import BrokenDocument, Parsed, Subject, SubjectKind
from ingest.sources.base import Live, Source
from ingest.sources.benchmarks import benchmark_name, benchmark_slug
from ingest.sources.reading import Report, Row, Saying, full_date, top_row
from ingest.sources.shapes import (
    amount,
    lifecycle,
    say_batch,
    say_capability,
    say_modalities,
    say_price,
    task_of,
    threshold,
)

SOURCE = Source(
    "models.dev",
    "models.dev",
    "https://models.dev",
    "MIT",
    "models.dev",
    Live(
        "https://models.dev/catalog.json",
        "https://github.com/anomalyco/models.dev/blob/0760ceffd3e02115e6480d9a0be7992c330c2f35/README.md",
    ),
)

# The wire format that the client package of a provider speaks. Packages that route between formats, and those of
# clouds that offer several (Azure, SAP, GitLab, Cloudflare's and Vercel's gateways), are left out: unknown.
_API_SHAPES = {
    "@ai-sdk/openai-compatible": ApiShape.OPENAI_CHAT,
    "@ai-sdk/cerebras": ApiShape.OPENAI_CHAT,
    "@ai-sdk/deepinfra": ApiShape.OPENAI_CHAT,
    "@ai-sdk/groq": ApiShape.OPENAI_CHAT,
    "@ai-sdk/mistral": ApiShape.OPENAI_CHAT,
    "@ai-sdk/perplexity": ApiShape.OPENAI_CHAT,
    "@ai-sdk/togetherai": ApiShape.OPENAI_CHAT,
    "@ai-sdk/xai": ApiShape.OPENAI_CHAT,
    "@openrouter/ai-sdk-provider": ApiShape.OPENAI_CHAT,
    "@ai-sdk/openai": ApiShape.OPENAI_RESPONSES,
    "@ai-sdk/anthropic": ApiShape.ANTHROPIC_MESSAGES,
    "@ai-sdk/google-vertex/anthropic": ApiShape.ANTHROPIC_MESSAGES,
    "@ai-sdk/google": ApiShape.GOOGLE_GENAI,
    "@ai-sdk/google-vertex": ApiShape.GOOGLE_GENAI,
    "@ai-sdk/amazon-bedrock": ApiShape.BEDROCK,
    "@ai-sdk/cohere": ApiShape.OTHER,
}

_UNITS = {
    "input": "input",
    "output": "output",
    "cache_read": "cache_read",
    "cache_write": "cache_write",
    "reasoning": "reasoning",
    "input_audio": "audio_in",
    "output_audio": "audio_out",
}

_MODES = {"fast": PriceMode.FAST, "batch": PriceMode.BATCH, "flex": PriceMode.FLEX, "priority": PriceMode.PRIORITY}


def parse(body: bytes) -> Parsed:
    """Everything that the document says. `document_date` is the newest `last_updated` in it, so at the latest the day of the
    data: the document itself has no date. Raises BrokenDocument."""
    report = Report()
    top = top_row(body, report, SOURCE.name)
    catalog = isinstance(top.get("providers"), dict) and "id" not in top.get("providers")
    updated: list[date] = []
    subjects: list[Subject] = []
    if catalog:
        models = top.row("models")
        for _, row in models.members() if models is not None else ():
            row.path = "models.*"
            subjects.extend(_lab_model(row, report, updated))
    else:
        top = Row({"providers": {key: top.get(key) for key in top.present()}}, "", "", report)
    for _, provider in top.members("providers"):
        # In the bare shape the providers are the document itself.
        provider.path = "providers.*"
        if not catalog:
            provider.locator = provider.locator.removeprefix("/providers")
        subjects.extend(_provider(provider, report, updated))
    if not any(subject.kind is SubjectKind.ROUTE for subject in subjects):
        raise BrokenDocument("models.dev: no provider with models in the document")
    top.close()
    return Parsed(tuple(subjects), report.problems(), max(updated, default=None))


def _provider(row: Row, report: Report, updated: list[date]) -> list[Subject]:
    id_ = row.text("id")
    if id_ is None:
        report.count("dropped-row", "provider without id", row.locator)
        return []
    say = Saying(report)
    name = row.text("name")
    say("name", name, row.at("name"))
    say("docs_url", row.text("doc"), row.at("doc"))
    say("base_url", row.text("api"), row.at("api"))
    say("credentials", row.texts("env"), row.at("env"))
    package = row.text("npm")
    say("sdk_package", package, row.at("npm"))
    if package in _API_SHAPES:
        say("api_shape", str(_API_SHAPES[package]), row.at("npm"))
    routes = [subject for _, model in row.members("models") for subject in _route(id_, model, report, updated)]
    row.close()
    return [Subject(SubjectKind.PROVIDER, id_, name=name, said=tuple(say.said)), *routes]


def _route(provider: str, row: Row, report: Report, updated: list[date]) -> list[Subject]:
    row.path = "providers.*.models.*"
    id_ = row.text("id")
    if id_ is None:
        report.count("dropped-row", "route without id", row.locator)
        return []
    say = Saying(report)
    name = _common(row, say, id_, updated)
    say("lifecycle", lifecycle(row, "status"), row.at("status"))
    cost = row.row("cost")
    if cost is not None:
        _cost(cost, say)
    experimental = row.row("experimental")
    if experimental is not None:
        _modes(experimental, say)
        experimental.close()
    # `provider` names another endpoint or wire format for this one route.
    row.unread("interleaved", "provider", "reasoning_options", "temperature", "attachment")
    row.close()
    return [Subject(SubjectKind.ROUTE, id_, provider, name, tuple(say.said))]


def _lab_model(row: Row, report: Report, updated: list[date]) -> list[Subject]:
    id_ = row.text("id")
    if id_ is None or "/" not in id_:
        report.count("dropped-row", "lab model without an id of the form lab/model", row.locator)
        return []
    say = Saying(report)
    name = _common(row, say, id_, updated)
    say("lab", id_.partition("/")[0], row.at("id"))
    say("license", row.text("license"), row.at("license"))
    weights = list(row.rows("weights"))
    for index, entry in enumerate(weights):
        if index == 0:
            say("weights_url", entry.text("url"), entry.at("url"))
        else:
            entry.unread("url")
        entry.unread("label", "quantization")
        entry.close()
    for entry in row.rows("benchmarks"):
        _benchmark(entry, say)
    row.unread("attachment", "interleaved", "links", "reasoning_options", "temperature")
    row.close()
    return [Subject(SubjectKind.MODEL, id_, name=name, said=tuple(say.said))]


def _common(row: Row, say: Saying, id_: str, updated: list[date]) -> str | None:
    """What lab models and routes have alike."""
    name = row.text("name")
    say("name", name, row.at("name"))
    family = row.text("family")
    say("family", family, row.at("family"))
    say("released", row.partial("release_date"), row.at("release_date"))
    say("knowledge_cutoff", row.partial("knowledge"), row.at("knowledge"))
    say("open_weights", row.flag("open_weights"), row.at("open_weights"))
    tool_call = row.flag("tool_call")
    say_capability(say, CapabilityKind.FUNCTION_CALLING, tool_call, row.at("tool_call"))
    say_capability(say, CapabilityKind.TOOL_USE, tool_call, row.at("tool_call"))
    say_capability(say, CapabilityKind.REASONING, row.flag("reasoning"), row.at("reasoning"))
    say_capability(say, CapabilityKind.STRUCTURED_OUTPUTS, row.flag("structured_output"), row.at("structured_output"))
    kinds = row.row("modalities")
    if kinds is not None:
        names = f"{id_} {family or ''}"
        inputs, outputs = say_modalities(say, kinds, "input", "output", names)
        task = task_of(inputs, outputs, names)
        say("task", None if task is None else str(task), kinds.locator)
        kinds.close()
    limit = row.row("limit")
    if limit is not None:
        _limit(limit, say, "context", "context_window")
        _limit(limit, say, "output", "max_output")
        _limit(limit, say, "input", "max_input")
        limit.close()
    day = full_date(row.partial("last_updated"))
    if day is not None:
        updated.append(day)
    return name


def _limit(limit: Row, say: Saying, key: str, field: str) -> None:
    """A limit in tokens. models.dev writes 0 where a limit does not apply (an image model has no context window)."""
    tokens = limit.whole(key)
    if tokens == 0:
        say.report.count("not-applicable", f"{limit.path}.{key} is 0", limit.at(key))
    else:
        say(field, tokens, limit.at(key))


def _cost(cost: Row, say: Saying) -> None:
    """Prices, and the tiers of a whole prompt strictly above a size. `context_over_200k` repeats a tier in an older form
    (with a threshold that may be wrong), so it counts only without `tiers`."""
    sheet(cost, say, PriceMode.STANDARD, 0)
    tiers = list(cost.rows("tiers"))
    for tier in tiers:
        bound = tier.row("tier")
        above = None if bound is None else bound.whole("size")
        kind = None if bound is None else bound.text("type")
        if not above or kind not in (None, "context"):
            say.report.count("dropped-row", f"{tier.path} without a context size", tier.locator)
            continue
        sheet(tier, say, PriceMode.STANDARD, threshold(above))
        tier.close()
    legacy = cost.row("context_over_200k")
    if legacy is not None and not tiers:
        sheet(legacy, say, PriceMode.STANDARD, 200_000)
        legacy.close()
    if "price.STANDARD.0.cache_read" in say:
        say_capability(say, CapabilityKind.PROMPT_CACHING, True, cost.at("cache_read"))
    cost.close()


def sheet(row: Row, say: Saying, mode: PriceMode, above: int) -> None:
    """One price sheet: the amounts of one mode and tier."""
    for key, unit in _UNITS.items():
        say_price(say, f"price.{mode}.{above}.{unit}", row, key)


def _modes(experimental: Row, say: Saying) -> None:
    for name, mode in experimental.members("modes"):
        mode.path = f"providers.*.models.*.experimental.modes.{name}"
        cost = mode.row("cost")
        if name not in _MODES:
            say.report.count("unknown-mode", f"{mode.path} is no price mode of ours", mode.locator)
            continue
        if cost is not None:
            sheet(cost, say, _MODES[name], 0)
            cost.close()
            say_batch(say)
        mode.unread("provider")  # the headers and body fields that switch the mode on
        mode.close()


def _benchmark(row: Row, say: Saying) -> None:
    """One result. The data set belongs to the version: results on different sets never join. A version at the end of a name
    ("Terminal-Bench 2.1") is the version, so that both ways of writing it meet."""
    name, score = row.text("name"), row.number("score")
    if name is None or score is None:
        say.report.count("dropped-row", f"{row.path} without name or score", row.locator)
        return
    version = row.text("version")
    written = re.fullmatch(r"(.*\S)[ -]v?(\d+(?:\.\d+)+)", name)
    if version is None and written is not None:
        name, version = written[1], written[2]
    name = benchmark_name(name)
    version = " ".join(part for part in (version, row.text("dataset")) if part) or None
    value: dict[str, str | int | bool | None] = {
        "name": name,
        "version": version,
        "score": amount(score)[0],
        "metric": row.text("metric"),
        "harness": row.text("harness"),
        "variant": row.text("variant"),
        "runner": None,
        "date": row.partial("date"),
        "url": row.text("source"),
    }
    say(f"benchmark.{benchmark_slug(name, version)}", value, row.locator)
    row.close()
