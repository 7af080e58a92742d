"""The words of lifecycles as GraphQL shows them: how exactly an end is announced, what is named instead, how that ends."""

from __future__ import annotations

from domain.dates import DatePrecision
from domain.lifecycle import ChainOutcome, SuccessorKind
from schema.enums import described

__all__ = ["ChainOutcome", "DatePrecision", "SuccessorKind"]

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
