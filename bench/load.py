"""Load of a fixed number of connections that each ask again as soon as they are answered: wrk where it is installed, else a client
on asyncio and httptools, which takes more CPU of its own; a table says which.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import quantiles

import httptools

CONNECTIONS = 16
NEW = b"#000000000000"
"""Where this stands in a body, each request has another number: a comment that makes its document one that nobody has sent before."""


@dataclass(frozen=True, slots=True)
class Load:
    """What was seen: answers and seconds, and latencies in milliseconds. `failed` are answers that were none, or not 200."""

    answers: int
    seconds: float
    p50: float
    p99: float
    failed: int

    @property
    def rate(self) -> float:
        """Answers in a second."""
        return self.answers / self.seconds


def tool() -> str:
    """The name of what makes the load."""
    return "wrk" if shutil.which("wrk") else "asyncio and httptools"


def load(port: int, path: str, body: bytes | None, seconds: float) -> Load:
    """Ask one question for so many seconds. Whole seconds where wrk does it; with 0 each connection asks once. Without a body it is
    asked by GET whether anything changed. See `NEW` for documents that differ."""
    if seconds and shutil.which("wrk"):
        return _wrk(port, path, body, round(seconds))
    return asyncio.run(_asyncio(port, path, body, seconds))


_SCRIPT = """
if os.getenv("BENCH_BODY") then
  wrk.method = "POST"
  wrk.headers["content-type"] = "application/json"
  wrk.body = io.open(os.getenv("BENCH_BODY"), "rb"):read("*a")
  local before, after = wrk.body:match("^(.-#)000000000000(.*)$")
  if before then
    local number = tonumber(os.getenv("BENCH_FROM"))
    request = function()
      number = number + 1
      return wrk.format(nil, nil, nil, before .. string.format("%012d", number) .. after)
    end
  end
else
  wrk.headers["if-none-match"] = "*"
end
done = function(summary, latency, requests)
  local e = summary.errors
  print(string.format("BENCH %d %d %d %d %d", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def _first_number() -> int:
    """Above all that were given out before: microseconds pass faster than requests."""
    return time.time_ns() // 1000 % 10**12


def _wrk(port: int, path: str, body: bytes | None, seconds: int) -> Load:
    with tempfile.TemporaryDirectory() as folder:
        script, said = Path(folder) / "script.lua", Path(folder) / "body"
        script.write_text(_SCRIPT)
        said.write_bytes(body or b"")
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "60s", "-s", str(script)]
        done = subprocess.run(
            [*command, f"http://127.0.0.1:{port}{path}"],
            env={
                **({} if body is None else {"BENCH_BODY": str(said)}),
                "BENCH_FROM": str(_first_number()),
                "PATH": "/usr/bin:/bin:/usr/local/bin",
            },
            capture_output=True,
            text=True,
            check=True,
        )
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("BENCH"))
    answers, took, p50, p99, failed = map(int, line.split()[1:])
    return Load(answers, took / 1e6, p50 / 1e3, p99 / 1e3, failed)


class _Client(asyncio.Protocol):
    """One connection. Its answers are noted until the end."""

    def __init__(self, request: bytes, numbers: Iterator[int], end: float, noted: list[float]) -> None:
        self.request, self.numbers, self.end, self.noted = request, numbers, end, noted
        self.failed = 0
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._ask()

    def _next(self) -> None:
        if time.perf_counter() < self.end:
            self._ask()
        else:
            self.transport.close()

    def _ask(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.since = time.perf_counter()
        self.transport.write(self.request.replace(NEW, b"#%012d" % next(self.numbers)))

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.noted.append((time.perf_counter() - self.since) * 1e3)
        self.failed += self.parser.get_status_code() not in (200, 304)
        asyncio.get_running_loop().call_soon(self._next)

    def connection_lost(self, _: Exception | None) -> None:
        self.closed.set_result(None)


async def _asyncio(port: int, path: str, body: bytes | None, seconds: float) -> Load:
    if body is None:
        head, body = f"GET {path} HTTP/1.1\r\nhost: bench\r\nif-none-match: *\r\n\r\n", b""
    else:
        given = f"content-type: application/json\r\ncontent-length: {len(body)}"
        head = f"POST {path} HTTP/1.1\r\nhost: bench\r\n{given}\r\n\r\n"
    noted: list[float] = []
    numbers = count(_first_number())
    loop, since = asyncio.get_running_loop(), time.perf_counter()
    clients = [
        (
            await loop.create_connection(
                lambda: _Client(head.encode() + body, numbers, since + seconds, noted), "127.0.0.1", port
            )
        )[1]
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(client.closed for client in clients))
    took = time.perf_counter() - since
    cuts = quantiles(noted, n=100) if len(noted) > 1 else (noted or [float("nan")]) * 99
    return Load(len(noted), took, cuts[49], cuts[98], sum(client.failed for client in clients))
