"""Fields declare the fact groups that they need; the plan reads each group of a level once, for all parents together.

A resolver then finds its facts in `Facts` without awaiting anything; a group that nobody selected is never read. The lens of
a root field goes down with its selection and is part of every key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.collect_fields import FragmentDetails, GroupedFieldSet, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values
from strawberry import Info as StrawberryInfo
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.arguments import convert_arguments

from db.queries import Page
from db.reader import Reader
from domain.facts import Contender, FactRef, Lab, License, Model, NotLoaded, Offer, Price, Provider, Route
from domain.lens import DEFAULT, Lens
from domain.provenance import Evidence, Testimony, evidence
from domain.shown import evidence_of
from schema.groups import READS, Group, Moment
from schema.scalars import SCALARS

Key: TypeAlias = Hashable
Keys: TypeAlias = Callable[[Any, Mapping[str, Any]], Iterable[Key]]
"""From a parent (None at the root) and the field's arguments to what has to be read."""


@dataclass(frozen=True, slots=True)
class Need:
    """A fact group and the keys of which a field needs it."""

    group: Group
    keys: Keys


class Several:
    """What stands for several parents of the plan: a comparison for its models."""

    def parents(self) -> Sequence[Any]:
        """The parents of what is selected below it."""
        raise NotImplementedError


def of_parent(kind: type) -> Keys:
    """The number of the parent, which must be such a fact."""

    def keys(parent: Any, _: Mapping[str, Any]) -> Iterable[Key]:
        if not isinstance(parent, kind):
            raise NotLoaded(f"a need of {kind.__name__} under {type(parent).__name__}")
        return (int(getattr(parent, "id")),)  # noqa: B009 - a fact of that kind has a number

    return keys


def needs(
    *needed: Need,
    to: Callable[[Look, Any, Mapping[str, Any]], Iterable[Any]] | None = None,
    through: Callable[[Mapping[str, Any]], Lens | None] | None = None,
    one_of: bool = False,
) -> dict[str, object]:
    """Metadata of a field. `to` gives the parents of what is selected below it, from what has been read, the parent and the
    arguments. Without `to`, what is below has the same parents; a plain attribute that holds an object leads to that.
    `through` gives the lens of a root field where no argument `lens` does. `one_of`: the needs are alternatives."""
    return {"needs": needed, "to": to, "through": through, "one_of": one_of}


@dataclass(slots=True)
class Facts:
    """What the plan has read for one operation, and the day for which it was asked. `by_field` says through which lens a root
    field looks; a field that is not in it looks through the default one."""

    today: date
    loaded: dict[tuple[Group, Lens, Key], Any] = field(default_factory=dict)
    by_field: dict[str, Lens] = field(default_factory=dict)
    _index: _Index | None = None

    def get(self, group: Group, key: Key, lens: Lens = DEFAULT) -> Any:
        """The facts of a key; None where the read found none. Raises what the read was refused with, and NotLoaded where no
        field declared the need."""
        try:
            found = self.loaded[group, lens, key]
        except KeyError:
            raise NotLoaded(f"{group} of {key}") from None
        if isinstance(found, GraphQLError):
            raise found
        return found

    def look(self, path: Any) -> Look:
        """The facts as the root field above a place of the answer shows them."""
        if not self.by_field:
            return Look(self, DEFAULT)
        while path.prev is not None:
            path = path.prev
        return Look(self, self.by_field.get(path.key, DEFAULT))

    def name_of(self, fact: FactRef) -> str | None:
        """The slug of the model, provider or lab, or the key of the route, that a fact is about; None where it was not read."""
        return self._known().names.get((fact.kind, fact.id))

    def model(self, slug: str, lens: Lens) -> Model:
        """A model that was read, by its slug. NotLoaded where no field declared the need."""
        try:
            return self._known().models[lens, slug]
        except KeyError:
            raise NotLoaded(f"model {slug}") from None

    def subject_of(self, fact: FactRef, lens: Lens) -> Model | Route | None:
        """The model or route that a fact is about, as far as it was read; None for prices and for facts of other things."""
        if fact.field.startswith("price."):
            return None
        return self._known().subjects.get((lens, fact.kind, fact.id))

    def said_of(self, fact: FactRef, lens: Lens) -> Sequence[Testimony]:
        """What is said of the model, route or provider of a fact, as far as it was read; of a model also through its routes."""
        if fact.kind == "model":
            return self.loaded.get((Group.TESTIMONY, lens, fact.id)) or ()
        return self._known().said.get((lens, (fact.kind, fact.id)), ())

    def sheet_of(self, fact: FactRef, lens: Lens) -> str | None:
        """The source of the price sheet that a price of a route belongs to; None for any other fact."""
        if not fact.field.startswith("price."):
            return None
        _, mode, above, _ = fact.field.split(".", 3)
        return self._known().sheets.get((lens, fact.id, mode, int(above)))

    def _known(self) -> _Index:
        """The index over all that was read, made when it is first asked for."""
        if self._index is None:
            self._index = _Index()
            for (group, lens, _), found in self.loaded.items():
                if group in (Group.TESTIMONY, Group.ROUTE_TESTIMONY) and isinstance(found, tuple):
                    for each in found:
                        self._index.said[lens, each.about].append(each)
                elif group is not Group.PRICE_HISTORY:  # whose sheets do not all hold now
                    self._index.note(lens, found)
        return self._index


@dataclass(slots=True)
class _Index:
    """What was read, by name and number."""

    names: dict[tuple[str, int], str] = field(default_factory=dict)
    models: dict[tuple[Lens, str], Model] = field(default_factory=dict)
    subjects: dict[tuple[Lens, str, int], Model | Route] = field(default_factory=dict)
    sheets: dict[tuple[Lens, int, str, int], str] = field(default_factory=dict)
    said: defaultdict[tuple[Lens, tuple[str, int]], list[Testimony]] = field(default_factory=lambda: defaultdict(list))

    def note(self, lens: Lens, found: Any) -> None:
        match found:
            case Model():
                self.names["model", found.id] = found.slug
                self.note(lens, (found.lab, found.license))
                # The first one: what stands near a model is read later, and is not seen through its lens.
                self.models.setdefault((lens, found.slug), found)
                self.subjects.setdefault((lens, "model", found.id), found)
            case Lab():
                self.names["lab", found.id] = found.slug
            case License():
                self.names["license", found.id] = found.key
            case Provider():
                self.names["provider", found.id] = found.slug
            case Route():
                self.names["route", found.id] = found.key
                self.subjects.setdefault((lens, "route", found.id), found)
                self.note(lens, found.provider)
            case Offer():
                self.note(lens, found.route)
                for price in found.prices:
                    self.sheets.setdefault((lens, found.route.id, price.mode, price.above), price.source)
            case Price():
                self.sheets.setdefault((lens, found.route_id, found.mode, found.above), found.source)
            case Contender():
                self.note(lens, found.model)
                self.note(lens, found.loaded_offers)
            case Page():
                self.note(lens, found.items)
            case tuple():
                for each in found:
                    self.note(lens, each)


@dataclass(frozen=True, slots=True)
class Look:
    """Facts through one lens."""

    facts: Facts
    lens: Lens

    @property
    def today(self) -> date:
        """The day as of which it looks."""
        return self.lens.day(self.facts.today)

    def get(self, group: Group, key: Key) -> Any:
        return self.facts.get(group, key, self.lens)

    def model(self, slug: str) -> Model:
        return self.facts.model(slug, self.lens)

    def evidence(self, fact: FactRef) -> Evidence | None:
        """The evidence of a fact that a decision used, from what was read."""
        said = self.facts.said_of(fact, self.lens)
        shown = self.facts.subject_of(fact, self.lens)
        if shown is not None:
            return evidence_of(shown, fact.field, said)
        return evidence(fact, said, sheet=self.facts.sheet_of(fact, self.lens))

    def has(self, group: Group, key: Key) -> bool:
        """Whether the group was read for the key."""
        return (group, self.lens, key) in self.facts.loaded


Info = StrawberryInfo[Facts, None]


def look(info: Info) -> Look:
    """The facts through the lens of the root field above."""
    return info.context.look(info.path)


def _lens(metadata: Mapping[str, Any], arguments: Mapping[str, Any]) -> Lens | None:
    """The lens that a root field names."""
    if (given := arguments.get("lens")) is not None:
        found: Lens = given.of()
        return found
    through: Callable[[Mapping[str, Any]], Lens | None] | None = metadata.get("through")
    return through(arguments) if through is not None else None


def _claims(runtime: GraphQLObjectType, parent: Any) -> bool:
    return runtime.is_type_of is not None and bool(runtime.is_type_of(parent, None))  # type: ignore[arg-type]


_CONFIG = StrawberryConfig(scalar_map=SCALARS)
_SCALARS = {**DEFAULT_SCALAR_REGISTRY, **SCALARS}


@dataclass(frozen=True, slots=True)
class _Level:
    """A selection on a type, with its parents."""

    type: GraphQLObjectType
    parents: Sequence[Any]
    selected: GroupedFieldSet
    lens: Lens


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A field that waits for its reads."""

    definition: GraphQLField
    metadata: Mapping[str, Any]
    nodes: Any
    arguments: Mapping[str, Any]
    keys: Sequence[tuple[Group, Key]]
    level: _Level
    lens: Lens


@dataclass(slots=True)
class Plan:
    """The selection of one operation, walked level by level while facts arrive."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues
    _details: dict[str, FragmentDetails] = field(init=False)

    def __post_init__(self) -> None:
        self._details = {name: FragmentDetails(node) for name, node in self.fragments.items()}

    async def load(self, reader: Reader, today: date) -> Facts:
        """Read what the operation selects; the reader opens nothing where nothing is read."""
        facts = Facts(today)
        root = self.schema.get_root_type(self.operation.operation)
        assert root is not None
        collected = collect_fields(self.schema, self._details, self.variables, root, self.operation)
        moments: dict[Lens, Moment] = {}
        levels = [_Level(root, [None], collected.grouped_field_set, DEFAULT)]
        while levels:
            wanted = self._wanted(levels, facts)
            asked: dict[tuple[Group, Lens], dict[Key, None]] = defaultdict(dict)
            for each in wanted:
                for group, key in each.keys:
                    if (group, each.lens, key) not in facts.loaded:
                        asked[group, each.lens][key] = None
            for (group, lens), keys in asked.items():
                found: Mapping[Key, Any]
                try:
                    found = await READS[group](reader, list(keys), moments.setdefault(lens, Moment(today, lens)))
                except GraphQLError as refused:  # said by the field that touches it, so that the others are answered
                    found = dict.fromkeys(keys, refused)
                facts.loaded.update({(group, lens, key): found.get(key) for key in keys})
            levels = [below for each in wanted for below in self._below(each, facts)]
        return facts

    def _wanted(self, levels: list[_Level], facts: Facts) -> list[_Wanted]:
        """The fields that need a read; those that need none are gone through at once."""
        found: list[_Wanted] = []
        waiting = list(levels)
        while waiting:
            level = waiting.pop(0)
            for response_key, nodes in level.selected.items():
                definition = level.type.fields.get(nodes[0].node.name.value)
                if definition is None:  # __typename and introspection read nothing
                    continue
                declared = definition.extensions.get("strawberry-definition")
                metadata = declared.metadata if declared is not None else {}
                lens = level.lens
                arguments: Mapping[str, Any] = {}
                if definition.args and (metadata or level.type is self.schema.query_type):
                    try:
                        arguments = self._arguments(definition, declared, nodes[0].node)
                    except GraphQLError:
                        continue  # the resolver is going to say so
                    try:
                        named = _lens(metadata, arguments) if level.type is self.schema.query_type else None
                    except GraphQLError:
                        continue  # as above
                    if named is not None:
                        lens = facts.by_field[response_key] = named
                try:
                    keys = [
                        (need.group, key)
                        for need in metadata.get("needs", ())
                        for parent in level.parents
                        for key in need.keys(parent, arguments)
                    ]
                except GraphQLError:
                    continue  # as above: the resolver makes the same keys
                each = _Wanted(definition, metadata, nodes, arguments, keys, level, lens)
                if keys:
                    found.append(each)
                else:
                    waiting.extend(self._below(each, facts))
        return found

    def _below(self, wanted: _Wanted, facts: Facts) -> Iterable[_Level]:
        """The next level under a field, once per type that its object may have."""
        kind = get_named_type(wanted.definition.type)
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            return
        parents = self._children(wanted, facts)
        if not parents:
            return
        possible = [kind] if isinstance(kind, GraphQLObjectType) else self.schema.get_possible_types(kind)
        claims = [[_claims(runtime, parent) for parent in parents] for runtime in possible]
        # What no type claims stands for a decision that is not made yet: it may become any of them.
        open_ones = [not any(claimed) for claimed in zip(*claims, strict=True)]
        for runtime, claimed in zip(possible, claims, strict=True):
            of_type = [
                parent for parent, yes, is_open in zip(parents, claimed, open_ones, strict=True) if yes or is_open
            ]
            if of_type:
                of_type = [each for one in of_type for each in (one.parents() if isinstance(one, Several) else (one,))]
                selected = collect_subfields(
                    self.schema, self._details, self.variables, self.operation, runtime, wanted.nodes
                )
                yield _Level(runtime, of_type, selected.grouped_field_set, wanted.lens)

    def _children(self, wanted: _Wanted, facts: Facts) -> list[Any]:
        to = wanted.metadata.get("to")
        look = Look(facts, wanted.lens)
        if to is not None:
            try:
                return [child for parent in wanted.level.parents for child in to(look, parent, wanted.arguments)]
            except GraphQLError:
                return []  # the resolver is going to say so
        declared = wanted.definition.extensions.get("strawberry-definition")
        if declared is None or declared.base_resolver is not None:
            return list(wanted.level.parents)
        children: list[Any] = []
        for parent in wanted.level.parents:
            child = getattr(parent, declared.python_name, parent)
            children.extend(child if isinstance(child, tuple | list) else () if child is None else (child,))
        return children

    def _arguments(self, definition: GraphQLField, declared: Any, node: Any) -> Mapping[str, Any]:
        """The arguments as the resolver gets them."""
        given = get_argument_values(definition, node, self.variables)
        return convert_arguments(given, declared.arguments, _SCALARS, _CONFIG)
