"""One way in: a document and its variables become an answer. The plan awaits the reads, the resolvers await nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from inspect import isawaitable
from typing import Any

from graphql import (
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    execute,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values
from sqlalchemy.ext.asyncio import AsyncConnection

from schema.catalog import schema
from schema.needs import Plan

MAX_TOKENS = 2_000


async def answer(
    text: str,
    variables: Mapping[str, Any],
    *,
    operation_name: str | None = None,
    connect: Callable[[], Awaitable[AsyncConnection]],
    today: date,
) -> ExecutionResult:
    """Parse, validate, plan, read, execute. Request errors come back as errors without data."""
    core = schema._schema
    try:
        document = parse(text, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        return ExecutionResult(None, [error])
    if errors := validate(core, document, max_errors=10):
        return ExecutionResult(None, errors)
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    chosen = [node for node in operations if operation_name is None or _name(node) == operation_name]
    if len(chosen) != 1:
        return ExecutionResult(None, [GraphQLError("Name one operation of the document with operationName.")])
    coerced = get_variable_values(core, chosen[0].variable_definitions or (), dict(variables), max_errors=10)
    if isinstance(coerced, list):
        return ExecutionResult(None, coerced)
    fragments = {n.name.value: n for n in document.definitions if isinstance(n, FragmentDefinitionNode)}
    facts = await Plan(core, chosen[0], fragments, coerced).load(connect, today)
    result = execute(
        core, document, context_value=facts, variable_values=dict(variables), operation_name=operation_name
    )
    assert not isawaitable(result), "a resolver awaited something: its need is not declared"
    assert isinstance(result, ExecutionResult)
    return result


def _name(node: OperationDefinitionNode) -> str | None:
    return None if node.name is None else node.name.value
