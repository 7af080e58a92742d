"""Where something stands on a day, and successors followed to a model that lives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dates import Announced, DatePrecision, announced
from domain.facts import FactRef, Lifecycle, Model
from domain.lifecycle import (
    Chain,
    ChainOutcome,
    Retirement,
    Succession,
    Successor,
    SuccessorKind,
    lives,
    named,
    reached,
    shutdown,
    standing,
    status,
    successor_chain,
)

TODAY = date(2026, 3, 9)
AVAILABLE, DEPRECATED, RETIRED, UNKNOWN = (
    *(Lifecycle.AVAILABLE, Lifecycle.DEPRECATED, Lifecycle.RETIRED, Lifecycle.UNKNOWN),
)
DROP_IN, OPTION = SuccessorKind


@pytest.mark.parametrize(
    ("_case", "stated", "deprecated", "retires", "expected"),
    [
        ("a word alone", AVAILABLE, None, None, AVAILABLE),
        ("nothing", UNKNOWN, None, None, UNKNOWN),
        ("the day of the shutdown", AVAILABLE, None, "2026-03-09", RETIRED),
        ("the day before", AVAILABLE, None, "2026-03-10", AVAILABLE),
        ("in this month", AVAILABLE, None, "2026-03", AVAILABLE),
        ("in the last month", AVAILABLE, None, "2026-02", RETIRED),
        ("in this year", AVAILABLE, None, "2026", AVAILABLE),
        ("not before a day long gone", AVAILABLE, None, ">=2020", AVAILABLE),
        ("not before, but said to be gone", RETIRED, None, ">=2027", RETIRED),
        ("advised against", AVAILABLE, "2026-03-09", "2026-06-01", DEPRECATED),
        ("advised against and gone", AVAILABLE, "2026-01-01", "2026-03-01", RETIRED),
        ("advised against from tomorrow", Lifecycle.PREVIEW, "2026-03-10", None, Lifecycle.PREVIEW),
        ("a word stands against a day to come", RETIRED, None, "2027-01-01", RETIRED),
    ],
)
def test_where_it_stands(
    _case: str, stated: Lifecycle, deprecated: str | None, retires: str | None, expected: Lifecycle
) -> None:
    from_, until = (announced(day) if day else None for day in (deprecated, retires))
    assert standing(stated, from_, until, TODAY) is expected


_ENDS = st.none() | st.builds(Announced, st.dates(), st.sampled_from(DatePrecision))


@given(st.sampled_from(Lifecycle), _ENDS, _ENDS, st.dates(), st.dates())
def test_what_is_retired_stays_so(
    stated: Lifecycle, deprecated: Announced | None, retires: Announced | None, one: date, other: date
) -> None:
    """And to ask again on a later day, from the answer of an earlier one, changes nothing."""
    early, late = sorted((one, other))
    then = standing(stated, deprecated, retires, early)
    if then is RETIRED:
        assert standing(stated, deprecated, retires, late) is RETIRED
    assert standing(then, deprecated, retires, late) is standing(stated, deprecated, retires, late)


def model(number: int, lifecycle: Lifecycle = AVAILABLE, routes: int = 1, retires: str | None = None) -> Model:
    end = announced(retires) if retires else None
    made = Model(number, f"m{number}", f"M{number}", lifecycle=lifecycle, route_count=routes)
    return made if end is None else replace(made, retires_on=end.day, retires_precision=end.precision)


def succession(models: Sequence[Model], edges: Mapping[int, Sequence[tuple[SuccessorKind, int | None]]]) -> Succession:
    """Edges by the number of the model; None leads out of the catalogue."""
    numbers = iter(range(1, 1000))
    return Succession(
        {
            of: [
                Successor(next(numbers), of, kind, "elsewhere" if to is None else f"M{to}", to, "x")
                for kind, to in named
            ]
            for of, named in edges.items()
        },
        {each.id: each for each in models},
    )


def told(chain: Chain) -> tuple[str, list[str], str | None, list[str]]:
    steps = [step.model.slug if step.model else step.spelling for step in chain.steps]
    return chain.outcome, steps, None if chain.end is None else chain.end.slug, [each.slug for each in chain.cycle]


GONE, LIVE, UNSAID = RETIRED, AVAILABLE, UNKNOWN


@pytest.mark.parametrize(
    ("_case", "models", "edges", "expected"),
    [
        ("lives itself", [model(1)], {}, ("LIVING", [], "m1", [])),
        ("lives itself, whatever is named", [model(1), model(2)], {1: [(DROP_IN, 2)]}, ("LIVING", [], "m1", [])),
        ("one step", [model(1, GONE), model(2)], {1: [(DROP_IN, 2)]}, ("LIVING", ["m2"], "m2", [])),
        (
            "over one that is gone too",
            [model(1, GONE), model(2, GONE), model(3)],
            {1: [(DROP_IN, 2)], 2: [(OPTION, 3)]},
            ("LIVING", ["m2", "m3"], "m3", []),
        ),
        (
            "drop-ins first, as far as they lead",
            [model(1, GONE), model(2, GONE), model(3), model(4)],
            {1: [(OPTION, 4), (DROP_IN, 2)], 2: [(DROP_IN, 3)]},
            ("LIVING", ["m2", "m3"], "m3", []),
        ),
        (
            "then options, where drop-ins lead nowhere",
            [model(1, GONE), model(2, GONE), model(3)],
            {1: [(OPTION, 3), (DROP_IN, 2)]},
            ("LIVING", ["m3"], "m3", []),
        ),
        (
            "options in their order",
            [model(1, GONE), model(2), model(3)],
            {1: [(OPTION, 3), (OPTION, 2)]},
            ("LIVING", ["m3"], "m3", []),
        ),
        ("a dead end at once", [model(1, GONE)], {}, ("DEAD_END", [], "m1", [])),
        (
            "a dead end",
            [model(1, GONE), model(2, DEPRECATED)],
            {1: [(DROP_IN, 2)]},
            ("DEAD_END", ["m2"], "m2", []),
        ),
        (
            "announced to go is no place to move to",
            [model(1, GONE), model(2, retires="2027-01")],
            {1: [(DROP_IN, 2)]},
            ("DEAD_END", ["m2"], "m2", []),
        ),
        (
            "not before a day is one",
            [model(1, GONE), model(2, retires=">=2026-01")],
            {1: [(DROP_IN, 2)]},
            ("LIVING", ["m2"], "m2", []),
        ),
        ("announced to go itself", [model(1, retires="2026-12"), model(2)], {1: [(OPTION, 2)]}, ("LIVING", ["m2"], "m2", [])),
        ("names itself", [model(1, GONE)], {1: [(DROP_IN, 1)]}, ("CYCLE", [], None, ["m1"])),
        (
            "a circle behind the first step",
            [model(1, GONE), model(2, GONE), model(3, GONE)],
            {1: [(DROP_IN, 2)], 2: [(DROP_IN, 3)], 3: [(DROP_IN, 2)]},
            ("CYCLE", ["m2", "m3"], None, ["m2", "m3"]),
        ),
        (
            "out of a circle",
            [model(1, GONE), model(2, GONE), model(3)],
            {1: [(DROP_IN, 2)], 2: [(DROP_IN, 1), (OPTION, 3)]},
            ("LIVING", ["m2", "m3"], "m3", []),
        ),
        ("not in the catalogue", [model(1, GONE)], {1: [(DROP_IN, None)]}, ("UNKNOWN", ["elsewhere"], None, [])),
        (
            "not in the catalogue, but an option is",
            [model(1, GONE), model(2)],
            {1: [(DROP_IN, None), (OPTION, 2)]},
            ("LIVING", ["m2"], "m2", []),
        ),
        ("nobody says", [model(1, GONE), model(2, UNSAID)], {1: [(DROP_IN, 2)]}, ("UNKNOWN", ["m2"], "m2", [])),
        ("nobody serves it", [model(1, GONE), model(2, routes=0)], {1: [(DROP_IN, 2)]}, ("UNKNOWN", ["m2"], "m2", [])),
        ("nobody says of the first", [model(1, UNSAID)], {}, ("UNKNOWN", [], "m1", [])),
        (
            "the first way's end is the answer",
            [model(1, GONE), model(2, UNSAID), model(3, GONE)],
            {1: [(DROP_IN, 2), (DROP_IN, 3)]},
            ("UNKNOWN", ["m2"], "m2", []),
        ),
        (
            "one that was left is not tried again",
            [model(1, GONE), model(2, GONE), model(3, GONE)],
            {1: [(DROP_IN, 2), (OPTION, 3)], 3: [(DROP_IN, 2)]},
            ("DEAD_END", ["m2"], "m2", []),
        ),
    ],
)  # fmt: skip
def test_successors_are_followed(
    _case: str,
    models: list[Model],
    edges: Mapping[int, Sequence[tuple[SuccessorKind, int | None]]],
    expected: tuple[str, list[str], str | None, list[str]],
) -> None:
    found = successor_chain(models[0], succession(models, edges), TODAY)
    assert told(found) == expected
    assert found.sentence


def test_another_day_gives_the_answer_of_that_day() -> None:
    models = [model(1, retires="2026-06-01"), replace(model(2), deprecated_on=date(2026, 5, 1)), model(3)]
    edges = succession(models, {1: [(DROP_IN, 2)], 2: [(DROP_IN, 3)]})
    assert told(successor_chain(models[0], edges, TODAY))[1] == ["m2"]
    assert told(successor_chain(models[0], edges, date(2026, 5, 1)))[1] == ["m2", "m3"]


def test_every_step_and_fact_is_named() -> None:
    models = [model(1, GONE), model(2, GONE), model(3)]
    found = successor_chain(models[0], succession(models, {1: [(DROP_IN, 2)], 2: [(OPTION, 3)]}), TODAY)
    assert found.sentence == "M1 is followed by M2, then M3, which is in use."
    assert [(step.kind, step.status) for step in found.steps] == [(DROP_IN, GONE), (OPTION, LIVE)]
    assert found.used == (
        *(FactRef("model", number, "lifecycle") for number in (1, 2, 3)),
        FactRef("model", 1, "successor.DROP_IN"),
        FactRef("model", 2, "successor.OPTION"),
    )
    assert found.living == models[2]


def test_a_retirement_stands_by_its_own_dates() -> None:
    fact = FactRef("route", 7, "retires_on")
    one = Retirement(15, fact, "host/m1", AVAILABLE, None, Announced(date(2026, 3, 10)), 1)
    assert [one.status(day) for day in (TODAY, date(2026, 3, 10))] == [AVAILABLE, RETIRED]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Model], Succession]:
    """Up to seven models with any successors, themselves and what is not in the catalogue included."""
    count = draw(st.integers(1, 7))
    models = [
        model(
            number,
            draw(st.sampled_from(Lifecycle)),
            draw(st.integers(0, 1)),
            draw(st.sampled_from([None, "2026-01", "2027-01-01", ">=2026-05"])),
        )
        for number in range(1, count + 1)
    ]
    targets = st.none() | st.integers(1, count)
    edges = {each.id: draw(st.lists(st.tuples(st.sampled_from(SuccessorKind), targets), max_size=4)) for each in models}
    return models, succession(models, {of: found for of, found in edges.items() if found})


@given(graphs())
def test_on_any_graph_it_ends_and_says_how(graph: tuple[list[Model], Succession]) -> None:
    """No model is visited twice; each step is named by the model before it; the end is what the outcome says."""
    models, edges = graph
    found = successor_chain(models[0], edges, TODAY)
    visited = [models[0].id, *(step.model.id for step in found.steps if step.model)]
    assert len(set(visited)) == len(visited)
    for before, step in zip(visited, found.steps, strict=False):
        assert step.model_id == before
        assert step in named(models[before - 1], edges, TODAY)
    last = models[visited[-1] - 1]
    match found.outcome:
        case ChainOutcome.LIVING:
            assert found.end == found.living == last
            assert lives(last, TODAY)
        case ChainOutcome.CYCLE:
            assert [each.id for each in found.cycle] == visited[visited.index(found.cycle[0].id) :]
            assert found.cycle[0] in [step.model for step in named(last, edges, TODAY)]
        case ChainOutcome.DEAD_END:
            end = shutdown(last)
            assert found.end == last
            assert named(last, edges, TODAY) == ()
            assert status(last, TODAY) in (DEPRECATED, RETIRED) or (end is not None and end.is_end)
        case ChainOutcome.UNKNOWN:
            assert (found.end == last) is (not found.steps or found.steps[-1].model is not None)
    assert (found.living is None) is (found.outcome is not ChainOutcome.LIVING)


@given(graphs())
def test_a_living_model_that_can_be_reached_is_found(graph: tuple[list[Model], Succession]) -> None:
    """And what cannot be reached changes nothing."""
    models, edges = graph
    there = reached(edges, [1])
    found = successor_chain(models[0], edges, TODAY)
    assert (found.outcome is ChainOutcome.LIVING) is any(lives(each, TODAY) for each in there.models.values())
    assert successor_chain(models[0], there, TODAY) == found
