"""Only what was measured the same way stands in one row; the rest is refused with what blocks it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given

from domain.benchmarks import Said, blocked_by, said, shared_benchmarks, told_apart
from domain.facts import Benchmark, BenchmarkResult, Contender, PartialDate
from tests.domain.made_up import contender, model, result, rivals

A, B, C = model(1, "Ada"), model(2, "Bee"), model(3, "Cat")
BASH_ONLY = "SWE-bench Verified bash only"
FULL = {"harness": "bench", "variant": "high", "runner": "lab"}
QUIZ = result(A, "quiz", "50", **FULL)


@pytest.mark.parametrize(
    ("_case", "other", "blocked"),
    [
        ("all the same", replace(QUIZ, source="two"), ()),
        ("another version", replace(QUIZ, benchmark=Benchmark(1, "quiz", "Quiz", "2024")), ("version",)),
        ("another metric", replace(QUIZ, metric="elo"), ("metric",)),
        ("another harness and effort", replace(QUIZ, harness="own", variant="low"), ("harness", "variant")),
        ("another runner", replace(QUIZ, runner="third-party"), ("runner",)),
        ("one side does not say", replace(QUIZ, runner=None), ("runner",)),
    ],
)
def test_conditions(_case: str, other: BenchmarkResult, blocked: tuple[str, ...]) -> None:
    assert blocked_by(QUIZ, other) == blocked_by(other, QUIZ) == blocked


@pytest.mark.parametrize(("_case", "source", "blocked"), [("one source", "one", ()), ("two", "two", ("harness",))])
def test_what_neither_states_agrees_within_one_source(_case: str, source: str, blocked: tuple[str, ...]) -> None:
    silent = replace(QUIZ, harness=None)
    assert blocked_by(silent, replace(silent, source=source)) == blocked


def test_a_row_of_three_and_a_refused_pair() -> None:
    found = shared_benchmarks(
        (
            contender(A, results=(QUIZ,)),
            contender(B, results=(result(B, "quiz", "60", **FULL),)),
            contender(C, results=(result(C, "quiz", "99", **{**FULL, "harness": "own"}),)),
        )
    )
    [row] = found.rows
    assert {slug: each.score for slug, each in row.results.items()} == {"ada": Decimal(50), "bee": Decimal(60)}
    assert row.leaders == ("bee",)
    assert [(each.first, each.second, each.blocked_by) for each in found.refused] == [
        ("ada", "cat", ("harness",)),
        ("bee", "cat", ("harness",)),
    ]


@pytest.mark.parametrize(
    ("_case", "first", "second", "name", "blocked"),
    [
        ("two versions", Benchmark(1, "quiz-2025", "Quiz", "2025"), Benchmark(2, "quiz-2026", "Quiz", "2026"), "Quiz", ("version",)),
        ("in one harness", Benchmark(1, "bash", BASH_ONLY), Benchmark(2, "swe", "SWE-bench Verified"), "SWE-bench Verified", ("harness",)),
        ("another benchmark", Benchmark(1, "gpqa", "GPQA"), Benchmark(2, "gpqa-diamond", "GPQA Diamond"), None, None),
    ],
)  # fmt: skip
def test_one_benchmark_whatever_its_version_and_name(
    _case: str, first: Benchmark, second: Benchmark, name: str | None, blocked: tuple[str, ...] | None
) -> None:
    """The slug has the version: pairs are found by what the benchmark is."""
    ours, theirs = replace(QUIZ, benchmark=first), replace(QUIZ, id=2, model_id=2, benchmark=second)
    found = shared_benchmarks((contender(A, results=(ours,)), contender(B, results=(theirs,))))
    assert found.rows == ()
    assert [(each.name, each.blocked_by) for each in found.refused] == ([] if name is None else [(name, blocked)])


def test_less_is_better_for_errors() -> None:
    found = shared_benchmarks(
        [contender(of, results=(result(of, "talk", score, metric="WER"),)) for of, score in ((A, "4.1"), (B, "5"))]
    )
    assert (found.rows[0].less_is_better, found.rows[0].leaders) == (True, ("ada",))


def test_equal_scores_have_no_leader() -> None:
    found = shared_benchmarks([contender(of, results=(result(of, "quiz", "7"),)) for of in (A, B)])
    assert found.rows[0].leaders == ()


def test_the_newest_of_one_model_counts() -> None:
    old, new = (
        result(A, "quiz", score, date=PartialDate(day)) for score, day in (("40", "2025-01"), ("70", "2026-01"))
    )
    found = shared_benchmarks((contender(A, results=(new, old)), contender(B, results=(result(B, "quiz", "50"),))))
    assert (found.rows[0].results["ada"].score, found.rows[0].leaders) == (Decimal(70), ("ada",))


QUIET: Said = ("Quiz", "2025", None, None, "percent", None)


@pytest.mark.parametrize(
    ("_case", "every", "names"),
    [
        ("one alone", [QUIET], ["Quiz"]),
        ("another benchmark", [QUIET, ("Exam", *QUIET[1:])], ["Quiz", "Exam"]),
        ("another version", [QUIET, ("Quiz", "2026", *QUIET[2:])], ["Quiz (2025)", "Quiz (2026)"]),
        (
            "what tells apart is enough",
            [("Quiz", "2025", "high", "own", "percent", None), ("Quiz", "2025", "low", "bench", "percent", "lab")],
            ["Quiz (high)", "Quiz (low)"],
        ),
        (
            "two things, for whom one is not enough",
            [("Quiz", "1", "high", *QUIET[3:]), ("Quiz", "2", "high", *QUIET[3:]), ("Quiz", "2", "low", *QUIET[3:])],
            ["Quiz (1)", "Quiz (2, high)", "Quiz (2, low)"],
        ),
        ("one does not say", [QUIET, ("Quiz", "2025", "high", *QUIET[3:])], ["Quiz", "Quiz (high)"]),
        ("nothing that is stated differs", [QUIET, QUIET], ["Quiz", "Quiz"]),
    ],
)
def test_results_on_one_benchmark_are_told_apart(_case: str, every: list[Said], names: list[str]) -> None:
    assert list(told_apart(every)) == names


def test_a_row_and_a_result_say_the_same() -> None:
    (row,) = shared_benchmarks((contender(A, results=(QUIZ,)), contender(B, results=(replace(QUIZ, model_id=2),)))).rows
    assert said(row.name, row) == said("Quiz", QUIZ) == ("Quiz", "2025", "high", "bench", "percent", "lab")


def test_nothing_shared_is_an_answer() -> None:
    found = shared_benchmarks((contender(A), contender(B)))
    assert (found.rows, found.refused) == ((), ())


@given(rivals(1))
def test_rows_join_and_refused_pairs_do_not(contenders: tuple[Contender, ...]) -> None:
    found = shared_benchmarks(contenders)
    for row in found.rows:
        assert len(row.results) > 1
        assert all(blocked_by(one, other) == () for one, other in combinations(row.results.values(), 2))
        best = (min if row.less_is_better else max)(each.score for each in row.results.values())
        assert all(row.results[slug].score == best for slug in row.leaders)
    assert all(each.blocked_by == blocked_by(each.first_result, each.second_result) != () for each in found.refused)


@given(rivals())
def test_order_decides_nothing(contenders: tuple[Contender, ...]) -> None:
    found, mirrored = shared_benchmarks(contenders), shared_benchmarks(contenders[::-1])
    assert [dict(row.results) for row in found.rows] == [dict(row.results) for row in mirrored.rows]
    assert [set(row.leaders) for row in found.rows] == [set(row.leaders) for row in mirrored.rows]
    assert {frozenset((each.first_result.id, each.second_result.id)) for each in found.refused} == {
        frozenset((each.first_result.id, each.second_result.id)) for each in mirrored.refused
    }
