"""The explorer page: GraphiQL from our own static files, opening with a tab for each of our operations.

The server only writes the operations into the page as data; `explorer/` holds the page's code and how it is built.
"""

import html
import json
from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.operations import Operation

EXPLORER_PATH = "/graphiql"
ASSETS_PATH = f"{EXPLORER_PATH}/assets"

# The editor writes <style> elements and style attributes, hence 'unsafe-inline' for styles, and for styles only.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "connect-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)

_PAGE_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cache-control": "no-cache",
}

_LINKS = {"/": "LLM Reference", "/schema.graphql": "Schema (SDL)"}


def explorer_page(operations: Sequence[Operation], dist: Path) -> str:
    """The page as HTML. Raises FileNotFoundError where `dist` holds no built explorer."""
    manifest = json.loads((dist / "manifest.json").read_text())
    script, style = (html.escape(f"{ASSETS_PATH}/{manifest[kind]}") for kind in ("script", "style"))
    return _document(
        title="GraphiQL · LLM Reference",
        head=f'<link rel="stylesheet" href="{style}">\n<script type="module" src="{script}"></script>',
        body=f"""<header>{_links()}</header>
<noscript>This page needs JavaScript. The schema is at <a href="/schema.graphql">/schema.graphql</a>.</noscript>
<div id="explorer"></div>
<script type="application/json" id="operations">{_json_for_script(operations)}</script>""",
    )


def missing_page() -> str:
    """What a person sees where the explorer has not been built: how to build it, and what works without it."""
    return _document(
        title="GraphiQL is not built · LLM Reference",
        head="",
        body=f"""<h1>GraphiQL is not built yet</h1>
<p>Run <code>make explorer</code> (or <code>python explorer/build.py</code>) in the project's folder and reload this page;
the server need not be restarted. The API itself works without it.</p>
<p>{_links()}</p>""",
    )


def explorer_routes(operations: Sequence[Operation], dist: Path) -> list[BaseRoute]:
    """The page at `/graphiql` and its static files below it; a page that is built later appears on reload."""

    def page(_: Request) -> Response:
        try:
            return HTMLResponse(explorer_page(operations, dist), headers=_PAGE_HEADERS)
        except FileNotFoundError:
            return HTMLResponse(missing_page(), status_code=503, headers=_PAGE_HEADERS)

    return [
        Mount(ASSETS_PATH, _HashedFiles(directory=dist / "assets", check_dir=False), name="explorer-assets"),
        Route(EXPLORER_PATH, page, methods=["GET"], name="explorer"),
    ]


class _HashedFiles(StaticFiles):
    """Files whose names change with their content: whoever has one never needs to ask for it again."""

    async def check_config(self) -> None:
        """Accept a folder that is not there yet: its files are 404, not a failure."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def _document(*, title: str, head: str, body: str) -> str:
    # The empty icon keeps browsers from asking for /favicon.ico.
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
{head}
</head>
<body>
{body}
</body>
</html>
"""


def _links() -> str:
    return " ".join(f'<a href="{html.escape(href)}">{html.escape(text)}</a>' for href, text in _LINKS.items())


def _json_for_script(operations: Sequence[Operation]) -> str:
    """The operations as JSON that no text in them can break out of: a `<` would end the script element."""
    tabs = [
        {
            "name": operation.name,
            "query": operation.query,
            "variables": json.dumps(operation.variables, indent=2, ensure_ascii=False) if operation.variables else "",
        }
        for operation in operations
    ]
    return json.dumps(tabs).replace("<", "\\u003c")
