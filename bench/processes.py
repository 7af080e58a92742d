"""The servers of a run as processes: how they are started, when they answer, and how much CPU each has used."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

_TICKS_MS = 1000 / os.sysconf("SC_CLK_TCK")
POOL_SIZE = 5
"""Connections of every server alike; PostgreSQL takes 60 and they all stand ready together."""
_PATIENCE_S = 60
_STARTED = time.monotonic()


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens."""

    name: str
    port: int
    process: int


def said(word: str) -> None:
    """Tell whoever waits how far it is, with the seconds since the start."""
    print(f"bench: {time.monotonic() - _STARTED:4.0f} s, {word}", file=sys.stderr, flush=True)


def _parents() -> Mapping[int, int]:
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with suppress(OSError):
                found[int(entry)] = int(_fields(int(entry))[1])
    return found


def _fields(process: int) -> list[str]:
    """Of /proc/N/stat, from the state on: the name before may have spaces."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def cpu_ms(process: int) -> float:
    """Milliseconds of CPU that a process and all below it have used, those that ended included."""
    parents = _parents()
    family, ended = {process}, False
    while not ended:
        grown = family | {child for child, parent in parents.items() if parent in family}
        family, ended = grown, grown == family
    used = 0
    for each in family:
        with suppress(OSError):
            fields = _fields(each)
            used += int(fields[11]) + int(fields[12])  # user and system
            if each == process:
                used += int(fields[13]) + int(fields[14])  # of children that ended
    return used * _TICKS_MS


def ask(port: int, path: str, body: bytes | None) -> bytes:
    """One answer; without a body it is asked by GET whether anything changed, and empty where nothing has. Raises URLError where
    there is none, or another status."""
    headers = {"if-none-match": "*"} if body is None else {"content-type": "application/json"}
    request = Request(f"http://127.0.0.1:{port}{path}", body, headers)
    try:
        with urlopen(request, timeout=120) as response:
            answer: bytes = response.read()
    except HTTPError as error:
        if error.code != 304:
            raise
        return b""
    return answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(name: str, environment: Mapping[str, str], command: Sequence[str] | None = None) -> Iterator[Server]:
    """A server on a free port until the end of the block. Without a command it is one of `bench.serve`."""
    port = _free_port()
    given = {**os.environ, "PORT": str(port), "POOL_SIZE": str(POOL_SIZE), **environment}
    words = [sys.executable, "-m", "bench.serve", name] if command is None else list(command)
    process = subprocess.Popen(words, env=given, start_new_session=True)
    try:
        end = time.monotonic() + _PATIENCE_S
        while True:
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"the server {name} does not start")
            try:
                ask(port, "/graphql", b'{"query":"{ __typename }"}')
            except (URLError, OSError):
                time.sleep(0.1)
            else:
                break
        yield Server(name, port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
