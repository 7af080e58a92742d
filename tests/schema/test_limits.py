"""What validation compares with each other is bounded before it is validated."""

import pytest
from graphql import parse

from schema.answer import Chosen, choose
from schema.limits import MAX_FRAGMENTS, MAX_REPEATED, refused
from schema.weights import COUNT, FILTER, SEARCH


def fragments(number: int) -> str:
    spread, made = (
        " ".join(form.format(each) for each in range(number)) for form in ("...F{}", "fragment F{} on Query {{ a }}")
    )
    return f"{{ a {{ {spread} }} }} {made}"


def repeated(number: int, form: str = "{{ c {{ {} }} }}") -> str:
    return form.format("a { b } " * (number + 1))


@pytest.mark.parametrize(
    ("allowed", "too_many", "what"),
    [
        (fragments(MAX_FRAGMENTS), fragments(MAX_FRAGMENTS + 1), "51 fragments and may have 50"),
        (repeated(MAX_REPEATED), repeated(MAX_REPEATED + 1), "31 fields of a name that is there already"),
        (
            repeated(MAX_REPEATED),
            repeated(MAX_REPEATED, "{{ c {{ ... {{ {} }} a }} }}"),
            "31 fields of a name that is there already",
        ),
    ],
)
def test_so_many_and_no_more(allowed: str, too_many: str, what: str) -> None:
    assert refused(parse(allowed)) is None
    error = refused(parse(too_many))
    assert error is not None
    assert what in error.message
    assert error.extensions == {"code": "DOCUMENT_TOO_LARGE"}


def test_names_of_other_selections_are_others() -> None:
    assert refused(parse("{ c { " + " ".join(f"a{n}: a {{ b c }}" for n in range(30)) + " } }")) is None


@pytest.mark.parametrize(
    ("document", "points"),
    [
        ("{ models(first: 1) { nodes { id routes(first: 1) { totalCount } } } }", 3),
        ("{ models(first: 1) { totalCount nodes { id } } }", 2 + COUNT),
        ("{ models(first: 1) { ...A } } fragment A on ModelConnection { ... { totalCount } }", 1 + COUNT),
        ('{ resolve(ref: "gpt 5") { model { id } } }', 2 + 5 + 1),
        ("{ disputes(first: 1) { nodes { field } } }", 2 + 40),
        ('{ models(first: 1, where: {text: "claude"}) { totalCount nodes { id } } }', 2 + COUNT + SEARCH),
        ('{ models(first: 1, where: {text: ""}) { totalCount nodes { id } } }', 2 + COUNT + FILTER),
        (
            '{ routes(first: 1, where: {text: "a"}) { totalCount } providers(first: 1, where: {text: "a"}) { totalCount } }',
            2 + 2 * (COUNT + SEARCH),
        ),
    ],
)
def test_a_search_is_charged(document: str, points: int) -> None:
    chosen = choose(document, {})
    assert isinstance(chosen, Chosen)
    assert chosen.points == points
    by_variable = choose(
        "query ($where: ModelFilter) { models(first: 1, where: $where) { totalCount } }", {"where": {"text": "a"}}
    )
    assert isinstance(by_variable, Chosen)
    assert by_variable.points == 1 + COUNT + SEARCH
