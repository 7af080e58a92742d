"""Everything that can be asked: a table of contents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig

from domain.lens import DEFAULT
from schema import asked, scorecard
from schema import nodes as by_id
from schema.bills import Bills
from schema.catalog import Benchmark, Lab, License, Model, Provider, Route
from schema.changes import FactChange, PriceChange
from schema.choices import Choices
from schema.comparison import (
    CatalogRevision,
    Comparison,
    Question,
    asked_models,
    compared,
    ref_of,
    unknown_model,
)
from schema.disputes import Dispute
from schema.ends import end_key
from schema.evidence import Source
from schema.filters import (
    DisputeFilter,
    FactChangeFilter,
    ModelFilter,
    PriceChangeFilter,
    ProviderFilter,
    RouteFilter,
)
from schema.groups import ALL, Group
from schema.look import Info, look
from schema.methodology import Methodology
from schema.needs import Need, needs
from schema.node import Node
from schema.orders import ChangeOrder, ModelOrder, ProviderOrder, RouteOrder
from schema.overrides import TERMS, OverridesArgument, OverridesInput, overrides_given, own_terms
from schema.paging import After, Before, Connection, First, Last, Listed, page_of, window
from schema.plan import SwitchPlanResult, ends, planned
from schema.replays import Replays
from schema.resolution import Resolution
from schema.retirements import From, Retirement, RetirementFilter, To
from schema.scalars import SCALARS
from schema.subscription import Subscription
from schema.workloads import LensArgument, LensInput, WeightInput, WorkloadInput, checked, weights_of, workload_of

Ref = Annotated[
    str,
    strawberry.argument(description="A slug, an id, or any spelling that a source uses: `openai/gpt-4o`, `gpt-4o` …"),
]


def _paged(query: Callable[..., Any]) -> dict[str, object]:
    """Metadata of a root list whose query is made from the arguments."""
    return needs(to=lambda _, __, given: [Listed.asked(query(**given))])


def _whole(group: Group) -> dict[str, object]:
    """Metadata of a root list that is read whole and paged in hand."""
    return needs(Need(group, lambda *_: (ALL,)), to=lambda seen, _, given: [_part(seen.get(group, ALL), **given)])


def _part(
    items: Sequence[Any],
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    return page_of(items, "NAME", window("NAME", first, after, last, before))


def _question(
    models: list[str],
    workload: WorkloadInput | None = None,
    weights: list[WeightInput] | None = None,
    lens: LensInput | None = None,
    overrides: OverridesInput | None = None,
) -> Question:
    through = DEFAULT if lens is None else lens.of()
    return Question(tuple(models), workload_of(workload), weights_of(weights), through, own_terms(overrides))


_END = (
    "The key of a route, `provider/provider's model id`, or a model by slug, id or any spelling: a model stands for a route "
    "of the other end's company, its lab's own or the cheapest, and the plan says which and why."
)
_WHERE = "Which ones; without it all."
_ORDER = "What comes first."


@strawberry.type(description="Everything that can be asked.")
class Query(Choices, Bills, Replays):
    @strawberry.field(
        description="A model by slug, id or any spelling that names it alone.",
        metadata=needs(
            Need(Group.MODELS, lambda _, given: (ref_of(given["ref"]),)),
            to=lambda seen, _, given: filter(None, [seen.get(Group.MODELS, ref_of(given["ref"]))]),
        ),
    )
    def model(self, info: Info, ref: Ref, lens: LensArgument = None) -> Model | None:
        checked(lens)
        seen = look(info)
        found = seen.get(Group.MODELS, ref_of(ref))
        if found is None:
            raise unknown_model(ref, seen.lens)
        return found

    @strawberry.field(
        description="What a spelling is taken for, and why; similar spellings where nothing carries it.",
        metadata=needs(
            Need(Group.RESOLUTIONS, lambda _, given: (ref_of(given["ref"]),)),
            to=lambda seen, _, given: [seen.get(Group.RESOLUTIONS, ref_of(given["ref"]))],
        ),
    )
    def resolve(self, info: Info, ref: Ref) -> Resolution:
        return look(info).get(Group.RESOLUTIONS, ref_of(ref))

    @strawberry.field(description="Models by their facts.", metadata=_paged(asked.models))
    def models(
        self,
        info: Info,
        where: Annotated[ModelFilter | None, strawberry.argument(description=_WHERE)] = None,
        order: Annotated[
            ModelOrder | None,
            strawberry.argument(description="What comes first; without it the best match, or the most served."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Model]:
        return Listed.asked(asked.models(where, order, first, after, last, before))

    @strawberry.field(
        description="Routes, one model at one provider each, by their facts.",
        metadata=_paged(asked.routes),
    )
    def routes(
        self,
        info: Info,
        where: Annotated[RouteFilter | None, strawberry.argument(description=_WHERE)] = None,
        order: Annotated[RouteOrder, strawberry.argument(description=_ORDER)] = RouteOrder.CHEAPEST_OUTPUT,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Route]:
        return Listed.asked(asked.routes(where, order, first, after, last, before))

    @strawberry.field(description="Who serves models through an API.", metadata=_paged(asked.providers))
    def providers(
        self,
        info: Info,
        where: Annotated[ProviderFilter | None, strawberry.argument(description=_WHERE)] = None,
        order: Annotated[ProviderOrder, strawberry.argument(description=_ORDER)] = ProviderOrder.NAME,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Provider]:
        return Listed.asked(asked.providers(where, order, first, after, last, before))

    @strawberry.field(
        description="A provider by its slug; null where there is none.",
        metadata=needs(
            Need(Group.PROVIDER, lambda _, given: (given["slug"],)),
            to=lambda seen, _, given: filter(None, [seen.get(Group.PROVIDER, given["slug"])]),
        ),
    )
    def provider(
        self, info: Info, slug: Annotated[str, strawberry.argument(description="Such as `openrouter`.")]
    ) -> Provider | None:
        return look(info).get(Group.PROVIDER, slug)

    @strawberry.field(
        description="A route by its key; null where there is none.",
        metadata=needs(
            Need(Group.ROUTE, lambda _, given: (given["key"],)),
            to=lambda seen, _, given: filter(None, [seen.get(Group.ROUTE, given["key"])]),
        ),
    )
    def route(
        self,
        info: Info,
        key: Annotated[str, strawberry.argument(description="`provider/provider's model id`.")],
        lens: LensArgument = None,
    ) -> Route | None:
        checked(lens)
        return look(info).get(Group.ROUTE, key)

    @strawberry.field(description="Who makes models, by name.", metadata=_whole(Group.LABS))
    def labs(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Lab]:
        return _part(look(info).get(Group.LABS, ALL), first, after, last, before)

    @strawberry.field(description="Terms under which weights are given, by name.", metadata=_whole(Group.LICENSES))
    def licenses(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[License]:
        return _part(look(info).get(Group.LICENSES, ALL), first, after, last, before)

    @strawberry.field(description="Tests with sourced results, by name.", metadata=_whole(Group.BENCHMARKS))
    def benchmarks(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Benchmark]:
        return _part(look(info).get(Group.BENCHMARKS, ALL), first, after, last, before)

    @strawberry.field(
        description="Facts on which independent sources disagree, the worst of each model and field. Prices that somebody pays now "
        "come first, then context windows, then the rest; of each kind those whose numbers lie farthest apart.",
        metadata=_paged(asked.disputes),
    )
    def disputes(
        self,
        info: Info,
        where: Annotated[DisputeFilter | None, strawberry.argument(description=_WHERE)] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Dispute]:
        return Listed.asked(asked.disputes(where, first, after, last, before))

    @strawberry.field(
        description="How prices changed, across the catalogue, the latest first. With the order RECORDED the cursor of the last item "
        "continues where you stopped.",
        metadata=_paged(asked.price_changes),
    )
    def price_changes(
        self,
        info: Info,
        since: Annotated[
            date | None, strawberry.argument(description="Changed on this day or after; without it all.")
        ] = None,
        where: Annotated[PriceChangeFilter | None, strawberry.argument(description=_WHERE)] = None,
        order: Annotated[ChangeOrder, strawberry.argument(description=_ORDER)] = ChangeOrder.NEWEST,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PriceChange]:
        return Listed.asked(asked.price_changes(since, where, order, first, after, last, before))

    @strawberry.field(
        description="How facts of models and routes changed, in the order in which it was recorded: the cursor of the last item continues "
        "where you stopped.",
        metadata=_paged(asked.fact_changes),
    )
    def fact_changes(
        self,
        info: Info,
        since: Annotated[
            date | None, strawberry.argument(description="Recorded on this day (UTC) or after; without it all.")
        ] = None,
        where: Annotated[FactChangeFilter | None, strawberry.argument(description=_WHERE)] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[FactChange]:
        return Listed.asked(asked.fact_changes(since, where, first, after, last, before))

    @strawberry.field(
        description="Shutdowns announced for a period, of models and of routes, the earliest first.",
        metadata=_paged(asked.retirements),
    )
    def retirements(
        self,
        info: Info,
        from_: From,
        to: To,
        where: Annotated[RetirementFilter | None, strawberry.argument(description=_WHERE)] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Retirement]:
        return Listed.asked(asked.retirements(from_, to, where, first, after, last, before))

    @strawberry.field(
        description="Who publishes the facts, with licence and dates.",
        metadata=needs(Need(Group.SOURCES, lambda *_: (ALL,))),
    )
    def sources(self, info: Info) -> list[Source]:
        return look(info).get(Group.SOURCES, ALL)

    @strawberry.field(
        description="Models side by side: which to use, what it costs, what switching would break.",
        metadata=needs(
            Need(Group.MODELS, lambda _, given: asked_models(_question(**given))),
            TERMS,
            to=lambda seen, _, given: [compared(seen, _question(**given))],
        ),
    )
    def comparison(
        self,
        info: Info,
        models: Annotated[
            list[str], strawberry.argument(description="2 to 10 models, each a slug, an id or a known spelling.")
        ],
        workload: Annotated[
            WorkloadInput | None, strawberry.argument(description="Your month of use; without it the preset CHAT.")
        ] = None,
        weights: Annotated[
            list[WeightInput] | None,
            strawberry.argument(description="Your own weights, over the published ones, for the verdict."),
        ] = None,
        lens: LensArgument = None,
        overrides: OverridesArgument = None,
    ) -> Comparison:
        checked(lens)
        overrides_given(look(info), overrides)
        return compared(look(info), _question(models, workload, weights, lens, overrides))

    @strawberry.field(
        description="How to switch from one model or route to another, step by step. Ask the other way round for the way back.",
        metadata=needs(
            Need(Group.ENDS, lambda _, given: (end_key(given["from_"]), end_key(given["to"]))),
            TERMS,
            to=lambda seen, _, given: ends(seen, given["from_"], given["to"]),
        ),
    )
    def switch_plan(
        self,
        info: Info,
        from_: Annotated[str, strawberry.argument(name="from", description=_END)],
        to: Annotated[str, strawberry.argument(description=_END)],
        workload: Annotated[
            WorkloadInput | None, strawberry.argument(description="Your month of use; without it the preset CHAT.")
        ] = None,
        lens: LensArgument = None,
        overrides: OverridesArgument = None,
    ) -> SwitchPlanResult:
        checked(lens)
        return planned(info, from_, to, workload_of(workload), overrides_given(look(info), overrides))

    @strawberry.field(
        description="The state of the catalogue that answers; null before it was filled.",
        metadata=needs(Need(Group.REVISION, lambda *_: (ALL,))),
    )
    def catalog(self, info: Info) -> CatalogRevision | None:
        return look(info).get(Group.REVISION, ALL)

    @strawberry.field(description="How this service decides: rules, weights, presets.")
    def methodology(self) -> Methodology:
        return Methodology()

    @strawberry.field(
        description="Anything by its id; null where it is gone.",
        metadata=needs(
            *by_id.NEEDS,
            to=lambda seen, _, given: filter(None, [by_id.node(seen, given["id"])]),
            through=by_id.lens_of,
        ),
    )
    def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="From an `id` field.")]
    ) -> Node | None:
        return by_id.node(look(info), id)

    @strawberry.field(
        description="Several things by their ids, in that order; null where one is gone.",
        metadata=needs(
            *by_id.NEEDS,
            to=lambda seen, _, given: (
                each for each in by_id.nodes(seen, given["ids"]) if each and not isinstance(each, GraphQLError)
            ),
        ),
    )
    def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description=f"At most {by_id.MOST_IDS} ids.")],
    ) -> list[Node | None]:
        return by_id.nodes(look(info), ids)


schema = strawberry.Schema(
    query=Query,
    subscription=Subscription,
    types=[*scorecard.TYPES, Comparison],
    config=StrawberryConfig(scalar_map=SCALARS),
)
"""The schema; `schema.published` writes it down."""
