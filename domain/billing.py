"""How a price sheet bills tokens: which sheet applies to a request, which price each token takes, what waits for a
batch or falls into quiet hours.

Sheets are exact and dated facts; here one request class meets them and becomes lines, or a list of missing prices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter

from domain.facts import TOKEN_UNITS, FactRef, Modality, Model, Offer, Price, PriceBasis, PriceMode, Route, Task
from domain.overrides import OwnSheet
from domain.rules import Rule
from domain.suspicion import competes
from domain.tasks import PROMPT_ONLY, TOKEN_TASKS, needed_units
from domain.workload import RequestClass, Workload

_PAGE = "docs/methodology.md#monthly-cost"
TIER = Rule(
    "cost.tier",
    "Context tier",
    "Chosen per request: when the whole prompt has strictly more tokens than a tier's threshold, the whole request "
    "bills at that tier, the highest one that applies.",
    _PAGE,
)
CACHE = Rule(
    "cost.cache",
    "No cache price",
    "Cached input and cache writes without a positive price of their own bill at the input price, writes that last an "
    "hour first at the price of those that last five minutes, reasoning tokens at the output price, and the answer says "
    "so. A price of cache writes below the input price is that of keeping alone, as price lists of Gemini have it: what is written "
    "is read before, so it bills at the input price.",
    _PAGE,
)
BATCH = Rule(
    "cost.batch",
    "Batch share",
    "The share of requests that can wait bills at the cheapest complete sheet among batch, flex, off-peak and standard: "
    "what may wait for a batch may wait for quiet hours. All other requests bill at standard mode, or by the hour (cost.peak). A batch, flex or off-peak "
    "sheet without the context tier that standard mode has is not used.",
    _PAGE,
)
PEAK = Rule(
    "cost.peak",
    "Peak share",
    "Where a route has prices for quiet hours, the standard price is that of the peak: the share of requests outside of the "
    "peak bills at the off-peak sheet, if it is complete and has the context tier that standard mode has. Without such a "
    "sheet every hour bills alike. Where such a sheet would change the cost of a month that has requests in the peak, a "
    "note says what the month would cost off peak throughout.",
    _PAGE,
)
COMPLETE = Rule(
    "cost.complete",
    "Complete token price",
    "Generated text needs both an input and an output price above zero; embeddings, reranking and moderation need "
    "the input price and bill no output. Prices in other currencies are kept as they are and never converted.",
    _PAGE,
)
RULES = (TIER, CACHE, BATCH, PEAK, COMPLETE)

FALLBACK = {"cache_read": "input", "cache_write_1h": "cache_write", "cache_write": "input", "reasoning": "output"}


@dataclass(frozen=True, slots=True)
class CostLine:
    """Tokens of one unit of one request class for a month. `price_unit` differs from `unit` where the price falls
    back. `tokens` may be fractional for a fractional batch share; `amount` is USD, exact."""

    request_class: str
    unit: str
    price_unit: str
    tokens: Decimal
    price_id: int
    mode: PriceMode
    above: int
    price_mtok: Decimal
    amount: Decimal


def serves(model: Model, workload: Workload) -> bool:
    """Whether the model can do what the workload asks at all: one that writes no text answers no request for some."""
    return writes(model) or not any(request.generated for request in workload.classes)


def writes(model: Model) -> bool:
    """Whether text comes out of a model, as far as anybody says."""
    text = not model.output_modalities or Modality.TEXT in model.output_modalities
    return text and model.task not in PROMPT_ONLY


def price_ref(price: Price, unit: str) -> FactRef:
    """Names the amount of one unit of a price sheet: of kind `override` where it is the caller's, so that nobody takes it for what
    a source says."""
    kind = "override" if isinstance(price, OwnSheet) and unit in price.own else "route"
    currency = "" if price.currency == "USD" else f"@{price.currency}"
    return FactRef(kind, price.route_id, f"price.{price.mode}.{price.above}.{unit}{currency}")


def amount(price: Price, unit: str) -> Decimal | None:
    """USD per million tokens of a unit of `facts.TOKEN_UNITS`; None where there is none above zero. A zero inside a
    metered sheet is no price: the tokens are billed some other way."""
    found: Decimal | None = _AMOUNT[unit](price)
    return found if found is not None and found > 0 else None


_AMOUNT: Mapping[str, Callable[[Price], Decimal | None]] = {unit: attrgetter(f"{unit}_mtok") for unit in TOKEN_UNITS}


def billed_as(price: Price | None, unit: str) -> str:
    """The unit whose price bills another one: itself where the sheet has a price for it (rule `cost.cache`). Without a sheet the
    one that every sheet needs."""
    while unit in FALLBACK and (price is None or amount(price, unit) is None or only_keeps(price, unit)):
        unit = FALLBACK[unit]
    return unit


CACHE_WRITES = frozenset({"cache_write", "cache_write_1h"})


def only_keeps(price: Price, unit: str) -> bool:
    """Whether the price of a cache write is for keeping alone (rule `cost.cache`). OpenRouter documents so of Gemini: what is written is
    charged at the input price, and for being kept besides (https://openrouter.ai/docs/features/prompt-caching, read 2026-11-27)."""
    if unit not in CACHE_WRITES or (
        isinstance(price, OwnSheet) and unit in price.own
    ):  # what the caller pays is what it says
        return False
    keeping, reading = amount(price, unit), amount(price, "input")
    return keeping is not None and reading is not None and keeping < reading


def most_billed(price: Price, unit: str, inputs: Sequence[Decimal]) -> list[Decimal]:
    """The most that a sheet bills a unit at that it has a price for, once the input price is one of `inputs` where the sheet lacks
    it: higher ones then bill what is written to a cache, or what writes of five minutes cost where they last an hour (rule
    `cost.cache`)."""
    own = amount(price, unit)
    if own is None:
        return []
    if unit not in CACHE_WRITES or amount(price, "input") is not None:
        return [own]
    short = amount(price, "cache_write") or own
    return [max(own, short, asked) for asked in inputs]


def sheet(offer: Offer, mode: PriceMode, prompt: int) -> Price | None:
    """The price sheet in USD that bills a request with so many prompt tokens in a mode (rule `cost.tier`)."""
    best: Price | None = None
    for price in offer.prices:
        applies = price.mode is mode and price.currency == "USD" and (price.above == 0 or prompt > price.above)
        if applies and (best is None or (price.above, price.id) > (best.above, best.id)):
            best = price
    return best


def base_ref(offer: Offer, unit: str) -> FactRef:
    """Names the plain price of a unit of a route, as the caller has it."""
    base = sheet(offer, PriceMode.STANDARD, 0)
    return FactRef("route", offer.route.id, f"price.STANDARD.0.{unit}") if base is None else price_ref(base, unit)


def billed_units(price: Price) -> tuple[str, ...]:
    """The units that a sheet has a price above zero for: of `facts.TOKEN_UNITS` first, then others."""
    others = tuple(unit for unit, rate in price.other_units.items() if rate > 0)
    return (*(unit for unit in TOKEN_UNITS if amount(price, unit)), *others)


def only_waits(route: Route) -> bool:
    """Whether a route only takes requests that may wait: its prices are batch or flex prices, whatever its sheet says."""
    return not _WAITING.isdisjoint(route.variant)


_WAITING = frozenset({"batch", "flex"})


def complete_price(offer: Offer, task: Task = Task.TEXT_GENERATION) -> Price | None:
    """The standard base sheet of a live metered route when it is complete for the task and competes (rule `price.suspicious`), else
    None; None too for a route that only takes what may wait. What makes neither text nor numbers of it (images, speech) may be billed by any unit of its own."""
    route = offer.route
    if not route.live or route.price_basis is not PriceBasis.METERED or only_waits(route):
        return None
    base = sheet(offer, PriceMode.STANDARD, 0)
    if base is None or not competes(base, route):
        return None
    own_unit = task not in TOKEN_TASKS and bool(billed_units(base))
    return base if own_unit or all([amount(base, unit) for unit in needed_units(task)]) else None


WAITING = (PriceMode.BATCH, PriceMode.FLEX, PriceMode.OFF_PEAK)
"""What bills requests that may wait, where it is cheaper (rule `cost.batch`)."""


@dataclass(frozen=True, slots=True)
class Part:
    """One request class in one mode: the sheet that bills it, per month."""

    request: RequestClass
    requests: Decimal
    price: Price
    lines: tuple[CostLine, ...]
    missing: tuple[str, ...]


def billed_tokens(request: RequestClass, task: Task) -> Iterator[tuple[str, int]]:
    """Units of a request with their tokens, without the empty ones."""
    counts = [("input", request.input), ("cache_read", request.cached_input)]
    counts += [("cache_write", request.cache_write), ("cache_write_1h", request.cache_write_1h)]
    if task not in PROMPT_ONLY:
        counts += [("output", request.output), ("reasoning", request.reasoning)]
    return ((unit, count) for unit, count in counts if count)


def part_of(request: RequestClass, requests: Decimal, price: Price, task: Task) -> Part:
    """So many requests billed by one sheet. Call inside `units.exact`."""
    lines = []
    missing = [unit for unit in needed_units(task) if amount(price, unit) is None]
    for unit, count in billed_tokens(request, task):
        price_unit = billed_as(price, unit)
        rate, tokens = amount(price, price_unit), requests * count
        if rate is not None:
            total = (tokens * rate).scaleb(-6)
            lines.append(
                CostLine(request.name, unit, price_unit, tokens, price.id, price.mode, price.above, rate, total)
            )
    return Part(request, requests, price, tuple(lines), tuple(missing))


def parts_of(offer: Offer, request: RequestClass, task: Task) -> Iterator[Part | None]:
    """The request class cut by the hour into peak and quiet, and each of them into what bills at once and what can wait: one part
    for each sheet that bills some of it; None where no sheet applies."""
    standard = sheet(offer, PriceMode.STANDARD, request.prompt)
    off_peak = quiet(offer, request, task) if request.peak_share < 1 else None
    in_peak = request.billed * (request.peak_share if off_peak else 1)
    shares: list[tuple[Price | None, Decimal]] = []
    if in_peak or not off_peak:
        shares += _with_waiting(offer, standard, request, in_peak, task)
    if off_peak:
        shares += _with_waiting(offer, off_peak, request, request.billed - in_peak, task)
    for price in {id(price): price for price, _ in shares}.values():
        requests = sum((share for by, share in shares if by is price), Decimal(0))
        yield None if price is None else part_of(request, requests, price, task)


def quiet(offer: Offer, request: RequestClass, task: Task) -> Price | None:
    """The sheet of the hours outside of the peak, where it can be used (rule `cost.peak`)."""
    found = sheet(offer, PriceMode.OFF_PEAK, request.prompt)
    if found is None:
        return None
    standard = sheet(offer, PriceMode.STANDARD, request.prompt)
    if found.above < (standard.above if standard else 0):
        return None
    return found if all(amount(found, unit) for unit in needed_units(task)) else None


def _with_waiting(
    offer: Offer, base: Price | None, request: RequestClass, requests: Decimal, task: Task
) -> Iterator[tuple[Price | None, Decimal]]:
    """So many requests, cut into what bills at the base sheet and what can wait (rule `cost.batch`)."""
    waiting = requests * request.batch_share if request.batch_share else Decimal(0)
    if requests > waiting or not waiting:
        yield base, requests - waiting
    if waiting:
        sheets = [base, *(sheet(offer, mode, request.prompt) for mode in WAITING)]
        floor = base.above if base else 0
        usable = [part_of(request, waiting, each, task) for each in sheets if each and each.above >= floor]
        complete = [part for part in usable if not part.missing]
        chosen = min(complete, key=part_total) if complete else next(iter(usable), None)
        yield (None if chosen is None else chosen.price), waiting


def part_total(part: Part) -> Decimal:
    """USD per month, without what is missing."""
    return sum((line.amount for line in part.lines), Decimal(0))


def rates(offer: Offer, prompt: int, unit: str, modes: tuple[PriceMode, ...]) -> list[Decimal]:
    """What the sheets of these modes ask for a unit itself, as far as they do."""
    sheets = [found for mode in modes if (found := sheet(offer, mode, prompt))]
    return [rate for each in sheets if (rate := amount(each, unit))]


def rates_billed(offer: Offer, prompt: int, unit: str, modes: tuple[PriceMode, ...]) -> list[Decimal]:
    """What the sheets of these modes bill a unit at, each as its own prices fall back."""
    sheets = [found for mode in modes if (found := sheet(offer, mode, prompt))]
    return [rate for each in sheets if (rate := amount(each, billed_as(each, unit)))]
