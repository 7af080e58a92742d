"""What a ranking of the whole catalogue is asked, and how it is read: few statements, then a computation beside the event loop.

What was asked, the day and the revision name a ranking, and
its cursors.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from hashlib import sha256
from typing import Any

from graphql import GraphQLError

from db.candidates import Candidates, candidates
from db.queries import Page
from db.reader import Reader
from domain.facts import Contender
from domain.overrides import NONE, Overrides, contenders_under
from domain.recommend import Candidate, Front, Of, Ranking, benchmark_front, capability_front, rank
from domain.required import Requirements
from domain.scorecard import SignalKey
from domain.workload import Workload
from schema.beside import Wanted, beside
from schema.named import unknown_name


@dataclass(frozen=True, slots=True)
class RankingAsked:
    """A question to the whole catalogue. The same question is the same key."""

    wanted: Requirements
    workload: Workload
    weights: tuple[tuple[SignalKey, int], ...] = ()
    of: Of = Of.MODELS
    terms: Overrides = NONE

    @property
    def digest(self) -> str:
        return sha256(repr(self).encode()).hexdigest()[:12]


class Shown:
    """A candidate as a page shows it, with the ranking in which it stands."""

    __slots__ = ("one", "ranked")

    def __init__(self, one: Candidate, ranked: Ranked) -> None:
        self.one = one
        self.ranked = ranked

    def __getattr__(self, name: str) -> Any:
        return getattr(self.one, name)


@dataclass(frozen=True)
class Ranked:
    """A ranking, and which state of the catalogue on which day it is of."""

    asked: RankingAsked
    ranking: Ranking
    revision: int | None
    on: date
    benchmarks: frozenset[str] = frozenset()
    """Of which any model that is served has a result."""
    fronts: dict[str | None, Front] = field(default_factory=dict)

    def front(self, benchmark: str | None) -> Front:
        """The front against a benchmark, or the number of capabilities; found once. Raises GraphQLError UNKNOWN_BENCHMARK."""
        if benchmark is not None and benchmark not in self.benchmarks:
            raise unknown_name("benchmark", benchmark, self.benchmarks)
        if benchmark not in self.fronts:
            fits = self.ranking.fits
            self.fronts[benchmark] = capability_front(fits) if benchmark is None else benchmark_front(fits, benchmark)
        return self.fronts[benchmark]

    @property
    def items(self) -> tuple[Any, ...]:
        """The facts that answers may name."""
        listed = (*self.ranking.fits, *self.ranking.unsourced, *self.ranking.near)
        return tuple(fact for one in listed for fact in (one.model, one.offer))

    @property
    def recordable(self) -> tuple[Contender, ...]:
        """The models that fit, with all that is known of them."""
        return tuple(one.alone.contender for one in self.ranking.fits)

    @property
    def name(self) -> str:
        """The part of a cursor that says of what it is one."""
        return f"{self.revision or 0}/{self.on.isoformat()}/{self.asked.digest}"

    def shown(self, some: Collection[Candidate]) -> list[Shown]:
        return [Shown(one, self) for one in some]

    def page(self, after: tuple[str, ...] | None, size: int) -> Page[Shown]:
        """A page of what fits. Raises GraphQLError CURSOR_EXPIRED or BAD_CURSOR."""
        start = 0 if after is None else self._place(after) + 1
        items = self.ranking.fits[start : start + size]
        return Page(
            tuple(self.shown(items)),
            tuple((self.name, str(start + number)) for number in range(len(items))),
            has_next=start + size < len(self.ranking.fits),
            has_previous=start > 0,
        )

    def _place(self, after: tuple[str, ...]) -> int:
        name, place = after
        if name != self.name:
            state, _, digest = name.rpartition("/")
            if digest == self.asked.digest and state.count("/") == 1:
                raise GraphQLError(
                    "The catalogue, or the day, is no longer the one that this cursor was ranked in: the order may be another one. "
                    "Ask again from the front.",
                    extensions={"code": "CURSOR_EXPIRED"},
                )
            raise GraphQLError("This cursor is one of another question.", extensions={"code": "BAD_CURSOR"})
        if place not in map(str, range(len(self.ranking.fits))):
            raise GraphQLError("This cursor names no place of the ranking.", extensions={"code": "BAD_CURSOR"})
        return int(place)


def _computed(read: Candidates, asked: RankingAsked, on: date, wanted: Wanted) -> Ranking:
    return rank(
        wanted.each(contenders_under(read.contenders, asked.terms)),
        asked.wanted,
        asked.workload,
        on=on,
        weights=dict(asked.weights),
        of=asked.of,
        shapes=read.shapes,
        abilities=read.abilities,
    )


async def rankings(reader: Reader, questions: Collection[RankingAsked], on: date) -> Mapping[RankingAsked, Ranked]:
    """Each question answered for a day: one statement, or five where the catalogue is another one than before; then a
    computation in a thread."""
    found = {}
    read = await candidates(reader, on)
    for asked in questions:
        ranking = await beside(partial(_computed, read, asked, on))
        benchmarks = frozenset(result.benchmark.slug for each in read.contenders for result in each.results)
        found[asked] = Ranked(asked, ranking, reader.revision, on, benchmarks)
    return found
