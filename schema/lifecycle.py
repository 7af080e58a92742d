"""The words of lifecycles as GraphQL shows them: how exactly an end is announced, what is named instead, how that ends."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry

from domain import lifecycle
from domain.dates import DatePrecision
from domain.lifecycle import ChainOutcome, SuccessorKind
from schema.enums import described
from schema.evidence import Fact

__all__ = ["ENDS", "LIVES_UNTIL", "NOTES", "AnnouncedEnd", "ChainOutcome", "DatePrecision", "SuccessorKind", "end_of"]

described(
    DatePrecision,
    "How exactly a source announces a day.",
    {
        "DAY": "It names the day.",
        "MONTH": "It names the month; the day given is its last one, because before that nobody knows that it has come.",
        "YEAR": "It names the year; the day given is its last one.",
        "NOT_BEFORE": "It only says that nothing happens before the day given. That alone ends nothing, then or later.",
    },
)
described(
    SuccessorKind,
    "How a successor is named.",
    {
        "DROP_IN": "Its maker says that it takes the model's place behind the same API.",
        "OPTION": "Suggested as an alternative.",
    },
)
described(
    ChainOutcome,
    "How following successors ends.",
    {
        "LIVING": "At a model that is in use or in preview, is served, and has no shutdown announced.",
        "CYCLE": "In a circle: the successors name each other.",
        "DEAD_END": "At a model that goes or is gone, and for which no successor is named.",
        "UNKNOWN": "At a name that is no model of this catalogue, or at a model of which nobody says whether it is in use.",
    },
)


@strawberry.type(
    description="That what is offered is announced to be shut down. A promise that nothing happens before a day announces nothing."
)
class AnnouncedEnd:
    sentence: str = strawberry.field(description="The same in words.")
    fact: Fact = strawberry.field(
        description="What says so: of the route, or of its model where the route says nothing."
    )

    @strawberry.field(name="date", description="The day, as exactly as it is announced: see `precision`.")
    def day(self: Any) -> date:
        return self.announced.day

    @strawberry.field(description="How exactly the day is announced.")
    def precision(self: Any) -> DatePrecision:
        return self.announced.precision


ENDS = (
    "Its announced shutdown, of the route or else of the model; null where none is announced, which promises nothing."
)
NOTES = (
    "What to know about it: of its cost, such as a cache without a price, a context window that no source gives or what your own terms "
    "changed; and that its lab has retired it (rule `lifecycle.retired`), or that it is deprecated."
)
LIVES_UNTIL = (
    "Nothing that is announced to be shut down before this day; without it, nothing that is within 90 days (rule "
    "`lifecycle.served-until`). Today's day leaves out only what is gone."
)


def end_of(offered: Any) -> Any:
    """The announced end of what has a model and a route."""
    return lifecycle.ending(offered.model, offered.route)
