"""Whose model a name is: by the beginnings that only one lab uses, by the namespace before it, by the endpoint that lists it."""

from __future__ import annotations

from collections.abc import Iterable

from domain.identity import Lab
from domain.spelling import words_of


class Labs:
    """Finds the lab of a name: the longest family that it begins with, or a word of it further on."""

    def __init__(self, labs: Iterable[Lab]) -> None:
        self._all = tuple(labs)
        self._by_first: dict[str, list[tuple[tuple[str, ...], Lab]]] = {}
        families = ((words_of(family), lab) for lab in self._all for family in lab.families)
        for words, owner in sorted(families, key=lambda pair: (-len(pair[0]), pair[0], pair[1].slug)):
            self._by_first.setdefault(words[0], []).append((words, owner))
        self._by_spelling = {spelling: lab for lab in self._all for spelling in lab.spellings}
        self._by_provider = {provider: lab for lab in self._all for provider in lab.providers}

    def of_words(self, words: tuple[str, ...]) -> Lab | None:
        """By family. Nemotron and Hermes are made from other labs' weights and named after them too."""
        for marker in ("nemotron", "hermes", "abliterated", "lion"):
            if marker in words and words[0] != marker:
                words = (marker,)
        for family, lab in self._by_first.get(words[0], ()) if words else ():
            if words[: len(family)] == family:
                return lab
        return None

    def of_namespace(self, namespace: str) -> Lab | None:
        """By the spelling before the slash."""
        return self._by_spelling.get(namespace.lstrip("~@"))

    def of_provider(self, provider: str) -> Lab | None:
        """The lab whose own endpoint a provider is."""
        return self._by_provider.get(provider)
