"""Reads statements back as claims, which is what reconciling works on, and subjects as their sources name them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables import USED
from domain.reconcile import Claim
from domain.statements import SubjectKind, Value


@dataclass(frozen=True, slots=True)
class StoredSubject:
    """A subject with its id, how its source names it, and what it says now, and without an end, in the fields of `WITNESSES`,
    as it stands there. Of a field in which it says several things it says nothing here."""

    id: int
    source: str
    kind: SubjectKind
    provider: str
    native_id: str
    name: str | None
    said: Mapping[str, Value] = field(default_factory=dict)


def in_natural_order(things: Iterable[StoredSubject]) -> list[StoredSubject]:
    """Subjects as their sources name them, whatever their numbers in the database."""
    return sorted(things, key=lambda thing: (thing.source, thing.kind, thing.provider, thing.native_id))


@dataclass(frozen=True, slots=True)
class About:
    """What the claims of one subject are about: the last fields of `domain.reconcile.Claim`."""

    route: str | None = None
    provider: str | None = None
    own: bool = False
    first_party: bool = False
    moving: bool = False


_READ = f"""
  select r.source_id, r.read_at, r.id, coalesce(r.document_date, r.retrieved_at::date) as day
  from retrieval r where {USED}
"""  # noqa: S608 - put together from constants
# What is no longer said ended on the day of the document that left it out, not on the day on which that was taken in.
# Prices keep their past; of other fields only what is said now counts, or what was said last of a subject that is gone.
_CLAIMS = f"""
  with read as ({_READ}), day as (
    select distinct on (read.source_id) read.source_id, s.lineage, read.day
    from read join source s on s.id = read.source_id order by read.source_id, read.read_at desc, read.id desc
  )
  select s.id, s.subject_id, j.source_id, d.lineage, s.field, s.value,
    case when s.superseded_at is null then d.day else s.observed_on end,
    s.observed_on,
    case when s.superseded_at is not null then coalesce(
      (select read.day from read where read.source_id = j.source_id and read.read_at >= s.superseded_at
       order by read.read_at, read.id limit 1), s.superseded_at::date) end,
    s.valid_from, s.valid_to, s.url
  from statement s join subject j on j.id = s.subject_id join day d on d.source_id = j.source_id
  where (s.superseded_at is null or s.field like any(array['price.%', 'hours.%'])
    or not exists (select from statement t where t.subject_id = s.subject_id and t.superseded_at is null))
    and (cast(:models as int[]) is null or j.model_id = any(cast(:models as int[])))
"""  # noqa: S608 - put together from constants


WITNESSES = ("released", "context_window", "price.STANDARD.0.input", "price.STANDARD.0.output")
"""What a listing says besides its names from which `domain.witnesses` tells two models apart."""
_SUBJECTS = """
  with one as (
    select s.subject_id, s.field, min(s.value) as value from statement s
    where s.field = any(:fields) and s.superseded_at is null and s.valid_to is null
    group by s.subject_id, s.field having min(s.value) = max(s.value)
  ), said as (select subject_id, array_agg(field) as fields, array_agg(value) as values from one group by subject_id)
  select j.id, j.source_id, j.kind, j.native_provider, j.native_id, j.native_name, said.fields, said.values
  from subject j left join said on said.subject_id = j.id order by j.id
"""


async def subjects(connection: AsyncConnection) -> list[StoredSubject]:
    """All subjects of all sources."""
    rows = await connection.execute(text(_SUBJECTS), {"fields": list(WITNESSES)})
    return [
        StoredSubject(
            id_,
            source,
            SubjectKind(kind),
            provider,
            native,
            name,
            dict(zip(fields or (), map(json.loads, values or ()), strict=True)),
        )
        for id_, source, kind, provider, native, name, fields, values in rows
    ]


async def claims(
    connection: AsyncConnection, about: Callable[[int], About], models: Sequence[int] | None = None
) -> dict[int, list[Claim]]:
    """Claims by subject: of all subjects, or of those that are taken for the models or for routes of the models.

    `until` is set on what its source no longer says.
    """
    rows = await connection.execute(text(_CLAIMS), {"models": None if models is None else list(models)})
    found: dict[int, list[Claim]] = {}
    cache: dict[str, Value] = {}
    for row in rows:
        value = cache.get(row[5])
        if value is None:
            value = cache[row[5]] = json.loads(row[5])
        what = about(row[1])
        found.setdefault(row[1], []).append(
            Claim(
                statement=row[0],
                source=row[2],
                lineage=row[3],
                field=row[4],
                value=value,
                observed_on=row[6],
                since=row[7],
                until=row[8],
                valid_from=row[9],
                valid_to=row[10],
                url=row[11],
                route=what.route,
                provider=what.provider,
                own=what.own,
                first_party=what.first_party,
                moving=what.moving,
            )
        )
    return found
