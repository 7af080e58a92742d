"""Names to show: what sources call a model without what hosts add, or the words of its slug in the letters that sources use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from domain.spelling import is_size, words_of


def clean_name(name: str) -> str:
    """A display name without what hosts add: vendor, notes in brackets."""
    text = name.split(": ", 1)[-1].rsplit("/", 1)[-1].strip()
    while text.endswith(")") and " (" in text:
        text = text.rsplit(" (", 1)[0].strip()
    return text


def family_of(slug: str) -> str:
    """The words before the first number: `claude-sonnet` of claude-sonnet-4-5, `gpt` of gpt-5-mini."""
    words: list[str] = []
    for word in words_of(slug):
        if any(char.isdigit() for char in word):
            break
        words.append(word)
    return "-".join(words) or slug.split("-")[0]


def plain_date(day: str) -> str:
    """A date word as people write it: 2025-09-29, 2025-09, 0528."""
    digits = day[1:]
    if len(digits) == 4:
        return digits
    return "-".join(part for part in (digits[:4], digits[4:6], digits[6:]) if part)


def pretty(slug: str, cased: Mapping[str, Counter[str]]) -> str:
    """A readable name for a model that no source names, in the letters that sources use for its words."""
    words: list[str] = []
    for word in slug.replace("-plus-", "+-").split("-"):
        if words and word.isdigit() and len(word) == 1 and words[-1].isdigit() and len(words[-1]) == 1:
            words[-1] = f"{words[-1]}.{word}"
        elif words and word.isdigit() and len(word) == 2 and words[-1][:2] == "20" and len(words[-1]) in (4, 7):
            words[-1] = f"{words[-1]}-{word}"
        elif words and word.isdigit() and len(word) == 1 and re.fullmatch(r"v\d", words[-1].lower()):
            words[-1] = f"{words[-1].lower()}.{word}"
        elif sum(cased.get(word, Counter()).values()) > 2:
            words.append(min(cased[word], key=lambda form: (-cased[word][form], form)))
        else:
            words.append(word.upper() if is_size(word) else word.capitalize())
    return " ".join(words)
