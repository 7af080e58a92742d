"""The explorer page in a real browser: our tabs, an answer, the documentation, and nothing fetched from elsewhere."""

import json
import re
import shutil
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Response, expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("default catalogue")]

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Watched:
    """A page together with everything that went over its console and its network."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requested: list[str] = []
        self.failed: list[str] = []
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("requestfailed", self._note_failure)
        page.on("response", self._note_answer)

    def _note_failure(self, request: Request) -> None:
        # The page's own doing, no failure: a worker that the editor replaces while it loads, a page that is left.
        if request.failure != "net::ERR_ABORTED":
            self.failed.append(f"{request.url} {request.failure}")

    def _note_answer(self, response: Response) -> None:
        if not response.ok:
            self.failed.append(f"{response.url} {response.status}")

    def assert_clean(self, base: str) -> None:
        """No console error, no request to another origin, none that failed."""
        origins = {f"{url.scheme}://{url.netloc}" for url in map(urlsplit, self.requested) if url.scheme != "data"}
        assert (self.errors, origins, self.failed) == ([], {base}, [])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("no `chromium` on PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    with browser.new_context(viewport={"width": 1400, "height": 850}) as context:
        yield Watched(context.new_page())


def _open(watched: Watched, base: str) -> list[dict[str, str]]:
    """Open the page, wait for its editors, and return the operations that the server put into it."""
    response = watched.page.goto(f"{base}/graphiql")
    assert response is not None
    assert response.status == 200, "the explorer is not built: python explorer/build.py"
    expect(watched.page.locator(".graphiql-query-editor .view-line").first).to_be_visible(timeout=20_000)
    operations: list[dict[str, str]] = json.loads(watched.page.locator("#operations").inner_text())
    return operations


def _tabs(page: Page) -> list[str]:
    return [tab.inner_text() for tab in page.get_by_role("tab").all()]


def _asks(request: Request, what: str) -> bool:
    return request.method == "POST" and urlsplit(request.url).path == "/graphql" and what in (request.post_data or "")


def _words(text: str) -> str:
    """Text as it reads, whatever its markup and line breaks."""
    return re.sub(r"[\s`*_]+", " ", text).strip()


def test_opens_with_our_operations_and_runs_the_first(watched: Watched, live_server: str) -> None:
    operations = _open(watched, live_server)
    page = watched.page
    assert operations
    assert _tabs(page) == [operation["name"] for operation in operations]

    with page.expect_response(lambda response: _asks(response.request, f'"{operations[0]["name"]}"')) as answered:
        page.get_by_role("button", name="Execute query").click()
    answer = answered.value.json()
    assert "errors" not in answer
    sent = json.loads(answered.value.request.post_data or "null")
    assert sent["query"] == operations[0]["query"]
    assert sent.get("variables") == (json.loads(operations[0]["variables"]) if operations[0]["variables"] else None)
    first_field = next(iter(answer["data"]))
    expect(page.locator(".result-window .view-lines")).to_contain_text(f'"{first_field}"')
    watched.assert_clean(live_server)


def _is_answer_to(name: str, response: Response) -> bool:
    return _asks(response.request, f"query {name}")


def test_every_tab_answers_at_once(watched: Watched, live_server: str) -> None:
    """A visitor who opens a tab and runs it in the same breath gets its answer, not a word about the former tab."""
    operations = _open(watched, live_server)
    for operation in operations[1:]:
        watched.page.get_by_role("tab", name=operation["name"]).click()
        with watched.page.expect_response(partial(_is_answer_to, operation["name"])) as answered:
            watched.page.get_by_role("button", name="Execute query").click()
        assert json.loads(answered.value.request.post_data or "null")["query"] == operation["query"]
        assert "errors" not in answered.value.json()
    watched.assert_clean(live_server)


def test_a_subscription_is_shown_until_it_is_stopped(watched: Watched, live_server: str) -> None:
    _open(watched, live_server)
    page = watched.page
    page.get_by_role("button", name="New tab").click()
    page.locator(".graphiql-query-editor .monaco-editor").first.click()
    page.keyboard.insert_text("subscription Told { catalogRevised(after: 0) { revision } }")
    page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".result-window .view-lines")).to_contain_text('"catalogRevised"')
    with page.expect_event("requestfailed", lambda request: _asks(request, "subscription Told")):  # the page ended it
        page.get_by_role("button", name="Stop query").click()
    expect(page.get_by_role("button", name="Execute query")).to_be_visible()


def test_documentation_shows_descriptions(watched: Watched, live_server: str) -> None:
    page = watched.page
    with page.expect_response(lambda response: _asks(response.request, "IntrospectionQuery")) as introspected:
        _open(watched, live_server)
    schema: dict[str, Any] = introspected.value.json()["data"]["__schema"]
    root = next(type_ for type_ in schema["types"] if type_["name"] == schema["queryType"]["name"])

    page.get_by_role("button", name="Show Documentation Explorer").click()
    documentation = page.locator(".graphiql-plugin")
    documentation.get_by_text(root["name"], exact=True).first.click()
    expect(documentation).to_contain_text("Fields")
    shown = _words(documentation.inner_text())
    described = [root["description"], *(field["description"] for field in root["fields"])]
    assert [text for text in described if _words(text.split("\n\n")[0]) not in shown] == []
    watched.assert_clean(live_server)


def test_formatter_loads_on_demand(watched: Watched, live_server: str) -> None:
    _open(watched, live_server)
    page = watched.page
    page.get_by_role("button", name="New tab").click()
    page.locator(".graphiql-query-editor .monaco-editor").first.click()
    page.keyboard.insert_text("query   Tidy{__typename}")
    page.get_by_role("button", name="Prettify").click()
    line = page.locator(".graphiql-query-editor .view-lines")
    expect(line).to_contain_text(re.compile(r"query\sTidy\s\{"))
    watched.assert_clean(live_server)


def test_a_new_set_of_operations_keeps_the_visitors_own_tabs(watched: Watched, live_server: str) -> None:
    page = watched.page
    blank = f"{live_server}/blank"  # the same origin, without an editor that stores tabs meanwhile
    page.route(blank, lambda route: route.fulfill(content_type="text/html", body='<link rel="icon" href="data:,">'))
    page.goto(blank)
    former, mine = "query Former { __typename }", "query Mine { __typename }"
    rest = {"variables": "", "headers": None, "response": None}
    tabs = [
        {"id": "1", "title": "Former", "operationName": "Former", "query": former, **rest},
        {"id": "2", "title": "Mine", "operationName": "Mine", "query": mine, **rest},
    ]
    stored = {
        "offered": [{"name": "Former", "query": former, "variables": ""}],
        "graphiql:tabState": {"activeTabIndex": 1, "tabs": tabs},
        "graphiql:query": mine,
    }
    for key, value in stored.items():
        text = value if isinstance(value, str) else json.dumps(value)
        page.evaluate("([key, text]) => localStorage.setItem(key, text)", [f"llm-reference:{key}", text])

    operations = _open(watched, live_server)
    ours = [operation["name"] for operation in operations]
    assert _tabs(page) == [*ours, "Mine"]

    page.get_by_role("tab", name="Mine").click()
    expect(page.locator(".graphiql-query-editor .view-lines")).to_contain_text("Mine")
    page.get_by_role("tab", name=ours[0]).click()
    page.get_by_role("tab", name=ours[0]).get_by_role("button", name="Close Tab").click()
    expect(page.get_by_role("tab")).to_have_count(len(ours))
    page.wait_for_function(  # GraphiQL stores with a delay
        "count => JSON.parse(localStorage['llm-reference:graphiql:tabState']).tabs.length === count", arg=len(ours)
    )
    _open(watched, live_server)
    assert _tabs(page) == [*ours[1:], "Mine"], "a tab that the visitor closed stays closed"
    watched.assert_clean(live_server)
