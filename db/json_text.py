"""JSON that PostgreSQL writes as text: a field, an object of fields, a list of objects, put together with `||`.

That is null as soon as a part is, so an answer in which something is null that must not be is null as a whole; only an item of a list would
be left out, and what may not be null there has a column that is never null. Values of a caller are
parameters; what stands in the text are names of our own tables and columns, and keys, which GraphQL allows no letter that could end them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from db.reader import SqlText


class Unknown(NotImplementedError):
    """Something that no line here tells how to write."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of an answer: its key there, the name of the fact, whether it may be null, what is selected of its objects, and the
    place of what it is asked among all that is asked. Of `TYPENAME` that is the text to show."""

    key: str
    name: str
    optional: bool = False
    below: tuple[Shown, ...] = ()
    asked: Any = None


TYPENAME = "__typename"


class Sql(NamedTuple):
    """An expression whose value is a text."""

    text: str


Parts: TypeAlias = list[str | Sql]
"""A text in pieces, of which those that are no expression are known beforehand."""
Asked: TypeAlias = Sequence[Any]


@dataclass(slots=True)
class Making:
    """A statement while it is put together: what is asked, its parameters by their numbers, with the values that are known, and how many
    rows have a name."""

    asked: Asked
    parameters: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    rows: int = 0

    def name(self) -> str:
        """A name for another row."""
        self.rows += 1
        return f"r{self.rows}"

    def parameter(self, name: str, kind: str) -> str:
        """A value that is given with each request, of a kind of PostgreSQL."""
        if name not in self.parameters:
            self.parameters.append(name)
        return f"${self.parameters.index(name) + 1}::{kind}"

    def placed(self, sql: SqlText) -> str:
        """A statement of SQLAlchemy as part of this one, its parameters numbered on."""
        start = len(self.parameters)
        for nth, name in enumerate(sql.names):
            self.parameters.append(f"{start + nth}_{name}")
            self.values[self.parameters[-1]] = sql.values[name]
        return re.sub(r"\$(\d+)", lambda found: f"${start + int(found[1])}", sql.text)


@dataclass(slots=True)
class Rows:
    """Where the objects of a list come from: rows, in an order, with what is joined to them when that is selected."""

    source: str
    where: str = "true"
    order: str = ""

    def selected(self, columns: str) -> str:
        """All rows."""
        order = f" order by {self.order}" if self.order else ""
        return f"select {columns} from {self.source} where {self.where}{order}"


@dataclass(frozen=True, slots=True)
class Row:
    """A row whose fields are written, by its name in the statement; `within` is what its neighbours are joined to."""

    making: Making
    kind: str
    name: str
    within: Rows

    def __getitem__(self, column: str) -> str:
        """A column."""
        return f'{self.name}."{column}"'

    def asked(self, shown: Shown) -> Any:
        """What a field is asked."""
        return self.making.asked[shown.asked]


Write: TypeAlias = "Callable[[Row, Shown], Parts]"
"""How a field of a row is written."""


def text_of(parts: Parts) -> str:
    """As one expression, with neighbouring constants in one."""
    joined: list[str | Sql] = []
    for part in parts:
        if joined and isinstance(part, str) and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return " || ".join(part.text if isinstance(part, Sql) else f"'{part}'" for part in joined)


def or_else(value: str, otherwise: str) -> Sql:
    """A text, or another one where it is null."""
    return Sql(f"coalesce({value}, '{otherwise}')")


def or_null(parts: Parts, shown: Shown) -> Parts:
    """A text, or JSON's null where it is null and may be."""
    return [or_else(text_of(parts), "null")] if shown.optional else parts


def object_of(below: Sequence[Shown], value: Callable[[Shown], Parts]) -> Parts:
    """An object; `value` writes its fields."""
    parts: Parts = []
    for each in below:
        if not (each.key.isascii() and each.key.isidentifier()):  # it stands in the statement as it is
            raise Unknown(each.key)
        shown: Parts = [f'"{each.asked}"'] if each.name == TYPENAME else value(each)
        parts += ["," if parts else "{", f'"{each.key}":', *shown]
    return [*parts, "}"]


def list_of(rows: Rows, item: Parts) -> Parts:
    """What is aggregated stands in the order of the subquery that it comes from, as nothing is joined to that."""
    return ["[", or_else(f"(select string_agg(item, ',') from ({rows.selected(text_of(item))}) i(item))", ""), "]"]


def base64_of(parts: Parts) -> Sql:
    """As base64 for addresses without padding; PostgreSQL breaks its lines."""
    return Sql(f"translate(encode(convert_to({text_of(parts)}, 'UTF8'), 'base64'), E'+/=\\n', '-_')")
