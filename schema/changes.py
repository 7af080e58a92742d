"""What became different, as GraphQL shows it: changes of prices and of facts, each of a kind and with the revision that has it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from domain import changes, facts
from schema.catalog import Model, Route
from schema.evidence import Rule, rule_of
from schema.groups import Group
from schema.look import Info, Look, look
from schema.needs import Need, needs
from schema.scalars import Value
from schema.steps import KIND, RECORDED, REVISION, PriceStep


def _route(seen: Look, change: Any) -> list[facts.Route]:
    found = None if change.route_id is None else seen.get(Group.ROUTE_BY_ID, change.route_id)
    return [] if found is None else [found]


def _model(seen: Look, change: Any) -> list[facts.Model]:
    found = None if change.model_id is None else seen.get(Group.MODEL, change.model_id)
    return [] if found is None else [found]


_OF_ROUTE = needs(
    Need(Group.ROUTE_BY_ID, lambda change, _: () if change.route_id is None else (change.route_id,)),
    to=lambda seen, change, _: _route(seen, change),
)


@strawberry.type(
    description="A day on which the accepted price of a route for one mode and context tier became another one. Nothing of it is ever "
    "rewritten."
)
class PriceChange(PriceStep):
    @strawberry.field(description="Key of the route, also where the route is gone.")
    def of(self: Any) -> str:
        return self.route_key

    @strawberry.field(description="The route; null where it is no longer one of the catalogue.", metadata=_OF_ROUTE)
    def route(self: Any, info: Info) -> Route | None:
        return next(iter(_route(look(info), self)), None)


@strawberry.type(
    description="An accepted fact of a model or a route that became another one. Nothing of it is ever rewritten."
)
class FactChange:
    of: str = strawberry.field(description="Slug of the model or key of the route, also where it is gone.")
    field: str = strawberry.field(
        description="Name of the fact, such as `context_window`; `listed` stands for the whole model or route, `live` for whether it can be used."
    )
    kind: changes.ChangeKind = strawberry.field(description=KIND)
    before: Value | None = strawberry.field(description="The value before; null was unknown.")
    after: Value | None = strawberry.field(description="The value after; null is unknown.")
    source: str | None = strawberry.field(
        description="Short name of the source whose value is accepted now; null where it follows from other facts."
    )
    recorded_at: datetime = strawberry.field(description=RECORDED)
    revision: int | None = strawberry.field(description=REVISION)

    @strawberry.field(
        description="The route; null where it is about a model, or the route is gone.", metadata=_OF_ROUTE
    )
    def route(self: Any, info: Info) -> Route | None:
        return next(iter(_route(look(info), self)), None)

    @strawberry.field(
        description="The model; null where it is about a route, or the model is gone.",
        metadata=needs(
            Need(Group.MODEL, lambda change, _: () if change.model_id is None else (change.model_id,)),
            to=lambda seen, change, _: _model(seen, change),
        ),
    )
    def model(self: Any, info: Info) -> Model | None:
        return next(iter(_model(look(info), self)), None)

    @strawberry.field(description="The rule that says of which kind it is.")
    def rule(self: Any) -> Rule:
        return rule_of(changes.FACT.id)
