"""Documents made at random from the schema: fragments, aliases, @skip, @include, variables, and arguments of which some are wrong."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

DEEPEST, WIDEST, MOST_ALIASES = 6, 5, 25


class Documents:
    """Makes documents; `values` are texts for arguments by their name, such as refs, some of which may name nothing. `selects`: of
    which fields, by type and name."""

    def __init__(
        self,
        schema: GraphQLSchema,
        values: Mapping[str, Sequence[str]],
        seed: int,
        selects: Callable[[str, str], bool] = lambda *_: True,
    ) -> None:
        self.schema = schema
        self._selects = selects
        self.values = values
        self.random = Random(seed)
        self._aliases = 0
        self._fragments: list[str] = []

    def next(self) -> tuple[str, dict[str, Any]]:
        """A document and its variables."""
        self._aliases, self._fragments = 0, []
        assert self.schema.query_type is not None
        every = [name for name in sorted(self.schema.query_type.fields) if self._selects("Query", name)]
        roots = self.random.sample(every, self.random.randint(1, min(3, len(every))))
        made = " ".join(self._field(self.schema.query_type, name, 1, alias=False) for name in roots)
        variables = {"yes": self.random.random() < 0.8}
        if self.random.random() < 0.5:
            variables["no"] = self.random.random() < 0.3
        used = "$yes: Boolean!, $no: Boolean = false, $first: Int = 2"
        text = f"query ({used}) {{ {made} unused: __typename @skip(if: $yes) other: __typename @include(if: $no) {self._first()} }}"
        return " ".join([text, *self._fragments]), variables

    def _first(self) -> str:
        return "page: models(first: $first) { totalCount }"

    def _field(self, kind: Any, name: str, depth: int, *, alias: bool) -> str:
        definition: GraphQLField = kind.fields[name]
        given = [self._argument(each, one) for each, one in definition.args.items()]
        text = name + (f"({', '.join(filter(None, given))})" if any(given) else "")
        if alias or (any(given) and depth > 1) or self.random.random() < 0.1:
            self._aliases += 1
            text = f"a{self._aliases}: {text}"
        if self.random.random() < 0.12:
            text += self.random.choice((" @skip(if: $no)", " @include(if: $yes)", " @include(if: true)"))
        below = get_named_type(definition.type)
        return f"{text} {self._selection(below, depth + 1)}" if is_composite_type(below) else text

    def _selection(self, kind: GraphQLNamedType, depth: int) -> str:
        if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
            some = list(self.schema.get_possible_types(kind))
            chosen = self.random.sample(some, min(2, len(some)))
            parts = [f"... on {each.name} {{ {self._fields(each, depth, alias=True)} }}" for each in chosen]
            return f"{{ __typename {' '.join(parts)} }}"
        assert isinstance(kind, GraphQLObjectType)
        made = self._fields(kind, depth, alias=False)
        if self.random.random() < 0.15:
            name = f"F{len(self._fragments)}_{self.random.randrange(10**6)}"
            self._fragments.append(f"fragment {name} on {kind.name} {{ {made} }}")
            return f"{{ __typename ...{name} }}"
        if self.random.random() < 0.1:
            return f"{{ ... on {kind.name} @include(if: $yes) {{ {made} }} ... @skip(if: $no) {{ __typename }} }}"
        return f"{{ {made} }}"

    def _fields(self, kind: GraphQLObjectType, depth: int, *, alias: bool) -> str:
        names = [
            name
            for name, each in kind.fields.items()
            if self._selects(kind.name, name) and (depth < DEEPEST or not is_composite_type(get_named_type(each.type)))
        ]
        alias = alias and self._aliases < MOST_ALIASES
        if (not alias and self._aliases >= MOST_ALIASES) or not names:
            return "__typename"
        chosen = self.random.sample(names, min(len(names), self.random.randint(1, WIDEST)))
        return " ".join(self._field(kind, name, depth, alias=alias) for name in chosen)

    def _argument(self, name: str, argument: GraphQLArgument) -> str | None:
        if not is_required_argument(argument) and (name not in self.values or self.random.random() < 0.5):
            return None
        kind = get_named_type(argument.type)
        if isinstance(kind, GraphQLEnumType):
            value = self.random.choice(sorted(kind.values))
            return f"{name}: [{value}]" if "[" in str(argument.type) else f"{name}: {value}"
        return f"{name}: {self.random.choice(self.values[name])}"
