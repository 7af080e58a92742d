"""The explorer page as the server writes it: data that cannot become markup, headers, and the unbuilt case."""

import json
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.explorer import CONTENT_SECURITY_POLICY, explorer_page, explorer_routes
from api.operations import Operation

OPERATIONS = [
    Operation("First", "query First($n: Int!) { models(first: $n) { name } } # </script><!--", {"n": 2}),
    Operation("Second", "query Second { __typename }"),
]


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "explorer-ABC.js").write_text("1;")
    (tmp_path / "manifest.json").write_text(json.dumps({"script": "explorer-ABC.js", "style": "explorer-DEF.css"}))
    return tmp_path


def client(dist: Path) -> TestClient:
    return TestClient(Starlette(routes=explorer_routes(OPERATIONS, dist)))


def test_page_carries_the_operations_as_data(dist: Path) -> None:
    page = explorer_page(OPERATIONS, dist)
    data = re.search(r'<script type="application/json" id="operations">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    assert json.loads(data[1]) == [
        {"name": "First", "query": OPERATIONS[0].query, "variables": '{\n  "n": 2\n}'},
        {"name": "Second", "query": OPERATIONS[1].query, "variables": ""},
    ]
    assert "<" not in data[1]


def test_page_loads_only_its_own_files(dist: Path) -> None:
    page = explorer_page(OPERATIONS, dist)
    assert re.findall(r'(?:src|href)="([^"]+)"', page) == [
        "data:,",
        "/graphiql/assets/explorer-DEF.css",
        "/graphiql/assets/explorer-ABC.js",
        "/",
        "/schema.graphql",
        "/schema.graphql",
    ]


def test_page_and_assets_headers(dist: Path) -> None:
    page = client(dist).get("/graphiql")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert page.headers["cache-control"] == "no-cache"
    asset = client(dist).get("/graphiql/assets/explorer-ABC.js")
    assert (asset.status_code, asset.text) == (200, "1;")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["nothing.js", "../manifest.json", "%2e%2e/manifest.json", ""])
def test_other_files_are_not_served(dist: Path, path: str) -> None:
    assert client(dist).get(f"/graphiql/assets/{path}").status_code == 404


def test_policy_allows_scripts_from_here_only() -> None:
    directives = dict(directive.split(" ", 1) for directive in CONTENT_SECURITY_POLICY.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["worker-src"] == directives["connect-src"] == "'self'"


def test_unbuilt_page_says_how_to_build_and_appears_once_built(tmp_path: Path) -> None:
    visitor = client(tmp_path)
    missing = visitor.get("/graphiql")
    assert missing.status_code == 503
    assert "python explorer/build.py" in missing.text
    assert visitor.get("/graphiql/assets/explorer-ABC.js").status_code == 404
    (tmp_path / "manifest.json").write_text(json.dumps({"script": "a.js", "style": "a.css"}))
    assert visitor.get("/graphiql").status_code == 200
