"""Long computations ask, once for each candidate or change that they try, whether anybody still waits for what they find."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Check: TypeAlias = "Callable[[], None]"
"""Raises an exception of the caller's once nobody waits."""


def unasked() -> None:
    """For whoever waits until the end."""
