"""`--record` and `llmref replay`: one line that is kept, and what became of it as words and as an exit code."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest

from api.__main__ import main
from tests.api.conftest import REVISION
from tests.conftest import ROWS
from tests.ingest.small import run_script

KEY = "a secret of at least thirty-two characters"


@pytest.fixture(scope="module")
def changing(new_database: Callable[[], str]) -> str:
    """A catalogue whose prices a test changes."""
    url = new_database()
    run_script(url, ROWS + REVISION)
    return url


@pytest.fixture(autouse=True)
def _url(changing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", changing)


def _kept(capsys: pytest.CaptureFixture[str], *call: str) -> str:
    assert main([*call, "--record"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("llmref1.")
    return str(line)


@pytest.mark.parametrize(
    "call",
    [
        ("switch", "acme/one", "host/one"),
        ("cost", "one", "--exclude", "host"),
        ("cost", "acme/one", "--requests", "1000", "--input", "10"),
        ("recommend", "--min-context", "1000", "--first", "3"),
        ("compare", "one", "two"),
    ],
)
def test_a_decision_is_kept_and_holds(capsys: pytest.CaptureFixture[str], call: tuple[str, ...]) -> None:
    line = _kept(capsys, *call)
    assert main(["replay", line]) == 0
    assert "It holds: " in capsys.readouterr().out


def test_it_turns_and_names_the_price(
    capsys: pytest.CaptureFixture[str], changing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From standard input, as a kept file is given; the exit codes tell scripts what became of it."""
    line = _kept(capsys, "cost", "acme/one")
    for change, code, word in (
        ("update price set output_mtok = 6 where route_id = 1", 5, "It turned: "),
        ("update price set output_mtok = null where route_id = 1", 6, "It cannot be decided any more: "),
        ("update price set output_mtok = 0.60 where route_id = 1", 0, "It holds: "),
    ):
        run_script(changing, change)
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{line}\n"))
        assert main(["replay", "-"]) == code
        said = " ".join(capsys.readouterr().out.split())
        assert word in said
        assert ("Because of price.STANDARD.0.output of acme/one (0.6 before" in said) is (code != 0)


def test_no_decision_is_no_record(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["switch", "one", "two", "--record"]) == 1
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "No live route of Two is tracked.\n")


def test_what_was_tampered_with_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    line = _kept(capsys, "cost", "acme/one")
    for place, why in ((100, "not what its digest says"), (-1, "does not carry the signature of this service")):
        letters = list(line)
        letters[place] = "0" if letters[place] != "0" else "1"
        assert main(["replay", "".join(letters)]) == 1
        assert why in capsys.readouterr().err
    assert main(["replay", "{}"]) == 1
    assert "This is no decision record" in capsys.readouterr().err


def test_a_key_of_ones_own_signs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What the catalogue's own key signed is then refused."""
    before = _kept(capsys, "cost", "acme/one")
    monkeypatch.setenv("RECORD_KEY", KEY)
    signed = _kept(capsys, "cost", "acme/one")
    assert main(["replay", signed, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["replay"]["outcome"] == "HOLDS"
    assert main(["replay", before]) == 1
    assert "does not carry the signature of this service" in capsys.readouterr().err
    monkeypatch.setenv("RECORD_KEY", "short secret")
    assert main(["replay", signed]) == 2
    refusal = capsys.readouterr().err
    assert "RECORD_KEY" in refusal
    assert "short secret" not in refusal
