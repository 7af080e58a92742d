"""Who is who without a database: the models that the packaged catalogues and our own files know, and what any row is taken for.

What `llmref resolve --jsonl` answers from. The same rows are linked in the same way by an ingest of the same documents.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import date

from domain.identity import Resolver, Row
from domain.statements import Subject, SubjectKind
from domain.universe import known_models
from ingest.documents import local_documents, parsed
from ingest.linking import HAND_MADE, read_tables, whole_day


def packaged_resolver() -> Resolver:
    """Reads the packaged documents, which takes some seconds. Raises BrokenDocument."""
    tables = read_tables()
    collecting = gc.isenabled()
    gc.disable()  # reading makes millions of small things and no rings: looking for some is a fourth of the time
    try:
        return Resolver(known_models(_packaged_rows(), tables), tables)
    finally:
        if collecting:
            gc.enable()


def _packaged_rows() -> Iterator[Row]:
    for document in local_documents():
        if document.source.id in HAND_MADE:
            continue
        for subject in parsed(document).subjects:
            if subject.kind is SubjectKind.ROUTE:
                yield Row(document.source.id, subject.provider or "", subject.id, subject.name, _released(subject))
            elif subject.kind is SubjectKind.MODEL:
                namespace = subject.id.partition("/")[0]
                yield Row(document.source.id, namespace, subject.id, subject.name, _released(subject))


def _released(subject: Subject) -> date | None:
    return next((whole_day(said.value) for said in subject.said if said.field == "released"), None)
