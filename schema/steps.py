"""How one price changed, below the types that have prices."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry

from domain import changes, facts
from domain.dates import DateBasis
from schema.evidence import Rule, rule_of

KIND = "Whether the world changed, what we know changed, or it was not known before."
RECORDED = "When this service recorded it."
REVISION = "The first catalogue revision that has it."


@strawberry.type(description="One amount of a price sheet before and after a change.")
class AmountChange:
    unit: str = strawberry.field(
        description="What is billed: `input`, `output`, `cache_read` … per million tokens, or another unit such as `per_image`."
    )
    before: Decimal | None = strawberry.field(description="The amount before; null where there was none.")
    after: Decimal | None = strawberry.field(description="The amount after; null where there is none any more.")
    ratio: Decimal | None = strawberry.field(
        description="After divided by before, to four digits; null where one of them is absent or 0."
    )


def _ratio(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    return round(after / before, 4).normalize() + 0 if before and after else None


@strawberry.type(
    description="A day on which the accepted price for one mode and context tier became another one. Nothing of it is ever rewritten."
)
class PriceStep:
    mode: facts.PriceMode = strawberry.field(description="The service level of the price.")
    above: int = strawberry.field(description="Context tier: tokens that the prompt must exceed; 0 is the base.")
    currency: str = strawberry.field(description="ISO 4217 code.")
    recorded_at: datetime = strawberry.field(description=RECORDED)
    revision: int | None = strawberry.field(description=REVISION)

    @strawberry.field(description=KIND)
    def kind(self: Any) -> changes.ChangeKind:
        return self.step.kind

    @strawberry.field(
        description="First day of the new price, or first day without one; null: nobody knows since when."
    )
    def day(self: Any) -> date | None:
        return self.step.day

    @strawberry.field(description="Whether a source states that day, or we saw the price on it.")
    def day_basis(self: Any) -> DateBasis:
        return self.step.basis

    @strawberry.field(description="Every amount that is another one now.")
    def amounts(self: Any) -> list[AmountChange]:
        before, after = self.step.before, self.step.after
        units = [unit for unit in dict.fromkeys((*before, *after)) if before.get(unit) != after.get(unit)]
        return [
            AmountChange(
                unit=unit,
                before=before.get(unit),
                after=after.get(unit),
                ratio=_ratio(before.get(unit), after.get(unit)),
            )
            for unit in units
        ]

    @strawberry.field(description="Short name of the source whose price is accepted from that day on.")
    def source(self: Any) -> str:
        return self.step.source

    @strawberry.field(
        description="Short name of the source whose price was accepted before; null where there was none."
    )
    def previous_source(self: Any) -> str | None:
        return self.step.previous_source

    @strawberry.field(description="The rule that says of which kind it is.")
    def rule(self: Any) -> Rule:
        return rule_of(changes.PRICE.id)
