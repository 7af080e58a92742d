"""Makes the answer of an operation whose facts have been read. A selection is compiled once into functions that complete plain
fields inline; whatever is unusual, above all every error, is executed again by graphql-core, so that errors, paths and nulls are its.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLUnionType,
    Undefined,
    is_leaf_type,
)
from graphql.execution.executor import Executor
from graphql.pyutils import Path, is_iterable
from strawberry import Info

from schema.beside import Abandoned
from schema.ids import Identified
from schema.introspection import points_of
from schema.look import Facts
from schema.points import COMPARING, Around, compared_models, looked, request_classes, weight_of
from schema.selection import Given, SelectedField, Selection
from schema.straight import Straight
from schema.weights import WEIGHTS, WORKS, Work

Complete: TypeAlias = "Callable[[Any, Run], Any]"
"""From what a resolver gave, or from a parent, to a part of the answer."""


class Unusual(Exception):
    """Something that graphql-core has to complete."""


@dataclass(slots=True)
class Run:
    """One execution: its facts, its arguments, and the points that it has come to."""

    facts: Facts
    given: Given
    points: int = 0
    _calls: dict[SelectedField, Callable[[Any], Any]] = field(default_factory=dict)
    _around: dict[tuple[SelectedField, SelectedField], Around] = field(default_factory=dict)
    _worked: set[tuple[SelectedField, Work]] = field(default_factory=set)

    def call(self, selected: SelectedField) -> Callable[[Any], Any]:
        """The resolver of a field as a function of the parent alone."""
        found = self._calls.get(selected)
        if found is None:
            found = self._calls[selected] = self._bound(selected)
        return found

    def _bound(self, selected: SelectedField) -> Callable[[Any], Any]:
        assert selected.definition is not None
        assert selected.declared is not None
        resolver = selected.declared.base_resolver
        if resolver is None:
            return attrgetter(selected.declared.python_name)
        if resolver.parent_parameter or resolver.root_parameter:
            raise Unusual
        given: dict[str, Any] = dict(self.given.of(selected)) if selected.definition.args else {}
        if (wants := resolver.info_parameter) is not None:
            given[wants.name] = Info(_raw_info=self.info(selected), _field=selected.declared)
        resolve: Callable[..., Any] = resolver.wrapped_func  # type: ignore[assignment]  # bound by Strawberry
        if resolver.self_parameter is None:
            return lambda _: resolve(**given)
        return partial(resolve, **given) if given else resolve

    def info(self, selected: SelectedField) -> GraphQLResolveInfo[Any]:
        """What a resolver is told. It is the same for every parent, so its path is that of the root field, which says the lens."""
        assert selected.definition is not None
        of = selected.collecting
        return GraphQLResolveInfo(
            selected.name,
            [each.node for each in selected.details],
            selected.definition.type,
            selected.parent,
            Path(None, selected.root.key, selected.root.parent.name),
            of.schema,
            dict(of.fragments),
            None,
            of.operation,
            self.given.variables,
            self.facts,
            Executor.is_awaitable,
            None,
            None,  # type: ignore[arg-type]  # nothing is awaited
        )

    def weigh(self, selected: SelectedField) -> None:
        """Counts a field that costs more than an attribute, and what it rests on where nothing before it did. Raises Abandoned where
        nobody waits for the answer any more."""
        self.facts.wanted.check()
        kind, root = selected.parent.name, selected.root
        name, around = f"{kind}.{selected.name}", self._in(root, selected.month)
        self.points += weight_of(kind, name, around)
        for work in WORKS.get(name, ()) if root.name in COMPARING else ():
            if (root, work) not in self._worked:
                self._worked.add((root, work))
                self.points += work.points(around.models, around.classes)

    def look(self, roots: Iterable[SelectedField]) -> None:
        """Counts what was seen through lenses."""
        for root in roots:
            if root.key in self.facts.by_field:
                self.points += looked(root.name, self._arguments(root), self._in(root, root).models)

    def _in(self, root: SelectedField, month: SelectedField) -> Around:
        found = self._around.get((root, month))
        if found is None:
            models = compared_models(root.name, self._arguments(root))
            classes = request_classes(month.name, self._arguments(month))
            found = self._around[root, month] = Around(models, classes=classes)
        return found

    def _arguments(self, selected: SelectedField) -> Mapping[str, Any]:
        if selected.definition is not None and selected.definition.args:
            with suppress(GraphQLError):  # the resolver says so
                return self.given.of(selected)
        return {}


def builder(selection: Selection) -> Complete:
    """Makes the object of a selection from its source."""
    steps = [_step(each) for each in selection.fields]

    def build(source: Any, run: Run) -> dict[str, Any]:
        run.points += 1
        made = {}
        for key, get, complete in steps:
            made[key] = complete(source, run) if get is None else complete(get(source), run)
        return made

    return build


def _step(selected: SelectedField) -> tuple[str, Callable[[Any], Any] | None, Complete]:
    """Key, attribute and completion of a field; without an attribute the completion takes the parent."""
    if selected.name == "__typename":
        named = selected.parent.name
        return selected.key, None, lambda _, __: named
    if selected.definition is None or selected.declared is None:
        raise Unusual  # introspection
    if selected.declared.is_async or selected.declared.extensions:
        raise Unusual
    complete = _completion(selected.definition.type, selected)
    name = f"{selected.parent.name}.{selected.name}"
    weighty = name in WEIGHTS or name in WORKS
    if selected.declared.base_resolver is None and not weighty:
        return selected.key, attrgetter(selected.declared.python_name), complete

    def resolve(source: Any, run: Run) -> Any:
        return complete(run.call(selected)(source), run)

    def weighed(source: Any, run: Run) -> Any:
        run.weigh(selected)
        return complete(run.call(selected)(source), run)

    return selected.key, None, weighed if weighty else resolve


def _completion(kind: Any, selected: SelectedField) -> Complete:
    nullable = not isinstance(kind, GraphQLNonNull)
    if not nullable:
        kind = kind.of_type
    if isinstance(kind, GraphQLList):
        return _list(_completion(kind.of_type, selected), nullable)
    if isinstance(kind, GraphQLObjectType):
        return _object(kind, selected, nullable)
    if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
        return _abstract(kind, selected, nullable)
    assert is_leaf_type(kind)
    return _enum(kind, nullable) if isinstance(kind, GraphQLEnumType) else _scalar(kind, nullable)


def _none(nullable: bool) -> None:
    if not nullable:
        raise Unusual


_AS_IT_IS: Mapping[str, type] = {"String": str, "ID": str, "Boolean": bool, "BigInt": int}
"""Scalars that show a value of exactly this class as it is."""
_MOST = 2**31 - 1


def _scalar(kind: Any, nullable: bool) -> Complete:
    as_it_is, coerce = _AS_IT_IS.get(kind.name), kind.coerce_output_value
    is_int = kind.name == "Int"

    def complete(value: Any, _: Run) -> Any:
        if type(value) is as_it_is:
            return value
        if value is None:
            return _none(nullable)
        if is_int and type(value) is int and -_MOST <= value <= _MOST:
            return value
        if isinstance(value, Exception):
            raise Unusual
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise Unusual
        return coerced

    return complete


def _enum(kind: Any, nullable: bool) -> Complete:
    # Members live for ever and there is one of each, so their addresses are names that cost no hashing.
    names = {id(member): kind.coerce_output_value(member) for member in kind.wrapped_cls}

    def complete(value: Any, _: Run) -> Any:
        if (name := names.get(id(value))) is not None:
            return name
        if value is None:
            return _none(nullable)
        raise Unusual

    return complete


def _list(item: Complete, nullable: bool) -> Complete:
    def complete(value: Any, run: Run) -> Any:
        if value is None:
            return _none(nullable)
        if type(value) is not tuple and not is_iterable(value):
            raise Unusual
        return [item(each, run) for each in value]

    return complete


def _object(kind: GraphQLObjectType, selected: SelectedField, nullable: bool) -> Complete:
    admitted: set[type] = set()
    by_class = _by_class(kind)
    build: Complete | None = None

    def admit(value: Any, run: Run) -> None:
        if isinstance(value, Exception) or (kind.is_type_of and not kind.is_type_of(value, run.info(selected))):
            raise Unusual
        if by_class and type(value) is not Identified:  # of which the decision in it decides
            admitted.add(type(value))

    def complete(value: Any, run: Run) -> Any:
        nonlocal build
        if value is None:
            return _none(nullable)
        if type(value) not in admitted:
            admit(value, run)
        if build is None:  # only now, as what no object needs is not compiled
            build = builder(selected.below(kind))
        return build(value, run)

    return complete


def _abstract(kind: Any, selected: SelectedField, nullable: bool) -> Complete:
    schema = selected.collecting.schema
    by_class = all(map(_by_class, schema.get_possible_types(kind)))
    known: dict[type, Complete] = {}
    completions: dict[str, Complete] = {}

    def completion(value: Any, run: Run) -> Complete:
        if isinstance(value, Exception):
            raise Unusual
        runtime = schema.get_type(kind.resolve_type(value, run.info(selected), kind) or "")
        if not isinstance(runtime, GraphQLObjectType) or not schema.is_sub_type(kind, runtime):
            raise Unusual
        found = completions.get(runtime.name)
        if found is None:
            found = completions[runtime.name] = _object(runtime, selected, nullable)
        if by_class and type(value) is not Identified:
            known[type(value)] = found
        return found

    def complete(value: Any, run: Run) -> Any:
        if value is None:
            return _none(nullable)
        return (known.get(type(value)) or completion(value, run))(value, run)

    return complete


def _by_class(kind: GraphQLObjectType) -> bool:
    """Whether all values of a class are of the type, or none."""
    return kind.is_type_of is None or getattr(kind.is_type_of, "by_class", False)


@dataclass(frozen=True, slots=True)
class Executed:
    """A result with the points that it came to; `compiled` is false where graphql-core made it."""

    result: ExecutionResult
    points: int
    compiled: bool


@dataclass(slots=True)
class Compiled:
    """An operation with one choice of @skip and @include, compiled as far as it was needed yet. Threads may share it: what two of
    them compile at once is the same."""

    root: Selection
    straight: Straight | None = None
    """Where it selects plain facts alone."""
    introspects: bool = False
    """Whether the schema itself is all that it asks for."""
    _build: Complete | None = None

    def execute(
        self,
        document: DocumentNode,
        facts: Facts,
        given: Given,
        raw: Mapping[str, Any],
        name: str | None,
        source: Any = None,
    ) -> Executed:
        """The result for facts and variables; `source` is what the root fields are asked from."""
        try:
            run = Run(facts, given, points=-1)  # the root is no object that was asked for
            if self._build is None:
                self._build = builder(self.root)
            run.look(self.root.fields)
            return Executed(ExecutionResult(self._build(source, run), None), run.points, True)
        except Abandoned:
            raise
        except Exception:  # whatever it was, graphql-core meets it too and tells where
            return by_core(self.root, document, facts, given, raw, name, source)


class _Counting(Executor[Any]):
    """graphql-core's executor, which also counts."""

    run: Run
    roots: Mapping[str, SelectedField]
    introspected: int = 0

    def execute_fields(self, parent_type: Any, source_value: Any, path: Any, *more: Any) -> Any:
        if parent_type.name.startswith("__"):
            self.introspected += 1
        elif path is not None:
            self.run.points += 1
        return super().execute_fields(parent_type, source_value, path, *more)

    def execute_field(self, parent_type: Any, source: Any, field_details_list: Any, path: Any, *more: Any) -> Any:
        name = f"{parent_type.name}.{field_details_list[0].node.name.value}"
        if name in WEIGHTS or name in WORKS:
            self.run.weigh(self._selected(path))
        return super().execute_field(parent_type, source, field_details_list, path, *more)

    def _selected(self, path: Path) -> SelectedField:
        """The field at a place of the answer."""
        if path.prev is None:
            return self.roots[str(path.key)]
        above = path.prev
        while isinstance(above.key, int):  # a place in a list
            assert above.prev is not None
            above = above.prev
        kind = self.schema.get_type(path.typename or "")
        assert isinstance(kind, GraphQLObjectType)
        return next(each for each in self._selected(above).below(kind).fields if each.key == path.key)


def by_core(
    root: Selection,
    document: DocumentNode,
    facts: Facts,
    given: Given,
    raw: Mapping[str, Any],
    name: str | None,
    source: Any = None,
) -> Executed:
    """The same by graphql-core alone."""
    schema = root.collecting.schema
    executor = _Counting.build(
        schema, document, root_value=source, context_value=facts, raw_variable_values=dict(raw), operation_name=name
    )
    assert isinstance(executor, _Counting), "the variables were coerced before"
    executor.run, executor.roots = Run(facts, given), {each.key: each for each in root.fields}
    executor.run.look(root.fields)
    result = executor.execute_operation()
    assert isinstance(result, ExecutionResult), "a resolver awaited something: its need is not declared"
    return Executed(result, executor.run.points + points_of(executor.introspected), False)
