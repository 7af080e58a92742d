"""What the labs themselves ask, beside what the cheapest reseller does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.cost import Costs, MonthlyCost, competing, monthly_cost, own_cost
from domain.facts import Contender, Lifecycle, Openness, Task
from domain.own_routes import told, turns
from domain.prose_costs import monthly_costs
from domain.verdict import verdict
from domain.workload import REFERENCE_PAGE
from tests.domain.made_up import APACHE, capabilities, contender, model, offer, rivals

PAGE = REFERENCE_PAGE.workload
FACTS = {
    **{"task": Task.TEXT_GENERATION, "lifecycle": Lifecycle.AVAILABLE, "context_window": 128_000},
    **{"license": APACHE, "openness": Openness.OPEN_SOURCE},
}
A, B, C, D = (model(n, name, **FACTS) for n, name in enumerate(("Ada", "Bee", "Cat", "Dog"), 1))


def sold(of: object, at_lab: str, resold: str) -> Contender:
    """A model that its lab and a reseller sell, at so many USD per million tokens."""
    own = offer(f"lab of {of.name}", price=(at_lab, at_lab), first_party=True)  # type: ignore[attr-defined]
    return contender(of, own, offer("reseller", price=(resold, resold)))  # type: ignore[arg-type]


def costs(contenders: Sequence[Contender]) -> Costs:
    return {each.model.slug: monthly_cost(each, PAGE) for each in contenders}


ADA, BEE = sold(A, "1", "0.9"), sold(B, "4", "0.5")
"""Bee is cheaper at the reseller, and dearer at the labs."""


UNSOLD = contender(C, offer("reseller", price=("0.1", "0.1")))
"""No lab sells it, and it is the cheapest."""


def turned(*contenders: Contender) -> list[tuple[str, str]]:
    return [(each.cheaper.slug, each.dearer.slug) for each in turns(costs(contenders))]


def in_words(*contenders: Contender) -> list[str]:
    names = {each.model.slug: each.model.name for each in contenders}
    return [text for text, _ in told(turns(costs(contenders)), names)]


def test_the_labs_prices_turn_the_order() -> None:
    (found,) = turns(costs([ADA, BEE]))
    assert (found.cheaper.slug, found.cheaper.own.display, found.cheaper.cheapest.display) == (
        "ada",
        "$1,200",
        "$1,080",
    )
    assert (found.dearer.slug, found.dearer.own.display, found.dearer.cheapest.display) == ("bee", "$4,800", "$600")
    assert {ref.id for ref in found.used} == {each.route.id for one in (ADA, BEE) for each in one.offers}


def test_where_they_do_not_turn_it_nothing_is_said() -> None:
    """The same order; one that no lab sells; one that has no cost; no clear margin at the labs."""
    for pair in ((sold(A, "1", "0.3"), BEE), (ADA, UNSOLD), (ADA, contender(D)), (sold(A, "4", "0.9"), BEE)):
        assert turned(*pair) == []


def test_each_two_that_turn_are_told_whoever_else_is_compared() -> None:
    """One without a route of its lab, or without a cost, silences nobody; nor does the cheapest, which stays it."""
    first = sold(D, "0.1", "0.1")
    for others in ((UNSOLD,), (contender(C),), (first,), (UNSOLD, first)):
        assert turned(*others, ADA, BEE) == [("ada", "bee")]


def test_of_two_that_are_undecided_each_says_on_which_routes_it_costs_less() -> None:
    """However much else speaks for one, and although it weighs nothing."""
    sees = replace(A, capabilities=capabilities("VISION AUDIO_IN VIDEO_IN"))
    # Bee would be the pick if it were not on its way out.
    going = replace(B, lifecycle=Lifecycle.DEPRECATED, capabilities=capabilities(no="VISION AUDIO_IN VIDEO_IN"))
    found = verdict((sold(sees, "1", "0.9"), sold(going, "4", "0.5")), PAGE)
    assert found.winner is None
    ada, bee = (each.sentence for each in found.alternatives)
    assert ada == "Choose Ada for more capabilities, vision, and a lower monthly cost than Bee on the labs' own routes."
    assert "a lower monthly cost on the cheapest routes" in bee


def test_about_as_much_is_not_more() -> None:
    assert in_words(sold(A, "1", "0.51"), BEE) == [
        "On the labs' own routes Ada costs less a month than Bee, $1,200 against $4,800; on the cheapest routes it costs about as "
        "much, $612 against $600."
    ]


def test_many_turns_are_one_sentence() -> None:
    """Every amount is told once, the lowest first."""
    assert in_words(ADA, BEE, sold(C, "2", "0.8"), sold(D, "0.9", "2")) == [
        "Bought from their own labs, the order by monthly cost turns: Dog ($1,080) then costs less than Ada ($1,200), Cat ($2,400), "
        "and Bee ($4,800); Ada then costs less than Cat and Bee; Cat then costs less than Bee."
    ]


def test_it_speaks_for_the_other_one_without_weight() -> None:
    found = verdict([ADA, BEE], PAGE)
    assert found.winner == "bee"
    (claim,) = (each for each in found.claims if each.rule == "verdict.own-routes")
    assert claim in found.speaks_against
    assert (claim.favours, claim.weight, claim.support) == (("ada",), 0, ())
    assert claim.sentence == (
        "On the labs' own routes Ada costs less a month than Bee, $1,200 against $4,800; on the cheapest routes it costs more, "
        "$1,080 against $600."
    )
    (other,) = found.alternatives
    assert other.sentence == "Choose Ada for a lower monthly cost than Bee on the labs' own routes."
    assert found.points["ada"] == 0


def test_it_speaks_against_the_winner_only_where_the_winner_turns() -> None:
    """Cat wins and stays the cheapest: that Ada and Bee change places is said, for and against neither of them."""
    found = verdict([ADA, BEE, sold(C, "0.1", "0.1")], PAGE)
    assert found.winner == "cat"
    (claim,) = (each for each in found.claims if each.rule == "verdict.own-routes")
    assert (claim.favours, claim.against) == (("ada",), ())
    assert claim.support
    assert claim not in found.speaks_against
    assert [each.sentence for each in found.alternatives] == [
        "No sourced fact speaks for Ada alone.",
        "No sourced fact speaks for Bee alone.",
    ]


def test_one_that_no_lab_sells_does_not_silence_what_speaks_against_the_winner() -> None:
    unpriced = contender(C, offer("reseller"))
    found = verdict([ADA, BEE, unpriced], PAGE)
    assert found.winner == "bee"
    assert [each.favours for each in found.speaks_against if each.rule == "verdict.own-routes"] == [("ada",)]


def said(*contenders: Contender) -> str:
    models = [each.model for each in contenders]
    return " ".join(each.text for each in monthly_costs(models, costs(contenders)))


def test_both_are_said_in_words() -> None:
    assert said(ADA, BEE) == (
        "At this workload, the cheapest route costs $600 for Bee (Reseller) and $1,080 for Ada (Reseller) a month. "
        "On the labs' own routes it is $1,200 for Ada (Lab Of Ada) and $4,800 for Bee (Lab Of Bee)."
    )
    assert said(ADA, BEE, UNSOLD).endswith(
        " On the labs' own routes it is $1,200 for Ada (Lab Of Ada) and $4,800 for Bee (Lab Of Bee); Cat has none with a cost."
    )
    assert said(ADA).endswith(" On its lab's own route it is $1,200 for Ada (Lab Of Ada).")
    many = said(ADA, BEE, sold(C, "2", "1"), sold(D, "3", "1"))
    assert many.endswith(
        " On the labs' own routes it runs from $1,200 for Ada (Lab Of Ada) to $4,800 for Bee (Lab Of Bee)."
    )


def test_where_the_lab_is_the_cheapest_it_is_not_said_twice() -> None:
    assert "own route" not in said(sold(A, "1", "2"), sold(B, "1", "1"))


@given(rivals(), st.data())
def test_it_never_names_what_a_lab_does_not_sell(contenders: tuple[Contender, ...], data: st.DataObject) -> None:
    """Whatever is sold where: the costs are of first-party routes, none below the cheapest, and no two turn both ways."""
    lab = data.draw(st.sets(st.sampled_from([o.route.id for each in contenders for o in each.offers] or [0])))
    marked = [
        replace(
            each,
            loaded_offers=tuple(replace(o, route=replace(o.route, first_party=o.route.id in lab)) for o in each.offers),
        )
        for each in contenders
    ]
    every = costs(marked)
    for cost in every.values():
        if isinstance(cost, MonthlyCost) and (own := own_cost(competing(cost.ranked))) is not None:
            assert own.route.first_party
            assert own.total >= cost.total
    found = turns(every)
    assert len({frozenset((each.cheaper.slug, each.dearer.slug)) for each in found}) == len(found)
    for each in found:
        assert each.cheaper.own.route.first_party
        assert each.dearer.own.route.first_party
        assert each.cheaper.own.total < each.dearer.own.total
        assert each.cheaper.cheapest.total * 20 > each.dearer.cheapest.total * 19
