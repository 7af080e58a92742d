"""Validation by graphql-core, with those of its rules that a document can break at all: setting up all of them takes longer than a short
document takes to be looked through.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, specified_rules, validate
from graphql.validation import (
    ASTValidationRule,
    DeferStreamDirectiveLabel,
    DeferStreamDirectiveOnRootField,
    DeferStreamDirectiveOnValidOperationsRule,
    ExecutableDefinitionsRule,
    FragmentsOnCompositeTypesRule,
    KnownArgumentNamesRule,
    KnownDirectivesRule,
    KnownFragmentNamesRule,
    KnownOperationTypesRule,
    KnownTypeNamesRule,
    LoneAnonymousOperationRule,
    MaxIntrospectionDepthRule,
    NoFragmentCyclesRule,
    NoUndefinedVariablesRule,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    PossibleFragmentSpreadsRule,
    SingleFieldSubscriptionsRule,
    StreamDirectiveOnListField,
    UniqueArgumentNamesRule,
    UniqueDirectivesPerLocationRule,
    UniqueFragmentNamesRule,
    UniqueInputFieldNamesRule,
    UniqueOperationNamesRule,
    UniqueVariableNamesRule,
    ValuesOfCorrectTypeRule,
    VariablesAreInputTypesRule,
    VariablesInAllowedPositionRule,
)

_MORE = "more than one operation"
"""What no text says by itself: there is another definition, or the only one is no operation."""

BROKEN_ONLY_WITH: Mapping[type[ASTValidationRule], frozenset[str]] = {
    rule: frozenset(marks)
    for marks, rules in (
        ((_MORE,), (ExecutableDefinitionsRule, LoneAnonymousOperationRule, UniqueOperationNamesRule)),
        (("mutation", "subscription"), (KnownOperationTypesRule, DeferStreamDirectiveOnRootField)),
        (("subscription",), (SingleFieldSubscriptionsRule, DeferStreamDirectiveOnValidOperationsRule)),
        (("$",), (NoUndefinedVariablesRule, NoUnusedVariablesRule, UniqueVariableNamesRule)),
        (("$",), (VariablesAreInputTypesRule, VariablesInAllowedPositionRule)),
        (("$", "...", "fragment"), (KnownTypeNamesRule,)),
        (("...", "fragment"), (FragmentsOnCompositeTypesRule,)),
        (("...",), (KnownFragmentNamesRule, PossibleFragmentSpreadsRule)),
        (("fragment",), (NoFragmentCyclesRule, NoUnusedFragmentsRule, UniqueFragmentNamesRule)),
        (("@",), (KnownDirectivesRule, UniqueDirectivesPerLocationRule)),
        (("@",), (DeferStreamDirectiveLabel, StreamDirectiveOnListField)),
        (("(",), (KnownArgumentNamesRule, UniqueArgumentNamesRule, ValuesOfCorrectTypeRule, UniqueInputFieldNamesRule)),
        (("__",), (MaxIntrospectionDepthRule,)),
    )
    for rule in rules
}
"""One of which must stand in a document's text, be it in a comment, for it to break a rule. Every document can break the others."""
_MARKS = frozenset[str]().union(*BROKEN_ONLY_WITH.values()) - {_MORE}


def invalid(schema: GraphQLSchema, document: DocumentNode, text: str, most: int) -> list[GraphQLError]:
    """What all rules of the specification find in the document of a text, the same errors in the same order."""
    marks = {mark for mark in _MARKS if mark in text}
    if len(document.definitions) > 1 or not isinstance(document.definitions[0], OperationDefinitionNode):
        marks.add(_MORE)
    rules = [rule for rule in specified_rules if rule not in BROKEN_ONLY_WITH or BROKEN_ONLY_WITH[rule] & marks]
    return validate(schema, document, rules, max_errors=most)
