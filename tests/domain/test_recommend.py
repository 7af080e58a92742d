"""Who fits, who just misses, and in which order: cases first, then what holds for any catalogue."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.capabilities import doubts
from domain.dates import DatePrecision
from domain.facts import (
    CapabilityKind,
    CommercialUse,
    Contender,
    FactRef,
    Lab,
    License,
    Lifecycle,
    Modality,
    Offer,
    Openness,
    PartialDate,
    PriceBasis,
    ProviderKind,
    Task,
)
from domain.overrides import Overrides, contenders_under
from domain.recommend import Candidate, Of, Ranking, benchmark_front, capability_front, display, rank, sentence
from domain.required import Constraint, Floor, Requirements, State
from domain.requirements import capability_check
from domain.scales import WEIGHTS, Alone, chosen_weights, measures
from domain.scorecard import SignalKey
from domain.workload import PRESETS
from tests.domain.made_up import capabilities, contender, contenders, model, offer, provider, result, rivals

PAGE = PRESETS["REFERENCE_PAGE"].workload
TODAY = date(2026, 6, 15)
HOST = provider("host", kind=ProviderKind.HOST)
ADA = model(
    1,
    "Ada",
    lab=Lab(1, "acme", "Acme"),
    task=Task.TEXT_GENERATION,
    released=PartialDate("2026-03"),
    context_window=100_000,
    max_output=8_000,
    license=License(1, "mit", "MIT", spdx="MIT"),
    openness=Openness.OPEN_SOURCE,
    commercial_use=CommercialUse.ALLOWED,
    input_modalities=(Modality.TEXT, Modality.IMAGE),
    output_modalities=(Modality.TEXT,),
    capabilities=capabilities("TOOL_USE", no="REASONING"),
    lifecycle=Lifecycle.AVAILABLE,
)


def ranked(*of: Contender, wanted: Requirements | None = None, by: Of = Of.MODELS) -> Ranking:
    return rank(of, wanted or Requirements(), PAGE, on=TODAY, of=by)


def ada(**route: object) -> Contender:
    return contender(ADA, offer(HOST, "ada", price=("0.15", "0.60"), **route), results=(result(ADA, "quiz", "40"),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("_case", "wanted", "route", "constraint", "state", "sentence"),
    [
        ("a capability that the model has", {"capabilities": (CapabilityKind.TOOL_USE,)}, {}, None, None, ""),
        ("the route says no", {"capabilities": (CapabilityKind.TOOL_USE,)}, {"capabilities": capabilities(no="TOOL_USE")},
         Constraint.CAPABILITY, State.FAILED, "Capability: tool use is required; the route does not have it."),
        ("a route has what its model has not", {"capabilities": (CapabilityKind.REASONING,)}, {"capabilities": capabilities("REASONING")}, None, None, ""),
        ("a capability that nobody states", {"capabilities": (CapabilityKind.COMPUTER_USE,)}, {},
         Constraint.CAPABILITY, State.UNKNOWN, "Capability: computer use is required; that is not sourced yet."),
        ("one image", {"inputs": (Modality.IMAGE,)}, {}, None, None, ""),
        ("no images here", {"inputs": (Modality.IMAGE,)}, {"input_modalities": (Modality.TEXT,)},
         Constraint.INPUT, State.FAILED, "Input: image is required; here it is text."),
        ("a long context", {"min_context": 200_000}, {},
         Constraint.CONTEXT_WINDOW, State.FAILED, "Context window: at least 200k tokens is required; it has 100k, off by a factor of 2."),
        ("the route's own context", {"min_context": 200_000}, {"context_window": 200_000}, None, None, ""),
        ("long answers", {"min_output": 16_000}, {},
         Constraint.MAX_OUTPUT, State.FAILED, "Max output: at least 16k tokens is required; it has 8k, off by a factor of 2."),
        ("the cost at the limit", {"max_monthly_cost": Decimal(270)}, {}, None, None, ""),
        ("too dear", {"max_monthly_cost": Decimal(180)}, {},
         Constraint.MONTHLY_COST, State.FAILED, "Monthly cost: at most $180 a month is required; here it is $270, off by a factor of 1.5."),
        ("a dear output", {"max_output_price": Decimal("0.3")}, {},
         Constraint.OUTPUT_PRICE, State.FAILED, "Output price: at most $0.30/1M tokens is required; here it is $0.60/1M tokens, off by a factor of 2."),
        ("proprietary", {"openness": (Openness.PROPRIETARY,)}, {},
         Constraint.OPENNESS, State.FAILED, "Openness: proprietary is required; here it is open source."),
        ("a licence by its SPDX id", {"licenses": ("mit", "apache-2.0")}, {}, None, None, ""),
        ("another licence", {"licenses": ("apache-2.0",)}, {},
         Constraint.LICENSE, State.FAILED, "License: apache-2.0 is required; here it is MIT."),
        ("commercial use", {"commercial_use": (CommercialUse.ALLOWED,)}, {}, None, None, ""),
        ("a provider", {"providers": ("host", "other")}, {}, None, None, ""),
        ("a kind of provider", {"provider_kinds": (ProviderKind.HOST,)}, {}, None, None, ""),
        ("a region that nobody states", {"regions": ("eu",)}, {}, Constraint.REGION, State.UNKNOWN, "Region: eu is required; that is not sourced yet."),
        ("a part of a region", {"regions": ("eu",)}, {"region": "eu-west-1"}, None, None, ""),
        ("no region by half a word", {"regions": ("eu",)}, {"region": "europe"}, Constraint.REGION, State.FAILED, "Region: eu is required; here it is europe."),
        ("released before", {"released_after": date(2026, 5, 1)}, {},
         Constraint.RELEASED, State.FAILED, "Released: later than 2026-05-01 is required; here it is 2026-03."),
        ("in that month, nobody knows when", {"released_after": date(2026, 3, 10)}, {},
         Constraint.RELEASED, State.UNKNOWN, "Released: later than 2026-03-10 is required; that is 2026-03."),
        ("no shutdown announced", {"lives_until": date(2027, 1, 1)}, {}, None, None, ""),
        ("shut down before", {"lives_until": date(2027, 1, 1)}, {"retires_on": date(2026, 12, 1)},
         Constraint.LIFECYCLE, State.FAILED, "Lifecycle: in service until 2027-01-01 is required; shut down on 2026-12-01, 31 days too early."),
        ("shut down that day", {"lives_until": date(2027, 1, 1)}, {"retires_on": date(2027, 1, 1)}, None, None, ""),
        ("shut down in the month before", {"lives_until": date(2027, 1, 1)},
         {"retires_on": date(2026, 12, 31), "retires_precision": DatePrecision.MONTH},
         Constraint.LIFECYCLE, State.FAILED, "Lifecycle: in service until 2027-01-01 is required; shut down in 2026-12, at least 1 day too early."),
        ("shut down some day in that month", {"lives_until": date(2026, 12, 15)},
         {"retires_on": date(2026, 12, 31), "retires_precision": DatePrecision.MONTH},
         Constraint.LIFECYCLE, State.UNKNOWN, "Lifecycle: in service until 2026-12-15 is required; that is shut down in 2026-12."),
        ("nothing happens before", {"lives_until": date(2027, 1, 1)},
         {"retires_on": date(2026, 12, 1), "retires_precision": DatePrecision.NOT_BEFORE}, None, None, ""),
        ("nobody asks, shut down in two weeks", {}, {"retires_on": date(2026, 6, 29)},
         Constraint.LIFECYCLE, State.FAILED, "Lifecycle: in service until 2026-09-13 is required; shut down on 2026-06-29, 76 days too early."),
        ("nobody asks, shut down in 90 days", {}, {"retires_on": date(2026, 9, 13)}, None, None, ""),
        ("nobody asks, some day this quarter or later", {}, {"retires_on": date(2026, 12, 31), "retires_precision": DatePrecision.YEAR}, None, None, ""),
        ("nobody asks, nobody says", {}, {"lifecycle": Lifecycle.UNKNOWN}, None, None, ""),
        ("today is enough, nobody says", {"lives_until": TODAY}, {"lifecycle": Lifecycle.DEPRECATED}, None, None, ""),
        ("today is enough", {"lives_until": date(2026, 6, 15)}, {"retires_on": date(2026, 6, 29)}, None, None, ""),
        ("deprecated, nobody says until when", {"lives_until": date(2027, 1, 1)}, {"lifecycle": Lifecycle.DEPRECATED},
         Constraint.LIFECYCLE, State.UNKNOWN, "Lifecycle: in service until 2027-01-01 is required; that is deprecated, no shutdown announced."),
        ("a score", {"benchmarks": (Floor("quiz", Decimal(40)),)}, {}, None, None, ""),
        ("a low score", {"benchmarks": (Floor("quiz", Decimal(50)),)}, {},
         Constraint.BENCHMARK, State.FAILED, "Benchmark: at least 50 on quiz is required; its best is 40 (percent), off by a factor of 1.25."),
        ("a test that nobody ran", {"benchmarks": (Floor("exam", Decimal(50)),)}, {},
         Constraint.BENCHMARK, State.UNKNOWN, "Benchmark: 50 on exam is required; that is not sourced yet."),
        ("no price", {}, {"price_basis": PriceBasis.FREE},
         Constraint.COMPETES, State.FAILED, "Price: a cost at this workload is required; this route does not compete (free)."),
        ("a small window", {}, {"context_window": 600},
         Constraint.COMPETES, State.FAILED, "Price: a cost at this workload is required; this route does not compete (context too small), off by a factor of 2."),
        ("hardly less", {"min_context": 102_400}, {},
         Constraint.CONTEXT_WINDOW, State.FAILED, "Context window: at least 102,400 tokens is required; it has 100,000, off by a factor of 1.02."),
        ("less than a cent", {"max_monthly_cost": Decimal("0.004")}, {},
         Constraint.MONTHLY_COST, State.FAILED, "Monthly cost: at most $0.004 a month is required; here it is $270, off by a factor of 67500."),
        ("both need a window", {"min_context": 1_000}, {"context_window": 600},
         Constraint.COMPETES, State.FAILED, "Price: a cost at this workload is required; this route does not compete (context too small), off by a factor of 2."),
    ],
)  # fmt: skip
def test_one_requirement(
    _case: str,
    wanted: dict[str, object],
    route: dict[str, object],
    constraint: Constraint | None,
    state: State | None,
    sentence: str,
) -> None:
    found = ranked(ada(**route), wanted=Requirements(**wanted))  # type: ignore[arg-type]
    unmet = [check for one in (*found.fits, *found.unsourced, *found.near) for check in one.unmet]
    assert [(each.constraint, each.state) for each in unmet] == ([] if constraint is None else [(constraint, state)])
    assert [each.sentence for each in unmet] == ([] if not sentence else [sentence])
    assert (len(found.fits), len(found.unsourced), len(found.near), found.left) == {
        None: (1, 0, 0, 0), State.UNKNOWN: (0, 1, 0, 0), State.FAILED: (0, 0, 1, 0)
    }[state]  # fmt: skip


def test_a_model_is_judged_by_its_best_route() -> None:
    dear, cheap = offer(HOST, "dear", price=("2", "2")), offer(HOST, "cheap", price=("1", "1"))
    gone, free = offer(HOST, "gone", price=("0.1", "0.1"), live=False), offer(HOST, "free", price_basis=PriceBasis.FREE)
    found = ranked(contender(ADA, dear, cheap, gone, free))
    assert [one.route.key for one in found.fits] == ["host/cheap"]
    by_route = ranked(contender(ADA, dear, cheap, gone, free), by=Of.ROUTES)
    assert [one.route.key for one in by_route.fits] == ["host/cheap", "host/dear"]
    assert [one.route.key for one in by_route.near] == ["host/free"]


def test_a_model_may_just_miss_on_one_route_and_lack_a_price_on_another() -> None:
    dear, unpriced = offer(HOST, "dear", price=("0.15", "0.60")), offer(HOST, "none", price_basis=PriceBasis.METERED)
    found = ranked(contender(ADA, dear, unpriced), wanted=Requirements(max_monthly_cost=Decimal(180)))
    assert [one.route.key for one in found.near] == ["host/dear"]
    assert [one.route.key for one in found.unsourced] == ["host/none"]
    assert (found.fits, found.left) == ((), 0)


def test_points_and_equal_scores() -> None:
    one, two = ada(), contender(model(2, "Zoe"), offer(HOST, "zoe", price=("0.15", "0.60")))
    found = ranked(one, Contender(ADA, two.offers, ()), wanted=Requirements(tasks=()))
    assert [each.rank for each in found.fits] == [1, 1]
    best = found.fits[0]
    shown = {each.signal: (each.points, each.display) for each in found.measures(best)}
    assert shown == {
        SignalKey.MONTHLY_COST: (662, "$270 a month at Host"),  # 0.225 USD per million tokens
        SignalKey.CAPABILITY_BREADTH: (100, "1 of 10"),
        SignalKey.RELEASE_DATE: (917, "2026-03"),
        SignalKey.PROVIDER_ROUTES: (0, "1 company"),
        SignalKey.CONTEXT_WINDOW: (518, "100k tokens"),
        SignalKey.LICENSE_FREEDOM: (1000, "Open source"),
        SignalKey.MAX_OUTPUT: (392, "8k tokens"),
        SignalKey.KNOWLEDGE_CUTOFF: (None, "not sourced yet"),
        SignalKey.EVIDENCE_COVERAGE: (shown[SignalKey.EVIDENCE_COVERAGE][0], shown[SignalKey.EVIDENCE_COVERAGE][1]),
    }
    assert best.score == sum(WEIGHTS[each.signal] * (each.points or 0) for each in found.measures(best))
    assert best.at_best == best.score + 1000 * WEIGHTS[SignalKey.KNOWLEDGE_CUTOFF]


@pytest.mark.parametrize(
    ("_case", "own", "words"),
    [
        ("no scale", {SignalKey.BEST_FOR: 1}, "BEST_FOR has no scale of its own"),
        ("negative", {SignalKey.MAX_OUTPUT: -1}, "must be between 0 and 1,000"),
        ("nothing", dict.fromkeys(WEIGHTS, 0), "at least one weight"),
    ],
)
def test_weights_that_no_ranking_takes(_case: str, own: dict[SignalKey, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        chosen_weights(own)


def test_fronts() -> None:
    several = [
        contender(model(id, name, capabilities=capabilities(can), context_window=8_000), offer(HOST, name, price=(price, "1")), results=tuple(
            result(model(id, name), "quiz", score, harness="bench") for score in scores))
        for id, name, price, can, scores in [
            (1, "Ada", "1", "TOOL_USE", ["40"]), (2, "Bee", "2", "TOOL_USE REASONING", ["30"]),
            (3, "Cat", "3", "TOOL_USE", ["50"]), (4, "Dog", "4", "", [])]
    ]  # fmt: skip
    fits = ranked(*several, wanted=Requirements(tasks=())).fits
    by_count = {one.model.name: placed.dominated_by for placed, one in capability_front(fits).placed}
    assert by_count == {"Ada": None, "Bee": None, "Cat": "bee host/Bee", "Dog": "bee host/Bee"}
    quiz = benchmark_front(fits, "quiz")
    assert {one.model.name: placed.dominated_by for placed, one in quiz.placed} == {
        "Ada": None,
        "Bee": "ada host/Ada",
        "Cat": None,
    }
    assert (quiz.left_out, quiz.measured) == (1, "quiz, 2025, percent, bench, one")
    assert benchmark_front(fits, "exam").placed == ()


_wanted = st.builds(
    Requirements,
    tasks=st.sampled_from([(), (Task.TEXT_GENERATION,)]),
    capabilities=st.sets(st.sampled_from(CapabilityKind), max_size=2).map(tuple),
    min_context=st.none() | st.integers(1, 500_000),
    openness=st.sampled_from([(), (Openness.OPEN_SOURCE, Openness.OPEN_WEIGHTS)]),
)


@given(rivals(), _wanted, st.sampled_from(Of))
def test_what_fits_meets_everything_and_nothing_is_lost(
    of: tuple[Contender, ...], wanted: Requirements, by: Of
) -> None:
    found = rank(of, wanted, PAGE, on=TODAY, of=by)
    for one in found.fits:
        assert {check.state for check in found.checks(one)} <= {State.MET}
        assert one.score <= one.at_best <= found.whole
    for one in found.unsourced:
        assert {check.state for check in one.unmet} == {State.UNKNOWN}
    for one in found.near:
        assert [check.state for check in found.checks(one) if check.state is not State.MET] == [State.FAILED]
    every = (*found.fits, *found.unsourced, *found.near)
    if by is Of.ROUTES:
        assert len(every) + found.left == sum(len(each.live) for each in of)
    else:
        assert len({one.model.id for one in every}) + found.left == sum(bool(each.live) for each in of)
        assert not {one.model.id for one in found.fits} & {one.model.id for one in (*found.unsourced, *found.near)}


@given(rivals(), st.sampled_from(Of))
def test_a_region_of_own_terms_is_told_like_a_required_one(of: tuple[Contender, ...], by: Of) -> None:
    """The same fit, lack only the fact, just miss, or are left out."""
    told = tuple(
        replace(one, loaded_offers=tuple(_placed(each, (None, "eu", "us")[n % 3]) for n, each in enumerate(one.offers)))
        for one in of
    )
    required = rank(told, Requirements(regions=("eu",)), PAGE, on=TODAY, of=by)
    own = rank(contenders_under(told, Overrides(region="eu")), Requirements(), PAGE, on=TODAY, of=by)

    def keys(some: tuple[Candidate, ...]) -> set[tuple[str, str]]:
        return {(one.model.slug, one.route.key) for one in some}

    for listed in ("fits", "unsourced", "near"):
        assert keys(getattr(own, listed)) == keys(getattr(required, listed))
    assert own.left == required.left


def _placed(of: Offer, region: str | None) -> Offer:
    return replace(of, route=replace(of.route, region=region))


@given(rivals(least=3))
def test_the_order_of_two_does_not_depend_on_the_others(of: tuple[Contender, ...]) -> None:
    wanted = Requirements(tasks=())
    every = [one.model.slug for one in rank(of, wanted, PAGE, on=TODAY).fits]
    fewer = [one.model.slug for one in rank(of[1:], wanted, PAGE, on=TODAY).fits]
    assert [slug for slug in every if slug != of[0].model.slug] == fewer


@given(contenders(1, "Ada"), st.integers(1, 400_000), st.integers(1, 400_000))
def test_a_stricter_requirement_fits_no_more(of: Contender, one: int, other: int) -> None:
    def fits(floor: int) -> set[str]:
        wanted = Requirements(tasks=(), min_context=floor)
        return {each.route.key for each in rank([of], wanted, PAGE, on=TODAY, of=Of.ROUTES).fits}

    assert fits(max(one, other)) <= fits(min(one, other))


@given(contenders(1, "Ada"))
def test_points_stay_on_their_scale(of: Contender) -> None:
    alone = Alone(of, TODAY)
    for each in of.live:
        found = measures(alone, each.route, Decimal(100), PAGE)
        assert [measure.signal for measure in found] == list(WEIGHTS)
        assert all(measure.points is None or 0 <= measure.points <= 1000 for measure in found)
        assert all((measure.points is None) == (measure.display == "not sourced yet") for measure in found)


def test_an_offer_without_a_price_is_no_candidate_of_a_front() -> None:
    unpriced: Offer = offer(HOST, "none", price_basis=PriceBasis.METERED)
    one: Candidate = ranked(contender(ADA, unpriced)).unsourced[0]
    assert (one.cost, capability_front([one]).left_out) == (None, 1)


def test_whatever_is_listed_says_when_it_ends() -> None:
    """In its sentence, whether it fits or not; the model's end counts where the route has none."""
    ends = replace(ADA, retires_on=date(2027, 1, 1))
    ranking = ranked(contender(ends, offer(HOST, "ada", price=("0.15", "0.60"))))
    (one,) = ranking.fits
    assert sentence(one, ranking.whole).endswith(" of 100 points. Announced to be shut down on 2027-01-01.")
    (check,) = (each for each in ranking.checks(one) if each.constraint is Constraint.LIFECYCLE)
    assert (check.state, check.used) == (State.MET, (FactRef("model", ADA.id, "retires_on"),))
    (near,) = ranked(ada(retires_on=date(2026, 7, 1))).near
    assert sentence(near, 1) == "Ada at Host: $270 a month. Announced to be shut down on 2026-07-01."
    assert "shut down" not in sentence(ranked(ada()).fits[0], 1)


def test_room_that_nobody_states_is_no_fit() -> None:
    """A window that no source gives holds nothing for certain, whatever is asked for besides."""
    unknown = contender(replace(ADA, context_window=None), offer(HOST, "ada", price=("0.15", "0.60")))
    found = ranked(unknown, wanted=Requirements(tasks=()))
    assert (found.fits, found.near) == ((), ())
    (one,) = found.unsourced
    (check,) = one.checks()
    assert (check.constraint, check.state) == (Constraint.CONTEXT_WINDOW, State.UNKNOWN)
    assert check.sentence == (
        f"Context window: room for the largest request of {PAGE.context_need:,} tokens is required; that is not sourced yet."
    )
    assert ranked(ada(), wanted=Requirements(tasks=())).fits


@pytest.mark.parametrize(
    ("case", "facts", "price", "said", "shown"),
    [
        ("a cost", {}, ("0.15", "0.6"), "Ada at Host: $270 a month", "$270"),
        (
            "too small",
            {"context_window": 1_000},
            ("0.15", "0.6"),
            "Ada at Host: it does not compete at this workload.",
            "does not compete",
        ),
        ("no price", {}, None, "Ada at Host: what it costs is not sourced yet.", "not sourced yet"),
    ],
)
def test_what_does_not_compete_is_not_said_to_be_unsourced(
    case: str, facts: dict[str, int], price: tuple[str, str] | None, said: str, shown: str
) -> None:
    found = ranked(contender(replace(ADA, **facts), offer(HOST, "ada", price=price)))  # type: ignore[arg-type]
    (one,) = (*found.fits, *found.unsourced, *found.near)
    assert (sentence(one, found.whole).startswith(said), display(one)) == (True, shown), case


@pytest.mark.parametrize(
    ("_case", "yes", "no", "expected"),
    [
        ("the route alone states it", "REASONING", "", ("Reasoning is stated of host/ada alone; of Ada itself it is denied.",)),
        ("the route does not speak of it", "VISION", "", ()),
        ("the route denies it too", "VISION", "REASONING", ()),
        ("the model has it as well", "TOOL_USE", "", ()),
    ],
)  # fmt: skip
def test_a_routes_lone_yes_against_its_models_no_is_noted(
    _case: str, yes: str, no: str, expected: tuple[str, ...]
) -> None:
    """It is met, and both facts are named."""
    route = replace(offer(HOST, "ada").route, key="host/ada", capabilities=capabilities(yes, no=no))
    wanted = Requirements(capabilities=(CapabilityKind.REASONING, CapabilityKind.TOOL_USE))
    assert doubts(wanted.capabilities, ADA, route) == expected
    check = capability_check(CapabilityKind.REASONING, ADA, route)
    assert (check.found == "the route has it, its model does not") is bool(expected)
    if expected:
        assert check.state is State.MET
        assert {ref.kind for ref in check.used} == {"route", "model"}
