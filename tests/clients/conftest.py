"""A server as a process of its own over the made-up catalogue, for clients that are processes, too."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.clients.installing import ROOT
from tests.conftest import ROWS
from tests.ingest.small import databases, run_script

_REVISION = "insert into catalog_revision values (default, 'd', '2026-07-01', 'r', '{}')"
_SERVER = """
import sys, uvicorn
from api.serving import WIRE, application
uvicorn.run(application, factory=True, fd=int(sys.argv[1]), log_level="warning", timeout_graceful_shutdown=1, **WIRE)
"""


@dataclass(frozen=True)
class Served:
    """Where the server answers, and the database that it reads."""

    url: str
    database: str


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """The made-up catalogue as its first revision. Revisions that a test adds stay."""
    with databases() as new, socket.create_server(("127.0.0.1", 0)) as listening:
        database = new()
        run_script(database, ROWS + _REVISION)
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(listening.fileno())],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": database},
            pass_fds=(listening.fileno(),),
        )
        try:
            # The socket listens already: who connects before the server accepts waits for it.
            yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}/graphql", database)
            assert process.poll() is None, "the server ended by itself"
        finally:
            process.terminate()
            process.wait(30)
