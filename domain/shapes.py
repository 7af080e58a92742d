"""What each API shape calls the parameters of a request: a table of cells with a reference each, and what differs between
two shapes.

A concept without a cell is unknown, and never becomes an absence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from domain.facts import ApiShape
from domain.rules import Rule
from domain.wording import in_words


class Concept(StrEnum):
    """What a parameter is for, in the order in which the table lists them."""

    MAX_OUTPUT = "MAX_OUTPUT"
    SYSTEM_PROMPT = "SYSTEM_PROMPT"
    STOP = "STOP"
    TEMPERATURE = "TEMPERATURE"
    TOP_P = "TOP_P"
    TOP_K = "TOP_K"
    TOOLS = "TOOLS"
    TOOL_CHOICE = "TOOL_CHOICE"
    STRUCTURED_OUTPUT = "STRUCTURED_OUTPUT"
    REASONING = "REASONING"
    STREAMING = "STREAMING"
    SEED = "SEED"
    PROMPT_CACHE = "PROMPT_CACHE"
    IMAGES = "IMAGES"


class ValueKind(StrEnum):
    """What kind of value a parameter takes: a value goes from one parameter to another only where both take the same kind."""

    TOKENS = "TOKENS"
    NUMBER = "NUMBER"
    FLAG = "FLAG"
    CHOICE = "CHOICE"
    TEXT = "TEXT"
    TEXTS = "TEXTS"
    SCHEMA = "SCHEMA"
    OBJECT = "OBJECT"
    RESOURCE = "RESOURCE"
    METHOD = "METHOD"
    UNKNOWN = "UNKNOWN"


_LISTED = frozenset({ValueKind.CHOICE, ValueKind.OBJECT})
"""Kinds of which two are the same only where it is known which words or which fields they take."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A document that somebody opened: where, on which day, and what it says in its own words."""

    url: str
    read: date
    as_written: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One cell. `name` is the path in the request body, None where the document says that there is none; `takes` is the kind
    of its value; `values` are the words of a choice, the forms of an object, the range of a number or the most texts of a
    list, empty where none was found. `unless` says under which setting there is one all the same. `assumed`: the document is of
    another company than the one whose API is meant. `beside` are further parameters for the same thing: one that switches it
    on and one that says how much of it."""

    concept: Concept
    name: str | None
    values: tuple[str, ...]
    reference: Reference
    unless: str | None = None
    assumed: bool = False
    takes: ValueKind = ValueKind.UNKNOWN
    beside: tuple[Parameter, ...] = ()

    @property
    def all(self) -> tuple[Parameter, ...]:
        """Itself and what is beside it."""
        return (self, *self.beside)


Cells: TypeAlias = Mapping[Concept, Parameter]


@dataclass(frozen=True, slots=True)
class Shapes:
    """The cells of each shape, those in which a company that speaks a shape is known to differ from it, those in which a
    model (by slug) is, and those in which a model is at one company (`at`). `makers` are the companies whose documents the cells of a
    shape are. Of a concept that is in `only_named`, documents list the models that take it: it is unknown of every other model."""

    cells: Mapping[ApiShape, Cells]
    dialects: Mapping[tuple[str, ApiShape], Cells] = field(default_factory=dict)
    models: Mapping[tuple[str, ApiShape], Cells] = field(default_factory=dict)
    at: Mapping[tuple[str, str, ApiShape], Cells] = field(default_factory=dict)
    makers: Mapping[ApiShape, str] = field(default_factory=dict)
    only_named: Mapping[ApiShape, frozenset[Concept]] = field(default_factory=dict)

    def settings(self, shape: ApiShape, model: str | None) -> frozenset[str]:
        """Under which settings a model takes what it refuses otherwise: whoever sends that has made them."""
        return frozenset(cell.unless for cell in self._of_model(model, shape).values() if cell.unless)

    def _of_model(self, model: str | None, shape: ApiShape) -> Cells:
        """What documents say of a model in a shape, and what it refuses in others: what a model cannot take, it cannot under any name."""
        found: dict[Concept, Parameter] = {}
        for other in self.cells:
            cells = self.models.get((model or "", other), {})
            found |= {concept: cell for concept, cell in cells.items() if cell.name is None}
        return {**found, **self.models.get((model or "", shape), {})}

    def refused(self, company: str, shape: ApiShape, model: str | None) -> frozenset[Concept]:
        """For which things a document says that a model takes no parameter on the API of a company."""
        of_model = {**self._of_model(model, shape), **self.at.get((company, model or "", shape), {})}
        return frozenset(concept for concept, cell in of_model.items() if cell.name is None)

    def of(self, company: str, shape: ApiShape, model: str | None = None, *, made: Collection[str] = ()) -> Cells:
        """What a company calls the parameters of a shape that it speaks, for a model: of its own word on the model, its own word,
        the word on the model and the word on the shape, the first that there is; what a model refuses in one shape it refuses in each. What is written by another company is assumed of
        it, but not that there is no parameter: who speaks a shape may add one. What one of the settings undoes that are `made` is
        left out."""
        foreign = self.makers.get(shape, company) != company
        found = {concept: cell for concept, cell in self.cells.get(shape, {}).items() if cell.name or not foreign}
        written = self._of_model(model, shape)
        of_model = {
            concept: cell for concept, cell in written.items() if cell.unless is None or cell.unless not in made
        }
        found |= of_model
        for concept in self.only_named.get(shape, frozenset()) - of_model.keys():
            found.pop(concept, None)
        if foreign:
            found = {concept: replace(cell, assumed=True) for concept, cell in found.items()}
        own = self.dialects.get((company, shape), {})
        return {**found, **own, **self.at.get((company, model or "", shape), {})}


class ChangeOfParameter(StrEnum):
    """What becomes of a parameter between two shapes. Each concept differs in one way at most."""

    KEPT = "KEPT"
    REMOVED = "REMOVED"
    RENAMED = "RENAMED"
    VALUES = "VALUES"
    GAINED = "GAINED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """One concept on both sides; None is a cell that nobody filled."""

    concept: Concept
    change: ChangeOfParameter
    before: Parameter | None
    after: Parameter | None

    @property
    def assumed(self) -> bool:
        """Whether it rests on the documents of a company for the API of another one, which may differ."""
        return any(each.assumed for each in (self.before, self.after) if each is not None)

    @property
    def references(self) -> tuple[Reference, ...]:
        """The documents behind it."""
        sides = (each.all for each in (self.before, self.after) if each is not None)
        return tuple(each.reference for side in sides for each in side)


def parameter_changes(before: Cells, after: Cells) -> tuple[ParameterChange, ...]:
    """Concept by concept: removed where the source names a parameter and a document says that the target has none; gained
    the other way round. Where both name one and it takes another kind of value (a number of tokens, one of a list, an object,
    the name of something), or both list their values and the lists differ, it is of other values; else renamed where the names
    differ, and kept where they are the same. Where a side has several parameters for one thing, they are compared together.
    Unknown, never removed or gained, where one side names a parameter and the other's cell is empty; unknown too, unless both
    say the same in the same words, where the kind of a side is not known, or the list of a choice or the form of an object."""
    found = ((concept, before.get(concept), after.get(concept)) for concept in Concept)
    return tuple(
        ParameterChange(concept, change, ours, theirs)
        for concept, ours, theirs in found
        if (change := _change(ours, theirs)) is not None
    )


def _change(before: Parameter | None, after: Parameter | None) -> ChangeOfParameter | None:
    if after is None or before is None:
        there = before or after
        return ChangeOfParameter.UNKNOWN if there is not None and there.name is not None else None
    if after.name is None:
        return None if before.name is None else ChangeOfParameter.REMOVED
    if before.name is None:
        return ChangeOfParameter.GAINED
    if replace(before, assumed=after.assumed) == after:
        return ChangeOfParameter.KEPT
    if before.beside or after.beside:
        return _together(before.all, after.all)
    if ValueKind.UNKNOWN in (before.takes, after.takes):
        return ChangeOfParameter.UNKNOWN
    if before.takes is not after.takes:
        return ChangeOfParameter.VALUES
    if before.takes in _LISTED and not (before.values and after.values):
        return ChangeOfParameter.UNKNOWN
    if before.values and after.values and set(before.values) != set(after.values):
        return ChangeOfParameter.VALUES
    return ChangeOfParameter.KEPT if before.name == after.name else ChangeOfParameter.RENAMED


def _together(before: Sequence[Parameter], after: Sequence[Parameter]) -> ChangeOfParameter:
    """What becomes of several parameters for one thing: they stay only where each of them does."""
    if any(each.takes in _LISTED and not each.values for each in (*before, *after)):
        return ChangeOfParameter.UNKNOWN
    ours, theirs = ({each.name: (each.takes, frozenset(each.values)) for each in side} for side in (before, after))
    return ChangeOfParameter.KEPT if ours == theirs else ChangeOfParameter.VALUES


_CELL = frozenset({"name", "takes", "values", "unless", "document", "as_written"})
_TABLES = frozenset({"document", "maker", "provider", "models"})


def shapes_of(table: Mapping[str, Any]) -> Shapes:
    """The table as it is written: `[document.<id>]` {url, read} and, for each shape, `CONCEPT = {name, takes, values, document,
    as_written}`, or a list of such where there are several; the same under `[provider.<company>.<shape>]` and `[[models.<shape>]]`, which has the slugs of models in `of` and, where it
    is of one company's API only, that company in `at`.
    `[maker]` names the company behind each shape. The file is ours, so anything unknown in it is an error: raises ValueError."""
    documents = table.get("document", {})
    for id_, document in documents.items():
        if document.keys() != {"url", "read"} or type(document["read"]) is not date:
            raise ValueError(f"document.{id_}: has url and read")
        if not document["url"].startswith("https://"):
            raise ValueError(f"document.{id_}: not an https address")
    used: set[str] = set()

    def shape_of(key: str, place: str) -> ApiShape:
        if key not in ApiShape.__members__ or key in ("OTHER", "UNKNOWN"):
            raise ValueError(f"{place}: no API shape")
        return ApiShape(key)

    def cells(key: str, place: str, table: Mapping[str, Any]) -> tuple[ApiShape, Cells]:
        shape = shape_of(key, place)
        found: dict[Concept, Parameter] = {}
        for name, cell in table.items():
            parts = cell if isinstance(cell, list) else [cell]
            first, *others = (_parameter(place, name, part, documents) for part in parts)
            if others and not all(each.name for each in (first, *others)):
                raise ValueError(f"{place}.{name}: of several each has a name")
            found[first.concept] = replace(first, beside=tuple(others))
            used.update(part["document"] for part in parts)
        return shape, MappingProxyType(found)

    shapes = dict(cells(key, key, one) for key, one in table.items() if key not in _TABLES)
    dialects = {}
    for slug, spoken in table.get("provider", {}).items():
        for key, one in spoken.items():
            shape, found = cells(key, f"provider.{slug}.{key}", one)
            dialects[slug, shape] = found
    models: dict[tuple[str, ApiShape], Cells] = {}
    at: dict[tuple[str, str, ApiShape], Cells] = {}
    only_named: dict[ApiShape, frozenset[Concept]] = {}
    for key, parts in table.get("models", {}).items():
        for part in parts:
            shape, found = cells(key, f"models.{key}", {name: cell for name, cell in part.items() if name not in _PART})
            for slug in part["of"]:
                before = models.get((slug, shape), {}) if "at" not in part else at.get((part["at"], slug, shape), {})
                if before.keys() & found.keys():
                    raise ValueError(f"models.{key}: {slug} twice")
                if "at" in part:
                    at[part["at"], slug, shape] = MappingProxyType({**before, **found})
                else:
                    models[slug, shape] = MappingProxyType({**before, **found})
            if part.get("no_others", False):
                only_named[shape] = only_named.get(shape, frozenset()) | found.keys()
    makers = {shape_of(key, "maker"): company for key, company in table.get("maker", {}).items()}
    if unused := sorted(documents.keys() - used):
        raise ValueError(f"document.{unused[0]}: no cell rests on it")
    return Shapes(
        MappingProxyType(shapes),
        MappingProxyType(dialects),
        MappingProxyType(models),
        MappingProxyType(at),
        MappingProxyType(makers),
        MappingProxyType(only_named),
    )


_PART = frozenset({"of", "at", "no_others"})


def _parameter(shape: str, name: str, cell: Mapping[str, Any], documents: Mapping[str, Any]) -> Parameter:
    place = f"{shape}.{name}"
    if name not in Concept.__members__:
        raise ValueError(f"{place}: no concept")
    if unknown := sorted(cell.keys() - _CELL):
        raise ValueError(f"{place}: unknown key {unknown[0]}")
    if not cell.get("as_written") or cell.get("document") not in documents:
        raise ValueError(f"{place}: needs a document and what it says")
    if (cell.get("values") or cell.get("takes")) and not cell.get("name"):
        raise ValueError(f"{place}: values without a name")
    takes = cell.get("takes", ValueKind.UNKNOWN)
    if takes not in ValueKind.__members__:
        raise ValueError(f"{place}: no kind of value")
    if cell.get("unless") and cell.get("name"):
        raise ValueError(f"{place}: unless is of what has no name")
    document = documents[cell["document"]]
    reference = Reference(document["url"], document["read"], cell["as_written"])
    return Parameter(
        Concept(name),
        cell.get("name"),
        tuple(cell.get("values", ())),
        reference,
        unless=cell.get("unless"),
        takes=ValueKind(takes),
    )


RULES: tuple[Rule, ...] = (
    Rule("plan.parameters", "Parameters of a request", in_words(parameter_changes), "docs/methodology.md#switch-plan"),
)
