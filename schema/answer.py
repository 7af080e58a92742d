"""One way in: a document and its variables become an answer. The plan awaits the reads, the resolvers await nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    parse,
    visit,
)
from graphql.execution.values import VariableValues, get_variable_values

from db.reader import Reader, TooSlow, UnusableValue
from db.spans import span
from schema.beside import Wanted, beside
from schema.deprecations import used
from schema.execution import Compiled, Executed
from schema.introspection import ROOTS
from schema.limits import MAX_TOKENS, refused
from schema.look import Facts
from schema.needs import Plan
from schema.points import MAX_POINTS, Points, searched
from schema.query import schema
from schema.selection import Collecting, Given
from schema.single import reads_once
from schema.straight import Straight, Usual
from schema.subscription import STEPS, Place, Step
from schema.validation import invalid

MOST_ERRORS = 9  # and one that says that there are more
LONG = 250
"""From so many points on, some 25 ms, an operation is computed beside the event loop."""
CORE = schema._schema


class Answer(ExecutionResult):
    """A result with what it cost, in points: `estimated` before anything was read, and `actual` for the objects that it has and
    the fields that were computed. `actual` is never more than was estimated: that a list without paging is longer than was
    assumed is not the caller's fault. Both are 0 for a request that was refused before it was estimated."""

    __slots__ = ("actual", "compiled", "estimated")

    def __init__(self, result: ExecutionResult, estimated: int = 0, points: int = 0, compiled: bool = False) -> None:
        super().__init__(result.data, result.errors, result.extensions)
        self.estimated = estimated
        self.actual = min(points, estimated)
        self.compiled = compiled
        """Whether the compiled operation made it, rather than graphql-core."""


class Written(Answer):
    """An answer that one statement made: `encoded` is its data as JSON."""

    __slots__ = ("encoded",)

    def __init__(self, encoded: bytes, estimated: int, more: int) -> None:
        self.encoded = encoded
        super().__init__(ExecutionResult(None, None), estimated, objects_in(encoded) - 1 + more, compiled=True)

    @property
    def data(self) -> Any:
        """The same as objects, made for whoever looks at them."""
        return json.loads(self.encoded)

    @data.setter
    def data(self, _: Any) -> None:
        pass


_BEGINS = re.compile(rb'{"[_A-Za-z]')


def objects_in(encoded: bytes) -> int:
    """How many objects are in JSON without spaces. Within a text a quote has a backslash before it, and behind one that ends
    with a brace no letter follows."""
    return len(_BEGINS.findall(encoded))


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A document that was parsed, measured and validated, or why it was refused."""

    document: DocumentNode | None
    operations: tuple[OperationDefinitionNode, ...] = ()
    fragments: Mapping[str, FragmentDefinitionNode] | None = None
    errors: tuple[GraphQLError, ...] = ()
    alone: frozenset[int] = frozenset()
    """Places of the operations that read one statement at most."""
    conditions: frozenset[str] = frozenset()
    """The variables of @skip and @include."""
    deprecated: str = ""  # what of it is deprecated, as a header says it
    asked: list[bool] = field(default_factory=list)  # not empty once somebody has paid for its being prepared

    def kind(self, operation_name: str | None) -> OperationType | None:
        """Query, mutation or subscription; None where no single operation is meant. Known also of what was refused later."""
        chosen = [node for node in self.operations if operation_name in (None, _name(node))]
        return chosen[0].operation if len(chosen) == 1 else None


@lru_cache(maxsize=256)
def prepare(text: str) -> Prepared:
    """Everything about a document that does not depend on its variables."""
    with span("graphql.prepare"):
        return _prepared(text)


def _prepared(text: str) -> Prepared:
    try:
        with span("graphql.parse"):
            document = parse(text, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        code = "DOCUMENT_TOO_LARGE" if "Parsing aborted" in error.message else "GRAPHQL_PARSE_FAILED"
        return Prepared(None, errors=(_coded(error, code),))
    except RecursionError:
        deep = GraphQLError("The document is nested too deeply.", extensions={"code": "DOCUMENT_TOO_LARGE"})
        return Prepared(None, errors=(deep,))
    operations = tuple(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    if (too_large := refused(document)) is not None:
        return Prepared(None, operations, errors=(too_large,))
    with span("graphql.validate"):
        errors = invalid(CORE, document, text, MOST_ERRORS)
    if errors:
        return Prepared(None, operations, errors=tuple(_invalid(error) for error in errors))
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    alone = (place for place, each in enumerate(operations) if reads_once(CORE, each, fragments))
    return Prepared(
        document,
        operations,
        fragments,
        alone=frozenset(alone),
        conditions=_conditions(document) if "@" in text else frozenset(),
        deprecated=used(CORE, document),
    )


def _conditions(document: DocumentNode) -> frozenset[str]:
    found: set[str] = set()

    class Conditions(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    found.add(argument.value.name.value)

    visit(document, Conditions())
    return frozenset(found)


@lru_cache(maxsize=512)
def compiled(prepared: Prepared, place: int, chosen: frozenset[tuple[str, Any]]) -> Compiled:
    """An operation of a document with the values of its conditions. Raises GraphQLError for a condition that is null."""
    conditions = VariableValues({}, dict(chosen))
    root = Collecting.of(CORE, prepared.operations[place], prepared.fragments or {}, conditions).root()
    names = [each.name for each in root.fields]
    introspects = all(name.startswith("__") for name in names) and not ROOTS.keys().isdisjoint(names)
    return Compiled(root, Straight.of(root), introspects)


def _points(prepared: Prepared, place: int, variables: VariableValues) -> int:
    if not prepared.operations[place].variable_definitions:
        return _points_always(prepared, place)
    return Points(CORE, prepared.fragments or {}, variables).of(prepared.operations[place])


@lru_cache(maxsize=512)
def _points_always(prepared: Prepared, place: int) -> int:
    """The points of an operation without variables."""
    return Points(CORE, prepared.fragments or {}, VariableValues({}, {})).of(prepared.operations[place])


async def answer(
    text: str,
    variables: Mapping[str, Any],
    *,
    operation_name: str | None = None,
    reader: Reader,
    today: date,
    record_key: bytes | None = None,
) -> Answer:
    """Prepare, plan, read, execute. Request errors come back as errors without data."""
    chosen = choose(text, variables, operation_name)
    if isinstance(chosen, Answer):
        return chosen
    return await answer_to(chosen, reader=reader, today=today, record_key=record_key)


async def answer_to(asked: Chosen, *, reader: Reader, today: date, record_key: bytes | None = None) -> Answer:
    """Read, execute; or both at once, where one statement can make the answer."""
    if (found := await _straight(asked, reader, today)) is not None:
        return found
    facts = await _read(asked, reader, today)
    if isinstance(facts, Answer):
        return facts
    facts.record_key = record_key
    return await _computed(asked, facts)


@dataclass(frozen=True, slots=True)
class Event:
    """What a subscription gives at a place. Without `result` there is nothing new; without `step` it has ended."""

    result: ExecutionResult | None
    step: Step | None


async def event(
    text: str,
    variables: Mapping[str, Any],
    place: Place,
    *,
    operation_name: str | None = None,
    reader: Reader,
    today: date,
    record_key: bytes | None = None,
    most_points: int = MAX_POINTS,
) -> Event:
    """What a subscriber is told next, by the same way as an answer. An error that stands in its way ends the subscription."""
    asked = choose(text, variables, operation_name, kind=OperationType.SUBSCRIPTION, most_points=most_points)
    if isinstance(asked, Answer):
        return Event(asked, None)
    facts = await _read(asked, reader, today, place)
    if isinstance(facts, Answer):
        return Event(facts, None)
    try:
        name, given = asked.plan.only_field()
        step = STEPS[name](facts.look(None), place, given)
    except GraphQLError as error:
        return Event(ExecutionResult(None, [_coded(error, "BAD_USER_INPUT")]), None)
    if not step.news:
        return Event(None, step)
    facts.record_key = record_key
    return Event(await _computed(asked, facts, place), step)


@dataclass(frozen=True, slots=True)
class Chosen:
    """An operation that may be executed. `points` is what it may cost."""

    document: DocumentNode
    compiled: Compiled
    plan: Plan
    given: Given
    variables: Mapping[str, Any]
    name: str | None
    points: int
    alone: bool
    deprecated: str

    @property
    def takes_long(self) -> bool:
        """Whether it is computed beside the event loop."""
        return self.points >= LONG and self.compiled.straight is None

    @property
    def introspects(self) -> bool:
        """Whether the schema itself is all that it asks for, so that its answer never changes."""
        return self.compiled.introspects


def choose(
    text: str,
    variables: Mapping[str, Any],
    operation_name: str | None = None,
    *,
    kind: OperationType = OperationType.QUERY,
    most_points: int = MAX_POINTS,
) -> Chosen | Answer:
    """The operation that is meant, or why it is not executed; nothing is read."""
    prepared = prepare(text)
    if prepared.document is None:
        return Answer(ExecutionResult(None, list(prepared.errors)))
    chosen = [node for node in prepared.operations if operation_name in (None, _name(node))]
    if not chosen:
        return _error(
            f"The document has no operation called {str(operation_name)[:80]!r}.", "OPERATION_RESOLUTION_FAILURE"
        )
    if len(chosen) > 1:
        return _error("Name one operation of the document with operationName.", "OPERATION_RESOLUTION_FAILURE")
    (operation,) = chosen
    if operation.operation is not kind:
        return _error(f"Only a {kind.value} is answered here.", "OPERATION_RESOLUTION_FAILURE")
    coerced = get_variable_values(CORE, operation.variable_definitions or (), dict(variables), max_errors=MOST_ERRORS)
    if isinstance(coerced, list):
        return Answer(ExecutionResult(None, [_coded(error, "BAD_USER_INPUT") for error in coerced]))
    place = prepared.operations.index(operation)
    if (points := _points(prepared, place, coerced)) > most_points:
        return _error(
            f"The operation may cost {points:,} points and one may have {most_points:,}, at most what a minute allows: ask for smaller "
            "pages, fewer levels or fewer request classes"
            f"{f', or with an API key, with which one may have {MAX_POINTS:,}' if points <= MAX_POINTS else ''}.",
            "OPERATION_TOO_COSTLY",
            points,
        )
    try:
        plan = compiled(prepared, place, frozenset((name, coerced.coerced.get(name)) for name in prepared.conditions))
    except GraphQLError as error:
        return Answer(ExecutionResult(None, [_coded(error, "BAD_USER_INPUT")]), points)
    given = Given(coerced)
    return Chosen(
        prepared.document,
        plan,
        Plan(plan.root, given),
        given,
        {name: value for name, value in variables.items() if name in coerced.sources},  # as of others nobody knows
        operation_name,
        points,
        place in prepared.alone,
        prepared.deprecated,
    )


async def _read(asked: Chosen, reader: Reader, today: date, root: Any = None) -> Facts | Answer:
    """What the operation needs under a root, or why it cannot be read."""
    reader.alone = asked.alone
    try:
        with span("graphql.load"):
            facts = await asked.plan.load(reader, today, root)
        await reader.release()  # what follows only computes, and others wait for connections
    except UnusableValue:
        return _error("A value of the request is not one that can be looked up.", "BAD_USER_INPUT", asked.points)
    except TooSlow:
        return _too_slow(asked)
    return facts


def _too_slow(asked: Chosen) -> Answer:
    return _error("The request takes too long; ask for less at once.", "TIMEOUT", asked.points)


async def _straight(asked: Chosen, reader: Reader, today: date) -> Answer | None:
    """The answer that one statement makes; None where something in it is for the usual way."""
    if asked.compiled.straight is None:
        return None
    try:
        statement, names = asked.compiled.straight.asked(asked.given)
        reader.alone = True
        with span("graphql.load"):
            ((data, _),) = await reader.fetch(statement, day=today, **names)
    except (Usual, UnusableValue):
        data = None
    except TooSlow:
        return _too_slow(asked)
    await reader.release()
    return None if data is None else Written(data, asked.points, searched(asked.compiled.root.fields, asked.given))


async def _computed(asked: Chosen, facts: Facts, root: Any = None) -> Answer:
    def compute(wanted: Wanted) -> Executed:
        facts.wanted = wanted
        return asked.compiled.execute(asked.document, facts, asked.given, asked.variables, asked.name, root)

    # What takes long is computed beside the loop, so that health checks and small questions are answered meanwhile.
    with span("graphql.execute"):
        done = await beside(compute) if asked.points >= LONG else compute(facts.wanted)
    points = done.points + searched(asked.compiled.root.fields, asked.given)
    return Answer(done.result, asked.points, points, done.compiled)


def _error(message: str, code: str, points: int = 0) -> Answer:
    return Answer(ExecutionResult(None, [GraphQLError(message, extensions={"code": code})]), points)


_INCREMENTAL = re.compile(r"Unknown directive '@(defer|stream)'")


def _invalid(error: GraphQLError) -> GraphQLError:
    if (found := _INCREMENTAL.search(error.message)) is not None:
        said = f"@{found[1]} is not supported: an answer comes whole, because nothing in it is slow once its facts are read."
        error = GraphQLError(said, error.nodes)
    elif error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        # Python itself refuses it, as a number of thousands of digits: a mistake of the document and none of ours.
        error = GraphQLError("A value in the document is beyond everything that can be read.", error.nodes)
    return _coded(error, "GRAPHQL_VALIDATION_FAILED")


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    """The error with a code, where it has none of its own."""
    if error.original_error is not None and isinstance(error.original_error, GraphQLError):
        error.extensions = {**(error.original_error.extensions or {}), **(error.extensions or {})}
    error.extensions = {"code": code, **(error.extensions or {})}
    return error


def _name(node: OperationDefinitionNode) -> str | None:
    return None if node.name is None else node.name.value
