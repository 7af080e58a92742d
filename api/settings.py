"""Every setting of the product in one table: name, default, what is allowed, what it is for.

`from_env` takes a mapping and gives frozen Settings, or refuses with the names of all wrong settings at once. It reads nothing but
the files of secrets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from db.address import address
from db.embedded import MAX_CONNECTIONS


class WrongSetting(ValueError):
    """One or more settings cannot be used; the message has a line for each."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`read` turns the text into the value or raises ValueError with what is allowed."""

    name: str
    default: str
    read: Callable[[str], Any]
    help: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Fields are the settings' names in lower case."""

    host: str
    port: int
    workers: int
    database_url: str | None = field(repr=False)
    database_read_url: str | None = field(repr=False)
    data_dir: Path
    pool_size: int
    pool_wait_seconds: float
    statement_timeout_ms: int
    operation_timeout_seconds: float
    body_timeout_seconds: float
    concurrency: int
    response_cache_mb: int
    documents: str
    streams_most: int
    cors_origins: tuple[str, ...]
    hsts_days: int
    rate_limit: int | None
    rate_limit_store: str | None = field(repr=False)
    rate_limit_fail: str
    trusted_proxies: tuple[str, ...]
    live_catalog: bool
    ingest_every: timedelta | None
    migrate: bool
    log_format: str
    log_level: str
    log_requests: float | None
    log_slow_ms: int
    otel_exporter_otlp_endpoint: str | None
    otel_traces_exporter: str | None
    otel_metrics_exporter: str | None
    record_key: bytes | None = field(repr=False)

    @property
    def traces(self) -> bool:
        """Whether traces are sent to a collector."""
        return self.otel_traces_exporter == "otlp" or _implied(self, self.otel_traces_exporter)

    @property
    def sent_metrics(self) -> bool:
        """Whether metrics are sent to a collector, beside being there for Prometheus."""
        return self.otel_metrics_exporter == "otlp" or _implied(self, self.otel_metrics_exporter)


def _implied(settings: Settings, exporter: str | None) -> bool:
    return exporter is None and settings.otel_exporter_otlp_endpoint is not None


def _between(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(" or ".join(words))
        return text

    return read


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 60:
        raise ValueError("seconds, more than 0 and at most 60")
    return value


def _host(text: str) -> str:
    if not text or any(letter.isspace() or letter in "/@" for letter in text):
        raise ValueError("a host name or an address, such as 127.0.0.1 or 0.0.0.0")
    return text


def _database(text: str) -> str | None:
    if not text:
        return None
    address(text)
    return text


def _folder(text: str) -> Path:
    if not text:
        raise ValueError("a folder")
    return Path(text)


_HOST = r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]"
_ORIGIN = re.compile(rf"(?P<scheme>https?)://(?:{_HOST})(?::(?P<port>[1-9][0-9]{{0,4}}))?")
_OWN_PORT = {"http": "80", "https": "443"}


def _is_origin(text: str) -> bool:
    """As a browser writes it, which is what is compared: no path, no slash at the end, no port that the scheme implies."""
    found = _ORIGIN.fullmatch(text)
    return found is not None and found["port"] != _OWN_PORT[found["scheme"]] and int(found["port"] or 1) < 2**16


def _origins(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if any(part != "*" and not _is_origin(part) for part in found):
        raise ValueError(
            "* for all, or whole origins as browsers write them, separated by commas: https://example.org or "
            "http://127.0.0.1:3000, in lower case, without a path, a slash at the end, a port that the scheme implies, "
            "or a * in the name"
        )
    return found


LEAST_BUDGET, MOST_BUDGET = 1_000, 1_000_000_000
"""Points a minute: less would not do for a single page, and the largest is exact as a float."""


def _budget(text: str) -> int | None:
    if text == "off":
        return None
    if not (text.isascii() and text.isdigit() and LEAST_BUDGET <= int(text) <= MOST_BUDGET):
        raise ValueError(f"off, or points a minute from {LEAST_BUDGET} to {MOST_BUDGET}")
    return int(text)


_STORE = re.compile(r"(?:redis|rediss|valkey|valkeys|unix)://\S+")


def _store(text: str) -> str | None:
    if not text:
        return None
    if _STORE.fullmatch(text) is None:
        raise ValueError("empty, or the address of a Valkey or Redis, such as redis://user:password@host:6379/0")
    return text


def _networks(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    for part in found:
        try:
            ip_network(part)
        except ValueError:
            raise ValueError(
                "addresses or networks of proxies, separated by commas, such as 10.0.0.0/8 or ::1"
            ) from None
    return found


def _switch(text: str) -> bool:
    if text not in {"on", "off"}:
        raise ValueError("on or off")
    return text == "on"


_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_SHORTEST, _LONGEST = timedelta(minutes=15), timedelta(days=30)


def _every(text: str) -> timedelta | None:
    if text == "off":
        return None
    number, unit = text[:-1], _UNITS.get(text[-1:])
    if unit is None or not (number.isascii() and number.isdigit() and len(number) <= 5):
        raise ValueError("off, or minutes, hours or days such as 30m, 6h or 1d")
    if not _SHORTEST <= int(number) * unit <= _LONGEST:
        raise ValueError("off, or from 15m to 30d")
    return int(number) * unit


def _key(text: str) -> bytes | None:
    if not text:
        return None
    if not 32 <= len(text) <= 1024:
        raise ValueError("a secret of 32 to 1,024 characters, the same for all replicas")
    return text.encode("utf-8", "surrogateescape")


def _share(text: str) -> float | None:
    """How many of the requests that are neither slow nor failed; None says nothing of these either."""
    named = {"off": None, "slow": 0.0, "all": 1.0}
    if text in named:
        return named[text]
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise ValueError("off, slow, all, or a share of all such as 0.01")
    return share


def _endpoint(text: str) -> str | None:
    if not text:
        return None
    if re.fullmatch(r"https?://[^\s/]+(/\S*)?", text) is None:
        raise ValueError("the address of a collector that takes OTLP over HTTP, such as http://127.0.0.1:4318")
    return text


def _exporter(text: str) -> str | None:
    if text not in ("", "otlp", "none"):
        raise ValueError("otlp or none")
    return text or None


_SECRET = frozenset(
    {"DATABASE_URL", "DATABASE_READ_URL", "RATE_LIMIT_STORE", "RECORD_KEY", "OTEL_EXPORTER_OTLP_ENDPOINT"}
)
"""Settings that are, or hold, a secret, which has no place in a message, and may be in a file: NAME_FILE names it."""
MOST_SECRET = 10_000
"""Bytes of such a file; what is longer is another file."""
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""No setting: where several processes of one server keep their numbers, as prometheus_client wants to be told. Serving makes the folder."""
OWN_POOL = MAX_CONNECTIONS - 10
"""The rest is for migrating, ingesting and the commands beside a server; all processes of one folder share them."""

TABLE: tuple[Setting, ...] = (
    Setting("HOST", "127.0.0.1", _host, "Address to listen on; 0.0.0.0 for all."),
    Setting("PORT", "8000", _between(1, 65535), "Port to listen on."),
    Setting("WORKERS", "1", _between(1, 64), "Processes that answer; about one for each core."),
    Setting(
        "DATABASE_URL", "", _database, "A PostgreSQL of your own; empty starts the one that comes with the package."
    ),
    Setting(
        "DATABASE_READ_URL",
        "",
        _database,
        "Where answers are read from, such as replicas; empty reads from DATABASE_URL.",
    ),
    Setting("DATA_DIR", ".data", _folder, "Folder of the database that comes with the package."),
    Setting(
        "POOL_SIZE",
        "10",
        _between(1, 200),
        f"Most database connections of one process; at most {OWN_POOL} without DATABASE_URL.",
    ),
    Setting("POOL_WAIT_SECONDS", "2", _seconds, "How long a request waits for a connection."),
    Setting("STATEMENT_TIMEOUT_MS", "3000", _between(1, 60_000), "When PostgreSQL gives up on a statement."),
    Setting("OPERATION_TIMEOUT_SECONDS", "8", _seconds, "When a whole operation is given up."),
    Setting("BODY_TIMEOUT_SECONDS", "5", _seconds, "When a request is given up whose body does not come."),
    Setting("CONCURRENCY", "32", _between(1, 1000), "Most operations that one process computes at once."),
    Setting(
        "RESPONSE_CACHE_MB",
        "64",
        _between(0, 100_000),
        "Memory for answers kept by each process; 0 keeps none, and computes each one anew.",
    ),
    Setting(
        "DOCUMENTS", "any", _one_of("any", "trusted"), "Whether any document is answered, or those of operations/ only."
    ),
    Setting(
        "STREAMS_MOST",
        "500",
        _between(0, 100_000),
        "Most subscriptions and sockets that one process holds open; 0 allows none.",
    ),
    Setting("CORS_ORIGINS", "*", _origins, "Origins that browsers may call from."),
    Setting("HSTS_DAYS", "0", _between(0, 730), "Days for which browsers may come over TLS alone; 0 does not say so."),
    Setting("RATE_LIMIT", "60000", _budget, "Points a minute of an address without an API key; off limits nobody."),
    Setting(
        "RATE_LIMIT_STORE", "", _store, "Valkey or Redis in which all processes count together; empty counts in each."
    ),
    Setting(
        "RATE_LIMIT_FAIL",
        "open",
        _one_of("open", "closed"),
        "Without that store each process counts for itself (open), or nothing is answered (closed).",
    ),
    Setting("TRUSTED_PROXIES", "", _networks, "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."),
    Setting("LIVE_CATALOG", "on", _switch, "Whether ingest asks models.dev for its live catalogue; off works offline."),
    Setting(
        "INGEST_EVERY",
        "off",
        _every,
        "How often serving asks every source, such as 6h; one process of all replicas does.",
    ),
    Setting(
        "MIGRATE",
        "on",
        _switch,
        "Whether serving brings the schema to the newest version; off refuses to start where it is not.",
    ),
    Setting("LOG_FORMAT", "text", _one_of("text", "json"), "How a log line is written."),
    Setting("LOG_LEVEL", "info", _one_of("debug", "info", "warning", "error"), "The least that is logged."),
    Setting(
        "LOG_REQUESTS",
        "slow",
        _share,
        "Which requests have a line: off, slow (or failed), all, or a share such as 0.01 beside these.",
    ),
    Setting("LOG_SLOW_MS", "1000", _between(1, 60_000), "From when on a request is slow."),
    Setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "",
        _endpoint,
        "Collector of traces and metrics, OTLP over HTTP; empty sends nothing.",
    ),
    Setting("OTEL_TRACES_EXPORTER", "", _exporter, "otlp or none; empty is otlp where a collector is set."),
    Setting("OTEL_METRICS_EXPORTER", "", _exporter, "otlp or none; empty is otlp where a collector is set."),
    Setting("RECORD_KEY", "", _key, "Secret that signs decision records; empty: the catalogue's own key does."),
)


class _WrongFile(ValueError):
    """A file that holds no secret that could be used."""


def _secret_in(file: str, beside: str) -> str:
    """The text of a file, without the line end that editors put there."""
    if beside:
        raise _WrongFile("what is set is not allowed beside the setting itself; expected one of the two")
    try:
        with Path(file).open(encoding="utf-8") as opened:
            text = opened.read(MOST_SECRET + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no text in UTF-8"
        raise _WrongFile(f"{file!r} cannot be read ({why}); expected the name of a file with the value") from None
    if not text.strip() or len(text) > MOST_SECRET:
        raise _WrongFile(f"{file!r} is empty or larger than {MOST_SECRET} bytes; expected a file with the value alone")
    return text.removesuffix("\n").removesuffix("\r")


def hand_on(environment: MutableMapping[str, str], database_url: str) -> None:
    """Names the database to further processes, in place of whichever way it was named to this one."""
    environment["DATABASE_URL"] = database_url
    environment.pop("DATABASE_URL_FILE", None)


def from_env(environment: Mapping[str, str]) -> Settings:
    """Settings from an environment, and from the files of secrets that it names. Raises WrongSetting that names every wrong one and
    what is allowed."""
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for setting in TABLE:
        try:
            text = environment.get(setting.name, setting.default)
            if setting.name in _SECRET and (file := environment.get(f"{setting.name}_FILE")):
                text = _secret_in(file, text)
            values[setting.name.lower()] = setting.read(text)
        except _WrongFile as error:
            wrong.append(f"{setting.name}_FILE: {error}")
        except ValueError as error:
            shown = "what is set" if setting.name in _SECRET else repr(text)
            wrong.append(f"{setting.name}: {shown} is not allowed; expected {error}")
    if not wrong and values["database_read_url"] is not None and values["database_url"] is None:
        wrong.append(
            "DATABASE_READ_URL: what is set is not allowed without DATABASE_URL, which names the database that is written to; "
            "expected both or none"
        )
    # The package's own server has its limit before anybody asks; of another one only its owner knows.
    if not wrong and values["database_url"] is None and values["pool_size"] * values["workers"] > OWN_POOL:
        wrong.append(
            f"POOL_SIZE: {values['pool_size']} for each of WORKERS {values['workers']} is not allowed without DATABASE_URL, because "
            f"the package's own PostgreSQL takes {MAX_CONNECTIONS} connections; expected a whole number from 1 to {OWN_POOL // values['workers']}"
        )
    if wrong:
        raise WrongSetting("\n".join(wrong))
    return Settings(**values)
