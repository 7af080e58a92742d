"""rates: a ledger fused from models.dev (which leads), LiteLLM, genai-prices and OpenRouter, in USD per million tokens.
Its `context.input` is models.dev's whole window (or genai-prices' where that has none), its `deprecation_date` LiteLLM's.
"""

from __future__ import annotations

from domain.facts import CapabilityKind
from domain.statements import BrokenDocument, Parsed, Subject, SubjectKind
from ingest.sources.base import Source
from ingest.sources.reading import Report, Row, Saying, full_date, top_row
from ingest.sources.shapes import (
    MTOK_UNITS,
    amount,
    lifecycle,
    say_capability,
    say_modalities,
    say_price,
    task_of,
    task_of_mode,
    threshold,
)

SOURCE = Source("rates", "rates", "https://github.com/shehuphd/rates", "MIT", "models.dev")


def parse(body: bytes) -> Parsed:
    """Everything that the document says; gzipped or not. Raises BrokenDocument."""
    report = Report()
    top = top_row(body, report, SOURCE.name)
    subjects = [subject for row in top.rows("models") for subject in _route(row, report)]
    if not subjects:
        raise BrokenDocument("rates: no list `models` in the document")
    day = full_date(top.text("snapshot_date"))
    top.unread("domain", "resolution", "schema_version", "sources")
    top.close()
    return Parsed(tuple(subjects), report.problems(), day)


def _route(row: Row, report: Report) -> list[Subject]:
    provider, id_ = row.text("provider"), row.text("id")
    if provider is None or id_ is None:
        report.count("dropped-row", "model without provider or id", row.locator)
        return []
    say = Saying(report)
    family = row.text("family")
    say("family", family, row.at("family"))
    tool_call = row.flag("tool_call")
    say_capability(say, CapabilityKind.FUNCTION_CALLING, tool_call, row.at("tool_call"))
    say_capability(say, CapabilityKind.TOOL_USE, tool_call, row.at("tool_call"))
    say_capability(say, CapabilityKind.STRUCTURED_OUTPUTS, row.flag("structured_output"), row.at("structured_output"))
    reasoning = row.row("reasoning")
    if reasoning is not None:
        say_capability(say, CapabilityKind.REASONING, True, reasoning.locator)
        reasoning.unread("budget", "can_disable_reasoning", "control", "default", "effort_parameter_required")
        reasoning.unread("levels", "range")
        reasoning.close()
    _modalities_and_task(row, say, f"{id_} {family or ''}")
    context = row.row("context")
    if context is not None:
        _limit(context, say, "input", "context_window")
        _limit(context, say, "output", "max_output")
        context.close()
    life = row.row("lifecycle")
    if life is not None:
        say("lifecycle", lifecycle(life, "status"), life.at("status"))
        say("released", life.partial("release_date"), life.at("release_date"))
        # LiteLLM's date, which is the day on which the model is shut down.
        say("retires_on", life.announced("deprecation_date"), life.at("deprecation_date"))
        life.close()
    price = row.row("price")
    if price is not None:
        _sheet(price, say, 0)
    for tier in row.rows("price_tiers"):
        _tier(tier, say)
    for entry in row.rows("price_discrepancies"):
        _discrepancy(entry, report, f"{provider}/{id_}")
    row.unread("alias", "sources")
    row.close()
    return [Subject(SubjectKind.ROUTE, id_, provider, None, tuple(say.said))]


def _modalities_and_task(row: Row, say: Saying, names: str) -> None:
    stated = task_of_mode(row, "type")
    kinds = row.row("modalities")
    derived = None
    if kinds is not None:
        derived = task_of(*say_modalities(say, kinds, "input", "output", names, stated), names)
        kinds.close()
    task = stated or derived
    say("task", None if task is None else str(task), row.at("type" if stated else "modalities"))


def _limit(context: Row, say: Saying, key: str, field: str) -> None:
    tokens = context.whole(key)
    if tokens == 0:
        say.report.count("not-applicable", f"{context.path}.{key} is 0", context.at(key))
    else:
        say(field, tokens, context.at(key))


def _sheet(price: Row, say: Saying, above: int) -> None:
    currency = price.text("currency") or "USD"
    suffix = "" if currency == "USD" else f"@{currency}"
    for key in price.present():
        unit = MTOK_UNITS.get(key)
        if unit is not None:
            say_price(say, f"price.STANDARD.{above}.{unit.name}{suffix}", price, key, unit.shift)
    if above == 0 and "price.STANDARD.0.cache_read" in say:
        say_capability(say, CapabilityKind.PROMPT_CACHING, True, price.at("cache_read_mtok"))
    price.close()


def _tier(tier: Row, say: Saying) -> None:
    """A tier above a context size, whose amounts replace the base's for the whole request."""
    when, price = tier.row("when"), tier.row("price")
    above = None if when is None else when.whole("over")
    if when is None or price is None or not above or when.text("dimension") != "context":
        say.report.count("dropped-row", f"{tier.path} without a context size", tier.locator)
        return
    _sheet(price, say, threshold(above))
    when.close()
    tier.close()


def _discrepancy(row: Row, report: Report, route: str) -> None:
    """What another source said when the ledger was fused: reported, since that source is read itself."""
    values = {key: row.number(key) for key in ("chosen_value", "other_value")}
    shown = {key: "?" if value is None else amount(value)[0] for key, value in values.items()}
    report.add(
        "recorded-discrepancy",
        row.locator,
        f"{route} {row.text('field')}: {row.text('chosen_source')} says {shown['chosen_value']}, "
        f"{row.text('other_source')} says {shown['other_value']} (chosen by {row.text('resolved_by')})",
    )
    row.get("difference_pct")
    row.close()
