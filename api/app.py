"""The web application: the GraphQL endpoint, the explorer, health, and where a person is.

The lifespan owns the engine; every operation takes one read-only connection, at its first read, and one snapshot.
"""

from __future__ import annotations

import gc
import html
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from api.budgets import LEVEL, POLICY, Budgets, Shared
from api.documents import Documents
from api.explorer import explorer_routes
from api.graphql import BEHIND, DEPRECATED_HEADER, REVISION_HEADER, GraphQL
from api.headers import SecurityHeaders
from api.health import metrics, readyz
from api.newest import Newest, following_newest
from api.observing import Observing
from api.operations import operations
from api.request_ids import HEADER, RequestIds
from api.schedule import following
from api.service import STALE, Service
from api.settings import Settings
from api.sockets import Sockets
from api.subscriptions import Subscriptions
from api.usage import counting
from db.engine import read_engine
from schema.published import sdl

ROOT = Path(__file__).parent.parent

_HOME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>LLM Reference</title><link rel="icon" href="data:,">
<style>
body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; color: #222 }
pre { background: #f4f4f6; padding: 1rem; overflow-x: auto } dt { font-weight: 600 } dd { margin: 0 0 .6rem }
</style>
</head>
<body>
<h1>LLM Reference</h1>
<p>Which large language model to use, what it costs, and what switching would break: a GraphQL API over models, providers and
prices in which every fact names its source.</p>
<dl>
<dt><a href="/graphiql">GraphiQL</a></dt><dd>Explore it in the browser, beginning with five questions.</dd>
<dt><code>POST /graphql</code>, <code>GET /graphql?query=…</code></dt><dd>Ask it from a program.</dd>
<dt><code>ws: /graphql</code>, or accept <code>text/event-stream</code></dt><dd>Be told of new revisions and prices.</dd>
<dt><a href="/schema.graphql">schema.graphql</a></dt><dd>Every type, field and argument, explained.</dd>
<dt><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>, <a href="/metrics">/metrics</a></dt><dd>Whether the process lives,
whether the catalogue answers, and how fresh its sources are.</dd>
</dl>
<pre>curl -s ORIGIN/graphql -H 'content-type: application/json' \\
  -d '{"query":"{ models(first: 3) { nodes { name contextWindow } } }"}'</pre>
</body>
</html>
"""


def home(request: Request) -> Response:
    """Where a person is, with a call to paste."""
    origin = f"{request.url.scheme}://{request.url.netloc}"
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
    return HTMLResponse(_HOME.replace("ORIGIN", html.escape(origin)), headers={"content-security-policy": policy})


def create_app(settings: Settings, database_url: str) -> Starlette:
    """The application over a database. Nothing is opened before it starts."""

    newest = Newest()
    engine = read_engine(
        settings.database_read_url or database_url,
        pool_size=settings.pool_size,
        pool_wait_s=settings.pool_wait_seconds,
        statement_timeout_ms=settings.statement_timeout_ms,
    )
    shared = None if settings.rate_limit_store is None else Shared(settings.rate_limit_store)
    budgets = Budgets(shared, open_when_away=settings.rate_limit_fail == "open")
    service = Service(settings, engine, newest, budgets)
    subscriptions = Subscriptions(service, newest, settings.streams_most)
    documents = Documents(operations(), trusted_only=settings.documents == "trusted")
    observing = Observing(GraphQL(service, documents, subscriptions), settings, engine, service)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.engine, app.state.service, app.state.metrics = engine, service, observing.metrics
        async with (
            following(database_url, settings.ingest_every),
            following_newest(database_url, newest, settings.database_read_url),
            counting(database_url, service.usage),
            observing.on(),
        ):
            # What is there now stays: a collection that walks the schema and the modules again finds nothing and takes long.
            gc.collect()
            gc.freeze()
            yield
        await budgets.aclose()
        await engine.dispose()

    published = sdl()
    app = Starlette(
        routes=[
            # First, because routes are tried in order.
            Route("/graphql", observing),
            WebSocketRoute("/graphql", Sockets(subscriptions, documents, settings.cors_origins, service.callers)),
            Route("/", home),
            Route("/schema.graphql", lambda _: PlainTextResponse(published)),
            Route("/healthz", lambda _: PlainTextResponse("alive\n")),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            *explorer_routes(operations(), ROOT / "explorer" / "dist"),
        ],
        middleware=[
            Middleware(RequestIds),
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["content-type", "authorization", HEADER],
                expose_headers=[
                    REVISION_HEADER,
                    "etag",
                    LEVEL,
                    POLICY,
                    "retry-after",
                    DEPRECATED_HEADER,
                    STALE[0],
                    BEHIND[0],
                    HEADER,
                ],
            ),
        ],
        lifespan=lifespan,
    )
    app.state.subscriptions = subscriptions
    # Around everything, the answer to a failure of our own included, which no middleware of Starlette's sees.
    app.middleware_stack = SecurityHeaders(app.build_middleware_stack(), hsts_days=settings.hsts_days)
    return app
