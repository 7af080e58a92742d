"""Where a span of a trace begins, for rooms that know nothing of tracing. Unless somebody traces it costs one call."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias

Begin: TypeAlias = Callable[[str], AbstractContextManager[Any]]
_NOTHING = nullcontext()
_begin: Begin | None = None


def span(name: str) -> AbstractContextManager[Any]:
    """A part of the work on one request, until the end of the block."""
    return _NOTHING if _begin is None else _begin(name)


def trace_with(begin: Begin | None) -> None:
    """Who is told of every span of this process from now on; None is nobody."""
    global _begin
    _begin = begin
