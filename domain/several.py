"""How a sentence names several of the models that are compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from domain.facts import Model
from domain.wording import listed, lowered


def names(models: Iterable[Model], conjunction: str = "and") -> str:
    """The models' names as an English list."""
    return listed((model.name for model in models), conjunction)


def all_of(models: Sequence[Model], among: Sequence[Model] | None = None) -> str:
    """`Both` or `All 5` when `models` are all that are compared; else, and for one alone, their names."""
    if len(models) < (2 if among is None else len(among)):
        return names(models)
    return "Both" if len(models) == 2 else f"All {len(models)}"


def together(models: Sequence[Model], among: Sequence[Model]) -> str:
    """The same inside a sentence."""
    return lowered(all_of(models)) if len(models) == len(among) else names(models)


def none_of(models: Sequence[Model]) -> str:
    """`Neither` of two, `None of them` of more."""
    return "Neither" if len(models) == 2 else "None of them"
