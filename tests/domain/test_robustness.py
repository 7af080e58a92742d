"""The share of small changes that a verdict outlives: counted again from verdicts themselves."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings

from domain.billing import writes
from domain.comparability import ComparabilityLevel, comparability
from domain.facts import Contender, Task
from domain.moves import CostAxis, moved, place
from domain.robustness import VariedInput, robustness
from domain.scorecard import scorecard
from domain.verdict import DEFAULT_WEIGHTS, verdict
from domain.workload import REFERENCE_PAGE
from tests.domain.made_up import MIMO, MISTRAL, contender, model, offer, rivals

PAGE = REFERENCE_PAGE.workload
TENFOLD = {key: weight * 10 for key, weight in DEFAULT_WEIGHTS.items()}


def by_hand(contenders: tuple[Contender, ...]) -> dict[VariedInput, list[str | None]]:
    """The winner after each change. Weights are ten times the published ones, so that a tenth of one is whole."""
    rows = [row.key for row in scorecard(contenders, PAGE) if row.leaders and DEFAULT_WEIGHTS[row.key]]
    found: dict[VariedInput, list[str | None]] = {
        VariedInput.WEIGHT: [
            verdict(contenders, PAGE, {**TENFOLD, key: DEFAULT_WEIGHTS[key] * (10 + tenths)}).winner
            for key in rows
            for tenths in (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)
        ]
    }
    writing = any(writes(each.model) for each in contenders)
    for axis in (CostAxis.OUTPUT_SHARE, CostAxis.CACHED_SHARE) if writing else (CostAxis.CACHED_SHARE,):
        there = {at.at: at.workload for by in range(-10, 11) if (at := moved(PAGE, axis, by)).at != place(PAGE, axis)}
        found[VariedInput(axis.value)] = [verdict(contenders, each).winner for each in there.values()]
    return found


@settings(max_examples=6)
@given(rivals(most=3))
def test_the_count_is_that_of_the_verdicts(contenders: tuple[Contender, ...]) -> None:
    found, now = robustness(contenders, PAGE), verdict(contenders, PAGE)
    assert found.winner == now.winner
    if now.comparability.level is ComparabilityLevel.NOT_COMPARABLE:
        assert (found.tried, found.share, found.by_kind) == (0, None, ())
        return
    counted = by_hand(contenders)
    assert {each.kind: (each.tried, each.stays) for each in found.by_kind} == {
        kind: (len(winners), sum(winner == now.winner for winner in winners))
        for kind, winners in counted.items()
        if winners
    }
    assert (found.tried, found.stays) == (
        sum(each.tried for each in found.by_kind),
        sum(each.stays for each in found.by_kind),
    )
    assert found.share == Decimal(found.stays) / found.tried


@settings(max_examples=10)
@given(rivals())
def test_the_order_of_models_changes_nothing(contenders: tuple[Contender, ...]) -> None:
    there, back = robustness(contenders, PAGE), robustness(contenders[::-1], PAGE)
    assert (there.winner, there.tried, there.stays) == (back.winner, back.tried, back.stays)


def test_a_model_beside_its_double_stays_undecided() -> None:
    double = replace(MISTRAL, model=replace(MISTRAL.model, id=7, slug="double", name="Double"))
    found = robustness((MISTRAL, double), PAGE)
    assert found.winner is None
    assert found.share == 1
    assert found.sentence == "It stays undecided after all 30 small single changes of weights and workload."


def test_how_it_reads_where_nothing_turns() -> None:
    found = robustness((MISTRAL, MIMO), PAGE)
    assert [each.sentence for each in found.by_kind] == [
        "It stays under every change of one weight by up to 50 %.",
        "It stays at any share of generated tokens from 7 % to 27 %.",
        "It stays at any share of cached prompt tokens from 0 % to 10 %.",
    ]


def test_how_it_reads_where_a_share_turns_it() -> None:
    """Ada reads cheaply, Bee writes cheaply; at the page's share of generated tokens Bee is cheaper."""
    reads, writes = (
        replace(
            MISTRAL,
            model=replace(MISTRAL.model, id=id, slug=name.lower(), name=name),
            loaded_offers=(offer("alpha", price=price),),
        )
        for id, name, price in ((1, "Ada", ("1", "9")), (2, "Bee", ("2", "3.5")))
    )
    found = robustness((reads, writes), PAGE)
    output = next(each for each in found.by_kind if each.kind is VariedInput.OUTPUT_SHARE)
    turned = [
        verdict((reads, writes), moved(PAGE, CostAxis.OUTPUT_SHARE, by).workload).winner for by in range(-10, 11) if by
    ]
    assert output.stays == sum(each == found.winner for each in turned) < output.tried
    assert output.sentence.startswith("It turns, to ")


def test_models_made_for_different_work_have_no_share() -> None:
    speech = contender(model(2, "Bee", task=Task.SPEECH), offer("alpha", price=("1", "2")))
    text = replace(MISTRAL, model=replace(MISTRAL.model, task=Task.TEXT_GENERATION))
    found = robustness((text, speech), PAGE)
    assert comparability((text, speech)).level is ComparabilityLevel.NOT_COMPARABLE
    assert found.share is None
    assert found.sentence == "Nothing is changed: these models are not comparable."


def test_what_writes_nothing_is_not_tried_with_more_of_it() -> None:
    embeds = [
        contender(model(id, name, task=Task.EMBEDDING, context_window=8_000), offer("alpha", name, price=(price, "0")))
        for id, name, price in ((1, "Ada", "1"), (2, "Bee", "2"))
    ]
    kinds = {each.kind for each in robustness(tuple(embeds), PAGE).by_kind}
    assert VariedInput.WEIGHT in kinds
    assert VariedInput.OUTPUT_SHARE not in kinds
