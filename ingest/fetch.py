"""The only network client: gets one document over http or https, or from a file, within limits of time, size and address.
A server is asked whether there is anything new, and asked again later when it is busy; see `ingest.wire` for who may be asked.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx2 as httpx

from ingest.wire import Packed, RefusedAddress, TooMuch, admitted, transport

CONNECT_S, TOTAL_S = 3.0, 10.0
"""Of one attempt."""
ATTEMPTS, PATIENCE_S = 4, 60.0
"""How often a server is asked for one document, and for how long in all, the waiting included."""
FIRST_WAIT_S = 1.0
MAX_BYTES = 64 * 1024 * 1024
MAX_REDIRECTS = 3
_LONGEST_VALIDATOR = 1000
_NAME = "llmref (catalogue import)"
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOVED = frozenset({301, 302, 303, 307, 308})


class FetchError(Exception):
    """The document could not be had. The message names the address and the reason."""


class Unreachable(FetchError):
    """Nobody answered in time, or the answer was not 200."""


class TooLarge(FetchError):
    """The document is larger than MAX_BYTES."""


class Unreadable(FetchError):
    """The file is not there, or may not be read."""


class UnknownAddress(FetchError):
    """Neither a file nor an http or https address."""


class NotAllowed(FetchError):
    """The address, or one that it leads to, is not one that may be asked."""


class _Busy(Exception):
    """It may be worth asking again, after the time that the server asks for, if it does."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Version:
    """What a server calls the version of a document: given back to it, it answers only if there is another one."""

    etag: str | None = None
    last_modified: str | None = None


UNKNOWN = Version()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document. `url` is the address that gave it in the end."""

    body: bytes
    url: str
    version: Version = UNKNOWN


@dataclass(frozen=True, slots=True)
class NotModified:
    """There is no other version than the known one."""


def is_web(place: str) -> bool:
    """Whether the place is an address and not a file. Raises UnknownAddress where it is neither."""
    try:
        return urlsplit(place).scheme in ("http", "https")
    except ValueError as error:
        raise UnknownAddress(f"{place}: {error}") from None


def host_of(place: str) -> frozenset[str]:
    """The host of an address: to be trusted where somebody wrote the address on the command line; none for a file."""
    return frozenset({urlsplit(place).hostname or ""} - {""} if is_web(place) else ())


async def fetch(
    place: str, *, known: Version | None = None, trusted: Collection[str] = (), attempts: int = ATTEMPTS
) -> Fetched | NotModified:
    """The document at a web address or in a file. Raises a FetchError.

    A host that is not `trusted` is asked over https only, and never at a private address. `known` is the version that we
    have. Where nobody answers, or the server is busy, it is asked `attempts` times in all, each time after a longer wait.
    """
    if is_web(place):
        return await _patiently(place, known or UNKNOWN, frozenset(trusted), attempts)
    if "://" in place:
        raise UnknownAddress(f"{place}: only http, https and files can be read")
    return Fetched(await asyncio.to_thread(_read, Path(place)), place)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from error
    if len(body) > MAX_BYTES:
        raise TooLarge(f"{path}: larger than {MAX_BYTES} bytes")
    return body


def wait_before(attempt: int, asked_s: float | None, chance: float) -> float:
    """Seconds before the second (1), third (2) … attempt: twice as long each time, and between half of that and all of it by
    chance, so that many who failed together do not come back together; at least as long as the server asks for."""
    return max(FIRST_WAIT_S * 2.0 ** (attempt - 1) * (0.5 + chance / 2), asked_s or 0.0)


async def _patiently(url: str, known: Version, trusted: frozenset[str], attempts: int) -> Fetched | NotModified:
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE_S
    attempt = 1
    while True:
        try:
            async with asyncio.timeout(TOTAL_S):
                return await _get(url, known, trusted)
        except TimeoutError:
            busy = _Busy(f"no complete answer within {TOTAL_S:.0f} s")
        except _Busy as error:
            busy = error
        wait = wait_before(attempt, busy.wait_s, random.random())
        if attempt >= attempts or loop.time() + wait > end:
            asks = f", and asks to come back in {busy.wait_s:.0f} s" if busy.wait_s else ""
            times = "" if attempt == 1 else f" (asked {attempt} times)"
            raise Unreachable(f"{url}: {busy}{asks}{times}") from busy
        await pause(wait)
        attempt += 1


async def pause(seconds: float) -> None:
    """Waits."""
    await asyncio.sleep(seconds)


async def _get(url: str, known: Version, trusted: frozenset[str]) -> Fetched | NotModified:
    """One attempt, through at most MAX_REDIRECTS addresses."""
    asked = url
    try:
        for _ in range(MAX_REDIRECTS + 1):
            admitted(asked, trusted)
            async with (
                httpx.AsyncClient(
                    timeout=httpx.Timeout(TOTAL_S, connect=CONNECT_S),
                    transport=transport(asked, trusted),
                    headers=_headers(known),
                ) as client,
                client.stream("GET", asked) as answer,
            ):
                if answer.status_code not in _MOVED or "location" not in answer.headers:
                    return await _document(url, asked, answer, known)
                target = urljoin(asked, answer.headers["location"])
            if urlsplit(asked).scheme == "https" and urlsplit(target).scheme == "http":
                raise NotAllowed(f"{url}: leads from https to {target}")
            asked = target
    except RefusedAddress as error:
        leads = "" if asked == url else f"leads to {asked}: "
        raise NotAllowed(f"{url}: {leads}{error}") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError, ImportError) as error:
        raise UnknownAddress(f"{url}: {error}") from error
    except httpx.HTTPError as error:
        raise _Busy(f"{type(error).__name__}: {error}".rstrip(": ")) from error
    raise Unreachable(f"{url}: leads to more than {MAX_REDIRECTS} other addresses")


def _headers(known: Version) -> dict[str, str]:
    headers = {"user-agent": _NAME, "accept-encoding": "gzip"}
    if known.etag:
        headers["if-none-match"] = known.etag
    if known.last_modified:
        headers["if-modified-since"] = known.last_modified
    return headers


async def _document(url: str, asked: str, answer: httpx.Response, known: Version) -> Fetched | NotModified:
    status = answer.status_code
    if status == 304 and known != UNKNOWN:
        return NotModified()
    if status in _BUSY:
        raise _Busy(f"answered {status}", _retry_after(answer.headers.get("retry-after")))
    if status != 200:
        raise Unreachable(f"{url}: answered {status}")
    try:
        packed = Packed(answer.headers.get("content-encoding", ""), MAX_BYTES)
        async for chunk in answer.aiter_raw():
            packed.feed(chunk)
        body = packed.end()
    except TooMuch:
        raise TooLarge(f"{url}: larger than {MAX_BYTES} bytes") from None
    validators = (answer.headers.get(name) for name in ("etag", "last-modified"))
    return Fetched(
        body, asked, Version(*(each if each and len(each) <= _LONGEST_VALIDATOR else None for each in validators))
    )


def _retry_after(text: str | None) -> float | None:
    """Seconds to wait, of a header that gives seconds or a moment; None where it gives neither."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
