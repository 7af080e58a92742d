"""Whose document a file is, and what a folder of them gives."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ingest.fetch import Unreadable
from ingest.recognising import folder_documents, recognise
from ingest.sources import CATALOGUES
from tests.ingest import payloads
from tests.ingest.small import body
from tests.ingest.test_genai_prices import MODULE


@pytest.mark.parametrize("source", sorted(payloads.BODIES))
def test_a_document_of_every_source_is_known_by_its_shape(source: str) -> None:
    assert payloads.BODIES.keys() == CATALOGUES.keys()
    assert recognise(payloads.BODIES[source]) == source
    if source != "rates":  # which is packed as it comes
        assert recognise(gzip.compress(payloads.BODIES[source])) == source


@pytest.mark.parametrize(
    ("_case", "document", "source"),
    [
        ("the providers alone", json.dumps(json.loads(body())["providers"]).encode(), "models.dev"),
        ("the first feed", json.dumps(payloads.GENAI_PRICES).encode(), "genai-prices"),
        ("the package's module", MODULE.encode(), "genai-prices"),
        ("nothing", b"", None),
        ("an empty object", b"{}", None),
        ("an empty list", b"[]", None),
        ("a list of numbers", b"[1]", None),
        ("an object of something else", b'{"name": "llm-reference", "version": "1"}', None),
        ("half a document", payloads.BODIES["litellm"][:-9], None),
        ("half a packed one", gzip.compress(body(), mtime=0)[:-9], None),
        ("another board", payloads.AIDER_EDIT.replace(b"133", b"89"), None),
        ("another table", b"[source]\nid = 'somebody'", None),
        ("prose", b"# Data\n\nNothing to see.", None),
        ("bytes", b"\xff\x00", None),
    ],
)
def test_shapes(_case: str, document: bytes, source: str | None) -> None:
    assert recognise(document) == source


def folder(path: Path, **files: Any) -> Path:
    """Writes files by name, `_` for the dot."""
    for name, content in files.items():
        (path / name.replace("_", ".")).write_bytes(content)
    return path


def test_a_folder_gives_a_document_of_each_source(tmp_path: Path) -> None:
    made = folder(
        tmp_path,
        a_json=payloads.BODIES["rates"],
        b_json=body(),
        README_md=b"what this is",
        LICENSES_txt=b"MIT",
        _hidden=b"",
        notes_txt=b"buy milk",
    )
    (tmp_path / "folder").mkdir()
    messages: list[str] = []
    documents = folder_documents(made, messages)
    assert [(each.source.id, each.place) for each in documents] == [
        ("models.dev", str(tmp_path / "b.json")),
        ("rates", str(tmp_path / "a.json")),
    ]
    assert [each.body for each in documents] == [body(), payloads.BODIES["rates"]]
    assert messages == ["notes.txt is not taken: it has the shape of no source that we know."]


@pytest.mark.parametrize(("first", "second"), [("a.json", "b.json"), ("b.json", "a.json")])
def test_the_second_feed_comes_before_the_first(tmp_path: Path, first: str, second: str) -> None:
    (tmp_path / first).write_bytes(json.dumps(payloads.GENAI_PRICES).encode())
    (tmp_path / second).write_bytes(json.dumps(payloads.GENAI_PRICES_2).encode())
    messages: list[str] = []
    (document,) = folder_documents(tmp_path, messages)
    assert document.place == str(tmp_path / second)
    assert messages == [f"{first} is not taken: {second} is a document of genai-prices too."]


def test_of_two_documents_the_last_by_name_counts(tmp_path: Path) -> None:
    messages: list[str] = []
    (document,) = folder_documents(folder(tmp_path, a_json=body(), b_json=body("2026-03-02")), messages)
    assert document.place == str(tmp_path / "b.json")
    assert messages == ["a.json is not taken: b.json is a document of models.dev too."]


def test_a_folder_that_gives_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no document of a source that we know"):
        folder_documents(folder(tmp_path, README_md=b""), [])
    with pytest.raises(Unreadable, match="No such file or directory"):
        folder_documents(tmp_path / "gone", [])
