"""What just misses, what might fit and in which order, and what is not known of those that do."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.facts import Benchmark, FactRef, Lab, Offer, Openness, ProviderKind, Task
from domain.overrides import Overrides, contenders_under
from domain.recommend import rank
from domain.required import Constraint, Floor, Requirements, State
from domain.requirements import of_model
from domain.scales import WEIGHTS, Alone, measures
from domain.scorecard import SignalKey
from domain.workload import PRESETS
from tests.domain.made_up import contender, model, offer, provider, result

PAGE = PRESETS["REFERENCE_PAGE"].workload
TODAY = date(2026, 6, 15)
HOST = provider("host", kind=ProviderKind.HOST)
ADA = model(1, "Ada", lab=Lab(1, "acme", "Acme"), task=Task.TEXT_GENERATION, context_window=100_000, max_output=8_000)


def test_near_misses_come_nearest_first_and_what_fails_twice_is_counted() -> None:
    far = contender(
        model(2, "Far", task=Task.TEXT_GENERATION, context_window=50_000), offer(HOST, "far", price=("1", "1"))
    )
    near = contender(
        model(3, "Near", task=Task.TEXT_GENERATION, context_window=90_000), offer(HOST, "near", price=("1", "1"))
    )
    closed = contender(
        model(4, "Closed", task=Task.TEXT_GENERATION, openness=Openness.PROPRIETARY, context_window=9_000_000),
        offer(HOST, "shut", price=("1", "1")),
    )
    both = contender(
        model(5, "Both", task=Task.TEXT_GENERATION, openness=Openness.PROPRIETARY, context_window=1_200),
        offer(HOST, "both", price=("1", "1")),
    )
    speech = contender(
        model(6, "Speech", task=Task.SPEECH, openness=Openness.OPEN_WEIGHTS, context_window=9_000_000),
        offer(HOST, "say", price=("1", "1")),
    )
    far, near = (replace(each, model=replace(each.model, openness=Openness.OPEN_WEIGHTS)) for each in (far, near))
    wanted = Requirements(min_context=100_000, openness=(Openness.OPEN_WEIGHTS,))
    found = rank([far, closed, both, speech, near], wanted, PAGE, on=TODAY)
    assert [one.model.name for one in found.near] == ["Near", "Far", "Closed"]
    assert (found.fits, found.left) == ((), 2)  # speech is nearly nothing else


def test_a_window_that_is_required_is_what_is_missed_also_where_the_month_does_not_fit() -> None:
    """Else what is far from what was asked for would come before what is near."""
    slight, short = (
        contender(
            model(id, name, task=Task.TEXT_GENERATION, context_window=window),
            offer(HOST, name.lower(), price=("1", "1")),
        )
        for id, name, window in ((2, "Slight", 970_000), (3, "Short", PAGE.context_need - 1))
    )
    found = rank([short, slight], Requirements(min_context=1_000_000), PAGE, on=TODAY)
    assert [one.model.name for one in found.near] == ["Slight", "Short"]
    (missed,) = found.near[1].checks()
    assert (missed.constraint, missed.state) == (Constraint.CONTEXT_WINDOW, State.FAILED)
    assert missed.ratio == Decimal(1_000_000) / (PAGE.context_need - 1)
    (misfit,) = rank([short], Requirements(min_context=1), PAGE, on=TODAY).near
    (missed,) = misfit.checks()
    assert missed.constraint is Constraint.COMPETES, "the month needs more than what is required"


def test_what_is_billed_for_what_it_writes_does_not_only_read() -> None:
    wanted = Requirements(tasks=(Task.EMBEDDING,))
    reads = contender(model(2, "Reads"), offer(HOST, "reads", price=("1", "0")))
    writes = contender(model(3, "Writes"), offer(HOST, "writes", price=("1", "2")))
    assert [one.model.name for one in rank([reads, writes], wanted, PAGE, on=TODAY).unsourced] == ["Reads"]
    (check,) = [each for each in of_model(wanted, writes) if each.constraint is Constraint.TASK]
    assert (check.state, check.found) == (State.FAILED, "billed for what it writes")
    assert check.used == (FactRef("route", writes.offers[0].route.id, "price.STANDARD.0.output"),)
    (check,) = [each for each in of_model(Requirements(tasks=(Task.EMBEDDING, Task.TEXT_GENERATION)), writes)]
    assert check.state is State.UNKNOWN


def test_what_nobody_knows_the_lab_of_comes_after_what_the_lab_makes() -> None:
    wanted = Requirements(labs=("acme",), min_context=1_000, openness=(Openness.OPEN_WEIGHTS,))
    own = contender(model(2, "Own", task=Task.TEXT_GENERATION, lab=ADA.lab), offer(HOST, "own", price=("9", "9")))
    other = contender(
        model(3, "Other", task=Task.TEXT_GENERATION, openness=Openness.OPEN_WEIGHTS, context_window=2_000),
        offer(HOST, "other", price=("1", "1")),
    )
    assert [one.model.name for one in rank([other, own], wanted, PAGE, on=TODAY).unsourced] == ["Own", "Other"]


def test_companies_that_may_or_may_not_meet_own_terms_are_no_known_number() -> None:
    here, there = (
        _placed(offer(name, "ada", price=("1", "4")), region) for name, region in (("one", "eu"), ("two", None))
    )
    (found,) = contenders_under([contender(ADA, here, there)], Overrides(region="eu"))
    (row,) = [
        each
        for each in measures(Alone(found, TODAY), here.route, Decimal(9), PAGE)
        if each.signal is SignalKey.PROVIDER_ROUTES
    ]
    assert (row.points, row.display) == (None, "at least 1 company")
    assert FactRef("route", there.route.id, "region") in row.used
    (one,) = rank([found], Requirements(), PAGE, on=TODAY).fits
    assert one.at_best >= one.score + 1000 * WEIGHTS[SignalKey.PROVIDER_ROUTES]


def test_the_length_of_a_vector_is_no_merit() -> None:
    embeds = contender(replace(ADA, task=Task.EMBEDDING), offer("one", "ada", price=("1", "0"), max_output=4_096))
    (row,) = [
        each
        for each in measures(Alone(embeds, TODAY), embeds.offers[0].route, Decimal(9), PAGE)
        if each.signal is SignalKey.MAX_OUTPUT
    ]
    assert (row.points, row.display) == (0, "not applicable")


def test_results_in_another_setting_are_named_and_do_not_count() -> None:
    bash = replace(
        result(ADA, "swe-bench-verified-bash-only", "72.8"),
        benchmark=Benchmark(9, "swe-bench-verified-bash-only", "SWE-bench Verified", "bash only"),
    )
    one = contender(ADA, offer(HOST, "ada", price=("1", "1")), results=(bash,))
    (check,) = [
        each
        for each in of_model(Requirements(benchmarks=(Floor("swe-bench-verified", Decimal(70)),)), one)
        if each.constraint is Constraint.BENCHMARK
    ]
    assert (check.state, check.found) == (State.UNKNOWN, "not sourced yet, only 72.8 on swe-bench-verified-bash-only")


def _placed(of: Offer, region: str | None) -> Offer:
    return replace(of, route=replace(of.route, region=region))
