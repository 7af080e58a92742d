"""model-prices: the dated price history of first-party routes, compiled from models.dev's commits and corrected from the
providers' own pages, in USD per million tokens. Its intervals become statements with a start and an end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.facts import CapabilityKind, Lifecycle, PriceMode
from domain.hours import WEEK, Hours
from domain.statements import BrokenDocument, Parsed, Subject, SubjectKind
from ingest.sources.base import Source
from ingest.sources.clocks import holidays, say_hours, two_sided, window
from ingest.sources.reading import Report, Row, Saying, full_date, top_row
from ingest.sources.shapes import lifecycle, say_capability, say_price, threshold

SOURCE = Source("model-prices", "model-prices", "https://github.com/wakamex/model-prices", "MIT", "models.dev")

_MODES = {
    "standard": PriceMode.STANDARD,
    "batch": PriceMode.BATCH,
    "fast": PriceMode.FAST,
    "flex": PriceMode.FLEX,
    "thinking": PriceMode.THINKING,
}
_UNITS = ("input", "output", "cache_read", "cache_write")
_STATED = "documented"
_OBSERVED = ("models.dev commit", "first observed")


@dataclass(frozen=True, slots=True)
class _Interval:
    """Prices that hold from `start` until `end`. `stated` when a provider's page names the start, else it was seen then."""

    rates: Row
    start: date | None
    stated: bool
    end: date | None


@dataclass(frozen=True, slots=True)
class _Schedule:
    """Hours with another price. `factor` makes the off-peak amount from the listed one; for `peak` hours it makes the peak
    amount, and then the listed amount is the off-peak one."""

    provider: str
    models: dict[str, Decimal]
    factor: Decimal | None
    start: date | None
    end: date | None
    words: str
    hours: Mapping[PriceMode, tuple[Hours, ...]]
    url: str | None
    locator: str


def parse(body: bytes) -> Parsed:
    """Everything that the document says. Raises BrokenDocument."""
    report = Report()
    top = top_row(body, report, SOURCE.name)
    schedules = _schedules(top, report)
    said: dict[tuple[str, str], Saying] = {}
    offered: dict[tuple[str, str], str] = {}

    def of(provider: str, model: str) -> Saying:
        return said.setdefault((provider, model), Saying(report))

    for provider, models in top.members("prices"):
        for model, modes in models.members():
            say = of(provider, model)
            for name in modes.data:
                modes.get(name)
                if name not in _MODES:
                    report.count("unknown-mode", f"prices.*.*.{name} is no price mode of ours", modes.at(name))
                    continue
                for interval in _intervals(modes, name, report):
                    if interval.end is None:
                        offered.setdefault((provider, model), interval.rates.locator)
                    if name == "standard":
                        _standard(interval, say, schedules, provider, model)
                    else:
                        _sheet(interval, say, _MODES[name], interval.start, interval.end)
                    if name == "batch" and interval.end is None:
                        say_capability(say, CapabilityKind.BATCH, True, interval.rates.locator)
    if not said:
        raise BrokenDocument("model-prices: no `prices` in the document")
    for provider, models in top.members("status"):
        models.path = "status.*"
        for model in models.present():
            offered.pop((provider, model), None)
            of(provider, model)("lifecycle", lifecycle(models, model), models.at(model))
    for (provider, model), locator in offered.items():
        # The status table names what is on its way out; whatever has a price now and is not in it is offered.
        of(provider, model)("lifecycle", Lifecycle.AVAILABLE.value, locator)
    for provider, models in top.members("bases"):
        for lab_model in models.present():
            route = models.text(lab_model)
            if route is not None:
                of(provider, route)("base_model", lab_model, models.at(lab_model))
    _plans(top, report)
    top.unread("aliases", "estimates", "models_dev", "schema")
    day = full_date(top.text("updated_at"))
    top.close()
    subjects = tuple(
        Subject(SubjectKind.ROUTE, model, provider, None, tuple(say.said)) for (provider, model), say in said.items()
    )
    return Parsed(subjects, report.problems(), day)


def _intervals(modes: Row, name: str, report: Report) -> Iterator[_Interval]:
    """The history of one mode. The first interval has no start and reaches back before anything was known: it counts from
    the day on which its price was first seen. An interval that ends on the day of its start was in force for hours."""
    found: list[tuple[Row, Row | None, date | None, bool]] = []
    for entry in modes.rows(name):
        entry.path = f"prices.*.*.{name}.*"
        rates = entry.row("rates")
        start = full_date(entry.text("start"))
        if entry.row("recorded") is not None:
            report.count(
                "superseded-value", f"{entry.path}.recorded, which a correction replaces", entry.at("recorded")
            )
        entry.close()
        stated = False
        if rates is not None:
            rates.path = f"{entry.path}.rates"
            basis = rates.text("valid_from_basis")
            stated = basis == _STATED
            if not stated and basis not in _OBSERVED:
                rates.bad("valid_from_basis", "is an unknown basis")
            seen = full_date(rates.text("valid_from"))
            start = max((day for day in (start, seen) if day is not None), default=None)
        found.append((entry, rates, start, stated))
    for index, (entry, rates, start, stated) in enumerate(found):
        end = min((later[2] for later in found[index + 1 :] if later[2] is not None), default=None)
        if rates is None:
            continue
        if start is not None and end is not None and end <= start:
            report.count("dropped-row", f"{entry.path} in force for less than a day", entry.locator)
            continue
        yield _Interval(rates, start, stated, end)


def _standard(interval: _Interval, say: Saying, schedules: list[_Schedule], provider: str, model: str) -> None:
    """Standard prices; where a schedule overlaps, the peak amounts are STANDARD and the others OFF_PEAK."""
    for schedule in schedules:
        factor = schedule.models.get(model) if schedule.models else schedule.factor
        start = max((day for day in (interval.start, schedule.start) if day is not None), default=None)
        end = min((day for day in (interval.end, schedule.end) if day is not None), default=None)
        if schedule.provider != provider or factor is None or (start and end and end <= start):
            continue
        if start != interval.start:
            _sheet(interval, say, PriceMode.STANDARD, interval.start, start)
        peak, off_peak = (Decimal(1), factor) if schedule.models else (factor, Decimal(1))
        _sheet(interval, say, PriceMode.STANDARD, start, end, times=peak, words=schedule.words)
        _sheet(interval, say, PriceMode.OFF_PEAK, start, end, times=off_peak, words=schedule.words)
        stated, observed = (start, None) if interval.stated else (None, start)
        for mode, windows in schedule.hours.items():
            say_hours(
                say,
                mode,
                windows,
                schedule.locator,
                valid_from=stated,
                observed_from=observed,
                valid_to=end,
                url=schedule.url,
                as_written=schedule.words,
            )
        if end != interval.end:
            _sheet(interval, say, PriceMode.STANDARD, end, interval.end)
        return
    _sheet(interval, say, PriceMode.STANDARD, interval.start, interval.end)


def _sheet(
    interval: _Interval,
    say: Saying,
    mode: PriceMode,
    start: date | None,
    end: date | None,
    *,
    times: Decimal = Decimal(1),
    words: str | None = None,
) -> None:
    rates = interval.rates
    url = rates.text("source")
    stated, observed = (start, None) if interval.stated else (None, start)

    def state(row: Row, above: int, key: str, unit: str, factor: Decimal) -> None:
        field = f"price.{mode}.{above}.{unit}"
        say_price(
            say,
            field,
            row,
            key,
            times=factor,
            url=url,
            as_written=words,
            valid_from=stated,
            observed_from=observed,
            valid_to=end,
        )

    for unit in _UNITS:
        state(rates, 0, unit, unit, times)
    # A multiple of the input price: two at Anthropic, for writes that live an hour.
    long_writes, base = rates.number("cache_write_1h_multiple"), rates.number("input")
    if long_writes is not None and base is not None:
        state(rates, 0, "input", "cache_write_1h", times * long_writes)
    for tier in rates.rows("tiers"):
        above = tier.whole("above")
        if not above:
            say.report.count("dropped-row", f"{tier.path} without a context size", tier.locator)
            continue
        for unit in _UNITS:
            state(tier, threshold(above), unit, unit, times)
        tier.close()
    if rates.text("model") is not None:
        say.report.count(
            "borrowed-price", f"{rates.path} are another model's, that the route served", rates.at("model")
        )
    rates.get("valid_from")
    rates.get("valid_from_basis")
    rates.close()


def _schedules(top: Row, report: Report) -> list[_Schedule]:
    holder = top.row("schedules")
    schedules: list[_Schedule] = []
    if holder is None:
        return schedules
    calendars = dict(holder.members("holidays"))
    for entry in holder.rows("schedule"):
        provider = entry.text("provider")
        off_peak = entry.row("off_peak_multiplier")
        models: dict[str, Decimal] = {}
        for model in off_peak.present() if off_peak is not None else ():
            factor = off_peak.number(model) if off_peak is not None else None
            if factor is not None:
                models[model] = factor
        peak = entry.number("peak_multiplier")
        kind = "off-peak" if models else "peak"
        key = f"{kind.replace('-', '_')}_hours_utc"
        spans = [span for span in entry.get(key) or [] if isinstance(span, list) and len(span) == 2]
        weekdays = entry.flag("weekdays_only")
        calendar = entry.text("holidays")
        if provider is None or not (models or peak):
            report.count("dropped-row", f"{entry.path} without provider or factor", entry.locator)
            continue
        start, end = full_date(entry.text("valid_from")), full_date(entry.text("valid_until"))
        found = [window(str(first), str(last), WEEK[:5] if weekdays else WEEK) for first, last in spans]
        windows: tuple[Hours, ...] | None = tuple(each for each in found if each is not None)
        if calendar is not None and windows:
            windows = holidays(calendars[calendar], windows) if calendar in calendars else None
        if not windows or None in found:
            entry.bad(key, "are no hours that can be read")
        mode, other = (PriceMode.OFF_PEAK, PriceMode.STANDARD) if models else (PriceMode.STANDARD, PriceMode.OFF_PEAK)
        hours = two_sided(windows, mode, other) if windows and None not in found else {}
        words = f"{kind} hours {', '.join('-'.join(map(str, span)) for span in spans)} UTC"
        words += (" on weekdays" if weekdays else "") + (f" but public holidays ({calendar})" if calendar else "")
        url = entry.text("source")
        schedules.append(_Schedule(provider, models, peak, start, end, words, hours, url, entry.locator))
        entry.unread("note", "terms")
        entry.close()
    holder.close()
    return schedules


def _plans(top: Row, report: Report) -> None:
    """Subscription plans have a price per month and none per token: reported, so that nobody takes them for missing."""
    for plan in top.rows("plans"):
        monthly = plan.number("usd_per_month")
        report.add(
            "subscription-plan",
            plan.locator,
            f"{plan.text('provider')}: {plan.text('name')} costs {monthly} USD per month, which is no token price",
        )
        for key in ("checked", "id", "note", "source", "valid_from", "valid_until"):
            plan.get(key)
        plan.close()
