"""What a model is for, where a catalogue only has modalities and names."""

from __future__ import annotations

import pytest

from domain.facts import Modality, Task
from ingest.sources.shapes import task_of


@pytest.mark.parametrize(
    ("names", "task"),
    [
        ("text-embedding-3-small", Task.EMBEDDING),
        ("bge-large-en-v1.5 bge", Task.EMBEDDING),
        ("@cf/baai/bge-m3", Task.EMBEDDING),
        ("bge-reranker-v2-m3 bge", Task.RERANKING),
        ("voyage/rerank-2.5 voyage", Task.RERANKING),
        ("voyage/voyage-3-large voyage", Task.EMBEDDING),
        ("intfloat/e5-mistral-7b-instruct mistral", Task.EMBEDDING),
        ("mistral-small mistral", Task.TEXT_GENERATION),
        ("voyager-7b", Task.TEXT_GENERATION),
    ],
)
def test_names_decide_before_text_in_and_text_out(names: str, task: Task) -> None:
    assert task_of([Modality.TEXT], [Modality.TEXT], names) is task
