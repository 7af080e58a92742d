"""The product as it is served, once for each of its ways to an answer.

A way is an environment. One that this version has no setting for is not measured, and the table says so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette

from api.app import create_app
from api.settings import TABLE, from_env

PATIENT = {
    "RATE_LIMIT": "off",
    "INGEST_EVERY": "off",
    "LIVE_CATALOG": "off",
    "POOL_WAIT_SECONDS": "60",
    "STATEMENT_TIMEOUT_MS": "60000",
    "OPERATION_TIMEOUT_SECONDS": "60",
}
"""For every way: 16 connections that always ask are no guest to be slowed down, and nothing is given up half-way."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to an answer: how it is switched on."""

    title: str
    environment: dict[str, str] = field(default_factory=dict)
    whole: bool = False
    """Whether it is asked everything, or Q1 to Q4 only."""

    @property
    def lacking(self) -> list[str]:
        """Settings that it needs and this version does not have."""
        known = {setting.name for setting in TABLE}
        # A version without a response cache computes every answer, which is what 0 asks for.
        return sorted(name for name, value in self.environment.items() if name not in known and value != "0")


COLD = Way("product, cold", {"RESPONSE_CACHE_MB": "0"}, whole=True)
WARM = Way("product, warm", {"RESPONSE_CACHE_MB": "64"}, whole=True)
WAYS = (COLD, WARM)
"""A further way is a line here."""


def app() -> Starlette:
    """The application over DATABASE_URL, as `llmref serve` starts it."""
    environment: dict[str, Any] = dict(os.environ)
    return create_app(from_env(environment), environment["DATABASE_URL"])
