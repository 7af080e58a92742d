"""Errors of a client that several fields give."""

from __future__ import annotations

from graphql import GraphQLError


def bad_input(said: object) -> GraphQLError:
    """A value that is of the right type and still cannot be: BAD_USER_INPUT. `said` is what to do, or a rule's error that says it."""
    return GraphQLError(str(said), extensions={"code": "BAD_USER_INPUT"})


def bad_comparison(message: str) -> GraphQLError:
    """Things that are not compared with each other, or not so many: BAD_COMPARISON."""
    return GraphQLError(message, extensions={"code": "BAD_COMPARISON"})
