"""`llmref data-check`: what it says of a folder, and when it is not content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.__main__ import main
from tests.ingest import payloads
from tests.ingest.small import body


def check(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, list[str], list[str]]:
    code = main(["data-check", str(folder), *more])
    said = capsys.readouterr()
    return code, said.out.splitlines(), said.err.splitlines()


def test_a_folder_of_known_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for source, document in payloads.BODIES.items():
        (tmp_path / f"{source}.data").write_bytes(document)
    (tmp_path / "LICENSES.txt").write_text("MIT")
    code, out, err = check(tmp_path, capsys)
    assert (code, err, out[-1]) == (0, [], "9 files read, 0 wrong")
    assert [line for line in out if not line.startswith(" ")][:-1] == [
        f"{source}.data: {source}" for source in sorted(payloads.BODIES)
    ]
    start = out.index("openrouter.data: openrouter")
    assert out[start + 1 : start + 6] == [
        "  no date, 2 subjects, 16 statements",
        "  dropped-row (2)",
        "    data.*.pricing.completion is negative, which is no price: once at /data/1/pricing/completion",
        "  unread-field (1)",
        "    data.*.created: once at /data/0/created",
    ]
    _, every, _ = check(tmp_path, capsys, "--problems")
    negative = "    data.*.pricing.prompt is negative, which is no price: once at /data/1/pricing/prompt"
    assert (negative in out, negative in every) == (False, True)


@pytest.mark.parametrize(
    ("_case", "name", "document", "word"),
    [
        ("a new field", "new.json", body(surprise=1), "new.json: 3 unknown fields"),
        (
            "a board of other exercises",
            "mixed.yml",
            payloads.AIDER_POLYGLOT + payloads.AIDER_POLYGLOT.replace(b"225", b"99") * 3,
            "mixed.yml: has the shape of no source that we know",
        ),
        ("no date in the page", "page.toml", b"[source]\nid = 'reference-page'", "page.toml: reference-page, page.toml: "),
        ("a file of nobody", "x.json", b"{}", "x.json: has the shape of no source that we know"),
        ("half a file", "x.json", body()[:-1], "x.json: has the shape of no source that we know"),
        ("a provider that is a number", "x.json", json.dumps({"providers": {"a": 1}}).encode(), "x.json: models.dev, x.json: "),
    ],
)  # fmt: skip
def test_what_a_maintainer_has_to_look_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], _case: str, name: str, document: bytes, word: str
) -> None:
    (tmp_path / name).write_bytes(document)
    (tmp_path / "z.json").write_bytes(payloads.BODIES["openrouter"])
    code, out, err = check(tmp_path, capsys)
    assert (code, out[-1]) == (1, "2 files read, 1 wrong")
    assert len(err) == 1
    assert err[0].startswith(word)
    if "unknown fields" in word:
        assert "    providers.*.models.*.surprise: 3 times at /providers/host/models/bolt-2/surprise" in out


def test_no_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, capsys) == (1, ["0 files read, 1 wrong"], [f"{tmp_path}: no file to check"])
    gone = tmp_path / "gone"
    assert check(gone, capsys) == (1, [], [f"{gone}: No such file or directory"])
