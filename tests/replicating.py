"""A primary and a streaming replica of it, made as an operator makes one: with pg_basebackup of the package's own PostgreSQL."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

import asyncpg
import pytest

from db import embedded
from db.embedded import NAME, PORT, EmbeddedPostgres, _binaries, _environment
from db.unprivileged import launcher

REPLICATES = {"wal_level": "replica", "max_wal_senders": "5"}
"""What the package's own server does not do by itself."""


def run(folder: Path, command: str, *arguments: str, said: bytes = b"") -> bytes:
    """One of PostgreSQL's programs, as a user that it accepts. Gives what it printed."""
    prefix = launcher(folder, _binaries() / "postgres")
    assert prefix is not None
    done = subprocess.run(
        [*prefix, str(_binaries() / command), *arguments],
        check=False,
        cwd=folder,
        env=_environment(),
        input=said,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def ask(url: str, statement: str) -> object:
    """What one statement gives, first column of the first row."""

    async def asked() -> object:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(asked())


class Replica:
    """A hot standby in a folder of its own, reached over its socket. `start` and `stop` as often as one likes."""

    def __init__(self, primary: EmbeddedPostgres) -> None:
        self.folder = Path(mkdtemp(prefix="llmref-replica-"))
        source = f"host={primary._socket_dir} port={PORT} user={NAME}"
        # -R writes standby.signal and the address of the primary, -X stream takes along what is written meanwhile.
        run(self.folder, "pg_basebackup", "-d", source, "-D", "cluster", "-R", "-X", "stream", "-c", "fast")

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self.folder))}&port={PORT}"

    def start(self) -> None:
        settings = {**embedded._SETTINGS, **embedded._FORGETFUL, **REPLICATES, "unix_socket_directories": self.folder}
        options = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in settings.items())
        run(self.folder, "pg_ctl", "start", "-s", "-w", "-D", "cluster", "-l", "postgres.log", "-o", options)

    def stop(self) -> None:
        run(self.folder, "pg_ctl", "stop", "-s", "-w", "-m", "immediate", "-D", "cluster")

    def lives(self) -> bool:
        return (self.folder / "cluster" / "postmaster.pid").exists()


@contextmanager
def replicated() -> Iterator[tuple[EmbeddedPostgres, Replica]]:
    """Both, running. The primary has nothing in it yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "_SETTINGS", {**embedded._SETTINGS, **REPLICATES})
        primary = EmbeddedPostgres.temporary()
        with primary:
            replica = Replica(primary)
            try:
                replica.start()
                yield primary, replica
            finally:
                if replica.lives():
                    replica.stop()
                shutil.rmtree(replica.folder, ignore_errors=True)
