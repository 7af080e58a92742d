"""A winner meets every condition, never loses the weighed scorecard, and hides nothing that speaks against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.comparability import ComparabilityLevel
from domain.dates import DatePrecision
from domain.facts import Contender, Lifecycle, Modality, Openness, Price, PriceBasis, Task
from domain.scorecard import SIGNALS, SignalKey, scorecard
from domain.verdict import (
    DEFAULT_WEIGHTS,
    THRESHOLD_PERCENT,
    Verdict,
    chosen_weights,
    outcome,
    qualification,
    verdict,
    weigh,
)
from domain.workload import CHAT, REFERENCE_PAGE
from tests.domain.made_up import APACHE, MIMO, MISTRAL, capabilities, contender, model, offer, rivals

PAGE = REFERENCE_PAGE.workload
SOUND = model(
    1,
    "Ada",
    task=Task.TEXT_GENERATION,
    lifecycle=Lifecycle.AVAILABLE,
    context_window=128_000,
    license=APACHE,
    openness=Openness.OPEN_SOURCE,
)
PRICED = offer("alpha", price=("1", "2"))
ADA = contender(SOUND, PRICED)
BEE = contender(replace(SOUND, id=2, slug="bee", name="Bee"), PRICED)


def but(one: Contender, **facts: object) -> Contender:
    return replace(one, model=replace(one.model, **facts))  # type: ignore[arg-type]


def test_the_pages_two_models() -> None:
    """The page calls the model with no price, no context window and one route the safer one. By our rule it does not
    qualify, the other does, and what speaks against the winner is said: MiMo was released later."""
    found = verdict((MISTRAL, MIMO), PAGE)
    assert (found.winner, found.reason) == ("mistral-small-4", "ONLY_ONE_QUALIFIES")
    assert found.sentence == (
        "Mistral Small 4 is the safer pick: it alone meets every condition of one "
        "(no live metered route of Xiaomi MiMo-V2.5-TTS-Series has a complete price; "
        "the context window of Xiaomi MiMo-V2.5-TTS-Series is not sourced yet)."
    )
    assert [claim.sentence for claim in found.speaks_against] == [
        "Release date: Mistral Small 4 2026-03-16; Xiaomi MiMo-V2.5-TTS-Series 2026-04-23."
    ]
    assert [each.sentence for each in found.alternatives] == ["Choose Xiaomi MiMo-V2.5-TTS-Series for a newer release."]
    assert found.qualifications[1].lacks == (
        "no live metered route of Xiaomi MiMo-V2.5-TTS-Series has a complete price",
        "the context window of Xiaomi MiMo-V2.5-TTS-Series is not sourced yet",
    )


@pytest.mark.parametrize(
    ("_case", "one", "lacks"),
    [
        ("sound", ADA, ()),
        ("deprecated", but(ADA, lifecycle=Lifecycle.DEPRECATED), ("Ada is on its way out",)),
        ("retired", but(ADA, lifecycle=Lifecycle.RETIRED), ("Ada was retired by its maker",)),
        ("announced", but(ADA, retires_on=date(2027, 1, 1)), ("Ada is on its way out",)),
        (
            "not announced, only not before a day",
            but(ADA, retires_on=date(2027, 1, 1), retires_precision=DatePrecision.NOT_BEFORE),
            (),
        ),
        ("no context window", but(ADA, context_window=None), ("the context window of Ada is not sourced yet",)),
        (
            "no licence",
            but(ADA, license=None, openness=Openness.OPEN_WEIGHTS),
            ("the license of Ada is not sourced yet",),
        ),
        ("closed weights need none", but(ADA, license=None, openness=Openness.PROPRIETARY), ()),
        (
            "only free",
            contender(SOUND, offer("alpha", price=("1", "2"), price_basis=PriceBasis.FREE)),
            ("no live metered route of Ada has a complete price",),
        ),
        (
            "gone",
            contender(SOUND, offer("alpha", price=("1", "2"), live=False)),
            ("no live metered route of Ada has a complete price",),
        ),
        (
            "half a price",
            contender(SOUND, offer("alpha", price=("1", "0"))),
            ("no live metered route of Ada has a complete price",),
        ),
        (
            "an image model needs no context window",
            contender(
                replace(SOUND, task=Task.IMAGE_GENERATION, context_window=None),
                offer(
                    "alpha",
                    other_prices=(Price(1, 1, other_units={"per_image": Decimal("0.04")}),),
                    price_basis=PriceBasis.METERED,
                ),
            ),
            (),
        ),
    ],
)
def test_qualification(_case: str, one: Contender, lacks: tuple[str, ...]) -> None:
    found = qualification(one)
    assert (found.qualifies, found.lacks) == (not lacks, lacks)


@pytest.mark.parametrize(
    ("_case", "points", "qualified", "comparable", "expected"),
    [
        ("a clear lead", {"a": 16, "b": 0}, ["a", "b"], True, ("a", "MARGIN")),
        ("exactly the threshold", {"a": 15, "b": 0}, ["a", "b"], True, (None, "MARGIN_TOO_SMALL")),
        ("not comparable", {"a": 90, "b": 0}, ["a", "b"], False, (None, "NOT_COMPARABLE")),
        ("none qualifies", {"a": 90, "b": 0}, [], True, (None, "NONE_QUALIFIES")),
        ("one alone", {"a": 1, "b": 0}, ["a"], True, ("a", "ONLY_ONE_QUALIFIES")),
        ("one alone, with as many points", {"a": 1, "b": 1}, ["a"], True, ("a", "ONLY_ONE_QUALIFIES")),
        ("one alone, but it loses", {"a": 0, "b": 1}, ["a"], True, (None, "SCORECARD_DISAGREES")),
        ("a third one has more", {"a": 50, "b": 0, "c": 51}, ["a", "b"], True, (None, "SCORECARD_DISAGREES")),
        ("the third one is not in the way", {"a": 50, "b": 0, "c": 49}, ["a", "b"], True, ("a", "MARGIN")),
    ],
)
def test_outcome(
    _case: str,
    points: Mapping[str, int],
    qualified: list[str],
    comparable: bool,
    expected: tuple[str | None, str],
) -> None:
    assert outcome(points, qualified=qualified, comparable=comparable, total_weight=100) == expected


@pytest.mark.parametrize(
    ("_case", "first", "second", "winner", "sentence"),
    [
        (
            "alike",
            ADA,
            BEE,
            None,
            "Undecided: the weighed scorecard is too close (Ada 0, Bee 0); a lead must be over 15 % of all weights.",
        ),
        (
            "cheaper in every way",
            contender(SOUND, offer("alpha", price=("0.5", "1"))),
            BEE,
            "ada",
            "Ada is the safer pick by the weighed scorecard (Ada 6, Bee 0).",
        ),
        (
            "made for something else",
            ADA,
            but(BEE, task=Task.SPEECH, output_modalities=(Modality.AUDIO,)),
            None,
            "Undecided: Ada is made for text generation, Bee for speech. "
            "Only 22 % of the tracked facts of Ada are sourced. Only 26 % of the tracked facts of Bee are sourced.",
        ),
        (
            "neither qualifies",
            but(ADA, lifecycle=Lifecycle.RETIRED),
            contender(BEE.model),
            None,
            "Undecided: no model meets every condition of a safer pick (Ada was retired by its maker; "
            "no live metered route of Bee has a complete price).",
        ),
        (
            "the only sound one loses the scorecard",
            contender(SOUND, PRICED),
            but(contender(BEE.model, offer("alpha", price=("0.5", "1"))), lifecycle=Lifecycle.DEPRECATED),
            None,
            "Undecided: only Ada can be the safer pick (Bee is on its way out), but the weighed scorecard favours another one (Bee 6, Ada 0).",
        ),
    ],
)
def test_verdicts(_case: str, first: Contender, second: Contender, winner: str | None, sentence: str) -> None:
    found = verdict((first, second), PAGE)
    assert (found.winner, found.sentence, found.decided) == (winner, sentence, winner is not None)


def test_strengths_come_by_weight_and_say_what_is_unknown() -> None:
    other = but(contender(BEE.model, offer("alpha", price=("0.5", "1"))), capabilities=capabilities("VISION REASONING"))
    ada = but(ADA, context_window=1_000_000, capabilities=capabilities(no="VISION"))
    [_, bee] = verdict((ada, other), PAGE, {SignalKey.CONTEXT_WINDOW: 9}).alternatives
    assert [(each.text, each.weight) for each in bee.strengths] == [
        ("a lower monthly cost", 4),
        ("more capabilities", 3),
        ("vision", 3),
        ("reasoning (not sourced yet for Ada)", 3),
        ("cheaper output tokens", 1),
        ("cheaper input tokens", 1),
        ("more sourced facts", 1),
    ]


def test_own_weights_decide() -> None:
    cheap = contender(SOUND, offer("alpha", price=("0.5", "1")))
    roomy = but(BEE, context_window=1_000_000)
    assert verdict((cheap, roomy), PAGE).winner is None
    assert verdict((cheap, roomy), PAGE, {SignalKey.CONTEXT_WINDOW: 100}).winner == "bee"
    assert verdict((cheap, roomy), PAGE, {SignalKey.CONTEXT_WINDOW: 0}).winner == "ada"


@pytest.mark.parametrize(
    ("_case", "own", "message"),
    [
        ("negative", {SignalKey.MAX_OUTPUT: -1}, "the weight of MAX_OUTPUT must be between 0 and 1,000, not -1"),
        ("too large", {SignalKey.MAX_OUTPUT: 1_001}, "the weight of MAX_OUTPUT must be between 0 and 1,000, not 1,001"),
        ("a row that describes", {SignalKey.DECISION_FIT: 1}, "DECISION_FIT only describes and cannot be weighed"),
    ],
)
def test_weights_are_refused(_case: str, own: Mapping[SignalKey, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        chosen_weights(own)


def test_the_published_weights() -> None:
    assert sum(DEFAULT_WEIGHTS.values()) == 24
    assert chosen_weights({SignalKey.MAX_OUTPUT: 7}) == {**DEFAULT_WEIGHTS, SignalKey.MAX_OUTPUT: 7}
    assert all(SIGNALS[key].leads for key, weight in DEFAULT_WEIGHTS.items() if weight)


_weights = st.dictionaries(
    st.sampled_from([key for key, rule in SIGNALS.items() if rule.leads]), st.integers(0, 20), max_size=5
)


@given(rivals(), _weights)
def test_a_winner_never_loses(contenders: tuple[Contender, ...], own: dict[SignalKey, int]) -> None:
    """It qualifies, leads the weighed scorecard by more than the threshold over whoever else qualifies, and every row
    that it loses is listed as speaking against it."""
    found = verdict(contenders, CHAT.workload, own)
    fit = [each.model for each in found.qualifications if each.qualifies]
    if found.winner is None:
        assert found.speaks_against == ()
        return
    assert found.winner in fit
    assert found.comparability.level is not ComparabilityLevel.NOT_COMPARABLE
    assert found.points[found.winner] == max(found.points.values())
    for other in fit:
        lead = found.points[found.winner] - found.points[other]
        assert other == found.winner or lead * 100 > THRESHOLD_PERCENT * sum(found.weights.values())
    lost = {
        each.key for each in scorecard(contenders, CHAT.workload) if each.leaders and found.winner not in each.leaders
    }
    assert {claim.signal for claim in found.speaks_against if claim.signal} == lost
    assert all(claim.against and not claim.support for claim in found.speaks_against)


@given(rivals(), _weights)
def test_swapping_the_models_mirrors_the_verdict(contenders: tuple[Contender, ...], own: dict[SignalKey, int]) -> None:
    found, mirrored = (verdict(each, CHAT.workload, own) for each in (contenders, contenders[::-1]))
    assert (found.winner, found.reason, found.margin) == (mirrored.winner, mirrored.reason, mirrored.margin)
    assert found.points == mirrored.points
    assert _strengths(found) == _strengths(mirrored)


def _strengths(found: Verdict) -> dict[str, set[object]]:
    """Without what follows the order of the models: that of ties, and of the names in a text."""
    return {
        each.model: {(one.weight, one.rule, frozenset(one.used)) for one in each.strengths}
        for each in found.alternatives
    }


@given(rivals())
def test_what_cannot_be_compared_is_undecided(contenders: tuple[Contender, ...]) -> None:
    first, *others = contenders
    apart = (
        but(first, task=Task.TEXT_GENERATION),
        *(but(each, task=Task.SPEECH, output_modalities=(Modality.AUDIO,)) for each in others),
    )
    found = verdict(apart, CHAT.workload)
    assert (found.winner, found.reason) == (None, "NOT_COMPARABLE")
    assert found.points == weigh(scorecard(apart, CHAT.workload), [each.model.slug for each in apart], DEFAULT_WEIGHTS)


def test_what_is_not_comparable_is_no_alternative() -> None:
    found = verdict((ADA, but(BEE, task=Task.SPEECH, context_window=1_000_000)), PAGE)
    assert (found.reason, found.alternatives) == ("NOT_COMPARABLE", ())
    assert any(claim.signal is SignalKey.CONTEXT_WINDOW for claim in found.claims)


def test_of_many_lacks_the_first_are_said() -> None:
    bare = [
        contender(replace(SOUND, id=id, slug=name.lower(), name=name, license=None, openness=Openness.UNKNOWN))
        for id, name in enumerate(("Ada", "Bee", "Cat"), 1)
    ]
    assert verdict(bare, PAGE).sentence == (
        "Undecided: no model meets every condition of a safer pick (no live metered route of Ada has a complete price; "
        "the license of Ada is not sourced yet; no live metered route of Bee has a complete price; "
        "the license of Bee is not sourced yet; and 2 more)."
    )
