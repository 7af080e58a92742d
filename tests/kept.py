"""What tests do with records: find them in an answer, ask them again, and write others."""

from __future__ import annotations

import hmac
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

KEY = b"a secret of this service" * 2

REPLAY = """query ($record: String!) { replay(record: $record) { outcome sentence before after kind asked revision day lens
  changes { kind of field before after part beforeSource } rulesChanged rulesVersion catalogDigest rule { id } } }"""


def record_in(found: Any) -> str:
    """The first record of an answer."""
    if isinstance(found, dict):
        if isinstance(found.get("record"), str):
            return str(found["record"])
        found = list(found.values())
    for each in found if isinstance(found, list) else ():
        if text := record_in(each):
            return text
    return ""


def forged(text: str, **changed: Any) -> str:
    """The record with other content and a digest that goes with it, as anybody can make it."""
    payload = text.split(".")[1]
    said = json.loads(zlib.decompress(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))) | changed
    packed = zlib.compress(json.dumps(said).encode())
    head = f"llmref1.{urlsafe_b64encode(packed).decode().rstrip('=')}"
    return f"{head}.{sha256(head.encode()).hexdigest()}"


def sealed(text: str, key: bytes, **changed: Any) -> str:
    """The record with other content, signed too, as only the service can."""
    made = forged(text, **changed)
    return f"{made}.{hmac.new(key, made.encode(), sha256).hexdigest()}"
