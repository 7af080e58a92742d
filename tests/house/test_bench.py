"""The pieces of the bench that can be wrong without a measurement: its documents, what it takes for the same, what it refuses."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from graphql import parse, validate

from bench import node
from bench.database import COPIES, SHIFT, copied, copy_statement
from bench.explain import BIG_SORT, BIG_TABLE, wrong_in
from bench.facts import data, data_part, facts
from bench.goals import COLD, LIMIT2, WARM, Goal, goals
from bench.limits import limit2, limit3
from bench.naive import schema as naive_schema
from bench.product import WAYS, Way
from bench.questions import PRODUCT_ONLY, QUESTIONS, SMALL
from schema.answer import prepare


@pytest.mark.parametrize("question", [*QUESTIONS, *PRODUCT_ONLY], ids=lambda question: question.key)
def test_each_question_is_a_valid_document(question: Any) -> None:
    """What is measured must be an answer, not a refusal."""
    assert prepare(question.document).errors == ()


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.key)
def test_every_contestant_has_each_of_the_four_questions(question: Any) -> None:
    """PostGraphile is asked in its own words, the hand-written handlers at a path; N+1 takes the product's document."""
    assert parse((node.HERE / f"{question.key}.graphql").read_text()).definitions
    for app in (limit2(), limit3()):
        assert f"/{question.key}" in {getattr(route, "path", "") for route in app.routes}
    assert validate(naive_schema()._schema, parse(question.document)) == []


@pytest.mark.parametrize(
    ("_case", "ours", "theirs", "same"),
    [
        ("zeros at the end", {"outputMtok": "0.6"}, {"outputMtok": "0.600"}, True),
        ("a large number as text", {"parametersTotal": 70_000}, {"parametersTotal": "70000"}, True),
        ("another amount", {"outputMtok": "0.6"}, {"outputMtok": "0.61"}, False),
        ("unknown is not zero", {"outputMtok": None}, {"outputMtok": "0"}, False),
        ("sheets in another order", {"prices": [{"a": "1"}, {"a": "2"}]}, {"prices": [{"a": "2"}, {"a": "1"}]}, True),
        ("routes in another order", {"routes": [{"a": "1"}, {"a": "2"}]}, {"routes": [{"a": "2"}, {"a": "1"}]}, False),
        (
            "capabilities as lists",
            {"capabilities": [{"kind": "BATCH", "presence": "YES"}, {"kind": "VISION", "presence": "UNKNOWN"}]},
            {"capabilitiesYes": ["BATCH"], "capabilitiesNo": []},
            True,
        ),
    ],
)
def test_what_is_taken_for_the_same_facts(_case: str, ours: Any, theirs: Any, same: bool) -> None:
    """Only the ways to write a fact may differ."""
    assert (facts(ours) == facts(theirs)) is same


def test_the_data_of_an_answer_are_compared_as_they_came() -> None:
    """What stands beside the data does not count, and an answer with errors is none."""
    assert data_part(b'{"data":{"a":"1"},"extensions":{"cost":3}}') == b'{"a":"1"}'
    with pytest.raises(ValueError, match="errors"):
        data(b'{"data":null,"errors":[{"message":"no"}]}')


def test_plans_that_are_refused() -> None:
    """Reading all of a big table and sorting without bound; not a small table, nor a branch that never ran."""
    plan = {
        "Node Type": "Sort",
        "Plans": [
            {"Node Type": "Seq Scan", "Relation Name": "model", "Actual Rows": BIG_SORT, "Actual Loops": 2},
            {"Node Type": "Seq Scan", "Relation Name": "lab", "Actual Rows": 0, "Actual Loops": 1},
            {"Node Type": "Seq Scan", "Relation Name": "route", "Actual Rows": 0, "Actual Loops": 0},
        ],
    }
    found = list(wrong_in(plan, {"model": BIG_TABLE + 1, "lab": BIG_TABLE, "route": BIG_TABLE + 1}))
    assert found == [f"sorts {2 * BIG_SORT:,} rows", f"reads all {BIG_TABLE + 1:,} rows of model"]


def test_a_copy_points_to_copies() -> None:
    """Numbers are shifted wherever they name a thing that is copied, and only there; names stay unique."""
    (route,) = (table for table in copied() if table.name == "route")
    made = copy_statement(route)
    assert f'"id" + k * {SHIFT}' in made
    assert f'"model_id" + k * {SHIFT}' in made
    assert """"key" || '-c' || k""" in made
    assert f'"context_window" + k * {SHIFT}' not in made
    assert f"generate_series(1, {COPIES})" in made
    (price,) = (table for table in copied() if table.name == "price")
    assert f'"source_id" + k * {SHIFT}' not in copy_statement(price)


def test_a_goal_is_met_or_missed() -> None:
    """At its bound it is met."""
    assert Goal("rate", 0.5, 0.5).met
    assert not Goal("rate", 0.49, 0.5).met
    assert Goal("statements", 1, 1, least=False).met
    assert not Goal("tail", 3.1, 3, least=False).met


def test_what_is_wanted_first_and_further_is_told_beside_each_other() -> None:
    """A run that reaches the first figure and not the further one says both."""

    def cell(rate: float, p99: float = 20) -> Any:
        return SimpleNamespace(rate=rate, p50=10, p99=p99, app=1, postgres=1, statements=1)

    table = {
        (COLD, "Q1"): cell(700),
        (LIMIT2, "Q1"): cell(1_000),
        (COLD, SMALL.title): cell(499, 101),
        (WARM, "Q1"): cell(3_000),
    }
    found = {each.text: each.met for each in goals(table)}
    assert (found["Q1: cold to limit-2, requests/s"], found["Q1: cold to limit-2, requests/s, further"]) == (
        True,
        False,
    )
    assert (found["26 objects: cold, requests/s"], found["26 objects: cold, p99 ms"]) == (False, False)
    assert found["Q1: warm, requests/s"]
    assert not any(name.startswith("Q2") for name in found), "what was not measured is not judged"


def test_a_way_that_this_version_does_not_have_is_not_measured() -> None:
    """A setting or a function that is not there is named. Without a response cache every answer is cold."""
    assert WAYS[0].lacking == []
    assert Way("made up", {"NO_SUCH_SETTING": "1"}, without=("schema.answer:no_such_function",)).lacking == [
        "NO_SUCH_SETTING",
        "schema.answer:no_such_function",
    ]
    assert Way("made up", without=("no_such_module:answer",)).lacking == ["no_such_module:answer"]
    assert Way("made up", without=("schema.answer:prepare",)).lacking == []
