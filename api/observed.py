"""What becomes of a request to the GraphQL endpoint. The endpoint and the service write it down where they know it, and `api.observing`
counts, logs and traces it. Who joins a computation that another one began has no statements of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from graphql import OperationType

from api.asked import Asked

OTHER = "other"
"""The operation of every document that is none of operations/."""
LEFT = 499
"""The status of a request whose client left before there was an answer, as nginx writes it; nobody was sent it."""


@dataclass(slots=True)
class Seen:
    """What is known of one request. `cache`: `hit`, `miss`, `joined` a computation under way, `stale`, or `none` where nothing was
    to be answered. `codes` are those of its errors, each once. `transport`: `http`, `events` or `websocket`."""

    asked: Asked | None = None
    kind: OperationType | None = None
    """None also where the document was not looked at."""
    cache: str = "none"
    codes: tuple[str, ...] = ()
    status: int = LEFT
    estimated: int = 0
    points: int = 0
    statements: int = 0
    seconds: float = 0.0
    operation: str = OTHER
    deprecated: str = ""
    """What the document uses that is going to go, as the header says it."""
    transport: str = "http"

    @property
    def type(self) -> str:
        """`query`, `mutation` or `subscription`; `unknown` where no single operation is meant."""
        if self.cache == "hit":
            return "query"
        return "unknown" if self.kind is None else self.kind.value

    def erred(self, more: Iterable[str]) -> None:
        """Notes codes beside those that were noted before."""
        self.codes = tuple(sorted({*self.codes, *more}))


CURRENT: ContextVar[Seen | None] = ContextVar("seen", default=None)


def seen() -> Seen:
    """Of the request that is worked for; one that nobody looks at outside of the endpoint."""
    return CURRENT.get() or Seen()


def codes(errors: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The codes of errors as they are shown, each once."""
    return tuple(sorted({error["extensions"]["code"] for error in errors}))
