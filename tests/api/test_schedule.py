"""The schedule: who leads, when a run is due, what happens after one that fails, and that stopping ends the process it started."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api import schedule
from api.schedule import TICK, Incomplete, Schedule, again_in, follow, following, run_ingest
from db.engine import write_engine
from db.freshness import LEADER, Leadership, asked_last
from tests.ingest.small import read

EVERY = timedelta(hours=6)
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture
def url(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest_asyncio.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    made = write_engine(url)
    yield made
    await made.dispose()


@pytest.fixture(autouse=True)
def _live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "LIVE", ("a", "b"))


async def asked(engine: AsyncEngine, **when: datetime | None) -> None:
    """Sources, each asked at a moment; `x_failed` when it failed."""
    async with engine.begin() as connection:
        await connection.execute(text("delete from source"))
        for id_ in sorted({name.removesuffix("_failed") for name in when}):
            await connection.execute(
                text(
                    "insert into source (id, name, lineage, last_checked_at, last_failed_at) values (:id, '', '', :at, :no)"
                ),
                {"id": id_, "at": when.get(id_), "no": when.get(f"{id_}_failed")},
            )


class Runs:
    """Counts runs; those of the numbers in `failing` do not succeed. A good one asks every source."""

    def __init__(self, engine: AsyncEngine, *failing: int) -> None:
        self.engine, self.failing, self.count = engine, failing, 0
        self.now = NOW

    async def __call__(self) -> None:
        self.count += 1
        if self.count in self.failing:
            raise Incomplete("a: answered 503")
        await asked(self.engine, a=self.now, b=self.now)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "when", "last"),
    [
        ("nobody was ever asked", {}, None),
        ("one never was", {"a": NOW}, None),
        ("one is there and was not", {"a": NOW, "b": None}, None),
        ("the one that was not asked for longest", {"a": NOW, "b": NOW - EVERY}, NOW - EVERY),
        ("to fail is to be asked", {"a": NOW, "b": NOW - EVERY, "b_failed": NOW - TICK}, NOW - TICK),
        ("others do not count", {"a": NOW, "b": NOW, "c": NOW - EVERY}, NOW),
    ],
)
async def test_when_sources_were_asked(
    engine: AsyncEngine, _case: str, when: dict[str, datetime | None], last: datetime | None
) -> None:
    await asked(engine, **when)
    async with engine.connect() as connection:
        assert await asked_last(connection, ("a", "b")) == last


@pytest.mark.asyncio
async def test_one_of_two_leads_until_its_connection_is_gone(engine: AsyncEngine) -> None:
    one, other = Leadership(engine), Leadership(engine)
    assert [await one.holds(), await other.holds(), await one.holds()] == [True, False, True]
    locks = f"select count(*) from pg_locks where locktype = 'advisory' and objid = {LEADER}"  # noqa: S608 - a number
    assert await read(engine, locks) == [(1,)]
    assert one._held is not None
    [(pid,)] = await read(engine, f"select pid from pg_locks where locktype = 'advisory' and objid = {LEADER}")  # noqa: S608
    assert await read(engine, f"select pg_terminate_backend({pid}, 10000)") == [(True,)]
    assert await other.holds() is True
    assert await one.holds() is False
    await other.release()
    assert await one.holds() is True
    await one.release()
    assert await read(engine, locks) == [(0,)]


@pytest.mark.asyncio
async def test_of_two_schedules_one_runs_and_the_other_takes_over(engine: AsyncEngine) -> None:
    first, second = Runs(engine), Runs(engine)
    one, other = Schedule(engine, EVERY, first), Schedule(engine, EVERY, second)
    assert [await one.tick(NOW), await other.tick(NOW)] == [True, False]
    later = NOW + EVERY
    first.now = later
    assert [await other.tick(later), await one.tick(later)] == [False, True]
    await one.close()
    assert [await other.tick(later + TICK), await other.tick(later + EVERY)] == [False, True]
    assert (first.count, second.count) == (2, 1)
    await other.close()


@pytest.mark.asyncio
async def test_a_run_is_due_when_the_last_one_was_long_enough_ago(engine: AsyncEngine) -> None:
    await asked(engine, a=NOW, b=NOW)
    runs = Runs(engine)
    one = Schedule(engine, EVERY, runs)
    ticks = [await one.tick(NOW + after) for after in (timedelta(0), EVERY - TICK, EVERY)]
    assert (ticks, runs.count) == ([False, False, True], 1)
    await one.close()


@pytest.mark.asyncio
async def test_after_a_failure_it_is_tried_again_later_and_later(
    engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    runs = Runs(engine, 1, 2, 3)
    one = Schedule(engine, EVERY, runs)
    minutes = [minute for minute in range(20) if await one.tick(NOW + minute * TICK)]
    await one.close()
    assert minutes == [0, 2, 6, 14]
    assert [record.getMessage() for record in caplog.records if record.name == "llmref"] == [
        f"scheduled ingest, next attempt in {seconds} s: a: answered 503" for seconds in (120, 240, 480)
    ]


@pytest.mark.asyncio
async def test_what_nobody_expects_is_tried_again_as_late_as_a_failure(engine: AsyncEngine) -> None:
    async def trips() -> None:
        raise OSError("no process can be started")

    one = Schedule(engine, EVERY, trips)
    ran = []
    for minute in range(7):
        try:
            assert await one.tick(NOW + minute * TICK) is False
        except OSError:
            ran.append(minute)
    await one.close()
    assert ran == [0, 2, 6]


@pytest.mark.parametrize(
    ("failures", "wait"), [(1, 2 * TICK), (2, 4 * TICK), (5, 32 * TICK), (9, EVERY), (10**6, EVERY)]
)
def test_how_long_to_wait_after_failures(failures: int, wait: timedelta) -> None:
    assert again_in(EVERY, failures) == wait


@pytest.mark.asyncio
async def test_a_lost_database_is_told_and_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    dead = Schedule(write_engine("postgresql://u@127.0.0.1:1/d"), EVERY, Runs(write_engine("postgresql://u@h/d")))
    assert await dead.tick(NOW) is False
    assert "the schedule cannot ask the database" in caplog.text
    await dead.close()


@pytest.mark.asyncio
async def test_what_nobody_expects_does_not_end_the_schedule(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(schedule, "TICK", timedelta(0))
    twice = asyncio.Event()
    count = 0

    async def trips() -> None:
        nonlocal count
        count += 1
        if count == 2:
            twice.set()
            await asyncio.Event().wait()
        raise KeyError("odd")

    task = asyncio.create_task(follow(url, EVERY, trips))
    await asyncio.wait_for(twice.wait(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "the schedule met what it did not expect" in caplog.text


def instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """Lets the ingest's process be this Python script; its folder is given back."""
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\nimport os, signal, sys, time\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(program))
    return tmp_path


def report(**more: object) -> str:
    said = orjson.dumps({"sources": [{"source": "a", "heldBack": None}], "failures": [], **more}).decode()
    return f"print({said!r})\n"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "script", "why"),
    [
        ("all is well", report(), None),
        ("held back", report(sources=[{"source": "a", "heldBack": "held back: less"}]) + "sys.exit(3)", None),
        (
            "a source fails",
            report(failures=[{"source": "a", "place": "x", "why": "answered 503"}]) + "sys.exit(4)",
            "a: answered 503",
        ),
        (
            "it cannot be done",
            "print('==> step: 1 s', file=sys.stderr); sys.exit('the database refused: no')",
            "exit code 1: the database refused: no",
        ),
        ("it is killed", "os.kill(os.getpid(), signal.SIGKILL)", "exit code -9: "),
    ],
)
async def test_what_a_run_says(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    _case: str,
    script: str,
    why: str | None,
) -> None:
    instead(tmp_path, monkeypatch, script)
    with caplog.at_level(logging.WARNING, "llmref"):
        if why is None:
            await run_ingest()
        else:
            with pytest.raises(Incomplete) as incomplete:
                await run_ingest()
            assert str(incomplete.value) == why
    held = ["scheduled ingest: a is held back: less"] if _case == "held back" else []
    assert [record.getMessage() for record in caplog.records if record.name == "llmref"] == held


@pytest.mark.asyncio
async def test_a_run_is_the_command_with_the_settings_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = instead(
        tmp_path,
        monkeypatch,
        "open(os.environ['NOTE'], 'w').write(repr((sys.argv[1:], os.environ['DATABASE_URL'], sys.stdin.read())))\n"
        + report(),
    )
    monkeypatch.setenv("NOTE", str(folder / "note"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@h/d")
    await run_ingest()
    words = ["-P", "-m", "api", "ingest", "--all", "--json"]
    assert (folder / "note").read_text() == repr((words, "postgresql://u@h/d", ""))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "on_term"), [("it stops when asked", "sys.exit(143)"), ("it does not listen", "None")]
)
async def test_stopping_ends_the_process_and_lets_another_one_lead(
    tmp_path: Path, url: str, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, _case: str, on_term: str
) -> None:
    monkeypatch.setattr(schedule, "STOP_S", 1.0 if on_term == "None" else 20.0)
    fifo = tmp_path / "pid"
    os.mkfifo(fifo)
    instead(
        tmp_path,
        monkeypatch,
        f"signal.signal(signal.SIGTERM, lambda *_: {on_term})\n"
        f"open({str(fifo)!r}, 'w').write(str(os.getpid()))\nwhile True: time.sleep(60)",
    )
    leadership = Leadership(engine)
    async with following(url, EVERY):
        pid = int(await asyncio.wait_for(asyncio.to_thread(fifo.read_text), 20))
        os.kill(pid, 0)
        assert await leadership.holds() is False
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert await leadership.holds() is True
    await leadership.release()


@pytest.mark.asyncio
async def test_off_by_default(url: str, engine: AsyncEngine) -> None:
    async with following(url, None):
        assert len(asyncio.all_tasks()) == 1
