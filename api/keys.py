"""The text of an API key: `llmref_<id>_<secret><checksum>`. It is shown once, when it is made.

The id is public and names the key in lists; the prefix and the checksum let secret scanners recognise a key that leaked,
and let us refuse a mistyped one without asking the database. The secret has 256 random bits, so what is stored is one plain
SHA-256 of the text: a slow hash (bcrypt, Argon2) makes guessing of what people choose expensive, and nobody guesses 256 random bits,
while a slow hash on each look-up would be a lever for those who want to keep the server busy.
"""

from __future__ import annotations

import re
import secrets
import string
import zlib
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from db.keys import ApiKey

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID, _SECRET, _CHECKSUM = 8, 43, 6
"""Lengths; 43 of 62 digits have 256 bits, and 6 hold a CRC-32."""
PATTERN = rf"llmref_[0-9A-Za-z]{{{_ID}}}_[0-9A-Za-z]{{{_SECRET + _CHECKSUM}}}"
"""What a secret scanner looks for."""
_KEY = re.compile(PATTERN)

QUERY, SUBSCRIBE, TRUSTED_ONLY = "query", "subscribe", "trusted-only"
SCOPES = {
    QUERY: "may ask queries",
    SUBSCRIBE: "may subscribe",
    TRUSTED_ONLY: "only with the documents of operations/",
}
"""What a key may do. The first two allow, the last one restricts them."""


@dataclass(frozen=True, slots=True)
class Presented:
    """A key as a caller sent it, and well formed: its public id, and the digest by which it is checked."""

    id: str
    digest: bytes


def made(id: str | None = None) -> tuple[str, Presented]:
    """A new key, or a new secret for one: its text, and what is kept of it."""
    head = f"llmref_{id or _random(_ID)}_{_random(_SECRET)}"
    text = head + _checksum(head)
    found = presented(text)
    assert found is not None
    return text, found


def presented(text: str) -> Presented | None:
    """What a text presents; None where it is no key, or is mistyped."""
    if _KEY.fullmatch(text) is None or _checksum(text[:-_CHECKSUM]) != text[-_CHECKSUM:]:
        return None
    return Presented(text.split("_")[1], sha256(text.encode()).digest())


def matches(key: ApiKey, digest: bytes, now: datetime) -> bool:
    """Whether the digest is that of the key's secret, or of the one before while that is still good. Takes as long either way."""
    current = compare_digest(key.digest, digest)
    previous = compare_digest(key.previous_digest or bytes(len(digest)), digest)
    overlap = key.previous_digest is not None and key.previous_until is not None and now < key.previous_until
    return current or (previous and overlap)


def _random(length: int) -> str:
    return "".join(secrets.choice(_DIGITS) for _ in range(length))


def _checksum(head: str) -> str:
    number, digits = zlib.crc32(head.encode()), ""
    for _ in range(_CHECKSUM):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
