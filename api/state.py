"""What the catalogue holds at a moment, how fresh its sources are, and the same as metrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from domain.provenance import CatalogRevision, Source

_GAUGES: tuple[tuple[str, str, Sequence[str]], ...] = (
    ("database_up", "Whether the database answers.", ()),
    ("database_replica", "Whether a standby answers.", ()),
    ("catalog_newest_revision", "The revision that the primary has.", ()),
    ("source_age_seconds", "Since the newest document of a source was obtained.", ("source",)),
    (
        "source_document_age_seconds",
        "Since the day of the data that a source's newest document states.",
        ("source",),
    ),
    ("source_last_check_seconds", "Since a source last answered.", ("source",)),
    ("source_failing", "Whether the last attempt failed or its document is held back.", ("source",)),
    ("catalog_revision", "The revision that answers.", ()),
    ("catalog_things", "How many things the catalogue holds.", ("kind",)),
)


@dataclass(frozen=True, slots=True)
class State:
    """What the catalogue holds at a moment. `revision` is None before the first ingest. `replica` says whether a standby answered,
    `newest` which revision the primary has, None where it does not say."""

    now: datetime
    revision: CatalogRevision | None
    sources: tuple[Source, ...]
    replica: bool = False
    newest: int | None = None


def seconds(since: datetime | None, now: datetime) -> int | None:
    """Whole seconds since then; None where there was none. A clock that is behind another one does not make it negative."""
    return None if since is None else max(0, int((now - since).total_seconds()))


def document_age(day: date | None, now: datetime) -> int | None:
    """Seconds since the day of a source's data began in UTC: the age of what it says, however lately it was obtained."""
    return None if day is None else seconds(datetime.combine(day, time(), UTC), now)


class Catalogue(Collector):
    """The state that was last seen as metrics. What is unknown has no sample, as everything before the first look."""

    def __init__(self) -> None:
        self._seen: list[tuple[str, tuple[str, ...], float]] = []

    def saw(self, found: State | None) -> None:
        """Takes what a look has found; None where the database does not answer."""
        self._seen = list(_samples(found))

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Every metric, without samples."""
        for name, text, labels in _GAUGES:
            yield GaugeMetricFamily(f"llmref_{name}", text, labels=labels)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every metric, with what is known."""
        seen = self._seen
        for (name, _, _), family in zip(_GAUGES, self.describe(), strict=True):
            for of, labels, value in seen:
                if of == name:
                    family.add_metric(labels, value)
            yield family


def _samples(found: State | None) -> Iterator[tuple[str, tuple[str, ...], float]]:
    yield "database_up", (), found is not None
    if found is None:
        return
    yield "database_replica", (), found.replica
    if found.newest is not None:
        yield "catalog_newest_revision", (), found.newest
    for source in found.sources:
        for name, passed in (
            ("source_age_seconds", seconds(source.retrieved_at, found.now)),
            ("source_document_age_seconds", document_age(source.document_date, found.now)),
            ("source_last_check_seconds", seconds(source.last_checked_at, found.now)),
        ):
            if passed is not None:
                yield name, (source.id,), passed
        yield "source_failing", (source.id,), source.failure is not None
    if found.revision is not None:
        yield "catalog_revision", (), found.revision.number
        for kind, number in sorted(found.revision.counts.items()):
            yield "catalog_things", (kind,), number
