"""Why a route has no cost, which prices are missing, and between which bounds the cost lies."""

from __future__ import annotations

from decimal import Decimal

from domain.billing import WAITING, Part, amount, billed_as, billed_tokens, most_billed, rates, rates_billed, sheet
from domain.facts import FactRef, Offer, PriceMode, Task, Unavailable
from domain.tasks import needed_units
from domain.workload import Workload

_DEAR = (PriceMode.PRIORITY, PriceMode.FAST)


def unavailable(offer: Offer, workload: Workload, task: Task, parts: list[Part]) -> Unavailable:
    """Why there is no cost, which prices are missing, and between which bounds it lies (rule `cost.bounds`)."""
    name = f"{offer.route.provider.name} ({offer.route.provider_model_id})"
    missing: dict[FactRef, None] = {}
    low = high = Decimal(0)
    bounded = True
    for request in workload.classes:
        standard = sheet(offer, PriceMode.STANDARD, request.prompt)
        above = standard.above if standard else 0
        part = next((part for part in parts if part.request is request and not part.missing), None)
        for unit in needed_units(task):
            if part is None and (standard is None or amount(standard, unit) is None):
                missing[FactRef("route", offer.route.id, f"price.STANDARD.{above}.{unit}")] = None
        for unit, count in billed_tokens(request, task):
            tokens = request.billed * count
            billed = billed_as(standard, unit)  # once what is missing is known too: only what every sheet needs is
            own = amount(standard, billed) if standard else None
            cheaper: tuple[PriceMode, ...] = (PriceMode.OFF_PEAK,) if request.peak_share < 1 else ()
            cheaper = WAITING if request.batch_share or not own else cheaper
            least = rates_billed(offer, request.prompt, unit, cheaper)
            least += [own] if own else rates(offer, request.prompt, billed, cheaper)
            most = rates(offer, request.prompt, billed, _DEAR)
            if standard and own:
                most = most_billed(standard, billed, rates(offer, request.prompt, "input", _DEAR))
            bounded = bounded and bool(most)
            low += (tokens * min(least, default=Decimal(0))).scaleb(-6)
            high += (tokens * min(most, default=Decimal(0))).scaleb(-6)
    currencies = sorted({price.currency for price in offer.prices} - {"USD"})
    if not missing:
        reason, message = "PRICE_BASIS_UNKNOWN", f"No source says on which basis {name} bills."
        missing[FactRef("route", offer.route.id, "price_basis")] = None
    elif currencies and all(price.currency != "USD" for price in offer.prices):
        reason, message = "OTHER_CURRENCY", f"{name} is priced in {', '.join(currencies)}, which is not converted."
    elif any(price.other_units for price in offer.prices) and not low:
        reason, message = "OTHER_BILLING_UNIT", f"{name} does not bill by the token."
    else:
        units = " and ".join(dict.fromkeys(ref.field.rsplit(".", 1)[1] for ref in missing))
        reason, message = "NO_COMPLETE_TOKEN_PRICE", f"No {units} price of {name} is known."
    return Unavailable(reason, message, tuple(missing), low or None, high if bounded and high else None)
