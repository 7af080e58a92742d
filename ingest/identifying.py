"""Who is who without a database: the models that the packaged catalogues and our own files know, and what any row is taken for.

What `llmref resolve --jsonl` answers from. The same rows are linked in the same way by an ingest of the same documents.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator

from db.claims import WITNESSES, StoredSubject
from domain.identity import Resolver, Row
from domain.statements import Subject, SubjectKind, Value
from domain.universe import known_models
from ingest.documents import Document, local_documents, parsed
from ingest.linking import HAND_MADE, read_tables, row_of


def packaged_resolver() -> Resolver:
    """Reads the packaged documents, which takes some seconds. Raises BrokenDocument."""
    tables = read_tables()
    collecting = gc.isenabled()
    gc.disable()  # reading makes millions of small things and no rings: looking for some is a fourth of the time
    try:
        return Resolver(known_models(rows_of(local_documents()), tables), tables)
    finally:
        if collecting:
            gc.enable()


def rows_of(documents: Iterable[Document]) -> Iterator[Row]:
    """The listings of documents, as an ingest of them links them. Raises BrokenDocument."""
    for document in documents:
        if document.source.id in HAND_MADE:
            continue
        for subject in parsed(document).subjects:
            if subject.kind in (SubjectKind.MODEL, SubjectKind.ROUTE):
                named = (document.source.id, subject.kind, subject.provider or "", subject.id, subject.name)
                yield row_of(StoredSubject(0, *named, _said_now(subject)))


def _said_now(subject: Subject) -> dict[str, Value]:
    """What a stored subject says, of one that is not stored: see `db.claims.StoredSubject`."""
    now: dict[str, list[Value]] = {}
    for said in subject.said:
        if said.field in WITNESSES and said.valid_to is None:
            now.setdefault(said.field, []).append(said.value)
    return {field: values[0] for field, values in now.items() if all(value == values[0] for value in values)}
