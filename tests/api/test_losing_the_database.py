"""The package's own PostgreSQL fills its disk or is killed in the middle of an ingest: a word, an end, and nothing lost."""

import dataclasses
import json
import os
import secrets
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api import database
from api.__main__ import main
from domain.statements import Parsed
from ingest.documents import Document
from tests.api.test_ingesting import instead
from tests.api.test_serving import free_port
from tests.db.test_embedded import _mounted
from tests.ingest.small import document

BEFORE = "2026-03-01"
DAY = "2026-03-02"


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small disk with a catalogue of the package's own database on it."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(database, "CATALOGUE_BYTES", 0)
    with _mounted(tmp_path / "disk", "size=180m"):
        monkeypatch.setenv("DATA_DIR", str(tmp_path / "disk" / "data"))
        yield tmp_path / "disk"


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(65536)):
                pass
        except OSError:
            return ballast
    raise AssertionError("the disk has no end")


def then(act: Callable[[], Any], given: Document) -> Document:
    """The document, with something that happens while it is read."""

    def parse(content: bytes) -> Parsed:
        act()
        return given.parse(content)

    return dataclasses.replace(given, parse=parse)


def state(capsys: pytest.CaptureFixture[str]) -> tuple[str, int]:
    found = json.loads(capsys.readouterr().out)
    return found["sources"][0]["state"], found["revision"]


@pytest.mark.parametrize("command", ["ingest", "serve"])
def test_a_disk_that_fills_up(
    disk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    if command == "ingest":
        instead(monkeypatch, document(BEFORE))
        assert main(["ingest", "--json"]) == 0
        assert state(capsys) == ("new", 1)
    monkeypatch.setenv("PORT", str(free_port()))
    large = document(DAY, {"host/bolt-2": 9}, filler=secrets.token_hex(20_000_000))
    instead(monkeypatch, then(lambda: fill(disk), large))
    assert main([command]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    told = [line for line in said.err.splitlines() if not line.startswith("==> ")]
    assert told[0].startswith(f"No space left for the database in {disk}/data/postgres: ")
    assert " MB are free, and the catalogue takes about 350 MB; free some and try again" in told[0]
    (disk / "ballast").unlink()
    instead(monkeypatch, document(BEFORE))
    assert main(["ingest", "--json"]) == 0
    assert state(capsys) == (("unchanged", 1) if command == "ingest" else ("new", 1))


def test_a_server_that_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    instead(monkeypatch, document(BEFORE))
    assert main(["ingest", "--json"]) == 0
    assert state(capsys) == ("new", 1)

    def kill() -> None:
        pid = (tmp_path / "postgres" / "cluster" / "postmaster.pid").read_text().split("\n")[0]
        os.kill(int(pid), signal.SIGKILL)

    instead(monkeypatch, then(kill, document(DAY, {"host/bolt-2": 9})))
    assert main(["ingest"]) == 1
    told = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("==> ")]
    ended = f"PostgreSQL in {tmp_path}/postgres ended while it was in use; start again, it recovers what was committed."
    # Its processes may or may not have had the time to say that their server is gone.
    words = ["unexpected postmaster exit", "Its log does not say why; it may have been killed."]
    assert told[0] == ended
    assert [line for line in told[1:] if not line.endswith(tuple(words))] == []
    assert len(told) > 1
    instead(monkeypatch, document(BEFORE))
    assert main(["ingest", "--json"]) == 0
    assert state(capsys) == ("unchanged", 1)


def test_a_broken_document_is_no_matter_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    instead(monkeypatch, dataclasses.replace(document(), body=b"{"))
    assert main(["ingest"]) == 1
    told = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("==> ")]
    assert told[0].startswith("broken document: models.dev, made up: not JSON")
    assert told[1:] == ["Nothing was taken in; the catalogue is as it was."]


def test_a_small_disk_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with _mounted(tmp_path / "disk", "size=300m"):
        monkeypatch.setenv("DATA_DIR", str(tmp_path / "disk"))
        assert main(["ingest"]) == 1
        assert not (tmp_path / "disk" / "postgres" / "cluster").exists()
    assert "MB are free, and the catalogue takes about 350 MB" in capsys.readouterr().err
