"""What can be read at once for many keys, and how it is read: the accepted tables for the default lens, the statements of the
named sources for any other one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from graphql import GraphQLError

from db import disputes, lifecycle, lists, near, provenance, reads
from db.reader import Reader
from domain.facts import Contender, Model
from domain.lens import Lens, Seen, through
from domain.lifecycle import Succession, reached


class Group(StrEnum):
    """A fact group. After the dash: what its keys are."""

    MODELS = "models"  # a ref as it was written
    MODEL = "model"  # the number of a model
    ROUTES = "routes"  # the number of a model
    PRICES = "prices"  # the number of a route
    OFFERS = "offers"  # the number of a model
    RESULTS = "results"  # the number of a model
    TESTIMONY = "testimony"  # the number of a model
    FIELD_TESTIMONY = "field testimony"  # the number of a model and the name of a field
    ROUTE_TESTIMONY = "route testimony"  # the number of a route
    PROVIDER_TESTIMONY = "provider testimony"  # the number of a provider
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
    LABS = "labs"  # ALL
    LICENSES = "licenses"
    BENCHMARKS = "benchmarks"
    SOURCES = "sources"
    REVISION = "revision"


ALL = ""
"""The key of a group that is read whole."""


@dataclass(slots=True)
class Moment:
    """For which day, and through which lens. `seen` keeps what was seen through it in one operation, None where nothing was;
    `checked` says that its sources are known."""

    today: date
    lens: Lens
    seen: dict[int, Seen | None] = field(default_factory=dict)
    checked: bool = False


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
    offers = await reads.offers_by_model(reader, every, on=moment.today) if every else {}
    return {id_: tuple(Contender(model, offers[model.id]) for model in models) for id_, models in around.items()}


async def _succession(reader: Reader, ids: Collection[int], _: Moment) -> Mapping[int, Succession]:
    return dict.fromkeys(ids, await lifecycle.succession(reader, ids))


_ACCEPTED: Mapping[Group, Read] = {
    Group.MODELS: lambda reader, refs, _: reads.models_by_ref(reader, refs),
    Group.MODEL: lambda reader, ids, _: reads.models_by_id(reader, ids),
    Group.ROUTES: lambda reader, ids, _: reads.routes_by_model(reader, ids),
    Group.PRICES: lambda reader, ids, moment: reads.prices_by_route(reader, ids, on=moment.today),
    Group.OFFERS: lambda reader, ids, moment: reads.offers_by_model(reader, ids, on=moment.today),
    Group.RESULTS: lambda reader, ids, _: reads.results_by_model(reader, ids),
    Group.TESTIMONY: lambda reader, ids, _: provenance.testimony_by_model(reader, ids),
    Group.FIELD_TESTIMONY: lambda reader, facts, _: provenance.testimony_by_field(reader, facts),
    Group.ROUTE_TESTIMONY: lambda reader, ids, _: provenance.testimony_by_route(reader, ids),
    Group.PROVIDER_TESTIMONY: lambda reader, ids, _: provenance.testimony_by_provider(reader, ids),
    Group.NEAR: _near,
    Group.ROUTE: lambda reader, keys, _: reads.routes_by_key(reader, keys),
    Group.PROVIDER: lambda reader, slugs, _: reads.providers_by_slug(reader, slugs),
    Group.RESOLUTIONS: lambda reader, refs, _: provenance.resolutions(reader, refs),
    Group.MODEL_LIST: _listed(lists.models),
    Group.MODEL_COUNT: _listed(lists.count_models),
    Group.ROUTE_LIST: _listed(lists.routes),
    Group.ROUTE_COUNT: _listed(lists.count_routes),
    Group.PROVIDER_LIST: _listed(lists.providers),
    Group.PROVIDER_COUNT: _listed(lists.count_providers),
    Group.DISPUTE_LIST: _listed(disputes.disputes),
    Group.DISPUTE_COUNT: _listed(disputes.count_disputes),
    Group.RETIREMENT_LIST: _listed(lifecycle.retirements),
    Group.RETIREMENT_COUNT: _listed(lifecycle.count_retirements),
    Group.SUCCESSION: _succession,
    Group.PRICE_HISTORY: lambda reader, ids, _: reads.price_history_by_route(reader, ids),
    Group.LABS: _whole(reads.labs),
    Group.LICENSES: _whole(reads.licenses),
    Group.BENCHMARKS: _whole(reads.benchmarks),
    Group.SOURCES: _whole(provenance.sources),
    Group.REVISION: _whole(reads.latest_revision),
}
_SEEN_ANEW = (Group.MODELS, Group.MODEL, Group.ROUTES, Group.PRICES, Group.OFFERS, Group.RESULTS)
_FOR_EVERYBODY = (Group.NEAR, Group.RESOLUTIONS, Group.LABS, Group.LICENSES, Group.BENCHMARKS, Group.REVISION)
"""Which models there are, how they are spelled and who is near whom is not seen anew."""
_TESTIMONIES = (Group.TESTIMONY, Group.FIELD_TESTIMONY, Group.ROUTE_TESTIMONY, Group.PROVIDER_TESTIMONY)


def _through_lens(group: Group, accepted: Read) -> Read:
    async def found(reader: Reader, keys: Collection[Any], moment: Moment) -> Mapping[Any, Any]:
        if moment.lens.is_default or group in _FOR_EVERYBODY:
            return await accepted(reader, keys, moment)
        await _check(reader, moment)
        if group is Group.SOURCES:
            (every,) = set((await accepted(reader, [ALL], moment)).values())
            return dict.fromkeys(keys, tuple(each for each in every if each.id in moment.lens.sources))
        if group is Group.SUCCESSION:
            return dict.fromkeys(keys, await _succession_seen(reader, keys, moment))
        if group in _TESTIMONIES:
            said = await accepted(reader, keys, moment)
            counted = moment.lens.sources
            return {
                key: tuple(each for each in each_said if each.claim.source in counted)
                for key, each_said in said.items()
            }
        if group not in _SEEN_ANEW:
            raise GraphQLError(
                f"A lens of sources needs models to look at; {group} is answered for all sources only.",
                extensions={"code": "LENS_NOT_APPLICABLE"},
            )
        if group is Group.MODELS:
            named = await accepted(reader, keys, moment)
            seen = await _seen(reader, {model.id: model for model in named.values()}, moment)
            return {ref: shown.model for ref, model in named.items() if (shown := seen.get(model.id)) is not None}
        ids = set(keys)
        if group is Group.PRICES:
            routes = await reads.routes_by_id(reader, keys)
            ids = {route.model_id for route in routes.values() if route.model_id is not None}
        if unseen := ids - moment.seen.keys():
            await _seen(reader, await reads.models_by_id(reader, unseen), moment)
        seen = {id_: each for id_ in ids if (each := moment.seen.get(id_)) is not None}
        offers = {offer.route.id: offer for each in seen.values() for offer in each.offers}
        match group:
            case Group.PRICES:
                return {key: offers[key].prices for key in keys if key in offers}
            case Group.MODEL:
                return {id_: each.model for id_, each in seen.items()}
            case Group.ROUTES:
                return {id_: tuple(offer.route for offer in each.offers) for id_, each in seen.items()}
            case Group.OFFERS:
                return {id_: each.offers for id_, each in seen.items()}
            case _:
                return {id_: each.results for id_, each in seen.items()}

    return found


async def _check(reader: Reader, moment: Moment) -> None:
    """Raises GraphQLError UNKNOWN_SOURCE where the lens names a source that nobody knows."""
    if moment.checked:
        return
    known = {each.id for each in await provenance.sources(reader)}
    if unknown := [each for each in moment.lens.sources if each not in known]:
        raise GraphQLError(
            f"No source is called {', '.join(unknown)[:200]}; there are {', '.join(sorted(known))}.",
            extensions={"code": "UNKNOWN_SOURCE"},
        )
    moment.checked = True


async def _seen(reader: Reader, models: Mapping[int, Model], moment: Moment) -> Mapping[int, Seen]:
    """The models through the lens: their facts are accepted anew from what its sources say."""
    new = {id_: model for id_, model in models.items() if id_ not in moment.seen}
    if new:
        said = await provenance.testimony_by_model(reader, new)
        routes = await reads.routes_by_model(reader, new)
        results = await reads.results_by_model(reader, new)
        licenses = await reads.license_terms(reader)
        for id_, model in new.items():
            moment.seen[id_] = through(
                moment.lens, model, routes[id_], results[id_], said[id_], licenses=licenses, today=moment.today
            )
    return {id_: seen for id_ in models if (seen := moment.seen[id_]) is not None}


async def _succession_seen(reader: Reader, ids: Collection[int], moment: Moment) -> Succession:
    """The successors that the lens's sources name, and the models on the way as they show them. A model of which they say
    nothing is not there, and nobody knows how a chain that leads to it ends."""
    every = await lifecycle.succession(reader, ids)
    named = {
        number: tuple(one for one in each if one.source in moment.lens.sources)
        for number, each in every.successors.items()
    }
    there = reached(Succession(named, every.models), ids)
    seen = await _seen(reader, there.models, moment)
    return Succession(there.successors, {number: each.model for number, each in seen.items()})


READS: Mapping[Group, Read] = {group: _through_lens(group, read) for group, read in _ACCEPTED.items()}
