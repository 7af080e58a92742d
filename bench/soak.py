"""Ten minutes of mixed load on 64 connections, with an ingest and a restart of the database in the middle: python -m bench.soak

It holds all answers against each other and, at the end, against a fresh process without a cache: one document with the same
variables on one revision has one answer. It says what was wrong, which errors came while the database was there, and whether
connections, tasks or memory were left behind. Everything happens on this machine, in a folder that is thrown away.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import hashlib
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import asyncpg

from api.operations import operations
from db.embedded import EmbeddedPostgres
from ingest.sources.packages import packaged_document

CONNECTIONS = 64
AWAY_GRACE_S = 15.0
"""After the database is back, errors may last so long: until connections are made anew."""
MODELS = """query ($first: Int!, $after: String) { models(first: $first, after: $after) { totalCount
  nodes { slug name contextWindow lab { name } routes(first: 3) { nodes { provider { name } prices { mode above inputMtok outputMtok } } } } } }"""
MODEL = "query ($ref: String!) { model(ref: $ref) { name routes(first: 1) { nodes { provider { name } prices { outputMtok } } } } }"
SEARCH = "query ($text: String!) { models(where: {text: $text}, first: 5) { nodes { slug name } } }"
RECOMMEND = next(each.query for each in operations() if each.name == "Recommend")
WRONG = ("{ nothing }", "{", "{ model(ref: 5) { name } }")
WORDS = ("gpt", "claude", "gemini flash", "qwen", "mistrl", "deepseek v3", "kimi", "llama")


@dataclass(slots=True)
class Seen:
    """What came back."""

    statuses: Counter[str] = field(default_factory=Counter)
    bodies: dict[tuple[str, str, str], str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    errors_while_up: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    stale: int = 0
    away: list[tuple[float, float]] = field(default_factory=list)

    def is_away(self, at: float) -> bool:
        return any(since <= at <= until + AWAY_GRACE_S for since, until in self.away)


class Connection:
    """One HTTP/1.1 connection that is used again and again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, target: str, body: bytes = b"") -> tuple[int, Mapping[str, str], bytes]:
        if self._writer is None or self._writer.is_closing():
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        assert self._reader is not None
        head = f"{method} {target} HTTP/1.1\r\nhost: soak\r\naccept: application/graphql-response+json\r\n"
        if body:
            head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        self._writer.write(head.encode() + b"\r\n" + body)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        content = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return int(lines[0].split()[1]), headers, content

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def question(random_: random.Random, slugs: list[str]) -> tuple[str, Mapping[str, Any]]:
    """A document and its variables: mostly what many ask, sometimes what nobody asked before, sometimes nonsense."""
    kind = random_.random()
    if kind < 0.35:
        return random_.choice([each.query for each in operations() if each.name != "Recommend"]), {}
    if kind < 0.60:
        return MODEL, {"ref": random_.choice(slugs)}
    if kind < 0.80:
        return MODELS, {"first": random_.randint(1, 50)}
    if kind < 0.93:
        return SEARCH, {"text": random_.choice(WORDS)}
    return (RECOMMEND, {}) if kind < 0.94 else (random_.choice(WRONG), {})


async def client(number: int, port: int, ends: float, slugs: list[str], seen: Seen) -> None:
    """Asks until the end. One in fifty leaves before the answer is there."""
    random_, connection = random.Random(number), Connection(port)
    while time.monotonic() < ends:
        text, variables = question(random_, slugs)
        by_get = random_.random() < 0.3 and len(text) < 6_000
        target = f"/graphql?{urlencode({'query': text, 'variables': json.dumps(variables)})}" if by_get else "/graphql"
        body = b"" if by_get else json.dumps({"query": text, "variables": variables}).encode()
        asking = connection.ask("GET" if by_get else "POST", target, body)
        began = time.monotonic()
        try:
            if random_.random() < 0.02:
                await asyncio.wait_for(asking, random_.random() * 0.02)
                continue
            status, headers, content = await asyncio.wait_for(asking, 30)
        except TimeoutError:
            connection.close()
            if time.monotonic() - began > 29:
                seen.errors_while_up["no answer within 30 s"] += not seen.is_away(began)
            continue
        except (OSError, EOFError) as error:
            connection.close()
            seen.errors_while_up[type(error).__name__] += not seen.is_away(began)
            continue
        note(seen, text, variables, status, headers, content, began)
    connection.close()


def note(
    seen: Seen,
    text: str,
    variables: Mapping[str, Any],
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    began: float,
) -> None:
    seen.statuses[str(status)] += 1
    seen.seconds.append(time.monotonic() - began)
    seen.stale += "llmref-stale" in headers
    expected = {400} if text in WRONG else {200}
    if status not in expected:
        code = json.loads(content)["errors"][0]["extensions"]["code"]
        if status != 503 or not (seen.is_away(began) or code == "OVERLOADED"):
            seen.errors_while_up[f"{status} {code}"] += 1
        elif code == "OVERLOADED":
            seen.statuses["OVERLOADED"] += 1
        return
    if status == 200:
        key = (text, json.dumps(variables), headers["llmref-revision"])
        digest = hashlib.sha256(data_of(content)).hexdigest()
        if seen.bodies.setdefault(key, digest) != digest:
            seen.wrong.append(f"two answers on revision {key[2]}: {text[:60]} {key[1]}")


def data_of(content: bytes) -> bytes:
    """The answer without what tells of its making."""
    found = json.loads(content)
    found.pop("extensions", None)
    return json.dumps(found).encode()


def changed_document(folder: Path) -> Path:
    """The packaged catalogue of models.dev with a million tokens a cent dearer on every tenth route."""
    body = packaged_document("models.dev").body
    catalogue = json.loads(gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body)
    number = 0
    for provider in catalogue.values():
        for model in provider.get("models", {}).values():
            number += 1
            if number % 10 == 0 and model.get("cost", {}).get("output"):
                model["cost"]["output"] = round(model["cost"]["output"] + 0.01, 6)
    made = folder / "changed.json"
    made.write_text(json.dumps(catalogue))
    return made


@contextmanager
def server(url: str, port: int, log: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "PORT": str(port),
        "LIVE_CATALOG": "off",
        "RATE_LIMIT": "off",
        **settings,
    }
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-m", "api", "serve"], env=environment, stdout=out, stderr=out)
    try:
        while b"Stop:" not in log.read_bytes():
            if process.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def memory_mb(pid: int) -> int:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1000


async def connections(url: str) -> int:
    """Those of the product, as the database counts them."""
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval("select count(*) from pg_stat_activity where application_name = 'llmref'"))
    finally:
        await connection.close()


async def run(seconds: float) -> int:
    seen = Seen()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = EmbeddedPostgres(folder / "data")
        url = database.start()
        with server(url, port := free_port(), folder / "log") as process:
            slugs = await all_slugs(port)
            async with loaded(port, seconds, slugs, seen):
                await asyncio.sleep(seconds * 0.25)
                print(f"memory after a quarter: {memory_mb(process.pid)} MB", flush=True)
                await asyncio.sleep(seconds * 0.05)
                ingest = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "api", "ingest", "--source", "models.dev", "--from", str(changed_document(folder))),
                    env={**os.environ, "DATABASE_URL": url},
                    stdout=asyncio.subprocess.DEVNULL,
                )  # fmt: skip
                print(f"ingest ended with {await ingest.wait()}", flush=True)
                await asyncio.sleep(max(0.0, seconds * 0.1))
                away = time.monotonic()
                seen.away.append((away, float("inf")))
                await asyncio.to_thread(database.stop)
                await asyncio.sleep(10)
                await asyncio.to_thread(database.start)
                seen.away[0] = (away, time.monotonic())
                print(f"database was away for {time.monotonic() - away:.0f} s", flush=True)
            await asyncio.sleep(3)
            held, memory = await connections(url), memory_mb(process.pid)
            tasks = await tasks_of(port)
            same = await against_a_fresh_one(url, folder, seen)
        database.stop()
        log = (folder / "log").read_text()
    return report(seen, held, memory, tasks, same, log)


@asynccontextmanager
async def loaded(port: int, seconds: float, slugs: list[str], seen: Seen) -> AsyncIterator[None]:
    ends = time.monotonic() + seconds
    clients = [asyncio.create_task(client(number, port, ends, slugs, seen)) for number in range(CONNECTIONS)]
    yield
    await asyncio.gather(*clients)


async def all_slugs(port: int) -> list[str]:
    connection = Connection(port)
    body = json.dumps({"query": "{ models(first: 100) { nodes { slug } } }"}).encode()
    _, _, content = await connection.ask("POST", "/graphql", body)
    connection.close()
    return [each["slug"] for each in json.loads(content)["data"]["models"]["nodes"]]


async def tasks_of(port: int) -> str:
    connection = Connection(port)
    _, _, content = await connection.ask("GET", "/metrics")
    connection.close()
    found = [line for line in content.decode().splitlines() if line.startswith(("llmref_tasks", "llmref_in_flight"))]
    return "; ".join(found) or "not told"


async def against_a_fresh_one(url: str, folder: Path, seen: Seen) -> tuple[int, int]:
    """How many of the answers on the last revision a process without a cache repeats, and of how many."""
    newest = max((key[2] for key in seen.bodies), key=int)
    asked = [key for key in seen.bodies if key[2] == newest][:300]
    same = 0
    with server(url, port := free_port(), folder / "fresh", RESPONSE_CACHE_MB="0"):
        connection = Connection(port)
        for text, variables, _ in asked:
            body = json.dumps({"query": text, "variables": json.loads(variables)}).encode()
            _, _, content = await connection.ask("POST", "/graphql", body)
            same += hashlib.sha256(data_of(content)).hexdigest() == seen.bodies[text, variables, newest]
        connection.close()
    return same, len(asked)


def report(seen: Seen, held: int, memory: int, tasks: str, same: tuple[int, int], log: str) -> int:
    answered = sorted(seen.seconds)
    print(f"answers: {dict(seen.statuses)}, of them stale: {seen.stale}")
    print(
        f"seconds: p50 {answered[len(answered) // 2]:.3f}, p99 {answered[len(answered) * 99 // 100]:.3f}, most {answered[-1]:.1f}"
    )
    print(f"revisions: {sorted({key[2] for key in seen.bodies})}, different questions: {len(seen.bodies)}")
    print(f"wrong answers: {len(seen.wrong)} {seen.wrong[:3]}")
    print(f"errors while the database was there: {dict(+seen.errors_while_up)}")
    print(f"a fresh process without a cache says the same: {same[0]} of {same[1]}")
    print(f"afterwards: {held} connections, {memory} MB, {tasks}")
    print(f"log: {len(log.splitlines())} lines, tracebacks {log.count('Traceback')}")
    return int(bool(seen.wrong or +seen.errors_while_up or same[0] != same[1]))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=600)
    sys.exit(asyncio.run(run(asked.parse_args().seconds)))
