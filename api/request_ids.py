"""An id for each request: the one that the client sent where it is a sane one, else a new one. It is in the answer's headers and in the log."""

from __future__ import annotations

import re
from contextvars import ContextVar
from random import getrandbits

HEADER = "x-request-id"
_SANE = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
"""What fits into a log line and a header as it is."""
CURRENT: ContextVar[bytes] = ContextVar("request_id", default=b"-")


def id_of(sent: bytes | None) -> bytes:
    """The id of a request whose client sent this one, or none."""
    if sent is not None and _SANE.fullmatch(sent) is not None:
        return sent
    return b"%032x" % getrandbits(128)
