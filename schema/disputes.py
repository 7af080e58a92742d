"""Disputed facts across the catalogue, each with its evidence on demand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import strawberry

from domain import provenance
from schema.catalog import Model
from schema.evidence import Evidence
from schema.groups import Group
from schema.look import Info, Look, look
from schema.needs import Need, needs
from schema.scalars import Value


def _of_model(dispute: Any, _: Any) -> Any:
    return ((dispute.fact.id, dispute.fact.field),) if dispute.fact.kind == "model" else ()


def _of_route(dispute: Any, _: Any) -> Any:
    return (dispute.fact.id,) if dispute.fact.kind == "route" else ()


def _model(seen: Look, dispute: Any) -> list[Any]:
    found = None if dispute.model_id is None else seen.get(Group.MODEL, dispute.model_id)
    return [] if found is None else [found]


@strawberry.type(description="A fact on which independent sources disagree.")
class Dispute:
    of: str = strawberry.field(description="Slug of the model, or key of the route, that it is about.")
    value: Value = strawberry.field(description="The value that is accepted and shown.")
    source: str = strawberry.field(description="Short name of the source whose value was accepted.")
    ratio: Decimal | None = strawberry.field(
        description="The largest value over the smallest one; null where the values are no numbers."
    )

    @strawberry.field(
        description="On how many routes of the model the same field is disputed, of those that the conditions match."
    )
    def route_count(self: Any) -> int:
        return self.routes

    @strawberry.field(description="How many statements disagree.")
    def dissenting_count(self: Any) -> int:
        return self.dissenting

    @strawberry.field(description="What the fact is about: `model` or `route`.")
    def kind(self: Any) -> str:
        return self.fact.kind

    @strawberry.field(description="Name of the field, such as `context_window` or `price.STANDARD.0.output`.")
    def field(self: Any) -> str:
        return self.fact.field

    @strawberry.field(
        description="The model, also of a route; null where we do not know which one a route serves.",
        metadata=needs(
            Need(Group.MODEL, lambda dispute, _: () if dispute.model_id is None else (dispute.model_id,)),
            to=lambda seen, dispute, _: _model(seen, dispute),
        ),
    )
    def model(self: Any, info: Info) -> Model | None:
        return next(iter(_model(look(info), self)), None)

    @strawberry.field(
        description="Both sides, down to the place in the documents.",
        metadata=needs(Need(Group.FIELD_TESTIMONY, _of_model), Need(Group.ROUTE_TESTIMONY, _of_route)),
    )
    def evidence(self: Any, info: Info) -> Evidence | None:
        seen = look(info)
        if self.fact.kind == "model":
            said = seen.get(Group.FIELD_TESTIMONY, (self.fact.id, self.fact.field))
        else:
            said = seen.get(Group.ROUTE_TESTIMONY, self.fact.id)
        amount = None
        if self.fact.field.startswith("price."):
            day = max((each.claim.observed_on or seen.today for each in said), default=seen.today)
            amount = provenance.Amount(Decimal(self.value), self.source, max(day, seen.today))
        return provenance.evidence(self.fact, said, amount=amount)
