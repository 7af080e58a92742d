"""That a lab has retired a model is said wherever the model is advised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cost import Costs, monthly_cost
from domain.dates import DatePrecision
from domain.facts import Contender, Lab, Lifecycle, Openness, PriceBasis, Task
from domain.fallbacks import fallbacks
from domain.faq import faq
from domain.flips import FlipInput, cheapest_flips
from domain.overrides import Overrides, contenders_under
from domain.prose import availability
from domain.recommend import Of, Ranking, rank, sentence
from domain.required import Requirements, State
from domain.retired import called, caveats, notes, retired, route_caveats
from domain.switches import Cheaper, Source, cheaper_switches
from domain.tradeoffs import tradeoffs
from domain.verdict import verdict
from domain.workload import REFERENCE_PAGE
from tests.domain.made_up import APACHE, PROPRIETARY, contender, model, offer, provider, rivals

PAGE = REFERENCE_PAGE.workload
TODAY = date(2026, 11, 27)
GONE = date(2026, 10, 23)
ACME = Lab(1, "acme", "Acme")
TEXT = {"task": Task.TEXT_GENERATION, "context_window": 128_000, "lab": ACME}
CLOSED = {**TEXT, "openness": Openness.PROPRIETARY, "license": PROPRIETARY}
OPEN = {**TEXT, "openness": Openness.OPEN_WEIGHTS, "license": APACHE, "lifecycle": Lifecycle.AVAILABLE}
RETIRED = {"lifecycle": Lifecycle.RETIRED, "retires_on": GONE}
HERE = contender(model(1, "Here", **CLOSED, lifecycle=Lifecycle.AVAILABLE), offer("host", "here", price=("1", "1")))


def old(*, live: bool = True, **facts: Any) -> Contender:
    """A closed model that its lab has retired and hosts sell for less."""
    return contender(model(2, "Old", **CLOSED | RETIRED | facts), offer("host", "old", price=("0.1", "0.1"), live=live))


def let_go(own: Lifecycle = Lifecycle.RETIRED, *, live: bool = False, **facts: Any) -> Contender:
    """Open weights that hosts sell, with the route of their lab."""
    at_lab = offer("acme", "kept", first_party=True, lifecycle=own, live=live, **facts)
    return contender(model(3, "Kept", **OPEN), offer("host", "kept", price=("0.1", "0.1")), at_lab)


def at_another_door(**facts: Any) -> Contender:
    """Another entry of the same company serves the model still."""
    doors = [provider(slug, group="acme") for slug in ("acme", "acme-cloud")]
    at_lab = offer(doors[0], "kept", first_party=True, lifecycle=Lifecycle.RETIRED, live=False)
    return contender(model(3, "Kept", **OPEN), at_lab, offer(doors[1], "kept", price=("1", "1"), **facts))


def text(of: Contender) -> str | None:
    found = retired(of)
    return None if found is None else found.text


@pytest.mark.parametrize(
    ("case", "of", "said"),
    [
        ("a day", old(), "retired by Acme on 2026-10-23"),
        ("a month", old(retires_precision=DatePrecision.MONTH), "retired by Acme in 2026-10"),
        ("only not before", old(retires_precision=DatePrecision.NOT_BEFORE), "retired by Acme"),
        ("no day", old(retires_on=None), "retired by Acme"),
        ("no lab", old(lab=None), "retired by its maker on 2026-10-23"),
        ("in service", HERE, None),
        ("open", let_go(), "open weights, no longer served by Acme"),
        (
            "open, a day",
            let_go(retires_on=GONE),
            "open weights, no longer served by Acme (shut down on 2026-10-23)",
        ),
        ("open, served by its lab", let_go(Lifecycle.AVAILABLE, live=True), None),
        ("open, served by its lab elsewhere", at_another_door(), None),
        (
            "open, left in a plan",
            at_another_door(price_basis=PriceBasis.INCLUDED),
            "open weights, no longer sold by the token by Acme",
        ),
        ("open, of which nobody says why its lab's route is gone", let_go(Lifecycle.UNKNOWN), None),
    ],
)
def test_words(case: str, of: Contender, said: str | None) -> None:
    assert text(of) == said, case


def test_a_route_of_the_lab_that_is_excluded_is_known_all_the_same() -> None:
    (mine,) = contenders_under([let_go()], Overrides(excluded=("acme",)))
    assert mine.barred
    assert text(mine) == text(let_go())


def test_what_is_said_names_its_facts() -> None:
    assert {ref.field for each in caveats(old()) for ref in each.used} == {"lifecycle", "retires_on"}
    kept = let_go()
    assert [(ref.kind, ref.id) for each in caveats(kept) for ref in each.used] == [("route", kept.offers[1].route.id)]


@pytest.mark.parametrize(
    ("of", "name"),
    [
        (HERE, "Here"),
        (old(), "Old (retired by Acme on 2026-10-23)"),
        (old(live=False), "Old (retired by Acme on 2026-10-23; no live route left)"),
        (
            old(lifecycle=Lifecycle.AVAILABLE, retires_on=date(2027, 1, 1)),
            "Old (to be shut down on 2027-01-01)",
        ),
        (
            old(lifecycle=Lifecycle.DEPRECATED, retires_on=None),
            "Old (deprecated by Acme)",
        ),
        (contenders_under([HERE], Overrides(excluded=("host",)))[0], "Here (no live route that you may use)"),
    ],
)
def test_how_a_comparison_calls_it(of: Contender, name: str) -> None:
    assert called(of) == name


def costs(contenders: Sequence[Contender]) -> Costs:
    return {each.model.slug: monthly_cost(each, PAGE) for each in contenders}


def test_a_comparison_never_speaks_for_it_without_the_word() -> None:
    pair = (HERE, old())
    found = verdict(pair, PAGE, {})
    assert found.winner != "old"
    (other,) = (each for each in found.alternatives if each.model == "old")
    assert other.sentence.startswith("What speaks for Old (retired by Acme on 2026-10-23): ")
    assert any(
        claim.sentence == "Old does not qualify: Old was retired by Acme on 2026-10-23." for claim in found.claims
    )
    volume = next(each for each in cheapest_flips(pair, PAGE) if each.input is FlipInput.VOLUME)
    assert {"lifecycle", "retires_on"} <= {ref.field for ref in volume.used}
    flips = [each.sentence for each in cheapest_flips(pair, PAGE)]
    assert "At any number of requests Old (retired by Acme on 2026-10-23) stays the cheapest." in flips
    assert "No share of generated tokens, in whole percent, makes another model cheaper than Old." in flips
    (reasons,) = (each.reasons for each in tradeoffs(pair, PAGE) if each.model == "old")
    assert reasons[0].sentence.startswith("Old (retired by Acme on 2026-10-23) costs less a month")
    answers = {each.key: each.answer for each in faq(pair, costs(pair))}
    assert answers["cheaper"].startswith("Old (retired by Acme on 2026-10-23). ")
    assert "Old (retired by Acme on 2026-10-23) is served by Host." in [each.text for each in availability(pair)]


def test_open_weights_may_be_the_safer_pick_and_that_is_said() -> None:
    found = verdict((HERE, let_go()), PAGE)
    assert found.winner == "kept"
    assert found.sentence.startswith(
        "Kept (open weights, no longer served by Acme) is the safer pick by the weighed scorecard"
    )
    assert any(ref.kind == "route" and ref.field == "lifecycle" for ref in found.used)


def ranked(of: Contender, until: date | None = None) -> Ranking:
    return rank((of,), Requirements(lives_until=until), PAGE, on=TODAY, of=Of.MODELS)


@pytest.mark.parametrize("until", [None, TODAY, date(2027, 1, 1)])
@pytest.mark.parametrize(
    "of",
    [
        old(retires_on=None),
        old(retires_precision=DatePrecision.NOT_BEFORE),
        contender(
            model(2, "Old", **CLOSED | RETIRED | {"retires_on": None}),
            offer("host", "old", price=("1", "1"), lifecycle=Lifecycle.AVAILABLE),
        ),
    ],
)
def test_closed_weights_that_are_retired_fit_nothing(of: Contender, until: date | None) -> None:
    """Whatever the host says of its route, and whether or not a day is named."""
    found = ranked(of, until)
    assert found.fits == ()
    (near,) = found.near
    (unmet,) = near.unmet
    assert (unmet.state, unmet.found) == (State.FAILED, "retired by Acme")


def test_the_end_that_its_route_announces_counts() -> None:
    azure = offer("azure", "old", price=("1", "1"), retires_on=date(2027, 5, 15))
    of = contender(old().model, azure)
    (fits,) = ranked(of).fits
    assert sentence(fits, 1000).startswith("Old at Azure (retired by Acme on 2026-10-23): $1,200 a month")
    assert sentence(fits, 1000).endswith(" Announced to be shut down on 2027-05-15.")


def test_open_weights_fit_and_say_so() -> None:
    (fits,) = ranked(let_go()).fits
    assert sentence(fits, 1000).startswith("Kept at Host (open weights, no longer served by Acme): $120 a month")
    assert notes(let_go(), let_go().offers[0], PAGE) == ("Open weights, no longer served by Acme.",)


def test_what_is_deprecated_is_said_to_be() -> None:
    of = contender(HERE.model, offer("host", "here", price=("1", "1"), lifecycle=Lifecycle.DEPRECATED))
    (fits,) = ranked(of).fits
    assert sentence(fits, 1000).startswith("Here at Host (deprecated by Host): $1,200 a month")
    assert notes(of, of.offers[0], PAGE) == ("Deprecated by Host.",)


def test_that_a_route_is_deprecated_is_said_beside_what_is_said_of_the_model() -> None:
    of = let_go()
    route = replace(of.offers[0].route, lifecycle=Lifecycle.DEPRECATED)
    of = replace(of, loaded_offers=(replace(of.offers[0], route=route), *of.offers[1:]))
    assert notes(of, of.offers[0], PAGE) == ("Open weights, no longer served by Acme.", "Deprecated by Host.")
    (fits,) = ranked(of).fits
    assert sentence(fits, 1000).startswith(
        "Kept at Host (open weights, no longer served by Acme; deprecated by Host): "
    )


def test_it_is_no_cheaper_switch_and_no_backup() -> None:
    others = (old(), let_go())
    found = cheaper_switches(Source(HERE), others, PAGE, keep=())
    assert isinstance(found, Cheaper)
    assert [each.contender.model.slug for each in found.savings] == ["kept"]
    backed = fallbacks(Source(HERE), others, PAGE, share=Decimal("0.1"), required=())
    assert not hasattr(backed, "reason")
    assert "old" not in repr(backed)


def test_notes_say_that_no_source_gives_the_window() -> None:
    blind = contender(model(4, "Blind", task=Task.TEXT_GENERATION), offer("host", "blind", price=("1", "1")))
    assert notes(blind, blind.offers[0], PAGE) == (
        "No source gives the context window: whether it holds the largest request, 1,200 tokens, is not known.",
    )


@given(rivals(), st.data())
def test_no_sentence_that_advises_is_silent(contenders: tuple[Contender, ...], data: st.DataObject) -> None:
    """Whatever is compared: who is told to be the cheapest, or to be chosen, is called retired where it is."""
    marked = tuple(
        replace(each, model=replace(each.model, lifecycle=data.draw(st.sampled_from(Lifecycle)))) for each in contenders
    )
    gone = {each.model.slug: called(each) for each in marked if each.model.lifecycle is Lifecycle.RETIRED}
    for flip in cheapest_flips(marked, PAGE):
        told = flip.after if flip.changed is not None or flip.input is FlipInput.VOLUME else ()
        assert all(gone[slug] in flip.sentence for slug in told if slug in gone)
    for each in verdict(marked, PAGE).alternatives:
        if each.model in gone and each.strengths:
            assert each.sentence.startswith(f"What speaks for {gone[each.model]}: ")


@pytest.mark.parametrize(
    ("_case", "of_model", "of_route", "expected"),
    [
        ("nothing announced", {}, {}, []),
        ("no model known", None, {"lifecycle": Lifecycle.DEPRECATED}, ["This route: deprecated by Acme."]),
        ("a day", {}, {"retires_on": GONE}, ["This route: to be shut down on 2026-10-23."]),
        (
            "a month",
            {},
            {"retires_on": GONE, "retires_precision": DatePrecision.MONTH, "lifecycle": Lifecycle.DEPRECATED},
            ["This route: to be shut down in 2026-10."],
        ),
        ("a promise", {}, {"retires_on": GONE, "retires_precision": DatePrecision.NOT_BEFORE}, []),
        ("only the model", RETIRED, {}, ["M: retired by Acme on 2026-10-23."]),
        ("both alike", RETIRED, RETIRED, ["M: retired by Acme on 2026-10-23."]),
        (
            "each by itself",
            {"lifecycle": Lifecycle.DEPRECATED},
            {"retires_on": GONE},
            ["M: deprecated by Acme.", "This route: to be shut down on 2026-10-23."],
        ),
    ],
)
def test_a_route_says_its_end_and_its_models(
    _case: str, of_model: dict[str, Any] | None, of_route: dict[str, Any], expected: list[str]
) -> None:
    of = None if of_model is None else model(9, "M", **CLOSED | of_model)
    route = replace(offer(provider("acme"), "m", price=("1", "1")).route, **of_route)
    found = route_caveats(route, of)
    assert [each.text for each in found] == expected
    assert all(each.used for each in found)
