"""What a request over HTTP asks, read as GraphQL over HTTP has it: method, media types, a bounded body, and the document's text,
also where only its id was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive, Scope

from api.deadlines import Deadlines
from api.documents import Documents
from api.errors import Refused
from domain.plain_json import nested_deeper

MAX_BODY = 100_000
_HEADERS = "llmref.headers"
MAX_NESTING = 20
"""Levels of lists and objects in variables; the schema's own inputs have half as many."""
MOST_REMEMBERED, MOST_REMEMBERED_BYTES = 256, 16_000
"""Requests of which is remembered what they ask, and the longest of them."""


class Media(StrEnum):
    """What an answer may be."""

    GRAPHQL = "application/graphql-response+json"
    JSON = "application/json"
    EVENTS = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation to be answered. `by_get`: it may only read, and its answer may be kept by others. `trusted`: the document is
    one of our own."""

    text: str
    variables: Mapping[str, Any]
    operation_name: str | None = None
    by_get: bool = False
    trusted: bool = False
    register: Callable[[], None] | None = field(default=None, compare=False, repr=False)
    """Makes the document known by its hash, where the client wants that; to be called once it has been paid for."""


class ClientLeft(Exception):
    """Nobody waits for the answer any more."""


def header(scope: Scope, name: bytes) -> str:
    """The header of that name, empty where there is none: several lines of one are its list, as RFC 9110 (5.3) has it. What is no
    list and comes twice is thereby nothing that we know. Names come in small letters."""
    found = (scope.get(_HEADERS) or headers(scope)).get(name)
    return "" if found is None else found.decode("latin-1")


def headers(scope: Scope) -> Mapping[bytes, bytes]:
    """All headers by name, put together once for each request."""
    found: dict[bytes, bytes] | None = scope.get(_HEADERS)
    if found is None:
        found = scope[_HEADERS] = dict(scope["headers"])
        if len(found) < len(scope["headers"]):
            for name in found:
                found[name] = b", ".join([value for key, value in scope["headers"] if key == name])
    return found


@lru_cache(maxsize=64)
def accepted(header: str) -> Sequence[Media]:
    """What the client takes of what we have, its favourite first: by q, then in the order in which it was written.
    Nothing said is JSON, as for older clients. Raises Refused 406."""
    if not header or header == "*/*":
        return [Media.JSON]
    quality: dict[Media, float] = {}
    parts = header.split(",")
    for part in sorted(
        parts, key=lambda part: part.partition(";")[0].count("*")
    ):  # the more exact counts, wherever it stands
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        for media in _meant(kind):
            quality.setdefault(media, _quality(parameters))
    wanted = sorted((media for media, q in quality.items() if q > 0), key=lambda media: -quality[media])
    if not wanted:
        raise Refused(
            406, "NOT_ACCEPTABLE", f"Accept {Media.GRAPHQL.value} or {Media.JSON.value}; nothing else is here."
        )
    return wanted


def _meant(kind: str) -> tuple[Media, ...]:
    if kind in ("*/*", "application/*"):
        return (Media.JSON, Media.GRAPHQL)
    if kind == "text/*":
        return (Media.EVENTS,)
    return tuple(media for media in Media if media.value == kind)


def _quality(parameters: list[str]) -> float:
    for each in parameters:
        name, _, value = each.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                return 0.0
            return quality if 0 <= quality <= 1 else 0.0
    return 1.0


class Requests:
    """Reads requests. What the same bytes asked before is remembered, because clients send few different ones."""

    def __init__(self, documents: Documents, body_timeout_s: float) -> None:
        self._documents, self._bodies = documents, Deadlines(body_timeout_s)
        self._remembered = lru_cache(MOST_REMEMBERED)(self._asked)

    async def read(self, scope: Scope, receive: Receive) -> Asked:
        """The operation that a request asks for. Raises Refused, and ClientLeft."""
        if scope["method"] == "POST":
            _check_is_json(header(scope, b"content-type"))
            _check_is_plain(header(scope, b"content-encoding"))
            sent, by_get = await self._body(scope, receive), False
        elif scope["method"] in ("GET", "HEAD"):
            sent, by_get = scope["query_string"], True
        else:
            raise Refused(405, "METHOD_NOT_ALLOWED", "Use GET or POST.", {"allow": "GET, HEAD, POST"})
        # One that registers its document does so each time that it comes.
        if len(sent) > MOST_REMEMBERED_BYTES or b"persistedQuery" in sent:
            return self._asked(sent, by_get)
        return self._remembered(sent, by_get)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        try:
            return await self._bodies.within(_body(scope, receive))
        except TimeoutError:
            said = f"The body did not come within {self._bodies.seconds:g} s."
            raise Refused(408, "BODY_TIMEOUT", said, {"connection": "close"}) from None

    def _asked(self, sent: bytes, by_get: bool) -> Asked:
        return operation_of(_parameters(sent) if by_get else _json(sent), self._documents, by_get=by_get)


@lru_cache(maxsize=64)
def _check_is_json(content_type: str) -> None:
    kind, *parameters = (piece.strip().lower() for piece in content_type.split(";"))
    charset = [each.partition("=")[2].strip('"') for each in parameters if each.startswith("charset=")]
    if kind != "application/json" or charset not in ([], ["utf-8"], ["utf8"]):
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Send the request as application/json in UTF-8.")


def _check_is_plain(content_encoding: str) -> None:
    """Nothing is unpacked, so that no body is larger than it was sent. RFC 9110 (12.5.3) has the 415 say what would do."""
    if content_encoding.strip().lower() not in ("", "identity"):
        raise Refused(
            415, "UNSUPPORTED_MEDIA_TYPE", "Send the body without Content-Encoding.", {"accept-encoding": "identity"}
        )


def _json(body: bytes) -> Any:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(400, "BAD_REQUEST", "The body is not JSON in UTF-8.") from None
    if isinstance(given, list):
        raise Refused(400, "BATCHING_NOT_SUPPORTED", "Send one operation a request; many requests share a connection.")
    return given


def _parameters(query: bytes) -> dict[str, Any]:
    """The parameters of an address. Empty ones are the same as absent ones."""
    if len(query) > MAX_BODY:
        raise Refused(413, "BODY_TOO_LARGE", f"Send at most {MAX_BODY} bytes.")
    try:
        given: dict[str, Any] = dict(parse_qsl(query.decode("latin-1"), errors="strict"))
    except UnicodeDecodeError:
        raise Refused(400, "BAD_REQUEST", "The address is not in UTF-8.") from None
    for name in ("variables", "extensions"):
        if name in given:
            try:
                given[name] = orjson.loads(given[name].encode("utf-8", "surrogatepass"))
            except orjson.JSONDecodeError:
                raise Refused(400, "BAD_REQUEST", f"The parameter `{name}` is not JSON.") from None
    return given


def operation_of(given: Any, documents: Documents, *, by_get: bool = False) -> Asked:
    """What a request in any transport asks. Raises Refused 400."""
    if not isinstance(given, dict):
        raise Refused(400, "BAD_REQUEST", 'Send one JSON object: {"query": "{ __typename }"}.')
    variables, name = given.get("variables"), given.get("operationName")
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        raise Refused(400, "BAD_REQUEST", "`variables` must be an object and `operationName` text.")
    if nested_deeper(variables, MAX_NESTING):
        raise Refused(400, "BAD_REQUEST", f"`variables` may be nested {MAX_NESTING} levels deep.")
    extensions = given.get("extensions")
    if not isinstance(extensions, dict | None):
        raise Refused(400, "BAD_REQUEST", "`extensions` must be an object.")
    text = documents.text_of(given)
    registers = given.get("query") is not None and "persistedQuery" in (extensions or {})
    register = partial(documents.register, text) if registers else None
    return Asked(text, variables or {}, name or None, by_get, documents.trusted(text), register)


async def _body(scope: Scope, receive: Receive) -> bytes:
    announced = header(scope, b"content-length")
    if announced.isdigit() and int(announced) > MAX_BODY:
        raise _too_large()
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY:
            raise _too_large()
        chunks.append(chunk)
        more = message.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_large() -> Refused:
    # What was not read would be taken for the next request, hence the end of the connection.
    return Refused(413, "BODY_TOO_LARGE", f"Send at most {MAX_BODY} bytes.", {"connection": "close"})
