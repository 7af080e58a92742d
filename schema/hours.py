"""The hours of the week in which a price holds, with the public holidays that they leave out."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry

from domain import hours


@strawberry.type(description="The public holidays of a country, as the source of the price lists them.")
class PublicHolidays:
    calendar: str = strawberry.field(description="Country, as its ISO 3166 code.")
    through: date = strawberry.field(description="Last day up to which they are known; what comes later is unknown.")

    @strawberry.field(description="The holidays, in order.")
    def dates(self: Any) -> list[date]:
        return list(self.dates)


@strawberry.type(description="Hours that come back every week.")
class PriceHours:
    days: list[hours.Weekday] = strawberry.field(
        description="The weekdays on which they begin; empty where they are only those of public holidays."
    )
    time_zone: str = strawberry.field(description="The clock that counts: `UTC`, or its distance, as `UTC+08:00`.")
    holidays: PublicHolidays | None = strawberry.field(
        description="Public holidays on which they do not begin or, where `days` is empty, on which alone they do; "
        "null where holidays are days like any other."
    )

    @strawberry.field(name="from", description="When they begin, as `16:30`.")
    def from_(self: Any) -> str:
        return hours.clock(self.start)

    @strawberry.field(
        description="When they end; not later than they begin means on the next day, `24:00` is midnight."
    )
    def to(self: Any) -> str:
        return hours.clock(self.end)
