"""Model, Lab, Provider, Route, Price and what a month costs: the mutually recursive core, in one module so that no type is lazy.

The source of every object is the fact or decision itself: plain attributes, no copies. A field that needs more declares it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from db.queries import ModelQuery, RouteQuery
from domain import aliases, cost, endpoints, facts, fit, lifecycle, provenance, shown
from domain.billing import price_ref
from domain.break_even import Served
from domain.capabilities import capability
from domain.cost_notes import caveats_of
from domain.dates import DateBasis
from domain.facts import FactRef
from domain.overrides import Overrides, contender_under, under
from domain.retired import route_caveats
from domain.sensitivity import sensitivities
from schema.costs import CostLine, Ineligible, Unavailable, Workload
from schema.evidence import (
    Evidence,
    Fact,
    LabFact,
    LicenseFact,
    ModelFact,
    PriceUnit,
    ProviderFact,
    RouteFact,
    Rule,
    Sentence,
)
from schema.groups import Group
from schema.hours import PriceHours
from schema.ids import encode, is_a, seen_id
from schema.lifecycle import ChainOutcome, DatePrecision, SuccessorKind
from schema.look import Info, Look, look
from schema.model_routes import ROUTES, routes_of
from schema.needs import Need, needs, of_parent
from schema.node import Node
from schema.orders import ModelOrder, RouteOrder
from schema.overrides import TERMS, OverridesArgument, overrides_given
from schema.paging import MOST_ROUTES, After, Before, Connection, FewRoutes, First, Last, Listed, page_size, window
from schema.posed import cost_of, route_cost_of
from schema.recording import record_field
from schema.rules import USED, rule_field, rules_field
from schema.scalars import BigInt
from schema.sensitivity import CurvePoint, Over, PointCount, Sensitivity, curve_of
from schema.sheets import SHEETS, AtArgument, OnArgument, sheets_asked
from schema.steps import PriceStep
from schema.workloads import WorkloadArgument, workload_of

_OF_MODEL = of_parent(facts.Model)
_OF_ROUTE = of_parent(facts.Route)
OF_A_ROUTE = (
    Need(Group.PRICES, _OF_ROUTE),
    Need(Group.MODEL, lambda route, _: () if route.model_id is None else (route.model_id,)),
)
"""What a cost of a route needs: its prices, and its model for the task and for limits that it does not state."""


def one_model(attribute: str, description: str) -> Any:
    """A field that shows the model whose slug a decision holds; null where it holds none."""

    def found(self: Any, info: Info) -> Model:
        return look(info).model(getattr(self, attribute))

    return strawberry.field(found, description=description)


def several_models(attribute: str, description: str) -> Any:
    """A field that shows the models whose slugs a decision holds."""

    def found(self: Any, info: Info) -> list[Model]:
        seen: Any = look(info)
        return [seen.model(slug) for slug in getattr(self, attribute)]

    return strawberry.field(found, description=description)


def _seen_id(kind: str, attribute: str) -> Any:
    def id_(self: Any, info: Info) -> strawberry.ID:
        return seen_id(kind, getattr(self, attribute), look(info).lens)

    return strawberry.field(
        id_, name="id", description="Opaque id, for `node`; through a lens another one than without it."
    )


def _slug_id(kind: str) -> Any:
    def id_(self: Any) -> strawberry.ID:
        return encode(kind, self.slug)

    return strawberry.field(id_, name="id", description="Opaque id of this object; `node(id:)` finds it again.")


def _testified(group: Group, kind: type) -> dict[str, object]:
    return needs(Need(group, of_parent(kind)))


_HOW_EXACTLY = "How exactly that day is announced; null where there is none."
_DISPUTES = "Every fact on which independent sources disagree, with both sides."
_EVIDENCE = "Who states a fact, where and when, and who states another value; null where no source says and it follows from nothing."
_WHICH_FACT = "The fact whose evidence is asked for."


@strawberry.type(description="A lab: the company or group that makes models.")
class Lab(Node):
    id: strawberry.ID = _slug_id("Lab")
    slug: str = strawberry.field(description="Stable short name, such as `mistral`.")
    name: str = strawberry.field(description="The name under which it is shown.")
    url: str | None = strawberry.field(description="Home page; null where not sourced yet.")

    is_type_of = is_a(facts.Lab)

    @strawberry.field(
        description="Who states a fact, where and when; null where nobody does: the name is then a spelling of ours.",
        metadata=_testified(Group.LAB_TESTIMONY, facts.Lab),
    )
    def evidence(
        self: Any, info: Info, field: Annotated[LabFact, strawberry.argument(description=_WHICH_FACT)]
    ) -> Evidence | None:
        said = look(info).get(Group.LAB_TESTIMONY, self.id)
        return provenance.evidence(FactRef("lab", self.id, field.value), said)

    @strawberry.field(
        description="The models that this lab made.",
        metadata=needs(to=lambda _, lab, given: [Listed.asked(_models_of(lab, **given))]),
    )
    def models(
        self: Any,
        info: Info,
        order: Annotated[
            ModelOrder, strawberry.argument(description="In which order they come.")
        ] = ModelOrder.MOST_PROVIDERS,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Model]:
        return Listed.asked(_models_of(self, order, first, after, last, before))


def _models_of(
    lab: facts.Lab,
    order: ModelOrder = ModelOrder.MOST_PROVIDERS,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> ModelQuery:
    return ModelQuery(of=lab.slug, order=order, window=window(order, first, after, last, before))


@strawberry.type(description="A licence under which the weights of models are given.")
class License(Node):
    key: str = strawberry.field(description="Our key: the SPDX id where there is one.")
    name: str = strawberry.field(description="The name under which it is shown.")
    spdx: str | None = strawberry.field(description="Id in the SPDX licence list; null where it has none.")
    osi_approved: bool | None = strawberry.field(description="Approved by the Open Source Initiative; null is unknown.")
    url: str | None = strawberry.field(description="The address of the licence's text.")

    is_type_of = is_a(facts.License)

    @strawberry.field(description="Opaque id of this object; `node(id:)` finds it again.")
    def id(self: Any) -> strawberry.ID:
        return encode("License", self.key)

    @strawberry.field(description=_EVIDENCE, metadata=_testified(Group.LICENSE_TESTIMONY, facts.License))
    def evidence(
        self: Any, info: Info, field: Annotated[LicenseFact, strawberry.argument(description=_WHICH_FACT)]
    ) -> Evidence | None:
        said = look(info).get(Group.LICENSE_TESTIMONY, self.id)
        return provenance.evidence(FactRef("license", self.id, field.value), said)


@strawberry.type(description="A named test in one version; results of different versions are never compared.")
class Benchmark(Node):
    id: strawberry.ID = _slug_id("Benchmark")
    slug: str = strawberry.field(description="Stable short name, such as `swe-bench`.")
    name: str = strawberry.field(description="The name under which it is shown.")
    version: str | None = strawberry.field(description="Its version; null where the source gives none.")

    is_type_of = is_a(facts.Benchmark)


@strawberry.type(description="One sourced number of one model in one benchmark.")
class BenchmarkResult:
    benchmark: Benchmark = strawberry.field(description="The benchmark whose tasks were solved.")
    metric: str = strawberry.field(description="The unit of the score, such as percent of tasks solved.")
    score: Decimal = strawberry.field(description="The score as its source published it.")
    harness: str | None = strawberry.field(description="The program that ran it; null is unknown.")
    variant: str | None = strawberry.field(description="Effort or setting; null is unknown.")
    runner: str | None = strawberry.field(description="Who ran it, such as `lab` or `third-party`; null is unknown.")
    date: str | None = strawberry.field(description="When it was published, as precise as the source.")
    url: str | None = strawberry.field(description="The address at which it was published; null where none is known.")
    source: str = strawberry.field(description="Short name of the source that states it.")

    @strawberry.field(
        description="Who states it, where, and what else is said of this model in this benchmark.",
        metadata=needs(Need(Group.FIELD_TESTIMONY, lambda result, _: (_result_key(result),))),
    )
    def evidence(self: Any, info: Info) -> Evidence | None:
        said = look(info).get(Group.FIELD_TESTIMONY, _result_key(self))
        return provenance.evidence(FactRef("model", *_result_key(self)), said)


def _result_key(result: Any) -> tuple[int, str]:
    return result.model_id, f"benchmark.{result.benchmark.slug}"


@strawberry.type(description="One capability with its three-valued answer.")
class Capability:
    kind: facts.CapabilityKind = strawberry.field(description="The capability that is asked about.")
    presence: facts.Presence = strawberry.field(description="YES, NO, or UNKNOWN where no source says.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


_KINDS = Annotated[
    list[facts.CapabilityKind] | None,
    strawberry.argument(description="Only these; without it all that we know the words for."),
]


def _capabilities(subject: Any, kinds: list[facts.CapabilityKind] | None) -> Any:
    return [capability(subject, kind) for kind in (facts.CapabilityKind if kinds is None else kinds)]


@strawberry.type(description="An amount for something that is not billed by the token. It never enters a token cost.")
class UnitPrice:
    unit: str = strawberry.field(description="What is billed, such as `per_request` or `per_second_out`.")
    amount: Decimal = strawberry.field(description="In the currency of the price sheet.")


@strawberry.type(description="One dated price sheet of a route for one mode and one context tier.")
class Price:
    mode: facts.PriceMode = strawberry.field(description="The service level that it is for.")
    above: int = strawberry.field(
        description="Bills requests whose whole prompt has strictly more tokens than this; 0 is the base."
    )
    currency: str = strawberry.field(description="ISO 4217 code. Other currencies than USD are never converted.")
    input_mtok: Decimal | None = strawberry.field(description="Per million input tokens; null is unknown, never 0.")
    output_mtok: Decimal | None = strawberry.field(description="Per million output tokens; null is unknown.")
    cache_read_mtok: Decimal | None = strawberry.field(description="Per million input tokens read from a cache.")
    cache_write_mtok: Decimal | None = strawberry.field(
        description="Per million input tokens written to a cache for some minutes."
    )
    cache_write_1h_mtok: Decimal | None = strawberry.field(
        name="cacheWrite1hMtok", description="Per million input tokens written to a cache for an hour."
    )
    reasoning_mtok: Decimal | None = strawberry.field(
        description="Per million tokens of thinking, where they have a price of their own."
    )
    audio_in_mtok: Decimal | None = strawberry.field(description="Per million audio tokens that go in.")
    audio_out_mtok: Decimal | None = strawberry.field(description="Per million audio tokens that come out.")
    hours: list[PriceHours] = strawberry.field(
        description="The hours of the week in which it holds; empty where it always does, or no source says."
    )
    source: str = strawberry.field(description="Short name of the source whose sheet was accepted.")
    suspicious: str | None = strawberry.field(
        description="Why the amounts look wrong; null where they do not. Such a price wins no ranking, unless it is the lab's own "
        "and only far from what resellers ask."
    )
    valid_from: date | None = strawberry.field(description="First day on which it holds; null is unknown.")
    valid_from_basis: DateBasis = strawberry.field(description="Whether that day is stated or observed.")
    valid_to: date | None = strawberry.field(description="First day on which it no longer holds; null: it still does.")

    @strawberry.field(description="Amounts for other things than tokens.")
    def other_units(self: Any) -> list[UnitPrice]:
        return [UnitPrice(unit=unit, amount=amount) for unit, amount in self.other_units.items()]

    @strawberry.field(
        description="Who states this amount of the days of the sheet, where, and who states another one; null where the sheet "
        "has none, or no statement that counts has it.",
        metadata=needs(Need(Group.ROUTE_TESTIMONY, lambda price, _: (price.route_id,))),
    )
    def evidence(
        self: Any,
        info: Info,
        unit: Annotated[PriceUnit, strawberry.argument(description="The kind of token whose price is meant.")],
    ) -> Evidence | None:
        seen = look(info)
        amount = provenance.amount_of(self, unit.value, seen.today)
        if amount is None:
            return None
        said = seen.get(Group.ROUTE_TESTIMONY, self.route_id)
        return provenance.evidence(price_ref(self, unit.value), said, amount=amount)


@strawberry.type(description="A wire format that a provider speaks, and where.")
class Endpoint:
    api_shape: facts.ApiShape = strawberry.field(description="The format.")
    base_url: str | None = strawberry.field(description="Address to use with it; null where not sourced yet.")


@strawberry.type(description="Who serves models through an API.")
class Provider(Node):
    id: strawberry.ID = _slug_id("Provider")
    slug: str = strawberry.field(description="Stable short name, such as `openrouter`.")
    name: str = strawberry.field(description="The name under which it is shown.")
    kind: facts.ProviderKind = strawberry.field(description="What kind of business it is: lab, cloud, host and so on.")
    api_shape: facts.ApiShape = strawberry.field(description="The wire format of its own API.")
    base_url: str | None = strawberry.field(description="Address of the API; null where not sourced yet.")
    docs_url: str | None = strawberry.field(description="Address of the documentation; null where not sourced yet.")
    sdk_package: str | None = strawberry.field(description="The package that speaks to it; null where not sourced yet.")
    credentials: list[str] = strawberry.field(
        description="Names of the environment variables that hold its credentials; empty where not sourced yet."
    )
    group: str | None = strawberry.field(
        description="Company behind it: the slug of the lab that it belongs to, else the word that ids of several entries share; null where it stands alone."
    )

    is_type_of = is_a(facts.Provider)

    @strawberry.field(
        description="Every wire format that it is known to speak, its own first; what no source states is not there."
    )
    def endpoints(self: Any) -> list[Endpoint]:
        return list(endpoints.endpoints(self))  # type: ignore[arg-type]

    @strawberry.field(
        description="What it serves now, or all that it ever served with `live: null`.",
        metadata=needs(to=lambda _, provider, given: [Listed.asked(_routes_at(provider, **given))]),
    )
    def routes(
        self: Any,
        info: Info,
        order: Annotated[
            RouteOrder, strawberry.argument(description="In which order they come.")
        ] = RouteOrder.CHEAPEST_OUTPUT,
        live: Annotated[
            bool | None, strawberry.argument(description="True: only what can be used now; null: all.")
        ] = True,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Route]:
        return Listed.asked(_routes_at(self, order, live, first, after, last, before))

    @strawberry.field(description=_EVIDENCE, metadata=_testified(Group.PROVIDER_TESTIMONY, facts.Provider))
    def evidence(
        self: Any, info: Info, field: Annotated[ProviderFact, strawberry.argument(description=_WHICH_FACT)]
    ) -> Evidence | None:
        said = look(info).get(Group.PROVIDER_TESTIMONY, self.id)
        return provenance.provider_evidence(self, field.value, said)

    @strawberry.field(description=_DISPUTES, metadata=_testified(Group.PROVIDER_TESTIMONY, facts.Provider))
    def disputes(self: Any, info: Info) -> list[Evidence]:
        said = look(info).get(Group.PROVIDER_TESTIMONY, self.id)
        return provenance.disputes("provider", self.id, said)


def _routes_at(
    provider: facts.Provider,
    order: RouteOrder = RouteOrder.CHEAPEST_OUTPUT,
    live: bool | None = True,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> RouteQuery:
    within = window(order, first, after, last, before)
    return RouteQuery(of=provider.slug, order=order, live=live, window=within)


@strawberry.type(description="A model that a moving name meant for some time.")
class Pointed:
    model: Model | None = strawberry.field(description="The model; null where no source shows which one it was.")
    since: date = strawberry.field(description="The first day on which the name is known to mean it.")
    until: date | None = strawberry.field(description="The last such day; null: to this day.")

    is_type_of = is_a(aliases.Pointed)


@strawberry.type(description="One model at one provider: its own limits, capabilities and prices.")
class Route(Node):
    id: strawberry.ID = _seen_id("Route", "key")
    key: str = strawberry.field(description="`provider/provider's model id`, unique.")
    provider: Provider = strawberry.field(description="The provider that serves the model here.")
    provider_model_id: str = strawberry.field(description="What to put into the request's model field.")
    name: str | None = strawberry.field(description="What its provider calls it; null where not sourced yet.")
    variant: list[str] = strawberry.field(
        description="What sets it apart from the plain model: `free`, `fast`, `thinking`, a quantisation …"
    )
    region: str | None = strawberry.field(
        description="Where it is served; null where the provider makes no difference."
    )
    context_window: int | None = strawberry.field(description="Tokens at this provider; null is unknown.")
    max_output: int | None = strawberry.field(description="Most output tokens at this provider; null is unknown.")
    input_modalities: list[facts.Modality] = strawberry.field(
        description="What goes in here; empty where not sourced yet."
    )
    output_modalities: list[facts.Modality] = strawberry.field(
        description="What comes out here; empty where not sourced yet."
    )
    lifecycle: facts.Lifecycle = strawberry.field(description="Where in its life the route stands.")
    deprecated_on: date | None = strawberry.field(description="From which day its provider advises against it.")
    deprecated_precision: DatePrecision | None = strawberry.field(description=_HOW_EXACTLY)
    retires_on: date | None = strawberry.field(description="The day on which it is shut down; null: none announced.")
    retires_precision: DatePrecision | None = strawberry.field(description=_HOW_EXACTLY)
    price_basis: facts.PriceBasis = strawberry.field(
        description="On which basis it is billed: metered, free, included and so on."
    )
    live: bool = strawberry.field(description="False when it is retired or no longer listed.")
    last_seen: date | None = strawberry.field(description="Day of the newest document that lists it.")
    first_party: bool = strawberry.field(description="Whether the provider is the model's own lab.")
    link_method: str | None = strawberry.field(
        description="How we know which model it serves, such as `EXACT` or `CURATED`; null where we do not."
    )
    link_confidence: Decimal | None = strawberry.field(description="How sure the link to the model is, 0 to 1.")

    is_type_of = is_a(facts.Route)

    @strawberry.field(
        description="The model that it serves; null where we do not know, which we say rather than guess.",
        metadata=needs(
            Need(Group.MODEL, lambda route, _: () if route.model_id is None else (route.model_id,)),
            to=lambda seen, route, _: _model_of(seen, route),
        ),
    )
    def model(self: Any, info: Info) -> Model | None:
        return next(iter(_model_of(look(info), self)), None)

    @strawberry.field(
        description="What to know before you count on it: that it or its model is retired, deprecated or to be shut down.",
        metadata=needs(OF_A_ROUTE[1]),
    )
    def caveats(self: Any, info: Info) -> list[Sentence]:
        found: Any = route_caveats(self, next(iter(_model_of(look(info), self)), None))
        return list(found)

    @strawberry.field(description="What it can do by its own provider's account; it may contradict the model.")
    def capabilities(self: Any, kinds: _KINDS = None) -> list[Capability]:
        return _capabilities(self, kinds)

    @strawberry.field(
        description="The price sheets that hold today, or held on another day; empty where no source says.",
        metadata=needs(*SHEETS, to=sheets_asked, one_of=True),
    )
    def prices(self: Any, info: Info, on: OnArgument = None, at: AtArgument = None) -> list[Price]:
        return list(sheets_asked(look(info), self, {"on": on, "at": at}))

    @strawberry.field(
        description="What a month of your use costs here, or why that cannot be said.",
        metadata=needs(*OF_A_ROUTE, TERMS),
    )
    def monthly_cost(
        self: Any, info: Info, workload: WorkloadArgument = None, overrides: OverridesArgument = None
    ) -> RouteOutcome:
        seen, month = look(info), workload_of(workload)
        terms = overrides_given(seen, overrides)
        return route_cost_of(served(seen, self, terms), month, terms)

    @strawberry.field(
        description="All price sheets, past, present and announced. A new price never overwrites an old one.",
        metadata=needs(
            Need(Group.PRICE_HISTORY, _OF_ROUTE), to=lambda seen, route, _: seen.get(Group.PRICE_HISTORY, route.id)
        ),
    )
    def price_history(self: Any, info: Info) -> list[Price]:
        return look(info).get(Group.PRICE_HISTORY, self.id)

    @strawberry.field(
        description="How its prices changed, mode by mode, oldest first, as all sources know it now.",
        metadata=needs(Need(Group.PRICE_STEPS, _OF_ROUTE)),
    )
    def price_changes(self: Any, info: Info) -> list[PriceStep]:
        return look(info).get(Group.PRICE_STEPS, self.id)

    @strawberry.field(
        description="Which model its name has meant, day by day, the oldest first, where it is a moving name such as "
        "`mistral-large-latest`; empty for any other. A lens of a day takes the model of that day.",
        metadata=needs(Need(Group.POINTED, _OF_ROUTE), to=lambda seen, route, _: seen.get(Group.POINTED, route.id)),
    )
    def pointed(self: Any, info: Info) -> list[Pointed]:
        return look(info).get(Group.POINTED, self.id)

    @strawberry.field(description=_EVIDENCE, metadata=_testified(Group.ROUTE_TESTIMONY, facts.Route))
    def evidence(
        self: Any, info: Info, field: Annotated[RouteFact, strawberry.argument(description=_WHICH_FACT)]
    ) -> Evidence | None:
        said = look(info).get(Group.ROUTE_TESTIMONY, self.id)
        return shown.evidence_of(self, field.value, said)

    @strawberry.field(description=_DISPUTES, metadata=_testified(Group.ROUTE_TESTIMONY, facts.Route))
    def disputes(self: Any, info: Info) -> list[Evidence]:
        said = look(info).get(Group.ROUTE_TESTIMONY, self.id)
        return provenance.disputes("route", self.id, said)


def served(seen: Look, route: facts.Route, overrides: Overrides) -> Served:
    """A route as a caller has it, with its model."""
    model = next(iter(_model_of(seen, route)), None)
    task = facts.Task.TEXT_GENERATION if model is None else model.task
    (offer,) = under([facts.Offer(route, tuple(seen.get(Group.PRICES, route.id) or ()))], overrides, task)
    return Served(offer, model)


def _model_of(seen: Look, route: facts.Route) -> list[facts.Model]:
    found = None if route.model_id is None else seen.get(Group.MODEL, route.model_id)
    return [] if found is None else [found]


def offered(seen: Look, model: Any, _: Any) -> list[facts.Route]:
    """In the plan, a route of a decision stands for every route of the model; below a route for that one."""
    if isinstance(model, facts.Route):
        return [model]
    return [offer.route for offer in seen.get(Group.OFFERS, model.id) or ()]


@strawberry.type(description="What the workload costs on one route in a month, in USD.")
class RouteCost:
    route: Route = strawberry.field(description="The route that it is about.", metadata=needs(to=offered))
    total: Decimal = strawberry.field(description="USD in a month, exact and not rounded.")
    display: str = strawberry.field(description="The total, rounded to be shown, such as `$270`.")
    lines: list[CostLine] = strawberry.field(description="The bill, line by line; the lines add up to the total.")
    notes: list[str] = strawberry.field(description="What to know about it, such as a cache without a price.")
    suspicious: list[str] = strawberry.field(description="Why its prices look wrong; empty where they do not.")
    used: list[Fact] = strawberry.field(description=USED)
    rules: list[Rule] = rules_field()
    record: str | None = record_field(nullable=True)

    is_type_of = is_a(cost.RouteCost)


RouteOutcome = Annotated[
    RouteCost | Ineligible | Unavailable,
    strawberry.union("RouteOutcome", description="What a route costs, or why that cannot be said."),
]


@strawberry.type(description="A route in the order of cost.")
class RankedRoute:
    route: Route = strawberry.field(description="The route that it is about.", metadata=needs(to=offered))
    rank: int | None = strawberry.field(description="1 is the cheapest, ties share it; null for what does not compete.")
    outcome: RouteOutcome = strawberry.field(description="What it costs, or why that cannot be said.")


@strawberry.type(description="The one missing fact that could make another route the cheapest.")
class RankingGap:
    route: Route = strawberry.field(description="The route that might be cheaper.", metadata=needs(to=offered))
    missing: Fact = strawberry.field(description="The price that no source states.")
    low: Decimal | None = strawberry.field(description="It costs at least so many USD a month; null is unknown.")
    message: str = strawberry.field(description="The reason in words, ready to show.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


@strawberry.type(description="The workload on the cheapest route of a model, in USD a month.")
class MonthlyCost:
    id: strawberry.ID = strawberry.field(
        description="Names this model with this workload and your own terms, for caches."
    )
    model: Model = one_model("model", "The model that is priced.")
    workload: Workload = strawberry.field(description="The workload that was priced.")
    total: Decimal = strawberry.field(description="USD in a month, exact and not rounded.")
    display: str = strawberry.field(description="The total, rounded to show: `$270`.")
    cheapest: list[RouteCost] = strawberry.field(description="The cheapest route; several where they cost the same.")
    used: list[Fact] = strawberry.field(description=USED)
    rules: list[Rule] = rules_field()
    record: str = record_field()

    is_type_of = is_a(cost.MonthlyCost)

    @strawberry.field(
        description="What to know before you count on it: that the model is retired, deprecated or to be shut down, that it is known "
        "not to reason although the month counts reasoning tokens, and that a provider takes several ids for it whose stated prices "
        "differ. What to know of one bill: `RouteCost.notes`."
    )
    def caveats(self: Any) -> list[Sentence]:
        found: Any = caveats_of(self)
        return list(found)

    @strawberry.field(description="All live routes by cost, those that do not compete at the end.")
    def ranked(
        self: Any,
        first: FewRoutes = 100,
    ) -> list[RankedRoute]:
        return self.ranked[: page_size(first, MOST_ROUTES)]

    @strawberry.field(description="The missing fact that could change who is cheapest; null where none could.")
    def ranking_gap(self: Any) -> RankingGap | None:
        return cost.ranking_gap(self.ranked)

    @strawberry.field(description="How much the cost of the cheapest route moves with a small step of your use.")
    def sensitivity(self: Any) -> list[Sensitivity]:
        found: Any = sensitivities(self.best, self.workload, model=self.of.model)
        return list(found)

    @strawberry.field(description="The cost of the route that is the cheapest now, along an axis, for a chart.")
    def curve(self: Any, over: Over, points: PointCount = 21) -> list[CurvePoint]:
        return curve_of(self.best, self.workload, over, points, self.of.model)


MonthlyCostResult = Annotated[
    MonthlyCost | Unavailable,
    strawberry.union("MonthlyCostResult", description="What a month costs, or why that cannot be said."),
]


@strawberry.type(description="Something that a model is made for, by its facts.")
class Fit:
    tag: fit.FitTag = strawberry.field(description="The tag itself, for programs.")
    label: str = strawberry.field(description="The tag in words, for people.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


@strawberry.type(description="A kind of product that a model suits, by its facts and routes.")
class BestFor:
    tag: fit.BestForTag = strawberry.field(description="The tag itself, for programs.")
    label: str = strawberry.field(description="The tag in words, for people.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


def _named(step: Any) -> tuple[int, str]:
    return step.model_id, f"successor.{step.kind}"


@strawberry.type(description="What a source names instead of a model.")
class Successor:
    kind: SuccessorKind = strawberry.field(description="Whether it takes the model's place or is an option.")
    spelling: str = strawberry.field(description="Its name as the source spells it.")
    model: Model | None = strawberry.field(
        description="The model that is meant; null where it is not in this catalogue."
    )
    status: facts.Lifecycle = strawberry.field(description="Where in its life that model stands today.")

    @strawberry.field(
        description="Who names it, where, and who names another one.",
        metadata=needs(Need(Group.FIELD_TESTIMONY, lambda step, _: (_named(step),))),
    )
    def evidence(self: Any, info: Info) -> Evidence | None:
        said = look(info).get(Group.FIELD_TESTIMONY, _named(self))
        return provenance.evidence(FactRef("model", *_named(self)), said)


@strawberry.type(description="The successors of a model, followed one after the other.")
class SuccessorChain:
    outcome: ChainOutcome = strawberry.field(description="How it ends.")
    steps: list[Successor] = strawberry.field(description="The successors in order; empty where there are none.")
    living: Model | None = strawberry.field(description="The model that lives, at its end; null where there is none.")
    end: Model | None = strawberry.field(
        description="The last model of it: the living one, the dead end, or the one of which nobody says; null in a circle, "
        "or where the last name is not in this catalogue."
    )
    cycle: list[Model] = strawberry.field(
        description="The models that name each other; empty where there is no circle."
    )
    sentence: str = strawberry.field(description="The same in words.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


_SUCCESSION = Need(Group.SUCCESSION, _OF_MODEL)


def _successors(seen: Look, model: facts.Model) -> Any:
    return lifecycle.named(model, seen.get(Group.SUCCESSION, model.id), seen.today)


def chain_of(seen: Look, model: facts.Model) -> Any:
    """The successors of a model, followed on the day asked."""
    return lifecycle.successor_chain(model, seen.get(Group.SUCCESSION, model.id), seen.today)


@strawberry.type(description="The weights as released, or one closed checkpoint. Where it is served: `routes`.")
class Model(Node):
    id: strawberry.ID = _seen_id("Model", "slug")
    slug: str = strawberry.field(description="Stable short name, such as `mistral-small-4`.")
    name: str = strawberry.field(description="The name under which it is shown.")
    lab: Lab | None = strawberry.field(description="Who made it; null where not sourced yet.")
    family: str | None = strawberry.field(description="The line that it belongs to; null where not sourced yet.")
    task: facts.Task = strawberry.field(description="The task that it is made for.")
    released: str | None = strawberry.field(description="`2026`, `2026-03` or `2026-03-16`, as precise as the source.")
    knowledge_cutoff: str | None = strawberry.field(description="How far its training data reaches, such as `2025-06`.")
    context_window: int | None = strawberry.field(description="Tokens of prompt and answer; null is unknown, never 0.")
    max_output: int | None = strawberry.field(description="Most tokens of one answer; null is unknown.")
    parameters_total: BigInt | None = strawberry.field(description="Number of parameters; null is unknown.")
    parameters_active: BigInt | None = strawberry.field(
        description="Number of parameters that work on one token; null is unknown."
    )
    architecture: facts.Architecture = strawberry.field(
        description="How its network is built: dense, or a mixture of experts."
    )
    license: License | None = strawberry.field(description="Terms of the weights; null where not sourced yet.")
    openness: facts.Openness = strawberry.field(description="Open source, open weights or proprietary.")
    commercial_use: facts.CommercialUse = strawberry.field(description="Whether you may earn money with it.")
    input_modalities: list[facts.Modality] = strawberry.field(description="What goes in; empty where not sourced yet.")
    output_modalities: list[facts.Modality] = strawberry.field(
        description="What comes out; empty where not sourced yet."
    )
    lifecycle: facts.Lifecycle = strawberry.field(
        description="Whether it is a preview, available, deprecated or retired."
    )
    deprecated_on: date | None = strawberry.field(description="From which day its lab advises against it.")
    deprecated_precision: DatePrecision | None = strawberry.field(description=_HOW_EXACTLY)
    retires_on: date | None = strawberry.field(description="The day on which its lab shuts it down.")
    retires_precision: DatePrecision | None = strawberry.field(description=_HOW_EXACTLY)
    successor: str | None = strawberry.field(
        description="Slug of the first successor that is named, or its name where it is not in this catalogue: `successors`."
    )
    weights_url: str | None = strawberry.field(description="Where the weights lie; null where not sourced yet.")
    last_reviewed: date | None = strawberry.field(description="When somebody last reviewed its entry.")
    route_count: int = strawberry.field(description="How many live routes serve it.")
    provider_count: int = strawberry.field(description="How many companies serve it through an API now.")

    is_type_of = is_a(facts.Model)

    @strawberry.field(description="What it can do, each YES, NO or UNKNOWN.")
    def capabilities(self: Any, kinds: _KINDS = None) -> list[Capability]:
        return _capabilities(self, kinds)

    @strawberry.field(
        description="Where it can be had, the cheapest output price first.",
        metadata=ROUTES,
    )
    def routes(
        self: Any,
        info: Info,
        live: Annotated[
            bool | None, strawberry.argument(description="Whether it can be used now; null for all.")
        ] = True,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Route]:
        return routes_of(look(info), self, live, first, after, last, before)

    @strawberry.field(
        description="Its benchmark results, each with its source.",
        metadata=needs(
            Need(Group.RESULTS, _OF_MODEL), to=lambda seen, model, _: seen.get(Group.RESULTS, model.id) or ()
        ),
    )
    def results(self: Any, info: Info) -> list[BenchmarkResult]:
        return look(info).get(Group.RESULTS, self.id) or []

    @strawberry.field(
        description="What is named instead of it, drop-ins first.",
        metadata=needs(_SUCCESSION, to=lambda seen, model, _: _successors(seen, model)),
    )
    def successors(self: Any, info: Info) -> list[Successor]:
        return _successors(look(info), self)

    @strawberry.field(
        description="Its successors, followed to a model that lives. A model that lives is its own end.",
        metadata=needs(_SUCCESSION, to=lambda seen, model, _: [chain_of(seen, model)]),
    )
    def successor_chain(self: Any, info: Info) -> SuccessorChain:
        return chain_of(look(info), self)

    @strawberry.field(description="What it is made for, by its own facts alone.")
    def fit(self: Any) -> list[Fit]:
        return fit.fit(self)

    @strawberry.field(description="The kinds of products that it suits.", metadata=needs(Need(Group.OFFERS, _OF_MODEL)))
    def best_for(self: Any, info: Info) -> list[BestFor]:
        return fit.best_for(_contender(look(info), self))

    @strawberry.field(
        description="What a month of your use costs on its cheapest route, with every route ranked.",
        metadata=needs(Need(Group.OFFERS, _OF_MODEL), TERMS),
    )
    def monthly_cost(
        self: Any, info: Info, workload: WorkloadArgument = None, overrides: OverridesArgument = None
    ) -> MonthlyCostResult:
        seen, month = look(info), workload_of(workload)
        terms = overrides_given(seen, overrides)
        mine = contender_under(_contender(seen, self), terms)
        return cost_of(cost.monthly_cost(mine, month), month, terms, seen)

    @strawberry.field(
        description=_EVIDENCE,
        metadata=needs(Need(Group.FIELD_TESTIMONY, lambda model, given: ((model.id, given["field"].value),))),
    )
    def evidence(
        self: Any, info: Info, field: Annotated[ModelFact, strawberry.argument(description=_WHICH_FACT)]
    ) -> Evidence | None:
        said = look(info).get(Group.FIELD_TESTIMONY, (self.id, field.value))
        return shown.evidence_of(self, field.value, said)

    @strawberry.field(description=_DISPUTES, metadata=_testified(Group.TESTIMONY, facts.Model))
    def disputes(self: Any, info: Info) -> list[Evidence]:
        return shown.disputes_of(self, look(info).get(Group.TESTIMONY, self.id).contested())


def _contender(seen: Look, model: facts.Model) -> facts.Contender:
    return facts.Contender(model, seen.get(Group.OFFERS, model.id) or ())
