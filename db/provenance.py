"""Reads of where facts come from: sources, statements with their documents, spellings with the model they are taken for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, DateTime, Select, Text, TextClause, bindparam, cast, column, func, literal, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from db.engine import LEAST_LIKENESS
from db.reader import Reader
from db.reads import spelled, the_one
from db.rows import model_of, models_selected
from db.said import COLUMNS, Said, said_by
from db.tables import USED, AliasRow, ModelRow, RetrievalRow, SourceRow
from domain import facts
from domain.provenance import Source, Testimony, fields_weighed

SUGGESTED = 5


@dataclass(frozen=True, slots=True)
class Spelling:
    """A spelling under which sources know a model. `confidence` is 0 to 1, `rank` 0 the best of those with one key."""

    model: facts.Model
    spelling: str
    method: str
    confidence: Decimal
    reason: str
    rank: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a spelling is taken for. `model` is None where it is unknown or names several equally well; `candidates` are all
    that carry it, the best first; `suggestions` are models that are spelled alike, only where there is no candidate."""

    ref: str
    model: facts.Model | None
    candidates: tuple[Spelling, ...]
    suggestions: tuple[facts.Model, ...]


async def sources(reader: Reader) -> tuple[Source, ...]:
    """All sources with the newest document of each, by id."""
    newest = (
        select(
            RetrievalRow.source_id,
            RetrievalRow.retrieved_at,
            RetrievalRow.document_date,
        )
        .ext(distinct_on(RetrievalRow.source_id))
        .where(text(USED))
        .order_by(RetrievalRow.source_id, RetrievalRow.read_at.desc(), RetrievalRow.id.desc())
        .subquery()
    )
    source = SourceRow
    rows = await reader.execute(
        select(
            *(source.id, source.name, source.lineage, source.url, source.license, source.last_checked_at),
            *(newest.c.retrieved_at, newest.c.document_date, source.last_failed_at, source.last_failure),
        )
        .outerjoin(newest, newest.c.source_id == source.id)
        .order_by(source.id)
    )
    return tuple(Source(*row[:10]) for row in rows)


# What is no longer said ended on the day of the document that left it out, as `db.claims` has it. What was recorded after the
# moment `known` is not there yet, and what was withdrawn after it still stands; `past` asks for what was said before, too. Who says
# it, of what, and in which documents comes once, with the first row, and the days of a statement only where they are not those of its
# document: `db.said` puts them together.
_DAY = "coalesce(r.document_date, r.retrieved_at::date)"
_TESTIMONY = f"""
  with about as materialized (
    select j.id, j.kind, j.method, j.native_provider, j.native_id, {{model}} as model_id, j.route_id, lab.id as lab_id,
      license.id as license_id, j.provider_id, j.source_id, o.name as source_name, o.lineage, o.url as source_url, o.license,
      o.last_checked_at, o.last_failed_at, o.last_failure, n.retrieved_at as newest_at, n.document_date as newest_date,
      route.key as route_key, {{first_party}} as first_party, provider.slug as provider_slug
    from subject j
      join source o on o.id = j.source_id
      left join lateral (select retrieved_at, document_date from retrieval where source_id = o.id and retrieved_at < :known
        and {USED} order by read_at desc, id desc limit 1) n on true
      left join route on route.id = j.route_id
      left join provider on provider.id = coalesce(route.provider_id, j.provider_id)
      left join lab on j.kind = 'lab' and lab.slug = j.native_id
      left join license on j.kind = 'license' and license.key = j.native_id
      {{meant}}
    where {{about}}),
  said as materialized (
    select s.id, s.subject_id, s.retrieval_id, s.field, s.value, case when s.superseded_at < :known then coalesce(
        (select coalesce(l.document_date, l.retrieved_at::date) from retrieval l where l.source_id = about.source_id
          and l.read_at >= s.superseded_at and {USED} order by l.read_at, l.id limit 1), s.superseded_at::date) end as until,
      nullif(coalesce(s.observed_on, 'infinity'), {_DAY}) as observed_on, s.valid_from, s.valid_to, s.url, s.locator,
      nullif(s.recorded_at, r.read_at) as recorded_at, s.read_on, s.as_written
    from about join statement s on s.subject_id = about.id join retrieval r on r.id = s.retrieval_id
    where s.recorded_at < :known {{standing}} {{fields}})
  select said.*, case when row_number() over () = 1 then json_build_object(
      'names', (select json_agg(about) from about where id in (select subject_id from said)),
      'documents', (select json_agg(json_build_object('id', id, 'place', url, 'retrieved_at', retrieved_at,
        'document_date', document_date, 'sha256', sha256, 'day', {_DAY}, 'read_at', read_at))
        from retrieval r where id in (select retrieval_id from said))
    )::text end as told
  from said"""  # noqa: S608 - put together from constants


_STANDING = """and (s.superseded_at is null or s.superseded_at >= :known
    or s.field like any(array['price.%', 'hours.%']))"""
_POINTING = "t.since <= :day and coalesce(t.until, :day) >= :day"


@dataclass(frozen=True, slots=True)
class _Said:
    """A read of statements: as they stand now, and as they stood on a day, when a moving name meant another model."""

    now: Select[Any]
    then: Select[Any]

    @classmethod
    def where(cls, now: str, then: str | None = None, fields: str = "") -> _Said:
        meant = f"""left join lateral (select t.model_id, t.first_party from moving_target t
          where t.subject_id = j.id and {_POINTING}) meant on true"""  # noqa: S608
        made = (
            _TESTIMONY.format(
                model="j.model_id",
                first_party="route.first_party",
                meant="",
                about=now,
                standing=_STANDING,
                fields=fields,
            ),
            _TESTIMONY.format(
                model="coalesce(meant.model_id, j.model_id)",
                first_party="coalesce(meant.first_party, route.first_party)",
                **{"meant": meant, "about": then or now, "standing": "", "fields": fields},
            ),
        )
        known, day = bindparam("known", type_=DateTime(timezone=True)), bindparam("day", type_=Date)
        return cls(_selected(text(made[0]).bindparams(known)), _selected(text(made[1]).bindparams(known, day)))

    async def read(self, reader: Reader, span: Span, **about: Any) -> Sequence[Any]:
        """The statements of the span; `about` fills in what they are about."""
        if span.day is None:
            return await reader.fetch(self.now, known=span.known, **about)
        return await reader.fetch(self.then, known=span.known, day=span.day, **about)


def _selected(written: TextClause) -> Select[Any]:
    """The text as a SELECT, so that it can be run on the driver itself: there are thousands of rows."""
    return select(written.columns(*map(column, COLUMNS)).subquery())


_ABOUT = "j.model_id = any(cast(:ids as int[]))"
_ABOUT_THEN = f"""j.id = any(array(
    select t.subject_id from moving_target t where t.model_id = any(cast(:ids as int[])) and {_POINTING}
    union all select j.id from subject j
      where {_ABOUT} and not exists (select from moving_target t where t.subject_id = j.id)))"""  # noqa: S608
_OF_FIELD = "and s.field = any(cast(:fields as text[]))"
_OF_MODELS = _Said.where(_ABOUT, _ABOUT_THEN)
_OF_FIELDS = _Said.where(_ABOUT, _ABOUT_THEN, _OF_FIELD)
_OF_ROUTES = _Said.where("j.route_id = any(cast(:ids as int[]))")
_OF_PROVIDERS = _Said.where("j.kind = 'provider' and j.provider_id = any(cast(:ids as int[]))")
_OF_LABS = _Said.where("j.kind = 'lab' and lab.id = any(cast(:ids as int[]))")
_OF_LICENSES = _Said.where("j.kind = 'license' and license.id = any(cast(:ids as int[]))")


@dataclass(frozen=True, slots=True)
class Span:
    """Which statements are read: those that were recorded before a moment, and for a named day also what was said before."""

    known: datetime
    day: date | None = None


NOW = Span(datetime.max.replace(tzinfo=UTC))


async def testimony_by_model(reader: Reader, ids: Collection[int], span: Span) -> Mapping[int, Said]:
    """Everything that is said now of each model and of its routes; of prices also what was said before."""
    rows = await _OF_MODELS.read(reader, span, ids=list(ids))
    return said_by(ids, rows, "model_id")


async def testimony_by_field(
    reader: Reader, facts_: Collection[tuple[int, str]], span: Span
) -> Mapping[tuple[int, str], tuple[Testimony, ...]]:
    """What can be the evidence of single facts, each a model's number and a field."""
    wanted = {fact: fields_weighed(fact[1]) for fact in facts_}
    fields = sorted({field for behind in wanted.values() for field in behind})
    models = {model for model, _ in facts_}
    rows = await _OF_FIELDS.read(reader, span, ids=sorted(models), fields=fields)
    said = said_by(models, rows, "model_id")
    return {fact: said[fact[0]].in_fields(behind) for fact, behind in wanted.items()}


async def testimony_by_route(reader: Reader, ids: Collection[int], span: Span) -> Mapping[int, Said]:
    """Everything that is said of each route."""
    rows = await _OF_ROUTES.read(reader, span, ids=list(ids))
    return said_by(ids, rows, "route_id")


async def testimony_by_provider(reader: Reader, ids: Collection[int], span: Span) -> Mapping[int, Said]:
    """Everything that is said of each provider itself."""
    rows = await _OF_PROVIDERS.read(reader, span, ids=list(ids))
    return said_by(ids, rows, "provider_id")


async def testimony_by_lab(reader: Reader, ids: Collection[int], span: Span) -> Mapping[int, Said]:
    """Everything that is said of each lab itself; those who say it name it by its slug."""
    rows = await _OF_LABS.read(reader, span, ids=list(ids))
    return said_by(ids, rows, "lab_id")


async def testimony_by_license(reader: Reader, ids: Collection[int], span: Span) -> Mapping[int, Said]:
    """Everything that is said of each licence."""
    rows = await _OF_LICENSES.read(reader, span, ids=list(ids))
    return said_by(ids, rows, "license_id")


_LISTS = text(f"""
  select o.lineage, p.slug, max(coalesce(t.document_date, t.retrieved_at::date))
  from (select distinct j.source_id, r.provider_id from subject j join route r on r.id = j.route_id
      where r.provider_id = any(cast(:providers as int[])) and j.source_id = any(cast(:lists as text[]))) covered
    join source o on o.id = covered.source_id
    join provider p on p.id = covered.provider_id
    join retrieval t on t.source_id = o.id and t.retrieved_at < :known and {USED}
      and coalesce(t.document_date, t.retrieved_at::date) <= :day
  group by o.lineage, p.slug
""").bindparams(bindparam("known", type_=DateTime(timezone=True)), bindparam("day", type_=Date))  # noqa: S608 - put together from constants


async def newest_lists(
    reader: Reader, providers: Collection[int], lists: Collection[str], *, known: datetime, day: date
) -> Mapping[tuple[str, str], date]:
    """The day of the newest list by lineage and provider, among lists of a day or before it that were known by a moment."""
    if not lists or not providers:
        return {}
    rows = await reader.execute(
        _LISTS, {"providers": sorted(providers), "lists": sorted(lists), "known": known, "day": day}
    )
    return {(row[0], row[1]): row[2] for row in rows}


async def resolutions(reader: Reader, refs: Collection[str]) -> Mapping[str, Resolution]:
    """What each spelling is taken for and why: one statement, and another one where nothing carries a spelling."""
    keys = {key for ref in refs for key in spelled(ref)}
    alias = AliasRow
    rows = await reader.execute(
        models_selected()
        .add_columns(alias.key.label("alias"), alias.spelling, alias.method, alias.confidence, alias.reason, alias.rank)
        .join(alias, alias.model_id == ModelRow.id)
        .where(alias.key.in_(keys))
        .order_by(alias.rank, ModelRow.slug)
    )
    found: dict[str, list[Spelling]] = defaultdict(list)
    for row in rows:
        found[row.alias].append(Spelling(model_of(row), row.spelling, row.method, row.confidence, row.reason, row.rank))
    unknown = {ref: spelled(ref)[0] for ref in refs if not any(key in found for key in spelled(ref))}
    near = await _alike(reader, sorted(set(unknown.values()))) if unknown else {}
    made = {}
    for ref in refs:
        key, spelled_so = next(((key, found[key]) for key in spelled(ref) if key in found), ("", []))
        candidates = tuple(sorted(spelled_so, key=lambda each: each.model.slug != key))  # a slug is its own model
        one = the_one(key, [(each.rank, each.model) for each in candidates])
        suggestions = near.get(unknown.get(ref, ""), ())
        made[ref] = Resolution(ref, one, candidates, suggestions)
    return made


async def _alike(reader: Reader, keys: Collection[str]) -> Mapping[str, tuple[facts.Model, ...]]:
    found: dict[str, tuple[facts.Model, ...]] = {}
    for key in keys:
        likeness = func.word_similarity(literal(key, Text), ModelRow.search)
        rows = await reader.execute(
            models_selected()
            .where(literal(key, Text).bool_op("<%")(ModelRow.search), likeness >= LEAST_LIKENESS)
            .order_by((likeness + func.similarity(cast(ModelRow.slug, Text), literal(key, Text))).desc(), ModelRow.id)
            .limit(SUGGESTED)
        )
        found[key] = tuple(model_of(row) for row in rows)
    return found
