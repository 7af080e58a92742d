"""Short ways to write down what a parser should say."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from domain.statements import Parsed, Said, Subject, SubjectKind


def body(document: Any) -> bytes:
    """The document as JSON bytes."""
    return json.dumps(document).encode()


def subject(parsed: Parsed, id: str, kind: SubjectKind = SubjectKind.ROUTE) -> Subject:
    """The only subject of that kind and id."""
    (found,) = [each for each in parsed.subjects if each.kind is kind and each.id == id]
    return found


def values(found: Subject) -> dict[str, Any]:
    """Field to value; fails where a field is said twice."""
    fields = {said.field: said.value for said in found.said}
    assert len(fields) == len(found.said)
    return fields


def prices(found: Subject) -> dict[str, Any]:
    """The same for prices alone, without their `price.`."""
    return {field.removeprefix("price."): value for field, value in values(found).items() if field.startswith("price.")}


def dated(found: Subject, field: str) -> list[tuple[Any, date | None, date | None, date | None]]:
    """Value, valid from, observed from and valid to of each statement of a field, in order."""
    return [
        (said.value, said.valid_from, said.observed_from, said.valid_to) for said in found.said if said.field == field
    ]


def said(found: Subject, field: str) -> Said:
    """The only statement of a field."""
    (one,) = [each for each in found.said if each.field == field]
    return one


def problems(parsed: Parsed, *, without: tuple[str, ...] = ("unread-field",)) -> list[tuple[str, str, str]]:
    """Code, message and place of each problem, but for the codes left out."""
    return [(each.code, each.message, each.locator) for each in parsed.problems if each.code not in without]
