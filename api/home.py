"""Where a person is who opens the address in a browser, with a call to paste."""

from __future__ import annotations

import html

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

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
