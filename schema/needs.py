"""Fields declare the fact groups that they need; the plan reads each group of a level once, for all parents together.

A resolver then finds its facts in `Facts` without awaiting anything; a group that nobody selected is never read. The lens of
a root field goes down with its selection and is part of every key.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from graphql import GraphQLError, GraphQLObjectType

from db.reader import Reader
from domain.facts import NotLoaded
from domain.lens import DEFAULT, Lens
from schema.groups import READS, Group, Moment
from schema.look import Facts, Key, Look
from schema.selection import Given, SelectedField, Selection

Keys: TypeAlias = Callable[[Any, Mapping[str, Any]], Iterable[Key]]
"""From a parent (at the root None, or the place of a subscriber) and the field's arguments to what has to be read."""


@dataclass(frozen=True, slots=True)
class Need:
    """A fact group and the keys of which a field needs it."""

    group: Group
    keys: Keys


class Several:
    """What stands for several parents of the plan: a comparison for its models."""

    def parents(self) -> Sequence[Any]:
        """The parents of what is selected below it."""
        raise NotImplementedError


def of_parent(kind: type) -> Keys:
    """The number of the parent, which must be such a fact."""

    def keys(parent: Any, _: Mapping[str, Any]) -> Iterable[Key]:
        if not isinstance(parent, kind):
            raise NotLoaded(f"a need of {kind.__name__} under {type(parent).__name__}")
        return (int(getattr(parent, "id")),)  # noqa: B009 - a fact of that kind has a number

    return keys


def needs(
    *needed: Need,
    to: Callable[[Look, Any, Mapping[str, Any]], Iterable[Any]] | None = None,
    through: Callable[[Mapping[str, Any]], Lens | None] | None = None,
    one_of: bool = False,
) -> dict[str, object]:
    """Metadata of a field. `to` gives the parents of what is selected below it, from what has been read, the parent and the
    arguments. Without `to`, what is below has the same parents; a plain attribute that holds an object leads to that.
    `through` gives the lens of a root field where no argument `lens` does. `one_of`: the needs are alternatives."""
    return {"needs": needed, "to": to, "through": through, "one_of": one_of}


def _lens(metadata: Mapping[str, Any], arguments: Mapping[str, Any]) -> Lens | None:
    """The lens that a root field names."""
    if (given := arguments.get("lens")) is not None:
        return given.of()
    through: Callable[[Mapping[str, Any]], Lens | None] | None = metadata.get("through")
    return through(arguments) if through is not None else None


def _claims(runtime: GraphQLObjectType, parent: Any) -> bool:
    return runtime.is_type_of is not None and bool(runtime.is_type_of(parent, None))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Level:
    """A selection on a type, with its parents."""

    selection: Selection
    parents: Sequence[Any]
    lens: Lens


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A field that waits for its reads."""

    field: SelectedField
    arguments: Mapping[str, Any]
    keys: Sequence[tuple[Group, Key]]
    level: _Level
    lens: Lens


@dataclass(frozen=True, slots=True)
class Plan:
    """The selection of one operation, walked level by level while facts arrive."""

    root: Selection
    given: Given

    async def load(self, reader: Reader, today: date, root: Any = None) -> Facts:
        """Read what the operation selects under a root; the reader opens nothing where nothing is read."""
        facts = Facts(today)
        moments: dict[Lens, Moment] = {}
        levels = [_Level(self.root, [root], DEFAULT)]
        while levels:
            wanted = self._wanted(levels, facts)
            asked: dict[tuple[Group, Lens], dict[Key, None]] = defaultdict(dict)
            for each in wanted:
                for group, key in each.keys:
                    if (group, each.lens, key) not in facts.loaded:
                        asked[group, each.lens][key] = None
            for (group, lens), keys in asked.items():
                found: Mapping[Key, Any]
                try:
                    found = await READS[group](reader, list(keys), moments.setdefault(lens, Moment(today, lens)))
                except GraphQLError as refused:  # said by the field that touches it, so that the others are answered
                    found = dict.fromkeys(keys, refused)
                facts.loaded.update({(group, lens, key): found.get(key) for key in keys})
            levels = [below for each in wanted for below in self._below(each, facts)]
        return facts

    def only_field(self) -> tuple[str, Mapping[str, Any]]:
        """Name and arguments of the one root field that a subscription has. Raises GraphQLError."""
        (selected,) = self.root.fields
        return selected.name, self.given.of(selected)

    def _wanted(self, levels: list[_Level], facts: Facts) -> list[_Wanted]:
        """The fields that need a read; those that need none are gone through at once."""
        found: list[_Wanted] = []
        waiting = list(levels)
        while waiting:
            level = waiting.pop(0)
            for selected in level.selection.fields:
                definition, metadata = selected.definition, selected.metadata
                if definition is None:  # __typename and introspection read nothing
                    continue
                lens = level.lens
                arguments: Mapping[str, Any] = {}
                is_root = level.selection is self.root
                try:
                    if definition.args and (metadata or is_root):
                        arguments = self.given.of(selected)
                        named = _lens(metadata, arguments) if is_root else None
                        if named is not None:
                            lens = facts.by_field[selected.key] = named
                except GraphQLError:
                    continue  # the resolver is going to say so: it reads the same arguments
                keys: list[tuple[Group, Key]] = []
                for need in metadata.get("needs", ()):
                    # Where one need refuses the arguments the resolver is going to say so, and may touch the others before.
                    with contextlib.suppress(GraphQLError):
                        keys.extend(
                            (need.group, key) for parent in level.parents for key in need.keys(parent, arguments)
                        )
                each = _Wanted(selected, arguments, keys, level, lens)
                if keys:
                    found.append(each)
                else:
                    waiting.extend(self._below(each, facts))
        return found

    def _below(self, wanted: _Wanted, facts: Facts) -> Iterable[_Level]:
        """The next level under a field, once per type that its object may have."""
        assert wanted.field.definition is not None
        if not wanted.field.reads_below():
            return
        possible = wanted.field.possible()
        parents = self._children(wanted, facts)
        if len(possible) == 1:  # which needs no telling apart
            claims = [[True] * len(parents)]
        else:
            claims = [[_claims(runtime, parent) for parent in parents] for runtime in possible]
        # What no type claims stands for a decision that is not made yet: it may become any of them.
        open_ones = [not any(claimed) for claimed in zip(*claims, strict=True)]
        for runtime, claimed in zip(possible, claims, strict=True):
            of_type = [
                parent for parent, yes, is_open in zip(parents, claimed, open_ones, strict=True) if yes or is_open
            ]
            if of_type:
                of_type = [each for one in of_type for each in (one.parents() if isinstance(one, Several) else (one,))]
                try:
                    selection = wanted.field.below(runtime)
                except GraphQLError:
                    continue  # a condition is null, which execution says
                yield _Level(selection, of_type, wanted.lens)

    def _children(self, wanted: _Wanted, facts: Facts) -> list[Any]:
        to = wanted.field.metadata.get("to")
        look = Look(facts, wanted.lens)
        if to is not None:
            try:
                return [child for parent in wanted.level.parents for child in to(look, parent, wanted.arguments)]
            except GraphQLError:
                return []  # the resolver is going to say so
        declared = wanted.field.declared
        if declared is None or declared.base_resolver is not None:
            return list(wanted.level.parents)
        children: list[Any] = []
        for parent in wanted.level.parents:
            child = getattr(parent, declared.python_name, parent)
            children.extend(child if isinstance(child, tuple | list) else () if child is None else (child,))
        return children
