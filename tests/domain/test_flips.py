"""What would change the answer: the cases of every kind of flip, and how it reads."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.compared import Compared
from domain.facts import Contender, Lifecycle, Openness, Price, PriceBasis, PriceMode, Task
from domain.flips import Flip, FlipInput, cheapest_flips, weight_flips
from domain.scorecard import SignalKey
from domain.totals import Totals
from domain.workload import EMBEDDING, REFERENCE_PAGE, RequestClass, Workload
from tests.domain.made_up import APACHE, MIMO, MISTRAL, contender, model, offer

PAGE = REFERENCE_PAGE.workload
A, B, C = (model(id, name, context_window=128_000) for id, name in enumerate(("Ada", "Bee", "Cat"), start=1))


def flip(kind: FlipInput, *contenders: Contender, workload: Workload = PAGE) -> Flip:
    [found] = [each for each in cheapest_flips(contenders, workload) if each.input is kind]
    return found


def cached(rate: str, read: str) -> Price:
    return Price(9, 9, input_mtok=Decimal(rate), output_mtok=Decimal(rate), cache_read_mtok=Decimal(read))


ADA, BEE = contender(A, offer("alpha", price=("1", "10"))), contender(B, offer("beta", price=("2", "2")))


def test_nothing_flips_where_nothing_has_a_cost() -> None:
    assert cheapest_flips((MIMO, contender(A, offer("alpha"))), PAGE) == ()


def test_the_only_model_with_a_cost_is_no_cheapest() -> None:
    """The page's two models: one has no price, so nothing is said of which is the cheapest."""
    assert cheapest_flips((MISTRAL, MIMO), PAGE) == ()
    writes_nothing = contender(replace(A, task=Task.EMBEDDING), offer("alpha", price=("0.1", "0.1")))
    assert cheapest_flips((writes_nothing, BEE), PAGE) == ()


def test_models_that_write_nothing_have_no_share_of_written_tokens() -> None:
    small, large = (
        contender(replace(each, task=Task.EMBEDDING), offer("alpha", price=(price, price)))
        for each, price in ((A, "0.1"), (B, "0.2"))
    )
    kinds = [each.input for each in cheapest_flips((small, large), EMBEDDING.workload)]
    assert kinds == [FlipInput.CACHED_SHARE, FlipInput.CONTEXT_NEED, FlipInput.VOLUME]


DEARER = contender(C, offer("gamma", price=("3", "30")))


def test_where_nothing_flips() -> None:
    found = cheapest_flips((ADA, DEARER), PAGE)
    assert [each.sentence for each in found] == [
        "No share of generated tokens, in whole percent, makes another model cheaper than Ada.",
        "No share of cached prompt tokens, in whole percent, makes another model cheaper than Ada.",
        "No route with a cost is known to hold more than 128k tokens.",
        "At any number of requests Ada stays the cheapest.",
    ]
    assert [(each.current, each.changed) for each in found] == [
        (Decimal(200) / 1200, None),
        (Decimal(0), None),
        (Decimal(1200), Decimal(128_001)),
        (Decimal(1_000_000), None),
    ]


def test_models_without_a_cost_are_not_said_to_be_dearer() -> None:
    found = cheapest_flips((MIMO, ADA, DEARER), PAGE)
    assert [each.sentence for each in found] == [
        "No share of generated tokens, in whole percent, makes another model with a cost at this workload cheaper than Ada.",
        "No share of cached prompt tokens, in whole percent, makes another model with a cost at this workload cheaper than Ada.",
        "No route with a cost is known to hold more than 128k tokens.",
        "At any number of requests Ada stays the cheapest of those with a cost at this workload.",
    ]
    assert flip(FlipInput.OUTPUT_SHARE, MIMO, ADA, BEE).sentence == (
        "With 11 % instead of 17 % generated tokens, Ada would be the cheapest of those with a cost at this workload."
    )


@pytest.mark.parametrize(
    ("_case", "kind", "contenders", "before", "after", "changed", "sentence"),
    [
        (
            "less text out of the model",
            "OUTPUT_SHARE",
            (ADA, BEE),
            *(("bee",), ("ada",), "0.11"),
            "With 11 % instead of 17 % generated tokens, Ada would be the cheapest.",
        ),
        (
            "as cheap is another answer too",
            "OUTPUT_SHARE",
            (contender(A, offer("alpha", price=("1", "11"))), BEE),
            *(("bee",), ("ada", "bee"), "0.1"),
            "With 10 % instead of 17 % generated tokens, Ada and Bee would be the cheapest.",
        ),
        (
            "more out of the cache",
            "CACHED_SHARE",
            (contender(A, offer("alpha", other_prices=(cached("2", "0.5"),), price_basis=PriceBasis.METERED)), BEE),
            *(("ada", "bee"), ("ada",), "0.01"),
            "With 1 % instead of 0 % cached prompt tokens, Ada would be the cheapest.",
        ),
        (
            "a longer prompt than the cheapest takes",
            "CONTEXT_NEED",
            (ADA, contender(replace(B, context_window=8_000), offer("beta", price=("2", "2")))),
            *(("bee",), ("ada",), "8001"),
            "If routes had to hold more than 8k tokens, Ada would be the cheapest.",
        ),
        (
            "the route's own window counts before the model's",
            "CONTEXT_NEED",
            (ADA, contender(B, offer("beta", price=("2", "2"), context_window=16_000))),
            *(("bee",), ("ada",), "16001"),
            "If routes had to hold more than 16k tokens, Ada would be the cheapest.",
        ),
        (
            "a window of their own that holds it needs no word",
            "CONTEXT_NEED",
            (contender(A, offer("alpha", price=("3", "3"), context_window=999_000)), contender(B, offer("beta", price=("2", "2"), context_window=64_000))),
            *(("bee",), ("ada",), "64001"),
            "If routes had to hold more than 64k tokens, Ada would be the cheapest.",
        ),
        (
            "nor do windows that read alike",
            "CONTEXT_NEED",
            (contender(replace(A, context_window=8_191), offer("alpha", price=("3", "3"), context_window=8_192)), contender(B, offer("beta", price=("2", "2"), context_window=8_000))),
            *(("bee",), ("ada",), "8001"),
            "If routes had to hold more than 8k tokens, Ada would be the cheapest.",
        ),
        (
            "routes that hold more than their model says",
            "CONTEXT_NEED",
            (contender(A, offer("alpha", price=("3", "3"), context_window=999_000)), contender(B, offer("beta", price=("2", "2"), context_window=160_000))),
            *(("bee",), ("ada",), "160001"),
            "If routes had to hold more than 160k tokens, Ada would be the cheapest "
            "(some routes of Ada hold more than its own 128k and some routes of Bee hold more than its own 128k).",
        ),
        (
            "another route of the cheapest model keeps it there",
            "CONTEXT_NEED",
            (ADA, contender(B, *(offer(at, price=("2", "2"), context_window=size) for at, size in (("beta", 16_000), ("gamma", 999_000))))),
            *(("bee",), (), "999001"),
            "No route with a cost is known to hold more than 999k tokens (some routes of Bee hold more than its own 128k).",
        ),
        (
            "a window that nobody knows is too small",
            "CONTEXT_NEED",
            (ADA, contender(replace(B, context_window=None), offer("beta", price=("2", "2")))),
            *(("bee",), ("ada",), "1201"),
            "If routes had to hold more than 1k tokens, Ada would be the cheapest.",
        ),
    ],
)  # fmt: skip
def test_a_flip(
    _case: str,
    kind: str,
    contenders: tuple[Contender, ...],
    before: tuple[str, ...],
    after: tuple[str, ...],
    changed: str,
    sentence: str,
) -> None:
    found = flip(FlipInput(kind), *contenders)
    assert (found.before, found.after, found.changed, found.sentence) == (before, after, Decimal(changed), sentence)


def test_a_price_that_looks_wrong_flips_nothing() -> None:
    odd = Price(9, 9, input_mtok=Decimal("0.1"), output_mtok=Decimal("0.1"), suspicious="odd")
    third = contender(C, offer("gamma", other_prices=(odd,), price_basis=PriceBasis.METERED))
    assert [each.after for each in cheapest_flips((ADA, BEE, third), PAGE)] == [
        each.after for each in cheapest_flips((ADA, BEE), PAGE)
    ]


def sound(id: int, name: str, **facts: object) -> Contender:
    """A model that qualifies for a verdict."""
    facts = {"context_window": 128_000, "license": APACHE, "openness": Openness.OPEN_SOURCE} | facts
    of = model(id, name, task=Task.TEXT_GENERATION, lifecycle=Lifecycle.AVAILABLE, **facts)
    return contender(of, offer("alpha", price=("1", "2")))


LARGER = sound(1, "Ada", context_window=256_000)


@pytest.mark.parametrize(
    ("_case", "other", "weight", "after", "sentence"),
    [
        ("a little more wins", sound(2, "Bee"), 3, ("ada",), "If Context window weighed 4 instead of 3, Ada would win."),
        ("a little less loses", sound(2, "Bee"), 4, (), "If Context window weighed 3 instead of 4, nobody would win."),
        ("the only one that qualifies", sound(2, "Bee", license=None, openness=Openness.OPEN_SOURCE), 3, ("ada",), "No weight of Context window changes the verdict."),
        ("not comparable", contender(model(2, "Bee", task=Task.SPEECH, context_window=8_000)), 3, (), "No weight of Context window changes the verdict."),
    ],
)  # fmt: skip
def test_a_weight_that_flips(_case: str, other: Contender, weight: int, after: tuple[str, ...], sentence: str) -> None:
    found = {each.signal: each for each in weight_flips((LARGER, other), PAGE, {SignalKey.CONTEXT_WINDOW: weight})}
    assert (found[SignalKey.CONTEXT_WINDOW].after, found[SignalKey.CONTEXT_WINDOW].sentence) == (after, sentence)


class _Left(Exception):
    """Nobody waits any more."""


@pytest.mark.parametrize("asked", [1, 7, 60])
def test_flips_that_nobody_waits_for_end_at_the_next_change(asked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever left is found out about before another workload is billed, however many classes of requests it has."""
    classes = tuple(
        RequestClass(str(n), requests=1_000 + n, input=900 + n, output=100, batch_share=Decimal("0.5"))
        for n in range(20)
    )
    batch = Price(
        9, 9, PriceMode.BATCH, input_mtok=Decimal("0.5")
    )  # not complete, so each workload has a bill of its own
    two = tuple(
        contender(each, offer(host, price=("1", rate), other_prices=(batch,)))
        for each, host, rate in ((A, "alpha", "3"), (B, "beta", "4"))
    )
    times = billed = 0

    def bill(*given: Any) -> Totals:
        nonlocal billed
        billed += 1
        return Totals(*given)

    def check() -> None:
        nonlocal times
        times += 1
        if times > asked:
            raise _Left

    monkeypatch.setattr("domain.metering.Totals", bill)
    month = Workload("own", classes)
    with pytest.raises(_Left):
        cheapest_flips(two, month, compared=Compared(two, month, check))
    assert times == asked + 1
    assert billed <= asked
    cheapest_flips(two, month)
    assert billed > 150, "without a check it goes on to the end"
