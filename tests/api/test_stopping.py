"""`llmref serve` as processes over a small catalogue: refused starts, one set of numbers for all processes, and a stop under load."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import make_url

from api import logs
from api.__main__ import main
from api.serving import _made, application
from db.embedded import EmbeddedPostgres
from db.engine import write_engine
from db.migrate import head, migrate
from ingest.documents import local_documents
from ingest.run import rules_version
from tests.api.test_newest import until
from tests.api.test_outage import hung
from tests.api.test_serving import REPOSITORY, free_port
from tests.conftest import ROWS
from tests.ingest.small import locked, run_script

pytestmark = pytest.mark.xdist_group("stopping")
STOPS_IN_S = 10
AT_ONCE = 12


@pytest.fixture(scope="module")
def settled(new_database: Callable[[], str]) -> str:
    """The made-up catalogue, which serving takes for one that knows everything that comes with the program."""
    url = new_database()
    run_script(url, _rows())
    return url


def _rows() -> str:
    documents = local_documents()
    sources = {document.source.id for document in documents}
    script = [ROWS, f"insert into catalog_revision values (default, 'd', now(), '{rules_version()}', '{{}}')"]  # noqa: S608
    for id in sorted(sources):
        script.append(f"insert into source (id, name, lineage) values ('{id}', '{id}', '{id}')")  # noqa: S608
    for each in documents:
        row = f"('{each.source.id}', 'x', now(), now(), '{each.sha256}', 0, '', '{{}}')"
        columns = "source_id, url, retrieved_at, read_at, sha256, size, body, problems"
        script.append(f"insert into retrieval ({columns}) values {row}")  # noqa: S608
    return ";".join(script)


class Process:
    """One `llmref serve`, with all the processes that it starts."""

    def __init__(self, url: str, said: Path, **settings: str) -> None:
        self.port, self._out, self._err = free_port(), said.with_suffix(".out"), said.with_suffix(".err")
        given = {"DATABASE_URL": url, "PORT": str(self.port), "LIVE_CATALOG": "off", "LOG_REQUESTS": "off", **settings}
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api", "serve"],
                cwd=REPOSITORY,
                env={**os.environ, **given},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def err(self) -> str:
        return self._err.read_text()

    def listens(self) -> bool:
        assert self.process.poll() is None, f"it ended: {self.err}"
        return "Stop:" in self._out.read_text()

    def get(self, path: str) -> tuple[int, bytes]:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def ask(self, query: str) -> tuple[int, bytes]:
        return self.get(f"/graphql?query={quote(query)}")

    def sample(self, name: str) -> float:
        """One number of `/metrics`."""
        lines = self.get("/metrics")[1].decode().splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.rpartition(" ")[0] == name), 0.0)


@contextlib.contextmanager
def serving(url: str, said: Path, **settings: str) -> Iterator[Process]:
    made = Process(url, said, **settings)
    try:
        until(made.listens, seconds=120)
        yield made
    finally:
        if made.process.poll() is None:
            os.killpg(made.process.pid, signal.SIGKILL)
            made.process.wait()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stop_under_load_answers_what_was_begun(settled: str, tmp_path: Path, workers: str) -> None:
    answers: dict[int, tuple[int, bytes]] = {}
    others: list[int | str] = []

    def slow(number: int) -> None:
        answers[number] = server.ask(f'{{ m{number}: model(ref: "one") {{ name }} }}')

    def go_on() -> None:
        while True:
            try:
                others.append(server.ask("{ __typename }")[0])
            except ConnectionRefusedError:
                return
            except (
                OSError,
                http.client.HTTPException,
            ) as error:  # it was waiting to be let in when the door was closed
                others.append(type(error).__name__)

    patient = {"POOL_SIZE": "20", "STATEMENT_TIMEOUT_MS": "8000", "CONCURRENCY": "64"}
    with serving(settled, tmp_path / "said", WORKERS=workers, **patient) as server:
        assert server.ask('{ model(ref: "one") { name } }')[0] == 200
        with locked(settled) as release:
            threads = [threading.Thread(target=slow, args=[number]) for number in range(AT_ONCE)]
            load = [threading.Thread(target=go_on) for _ in range(3)]
            for thread in (*threads, *load):
                thread.start()
            until(lambda: AT_ONCE <= server.sample("llmref_in_flight") <= AT_ONCE + len(load))
            until(lambda: others.count(200) >= 60)
            asked = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            for thread in load:
                thread.join(STOPS_IN_S)
            assert answers == {}
            with pytest.raises(ConnectionRefusedError):
                server.get("/healthz")
            release()
            assert server.process.wait(STOPS_IN_S) == 0
            assert time.monotonic() - asked < STOPS_IN_S
            for thread in threads:
                thread.join(1)
    assert [answers[number][0] for number in range(AT_ONCE)] == [200] * AT_ONCE
    assert json.loads(answers[3][1])["data"] == {"m3": {"name": "One"}}
    assert {other for other in others if other != 200} <= {"ConnectionResetError", "RemoteDisconnected"}
    assert others.count(200) > len(others) * 0.9
    assert "Traceback" not in server.err


@pytest.mark.asyncio
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_streams_end_and_it_is_not_ready_from_the_signal_on(
    settled: str, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setenv("DATABASE_URL", settled)
    monkeypatch.setattr(logs, "configure", lambda _: None)
    heard: list[int] = []
    before = {each: signal.signal(each, lambda got, _: heard.append(got)) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        app = application()
        assert not app.state.subscriptions.stopping.is_set()
        os.kill(os.getpid(), number)
        async with asyncio.timeout(5):
            await app.state.subscriptions.stopping.wait()
        assert heard == [number], "the server is told as well"
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        _made.clear()


def test_an_answer_that_does_not_come_does_not_hold_up_a_stop(settled: str, tmp_path: Path) -> None:
    """Whatever the limits of time are set to."""
    patient = {"STATEMENT_TIMEOUT_MS": "60000", "OPERATION_TIMEOUT_SECONDS": "60"}
    with serving(settled, tmp_path / "said", **patient) as server, locked(settled):
        thread = threading.Thread(target=lambda: _swallowed(lambda: server.ask('{ model(ref: "one") { name } }')))
        thread.start()
        until(lambda: server.sample("llmref_in_flight") == 1)
        asked = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(STOPS_IN_S) == 0
        assert time.monotonic() - asked < STOPS_IN_S
        thread.join(1)


@pytest.mark.parametrize("asking", [False, True])
def test_a_database_that_hangs_does_not_hold_up_a_stop(tmp_path: Path, asking: bool) -> None:
    """Which takes no connection to be closed."""
    database = EmbeddedPostgres.temporary()
    with database as url:
        asyncio.run(_migrated(url))
        run_script(url, _rows())
        with serving(url, tmp_path / "said") as server:
            assert server.ask('{ model(ref: "one") { name } }')[0] == 200
            thread = threading.Thread(target=lambda: _swallowed(lambda: server.ask('{ model(ref: "two") { name } }')))
            with hung(database.data_dir):
                if asking:
                    thread.start()
                    until(lambda: "does not answer" in server.err, seconds=30)
                asked = time.monotonic()
                server.process.send_signal(signal.SIGTERM)
                assert server.process.wait(2 * STOPS_IN_S) == 0
                assert time.monotonic() - asked < STOPS_IN_S
            if asking:
                thread.join(1)


async def _migrated(url: str) -> None:
    engine = write_engine(url)
    await migrate(engine)
    await engine.dispose()


def _swallowed(act: Callable[[], object]) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        act()


def test_all_processes_of_one_server_have_one_set_of_numbers(settled: str, tmp_path: Path) -> None:
    name = 'llmref_operations_total{operation="other",transport="http",type="query"}'
    with serving(settled, tmp_path / "said", WORKERS="2", POOL_SIZE="7") as server:
        for _ in range(40):
            assert server.ask("{ __typename }")[0] == 200
        # Whichever process is asked, once the page that it made last is a second old.
        until(lambda: {server.sample(name) for _ in range(8)} == {40})
        until(lambda: {server.sample("llmref_pool_size") for _ in range(4)} == {14})
        os.kill(_worker(server.process.pid), signal.SIGKILL)
        until(lambda: _tried(lambda: server.sample("llmref_pool_size")) == 7)
        until(lambda: _tried(lambda: server.sample("llmref_pool_size")) == 14)
        assert server.sample(name) == 40
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(STOPS_IN_S) == 0


def _tried(act: Callable[[], float]) -> float | None:
    try:
        return act()
    except (OSError, http.client.HTTPException):  # the process that was asked is the one that was killed
        return None


def _worker(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return next(int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes())


def test_an_old_schema_is_refused_where_it_is_not_to_be_changed(
    new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = new_database()
    run_script(url, "update alembic_version set version_num = '0009'")
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("PORT", str(free_port()))
    monkeypatch.setenv("MIGRATE", "off")
    assert main(["serve"]) == 1
    said = (
        f"The schema of the database is at 0009, this program needs {head()}, and MIGRATE is off; run `llmref migrate`"
    )
    assert said in capsys.readouterr().err
    run_script(url, "drop schema public cascade; create schema public")
    assert main(["serve"]) == 1
    assert "The schema of the database is at nothing, this program needs" in capsys.readouterr().err


def test_an_old_schema_is_refused_by_who_may_only_read(
    new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = new_database()
    run_script(
        url,
        "create role only_reads login; grant select on all tables in schema public to only_reads; "
        "update alembic_version set version_num = '0009'",
    )
    monkeypatch.setenv("DATABASE_URL", make_url(url).set(username="only_reads").render_as_string(hide_password=False))
    monkeypatch.setenv("PORT", str(free_port()))
    assert main(["serve"]) == 1
    assert "and this role may not change it; run `llmref migrate`" in capsys.readouterr().err


def test_a_schema_of_a_newer_program_is_refused(
    new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = new_database()
    run_script(url, "update alembic_version set version_num = '9999'")
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("PORT", str(free_port()))
    assert main(["serve"]) == 1
    assert "at 9999, this program needs" in (said := capsys.readouterr().err)
    assert "it was made by a newer version of this program" in said
