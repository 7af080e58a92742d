"""A small web server for tests, on the loopback: gives what it was told to, in order, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """One answer. `cut` leaves out that many bytes of the body at the end, although they were announced; `hangs` gives none."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    hangs: bool = False


@dataclass
class Served:
    """`answers` by path; the last one of a path is given again and again. `asked` are path and headers of each request."""

    answers: dict[str, list[Answer]]
    scheme: str = "http"
    port: int = 0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            path = head[0].split(" ")[1]
            self.asked.append((path, {k.lower(): v for k, _, v in (line.partition(": ") for line in head[1:] if line)}))
            queue = self.answers.get(path, [Answer(status=404)])
            answer = queue.pop(0) if len(queue) > 1 else queue[0]
            if answer.hangs:
                await reader.read()  # until who asked leaves
                return
            lines = [f"HTTP/1.1 {answer.status} Said", f"content-length: {len(answer.body)}", "connection: close"]
            lines += [f"{name}: {value}" for name, value in answer.headers.items()]
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + answer.body[: len(answer.body) - answer.cut])
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass  # who asked has left, which is what some tests are about
        finally:
            writer.close()


@asynccontextmanager
async def serving(
    answers: dict[str, Answer | list[Answer]], *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Served]:
    """A server with these answers by path."""
    lists = {path: given if isinstance(given, list) else [given] for path, given in answers.items()}
    made = Served(lists, scheme="http" if tls is None else "https")
    server = await asyncio.start_server(made._one, "127.0.0.1", 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
