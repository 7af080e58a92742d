"""The questions about what is in use, read for the whole catalogue: the source by route key or ref, then every model made for the
same. They share the threads of rankings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from graphql import GraphQLError

from db import reads
from db.candidates import Read, candidates
from db.reader import Reader
from domain.facts import CapabilityKind, Contender, Unavailable
from domain.fallbacks import Fallbacks, fallbacks
from domain.requirements import Requirements
from domain.switches import Cheaper, Source, cheaper_switches
from domain.workload import Workload
from schema.ranking import RANKINGS


@dataclass(frozen=True, slots=True)
class SwitchesAsked:
    """What costs less than what is named."""

    ref: str
    workload: Workload
    keep: tuple[CapabilityKind, ...] = ()


@dataclass(frozen=True, slots=True)
class FallbacksAsked:
    """What backs up what is named."""

    ref: str
    workload: Workload
    share: Decimal
    required: tuple[CapabilityKind, ...] | None = None
    most: int = 3


Asked = SwitchesAsked | FallbacksAsked
Found = Cheaper | Fallbacks | Unavailable


@dataclass(frozen=True)
class OtherWays:
    """An answer with the source, which names facts too."""

    asked: Asked
    source: Source
    found: Found

    @property
    def items(self) -> tuple[Any, ...]:
        """The facts that answers may name."""
        contenders: list[Contender] = [self.source.contender]
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
    reader: Reader, questions: Collection[Asked], on: date
) -> Mapping[Asked, OtherWays | GraphQLError]:
    """Each question answered for a day: at most seven statements."""
    found: dict[Asked, OtherWays | GraphQLError] = {}
    for asked in questions:
        source = await _source(reader, asked.ref, on)
        if isinstance(source, GraphQLError):
            found[asked] = source
            continue
        wanted = Requirements(tasks=(source.contender.model.task,))
        read = await candidates(reader, wanted, on=on, results=False)
        answer = await asyncio.get_running_loop().run_in_executor(RANKINGS, partial(_computed, read, asked, source))
        found[asked] = OtherWays(asked, source, answer)
    return found


def _unknown(ref: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "UNKNOWN_REF", "ref": ref[:200]})


async def _source(reader: Reader, ref: str, on: date) -> Source | GraphQLError:
    """A route by its key before a model by any spelling."""
    route = (await reads.routes_by_key(reader, [ref])).get(ref)
    if route is None:
        model = (await reads.models_by_ref(reader, [ref])).get(ref)
    else:
        model = None if route.model_id is None else (await reads.models_by_id(reader, [route.model_id]))[route.model_id]
    if model is None and route is not None:
        return _unknown(ref, f"Nobody says which model {ref[:80]!r} serves, so nothing is known to do the same.")
    if model is None:
        message = f"No route has the key {ref[:80]!r}, and no model is known as that, or several are. `resolve(ref:)` says more."
        return _unknown(ref, message)
    offers = (await reads.offers_by_model(reader, [model.id], on=on))[model.id]
    own = None if route is None else next(each for each in offers if each.route.id == route.id)
    return Source(Contender(model, offers, ()), own)


def _computed(read: Read, asked: Asked, source: Source) -> Found:
    every = read.contenders()
    if isinstance(asked, SwitchesAsked):
        return cheaper_switches(source, every, asked.workload, keep=asked.keep)
    return fallbacks(source, every, asked.workload, share=asked.share, required=asked.required, most=asked.most)
