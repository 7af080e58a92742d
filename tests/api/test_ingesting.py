"""`llmref ingest`: its exit codes, its words and its JSON, on a real PostgreSQL."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

from api.__main__ import main
from ingest import run
from ingest.documents import Document, Failure, Gathered
from tests.ingest.payloads import BODIES
from tests.ingest.small import ROUTES, body, document, rows

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def url(new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A new database, which is the one that is set."""
    made = new_database()
    monkeypatch.setenv("DATABASE_URL", made)
    return made


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In the current folder, so that its name is short enough for one line."""
    monkeypatch.chdir(tmp_path)
    made = Path("catalog.json")
    made.write_bytes(body())
    return made


def from_file(file: Path, *more: str) -> list[str]:
    return ["ingest", "--source", "models.dev", "--from", str(file), *more]


def kept(url: str) -> list[list[tuple[Any, ...]]]:
    """All that an ingest could change first."""
    tables = ("catalog_revision", "source", "retrieval", "subject", "statement", "model", "route", "price")
    return [rows(url, f"select * from {table} order by 1") for table in tables]  # noqa: S608 - constants


def instead(monkeypatch: pytest.MonkeyPatch, *documents: Document) -> list[Collection[str]]:
    """Makes these the default catalogue. Whose live documents are asked for is noted in the list; none can be had."""
    asked: list[Collection[str]] = []

    async def gather(live: Collection[str], newest: Mapping[str, Any], *, attempts: int) -> Gathered:
        asked.append(live)
        return Gathered(list(documents), failures=[Failure(source, "made up", "made up") for source in live])

    monkeypatch.setattr(run, "gather", gather)
    return asked


def test_a_document_is_taken_in_and_the_next_time_known(
    url: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(from_file(file)) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    [(statements,)] = rows(url, "select count(*) from statement")
    [row] = [line.split() for line in lines if line.startswith(" models.dev ")]
    assert row == ["models.dev", str(file), "2026-03-01", "new", "6", str(statements), str(statements), "0", "0"]
    counted = "2 models, 3 routes, 3 live routes, 3 linked routes, 2 providers, 0 labs, 3 prices, 0 suspicious prices"
    assert [line for line in lines if line.startswith(f"{counted}, 0 benchmark results, 0 disputes")]
    assert "100.0% of all routes are linked to a model" in lines
    assert "how: EXACT 3" in lines
    [(digest,)] = rows(url, "select digest from catalog_revision")
    assert lines[-1] == f"revision 1 (new), digest {digest}"
    steps = [line.partition(":")[0] for line in said.err.splitlines()]
    assert steps[:3] == ["==> start the database", "==> migrate the schema", "==> get documents"]
    assert main(from_file(file)) == 0
    lines = capsys.readouterr().out.splitlines()
    [row] = [line.split() for line in lines if line.startswith(" models.dev ")]
    assert row == ["models.dev", str(file), "2026-03-01", "unchanged", *"-----"]
    assert lines[-1] == f"revision 1 (as before), digest {digest}"


def test_json_is_the_whole_report(url: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(body(surprise=1))
    assert main(from_file(file, "--json")) == 0
    found = json.loads(capsys.readouterr().out)
    [source] = found.pop("sources")
    [(digest, counts)] = rows(url, "select digest, counts from catalog_revision")
    assert json.loads(counts) == found.pop("counts")
    assert found == {
        "revision": 1,
        "digest": digest,
        "newRevision": True,
        "resolvedShare": 1.0,
        "methods": {"EXACT": 3},
        "messages": [],
        "failures": [],
    }
    assert source.pop("statements") == source.pop("new") > 0
    assert source == {
        "source": "models.dev",
        "place": str(file),
        "state": "new",
        "documentDate": "2026-03-01",
        "subjects": 6,
        "superseded": 0,
        "heldBack": None,
        "problemCounts": {"unknown-field": 3},
        "problems": [
            {
                "code": "unknown-field",
                "locator": "/providers/host/models/bolt-2/surprise",
                "message": "providers.*.models.*.surprise: 3 times",
                "count": 3,
            }
        ],
    }


def test_problems_are_shown_as_examples_or_all(url: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(body("2026-03-01", ROUTES, **{f"odd_{number}": 1 for number in range(7)}))
    shown = []
    for more in ((), ("--problems",)):
        assert (
            rows(url, "truncate catalog_revision, retrieval, subject, statement, moving_target") == []
        )  # to be read again
        assert main(from_file(file, *more)) == 0
        lines = capsys.readouterr().out.splitlines()
        assert "models.dev: what was dropped, changed or not understood" in lines
        assert f"  unknown-field ({7 * len(ROUTES)})" in lines
        examples = [line for line in lines if line.startswith("    providers.*.models.*.odd_")]
        shown.append((len(examples), "2 more kinds of problems; --problems shows all." in lines))
    assert shown == [(5, True), (7, False)]


@pytest.mark.parametrize(
    ("_case", "setting", "more", "live"),
    [
        ("as it is", None, [], True),
        ("switched on", "on", [], True),
        ("switched off", "off", [], False),
        ("offline", None, ["--offline"], False),
        ("offline although switched on", "on", ["--offline"], False),
    ],
)
def test_the_default_catalogue_with_or_without_the_live_one(
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    _case: str,
    setting: str | None,
    more: list[str],
    live: bool,
) -> None:
    if setting is None:
        monkeypatch.delenv("LIVE_CATALOG", raising=False)
    else:
        monkeypatch.setenv("LIVE_CATALOG", setting)
    asked = instead(monkeypatch, document())
    assert main(["ingest", *more]) == 0
    assert asked == [("models.dev",) if live else ()]
    told = "The live catalogue of models.dev cannot be used, the packaged copy stands in: made up\n"
    assert capsys.readouterr().out.startswith(told) is live
    assert rows(url, "select count(*) from route") == [(len(ROUTES),)]


def test_what_is_held_back_ends_with_3_and_says_what_to_do(
    url: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(from_file(file)) == 0
    file.write_bytes(body("2026-03-05", {"host/bolt-2": 2}))
    assert main(from_file(file, "--accept-shrink", "rates")) == 3
    lines = capsys.readouterr().out.splitlines()
    said = "held back: it names 2 routes and models, 4 are named now; nothing of it is used."
    said += " Not named any more: 2 of other (bolt-2, volt-1)."
    todo = "If it is right, take it in with --accept-shrink models.dev"
    assert f"HELD models.dev, {file}: {said} {todo}" in lines
    assert main(from_file(file, "--json")) == 3
    assert json.loads(capsys.readouterr().out)["sources"][0]["heldBack"] == f"{said} {todo}"
    assert rows(url, "select count(*) from route where live") == [(len(ROUTES),)]
    assert main(from_file(file, "--accept-shrink")) == 0
    assert rows(url, "select count(*) from route where live") == [(1,)]


def test_a_source_that_fails_ends_with_4_and_the_others_are_taken_in(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = instead(monkeypatch, document())
    assert main(["ingest", "--all", "--json"]) == 4
    assert [sorted(live) for live in asked] == [["genai-prices", "litellm", "models.dev", "openrouter"]]
    found = json.loads(capsys.readouterr().out)
    assert {"source": "litellm", "place": "made up", "why": "made up"} in found["failures"]
    assert len(found["failures"]) == 4
    assert rows(url, "select count(*) from route") == [(len(ROUTES),)]
    assert main(["ingest", "--all"]) == 4
    assert "FAILED openrouter, what it said stands: made up" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("_case", "arguments", "word"),
    [
        ("a source without a place", ["--source", "models.dev"], "--source and --from go together"),
        ("a place without a source", ["--from", "x.json"], "--source and --from go together"),
        ("a folder and a source", ["--folder", ".", "--source", "rates", "--from", "x"], "--folder stands alone"),
        ("an unknown source", ["--source", "nobody", "--from", "x.json"], "invalid choice: 'nobody'"),
        ("all and one", ["--all", "--source", "rates", "--from", "x"], "--all asks every source"),
        ("a folder and all", ["--folder", ".", "--all"], "--folder stands alone"),
        ("all without a network", ["--all", "--offline"], "--all asks every source"),
        ("nobody may shrink", ["--accept-shrink", "nobody"], "invalid choice: 'nobody'"),
        ("an unknown word", ["everything"], "unrecognized arguments: everything"),
    ],
)
def test_a_wrong_call_ends_with_2(
    url: str, capsys: pytest.CaptureFixture[str], _case: str, arguments: list[str], word: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["ingest", *arguments])
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert word in said.err
    assert said.err.startswith("usage: llmref ")


def test_a_wrong_setting_ends_with_2(
    url: str, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIVE_CATALOG", "perhaps")
    assert main(from_file(file)) == 2
    assert capsys.readouterr().err == "LIVE_CATALOG: 'perhaps' is not allowed; expected on or off\n"
    assert rows(url, "select count(*) from source") == [(0,)]


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize(
    ("_case", "content", "word"),
    [
        ("missing", None, "{file}: No such file or directory"),
        ("broken", b"{", "broken document: models.dev, {file}: not JSON: "),
        ("empty", b"{}", "broken document: models.dev, {file}: models.dev: no provider with models in the document"),
    ],
)
def test_a_file_that_cannot_be_used_ends_with_1(
    url: str,
    file: Path,
    capsys: pytest.CaptureFixture[str],
    _case: str,
    content: bytes | None,
    word: str,
    more: list[str],
) -> None:
    assert main(from_file(file)) == 0
    before = kept(url)
    capsys.readouterr()
    other = file.with_name("other.json")
    if content is not None:
        other.write_bytes(content)
    assert main(from_file(other, *more)) == 1
    said = capsys.readouterr()
    assert said.out == ""
    told = [line for line in said.err.splitlines() if not line.startswith("==> ")]
    assert told[0].startswith(word.format(file=other))
    assert told[1:] == ["Nothing was taken in; the catalogue is as it was."]
    assert kept(url) == before


def test_a_database_that_does_not_answer_ends_with_1(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:secret@127.0.0.1:1/d")
    assert main(from_file(file)) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "127.0.0.1" in said.err
    assert "secret" not in said.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_in_the_middle_leaves_nothing_half_done(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    def stop(body: bytes) -> Any:
        os.kill(os.getpid(), number)
        return document().parse(body)

    instead(monkeypatch, document(), dataclasses.replace(document(), body=body("2026-03-02"), parse=stop))
    before, handlers = kept(url), [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    assert main(["ingest"]) == 128 + number
    assert capsys.readouterr().err.endswith("Stopped; nothing is half done.\n")
    assert kept(url) == before
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == handlers


STOPPED = """
import asyncio, os, signal, sys
from api.__main__ import main

run, left = asyncio.Handle._run, int(sys.argv[1])

def stopped(handle):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGINT)
    return run(handle)

asyncio.Handle._run = stopped
sys.exit(main(sys.argv[2:]))
"""


def test_a_stop_between_two_callbacks_of_the_event_loop(new_database: Callable[[], str], file: Path) -> None:
    """Ctrl-C just before the first, second … callback."""
    for number in range(1, 7):
        command = [sys.executable, "-c", STOPPED, str(number), *from_file(file)]
        environment = {**os.environ, "DATABASE_URL": new_database(), "PYTHONPATH": str(REPOSITORY)}
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            try:
                _, said = process.communicate(timeout=15)
            finally:
                process.kill()
        assert (process.returncode, said.splitlines()[-1]) == (130, "Stopped; nothing is half done.")


def test_the_package_s_own_database(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    states = []
    for _ in range(2):
        assert main(from_file(file, "--json")) == 0
        found = json.loads(capsys.readouterr().out)
        states.append((found["sources"][0]["state"], found["revision"]))
    assert states == [("new", 1), ("unchanged", 1)]


def test_a_folder_may_be_held_back(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "catalog.json"
    for given, more, code in ((None, [], 0), ({"host/bolt-2": 2}, [], 3), ({"host/bolt-2": 2}, ["--accept-shrink"], 0)):
        file.write_bytes(body("2026-03-01") if given is None else body("2026-03-05", given))
        assert main(["ingest", "--folder", str(tmp_path), *more]) == code
        assert ("HELD models.dev" in capsys.readouterr().out) is (code == 3)
    assert rows(url, "select count(*) from route where live") == [(1,)]


def test_a_folder_is_taken_in_at_once(url: str, file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "rates.json").write_bytes(BODIES["rates"])
    (tmp_path / "other.json").write_text("{}")
    for state in ("new", "unchanged"):
        assert main(["ingest", "--folder", str(tmp_path), "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert [(each["source"], each["state"]) for each in found["sources"]] == [
            ("models.dev", state),
            ("rates", state),
        ]
        assert found["messages"] == ["other.json is not taken: it has the shape of no source that we know."]
        assert (found["revision"], found["newRevision"]) == (1, state == "new")
    assert main(["ingest", "--folder", str(tmp_path / "gone")]) == 1
    assert "gone: No such file or directory" in capsys.readouterr().err
