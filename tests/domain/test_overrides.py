"""A caller's own terms: prices that replace published ones, routes that are barred, and what an answer says of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cost import MonthlyCost, RouteCost, monthly_cost, route_cost
from domain.eligible import Ineligible
from domain.facts import ApiShape, FactRef, Offer, Price, PriceBasis, PriceMode, Task, Unavailable
from domain.overrides import NONE, Overrides, OwnPrice, contender_under, contenders_under, overrides_of, under, usable
from domain.prose import availability
from domain.scorecard import SignalKey, signal
from domain.suspicion import lifted, mark_suspicious
from domain.units import exact
from domain.verdict import qualification
from domain.workload import EMBEDDING, REFERENCE_PAGE
from tests.domain.made_up import contender, model, offer, offers, provider

PAGE = REFERENCE_PAGE.workload
ALPHA = "alpha/some-model"


def own(**amounts: str) -> OwnPrice:
    return OwnPrice(ALPHA, tuple((unit, Decimal(amount)) for unit, amount in amounts.items()))


def less(percent: str) -> OwnPrice:
    return OwnPrice(ALPHA, percent_off=Decimal(percent))


BATCH = Price(7, 1, PriceMode.BATCH, input_mtok=Decimal("0.1"), output_mtok=Decimal("0.1"))
TIER = Price(8, 1, above=500, input_mtok=Decimal(9), output_mtok=Decimal(9))


@pytest.mark.parametrize(
    ("_case", "of", "price", "total", "note", "published"),
    [
        ("both prices", offer("alpha", price=("1", "2")), own(input="0.5", output="1"), "700",
         "Your own input and output price of alpha/some-model takes the place of the published one.", []),
        ("one price", offer("alpha", price=("1", "2")), own(output="1"), "1200",
         "Your own output price of alpha/some-model takes the place of the published one.", ["price.STANDARD.0.input"]),
        ("in every tier", offer("alpha", price=("1", "2"), other_prices=(TIER,)), own(input="0.5", output="1"), "700",
         "Your own input and output price of alpha/some-model takes the place of the published one.", []),
        ("where nobody states one", offer("alpha"), own(input="1", output="2"), "1400",
         "Your own input and output price of alpha/some-model takes the place of the published one.", []),
        ("on a trial", offer("alpha", price_basis=PriceBasis.TRIAL), own(input="1", output="2"), "1400",
         "Your own input and output price of alpha/some-model takes the place of the published one.", []),
        ("a discount", offer("alpha", price=("1", "2")), less("12.5"), "1225",
         "Your own discount of 12.5 % on alpha/some-model is taken off its published prices.",
         ["price.STANDARD.0.input", "price.STANDARD.0.output"]),
    ],
)  # fmt: skip
def test_own_prices(_case: str, of: Offer, price: OwnPrice, total: str, note: str, published: list[str]) -> None:
    """The cost is the caller's, says so, and names no published price that it did not use."""
    [mine] = under([of], Overrides((price,)))
    found = route_cost(mine, PAGE)
    assert isinstance(found, RouteCost)
    assert (found.total, found.notes[0]) == (Decimal(total), note)
    assert [ref.field for ref in found.used if ref.kind == "route"] == published
    assert len(found.used) == 2
    assert "cost.overrides" in found.rules


def test_half_a_price_does_not_make_a_route_metered() -> None:
    [mine] = under([offer("alpha", price_basis=PriceBasis.FREE)], Overrides((own(input="1"),)))
    found = route_cost(mine, PAGE)
    assert isinstance(found, Ineligible)
    assert found.reason == "FREE"


def test_other_modes_keep_their_prices_under_own_prices_and_not_under_a_discount() -> None:
    of = offer("alpha", price=("1", "2"), other_prices=(BATCH,))
    for price, rate in ((own(input="0.5"), "0.1"), (less("50"), "0.05")):
        [mine] = under([of], Overrides((price,)))
        assert [each.input_mtok for each in mine.prices] == [Decimal("0.5"), Decimal(rate)]


def test_one_price_is_a_whole_one_where_the_task_bills_no_output() -> None:
    """Nobody says on which basis, or it is a trial: for the caller the route is metered."""
    for basis in (PriceBasis.UNKNOWN, PriceBasis.TRIAL):
        numbers = contender(model(1, "Ada", task=Task.EMBEDDING), offer("alpha", price_basis=basis))
        found = monthly_cost(contender_under(numbers, Overrides((own(input="0.5"),))), EMBEDDING.workload)
        assert isinstance(found, MonthlyCost)
        assert found.total == Decimal(250)


_INTO = "input 900 is more than 8 times off the model's median 1"
_OUT = "output 900 is more than 8 times off the model's median 1"


@pytest.mark.parametrize(
    ("marked", "price", "left"),
    [
        (f"{_INTO}; {_OUT}", own(input="1", output="1"), ()),
        (f"{_INTO}; {_OUT}", own(input="1"), (_OUT,)),
        (_INTO, own(input="1"), ()),
        (_INTO, own(output="1"), (_INTO,)),
        (_INTO, own(cache_read="1"), (_INTO,)),
    ],
)
def test_a_price_of_ones_own_does_not_look_wrong(marked: str, price: OwnPrice, left: tuple[str, ...]) -> None:
    """The mark of the unit goes, that of another one stays."""
    of = offer("alpha", price=("900", "900"))
    wrong = replace(of, prices=(replace(of.prices[0], suspicious=marked),))
    found = route_cost(under([wrong], Overrides((price,)))[0], PAGE)
    assert isinstance(found, RouteCost)
    assert (found.suspicious, found.competes) == (left, not left)


def test_marks_are_lifted_as_they_are_set() -> None:
    """Each unit is marked in words that its own price lifts."""
    odd = {0: [Price(0, 0, input_mtok=Decimal(900), output_mtok=Decimal(900))]}
    usual = {id_: [Price(id_, id_, input_mtok=Decimal(1), output_mtok=Decimal(1))] for id_ in range(1, 5)}
    (marked,) = mark_suspicious({**odd, **usual}, date(2026, 1, 1))[0]
    left = [lifted(marked.suspicious, units) for units in (("input",), ("output",), ("input", "output"))]
    assert [each and each.split()[0] for each in left] == ["output", "input", None]


_SHAPED = provider("alpha", api_shape=ApiShape.OPENAI_CHAT)
_BOTH = replace(_SHAPED, more_endpoints=((ApiShape.BEDROCK, "https://b.example"),))


@pytest.mark.parametrize(
    ("_case", "of", "terms", "reason", "message"),
    [
        ("an excluded provider", offer("alpha", price=("1", "2")), Overrides(excluded=("alpha",)), "PROVIDER_EXCLUDED",
         "Alpha (some-model) is excluded: you asked for costs without Alpha."),
        ("another region", offer("alpha", price=("1", "2"), region="us"), Overrides(region="EU"), "OTHER_REGION",
         "Alpha (some-model) serves from us, not from EU."),
        ("no known region", offer("alpha", price=("1", "2")), Overrides(region="eu"), "REGION_UNKNOWN",
         "No source says that Alpha (some-model) serves from eu."),
        ("another shape", offer(_SHAPED, price=("1", "2")), Overrides(api_shapes=(ApiShape.BEDROCK,)), "OTHER_API_SHAPE",
         "Alpha (some-model) speaks openai chat, which is none of the shapes that you require."),
        ("other shapes", offer(_BOTH, price=("1", "2")), Overrides(api_shapes=(ApiShape.GOOGLE_GENAI,)), "OTHER_API_SHAPE",
         "Alpha (some-model) speaks openai chat and bedrock, which is none of the shapes that you require."),
        ("no known shape", offer("alpha", price=("1", "2")), Overrides(api_shapes=(ApiShape.BEDROCK,)), "API_SHAPE_UNKNOWN",
         "No source says that Alpha (some-model) speaks bedrock."),
        ("neither known", offer("alpha", price=("1", "2")), Overrides(region="eu", api_shapes=(ApiShape.BEDROCK,)), "REGION_UNKNOWN",
         "No source says that Alpha (some-model) serves from eu and speaks bedrock."),
        ("one of them is another", offer("alpha", price=("1", "2"), region="us"), Overrides(region="eu", api_shapes=(ApiShape.BEDROCK,)),
         "OTHER_REGION", "Alpha (some-model) serves from us, not from eu."),
    ],
)  # fmt: skip
def test_a_barred_route_says_why(_case: str, of: Offer, terms: Overrides, reason: str, message: str) -> None:
    """It does not compete, and the other sections of a comparison do without it."""
    mine = under([of], terms)
    found = route_cost(mine[0], PAGE)
    assert isinstance(found, Ineligible)
    assert (found.reason, found.message, found.rule) == (reason, message, "cost.overrides")
    assert usable(mine) == ()


@pytest.mark.parametrize(
    ("_case", "of", "terms"),
    [
        ("the region", offer("alpha", price=("1", "2"), region="eu"), Overrides(region="EU")),
        ("a part of the region", offer("alpha", price=("1", "2"), region="eu-west-1"), Overrides(region="eu")),
        ("the shape", offer(_SHAPED, price=("1", "2")), Overrides(api_shapes=(ApiShape.OPENAI_CHAT,))),
        ("a further shape", offer(_BOTH, price=("1", "2")), Overrides(api_shapes=(ApiShape.BEDROCK,))),
        ("another provider", offer("alpha", price=("1", "2")), Overrides(excluded=("beta",))),
    ],
)
def test_what_meets_the_terms_stays_what_it_is(_case: str, of: Offer, terms: Overrides) -> None:
    assert under([of], terms) == (of,)


def test_the_cheapest_route_is_the_cheapest_under_the_terms() -> None:
    """An excluded one is ranked last with its reason."""
    both = offer("alpha", price=("1", "2")), offer("beta", price=("2", "3"))
    found = monthly_cost(contender(model(1, "Ada"), *under(both, Overrides(excluded=("alpha",)))), PAGE)
    assert isinstance(found, MonthlyCost)
    assert [each.route.key for each in found.cheapest] == ["beta/some-model"]
    assert [getattr(each.outcome, "reason", None) for each in found.ranked] == [None, "PROVIDER_EXCLUDED"]
    assert found.best == both[1]


@pytest.mark.parametrize(
    ("_case", "make", "message"),
    [
        ("neither", lambda: OwnPrice("a/b"), "amounts or a percentage off, one of the two"),
        (
            "both",
            lambda: OwnPrice("a/b", (("input", Decimal(1)),), Decimal(5)),
            "amounts or a percentage off, one of the two",
        ),
        ("another unit", lambda: OwnPrice("a/b", (("image", Decimal(1)),)), "'image' is no unit"),
        ("for nothing", lambda: own(input="0"), "must be above 0 and below 1,000,000, not 0"),
        ("a hundred percent", lambda: less("100"), "must be above 0 and below 100, not 100"),
        ("not a number", lambda: less("NaN"), "must be above 0 and below 100, not NaN"),
        ("too many digits", lambda: own(input="0.0000000001"), "may have nine decimals at most"),
        ("twice", lambda: Overrides((own(input="1"), less("5"))), "a route has own prices once"),
        ("too many", lambda: Overrides(excluded=("a",) * 101), "at most 100 providers are excluded"),
        ("an empty provider", lambda: Overrides(excluded=("",)), "have 1 to 200 characters"),
        ("an empty region", lambda: Overrides(region=""), "have 1 to 200 characters"),
        ("no shape", lambda: Overrides(api_shapes=(ApiShape.UNKNOWN,)), "UNKNOWN is no API shape that can be required"),
    ],
)
def test_terms_that_cannot_be_are_refused(_case: str, make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]


_EU = Overrides(region="eu")


def test_an_unknown_region_is_no_other_region() -> None:
    """What does not compete for want of a region has no cost for want of it, and what would say so is named."""
    ada = contender(model(1, "Ada"), offer("alpha", price=("1", "2")), offer("beta", price=("1", "2"), region="us"))
    found = monthly_cost(contender_under(ada, _EU), PAGE)
    assert isinstance(found, Unavailable)
    assert found.reason == "REGION_UNKNOWN"
    assert found.message == (
        "No tracked route of Ada is known to compete for this workload: 1 in another region and 1 in a region that no source "
        "states."
    )
    assert found.missing == (FactRef("route", ada.offers[0].route.id, "region"),)
    lacks = qualification(contender_under(ada, _EU))
    assert lacks.lacks[0] == "no source says that a live metered route of Ada with a complete price serves from eu"
    assert found.missing[0] in lacks.against


def test_a_count_that_an_unknown_region_could_raise_is_not_known() -> None:
    ada = contender(model(1, "Ada"), offer("alpha", price=("1", "2"), region="eu"), offer("beta", price=("1", "2")))
    bee = contender(model(2, "Bee"), offer("alpha", price=("1", "2"), region="us"))
    row = signal(SignalKey.PROVIDER_ROUTES, contenders_under((ada, bee), _EU), PAGE)
    assert [(cell.value, cell.display, cell.known) for cell in row.cells] == [
        (None, "at least 1 tracked", False),
        (0, "0 tracked", True),
    ]
    assert row.leaders == ()
    text = [
        each.text for each in availability(contenders_under((replace(ada, loaded_offers=ada.offers[1:]), bee), _EU))
    ]
    assert text == [
        "No source says that a live route of Ada serves from eu.",
        "No live route of Bee is one that you may use.",
    ]


_regional = st.builds(
    lambda of, region: replace(of, route=replace(of.route, region=region)),
    offers(),
    st.sampled_from([None, "eu", "us"]),
)


@given(st.lists(_regional, max_size=4, unique_by=lambda each: each.route.key), st.sampled_from(["eu", "us"]))
def test_no_row_of_routes_is_led_for_want_of_a_region(found: list[Offer], region: str) -> None:
    """Whatever the regions turn out to be, a model that leads by its providers is not behind in them."""
    terms = Overrides(region=region)
    rivals = (
        contender(model(1, "Ada"), *found),
        contender(model(2, "Bee"), offer("gamma", price=("1", "2"), region=region)),
    )
    leaders = signal(SignalKey.PROVIDER_ROUTES, contenders_under(rivals, terms), PAGE).leaders
    for told in ("eu", "us"):
        sourced = [replace(each, route=replace(each.route, region=each.route.region or told)) for each in found]
        after = (replace(rivals[0], loaded_offers=tuple(sourced)), rivals[1])
        assert leaders in ((), signal(SignalKey.PROVIDER_ROUTES, contenders_under(after, terms), PAGE).leaders)


_percents = st.decimals(min_value="0.001", max_value="99.999", places=3)
_terms = st.builds(
    Overrides,
    prices=st.builds(OwnPrice, st.just(ALPHA), percent_off=_percents).map(lambda one: (one,)) | st.just(()),
    excluded=st.lists(st.sampled_from(["alpha", "beta"]), unique=True).map(lambda found: tuple(sorted(found))),
    region=st.none() | st.sampled_from(["eu", "us"]),
    api_shapes=st.lists(st.sampled_from(sorted({*ApiShape} - {ApiShape.UNKNOWN})), unique=True).map(
        lambda found: tuple(sorted(found))
    ),
)


@given(_terms)
def test_a_key_leads_back_to_its_terms(terms: Overrides) -> None:
    again = overrides_of(terms.key)
    assert again.key == terms.key
    assert (again == NONE) is not bool(terms)


@given(st.lists(offers(), max_size=4), _terms)
def test_terms_keep_the_routes_and_without_any_the_offers(found: list[Offer], terms: Overrides) -> None:
    assert [each.route.key for each in under(found, terms)] == [each.route.key for each in found]
    assert under(found, NONE) == tuple(found)


@given(_percents, st.integers(1, 999), st.integers(1, 999))
def test_a_discount_lowers_the_cost_by_exactly_that_much(percent: Decimal, into: int, out: int) -> None:
    of = offer("alpha", price=(str(into), str(out)))
    before, after = (
        route_cost(each, PAGE) for each in (of, *under([of], Overrides((OwnPrice(ALPHA, percent_off=percent),))))
    )
    assert isinstance(before, RouteCost)
    assert isinstance(after, RouteCost)
    with exact():
        assert after.total * 100 == before.total * (100 - percent)
