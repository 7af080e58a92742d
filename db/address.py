"""`DATABASE_URL` as hosts hand it out: an address with libpq's parameters, which our driver takes by other ways.

Each parameter is translated or refused by name. None is dropped in silence, but for two that ask for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import URL, make_url
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.exc import ArgumentError

SHAPE: Final = "postgresql://user:password@host/database"
PLACES: Final = "ports from 1 to 65535, and of several hosts one for each; write host=a:5432&host=b:5432"
_DIALECT: Any = dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Address:
    """`url` says where, `arguments` are further arguments of `asyncpg.connect`, `server_settings` go to the server."""

    url: URL
    arguments: Mapping[str, Any] = field(default_factory=dict)
    server_settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def several(self) -> bool:
        """Whether there is more than one host to choose from."""
        host = self.url.query.get("host", "")
        return not isinstance(host, str) or "," in host


def _whole(low: int, high: int) -> Callable[[str], str | None]:
    def wrong(text: str) -> str | None:
        fits = text.isascii() and text.isdigit() and low <= int(text) <= high
        return None if fits else f"a whole number from {low} to {high}"

    return wrong


def _one_of(*words: str) -> Callable[[str], str | None]:
    return lambda text: None if text in words else f"one of {', '.join(words)}"


def _some(text: str) -> str | None:
    return None if text and "\0" not in text else "a text"


_TLS = _one_of("TLSv1.2", "TLSv1.3")
_DRIVER: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {
        "sslmode": _one_of("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
        "sslnegotiation": _one_of("postgres", "direct"),
        **dict.fromkeys(("sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl", "passfile"), _some),
        **dict.fromkeys(("ssl_min_protocol_version", "ssl_max_protocol_version"), _TLS),
    }
)
"""Parameters that the driver understands in an address of its own, and what is wrong with a value."""
_SERVER: Mapping[str, Callable[[str], str | None]] = MappingProxyType({"application_name": _some, "options": _some})
"""Parameters that are for the server."""
_NEEDLESS: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {
        "channel_binding": _one_of("disable", "prefer"),
        "gssencmode": _one_of("disable", "prefer"),
    }
)
"""Parameters for what the driver cannot do: it may be left undone where they do not require it."""
_OURS: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {
        "connect_timeout": _whole(1, 600),
        "prepared_statement_cache_size": _whole(0, 10_000),
        "target_session_attrs": _one_of("any", "primary", "read-write", "standby", "prefer-standby"),
    }
)
_PLACE: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    dict.fromkeys(("host", "port", "user", "password", "dbname"), _some)
)
"""Parameters that stand before the question mark in most addresses."""
PARAMETERS: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {**_PLACE, **_DRIVER, **_SERVER, **_NEEDLESS, **_OURS}
)


def address(text: str) -> Address:
    """What the text says. Raises ValueError with what is allowed, without any value, as that may be a password."""
    try:
        url = make_url(text)
    except Exception:  # SQLAlchemy raises several kinds for several kinds of nonsense
        raise ValueError(f"a database address; write {SHAPE}") from None
    if url.drivername not in {"postgres", "postgresql", "postgresql+asyncpg"}:
        raise ValueError(f"PostgreSQL, not {url.drivername!r}; write {SHAPE}")
    given = _checked(url)
    kept = {
        name: value for name, value in url.query.items() if name in {"host", "port", "prepared_statement_cache_size"}
    }
    url = url.set(drivername="postgresql+asyncpg", query=kept)
    url = url.set(
        username=given.get("user", url.username),
        password=given.get("password", url.password),
        database=given.get("dbname", url.database),
    )
    _check_places(url)
    arguments: dict[str, Any] = {}
    if "target_session_attrs" in given:
        # Our connections for answering refuse to write by themselves, which the driver would take for the server's word.
        wanted = given["target_session_attrs"]
        arguments["target_session_attrs"] = "primary" if wanted == "read-write" else wanted
    if driver := {name: given[name] for name in _DRIVER if name in given}:
        # Files of certificates can be given to the driver in its own kind of address only; what it lacks is taken
        # from the other arguments.
        arguments["dsn"] = f"postgresql://?{urlencode(driver)}"
    if "connect_timeout" in given:
        arguments["timeout"] = int(given["connect_timeout"])
    return Address(url, arguments, {name: given[name] for name in _SERVER if name in given})


def _check_places(url: URL) -> None:
    """Where that is, as the driver will be told it. Raises ValueError where it could be told nothing: better now than at the first
    connection."""
    try:
        (_, told) = _DIALECT.create_connect_args(url)
    except ArgumentError:
        raise ValueError(PLACES) from None
    hosts, ports = (
        each if isinstance(each, list) else [each] for each in (told.get("host", ""), told.get("port", url.port))
    )
    if any(port is not None and not 0 < port < 2**16 for port in ports):
        raise ValueError(PLACES)
    # What could not be divided into a name and a port was taken for a name.
    if any("," in host or (":" in host and not host.startswith("/") and not _is_ipv6(host)) for host in hosts):
        raise ValueError(PLACES)
    # Digits of other scripts are numbers for Python and for nobody else.
    if any(each.isdigit() and not each.isascii() for each in f"{url.host} {url.query}"):
        raise ValueError(PLACES)


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _checked(url: URL) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in url.query.items():
        if name not in PARAMETERS:
            raise ValueError(f"an address without the parameter {name!r}; allowed are {', '.join(sorted(PARAMETERS))}")
        if name in {"host", "port"}:
            continue  # several hosts are several values, which SQLAlchemy understands
        if not isinstance(value, str):
            raise ValueError(f"an address that gives {name} once")
        wrong = PARAMETERS[name](value)
        if wrong is not None:
            cannot = "; our driver cannot do more" if name in _NEEDLESS else ""
            raise ValueError(f"{wrong} in the parameter {name}{cannot}")
        given[name] = value
    return given
