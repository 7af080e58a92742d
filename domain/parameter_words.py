"""How a parameter of a request, what it takes, and what becomes of it are said in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from domain.shapes import ChangeOfParameter, Concept, Parameter, ParameterChange, ValueKind
from domain.wording import agree, listed, lowered

_KINDS: Mapping[ValueKind, str] = MappingProxyType(
    {
        ValueKind.TOKENS: "a number of tokens",
        ValueKind.NUMBER: "a number",
        ValueKind.FLAG: "true or false",
        ValueKind.CHOICE: "one of several words, of which no list was found",
        ValueKind.TEXT: "text",
        ValueKind.TEXTS: "a list of texts",
        ValueKind.SCHEMA: "a JSON Schema",
        ValueKind.OBJECT: "an object",
        ValueKind.RESOURCE: "the name of what an earlier request made",
        ValueKind.METHOD: "a method to call",
        ValueKind.UNKNOWN: "not documented",
    }
)


_NAMES: Mapping[Concept, str] = MappingProxyType(
    {Concept.STOP: "stop sequences", Concept.TOP_P: "top-p", Concept.TOP_K: "top-k"}
)


def concept_name(concept: Concept) -> str:
    """What a parameter is for, inside a sentence."""
    return _NAMES.get(concept) or lowered(concept.replace("_", " ").capitalize())


def named(parameter: Parameter | None) -> str:
    """Its name, with that of what is beside it; `none` where a document says that there is none."""
    if parameter is None:
        return "not documented"
    return listed(each.name or "none" for each in parameter.all)


def described(parameter: Parameter) -> str:
    """Its name and what it takes, with what is beside it."""
    return listed(f"{each.name} ({taken(each)})" for each in parameter.all)


def taken(parameter: Parameter) -> str:
    """What it takes: words and forms one by one, a number with its range, else the kind."""
    kind = _KINDS[parameter.takes]
    match parameter.takes:
        case ValueKind.CHOICE | ValueKind.OBJECT if parameter.values:
            return listed(parameter.values, "or")
        case ValueKind.NUMBER | ValueKind.TEXTS if parameter.values:
            return f"{kind}, {', '.join(parameter.values)}"
        case _:
            return kind


def becomes(change: ParameterChange) -> str:
    """What becomes of a parameter, as a clause; where the values differ, what each side takes."""
    before, after = change.before, change.after
    ours, theirs = (() if each is None else each.all for each in (before, after))
    match change.change:
        case ChangeOfParameter.KEPT:
            return f"{named(before)} {agree(ours, 'keeps its name', 'keep their names')} and values"
        case ChangeOfParameter.REMOVED:
            return f"{named(before)} {agree(ours, 'has', 'have')} no counterpart"
        case ChangeOfParameter.UNKNOWN if after is None:
            return f"what becomes of {named(before)} is not documented"
        case ChangeOfParameter.UNKNOWN if before is None and after is not None:
            return f"what {described(after)} {agree(theirs, 'replaces', 'replace')} is not documented"
        case ChangeOfParameter.UNKNOWN:
            values = "the same values" if named(before) == named(after) else f"the values of {named(before)}"
            return f"whether {named(after)} {agree(theirs, 'takes', 'take')} {values} is not documented"
        case ChangeOfParameter.VALUES if before is not None and after is not None:
            return f"{described(before)} {agree(ours, 'becomes', 'become')} {described(after)}"
        case _:
            return f"{named(before)} becomes {named(after)}"
