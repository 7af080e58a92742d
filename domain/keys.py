"""What the words of a spelling say: release, date, size, and which other bags of words mean the same.

Only words are looked at here; whether a key is a known model is for `identity` and `universe`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Set
from itertools import combinations

from domain.spelling import (
    COMPLETABLE,
    KINDS,
    LINES,
    RELEASES,
    SOFT_FLAGS,
    STAGES,
    THINKING,
    TUNED,
    Key,
    is_date,
    is_size,
    key_of,
    same_day,
)


def respelled(key: Key) -> Iterator[Key]:
    """Other ways to read the same words: 52 may be 5.2 and m25 m2.5; opus, sonnet, haiku and fable are Claude's."""
    words = set(key)
    for word in key:
        head, digits = (word[0], word[1:]) if word[:1].isalpha() else ("", word)
        if len(digits) == 2 and digits.isdigit() and digits[0] != "0":
            yield key_of([*(words - {word}), f"{head}{digits[0]}.{digits[1]}"])
    for whole in (word for word in key if len(word) == 1 and word.isdigit()):
        for size in (word for word in key if is_size(word) and word[0].isdigit() and "x" not in word):
            yield key_of([*(words - {whole, size}), f"{whole}.{size}"])
    if "claude" not in words and words & {"opus", "sonnet", "haiku", "fable"}:
        yield key_of([*words, "claude"])


def without_flags(key: Key) -> Iterator[tuple[Key, tuple[str, ...]]]:
    """The key without some of its soft flags, fewest taken away first; the flags with it."""
    flags = [word for word in key if word in SOFT_FLAGS and (word not in RELEASES or "gemini" in key)]
    flags.sort(key=lambda word: (word in THINKING, word))
    for count in range(1, min(len(flags), 5) + 1):
        for taken in combinations(flags, count):
            rest = tuple(word for word in key if word not in taken)
            negated = ("no" in taken and "thinking" not in taken) or ("non" in rest and "reasoning" in taken)
            if rest and not negated and ("latest" not in taken or has_version(rest)):
                yield rest, taken


def has_version(key: Key) -> bool:
    """Whether a name says which release it means; a versionless -latest moves from one to the next."""
    return any(any(char.isdigit() for char in word) and not is_size(word) for word in key)


def releases(key: Key) -> set[str]:
    """The words that number a release: 4.5, k2.6, 3; no sizes, no dates."""
    return {word for word in key if any(char.isdigit() for char in word) and not is_size(word) and not is_date(word)}


def contradict(one: Key, other: Key) -> bool:
    """Whether two spellings say different sizes, dates, lines (flash and pro) or kinds (audio and image). One that says less
    contradicts nothing."""
    parts = (is_size, LINES.__contains__, KINDS.__contains__)
    said = ([_said(key, part) for key in (one, other)] for part in parts)
    if any(mine and yours and not (mine <= yours or yours <= mine) for mine, yours in said):
        return True
    days = undated(one)[1], undated(other)[1]
    return bool(days[0] and days[1] and not same_day(days[0], days[1]))


def other_model(said: Set[str], named: Set[str], own: Container[str] | None) -> bool:
    """Whether what a display name says and the id does not makes it another model. `own` are the words of the model that
    the name is known to mean: of these, a kind (audio, coder, base) does so, and any other word but -instruct and the stage of release
    where the name says all else that the id says. None: nobody knows the name, and only a line or a kind does so, where it
    says all that the id says. An id that says more than its name only refines it."""
    added = {word for word in named - said if own is None or word in own}
    whole = said - COMPLETABLE <= named
    if own is None:
        return whole and any(word in LINES or word in KINDS for word in added)
    more = {word for word in added - COMPLETABLE - STAGES if word.isalpha() or is_date(word)}
    return bool(added & KINDS or (whole and more))


def _said(key: Key, part: Callable[[str], bool]) -> set[str]:
    return {word for word in key if part(word)}


def skeleton(key: Key) -> Key:
    """The words that a spelling never leaves out: without sizes and -instruct."""
    return tuple(word for word in key if not is_size(word) and word not in COMPLETABLE)


def has_year(day: str) -> bool:
    """Whether a date word gives the whole year: d20250929 or d202509, not d0929 or d2509."""
    return len(day) >= 7


def undated(key: Key) -> tuple[Key, str | None]:
    """The key without its date word, and the date word. Two dates are left alone."""
    dates = [word for word in key if is_date(word)]
    if len(dates) != 1:
        return key, None
    return tuple(word for word in key if word != dates[0]), dates[0]


def tuned(key: Key, known: Container[Key]) -> Key | None:
    """What a bare name of open weights is short for: a size but no tuning is said (llama-3.1-405b, mixtral-8x7b). Hosts serve
    the tuned weights under it; base weights are listed as -base or -pt where anybody serves them. Nothing where thinking
    weights of the size are known too: some hosts mean those."""
    if not any(is_size(word) for word in key) or TUNED & set(key) or key_of([*key, "thinking"]) in known:
        return None
    return next((full for word in ("instruct", "chat") if (full := key_of([*key, word])) in known), None)


def slug_of_words(words: Iterable[str]) -> str:
    """A slug for a model that nobody else lists, the same for each notation of its versions and dates."""
    return slug_of("-".join(word[1:] if is_date(word) else word for word in words))


def slug_of(tail: str) -> str:
    """A slug in [a-z0-9.-] that reads like the id."""
    text = "".join(
        char if char.isascii() and (char.isalnum() or char in ".-") else "-"
        for char in tail.lower().replace("+", "-plus")
    )
    return "-".join(part for part in text.split("-") if part).strip(".-")
