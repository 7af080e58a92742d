"""What is said of something, as it was read: very many short rows, of which only those become testimonies that somebody looks at.

Of popular models thousands of statements are read, in few documents and under few hundred names. So a row has only what the statement
itself has; who says it, of what, and in which document comes once for all rows of a read.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from operator import itemgetter
from typing import Any

from domain.identity import Method
from domain.provenance import Document, Source, Testimony
from domain.reconcile import HELD_AGAINST, Claim, canonical
from domain.statements import SubjectKind, Value

COLUMNS = (
    *(
        "id",
        "subject_id",
        "retrieval_id",
        "field",
        "value",
        "until",
        "observed_on",
        "valid_from",
        "valid_to",
        "url",
        "locator",
    ),
    *("recorded_at", "read_on", "as_written", "told"),
)
"""Of a row, in their order."""
_LAST = len(COLUMNS) - 1


@dataclass(frozen=True, slots=True)
class Name:
    """A thing as a source calls it, and what it was taken for."""

    source: Source
    about: tuple[str, int]
    subject: str = ""
    newest: date | None = None
    """The day of the newest document of the source."""
    route: str | None = None
    provider: str | None = None
    own: bool = False
    first_party: bool = False
    moving: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A document, the day of its data, and when it was read."""

    document: Document
    day: date
    read_at: datetime


class Told:
    """Names and documents of one read by number, and testimonies by the number of their statement."""

    def __init__(self, names: dict[int, Name], documents: Mapping[int, Place]) -> None:
        self.names, self.documents = names, documents
        self.made: dict[int, Testimony] = {}
        self._values: dict[str, Value] = {}

    def testimony(self, row: Sequence[Any]) -> Testimony:
        """The testimony of a row, made once."""
        found = self.made.get(row[0])
        if found is None:
            found = self.made[row[0]] = self._testimony(*row[:_LAST])
        return found

    def _testimony(
        self,
        statement: int,
        name: int,
        document: int,
        field: str,
        written: str,
        until: date | None,
        observed_on: date | None,
        valid_from: date | None,
        valid_to: date | None,
        url: str | None,
        locator: str,
        recorded_at: datetime | None,
        read_on: date | None,
        as_written: str | None,
    ) -> Testimony:
        who = self.names[name]
        if written not in self._values:  # there are few
            self._values[written] = json.loads(written)
        where = self.documents[document]
        since = where.day if observed_on is None else None if observed_on == date.max else observed_on
        claim = Claim(
            statement,
            who.source.id,
            who.source.lineage,
            field,
            self._values[written],
            observed_on=who.newest or where.document.retrieved_at.date() if until is None else since,
            since=since,
            until=until,
            valid_from=valid_from,
            valid_to=valid_to,
            route=who.route,
            provider=who.provider,
            own=who.own,
            first_party=who.first_party,
            url=url,
            moving=who.moving,
        )
        recorded = recorded_at or where.read_at
        return Testimony(
            claim, who.about, who.subject, who.source, where.document, locator, recorded, read_on, as_written
        )


def _day(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)


def _moment_or_none(written: str | None) -> datetime | None:
    return None if written is None else _moment(written)


_ROUTE = str(SubjectKind.ROUTE)
_NUMBERS = {
    _ROUTE: "route_id",
    str(SubjectKind.PROVIDER): "provider_id",
    str(SubjectKind.LAB): "lab_id",
    str(SubjectKind.LICENSE): "license_id",
}


def _document(each: Mapping[str, Any]) -> Place:
    retrieved_at = _moment(each["retrieved_at"])
    document = Document(each["place"], retrieved_at, each["sha256"], _day(each["document_date"]))
    return Place(document, date.fromisoformat(each["day"]), _moment(each["read_at"]))


def _name(each: Mapping[str, Any], sources: dict[str, Source]) -> Name:
    of_route = each["kind"] == _ROUTE
    source = sources.get(each["source_id"])
    if source is None:
        source = sources[each["source_id"]] = Source(
            each["source_id"],
            each["source_name"],
            each["lineage"],
            each["source_url"],
            each["license"],
            last_checked_at=_moment_or_none(each["last_checked_at"]),
            retrieved_at=_moment_or_none(each["newest_at"]),
            document_date=_day(each["newest_date"]),
            failed_at=_moment_or_none(each["last_failed_at"]),
            failure=each["last_failure"],
        )
    return Name(
        source,
        (each["kind"], each[_NUMBERS.get(each["kind"], "model_id")]),
        "/".join(filter(None, (each["native_provider"], each["native_id"]))),
        source.document_date or (None if source.retrieved_at is None else source.retrieved_at.date()),
        each["route_key"] if of_route else None,
        each["provider_slug"],
        source.id == each["provider_slug"] if of_route else True,
        bool(each["first_party"]),
        each["method"] == Method.ALIAS,
    )


class Said(Sequence[Testimony]):
    """The testimonies of a thing, in the order in which they were recorded. `by_name` has the rows of each name."""

    def __init__(self, told: Told, by_name: Mapping[int, Sequence[Any]]) -> None:
        self._told, self._by_name = told, by_name

    @classmethod
    def again(cls, made: Iterable[Testimony]) -> Said:
        """The same of testimonies that are made already, such as those that a lens leaves."""
        told, rows = Told({}, {}), defaultdict[int, list[Any]](list)
        numbers: dict[Any, int] = {}
        for each in made:
            claim = each.claim
            name = numbers.setdefault((each.about, each.source.id), len(numbers))
            told.names.setdefault(name, Name(each.source, each.about))
            told.made[claim.statement] = each
            rows[name].append((claim.statement, name, 0, claim.field, canonical(claim.value), claim.until))
        return cls(told, rows)

    @cached_property
    def _every(self) -> tuple[Testimony, ...]:
        return self._of(row for rows in self._by_name.values() for row in rows)

    def __len__(self) -> int:
        return sum(map(len, self._by_name.values()))

    def __iter__(self) -> Iterator[Testimony]:
        return iter(self._every)

    def __getitem__(self, place: Any) -> Any:
        return self._every[place]

    def _of(self, rows: Iterable[Any]) -> tuple[Testimony, ...]:
        return tuple(map(self._told.testimony, sorted(rows, key=itemgetter(0))))

    @property
    def sources(self) -> frozenset[Source]:
        """Who says it."""
        return frozenset(self._told.names[name].source for name in self._by_name)

    @cached_property
    def _by_field(self) -> Mapping[str, Sequence[Any]]:
        found = defaultdict[str, list[Any]](list)
        for rows in self._by_name.values():
            for row in rows:
                found[row[3]].append(row)
        return found

    @cached_property
    def _by_thing(self) -> Mapping[tuple[str, int], Sequence[int]]:
        found = defaultdict[tuple[str, int], list[int]](list)
        for name in self._by_name:
            found[self._told.names[name].about].append(name)
        return found

    @property
    def things(self) -> Collection[tuple[str, int]]:
        """Of what it is said: the model, and its routes."""
        return self._by_thing.keys()

    def in_fields(self, fields: Collection[str]) -> tuple[Testimony, ...]:
        """What is said in some fields, of whatever thing."""
        return self._of(row for field in dict.fromkeys(fields) for row in self._by_field.get(field, ()))

    def about(self, thing: tuple[str, int], fields: Collection[str] | None = None) -> tuple[Testimony, ...]:
        """What is said of one thing among them, such as one route of a model; only in some fields where these are given."""
        rows = (row for name in self._by_thing.get(thing, ()) for row in self._by_name[name])
        return self._of(rows if fields is None else (row for row in rows if row[3] in fields))

    def all_state(self, thing: tuple[str, int], fields: Collection[str], field: str, value: Value) -> bool:
        """Whether all that is said of a thing in some fields is one value of one field, in the same words."""
        written = canonical(value)
        rows = (row for name in self._by_thing.get(thing, ()) for row in self._by_name[name] if row[3] in fields)
        return all(row[3] == field and row[4] == written for row in rows)

    def contested(self) -> tuple[Testimony, ...]:
        """What is said in fields in which several lineages speak now and several values are written, with those that these are held
        against: whatever `domain.provenance.disputes` finds of all that is said, it finds in this."""
        found = [
            field
            for field, rows in self._by_field.items()
            if not field.startswith(_SIDE_BY_SIDE) and self._differ(rows)
        ]
        return self.in_fields([*found, *(HELD_AGAINST[field] for field in found if field in HELD_AGAINST)])

    def _differ(self, rows: Sequence[Any]) -> bool:
        now = [row for row in rows if row[5] is None]
        return len({row[4] for row in now}) > 1 and len({self._told.names[row[1]].source.lineage for row in now}) > 1


_SIDE_BY_SIDE = ("price.", "hours.", "benchmark.")
"""Fields of which many values stand side by side, and dispute nothing of a model."""


def said_by(keys: Collection[int], rows: Sequence[Any], number: str) -> Mapping[int, Said]:
    """The rows of a read by the number of what is asked about. The last column of one of them tells of all names and documents, as
    JSON; in that the number of each name stands under `number`."""
    written = next((row[_LAST] for row in rows if row[_LAST] is not None), None)
    if written is None:
        return {key: Said(Told({}, {}), {}) for key in keys}
    said = json.loads(written)
    sources: dict[str, Source] = {}
    documents = {each["id"]: _document(each) for each in said["documents"]}
    told = Told({each["id"]: _name(each, sources) for each in said["names"]}, documents)
    by_name: dict[int, list[Any]] = {each["id"]: [] for each in said["names"]}
    for row in rows:
        by_name[row[1]].append(row)
    found: dict[int, dict[int, Sequence[Any]]] = {key: {} for key in keys}
    for each in said["names"]:
        found[each[number]][each["id"]] = by_name[each["id"]]
    return {key: Said(told, of_one) for key, of_one in found.items()}
