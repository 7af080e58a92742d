"""What the labs themselves ask, beside what the cheapest reseller does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.cost import Costs, MonthlyCost, monthly_cost
from domain.facts import Contender, Lifecycle, Openness, Task
from domain.own_routes import other_order, own_cost
from domain.prose_costs import monthly_costs
from domain.verdict import verdict
from domain.workload import REFERENCE_PAGE
from tests.domain.made_up import APACHE, contender, model, offer, rivals

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


def test_the_labs_prices_turn_the_order() -> None:
    found = other_order(costs([ADA, BEE]))
    assert found is not None
    assert found.leaders == ("ada",)
    assert {slug: cost.display for slug, cost in found.costs.items()} == {"ada": "$1,200", "bee": "$4,800"}
    assert {ref.id for ref in found.used} == {ADA.offers[0].route.id, BEE.offers[0].route.id}


def test_where_they_do_not_turn_it_nothing_is_said() -> None:
    """The same order; one that no lab sells; one that has no cost; no clear margin at the labs."""
    unsold = contender(C, offer("reseller", price=("1", "1")))
    for pair in ((sold(A, "1", "0.3"), BEE), (ADA, unsold), (ADA, contender(D)), (sold(A, "4", "0.9"), BEE)):
        assert other_order(costs(pair)) is None


def test_it_speaks_for_the_other_one_without_weight() -> None:
    found = verdict([ADA, BEE], PAGE)
    assert found.winner == "bee"
    (claim,) = (each for each in found.claims if each.rule == "verdict.own-routes")
    assert claim in found.speaks_against
    assert (claim.favours, claim.weight, claim.support) == (("ada",), 0, ())
    assert claim.sentence == (
        "Monthly cost on the labs' own routes: Ada $1,200 (lab of Ada/some-model); Bee $4,800 (lab of Bee/some-model)."
    )
    (other,) = found.alternatives
    assert other.sentence == "Choose Ada for a lower monthly cost on its lab's own route."
    assert found.points["ada"] == 0


def said(*contenders: Contender) -> str:
    models = [each.model for each in contenders]
    return " ".join(each.text for each in monthly_costs(models, costs(contenders)))


def test_both_are_said_in_words() -> None:
    assert said(ADA, BEE) == (
        "At this workload, the cheapest route costs $600 for Bee (Reseller) and $1,080 for Ada (Reseller) a month. "
        "On the labs' own routes it is $1,200 for Ada (Lab Of Ada) and $4,800 for Bee (Lab Of Bee)."
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
    """Whatever is sold where: the costs are of first-party routes, none below the cheapest, and the leaders lead there."""
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
        if isinstance(cost, MonthlyCost) and (own := own_cost(cost)) is not None:
            assert own.route.first_party
            assert own.total >= cost.total
    if (found := other_order(every)) is not None:
        assert set(found.costs) == set(every)
        lowest = min(cost.total for cost in found.costs.values())
        assert all(found.costs[slug].total < max(cost.total for cost in found.costs.values()) for slug in found.leaders)
        assert any(found.costs[slug].total == lowest for slug in found.leaders)
