"""`llmref serve` as a process of its own: started, asked, stopped, killed, started again over the same folder."""

import contextlib
import fcntl
import http.client
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from api.serving import address, announcement
from db.embedded import EmbeddedPostgres

pytestmark = pytest.mark.xdist_group("serving")

REPOSITORY = Path(__file__).parents[2]
READY_SECONDS = 240  # the first start takes the whole default catalogue in, perhaps on a busy machine
STEPS = ["start the database", "migrate the schema"]
INGEST = ["get documents", "read documents", "link", "reconcile", "write"]


class Served:
    """One server process. What it says goes into files, so that it never waits for a reader."""

    def __init__(self, data: Path, port: int, said: Path, *, host: str = "127.0.0.1", workers: int = 1) -> None:
        self.data, self.port, self.host = data, port, host
        self._out, self._err = said.with_suffix(".out"), said.with_suffix(".err")
        settings = {"DATA_DIR": str(data), "PORT": str(port), "HOST": host, "LIVE_CATALOG": "off"}
        settings["LOG_REQUESTS"] = "off"  # what is slow on a busy machine would stand among the steps
        settings["WORKERS"] = str(workers)
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | settings
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api", "serve"],
                cwd=REPOSITORY,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def err(self) -> str:
        return self._err.read_text()

    @property
    def steps(self) -> list[str]:
        """The steps that have ended."""
        return re.findall(r"^==> (.*): [\d.]+ s$", self.err, flags=re.MULTILINE)

    def listens(self) -> bool:
        assert self.process.poll() is None, f"it ended: {self.err}"
        return "Stop:" in self.out

    def ask(self, query: str = "{ catalog { revision } }") -> Any:
        request = urllib.request.Request(
            f"{address(self.host, self.port)}/graphql",
            data=json.dumps({"query": query}).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return {"data": json.load(answer)["data"]}

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Signals the whole group, as a terminal does, and gives the exit code."""
        os.killpg(self.process.pid, number)
        return self.process.wait(60)


@contextlib.contextmanager
def serving(
    data: Path, said: Path, *, ready: bool = True, port: int | None = None, workers: int = 1
) -> Iterator[Served]:
    made = Served(data, port or free_port(), said, workers=workers)
    try:
        if ready:
            wait_until(made.listens)
        yield made
    finally:
        if made.process.poll() is None:
            try:
                made.end()
            except subprocess.TimeoutExpired:
                made.process.kill()
                made.process.wait()


def wait_until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + READY_SECONDS
    while not there():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lives(data: Path) -> bool:
    """Whether a PostgreSQL process of the data folder lives: every one of them holds the lock."""
    with (data / "postgres" / "server.lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


REVISION = {"data": {"catalog": {"revision": 1}}}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Any, int]]:
    """The first server of a new folder, what it answered and how it ended; the folder is for the tests that follow."""
    folder = tmp_path_factory.mktemp("serving")
    with serving(folder / "data", folder / "first") as server:
        answer = server.ask("{ catalog { revision } models { totalCount } }")
        assert lives(server.data)
        code = server.end()
    yield server, answer, code
    if lives(server.data):  # after a test that failed
        with EmbeddedPostgres(server.data / "postgres"):
            pass
    shutil.rmtree(folder / "data")


@pytest.fixture
def data(first: tuple[Served, Any, int]) -> Iterator[Path]:
    """A folder with the default catalogue, which nobody uses, and nobody uses afterwards."""
    found = first[0].data
    assert not lives(found)
    yield found
    assert not lives(found)


def test_the_first_start_takes_the_default_catalogue_in(first: tuple[Served, Any, int]) -> None:
    server, answer, code = first
    assert server.steps == [*STEPS, *INGEST]
    assert answer["data"]["catalog"] == {"revision": 1}
    told = re.search(r"^Catalogue: revision 1, ([\d,]+) models, ([\d,]+) routes$", server.err, flags=re.MULTILINE)
    assert told is not None
    assert answer["data"]["models"]["totalCount"] == int(told[1].replace(",", "")) > 1000
    assert server.out == announcement("127.0.0.1", server.port) + "\n"
    assert code == 0


def test_the_printed_call_works_and_the_next_start_does_not_ingest(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path / "second") as server:
        printed = dict(re.findall(r"^(\w+): +(.*)$", server.out, flags=re.MULTILINE))
        assert printed["GraphiQL"] == f"http://127.0.0.1:{server.port}/graphiql"
        call = shlex.split(printed["Try"])
        assert call[0] == "curl"
        if shutil.which("curl") is None:
            pytest.skip("no curl here")
        asked = subprocess.run(call, capture_output=True, timeout=20, check=True)
        assert json.loads(asked.stdout)["data"] == REVISION["data"]
        assert server.steps == STEPS
        assert "Catalogue:" not in server.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_0_and_the_database_with_it(data: Path, tmp_path: Path, number: signal.Signals) -> None:
    with serving(data, tmp_path / "ended") as server:
        assert server.ask() == REVISION
        assert lives(data)
        assert server.end(number) == 0
        assert not lives(data)
        assert server.err.splitlines()[-1].startswith(f"==> {STEPS[-1]}: ")  # and not a word more


def test_a_stop_completes_the_streams_and_takes_ten_seconds_at_most(data: Path, tmp_path: Path) -> None:
    """Under load, with a client that takes nothing and one that does not answer the closing of its socket."""
    revised = {"query": "subscription { catalogRevised(after: 0) { revision } }"}
    headers = {"content-type": "application/json", "accept": "text/event-stream"}
    with (
        serving(data, tmp_path / "streams") as server,
        ThreadPoolExecutor(4) as pool,
        contextlib.ExitStack() as clients,
    ):

        def load() -> int:
            """Asks without a pause until nobody answers; how often it was answered."""
            for number in count():
                try:
                    assert server.ask("{ models(first: 20) { nodes { name routes { nodes { key } } } } }")["data"]
                except OSError:
                    return number
            raise AssertionError

        asking = [pool.submit(load) for _ in range(4)]
        streams = []
        for _ in range(2):
            stream = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
            clients.callback(stream.close)
            stream.request("POST", "/graphql", json.dumps(revised), headers)
            streams.append(stream)
        events = streams[0].getresponse()  # the other one is never read
        assert events.read(3) == b":\n\n"
        event, told, end = (events.readline() for _ in range(3))
        assert (event, end) == (b"event: next\n", b"\n")
        assert json.loads(told.removeprefix(b"data: "))["data"] == {"catalogRevised": {"revision": 1}}
        address_ = f"ws://127.0.0.1:{server.port}/graphql"
        protocols = [Subprotocol("graphql-transport-ws")]
        silent = clients.enter_context(contextlib.closing(socket.create_connection(("127.0.0.1", server.port))))
        silent.sendall(HANDSHAKE)
        assert b"101" in silent.recv(200)
        with connect(address_, subprotocols=protocols) as client:
            for message in ({"type": "connection_init"}, {"type": "subscribe", "id": "1", "payload": revised}):
                client.send(json.dumps(message))
            assert [json.loads(client.recv())["type"] for _ in range(2)] == ["connection_ack", "next"]
            began = time.monotonic()
            os.killpg(server.process.pid, signal.SIGTERM)
            assert json.loads(client.recv(timeout=10)) == {"id": "1", "type": "complete"}
            with pytest.raises(ConnectionClosed) as closed:
                client.recv(timeout=10)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1001
        assert events.read() == b"event: complete\ndata:\n\n"
        assert server.process.wait(15) == 0
        assert time.monotonic() - began < 10.5
        assert all(each.result() > 0 for each in asking)
    assert "Traceback" not in server.err


HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nhost: t\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n"
)


def test_two_servers_share_one_folder(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path / "one") as one, serving(data, tmp_path / "other") as other:
        assert [one.ask(), other.ask()] == [REVISION, REVISION]
        assert one.end() == 0
        assert lives(data)
        assert other.ask('{ models(where: {text: "gpt"}, first: 1) { nodes { slug } } }')["data"]["models"]["nodes"]
        assert other.end() == 0
        assert not lives(data)


def test_several_processes_answer_on_one_port_and_end_together(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path / "workers", workers=2) as server:
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
        answering = [pid for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        assert len(answering) == 2
        os.kill(int(answering[0]), signal.SIGKILL)
        for _ in range(5):
            assert server.ask() == REVISION
        assert server.end(signal.SIGTERM) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in answering)


def test_a_killed_server_is_started_again(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path / "killed") as server:
        server.process.kill()
        assert server.process.wait(20) == -signal.SIGKILL
        assert lives(data), "PostgreSQL outlives it"
    with serving(data, tmp_path / "again") as again:
        assert again.ask() == REVISION
        assert again.steps == STEPS
        assert again.end() == 0


def test_the_packages_own_database_is_started_again_where_it_ends(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path / "revived") as server:
        pid = (data / "postgres" / "cluster" / "postmaster.pid").read_text().split("\n")[0]
        os.kill(int(pid), signal.SIGKILL)
        wait_until(lambda: "PostgreSQL ended and was started again" in server.err)
        wait_until(lambda: answers(server))
        assert server.end() == 0
    assert not lives(data)


def answers(server: Served) -> bool:
    """Whether something is answered that no cache has; while it is not, the database is said to be away."""
    try:
        return "models" in server.ask('{ models(first: 1, where: {text: "nova"}) { totalCount } }')["data"]
    except urllib.error.HTTPError as error:
        if error.code != 503:
            raise
        return False


def test_a_port_in_use_is_told_before_anything_else(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with serving(tmp_path / "data", tmp_path / "said", ready=False, port=port) as server:
            assert server.process.wait(60) == 1
    assert (server.out, server.err) == (
        "",
        f"127.0.0.1:{port} cannot be used (Address already in use); set HOST or PORT\n",
    )
    assert not (tmp_path / "data").exists()


def test_two_servers_of_one_port_leave_the_first_alone(data: Path, tmp_path: Path) -> None:
    with serving(data, tmp_path / "one") as one:
        with serving(data, tmp_path / "other", ready=False, port=one.port) as other:
            assert other.process.wait(60) == 1
            assert "Address already in use" in other.err
        assert one.ask() == REVISION


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_during_the_first_start_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    data = tmp_path / "data"
    with serving(data, tmp_path / "said", ready=False) as server:
        made = data / "postgres" / "cluster.new" / "PG_VERSION"
        wait_until(made.exists)
        assert server.end(number) == 128 + number
    wait_until(lambda: not lives(data))
    assert (server.out, server.err) == ("", "Stopped; nothing is half done.\n")


@pytest.mark.parametrize(
    ("_case", "host", "shown"),
    [
        ("this machine", "127.0.0.1", "http://127.0.0.1:80"),
        ("everywhere", "0.0.0.0", "http://127.0.0.1:80"),
        ("everywhere, IPv6", "::", "http://[::1]:80"),
        ("IPv6", "fe80::1", "http://[fe80::1]:80"),
        ("a name", "example.org", "http://example.org:80"),
    ],
)
def test_the_address_is_one_that_a_browser_finds(_case: str, host: str, shown: str) -> None:
    assert address(host, 80) == shown
