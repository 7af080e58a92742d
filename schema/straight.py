"""The straight way to an answer: an operation that selects plain facts alone becomes one statement, which gives the bytes of its data.

A selection is looked through once for its document. What is no plain fact, or is not known to `db.straight`, is `Usual`: then the plan
reads and the resolvers compute. So are arguments that only the usual way can judge, each time that they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLEnumType, GraphQLError, GraphQLNonNull, get_named_type

from db.json_text import TYPENAME, Shown
from db.queries import ModelQuery, RouteQuery
from db.reader import SqlText
from db.reads import spelled
from db.straight import statement, value_of
from domain.facts import CapabilityKind
from schema import asked as root_lists
from schema.comparison import ref_of
from schema.named import names_something
from schema.paging import window
from schema.selection import Given, SelectedField, Selection
from schema.weights import WEIGHTS

MOST_STATEMENTS = 8
"""Of one document; what is asked with other arguments than these is put together anew."""


class Usual(Exception):
    """Something that the usual way has to answer."""


@dataclass(frozen=True, slots=True)
class Name:
    """The name of one thing: a value of the statement, which is the same for every name."""

    text: str


def _model(ref: str, lens: Any = None) -> Name:
    keys = spelled(ref_of(ref))
    if lens is not None or len(keys) > 1:
        raise Usual
    return Name(keys[0])


def _route(key: str, lens: Any = None) -> Name:
    if lens is not None:
        raise Usual
    return Name(key)


def _front(order: str) -> Callable[..., int]:
    """The beginning of a list that has one order."""

    def size(first: Any = None, after: Any = None, last: Any = None, before: Any = None) -> int:
        within = window(order, first, after, last, before)
        if within.backward or within.after is not None or within.before is not None:
            raise Usual
        return within.size

    return size


def _routes(live: bool | None = True, **page: Any) -> tuple[bool | None, int]:
    return live, _front("ROUTES")(**page)


def _listed(query: Callable[..., Any]) -> Callable[..., Any]:
    def made(**given: Any) -> Any:
        found = query(**given)
        if names_something(found):  # which the usual way looks up first
            raise Usual
        return found

    return made


def _models_of(order: Any, first: Any = None, after: Any = None, last: Any = None, before: Any = None) -> ModelQuery:
    return ModelQuery(of="", order=order, window=window(order, first, after, last, before))


def _routes_at(
    order: Any, live: bool | None = True, first: Any = None, after: Any = None, last: Any = None, before: Any = None
) -> RouteQuery:
    return RouteQuery(of="", order=order, live=live, window=window(order, first, after, last, before))


def _kinds(kinds: list[CapabilityKind] | None = None) -> tuple[CapabilityKind, ...]:
    return tuple(CapabilityKind if kinds is None else kinds)


def _today(on: Any = None, at: Any = None) -> None:
    if on is not None or at is not None:
        raise Usual


ASKED: Mapping[str, Callable[..., Any]] = {
    "Query.model": _model,
    "Query.provider": lambda slug: Name(slug),
    "Query.route": _route,
    "Query.models": _listed(root_lists.models),
    "Query.routes": _listed(root_lists.routes),
    "Query.providers": _listed(root_lists.providers),
    "Query.labs": _front("NAME"),
    "Query.licenses": _front("NAME"),
    "Query.benchmarks": _front("NAME"),
    "Lab.models": _models_of,
    "Provider.routes": _routes_at,
    "Model.routes": _routes,
    "Model.capabilities": _kinds,
    "Route.capabilities": _kinds,
    "Route.prices": _today,
}
"""Fields with arguments, and what `db.straight` is asked for them. Raises Usual, or GraphQLError as the resolver does."""
PLAIN = frozenset(
    {
        *("Model.id", "Model.results", "Lab.id", "License.id", "Provider.id", "Benchmark.id"),
        *("Route.id", "Route.model", "Route.priceHistory", "Query.catalog", "CatalogRevision.revision"),
    }
)
"""Fields with a resolver that shows a fact. A field without one always does."""
_OF_LISTS = frozenset({"nodes", "edges", "pageInfo", "totalCount"})
_FACTS = frozenset(
    {
        *("Model", "Lab", "License", "Provider", "Route", "Price", "Capability"),
        *("Benchmark", "BenchmarkResult", "PageInfo", "CatalogRevision"),
    }
)
"""Types that show facts, beside connections and their edges."""


def _is_plain(selected: SelectedField) -> bool:
    named = f"{selected.parent.name}.{selected.name}"
    assert selected.declared is not None
    of_list = selected.parent.name.endswith("Connection") and selected.name in _OF_LISTS
    return named not in WEIGHTS and (selected.declared.base_resolver is None or named in PLAIN or of_list)


def _check_leaf(kind: Any) -> None:
    """Members that are called otherwise than they are stored have to be looked up."""
    if isinstance(kind, GraphQLEnumType) and any(name != str(member.value) for name, member in kind.values.items()):
        raise Usual


@dataclass(slots=True)
class Straight:
    """An operation of plain facts. `asking` are its fields with arguments, each of which stands in `Shown.asked` by its place."""

    fields: tuple[Shown, ...] = ()
    asking: list[SelectedField] = field(default_factory=list)
    _always: tuple[tuple[Any, ...], dict[str, str]] | None = None
    _statements: dict[tuple[Any, ...], SqlText] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Selection) -> Straight | None:
        """None where the operation is not of plain facts alone, or has none."""
        made = cls()
        try:
            made.fields = made._shown(root)
        except (Usual, GraphQLError):
            return None
        return made if any(each.name != TYPENAME for each in made.fields) else None

    def _shown(self, selection: Selection) -> tuple[Shown, ...]:
        if not selection.fields:
            raise Usual
        return tuple(map(self._field, selection.fields))

    def _field(self, selected: SelectedField) -> Shown:
        if selected.name == TYPENAME:
            return Shown(selected.key, TYPENAME, asked=selected.parent.name)
        if selected.definition is None or selected.declared is None:
            raise Usual  # introspection
        place = None
        if f"{selected.parent.name}.{selected.name}" in ASKED:
            place = len(self.asking)
            self.asking.append(selected)
        elif not _is_plain(selected):
            raise Usual
        kind = get_named_type(selected.definition.type)
        _check_leaf(kind)
        below: tuple[Shown, ...] = ()
        if possible := selected.possible():
            (runtime,) = possible if len(possible) == 1 else (None,)
            if runtime is None or not (runtime.name in _FACTS or runtime.name.endswith(("Connection", "Edge"))):
                raise Usual
            below = self._shown(selected.below(runtime))
        optional = not isinstance(selected.definition.type, GraphQLNonNull)
        return Shown(selected.key, selected.declared.python_name, optional, below, place)

    def asked(self, given: Given) -> tuple[SqlText, dict[str, str]]:
        """The statement for the arguments, and the names among them. Raises Usual."""
        if self._always is not None:
            asked, names = self._always
        else:
            asked, names = self._asked(given)
            if all(each.arguments is not None for each in self.asking):
                self._always = asked, names
        found = self._statements.get(asked)
        if found is None:
            if len(self._statements) >= MOST_STATEMENTS:
                del self._statements[next(iter(self._statements))]
            try:
                found = self._statements[asked] = statement(self.fields, asked)
            except NotImplementedError:
                raise Usual from None
        return found, names

    def _asked(self, given: Given) -> tuple[tuple[Any, ...], dict[str, str]]:
        asked: list[Any] = []
        names: dict[str, str] = {}
        for place, selected in enumerate(self.asking):
            try:
                made = ASKED[f"{selected.parent.name}.{selected.name}"](**given.of(selected))
            except GraphQLError:
                raise Usual from None
            if isinstance(made, Name):
                names[value_of(place)], made = made.text, None
            asked.append(made)
        return tuple(asked), names
