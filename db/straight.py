"""Answers of plain facts in one statement: PostgreSQL writes the JSON of what was selected, and nothing is made of its rows here.

A field that is a column of its table needs no word here; every other one is a line of `_KINDS`. What is not there is refused with
`Unknown`. The SQL is written out as text: what SQLAlchemy makes of two hundred fields takes it longer than a new document may cost.
Only pages of lists with their conditions are its, as they are for the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, Date, Integer, Numeric, Select, Text
from sqlalchemy.dialects.postgresql import ARRAY

from db.json_text import (
    Asked,
    Making,
    Parts,
    Row,
    Rows,
    Shown,
    Sql,
    Unknown,
    Write,
    base64_of,
    list_of,
    object_of,
    or_else,
    or_null,
    text_of,
)
from db.lists import count_of, page_of
from db.reader import ANSWERING, SqlText, written
from db.tables import (
    BenchmarkResultRow,
    BenchmarkRow,
    CatalogRevisionRow,
    LabRow,
    LicenseRow,
    ModelRow,
    PriceRow,
    ProviderRow,
    RouteRow,
)
from domain.facts import PriceMode


def _leaf(row: Row, column: str, shown: Shown) -> Parts:
    """A column as JSON, exactly as the scalars of the schema show it."""
    table = _KINDS[row.kind].table
    if table is None or column not in table.c or shown.below:
        raise Unknown(f"{row.kind}.{shown.name}")
    parts: Parts
    match table.c[column].type:
        case Boolean() | Integer():
            parts = [Sql(f"{row[column]}::text")]
        case Numeric():
            parts = ['"', Sql(f"trim_scale({row[column]})::text"), '"']
        case Text() | Date():
            parts = [Sql(f"to_json({row[column]})::text")]
        case ARRAY():
            parts = [Sql(f"array_to_json({row[column]})::text")]
        case _:
            raise Unknown(f"{row.kind}.{shown.name}")
    return or_null(parts, shown)


def _fact(row: Row, below: Sequence[Shown]) -> Parts:
    """The object of a row."""

    def value(shown: Shown) -> Parts:
        write = _KINDS[row.kind].more.get(shown.name)
        return _leaf(row, shown.name, shown) if write is None else write(row, shown)

    return object_of(below, value)


def _called(column: str) -> Write:
    """A column of another name."""
    return lambda row, shown: _leaf(row, column, shown)


def _id(column: str) -> Write:
    """The opaque id of a thing through no lens."""
    return lambda row, _: ['"', base64_of([f"{row.kind}:", Sql(row[column])]), '"']


def _one(kind: str, column: str) -> Write:
    """The neighbour whose number is in a column."""

    def write(row: Row, shown: Shown) -> Parts:
        other = Row(row.making, kind, row.making.name(), row.within)
        join = "left join" if shown.optional else "join"
        row.within.source += f" {join} {_KINDS[kind].table} {other.name} on {other['id']} = {row[column]}"
        made = _fact(other, shown.below)
        if not shown.optional:
            return made
        return [Sql(f"case when {other['id']} is null then 'null' else {text_of(made)} end")]

    return write


_MODES = ", ".join(f"'{mode}'" for mode in PriceMode)


def _sheets(ever: bool) -> Write:
    """The price sheets of a route, those of today or all."""

    def write(row: Row, shown: Shown) -> Parts:
        making, name = row.making, row.making.name()
        rows = Rows(f"price {name}", f"{name}.route_id = {row['id']}")
        if not ever:
            day = making.parameter("day", "date")
            rows.where += f" and ({name}.valid_from is null or {name}.valid_from <= {day})"
            rows.where += f" and ({name}.valid_to is null or {name}.valid_to > {day})"
        rows.order = f"array_position(array[{_MODES}], {name}.mode), {name}.above, {name}.id"
        return list_of(rows, _fact(Row(making, "Price", name, rows), shown.below))

    return write


def _results(row: Row, shown: Shown) -> Parts:
    name, benchmark = row.making.name(), row.making.name()
    source = f"benchmark_result {name} join benchmark {benchmark} on {benchmark}.id = {name}.benchmark_id"
    rows = Rows(source, f"{name}.model_id = {row['id']}", f"{benchmark}.slug, {name}.id")
    return list_of(rows, _fact(Row(row.making, "BenchmarkResult", name, rows), shown.below))


def _capabilities(row: Row, shown: Shown) -> Parts:
    """What is stored is complete by rule `capability.from-modalities`, so that nothing has to be decided."""
    name, kinds = row.making.name(), ", ".join(f"'{kind}'" for kind in row.asked(shown))
    values = {
        "kind": f"{name}.kind",
        "presence": f"case when {name}.kind = any({row['capabilities_yes']}) then 'YES' "
        f"when {name}.kind = any({row['capabilities_no']}) then 'NO' else 'UNKNOWN' end",
    }

    def value(each: Shown) -> Parts:
        if each.name not in values:
            raise Unknown(f"Capability.{each.name}")
        return ['"', Sql(values[each.name]), '"']

    source = f"unnest(array[{kinds}]::text[]) with ordinality {name}(kind, nth)"
    return list_of(Rows(source, order=f"{name}.nth"), object_of(shown.below, value))


@dataclass(frozen=True, slots=True)
class _Listing:
    """A page of a list: its rows, and one more where `_says_more`, in the order in which they are shown, each with its key and its place;
    `bounded`: the caller stands inside of the list, with something before the page or, `backward`, after it."""

    order: str
    row: Row
    key: str
    place: str
    size: int
    count: str
    backward: bool = False
    bounded: bool = False


def _says_more(shown: Shown) -> bool:
    """Whether a row more than the page has to be read, as something is said of what is around it."""
    return any(each.name == "page_info" for each in shown.below)


def _connection(listing: _Listing, shown: Shown) -> Parts:
    """A page with what is selected of it."""
    row, size = listing.row, listing.size
    key = Sql(f"to_json({listing.key})::text")
    cursor = base64_of([f'["{listing.order}", ', key, ', "', Sql(f"{row['id']}::text"), '"]'])

    def edge(each: Shown) -> Parts:
        match each.name:
            case "node":
                return _fact(row, each.below)
            case "cursor":
                return ['"', cursor, '"']
        raise Unknown(each.name)

    items = {
        each.key: text_of(_fact(row, each.below) if each.name == "nodes" else object_of(each.below, edge))
        for each in shown.below
        if each.name in ("nodes", "edges")
    }
    places = {key: f"item_{nth}" for nth, key in enumerate(items)}
    columns = [f"{items[key]} as {name}" for key, name in places.items()]
    about = _says_more(shown)
    if about:
        columns += [f"{cursor.text} as cursor", f"{listing.place} as place"]
    of_page = f" filter (where place <= {size})" if about else ""
    more, before = Sql(f"coalesce(bool_or(place > {size}), false)::text"), "true" if listing.bounded else "false"

    def place(each: Shown) -> Parts:
        match each.name:
            case "has_next_page":
                return [before if listing.backward else more]
            case "has_previous_page":
                return [more if listing.backward else before]
            case "start_cursor" | "end_cursor":
                nth = 1 if each.name == "start_cursor" else -1
                return or_null(['"', Sql(f"split_part(string_agg(cursor, ' '){of_page}, ' ', {nth})"), '"'], each)
        raise Unknown(each.name)

    def value(each: Shown) -> Parts:
        match each.name:
            case "nodes" | "edges":
                return ["[", or_else(f"string_agg({places[each.key]}, ','){of_page}", ""), "]"]
            case "page_info":
                return object_of(each.below, place)
            case "total_count":
                return [Sql(f"({listing.count})::text")]
        raise Unknown(each.name)

    whole = object_of(shown.below, value)
    if not columns:
        return whole
    page = f"{row.within.selected(', '.join(columns))} limit {size + about}"
    # Of a page with nothing of its rows in it there is one, too, as `having` makes one group of them.
    return [Sql(f"(select {text_of(whole)} from ({page}) page having true)")]


def _front(order: str, row: Row, size: int) -> _Listing:
    """The beginning of a list that has one order."""
    rows = row.within
    count = f"select count(*) from {rows.source} where {rows.where}"
    return _Listing(order, row, "''::text", f"row_number() over (order by {rows.order})", size, count)


def _routes(row: Row, shown: Shown) -> Parts:
    """The first routes of a model, the cheapest output first; what is asked is whether they are live, and how many."""
    (live, size), name = row.asked(shown), row.making.name()
    rows = Rows(f"route {name}", f"{name}.model_id = {row['id']}", f"{name}.output_mtok nulls last, {name}.id")
    if live is not None:
        rows.where += f" and {name}.live = {'true' if live else 'false'}"
    return _connection(_front("ROUTES", Row(row.making, "Route", name, rows), size), shown)


def _named(kind: str) -> Write:
    """A list by name that is short enough to be read whole; what is asked is how many."""

    def write(row: Row, shown: Shown) -> Parts:
        name = row.making.name()
        rows = Rows(f"{_KINDS[kind].table} {name}", order=f"lower({name}.name), {name}.id")
        return _connection(_front("NAME", Row(row.making, kind, name, rows), row.asked(shown)), shown)

    return write


# As in the usual way, these are kept by what was asked.
@lru_cache(maxsize=256)
def _kept(made: Callable[..., Select[Any]], *asked: Any) -> SqlText:
    return written(made(*asked))


def _paged(kind: str) -> Write:
    """A page of a list that grows, below a lab or provider where it is of one; what is asked is its query."""

    def write(row: Row, shown: Shown) -> Parts:
        making, name, query = row.making, row.making.name(), row.asked(shown)
        slug = None if getattr(query, "of", None) is None else row["slug"]
        window = query.window
        rows = Rows("", order=f"{name}.place{' desc' if window.backward else ''}")
        if any(each.name in ("nodes", "edges", "page_info") for each in shown.below):
            size = window.size + _says_more(shown)
            rows.source = f"({making.placed(_kept(page_of, query, slug, size))}) {name}"
        counted = any(each.name == "total_count" for each in shown.below)
        count = making.placed(_kept(count_of, query, slug)) if counted else ""
        bounded = (window.before if window.backward else window.after) is not None
        own = Row(making, kind, name, rows)
        of_page = (f"{name}.sort_key", f"{name}.place", window.size, count, window.backward, bounded)
        return _connection(_Listing(query.order, own, *of_page), shown)

    return write


def value_of(asked: int) -> str:
    """Under which name a statement is given the name of the one thing that a field is asked for."""
    return f"name_{asked}"


def _single(kind: str, named: str) -> Write:
    """The one thing that has a name; null where there is none. `named` is the condition for a row and the name."""

    def write(row: Row, shown: Shown) -> Parts:
        name, given = row.making.name(), row.making.parameter(value_of(shown.asked), "text")
        rows = Rows(f"{_KINDS[kind].table} {name}", named.format(row=name, name=given))
        return [Sql(f"({rows.selected(text_of(_fact(Row(row.making, kind, name, rows), shown.below)))})")]

    return write


def _newest_revision(row: Row, shown: Shown) -> Parts:
    name = row.making.name()
    rows = Rows(f"catalog_revision {name}", f"{name}.id = (select max(id) from catalog_revision)")
    made = _fact(Row(row.making, "CatalogRevision", name, rows), shown.below)
    return [Sql(f"coalesce(({rows.selected(text_of(made))}), 'null')")]  # before the first ingest


_BY_REF = """{row}.id = coalesce((select id from model where slug = {name}), (select case when count(*) = 1 then min(model_id) end
  from alias where key = {name} and rank = (select min(rank) from alias where key = {name})))"""
"""As `reads.the_one` has it: a slug is its own model, else the best alias, if that is one model's alone."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of thing: its table, and how fields are written that are no columns of that."""

    table: Any
    more: Mapping[str, Write]


_KINDS: Mapping[str, _Kind] = {
    "Query": _Kind(
        None,
        {
            "catalog": _newest_revision,
            "model": _single("Model", _BY_REF),
            "provider": _single("Provider", "{row}.slug = {name}"),
            "route": _single("Route", "{row}.key = {name}"),
            "models": _paged("Model"),
            "routes": _paged("Route"),
            "providers": _paged("Provider"),
            "labs": _named("Lab"),
            "licenses": _named("License"),
            "benchmarks": _named("Benchmark"),
        },
    ),
    "CatalogRevision": _Kind(CatalogRevisionRow.__table__, {"revision": _called("id")}),
    "Model": _Kind(
        ModelRow.__table__,
        {
            "id": _id("slug"),
            "lab": _one("Lab", "lab_id"),
            "license": _one("License", "license_id"),
            "capabilities": _capabilities,
            "routes": _routes,
            "results": _results,
        },
    ),
    "Lab": _Kind(LabRow.__table__, {"id": _id("slug"), "models": _paged("Model")}),
    "License": _Kind(LicenseRow.__table__, {"id": _id("key")}),
    "Provider": _Kind(ProviderRow.__table__, {"id": _id("slug"), "routes": _paged("Route")}),
    "Route": _Kind(
        RouteRow.__table__,
        {
            "id": _id("key"),
            "provider": _one("Provider", "provider_id"),
            "model": _one("Model", "model_id"),
            "capabilities": _capabilities,
            "prices": _sheets(ever=False),
            "price_history": _sheets(ever=True),
        },
    ),
    "Price": _Kind(PriceRow.__table__, {"source": _called("source_id")}),
    "Benchmark": _Kind(BenchmarkRow.__table__, {"id": _id("slug")}),
    "BenchmarkResult": _Kind(
        BenchmarkResultRow.__table__, {"benchmark": _one("Benchmark", "benchmark_id"), "source": _called("source_id")}
    ),
}


def statement(fields: Sequence[Shown], asked: Asked) -> SqlText:
    """One row: the bytes of the data, null where something is that must not be, or a name is nobody's; and the revision. Raises
    Unknown. Its parameters are `day` and those of `value_of`."""
    making = Making(asked)
    data = text_of(_fact(Row(making, "Query", "", Rows("")), fields))
    return SqlText(f"select convert_to({data}, 'UTF8'), {ANSWERING}", tuple(making.parameters), making.values)
