"""A workload moved along one axis, everything else as it was: more output, more of the prompt cached, more requests.

Shares move by whole percent points in every class at once; tokens and requests stay whole numbers. Workloads are moved by the hundred,
so that a move is its counts, and a workload only where somebody looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, TypeAlias

from domain.workload import MAX_REQUESTS, RequestClass, Workload


class CostAxis(StrEnum):
    """Along what a workload moves."""

    OUTPUT_SHARE = "OUTPUT_SHARE"
    CACHED_SHARE = "CACHED_SHARE"
    VOLUME = "VOLUME"


class Tokens(NamedTuple):
    """The tokens of one request, as `workload.RequestClass` counts them."""

    input: int
    cached_input: int
    cache_write: int
    cache_write_1h: int
    output: int
    reasoning: int

    @classmethod
    def of(cls, request: RequestClass) -> Tokens:
        return cls(
            request.input,
            request.cached_input,
            request.cache_write,
            request.cache_write_1h,
            request.output,
            request.reasoning,
        )

    @property
    def prompt(self) -> int:
        """Of the whole prompt."""
        return self[0] + self[1] + self[2] + self[3]

    @property
    def generated(self) -> int:
        """That the model produces, seen or not."""
        return self[4] + self[5]


Month: TypeAlias = "tuple[int, list[Decimal]]"
"""Of a request class the whole prompt of a request, and tokens a month, unit by unit."""


class Moved:
    """A workload with other tokens in each request of its classes."""

    def __init__(self, of: Workload, tokens: tuple[Tokens, ...], billed: tuple[Decimal, ...] | None = None) -> None:
        self.of, self.tokens = of, tokens
        self._billed = billed or tuple([each.billed for each in of.classes])
        self._months: dict[tuple[int, ...], tuple[Month, ...]] = {}

    @classmethod
    def of_workload(cls, workload: Workload) -> Moved:
        """The workload where it is."""
        return cls(workload, tuple(map(Tokens.of, workload.classes)))

    def month(self, used: tuple[int, ...]) -> tuple[Month, ...]:
        """Each class by the units that are used. Call inside `units.exact`."""
        found = self._months.get(used)
        if found is None:
            found = self._months[used] = tuple(
                [
                    (each.prompt, [billed * each[n] for n in used])
                    for billed, each in zip(self._billed, self.tokens, strict=True)
                ]
            )
        return found

    @cached_property
    def workload(self) -> Workload:
        """The same as a workload."""
        classes = zip(self.of.classes, self.tokens, strict=True)
        return replace(self.of, classes=tuple(replace(each, **tokens._asdict()) for each, tokens in classes))

    @property
    def context_need(self) -> int:
        """Tokens of the largest single request, prompt and generated together."""
        return max(map(sum, self.tokens))

    @property
    def output_need(self) -> int:
        """The most tokens that one request generates."""
        return max(each[4] + each[5] for each in self.tokens)


def used_units(moves: Sequence[Moved], units: int) -> tuple[int, ...]:
    """Which of the first so many units any of these use at all."""
    return tuple(n for n in range(units) if any(tokens[n] for each in moves for tokens in each.tokens))


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
    rest = tuple([part * total // whole for part in parts[1:]]) if whole else (0,) * (len(parts) - 1)
    return (total - sum(rest), *rest)


def with_generated(request: Tokens, generated: int) -> Tokens:
    """The request at the same size, so many of its tokens generated; prompt and answer each keep their proportions."""
    return Tokens(*scaled(request[:4], sum(request) - generated), *scaled(request[4:], generated))


def with_cached(request: Tokens, cached: int) -> Tokens:
    """The request with so many of its prompt tokens read from a cache; the rest of the prompt keeps its proportions."""
    fresh, written, kept = scaled((request[0], request[2], request[3]), request.prompt - cached)
    return Tokens(fresh, cached, written, kept, *request[4:])


_Count = Callable[[Tokens], int]
_SHARES: Mapping[CostAxis, tuple[_Count, _Count, Callable[[Tokens, int], Tokens]]] = {
    CostAxis.OUTPUT_SHARE: (lambda one: one[4] + one[5], sum, with_generated),
    CostAxis.CACHED_SHARE: (lambda one: one[1], lambda one: one.prompt, with_cached),
}
"""Per share the part, the whole, and the request with another part."""


def place(workload: Workload, axis: CostAxis) -> Decimal:
    """Where a workload stands on an axis: a share of one over all its tokens, or its requests per month."""
    if axis is CostAxis.VOLUME:
        return Decimal(sum(each.requests for each in workload.classes))
    return Shares(workload, axis).here


class Shares:
    """Every share that a workload can be moved to on an axis. The part that moves of each class says where it stands."""

    def __init__(self, workload: Workload, axis: CostAxis) -> None:
        part, whole, self._with = _SHARES[axis]
        self._workload = workload
        self._tokens = tuple(map(Tokens.of, workload.classes))
        self._parts, self._wholes = tuple(map(part, self._tokens)), tuple(map(whole, self._tokens))
        self._requests = tuple(each.requests for each in workload.classes)
        self._billed = tuple(each.billed for each in workload.classes)
        self._total = sum(map(int.__mul__, self._wholes, self._requests)) or 1
        self.here = self._at(self._parts)

    def _at(self, parts: tuple[int, ...]) -> Decimal:
        return Decimal(sum(map(int.__mul__, parts, self._requests))) / self._total

    def _moved(self, parts: tuple[int, ...]) -> Moved:
        return Moved(self._workload, tuple(map(self._with, self._tokens, parts)), self._billed)

    def by(self, points: int) -> tuple[Decimal, Moved]:
        """So many percent points further in every class, as far as it goes: the share then, and the workload."""
        parts = tuple(
            min(whole, max(0, part + (whole * points + 50) // 100))
            for part, whole in zip(self._parts, self._wholes, strict=True)
        )
        return self._at(parts), self._moved(parts)

    def others(self) -> Iterator[tuple[Decimal, Moved]]:
        """Every other share in whole percents of each class, the nearest first, each with the workload then."""
        now = [round(100 * part / (whole or 1)) for part, whole in zip(self._parts, self._wholes, strict=True)]
        percents = (tuple([min(100, max(0, each + points)) for each in now]) for points in range(-100, 101))
        found = {}
        for each in dict.fromkeys(percents):
            parts = tuple([whole * percent // 100 for whole, percent in zip(self._wholes, each, strict=True)])
            found[self._at(parts)] = parts
        found.pop(self.here, None)
        for share in sorted(found, key=lambda each: (abs(each - self.here), each)):
            yield share, self._moved(found[share])


def moved(workload: Workload, axis: CostAxis, by: int) -> Move:
    """The workload so many percent points of a share, or percent of its volume, further; as far as an axis goes."""
    if by == 0:
        return Move(place(workload, axis), 0, workload)
    if axis is not CostAxis.VOLUME:
        at, there = Shares(workload, axis).by(by)
        return Move(at, by, there.workload)
    requests = (min(MAX_REQUESTS, each.requests * max(0, 100 + by) // 100) for each in workload.classes)
    classes = tuple(replace(each, requests=n) for each, n in zip(workload.classes, requests, strict=True))
    more = replace(workload, classes=classes)
    return Move(place(more, axis), by, more)


def moves(workload: Workload, axis: CostAxis) -> tuple[Move, ...]:
    """Every place that the workload can be moved to, in ascending order, itself among them: all shares from none to all, or
    volumes from none to twice as much."""
    found = {move.at: move for move in (moved(workload, axis, by) for by in range(-100, 101))}
    found[place(workload, axis)] = moved(workload, axis, 0)
    return tuple(found[at] for at in sorted(found))
