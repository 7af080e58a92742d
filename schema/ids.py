"""Opaque ids: what kind of thing and its natural key, so that an id outlives a rebuild of the catalogue and is the same
everywhere. Clients keep and send them, and never take them apart.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import strawberry
from graphql import GraphQLError

from domain.lens import Lens, lens_of
from domain.records import Question


def encode(kind: str, key: str) -> strawberry.ID:
    """The id of a thing."""
    return strawberry.ID(urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("="))


def decode(id_: str) -> tuple[str, str]:
    """Kind and key. Raises GraphQLError BAD_ID for a text that is no id."""
    kind, key = try_decode(id_) or ("", "")
    if not kind:
        raise GraphQLError(
            f"{id_[:80]!r} is not an id of this catalogue; use one from an `id` field, as it is.",
            extensions={"code": "BAD_ID"},
        )
    return kind, key


def seen_id(kind: str, key: str, lens: Lens) -> strawberry.ID:
    """The id of a thing as a lens shows it: another one than without it, so that a client's cache does not mix the two."""
    return encode(kind, key if lens.is_default else f"{key}\n{lens.key}")


def seen_key(key: str) -> tuple[str, Lens]:
    """The key of a thing and the lens through which its id was given. Raises GraphQLError BAD_ID."""
    own, _, through = key.partition("\n")
    try:
        return own, lens_of(through)
    except ValueError:
        raise GraphQLError("This is not an id of this catalogue.", extensions={"code": "BAD_ID"}) from None


def try_decode(text: str) -> tuple[str, str] | None:
    """Kind and key, or None for a text that is no id."""
    try:
        kind, separator, key = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(":")
    except ValueError:
        return None
    return (kind, key) if separator and kind.isalpha() and key and encode(kind, key) == text else None


class Identified:
    """A decision with the id under which clients keep it: what was asked names it, so the same question has the same id. `question` is
    what its record asks again; None for a part of a decision, which has none."""

    __slots__ = ("decision", "id", "question")

    def __init__(self, decision: Any, kind: str, key: str, question: Question | None = None) -> None:
        self.decision = decision
        self.id = encode(kind, key)
        self.question = question

    def __getattr__(self, name: str) -> Any:
        return getattr(self.decision, name)


def is_a(kind: type | tuple[type, ...]) -> Any:
    """The `is_type_of` of a type whose objects are facts or decisions of a kind. `by_class` says that it is the same for all objects
    of a class."""

    def is_type_of(_: type, value: Any, __: Any) -> bool:
        return isinstance(value.decision if isinstance(value, Identified) else value, kind)

    is_type_of.by_class = True  # type: ignore[attr-defined]
    return classmethod(is_type_of)


def read_ref(text: str, *kinds: str) -> tuple[str, str]:
    """What a ref names: the kind where it is an id, else "", and the slug or key in the id or the text as it is. Raises
    GraphQLError BAD_REF for the id of another kind, and for a ref that is empty or too long."""
    kind, key = try_decode(text) or ("", text.strip())
    if kind and kind not in kinds:
        wanted = " or ".join(kinds).lower()
        raise GraphQLError(
            f"{text[:80]!r} is the id of a {kind}, not of a {wanted}.", extensions={"code": "BAD_REF", "kind": kind}
        )
    # The lens of an id says how it was seen, not what it is.
    return kind, sized(key.partition("\n")[0])


def sized(ref: str) -> str:
    """The ref. Raises GraphQLError BAD_REF where it is empty or too long to be one."""
    if not 0 < len(ref) <= 200:
        raise GraphQLError("A ref has 1 to 200 characters.", extensions={"code": "BAD_REF"})
    return ref
