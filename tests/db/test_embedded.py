"""The embedded PostgreSQL, really started: created, shared, killed, orphaned, refused.
A folder's server is judged dead by the lock that its processes inherit, which no remaining process can fake.
"""

import asyncio
import contextlib
import fcntl
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from db import embedded, unprivileged
from db.embedded import EmbeddedPostgres
from db.unavailable import DatabaseUnavailable, DiskFull, FolderUnusable, OtherVersion

ROOT = os.geteuid() == 0
REPOSITORY = Path(__file__).parents[2]
# A user in its own process, until standard input ends; after Ctrl-C it still asks the database before it leaves.
USER = """
import asyncio, asyncpg, signal, sys
from pathlib import Path
from db.embedded import EmbeddedPostgres

# A run in the background of a shell hands on that it is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

async def answer(url):
    connection = await asyncpg.connect(url)
    print(await connection.fetchval("SELECT 42"), flush=True)
    await connection.close()

with EmbeddedPostgres(Path(sys.argv[1]), durable=False) as url:
    try:
        print(url, flush=True)
        sys.stdin.read()
    except KeyboardInterrupt:
        asyncio.run(answer(url))
"""


def ask(url: str, *statements: str) -> list[object]:
    async def run() -> list[object]:
        connection = await asyncpg.connect(url)
        try:
            return [await connection.fetchval(statement) for statement in statements]
        finally:
            await connection.close()

    return asyncio.run(run())


def lives(data_dir: Path) -> bool:
    with (data_dir / "server.lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "cluster" / "postmaster.pid").read_text().split("\n")[0])


@contextlib.contextmanager
def another_user(data_dir: Path, *prefix: str) -> Iterator["subprocess.Popen[str]"]:
    command = [*prefix, sys.executable, "-c", USER, str(data_dir)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdin=pipe, stdout=pipe, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def leave(process: "subprocess.Popen[str]") -> int:
    assert process.stdin is not None
    process.stdin.close()
    return process.wait(30)


def test_keeps_its_data_and_listens_on_a_private_socket_only(tmp_path: Path) -> None:
    data_dir = tmp_path / "deeper" / "data"
    server = EmbeddedPostgres(data_dir)
    with server as url:
        ask(url, "CREATE EXTENSION pg_trgm", "CREATE TABLE kept AS SELECT 7 AS seven")
        assert ask(
            url,
            "SELECT current_setting('server_version_num')::int / 10000",
            "SELECT current_setting('listen_addresses')",
            "SELECT current_setting('fsync')",
            "SELECT current_setting('shared_buffers')",
            "SELECT current_user || '@' || current_database()",
            "SELECT upper('é') || ('a' < 'B')::text",
            "SELECT similarity('gpt', 'gpt')::text",
        ) == [18, "", "on", "128MB", "llmref@llmref", "Éfalse", "1"]
        for folder in (data_dir, data_dir / "cluster", server._socket_dir):
            assert folder.stat().st_mode & 0o777 == 0o700
        assert server.start() == url
    assert not lives(data_dir)
    with server as url:
        assert ask(url, "SELECT seven FROM kept") == [7]
    server.stop()
    assert not lives(data_dir)


@pytest.mark.asyncio
async def test_url_is_understood_by_sqlalchemy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "1")
    with EmbeddedPostgres.temporary() as url:
        engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
        async with engine.connect() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
        await engine.dispose()


def test_temporary_server_is_fast_and_leaves_nothing() -> None:
    server = EmbeddedPostgres.temporary()
    with server as url:
        assert (
            ask(url, "SELECT current_setting('fsync')", "SELECT current_setting('synchronous_commit')") == ["off"] * 2
        )
    assert not server.data_dir.exists()


def test_last_one_out_stops_it(tmp_path: Path) -> None:
    first, second = EmbeddedPostgres(tmp_path, durable=False), EmbeddedPostgres(tmp_path, durable=False)
    assert first.start() == second.start()
    before = postmaster(tmp_path)
    first.stop()
    with another_user(tmp_path) as third:
        assert said(third) == second.url
        second.stop()
        assert (postmaster(tmp_path), lives(tmp_path)) == (before, True)
        assert leave(third) == 0
    assert not lives(tmp_path)


def test_first_starts_at_once_make_one_server(tmp_path: Path) -> None:
    with another_user(tmp_path) as first, another_user(tmp_path) as second:
        url = EmbeddedPostgres(tmp_path).url
        assert [said(first), said(second)] == [url, url]
        assert [leave(first), leave(second)] == [0, 0]
    assert not lives(tmp_path)


def test_interrupt_reaches_the_user_before_the_server(tmp_path: Path) -> None:
    with another_user(tmp_path) as user:
        assert said(user) == EmbeddedPostgres(tmp_path).url
        os.killpg(user.pid, signal.SIGINT)
        assert said(user) == "42"
        assert user.wait(30) == 0
    assert not lives(tmp_path)


def test_interrupt_during_first_start_leaves_no_process(tmp_path: Path) -> None:
    with another_user(tmp_path) as user:
        while not (tmp_path / "cluster.new" / "PG_VERSION").exists():
            time.sleep(0.005)
        os.killpg(user.pid, signal.SIGINT)
        user.wait(30)
    with EmbeddedPostgres(tmp_path, durable=False) as url:
        assert ask(url, "SELECT 1") == [1]
    assert not lives(tmp_path)


def test_orphan_of_a_killed_user_is_replaced(tmp_path: Path) -> None:
    with another_user(tmp_path) as user:
        ask(said(user), "CREATE TABLE kept AS SELECT 7 AS seven")
        user.kill()
        user.wait()
        orphan = postmaster(tmp_path)
        assert lives(tmp_path)
    with EmbeddedPostgres(tmp_path, durable=False) as url:
        assert postmaster(tmp_path) != orphan
        assert ask(url, "SELECT seven FROM kept") == [7]
    assert not lives(tmp_path)


def test_killed_server_recovers_for_its_users(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as url:
        ask(url, "CREATE TABLE kept AS SELECT 7 AS seven")
        os.kill(postmaster(tmp_path), signal.SIGKILL)
        with EmbeddedPostgres(tmp_path) as same_url:
            assert same_url == url
            assert ask(url, "SELECT seven FROM kept") == [7]
        assert lives(tmp_path)
    assert not lives(tmp_path)


def test_killed_server_may_still_be_left(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path, durable=False):
        os.kill(postmaster(tmp_path), signal.SIGKILL)
    assert not lives(tmp_path)


def test_stale_pid_file_and_half_made_cluster_do_not_matter(tmp_path: Path) -> None:
    """The number in the file belongs to a living process of the same user: this one."""
    (tmp_path / "transition.lock").touch()
    (tmp_path / "cluster.new").mkdir()
    (tmp_path / "cluster.new" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(tmp_path, durable=False):
        written = (tmp_path / "cluster" / "postmaster.pid").read_text()
    _, _, rest = written.partition("\n")
    for stale in ("cluster/postmaster.pid", "socket/.s.PGSQL.5432.lock"):
        (tmp_path / stale).write_text(f"{os.getpid()}\n{rest}")
    with EmbeddedPostgres(tmp_path, durable=False) as url:
        assert ask(url, "SELECT 1") == [1]


def test_log_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "transition.lock").touch()
    (tmp_path / "postgres.log").write_bytes(b"x" * 1_000_001)
    with EmbeddedPostgres(tmp_path, durable=False) as url, contextlib.suppress(asyncpg.DivisionByZeroError):
        ask(url, "SELECT 1 / 0")
    assert (tmp_path / "postgres.log.old").stat().st_size == 1_000_001
    assert "division by zero" not in (tmp_path / "postgres.log").read_text()


@pytest.mark.parametrize("name", ["d" * 120, "a b,c'd\"e$f&g"], ids=["long", "odd characters"])
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    server = EmbeddedPostgres(tmp_path / name, durable=False)
    with server as url:
        assert ask(url, "SELECT 1") == [1]
        assert server._socket_dir.stat().st_mode & 0o777 == 0o700
    assert not server._socket_dir.exists()


def test_foreign_socket_folder_is_refused(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("d" * 120), durable=False)
    server._socket_dir.mkdir(mode=0o755)
    try:
        with pytest.raises(FolderUnusable, match="not a private folder"):
            server.start()
        assert not lives(server.data_dir)
    finally:
        server._socket_dir.rmdir()


def _a_file(folder: Path) -> None:
    folder.write_text("")


def _other_things(folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.txt").touch()


def _older_version(folder: Path) -> None:
    (folder / "cluster").mkdir(parents=True)
    (folder / "transition.lock").touch()
    (folder / "cluster" / "PG_VERSION").write_text("17\n")


def _no_cluster(folder: Path) -> None:
    (folder / "cluster").mkdir(parents=True)
    (folder / "transition.lock").touch()


@pytest.mark.parametrize(
    ("prepare", "error", "message"),
    [
        pytest.param(_a_file, FolderUnusable, "File exists", id="a file"),
        pytest.param(_other_things, FolderUnusable, "holds other things", id="other things"),
        pytest.param(_older_version, OtherVersion, "made by PostgreSQL 17, this is 18", id="older version"),
        pytest.param(_no_cluster, FolderUnusable, "is not a PostgreSQL folder", id="no cluster"),
    ],
)
def test_refusals(
    tmp_path: Path, prepare: Callable[[Path], None], error: type[DatabaseUnavailable], message: str
) -> None:
    prepare(tmp_path / "data")
    with pytest.raises(error, match=message):
        EmbeddedPostgres(tmp_path / "data").start()


@pytest.mark.skipif(ROOT, reason="root may write everywhere")
def test_unwritable_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(FolderUnusable, match="Permission denied"):
        EmbeddedPostgres(tmp_path).start()


@contextlib.contextmanager
def _mounted(folder: Path, options: str) -> Iterator[None]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if not ROOT or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root with the right to mount can make such a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        pytest.param("ro", FolderUnusable, "Read-only file system", id="read-only"),
        pytest.param("size=12m", DiskFull, "No space left", id="full at creation"),
        pytest.param("size=4k", DiskFull, "No space left", id="full at once"),
    ],
)
def test_unfit_file_systems_are_refused(
    tmp_path: Path, options: str, error: type[DatabaseUnavailable], message: str
) -> None:
    with _mounted(tmp_path / "disk", options), pytest.raises(error, match=message):
        EmbeddedPostgres(tmp_path / "disk" / "data").start()


def test_disk_that_fills_up_later_is_recovered_from(tmp_path: Path) -> None:
    with _mounted(tmp_path / "disk", "size=100m"):
        server = EmbeddedPostgres(tmp_path / "disk" / "data", durable=False)
        with server as url:
            ask(url, "CREATE TABLE kept AS SELECT 7 AS seven")
        ballast = tmp_path / "disk" / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                pass
        with pytest.raises(DiskFull, match="free some and try again"):
            server.start()
        assert not lives(server.data_dir)
        ballast.unlink()
        with server as url:
            assert ask(url, "SELECT seven FROM kept") == [7]


@pytest.mark.skipif(not ROOT, reason="only root needs another identity")
@pytest.mark.parametrize("namespaces", [True, False])
def test_root_behind_closed_folders(tmp_path: Path, namespaces: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither way changes an owner or a permission outside of the data folder."""
    if not namespaces:
        monkeypatch.setattr(unprivileged, "_IN_NAMESPACE", ["false"])
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "data", durable=False)
    with server as url:
        assert ask(url, "SELECT 1") == [1]
        status = Path(f"/proc/{postmaster(server.data_dir)}/status").read_text()
        uid = status.split("\nUid:\t")[1].split("\t")[0]
        owner = 0 if namespaces and server.data_dir.stat().st_uid == 0 else pwd.getpwnam("nobody").pw_uid
        assert (int(uid), server.data_dir.stat().st_uid) == (owner, owner)
        effective = int(status.split("\nCapEff:\t")[1].split("\n")[0], 16)
        assert effective == (0 if owner == 0 else 1 << 1)
    assert (closed.stat().st_uid, closed.stat().st_mode & 0o777) == (0, 0o700)
    assert not lives(server.data_dir)
    with server as url:
        assert ask(url, "SELECT 1") == [1]


@pytest.mark.skipif(not ROOT, reason="only root needs another identity")
def test_root_without_any_way_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "launcher", lambda *_: None)
    with pytest.raises(FolderUnusable, match="start as an ordinary user or set DATABASE_URL"):
        EmbeddedPostgres(tmp_path).start()


@pytest.mark.skipif(not ROOT, reason="everything else here shows it")
def test_ordinary_user(tmp_path: Path) -> None:
    """In a namespace where root is called nobody, our own process is an ordinary user too."""
    if subprocess.run([*unprivileged._IN_NAMESPACE, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("no user namespaces here")
    with another_user(tmp_path, *unprivileged._IN_NAMESPACE) as user:
        url = said(user)
        assert ask(url, "SELECT 1") == [1]
        assert leave(user) == 0
    assert not lives(tmp_path)


def test_nothing_listens_on_tcp(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path, durable=False) as url:
        assert ask(url, "SELECT inet_server_addr() IS NULL") == [True]
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(tmp_path / "socket" / ".s.PGSQL.5432"))
