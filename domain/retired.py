"""What must be said wherever a model is advised: that its maker has retired it, or is about to, or that nobody serves it."""

from __future__ import annotations

from domain.cost import RouteCost, route_cost
from domain.facts import Contender, FactRef, Lifecycle, Model, Offer, Openness, PriceBasis, Route
from domain.fit import company_of
from domain.lifecycle import shutdown
from domain.overrides import freed, notes_of
from domain.rules import Rule
from domain.sentences import Sentence, refs
from domain.wording import in_words
from domain.workload import Workload


def retired(contender: Contender) -> Sentence | None:
    """Where the lab has retired a model, that is said wherever the model is advised, with the day if a source names it. Closed
    weights that hosts serve all the same fit nothing, unless the route announces an end of its own, which counts. Weights that are
    out may be chosen: where their lab has retired its own routes and its company has no other, or only those of a plan, that is said.
    Needs the offers."""
    model = contender.model
    maker = _maker(contender)
    if model.lifecycle is Lifecycle.RETIRED:
        end = shutdown(model)
        when = f" {end.words}" if end is not None and end.is_end else ""
        fields = ("lifecycle", "retires_on") if when else ("lifecycle",)
        return Sentence(f"retired by {maker}{when}", refs((model,), *fields))
    if model.openness not in (Openness.OPEN_SOURCE, Openness.OPEN_WEIGHTS):
        return None
    routes = [offer.route for offer in (*contender.offers, *contender.barred)]
    gone = [route for route in routes if route.first_party and route.lifecycle is Lifecycle.RETIRED]
    companies = {company_of(route) for route in gone}
    left = [route for route in routes if route.live and (route.first_party or company_of(route) in companies)]
    if not gone or any(route.price_basis is not PriceBasis.INCLUDED for route in left):
        return None
    served = "sold by the token" if left else "served"
    used = tuple(FactRef("route", route.id, "lifecycle") for route in gone)
    return Sentence(f"open weights, no longer {served} by {maker}{_last_of(gone)}", used)


def _maker(of: Contender) -> str:
    return "its maker" if of.model.lab is None else of.model.lab.name


def _last_of(gone: list[Route]) -> str:
    """When the last of these routes was shut down, where that is told of all of them."""
    ends = [end for route in gone if (end := shutdown(route)) is not None and end.is_end]
    return f" (shut down {max(ends, key=lambda end: end.day).words})" if len(ends) == len(gone) else ""


def deprecated(contender: Contender, route: Route | None = None) -> Sentence | None:
    """That a model is deprecated, or else a route of it."""
    model = contender.model
    if model.lifecycle is Lifecycle.DEPRECATED:
        return Sentence(f"deprecated by {_maker(contender)}", refs((model,), "lifecycle"))
    if route is not None and route.lifecycle is Lifecycle.DEPRECATED:
        return _of(route, f"deprecated by {route.provider.name}", "lifecycle")
    return None


def caveats(contender: Contender, *, weights: bool = True) -> tuple[Sentence, ...]:
    """What is said of a model where a comparison speaks for it: that it is retired, is to be shut down or is deprecated, and that none
    of its routes is live any more. That open weights are no longer served by their lab, which ends nothing, is said with `weights`: a
    comparison says it where it advises, and where it tells who serves. Needs the offers."""
    model, end = contender.model, shutdown(contender.model)
    gone = retired(contender) if weights or model.lifecycle is Lifecycle.RETIRED else None
    if gone is None and end is not None and end.is_end:
        gone = Sentence(f"to be shut down {end.words}", refs((model,), "retires_on"))
    gone = gone or deprecated(contender)
    found = () if gone is None else (gone,)
    if contender.live or not (contender.offers or contender.barred):
        return found
    barred = any(offer.route.live for offer in contender.barred)
    text = "no live route that you may use" if barred else "no live route left"
    return (*found, Sentence(text, refs((model,), "name")))


def route_caveats(route: Route, model: Model | None) -> tuple[Sentence, ...]:
    """What to know of a route before one counts on it: that it, or else its model, is retired, is to be shut down or is deprecated.
    A promise that nothing happens before a day is no end. What both say alike is said of the model alone."""
    told = () if model is None else caveats(Contender(model, ()))
    of_model = () if model is None else tuple(Sentence(f"{model.name}: {each.text}.", each.used) for each in told)
    own = ending_of(route)
    if own is None or own.text in {each.text for each in told}:
        return of_model
    return (*of_model, Sentence(f"This route: {own.text}.", own.used))


def ending_of(route: Route) -> Sentence | None:
    """That a route itself is retired, is to be shut down or is deprecated."""
    end = shutdown(route)
    when = f" {end.words}" if end is not None and end.is_end else ""
    if route.lifecycle is Lifecycle.RETIRED:
        return _of(route, f"retired by {route.provider.name}{when}", "lifecycle", *(("retires_on",) if when else ()))
    if when:
        return _of(route, f"to be shut down{when}", "retires_on")
    if route.lifecycle is Lifecycle.DEPRECATED:
        return _of(route, f"deprecated by {route.provider.name}", "lifecycle")
    return None


def _of(route: Route, text: str, *fields: str) -> Sentence:
    return Sentence(text, tuple(FactRef("route", route.id, field) for field in fields))


def called(contender: Contender, *, weights: bool = True) -> str:
    """The name of a model where a comparison speaks for it, with its `caveats`: `GPT-4 (retired by OpenAI on 2026-10-23)`."""
    said = "; ".join(each.text for each in caveats(contender, weights=weights))
    return f"{contender.model.name} ({said})" if said else contender.model.name


def notes(contender: Contender, offer: Offer, workload: Workload) -> tuple[str, ...]:
    """What to know of an offer that is advised: of its cost, and that its model is retired or it is deprecated."""
    cost = route_cost(freed(offer), workload, model=contender.model)
    told = cost.notes if isinstance(cost, RouteCost) else notes_of(offer)
    words = dict.fromkeys(each for each in (retired(contender), deprecated(contender, offer.route)) if each is not None)
    return (*told, *(each.whole.text for each in words))


RETIRED = Rule("lifecycle.retired", "Retired by its lab", in_words(retired), "docs/methodology.md#lifecycle")
RULES = (RETIRED,)
