"""Capabilities together, route by route, as GraphQL shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any

import strawberry

from domain import conditional, facts
from domain.conditional import Scope
from domain.facts import Offer
from domain.overrides import Overrides, under, usable
from domain.records import Question
from schema.catalog import Model, Route
from schema.comparison import ref_of, unknown_model
from schema.enums import described
from schema.errors import bad_input
from schema.evidence import Fact, Rule
from schema.groups import Group
from schema.look import Info, Look, look
from schema.needs import Need, needs, of_parent
from schema.overrides import TERMS, OverridesInput, overrides_given
from schema.paging import MOST_ROUTES, FewRoutes, page_size
from schema.questions import of_matrix
from schema.recording import record_field
from schema.rules import USED, rule_field
from schema.shapes import SHAPES, Reference
from schema.workloads import LensInput, checked

described(
    Scope,
    "For what something is said.",
    {
        "ROUTE": "Of this route, by its own provider's account.",
        "MODEL": "Of the model; the route says nothing.",
        "API_SHAPE": "Of a wire format that the provider speaks; nobody says it of route or model.",
        "NOBODY": "No source says.",
    },
    name="CapabilityScope",
)


def _model(_: Look, shown: Any, __: Any) -> list[Any]:
    return [shown]


@strawberry.type(description="One capability on one route.")
class CapabilityOnRoute:
    kind: facts.CapabilityKind = strawberry.field(description="Which capability.")
    presence: facts.Presence = strawberry.field(
        description="What counts: the route's word, else its model's, else that of the provider's wire format."
    )
    scope: Scope = strawberry.field(description="Whose word that is.")
    by_model: facts.Presence = strawberry.field(description="What is said of the model.")
    by_route: facts.Presence = strawberry.field(description="What is said of the route.")
    by_shape: facts.Presence = strawberry.field(
        description="What a document says of a wire format that the provider speaks; only streaming is said so."
    )
    references: list[Reference] = strawberry.field(description="The documents of the wire format, if any.")
    contradicts: bool = strawberry.field(
        description="Whether of route, model and wire format one says the opposite of another."
    )
    used: list[Fact] = strawberry.field(description=USED)


@strawberry.type(description="All of the capabilities on one route.")
class CapabilityCombination:
    route: Route = strawberry.field(
        description="Where.", metadata=needs(to=lambda seen, model, _: _routes(seen, model))
    )
    presence: facts.Presence = strawberry.field(
        description="Whether all can be had; UNKNOWN where nothing is denied, and nobody speaks of one."
    )
    scope: Scope = strawberry.field(
        description="The widest scope on which a yes to all rests, or the narrowest of a no."
    )
    cells: list[CapabilityOnRoute] = strawberry.field(
        description="One by one, in the order asked.", metadata=needs(to=_model)
    )
    rule: Rule = rule_field()


def _routes(seen: Look, model: Any) -> Any:
    return seen.get(Group.ROUTES, model.id) or ()


_ROUTES = Need(Group.ROUTES, of_parent(facts.Model))


@strawberry.type(description="Capabilities that are needed together, on the live routes of a model.")
class CapabilityMatrix:
    model: Model = strawberry.field(description="Which model.", metadata=needs(to=_model))
    record: str = record_field(_ROUTES)

    @strawberry.field(
        description="The live routes that you may use: those that say so themselves first, then those by their model, by their wire format, unknown ones, and those that deny it.",
        metadata=needs(_ROUTES),
    )
    def routes(
        self: Any,
        presence: Annotated[
            facts.Presence | None, strawberry.argument(description="Only those where all can be had, or not.")
        ] = None,
        first: FewRoutes = 100,
    ) -> list[CapabilityCombination]:
        return [each for each in self.decision.routes if presence in (None, each.presence)][
            : page_size(first, MOST_ROUTES)
        ]


class _Matrix:
    def __init__(self, seen: Look, model: facts.Model, kinds: list[facts.CapabilityKind], terms: Overrides) -> None:
        self.seen, self.model, self.kinds = seen, model, kinds
        self.terms = replace(terms, prices=())  # what it costs is not asked

    @cached_property
    def decision(self) -> conditional.Matrix:
        """Needs the routes."""
        offers = under((Offer(route, ()) for route in _routes(self.seen, self.model)), self.terms)
        return conditional.matrix(self.model, [offer.route for offer in usable(offers)], self.kinds, SHAPES)

    @property
    def question(self) -> Question:
        """What the record asks again."""
        return of_matrix(self.model.slug, self.decision.kinds, self.terms)


def _named(seen: Look, given: Mapping[str, Any]) -> facts.Model | None:
    found: facts.Model | None = seen.get(Group.MODELS, ref_of(given["ref"]))
    return found


ASKED = needs(
    Need(Group.MODELS, lambda _, given: (ref_of(given["ref"]),)),
    TERMS,
    to=lambda seen, _, given: filter(None, [_named(seen, given)]),
)
"""Metadata of the root field."""


def matrix(
    info: Info, ref: str, kinds: list[facts.CapabilityKind], overrides: OverridesInput | None, lens: LensInput | None
) -> Any:
    """Raises GraphQLError UNKNOWN_MODEL, BAD_REF, UNKNOWN_OVERRIDE or BAD_USER_INPUT."""
    checked(lens)
    terms = overrides_given(look(info), overrides)
    if not 1 <= len(set(kinds)) <= len(facts.CapabilityKind):
        raise bad_input("Name at least one capability.")
    seen = look(info)
    found = _named(seen, {"ref": ref})
    if found is None:
        raise unknown_model(ref, seen.lens)
    return _Matrix(seen, found, kinds, terms)
