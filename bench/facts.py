"""Whether two servers gave the same answer: byte for byte where both are ours, else by the facts in it."""

from __future__ import annotations

import re
from typing import Any

import orjson

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def data(body: bytes) -> Any:
    """What was answered. Raises ValueError where that has errors."""
    answer = orjson.loads(body)
    if answer.get("errors"):
        raise ValueError(f"an answer with errors: {answer['errors'][:1]}")
    return answer["data"]


def data_part(body: bytes) -> bytes:
    """The data of an answer as it came; whatever else the answer has is left out."""
    start = body.index(b'"data":') + len(b'"data":')
    length = len(orjson.dumps(orjson.loads(body)["data"]))
    return body[start : start + length]


def facts(found: Any) -> Any:
    """An answer without the ways in which PostGraphile writes the same: amounts with zeros at their end, large numbers as text,
    capabilities as two lists, and sheets and results in the order of its own index."""
    if isinstance(found, list):
        return [facts(each) for each in found]
    if isinstance(found, dict):
        made = {name: facts(value) for name, value in found.items()}
        for name in ("prices", "results"):
            if name in made:
                made[name] = sorted(made[name], key=orjson.dumps)
        if "capabilities" in made:
            said = made.pop("capabilities")
            for name, presence in (("capabilitiesYes", "YES"), ("capabilitiesNo", "NO")):
                made[name] = [each["kind"] for each in said if each["presence"] == presence]
        for name in ("capabilitiesYes", "capabilitiesNo"):
            if name in made:
                made[name] = sorted(made[name])
        return made
    if isinstance(found, bool) or found is None:
        return found
    text = str(found)
    if _NUMBER.fullmatch(text):
        return text.rstrip("0").rstrip(".") if "." in text else text
    return text
