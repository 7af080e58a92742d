"""Connecting to one of several hosts: one after another, each with its own share of the time, and those that failed lately last.

The driver gives all hosts one time together, so that one which is silent, as a machine that is gone is, uses up that of the others.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import asyncpg

AVOID_S = 30.0
"""For how long a host that failed is asked after the others."""
_AWAY: tuple[type[Exception], ...] = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
)


_connect: Any = asyncpg.connect


class Hosts:
    """Connects as `asyncpg.connect` does, with `target_session_attrs` as in libpq. Raises what the last host that failed raised."""

    def __init__(self) -> None:
        self._failed: dict[tuple[str, int], float] = {}

    async def __call__(
        self,
        *,
        host: Sequence[str],
        port: Sequence[int],
        timeout: float,  # noqa: ASYNC109 - the driver's signature
        target_session_attrs: str = "any",
        **arguments: Any,
    ) -> asyncpg.Connection:
        places = list(zip(host, port, strict=True))
        late = [place for place in places if self._failed_lately(place)]
        kinds = ("standby", "any") if target_session_attrs == "prefer-standby" else (target_session_attrs,)
        failed: Exception | None = None
        # A second choice of those that answer comes before the first choice of those that did not.
        for group in ([place for place in places if place not in late], late):
            for kind in kinds:
                for place in list(group):
                    one = {**arguments, "host": place[0], "port": place[1], "timeout": timeout / len(places)}
                    try:
                        made: asyncpg.Connection = await _connect(**one, target_session_attrs=kind)
                    except asyncpg.TargetServerAttributeNotMatched as error:
                        failed = failed or error
                    except _AWAY as error:
                        failed = error
                        self._failed[place] = time.monotonic()
                        group.remove(place)
                    else:
                        self._failed.pop(place, None)
                        return made
        assert failed is not None
        raise failed

    def _failed_lately(self, place: tuple[str, int]) -> bool:
        failed = self._failed.get(place)
        return failed is not None and time.monotonic() - failed < AVOID_S
