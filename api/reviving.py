"""Starts the package's own PostgreSQL again when it ends while answers come from it, as where the system killed it for its memory."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator

from db.unavailable import DatabaseUnavailable

LOOK_S = 1.0
"""Between two looks at the server."""
PAUSE_S = 30.0
"""Before the next try where it does not start."""

log = logging.getLogger("llmref.database")


@contextlib.contextmanager
def revived(revive: Callable[[], bool]) -> Iterator[None]:
    """Looks after the server meanwhile. Requests see it as a database that was away."""
    ended = threading.Event()

    def look() -> None:
        wait, failing = LOOK_S, False
        while not ended.wait(wait):
            try:
                if revive():
                    log.warning("PostgreSQL ended and was started again")
                wait, failing = LOOK_S, False
            except DatabaseUnavailable as error:
                if not failing:
                    log.error("PostgreSQL ended and does not start: %s", error)
                wait, failing = PAUSE_S, True

    looking = threading.Thread(target=look, name="database", daemon=True)
    looking.start()
    try:
        yield
    finally:
        ended.set()
        looking.join()
