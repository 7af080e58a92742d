"""JSON that comes back from clients inside a text of ours: an id, a cursor, a record. Whatever they have made of it, reading it gives
plain values or a ValueError.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""What JSON can say without floats; amounts are decimal text."""
MOST_DEPTH = 12


def read_json(text: str | bytes) -> Json:
    """What the text says. Raises ValueError where it is no JSON, nested deeper than anything of ours, or says a float, NaN, Infinity or
    half a character."""
    try:
        said = json.loads(text, parse_float=_no_number, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("too deep") from None
    if nested_deeper(said, MOST_DEPTH):
        raise ValueError("too deep")
    json.dumps(said, ensure_ascii=False).encode()  # which half a character cannot be, in an answer or in a database
    return said


def nested_deeper(said: Json, most: int) -> bool:
    """Whether lists and objects stand in each other more than so many levels deep."""
    level: list[Json] = [said]
    for _ in range(most):
        level = [item for each in level if isinstance(each, dict | list) for item in _items(each)]
        if not level:
            return False
    return any(isinstance(each, dict | list) for each in level)


def _items(said: dict[str, Json] | list[Json]) -> Any:
    return said.values() if isinstance(said, dict) else said


def _no_number(text: str) -> Json:
    raise ValueError(f"{text[:20]} is no number of ours")
