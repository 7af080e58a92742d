"""A workload moved along one axis, everything else as it was: more output, more of the prompt cached, more requests.

Shares move by whole percent points in every class at once; tokens and requests stay whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from domain.workload import MAX_REQUESTS, RequestClass, Workload


class CostAxis(StrEnum):
    """Along what a workload moves."""

    OUTPUT_SHARE = "OUTPUT_SHARE"
    CACHED_SHARE = "CACHED_SHARE"
    VOLUME = "VOLUME"


@dataclass(frozen=True, slots=True)
class Move:
    """`at` is where the workload stands then: a share of one, or requests per month. `by` counts percent points of a share,
    percent of the volume; 0 is the workload itself."""

    at: Decimal
    by: int
    workload: Workload


def scaled(parts: tuple[int, ...], total: int) -> tuple[int, ...]:
    """Whole parts in the old proportion that add up to a new total; all of it in the first part where all were empty."""
    whole = sum(parts)
    rest = tuple(part * total // whole for part in parts[1:]) if whole else (0,) * (len(parts) - 1)
    return (total - sum(rest), *rest)


def with_generated(request: RequestClass, generated: int) -> RequestClass:
    """The request at the same size, so many of its tokens generated; prompt and answer each keep their proportions."""
    parts = (request.input, request.cached_input, request.cache_write, request.cache_write_1h)
    fresh, cached, written, kept = scaled(parts, request.prompt + request.generated - generated)
    output, reasoning = scaled((request.output, request.reasoning), generated)
    return replace(
        request,
        input=fresh,
        cached_input=cached,
        cache_write=written,
        cache_write_1h=kept,
        output=output,
        reasoning=reasoning,
    )


def with_cached(request: RequestClass, cached: int) -> RequestClass:
    """The request with so many of its prompt tokens read from a cache; the rest of the prompt keeps its proportions."""
    fresh, written, kept = scaled((request.input, request.cache_write, request.cache_write_1h), request.prompt - cached)
    return replace(request, input=fresh, cached_input=cached, cache_write=written, cache_write_1h=kept)


_Count = Callable[[RequestClass], int]
_SHARES: Mapping[CostAxis, tuple[_Count, _Count, Callable[[RequestClass, int], RequestClass]]] = {
    CostAxis.OUTPUT_SHARE: (lambda one: one.generated, lambda one: one.prompt + one.generated, with_generated),
    CostAxis.CACHED_SHARE: (lambda one: one.cached_input, lambda one: one.prompt, with_cached),
}
"""Per share the part, the whole, and the request with another part."""


def place(workload: Workload, axis: CostAxis) -> Decimal:
    """Where a workload stands on an axis: a share of one over all its tokens, or its requests per month."""
    if axis is CostAxis.VOLUME:
        return Decimal(sum(each.requests for each in workload.classes))
    part, whole, _ = _SHARES[axis]
    total = sum(whole(each) * each.requests for each in workload.classes)
    return Decimal(sum(part(each) * each.requests for each in workload.classes)) / (total or 1)


def moved(workload: Workload, axis: CostAxis, by: int) -> Move:
    """The workload so many percent points of a share, or percent of its volume, further; as far as an axis goes."""
    if by == 0:
        return Move(place(workload, axis), 0, workload)
    if axis is CostAxis.VOLUME:
        requests = (min(MAX_REQUESTS, each.requests * max(0, 100 + by) // 100) for each in workload.classes)
        classes = tuple(replace(each, requests=n) for each, n in zip(workload.classes, requests, strict=True))
    else:
        part, whole, change = _SHARES[axis]
        classes = tuple(
            change(each, min(whole(each), max(0, part(each) + (whole(each) * by + 50) // 100)))
            for each in workload.classes
        )
    there = replace(workload, classes=classes)
    return Move(place(there, axis), by, there)


def moves(workload: Workload, axis: CostAxis) -> tuple[Move, ...]:
    """Every place that the workload can be moved to, in ascending order, itself among them: all shares from none to all, or
    volumes from none to twice as much."""
    found = {move.at: move for move in (moved(workload, axis, by) for by in range(-100, 101))}
    found[place(workload, axis)] = moved(workload, axis, 0)
    return tuple(found[at] for at in sorted(found))
