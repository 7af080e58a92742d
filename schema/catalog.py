"""Model, Lab, Provider, Route, Price and what a month costs: the mutually recursive core, in one module so that no type is lazy.

The source of every object is the fact or decision itself: plain attributes, no copies. A field that needs more declares it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from db.queries import ModelOrder, ModelQuery, RouteOrder, RouteQuery
from domain import cost, eligible, facts, fit, provenance, sheets, shown
from domain.break_even import Served
from domain.capabilities import capability
from domain.facts import FactRef
from domain.overrides import Overrides, under
from domain.sensitivity import sensitivities
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
    rule_of,
)
from schema.groups import Group
from schema.hours import PriceHours
from schema.ids import Identified, encode, is_a, seen_id
from schema.needs import Info, Look, Need, look, needs, of_parent
from schema.node import Node
from schema.overrides import OverridesArgument, overrides_given
from schema.paging import After, Before, Connection, First, Last, Listed, page_of, window
from schema.scalars import BigInt
from schema.sensitivity import CurvePoint, Over, PointCount, Sensitivity, curve_of
from schema.steps import PriceStep
from schema.workloads import WorkloadInput, workload_key, workload_of

_OF_MODEL = of_parent(facts.Model)
_OF_ROUTE = of_parent(facts.Route)
WorkloadArgument = Annotated[
    WorkloadInput | None, strawberry.argument(description="Your month of use; without it the preset CHAT.")
]
OF_A_ROUTE = (
    Need(Group.PRICES, _OF_ROUTE),
    Need(Group.MODEL, lambda route, _: () if route.model_id is None else (route.model_id,)),
)
"""What a cost of a route needs: its prices, and its model for the task and for limits that it does not state."""


def rules_of(ids: tuple[str, ...]) -> Any:
    """The published rules of several ids, each once."""
    return [rule_of(id_) for id_ in dict.fromkeys(ids)]


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


USED = "The facts that it rests on, those that are missing included."
RULE = "The rule by which it was decided."


def rule_field() -> Any:
    """The rule of a decision."""

    def rule(self: Any) -> Rule:
        return rule_of(self.rule)

    return strawberry.field(rule, description=RULE)


def rules_field(metadata: dict[str, object] | None = None) -> Any:
    """The rules of a decision."""

    def rules(self: Any) -> list[Rule]:
        return rules_of(self.rules)

    return strawberry.field(rules, description="The rules by which it was decided.", metadata=metadata)


def _seen_id(kind: str, attribute: str) -> Any:
    def id_(self: Any, info: Info) -> strawberry.ID:
        return seen_id(kind, getattr(self, attribute), look(info).lens)

    return strawberry.field(
        id_, name="id", description="Opaque id, for `node`; through a lens another one than without it."
    )


def _slug_id(kind: str) -> Any:
    def id_(self: Any) -> strawberry.ID:
        return encode(kind, self.slug)

    return strawberry.field(id_, name="id", description="Opaque id, for `node`.")


def _testified(group: Group, kind: type) -> dict[str, object]:
    return needs(Need(group, of_parent(kind)))


_DISPUTES = "Every fact on which independent sources disagree, with both sides."
_EVIDENCE = "Who states a fact, where and when, and who states another value; null where no source says and it follows from nothing."
_WHICH_FACT = "Which fact."


@strawberry.type(description="Who made a model.")
class Lab(Node):
    id: strawberry.ID = _slug_id("Lab")
    slug: str = strawberry.field(description="Stable short name, such as `mistral`.")
    name: str = strawberry.field(description="Name to show.")
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
        description="The models that it made.",
        metadata=needs(to=lambda _, lab, given: [Listed.asked(_models_of(lab, **given))]),
    )
    def models(
        self: Any,
        info: Info,
        order: Annotated[ModelOrder, strawberry.argument(description="What comes first.")] = ModelOrder.MOST_PROVIDERS,
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
    return ModelQuery(labs=(lab.slug,), order=order, window=window(order, first, after, last, before))


@strawberry.type(description="The terms of the weights.")
class License(Node):
    key: str = strawberry.field(description="Our key: the SPDX id where there is one.")
    name: str = strawberry.field(description="Name to show.")
    spdx: str | None = strawberry.field(description="Id in the SPDX licence list; null where it has none.")
    osi_approved: bool | None = strawberry.field(description="Approved by the Open Source Initiative; null is unknown.")
    url: str | None = strawberry.field(description="Text of the licence.")

    is_type_of = is_a(facts.License)

    @strawberry.field(description="Opaque id, for `node`.")
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
    slug: str = strawberry.field(description="Stable short name.")
    name: str = strawberry.field(description="Name to show.")
    version: str | None = strawberry.field(description="Its version; null where the source gives none.")

    is_type_of = is_a(facts.Benchmark)


@strawberry.type(description="One sourced number of one model in one benchmark.")
class BenchmarkResult:
    benchmark: Benchmark = strawberry.field(description="The test.")
    metric: str = strawberry.field(description="What the score counts.")
    score: Decimal = strawberry.field(description="The number as published.")
    harness: str | None = strawberry.field(description="The program that ran it; null is unknown.")
    variant: str | None = strawberry.field(description="Effort or setting; null is unknown.")
    runner: str | None = strawberry.field(description="Who ran it, such as `lab` or `third-party`; null is unknown.")
    date: str | None = strawberry.field(description="When it was published, as precise as the source.")
    url: str | None = strawberry.field(description="Where it was published.")
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
    kind: facts.CapabilityKind = strawberry.field(description="Which capability.")
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
        description="Why the amounts look wrong; null where they do not. Such a price wins no ranking."
    )
    valid_from: date | None = strawberry.field(description="First day on which it holds; null is unknown.")
    valid_from_basis: facts.DateBasis = strawberry.field(description="Whether that day is stated or observed.")
    valid_to: date | None = strawberry.field(description="First day on which it no longer holds; null: it still does.")

    @strawberry.field(description="Amounts for other things than tokens.")
    def other_units(self: Any) -> list[UnitPrice]:
        return [UnitPrice(unit=unit, amount=amount) for unit, amount in self.other_units.items()]

    @strawberry.field(
        description="Who states this amount, where, and who states another one; null where the sheet has none.",
        metadata=needs(Need(Group.ROUTE_TESTIMONY, lambda price, _: (price.route_id,))),
    )
    def evidence(
        self: Any, info: Info, unit: Annotated[PriceUnit, strawberry.argument(description="Which amount.")]
    ) -> Evidence | None:
        fact = FactRef("route", self.route_id, f"price.{self.mode}.{self.above}.{unit.value}")
        said = look(info).get(Group.ROUTE_TESTIMONY, self.route_id)
        return provenance.evidence(fact, said, sheet=self.source)


@strawberry.type(description="Who serves models through an API.")
class Provider(Node):
    id: strawberry.ID = _slug_id("Provider")
    slug: str = strawberry.field(description="Stable short name, such as `openrouter`.")
    name: str = strawberry.field(description="Name to show.")
    kind: facts.ProviderKind = strawberry.field(description="What kind of business it is.")
    api_shape: facts.ApiShape = strawberry.field(description="Wire format of its endpoint.")
    base_url: str | None = strawberry.field(description="Address of the API; null where not sourced yet.")
    docs_url: str | None = strawberry.field(description="Address of the documentation; null where not sourced yet.")
    sdk_package: str | None = strawberry.field(description="The package that speaks to it; null where not sourced yet.")
    credentials: list[str] = strawberry.field(
        description="Names of the environment variables that hold its credentials; empty where not sourced yet."
    )
    group: str | None = strawberry.field(
        description="Company behind several entries: the slug of its lab, else the word that their ids share; null where it stands alone."
    )

    is_type_of = is_a(facts.Provider)

    @strawberry.field(
        description="What it serves now, or all that it ever served with `live: null`.",
        metadata=needs(to=lambda _, provider, given: [Listed.asked(_routes_at(provider, **given))]),
    )
    def routes(
        self: Any,
        info: Info,
        order: Annotated[RouteOrder, strawberry.argument(description="What comes first.")] = RouteOrder.CHEAPEST_OUTPUT,
        live: Annotated[bool | None, strawberry.argument(description="Whether it can be used now.")] = True,
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
    return RouteQuery(providers=(provider.slug,), order=order, live=live, window=within)


@strawberry.type(description="One model at one provider: its own limits, capabilities and prices.")
class Route(Node):
    id: strawberry.ID = _seen_id("Route", "key")
    key: str = strawberry.field(description="`provider/provider's model id`, unique.")
    provider: Provider = strawberry.field(description="Who serves it.")
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
    retires_on: date | None = strawberry.field(description="The day on which it is shut down; null: none announced.")
    price_basis: facts.PriceBasis = strawberry.field(description="Why its price is what it is.")
    live: bool = strawberry.field(description="False when it is retired or no longer listed.")
    last_seen: date | None = strawberry.field(description="Day of the newest document that lists it.")
    first_party: bool = strawberry.field(description="Whether the provider is the model's own lab.")
    link_method: str | None = strawberry.field(
        description="How we know which model it serves, such as `EXACT` or `CURATED`; null where we do not."
    )
    link_confidence: Decimal | None = strawberry.field(description="How sure that is, 0 to 1.")

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

    @strawberry.field(description="What it can do by its own provider's account; it may contradict the model.")
    def capabilities(self: Any, kinds: _KINDS = None) -> list[Capability]:
        return _capabilities(self, kinds)

    @strawberry.field(
        description="The price sheets that hold today, or held on another day; empty where no source says.",
        metadata=needs(
            Need(Group.PRICES, lambda route, given: () if given.get("on") else (route.id,)),
            Need(Group.PRICE_HISTORY, lambda route, given: (route.id,) if given.get("on") else ()),
            to=lambda seen, route, given: _prices_of(seen, route, given.get("on")),
            one_of=True,
        ),
    )
    def prices(
        self: Any,
        info: Info,
        on: Annotated[
            date | None,
            strawberry.argument(
                description="Another day than today. Before the first day that is stated or observed nothing is known."
            ),
        ] = None,
    ) -> list[Price]:
        return list(_prices_of(look(info), self, on))

    @strawberry.field(
        description="What a month of your use costs here, or why that cannot be said.", metadata=needs(*OF_A_ROUTE)
    )
    def monthly_cost(
        self: Any, info: Info, workload: WorkloadArgument = None, overrides: OverridesArgument = None
    ) -> RouteOutcome:
        return served(look(info), self, overrides_given(overrides)).cost(workload_of(workload))

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


def _prices_of(seen: Look, route: facts.Route, on: date | None) -> Any:
    if on is None:
        return seen.get(Group.PRICES, route.id) or ()
    return sheets.held(seen.get(Group.PRICE_HISTORY, route.id) or (), on)


def served(seen: Look, route: facts.Route, overrides: Overrides) -> Served:
    """A route as a caller has it, with its model."""
    (offer,) = under([facts.Offer(route, tuple(seen.get(Group.PRICES, route.id) or ()))], overrides)
    return Served(offer, next(iter(_model_of(seen, route)), None))


def _model_of(seen: Look, route: facts.Route) -> list[facts.Model]:
    found = None if route.model_id is None else seen.get(Group.MODEL, route.model_id)
    return [] if found is None else [found]


@strawberry.type(description="Requests of one shape in a month. Token counts are per request and do not overlap.")
class RequestClass:
    name: str = strawberry.field(description="What it stands for.")
    requests: BigInt = strawberry.field(description="Requests per month.")
    input: int = strawberry.field(description="Tokens of the prompt that no cache serves.")
    cached_input: int = strawberry.field(description="Tokens of the prompt that a cache serves.")
    cache_write: int = strawberry.field(
        description="Tokens of the prompt that are written to a cache that keeps them for five minutes."
    )
    cache_write_1h: int = strawberry.field(
        description="Tokens of the prompt that are written to a cache that keeps them for an hour.", name="cacheWrite1h"
    )
    output: int = strawberry.field(description="Tokens of the visible answer.")
    reasoning: int = strawberry.field(description="Tokens of thinking, on top of the visible answer.")
    batch_share: Decimal = strawberry.field(description="Share of the requests that may wait for a batch, 0 to 1.")
    peak_share: Decimal = strawberry.field(description="Share of the requests in peak hours, 0 to 1.")
    retries: Decimal = strawberry.field(description="Share of the requests that are sent again, and billed again.")


@strawberry.type(description="A month of use.")
class Workload:
    name: str = strawberry.field(description="The preset's name, or `your own workload`.")
    classes: list[RequestClass] = strawberry.field(description="What is sent, shape by shape.")
    context_need: int = strawberry.field(description="Tokens of the largest request, prompt and answer together.")
    output_need: int = strawberry.field(description="The most tokens that one request generates.")


@strawberry.type(description="One line of a bill.")
class CostLine:
    request_class: str = strawberry.field(description="Name of the requests that it bills.")
    unit: str = strawberry.field(description="What is billed, such as `input` or `cache_read`.")
    price_unit: str = strawberry.field(
        description="Whose price bills it: another unit where the sheet has none of its own."
    )
    tokens: Decimal = strawberry.field(description="Tokens in a month.")
    mode: facts.PriceMode = strawberry.field(description="Service level of the price.")
    above: int = strawberry.field(description="Context tier of the price: 0 is the base.")
    price_mtok: Decimal = strawberry.field(description="USD per million tokens.")
    amount: Decimal = strawberry.field(description="USD in a month, exact.")


@strawberry.type(description="A decision that cannot be made for want of facts: a value, not an error.")
class Unavailable:
    reason: str = strawberry.field(description="Machine-readable, such as `NO_COMPLETE_TOKEN_PRICE`.")
    message: str = strawberry.field(description="The same in words.")
    missing: list[Fact] = strawberry.field(description="The facts that would make it possible.")
    low: Decimal | None = strawberry.field(
        description="It would be at least so many USD; null where that is not known."
    )
    high: Decimal | None = strawberry.field(description="It would be at most so many USD; null where not known.")

    is_type_of = is_a(facts.Unavailable)


def offered(seen: Look, model: Any, _: Any) -> list[facts.Route]:
    """In the plan, a route of a decision stands for every route of the model; below a route for that one."""
    if isinstance(model, facts.Route):
        return [model]
    return [offer.route for offer in seen.get(Group.OFFERS, model.id) or ()]


@strawberry.type(description="What the workload costs on one route in a month, in USD.")
class RouteCost:
    route: Route = strawberry.field(description="Where.", metadata=needs(to=offered))
    total: Decimal = strawberry.field(description="USD in a month, exact.")
    display: str = strawberry.field(description="The total, rounded to show.")
    lines: list[CostLine] = strawberry.field(description="The bill, line by line; the lines add up to the total.")
    notes: list[str] = strawberry.field(description="What to know about it, such as a cache without a price.")
    suspicious: list[str] = strawberry.field(description="Why its prices look wrong; empty where they do not.")
    used: list[Fact] = strawberry.field(description=USED)
    rules: list[Rule] = rules_field()

    is_type_of = is_a(cost.RouteCost)


@strawberry.type(description="A route that does not compete for this workload.")
class Ineligible:
    reason: str = strawberry.field(
        description="NOT_LIVE, FREE, INCLUDED, TRIAL, LOCAL, BATCH_ONLY, CONTEXT_TOO_SMALL or OUTPUT_LIMIT_TOO_SMALL; under "
        "your own terms also PROVIDER_EXCLUDED, OTHER_REGION, REGION_UNKNOWN, OTHER_API_SHAPE or API_SHAPE_UNKNOWN."
    )
    message: str = strawberry.field(description="The same in words.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()

    is_type_of = is_a(eligible.Ineligible)


RouteOutcome = Annotated[
    RouteCost | Ineligible | Unavailable,
    strawberry.union("RouteOutcome", description="What a route costs, or why that cannot be said."),
]


@strawberry.type(description="A route in the order of cost.")
class RankedRoute:
    route: Route = strawberry.field(description="Where.", metadata=needs(to=offered))
    rank: int | None = strawberry.field(description="1 is the cheapest, ties share it; null for what does not compete.")
    outcome: RouteOutcome = strawberry.field(description="What it costs, or why that cannot be said.")


@strawberry.type(description="The one missing fact that could make another route the cheapest.")
class RankingGap:
    route: Route = strawberry.field(description="The route that might be cheaper.", metadata=needs(to=offered))
    missing: Fact = strawberry.field(description="What nobody states.")
    low: Decimal | None = strawberry.field(description="It costs at least so many USD a month; null is unknown.")
    message: str = strawberry.field(description="The same in words.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


@strawberry.type(description="The workload on the cheapest route of a model, in USD a month.")
class MonthlyCost:
    id: strawberry.ID = strawberry.field(
        description="Names this model with this workload and your own terms, for caches."
    )
    model: Model = one_model("model", "Which model.")
    workload: Workload = strawberry.field(description="The month of use.")
    total: Decimal = strawberry.field(description="USD in a month, exact.")
    display: str = strawberry.field(description="The total, rounded to show: `$270`.")
    cheapest: list[RouteCost] = strawberry.field(description="The cheapest route; several where they cost the same.")
    used: list[Fact] = strawberry.field(description=USED)
    rules: list[Rule] = rules_field()

    is_type_of = is_a(cost.MonthlyCost)

    @strawberry.field(description="All live routes by cost, those that do not compete at the end.")
    def ranked(
        self: Any, first: Annotated[int, strawberry.argument(description="At most so many.")] = 100
    ) -> list[RankedRoute]:
        return self.ranked[: max(0, first)]

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
    tag: fit.FitTag = strawberry.field(description="What.")
    label: str = strawberry.field(description="The same to show.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


@strawberry.type(description="A kind of product that a model suits, by its facts and routes.")
class BestFor:
    tag: fit.BestForTag = strawberry.field(description="What.")
    label: str = strawberry.field(description="The same to show.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


@strawberry.type(description="The weights as released, or one closed checkpoint. Where it is served: `routes`.")
class Model(Node):
    id: strawberry.ID = _seen_id("Model", "slug")
    slug: str = strawberry.field(description="Stable short name, such as `mistral-small-4`.")
    name: str = strawberry.field(description="Name to show.")
    lab: Lab | None = strawberry.field(description="Who made it; null where not sourced yet.")
    family: str | None = strawberry.field(description="The line that it belongs to; null where not sourced yet.")
    task: facts.Task = strawberry.field(description="What it is made for.")
    released: str | None = strawberry.field(description="`2026`, `2026-03` or `2026-03-16`, as precise as the source.")
    knowledge_cutoff: str | None = strawberry.field(description="How far its training data reaches, such as `2025-06`.")
    context_window: int | None = strawberry.field(description="Tokens of prompt and answer; null is unknown, never 0.")
    max_output: int | None = strawberry.field(description="Most tokens of one answer; null is unknown.")
    parameters_total: BigInt | None = strawberry.field(description="Number of parameters; null is unknown.")
    parameters_active: BigInt | None = strawberry.field(
        description="Number of parameters that work on one token; null is unknown."
    )
    architecture: facts.Architecture = strawberry.field(description="Dense or mixture of experts.")
    license: License | None = strawberry.field(description="Terms of the weights; null where not sourced yet.")
    openness: facts.Openness = strawberry.field(description="Open source, open weights or proprietary.")
    commercial_use: facts.CommercialUse = strawberry.field(description="Whether you may earn money with it.")
    input_modalities: list[facts.Modality] = strawberry.field(description="What goes in; empty where not sourced yet.")
    output_modalities: list[facts.Modality] = strawberry.field(
        description="What comes out; empty where not sourced yet."
    )
    lifecycle: facts.Lifecycle = strawberry.field(description="Where in its life it stands.")
    deprecated_on: date | None = strawberry.field(description="From which day its lab advises against it.")
    retires_on: date | None = strawberry.field(description="The day on which its lab shuts it down.")
    successor: str | None = strawberry.field(description="Slug of what its lab recommends instead.")
    weights_url: str | None = strawberry.field(description="Where the weights lie; null where not sourced yet.")
    last_reviewed: date | None = strawberry.field(description="When somebody last reviewed its entry.")
    route_count: int = strawberry.field(description="How many live routes serve it.")
    provider_count: int = strawberry.field(description="How many companies serve it.")

    is_type_of = is_a(facts.Model)

    @strawberry.field(description="What it can do, each YES, NO or UNKNOWN.")
    def capabilities(self: Any, kinds: _KINDS = None) -> list[Capability]:
        return _capabilities(self, kinds)

    @strawberry.field(
        description="Where it can be had, the cheapest output price first.",
        metadata=needs(Need(Group.ROUTES, _OF_MODEL), to=lambda seen, model, given: [_routes_of(seen, model, **given)]),
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
        return _routes_of(look(info), self, live, first, after, last, before)

    @strawberry.field(
        description="Sourced benchmark results.",
        metadata=needs(
            Need(Group.RESULTS, _OF_MODEL), to=lambda seen, model, _: seen.get(Group.RESULTS, model.id) or ()
        ),
    )
    def results(self: Any, info: Info) -> list[BenchmarkResult]:
        return look(info).get(Group.RESULTS, self.id) or []

    @strawberry.field(description="What it is made for, by its own facts alone.")
    def fit(self: Any) -> list[Fit]:
        return fit.fit(self)

    @strawberry.field(description="The kinds of products that it suits.", metadata=needs(Need(Group.OFFERS, _OF_MODEL)))
    def best_for(self: Any, info: Info) -> list[BestFor]:
        return fit.best_for(_contender(look(info), self))

    @strawberry.field(
        description="What a month of your use costs on its cheapest route, with every route ranked.",
        metadata=needs(Need(Group.OFFERS, _OF_MODEL)),
    )
    def monthly_cost(
        self: Any, info: Info, workload: WorkloadArgument = None, overrides: OverridesArgument = None
    ) -> MonthlyCostResult:
        seen, month, terms = look(info), workload_of(workload), overrides_given(overrides)
        mine = facts.Contender(self, under(_contender(seen, self).offers, terms))
        return cost_of(cost.monthly_cost(mine, month), self.slug, workload_key(month) + terms.key, seen)

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
        said = look(info).get(Group.TESTIMONY, self.id)
        return provenance.disputes("model", self.id, said)


def cost_of(found: Any, slug: str, key: str, seen: Look) -> Any:
    """A monthly cost with its id; what is unavailable has none."""
    if isinstance(found, facts.Unavailable):
        return found
    return Identified(found, "MonthlyCost", "|".join(filter(None, (slug, key, seen.lens.key))))


def _contender(seen: Look, model: facts.Model) -> facts.Contender:
    return facts.Contender(model, seen.get(Group.OFFERS, model.id) or ())


def _routes_of(
    seen: Look,
    model: facts.Model,
    live: bool | None = True,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Listed[facts.Route]:
    routes = [each for each in seen.get(Group.ROUTES, model.id) or () if live is None or each.live is live]
    return page_of(routes, "ROUTES", window("ROUTES", first, after, last, before))
