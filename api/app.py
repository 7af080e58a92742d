"""The web application: the GraphQL endpoint, the explorer, health, and where a person is.

The lifespan owns the engine; every operation takes one read-only connection, at its first read, and one snapshot.
"""

from __future__ import annotations

import html
import logging
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from graphql import GraphQLError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from api.explorer import explorer_routes
from api.health import metrics, readyz
from api.operations import operations
from api.schedule import following
from api.settings import Settings
from db.engine import read_engine
from db.reader import Reader
from schema.answer import answer
from schema.query import sdl

ROOT = Path(__file__).parent.parent
MAX_BODY = 100_000
REVISION_HEADER = "llmref-revision"
"""Which catalogue revision answered; absent where nothing was read."""
_log = logging.getLogger("llmref")

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


class Refused(Exception):
    """A request that is not a GraphQL request: status, code, and what to do."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers


def _json(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, dict(headers or {}), media_type="application/json; charset=utf-8")


async def _body(request: Request) -> bytes:
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > MAX_BODY:
            raise Refused(413, "BODY_TOO_LARGE", f"Send at most {MAX_BODY} bytes.")
    return bytes(found)


async def _asked(request: Request) -> tuple[str, dict[str, Any], str | None]:
    """Document, variables and operation name. Empty GET parameters are the same as absent ones."""
    given: Any
    if request.method == "GET":
        given = {key: value for key, value in request.query_params.items() if value}
        parts = {"variables"}
    elif request.method == "POST":
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", "Send the request as application/json.")
        given, parts = {"": (await _body(request)).decode("utf-8", "replace")}, {""}
    else:
        raise Refused(405, "METHOD_NOT_ALLOWED", "Use GET or POST.", {"allow": "GET, POST"})
    for part in parts & set(given):
        try:
            given[part] = orjson.loads(given[part])
        except orjson.JSONDecodeError:
            raise Refused(400, "BAD_REQUEST", f"The {part or 'body'} is not JSON.") from None
    if request.method == "POST":
        given = given[""]
    if not isinstance(given, dict):
        raise Refused(400, "BAD_REQUEST", 'Send one JSON object: {"query": "{ __typename }"}.')
    query, variables, name = given.get("query"), given.get("variables"), given.get("operationName")
    if not isinstance(query, str):
        raise Refused(400, "BAD_REQUEST", "`query` must be the text of a GraphQL document.")
    if not isinstance(variables, dict | None) or not isinstance(name, str | None):
        raise Refused(400, "BAD_REQUEST", "`variables` must be an object and `operationName` text.")
    return query, variables or {}, name


def _shown(error: GraphQLError) -> dict[str, Any]:
    """An error as a client sees it. What we did not raise on purpose is masked, with an id that the log has too."""
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        shown: dict[str, Any] = dict(error.formatted)
        default = "GRAPHQL_VALIDATION_FAILED" if error.path is None else "BAD_USER_INPUT"
        return shown | {"extensions": {"code": default} | (error.extensions or {})}
    return _unexpected("INTERNAL_SERVER_ERROR", error.original_error) | {"path": error.path}


def _unexpected(code: str, error: Exception) -> dict[str, Any]:
    """What was not raised on purpose, told with an id that the log has too."""
    number = uuid.uuid4().hex
    _log.error("masked as %s", number, exc_info=error)
    message = f"Something went wrong here; quote {number} to report it."
    return {"message": message, "extensions": {"code": code, "id": number}}


async def graphql(request: Request) -> Response:
    """GraphQL over HTTP."""
    engine: AsyncEngine = request.app.state.engine
    try:
        query, variables, name = await _asked(request)
    except Refused as refused:
        error = {"message": str(refused), "extensions": {"code": refused.code}}
        return _json({"errors": [error]}, refused.status, refused.headers)
    except ClientDisconnect:
        return Response(status_code=499)
    async with Reader(engine) as reader:
        try:
            today = datetime.now(UTC).date()
            key: bytes | None = request.app.state.record_key
            result = await answer(query, variables, operation_name=name, reader=reader, today=today, record_key=key)
        except (SQLAlchemyError, OSError) as error:
            return _json({"errors": [_unexpected("DATABASE_UNAVAILABLE", error)]}, 503, {"retry-after": "1"})
        except Exception as error:
            return _json({"errors": [_unexpected("INTERNAL_SERVER_ERROR", error)]})
    content: dict[str, Any] = {}
    if result.errors:
        content["errors"] = [_shown(error) for error in result.errors]
    request_error = result.data is None and bool(result.errors) and all(e.path is None for e in result.errors or ())
    if not request_error:
        content["data"] = result.data
    headers = {} if reader.revision is None else {REVISION_HEADER: str(reader.revision)}
    return _json(content, headers=headers)


def create_app(settings: Settings, database_url: str) -> Starlette:
    """The application over a database. Nothing is opened before it starts."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.record_key = settings.record_key
        app.state.engine = read_engine(
            database_url,
            pool_size=settings.pool_size,
            pool_wait_s=settings.pool_wait_seconds,
            statement_timeout_ms=settings.statement_timeout_ms,
        )
        async with following(database_url, settings.ingest_every):
            yield
        await app.state.engine.dispose()

    published = sdl()
    return Starlette(
        routes=[
            Route("/", home),
            Route("/graphql", graphql, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
            Route("/schema.graphql", lambda _: PlainTextResponse(published)),
            Route("/healthz", lambda _: PlainTextResponse("alive\n")),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            *explorer_routes(operations(), ROOT / "explorer" / "dist"),
        ],
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["content-type"],
                expose_headers=[REVISION_HEADER],
            )
        ],
        lifespan=lifespan,
    )
