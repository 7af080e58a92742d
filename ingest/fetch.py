"""The only network client: gets one document over http or https, or from a file, within limits of time and size."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx

CONNECT_S, TOTAL_S = 3.0, 10.0
MAX_BYTES = 64 * 1024 * 1024
_ATTEMPT = "llmref (catalogue import)"


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


def is_web(place: str) -> bool:
    """Whether the place is an address and not a file."""
    return urlsplit(place).scheme in ("http", "https")


async def fetch(place: str) -> bytes:
    """The bytes at a web address or in a file. Raises a FetchError."""
    if is_web(place):
        return await _get(place)
    if "://" in place:
        raise UnknownAddress(f"{place}: only http, https and files can be read")
    return await asyncio.to_thread(_read, Path(place))


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise TooLarge(f"{path}: larger than {MAX_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from error


async def _get(url: str) -> bytes:
    body = bytearray()
    try:
        async with (
            asyncio.timeout(TOTAL_S),
            httpx.AsyncClient(
                timeout=httpx.Timeout(TOTAL_S, connect=CONNECT_S),
                follow_redirects=True,
                max_redirects=3,
                headers={"user-agent": _ATTEMPT},
            ) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != 200:
                raise Unreachable(f"{url}: answered {answer.status_code}")
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise TooLarge(f"{url}: larger than {MAX_BYTES} bytes")
    except TimeoutError as error:
        raise Unreachable(f"{url}: no complete answer within {TOTAL_S:.0f} s") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreachable(f"{url}: {type(error).__name__}: {error}".rstrip(": ")) from error
    return bytes(body)
