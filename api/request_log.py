"""A line for a request: what it was, what it took and how it ended, never its document or the value of a variable."""

from __future__ import annotations

import logging
import random
from typing import Any

from starlette.types import Scope

from api.documents import document_id
from api.observed import LEFT, Seen
from api.request_ids import CURRENT

_log = logging.getLogger("llmref.requests")


class RequestLog:
    """A line for each slow and each failed request (5xx), as a warning, and for a share of the others. A subscription is never slow."""

    def __init__(self, share: float, slow_s: float) -> None:
        self._share, self._slow_s = share, slow_s

    def __call__(self, scope: Scope, seen: Seen) -> None:
        slow = seen.seconds >= self._slow_s and seen.type != "subscription"
        if slow or seen.status >= 500:
            _log.warning("failed" if seen.status >= 500 else "slow", extra={"fields": fields(scope, seen)})
        elif self._share and random.random() < self._share:
            said = "client left" if seen.status == LEFT else "answered"
            _log.info(said, extra={"fields": fields(scope, seen)})


def fields(scope: Scope, seen: Seen) -> dict[str, Any]:
    """What a line about a request says. `hash` is the documentId, the same for the same text everywhere."""
    return {
        "request_id": CURRENT.get().decode(),
        "hash": "-" if seen.asked is None else document_id(seen.asked.text),
        "operation": seen.operation,
        "type": seen.type,
        "transport": seen.transport,
        "status": seen.status,
        "ms": round(seen.seconds * 1000, 1),
        "points": seen.points,
        "statements": seen.statements,
        "cache": seen.cache,
        "codes": ",".join(seen.codes) or "-",
    }
