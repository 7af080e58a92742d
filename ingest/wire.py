"""Who may be asked over the network, and how much is taken: no private address is connected to, and a packed answer is unpacked
piece by piece, so that a small one cannot become a huge one. Both hold for every address to which an answer leads on.
"""

from __future__ import annotations

import asyncio
import socket
import zlib
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2 as httpx

_NAT64 = IPv6Network("64:ff9b::/96")
_TRANSLATED = (IPv6Network("64:ff9b:1::/48"), IPv6Network("::ffff:0:0:0/96"), IPv6Network("::/96"))
"""Networks whose addresses hold an IPv4 address that a gateway of one's own may turn them into. None is looked into, as none is public."""


class RefusedAddress(Exception):
    """This address may not be asked; the message says why."""


class TooMuch(Exception):
    """The answer unpacks to more than is allowed."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the public internet: not private, loopback, link-local, shared, reserved or multicast, also
    where IPv6 only wraps an IPv4 address."""
    if isinstance(address, IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if wrapped is not None:
            return is_public(wrapped)
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address.is_site_local or any(address in network for network in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def admitted(url: str, trusted: frozenset[str]) -> None:
    """Raises RefusedAddress where an address may not be asked by what is written in it: a host that is not trusted needs https
    and, where it is a number, a public one; nobody is given a password."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise RefusedAddress("only http and https can be asked")
    if parts.username is not None or parts.password is not None:
        raise RefusedAddress("an address with a user name is not asked")
    host = parts.hostname or ""
    if host in trusted:
        return
    if parts.scheme != "https":
        raise RefusedAddress("without TLS; https is needed")
    address = _literal(host)
    if address is not None and not is_public(address):
        raise RefusedAddress(f"{address} is no public address")


def transport(url: str, trusted: frozenset[str]) -> httpx.AsyncBaseTransport:
    """What connects to the host of an address: through the proxy that the environment names for it, whose own matter it then is
    to whom it connects, else directly and to public addresses only."""
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    if proxy and not proxy_bypass(parts.hostname or ""):
        return httpx.AsyncHTTPTransport(proxy=httpx.Proxy(proxy))
    direct = httpx.AsyncHTTPTransport()
    # httpx has no way to say who connects; its pool has.
    direct._pool = httpcore2.AsyncConnectionPool(
        ssl_context=httpx.create_ssl_context(), network_backend=_Guarded(trusted), max_connections=1
    )
    return direct


class _Guarded(httpcore2.AsyncNetworkBackend):
    """Resolves a host itself and connects to what it has looked at, so that a name cannot mean another address a moment later."""

    def __init__(self, trusted: frozenset[str]) -> None:
        self._trusted = trusted
        self._backend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        failed: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in await self._addresses(host, port):
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"{host}: {error}") from error
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if host not in self._trusted:
            for each in addresses:
                address = _literal(each)
                if address is None or not is_public(address):
                    raise RefusedAddress(f"{host} is at {each}, which is no public address")
        return addresses


class Packed:
    """The bytes of an answer, unpacked as they come. Raises TooMuch as soon as there are more than `most`."""

    def __init__(self, encoding: str, most: int) -> None:
        self._most = most
        self._body = bytearray()
        named = [
            name for name in (part.strip().lower() for part in encoding.split(",")) if name not in ("", "identity")
        ]
        if named not in ([], ["gzip"], ["x-gzip"]):
            # We say that we take gzip alone; packed twice, a small answer can unpack to anything.
            raise httpx.DecodingError(f"packed as {encoding[:60]!r}, which was not asked for")
        self._zip = zlib.decompressobj(zlib.MAX_WBITS | 16) if named else None

    def feed(self, chunk: bytes) -> None:
        """One more piece."""
        if self._zip is None:
            self._add(chunk)
            return
        try:
            while chunk:
                if self._zip.eof:  # a packed answer may consist of several
                    self._zip = zlib.decompressobj(zlib.MAX_WBITS | 16)
                self._add(self._zip.decompress(chunk, self._most + 1 - len(self._body)))
                chunk = self._zip.unconsumed_tail or self._zip.unused_data
        except zlib.error as error:
            raise httpx.DecodingError(f"broken gzip: {error}") from error

    def end(self) -> bytes:
        """All of it. Raises httpx.DecodingError where it was cut short."""
        if self._zip is not None and not self._zip.eof:
            raise httpx.DecodingError("broken gzip: it ends too early")
        return bytes(self._body)

    def _add(self, part: bytes) -> None:
        self._body += part
        if len(self._body) > self._most:
            raise TooMuch
