"""Reads a data module of Python without running it: literals, lists and dictionaries as they are, a call with keyword
arguments as a dictionary of them. Nothing is looked up or executed; anything else in the data is refused.
"""

from __future__ import annotations

import ast
from decimal import Decimal, InvalidOperation
from typing import Any

from domain.statements import BrokenDocument

_DATE_PARTS = 3
_TIME_PARTS = 2


def read_literals(source: bytes, name: str) -> Any:
    """The value that the module assigns to `name`, in the shape of JSON: `Model(id='a')` is {"id": "a"}, `Decimal('1.5')` the
    decimal, `datetime.date(2026, 3, 1)` "2026-03-01"; a trailing underscore of a keyword (`or_`) falls away. Raises
    BrokenDocument where the module does not parse, lacks the name or computes something."""
    try:
        module = ast.parse(source)
        for statement in module.body:
            if isinstance(statement, ast.AnnAssign):
                targets: list[ast.expr] = [statement.target]
            elif isinstance(statement, ast.Assign):
                targets = statement.targets
            else:
                continue
            if statement.value is not None and any(isinstance(t, ast.Name) and t.id == name for t in targets):
                return _value(statement.value)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, BrokenDocument):
            raise
        raise BrokenDocument(f"not a Python module: {error}") from error
    raise BrokenDocument(f"the module does not assign {name}")


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=str() | bool() | int() | None as value):
            return value
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item) for item in items]
        case ast.Dict(keys=keys, values=values):
            return {str(_value(key)): _value(value) for key, value in zip(keys, values, strict=True) if key is not None}
        case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=str() as text)], keywords=[]):
            try:
                return Decimal(text)
            except InvalidOperation as error:
                raise BrokenDocument(f"line {node.lineno}: {text!r} is not a number") from error
        case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime"), attr="date"), args=parts, keywords=[]):
            year, month, day = _numbers(node, parts, _DATE_PARTS)
            return f"{year:04}-{month:02}-{day:02}"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime"), attr="time"), args=parts):
            hour, minute = _numbers(node, parts, _TIME_PARTS)
            return f"{hour:02}:{minute:02}:00Z"
        case ast.Call(func=ast.Name(), args=[], keywords=keywords):
            return {word.arg.rstrip("_"): _value(word.value) for word in keywords if word.arg is not None}
    raise BrokenDocument(f"line {node.lineno}: the data holds an expression that is not a literal")


def _numbers(node: ast.expr, parts: list[ast.expr], count: int) -> list[int]:
    numbers = [part.value for part in parts if isinstance(part, ast.Constant) and type(part.value) is int]
    if len(numbers) != count or len(parts) != count:
        raise BrokenDocument(f"line {node.lineno}: a date or time that is not written out")
    return numbers
