"""What a question about a model or a route names: one way to read it, one error where nothing is found."""

from __future__ import annotations

from graphql import GraphQLError

from schema.ids import read_ref


def end_key(text: str) -> tuple[str, str]:
    """How a model or a route is looked up: its kind where an id names it, and its slug, spelling or key. Raises GraphQLError
    BAD_REF."""
    return read_ref(text, "Model", "Route")


def unknown_end(text: str, where: str = "") -> GraphQLError:
    """UNKNOWN_MODEL: nothing, or more than one model, is known by a text."""
    return GraphQLError(
        f"No model or route is known as {text[:80]!r}{where}, or several models are. `resolve(ref:)` says what it may mean; "
        "a route is named by its key, `provider/provider's model id`.",
        extensions={"code": "UNKNOWN_MODEL", "ref": text[:200]},
    )
