"""What can be read at once for many keys, and how it is read: the accepted tables for the default lens, the statements that
count for any other one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from graphql import GraphQLError

from db import changes, disputes, first_routes, lifecycle, lists, moving, near, provenance, reads, results, terms
from db.queries import RoutesOf
from db.reader import Reader
from db.said import Said
from db.signing import record_key
from domain.facts import Contender, Model, Offer, Price, Route
from domain.lens import Lens, Seen, end_of, heard, holding_alone, offers_through, sheets_on, through
from domain.lifecycle import Succession, reached
from domain.listing import LISTS, Newest
from domain.plan_steps import End
from schema.beside import Wanted, beside
from schema.named import named
from schema.other_ways import other_ways
from schema.ranking import rankings


class Group(StrEnum):
    """A fact group. After the dash: what its keys are."""

    MODELS = "models"  # a ref as it was written
    MODEL = "model"  # the number of a model
    ROUTES = "routes"  # the number of a model
    FIRST_ROUTES = "first routes"  # a query
    ROUTES_COUNT = "count of routes"
    PRICES = "prices"  # the number of a route
    OFFERS = "offers"  # the number of a model
    RESULTS = "results"  # the number of a model
    TESTIMONY = "testimony"  # the number of a model
    FIELD_TESTIMONY = "field testimony"  # the number of a model and the name of a field
    ROUTE_TESTIMONY = "route testimony"  # the number of a route
    PROVIDER_TESTIMONY = "provider testimony"  # the number of a provider
    LAB_TESTIMONY = "lab testimony"  # the number of a lab
    LICENSE_TESTIMONY = "license testimony"  # the number of a licence
    NEAR = "near"  # the number of a model
    ROUTE = "route"  # a route's key
    PROVIDER = "provider"  # a provider's slug
    RESOLUTIONS = "resolutions"  # a spelling
    MODEL_LIST = "model list"  # a query
    MODEL_COUNT = "model count"
    ROUTE_LIST = "route list"
    ROUTE_COUNT = "route count"
    PROVIDER_LIST = "provider list"
    PROVIDER_COUNT = "provider count"
    DISPUTE_LIST = "dispute list"
    DISPUTE_COUNT = "dispute count"
    RETIREMENT_LIST = "retirement list"
    RETIREMENT_COUNT = "retirement count"
    SUCCESSION = "succession"  # the number of a model
    PRICE_HISTORY = "price history"  # the number of a route
    ROUTE_BY_ID = "route by id"  # the number of a route
    PRICE_STEPS = "price steps"  # the number of a route
    POINTED = "where a moving name has pointed"  # the number of a route
    PRICE_CHANGE_LIST = "price change list"  # a query
    PRICE_CHANGE_COUNT = "price change count"
    FACT_CHANGE_LIST = "fact change list"
    FACT_CHANGE_COUNT = "fact change count"
    LABS = "labs"  # ALL
    LICENSES = "licenses"
    BENCHMARKS = "benchmarks"
    SOURCES = "sources"
    ENDS = "ends of a switch"  # "Model", "Route" or nothing, and a slug, spelling or route key
    REVISION = "revision"
    RECORD_KEY = "key of records"
    RANKING = "ranking"  # what is asked
    OTHER_WAYS = "other ways"
    TERMS = "names in a caller's own terms"  # the terms


SEVERAL_STATEMENTS = frozenset(
    {
        *(Group.OFFERS, Group.NEAR, Group.RESOLUTIONS, Group.SUCCESSION, Group.ENDS, Group.RANKING, Group.OTHER_WAYS),
        *(Group.POINTED, Group.TERMS, Group.ROUTE),
    }
)
"""Groups whose read may take more than one statement; any other one takes one, through the default lens."""

ALL = ""
"""The key of a group that is read whole."""


@dataclass(slots=True)
class Moment:
    """For which day, and through which lens. What was seen through it in one operation is kept: models by number (None where
    nothing counts that is said of one) and routes by number; `checked` says that its sources are known."""

    today: date
    lens: Lens
    seen: dict[int, Seen | None] = field(default_factory=dict)
    routes: dict[int, Route] = field(default_factory=dict)
    sheets: dict[int, tuple[Price, ...]] = field(default_factory=dict)
    checked: bool = False

    @property
    def span(self) -> provenance.Span:
        """Which statements the lens has to be told."""
        if self.lens.is_default:
            return provenance.NOW
        known = provenance.NOW.known if self.lens.known is None else end_of(self.lens.known)
        return provenance.Span(known, self.lens.valid)

    def note(self, offers: Iterable[Offer], sheets: Mapping[int, tuple[Price, ...]]) -> None:
        """Keep routes as they were seen."""
        self.routes.update({offer.route.id: offer.route for offer in offers})
        self.sheets.update(sheets)


Read: TypeAlias = Callable[[Reader, Collection[Any], Moment], Awaitable[Mapping[Any, Any]]]


def _whole(read: Callable[[Reader], Awaitable[Any]]) -> Read:
    async def found(reader: Reader, keys: Collection[Any], _: Moment) -> Mapping[Any, Any]:
        return dict.fromkeys(keys, await read(reader))

    return found


def _listed(read: Callable[[Reader, Any], Awaitable[Any]]) -> Read:
    async def found(reader: Reader, queries: Collection[Any], _: Moment) -> Mapping[Any, Any]:
        return await read(reader, list(queries))

    return found


async def _near(reader: Reader, ids: Collection[int], moment: Moment) -> Mapping[int, tuple[Contender, ...]]:
    around = await near.models_near(reader, ids)
    every = sorted({model.id for models in around.values() for model in models})
    offers = await near.lowest_offers(reader, every, on=moment.today) if every else {}
    return {id_: tuple(Contender(model, offers[model.id]) for model in models) for id_, models in around.items()}


async def _succession(reader: Reader, ids: Collection[int], _: Moment) -> Mapping[int, Succession]:
    return dict.fromkeys(ids, await lifecycle.succession(reader, ids))


_ACCEPTED: Mapping[Group, Read] = {
    Group.MODELS: lambda reader, refs, _: reads.models_by_ref(reader, refs),
    Group.MODEL: lambda reader, ids, _: reads.models_by_id(reader, ids),
    Group.ROUTES: lambda reader, ids, _: reads.routes_by_model(reader, ids),
    Group.FIRST_ROUTES: _listed(first_routes.first_routes),
    Group.ROUTES_COUNT: _listed(first_routes.count_routes_of),
    Group.PRICES: lambda reader, ids, moment: reads.prices_by_route(reader, ids, on=moment.today),
    Group.OFFERS: lambda reader, ids, moment: reads.offers_by_model(reader, ids, on=moment.today),
    Group.RESULTS: lambda reader, ids, _: results.results_by_model(reader, ids),
    Group.TESTIMONY: lambda reader, ids, moment: provenance.testimony_by_model(reader, ids, moment.span),
    Group.FIELD_TESTIMONY: lambda reader, facts, moment: provenance.testimony_by_field(reader, facts, moment.span),
    Group.ROUTE_TESTIMONY: lambda reader, ids, moment: provenance.testimony_by_route(reader, ids, moment.span),
    Group.PROVIDER_TESTIMONY: lambda reader, ids, moment: provenance.testimony_by_provider(reader, ids, moment.span),
    Group.LAB_TESTIMONY: lambda reader, ids, moment: provenance.testimony_by_lab(reader, ids, moment.span),
    Group.LICENSE_TESTIMONY: lambda reader, ids, moment: provenance.testimony_by_license(reader, ids, moment.span),
    Group.NEAR: _near,
    Group.ROUTE: lambda reader, keys, _: reads.routes_by_key(reader, keys),
    Group.PROVIDER: lambda reader, slugs, _: reads.providers_by_slug(reader, slugs),
    Group.RESOLUTIONS: lambda reader, refs, _: provenance.resolutions(reader, refs),
    Group.MODEL_LIST: named(_listed(lists.models)),
    Group.MODEL_COUNT: named(_listed(lists.count_models)),
    Group.ROUTE_LIST: named(_listed(lists.routes)),
    Group.ROUTE_COUNT: named(_listed(lists.count_routes)),
    Group.PROVIDER_LIST: _listed(lists.providers),
    Group.PROVIDER_COUNT: _listed(lists.count_providers),
    Group.DISPUTE_LIST: _listed(disputes.disputes),
    Group.DISPUTE_COUNT: _listed(disputes.count_disputes),
    Group.RETIREMENT_LIST: named(_listed(lifecycle.retirements)),
    Group.RETIREMENT_COUNT: named(_listed(lifecycle.count_retirements)),
    Group.SUCCESSION: _succession,
    Group.PRICE_HISTORY: lambda reader, ids, _: reads.price_history_by_route(reader, ids),
    Group.ROUTE_BY_ID: lambda reader, ids, _: reads.routes_by_id(reader, ids),
    Group.POINTED: lambda reader, ids, _: moving.pointed_by_route(reader, ids),
    Group.PRICE_STEPS: lambda reader, ids, _: changes.price_changes_by_route(reader, ids),
    Group.PRICE_CHANGE_LIST: named(_listed(changes.price_changes)),
    Group.PRICE_CHANGE_COUNT: named(_listed(changes.count_price_changes)),
    Group.FACT_CHANGE_LIST: _listed(changes.fact_changes),
    Group.FACT_CHANGE_COUNT: _listed(changes.count_fact_changes),
    Group.LABS: _whole(reads.labs),
    Group.LICENSES: _whole(reads.licenses),
    Group.BENCHMARKS: _whole(results.benchmarks),
    Group.SOURCES: _whole(provenance.sources),
    Group.REVISION: _whole(reads.latest_revision),
    Group.RECORD_KEY: _whole(record_key),
    Group.RANKING: named(lambda reader, questions, moment: rankings(reader, questions, moment.today)),
}
_OF_MODELS = (Group.MODELS, Group.MODEL, Group.ROUTES, Group.OFFERS, Group.RESULTS)
_OF_ROUTES = (Group.ROUTE, Group.PRICES, Group.PRICE_HISTORY)
_FOR_EVERYBODY = (
    *(Group.NEAR, Group.RESOLUTIONS, Group.LABS, Group.LICENSES, Group.BENCHMARKS, Group.REVISION, Group.PRICE_STEPS),
    *(Group.POINTED, Group.RECORD_KEY),
)
"""Which models there are, how they are spelled, who is near whom, what was recorded as a change and where moving names have
pointed is not seen anew."""
_TESTIMONIES = (
    *(Group.TESTIMONY, Group.FIELD_TESTIMONY, Group.ROUTE_TESTIMONY, Group.PROVIDER_TESTIMONY),
    *(Group.LAB_TESTIMONY, Group.LICENSE_TESTIMONY),
)


def _through_lens(group: Group, accepted: Read) -> Read:
    async def found(reader: Reader, keys: Collection[Any], moment: Moment) -> Mapping[Any, Any]:
        if moment.lens.is_default or group in _FOR_EVERYBODY:
            return await accepted(reader, keys, moment)
        await _check(reader, moment)
        if group is Group.SOURCES:
            (every,) = set((await accepted(reader, [ALL], moment)).values())
            named = moment.lens.sources
            return dict.fromkeys(keys, tuple(each for each in every if not named or each.id in named))
        if group is Group.SUCCESSION:
            return dict.fromkeys(keys, await _succession_seen(reader, keys, moment))
        if group in _TESTIMONIES:
            said = await accepted(reader, keys, moment)
            return {key: Said.again(holding_alone(moment.lens, heard(moment.lens, each))) for key, each in said.items()}
        if group in _OF_MODELS:
            return await _models(group, reader, keys, moment, accepted)
        if group in (Group.FIRST_ROUTES, Group.ROUTES_COUNT):
            return await _parts_of_routes(group, reader, keys, moment)
        if group in _OF_ROUTES:
            return await _routes(group, reader, keys, moment, accepted)
        raise GraphQLError(
            f"A lens needs models or routes to look at; {group} is answered for all sources as of now only.",
            extensions={"code": "LENS_NOT_APPLICABLE"},
        )

    return found


async def _models(
    group: Group, reader: Reader, keys: Collection[Any], moment: Moment, accepted: Read
) -> Mapping[Any, Any]:
    """Groups of models through the lens."""
    if group is Group.MODELS:
        day = moment.lens.valid
        named = (
            await accepted(reader, keys, moment) if day is None else await moving.models_by_ref_on(reader, keys, day)
        )
        seen = await _seen(reader, {model.id: model for model in named.values()}, moment)
        return {ref: shown.model for ref, model in named.items() if (shown := seen.get(model.id)) is not None}
    if unseen := set(keys) - moment.seen.keys():
        await _seen(reader, await reads.models_by_id(reader, unseen), moment)
    seen = {id_: each for id_ in keys if (each := moment.seen.get(id_)) is not None}
    match group:
        case Group.MODEL:
            return {id_: each.model for id_, each in seen.items()}
        case Group.ROUTES:
            return {id_: tuple(offer.route for offer in each.offers) for id_, each in seen.items()}
        case Group.OFFERS:
            return {id_: each.offers for id_, each in seen.items()}
        case _:
            return {id_: each.results for id_, each in seen.items()}


async def _parts_of_routes(
    group: Group, reader: Reader, queries: Collection[RoutesOf], moment: Moment
) -> Mapping[RoutesOf, Any]:
    """Parts of the routes of models through the lens, for which all of them are accepted anew."""
    every = await READS[Group.ROUTES](reader, [query.model for query in queries], moment)
    found = {}
    for query in queries:
        routes = [route for route in every.get(query.model) or () if query.live in (None, route.live)]
        found[query] = first_routes.page(query, routes) if group is Group.FIRST_ROUTES else len(routes)
    return found


async def _routes(
    group: Group, reader: Reader, keys: Collection[Any], moment: Moment, accepted: Read
) -> Mapping[Any, Any]:
    """Groups of routes through the lens: each with its model, whose other routes say what is suspicious."""
    named: Mapping[Any, Route]
    if group is Group.ROUTE:
        named = await accepted(reader, keys, moment)
    else:
        unread = set(keys) - moment.sheets.keys()
        named = await reads.routes_by_id(reader, unread) if unread else {}
    if moment.lens.valid is not None and named:
        named = await moving.as_meant(reader, named, moment.lens.valid)
    models = {route.model_id for route in named.values() if route.model_id is not None}
    if models - moment.seen.keys():
        await _seen(reader, await reads.models_by_id(reader, models), moment)
    alone = [route for route in named.values() if route.model_id is None]
    if alone:
        said = await provenance.testimony_by_route(reader, [route.id for route in alone], moment.span)
        newest = await _newest(reader, alone, moment)
        for route in alone:
            heard_of = heard(moment.lens, said[route.id])
            moment.note(*offers_through(moment.lens, [route], None, heard_of, newest=newest, today=moment.today))
    if group is Group.ROUTE:
        return {key: seen for key, route in named.items() if (seen := moment.routes.get(route.id)) is not None}
    return {
        key: sheets if group is Group.PRICE_HISTORY else sheets_on(moment.lens, sheets, moment.today)
        for key in keys
        if (sheets := moment.sheets.get(key)) is not None
    }


async def _newest(reader: Reader, routes: Collection[Route], moment: Moment) -> Newest:
    """The newest lists that cover the routes' providers, of those that the lens counts."""
    lists = LISTS.intersection(moment.lens.sources or LISTS)
    day = moment.lens.valid or date.max
    providers = {route.provider.id for route in routes}
    return await provenance.newest_lists(reader, providers, lists, known=moment.span.known, day=day)


async def _check(reader: Reader, moment: Moment) -> None:
    """Raises GraphQLError UNKNOWN_SOURCE where the lens names a source that nobody knows."""
    if moment.checked or not moment.lens.sources:
        return
    known = {each.id for each in await provenance.sources(reader)}
    if unknown := [each for each in moment.lens.sources if each not in known]:
        raise GraphQLError(
            f"No source is called {', '.join(unknown)[:200]}; there are {', '.join(sorted(known))}.",
            extensions={"code": "UNKNOWN_SOURCE"},
        )
    moment.checked = True


async def _seen(reader: Reader, models: Mapping[int, Model], moment: Moment) -> Mapping[int, Seen]:
    """The models through the lens: their facts are accepted anew from the statements that count."""
    new = {id_: model for id_, model in models.items() if id_ not in moment.seen}
    if new:
        said = await provenance.testimony_by_model(reader, new, moment.span)
        day = moment.lens.valid
        routes = await (reads.routes_by_model(reader, new) if day is None else moving.routes_on(reader, new, day))
        licenses = await reads.license_terms(reader)
        newest = await _newest(reader, [route for found in routes.values() for route in found], moment)

        def accepted(wanted: Wanted) -> Mapping[int, Seen | None]:
            return {
                id_: through(
                    *(moment.lens, model, routes[id_], said[id_]), licenses=licenses, newest=newest, today=moment.today
                )
                for id_, model in wanted.each(new.items())
            }

        for id_, made in (await beside(accepted)).items():
            moment.seen[id_] = made
            if made is not None:
                moment.note(made.offers, made.sheets)
    return {id_: seen for id_ in models if (seen := moment.seen[id_]) is not None}


async def _succession_seen(reader: Reader, ids: Collection[int], moment: Moment) -> Succession:
    """The accepted successors as far as the statements that count name them, and the models on the way as these show them. A model of
    which they say nothing is not there, and nobody knows how a chain that leads to it ends."""
    every = await lifecycle.succession(reader, ids)
    seen = await _seen(reader, every.models, moment)
    named = {
        number: tuple(one for one in each if number in seen and (one.kind, one.spelling) in seen[number].successors)
        for number, each in every.successors.items()
    }
    return reached(Succession(named, {number: each.model for number, each in seen.items()}), ids)


async def _ends(reader: Reader, keys: Collection[tuple[str, str]], moment: Moment) -> Mapping[tuple[str, str], End]:
    """Each end of a switch with all that a plan needs. What is the key of a route is that route, even if it also spells a model."""

    async def read(group: Group, wanted: Collection[Any]) -> Mapping[Any, Any]:
        return await READS[group](reader, list(dict.fromkeys(wanted)), moment) if wanted else {}

    routes = await read(Group.ROUTE, [text for kind, text in keys if kind != "Model"])
    at = {key: routes[key[1]] for key in keys if key[0] != "Model" and key[1] in routes}
    named = await read(Group.MODELS, [text for kind, text in keys if kind != "Route" and (kind, text) not in at])
    offers = await read(Group.OFFERS, [model.id for model in named.values()])
    models = await read(Group.MODEL, [route.model_id for route in at.values() if route.model_id is not None])
    prices = await read(Group.PRICES, [route.id for route in at.values()])
    found = {
        key: End(key[1], models.get(route.model_id), (Offer(route, tuple(prices.get(route.id) or ())),), True)
        for key, route in at.items()
    }
    for key in keys:
        if key not in found and key[0] != "Route" and (model := named.get(key[1])) is not None:
            found[key] = End(key[1], model, tuple(offers.get(model.id) or ()), False)
    return found


async def _other_ways(reader: Reader, questions: Collection[Any], moment: Moment) -> Mapping[Any, Any]:
    ends = await _ends(reader, list(dict.fromkeys(asked.source for asked in questions)), moment)
    return await other_ways(reader, questions, ends, moment.today)


async def _terms(reader: Reader, every: Collection[Any], _: Moment) -> Mapping[Any, Any]:
    return {each: await terms.unmatched(reader, each) for each in every}


READS: Mapping[Group, Read] = {
    **{group: _through_lens(group, read) for group, read in _ACCEPTED.items()},
    Group.ENDS: _ends,
    Group.OTHER_WAYS: _other_ways,
    Group.TERMS: _terms,
}
