"""Answers as a page in the terminal: what the commands that read print where nobody asks for JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

_WIDTH = 140
"""Where nobody's terminal says how wide it is."""

Found = Mapping[str, Any]


class Page:
    """A console that writes headings, sentences and tables; what comes from data is never read as markup."""

    def __init__(self) -> None:
        width = None if sys.stdout.isatty() else _WIDTH
        self._console = Console(highlight=False, soft_wrap=False, width=width)

    def heading(self, text: str) -> None:
        self._console.print(f"\n[bold]{escape(text)}[/bold]")

    def say(self, text: str, indent: int = 0) -> None:
        self._console.print(Padding(escape(text), (0, 0, 0, indent)))

    def bullets(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.say(f"• {text}", 2)

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        made = Table(box=SIMPLE, pad_edge=False)
        for head in heads:
            made.add_column(escape(head), overflow="fold")
        for row in rows:
            made.add_row(*map(escape, row))
        self._console.print(made)


def comparison(data: Found) -> None:
    """Every section of a comparison, in the order of the page."""
    found, page = data["comparison"], Page()
    names = [model["name"] for model in found["models"]]
    page.heading(" vs ".join(names))
    page.say(found["intro"]["text"])
    if found["comparability"]["reasons"]:
        level = found["comparability"]["level"].replace("_", " ").lower()
        page.say(
            f"These models are {level}: " + " ".join(each["message"] for each in found["comparability"]["reasons"])
        )
    page.heading("Verdict")
    page.say(found["verdict"]["sentence"])
    page.bullets(each["sentence"] for each in found["verdict"]["alternatives"])
    if found["verdict"]["speaksAgainst"]:
        page.say("Against it speaks:")
        page.bullets(each["sentence"] for each in found["verdict"]["speaksAgainst"])
    page.heading("What would change the answer")
    page.bullets(each["sentence"] for each in found["flips"])
    page.heading("Scorecard")
    page.table(["", *names, "leads"], _signals(found["scorecard"]["signals"]))
    for each in found["tradeoffs"]:
        if each["reasons"]:
            page.heading(f"Choose {each['model']['name']} when")
            page.bullets(reason["sentence"] for reason in each["reasons"])
    page.heading("Monthly cost")
    page.table(["", "a month", "where"], map(_cost, names, found["monthlyCosts"]))
    page.bullets(each.get("display") or each["message"] for each in found["costDeltas"])
    for each in found["switchFriction"]:
        page.heading(f"{each['source']['name']} → {each['target']['name']}: {each['level']}, {each['score']} of 100")
        page.bullets(f"{factor['severity'].lower()}: {factor['sentence']}" for factor in each["factors"])
        for number, step in enumerate(each["steps"], 1):
            page.say(f"{number}. {step}", 4)
    for title, rows in (
        ("Specs", found["specs"]),
        ("Pricing and availability", found["pricing"]["rows"]),
        ("Capabilities", found["capabilities"]),
    ):
        page.heading(title)
        page.table(["", *names], ([row["label"], *(cell["display"] for cell in row["cells"])] for row in rows))
    page.heading("Benchmarks")
    page.say(found["benchmarks"]["sentence"])
    for row in found["benchmarks"]["rows"]:
        scores = ", ".join(f"{cell['model']['name']} {cell['result']['score']}" for cell in row["cells"])
        page.say(f"{row['name']} ({row['metric']}): {scores}", 2)
    for pair in found["benchmarks"]["refused"]:
        scores = f"{pair['firstResult']['score']} and {pair['secondResult']['score']}"
        page.say(
            f"{pair['name']}: {scores} cannot be compared: not known to agree in {', '.join(pair['blockedBy'])}", 2
        )
    page.heading("Deep dive")
    for each in found["deepDive"]:
        page.say(each["text"] + "\n")
    page.heading("Questions")
    for each in found["faq"]:
        page.say(each["question"])
        page.say(each["answer"], 4)
    page.heading("Continue comparing")
    for each in found["continueComparing"]:
        near = "; ".join(_neighbour(one) for one in each["neighbours"])
        page.say(f"{each['model']['name']}: {near or 'nothing near is known'}", 2)
    _provenance(page, found["provenance"])


def _signals(rows: Iterable[Found]) -> Iterable[Sequence[str]]:
    for row in rows:
        leaders = ", ".join(model["name"] for model in row["leaders"])
        yield [row["label"], *(cell["display"] for cell in row["cells"]), leaders]


def _cost(name: str, found: Found) -> Sequence[str]:
    if "display" not in found:
        return [name, "unavailable", found["message"]]
    return [name, found["display"], ", ".join(each["route"]["key"] for each in found["cheapest"])]


def _neighbour(found: Found) -> str:
    return f"{found['model']['slug']} ({' '.join(reason['sentence'] for reason in found['reasons'])})"


def _provenance(page: Page, found: Found) -> None:
    page.heading("Sources")
    page.table(
        ["source", "licence of its data", "document of"],
        ([each["key"], each["license"] or "", each["documentDate"] or "not said"] for each in found["sources"]),
    )
    for each in found["disputes"]:
        others = f"{each['dissentingCount']} dissenting statement{'s' if each['dissentingCount'] > 1 else ''}"
        page.say(f"Disputed: {each['of']} {each['field']}: {each['value']} by {each['source']}; {others}", 2)
    reviewed = found["lastReviewed"] or "not yet"
    revision = found["catalog"]["revision"] if found["catalog"] else "none"
    page.say(f"Last reviewed: {reviewed}. Catalogue revision {revision}, rules version {found['rulesVersion']}.")


def models(data: Found) -> None:
    """A table of models."""
    found, page = data["models"], Page()
    page.table(
        ["slug", "name", "lab", "context", "openness", "providers", "cheapest output, USD/1M"],
        (
            [
                each["slug"],
                each["name"],
                each["lab"]["name"] if each["lab"] else "not sourced yet",
                f"{each['contextWindow']:,}" if each["contextWindow"] else "not sourced yet",
                each["openness"].replace("_", " ").lower(),
                str(each["providerCount"]),
                _cheapest(each),
            ]
            for each in found["nodes"]
        ),
    )
    page.say(f"{len(found['nodes'])} of {found['totalCount']:,}")


def _cheapest(model: Found) -> str:
    for route in model["routes"]["nodes"]:
        for price in route["prices"]:
            if price["mode"] == "STANDARD" and not price["above"] and price["outputMtok"]:
                return f"{price['outputMtok']} at {route['provider']['name']}"
    return "not sourced yet"


def resolution(data: Found) -> None:
    """What a spelling is taken for, and why."""
    found, page = data["resolve"], Page()
    if found["model"]:
        page.say(f"{found['ref']} is {found['model']['slug']} ({found['model']['name']}).")
    else:
        page.say(f"{found['ref']} is not known as one model.")
    for each in found["candidates"]:
        page.say(
            f"{each['model']['slug']}: {each['spelling']}, {each['method']} ({each['confidence']}). {each['reason']}", 2
        )
    if found["suggestions"]:
        page.say("Spelled alike: " + ", ".join(each["slug"] for each in found["suggestions"]))
