"""Capabilities that are needed together, route by route: who says so, for which scope, and where a route contradicts its model.

A model that can do three things does not do them everywhere at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.capabilities import capability
from domain.endpoints import api_shapes, shape_ref
from domain.facts import CapabilityKind, FactRef, Model, Presence, Route, Task
from domain.rules import Rule
from domain.shapes import Concept, Reference, Shapes
from domain.wording import in_words


class Scope(StrEnum):
    """For what something is said, from the narrowest on. ROUTE: the route's own provider says it of this route. MODEL: it is said
    of the model, and the route says nothing. API_SHAPE: a document says it of the wire format that the provider speaks, and
    nobody of route or model. NOBODY: no source says."""

    ROUTE = "ROUTE"
    MODEL = "MODEL"
    API_SHAPE = "API_SHAPE"
    NOBODY = "NOBODY"


@dataclass(frozen=True, slots=True)
class OnRoute:
    """One capability on one route. `presence` is what counts, by `scope`; `contradicts`: of route, model and wire format one says
    the opposite of another. `references` are the documents of the wire format."""

    kind: CapabilityKind
    presence: Presence
    scope: Scope
    by_model: Presence
    by_route: Presence
    by_shape: Presence
    references: tuple[Reference, ...]
    contradicts: bool
    used: tuple[FactRef, ...]


@dataclass(frozen=True, slots=True)
class Combination:
    """All of the capabilities on one route."""

    route: Route
    presence: Presence
    scope: Scope
    cells: tuple[OnRoute, ...]
    rule: str = "capability.conditional"


def on_route(kind: CapabilityKind, model: Model, route: Route, shapes: Shapes) -> OnRoute:
    """What the route says counts, else what is said of the model, else of the wire format."""
    ours, theirs = capability(route, kind), capability(model, kind)
    by_shape, references, spoken = _of_shape(kind, model, route, shapes)
    said = {Scope.ROUTE: ours.presence, Scope.MODEL: theirs.presence, Scope.API_SHAPE: by_shape}
    known = {scope: presence for scope, presence in said.items() if presence is not Presence.UNKNOWN}
    scope = next(iter(known), Scope.NOBODY)
    return OnRoute(
        kind,
        known.get(scope, Presence.UNKNOWN),
        scope,
        theirs.presence,
        ours.presence,
        by_shape,
        references,
        len(set(known.values())) > 1,
        tuple(dict.fromkeys((*ours.used, *theirs.used, *spoken))),
    )


def _of_shape(
    kind: CapabilityKind, model: Model, route: Route, shapes: Shapes
) -> tuple[Presence, tuple[Reference, ...], tuple[FactRef, ...]]:
    """Streaming is something of the API and of no model, so that the formats which generate text say it: YES where a document
    names its parameter in a format that the provider speaks, NO where documents of all its formats say that there is none."""
    if kind is not CapabilityKind.STREAMING or model.task is not Task.TEXT_GENERATION:
        return Presence.UNKNOWN, (), ()
    made = route.provider
    spoken = {shape: shapes.of(made.group or made.slug, shape).get(Concept.STREAMING) for shape in api_shapes(made)}
    known = {shape: cell for shape, cell in spoken.items() if cell is not None}
    offered = {shape: cell for shape, cell in known.items() if cell.name is not None}
    if not offered and (not known or len(known) < len(spoken)):
        return Presence.UNKNOWN, (), ()
    found = offered or known
    used = tuple(shape_ref(made, shape) for shape in found)
    return (Presence.YES if offered else Presence.NO), tuple(cell.reference for cell in found.values()), used


def combinations(
    model: Model, routes: Iterable[Route], kinds: Sequence[CapabilityKind], shapes: Shapes
) -> tuple[Combination, ...]:
    """A combination can be had on a live route when each of its capabilities can: by the route's own account, else by what is
    said of its model, else, for streaming of generated text, by what a document says of a wire format that its provider speaks.
    One that is denied makes it NO, else one of which nobody speaks makes it UNKNOWN. Its scope is the widest on which a yes to
    all rests, or the narrowest of a no. Whether a provider serves them within one request no source says. Routes that say so
    themselves come first, then those by their model, by their wire format, unknown ones, and those that deny it; each by
    provider name."""
    found = []
    for route in routes:
        if route.live:
            cells = tuple(on_route(kind, model, route, shapes) for kind in dict.fromkeys(kinds))
            found.append(_combined(route, cells))
    names = {each.route.key: (each.route.provider.name.casefold(), each.route.key) for each in found}
    return tuple(sorted(found, key=lambda each: (_PLACE[each.presence], _SCOPE[each.scope], names[each.route.key])))


@dataclass(frozen=True, slots=True)
class Matrix:
    """Capabilities that are needed together on the live routes of a model, as far as the caller may use them."""

    model: Model
    kinds: tuple[CapabilityKind, ...]
    routes: tuple[Combination, ...]
    rule: str = "capability.conditional"

    @property
    def used(self) -> tuple[FactRef, ...]:
        """Every fact behind it; that a route is offered is one."""
        offered = (FactRef("route", each.route.id, "lifecycle") for each in self.routes)
        said = (ref for each in self.routes for cell in each.cells for ref in cell.used)
        return tuple(dict.fromkeys((*offered, *said)))


def matrix(model: Model, routes: Iterable[Route], kinds: Sequence[CapabilityKind], shapes: Shapes) -> Matrix:
    """The combinations with what was asked."""
    return Matrix(model, tuple(dict.fromkeys(kinds)), combinations(model, routes, kinds, shapes))


_PLACE = {Presence.YES: 0, Presence.UNKNOWN: 1, Presence.NO: 2}
_SCOPE = {scope: place for place, scope in enumerate(Scope)}


def _combined(route: Route, cells: tuple[OnRoute, ...]) -> Combination:
    denied = [cell for cell in cells if cell.presence is Presence.NO]
    silent = [cell for cell in cells if cell.presence is Presence.UNKNOWN]
    if denied:
        return Combination(route, Presence.NO, min((cell.scope for cell in denied), key=_SCOPE.__getitem__), cells)
    if silent or not cells:
        return Combination(route, Presence.UNKNOWN, Scope.NOBODY, cells)
    return Combination(route, Presence.YES, max((cell.scope for cell in cells), key=_SCOPE.__getitem__), cells)


RULES = (
    Rule(
        "capability.conditional",
        "Capabilities together",
        in_words(combinations),
        "docs/methodology.md#conditional-capabilities",
    ),
)
