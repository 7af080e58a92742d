"""What a serving process counts and measures, for Prometheus and, from the same registry, for a collector. Every label has few values:
the names of operations/, the codes of `api.errors`, what the schema has that is deprecated, the sources, and words that stand here.

Several processes on one address keep their numbers in files of one folder (prometheus_client's multiprocess mode), so that it does not
matter which of them is asked: counters and histograms of all are added, also of those that ended, gauges of those that live.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from sqlalchemy.ext.asyncio import AsyncEngine

from api.beside import beside
from api.errors import CODES
from api.observed import Seen
from api.service import Service
from api.settings import METRICS_FOLDER
from api.state import Catalogue
from api.subscriptions import Subscriptions
from schema.answer import CORE
from schema.deprecations import coordinates, deprecated

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second sample for each, of which Prometheus makes nothing
EVERY_S = 0.5
"""How often the loop is asked whether it comes in time, and gauges are set for the processes that are not asked."""
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_POINTS = (1, 10, 50, 100, 250, 500, 1000, 2500, 5000, 10000)
_LAG = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


@dataclass(slots=True)
class _Tally:
    """Observations since the last time that they were handed to prometheus_client, whose locks and files cost more than an answer that
    was kept may."""

    bounds: Sequence[float]
    count: int = 0
    total: float = 0.0
    buckets: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.buckets = [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value
        self.buckets[bisect_left(self.bounds, value)] += 1

    def hand_to(self, histogram: Histogram) -> None:
        """prometheus_client's histograms take one observation at a time except in this way."""
        histogram._sum.inc(self.total)
        for bucket, number in zip(histogram._buckets, self.buckets, strict=True):
            if number:
                bucket.inc(number)


class Metrics:
    """The numbers of one process."""

    def __init__(self, engine: AsyncEngine, service: Service, streams: Subscriptions) -> None:
        self._engine, self._service, self._streams = engine, service, streams
        self.in_flight = 0
        self.registry = CollectorRegistry()
        self.bounds: dict[str, Sequence[float]] = {}
        """Of the buckets of each histogram."""
        self.tell: Callable[[str, float, Mapping[str, str]], None] | None = None
        """Takes each observation of a histogram, by its name and with its labels, for whoever makes histograms of its own."""
        given: Any = {"registry": self.registry}
        self._operations = Counter(
            "llmref_operations",
            "Operations that ended, by type and transport.",
            ["type", "operation", "transport"],
            **given,
        )
        self._seconds = self._histogram(
            "llmref_operation_seconds",
            "From the request to the last byte handed over; without subscriptions.",
            _SECONDS,
            "operation",
        )
        self._cache = Counter("llmref_cache", "Where answers came from.", ["result"], **given)
        self._errors = Counter("llmref_errors", "Requests with at least one error of the code.", ["code"], **given)
        self._deprecated = Counter(
            "llmref_deprecated", "Operations that use what is going to go.", ["coordinate"], **given
        )
        for coordinate, _ in deprecated(CORE):
            self._deprecated.labels(coordinate)  # so that what nobody uses is told as 0
        self._points = self._histogram("llmref_operation_points", "Points of what was computed.", _POINTS, "kind")
        self._statements = Counter("llmref_sql_statements", "SQL statements sent for answers.", **given)
        self._lag = self._histogram("llmref_loop_lag_seconds", "How late the event loop came back.", _LAG)
        told = Counter("llmref_stream_events", "Events that subscribers were told.", ["transport"], **given)
        spent = Counter("llmref_budget_points", "Points of budgets that were spent.", ["caller"], **given)
        refused = Counter("llmref_budget_refused", "Refusals because a budget was used up.", ["caller"], **given)
        alone = Counter("llmref_budget_store_away", "How often the shared store of budgets did not answer.", **given)
        self._counted = {
            ("alone", ""): alone,
            **{("told", each): told.labels(each) for each in ("events", "websocket")},
            **{("spent", each): spent.labels(each) for each in ("address", "key")},
            **{("refused", each): refused.labels(each) for each in ("address", "key")},
        }
        self._handed: dict[tuple[str, str], int] = {}
        """Of what is counted elsewhere, how much was handed over."""
        self._gauges = {
            name: Gauge(f"llmref_{name}", text, multiprocess_mode="livesum", **given)
            for name, text in (
                ("cache_bytes", "Memory of the answers that are kept, about."),
                ("cache_entries", "Answers that are kept."),
                ("flights", "Computations under way, each for all who ask the same."),
                ("slots_in_use", "Operations that are computed now; the most is CONCURRENCY."),
                ("slots_waiting", "Operations that wait for a slot."),
                ("pool_in_use", "Connections to the database that are in use now."),
                ("pool_size", "Most connections to the database for answers."),
                ("tasks", "Tasks of the event loop."),
                ("in_flight", "Operations that are being answered, subscriptions included."),
                ("streams", "Subscriptions and sockets that are open; the most is STREAMS_MOST."),
            )
        }
        self._tallies: dict[tuple[str, str, str, str], _Tally] = {}
        self._taken = {kind: _Tally(_POINTS) for kind in ("estimated", "actual")}
        self._sent = 0
        """Statements that were not handed over yet."""
        self.catalogue = Catalogue()
        self.registry.register(self.catalogue)

    def _histogram(self, name: str, text: str, bounds: Sequence[float], *labels: str) -> Histogram:
        self.bounds[name] = bounds
        return Histogram(name, text, labels, buckets=bounds, registry=self.registry)

    def count(self, seen: Seen) -> None:
        """One request that has ended."""
        key = (seen.type, seen.operation, seen.transport, seen.cache)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = _Tally(_SECONDS)
        tally.add(seen.seconds)
        for code in seen.codes:
            self._errors.labels(code if code in CODES else "OTHER").inc()
        for coordinate in coordinates(seen.deprecated):
            self._deprecated.labels(coordinate).inc()
        if seen.cache == "miss":
            self._sent += seen.statements
        if seen.estimated:
            for kind, points in (("estimated", seen.estimated), ("actual", seen.points)):
                self._taken[kind].add(points)
                if self.tell is not None:
                    self.tell("llmref_operation_points", points, {"kind": kind})
        if self.tell is not None and seen.type != "subscription":
            self.tell("llmref_operation_seconds", seen.seconds, {"operation": seen.operation})

    def _hand_over(self) -> None:
        """Gives what was tallied to prometheus_client."""
        tallies, self._tallies = self._tallies, {}
        for (kind, operation, transport, result), tally in tallies.items():
            self._operations.labels(kind, operation, transport).inc(tally.count)
            self._cache.labels(result).inc(tally.count)
            if kind != "subscription":
                tally.hand_to(self._seconds.labels(operation))
        taken, self._taken = self._taken, {kind: _Tally(_POINTS) for kind in self._taken}
        for kind, tally in taken.items():
            tally.hand_to(self._points.labels(kind))
        sent, self._sent = self._sent, 0
        self._statements.inc(sent)
        budgets, counts = self._service.budgets, {("alone", ""): self._service.budgets.alone}
        for name, of_each in (("told", self._streams.told), ("spent", budgets.spent), ("refused", budgets.refused)):
            counts |= {(name, label): count for label, count in of_each.items()}
        for each, count in counts.items():
            # One that shrinks for a moment, as points that are given back do, is waited for.
            if (more := count - self._handed.get(each, 0)) > 0:
                self._counted[each].inc(more)
                self._handed[each] = count

    def text(self) -> bytes:
        """All numbers of all processes in Prometheus' text format."""
        self._settle()
        folder = os.environ.get(METRICS_FOLDER)
        if folder is None:
            return generate_latest(self.registry)
        _forget_the_dead(Path(folder))
        merged = CollectorRegistry()
        MultiProcessCollector(merged, folder)  # type: ignore[no-untyped-call]
        merged.register(self.catalogue)  # of which all processes would say the same
        return generate_latest(merged)

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Measures the loop beside what is done inside."""
        try:
            async with beside(self._watch()):
                yield
        finally:
            self._settle()

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + EVERY_S
            await asyncio.sleep(EVERY_S)
            lag = max(0.0, loop.time() - due)
            self._lag.observe(lag)
            if self.tell is not None:
                self.tell("llmref_loop_lag_seconds", lag, {})
            self._settle()

    def _settle(self) -> None:
        self._hand_over()
        service, pool = self._service, self._engine.pool
        for name, value in (
            ("cache_bytes", service.cache.bytes + service.schemas.bytes),
            ("cache_entries", len(service.cache) + len(service.schemas)),
            ("flights", len(service.flights)),
            ("slots_in_use", service.in_use),
            ("slots_waiting", service.waiting),
            ("pool_in_use", pool.checkedout()),  # type: ignore[attr-defined]
            ("pool_size", pool.size()),  # type: ignore[attr-defined]
            ("tasks", len(asyncio.all_tasks())),
            ("in_flight", self.in_flight),
            ("streams", self._streams.open),
        ):
            self._gauges[name].set(value)


def _forget_the_dead(folder: Path) -> None:
    """A process that was killed uses nothing any more."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if not Path(f"/proc/{pid}").exists():
            mark_process_dead(int(pid), str(folder))  # type: ignore[no-untyped-call]
