"""How long it takes to cost 10,000 routes at a workload of three classes: one core, made-up routes of the kinds that are common.

Prints milliseconds, the least of several runs; nothing is asserted, because machines differ. Run: python -m bench.ranking
"""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from time import perf_counter

from domain.cost import route_cost
from domain.facts import Model, Offer, Price, PriceBasis, PriceMode, Provider, Route, Task
from domain.totals import Totals
from domain.workload import RequestClass, Workload

ROUTES, RUNS = 10_000, 5
WORKLOAD = Workload(
    "three classes",
    (
        RequestClass("chat", requests=500_000, input=300, cached_input=1_500, cache_write=200, output=350),
        RequestClass("step", requests=100_000, input=200, cached_input=58_800, cache_write=1_000, output=500, reasoning=300),
        RequestClass("night", requests=300_000, input=3_000, output=400, batch_share=Decimal("0.5")),
    ),
)  # fmt: skip


def made_up(number: int, random_: random.Random) -> Offer:
    """A route with a base sheet; one in three has cache prices, one in eight a second tier, one in ten a batch sheet."""
    route = Route(number, f"host/{number}", 1, Provider(1, "host", "Host"), str(number), price_basis=PriceBasis.METERED)
    price = Price(
        number * 4, number, input_mtok=_amount(random_), output_mtok=_amount(random_), valid_from=None, source="made-up"
    )
    if number % 3 == 0:
        price = replace(price, cache_read_mtok=_amount(random_), cache_write_mtok=_amount(random_))
    prices = [price]
    if number % 8 == 0:
        prices.append(replace(price, id=price.id + 1, above=200_000, input_mtok=_amount(random_)))
    if number % 10 == 0:
        prices.append(replace(price, id=price.id + 2, mode=PriceMode.BATCH, input_mtok=_amount(random_)))
    return Offer(route, tuple(prices))


def _amount(random_: random.Random) -> Decimal:
    return Decimal(random_.randint(1, 2_000)).scaleb(-2)


def main() -> None:
    """Prints both ways, and whether they agree."""
    random_ = random.Random(1)
    model = Model(1, "model", "Model", task=Task.TEXT_GENERATION, context_window=200_000)
    offers = [made_up(number, random_) for number in range(ROUTES)]
    quick, full = [], []
    for _ in range(RUNS):
        start = perf_counter()
        totals = Totals(WORKLOAD).of(offers, model)
        quick.append(perf_counter() - start)
    start = perf_counter()
    bills = [route_cost(offer, WORKLOAD, model=model) for offer in offers]
    full.append(perf_counter() - start)
    agree = all(getattr(bill, "total", None) == total for bill, total in zip(bills, totals, strict=True))
    print(f"{ROUTES:,} routes, {len(WORKLOAD.classes)} classes")
    print(f"  totals for a ranking: {min(quick) * 1000:,.0f} ms")
    print(f"  whole bills, line by line: {min(full) * 1000:,.0f} ms")
    print(f"  the same totals: {agree}")


if __name__ == "__main__":
    main()
