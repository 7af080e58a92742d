"""What can be had on routes, found once for all that are asked for: the states of requirements without their words.

Of most routes of a catalogue a ranking only has to know that they are out.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.capabilities import presence_of
from domain.facts import CapabilityKind, Modality, Model, Presence, Route
from domain.required import Requirements, State
from domain.requirements import all_of, enough, own_or_models


@dataclass(frozen=True, slots=True, eq=False)
class Able:
    """What can be had on routes, what is denied there, and within which limits. There is one of each, so that it is its own name."""

    yes: frozenset[CapabilityKind]
    no: frozenset[CapabilityKind]
    inputs: tuple[Modality, ...]
    outputs: tuple[Modality, ...]
    window: int | None
    longest: int | None

    def unmet(self, wanted: Requirements) -> tuple[State, ...]:
        """The states of `ability_checks` that are not met."""
        found = [
            State.MET if kind in self.yes else State.FAILED if kind in self.no else State.UNKNOWN
            for kind in wanted.capabilities
        ]
        for needed, has in ((wanted.inputs, self.inputs), (wanted.outputs, self.outputs)):
            found += [all_of(needed, has)] if needed else []
        for floor, limit in ((wanted.min_context, self.window), (wanted.min_output, self.longest)):
            found += [] if floor is None else [enough(floor, limit)]
        return tuple(state for state in found if state is not State.MET)


class Abilities:
    """What can be had on each route. Of a catalogue that stays it is remembered by the number of the route, so that each is looked at
    once; routes that are alike share it."""

    def __init__(self, *, remember: bool = False) -> None:
        self._remember = remember
        self._of: dict[int, Able] = {}
        self._alike: dict[object, Able] = {}

    def of(self, model: Model, route: Route) -> Able:
        """What can be had on a route of a model, by the route's own word or else its model's."""
        found = self._of.get(route.id)
        if found is None:
            states = {kind: _presence(kind, model, route) for kind in CapabilityKind}
            yes, no = (
                frozenset(kind for kind, presence in states.items() if presence is each)
                for each in (Presence.YES, Presence.NO)
            )
            limits = tuple(
                own_or_models(model, route, field)
                for field in ("input_modalities", "output_modalities", "context_window", "max_output")
            )
            alike = (yes, no, *limits)
            found = self._alike.setdefault(alike, Able(*alike))
            if self._remember:
                self._of[route.id] = found
        return found


def _presence(kind: CapabilityKind, model: Model, route: Route) -> Presence:
    own = presence_of(route, kind)
    return own if own is not Presence.UNKNOWN else presence_of(model, kind)
