"""What still answers when a route does not: backups that have no company in common with it, nor with each other.

Who stands behind a reseller is mostly not known. Then independence is not known either, and such a route is no backup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.cells import applies
from domain.cost import RouteCost, other_id, route_cost
from domain.facts import (
    CapabilityKind,
    Contender,
    FactRef,
    Model,
    Offer,
    Provider,
    ProviderKind,
    Route,
    Task,
    Unavailable,
)
from domain.requirements import own_or_models
from domain.rules import Rule
from domain.switches import Source, able, doublings, in_use, no_task, page_kinds
from domain.totals import NoTotal, Totals
from domain.units import display_tokens, exact
from domain.waiting import Check, unasked
from domain.wording import in_words
from domain.workload import Workload

_PAGE = "docs/methodology.md#cheaper-switches-and-fallbacks"


class Role(StrEnum):
    """What a company does for an answer."""

    LAB = "LAB"
    HOST = "HOST"
    UPSTREAM = "UPSTREAM"


@dataclass(frozen=True, slots=True)
class Parties:
    """The companies that an answer of a route depends on, by role; a role that is missing is not known."""

    by_role: Mapping[Role, str]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.by_role.values())

    @property
    def unknown(self) -> tuple[Role, ...]:
        return tuple(role for role in Role if role not in self.by_role)


@dataclass(frozen=True, slots=True)
class Backup:
    """A route that takes over. `total` is what the whole month would cost on it, `at_share` what the month costs when it takes
    the failover share; `extra` is how much more that is than without a failover."""

    contender: Contender
    offer: Offer
    parties: Parties
    total: Decimal
    at_share: Decimal
    extra: Decimal
    used: tuple[FactRef, ...]


@dataclass(frozen=True, slots=True)
class Unproven:
    """A candidate that might be independent, and of which companies nobody says who they are."""

    contender: Contender
    offer: Offer
    parties: Parties
    total: Decimal


@dataclass(frozen=True, slots=True)
class Fallbacks:
    """Backups, the nearest first, for the route that is in use."""

    source: Source
    offer: Offer
    workload: Workload
    parties: Parties
    total: Decimal
    share: Decimal
    required: tuple[CapabilityKind, ...]
    backups: tuple[Backup, ...]
    unproven: tuple[Unproven, ...]
    rules: tuple[str, ...] = ("fallbacks.independent", "plan.standing", "fallbacks.upstream", "fallbacks.cost")

    @property
    def route(self) -> Route:
        """The one that is backed up."""
        return self.offer.route


def holds_less(of: Fallbacks, model: Model, route: Route) -> tuple[str, ...]:
    """Which limits of a backup are smaller by 5 % or more than those of what it backs up, in words: the month as it was asked for
    fits, longer requests may not."""
    told = []
    for field, words in (("context_window", "context window"), ("max_output", "output limit")):
        backed = of.source.contender.model
        limit, now = own_or_models(model, route, field), own_or_models(backed, of.route, field)
        if limit and now and limit * 100 <= now * 95 and applies(model, field) and applies(backed, field):
            told.append(f"Its {words} is {display_tokens(limit)} tokens, that of {of.route.key} {display_tokens(now)}.")
    return tuple(told)


def company(provider: Provider) -> str:
    """The company behind a provider."""
    return provider.group or provider.slug


def parties(route: Route, model: Model, companies: Mapping[str, str]) -> Parties:
    """Who made the model, who is called, and who computes. A lab, a cloud and an inference host compute themselves, as far as
    it is known. An aggregator passes requests on: to whom is known only where its model id, or a variant, names another
    tracked provider. A namespace that is the model's lab says who made it, not who computes, and without a
    known lab the two cannot be told apart. Of any other kind of provider
    the upstream is not known."""
    found: dict[Role, str] = {}
    if model.lab is not None:
        found[Role.LAB] = model.lab.slug
    found[Role.HOST] = company(route.provider)
    if route.provider.kind in (ProviderKind.LAB, ProviderKind.CLOUD, ProviderKind.HOST):
        found[Role.UPSTREAM] = company(route.provider)
    elif route.provider.kind is ProviderKind.AGGREGATOR:
        words = (*route.provider_model_id.lower().split("/")[:-1], *(each.lower() for each in route.variant))
        named = {companies[word] for word in words if word in companies} - {company(route.provider)}
        if model.lab is not None:
            named -= {model.lab.slug}
        if len(named) == 1 and model.lab is not None:
            found[Role.UPSTREAM] = named.pop()
    return Parties(found)


def independent(one: Parties, other: Parties) -> bool | None:
    """Whether no company stands behind both, in whatever role; None where that is not known. A company that is known to be
    shared says no, whatever else is unknown."""
    if one.names & other.names:
        return False
    return None if one.unknown or other.unknown else True


def fallbacks(
    source: Source,
    contenders: Sequence[Contender],
    workload: Workload,
    *,
    share: Decimal,
    required: Sequence[CapabilityKind] | None = None,
    most: int = 3,
    until: date | None = None,
    check: Check = unasked,
) -> Fallbacks | Unavailable:
    """A set of backups for a route, or for a model on the route that stands for it (plan.standing): the nearest route first that is
    made for the same task, is neither deprecated nor retired nor announced to be shut down too soon (lifecycle.served-until), fits the workload at a known cost, has every required capability as
    a source states (without a list: those of the page's ten that the source has), and shares no company with the source nor
    with a backup before it. Nearest is by cost, the one measure of a model's class that nearly all have: within a factor of two
    of what the source costs, then of four and so on; within one factor a lab's own route first, then the nearest one. A company
    counts in every role: lab, host or upstream. Where a role is not known, a route is no backup; it is listed apart as unproven, and
    so is everything where a role of the source is not known. Raises ValueError for a share outside 0 to 1."""
    if not 0 <= share <= 1:
        raise ValueError(f"a failover share is between 0 and 1, not {share}")
    model = source.contender.model
    if model.task is Task.UNKNOWN:
        return no_task(model)
    used_now = in_use(source, workload)
    if isinstance(used_now, Unavailable):
        return used_now
    here, total = used_now
    companies = _companies(contenders)
    ours = parties(here.route, model, companies)
    kinds = tuple(required) if required is not None else page_kinds(model, here.route)
    chosen: list[Backup] = []
    unproven: list[Unproven] = []
    for cost, contender, offer in _candidates(contenders, model, workload, frozenset(kinds), total, until, check):
        theirs = parties(offer.route, contender.model, companies)
        apart = independent(ours, theirs)
        if apart is None:
            unproven.append(Unproven(contender, offer, theirs, cost))
        elif apart and len(chosen) < most and all(independent(theirs, each.parties) for each in chosen):
            at_share = failover_cost(total, cost, share)
            with exact():
                extra = at_share - total
            billed = route_cost(offer, workload, model=contender.model)
            refs = billed.used if isinstance(billed, RouteCost) else ()
            lab = FactRef("model", contender.model.id, "lab")
            chosen.append(Backup(contender, offer, theirs, cost, at_share, extra, (lab, *refs)))
    return Fallbacks(source, here, workload, ours, total, share, kinds, tuple(chosen), tuple(unproven))


def failover_cost(total: Decimal, backup: Decimal, share: Decimal) -> Decimal:
    """What a month costs when a share of all requests goes to a backup: one minus the share of what the source costs, and the
    share of what the backup costs for the whole month. One backup alone takes the share. Exact."""
    with exact():
        return total * (1 - share) + backup * share


def _companies(contenders: Iterable[Contender]) -> Mapping[str, str]:
    """Every tracked provider's company by slug and by its own name."""
    found: dict[str, str] = {}
    for contender in contenders:
        for offer in contender.offers:
            provider = offer.route.provider
            found[provider.slug] = found[company(provider)] = company(provider)
    return found


def _candidates(
    contenders: Iterable[Contender],
    model: Model,
    workload: Workload,
    needed: frozenset[CapabilityKind],
    now: Decimal,
    until: date | None,
    check: Check,
) -> list[tuple[Decimal, Contender, Offer]]:
    """What would do, the nearest first."""
    totals = Totals(workload)
    found = []
    for contender in contenders:
        check()
        if contender.model.task is model.task:
            offers = able(contender, needed, until)
            for offer, total in zip(offers, totals.of(offers, contender.model), strict=True):
                if not isinstance(total, NoTotal):
                    found.append((total, contender, offer))

    def place(one: tuple[Decimal, Contender, Offer]) -> tuple[object, ...]:
        total, contender, offer = one
        low, high = sorted((now, total))
        apart = high / low if low else high
        return (
            doublings(now, total),
            not offer.route.first_party,
            apart,
            contender.model.name.casefold(),
            other_id(offer.route, contender.model),
            offer.route.key,
        )

    return sorted(found, key=place)


RULES = (
    Rule("fallbacks.independent", "Independent backups", in_words(fallbacks), _PAGE),
    Rule("fallbacks.upstream", "Who stands behind a route", in_words(parties), _PAGE),
    Rule("fallbacks.cost", "Cost of a failover", in_words(failover_cost), _PAGE),
)
