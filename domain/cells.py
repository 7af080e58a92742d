"""The tables of a comparison as rows of cells: specs, pricing and availability, capabilities.

A cell says what is known, and whether nothing is known or the question does not arise; it never shows an absence as
"No".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from domain.billing import amount, complete_price, price_ref
from domain.capabilities import capability
from domain.cost import MonthlyCost
from domain.dates import Announced
from domain.facts import CapabilityKind, Contender, FactRef, Model, Offer, Presence, Task, Unavailable
from domain.fit import company_names, company_of, provider_groups
from domain.lifecycle import shutdown
from domain.rules import Rule
from domain.tasks import PROMPT_ONLY
from domain.units import display_date, display_parameters, display_price, display_tokens, plain
from domain.wording import NO_ELIGIBLE_ROUTE, NOT_APPLICABLE, NOT_SOURCED, in_words, label, listed

_REFERENCE = "docs/methodology.md#specs-pricing-capabilities"


class CellState(StrEnum):
    """KNOWN: a source says. UNKNOWN: no source says. NOT_APPLICABLE: such a model has no such thing."""

    KNOWN = "KNOWN"
    UNKNOWN = "UNKNOWN"
    NOT_APPLICABLE = "NOT_APPLICABLE"


CellValue: TypeAlias = "str | int | Decimal | tuple[str, ...] | None"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one model shows in one row. `value` is exact and None unless the state is KNOWN: tokens, parameters, USD per
    million tokens, a date, an enum's name or several names. `used` names the facts even where they are missing."""

    model: str
    value: CellValue
    display: str
    state: CellState
    used: tuple[FactRef, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a cell per model, in the order of the comparison."""

    key: str
    label: str
    cells: tuple[Cell, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class ProviderOffers:
    """The live offers of a model at one provider group, under the name of its first entry."""

    group: str
    name: str
    offers: tuple[Offer, ...]
    used: tuple[FactRef, ...]
    rule: str = "cells.pricing"


_WITHOUT_CONTEXT = (Task.IMAGE_GENERATION, Task.VIDEO_GENERATION)
_NEVER: Mapping[str, tuple[Task, ...]] = MappingProxyType(
    {
        "context_window": _WITHOUT_CONTEXT,
        "max_output": (*_WITHOUT_CONTEXT, *PROMPT_ONLY),
        "output_price": (*_WITHOUT_CONTEXT, *PROMPT_ONLY),
    }
)


def applies(model: Model, field: str) -> bool:
    """Image and video generators have no context window; they and embedding, reranking and moderation models have
    neither an output limit nor an output price in tokens. A value that is sourced all the same is shown."""
    return model.task not in _NEVER.get(field, ())


def specs(models: Sequence[Model], *, on: date) -> tuple[Row, ...]:
    """The specification table on a day. What no source gives is "not sourced yet"; what a model of its kind cannot have is "not
    applicable"."""
    return tuple(
        Row(key, heading, tuple(_spec(model, key, on) for model in models), "cells.specs") for key, heading in _SPECS
    )


_SPECS = (
    ("released", "Released"),
    ("context_window", "Context window"),
    ("parameters", "Parameters"),
    ("architecture", "Architecture"),
    ("license", "License"),
    ("openness", "Openness"),
    ("commercial_use", "Commercial use"),
    ("knowledge_cutoff", "Knowledge cutoff"),
    ("max_output", "Max output"),
    ("input_modalities", "Input modalities"),
    ("output_modalities", "Output modalities"),
    ("lifecycle", "Lifecycle"),
)


def _spec(model: Model, key: str, on: date) -> Cell:
    fields = ("parameters_total", "parameters_active") if key == "parameters" else (key,)
    if key == "lifecycle" and model.retires_on:
        fields = ("lifecycle", "retires_on")
    used = tuple(FactRef("model", model.id, field) for field in fields)
    value, display = _spec_value(model, key, on)
    if value is None and not applies(model, key):
        return Cell(model.slug, None, NOT_APPLICABLE, CellState.NOT_APPLICABLE, used)
    return _cell(model.slug, value, display, used)


def _spec_value(model: Model, key: str, on: date) -> tuple[CellValue, str | None]:
    """The exact value of a row and how it is shown; None and None where no source says."""
    match key:
        case "released" | "knowledge_cutoff":
            day = getattr(model, key)
            return day, display_date(day)
        case "context_window" | "max_output":
            tokens = getattr(model, key)
            return tokens, None if tokens is None else display_tokens(tokens)
        case "parameters":
            known = model.parameters_active if model.parameters_total is None else model.parameters_total
            return known, display_parameters(model.parameters_total, model.parameters_active)
        case "license":
            if model.license is None:
                return None, None
            return model.license.key, model.license.name + (" (OSI)" if model.license.osi_approved else "")
        case "input_modalities" | "output_modalities":
            modalities = getattr(model, key)
            return tuple(modalities) or None, listed(label(each) for each in modalities) or None
        case _:
            member = getattr(model, key)
            if member.name == "UNKNOWN":
                return None, None
            end = shutdown(model) if key == "lifecycle" else None
            return member.value, label(member) + ("" if end is None else _ends(end, on))


def _ends(end: Announced, on: date) -> str:
    """An announced end; of one that was only excluded until a day, whether that day has passed."""
    if end.is_end:
        return f", shut down {end.words}"
    return f", not shut down before {end.day}" if end.day > on else f", was not to be shut down before {end.day}"


def pricing(contenders: Sequence[Contender], costs: Mapping[str, MonthlyCost | Unavailable]) -> tuple[Row, ...]:
    """Pricing and availability: the lowest input and the lowest output price, each over the standard base sheets that
    are complete and do not look wrong, of live metered routes; the lowest price per other unit, where any model has
    one; the providers; the cheapest route at the workload. `costs` are monthly costs by model slug."""
    rows: tuple[tuple[str, str, Callable[[Contender], Cell]], ...] = (
        ("input_price", "Input price", lambda each: _price(each, "input")),
        ("output_price", "Output price", lambda each: _price(each, "output")),
        ("providers", "Providers", _providers),
        ("cheapest_route", "Cheapest route", lambda each: _cheapest_route(each, costs[each.model.slug])),
    )
    if any(_other_units(each) for each in contenders):
        rows = (*rows[:2], ("other_prices", "Other prices", _other_prices), *rows[2:])
    return tuple(
        Row(key, heading, tuple(cell(each) for each in contenders), "cells.pricing") for key, heading, cell in rows
    )


def lowest_price(contender: Contender, unit: str) -> tuple[Decimal, tuple[Offer, ...], tuple[FactRef, ...]] | None:
    """The lowest price of a unit in USD per million tokens, every live offer that has it, and the facts; None without
    one."""
    found = [
        (rate, offer, sheet)
        for offer in contender.live
        if (sheet := complete_price(offer, contender.model.task)) and (rate := amount(sheet, unit)) is not None
    ]
    if not found:
        return None
    lowest = min(rate for rate, _, _ in found)
    best = [each for each in found if each[0] == lowest]
    return lowest, tuple(offer for _, offer, _ in best), tuple(price_ref(sheet, unit) for _, _, sheet in best)


def _price(contender: Contender, unit: str) -> Cell:
    slug = contender.model.slug
    found = lowest_price(contender, unit)
    if found is not None:
        return _cell(slug, found[0], display_price(found[0]), found[2])
    if not applies(contender.model, f"{unit}_price"):
        return Cell(slug, None, NOT_APPLICABLE, CellState.NOT_APPLICABLE, ())
    missing = tuple(FactRef("route", offer.route.id, f"price.STANDARD.0.{unit}") for offer in contender.live)
    return _cell(slug, None, None, missing)


def providers(contender: Contender) -> tuple[ProviderOffers, ...]:
    """The live offers grouped by provider, by name: entries of one company count once."""
    found, names = [], company_names(offer.route for offer in contender.live)
    for group, offers in provider_groups(contender.offers).items():
        ordered = sorted(offers, key=lambda offer: (offer.route.provider.name.casefold(), offer.route.key))
        used = tuple(FactRef("route", offer.route.id, "lifecycle") for offer in ordered)
        found.append(ProviderOffers(group, names[group], tuple(ordered), used))
    return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.group)))


def _other_units(contender: Contender) -> dict[str, tuple[Decimal, FactRef]]:
    """The lowest price in USD per other unit (an image, a second) over live metered routes, with its fact."""
    lowest: dict[str, tuple[Decimal, FactRef]] = {}
    for offer in contender.live:
        if sheet := complete_price(offer, contender.model.task):
            for unit, rate in sheet.other_units.items():
                if rate > 0 and (unit not in lowest or rate < lowest[unit][0]):
                    lowest[unit] = (rate, price_ref(sheet, unit))
    return lowest


def _other_prices(contender: Contender) -> Cell:
    found = _other_units(contender)
    texts = tuple(
        f"${plain(rate)} per {unit.removeprefix('per_').replace('_', ' ')}" for unit, (rate, _) in found.items()
    )
    used = tuple(ref for _, ref in found.values())
    return _cell(contender.model.slug, texts or None, listed(texts) or None, used)


def _providers(contender: Contender) -> Cell:
    found = providers(contender)
    names = tuple(each.name for each in found)
    used = tuple(ref for each in found for ref in each.used)
    return _cell(contender.model.slug, names or None, listed(names) or None, used)


def _cheapest_route(contender: Contender, cost: MonthlyCost | Unavailable) -> Cell:
    if isinstance(cost, Unavailable):
        if cost.reason == "NO_ELIGIBLE_ROUTE":
            return Cell(contender.model.slug, None, NO_ELIGIBLE_ROUTE, CellState.NOT_APPLICABLE, cost.missing)
        return _cell(contender.model.slug, None, None, cost.missing)
    keys = tuple(each.route.key for each in cost.cheapest)
    return _cell(contender.model.slug, keys, f"{listed(cheapest_at(cost))} ({cost.display} a month)", cost.used)


def cheapest_at(cost: MonthlyCost) -> tuple[str, ...]:
    """The providers of the cheapest routes, each company once. Where the list of providers has the company under another name, that one
    follows: `Azure Cognitive Services / Azure`."""
    companies = company_names(each.route for each in cost.ranked)
    found: dict[str, list[str]] = {}
    for each in cost.cheapest:
        found.setdefault(companies[company_of(each.route)], []).append(each.route.provider.name)
    return tuple(
        next((name for name in names if company.startswith(name.partition(" (")[0])), f"{names[0]} / {company}")
        for company, names in found.items()
    )


def capabilities(models: Sequence[Model]) -> tuple[Row, ...]:
    """A row per capability, the page's ten first. Yes and No where a source says so, else "not sourced yet". Streaming has none: it
    is something of the API, which is asked route by route (`capability.conditional`)."""
    return tuple(
        Row(kind.value.lower(), label(kind), tuple(_capability(model, kind) for model in models), "cells.capabilities")
        for kind in CapabilityKind
        if kind is not CapabilityKind.STREAMING
    )


def _capability(model: Model, kind: CapabilityKind) -> Cell:
    answer = capability(model, kind)
    known = answer.presence is not Presence.UNKNOWN
    return _cell(
        model.slug, answer.presence.value if known else None, label(answer.presence) if known else None, answer.used
    )


def _cell(model: str, value: CellValue, display: str | None, used: tuple[FactRef, ...]) -> Cell:
    if value is None or display is None:
        return Cell(model, None, NOT_SOURCED, CellState.UNKNOWN, used)
    return Cell(model, value, display, CellState.KNOWN, used)


RULES: tuple[Rule, ...] = (
    Rule("cells.specs", "Specification table", in_words(specs) + " " + in_words(applies), _REFERENCE),
    Rule("cells.pricing", "Pricing and availability table", in_words(pricing), _REFERENCE),
    Rule("cells.capabilities", "Capability table", in_words(capabilities), _REFERENCE),
)
