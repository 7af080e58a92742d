"""The log of what was not raised on purpose: the first of its kind with its traceback, and what repeats as a line now and then, so that
a database that is away does not write a traceback for each request.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic

from api.request_ids import CURRENT

EVERY_S = 10.0
"""A kind that repeats has one line in so long."""
QUIET_S = 60.0
"""What did not happen for so long is told with its traceback again, under another id."""
MOST_KINDS = 200
_ROOT = str(Path(__file__).parent.parent)
_ROOMS = tuple(f"{_ROOT}/{room}/" for room in ("api", "schema", "ingest", "db", "domain"))
_log = logging.getLogger("llmref")


@dataclass(slots=True)
class _Mistake:
    """One kind, from its first time on. `repeated` since its last line; `request` was the last one."""

    code: str
    error: str
    last: float
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    repeated: int = 0
    request: str = "-"


class Mistakes:
    """Those of one process."""

    def __init__(self) -> None:
        self._known: dict[Hashable, _Mistake] = {}

    def noted(self, code: str, error: BaseException) -> str:
        """The id under which the log has this mistake, which is that of the first of its kind."""
        now, kind, request = monotonic(), _kind(code, error), CURRENT.get().decode()
        known = self._known.get(kind)
        if known is not None and now < known.last + QUIET_S:
            if not known.repeated:
                asyncio.get_running_loop().call_later(EVERY_S, partial(_tell, known))
            known.repeated, known.last, known.request = known.repeated + 1, now, request
            return known.id
        if len(self._known) >= MOST_KINDS:
            _tell(self._known.pop(next(iter(self._known))))
        known = self._known[kind] = _Mistake(code, type(error).__qualname__, now)
        fields = {"code": code, "error": known.error}
        _log.error("masked as %s in request %s", known.id, request, exc_info=error, extra={"fields": fields})
        return known.id

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """Tells at the end what has repeated since the last lines, and forgets all."""
        try:
            yield
        finally:
            known, self._known = self._known, {}
            for each in known.values():
                _tell(each)


MISTAKES = Mistakes()


def _tell(known: _Mistake) -> None:
    if known.repeated:
        fields = {"code": known.code, "error": known.error, "repeated": known.repeated, "last_request": known.request}
        _log.error("masked again as %s", known.id, extra={"fields": fields})
        known.repeated = 0


def _kind(code: str, error: BaseException) -> Hashable:
    """What is taken for the same: errors of one class from one statement, or from one place of ours. A database that is away is away
    wherever that is noticed."""
    if code == "DATABASE_UNAVAILABLE":
        return code, type(error)
    return code, type(error), getattr(error, "statement", None) or _place(error)


def _place(error: BaseException) -> Hashable:
    place: tuple[str, int] | None = None
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if place is None or file.startswith(_ROOMS):
            place = file, trace.tb_lineno
        trace = trace.tb_next
    return place
