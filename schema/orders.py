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
        "NEWEST": "Latest release first.",
        "NAME": "By name.",
        "MOST_PROVIDERS": "Served by the most providers first.",
        "CHEAPEST_OUTPUT": "Lowest output price first.",
        "CHEAPEST_INPUT": "Lowest input price first.",
        "LARGEST_CONTEXT": "Longest prompts first.",
        "RETIREMENT": "Announced to be shut down first.",
    },
)
described(
    RouteOrder,
    "How a list of routes is sorted. What nobody sources comes last.",
    {
        "CHEAPEST_OUTPUT": "Lowest output price first.",
        "CHEAPEST_INPUT": "Lowest input price first.",
        "LARGEST_CONTEXT": "Longest prompts first.",
        "KEY": "By key.",
        "RETIREMENT": "Announced to be shut down first.",
    },
)
described(
    ProviderOrder,
    "How a list of providers is sorted.",
    {"NAME": "By name.", "MOST_ROUTES": "With the most routes first."},
)
described(
    ChangeOrder,
    "What comes first in a list of changes.",
    {
        "NEWEST": "The latest day on which a price changed.",
        "RECORDED": "The order in which they were recorded: what comes later in it is new to whoever has the rest.",
    },
)
