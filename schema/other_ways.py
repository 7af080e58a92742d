"""The questions about what is in use, read for the whole catalogue: every model that is made for the same. They share the threads of rankings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from graphql import GraphQLError

from db.candidates import Candidates, candidates
from db.reader import Reader
from domain.facts import CapabilityKind, Contender, Model, Unavailable
from domain.fallbacks import Fallbacks, fallbacks
from domain.lifecycle import served_until
from domain.overrides import NONE, Overrides, contenders_under
from domain.plan_steps import End
from domain.standing import end_under
from domain.switches import Cheaper, Source, cheaper_switches, no_model
from domain.workload import Workload
from schema.beside import Wanted, beside
from schema.ends import unknown_end


@dataclass(frozen=True, slots=True)
class SwitchesAsked:
    """What costs less than what is named."""

    source: tuple[str, str]
    workload: Workload
    keep: tuple[CapabilityKind, ...] | None = None
    terms: Overrides = NONE
    lives_until: date | None = None


@dataclass(frozen=True, slots=True)
class FallbacksAsked:
    """What backs up what is named."""

    source: tuple[str, str]
    workload: Workload
    share: Decimal
    required: tuple[CapabilityKind, ...] | None = None
    most: int = 3
    terms: Overrides = NONE
    lives_until: date | None = None


Asked = SwitchesAsked | FallbacksAsked
Found = Cheaper | Fallbacks | Unavailable


@dataclass(frozen=True)
class OtherWays:
    """An answer with the source, which names facts too."""

    asked: Asked
    source: Source | None
    found: Found

    @property
    def items(self) -> tuple[Any, ...]:
        """The facts that answers may name."""
        contenders: list[Contender] = [] if self.source is None else [self.source.contender]
        match self.found:
            case Cheaper() as cheaper:
                contenders += [each.contender for each in cheaper.savings]
            case Fallbacks() as backed:
                contenders += [each.contender for each in backed.backups]
                contenders += [each.contender for each in backed.unproven]
        return tuple(contenders)

    @property
    def recordable(self) -> tuple[Any, ...]:
        """The same."""
        return self.items


async def other_ways(
    reader: Reader, questions: Collection[Asked], ends: Mapping[tuple[str, str], End], on: date
) -> Mapping[Asked, OtherWays | GraphQLError]:
    """Each question answered for a day, from what was found of all the sources together: one statement more, or five where the
    catalogue is another one than before."""
    found: dict[Asked, OtherWays | GraphQLError] = {}
    read: Candidates | None = None
    for asked in questions:
        end = ends.get(asked.source)
        if end is None:
            found[asked] = unknown_end(asked.source[1])
        elif end.model is None:
            (offer,) = end.offers
            found[asked] = OtherWays(asked, None, no_model(offer.route))
        else:
            read = read or await candidates(reader, on)
            computed = partial(_computed, read, asked, end, end.model, on)
            found[asked] = await beside(computed)
    return found


def _computed(read: Candidates, asked: Asked, end: End, model: Model, on: date, wanted: Wanted) -> OtherWays:
    offers = end_under(end, asked.terms).offers
    results = next((each.results for each in read.contenders if each.model.id == model.id), ())
    source = Source(Contender(model, offers, results), offers[0] if end.is_route else None)
    until = served_until(asked.lives_until, on)
    every = contenders_under(read.contenders, asked.terms)
    found: Found
    if isinstance(asked, SwitchesAsked):
        found = cheaper_switches(
            source, wanted.each(every), asked.workload, keep=asked.keep, until=until, required=asked.terms.api_shapes
        )
    else:
        found = fallbacks(
            source,
            every,
            asked.workload,
            share=asked.share,
            required=asked.required,
            most=asked.most,
            until=until,
            check=wanted.check,
        )
    return OtherWays(asked, source, found)
