"""What is named instead of a model, from the accepted statements, each name resolved to the model that it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from domain.lifecycle import SuccessorKind
from domain.reconcile import Accepted


@dataclass(frozen=True, slots=True)
class Successor:
    """One named successor. `target` is a slug, None where the spelling names no model of the catalogue; `place` is its place
    among those of its kind."""

    model: str
    target: str | None
    spelling: str
    kind: str
    place: int
    source: str


def successors(
    model: str, accepted: Mapping[str, Accepted], resolve: Callable[[str, str], str | None]
) -> Iterator[Successor]:
    """Drop-ins before options, in the order in which their source names them. `resolve` takes source and spelling. A spelling that
    means the model itself, as a dated id of it may, is kept: it makes a cycle, and the chain says so."""
    for kind in SuccessorKind:
        found = accepted.get(f"successor.{kind}")
        names = found.value if found is not None and isinstance(found.value, list) else []
        for place, spelling in enumerate(names):
            assert found is not None
            yield Successor(model, resolve(found.source, spelling), spelling, str(kind), place, found.source)
