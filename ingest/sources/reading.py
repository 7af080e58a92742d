"""Reading foreign JSON without losing anything silently: a Row remembers which of its fields were read, and what is left
over becomes a problem. Numbers come from the text as decimals; a null is an absent value.
"""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from gzip import GzipFile
from typing import Any, NoReturn

from domain.dates import announced
from domain.statements import BrokenDocument, Problem, Said, Value

MAX_BYTES = 200_000_000
"""A document that unpacks to more than this is not one of ours (the largest has 4 MB)."""

_LARGEST_EXPONENT = 30
_LONGEST_EXAMPLE = 60
_LARGEST_COUNT = 2**31 - 1  # what the database's integers hold; the largest context window has 10 million tokens
# What JSON can write and a text in the database cannot hold: NUL, and half of a surrogate pair.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_PERHAPS_NO_TEXT = re.compile(rb"\0|\\u0000|\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")
"""What is in every document with such a text, and in nearly no other: only then all texts are looked at."""
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def unpacked(body: bytes) -> bytes:
    """The document's bytes, gunzipped where they are gzipped. Raises BrokenDocument."""
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        with GzipFile(fileobj=io.BytesIO(body)) as packed:
            plain = packed.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BrokenDocument(f"broken gzip: {error}") from error
    if len(plain) > MAX_BYTES:
        raise BrokenDocument(f"unpacks to more than {MAX_BYTES} bytes")
    return plain


def read_json(body: bytes, report: Report) -> Any:
    """The JSON document with every fraction as the Decimal that is written there. A text with a NUL or half a character is
    dropped as a `bad-value`: in an object it is then absent, in a list null. Raises BrokenDocument."""

    def refuse(name: str) -> NoReturn:
        raise BrokenDocument(f"{name} is not a JSON number")

    plain = unpacked(body)
    try:
        data = json.loads(plain, parse_float=Decimal, parse_constant=refuse)
        return storable(data, report) if _PERHAPS_NO_TEXT.search(plain) else data
    except (ValueError, RecursionError) as error:
        if isinstance(error, BrokenDocument):
            raise
        raise BrokenDocument(f"not JSON: {error}") from error


def storable(value: Any, report: Report, at: str = "") -> Any:
    """The value without the texts that the database cannot hold, each of which is a `bad-value` with its place; a member
    goes with its name. Raises RecursionError."""
    if isinstance(value, str):
        if _NO_TEXT.search(value) is None:
            return value
        report.add("bad-value", at, f"a text with a NUL or half a character: {value!r:.{_LONGEST_EXAMPLE}}")
        return None
    if isinstance(value, list):
        return [storable(item, report, f"{at}/{index}") for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    kept: dict[str, Any] = {}
    for name, item in value.items():
        if _NO_TEXT.search(name) is None:
            kept[name] = storable(item, report, at + pointer(name))
        else:
            shown = _NO_TEXT.sub(lambda found: f"\\u{ord(found[0]):04x}", name)
            report.add("bad-value", at + pointer(shown), "a name with a NUL or half a character")
    return kept


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def partial_date(text: str) -> str | None:
    """The text if it is `2026`, `2026-03` or `2026-03-16` and a day of the calendar, else None."""
    match = _PARTIAL_DATE.fullmatch(text)
    if match is None:
        return None
    try:
        date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return None
    return text


def full_date(text: str | None) -> date | None:
    """The day that the text names, as a date or as the date part of an ISO instant; None where it names none."""
    if text is None or len(text) < 10 or text[10:11] not in ("", "T", " ") or partial_date(text[:10]) is None:
        return None
    return date.fromisoformat(text[:10])


@dataclass(slots=True)
class _Tally:
    locator: str
    example: str | None
    count: int = 0

    def message(self, what: str) -> str:
        times = "once" if self.count == 1 else f"{self.count} times"
        return f"{what}: {times}" if self.example is None else f"{what}: {times}, first {self.example}"


class Report:
    """Collects problems. Repeated ones are counted by code and subject, with the place of the first."""

    def __init__(self) -> None:
        self._single: list[Problem] = []
        self._tallies: dict[tuple[str, str], _Tally] = {}

    def add(self, code: str, locator: str, message: str) -> None:
        """One problem that has a message of its own."""
        self._single.append(Problem(code, locator, message))

    def count(self, code: str, what: str, locator: str, example: object = None) -> None:
        """One more of the problem (`code`, `what`); `example` is the value there, of which the first is shown."""
        tally = self._tallies.get((code, what))
        if tally is None:
            shown = None if example is None else repr(example)[:_LONGEST_EXAMPLE]
            tally = self._tallies[code, what] = _Tally(locator, shown)
        tally.count += 1

    def problems(self) -> tuple[Problem, ...]:
        """All problems, sorted by code and message, so that the same document gives the same report."""
        counted = (
            Problem(code, tally.locator, tally.message(what), tally.count)
            for (code, what), tally in self._tallies.items()
        )
        return tuple(
            sorted([*self._single, *counted], key=lambda problem: (problem.code, problem.message, problem.locator))
        )


class Row:
    """A JSON object while it is read. `path` names its kind with `*` for keys and indexes; `locator` its place.

    Reading a field of the wrong type is a `bad-value` problem and gives None. `close` reports what nobody read.
    """

    __slots__ = ("_read", "_report", "data", "locator", "path")

    def __init__(self, data: Mapping[str, Any], locator: str, path: str, report: Report) -> None:
        self.data = data
        self._read: set[str] = set()
        self._report = report
        self.locator = locator
        self.path = path

    def present(self) -> list[str]:
        """The fields that are there and not null, in the document's order."""
        return [key for key, value in self.data.items() if value is not None]

    def at(self, key: str) -> str:
        """The place of one field."""
        return self.locator + pointer(key)

    def named(self, key: str) -> str:
        """The path of one field."""
        return f"{self.path}.{key}" if self.path else key

    def get(self, key: str) -> Any:
        """The field as it is, or None; it counts as read."""
        self._read.add(key)
        return self.data.get(key)

    def bad(self, key: str, why: str = "is not what this field holds") -> None:
        """Reports the field's value as unusable."""
        self._report.count("bad-value", f"{self.named(key)} {why}", self.at(key), self.data.get(key))

    def text(self, key: str) -> str | None:
        """Text without surrounding space; empty text is absent."""
        value = self.get(key)
        if value is None or isinstance(value, str):
            return (value or "").strip() or None
        self.bad(key, "is not text")
        return None

    def flag(self, key: str) -> bool | None:
        value = self.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.bad(key, "is not true or false")
        return None

    def number(self, key: str) -> Decimal | None:
        """A number, written as a JSON number or as decimal text."""
        value = self.get(key)
        if isinstance(value, str):
            try:
                value = Decimal(value)
            except ArithmeticError:
                value = False
        if value is None:
            return None
        number = Decimal("NaN") if isinstance(value, bool) or not isinstance(value, (int, Decimal)) else Decimal(value)
        if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
            self.bad(key, "is not a number")
            return None
        return number

    def whole(self, key: str) -> int | None:
        """A whole number from 0 to _LARGEST_COUNT."""
        value = self.number(key)
        if value is None:
            return None
        if not 0 <= value <= _LARGEST_COUNT or value != value.to_integral_value():
            self.bad(key, "is not a count")
            return None
        return int(value)

    def texts(self, key: str) -> list[str] | None:
        """A list of texts; an empty list is absent."""
        value = self.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.bad(key, "is not a list of texts")
            return None
        return value or None

    def day(self, key: str) -> str | None:
        """An ISO date of full precision, as text."""
        value = self.text(key)
        if value is not None and (len(value) != 10 or full_date(value) is None):
            self.bad(key, "is not a day")
            return None
        return value

    def announced(self, key: str) -> str | None:
        """An announced day, as exactly as it is written (`domain.dates.announced`)."""
        value = self.text(key)
        if value is not None and announced(value) is None:
            self.bad(key, "is not an announced day")
            return None
        return value

    def partial(self, key: str) -> str | None:
        """A date as precise as it is written."""
        value = self.text(key)
        if value is not None and partial_date(value) is None:
            self.bad(key, "is not a date")
            return None
        return value

    def row(self, key: str) -> Row | None:
        """The object in this field."""
        value = self.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.bad(key, "is not an object")
            return None
        return Row(value, self.at(key), self.named(key), self._report)

    def rows(self, key: str) -> Iterator[Row]:
        """The objects in the list in this field."""
        value = self.get(key)
        if value is None:
            return
        if not isinstance(value, list):
            self.bad(key, "is not a list")
            return
        for index, item in enumerate(value):
            if isinstance(item, dict):
                yield Row(item, f"{self.at(key)}/{index}", f"{self.named(key)}.*", self._report)
            else:
                self.bad(key, "holds something that is not an object")

    def members(self, key: str | None = None) -> Iterator[tuple[str, Row]]:
        """The objects in this object (or in that of the field), by name."""
        holder = self if key is None else self.row(key)
        if holder is None:
            return
        for name in holder.data:
            value = holder.get(name)
            if isinstance(value, dict):
                yield name, Row(value, holder.at(name), holder.named("*"), self._report)
            elif value is not None:
                holder.bad("*", "is not an object")

    def unread(self, *keys: str) -> None:
        """Fields that we know and have no place for: counted as `unread-field` where they hold something."""
        for key in keys:
            if self.get(key) not in (None, "", [], {}):
                self._report.count("unread-field", self.named(key), self.at(key))

    def close(self) -> None:
        """Reports each field that was not read as `unknown-field`."""
        for key in self.data.keys() - self._read:
            self._report.count("unknown-field", self.named(key), self.at(key))


def top_row(body: bytes, report: Report, what: str) -> Row:
    """The document as a Row. Raises BrokenDocument unless it is a JSON object."""
    data = read_json(body, report)
    if not isinstance(data, dict):
        raise BrokenDocument(f"{what}: the document is not a JSON object")
    return Row(data, "", "", report)


class Saying:
    """The statements of one subject while its row is read. An absent value makes no statement."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.said: list[Said] = []
        self._fields: set[str] = set()

    def __contains__(self, field: str) -> bool:
        return field in self._fields

    def __call__(
        self,
        field: str,
        value: Value | None,
        locator: str,
        *,
        valid_from: date | None = None,
        observed_from: date | None = None,
        valid_to: date | None = None,
        url: str | None = None,
        as_written: str | None = None,
    ) -> None:
        if value is not None:
            self._fields.add(field)
            self.said.append(
                Said(
                    field,
                    value,
                    locator,
                    valid_from=valid_from,
                    url=url,
                    as_written=as_written,
                    observed_from=observed_from,
                    valid_to=valid_to,
                )
            )
