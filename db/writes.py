"""All writing of the catalogue, in bulk: rows are copied into a temporary table and merged by their natural key.

Ids never change once given: a row that is there is updated in place, and only when something in it differs.
"""

# ruff: noqa: S608 - every name that is put into a statement is a constant of this program
from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import asyncpg
from sqlalchemy import Table, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from db.base import Base
from db.tables import USED

LOCK = 7_203_002
"""Two ingests at once run one after the other; any number that nobody else takes."""
CHANNEL = "llmref_revision"
"""Listeners hear the number of the new catalogue revision here, when it is committed."""

LOCK_NOT_AVAILABLE = "55P03"
ERRORS: tuple[type[Exception], ...] = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
"""All that can be raised when the database cannot be reached or refuses. Bulk writing goes past SQLAlchemy."""

Row = tuple[Any, ...]


class StillBusy(Exception):
    """Another ingest did not end in time."""


async def driver(connection: AsyncConnection) -> asyncpg.Connection[asyncpg.Record]:
    """The driver's own connection, inside the transaction of this one, which must have begun."""
    if not connection.in_transaction():
        raise RuntimeError("bulk writing needs a transaction that has begun")
    raw = await connection.get_raw_connection()
    found = raw.driver_connection
    assert isinstance(found, asyncpg.Connection)
    return found


async def lock(connection: AsyncConnection) -> bool:
    """Take the ingest's lock for this transaction if it is free."""
    return bool(await connection.scalar(text("select pg_try_advisory_xact_lock(:key)"), {"key": LOCK}))


async def wait_for_lock(connection: AsyncConnection, seconds: int) -> None:
    """Take the lock when the other ingest ends. Raises StillBusy after the given time."""
    await connection.execute(text(f"set local lock_timeout = '{int(seconds)}s'"))
    try:
        await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise StillBusy(f"another ingest has not ended within {seconds} s") from None
        raise


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


async def new_ids(connection: AsyncConnection, table: str, count: int) -> list[int]:
    """So many ids that nobody has, for rows that are about to be written with them."""
    rows = await connection.execute(
        text("select nextval(pg_get_serial_sequence(:name, 'id')) from generate_series(1, :count)"),
        {"name": table, "count": count},
    )
    return [int(row[0]) for row in rows]


async def ids(connection: AsyncConnection, table: str, key: str) -> dict[str, int]:
    """Ids by natural key."""
    rows = await connection.execute(text(f'select "{key}", id from "{table}"'))
    return {row[0]: row[1] for row in rows}


async def merge(
    connection: AsyncConnection, table: str, key: Sequence[str], columns: Sequence[str], rows: Iterable[Row]
) -> int:
    """Insert the rows, or update those whose natural key is there and that differ. Returns how many were touched."""
    records = list(rows)
    if not records:
        return 0
    conn = await driver(connection)
    names = ", ".join(f'"{name}"' for name in columns)
    there = f'"incoming_{table}"'
    await conn.execute(f'create temporary table {there} on commit drop as select {names} from "{table}" with no data')
    await conn.copy_records_to_table(f"incoming_{table}", records=records, columns=list(columns))
    changing = [name for name in columns if name not in key and name != "id"]
    conflict = ", ".join(f'"{name}"' for name in key)
    if changing:
        assign = ", ".join(f'"{name}" = excluded."{name}"' for name in changing)
        old = ", ".join(f't."{name}"' for name in changing)
        new = ", ".join(f'excluded."{name}"' for name in changing)
        act = f"do update set {assign} where ({old}) is distinct from ({new})"
    else:
        act = "do nothing"
    status = await conn.execute(
        f'insert into "{table}" as t ({names}) select {names} from {there} on conflict ({conflict}) {act}'
    )
    await conn.execute(f"drop table {there}")
    return int(status.rsplit(" ", 1)[1])


async def replace_all(connection: AsyncConnection, table: str, columns: Sequence[str], rows: Iterable[Row]) -> bool:
    """Make the table hold exactly these rows. Rows have no identity of their own here: it is rewritten only if the rows
    differ from what is there, and whether it was is returned."""
    records = [tuple(row) for row in rows]
    conn = await driver(connection)
    names = ", ".join(f'"{name}"' for name in columns)
    there = await conn.fetch(f'select {names} from "{table}"')
    if sorted(map(_comparable, (tuple(row) for row in there))) == sorted(map(_comparable, records)):
        return False
    await conn.execute(f'delete from "{table}"')
    await conn.copy_records_to_table(table, records=records, columns=list(columns))
    return True


def _comparable(row: Row) -> str:
    # As text, because None does not compare; numbers without trailing zeros, because the database may keep them; JSON as it
    # is written, because it is given as text and read as an object.
    return repr(tuple(map(_plain, row)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    return value.normalize() if isinstance(value, Decimal) else value


async def delete_unlinked(connection: AsyncConnection) -> None:
    """Remove models, routes, providers and labs that no subject is taken for any more."""
    for table in ("price", "benchmark_result", "alias"):
        owner = "route" if table == "price" else "model"
        await connection.execute(
            text(f"delete from {table} d where not exists (select from subject s where s.{owner}_id = d.{owner}_id)")
        )
    for statement in (
        "delete from route d where not exists (select from subject s where s.route_id = d.id)",
        "update route set model_id = null where model_id is not null"
        " and not exists (select from subject s where s.model_id = route.model_id)",
        "delete from model d where not exists (select from subject s where s.model_id = d.id)",
        "delete from provider d where not exists (select from subject s where s.provider_id = d.id)"
        " and not exists (select from route r where r.provider_id = d.id)",
    ):
        await connection.execute(text(statement))


# ---- what was obtained ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Newest:
    """The document of a source that counts now. `etag` and `last_modified` are what its server called its version."""

    id: int
    url: str
    sha256: str
    document_date: date | None
    retrieved_at: datetime
    etag: str | None = None
    last_modified: str | None = None


async def put_source(
    connection: AsyncConnection,
    *,
    id: str,
    name: str,
    url: str | None,
    license: str | None,
    lineage: str,
    checked: datetime | None,
) -> None:
    """Make or correct a source, and note when it was asked, if it was."""
    await connection.execute(
        text(
            "insert into source (id, name, url, license, lineage, last_checked_at)"
            " values (:id, :name, :url, :license, :lineage, :checked) on conflict (id) do update set name = excluded.name,"
            " url = excluded.url, license = excluded.license, lineage = excluded.lineage,"
            " last_checked_at = coalesce(excluded.last_checked_at, source.last_checked_at)"
        ),
        {"id": id, "name": name, "url": url, "license": license, "lineage": lineage, "checked": checked},
    )


async def newest_retrievals(connection: AsyncConnection) -> dict[str, Newest]:
    """The newest document of each source."""
    rows = await connection.execute(
        text(
            "select distinct on (source_id) source_id, id, url, sha256, document_date, retrieved_at, etag,"
            f" last_modified from retrieval where {USED} order by source_id, read_at desc, id desc"
        )
    )
    return {row[0]: Newest(*row[1:]) for row in rows}


async def kept_documents(connection: AsyncConnection) -> dict[tuple[str, str], date | None]:
    """The dates of all documents that were ever obtained, by source and SHA-256; those that are not used included."""
    rows = await connection.execute(text("select source_id, sha256, document_date from retrieval"))
    return {(row[0], row[1]): row[2] for row in rows}


async def body(connection: AsyncConnection, retrieval: int) -> bytes:
    """The document as it was obtained."""
    packed = await connection.scalar(text("select body from retrieval where id = :id"), {"id": retrieval})
    return zlib.decompress(packed)


async def put_retrieval(
    connection: AsyncConnection,
    *,
    source: str,
    url: str,
    retrieved_at: datetime,
    document_date: date | None,
    sha256: str,
    body: bytes,
    problems: Mapping[str, int],
    unused: str | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
) -> int:
    """Keep a document. One that was there before counts as obtained now, unless it is not used (`OLDER` or `HELD`)."""
    now = ("retrieved_at", "read_at", "url", "problems", "etag", "last_modified")
    again = "nothing" if unused else "update set " + ", ".join(f"{name} = excluded.{name}" for name in now)
    found = await connection.scalar(
        text(
            "insert into retrieval (source_id, url, retrieved_at, read_at, document_date, sha256, size, body, problems, etag,"
            " last_modified)"
            " values (:source, :url, :at, :at, :day, :sha, :size, :body, cast(:problems as jsonb), :etag, :modified)"
            f" on conflict (source_id, sha256) do {again} returning id"
        ),
        {
            **{"source": source, "url": url, "at": retrieved_at, "day": document_date, "sha": sha256},
            **{"size": len(body), "body": zlib.compress(body, 6), "etag": etag, "modified": last_modified},
            "problems": json.dumps({**problems, unused: 1} if unused else problems),
        },
    )
    return 0 if found is None else int(found)


async def read_anew(connection: AsyncConnection, retrieval: int, at: datetime, problems: Mapping[str, int]) -> None:
    """Note that a kept document was read by other rules; when it was obtained stays what it was."""
    await connection.execute(
        text("update retrieval set read_at = :at, problems = cast(:problems as jsonb) where id = :id"),
        {"id": retrieval, "at": at, "problems": json.dumps(problems)},
    )


# ---- what it says -----------------------------------------------------------------------------------------------------

SubjectKey = tuple[str, str, str]
"""Kind, provider and id as the source spells them."""


async def put_subjects(
    connection: AsyncConnection, source: str, named: Mapping[SubjectKey, str | None]
) -> dict[SubjectKey, int]:
    """Make the subjects that a source names and return the ids of all that it ever named."""
    columns = ["source_id", "kind", "native_provider", "native_id", "native_name", "method"]
    rows = [(source, *key, name, "UNRESOLVED") for key, name in named.items()]
    conn = await driver(connection)
    await conn.execute(
        "create temporary table incoming_subjects on commit drop as"
        f" select {', '.join(columns)} from subject with no data"
    )
    await conn.copy_records_to_table("incoming_subjects", records=rows, columns=columns)
    await conn.execute(
        f"insert into subject as t ({', '.join(columns)}) select * from incoming_subjects"
        " on conflict (source_id, kind, native_provider, native_id) do update set native_name = excluded.native_name"
        " where t.native_name is distinct from excluded.native_name"
    )
    await conn.execute("drop table incoming_subjects")
    found = await conn.fetch("select id, kind, native_provider, native_id from subject where source_id = $1", source)
    return {(row[1], row[2], row[3]): row[0] for row in found}


Content = tuple[int, str, str, date | None, date | None, str | None, date | None, str | None]
"""Subject, field, value, valid from, valid to, url, read on, as written: what makes two statements the same."""


async def current_statements(connection: AsyncConnection, source: str) -> dict[Content, int]:
    """Ids of what a source says now, by content."""
    conn = await driver(connection)
    rows = await conn.fetch(
        "select s.subject_id, s.field, s.value, s.valid_from, s.valid_to, s.url, s.read_on, s.as_written, s.id"
        " from statement s join subject j on j.id = s.subject_id where j.source_id = $1 and s.superseded_at is null",
        source,
    )
    return {tuple(row)[:8]: row[8] for row in rows}


async def add_statements(connection: AsyncConnection, rows: Iterable[Row]) -> None:
    """Append statements; the order of columns is that of `STATEMENT_COLUMNS`."""
    conn = await driver(connection)
    await conn.copy_records_to_table("statement", records=list(rows), columns=list(STATEMENT_COLUMNS))


STATEMENT_COLUMNS = (
    *("subject_id", "field", "value", "valid_from", "valid_to", "url", "read_on", "as_written"),
    *("retrieval_id", "locator", "observed_on", "recorded_at"),
)


async def supersede(connection: AsyncConnection, statements: Sequence[int], at: datetime) -> None:
    """Note that the newest document of their source no longer says these."""
    conn = await driver(connection)
    await conn.execute("update statement set superseded_at = $2 where id = any($1::bigint[])", list(statements), at)


async def put_links(connection: AsyncConnection, rows: Iterable[Row]) -> int:
    """Set what subjects are taken for: (id, lab, provider, model, route, method, confidence, evidence)."""
    columns = ("id", "lab_id", "provider_id", "model_id", "route_id", "method", "confidence", "evidence")
    conn = await driver(connection)
    await conn.execute(
        f"create temporary table incoming_links on commit drop as select {', '.join(columns)} from subject with no data"
    )
    await conn.copy_records_to_table("incoming_links", records=list(rows), columns=list(columns))
    assign = ", ".join(f"{name} = i.{name}" for name in columns[1:])
    old = ", ".join(f"s.{name}" for name in columns[1:])
    new = ", ".join(f"i.{name}" for name in columns[1:])
    status = await conn.execute(
        f"update subject s set {assign} from incoming_links i where i.id = s.id and ({old}) is distinct from ({new})"
    )
    await conn.execute("drop table incoming_links")
    return int(status.rsplit(" ", 1)[1])


# ---- revisions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Revision:
    """The revision that answers now. `counts` is what it was made with."""

    id: int
    digest: str
    rules_version: str
    created_at: datetime
    counts: Mapping[str, int]


async def newest_revision(connection: AsyncConnection) -> Revision | None:
    """The revision that answers now; None where there is none yet."""
    row = (
        await connection.execute(
            text("select id, digest, rules_version, created_at, counts from catalog_revision order by id desc limit 1")
        )
    ).first()
    return None if row is None else Revision(*row)


async def put_revision(
    connection: AsyncConnection, *, digest: str, at: datetime, rules_version: str, counts: Mapping[str, int]
) -> int:
    """Make a revision and tell those who listen, when this transaction commits."""
    found = await connection.scalar(
        text(
            "insert into catalog_revision (digest, created_at, rules_version, counts)"
            " values (:digest, :at, :rules, cast(:counts as jsonb)) returning id"
        ),
        {"digest": digest, "at": at, "rules": rules_version, "counts": json.dumps(counts)},
    )
    await connection.execute(text("select pg_notify(:channel, :id)"), {"channel": CHANNEL, "id": str(found)})
    return int(str(found))


async def days_have_come(connection: AsyncConnection, after: date, until: date) -> bool:
    """Whether a model, a route or a price changes by the calendar alone between two days: it is deprecated, retires, ends or
    begins."""
    ends = " or ".join(
        f"exists (select from {table} where {day}_on > :after and {day}_on <= :until and {day}_precision <> 'NOT_BEFORE')"
        for table in ("model", "route")
        for day in ("deprecated", "retires")
    )
    found = await connection.scalar(
        text(
            f"select {ends}"
            " or exists (select from price where (valid_to > :after and valid_to <= :until)"
            " or (valid_from > :after and valid_from <= :until and valid_from_basis = 'STATED'))"
        ),
        {"after": after, "until": until},
    )
    return bool(found)
