"""Fields declare the fact groups that they need; the plan reads each group of a level once, for all parents together.

A resolver then finds its facts in `Facts` without awaiting anything; a group that nobody selected is never read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from graphql import FragmentDefinitionNode, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode, get_named_type
from graphql.execution.collect_fields import FragmentDetails, GroupedFieldSet, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values
from sqlalchemy.ext.asyncio import AsyncConnection

from db import reads
from domain.facts import NotLoaded


class Group(StrEnum):
    """What can be read at once for many keys. The key is a model ref or the number of the parent."""

    MODELS = "models"
    ROUTES = "routes"
    PRICES = "prices"
    RESULTS = "results"
    REVISION = "revision"


Key: TypeAlias = "int | str"
Read: TypeAlias = "Callable[[AsyncConnection, Collection[Any], date], Awaitable[Mapping[Any, Any]]]"


async def _revision(connection: AsyncConnection, keys: Collection[str], _today: date) -> Mapping[str, Any]:
    found = await reads.latest_revision(connection)
    return dict.fromkeys(keys, found)


READS: Mapping[Group, Read] = {
    Group.MODELS: lambda connection, refs, _: reads.models_by_ref(connection, refs),
    Group.ROUTES: lambda connection, ids, _: reads.routes_by_model(connection, ids),
    Group.PRICES: lambda connection, ids, today: reads.prices_by_route(connection, ids, on=today),
    Group.RESULTS: lambda connection, ids, _: reads.results_by_model(connection, ids),
    Group.REVISION: _revision,
}


def needs(group: Group, *, key: str | None = None) -> Mapping[str, object]:
    """Metadata of a field that shows a fact group: keyed by the argument `key` on the root, else by the parent's `id`."""
    return {"needs": group, "key": key}


@dataclass(slots=True)
class Facts:
    """What the plan has read for one operation, and the day for which it was asked."""

    today: date
    loaded: dict[tuple[Group, Key], Any] = field(default_factory=dict)

    def get(self, group: Group, key: Key) -> Any:
        """The facts of a key; None where the read found none. NotLoaded where no field declared the need."""
        try:
            return self.loaded[group, key]
        except KeyError:
            raise NotLoaded(f"{group} of {key}") from None


@dataclass(slots=True)
class Plan:
    """The selection of one operation, walked level by level while facts arrive."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues

    async def load(self, connect: Callable[[], Awaitable[AsyncConnection]], today: date) -> Facts:
        """Read what the operation selects. `connect` is called at the first read, and never where nothing is read."""
        facts = Facts(today)
        details = {name: FragmentDetails(node) for name, node in self.fragments.items()}
        root = self.schema.get_root_type(self.operation.operation)
        assert root is not None
        collected = collect_fields(self.schema, details, self.variables, root, self.operation).grouped_field_set
        level = [(root, [None], collected)]
        while level:
            wanted = list(self._wanted(level))
            keys: dict[Group, dict[Key, None]] = defaultdict(dict)
            for group, asked, _, _ in wanted:
                keys[group].update(dict.fromkeys(asked))
            for group, asked_once in keys.items():
                if asked_once:
                    found = await READS[group](await connect(), list(asked_once), today)
                    facts.loaded.update({(group, key): found.get(key) for key in asked_once})
            level = [
                (kind, parents, selected)
                for group, asked, kind, selected in wanted
                if kind is not None and (parents := _flat(facts.get(group, key) for key in asked))
            ]
        return facts

    def _wanted(
        self, level: list[tuple[GraphQLObjectType, list[Any], GroupedFieldSet]]
    ) -> Iterable[tuple[Group, list[Key], GraphQLObjectType | None, GroupedFieldSet]]:
        """The needs of a level: group, keys, and the type and selection that open the next level."""
        for parent, sources, selected in level:
            for name, nodes in ((entry[0].node.name.value, entry) for entry in selected.values()):
                definition = parent.fields.get(name)
                if definition is None:  # __typename and introspection read nothing
                    continue
                declared = definition.extensions.get("strawberry-definition")
                metadata = declared.metadata if declared is not None else {}
                kind = get_named_type(definition.type)
                below: GroupedFieldSet = {}
                if isinstance(kind, GraphQLObjectType):
                    fragments = {name: FragmentDetails(node) for name, node in self.fragments.items()}
                    below = collect_subfields(
                        self.schema, fragments, self.variables, self.operation, kind, nodes
                    ).grouped_field_set
                group = metadata.get("needs")
                if group is None:
                    continue
                argument = metadata.get("key")
                if parent is self.schema.query_type:
                    given = get_argument_values(definition, nodes[0].node, self.variables)
                    asked: list[Key] = [given[argument]] if argument is not None else [""]
                else:
                    asked = [source.id for source in sources]
                yield group, asked, kind if isinstance(kind, GraphQLObjectType) else None, below


def _flat(values: Iterable[Any]) -> list[Any]:
    """The parents of the next level: lists opened, absent ones left out."""
    found: list[Any] = []
    for value in values:
        if isinstance(value, tuple) and not hasattr(value, "id"):
            found.extend(value)
        elif value is not None:
            found.append(value)
    return found
