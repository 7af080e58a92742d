"""From an opaque id to the thing: which read an id needs, and what it is then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import GraphQLError

from domain.lens import DEFAULT, Lens
from schema.comparison import asked_models, compared, question_of
from schema.errors import bad_input
from schema.groups import ALL, Group
from schema.ids import decode, seen_key
from schema.look import Key, Look
from schema.needs import Need

MOST_IDS = 100
_SINGLE = {"Model": Group.MODELS, "Provider": Group.PROVIDER, "Route": Group.ROUTE}
_WHOLE = {
    "Lab": (Group.LABS, "slug"),
    "License": (Group.LICENSES, "key"),
    "Benchmark": (Group.BENCHMARKS, "slug"),
    "Source": (Group.SOURCES, "id"),
}
_GROUPS = (*_SINGLE.values(), *(group for group, _ in _WHOLE.values()))


def _wanted(id_: str) -> Iterable[tuple[Group, Key]]:
    kind, key = decode(id_)
    if kind == "Comparison":
        return [(Group.MODELS, model) for model in asked_models(question_of(id_))]
    if kind in _SINGLE:
        return [(_SINGLE[kind], seen_key(key)[0])]
    if kind in _WHOLE:
        return [(_WHOLE[kind][0], ALL)]
    raise GraphQLError(
        f"A {kind} is part of a decision and cannot be asked for by its id; ask for the comparison or the model.",
        extensions={"code": "BAD_ID", "kind": kind},
    )


def _need(group: Group) -> Need:
    def keys(_: Any, given: Mapping[str, Any]) -> Iterable[Key]:
        found: list[Key] = []
        for id_ in given["ids"] if "ids" in given else [given["id"]]:
            try:
                found += (key for wanted, key in _wanted(id_) if wanted is group)
            except GraphQLError:
                continue  # one bad id among good ones is one error
        return found

    return Need(group, keys)


NEEDS = tuple(_need(group) for group in _GROUPS)


def lens_of(given: Mapping[str, Any]) -> Lens | None:
    """The lens that an id names."""
    try:
        return _lens(given["id"])
    except GraphQLError:
        return None


def _lens(id_: str) -> Lens:
    kind, key = decode(id_)
    if kind == "Comparison":
        return question_of(id_).lens
    return seen_key(key)[1] if kind in _SINGLE else DEFAULT


def node(seen: Look, id_: str) -> Any:
    """The thing, or None where it is gone. Raises GraphQLError BAD_ID."""
    kind, key = decode(id_)
    if _lens(id_) != seen.lens:
        raise GraphQLError(
            "What was seen through a lens is asked for alone, with `node`.", extensions={"code": "LENS_NOT_APPLICABLE"}
        )
    if kind == "Comparison":
        return compared(seen, question_of(id_))
    ((group, read),) = _wanted(id_)
    found = seen.get(group, read)
    if kind in _SINGLE:
        return found
    return next((each for each in found if getattr(each, _WHOLE[kind][1]) == key), None)


def nodes(seen: Look, ids: Sequence[str]) -> list[Any]:
    """The things in the order asked; in place of a bad id, its error. Raises GraphQLError BAD_USER_INPUT for too many."""
    if len(ids) > MOST_IDS:
        raise bad_input(f"Ask for at most {MOST_IDS} ids.")
    found: list[Any] = []
    for id_ in ids:
        try:
            found.append(node(seen, id_))
        except GraphQLError as error:
            found.append(error)
    return found
