"""What is known of the things that a decision is about: facts by natural name, and the same things with one fact put back to what
it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from domain.facts import (
    TOKEN_UNITS,
    Architecture,
    BenchmarkResult,
    Capabilities,
    CapabilityKind,
    CommercialUse,
    Contender,
    FactRef,
    Lab,
    License,
    Lifecycle,
    Modality,
    Model,
    Offer,
    Openness,
    Price,
    PriceBasis,
    PriceMode,
    Provider,
    Route,
    Task,
)
from domain.plan_steps import End
from domain.shown import shown
from domain.units import plain

NOT_OFFERED = "NOT_OFFERED"
"""The lifecycle of a route that is no longer offered, whatever its announced status is."""


@dataclass(slots=True)
class Known:
    """Models, routes, providers, sheets and results, noted as they come; the first of a kind and number counts."""

    things: dict[tuple[str, int], Any] = field(default_factory=dict)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    sheets: dict[tuple[int, str, int], Price] = field(default_factory=dict)
    results: dict[tuple[int, str], dict[str, None]] = field(default_factory=dict)

    def note(self, found: Any) -> None:
        """Keep what is found in facts, or in a collection of them."""
        match found:
            case Model():
                self._keep("model", found.slug, found)
                self.note((found.lab, found.license))
            case Lab() | Provider():
                self._keep("lab" if isinstance(found, Lab) else "provider", found.slug, found)
            case License():
                self._keep("license", found.key, found)
            case Route():
                self._keep("route", found.key, found)
                self.note(found.provider)
            case Price():
                self.sheets.setdefault((found.route_id, found.mode.value, found.above), found)
            case BenchmarkResult():
                words = (found.metric, plain(found.score), found.harness, found.variant, found.runner)
                of_one = self.results.setdefault((found.model_id, found.benchmark.slug), {})
                of_one[" ".join(filter(None, words))] = None
            case Offer():
                self.note((found.route, *found.prices))
            case Contender():
                self.note((found.model, *(found.loaded_offers or ()), *found.barred, *(found.loaded_results or ())))
            case End():
                self.note((found.model, *found.offers))
            case tuple() | list():
                for each in found:
                    self.note(each)

    def _keep(self, kind: str, name: str, found: Any) -> None:
        self.things.setdefault((kind, found.id), found)
        self.numbers.setdefault((kind, name), found.id)

    def name(self, fact: FactRef) -> str | None:
        """The slug or key of what a fact is about; None where it is not known."""
        found = self.things.get((fact.kind, fact.id))
        return None if found is None else found.slug if hasattr(found, "slug") else found.key

    def ref(self, kind: str, of: str, field: str) -> FactRef | None:
        """The fact of a natural name; None where nothing of that name is known."""
        number = self.numbers.get((kind, of))
        return None if number is None else FactRef(kind, number, field)

    def value(self, fact: FactRef) -> Any:
        """What is known, as JSON; None is unknown. Of a route that is no longer offered the lifecycle is NOT_OFFERED."""
        found = self.things.get((fact.kind, fact.id))
        if fact.field.startswith("price."):
            sheet, unit = self._sheet(fact)
            amount = None if sheet is None else _amount(sheet, unit)
            return None if amount is None else plain(amount)
        if fact.field.startswith("benchmark."):
            return sorted(self.results.get((fact.id, fact.field.removeprefix("benchmark.")), ())) or None
        if isinstance(found, Route) and fact.field == "lifecycle" and not found.live:
            return NOT_OFFERED
        if isinstance(found, Model | Route):
            return shown(found, fact.field)
        return _plain(getattr(found, fact.field, None))

    def source(self, fact: FactRef) -> str | None:
        """Whose sheet an amount stands in; None for other facts."""
        sheet = self._sheet(fact)[0] if fact.field.startswith("price.") else None
        return None if sheet is None else sheet.source or None

    def _sheet(self, fact: FactRef) -> tuple[Price | None, str]:
        _, mode, above, unit = fact.field.split(".", 3)
        return self.sheets.get((fact.id, mode, int(above))), unit


def _amount(sheet: Price, unit: str) -> Decimal | None:
    return getattr(sheet, f"{unit}_mtok") if unit in TOKEN_UNITS else sheet.other_units.get(unit)


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return None if value.name == "UNKNOWN" else value.value
    if isinstance(value, date):
        return value.isoformat()
    return list(value) or None if isinstance(value, tuple) else value


_ENUMS: Mapping[str, type[StrEnum]] = {
    "task": Task,
    "openness": Openness,
    "commercial_use": CommercialUse,
    "architecture": Architecture,
    "lifecycle": Lifecycle,
    "price_basis": PriceBasis,
}
_AS_IT_IS: Mapping[str, type] = {
    **dict.fromkeys(("name", "family", "region"), str),
    **dict.fromkeys(("context_window", "max_output", "parameters_total", "parameters_active"), int),
}
MAX_AMOUNT = Decimal(10**9)


def put_back(fact: FactRef, value: Any) -> Callable[[Any], Any] | None:
    """What makes of a Model, Offer, Contender or End the same with one fact at another value. None for a fact that cannot be put
    back by itself: a score, a licence, an announced day, anything of a provider or lab."""
    if fact.kind not in ("model", "route"):
        return None
    try:
        change = _price_change(fact, value) if fact.field.startswith("price.") else _change(fact.field, value)
    except (ValueError, TypeError, KeyError, InvalidOperation):
        return None
    return None if change is None else lambda found: _changed(found, fact, change)


def _change(name: str, value: Any) -> Callable[[Any], Any] | None:
    if name.startswith("capability."):
        kind = CapabilityKind(name.removeprefix("capability."))
        if not (value is None or isinstance(value, bool)):
            return None
        return lambda one: replace(one, capabilities=_with(one.capabilities, kind, value))
    if name in ("input_modalities", "output_modalities"):
        members = tuple(Modality(each) for each in value or ())
        return lambda one: replace(one, **{name: members})
    if name == "lifecycle" and value != NOT_OFFERED:
        status = Lifecycle(value or "UNKNOWN")
        return lambda one: replace(one, lifecycle=status, **({"live": True} if isinstance(one, Route) else {}))
    if name == "lifecycle":
        return lambda one: replace(one, live=False) if isinstance(one, Route) else one
    if name in _ENUMS:
        member = _ENUMS[name](value or "UNKNOWN")
        return lambda one: replace(one, **{name: member})
    if name not in _AS_IT_IS or not (value is None or type(value) is _AS_IT_IS[name]):
        return None
    return lambda one: replace(one, **{name: value})


def _with(said: Capabilities, kind: CapabilityKind, value: Any) -> Capabilities:
    yes, no = said.yes - {kind}, said.no - {kind}
    return Capabilities(yes | {kind} if value is True else yes, no | {kind} if value is False else no)


def _price_change(fact: FactRef, value: Any) -> Callable[[Any], Any] | None:
    _, mode, above, unit = fact.field.split(".", 3)
    amount = None if value is None else Decimal(value)
    if unit not in TOKEN_UNITS or not (amount is None or (amount.is_finite() and 0 <= amount < MAX_AMOUNT)):
        return None
    own, amounts = (PriceMode(mode), int(above)), {f"{unit}_mtok": amount}

    def change(offer: Any) -> Any:
        sheets: Sequence[Price] = offer.prices
        if not any((each.mode, each.above) == own for each in sheets):
            sheets = (*sheets, Price(-fact.id, fact.id, *own))
        return replace(
            offer,
            prices=tuple(
                replace(each, **amounts) if (each.mode, each.above) == own else each  # type: ignore[arg-type]
                for each in sheets
            ),
        )

    return change


def _changed(found: Any, fact: FactRef, change: Callable[[Any], Any]) -> Any:
    """The same with the change where the fact is; an amount belongs to the offer of its route."""
    match found:
        case Model() | Route():
            kind = "model" if isinstance(found, Model) else "route"
            return change(found) if (kind, found.id) == (fact.kind, fact.id) else found
        case Offer():
            if (fact.kind, fact.id) != ("route", found.route.id):
                return found
            return change(found) if fact.field.startswith("price.") else replace(found, route=change(found.route))
        case Contender():
            offers = found.loaded_offers
            changed = None if offers is None else tuple(_changed(each, fact, change) for each in offers)
            return replace(found, model=_changed(found.model, fact, change), loaded_offers=changed)
        case End():
            offers = tuple(_changed(each, fact, change) for each in found.offers)
            return replace(found, model=_changed(found.model, fact, change), offers=offers)
    return found


def known_of(things: Iterable[Any]) -> Known:
    """What is known of things."""
    made = Known()
    made.note(tuple(things))
    return made
