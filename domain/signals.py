"""The rows of the scorecard, one function each: what every model has, and who leads.

A row compares what is known. It has a leader only where two or more values are known and the best is clearly better;
an unknown is shown as unknown and is no loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from domain.benchmarks import joined
from domain.capabilities import capability, presence_of
from domain.cells import applies, lowest_price
from domain.comparability import covered, known_facts
from domain.cost import Costs, MonthlyCost, monthly_cost
from domain.facts import PAGE_CAPABILITIES, CommercialUse, Contender, FactRef, Openness, Presence, Unavailable
from domain.fit import best_for, fit, provider_groups
from domain.overrides import unsettled_companies
from domain.units import display_date, display_percent, display_price, display_tokens
from domain.wording import NO_ELIGIBLE_ROUTE, NOT_APPLICABLE, NOT_SOURCED, counted, label, listed
from domain.workload import Workload

TIE_PERCENT = 5
"""A difference under so many percent of the larger value makes no leader."""


class Direction(StrEnum):
    """Which value leads. NONE: the row describes and never has a leader."""

    HIGHER = "HIGHER"
    LOWER = "LOWER"
    NONE = "NONE"


SignalValue: TypeAlias = "int | Decimal | str | tuple[str, ...] | None"
"""Tokens and counts are int, money and shares Decimal, dates PartialDate text, tags a tuple of their keys."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A signal for one model. Not `known`: the value is None and `display` says whether it is unknown or not
    applicable."""

    model: str
    value: SignalValue
    display: str
    known: bool
    used: tuple[FactRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What a signal's own function finds: the cells, and the slugs that lead."""

    cells: tuple[Cell, ...]
    leaders: tuple[str, ...] = ()


def leading(values: Mapping[str, int | Decimal], direction: Direction) -> tuple[str, ...]:
    """A model leads when no other known value is better than its own by 5 % or more of the larger one. Nobody leads
    where fewer than two values are known, or where that is true of all of them."""
    if len(values) < 2 or direction is Direction.NONE:
        return ()
    best = max(values.values()) if direction is Direction.HIGHER else min(values.values())

    leaders = tuple(slug for slug, value in values.items() if _tied(Decimal(value), Decimal(best)))
    return leaders if len(leaders) < len(values) else ()


def _tied(value: Decimal, best: Decimal) -> bool:
    return value == best or abs(value - best) * 100 < TIE_PERCENT * max(abs(value), abs(best))


def newest(dates: Mapping[str, str]) -> tuple[str, ...]:
    """A date leads when no other known date is later for certain: `2026` and `2026-03` may be the same day. Nobody
    leads where fewer than two dates are known, or where that is true of all of them."""

    def beaten(date: str) -> bool:
        return any(other > date and not other.startswith(date) for other in dates.values())

    leaders = tuple(slug for slug, date in dates.items() if not beaten(date))
    return leaders if len(dates) > 1 and len(leaders) < len(dates) else ()


def leaders_of(cells: Iterable[Cell], direction: Direction) -> tuple[str, ...]:
    """Who leads a row of numbers or dates in which every cell is about its own model alone."""
    values = {cell.model: cell.value for cell in cells if cell.value is not None}
    dates = {slug: value for slug, value in values.items() if isinstance(value, str)}
    numbers = {slug: value for slug, value in values.items() if isinstance(value, int | Decimal)}
    return newest(dates) if dates else leading(numbers, direction)


def _refs(contender: Contender, *fields: str) -> tuple[FactRef, ...]:
    return tuple(FactRef("model", contender.model.id, field) for field in fields)


def _tags(contender: Contender, found: Iterable[tuple[str, str, tuple[FactRef, ...]]]) -> Cell:
    tags = list(found)
    used = tuple(dict.fromkeys(ref for _, _, refs in tags for ref in refs))
    display = listed(text for _, text, _ in tags) or "none by the known facts"
    return Cell(contender.model.slug, tuple(tag for tag, _, _ in tags), display, known=True, used=used)


def best_for_products(contenders: Sequence[Contender], _: Workload) -> Row:
    """The kinds of products that a model suits, see `fit.best-for`. It describes: what lies behind it is weighed
    elsewhere."""
    found = ((each, ((tag.tag, tag.label, tag.used) for tag in best_for(each))) for each in contenders)
    return Row(tuple(_tags(each, tags) for each, tags in found))


def decision_fit(contenders: Sequence[Contender], _: Workload) -> Row:
    """The fit tags of a model, see `fit.tags`. It describes: what lies behind it is weighed elsewhere."""
    found = ((each, ((tag.tag, tag.label, tag.used) for tag in fit(each.model))) for each in contenders)
    return Row(tuple(_tags(each, tags) for each, tags in found))


def _numbers(cells: Iterable[Cell], direction: Direction) -> Row:
    """A row of plain numbers."""
    row = tuple(cells)
    values = {cell.model: cell.value for cell in row if isinstance(cell.value, int | Decimal)}
    return Row(row, leading(values, direction))


def _absent(contender: Contender, field: str) -> str:
    return NOT_SOURCED if applies(contender.model, field) else NOT_APPLICABLE


def _tokens(contender: Contender, field: str) -> Cell:
    value: int | None = getattr(contender.model, field)
    display = _absent(contender, field) if value is None else display_tokens(value)
    return Cell(contender.model.slug, value, display, known=value is not None, used=_refs(contender, field))


def context_window(contenders: Sequence[Contender], _: Workload) -> Row:
    """The model's context window in tokens. The larger one leads by 5 % or more."""
    return _numbers((_tokens(each, "context_window") for each in contenders), Direction.HIGHER)


def max_output(contenders: Sequence[Contender], _: Workload) -> Row:
    """The most tokens that one answer of the model can have. The larger one leads by 5 % or more."""
    return _numbers((_tokens(each, "max_output") for each in contenders), Direction.HIGHER)


def _lowest_price(contender: Contender, unit: str) -> Cell:
    found = lowest_price(contender, unit)
    if found is None:
        return Cell(contender.model.slug, None, _absent(contender, f"{unit}_price"), known=False)
    lowest, _, used = found
    return Cell(contender.model.slug, lowest, display_price(lowest), known=True, used=used)


def cheapest_output(contenders: Sequence[Contender], _: Workload) -> Row:
    """The lowest standard output price per million tokens among live metered routes with a complete price that does
    not look wrong. The lower one leads by 5 % or more."""
    return _numbers((_lowest_price(each, "output") for each in contenders), Direction.LOWER)


def cheapest_input(contenders: Sequence[Contender], _: Workload) -> Row:
    """The lowest standard input price per million tokens among live metered routes with a complete price that does
    not look wrong. The lower one leads by 5 % or more."""
    return _numbers((_lowest_price(each, "input") for each in contenders), Direction.LOWER)


def provider_routes(contenders: Sequence[Contender], _: Workload) -> Row:
    """How many providers serve the model by a live route, entries of one company counted once. More leads by 5 % or
    more. Where no source says of further ones whether they meet the caller's own terms, the number is not known."""

    def cell(contender: Contender) -> Cell:
        groups = provider_groups(contender.offers)
        used = tuple(FactRef("route", offers[0].route.id, "lifecycle") for offers in groups.values())
        if more := unsettled_companies(contender):
            display = f"at least {len(groups)} tracked" if groups else NOT_SOURCED
            open_ones = dict.fromkeys((*used, *(ref for bar in more for ref in bar.used)))
            return Cell(contender.model.slug, None, display, known=False, used=tuple(open_ones))
        return Cell(contender.model.slug, len(groups), f"{len(groups)} tracked", known=True, used=used)

    return _numbers((cell(each) for each in contenders), Direction.HIGHER)


def benchmark_rows(contenders: Sequence[Contender], _: Workload) -> Row:
    """How many benchmark rows the model shares with another one here, see `benchmarks.join`. Who has the best score
    in more of them leads, by 5 % or more."""
    rows = joined(contenders)
    cells, led = [], {}
    for contender in contenders:
        slug = contender.model.slug
        shared = [row for row in rows if slug in row.results]
        led[slug] = sum(slug in row.leaders for row in shared)
        display = counted(len(shared), "row") + (f", best in {led[slug]}" if shared else "")
        used = tuple(dict.fromkeys(ref for row in shared for ref in row.used if ref.id == contender.model.id))
        cells.append(Cell(slug, len(shared), display, known=True, used=used))
    return Row(tuple(cells), leading(led, Direction.HIGHER))


def cost_of_month(contenders: Sequence[Contender], workload: Workload) -> Row:
    """The workload's monthly cost on the model's cheapest route, see `cost.cheapest`. The lower one leads by 5 % or
    more."""
    return row_of_costs({each.model.slug: monthly_cost(each, workload) for each in contenders})


def row_of_costs(costs: Costs) -> Row:
    """The row `cost_of_month` of costs that are known already."""

    def cell(slug: str, cost: MonthlyCost | Unavailable) -> Cell:
        if isinstance(cost, Unavailable):
            display = NO_ELIGIBLE_ROUTE if cost.reason == "NO_ELIGIBLE_ROUTE" else NOT_SOURCED
            return Cell(slug, None, display, known=False, used=cost.missing)
        return Cell(slug, cost.total, cost.display, known=True, used=cost.used)

    return _numbers((cell(slug, cost) for slug, cost in costs.items()), Direction.LOWER)


def _date_cell(contender: Contender, field: str) -> Cell:
    value: str | None = getattr(contender.model, field)
    known = value is not None
    return Cell(contender.model.slug, value, value or NOT_SOURCED, known=known, used=_refs(contender, field))


def _dates(cells: Iterable[Cell]) -> Row:
    row = tuple(cells)
    return Row(row, newest({cell.model: cell.value for cell in row if isinstance(cell.value, str)}))


def release_date(contenders: Sequence[Contender], _: Workload) -> Row:
    """When the model was released. The newer one leads where the dates are precise enough to tell."""
    return _dates(_date_cell(each, "released") for each in contenders)


def knowledge_cutoff(contenders: Sequence[Contender], _: Workload) -> Row:
    """Up to when the model's training data reaches. The later one leads where the dates are precise enough to tell."""
    return _dates(_date_cell(each, "knowledge_cutoff") for each in contenders)


def license_freedom(contenders: Sequence[Contender], _: Workload) -> Row:
    """Steps of freedom: 0 proprietary, 1 open weights, 2 open weights with commercial use allowed, 3 open source.
    More leads."""

    def cell(contender: Contender) -> Cell:
        model = contender.model
        used = _refs(contender, "openness", "commercial_use", "license")
        if model.openness is Openness.UNKNOWN:
            return Cell(model.slug, None, NOT_SOURCED, known=False, used=used)
        steps = {Openness.PROPRIETARY: 0, Openness.OPEN_WEIGHTS: 1, Openness.OPEN_SOURCE: 3}[model.openness]
        steps += steps == 1 and model.commercial_use is CommercialUse.ALLOWED
        words = label(model.openness)
        named = model.license is not None and model.license.name.casefold() != words.casefold()
        display = f"{words} ({model.license.name})" if model.license and named else words
        return Cell(model.slug, steps, display, known=True, used=used)

    return _numbers((cell(each) for each in contenders), Direction.HIGHER)


def capability_breadth(contenders: Sequence[Contender], _: Workload) -> Row:
    """How many of the page's ten capabilities the model has, counted over those that are known for every model
    compared, so that an unknown is no loss. More leads by 5 % or more."""
    known_for_all = [
        kind
        for kind in PAGE_CAPABILITIES
        if all(presence_of(each.model, kind) is not Presence.UNKNOWN for each in contenders)
    ]

    def cell(contender: Contender) -> Cell:
        counted_here = [capability(contender.model, kind) for kind in known_for_all]
        used = tuple(dict.fromkeys(ref for answer in counted_here for ref in answer.used))
        if not counted_here:
            return Cell(contender.model.slug, None, NOT_SOURCED, known=False)
        has = sum(answer.presence is Presence.YES for answer in counted_here)
        return Cell(contender.model.slug, has, f"{has} of {len(counted_here)} compared", known=True, used=used)

    return _numbers((cell(each) for each in contenders), Direction.HIGHER)


def evidence_coverage(contenders: Sequence[Contender], _: Workload) -> Row:
    """The share of the tracked facts and page capabilities of the model that some source gives. More leads by 5 % or
    more."""

    known = {each.model.slug: known_facts(each.model) for each in contenders}
    shares = {slug: covered(facts) for slug, facts in known.items()}
    cells = [Cell(slug, share, display_percent(share), known=True, used=known[slug]) for slug, share in shares.items()]
    # Shares are rounded; counts are not, and all are of the same whole.
    return Row(tuple(cells), leading({slug: len(facts) for slug, facts in known.items()}, Direction.HIGHER))


def freshness(contenders: Sequence[Contender], _: Workload) -> Row:
    """The latest day on which the model was reviewed or one of its live routes was seen. The later one leads."""

    def cell(contender: Contender) -> Cell:
        days = [(contender.model.last_reviewed, FactRef("model", contender.model.id, "last_reviewed"))]
        days += [(offer.route.last_seen, FactRef("route", offer.route.id, "lifecycle")) for offer in contender.live]
        latest = max(((day, ref) for day, ref in days if day), key=lambda found: found[0], default=None)
        if latest is None:
            return Cell(contender.model.slug, None, NOT_SOURCED, known=False)
        shown = display_date(latest[0])
        return Cell(contender.model.slug, shown, shown or NOT_SOURCED, known=True, used=(latest[1],))

    return _dates(cell(each) for each in contenders)
