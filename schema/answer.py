"""One way in: a document and its variables become an answer. The plan awaits the reads, the resolvers await nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from inspect import isawaitable
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute,
    parse,
    validate,
)
from graphql.execution.values import VariableValues, get_variable_values

from db.reader import Reader, TooSlow, UnusableValue
from schema.deprecations import used
from schema.limits import MAX_TOKENS, refused
from schema.needs import Plan
from schema.points import MAX_POINTS, Points
from schema.query import schema
from schema.single import reads_once

MOST_ERRORS = 10
LONG = 500
"""From so many points on an operation is computed in a thread of its own, at most two at a time."""
_LONG_ONES = ThreadPoolExecutor(2, thread_name_prefix="long-operation")
CORE = schema._schema


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that was parsed, measured and validated, or why it was refused."""

    document: DocumentNode | None
    operations: tuple[OperationDefinitionNode, ...] = ()
    fragments: Mapping[str, FragmentDefinitionNode] | None = None
    errors: tuple[GraphQLError, ...] = ()
    alone: frozenset[int] = frozenset()
    """Places of the operations that read one statement at most."""
    deprecated: str = ""
    """What of it is deprecated, as a header says it."""

    def kind(self, operation_name: str | None) -> OperationType | None:
        """Query, mutation or subscription; None where no single operation is meant. Known also of what was refused later."""
        chosen = [node for node in self.operations if operation_name in (None, _name(node))]
        return chosen[0].operation if len(chosen) == 1 else None


@lru_cache(maxsize=256)
def prepare(text: str) -> Prepared:
    """Everything about a document that does not depend on its variables."""
    try:
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
    if errors := validate(CORE, document, max_errors=MOST_ERRORS):
        return Prepared(None, operations, errors=tuple(_invalid(error) for error in errors))
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    alone = (place for place, each in enumerate(operations) if reads_once(CORE, each, fragments))
    return Prepared(document, operations, fragments, alone=frozenset(alone), deprecated=used(CORE, document))


@dataclass(frozen=True, slots=True)
class Chosen:
    """The operation that is to be answered, its variables as they were given and as the schema has them, and what it costs at most."""

    prepared: Prepared
    operation: OperationDefinitionNode
    given: Mapping[str, Any]
    coerced: VariableValues
    points: int


def choose(text: str, variables: Mapping[str, Any], operation_name: str | None = None) -> Chosen | ExecutionResult:
    """Everything before the first read. Request errors come back as errors without data."""
    prepared = prepare(text)
    if prepared.document is None:
        return ExecutionResult(None, list(prepared.errors))
    chosen = [node for node in prepared.operations if operation_name in (None, _name(node))]
    if not chosen:
        return _error(
            f"The document has no operation called {str(operation_name)[:80]!r}.", "OPERATION_RESOLUTION_FAILURE"
        )
    if len(chosen) > 1:
        return _error("Name one operation of the document with operationName.", "OPERATION_RESOLUTION_FAILURE")
    (operation,) = chosen
    if operation.operation is not OperationType.QUERY:
        return _error("This service only answers queries.", "OPERATION_RESOLUTION_FAILURE")
    coerced = get_variable_values(CORE, operation.variable_definitions or (), dict(variables), max_errors=MOST_ERRORS)
    if isinstance(coerced, list):
        return ExecutionResult(None, [_coded(error, "BAD_USER_INPUT") for error in coerced])
    points = Points(CORE, prepared.fragments or {}, coerced).of(operation)
    return Chosen(prepared, operation, variables, coerced, points)


async def answer(
    text: str,
    variables: Mapping[str, Any],
    *,
    operation_name: str | None = None,
    reader: Reader,
    today: date,
    record_key: bytes | None = None,
    most_points: int = MAX_POINTS,
) -> ExecutionResult:
    """Prepare, plan, read, execute. Request errors come back as errors without data."""
    chosen = choose(text, variables, operation_name)
    if isinstance(chosen, ExecutionResult):
        return chosen
    return await answer_to(chosen, reader=reader, today=today, record_key=record_key, most_points=most_points)


async def answer_to(
    chosen: Chosen, *, reader: Reader, today: date, record_key: bytes | None = None, most_points: int = MAX_POINTS
) -> ExecutionResult:
    """Plan, read, execute, where it costs no more than `most_points`."""
    prepared, operation, coerced, points = chosen.prepared, chosen.operation, chosen.coerced, chosen.points
    fragments = prepared.fragments or {}
    assert prepared.document is not None
    if points > most_points:
        return _error(
            f"The operation may cost {points:,} points and one may have {most_points:,}: ask for smaller pages or fewer levels"
            f"{f', or with an API key, with which one may have {MAX_POINTS:,}' if most_points < points <= MAX_POINTS else ''}.",
            "OPERATION_TOO_COSTLY",
        )
    reader.alone = prepared.operations.index(operation) in prepared.alone
    try:
        facts = await Plan(CORE, operation, fragments, coerced).load(reader, today)
        facts.record_key = record_key
        await reader.release()  # what follows only computes, and others wait for connections
    except UnusableValue:
        return _error("A value of the request is not one that can be looked up.", "BAD_USER_INPUT")
    except TooSlow:
        return _error("The request takes too long; ask for less at once.", "TIMEOUT")
    compute = partial(
        execute,
        CORE,
        prepared.document,
        context_value=facts,
        variable_values=dict(chosen.given),
        operation_name=_name(operation),
    )
    # What takes long is computed beside the loop, so that health checks and small questions are answered meanwhile.
    result = compute() if points < LONG else await asyncio.get_running_loop().run_in_executor(_LONG_ONES, compute)
    assert not isawaitable(result), "a resolver awaited something: its need is not declared"
    assert isinstance(result, ExecutionResult)
    return result


def _error(message: str, code: str) -> ExecutionResult:
    return ExecutionResult(None, [GraphQLError(message, extensions={"code": code})])


_INCREMENTAL = re.compile(r"Unknown directive '@(defer|stream)'")


def _invalid(error: GraphQLError) -> GraphQLError:
    if (found := _INCREMENTAL.search(error.message)) is not None:
        said = f"@{found[1]} is not supported: an answer comes whole, because nothing in it is slow once its facts are read."
        error = GraphQLError(said, error.nodes)
    return _coded(error, "GRAPHQL_VALIDATION_FAILED")


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    """The error with a code, where it has none of its own."""
    if error.original_error is not None and isinstance(error.original_error, GraphQLError):
        error.extensions = {**(error.original_error.extensions or {}), **(error.extensions or {})}
    error.extensions = {"code": code, **(error.extensions or {})}
    return error


def _name(node: OperationDefinitionNode) -> str | None:
    return None if node.name is None else node.name.value
