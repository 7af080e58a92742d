"""genai-prices: prices in USD per million tokens by match rule, as the JSON feeds (v1 and v2) or as the package's `data.py`,
which is read as a syntax tree and never run. A rule by prefix or pattern is no identity: only exact ids become routes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.facts import CapabilityKind, Lifecycle, PriceMode
from domain.statements import BrokenDocument, Parsed, Subject, SubjectKind
from ingest.sources.base import Live, Source
from ingest.sources.clocks import say_hours, two_sided, window
from ingest.sources.literals import read_literals
from ingest.sources.reading import Report, Row, Saying, full_date, read_json, storable, unpacked
from ingest.sources.shapes import MTOK_UNITS, say_batch, say_capability, say_price, threshold

SOURCE = Source(
    "genai-prices",
    "genai-prices",
    "https://github.com/pydantic/genai-prices",
    "MIT",
    "genai-prices",
    Live(
        "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json",
        "https://github.com/pydantic/genai-prices/blob/06331cdc18000de3cdf7ec091ee959bbc453b1fc/packages/python/genai_prices/update_prices.py",
    ),
)

_VARIANTS = {
    ("processing", "batch"): PriceMode.BATCH,
    ("service_tier", "flex"): PriceMode.FLEX,
    ("service_tier", "priority"): PriceMode.PRIORITY,
    ("service_tier", "fast"): PriceMode.FAST,
    ("speed", "fast"): PriceMode.FAST,
}
_DEFAULT = ("service_tier", "default")


@dataclass(frozen=True, slots=True)
class _Dated:
    """One price object and the days for which it holds."""

    prices: Row
    mode: PriceMode
    start: date | None
    end: date | None
    words: str | None = None


_FIRST_FEED = frozenset(
    (
        *("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "input_audio_mtok", "output_audio_mtok"),
        *("cache_audio_read_mtok", "requests_kcount"),
    )
)
"""The units of the first JSON feed, which its publisher froze on 2026-07-25: the second one has more."""


def is_first_feed(body: bytes) -> bool:
    """Whether a document names no unit beyond those of the first feed. Raises BrokenDocument."""
    return all(
        prices.keys() <= _FIRST_FEED
        for provider in _data(body, Report())
        for model in provider.get("models") or ()
        for prices in _sheets(model)
    )


def _sheets(model: Any) -> Iterator[dict[str, Any]]:
    listed = model.get("prices") if isinstance(model, dict) else None
    found = listed if isinstance(listed, list) else [{"prices": listed}]
    for entry in found:
        if isinstance(entry, dict) and isinstance(entry.get("prices"), dict):
            yield entry["prices"]


def _data(body: bytes, report: Report) -> list[dict[str, Any]]:
    plain = unpacked(body)
    if plain.lstrip()[:1] in (b"[", b"{"):
        data: Any = read_json(plain, report)
    else:
        data = storable(read_literals(plain, "providers"), report)
    if not isinstance(data, list) or not all(isinstance(provider, dict) for provider in data):
        raise BrokenDocument("genai-prices: the document is not a list of providers")
    return data


def parse(body: bytes) -> Parsed:
    """Everything that the document says; a JSON feed or the package's `data.py`. Raises BrokenDocument."""
    report = Report()
    top = Row({"providers": _data(body, report)}, "", "", report)
    subjects: list[Subject] = []
    for provider in top.rows("providers"):
        # Places are those of the list itself, which in `data.py` is named `providers`.
        provider.locator = provider.locator.removeprefix("/providers")
        subjects.extend(_provider(provider, report))
    if not any(subject.kind is SubjectKind.ROUTE for subject in subjects):
        raise BrokenDocument("genai-prices: no provider with models in the document")
    return Parsed(tuple(subjects), report.problems())


def _provider(row: Row, report: Report) -> list[Subject]:
    id_ = row.text("id")
    if id_ is None:
        report.count("dropped-row", "provider without id", row.locator)
        return []
    say = Saying(report)
    name = row.text("name")
    say("name", name, row.at("name"))
    routes: dict[str, Subject] = {}
    for model in row.rows("models"):
        for subject in _routes(id_, model, report):
            if subject.id in routes:
                # The first rule that matches wins there.
                report.count("dropped-row", f"{model.path} claims an id that an earlier model has", model.locator)
            else:
                routes[subject.id] = subject
    row.unread("api_pattern", "description", "extractors", "fallback_model_providers", "model_match")
    row.unread("price_comments", "pricing_urls", "provider_match")
    row.close()
    return [Subject(SubjectKind.PROVIDER, id_, name=name, said=tuple(say.said)), *routes.values()]


def _routes(provider: str, row: Row, report: Report) -> Iterator[Subject]:
    id_ = row.text("id")
    if id_ is None:
        report.count("dropped-row", "model without id", row.locator)
        return
    say = Saying(report)
    name = row.text("name")
    say("name", name, row.at("name"))
    say("context_window", row.whole("context_window") or None, row.at("context_window"))
    if row.flag("deprecated"):
        say("lifecycle", str(Lifecycle.DEPRECATED), row.at("deprecated"))
    for dated in [*_listed(row, say, report), *_variants(row, report)]:
        _sheet(dated, say)
    cached = next((said.locator for said in say.said if said.field == "price.STANDARD.0.cache_read"), None)
    if cached is not None:
        say_capability(say, CapabilityKind.PROMPT_CACHING, True, cached)
    say_batch(say)
    ids = _exact_ids(id_, row, report)
    row.unread("description", "price_comments")
    row.close()
    for exact in ids:
        yield Subject(SubjectKind.ROUTE, exact, provider, name, tuple(say.said))


def _exact_ids(id_: str, row: Row, report: Report) -> list[str]:
    """The ids that the rule names exactly, one that it spells with and without capitals once, as with capitals. The model's
    own id counts where the rule covers it, or where the rule names no id at all; in what else a prefix or a pattern matches,
    an old model's price would reach a new model."""
    clause = row.get("match")
    if clause is None:
        return [id_]
    equal = list(dict.fromkeys(_equals(clause)))
    if any(_kinds(clause)):
        report.count("clause-only-match", f"{row.path}.match by prefix, part or pattern, not expanded", row.at("match"))
    if id_ in equal or not equal or _covers(clause, id_):
        return _once(id_, *equal)
    report.count("own-id-unmatched", f"{row.path}.id is not among the ids that its rule names", row.at("id"))
    return _once(*equal)


def _once(*ids: str) -> list[str]:
    """genai-prices matches without regard to capitals, so two spellings of one id are one. Capitals come first in ASCII."""
    spelled: dict[str, str] = {}
    for id_ in ids:
        spelled[id_.lower()] = min(id_, spelled.get(id_.lower(), id_))
    return list(spelled.values())


def _clauses(clause: Any) -> list[Any]:
    if not isinstance(clause, dict):
        return []
    return [part for word in ("or", "and") for part in (clause.get(word) or []) if isinstance(part, dict)]


def _equals(clause: Any) -> Iterator[str]:
    if isinstance(clause, dict) and isinstance(clause.get("equals"), str):
        yield clause["equals"]
    if isinstance(clause, dict) and "and" not in clause:
        for part in _clauses(clause):
            yield from _equals(part)


def _kinds(clause: Any) -> Iterator[bool]:
    """Whether each simple clause within is another than `equals`."""
    parts = _clauses(clause)
    for part in parts:
        yield from _kinds(part)
    if not parts:
        yield isinstance(clause, dict) and "equals" not in clause


def _covers(clause: Any, text: str) -> bool:
    """Whether the rule matches the text, as genai-prices evaluates it: without regard to capitals."""
    lowered = text.lower()
    for word, part in clause.items() if isinstance(clause, dict) else ():
        if word in ("or", "and") and isinstance(part, list):
            return (any if word == "or" else all)(_covers(each, text) for each in part)
        if not isinstance(part, str):
            return False
        if word == "regex":
            try:
                return re.search(part, lowered) is not None
            except re.error:
                return False
        wanted = part.lower()
        return {
            "equals": lowered == wanted,
            "starts_with": lowered.startswith(wanted),
            "ends_with": lowered.endswith(wanted),
            "contains": wanted in lowered,
        }.get(word, False)
    return False


def _listed(row: Row, say: Saying, report: Report) -> list[_Dated]:
    """The prices: one object, or a list of which the last that applies wins. Entries with a start day follow each other.
    Entries by time of day pair with the last dated one: the dearer of the two is the standard price. Their hours are stated."""
    if not isinstance(row.get("prices"), list):
        prices = row.row("prices")
        return [] if prices is None else [_Dated(prices, PriceMode.STANDARD, None, None)]
    dated: list[tuple[date | None, Row]] = []
    windows: list[tuple[tuple[str, str], Row]] = []
    for entry in row.rows("prices"):
        prices = entry.row("prices")
        start: date | None = None
        hours: tuple[str, str] | None = None
        constraint = entry.row("constraint")
        if constraint is not None:
            start = full_date(constraint.day("start_date"))
            first, last = constraint.text("start_time"), constraint.text("end_time")
            hours = (first, last) if first and last else None
            constraint.close()
        entry.close()
        if prices is None or (constraint is not None and start is None and hours is None):
            report.count("dropped-row", f"{entry.path} with a constraint that is not understood", entry.locator)
        elif hours is not None:
            windows.append((hours, prices))
        else:
            dated.append((start, prices))
    dated.sort(key=lambda pair: (pair[0] is not None, pair[0] or date.min))
    sheets = [
        _Dated(prices, PriceMode.STANDARD, start, dated[index + 1][0] if index + 1 < len(dated) else None)
        for index, (start, prices) in enumerate(dated)
    ]
    if windows and sheets:
        spans = ", ".join(f"{first}-{last}" for (first, last), _ in windows)
        base, special = sheets[-1], windows[0][1]
        same = all(other.data == special.data for _, other in windows)
        if not same:
            report.count("dropped-row", f"{row.path}.prices by time of day beyond the first window", row.at("prices"))
        dearer = (special.number("input_mtok") or 0) >= (base.prices.number("input_mtok") or 0)
        modes = (PriceMode.OFF_PEAK, PriceMode.STANDARD) if dearer else (PriceMode.STANDARD, PriceMode.OFF_PEAK)
        sheets[-1] = _Dated(base.prices, modes[0], base.start, None, f"outside {spans}" if dearer else None)
        sheets.append(_Dated(special, modes[1], base.start, None, spans))
        found = [window(first, last) for (first, last), _ in windows]
        if None in found or not same:
            row.bad("prices", "have hours that cannot be told")
        else:
            for mode, hours_ in two_sided([each for each in found if each is not None], modes[1], modes[0]).items():
                say_hours(say, mode, hours_, row.at("prices"), valid_from=base.start, as_written=spans)
    return sheets


def _variants(row: Row, report: Report) -> Iterator[_Dated]:
    """Prices under a named condition, such as batch processing."""
    for variant in row.rows("price_variants"):
        when, prices, constraint = variant.get("when"), variant.row("prices"), variant.row("constraint")
        start = None
        if constraint is not None:
            start = full_date(constraint.day("start_date"))
            constraint.close()
        variant.close()
        conditions = list(when.items()) if isinstance(when, dict) else []
        if conditions == [_DEFAULT] and prices is not None and not prices.present():
            continue  # says only that the prices above are those of the usual tier
        mode = _VARIANTS.get(conditions[0]) if len(conditions) == 1 else None
        if mode is None or prices is None:
            named = " and ".join(f"{key} {value}" for key, value in conditions)
            report.count("unknown-mode", f"{variant.path} for {named} is no price mode of ours", variant.locator)
        else:
            yield _Dated(prices, mode, start, None)


def _sheet(dated: _Dated, say: Saying) -> None:
    """One price object: each amount is a number, or a base with tiers that start above a number of tokens."""
    row = dated.prices
    for key in row.present():
        unit = MTOK_UNITS.get(key)
        if unit is None:
            continue

        def state(holder: Row, name: str, above: int, unit_name: str = unit.name, shift: int = unit.shift) -> None:
            field = f"price.{dated.mode}.{above}.{unit_name}"
            say_price(
                say,
                field,
                holder,
                name,
                shift,
                valid_from=dated.start,
                valid_to=dated.end,
                as_written=dated.words,
            )

        if not isinstance(row.get(key), dict):
            state(row, key, 0)
            continue
        tiered = row.row(key)
        if tiered is None:
            continue
        state(tiered, "base", 0)
        for tier in tiered.rows("tiers"):
            start = tier.whole("start")
            if not start:
                say.report.count("dropped-row", f"{tier.path} without a start", tier.locator)
                continue
            state(tier, "price", threshold(start))
            tier.close()
        tiered.close()
    row.close()
