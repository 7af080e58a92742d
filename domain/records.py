"""A decision record: what was asked, through which lens, of which state of the catalogue, what was decided, by which rules, on
which facts. The client keeps it as one text; nothing of it is stored here.

The text is `llmref1.<payload>.<digest>.<signature>`. The payload is canonical JSON, packed; the digest is SHA-256 over all that
stands before it, so that every changed letter is seen. Anybody can compute a digest anew: only the signature, an HMAC with a key
of the service, shows that the record was made here.
"""

from __future__ import annotations

import binascii
import hmac
import json
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any

from domain.facts import CapabilityKind, PriceMode
from domain.lens import Lens, lens_of
from domain.plain_json import Json, read_json
from domain.rules import registry
from domain.statements import (
    LAB_FIELDS,
    LICENSE_FIELDS,
    MODEL_FIELDS,
    PROVIDER_FIELDS,
    ROUTE_FIELDS,
    SubjectKind,
)
from domain.workload import RequestClass, Workload

VERSION = 1
MOST_TEXT = 65_536
MOST_JSON = 1_000_000
_FORM = re.compile(r"llmref([1-9]\d{0,5})\.([A-Za-z0-9_-]+)\.([0-9a-f]{64})(?:\.([0-9a-f]{64}))?")


class Kind(StrEnum):
    """What was decided."""

    VERDICT = "VERDICT"
    MONTHLY_COST = "MONTHLY_COST"
    ROUTE_COST = "ROUTE_COST"
    SWITCH_FRICTION = "SWITCH_FRICTION"
    SWITCH_PLAN = "SWITCH_PLAN"
    BREAK_EVEN = "BREAK_EVEN"
    BENCHMARKS = "BENCHMARKS"
    CAPABILITY_MATRIX = "CAPABILITY_MATRIX"
    RECOMMENDATION = "RECOMMENDATION"
    CHEAPER_SWITCHES = "CHEAPER_SWITCHES"
    FALLBACKS = "FALLBACKS"


class UnusableRecord(ValueError):
    """A text that is no record to rely on. `code`: BAD_RECORD, TAMPERED_RECORD, RECORD_TOO_NEW or RECORD_TOO_LARGE."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, by natural names. `refs` are slugs of models or keys of routes, `terms` what else the kind takes. No
    `workload`: no month of use matters to it."""

    kind: Kind
    refs: tuple[str, ...]
    workload: Workload | None
    terms: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class UsedFact:
    """A fact as it was when it was used. `of` is the slug of a model, provider or lab, or the key of a route; no value is unknown;
    `source` said so, at `place`: the first digits of the document's SHA-256 and the place in it."""

    kind: str
    of: str
    field: str
    value: Json = None
    source: str | None = None
    place: str | None = None

    @property
    def name(self) -> tuple[str, str, str]:
        return self.kind, self.of, self.field


@dataclass(frozen=True, slots=True)
class Record:
    """`answer` is what was decided and `figures` are the numbers beside it, `sentence` says both in words. `rules` maps the ids of the
    rules to the first digits of the SHA-256 of their texts."""

    question: Question
    lens: Lens
    revision: int | None
    catalog: str | None
    day: date
    rules_version: str
    rules: Mapping[str, str]
    answer: Json
    figures: Json
    sentence: str
    facts: tuple[UsedFact, ...]


def rules_now(ids: Sequence[str]) -> Mapping[str, str]:
    """The rules as they are written now; an id that is no rule any more is left out."""
    known = registry()
    return {id_: sha256(known[id_].text.encode()).hexdigest()[:12] for id_ in sorted(set(ids)) if id_ in known}


def workload_json(workload: Workload | None) -> Json:
    """The workload class by class, so that a preset that changes changes no record."""
    if workload is None:
        return None
    return [workload.name, *([str(getattr(each, name)) for name in _CLASS] for each in workload.classes)]


_CLASS = (
    *("name", "requests", "input", "output", "cached_input", "cache_write", "reasoning"),
    *("batch_share", "cache_write_1h", "peak_share", "retries"),
)
_DECIMALS = frozenset({"batch_share", "peak_share", "retries"})


def _workload(said: Json) -> Workload | None:
    if said is None:
        return None
    name, *classes = _texts_first(said)
    made = []
    for each in classes:
        values: dict[str, Any] = {}
        for field, text in zip(_CLASS, each, strict=True):
            if not isinstance(text, str) or len(text) > 200:
                raise ValueError("a class of requests")
            values[field] = text if field == "name" else Decimal(text) if field in _DECIMALS else int(text)
        made.append(RequestClass(**values))
    return Workload(name, tuple(made))


def _texts_first(said: Json) -> list[Json]:
    if not isinstance(said, list) or not said or not isinstance(said[0], str):
        raise ValueError("a workload")
    return said


def written(record: Record, key: bytes) -> str:
    """The text of a record, signed with a key. Raises UnusableRecord RECORD_TOO_LARGE."""
    content = json.dumps(
        {
            "kind": record.question.kind.value,
            "refs": list(record.question.refs),
            "workload": workload_json(record.question.workload),
            "terms": record.question.terms,
            "lens": record.lens.key,
            "revision": record.revision,
            "catalog": record.catalog,
            "day": record.day.isoformat(),
            "rulesVersion": record.rules_version,
            "rules": dict(record.rules),
            "answer": record.answer,
            "figures": record.figures,
            "sentence": record.sentence,
            "facts": [[*each.name, each.value, each.source, each.place] for each in record.facts],
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()
    payload = urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")
    text = f"llmref{VERSION}.{payload}"
    text = f"{text}.{_digest(text)}"
    text = f"{text}.{_signature(text, key)}"
    if len(content) > MOST_JSON or len(text) > MOST_TEXT:
        message = "This decision rests on too many facts for one record; ask about fewer models."
        raise UnusableRecord("RECORD_TOO_LARGE", message)
    return text


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _signature(text: str, key: bytes) -> str:
    return hmac.new(key, text.encode(), sha256).hexdigest()


_AGAIN = "send it as you got it, whole and unchanged."


def read_record(text: str, key: bytes | None) -> Record:
    """The record of a text, once nothing in it is found changed and its signature is ours. Without a key only its digest is checked,
    for who wants to know what it asks before it is believed. Raises UnusableRecord."""
    text = text.strip() if len(text) <= 2 * MOST_TEXT else text
    found = _FORM.fullmatch(text) if len(text) <= MOST_TEXT else None
    if found is None:
        raise UnusableRecord("BAD_RECORD", f"This is no decision record (`llmref1.…`): {_AGAIN}")
    version, payload, digest, signature = found.groups()
    head = f"llmref{version}.{payload}"
    if not hmac.compare_digest(_digest(head), digest):
        raise UnusableRecord("TAMPERED_RECORD", f"The record is not what its digest says: {_AGAIN}")
    if int(version) > VERSION:
        message = f"The record has form {version}, and this service reads forms up to {VERSION}: ask a newer one."
        raise UnusableRecord("RECORD_TOO_NEW", message)
    if key is not None and not hmac.compare_digest(_signature(f"{head}.{digest}", key), signature or ""):
        message = (
            "The record does not carry the signature of this service: ask the question anew for a record of its own."
        )
        raise UnusableRecord("TAMPERED_RECORD", message)
    try:
        return _record(_content(payload))
    except (ValueError, TypeError, KeyError, ArithmeticError, zlib.error, binascii.Error):
        raise UnusableRecord("BAD_RECORD", "What the record holds is not what a record holds.") from None


def _content(payload: str) -> Json:
    """What is packed, of bounded size and depth."""
    packed = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(packed, MOST_JSON)
    if not unpacking.eof or unpacking.unused_data:
        raise ValueError("more than a record holds")
    return read_json(content)


def _is(said: Json, kind: type, *, absent: bool = False) -> Any:
    if (said is None and absent) or (isinstance(said, kind) and (kind is not int or not isinstance(said, bool))):
        return said
    raise ValueError(f"{kind.__name__} expected")


def _all(said: Json, kind: type) -> tuple[Any, ...]:
    return tuple(_is(each, kind) for each in _is(said, list))


def _record(said: Json) -> Record:
    refs = _all(said["refs"], str)
    if any(not 0 < len(ref) <= 200 for ref in refs) or len(refs) > 100:
        raise ValueError("refs")
    question = Question(Kind(said["kind"]), refs, _workload(said["workload"]), _is(said["terms"], dict))
    rules = {_is(id_, str): _is(text, str) for id_, text in _is(said["rules"], dict).items()}
    return Record(
        question,
        lens_of(_is(said["lens"], str)),
        _is(said["revision"], int, absent=True),
        _is(said["catalog"], str, absent=True),
        date.fromisoformat(_is(said["day"], str)),
        _is(said["rulesVersion"], str),
        rules,
        _is(said["answer"], dict),
        _is(said["figures"], dict),
        _is(said["sentence"], str),
        tuple(_fact(*each) for each in _is(said["facts"], list)),
    )


_FIELD = re.compile(
    "|".join(
        [
            *map(
                re.escape,
                sorted({*MODEL_FIELDS, *ROUTE_FIELDS, *PROVIDER_FIELDS, *LAB_FIELDS, *LICENSE_FIELDS, "region"}),
            ),
            rf"capability\.({'|'.join(CapabilityKind)})",
            rf"price\.({'|'.join(PriceMode)})\.\d{{1,12}}\.[a-z0-9_]{{1,60}}(@[A-Z]{{3}})?",
            r"benchmark\.[^\s]{1,200}",
        ]
    )
)


def _value(said: Json) -> Json:
    if isinstance(said, list) and all(isinstance(each, str) for each in said):
        return said
    if said is None or isinstance(said, str | bool | int):
        return said
    raise ValueError("a value")


def _fact(kind: Json, of: Json, field: Json, value: Json, source: Json, place: Json) -> UsedFact:
    source, place = _is(source, str, absent=True), _is(place, str, absent=True)
    if kind not in set(SubjectKind) or not _FIELD.fullmatch(_is(field, str)):
        raise ValueError("a fact")
    return UsedFact(str(kind), _is(of, str), field, _value(value), source, place)
