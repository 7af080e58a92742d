"""LiteLLM's cost map: a flat object of routes whose price fields are built from words, in USD per token.
`base[_above_<n>k_tokens][_<mode>]` is read as a grammar, so that a new combination of known words is understood.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from domain.facts import CapabilityKind, PriceMode
from domain.hours import WEEK, Hours, at_weekdays_of, rest
from domain.statements import BrokenDocument, Parsed, Subject, SubjectKind
from ingest.sources.base import Live, Source
from ingest.sources.clocks import say_hours, two_sided, window
from ingest.sources.litellm_fields import (
    CAPABILITIES,
    MODES,
    PRICES,
    UNMAPPED_MODES,
    UNREAD,
    UNREAD_PRICES,
)
from ingest.sources.reading import Report, Row, Saying, top_row
from ingest.sources.shapes import say_batch, say_capability, say_modalities, say_price, task_of, task_of_mode, threshold

SOURCE = Source(
    "litellm",
    "LiteLLM model prices and context window",
    "https://github.com/BerriAI/litellm",
    "MIT",
    "litellm",
    Live(
        "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json",
        "https://github.com/BerriAI/litellm/blob/00454df83f6d2566e1e44464499793531a03eb22/litellm/__init__.py",
    ),
)

_PRICE = re.compile(
    r"(?P<base>.+?)(?:_above_(?P<above>\d+)k_tokens)?(?:_(?P<mode>batches|flex|priority|ultrafast|balanced|decisions))?"
)
_RESOLUTION = re.compile(r"(?P<base>output_cost_per_(?:image|second))_(?P<size>\d+(?:\.\d+)?[pkK]?)")
_OFFSETS = {None: 0, "UTC": 0, "Asia/Shanghai": 8 * 60}
"""Minutes from UTC of the places whose weekdays count. Only places without summer time can be here."""
_NOT_MODELS = ("sample_spec", "fallback_generalizations")


def parse(body: bytes) -> Parsed:
    """Everything that the document says. Raises BrokenDocument."""
    report = Report()
    top = top_row(body, report, SOURCE.name)
    rows: dict[tuple[str, str], tuple[str, Row]] = {}
    for key, row in top.members():
        row.path = "*"
        if key in _NOT_MODELS:
            continue
        provider = row.text("litellm_provider")
        if provider is None:
            report.count("dropped-row", "entry without litellm_provider", row.locator)
            continue
        identity = provider, route_id(key, provider)
        twin = rows.get(identity)
        if twin is None:
            rows[identity] = key, row
            continue
        # The same route written with and without its provider: the full name is the one that LiteLLM documents.
        kept, dropped = ((key, row), twin) if "/" in key else (twin, (key, row))
        rows[identity] = kept
        differing = {name for name in {*row.data, *twin[1].data} if row.data.get(name) != twin[1].data.get(name)}
        differences = f", different in {', '.join(sorted(differing))}" if differing else ""
        report.add("dropped-row", dropped[1].locator, f"{dropped[0]} is the route {kept[0]} again{differences}")
    subjects = [_route(provider, id_, row, report) for (provider, id_), (_, row) in rows.items()]
    if not subjects:
        raise BrokenDocument("LiteLLM: no entry with a litellm_provider in the document")
    return Parsed(tuple(subjects), report.problems())


def route_id(key: str, provider: str) -> str:
    """The provider's own model id: the key without its first part where that names the provider
    (`vertex_ai/…` of `vertex_ai-anthropic_models`, `amazon-nova/…` of `amazon_nova`)."""
    head, _, tail = key.partition("/")
    named, owner = head.replace("-", "_"), provider.replace("-", "_")
    return tail if tail and (named == owner or owner.startswith(named + "_")) else key


def _route(provider: str, id_: str, row: Row, report: Report) -> Subject:
    say = Saying(report)
    mode_task = task_of_mode(row, "mode")
    # The input limit is not the window: for gpt-5 it is 272,000 of 400,000.
    _tokens(row, say, "max_input_tokens", "max_input")
    _tokens(row, say, "max_output_tokens", "max_output")
    # Providers' shutdown dates stand in this field (Azure's and OpenAI's retirement tables), in spite of its name.
    say("retires_on", row.announced("deprecation_date"), row.at("deprecation_date"))
    _capabilities(row, say)
    inputs, outputs = say_modalities(say, row, "supported_modalities", "supported_output_modalities", id_, mode_task)
    task = mode_task or task_of(inputs, outputs, id_)
    at = row.at("mode" if mode_task else "supported_output_modalities")
    say("task", None if task is None else str(task), at)
    source = row.text("source")
    url = source if source is not None and source.startswith(("http://", "https://")) else None
    _prices(row, say, url)
    _tiers(row, say, url)
    _fast(row, say, url)
    _off_peak(row, say, url)
    _searches(row, say, url)
    say_batch(say)
    endpoints = row.texts("supported_endpoints")
    if endpoints is not None and "/v1/batch" in endpoints:
        say_capability(say, CapabilityKind.BATCH, True, row.at("supported_endpoints"))
    row.unread(*UNREAD)
    row.close()
    return Subject(SubjectKind.ROUTE, id_, provider, None, tuple(say.said))


def _tokens(row: Row, say: Saying, key: str, field: str) -> None:
    tokens = row.whole(key)
    if tokens == 0:
        say.report.count("not-applicable", f"{row.path}.{key} is 0", row.at(key))
    else:
        say(field, tokens, row.at(key))


def _capabilities(row: Row, say: Saying) -> None:
    for key, kinds in CAPABILITIES.items():
        value = row.flag(key)
        for kind in kinds:
            say_capability(say, kind, value, row.at(key))
    # Choosing a tool needs tools; not taking the parameter says nothing.
    if row.flag("supports_tool_choice"):
        for kind in (CapabilityKind.FUNCTION_CALLING, CapabilityKind.TOOL_USE):
            say_capability(say, kind, True, row.at("supports_tool_choice"))


def _prices(row: Row, say: Saying, url: str | None) -> None:
    for key, value in row.data.items():
        if "cost" not in key or key in UNREAD_PRICES:
            continue
        if value is None:
            if key in PRICES:
                row.get(key)  # a price that is not there is not an unknown field
            continue
        sized = _RESOLUTION.fullmatch(key)
        if sized is not None:
            unit = PRICES[sized["base"]]
            size = sized["size"].lower().replace(".", "_")
            say_price(say, f"price.STANDARD.0.{unit.name}_{size}", row, key, unit.shift, url=url)
            continue
        match = _PRICE.fullmatch(key)
        if match is None or match["base"] not in PRICES:
            continue
        mode = MODES.get(match["mode"])
        if mode is None:
            row.get(key)
            say.report.count("unknown-mode", f"*.{key}: {UNMAPPED_MODES}", row.at(key))
            continue
        unit = PRICES[match["base"]]
        field = f"price.{mode}.{int(match['above'] or 0) * 1000}.{unit.name}"
        # `input_cost_per_token_cache_hit` is the old name of `cache_read_input_token_cost`.
        if match["base"] == "input_cost_per_token_cache_hit" and "cache_read_input_token_cost" in row.present():
            row.unread(key)
            continue
        say_price(say, field, row, key, unit.shift, url=url)


def _tiers(row: Row, say: Saying, url: str | None) -> None:
    """`tiered_pricing`: the range from 0 is the base sheet, each other a tier above its lower bound. An amount that a flat
    field states too is not repeated."""
    for tier in row.rows("tiered_pricing"):
        bounds = tier.get("range")
        low = bounds[0] if isinstance(bounds, list) and bounds else None
        if isinstance(low, bool) or low is None or low < 0 or low != int(low):
            say.report.count("dropped-row", "*.tiered_pricing.* without a range of tokens", tier.locator)
            continue
        for key in tier.present():
            unit = PRICES.get(key)
            if unit is None:
                continue
            field = f"price.STANDARD.{threshold(int(low))}.{unit.name}"
            if field in say:
                tier.get(key)
            else:
                say_price(say, field, tier, key, unit.shift, url=url)
        tier.close()


def _fast(row: Row, say: Saying, url: str | None) -> None:
    """Fast generation as a multiple of input and output. Whether caches cost as many times more is not said."""
    entry = row.get("provider_specific_entry")
    if not isinstance(entry, dict) or "fast" not in entry:
        return
    factor = Row(entry, row.at("provider_specific_entry"), row.named("provider_specific_entry"), say.report).number(
        "fast"
    )
    for key in ("input_cost_per_token", "output_cost_per_token") if factor else ():
        unit = PRICES[key]
        words = f"fast: {factor} times {key}"
        say_price(say, f"price.FAST.0.{unit.name}", row, key, unit.shift, url=url, as_written=words, times=factor or 1)


def _off_peak(row: Row, say: Saying, url: str | None) -> None:
    """Off-peak amounts, and the hours in which they hold. The flat fields are then the prices of all other hours."""
    sheet = row.row("off_peak_pricing")
    if sheet is None:
        return
    zone = sheet.text("weekday_timezone")
    hours = json.dumps(sheet.get("windows"), default=str) + (f" {zone}" if zone else "")
    windows = list(_windows(sheet, zone))
    if not windows or None in windows:
        sheet.bad("windows", "are no hours that can be read")
    else:
        found: Sequence[Hours] = [each for each in windows if each is not None]
        if zone is not None:
            found = rest(rest(found)) or found  # joins what the weekdays of another place have split
        for mode, told in two_sided(found, PriceMode.OFF_PEAK, PriceMode.STANDARD).items():
            say_hours(say, mode, told, sheet.at("windows"), url=url, as_written=hours)
    for key in sheet.present():
        unit = PRICES.get(key)
        if unit is not None:
            say_price(say, f"price.OFF_PEAK.0.{unit.name}", sheet, key, unit.shift, url=url, as_written=hours)
    sheet.close()


def _windows(sheet: Row, zone: str | None) -> Iterator[Hours | None]:
    """Each window, of which `hours_utc` is in UTC and `weekdays` (1 is Monday) counted in the zone; None for what is neither."""
    for entry in sheet.rows("windows"):
        numbers, spans = entry.get("weekdays"), entry.get("hours_utc")
        entry.close()
        wanted = range(1, 8) if numbers is None else numbers if isinstance(numbers, list) else ()
        days = [day for number, day in enumerate(WEEK, 1) if number in wanted]
        for span in spans if isinstance(spans, list) else [spans]:
            first, _, last = str(span).partition("-")
            found = window(first, last, days)
            if found is None or zone not in _OFFSETS:
                yield None
            else:
                yield from at_weekdays_of(found, _OFFSETS[zone])


def _searches(row: Row, say: Saying, url: str | None) -> None:
    """Web search by context size."""
    sheet = row.row("search_context_cost_per_query")
    if sheet is None:
        return
    for size in ("low", "medium", "high"):
        field = f"price.{PriceMode.STANDARD}.0.per_search_{size}"
        say_price(say, field, sheet, f"search_context_size_{size}", url=url)
    sheet.close()
