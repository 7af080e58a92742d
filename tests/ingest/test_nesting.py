"""A document that is nothing but nesting is a broken one, for every reader, and never the end of the process."""

from __future__ import annotations

import pytest

from domain.statements import BrokenDocument
from ingest.documents import parsed
from ingest.sources import CATALOGUES
from tests.ingest.small import of


@pytest.mark.parametrize("source", sorted(CATALOGUES))
@pytest.mark.parametrize("depth", [400, 100_000])
@pytest.mark.parametrize(
    ("_case", "before", "inner", "after"),
    [
        ("lists", b"[", b"", b"]"),
        ("objects", b'{"a":', b"1", b"}"),
        ("objects of models", b'{"models":', b"1", b"}"),
        ("a Python module", b"providers = [", b"", b"]"),
    ],
)
def test_nesting(source: str, depth: int, _case: str, before: bytes, inner: bytes, after: bytes) -> None:
    start = before if before[:1] in b"[{" else before[-1:]
    body = before + start * (depth - 1) + inner + after * depth
    with pytest.raises(BrokenDocument):
        parsed(of(source, body))
