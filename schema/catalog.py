"""Model, Lab, Provider, Route, Price: the mutually recursive core, in one module so that no type is lazy.

The source of every object is the fact itself: plain attributes, no copies. A field that needs more declares it.
"""

from __future__ import annotations

from decimal import Decimal

import strawberry
from graphql import GraphQLError

from domain import facts
from schema.needs import Facts, Group, needs

Info = strawberry.Info[Facts, None]

strawberry.enum(facts.Presence, description="Whether something is there. UNKNOWN: no source says; not NO.")
strawberry.enum(facts.CapabilityKind, description="What a model or a route can do.")
strawberry.enum(facts.Modality, description="A kind of content that goes in or comes out.")
strawberry.enum(facts.Task, description="What a model is made for; decides which units bill it.")
strawberry.enum(
    facts.Openness,
    description="OPEN_SOURCE: weights under an OSI-approved licence. OPEN_WEIGHTS: weights under another licence.",
)
strawberry.enum(facts.CommercialUse, description="Whether the licence lets you earn money with it.")
strawberry.enum(facts.Architecture, description="DENSE, or MOE: a mixture of experts.")
strawberry.enum(facts.Lifecycle, description="Where in its life a model or a route stands.")
strawberry.enum(facts.ProviderKind, description="What kind of business serves the models.")
strawberry.enum(facts.ApiShape, description="The wire format that a provider's endpoint speaks.")
strawberry.enum(facts.PriceBasis, description="Why a price is what it is. Only METERED prices compete for cheapest.")
strawberry.enum(facts.PriceMode, description="The service level that a price sheet is for.")
strawberry.enum(facts.DateBasis, description="STATED: the source names the day. OBSERVED: it was seen on that day.")


@strawberry.type(description="Who made a model.")
class Lab:
    slug: str = strawberry.field(description="Stable short name, such as `mistral`.")
    name: str = strawberry.field(description="Name to show.")
    url: str | None = strawberry.field(description="Home page; null where not sourced yet.")


@strawberry.type(description="The terms of the weights.")
class License:
    key: str = strawberry.field(description="Our key: the SPDX id where there is one.")
    name: str = strawberry.field(description="Name to show.")
    spdx: str | None = strawberry.field(description="Id in the SPDX licence list; null where it has none.")
    osi_approved: bool | None = strawberry.field(description="Approved by the Open Source Initiative; null is unknown.")
    url: str | None = strawberry.field(description="Text of the licence.")


@strawberry.type(description="One capability with its three-valued answer.")
class Capability:
    kind: facts.CapabilityKind = strawberry.field(description="Which capability.")
    presence: facts.Presence = strawberry.field(description="YES, NO, or UNKNOWN where no source says.")


@strawberry.type(description="One price sheet for one mode and one context tier, in USD per million tokens.")
class Price:
    mode: facts.PriceMode = strawberry.field(description="STANDARD, BATCH and so on.")
    above: int = strawberry.field(
        description="Bills requests whose whole prompt has strictly more tokens than this; 0 is the base."
    )
    currency: str = strawberry.field(description="ISO 4217 code. Other currencies than USD are never converted.")
    input_mtok: Decimal | None = strawberry.field(description="Per million input tokens; null is unknown, never 0.")
    output_mtok: Decimal | None = strawberry.field(description="Per million output tokens.")
    cache_read_mtok: Decimal | None = strawberry.field(description="Per million input tokens read from the cache.")
    cache_write_mtok: Decimal | None = strawberry.field(description="Per million input tokens written to the cache.")
    source: str = strawberry.field(description="Id of the source whose sheet was accepted.")
    suspicious: str | None = strawberry.field(description="Why the amounts look wrong; null where they do not.")
    valid_from_basis: facts.DateBasis = strawberry.field(description="Whether the first day is stated or observed.")


@strawberry.type(description="Who serves models through an API.")
class Provider:
    slug: str = strawberry.field(description="Stable short name, such as `openrouter`.")
    name: str = strawberry.field(description="Name to show.")
    kind: facts.ProviderKind = strawberry.field(description="Lab, cloud, host, aggregator, plan, trial or local.")
    api_shape: facts.ApiShape = strawberry.field(description="Wire format of its endpoint.")
    base_url: str | None = strawberry.field(description="Address of the API.")
    docs_url: str | None = strawberry.field(description="Address of the documentation.")


def _capabilities(known: facts.Capabilities) -> list[Capability]:
    return [Capability(kind=kind, presence=known[kind]) for kind in facts.CapabilityKind]


@strawberry.type(description="One model at one provider: its own limits, capabilities and prices.")
class Route:
    key: str = strawberry.field(description="`provider/provider's model id`, unique.")
    provider: Provider = strawberry.field(description="Who serves it.")
    provider_model_id: str = strawberry.field(description="What to put into the request's model field.")
    context_window: int | None = strawberry.field(description="Tokens at this provider; null is unknown.")
    max_output: int | None = strawberry.field(description="Most output tokens at this provider; null is unknown.")
    lifecycle: facts.Lifecycle = strawberry.field(description="Where in its life the route stands.")
    price_basis: facts.PriceBasis = strawberry.field(description="Metered, free, included in a plan, trial or local.")
    live: bool = strawberry.field(description="False when it is retired or no longer listed.")

    @strawberry.field(description="What the route can do, by its provider's account.")
    def capabilities(self) -> list[Capability]:
        return _capabilities(self.capabilities)  # type: ignore[arg-type]  # the source is the fact

    @strawberry.field(description="The price sheets that hold today.", metadata=needs(Group.PRICES))
    def prices(self, info: Info) -> list[Price]:
        return info.context.get(Group.PRICES, self.id) or []  # type: ignore[attr-defined]


@strawberry.type(description="One sourced number of one benchmark.")
class BenchmarkResult:
    metric: str = strawberry.field(description="What the score counts.")
    score: Decimal = strawberry.field(description="The number as published.")
    harness: str | None = strawberry.field(description="The program that ran it; null is unknown.")
    url: str | None = strawberry.field(description="Where it was published.")

    @strawberry.field(description="Name of the benchmark.")
    def benchmark(self) -> str:
        return self.benchmark.name  # type: ignore[attr-defined,no-any-return]


@strawberry.type(description="The weights as released, or one closed checkpoint.")
class Model:
    slug: str = strawberry.field(description="Stable short name, such as `mistral-small-4`.")
    name: str = strawberry.field(description="Name to show.")
    lab: Lab | None = strawberry.field(description="Who made it.")
    family: str | None = strawberry.field(description="The line that it belongs to.")
    task: facts.Task = strawberry.field(description="What it is made for.")
    released: str | None = strawberry.field(description="`2026`, `2026-03` or `2026-03-16`, as precise as the source.")
    knowledge_cutoff: str | None = strawberry.field(description="Last day or month of its training data.")
    context_window: int | None = strawberry.field(description="Tokens of prompt and answer; null is unknown, never 0.")
    max_output: int | None = strawberry.field(description="Most output tokens; null is unknown.")
    architecture: facts.Architecture = strawberry.field(description="Dense or mixture of experts.")
    license: License | None = strawberry.field(description="Terms of the weights; null where not sourced yet.")
    openness: facts.Openness = strawberry.field(description="Open source, open weights or proprietary.")
    commercial_use: facts.CommercialUse = strawberry.field(description="Whether you may earn money with it.")
    input_modalities: list[facts.Modality] = strawberry.field(description="What goes in; empty where not sourced yet.")
    output_modalities: list[facts.Modality] = strawberry.field(
        description="What comes out; empty where not sourced yet."
    )
    lifecycle: facts.Lifecycle = strawberry.field(description="Where in its life it stands.")

    @strawberry.field(description="What it can do, each YES, NO or UNKNOWN.")
    def capabilities(self) -> list[Capability]:
        return _capabilities(self.capabilities)  # type: ignore[arg-type]  # the source is the fact

    @strawberry.field(description="Where it can be had, the cheapest output price first.", metadata=needs(Group.ROUTES))
    def routes(self, info: Info) -> list[Route]:
        return info.context.get(Group.ROUTES, self.id) or []  # type: ignore[attr-defined]

    @strawberry.field(description="Sourced benchmark results.", metadata=needs(Group.RESULTS))
    def results(self, info: Info) -> list[BenchmarkResult]:
        return info.context.get(Group.RESULTS, self.id) or []  # type: ignore[attr-defined]


@strawberry.type(description="One accepted state of the whole catalogue.")
class CatalogRevision:
    number: int = strawberry.field(description="Counts up with every change.")
    digest: str = strawberry.field(description="SHA-256 over everything that is accepted.")


@strawberry.type(description="Everything that can be asked.")
class Query:
    @strawberry.field(description="A model by slug or any known spelling.", metadata=needs(Group.MODELS, key="ref"))
    def model(self, info: Info, ref: str) -> Model | None:
        found: Model | None = info.context.get(Group.MODELS, ref)
        if found is None:
            raise GraphQLError(
                f"No model is known as {ref!r}, or several are; try its slug.", extensions={"code": "UNKNOWN_MODEL"}
            )
        return found

    @strawberry.field(
        description="The state of the catalogue that answers; null before the first ingest.",
        metadata=needs(Group.REVISION),
    )
    def catalog(self, info: Info) -> CatalogRevision | None:
        found: tuple[int, str] | None = info.context.get(Group.REVISION, "")
        return None if found is None else CatalogRevision(number=found[0], digest=found[1])


schema = strawberry.Schema(query=Query)
