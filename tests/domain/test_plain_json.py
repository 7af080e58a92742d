"""What clients send back inside of an id, a cursor or a record is read as plain values or refused, and nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.lens import Lens, lens_of
from domain.overrides import NONE, overrides_of
from domain.plain_json import MOST_DEPTH, nested_deeper, read_json

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
"""What JSON can say, and NaN."""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 100_000,
        "[" * 3_000 + "]" * 3_000,
        '{"a":' * 3_000 + "1" + "}" * 3_000,
        "[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1),
        "1.5",
        "NaN",
        "[-Infinity]",
        "1" * 5_000,
        r'"\ud800"',
        r'{"\udfff": 1}',
        b"\xff",
    ],
)
def test_what_is_none_of_ours_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of whichever words
        read_json(text)


def test_what_is_written_comes_back() -> None:
    deep = json.loads("[" * MOST_DEPTH + "]" * MOST_DEPTH)
    for said in (None, 1, "ö", "\U0001f600", [True, ["a"], {"b": None}], deep):
        assert read_json(json.dumps(said)) == said


@given(ANY)
def test_depth_is_counted_in_lists_and_objects(said: object) -> None:
    """As many levels deep as brackets are open at once in its text."""
    text = json.dumps(said if not isinstance(said, str) else "")
    depth = most = 0
    quoted = False
    for nth, letter in enumerate(text):
        if letter == '"' and (len(text[:nth]) - len(text[:nth].rstrip("\\"))) % 2 == 0:
            quoted = not quoted
        if not quoted:
            depth += (letter in "[{") - (letter in "]}")
            most = max(most, depth)
    assert [nested_deeper(said, levels) for levels in range(most + 2)] == [levels < most for levels in range(most + 2)]


@given(ANY)
def test_only_what_a_lens_or_own_terms_write_is_read_back_as_one(said: object) -> None:
    text = json.dumps(said, separators=(",", ":"))
    for read, usual in ((lens_of, Lens()), (overrides_of, NONE)):
        try:
            found = read(text)
        except ValueError:
            continue
        assert found.key == text
        assert found != usual


def test_own_terms_are_of_their_types() -> None:
    route = "acme/one"
    right = json.dumps([[[route, "10"]], ["acme"], "eu", ["OPENAI_CHAT"]], separators=(",", ":"))
    assert overrides_of(right).key == right
    wrongs: list[object] = [
        [[], [], {"a": 1}, []],
        [[], [], 5, []],
        [[], [5], None, []],
        [[], "acme", None, []],
        [[], [["acme"]], None, []],
        [[[route, True]], [], None, []],
        [[[{}, "10"]], [], None, []],
        [[[route, None, [["input"], "1"]]], [], None, []],
        [[[route, None, ["input", "NaN"]]], [], None, []],
        [[[route, None, ["input", "1E-999999999"]]], [], None, []],
        [[], [], None, [{}]],
        [[], [], None],
        {},
        None,
    ]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="own terms"):
            overrides_of(json.dumps(wrong, separators=(",", ":")))
