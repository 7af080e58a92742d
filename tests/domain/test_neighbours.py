"""Which models to look at next: what is known to be shared brings two models near, and the unknown does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.capabilities import capability
from domain.facts import CapabilityKind, Contender, Lab, Lifecycle, PartialDate, Presence, Price, PriceBasis, Task
from domain.neighbours import POINTS, RULES, Neighbour, NeighbourKind, neighbours
from tests.domain.made_up import capabilities, contender, model, offer, rivals

ACME = Lab(1, "acme", "Acme")
ADA = model(1, "Ada")


def near(of: Contender, *candidates: Contender) -> list[str]:
    return [each.model.slug for each in neighbours(of, candidates)]


def named(name: str, **facts: object) -> Contender:
    """A model of Ada's family, so that it is near in any case."""
    return contender(model(sum(name.encode()), name, family="Comet", **facts))


COMET = named("Ada")


def test_what_its_lab_has_retired_is_no_next_one() -> None:
    assert near(
        COMET, named("Bee"), named("Cob", lifecycle=Lifecycle.RETIRED), named("Dot", lifecycle=Lifecycle.DEPRECATED)
    ) == ["bee", "dot"]


def both(facts: dict[str, object], others: dict[str, object]) -> tuple[Contender, Contender]:
    return contender(replace(ADA, **facts)), contender(replace(ADA, id=2, slug="bee", name="Bee", **others))  # type: ignore[arg-type]


def priced(one: str, other: str, **facts: object) -> tuple[Contender, Contender]:
    """Two models by their output prices."""
    found = both(facts, facts)
    return replace(found[0], loaded_offers=(offer("alpha", price=("1", one)),)), replace(
        found[1], loaded_offers=(offer("beta", price=("1", other)),)
    )


@pytest.mark.parametrize(
    ("_case", "pair", "expected"),
    [
        ("nothing known", both({}, {}), []),
        ("a family", both({"family": "Comet"}, {"family": "Comet"}), ["Also of the Comet family."]),
        ("other families", both({"family": "Comet"}, {"family": "Delta"}), []),
        ("a lab", both({"lab": ACME}, {"lab": Lab(1, "acme", "Acme Inc.")}), ["Also made by Acme."]),
        ("other labs of one name", both({"lab": ACME}, {"lab": Lab(2, "acme-2", "Acme")}), []),
        ("a task", both({"task": Task.SPEECH}, {"task": Task.SPEECH}), ["Also made for speech."]),
        ("no task in particular", both({"task": Task.OTHER}, {"task": Task.OTHER}), []),
        ("a task that nobody knows", both({"task": Task.SPEECH}, {}), []),
        ("twice the price", priced("1", "2"), ["Similar output price."]),
        ("more than twice", priced("1", "2.01"), []),
        ("half the price", priced("2", "1"), ["Similar output price."]),
        (
            "embeddings, by what goes in",
            priced("1", "9", task=Task.EMBEDDING),
            ["Also made for embedding.", "Similar input price."],
        ),
        (
            "two capabilities",
            both({"capabilities": capabilities("VISION REASONING")}, {"capabilities": capabilities("VISION REASONING")}),
            ["2 capabilities in common."],
        ),
        (
            "one capability",
            both({"capabilities": capabilities("VISION REASONING")}, {"capabilities": capabilities("VISION TOOL_USE")}),
            [],
        ),
        (
            "what both lack",
            both({"capabilities": capabilities(no="VISION REASONING")}, {"capabilities": capabilities(no="VISION REASONING")}),
            [],
        ),
    ],
)  # fmt: skip
def test_what_brings_near(_case: str, pair: tuple[Contender, Contender], expected: list[str]) -> None:
    found = neighbours(pair[0], [pair[1]])
    assert [reason.sentence for each in found for reason in each.reasons] == expected
    assert [each.model.slug for each in found] == (["bee"] if expected else [])


def test_a_price_that_looks_wrong_or_does_not_bill_is_no_band() -> None:
    one, other = priced("1", "1")
    for facts in ({"suspicious": "odd"}, {"currency": "CNY"}):
        [price] = other.offers[0].prices
        sheet: Price = replace(price, **facts)  # type: ignore[arg-type]
        odd = offer("beta", other_prices=(sheet,), price_basis=PriceBasis.METERED)
        assert near(one, replace(other, loaded_offers=(odd,))) == []
    assert near(one, replace(other, loaded_offers=(offer("beta", price=("1", "1"), live=False),))) == []


def test_who_is_left_out() -> None:
    """Itself, what is compared already, what is made for another task and what shares nothing."""
    text = named("Ada", task=Task.TEXT_GENERATION)
    candidates = [
        text,
        named("Bee", task=Task.TEXT_GENERATION),
        named("Cat", task=Task.SPEECH),
        named("Dog"),
        contender(model(9, "Eel")),
    ]
    assert near(text, *candidates) == ["bee", "dog"]
    assert [each.model.slug for each in neighbours(text, candidates, compared=["bee"])] == ["dog"]


def test_more_points_first_then_the_newest_then_the_name() -> None:
    dated = {"released": PartialDate("2026-03")}
    candidates = [
        named("zoe", **dated),
        named("Yak"),
        named("Ant", released=PartialDate("2025-12-31")),
        named("Cow", released=PartialDate("2026")),
        contender(model(9, "Lab", lab=ACME, **dated)),
        named("Bee", **dated),
        named("Made", lab=ACME),
    ]
    of = named("Ada", lab=ACME)
    found = neighbours(of, candidates, limit=9)
    assert [(each.model.name, each.score) for each in found] == [
        *(("Made", 6), ("Bee", 4), ("zoe", 4), ("Cow", 4), ("Ant", 4), ("Yak", 4), ("Lab", 2)),
    ]
    assert neighbours(of, candidates) == found[:6]
    assert neighbours(of, candidates, limit=0) == ()


def test_the_published_points() -> None:
    words = {
        NeighbourKind.FAMILY: "same family",
        NeighbourKind.TASK: "same task",
        NeighbourKind.LAB: "same lab",
        NeighbourKind.PRICE_BAND: "output price within a factor of two",
        NeighbourKind.CAPABILITIES: "two or more capabilities in common",
    }
    [rule] = RULES
    assert all(f"{words[kind]} {points}" in rule.text for kind, points in POINTS.items())
    assert words.keys() == POINTS.keys() == set(NeighbourKind)


FEW = settings(max_examples=15)


@st.composite
def _crowd(draw: st.DrawFn) -> tuple[Contender, ...]:
    """Models to compare, all of one task and none retired, so that none is left out."""
    task = draw(st.sampled_from(Task))
    return tuple(
        replace(each, model=replace(each.model, task=task, lifecycle=Lifecycle.UNKNOWN)) for each in draw(rivals())
    )


@FEW
@given(_crowd())
def test_nearness_is_mutual(contenders: tuple[Contender, ...]) -> None:
    """Two models swapped share the same things and have the same points."""

    def shared(of: Contender, other: Contender) -> list[tuple[int, list[NeighbourKind]]]:
        return [(each.score, [reason.kind for reason in each.reasons]) for each in neighbours(of, [other])]

    for one in contenders:
        for other in contenders:
            assert shared(one, other) == shared(other, one)


@FEW
@given(rivals(), st.data())
def test_the_order_of_candidates_changes_nothing(contenders: tuple[Contender, ...], data: st.DataObject) -> None:
    of, *others = contenders
    assert neighbours(of, data.draw(st.permutations(others))) == neighbours(of, others)


@FEW
@given(rivals())
def test_points_and_facts(contenders: tuple[Contender, ...]) -> None:
    """The score is the sum of the published points; every reason names facts of both models."""
    of, *others = contenders
    found = neighbours(of, others)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    for each in found:
        assert each.score == sum(POINTS[reason.kind] for reason in each.reasons) > 0
        assert len({reason.kind for reason in each.reasons}) == len(each.reasons)
        assert all(reason.used for reason in each.reasons)
        assert set(each.used) == {ref for reason in each.reasons for ref in reason.used}
        if {reason.kind for reason in each.reasons} != {NeighbourKind.PRICE_BAND}:
            assert {of.model.id, each.model.id} <= {ref.id for ref in each.used if ref.kind == "model"}


@FEW
@given(rivals())
def test_the_unknown_brings_nobody_near(contenders: tuple[Contender, ...]) -> None:
    def kinds(found: tuple[Neighbour, ...]) -> set[NeighbourKind]:
        return {reason.kind for each in found for reason in each.reasons}

    of, *others = contenders
    for other in others:
        shared = kinds(neighbours(of, [other]))
        pair = (of.model, other.model)
        assert NeighbourKind.TASK not in shared or Task.UNKNOWN not in {each.task for each in pair}
        assert NeighbourKind.LAB not in shared or None not in {each.lab for each in pair}
        has = [kind for kind in CapabilityKind if {capability(each, kind).presence for each in pair} == {Presence.YES}]
        assert NeighbourKind.CAPABILITIES not in shared or len(has) > 1
