"""The text of a key: recognised when it leaks, checked without the database when it is mistyped, useless when only its digest is known."""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from api.keys import PATTERN, made, matches, presented
from db.keys import ApiKey

NOW = datetime(2026, 7, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def key(digest: bytes, previous: bytes | None = None, until: datetime | None = None, **more: datetime) -> ApiKey:
    ends = {"expires_at": None, "revoked_at": None} | more
    return ApiKey("AbCd1234", "mine", digest, previous, until, ("query",), 1_000, NOW, last_used_at=None, **ends)


def test_a_scanner_finds_a_key_in_a_text_and_can_check_it() -> None:
    text, kept = made()
    (found,) = re.findall(PATTERN, f"curl -H 'Authorization: Bearer {text}' https://a.example")
    assert presented(found) == kept
    assert kept.digest == sha256(text.encode()).digest()
    assert text.startswith(f"llmref_{kept.id}_")


def test_no_two_keys_are_the_same_and_a_new_secret_keeps_the_id() -> None:
    texts = {made()[0] for _ in range(100)}
    assert len(texts) == 100
    first, second = made("AbCd1234"), made("AbCd1234")
    assert first[1].id == second[1].id == "AbCd1234"
    assert first[1].digest != second[1].digest


def test_a_mistyped_key_is_none() -> None:
    """Whichever single letter is another one."""
    text, _ = made()
    for place in range(len("llmref_"), len(text)):
        wrong = text[:place] + ("x" if text[place] != "x" else "y") + text[place + 1 :]
        assert presented(wrong) is None, place
    for wrong in ("", "llmref_", text[:-1], text + "0", text.upper(), text.replace("_", "-"), f" {text}"):
        assert presented(wrong) is None


@pytest.mark.parametrize(
    ("_case", "stored", "good"),
    [
        ("the secret", key(b"a" * 32), True),
        ("another secret", key(b"b" * 32), False),
        ("the one before, in time", key(b"b" * 32, b"a" * 32, NOW + HOUR), True),
        ("the one before, too late", key(b"b" * 32, b"a" * 32, NOW), False),
        ("the one before, without an end", key(b"b" * 32, b"a" * 32), False),
    ],
)
def test_what_matches(_case: str, stored: ApiKey, good: bool) -> None:
    assert matches(stored, b"a" * 32, NOW) is good


def test_no_previous_secret_is_not_one_of_zeros() -> None:
    assert not matches(key(b"b" * 32, None, NOW + HOUR), bytes(32), NOW)


@pytest.mark.parametrize(
    ("_case", "stored", "good"),
    [
        ("for ever", key(b""), True),
        ("until later", key(b"", expires_at=NOW + HOUR), True),
        ("until now", key(b"", expires_at=NOW), False),
        ("revoked", key(b"", revoked_at=NOW - HOUR), False),
    ],
)
def test_how_long_a_key_is_good(_case: str, stored: ApiKey, good: bool) -> None:
    assert stored.good(NOW) is good
