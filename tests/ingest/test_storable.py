"""What a text in the database cannot hold is dropped with its place, and nothing else is touched."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.statements import BrokenDocument
from ingest.sources import genai_prices
from ingest.sources.reading import Report, read_json
from tests.ingest.said import problems

TEXT = "a text with a NUL or half a character: "
NAME = "a name with a NUL or half a character"


@pytest.mark.parametrize(
    ("_case", "written", "kept", "told"),
    [
        ("a NUL", rb'{"a": "x\u0000", "b": 1}', {"a": None, "b": 1}, [("/a", TEXT + r"'x\x00'")]),
        ("half a character", rb'{"a": {"b~/": "\ud800"}}', {"a": {"b~/": None}}, [("/a/b~0~1", TEXT + r"'\ud800'")]),
        ("in a list", rb'["a", ["\udfff", 2]]', ["a", [None, 2]], [("/1/0", TEXT + r"'\udfff'")]),
        ("in a name", rb'{"a": {"x\u0000": {"y": 1}, "z": 2}}', {"a": {"z": 2}}, [(r"/a/x\u0000", NAME)]),
        ("the whole document", rb'"\u0000"', None, [("", TEXT + r"'\x00'")]),
        ("a whole character", rb'{"a": "\ud83d\ude00"}', {"a": "\N{GRINNING FACE}"}, []),
        ("the letters themselves", rb'{"a": "\\u0000"}', {"a": r"\u0000"}, []),
        ("UTF-16", '{"a": "\\u0000", "b": "c"}'.encode("utf-16"), {"a": None, "b": "c"}, [("/a", TEXT + r"'\x00'")]),
        ("raw", b'{"a": "\xed\xa0\x80"}', {"a": None}, [("/a", TEXT + r"'\ud800'")]),
    ],
)
def test_only_that_is_dropped(_case: str, written: bytes, kept: Any, told: list[tuple[str, str]]) -> None:
    report = Report()
    assert read_json(written, report) == kept
    assert [(problem.code, problem.locator, problem.message) for problem in report.problems()] == [
        ("bad-value", locator, message) for locator, message in told
    ]


def test_a_long_text_is_shown_in_part() -> None:
    report = Report()
    read_json(json.dumps(["\0" * 1000]).encode(), report)
    [problem] = report.problems()
    assert len(problem.message) == len(TEXT) + 60


def test_a_nul_that_is_no_json_is_still_refused() -> None:
    with pytest.raises(BrokenDocument, match="not JSON: Invalid control character"):
        read_json(b'{"a": "\0"}', Report())


def test_a_module_of_python_too() -> None:
    source = rb"providers = [Provider(id='a', name='\x00', models=[ModelInfo(id='b', name='\ud800')])]"
    assert problems(genai_prices.parse(source))[:2] == [
        ("bad-value", TEXT + r"'\ud800'", "/0/models/0/name"),
        ("bad-value", TEXT + r"'\x00'", "/0/name"),
    ]


_JSON = st.recursive(
    st.none() | st.integers() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec=None)), inner),
)


@given(_JSON)
def test_what_is_left_can_be_kept_and_what_could_be_kept_is_left(value: Any) -> None:
    """Any JSON: without a problem nothing has changed, and always the rest is text for PostgreSQL."""
    report = Report()
    sent = json.dumps(value)
    kept = read_json(sent.encode(), report)
    written = json.dumps(kept, ensure_ascii=False)
    assert "\\u0000" not in written.replace("\\\\", "")
    assert written.encode("utf-8").decode() == written
    assert (kept == json.loads(sent)) == (report.problems() == ())
