"""The calendar of announced shutdowns, of models and of routes, each with its evidence and what is named instead on demand."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import strawberry

from db.queries import RetirementQuery, Window
from domain import facts, provenance
from schema.catalog import Model, Route, SuccessorChain, chain_of
from schema.errors import bad_input
from schema.evidence import Evidence
from schema.filters import given
from schema.groups import Group
from schema.lifecycle import DatePrecision
from schema.look import Info, Look, look
from schema.needs import Need, needs

From = Annotated[
    date, strawberry.argument(name="from", description="First day of the period, in the past or in the future.")
]
To = Annotated[date, strawberry.argument(description="Last day of the period, included.")]


@strawberry.input(
    description="Which announced shutdowns. Several values of one condition are alternatives; all conditions hold together."
)
class RetirementFilter:
    models: list[str] | None = strawberry.field(
        default=None, description="Of these models and of their routes: slugs or known spellings."
    )
    labs: list[str] | None = strawberry.field(default=None, description="Of models of these labs: slugs.")
    providers: list[str] | None = strawberry.field(
        default=None, description="Of routes at these providers, or at those of a company: slugs."
    )
    precisions: list[DatePrecision] | None = strawberry.field(
        default=None, description="Announced so exactly; leave NOT_BEFORE out for those that do happen."
    )
    of_routes: bool | None = strawberry.field(
        default=None, description="True: of routes alone; false: of models alone; without it both."
    )


def retirements_asked(
    first_day: date, last_day: date, where: RetirementFilter | None, within: Window
) -> RetirementQuery:
    """As they are asked for. Raises GraphQLError BAD_USER_INPUT for a period that ends before it begins."""
    if last_day < first_day:
        raise bad_input(f"The period from {first_day} to {last_day} ends before it begins.")
    return RetirementQuery(first_day, last_day, **given(where), window=within)


def _of_model(retirement: Any, _: Any) -> Any:
    return ((retirement.fact.id, retirement.fact.field),) if retirement.fact.kind == "model" else ()


def _of_route(retirement: Any, _: Any) -> Any:
    return (retirement.fact.id,) if retirement.fact.kind == "route" else ()


def _route_key(retirement: Any, _: Any = None) -> Any:
    return (retirement.of,) if retirement.fact.kind == "route" else ()


def _model(seen: Look, retirement: Any) -> list[facts.Model]:
    found = None if retirement.model_id is None else seen.get(Group.MODEL, retirement.model_id)
    return [] if found is None else [found]


def _model_id(retirement: Any, _: Any) -> Any:
    return () if retirement.model_id is None else (retirement.model_id,)


_THE_MODEL = Need(Group.MODEL, _model_id)


@strawberry.type(description="An announced shutdown of a model by its lab, or of a route by its provider.")
class Retirement:
    of: str = strawberry.field(description="Slug of the model, or key of the route, that goes.")

    @strawberry.field(description="`model` or `route`.")
    def kind(self: Any) -> str:
        return self.fact.kind

    @strawberry.field(name="date", description="The day, as exactly as it is announced: see `precision`.")
    def day(self: Any) -> date:
        return self.retires.day

    @strawberry.field(description="How exactly the day is announced.")
    def precision(self: Any) -> DatePrecision:
        return self.retires.precision

    @strawberry.field(description="Where in its life it stands today.")
    def status(self: Any, info: Info) -> facts.Lifecycle:
        return self.status(look(info).today)

    @strawberry.field(description="From when it is advised against; null where nobody says.")
    def deprecated_on(self: Any) -> date | None:
        return None if self.deprecated is None else self.deprecated.day

    @strawberry.field(
        description="The model that goes, or that the route serves; null where we do not know which one a route serves.",
        metadata=needs(_THE_MODEL, to=lambda seen, retirement, _: _model(seen, retirement)),
    )
    def model(self: Any, info: Info) -> Model | None:
        return next(iter(_model(look(info), self)), None)

    @strawberry.field(
        description="The route that goes; null where it is the model itself.",
        metadata=needs(
            Need(Group.ROUTE, _route_key),
            to=lambda seen, retirement, _: [seen.get(Group.ROUTE, key) for key in _route_key(retirement)],
        ),
    )
    def route(self: Any, info: Info) -> Route | None:
        seen = look(info)
        return next((seen.get(Group.ROUTE, key) for key in _route_key(self)), None)

    @strawberry.field(
        description="Who states the day, where, and who states another one.",
        metadata=needs(Need(Group.FIELD_TESTIMONY, _of_model), Need(Group.ROUTE_TESTIMONY, _of_route)),
    )
    def evidence(self: Any, info: Info) -> Evidence | None:
        seen = look(info)
        if self.fact.kind == "model":
            said = seen.get(Group.FIELD_TESTIMONY, (self.fact.id, self.fact.field))
        else:
            said = seen.get(Group.ROUTE_TESTIMONY, self.fact.id)
        return provenance.evidence(self.fact, said)

    @strawberry.field(
        description="What is named instead of the model, followed to one that lives; null where the model is not known. "
        "A route may go while its model stays: then the model is its own end.",
        metadata=needs(
            _THE_MODEL,
            Need(Group.SUCCESSION, _model_id),
            to=lambda seen, retirement, _: [chain_of(seen, model) for model in _model(seen, retirement)],
        ),
    )
    def successor_chain(self: Any, info: Info) -> SuccessorChain | None:
        seen = look(info)
        return next((chain_of(seen, model) for model in _model(seen, self)), None)
