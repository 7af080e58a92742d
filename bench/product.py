"""The product as it is served, once for each of its ways to an answer.

A way is an environment, or the product without the part that answers first, so that what stands behind it does. One that this
version does not have is not measured, and the report says so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib import import_module
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
_WITHOUT = "BENCH_WITHOUT"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to an answer. `settings` switch it on; `without` names functions, as `module:function`, that fail in its server."""

    title: str
    settings: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    whole: bool = False
    """Whether it is asked everything, or Q1 to Q4 only."""

    @property
    def environment(self) -> dict[str, str]:
        """What its server is given."""
        return self.settings | ({_WITHOUT: " ".join(self.without)} if self.without else {})

    @property
    def lacking(self) -> list[str]:
        """What it needs and this version does not have."""
        known = {setting.name for setting in TABLE}
        # A version without a response cache computes every answer, which is what 0 asks for.
        missing = sorted(name for name, value in self.settings.items() if name not in known and value != "0")
        return [*missing, *(each for each in self.without if not _has(each))]


def _has(place: str) -> bool:
    module, _, name = place.partition(":")
    try:
        return hasattr(import_module(module), name)
    except ModuleNotFoundError:
        return False


COLD = Way("product, cold", {"RESPONSE_CACHE_MB": "0"}, whole=True)
WARM = Way("product, warm", {"RESPONSE_CACHE_MB": "64"}, whole=True)
PLAN = Way("product, cold, by the plan", {"RESPONSE_CACHE_MB": "0"}, without=("schema.straight:statement",))
"""How everything is answered that is not of plain facts alone."""
CORE = Way(
    "product, cold, by graphql-core",
    {"RESPONSE_CACHE_MB": "0"},
    without=("schema.straight:statement", "schema.execution:builder"),
)
"""What the compiled execution falls back to."""
WAYS = (COLD, WARM, PLAN, CORE)
"""A further way is a line here."""


def _fails(*_: Any, **__: Any) -> Any:
    raise NotImplementedError


def app() -> Starlette:
    """The application over DATABASE_URL, as `llmref serve` starts it."""
    environment: dict[str, Any] = dict(os.environ)
    for place in environment.get(_WITHOUT, "").split():
        module, _, name = place.partition(":")
        setattr(import_module(module), name, _fails)
    return create_app(from_env(environment), environment["DATABASE_URL"])
