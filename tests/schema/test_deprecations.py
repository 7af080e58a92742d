"""What is deprecated says until when it stays, and an answer names what its document uses of it."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from schema.answer import CORE
from schema.deprecations import coordinates, deprecated, sunset, used

POLICY = (Path(__file__).parents[2] / "docs" / "breaking-changes.md").read_text()
SHORTEST = timedelta(days=90)
SCHEMA = build_schema("""
interface Named { label: String @deprecated(reason: "Use `name`. Gone after 2027-03-01.") name: String }
type Model implements Named {
  label: String @deprecated(reason: "Use `name`. Gone after 2027-03-01.")
  name: String
  old: Int @deprecated(reason: "No longer supported")
}
enum Order { NAME RANK @deprecated(reason: "Use NAME. Gone after 2027-02-25.") }
input Where { name: String title: String @deprecated(reason: "Use `name`. Gone after 2027-02-26.") }
type Query {
  model(ref: String, slug: String @deprecated(reason: "Use `ref`. Gone after 2027-02-27.")): Model
  models(order: Order, where: Where): [Model]
  named: Named
}
""")


def broken(found: dict[str, str], policy: str) -> list[str]:
    """What breaks the policy: no day, or less than 90 days after the day under which it is announced."""
    days = policy.split("\n## ")[1:]
    announced = {
        name: date.fromisoformat(each[:10]) for each in reversed(days) for name in found if f"`{name}` is deprecated" in each
    }  # fmt: skip
    return [
        name
        for name, reason in found.items()
        if (end := sunset(reason)) is None or name not in announced or end < announced[name] + SHORTEST
    ]


def test_everything_deprecated_keeps_the_policy() -> None:
    """Add a line "- `Type.field` is deprecated …" under its day, and end the reason with a day at least 90 days later."""
    assert broken(dict(deprecated(CORE)), POLICY) == []


def test_what_breaks_the_policy_is_found() -> None:
    found = {"A.a": "Use `b`. Gone after 2027-03-01.", "A.b": "Use `c`."}
    assert broken(found, "# x\n\n## 2026-12-01\n\n- `A.a` is deprecated.\n- `A.b` is deprecated.\n") == ["A.b"]
    assert broken(found, "# x\n\n## 2026-12-02\n\n- `A.a` is deprecated.\n") == ["A.a", "A.b"]
    assert broken({"A.a": found["A.a"]}, "# x\n") == ["A.a"]


def test_all_that_can_be_deprecated_is_listed() -> None:
    assert set(dict(deprecated(SCHEMA))) == {
        *("Named.label", "Model.label", "Model.old", "Order.RANK", "Where.title", "Query.model(slug:)"),
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('{ model(ref: "a") { name __typename } }', ""),
        ('{ model(slug: "a") { label } }', '"Model.label";sunset="2027-03-01", "Query.model(slug:)";sunset="2027-02-27"'),
        ("{ model { ...a } } fragment a on Model { x: label y: label }", '"Model.label";sunset="2027-03-01"'),
        ("{ named { label } }", '"Named.label";sunset="2027-03-01"'),
        ("{ named { ... on Model { label } } }", '"Model.label";sunset="2027-03-01"'),
        ("{ models(order: RANK) { name } }", '"Order.RANK";sunset="2027-02-25"'),
        ("query ($o: Order = RANK) { models(order: $o) { name } }", '"Order.RANK";sunset="2027-02-25"'),
        ('{ models(where: {title: "a"}) { name } }', '"Where.title";sunset="2027-02-26"'),
        ("{ model { old } }", '"Model.old"'),
        ("{ __schema { types { name } } }", ""),
    ],
)  # fmt: skip
def test_a_document_says_what_it_uses(query: str, expected: str) -> None:
    document = parse(query)
    assert validate(SCHEMA, document) == []
    assert used(SCHEMA, document) == expected
    named = [each.split(";")[0].strip('"') for each in expected.split(", ") if each]
    assert coordinates(expected) == named
    assert set(named) <= set(dict(deprecated(SCHEMA))), "whatever a client writes, there are no other names"
