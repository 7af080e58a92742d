"""Sentences with the facts that they state, and the paragraphs that they make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.facts import FactRef, Model

FEW = 3
"""Up to so many models are described one by one; more are summed up."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with the facts that it states."""

    text: str
    used: tuple[FactRef, ...]

    @property
    def whole(self) -> Sentence:
        """What is written after a name, such as `retired by Acme`, as a sentence that stands alone: `Retired by Acme.`"""
        return Sentence(f"{self.text[0].upper()}{self.text[1:]}.", self.used)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences on one subject. `key` names it: `intro`, `verdict`, `capabilities`, `pricing` …"""

    key: str
    sentences: tuple[Sentence, ...]
    rule: str

    @property
    def text(self) -> str:
        """The paragraph as it is read."""
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def used(self) -> tuple[FactRef, ...]:
        """Facts behind any sentence, each once."""
        return tuple(dict.fromkeys(ref for sentence in self.sentences for ref in sentence.used))


def refs(models: Iterable[Model], *fields: str) -> tuple[FactRef, ...]:
    """These facts of each model."""
    return tuple(FactRef("model", model.id, field) for model in models for field in fields)
