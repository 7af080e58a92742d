"""Capabilities that are needed together, route by route: who says so, for which scope, and where a route contradicts its model.

A model that can do three things does not do them everywhere at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.capabilities import capability
from domain.facts import CapabilityKind, FactRef, Model, Presence, Route
from domain.rules import Rule
from domain.wording import in_words


class Scope(StrEnum):
    """For what something is said. ROUTE: the route's own provider says it of this route. MODEL: it is said of the model, and the
    route says nothing. NOBODY: no source says."""

    ROUTE = "ROUTE"
    MODEL = "MODEL"
    NOBODY = "NOBODY"


@dataclass(frozen=True, slots=True)
class OnRoute:
    """One capability on one route. `presence` is what counts, by `scope`; `contradicts`: route and model say the opposite."""

    kind: CapabilityKind
    presence: Presence
    scope: Scope
    by_model: Presence
    by_route: Presence
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


def on_route(kind: CapabilityKind, model: Model, route: Route) -> OnRoute:
    """What the route says counts, else what is said of the model."""
    ours, theirs = capability(route, kind), capability(model, kind)
    if ours.presence is not Presence.UNKNOWN:
        scope, answer = Scope.ROUTE, ours
    else:
        scope, answer = (Scope.NOBODY if theirs.presence is Presence.UNKNOWN else Scope.MODEL), theirs
    known = Presence.UNKNOWN not in (ours.presence, theirs.presence)
    used = tuple(dict.fromkeys((*ours.used, *theirs.used)))
    return OnRoute(
        kind,
        answer.presence,
        scope,
        theirs.presence,
        ours.presence,
        known and ours.presence is not theirs.presence,
        used,
    )


def combinations(model: Model, routes: Iterable[Route], kinds: Sequence[CapabilityKind]) -> tuple[Combination, ...]:
    """A combination can be had on a live route when each of its capabilities can: by the route's own account, else by what is
    said of its model. One that is denied makes it NO, else one of which nobody speaks makes it UNKNOWN. Its scope is ROUTE
    only where the route itself decides: where it says yes to all, or no to one. Whether a provider serves them within one
    request no source says. Routes that say so themselves come first, then those by their model, unknown ones, and those
    that deny it; each by provider name."""
    found = []
    for route in routes:
        if route.live:
            cells = tuple(on_route(kind, model, route) for kind in dict.fromkeys(kinds))
            found.append(_combined(route, cells))
    names = {each.route.key: (each.route.provider.name.casefold(), each.route.key) for each in found}
    return tuple(sorted(found, key=lambda each: (_PLACE[each.presence], _SCOPE[each.scope], names[each.route.key])))


_PLACE = {Presence.YES: 0, Presence.UNKNOWN: 1, Presence.NO: 2}
_SCOPE = {scope: place for place, scope in enumerate(Scope)}


def _combined(route: Route, cells: tuple[OnRoute, ...]) -> Combination:
    denied = [cell for cell in cells if cell.presence is Presence.NO]
    silent = [cell for cell in cells if cell.presence is Presence.UNKNOWN]
    if denied:
        scope = Scope.ROUTE if any(cell.scope is Scope.ROUTE for cell in denied) else Scope.MODEL
        return Combination(route, Presence.NO, scope, cells)
    if silent or not cells:
        return Combination(route, Presence.UNKNOWN, Scope.NOBODY, cells)
    by_route = all(cell.scope is Scope.ROUTE for cell in cells)
    return Combination(route, Presence.YES, Scope.ROUTE if by_route else Scope.MODEL, cells)


RULES = (
    Rule(
        "capability.conditional",
        "Capabilities together",
        in_words(combinations),
        "docs/methodology.md#conditional-capabilities",
    ),
)
