"""OpenTelemetry: traces and metrics for a collector, off until one is set. Its packages are imported only then.

A trace has a span for the request, for preparing (parsing and validating only where the document is new), loading, executing and
encoding, and one for each SQL statement under the first table that it reads. Fields have none. No span has a document, a variable, a
parameter or the text of an exception. OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS and
the like are read by OpenTelemetry itself.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from opentelemetry.context import Context
from opentelemetry.metrics import CallbackOptions, Histogram, Observation
from opentelemetry.propagate import extract
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Span, SpanKind, StatusCode
from prometheus_client import CollectorRegistry
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import Scope

from api.documents import document_id
from api.metrics import Metrics
from api.observed import LEFT, OTHER, Seen
from api.settings import Settings
from db import spans
from db.tables import CatalogRevisionRow

NAME = "llmref"
PATIENCE_S = 1.0
"""How long a stopping process waits for the collector to take what is left."""
_TABLE = re.compile(r"\b(?:FROM|JOIN)\s+\"?(\w+)", re.IGNORECASE)
_TABLES = frozenset(CatalogRevisionRow.metadata.tables)
_REVISION = CatalogRevisionRow.__tablename__
"""Asked along with the first statement of every operation, which is about something else."""


def tracer_provider(settings: Settings) -> TracerProvider | None:
    """Sends spans to the collector in batches, from a thread of its own; None where traces are off."""
    if not settings.traces:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    made = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return made


def meter_provider(settings: Settings) -> MeterProvider | None:
    """Sends metrics to the collector once a minute; None where that is off."""
    if not settings.sent_metrics:
        return None
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    return MeterProvider([reader], resource=_resource(), shutdown_on_exit=False)


def _resource() -> Resource:
    found = Resource.create({SERVICE_INSTANCE_ID: str(uuid.uuid4())})
    unnamed = str(found.attributes[SERVICE_NAME]).startswith("unknown_service")
    return found.merge(Resource({SERVICE_NAME: NAME})) if unnamed else found


class Tracing:
    """The spans of one process, from `start` to `stop`."""

    def __init__(self, provider: TracerProvider, engine: AsyncEngine) -> None:
        self._engine = engine.sync_engine
        self._tracer = provider.get_tracer(NAME)
        self._events: tuple[tuple[str, Callable[..., None]], ...] = (
            ("before_cursor_execute", self._before),
            ("after_cursor_execute", self._after),
            ("handle_error", self._failed),
            ("connect", self._connected),
        )

    def start(self) -> None:
        """From now on there are spans."""
        spans.trace_with(self._span)
        for name, act in self._events:
            event.listen(self._engine, name, act)

    def stop(self) -> None:
        """No spans any more."""
        spans.trace_with(None)
        for name, act in self._events:
            event.remove(self._engine, name, act)

    @contextlib.contextmanager
    def _span(self, name: str, context: Context | None = None, kind: SpanKind = SpanKind.INTERNAL) -> Iterator[Span]:
        """The text of an exception may quote what somebody asked for, so only its class is told."""
        with self._tracer.start_as_current_span(
            name, context, kind, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as error:
                _wrong(span, type(error).__qualname__)
                raise

    @contextlib.contextmanager
    def request(self, scope: Scope, seen: Seen) -> Iterator[None]:
        """The span of a request, within the trace that the client names in `traceparent`."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with self._span(f"{scope['method']} /graphql", extract(headers), SpanKind.SERVER) as span:
            try:
                yield
            finally:
                _tell(span, seen, scope)

    def _before(self, _connection: Any, _cursor: Any, statement: str, _given: Any, context: Any, _many: bool) -> None:
        context.llmref_span = self._statement(statement)

    def _after(self, _connection: Any, _cursor: Any, _statement: str, _given: Any, context: Any, _many: bool) -> None:
        context.llmref_span.end()

    def _failed(self, found: Any) -> None:
        span = getattr(found.execution_context, "llmref_span", None)
        if span is not None:
            _wrong(span, type(found.original_exception).__qualname__)
            span.end()

    def _connected(self, connection: Any, _record: object) -> None:
        connection.driver_connection.add_query_logger(self._run)

    def _run(self, query: Any) -> None:
        """A statement that was given to the driver itself, which SQLAlchemy does not do."""
        if table(query.query) != "nothing":
            ended = time.time_ns()
            span = self._statement(query.query, ended - int(query.elapsed * 1e9))
            if query.exception is not None:
                _wrong(span, type(query.exception).__qualname__)
            span.end(ended)

    def _statement(self, text: str, began: int | None = None) -> Span:
        summary = f"{text.split(None, 1)[0].upper()} {table(text)}"
        span = self._tracer.start_span(summary, kind=SpanKind.CLIENT, start_time=began)
        span.set_attributes({"db.system.name": "postgresql", "db.query.summary": summary})
        return span


def _tell(span: Span, seen: Seen, scope: Scope) -> None:
    """What became of the request."""
    attributes: dict[str, str | int] = {
        "http.request.method": scope["method"],
        "http.route": "/graphql",
        "http.response.status_code": seen.status,
        "graphql.operation.type": seen.type,
        "llmref.cache": seen.cache,
        "llmref.points": seen.points,
        "llmref.statements": seen.statements,
    }
    if seen.asked is not None:
        attributes["llmref.document"] = document_id(seen.asked.text)
    if seen.operation != OTHER:
        attributes["graphql.operation.name"] = seen.operation
    span.set_attributes(attributes)
    if seen.codes:
        span.set_attribute("llmref.codes", seen.codes)
    if seen.status >= 500:
        _wrong(span, seen.codes[0] if seen.codes else str(seen.status))


def table(statement: str) -> str:
    """The first table that a statement reads."""
    read = [name for name in _TABLE.findall(statement) if name in _TABLES]
    return next((name for name in read if name != _REVISION), _REVISION if read else "nothing")


def _wrong(span: Span, what: str) -> None:
    span.set_status(StatusCode.ERROR)
    span.set_attribute("error.type", what)


def send_metrics(provider: MeterProvider, metrics: Metrics) -> Callable[[Scope, Seen], None]:
    """Every metric of Prometheus under its own name with a dot. What is returned is told of every request, for the duration that
    collectors know of every server."""
    meter = provider.get_meter(NAME)
    histograms: dict[str, Histogram] = {}
    for family in metrics.registry.collect():
        name, text = family.name.replace("_", ".", 1), family.documentation
        if family.type == "histogram":
            bounds = metrics.bounds[family.name]
            histograms[family.name] = meter.create_histogram(
                name, description=text, explicit_bucket_boundaries_advisory=bounds
            )
        elif family.type == "counter":
            meter.create_observable_counter(
                name, [_observed(metrics.registry, f"{family.name}_total")], description=text
            )
        else:
            meter.create_observable_gauge(name, [_observed(metrics.registry, family.name)], description=text)
    metrics.tell = lambda name, value, labels: histograms[name].record(value, labels)
    duration = meter.create_histogram("http.server.request.duration", "s", "From the request to the last byte.")

    def told(scope: Scope, seen: Seen) -> None:
        if seen.status == LEFT or seen.type == "subscription" or seen.transport == "websocket":
            return
        attributes: dict[str, str | int] = {
            "http.request.method": scope["method"],
            "http.route": "/graphql",
            "http.response.status_code": seen.status,
            "graphql.operation.name": seen.operation,
        }
        duration.record(seen.seconds, attributes)

    return told


def _observed(registry: CollectorRegistry, name: str) -> Callable[[CallbackOptions], Iterable[Observation]]:
    """The samples of that name."""
    only = registry.restricted_registry([name])

    def values(_: CallbackOptions) -> Iterable[Observation]:
        for family in only.collect():
            for sample in family.samples:
                yield Observation(float(sample.value), sample.labels)  # as truth is no number on the wire

    return values


def shut_down(providers: Iterable[TracerProvider | MeterProvider]) -> None:
    """Ends providers, which send what they have left, without waiting for a collector that does not answer."""
    threads = [threading.Thread(target=each.shutdown, daemon=True) for each in providers]
    until = time.monotonic() + PATIENCE_S
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
