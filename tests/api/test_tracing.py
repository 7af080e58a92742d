"""Traces and metrics for a collector: which spans there are, how they hang together, and that nothing is paid while it is off."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from api import metrics, tracing
from api.app import create_app
from api.documents import document_id
from api.operations import document
from api.settings import from_env
from db import spans, tables
from schema.answer import prepare
from tests.api.test_newest import until

SECRET = "what-somebody-asked-for"


@pytest.fixture
def traced(
    filled: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[TestClient, Callable[[], list[ReadableSpan]]]]:
    """A client, and the spans that ended since they were last asked for."""
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "tracer_provider", lambda _: provider)
    with TestClient(create_app(from_env({"OTEL_TRACES_EXPORTER": "otlp"}), filled)) as client:

        def ended() -> list[ReadableSpan]:
            found = list(exporter.get_finished_spans())
            exporter.clear()
            return found

        client.get("/healthz")
        ended()
        prepare.cache_clear()
        yield client, ended
    assert spans.span("anything") is spans._NOTHING
    assert isinstance(spans.span("anything"), nullcontext)


def test_the_spans_of_a_request(traced: tuple[TestClient, Callable[[], list[ReadableSpan]]]) -> None:
    client, ended = traced
    query = {"documentId": "Find", "variables": {"where": {"text": SECRET}}}
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert client.post("/graphql", json=query, headers={"traceparent": parent}).status_code == 200
    found = ended()
    by_id = {span.context.span_id: span.name for span in found if span.context is not None}
    tree = [(span.name, by_id.get(span.parent.span_id, "the client's") if span.parent else None) for span in found]
    statements = [name for name, _ in tree if name.startswith("SELECT ")]
    assert sorted(set(tree) - {(name, "graphql.load") for name in statements}) == [
        ("POST /graphql", "the client's"),
        ("graphql.encode", "POST /graphql"),
        ("graphql.load", "POST /graphql"),
        ("graphql.parse", "graphql.prepare"),
        ("graphql.prepare", "POST /graphql"),
        ("graphql.validate", "graphql.prepare"),
    ]
    assert {name.partition(" ")[2] for name in statements} <= set(tables.PriceRow.metadata.tables)
    request = next(span for span in found if span.name == "POST /graphql")
    assert request.attributes is not None
    assert request.kind is SpanKind.SERVER
    assert format(request.context.trace_id, "032x") == parent[3:35]
    assert request.attributes["graphql.operation.name"] == "Find"
    assert request.attributes["llmref.document"] == document_id(document("Find"))
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["llmref.statements"] == len(statements) >= 1
    assert SECRET not in str([span.to_json() for span in found])


def test_what_is_computed_has_a_span(traced: tuple[TestClient, Callable[[], list[ReadableSpan]]]) -> None:
    """What one statement makes has none, as above."""
    client, ended = traced
    client.post("/graphql", json={"query": "{ methodology { weights { weight } } }"})
    assert "graphql.execute" in {span.name for span in ended()}


def test_what_was_refused_by_the_database_is_told_without_its_words(
    traced: tuple[TestClient, Callable[[], list[ReadableSpan]]],
) -> None:
    client, ended = traced
    query = {"query": "query ($id: String!) { model(ref: $id) { name } }", "variables": {"id": f"{SECRET}\0"}}
    assert client.post("/graphql", json=query).json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    found = ended()
    failed = {span.name: span.attributes or {} for span in found if span.status.status_code is StatusCode.ERROR}
    assert "graphql.load" in failed
    assert failed["graphql.load"]["error.type"] == "UnusableValue"
    assert [name for name in failed if name.startswith("SELECT ")]
    assert SECRET not in str([span.to_json() for span in found])


def test_an_answer_that_was_kept_is_one_span(traced: tuple[TestClient, Callable[[], list[ReadableSpan]]]) -> None:
    client, ended = traced
    for _ in range(100):
        client.post("/graphql", json={"query": "{ catalog { revision } }"})
        (last, *others) = reversed(ended())
        if not others:
            break
    assert (last.name, (last.attributes or {})["llmref.cache"]) == ("POST /graphql", "hit")


@pytest.mark.parametrize(
    ("_case", "statement", "name"),
    [
        ("plain", "SELECT a FROM price WHERE b", "price"),
        ("the revision comes along", "SELECT a, (SELECT max(id) FROM catalog_revision) AS r FROM model, lab", "model"),
        ("the revision alone", "SELECT max(id) FROM catalog_revision", "catalog_revision"),
        ("through a common table", "WITH x AS (SELECT 1 FROM route) SELECT * FROM x JOIN price ON a", "route"),
        ("no table of ours", "SELECT * FROM unnest($1)", "nothing"),
    ],
)
def test_a_statement_is_named_by_the_first_table_that_it_reads(_case: str, statement: str, name: str) -> None:
    assert tracing.table(statement) == name


Points = dict[str, list[tuple[dict[str, object], float]]]


@pytest.fixture
def collected(filled: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[TestClient, Callable[[], Points]]]:
    """A client, and what a collector is sent: of each metric its points, of a histogram how many observations."""
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], shutdown_on_exit=False)
    monkeypatch.setattr(tracing, "meter_provider", lambda _: provider)
    monkeypatch.setattr(metrics, "EVERY_S", 0.01)
    with TestClient(create_app(from_env({"OTEL_METRICS_EXPORTER": "otlp"}), filled)) as client:

        def sent() -> Points:
            data = reader.get_metrics_data()
            assert data is not None
            encode_metrics(data)  # as it is sent, which takes numbers alone
            return {
                each.name: [
                    (dict(point.attributes or {}), float(getattr(point, "value", getattr(point, "count", 0))))
                    for point in each.data.data_points
                ]
                for each in data.resource_metrics[0].scope_metrics[0].metrics
            }

        yield client, sent


def test_metrics_for_a_collector_are_those_of_prometheus(collected: tuple[TestClient, Callable[[], Points]]) -> None:
    """By name and by labels, and nobody has to ask `/metrics` for the numbers of the database to be there."""
    client, sent = collected
    client.post("/graphql", json={"documentId": "Find", "variables": {}})
    awaited = {"llmref.loop_lag_seconds", "llmref.operations", "llmref.catalog_newest_revision"}
    until(lambda: awaited <= set(sent()))
    found = sent()
    page = [
        sample
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
        if not sample.name.endswith(("_bucket", "_sum"))
    ]
    told = {re.sub("_(total|count)$", "", sample.name).replace("_", ".", 1) for sample in page}
    assert set(found) - told == {"http.server.request.duration"}
    assert told - set(found) == set()
    for sample in page:
        points = found[re.sub("_(total|count)$", "", sample.name).replace("_", ".", 1)]
        assert sample.labels in [labels for labels, _ in points], sample.name
    assert found["llmref.operations"] == [({"type": "query", "operation": "Find", "transport": "http"}, 1)]
    assert found["llmref.pool_size"] == [({}, 10)]
    assert found["llmref.database_up"] == found["llmref.catalog_revision"] == [({}, 1)]
    assert found["llmref.operation_seconds"] == [({"operation": "Find"}, 1)]
    assert found["llmref.operation_points"] == [({"kind": kind}, 1) for kind in ("estimated", "actual")]
    ((labels, count),) = found["http.server.request.duration"]
    assert (labels["graphql.operation.name"], count) == ("Find", 1)


def test_it_is_off_until_a_collector_is_set() -> None:
    assert not from_env({}).traces
    assert not from_env({}).sent_metrics
    on = from_env({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"})
    assert (on.traces, on.sent_metrics) == (True, True)
    half = from_env({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_METRICS_EXPORTER": "none"})
    assert (half.traces, half.sent_metrics) == (True, False)
    assert from_env({"OTEL_TRACES_EXPORTER": "otlp"}).traces


def test_while_it_is_off_it_is_not_even_imported() -> None:
    code = (
        "import sys; from api.app import create_app; from api.settings import from_env;"
        "create_app(from_env({}), 'postgresql://u@127.0.0.1:1/d');"
        "sys.exit(any(name.startswith('opentelemetry.sdk') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, str, bytes]]]]:
    """The address of a collector that takes everything, and what it got: path, content type, body."""
    got: list[tuple[str, str, bytes]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            body = gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body
            got.append((self.path, self.headers["content-type"], body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", got
        server.shutdown()


def test_a_collector_gets_traces_and_metrics_when_the_process_stops(
    filled: str, collector: tuple[str, list[tuple[str, str, bytes]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, got = collector
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    with TestClient(create_app(from_env({"OTEL_EXPORTER_OTLP_ENDPOINT": address}), filled)) as client:
        assert (
            client.post("/graphql", json={"documentId": "Find", "variables": {"where": {"text": SECRET}}}).status_code
            == 200
        )
    bodies = {path: body for path, kind, body in got if kind == "application/x-protobuf"}
    assert sorted(bodies) == ["/v1/metrics", "/v1/traces"]
    assert b"graphql.load" in bodies["/v1/traces"]
    assert b"llmref.operations" in bodies["/v1/metrics"]
    for body in bodies.values():
        assert b"service.name" in body
        assert SECRET.encode() not in body


def test_a_collector_that_is_away_holds_nobody_up(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    settings = from_env({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})
    with TestClient(create_app(settings, filled)) as client:
        assert client.post("/graphql", json={"query": "{ catalog { revision } }"}).status_code == 200
        began = time.monotonic()
    assert time.monotonic() - began < 2 * tracing.PATIENCE_S
