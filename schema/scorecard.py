"""The scorecard: one typed field per row, each with the needs that its rule declares, so that a row that nobody selects is neither
read nor computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from domain import facts, scorecard, signals
from domain.fit import BestForTag, FitTag
from domain.scorecard import SIGNALS, SignalKey
from domain.signals import Direction
from schema.case import Case
from schema.catalog import (
    Model,
    one_model,
    several_models,
)
from schema.evidence import Fact, Rule
from schema.groups import Group
from schema.ids import Identified, encode, is_a
from schema.look import Key
from schema.needs import Need, needs, of_parent
from schema.rules import USED, rule_field

GROUPS = {scorecard.Need.OFFERS: Group.OFFERS, scorecard.Need.RESULTS: Group.RESULTS}
"""What a rule says that it needs, as fact groups; the models themselves are always there."""


@strawberry.interface(description="What one model has in one row of the scorecard.")
class SignalCell:
    model: Model = one_model("model", "The model whose value the cell shows.")
    display: str = strawberry.field(description="To show. An unknown is `not sourced yet`, never No or 0.")
    known: bool = strawberry.field(description="False where it is unknown or not applicable; `display` says which.")
    used: list[Fact] = strawberry.field(description=USED)

    is_type_of = is_a(signals.Cell)  # which kind of cell it is, its row decides


@strawberry.interface(description="One row of the scorecard: a measure, each model's value, and who leads.")
class Signal:
    id: strawberry.ID = strawberry.field(description="Names this row of this comparison, for caches.")
    key: SignalKey = strawberry.field(description="Which measure the row shows.")
    label: str = strawberry.field(description="The heading of the row for people.")
    direction: Direction = strawberry.field(description="Whether the higher or the lower value is the better one.")
    leaders: list[Model] = several_models(
        "leaders",
        "Who leads in this row alone; empty where nobody clearly does. Of models whose comparability is NOT_COMPARABLE it is no reason to "
        "choose one.",
    )
    unknown: list[Model] = several_models("unknown", "Whose value is not known, which is neither a lead nor a loss.")
    cells: Sequence[SignalCell] = strawberry.field(description="One per model, in the order asked.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


def _of(*keys: SignalKey) -> Any:
    def is_type_of(_: type, value: Any, __: Any) -> bool:
        return getattr(value, "key", None) in keys

    return classmethod(is_type_of)


@strawberry.type(description="A model's value in a row that counts tokens.")
class TokensCell(SignalCell):
    value: int | None = strawberry.field(description="Tokens; null unless it is known.")


@strawberry.type(description="A row that counts tokens, such as the context window.")
class TokensSignal(Signal):
    cells: Sequence[TokensCell] = strawberry.field(description="One per model, in the order asked.")

    is_type_of = _of(SignalKey.CONTEXT_WINDOW, SignalKey.MAX_OUTPUT)


@strawberry.type(description="A model's value in a row of prices or costs.")
class MoneyCell(SignalCell):
    value: Decimal | None = strawberry.field(
        description="USD: per million tokens for a price, per month for a cost; null unless it is known."
    )


@strawberry.type(description="A row of prices per million tokens, or of costs per month.")
class MoneySignal(Signal):
    cells: Sequence[MoneyCell] = strawberry.field(description="One per model, in the order asked.")

    is_type_of = _of(SignalKey.CHEAPEST_INPUT, SignalKey.CHEAPEST_OUTPUT, SignalKey.MONTHLY_COST)


@strawberry.type(description="A model's value in a row that counts something.")
class CountCell(SignalCell):
    value: int | None = strawberry.field(description="The count, or steps of freedom; null unless it is known.")


@strawberry.type(description="A row that counts something, such as providers.")
class CountSignal(Signal):
    cells: Sequence[CountCell] = strawberry.field(description="One per model, in the order asked.")

    is_type_of = _of(
        SignalKey.PROVIDER_ROUTES,
        SignalKey.SHARED_BENCHMARKS,
        SignalKey.LICENSE_FREEDOM,
        SignalKey.CAPABILITY_BREADTH,
    )


@strawberry.type(description="A model's value in a row of dates.")
class DateCell(SignalCell):
    value: str | None = strawberry.field(
        description="`2026`, `2026-03` or `2026-03-16`, as precise as its source; null unless it is known."
    )


@strawberry.type(description="A row of dates, such as the release.")
class DateSignal(Signal):
    cells: Sequence[DateCell] = strawberry.field(description="One per model, in the order asked.")

    is_type_of = _of(SignalKey.RELEASE_DATE, SignalKey.KNOWLEDGE_CUTOFF, SignalKey.FRESHNESS)


@strawberry.type(description="A model's value in a row of shares.")
class ShareCell(SignalCell):
    value: Decimal | None = strawberry.field(description="The share, 0 to 1; null unless it is known.")


@strawberry.type(description="A row of shares, from 0 to 1, such as how many facts are sourced.")
class ShareSignal(Signal):
    cells: Sequence[ShareCell] = strawberry.field(description="One per model, in the order asked.")

    is_type_of = _of(SignalKey.EVIDENCE_COVERAGE)


@strawberry.type(description="What a model is made for, by its facts.")
class FitCell(SignalCell):
    value: list[FitTag] | None = strawberry.field(description="The tags; empty where the known facts give none.")


@strawberry.type(description="The row that shows which kinds of work each model suits.")
class FitSignal(Signal):
    cells: Sequence[FitCell] = strawberry.field(description="One per model, in the order asked.")

    is_type_of = _of(SignalKey.DECISION_FIT)


@strawberry.type(description="The kinds of products that a model suits.")
class BestForCell(SignalCell):
    value: list[BestForTag] | None = strawberry.field(description="The kinds; empty where the known facts give none.")


@strawberry.type(description="The row that shows which kinds of products each model suits.")
class BestForSignal(Signal):
    cells: Sequence[BestForCell] = strawberry.field(description="One per model, in the order asked.")

    is_type_of = _of(SignalKey.BEST_FOR)


TYPES = (TokensSignal, MoneySignal, CountSignal, DateSignal, ShareSignal, FitSignal, BestForSignal)
"""Every kind of row; the schema has to be told, because `signals` names only their interface."""


def needs_of(keys: Iterable[SignalKey]) -> tuple[Need, ...]:
    """What the rows need, by their own rules."""
    groups = {GROUPS[need] for key in keys for need in SIGNALS[key].needs if need in GROUPS}
    return tuple(Need(group, of_parent(facts.Model)) for group in sorted(groups))


def _row(key: SignalKey, kind: type) -> Any:
    def found(self: Any) -> Any:
        return _signal(self, key)

    found.__annotations__["return"] = kind
    return strawberry.field(found, description=SIGNALS[key].rule.text, metadata=needs(*needs_of([key])))


def _signal(case: Case, key: SignalKey) -> Identified:
    return Identified(case.compared.row(key), "Signal", f"{key}|{case.key}")


_EVERY = tuple(SignalKey)


def _if_asked(group: Group) -> Need:
    """A need of `signals` that depends on which rows it is asked for."""

    def keys(model: Any, given: Mapping[str, Any]) -> Iterable[Key]:
        wanted = given.get("keys")
        asked = needs_of(_EVERY if wanted is None else wanted)
        return (model.id,) if group in {need.group for need in asked} else ()

    return Need(group, keys)


@strawberry.type(description="The models side by side, row by row. A row that you do not select is not computed.")
class Scorecard:
    best_for: BestForSignal = _row(SignalKey.BEST_FOR, BestForSignal)
    decision_fit: FitSignal = _row(SignalKey.DECISION_FIT, FitSignal)
    context_window: TokensSignal = _row(SignalKey.CONTEXT_WINDOW, TokensSignal)
    cheapest_output: MoneySignal = _row(SignalKey.CHEAPEST_OUTPUT, MoneySignal)
    provider_routes: CountSignal = _row(SignalKey.PROVIDER_ROUTES, CountSignal)
    shared_benchmarks: CountSignal = _row(SignalKey.SHARED_BENCHMARKS, CountSignal)
    cheapest_input: MoneySignal = _row(SignalKey.CHEAPEST_INPUT, MoneySignal)
    monthly_cost: MoneySignal = _row(SignalKey.MONTHLY_COST, MoneySignal)
    max_output: TokensSignal = _row(SignalKey.MAX_OUTPUT, TokensSignal)
    release_date: DateSignal = _row(SignalKey.RELEASE_DATE, DateSignal)
    knowledge_cutoff: DateSignal = _row(SignalKey.KNOWLEDGE_CUTOFF, DateSignal)
    license_freedom: CountSignal = _row(SignalKey.LICENSE_FREEDOM, CountSignal)
    capability_breadth: CountSignal = _row(SignalKey.CAPABILITY_BREADTH, CountSignal)
    evidence_coverage: ShareSignal = _row(SignalKey.EVIDENCE_COVERAGE, ShareSignal)
    freshness: DateSignal = _row(SignalKey.FRESHNESS, DateSignal)

    @strawberry.field(description="Names this scorecard, for caches.")
    def id(self: Any) -> strawberry.ID:
        return encode("Scorecard", self.key)

    @strawberry.field(
        description="Rows as a list, for tables that show whatever there is.",
        metadata=needs(*(_if_asked(group) for group in sorted(set(GROUPS.values())))),
    )
    def signals(
        self: Any,
        keys: Annotated[
            list[SignalKey] | None, strawberry.argument(description="Only these rows, in this order.")
        ] = None,
    ) -> list[Signal]:
        return [_signal(self, key) for key in (_EVERY if keys is None else dict.fromkeys(keys))]  # type: ignore[misc]
