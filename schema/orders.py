"""The orders of lists as GraphQL shows them."""

from __future__ import annotations

from db.queries import ChangeOrder, ModelOrder, ProviderOrder, RouteOrder
from schema.enums import described

__all__ = ["ChangeOrder", "ModelOrder", "ProviderOrder", "RouteOrder"]

described(
    ModelOrder,
    "How a list of models is sorted. What nobody sources comes last.",
    {
        "RELEVANCE": "Best match of the text first, of equal ones the most served; without a text the most served.",
        "NEWEST": "The latest release date first.",
        "NAME": "Alphabetically by name.",
        "MOST_PROVIDERS": "Served by the most providers first.",
        "CHEAPEST_OUTPUT": "The lowest price per output token first.",
        "CHEAPEST_INPUT": "The lowest price per input token first.",
        "LARGEST_CONTEXT": "The largest context window first.",
        "RETIREMENT": "Announced to be shut down first.",
    },
)
described(
    RouteOrder,
    "How a list of routes is sorted. What nobody sources comes last.",
    {
        "CHEAPEST_OUTPUT": "The lowest price per output token first.",
        "CHEAPEST_INPUT": "The lowest price per input token first.",
        "LARGEST_CONTEXT": "The largest context window first.",
        "KEY": "Alphabetically by key, so by provider first.",
        "RETIREMENT": "Announced to be shut down first.",
    },
)
described(
    ProviderOrder,
    "How a list of providers is sorted.",
    {"NAME": "Alphabetically by name.", "MOST_ROUTES": "Those that serve the most models first."},
)
described(
    ChangeOrder,
    "What comes first in a list of changes.",
    {
        "NEWEST": "The latest day on which a price changed.",
        "RECORDED": "The order in which they were recorded: what comes later in it is new to whoever has the rest.",
    },
)
