"""Names of labs, providers, benchmarks and licences in a question: one that nobody has is a slip of the pen, not a list without an item."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from graphql import GraphQLError

from db.named import names
from db.reader import Reader
from domain.wording import listed

_KINDS = {
    "labs": "lab",
    "not_labs": "lab",
    "providers": "provider",
    "not_providers": "provider",
    "benchmarks": "benchmark",
    "licenses": "license",
}
"""Conditions that name something, and of which kind it is."""


_ABOUT = {
    "lab": {"code": "UNKNOWN_LAB"},
    "provider": {"code": "UNKNOWN_PROVIDER"},
    "benchmark": {"code": "UNKNOWN_BENCHMARK"},
    "license": {"code": "UNKNOWN_LICENSE"},
}


def unknown_name(kind: str, name: str, known: Collection[str]) -> GraphQLError:
    """UNKNOWN_LAB, UNKNOWN_PROVIDER, UNKNOWN_BENCHMARK or UNKNOWN_LICENSE, with the names that are spelled alike."""
    alike = get_close_matches(name.casefold(), sorted(known), n=3, cutoff=0.5)
    near = f" Spelled alike: {listed(alike, 'or')}." if alike else ""
    return GraphQLError(
        f"No {kind} is called {name[:80]!r}.{near} `{kind}s` lists them all, each with its {'key' if kind == 'license' else 'slug'}.",
        extensions={**_ABOUT[kind], kind: name[:200], "suggestions": alike},
    )


def _named(query: Any) -> Iterator[tuple[str, str]]:
    """The kind and the name of everything that a query of a client, or what a ranking wants, names."""
    conditions = getattr(query, "wanted", query)
    for condition, kind in _KINDS.items():
        for each in getattr(conditions, condition, ()) or ():
            yield kind, each.benchmark if kind == "benchmark" else each.lower()


def names_something(query: Any) -> bool:
    """Whether a query names a lab, provider, benchmark or licence, which may not be there."""
    return next(_named(query), None) is not None


async def misnamed(reader: Reader, queries: Collection[Any]) -> Mapping[Any, GraphQLError]:
    """The queries that name what is not there, each with its error. Reads nothing where nothing is named, or before anything was
    taken in."""
    named = {query: tuple(_named(query)) for query in queries}
    if not any(named.values()):
        return {}
    reader.alone = False  # a second statement follows
    known = await names(reader)
    return {
        query: unknown_name(kind, name, known[kind])
        for query, said in named.items()
        for kind, name in reversed(said)
        if known[kind] and name not in known[kind]
    }


Asked = Callable[[Reader, Collection[Any], Any], Awaitable[Mapping[Any, Any]]]


def named(read: Asked) -> Asked:
    """A read of queries that refuses those which name what is not there, and answers the others."""

    async def found(reader: Reader, queries: Collection[Any], moment: Any) -> Mapping[Any, Any]:
        wrong = await misnamed(reader, queries)
        right = [query for query in queries if query not in wrong]
        return {**(await read(reader, right, moment) if right else {}), **wrong}

    return found
