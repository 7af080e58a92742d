"""The web application: the GraphQL endpoint, the explorer, health, and where a person is.

The lifespan owns the engine; every operation takes one read-only connection, at its first read, and one snapshot.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from hashlib import blake2b
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from api.beside import beside, within
from api.budgets import LEVEL, POLICY, Budgets, Shared
from api.cache import BEHIND, STALE
from api.documents import Documents
from api.errors import Refused
from api.explorer import explorer_routes
from api.front import ENDPOINT, Front
from api.graphql import DEPRECATED_HEADER, REVISION_HEADER, GraphQL, matches
from api.health import UNKEPT, Looks, metrics, readyz
from api.home import home
from api.mistakes import MISTAKES
from api.newest import Newest, following_newest
from api.observing import Observing
from api.operations import operations
from api.request_ids import HEADER
from api.schedule import following
from api.service import Service
from api.settings import Settings
from api.sockets import Sockets
from api.subscriptions import Subscriptions
from api.usage import counting
from db.engine import read_engine
from db.keys import Keys
from schema.published import sdl

ROOT = Path(__file__).parent.parent
EXPOSED = (REVISION_HEADER, "etag", LEVEL, POLICY, "retry-after", DEPRECATED_HEADER, STALE[0], BEHIND[0], HEADER)
"""Headers that a page of another origin may read."""


def create_app(settings: Settings, database_url: str) -> Starlette:
    """The application over a database. Nothing is opened before it starts."""
    engine = _reading(settings, settings.database_read_url or database_url, settings.pool_size)
    primary = None if settings.database_read_url is None else _reading(settings, database_url, 1)
    shared = None if settings.rate_limit_store is None else Shared(settings.rate_limit_store)
    budgets = Budgets(shared, open_when_away=settings.rate_limit_fail == "open")
    service = Service(settings, engine, Newest(), budgets, Keys(engine, primary))
    subscriptions = Subscriptions(service, service.newest, settings.streams_most)
    documents = Documents(operations(), trusted_only=settings.documents == "trusted")
    observing = Observing(GraphQL(service, documents, subscriptions), settings, engine, service, subscriptions)
    sockets = Sockets(subscriptions, documents, settings.cors_origins, service.callers, observing)
    looks = Looks(settings.database_read_url or database_url, service.newest, observing.metrics)
    app = Starlette(
        routes=_pages(sockets),
        lifespan=_running(settings, database_url, service, observing, looks),
        exception_handlers={404: _not_found, 405: _not_allowed},
    )
    app.state.engine, app.state.service, app.state.metrics = engine, service, observing.metrics
    app.state.subscriptions, app.state.looks = subscriptions, looks
    app.middleware_stack = Front(
        observing,
        app.build_middleware_stack(),
        origins=settings.cors_origins,
        exposed=EXPOSED,
        hsts_days=settings.hsts_days,
    )
    return app


def _reading(settings: Settings, url: str, connections: int) -> AsyncEngine:
    return read_engine(
        url,
        pool_size=connections,
        pool_wait_s=settings.pool_wait_seconds,
        statement_timeout_ms=settings.statement_timeout_ms,
    )


_COLLECT_AFTER = 20_000, 20, 100
"""New objects before young ones are looked through, and of such looks how many before older ones are. A parsed document alone is some
thousands of objects, so that Python's 700 look through documents that are kept again and again: a quarter of what a new one costs."""


def _running(
    settings: Settings, database_url: str, service: Service, observing: Observing, looks: Looks
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """What is done beside answering, from the start to the stop of the application."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with MISTAKES.counted():
            async with (
                following(database_url, settings.ingest_every),
                following_newest(database_url, service.newest, settings.database_read_url),
                counting(database_url, service.usage),
                beside(service.outage.watch(looks.answers), *([looks.watch()] if settings.sent_metrics else [])),
                observing.on(),
            ):
                # What is there now stays: a collection that walks the schema and the modules again finds nothing and takes long.
                gc.collect()
                gc.freeze()
                gc.set_threshold(*_COLLECT_AFTER)
                yield
            await within(looks.aclose(), service.budgets.aclose(), service.keys.aclose(), service.engine.dispose())

    return lifespan


def _kept(text: str) -> dict[str, str]:
    """What is the same until another version is served: an hour old at the most, and asked for again by its tag."""
    tag = blake2b(text.encode(), digest_size=16).hexdigest()
    return {"etag": f'"{tag}"', "cache-control": "public, max-age=3600"}


async def _published(whole: PlainTextResponse, request: Request) -> Response:
    same = matches(request.headers.get("if-none-match", ""), whole.headers["etag"])
    kept = {name: whole.headers[name] for name in ("etag", "cache-control")}
    return Response(status_code=304, headers=kept) if same else whole


def _not_allowed(_: Request, error: Exception) -> Response:
    """What the endpoint says to a method that it does not take, of every other address."""
    assert isinstance(error, HTTPException)
    allowed = sorted(each.strip() for each in (error.headers or {}).get("Allow", "").split(","))
    return _said(Refused(405, "METHOD_NOT_ALLOWED", "Use GET.", UNKEPT | {"allow": ", ".join(allowed)}))


def _not_found(_: Request, __: Exception) -> Response:
    return _said(Refused(404, "NOT_FOUND", f"There is nothing at this address; questions go to {ENDPOINT}.", UNKEPT))


def _said(refused: Refused) -> Response:
    return Response(refused.body, refused.status, refused.headers, "application/json")


def _pages(sockets: ASGIApp) -> Sequence[BaseRoute]:
    """All that is answered beside questions over HTTP."""
    published = sdl()
    return [
        WebSocketRoute(ENDPOINT, sockets),
        Route("/", home),
        Route("/schema.graphql", partial(_published, PlainTextResponse(published, headers=_kept(published)))),
        Route("/healthz", lambda _: PlainTextResponse("alive\n")),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
        *explorer_routes(operations(), ROOT / "explorer" / "dist"),
    ]
