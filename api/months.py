"""A month of use out of the arguments of a command: a preset, with other counts or shares where they are given, or one's own."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from domain.moves import scaled
from domain.workload import PRESETS, RequestClass

OWN = {
    "input": ("tokens of prompt that no cache serves", int),
    "output": ("tokens of visible answer", int),
    "cached_input": ("tokens of prompt that a cache serves", int),
    "cache_write": ("tokens of prompt written to a cache for five minutes", int),
    "cache_write_1h": ("tokens of prompt written to a cache for an hour", int),
    "reasoning": ("tokens of thinking", int),
    "batch_share": ("share of requests that may wait for a batch, 0 to 1", str),
    "retries": ("share of requests that are sent again, 0 to 1", str),
}
"""Per flag of a month of one's own what it says, and as what it is read."""
_CLASS = {**{name: kind for name, (_, kind) in OWN.items()}, "peak_share": str}


def peak_argument(parser: argparse.ArgumentParser) -> None:
    """`--peak-share`, beside a preset too: presets are all peak, which is what whoever serves people by day pays."""
    parser.add_argument(
        "--peak-share",
        metavar="N",
        help="share of requests in peak hours, 0 to 1; the rest pays off-peak prices where there are some; 1 unless said",
    )


def of_preset(preset: str, *, requests: int | None = None, peak_share: str | None = None) -> Mapping[str, Any]:
    """The workload input of a preset, scaled to so many requests, with so many of them in peak hours."""
    if requests is None and peak_share is None:
        return {"preset": preset}
    classes = PRESETS[preset].workload.classes
    counts = tuple(each.requests for each in classes)
    changed = {} if peak_share is None else {"peak_share": peak_share}
    counted = counts if requests is None else scaled(counts, requests)
    return {"requests": [_class(each, count, changed) for each, count in zip(classes, counted, strict=True)]}


def _class(each: RequestClass, requests: int, changed: Mapping[str, str]) -> Mapping[str, Any]:
    values = {name: getattr(each, name) if kind is int else str(getattr(each, name)) for name, kind in _CLASS.items()}
    return camel({"name": each.name, "requests": requests, **values, **changed})


def camel(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the names of the schema."""
    return {_camel(name): value for name, value in values.items()}


def _camel(name: str) -> str:
    first, *more = name.split("_")
    return first + "".join(word.capitalize() for word in more)
