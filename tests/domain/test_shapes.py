"""Parameters of two API shapes: what is removed one way is gained the other way, and an empty cell is never an absence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import ApiShape
from domain.shapes import (
    ChangeOfParameter,
    Concept,
    Parameter,
    ParameterChange,
    Reference,
    Shapes,
    ValueKind,
    parameter_changes,
    shapes_of,
)

READ = Reference("https://example.com/api", date(2026, 11, 26), "as it says")
OLD, NEW = ApiShape.OPENAI_CHAT, ApiShape.BEDROCK


def cell(name: str | None, *values: str, takes: str = "NUMBER") -> Parameter:
    return Parameter(Concept.SEED, name, values, READ, takes=ValueKind(takes))


def choice(name: str, *values: str) -> Parameter:
    return cell(name, *values, takes="CHOICE")


def changes(before: Parameter | None, after: Parameter | None) -> tuple[ParameterChange, ...]:
    return parameter_changes(*({} if one is None else {Concept.SEED: one} for one in (before, after)))


@pytest.mark.parametrize(
    ("_case", "before", "after", "change"),
    [
        ("the same name", cell("seed"), cell("seed"), "KEPT"),
        ("another name", cell("seed"), cell("config.seed"), "RENAMED"),
        ("a document says that there is none", cell("seed"), cell(None), "REMOVED"),
        ("nobody looked", cell("seed"), None, "UNKNOWN"),
        ("only the new one has it", cell(None), cell("seed"), "GAINED"),
        ("of the old one nobody knows", None, cell("seed"), "UNKNOWN"),
        ("of the old one nobody knows, and the new one has none", None, cell(None), None),
        ("neither has it", cell(None), cell(None), None),
        ("the old one has none and nobody looked at the new one", cell(None), None, None),
        ("other words under the same name", choice("effort", "low", "high"), choice("effort", "LOW", "HIGH"), "VALUES"),
        ("other words and another name", choice("effort", "low"), choice("level", "low", "high"), "VALUES"),
        ("the same words in another order", choice("effort", "low", "high"), choice("effort", "high", "low"), "KEPT"),
        ("the same words under another name", choice("effort", "low"), choice("level", "low"), "RENAMED"),
        ("words on one side only", choice("effort", "low"), choice("effort"), "UNKNOWN"),
        ("words on one side only, another name", choice("effort"), choice("level", "low"), "UNKNOWN"),
        ("the same document says the same", choice("effort"), choice("effort"), "KEPT"),
        ("another range", cell("t", "0 to 1"), cell("t", "0 to 2"), "VALUES"),
        ("a range on one side only", cell("t", "0 to 1"), cell("t"), "KEPT"),
        ("tokens and words", cell("budget", takes="TOKENS"), choice("level", "LOW"), "VALUES"),
        ("tokens and words of which no list was found", cell("budget", takes="TOKENS"), choice("level"), "VALUES"),
        ("an object and a name", cell("cache", "{ttl}", takes="OBJECT"), cell("cached", takes="RESOURCE"), "VALUES"),
        ("objects of other fields", cell("f", "{a}", takes="OBJECT"), cell("f", "{b}", takes="OBJECT"), "VALUES"),
        ("objects whose fields nobody knows", cell("f", takes="OBJECT"), cell("g", takes="OBJECT"), "UNKNOWN"),
        ("nobody knows what the new one takes", cell("f"), cell("g", takes="UNKNOWN"), "UNKNOWN"),
        ("nobody knows what the old one takes", cell("f", takes="UNKNOWN"), cell("f"), "UNKNOWN"),
    ],
)
def test_how_a_parameter_differs(
    _case: str, before: Parameter | None, after: Parameter | None, change: str | None
) -> None:
    found = changes(before, after)
    assert [each.change for each in found] == ([] if change is None else [change])


def test_an_absence_is_not_assumed_of_another_company() -> None:
    shapes = Shapes({OLD: {Concept.SEED: cell(None), Concept.STOP: cell("stop")}}, makers={OLD: "ada"})
    assert shapes.of("ada", OLD).keys() == {Concept.SEED, Concept.STOP}
    assert {concept: each.assumed for concept, each in shapes.of("bee", OLD).items()} == {Concept.STOP: True}


def test_what_a_company_says_of_a_model_counts_first_and_there_only() -> None:
    made = shapes_of(
        {
            "document": DOCUMENT,
            "OPENAI_CHAT": {"SEED": CELL},
            "provider": {"ada": {"OPENAI_CHAT": {"SEED": CELL | {"name": "luck"}}}},
            "models": {
                "OPENAI_CHAT": [{"of": ["one"], "at": "ada", "SEED": {"document": "api", "as_written": "none"}}]
            },
        }
    )
    assert made.of("ada", OLD, "one")[Concept.SEED].name is None
    assert made.refused("ada", OLD, "one") == {Concept.SEED}
    assert [made.of(*side)[Concept.SEED].name for side in (("ada", OLD, "two"), ("bee", OLD, "one"))] == [
        "luck",
        "seed",
    ]
    assert made.refused("bee", OLD, "one") == frozenset()


LEVEL = choice("effort", "low", "high")
SWITCH = cell("thinking", "{on}", "{off}", takes="OBJECT")


def both(switch: Parameter, level: Parameter) -> Parameter:
    return replace(switch, beside=(level,))


@pytest.mark.parametrize(
    ("_case", "before", "after", "change"),
    [
        ("one becomes two", SWITCH, both(SWITCH, LEVEL), "VALUES"),
        ("two become one", both(SWITCH, LEVEL), LEVEL, "VALUES"),
        ("two become one of the same name and words", both(SWITCH, LEVEL), SWITCH, "VALUES"),
        ("the same two", both(SWITCH, LEVEL), both(SWITCH, LEVEL), "KEPT"),
        ("the same two in another order", both(SWITCH, LEVEL), both(LEVEL, SWITCH), "KEPT"),
        ("another level", both(SWITCH, LEVEL), both(SWITCH, choice("effort", "low")), "VALUES"),
        ("a level of which no list was found", both(SWITCH, LEVEL), both(SWITCH, choice("effort")), "UNKNOWN"),
        ("nobody looked", both(SWITCH, LEVEL), None, "UNKNOWN"),
        ("a document says that there is none", both(SWITCH, LEVEL), cell(None), "REMOVED"),
        ("only the new one has them", cell(None), both(SWITCH, LEVEL), "GAINED"),
    ],
)
def test_several_parameters_for_one_thing_are_compared_together(
    _case: str, before: Parameter | None, after: Parameter | None, change: str
) -> None:
    [found] = changes(before, after)
    assert found.change == change


def test_what_a_setting_undoes_is_left_out_where_it_is_made() -> None:
    refused = Parameter(Concept.SEED, None, (), READ, unless="it thinks not")
    shapes = Shapes({OLD: {Concept.SEED: cell("seed")}}, models={("one", OLD): {Concept.SEED: refused}})
    assert shapes.settings(OLD, "one") == {"it thinks not"}
    assert shapes.settings(OLD, "two") == frozenset()
    assert shapes.of("ada", OLD, "one") == {Concept.SEED: refused}
    assert shapes.of("ada", OLD, "one", made={"it thinks not"}) == {Concept.SEED: cell("seed")}


def test_a_shape_does_not_differ_from_itself() -> None:
    cells = {Concept.SEED: cell("seed"), Concept.STOP: Parameter(Concept.STOP, None, (), READ)}
    assert [(each.concept, each.change.value) for each in parameter_changes(cells, cells)] == [(Concept.SEED, "KEPT")]


def test_a_providers_own_word_comes_before_the_shapes() -> None:
    stop = Parameter(Concept.STOP, "stop", (), READ)
    shapes = Shapes(
        {OLD: {Concept.SEED: cell("seed"), Concept.STOP: stop}}, {("ada", OLD): {Concept.SEED: cell("random_seed")}}
    )
    assert shapes.of("ada", OLD) == {Concept.SEED: cell("random_seed"), Concept.STOP: stop}
    assert shapes.of("bee", OLD) == {Concept.SEED: cell("seed"), Concept.STOP: stop}
    assert shapes.of("ada", NEW) == {}


_cells = st.none() | st.builds(
    Parameter,
    st.just(Concept.SEED),
    st.none() | st.sampled_from(["seed", "config.seed"]),
    st.sampled_from([(), ("low",), ("low", "high")]),
    st.just(READ),
    takes=st.sampled_from([ValueKind.NUMBER, ValueKind.CHOICE, ValueKind.UNKNOWN]),
)


@given(_cells, _cells)
def test_what_is_removed_one_way_is_gained_the_other_way(before: Parameter | None, after: Parameter | None) -> None:
    there, back = ({each.change for each in found} for found in (changes(before, after), changes(after, before)))
    assert (ChangeOfParameter.REMOVED in there) == (ChangeOfParameter.GAINED in back)
    assert (ChangeOfParameter.RENAMED in there) == (ChangeOfParameter.RENAMED in back)
    assert (ChangeOfParameter.VALUES in there) == (ChangeOfParameter.VALUES in back)


@given(_cells, _cells)
def test_an_empty_cell_is_never_an_absence(before: Parameter | None, after: Parameter | None) -> None:
    if before is None or after is None:
        assert {each.change for each in changes(before, after)} <= {ChangeOfParameter.UNKNOWN}


DOCUMENT = {"api": {"url": "https://example.com/api", "read": date(2026, 11, 26)}}
CELL = {"name": "seed", "document": "api", "as_written": "as it says"}


def test_a_table_as_it_is_written() -> None:
    of_ada = {"ada": {"OPENAI_CHAT": {"SEED": CELL}}}
    made: Shapes = shapes_of(
        {"document": DOCUMENT, "BEDROCK": {"SEED": CELL | {"values": ["1"], "takes": "NUMBER"}}, "provider": of_ada}
    )
    assert made.cells == {NEW: {Concept.SEED: Parameter(Concept.SEED, "seed", ("1",), READ, takes=ValueKind.NUMBER)}}
    assert made.dialects == {("ada", OLD): {Concept.SEED: Parameter(Concept.SEED, "seed", (), READ)}}


def test_a_table_with_several_parameters_for_one_thing() -> None:
    made = shapes_of({"document": DOCUMENT, "BEDROCK": {"SEED": [CELL, CELL | {"name": "luck"}]}})
    seed, luck = (Parameter(Concept.SEED, name, (), READ) for name in ("seed", "luck"))
    assert made.cells == {NEW: {Concept.SEED: replace(seed, beside=(luck,))}}


@pytest.mark.parametrize(
    ("_case", "table", "message"),
    [
        ("no such shape", {"SOAP": {"SEED": CELL}}, "SOAP: no API shape"),
        ("a shape of its own has no table", {"OTHER": {"SEED": CELL}}, "OTHER: no API shape"),
        ("a provider that speaks no shape", {"provider": {"ada": {"SOAP": {"SEED": CELL}}}}, "provider.ada.SOAP: no API shape"),
        ("no such kind of value", {"BEDROCK": {"SEED": CELL | {"takes": "MOOD"}}}, "BEDROCK.SEED: no kind of value"),
        (
            "a kind of nothing",
            {"BEDROCK": {"SEED": {"takes": "TEXT", "document": "api", "as_written": "x"}}},
            "BEDROCK.SEED: values without a name",
        ),
        ("no such concept", {"BEDROCK": {"MOOD": CELL}}, "BEDROCK.MOOD: no concept"),
        ("an unknown key", {"BEDROCK": {"SEED": CELL | {"note": "x"}}}, "BEDROCK.SEED: unknown key note"),
        ("no document", {"BEDROCK": {"SEED": {"name": "seed"}}}, "BEDROCK.SEED: needs a document and what it says"),
        (
            "words for nothing",
            {"BEDROCK": {"SEED": {"values": ["1"], "document": "api", "as_written": "x"}}},
            "BEDROCK.SEED: values without a name",
        ),
        ("one of several without a name", {"BEDROCK": {"SEED": [CELL, {"document": "api", "as_written": "x"}]}}, "BEDROCK.SEED: of several each has a name"),
        ("a document that nothing rests on", {}, "document.api: no cell rests on it"),
        ("no address", {"document": {"api": {"url": "ftp://x", "read": date(2026, 1, 1)}}}, "document.api: not an https address"),
        ("no day", {"document": {"api": {"url": "https://x", "read": "today"}}}, "document.api: has url and read"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_refused(_case: str, table: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        shapes_of({"document": DOCUMENT} | table)
