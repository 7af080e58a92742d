"""One way in: a document and its variables become an answer. The plan awaits the reads, the resolvers await nothing."""

from __future__ import annotations

import asyncio
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
from graphql.execution.values import get_variable_values

from db.reader import Reader, TooSlow, UnusableValue
from schema.limits import MAX_TOKENS, refused
from schema.needs import Plan
from schema.points import MAX_POINTS, Points
from schema.query import schema
from schema.single import reads_once

MOST_ERRORS = 10
LONG = 250
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
    if (too_large := refused(document)) is not None:
        return Prepared(None, errors=(too_large,))
    if errors := validate(CORE, document, max_errors=MOST_ERRORS):
        return Prepared(None, errors=tuple(_coded(error, "GRAPHQL_VALIDATION_FAILED") for error in errors))
    operations = tuple(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    alone = (place for place, each in enumerate(operations) if reads_once(CORE, each, fragments))
    return Prepared(document, operations, fragments, alone=frozenset(alone))


async def answer(
    text: str,
    variables: Mapping[str, Any],
    *,
    operation_name: str | None = None,
    reader: Reader,
    today: date,
    record_key: bytes | None = None,
) -> ExecutionResult:
    """Prepare, plan, read, execute. Request errors come back as errors without data."""
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
    fragments = prepared.fragments or {}
    if (points := Points(CORE, fragments, coerced).of(operation)) > MAX_POINTS:
        return _error(
            f"The operation may cost {points:,} points and one may have {MAX_POINTS:,}: ask for smaller pages or fewer levels.",
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
        variable_values=dict(variables),
        operation_name=operation_name,
    )
    # What takes long is computed beside the loop, so that health checks and small questions are answered meanwhile.
    result = compute() if points < LONG else await asyncio.get_running_loop().run_in_executor(_LONG_ONES, compute)
    assert not isawaitable(result), "a resolver awaited something: its need is not declared"
    assert isinstance(result, ExecutionResult)
    return result


def _error(message: str, code: str) -> ExecutionResult:
    return ExecutionResult(None, [GraphQLError(message, extensions={"code": code})])


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    """The error with a code, where it has none of its own."""
    if error.original_error is not None and isinstance(error.original_error, GraphQLError):
        error.extensions = {**(error.original_error.extensions or {}), **(error.extensions or {})}
    error.extensions = {"code": code, **(error.extensions or {})}
    return error


def _name(node: OperationDefinitionNode) -> str | None:
    return None if node.name is None else node.name.value
