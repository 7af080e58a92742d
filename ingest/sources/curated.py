"""Our own hand-kept facts as TOML, and the reference page's, which are kept the same way. The files are ours, so anything
unknown or of the wrong type in them is an error: BrokenDocument names the file and the place.

A file holds `[[model]]`, `[[route]]`, `[[provider]]`, `[[lab]]` and `[[license]]` entries with `[[….fact]]` tables {field, value,
as_written, url, read, valid_from}. In our own files a fact needs its reference: url, read and as_written; `name`, `lab` and
`aliases` of a model are labels for the resolver, which reads them itself, and no facts. A licence is one document, so its facts
share one `reference`; so is the reference page, whose facts need none. Theirs may be written short, as `name`, `lab`, `url` …
Announced ends and successors of models that have an entry elsewhere may stand in files of `lifecycle/`. A file of `boards/` is one
printed table of benchmark results: what holds for all of it once, and a `result` for each row.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.dates import announced
from domain.facts import (
    ApiShape,
    Architecture,
    CapabilityKind,
    CommercialUse,
    Lifecycle,
    Modality,
    Openness,
    PriceBasis,
    PriceMode,
    ProviderKind,
    Task,
)
from domain.hours import parse_hours
from domain.statements import (
    LAB_FIELDS,
    LICENSE_FIELDS,
    MODEL_FIELDS,
    PROVIDER_FIELDS,
    ROUTE_FIELDS,
    BrokenDocument,
    Parsed,
    Said,
    Subject,
    SubjectKind,
    Value,
)
from ingest.sources.base import Source
from ingest.sources.benchmarks import benchmark_slug
from ingest.sources.reading import full_date, partial_date
from ingest.sources.shapes import amount

SOURCE = Source("curated", "Curated by this project", "", "MIT", "curated")
REFERENCE_PAGE = Source("reference-page", "LLM Reference", "", "none stated", "reference-page")

_ENUMS: dict[str, type[StrEnum]] = {
    "task": Task,
    "architecture": Architecture,
    "openness": Openness,
    "commercial_use": CommercialUse,
    "lifecycle": Lifecycle,
    "price_basis": PriceBasis,
    "kind": ProviderKind,
    "api_shape": ApiShape,
}
_LISTS = ("input_modalities", "output_modalities", "credentials")
_COUNTS = ("context_window", "max_output", "max_input", "parameters_total", "parameters_active")
_ANNOUNCED = ("deprecated_on", "retires_on")
_PARTIAL_DATES = ("released", "knowledge_cutoff")
_REFERENCE = frozenset({"url", "read", "as_written"})
_FACT_KEYS = frozenset({"field", "value", "as_written", "url", "read", "valid_from"})
_RESULT_KEYS = frozenset({"score", "metric", "harness", "variant", "runner", "date", "url", "name", "version"})
_PRICE_PARTS = 4
_LIVES, _BOARDS = "lifecycle/", "boards/"
_BOARD_KEYS = ("name", "version", "metric", "harness", "runner", "url")
_ROW_KEYS = ("model", "score", "variant", "as_written")


@dataclass(frozen=True, slots=True)
class _Entry:
    """How one kind of entry is written: the keys that identify it, those that are short for a fact of the reference page, and
    labels in our own files, which are no facts."""

    kind: SubjectKind
    fields: tuple[str, ...]
    keys: tuple[str, ...]
    short: Mapping[str, str]
    labels: tuple[str, ...] = ()


_ENTRIES = {
    "model": _Entry(
        SubjectKind.MODEL,
        MODEL_FIELDS,
        ("slug",),
        {"name": "name", "lab": "lab"},
        ("name", "lab", "aliases"),
    ),
    "route": _Entry(SubjectKind.ROUTE, ROUTE_FIELDS, ("provider", "id"), {"name": "name", "model": "base_model"}),
    "provider": _Entry(SubjectKind.PROVIDER, PROVIDER_FIELDS, ("slug",), {"name": "name"}),
    "lab": _Entry(SubjectKind.LAB, LAB_FIELDS, ("slug",), {"name": "name"}),
    "license": _Entry(SubjectKind.LICENSE, LICENSE_FIELDS, ("key",), {field: field for field in LICENSE_FIELDS}),
}


def parse_curated(files: Mapping[str, bytes]) -> Parsed:
    """The statements of all curated files, by file name (`models/mistral.toml`), in the order of their names. The reference page
    is left out: it is another source. Raises BrokenDocument."""
    subjects: list[Subject] = []
    seen: dict[tuple[SubjectKind, str | None, str, bool], str] = {}
    for name in sorted(files.keys() - {"reference-page.toml"}):
        if name.startswith(_BOARDS):
            subjects += _board(name, _table(name, files[name]))
            continue
        for subject, place in _subjects(name, _table(name, files[name]), own=True):
            key = (subject.kind, subject.provider, subject.id, name.startswith(_LIVES))
            twin = seen.setdefault(key, place)
            if twin != place:
                raise BrokenDocument(f"{place}: {subject.kind} {subject.id} is already in {twin}")
            subjects.append(subject)
    return Parsed(tuple(_joined(subjects)), ())


def _board(name: str, table: Mapping[str, Any]) -> Iterator[Subject]:
    """The models of one printed table, each with its result; one model has one result under one variant."""
    _known(table, {*_BOARD_KEYS, "read", "result"}, name)
    shared = {key: _text(table, key, name) for key in _BOARD_KEYS}
    read = _day(table, "read", name)
    if None in shared.values() or read is None:
        raise BrokenDocument(f"{name}: a board has {', '.join(_BOARD_KEYS)} and read")
    field = f"benchmark.{benchmark_slug(str(shared['name']), shared['version'])}"
    seen: set[tuple[str, str | None]] = set()
    for place, row in _rows(name, table, "result"):
        _known(row, {*_ROW_KEYS}, place)
        model, _, variant, as_written = (_text(row, key, place) for key in _ROW_KEYS)
        if model is None or as_written is None:
            raise BrokenDocument(f"{place}: a result has model, score and as_written")
        if (model, variant) in seen:
            raise BrokenDocument(f"{place}: {model} has another result with this variant")
        seen.add((model, variant))
        value = _result({**shared, "score": row.get("score"), "variant": variant}, place)
        said = Said(field, value, place, None, shared["url"], read, as_written)
        yield Subject(SubjectKind.MODEL, model, None, None, (said,))


def _joined(subjects: Iterable[Subject]) -> Iterator[Subject]:
    """One subject of those that files of `lifecycle/` and others say something about."""
    found: dict[tuple[SubjectKind, str | None, str], Subject] = {}
    for each in subjects:
        key = (each.kind, each.provider, each.id)
        first = found.get(key)
        found[key] = (
            each if first is None else replace(first, name=first.name or each.name, said=first.said + each.said)
        )
    yield from found.values()


def parse_reference_page(body: bytes, name: str = "reference-page.toml") -> Parsed:
    """What the reference page says; `document_date` is the day of its review. Raises BrokenDocument."""
    table = _table(name, body)
    source = table.pop("source", None)
    if not isinstance(source, dict) or source.get("id") != REFERENCE_PAGE.id:
        raise BrokenDocument(f"{name}: [source] is not that of the reference page")
    _known(source, {"id", "name", "reviewed"}, f"{name}#/source")
    reviewed = source.get("reviewed")
    if type(reviewed) is not date:
        raise BrokenDocument(f"{name}#/source/reviewed: not a date")
    return Parsed(tuple(subject for subject, _ in _subjects(name, table, own=False)), (), reviewed)


def _table(name: str, body: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(body.decode(), parse_float=Decimal)
    except ValueError as error:  # a UnicodeDecodeError and a TOMLDecodeError are ValueErrors
        raise BrokenDocument(f"{name}: {error}") from error


def _rows(name: str, table: Mapping[str, Any], key: str) -> list[tuple[str, dict[str, Any]]]:
    rows = table.get(key, [])
    place = f"{name}/{key}" if "#" in name else f"{name}#/{key}"
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BrokenDocument(f"{place}: not an array of tables")
    return [(f"{place}/{index}", row) for index, row in enumerate(rows)]


def _known(table: Mapping[str, Any], keys: set[str] | frozenset[str], place: str) -> None:
    unknown = sorted(table.keys() - keys)
    if unknown:
        raise BrokenDocument(f"{place}: unknown key {', '.join(unknown)}")


def _text(row: Mapping[str, Any], key: str, place: str) -> str | None:
    value = row.get(key)
    if value is None or (isinstance(value, str) and value):
        return value
    raise BrokenDocument(f"{place}/{key}: not text")


def _subjects(name: str, table: Mapping[str, Any], *, own: bool) -> list[tuple[Subject, str]]:
    _known(table, set(_ENTRIES), name)
    return [
        (_subject(entry, row, place, own=own), place)
        for key, entry in _ENTRIES.items()
        for place, row in _rows(name, table, key)
    ]


def _subject(entry: _Entry, row: Mapping[str, Any], place: str, *, own: bool) -> Subject:
    """One entry. `own`: of our own files, where nothing but a fact with its reference says anything."""
    if entry.kind is SubjectKind.LICENSE:
        short, known = entry.short, {*entry.short, "reference"}
    else:
        short, known = ({}, {*entry.labels}) if own else (entry.short, {*entry.short})
    _known(row, {*entry.keys, *known, "fact"}, place)
    identity = [_text(row, key, place) for key in entry.keys]
    id_ = identity[-1]
    if id_ is None or None in identity:
        raise BrokenDocument(f"{place}: needs {' and '.join(entry.keys)}")
    reference = _reference(row, place) if entry.kind is SubjectKind.LICENSE else {}
    said = [
        _said(entry, {"field": field, "value": row[key], **reference}, f"{place}/{key}")
        for key, field in short.items()
        if key in row
    ]
    for at, fact in _rows(place, row, "fact"):
        if own and not fact.keys() >= _REFERENCE:
            raise BrokenDocument(f"{at}: a fact needs {', '.join(sorted(_REFERENCE))}")
        said.append(_said(entry, fact, at))
    provider = identity[0] if entry.kind is SubjectKind.ROUTE else None
    return Subject(entry.kind, id_, provider, _text(row, "name", place), tuple(said))


def _reference(row: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The document behind all that is said of a licence. "proprietary" is not one document: each vendor's terms differ."""
    given = row.get("reference")
    if given is None:
        if row.get("key") != "proprietary":
            raise BrokenDocument(f"{place}: a licence has a reference")
        return {}
    if not isinstance(given, dict) or given.keys() != {"url", "read", "as_written"}:
        raise BrokenDocument(f"{place}: a reference has url, read and as_written")
    return given


def _said(entry: _Entry, fact: Mapping[str, Any], place: str) -> Said:
    _known(fact, _FACT_KEYS, place)
    field = _text(fact, "field", place)
    if field is None or "value" not in fact:
        raise BrokenDocument(f"{place}: a fact needs a field and a value")
    url, read, valid_from = _text(fact, "url", place), _day(fact, "read", place), _day(fact, "valid_from", place)
    if (url is None) != (read is None):
        raise BrokenDocument(f"{place}: a reference is a url and the day on which somebody read it")
    if url is not None and not url.startswith("https://"):
        raise BrokenDocument(f"{place}/url: not an https address")
    value = _value(entry, field, fact["value"], place)
    return Said(field, value, place, valid_from, url, read, _text(fact, "as_written", place))


def _day(row: Mapping[str, Any], key: str, place: str) -> date | None:
    value = row.get(key)
    if value is None or type(value) is date:
        return value
    raise BrokenDocument(f"{place}/{key}: not a date")


def _value(entry: _Entry, field: str, value: Any, place: str) -> Value:
    """The value if it is what the contract of statements says of this field."""
    head, _, rest = field.partition(".")
    if head == "capability" and entry.kind in (SubjectKind.MODEL, SubjectKind.ROUTE):
        _member(CapabilityKind, rest, place)
        return bool(_of_type(bool, field, value, place))
    if head == "price" and entry.kind is SubjectKind.ROUTE:
        return _price(field, value, place)
    if head == "hours" and entry.kind is SubjectKind.ROUTE:
        return _hours(rest, value, place)
    if head == "benchmark" and entry.kind is SubjectKind.MODEL:
        return _result(value, place)
    if field not in entry.fields:
        raise BrokenDocument(f"{place}: a {entry.kind} has no field {field}")
    if field in _LISTS or head == "successor":
        if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
            raise BrokenDocument(f"{place}: {field} is a list of texts")
        return [_member(Modality, item, place) if field.endswith("_modalities") else item for item in value]
    if field in _COUNTS:
        count = int(_of_type(int, field, value, place))
        if count <= 0:
            raise BrokenDocument(f"{place}: {field} cannot be {count}")
        return count
    if field in ("open_weights", "osi_approved"):
        return bool(_of_type(bool, field, value, place))
    text = str(_of_type(str, field, value, place))
    if field in _ENUMS:
        return _member(_ENUMS[field], text, place)
    if field in _ANNOUNCED and announced(text) is None:
        raise BrokenDocument(f"{place}: {text!r} is not an announced day")
    if field == "last_reviewed" and (len(text) != len("2026-01-01") or full_date(text) is None):
        raise BrokenDocument(f"{place}: {text!r} is not a day")
    if field in _PARTIAL_DATES and partial_date(text) is None:
        raise BrokenDocument(f"{place}: {text!r} is not a date")
    return text


def _of_type(kind: type, field: str, value: Any, place: str) -> Any:
    if type(value) is not kind or value == "":
        raise BrokenDocument(f"{place}: {field} cannot be {value!r}")
    return value


def _member(kind: type[StrEnum], value: str, place: str) -> str:
    if value not in kind.__members__:
        raise BrokenDocument(f"{place}: {value!r} is none of {', '.join(kind.__members__)}")
    return value


def _price(field: str, value: Any, place: str) -> str:
    parts = field.split(".")
    if len(parts) != _PRICE_PARTS or not parts[2].isdecimal() or not parts[3]:
        raise BrokenDocument(f"{place}: {field} is not price.<mode>.<above>.<unit>")
    _member(PriceMode, parts[1], place)
    return _decimal(value, place)


def _hours(mode: str, value: Any, place: str) -> list[str]:
    _member(PriceMode, mode, place)
    if not isinstance(value, list) or not value:
        raise BrokenDocument(f"{place}: hours are a list of texts")
    try:
        return [str(parse_hours(text)) for text in value]
    except (TypeError, ValueError) as error:
        raise BrokenDocument(f"{place}: {error}") from error


def _decimal(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.replace(".", "", 1).isdecimal():
        raise BrokenDocument(f"{place}: an amount is decimal text, not {value!r}")
    text, rounded = amount(Decimal(value))
    if rounded:
        raise BrokenDocument(f"{place}: {value!r} has more digits than a price or score can have")
    return text


def _result(value: Any, place: str) -> dict[str, str | int | bool | None]:
    if not isinstance(value, dict) or not value.get("name"):
        raise BrokenDocument(f"{place}: a benchmark result is a table with name and score")
    _known(value, _RESULT_KEYS, place)
    result: dict[str, str | int | bool | None] = {key: _text(value, key, place) for key in sorted(_RESULT_KEYS)}
    result["score"] = _decimal(value.get("score"), place)
    return result
