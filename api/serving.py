"""`llmref serve`: database, schema, catalogue where it is due, then answers over HTTP until it is asked to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import multiprocess

from api import logs
from api.asked import MAX_BODY
from api.connections import Http, Sockets
from api.database import Database, ready_database
from api.ingesting import take_in
from api.reviving import revived
from api.settings import METRICS_FOLDER, Settings, from_env, hand_on
from api.steps import Steps
from db.engine import listen_engine, write_engine
from db.migrate import current, head
from db.unavailable import DatabaseUnavailable
from db.writes import ERRORS
from ingest.run import Due, IngestError, due

DESCRIPTION = """Start the database, bring its schema and catalogue up to date, and answer over HTTP until Ctrl-C.

The default catalogue is taken in when there is none yet, when the packaged documents, the curated files or the rules have
changed, or when a day has come on which a price or a route changes. models.dev's live catalogue is asked the first time
only. Otherwise the server starts at once, without asking anybody. For news let a timer run `llmref ingest --all`, or set
INGEST_EVERY."""


_START_S = 60.0
_AWAY: tuple[type[Exception], ...] = (DatabaseUnavailable, *ERRORS)
STOP_S = 7.0
"""What streams and running requests have after the order to stop; the process has ten seconds for everything."""
END_S = 9.5
"""When a process ends whose connections do not close, as to a database that hangs; all that was asked is answered by then."""
DRAIN_S = 6.0
"""Of it, for completing streams; what is left is for requests, which had the same time."""
UNHEARD_S = 30
"""A client that acknowledges nothing for so long has vanished, or takes nothing: the kernel ends its connection."""


WIRE: Mapping[str, Any] = {"http": Http, "ws": Sockets, "ws_max_size": MAX_BODY, "ws_per_message_deflate": False}
"""For uvicorn. Compression takes more memory for each socket than a subscriber does."""


_log = logging.getLogger("llmref")
_made: list[Starlette] = []
"""The application of this process, once it is made."""


class _Server(uvicorn.Server):
    """Says where it is once it listens, where it is the only one, and completes streams before it ends, which it does whatever hangs."""

    _end: threading.Timer | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets)
        finally:
            if self._end is not None:
                self._end.cancel()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self.config.workers == 1:
            print(announcement(self.config.host, self.config.port), flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        began = time.monotonic()
        self._end = threading.Timer(END_S, _ended)
        self._end.daemon = True
        self._end.start()
        for app in _made:
            await app.state.subscriptions.end(DRAIN_S)
        self.config.timeout_graceful_shutdown = max(1, int(STOP_S - (time.monotonic() - began)))
        await super().shutdown(sockets)


def _ended() -> None:
    _log.warning("something does not close; the process ends without it")
    os._exit(0)


class _Process(multiprocess.Process):
    """One of several, with our server."""

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = _Server(config=self.config)
        return self._server


multiprocess.Process = _Process  # type: ignore[misc]  # the supervisor takes no other way to have one's own server


class _Workers(multiprocess.Multiprocess):
    """Several processes that listen on one socket; one that dies is replaced."""

    def init_processes(self) -> None:
        super().init_processes()
        if all(process.wait_until_ready(_START_S) for process in self.processes):
            print(announcement(self.config.host, self.config.port), flush=True)

    def terminate_all(self) -> None:
        for held in self.sockets:  # else who comes now would wait for this process, which lets nobody in
            held.close()
        super().terminate_all()


def application() -> Starlette:
    """What one process answers with; it has its settings from the environment."""
    # Only here: other commands start without the web application and its schema.
    from api.app import create_app
    from api.introspecting import introspected

    settings = from_env(os.environ)
    logs.configure(settings)
    assert settings.database_url is not None
    app = create_app(settings, settings.database_url)
    loop = asyncio.get_running_loop()

    def stop(before: Any, number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(app.state.subscriptions.stop)
        before(number, frame)

    for number in (signal.SIGINT, signal.SIGTERM):  # the server of this process has set its own before
        if callable(before := signal.getsignal(number)):
            signal.signal(number, partial(stop, before))
    _made.append(app)
    if settings.response_cache_mb:  # else nothing is kept
        app.state.introspecting = loop.create_task(introspected(app.state.service))  # held here, as the loop does not
    return app


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds a server that listens on the host."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def announcement(host: str, port: int) -> str:
    """Where GraphiQL is, a call to paste, and how to stop."""
    base = address(host, port)
    call = """-H 'content-type: application/json' -d '{"query":"{ catalog { revision } }"}'"""
    return f"GraphiQL:  {base}/graphiql\nTry:       curl -s {base}/graphql {call}\nStop:      Ctrl-C"


@contextlib.contextmanager
def reserved(settings: Settings) -> Iterator[socket.socket]:
    """The address to listen on, held from the start, so that one in use is told before anything else is done.

    Nobody is let in yet. Raises OSError.
    """
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; every connection inherits it
            held.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNHEARD_S * 1000)
        try:
            held.bind((settings.host, settings.port))
        except OSError as error:
            raise _taken(settings, error) from None
        yield held


def _taken(settings: Settings, error: OSError) -> OSError:
    return OSError(f"{settings.host}:{settings.port} cannot be used ({error.strerror}); set HOST or PORT")


async def _due(url: str) -> Due | None:
    engine = write_engine(url)
    try:
        return await due(engine)
    finally:
        await engine.dispose()


async def _catalogue(database: Database, steps: Steps, *, live: bool) -> str | None:
    """Takes the default catalogue in where it is due. What could not be done, where there is a catalogue to go on with.

    Raises IngestError where there is none, or no database that could still be asked for it.
    """
    reason = await _due(database.url)
    if reason is None:
        return None
    try:
        report = await take_in(database, steps, live=live and reason is Due.EMPTY)
    except IngestError as error:
        if reason is Due.EMPTY:
            raise
        await _due(database.url)
        return f"The catalogue is as it was, although {reason.value}: {error}"
    counts = report.counts
    told = f"Catalogue: revision {report.revision}, {counts['models']:,} models, {counts['routes']:,} routes"
    return "\n".join([*report.messages, told])


def _prepared(settings: Settings, held: contextlib.ExitStack, steps: Steps) -> tuple[Database, str | None]:
    """The database, brought up to date, and what there is to say about that.

    Where the database does not answer, replicas of it that have the newest schema are enough to answer from.
    """
    try:
        database = held.enter_context(ready_database(settings, steps))
        return database, asyncio.run(_catalogue(database, steps, live=settings.live_catalog))
    except _AWAY as error:
        url, read_url = settings.database_url, settings.database_read_url
        if url is None or read_url is None or not asyncio.run(_can_answer(read_url)):
            raise
        why = getattr(error, "orig", None) or error
        return Database(url), f"{why}\nAnswers come from DATABASE_READ_URL alone; DATABASE_URL was not looked after."


async def _can_answer(url: str) -> bool:
    """Whether a database has the newest schema."""
    engine = listen_engine(url)
    try:
        return await current(engine) == head()
    except _AWAY:
        return False
    finally:
        await engine.dispose()


def run(settings: Settings, _: argparse.Namespace) -> int:
    """`llmref serve`."""
    logs.configure(settings)
    with reserved(settings) as listening, contextlib.ExitStack() as held:
        with Steps() as steps:
            database, told = _prepared(settings, held, steps)
        if told is not None:
            print(told, file=sys.stderr)
        if database.revive is not None:
            held.enter_context(revived(database.revive))
        hand_on(os.environ, database.url)  # for the processes that answer
        if settings.workers > 1:
            counted = held.enter_context(tempfile.TemporaryDirectory(prefix="llmref-metrics-"))
            os.environ.update({METRICS_FOLDER: counted})
        config = uvicorn.Config(
            "api.serving:application",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            log_config=None,
            log_level="warning",
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
            **WIRE,
        )
        # Being asked to stop is how a server ends; uvicorn repeats the signal after it has shut down.
        with contextlib.suppress(KeyboardInterrupt):
            try:
                if settings.workers == 1:
                    _Server(config).run(sockets=[listening])
                else:
                    _Workers(config, sockets=[listening]).run()
            except OSError as error:  # another server came first, between our bind and listen
                raise _taken(settings, error) from None
    return 0
