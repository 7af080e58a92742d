"""The schema as text, with what a field costs written beside it, so that a client can reckon an operation before it sends it.

The directives are those of the GraphQL cost specification by IBM; they stand in the text only, as nobody sends them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    lexicographic_sort_schema,
    parse,
    print_schema,
)

from domain.workload import MAX_CLASSES
from schema.comparison import MOST as MOST_COMPARED
from schema.nodes import MOST_IDS
from schema.paging import USUAL
from schema.points import Around, is_paged, list_length
from schema.query import schema
from schema.weights import CLASSES_AT_ONCE, FACTS_A_CELL, OF_ALL_MODELS, ON_COSTS, WEIGHTS, WORKS, Work

_SHARED = ", ".join(f"{work} {work.points(1)}" for work in Work if work not in (Work.FRICTIONS, Work.LENS))
_FACTS = ", ".join(f"{name} {facts}" for name, facts in FACTS_A_CELL.items())
_DIRECTIVES = f'''
"""
The points that a field costs itself. Every object of an answer costs one point besides, a list as many as it may have. Fields of
{", ".join(sorted(OF_ALL_MODELS))} cost their weight for each model or route that is compared. What is asked through a
lens costs {Work.LENS.points(1)} points more for each model. A month of more than {CLASSES_AT_ONCE} request classes costs more: for every
{CLASSES_AT_ONCE} of them, rounded up, the weight of these fields is counted once: {", ".join(sorted(ON_COSTS))}.
"""
directive @cost(weight: String!) on FIELD_DEFINITION

"""
What a field below a comparison rests on. It is found out once for each comparison and costs, for each model: {_SHARED};
for each ordered pair of models: FRICTIONS {Work.FRICTIONS.points(2) // 2}. COSTS are counted once for every {CLASSES_AT_ONCE} request classes of the
month, rounded up.
"""
directive @restsOn(works: [String!]!) on FIELD_DEFINITION

"""
How many objects a list may have: what is asked for by one of `slicingArguments`, else `assumedSize`. Of a connection the lists named
in `sizedFields` have so many. Cell.used has another size below these: {_FACTS}.
"""
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
'''


_MOST = Around(MOST_COMPARED, USUAL, MAX_CLASSES)
"""Lists are as long as they are in the largest comparison, of the largest month."""


@cache
def sdl() -> str:
    """The schema as text, sorted, as it is published and served."""
    text = print_schema(lexicographic_sort_schema(schema._schema)) + "\n" + _DIRECTIVES
    for end, written in sorted(_applied(text), reverse=True):
        text = text[:end] + written + text[end:]
    return text


def _applied(text: str) -> Iterator[tuple[int, str]]:
    """Where in the text a directive is to stand, and how it is written."""
    for node in parse(text).definitions:
        if not isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            continue
        kind = schema._schema.get_type(node.name.value)
        assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        for field in node.fields or ():
            if written := "".join(_directives(kind, field.name.value)):
                after = field.directives[-1] if field.directives else field.type
                assert after.loc is not None
                yield after.loc.end, written


def _directives(kind: GraphQLObjectType | GraphQLInterfaceType, name: str) -> Iterator[str]:
    if (weight := WEIGHTS.get(f"{kind.name}.{name}")) is not None:
        yield f' @cost(weight: "{weight}")'
    if (works := WORKS.get(f"{kind.name}.{name}")) is not None:
        yield f" @restsOn(works: {json.dumps(works)})"
    if (size := list_size(kind, name)) is not None:
        yield f" @listSize({', '.join(f'{key}: {json.dumps(value)}' for key, value in size.items())})"


def list_size(kind: GraphQLObjectType | GraphQLInterfaceType, name: str) -> Mapping[str, Any] | None:
    """What @listSize says of a field; None where it is no list of objects, or one that a connection sizes."""
    definition = kind.fields[name]
    below = get_named_type(definition.type)
    if not is_composite_type(below) or is_paged(kind.name):
        return None
    if is_paged(below.name):
        sliced = _sliced(*(each for each in ("first", "last") if each in definition.args))
        return {"assumedSize": USUAL, **sliced, "sizedFields": _lists(below)}
    if not isinstance(get_nullable_type(definition.type), GraphQLList):
        return None
    usual = {key: each.default_value for key, each in definition.args.items() if each.default_value is not Undefined}
    if "ids" in definition.args:
        usual["ids"] = [None] * MOST_IDS
    size: Mapping[str, Any] = {"assumedSize": list_length(definition, kind.name, name, usual, _MOST)}
    # Of these each model of a comparison has so many.
    slicing = [each for each in ("first", "points") if each in usual and name not in ("continueComparing", "curves")]
    return {**size, **(_sliced(*slicing) if slicing else {})}


def _lists(kind: Any) -> list[str]:
    return sorted(name for name, each in kind.fields.items() if isinstance(get_nullable_type(each.type), GraphQLList))


def _sliced(*arguments: str) -> Mapping[str, Any]:
    return {"slicingArguments": list(arguments), "requireOneSlicingArgument": False}
