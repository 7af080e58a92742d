"""Which cheaper switch comes first, and of which two routes everything about it speaks."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cost import RouteCost, route_cost
from domain.facts import BenchmarkResult, CapabilityKind, Contender, Lifecycle, Offer, Task, Unavailable
from domain.fallbacks import Fallbacks, fallbacks
from domain.friction_factors import FactorKind
from domain.plan_steps import End, Standing
from domain.quality import Quality, quality
from domain.shapes import Shapes
from domain.standing import standing, standings
from domain.switches import Cheaper, Saving, Source, able, cheaper_switches, doublings, lost
from domain.workload import PRESETS
from tests.domain.made_up import capabilities, contender, model, offer, provider, result, results, rivals

PAGE = PRESETS["REFERENCE_PAGE"].workload
SHOP = provider("shop")


def made(id: int, name: str, price: str, *, scores: str = "", own: bool = True, no: str = "") -> Contender:
    """A model with one route at its own lab, and its scores on the benchmarks a, b, c."""
    known = capabilities("TOOL_USE BATCH" if not no else "TOOL_USE", no=no)
    of = model(id, name, task=Task.TEXT_GENERATION, capabilities=known)
    found = tuple(result(of, test, score) for test, score in zip("abc", scores.split(), strict=False) if score != "-")
    return contender(of, offer(name.lower(), name, price=(price, price), first_party=own), results=found)


@pytest.mark.parametrize(
    ("_case", "ours", "theirs", "expected"),
    [
        ("better everywhere", "5 5 5", "6 6 6", Quality.AT_LEAST_AS_GOOD),
        ("equal", "5 5 5", "5 5 5", Quality.AT_LEAST_AS_GOOD),
        ("never behind", "5 5 5", "5 6 5", Quality.AT_LEAST_AS_GOOD),
        ("never behind, on too few", "5 5", "5 6", Quality.UNKNOWN),
        ("each leads somewhere", "5 5 5", "4 6 5", Quality.MIXED),
        ("each leads somewhere, on too few", "5 5", "4 6", Quality.UNKNOWN),
        ("behind once, never ahead", "5 5 5", "5 4 5", Quality.WORSE),
        ("one is enough to be worse", "5", "4", Quality.WORSE),
        ("no benchmark in common", "5 -", "- 9", Quality.UNKNOWN),
        ("nobody measured it", "5 5", "", Quality.UNKNOWN),
        ("nobody measured either", "", "", Quality.UNKNOWN),
    ],
)
def test_quality_is_what_shared_results_say(_case: str, ours: str, theirs: str, expected: Quality) -> None:
    found, rows = quality(made(1, "Ada", "9", scores=ours), made(2, "Bee", "1", scores=theirs))
    assert found is expected
    assert len(rows) == sum("-" not in pair for pair in zip(ours.split(), theirs.split(), strict=False))


def test_one_benchmark_in_three_settings_is_one() -> None:
    pair = [
        replace(
            made(id, name, "1"), loaded_results=tuple(result(model(id, name), "a", "5", metric=each) for each in "xyz")
        )
        for id, name in ((1, "Ada"), (2, "Bee"))
    ]
    found, rows = quality(pair[0], pair[1])
    assert (found, len(rows)) == (Quality.UNKNOWN, 3)


@pytest.mark.parametrize(
    ("_case", "here", "there", "same", "another"),
    [
        ("the very same", (), (), Quality.AT_LEAST_AS_GOOD, Quality.AT_LEAST_AS_GOOD),
        ("other terms", (), ("free", "batch", "flex"), Quality.AT_LEAST_AS_GOOD, Quality.AT_LEAST_AS_GOOD),
        ("untested", (), ("eco",), Quality.UNKNOWN, Quality.UNKNOWN),
        ("quantised", (), ("nvfp4",), Quality.UNKNOWN, Quality.UNKNOWN),
        ("another amount of thinking", ("high",), ("low",), Quality.UNKNOWN, Quality.UNKNOWN),
        ("the variant in use", ("turbo", "free"), ("turbo",), Quality.AT_LEAST_AS_GOOD, Quality.UNKNOWN),
    ],
)
def test_results_are_not_those_of_a_variant(
    _case: str, here: tuple[str, ...], there: tuple[str, ...], same: Quality, another: Quality
) -> None:
    ada, bee = made(1, "Ada", "9", scores="5 5 5"), made(2, "Bee", "1", scores="5 5 5")
    routes = (
        replace(ada.offers[0].route, variant=here),
        replace(bee.offers[0].route, variant=there),
    )
    assert quality(ada, ada, routes)[0] is same
    assert quality(ada, bee, routes)[0] is another


def test_an_untested_variant_of_the_model_in_use_does_not_lead() -> None:
    here, eco = offer("shop", "ada", price=("8", "8")), offer("shop", "ada-eco", price=("1", "1"))
    eco = replace(eco, route=replace(eco.route, variant=("eco",)))
    ada = contender(ADA.model, here, eco, offer("host", "ada", price=("7", "7")), results=ADA.results)
    found = cheaper_switches(Source(ada, here), [replace(ada, loaded_offers=(eco,)), GOOD], PAGE, keep=[])
    assert isinstance(found, Cheaper)
    assert [(each.offer.route.key, each.quality) for each in found.savings] == [
        ("good/Good", Quality.AT_LEAST_AS_GOOD),
        ("shop/ada-eco", Quality.UNKNOWN),
    ]


def test_of_an_error_rate_less_is_better() -> None:
    ada, bee = made(1, "Ada", "9"), made(2, "Bee", "1")
    pair = [
        replace(each, loaded_results=tuple(result(each.model, test, score, metric="wer") for test in "abc"))
        for each, score in ((ada, "5"), (bee, "4"))
    ]
    assert quality(pair[0], pair[1])[0] is Quality.AT_LEAST_AS_GOOD
    assert quality(pair[1], pair[0])[0] is Quality.WORSE


_RESULTS = st.tuples(results(model(1, "Ada")), results(model(2, "Bee")))


@given(_RESULTS)
def test_who_is_worse_one_way_is_not_worse_the_other_way(
    measured: tuple[tuple[BenchmarkResult, ...], tuple[BenchmarkResult, ...]],
) -> None:
    ada, bee = (
        contender(model(id, name), results=found)
        for (id, name), found in zip(((1, "Ada"), (2, "Bee")), measured, strict=True)
    )
    there, back = quality(ada, bee)[0], quality(bee, ada)[0]
    assert (there is Quality.AT_LEAST_AS_GOOD) <= (back is not Quality.UNKNOWN)
    assert (there is Quality.MIXED) is (back is Quality.MIXED)
    if there is Quality.WORSE:
        assert back in (Quality.AT_LEAST_AS_GOOD, Quality.UNKNOWN)
    assert quality(ada, ada) == (Quality.AT_LEAST_AS_GOOD, ())


ADA = made(1, "Ada", "8", scores="50 50 50")
GOOD = made(2, "Good", "7", scores="50 60 50")
LOSES = made(3, "Loses", "5", scores="60 60 50", no="BATCH")
MIXED = made(4, "Mixed", "6", scores="40 60 50")
NEAR, NEARER_BY_SAVING = made(5, "Near", "6"), made(6, "Nearer", "5")
TINY = made(7, "Tiny", "0.1")
WORSE = made(8, "Worse", "0.2", scores="10 10")
ALL = [TINY, WORSE, NEAR, MIXED, LOSES, GOOD, NEARER_BY_SAVING]


def test_a_tiny_model_that_nobody_measured_does_not_lead() -> None:
    found = cheaper_switches(Source(ADA), ALL, PAGE)
    assert isinstance(found, Cheaper)
    names = ["Good", "Loses", "Mixed", "Nearer", "Near", "Tiny", "Worse"]
    assert [each.contender.model.name for each in found.savings] == names
    assert found.savings[1].lost == (CapabilityKind.BATCH,)


@given(st.permutations(ALL))
def test_the_order_does_not_depend_on_the_order_of_the_catalogue(catalogue: list[Contender]) -> None:
    found, usual = (cheaper_switches(Source(ADA), each, PAGE) for each in (catalogue, ALL))
    assert found == usual


def test_what_is_not_known_moves_nobody_up_or_down() -> None:
    """Without results there is no quality, and nobody goes before what is known to be good or behind what is known to be worse."""
    silent = [replace(each, loaded_results=()) for each in ALL]
    found = cheaper_switches(Source(ADA), silent, PAGE)
    assert isinstance(found, Cheaper)
    assert {each.quality for each in found.savings} == {Quality.UNKNOWN}
    assert [each.contender.model.name for each in found.savings][-2:] == ["Worse", "Tiny"]
    assert found.savings[-3].lost == (CapabilityKind.BATCH,)


def test_route_saving_steps_and_losses_are_of_one_move() -> None:
    """From the lab's own route of the model in use, to the route at the company that is used already."""
    ada = contender(
        model(1, "Ada", task=Task.TEXT_GENERATION, capabilities=capabilities("BATCH")),
        offer("lab", "ada", price=("4", "4"), first_party=True),
        offer(SHOP, "ada", price=("2", "2")),
    )
    bee = contender(
        model(2, "Bee", task=Task.TEXT_GENERATION, capabilities=capabilities(no="BATCH")),
        offer("buzz", "bee", price=("3", "3"), first_party=True),
        offer("lab", "bee-at-lab", price=("3.5", "3.5")),
        offer(SHOP, "bee", price=("1", "1")),
    )
    found = cheaper_switches(Source(ada), [ada, bee], PAGE)
    assert isinstance(found, Cheaper)
    (one,) = found.savings
    friction = found.friction(one, shapes=Shapes({}), on=date(2026, 11, 27))
    assert (found.route.key, one.offer.route.key) == ("lab/ada", "lab/bee-at-lab")
    assert (found.total, one.total, one.saving) == (Decimal(4800), Decimal(4200), Decimal(600))
    said = {factor.kind: factor.sentence for factor in friction.factors}
    assert said[FactorKind.MODEL_ID] == "The model id changes from ada to bee-at-lab."
    assert said[FactorKind.COST] == "The monthly cost at Lab falls from $4,800 to $4,200."
    assert lost(friction) == one.lost == (CapabilityKind.BATCH,)


@given(rivals())
def test_every_switch_is_one_move_between_two_routes(of: tuple[Contender, ...]) -> None:
    found = cheaper_switches(Source(of[0]), of, PAGE)
    if isinstance(found, Unavailable):
        return
    model_in_use = of[0].model
    alone = standing(End(model_in_use.slug, model_in_use, of[0].offers, is_route=False), PAGE)
    assert not isinstance(alone, Unavailable)
    assert alone.offer == found.offer
    here = End(found.route.key, model_in_use, (found.offer,), is_route=True)
    for each in found.savings:
        assert each.saving > 0
        assert each.total + each.saving == found.total
        assert each.contender.model.id != model_in_use.id
        friction = found.friction(each, shapes=Shapes({}), on=date(2026, 11, 27))
        assert (friction.source_route, friction.target_route) == (found.route, each.offer.route)
        assert lost(friction) == each.lost
        would_do = [
            offer for offer in able(each.contender, frozenset(found.kept), None) if _total(offer, each) < found.total
        ]
        there = End(each.contender.model.slug, each.contender.model, tuple(would_do), is_route=False)
        stands = standings(here, there, PAGE)[1]
        assert not isinstance(stands, Unavailable)
        assert stands.offer == each.offer
        assert Lifecycle.DEPRECATED not in (each.offer.route.lifecycle, each.contender.model.lifecycle)


def _total(offer: Offer, each: Saving) -> Decimal:
    cost = route_cost(offer, PAGE, model=each.contender.model)
    return cost.total if isinstance(cost, RouteCost) and cost.competes else Decimal("Infinity")


@given(rivals())
def test_the_published_order_holds_between_neighbours(of: tuple[Contender, ...]) -> None:
    found = cheaper_switches(Source(of[0]), of, PAGE, keep=[])
    if isinstance(found, Unavailable):
        return
    order = list(Quality)
    for one, after in pairwise(found.savings):
        assert order.index(one.quality) <= order.index(after.quality)
        if one.quality is not after.quality:
            continue
        steps = [doublings(found.total, each.total) for each in (one, after)]
        if one.quality is Quality.UNKNOWN and steps[0] != steps[1]:
            assert steps[0] < steps[1]
        elif bool(one.lost) != bool(after.lost):
            assert not one.lost
        else:
            assert one.saving >= after.saving


def test_a_host_of_the_very_same_is_taken_before_a_cheaper_variant() -> None:
    here = offer("shop", "ada", price=("8", "8"))
    eco, host = offer("shop", "ada-eco", price=("1", "1")), offer("host", "ada", price=("7", "7"))
    eco = replace(eco, route=replace(eco.route, variant=("eco",)))
    ada = contender(ADA.model, here, eco, host, results=ADA.results)
    found = cheaper_switches(Source(ada, here), [ada], PAGE, keep=[])
    assert isinstance(found, Cheaper)
    assert [(each.offer.route.key, each.quality) for each in found.savings] == [("host/ada", Quality.AT_LEAST_AS_GOOD)]


def test_of_several_ids_of_one_cost_the_models_own_name_stands_for_it() -> None:
    """A provider may take an earlier name, or a dated one, for the same model."""
    of = model(1, "Ada-2-Sol", task=Task.TEXT_GENERATION, capabilities=capabilities("BATCH"))
    ids = ("ada-2", "ada-2-sol", "ada-2-sol-2026-01-01")
    offers = [offer("lab", each, price=("4", "4"), first_party=True) for each in ids]
    for order in (offers, offers[::-1]):
        stands = standing(End(of.slug, of, tuple(order), is_route=False), PAGE)
        assert isinstance(stands, Standing)
        assert stands.offer.route.key == "lab/ada-2-sol"
        here = made(2, "Bee", "9", own=False)
        found = cheaper_switches(Source(here), [contender(of, *order)], PAGE, keep=[])
        assert isinstance(found, Cheaper)
        assert [each.offer.route.key for each in found.savings] == ["lab/ada-2-sol"]
        backed = fallbacks(Source(here), [contender(of, *order)], PAGE, share=Decimal("0.1"), required=[])
        assert isinstance(backed, Fallbacks)
        assert [each.offer.route.key for each in backed.backups] + [each.offer.route.key for each in backed.unproven][
            :1
        ] == ["lab/ada-2-sol"]
