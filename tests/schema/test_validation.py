"""Rules are left out of validation only where they find nothing: the errors are those of all rules, message by message and place by place."""

import re
from collections import defaultdict
from random import Random
from typing import Any

import pytest
from graphql import GraphQLSyntaxError, parse, specified_rules, validate
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from schema.answer import CORE, MOST_ERRORS
from schema.query import schema
from schema.validation import BROKEN_ONLY_WITH, invalid
from tests.documents import Documents

BREAKING = {
    "ExecutableDefinitionsRule": "type T { a: Int }",
    "KnownOperationTypesRule": "mutation { a }",
    "UniqueOperationNamesRule": "query A { __typename } query A { __typename }",
    "LoneAnonymousOperationRule": "{ __typename } { __typename }",
    "SingleFieldSubscriptionsRule": "subscription { __typename }",
    "KnownTypeNamesRule": "{ ... on Modell { name } }",
    "FragmentsOnCompositeTypesRule": "{ ... on String { name } }",
    "VariablesAreInputTypesRule": "query ($a: Model) { model(ref: $a) { name } }",
    "ScalarLeafsRule": "{ models }",
    "FieldsOnCorrectTypeRule": "{ modells { nodes { name } } }",
    "UniqueFragmentNamesRule": "{ ...F } fragment F on Query { __typename } fragment F on Query { __typename }",
    "KnownFragmentNamesRule": "{ ...F }",
    "NoUnusedFragmentsRule": "{ __typename } fragment F on Query { __typename }",
    "PossibleFragmentSpreadsRule": "{ ... on Model { name } }",
    "NoFragmentCyclesRule": "{ ...F } fragment F on Query { ...F }",
    "UniqueVariableNamesRule": "query ($a: Int, $a: Int) { models(first: $a) { totalCount } }",
    "NoUndefinedVariablesRule": "{ models(first: $a) { totalCount } }",
    "NoUnusedVariablesRule": "query ($a: Int) { __typename }",
    "KnownDirectivesRule": "{ __typename @shout }",
    "UniqueDirectivesPerLocationRule": "{ __typename @skip(if: true) @skip(if: true) }",
    "KnownArgumentNamesRule": "{ models(firts: 1) { totalCount } }",
    "UniqueArgumentNamesRule": "{ models(first: 1, first: 1) { totalCount } }",
    "ValuesOfCorrectTypeRule": '{ models(first: "1") { totalCount } }',
    "ProvidedRequiredArgumentsRule": "{ model { name } }",
    "VariablesInAllowedPositionRule": "query ($a: String) { models(first: $a) { totalCount } }",
    "OverlappingFieldsCanBeMergedRule": "{ models { a: totalCount a: __typename } }",
    "UniqueInputFieldNamesRule": "{ models(where: {labs: null, labs: null}) { totalCount } }",
    "MaxIntrospectionDepthRule": "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
}
"""For each rule a document that breaks it, and no other where that can be."""
UNKNOWN_HERE = {
    "DeferStreamDirectiveOnRootField": "subscription { ... @defer { priceChanged { __typename } } }",
    "DeferStreamDirectiveOnValidOperationsRule": "subscription { ... @defer { priceChanged { __typename } } }",
    "DeferStreamDirectiveLabel": '{ ... @defer(label: "a") { __typename } ... @defer(label: "a") { __typename } }',
    "StreamDirectiveOnListField": '{ model(ref: "one") @stream { name } }',
}
"""Of rules about directives that the schema does not have, which is said as well."""


OTHERWISE = (
    "query ($a: Intt) { models(first: $a) { totalCount } }",
    "{ __typename } fragment F on Modell { name }",
    "{ __typename } fragment F on String { name }",
    "{ models { totalCount } # ... $ @ fragment mutation\n}",
    "type T { a: Int } type T { a: Int }",
    " ".join(f"{{ unknown{number} }}" for number in range(MOST_ERRORS)),
)
"""What breaks the same rules in another way, breaks none, or has more errors than are told."""


def _both(text: str) -> tuple[list[Any], list[Any]]:
    document = parse(text)
    ours, theirs = invalid(CORE, document, text, MOST_ERRORS), validate(CORE, document, max_errors=MOST_ERRORS)
    return [error.formatted for error in ours], [error.formatted for error in theirs]


def test_every_rule_has_a_document_that_breaks_it() -> None:
    assert {*BREAKING, *UNKNOWN_HERE} == {rule.__name__ for rule in specified_rules}
    assert set(BROKEN_ONLY_WITH) <= set(specified_rules)


@pytest.mark.parametrize("rule", specified_rules, ids=lambda rule: rule.__name__)
def test_a_broken_rule_is_told_of_as_by_all_rules(rule: Any) -> None:
    text = (BREAKING | UNKNOWN_HERE)[rule.__name__]
    assert validate(CORE, parse(text), [rule])
    ours, theirs = _both(text)
    assert ours == theirs


@pytest.mark.parametrize("rule", sorted(BREAKING.keys() - {"VariablesAreInputTypesRule"}))
def test_of_most_rules_one_alone_is_broken(rule: str) -> None:
    """A variable that is no input may not stand where it is used either."""
    document = parse(BREAKING[rule])
    assert [each.__name__ for each in specified_rules if validate(CORE, document, [each])] == [rule]


@pytest.mark.parametrize("text", OTHERWISE)
def test_other_documents_are_told_the_same(text: str) -> None:
    _same(text)


def test_a_plain_question_needs_few_rules() -> None:
    left = [rule.__name__ for rule in specified_rules if rule not in BROKEN_ONLY_WITH]
    assert left == [
        *("ScalarLeafsRule", "FieldsOnCorrectTypeRule"),
        *("ProvidedRequiredArgumentsRule", "OverlappingFieldsCanBeMergedRule"),
    ]


TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|\.{3}|\w+|[^\s\w]')
STRAY = [
    "$a",
    "$yes",
    "Int",
    "String",
    "Model",
    "Query",
    "F",
    "f0",
    "first",
    "where",
    "ref",
    "name",
    "nodes",
    "models",
    "totalCount",
    "__typename",
    "__schema",
    "__type",
    "types",
    "query",
    "mutation",
    "subscription",
    "fragment",
    "on",
    "type",
    "true",
    "null",
    "1",
    '"1"',
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "!",
    "=",
    "...",
    "@skip",
    "@include",
    "@defer",
    "@stream",
    "@",
]
"""What gets into a document by mistake: parts of all kinds, so that each rule has something to find."""


VALUES: defaultdict[str, tuple[str, ...]] = defaultdict(
    lambda: ('"one"', '["one", "two"]', "2"), first=("1", "2"), live=("true", "null")
)
"""Of arguments that have to be given, and some more; many are of the wrong type."""


def _spoilt(text: str, random: Random) -> str:
    """The text with one to three parts of it taken away, doubled, moved or replaced."""
    parts = TOKENS.findall(text)
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(parts))
        start = random.randrange(place + 1)
        parts[place : place + 1] = random.choice(
            ([], [parts[place]] * 2, [random.choice(parts)], [random.choice(STRAY)], parts[start : place + 1])
        )
    return " ".join(parts)


def _same(text: str) -> bool:
    """Whether anything was found; what cannot be parsed says nothing about rules."""
    try:
        ours, theirs = _both(text)
    except GraphQLSyntaxError:
        return False
    assert ours == theirs
    return bool(theirs)


def test_spoilt_documents_are_told_the_same() -> None:
    made, random = Documents(CORE, VALUES, seed=7), Random(7)
    found = 0
    for _ in range(60):
        text, _ = made.next()
        found += _same(text)
        found += sum(_same(_spoilt(text, random)) for _ in range(4))
        found += sum(_same(_spoilt(random.choice([*BREAKING.values()]), random)) for _ in range(4))
    assert found > 60


SCALARS = {name: st.just(nodes.String("1")) for name in ("Date", "DateTime", "Decimal", "Value")} | {
    "BigInt": st.just(nodes.Int(1))
}


@settings(max_examples=25, deadline=None)
@given(queries(schema.as_str(), custom_scalars=SCALARS), st.randoms(use_true_random=False))
def test_generated_documents_are_told_the_same(text: str, random: Random) -> None:
    _same(text)
    _same(_spoilt(text, random))
