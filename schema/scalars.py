"""Scalars that GraphQL does not have: exact amounts, whole numbers beyond 32 bits, days, moments, and values as a source has them.

Amounts are decimal text in both directions: a float would change them.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from graphql import StringValueNode, ValueNode, value_from_ast_untyped
from strawberry.types.scalar import ScalarDefinition

from schema.errors import bad_input

BigInt = NewType("BigInt", int)
Value = NewType("Value", object)

_AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,15})?")


def read_amount(value: Any) -> Decimal:
    """An amount as text or whole number; a float would already have lost digits, and its shortest text is taken."""
    text = str(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not _AMOUNT.fullmatch(text):
        raise bad_input(f'{text[:40]!r} is not an amount; write it as text, such as "0.60".')
    return Decimal(text)


def read_whole(value: Any) -> int:
    """A whole number, as number or text."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not re.fullmatch(r"-?\d{1,18}", str(value)):
        raise bad_input(f"{str(value)[:40]!r} is not a whole number.")
    return int(value)


def read_day(value: Any) -> date:
    """A day as text."""
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "")
    except ValueError:
        raise bad_input(f"{str(value)[:40]!r} is not a day; write it as 2026-05-26.") from None


def _from_literal(read: Any) -> Any:
    def parse(node: ValueNode, _: Any = None) -> Any:
        return read(node.value if isinstance(node, StringValueNode) else value_from_ast_untyped(node))

    return parse


def _scalar(name: str, description: str, serialize: Any, read: Any) -> ScalarDefinition:
    made: ScalarDefinition = strawberry.scalar(
        name=name,
        description=description,
        serialize=serialize,
        parse_value=read,
        parse_literal=_from_literal(read),
    )
    return made


def _plain(amount: Decimal) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, tuple | list):
        return [_json(item) for item in value]
    return value


def read_moment(value: Any) -> datetime:
    """A moment from text in ISO 8601 with an offset. Of the first and the last year there is none, as they have hours that exist at some
    places on Earth only."""
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None or not date.min.year < moment.year < date.max.year:
            raise ValueError
    except (TypeError, ValueError):
        said = "A moment is text in ISO 8601 with its offset, such as 2026-11-26T16:30:00Z, in the years 2 to 9998."
        raise bad_input(said) from None
    return moment


def _only_out(value: Any) -> Any:
    raise bad_input("This scalar is for answers only.")


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: _scalar("Decimal", 'An exact decimal number as text, such as "0.6".', _plain, read_amount),
    date: _scalar("Date", "A day as text, such as 2026-05-26.", lambda day: day.isoformat(), read_day),
    datetime: _scalar(
        "DateTime",
        "A moment as text in ISO 8601, with its offset, such as 2026-11-26T16:30:00Z.",
        lambda moment: moment.isoformat(),
        read_moment,
    ),
    BigInt: _scalar(
        "BigInt", "A whole number that may have more than 32 bits, such as a count of parameters.", int, read_whole
    ),
    Value: _scalar(
        "Value",
        "A value as its source has it: text, whole number, true or false, a list or an object of these. Amounts are decimal text.",
        _json,
        _only_out,
    ),
}
