"""Which routes compete for a workload: those that can be bought by the token and take its largest request.

A route that does not is told with its reason; what a zero price means is told apart, because a free trial is no subscription.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from domain.billing import only_waits, serves
from domain.facts import FactRef, Model, Offer, PriceBasis, Route
from domain.overrides import OVERRIDES, bar_of
from domain.rules import Rule
from domain.tasks import PROMPT_ONLY
from domain.units import display_tokens
from domain.wording import in_sentence, listed
from domain.workload import Workload

_PAGE = "docs/methodology.md#monthly-cost"
ELIGIBLE = Rule(
    "cost.eligible",
    "Eligible routes",
    "A route competes when it is live, metered, and its context window and output limit (else the model's) hold the "
    "largest request. A limit that no source gives rules nothing out, and the cost says that nobody gives the window. Free, included, trial and local routes are told apart and never compete. A route that only takes "
    "requests that may wait (batch, flex) competes where the whole workload may. A model that writes no text "
    "(embedding, reranking, moderation, or known to give out other content only) competes for no workload with "
    "generated tokens.",
    _PAGE,
)
RULES = (ELIGIBLE,)


@dataclass(frozen=True, slots=True)
class Ineligible:
    """The route does not compete for this workload. `reason`: NOT_LIVE, NO_TEXT_OUTPUT, FREE, INCLUDED, TRIAL, LOCAL,
    BATCH_ONLY, CONTEXT_TOO_SMALL or OUTPUT_LIMIT_TOO_SMALL; under a caller's own terms also those of `overrides.Barred`."""

    reason: str
    message: str
    rule: str
    used: tuple[FactRef, ...]


_IN_SHORT = {
    **{"NOT_LIVE": "no longer offered", "NO_TEXT_OUTPUT": "of a model that writes no text"},
    **{"FREE": "free", "INCLUDED": "included in a plan", "TRIAL": "a trial"},
    **{
        "LOCAL": "run locally",
        "BATCH_ONLY": "only for what may wait",
        "CONTEXT_TOO_SMALL": "with too small a context window",
    },
    **{"OUTPUT_LIMIT_TOO_SMALL": "with too low an output limit", "PROVIDER_EXCLUDED": "excluded by you"},
    **{"OTHER_REGION": "in another region", "REGION_UNKNOWN": "in a region that no source states"},
    **{"OTHER_API_SHAPE": "with another API shape", "API_SHAPE_UNKNOWN": "with an API shape that no source states"},
}


def counted_reasons(found: Iterable[Ineligible]) -> str:
    """How many routes do not compete for which reason, the most frequent first: `2 free and 1 included in a plan`."""
    numbers = Counter(each.reason for each in found)
    ordered = sorted(numbers, key=lambda reason: (-numbers[reason], list(_IN_SHORT).index(reason)))
    return listed(f"{numbers[reason]} {_IN_SHORT[reason]}" for reason in ordered)


def no_text(model: Model) -> str:
    """Why no route of a model that writes no text competes for a workload with output tokens."""
    why = (
        f"is made for {in_sentence(model.task)} and generates no tokens"
        if model.task in PROMPT_ONLY
        else "writes no text"
    )
    return f"{model.name} {why}, so no workload with output tokens can run on it."


def window_unknown(route: Route, model: Model) -> bool:
    """Whether no source gives the context window of a route or of its model: then it is not known to hold anything."""
    return route.context_window is None and model.context_window is None


def ineligible(offer: Offer, workload: Workload, model: Model | None) -> Ineligible | None:
    """Why a route does not compete for a workload (rule `cost.eligible`); None where it does."""
    bar = bar_of(offer)
    barred = None if bar is None else Ineligible(bar.reason, bar.message, OVERRIDES.id, bar.used)
    if bar is not None and not bar.unknown:
        return barred
    route = offer.route
    name = f"{route.provider.name} ({route.provider_model_id})"
    if not route.live:
        return Ineligible(
            "NOT_LIVE", f"{name} is no longer offered.", ELIGIBLE.id, (FactRef("route", route.id, "lifecycle"),)
        )
    if model is not None and not serves(model, workload):
        decisive = (FactRef("model", model.id, "task"), FactRef("model", model.id, "output_modalities"))
        return Ineligible("NO_TEXT_OUTPUT", no_text(model), ELIGIBLE.id, decisive)
    if route.price_basis not in (PriceBasis.METERED, PriceBasis.UNKNOWN):
        words = {"FREE": "is free", "INCLUDED": "is included in a plan", "TRIAL": "is a trial", "LOCAL": "runs locally"}
        used = (FactRef("route", route.id, "price_basis"),)
        message = f"{name} {words[route.price_basis]}: it has no metered price to compete with."
        return Ineligible(route.price_basis.value, message, ELIGIBLE.id, used)
    if only_waits(route) and any(request.batch_share < 1 for request in workload.classes):
        message = f"{name} only takes requests that may wait; not all of the workload may."
        return Ineligible("BATCH_ONLY", message, ELIGIBLE.id, (FactRef("route", route.id, "price_basis"),))
    for field, need, reason in (
        ("context_window", workload.context_need, "CONTEXT_TOO_SMALL"),
        ("max_output", workload.output_need, "OUTPUT_LIMIT_TOO_SMALL"),
    ):
        own = getattr(route, field)
        limit = getattr(model, field) if own is None and model is not None else own
        if limit is not None and need > limit:
            ref = FactRef("route", route.id, field)
            if own is None and model is not None:
                ref = FactRef("model", model.id, field)
            what = "context window" if field == "context_window" else "output limit"
            message = f"The largest request has {need:,} tokens; the {what} of {name} is {display_tokens(limit)}."
            return Ineligible(reason, message, ELIGIBLE.id, (ref,))
    return barred  # of what would not compete anyway, whether it may be used does not matter
