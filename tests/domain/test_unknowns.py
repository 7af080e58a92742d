"""A decisive unknown turns the verdict when it becomes known, and what is not listed does not: asked of the verdict itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings

from domain import missing
from domain.capabilities import capability
from domain.comparability import COVERED
from domain.facts import (
    PAGE_CAPABILITIES,
    Architecture,
    CapabilityKind,
    CommercialUse,
    Contender,
    License,
    Lifecycle,
    Openness,
    PartialDate,
    Presence,
    Price,
    PriceBasis,
    Task,
)
from domain.overrides import Overrides, contenders_under
from domain.scorecard import SignalKey
from domain.unknowns import DecisiveUnknown, decisive_unknowns
from domain.verdict import verdict
from domain.workload import REFERENCE_PAGE
from tests.domain.made_up import APACHE, MIMO, MISTRAL, capabilities, contender, model, offer, result, rivals

PAGE = REFERENCE_PAGE.workload
FEW = settings(max_examples=25)
_KINDS = {
    "task": Task,
    "openness": Openness,
    "commercial_use": CommercialUse,
    "lifecycle": Lifecycle,
    "architecture": Architecture,
}
ADA = contender(
    model(
        1,
        "Ada",
        task=Task.TEXT_GENERATION,
        lifecycle=Lifecycle.AVAILABLE,
        context_window=200_000,
        license=APACHE,
        openness=Openness.OPEN_SOURCE,
    ),
    offer("alpha", price=("1", "2")),
)
BEE = replace(
    ADA, model=replace(ADA.model, id=2, slug="bee", name="Bee"), loaded_offers=(offer("alpha", price=("1", "2")),)
)


def but(one: Contender, **facts: object) -> Contender:
    return replace(one, model=replace(one.model, **facts))  # type: ignore[arg-type]


def filled(one: Contender, field: str, value: str) -> Contender:
    """The model with a missing fact filled in."""
    if field in ("context_window", "max_output", "parameters_total"):
        return but(one, **{field: int(value)})
    if field in ("released", "knowledge_cutoff"):
        return but(one, **{field: PartialDate(value)})
    if field in _KINDS:
        return but(one, **{field: _KINDS[field](value)})
    if field == "license":
        return but(one, license=License(9, "of-its-own", "Of its own"))
    assert field.startswith("capability.")
    kind, given = CapabilityKind(field.removeprefix("capability.")), one.model.capabilities
    yes = replace(given, yes=given.yes | {kind})
    return but(one, capabilities=yes if value == "YES" else replace(given, no=given.no | {kind}))


def priced(one: Contender, route: int, amounts: str) -> Contender:
    into, out = map(Decimal, amounts.split())
    offers = tuple(
        replace(
            each,
            route=replace(each.route, price_basis=PriceBasis.METERED),
            prices=(Price(1, route, input_mtok=into, output_mtok=out),),
        )
        if each.route.id == route
        else each
        for each in one.offers
    )
    return replace(one, loaded_offers=offers)


def winner_with(contenders: Sequence[Contender], slug: str, other: Contender) -> str | None:
    return verdict([other if each.model.slug == slug else each for each in contenders], PAGE).winner


def places(found: Sequence[DecisiveUnknown]) -> Mapping[tuple[str, str], list[DecisiveUnknown]]:
    listed: dict[tuple[str, str], list[DecisiveUnknown]] = {}
    for each in found:
        listed.setdefault((each.model, each.fact.field), []).append(each)
    return listed


@FEW
@given(rivals())
def test_what_is_named_gives_what_is_named(contenders: tuple[Contender, ...]) -> None:
    by_slug = {each.model.slug: each for each in contenders}
    before = verdict(contenders, PAGE).winner
    for each in decisive_unknowns(contenders, PAGE):
        assert each.before == before != each.after
        assert each.needed in each.sentence
        for value in each.values:
            one = by_slug[each.model]
            if each.fact.field.startswith("benchmark."):
                continue
            known = (
                priced(one, each.fact.id, value) if each.fact.kind == "route" else filled(one, each.fact.field, value)
            )
            assert winner_with(contenders, each.model, known) == each.after


def admissible(one: Contender) -> Iterator[tuple[str, str]]:
    """A grid over the values that missing facts of a model may have, chosen without looking at the others."""
    known = one.model
    sizes = [1, 1_000, 1_199, 1_200, 4_096, 60_000, 128_000, 333_333, 1_000_000, 1_950_000, 3_000_000]
    days = ["2020-01-01", "2024-01-01", "2024-10-15", "2025-03-01", "2025-03-02", "2026-01-15", "2026-07-07"]
    if known.context_window is None and known.task is Task.TEXT_GENERATION:
        yield from (("context_window", str(size)) for size in sizes)
    if known.max_output is None and known.task is Task.TEXT_GENERATION:
        yield from (("max_output", str(size)) for size in (*sizes, 199, 200))
    for field in ("released", "knowledge_cutoff"):
        if getattr(known, field) is None:
            yield from ((field, day) for day in days)
    for field, kind in _KINDS.items():
        if getattr(known, field).name == "UNKNOWN":
            yield from ((field, each.value) for each in kind if each.name != "UNKNOWN")
    if known.license is None:
        yield "license", "any"
    if known.parameters_total is None:
        yield "parameters_total", "70000000000"
    for ability in PAGE_CAPABILITIES:
        if capability(known, ability).presence is Presence.UNKNOWN:
            yield from ((f"capability.{ability}", value) for value in ("YES", "NO"))


@FEW
@given(rivals(most=3))
def test_what_is_not_listed_turns_nothing(contenders: tuple[Contender, ...]) -> None:
    """And where a range is listed, values outside of it give something else or are in another one."""
    listed = places(decisive_unknowns(contenders, PAGE))
    before = verdict(contenders, PAGE).winner
    for one in contenders:
        for field, value in admissible(one):
            after = winner_with(contenders, one.model.slug, filled(one, field, value))
            said = listed.get((one.model.slug, field), [])
            if after != before:
                assert after in {each.after for each in said}
            if field in ("context_window", "max_output"):
                within = [each for each in said if int(each.values[0]) <= int(value) <= int(each.values[1])]
                assert [each.after for each in within] in ([after], [])


@FEW
@given(rivals())
def test_the_order_of_models_changes_no_unknown(contenders: tuple[Contender, ...]) -> None:
    there, back = (
        {(each.model, each.fact, each.values, each.after) for each in decisive_unknowns(found, PAGE)}
        for found in (contenders, contenders[::-1])
    )
    assert there == back


def test_every_covered_fact_but_the_modalities_is_tried() -> None:
    """Two bare models: whatever becomes known of one is more than is known of the other."""
    tried = {"context_window", "max_output", "released", "knowledge_cutoff", "license", "parameters_total", *_KINDS}
    assert set(COVERED) - tried == {"input_modalities", "output_modalities"}


@pytest.mark.parametrize(
    ("_case", "pair", "sentences"),
    [
        ("all is known that matters", (ADA, BEE), []),
        (
            "the window that would qualify it, and by how much it must win then",
            (but(ADA, context_window=None), BEE),
            ["Ada: with a context window sourced, of any size, nobody would be the safer pick."],
        ),
        (
            "a licence",
            (but(ADA, license=None, openness=Openness.OPEN_WEIGHTS), BEE),
            [
                "Ada: with its license sourced (whatever it is), nobody would be the safer pick.",
            ],
        ),
    ],
)
def test_how_it_reads(_case: str, pair: tuple[Contender, Contender], sentences: list[str]) -> None:
    found = [each.sentence for each in decisive_unknowns(pair, PAGE)]
    assert [each for each in found if each in sentences] == sentences
    assert bool(found) is bool(sentences)


def test_a_missing_price_is_said_with_an_amount() -> None:
    found = decisive_unknowns((contender(ADA.model, offer("alpha", "ada")), BEE), PAGE)
    [won] = [each for each in found if each.fact.kind == "route" and each.after == "ada"]
    assert won.sentence == (
        "Ada: with a complete price of alpha/ada such as $1.06 for input and $1.00 for output per 1M tokens, Ada would be "
        "the safer pick."
    )
    assert won is found[0]  # what would make a winner comes first


def test_a_benchmark_that_only_one_has() -> None:
    """With a heavy weight on shared results, the missing score decides."""
    ours = replace(ADA, loaded_results=(result(ADA.model, "quiz", "50"),))
    weights = {key: 0 for key in verdict((ADA, BEE), PAGE).weights}
    found = decisive_unknowns((ours, BEE), PAGE, {**weights, SignalKey.SHARED_BENCHMARKS: 1})
    said = {each.fact.field: each for each in found if each.fact.field.startswith("benchmark.")}
    assert {each.after for each in found if each.fact.field == "benchmark.quiz"} == {"ada", "bee"}
    assert said["benchmark.quiz"].fact.id == BEE.model.id
    assert {each.needed for each in said.values()} <= {
        "a score better than 50 in Quiz measured the same way",
        "a score worse than 50 in Quiz measured the same way",
    }


@pytest.mark.parametrize(
    ("variants", "sources", "needed"),
    [
        (("high", "low"), ("one", "one"), ["Quiz (high)", "Quiz (low)"]),
        ((None, None), ("one", "two"), ["Quiz"]),  # two boards, of which neither says how it measured
    ],
)
def test_results_of_one_benchmark_are_told_apart_or_said_once(
    variants: tuple[str | None, ...], sources: tuple[str, ...], needed: list[str]
) -> None:
    results = tuple(
        result(ADA.model, "quiz", "50", variant=variant, source=source)
        for variant, source in zip(variants, sources, strict=True)
    )
    weights = {key: 0 for key in verdict((ADA, BEE), PAGE).weights}
    ours = replace(ADA, loaded_results=results)
    found = decisive_unknowns((ours, BEE), PAGE, {**weights, SignalKey.SHARED_BENCHMARKS: 1})
    assert [each.needed for each in found if each.after == "bee"] == [
        f"a score better than 50 in {name} measured the same way" for name in needed
    ]


def test_models_made_for_different_work_have_no_decisive_unknown() -> None:
    speech = but(BEE, task=Task.SPEECH, context_window=None)
    assert decisive_unknowns((ADA, speech), PAGE) == ()


def test_an_unknown_capability_may_be_yes_or_no() -> None:
    """It is said what either would do; neither is assumed."""
    some = but(ADA, capabilities=capabilities("VISION"))
    other = but(BEE, capabilities=capabilities("", no="VISION"))
    for each in decisive_unknowns((some, other, MISTRAL, MIMO), PAGE):
        if each.fact.field.startswith("capability."):
            assert set(each.values) <= {"YES", "NO"}
            assert ("confirmed" in each.needed) is (each.values == ("YES",))


def test_a_region_that_no_source_states_is_named() -> None:
    """Under own terms the one whose region is not known does not win, and what would make it win is said."""
    terms = Overrides(region="eu")
    here, there = replace(ADA, loaded_offers=(offer("alpha", "ada", price=("1", "2"), region="eu"),)), BEE
    pair = contenders_under((here, there), terms)
    (named,) = [each for each in decisive_unknowns(pair, PAGE) if each.fact.field == "region"]
    assert (named.model, named.fact.id, named.before, named.after) == ("bee", BEE.offers[0].route.id, "ada", None)
    assert named.sentence == (
        "Bee: with a source that alpha/some-model serves from eu, nobody would be the safer pick."
    )
    sourced = replace(BEE, loaded_offers=(offer("alpha", price=("1", "2"), region="eu"),))
    assert verdict(contenders_under((here, sourced), terms), PAGE).winner == named.after


@FEW
@given(rivals(most=3))
def test_a_named_region_gives_what_is_named(contenders: tuple[Contender, ...]) -> None:
    terms = Overrides(region="eu")
    for each in decisive_unknowns(contenders_under(contenders, terms), PAGE):
        if each.fact.field != "region":
            continue
        for value in each.values:
            sourced = tuple(_in_region(one, each.fact.id, "eu" if value == "YES" else "us") for one in contenders)
            assert verdict(contenders_under(sourced, terms), PAGE).winner == each.after


def _in_region(one: Contender, route: int, region: str) -> Contender:
    offers = (
        replace(each, route=replace(each.route, region=region)) if each.route.id == route else each
        for each in one.offers
    )
    return replace(one, loaded_offers=tuple(offers))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (("DEPRECATED", "RETIRED"), "its lifecycle sourced as deprecated or retired"),
        (("PREVIEW", "DEPRECATED", "RETIRED"), "its lifecycle sourced as anything but available"),
        (("AVAILABLE", "PREVIEW", "DEPRECATED", "RETIRED"), "its lifecycle sourced (whatever it is)"),
    ],
)
def test_kinds_are_said_the_shorter_way(values: tuple[str, ...], said: str) -> None:
    assert missing._kinds("lifecycle", Lifecycle)(values) == said
