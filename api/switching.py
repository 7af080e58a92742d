"""`llmref switch`: the plan of a switch as a checklist for people, or as JSON."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from api.months import of_preset, peak_argument
from api.operations import document
from api.page import Found, Page
from api.reading import ask_and_show, preset_argument
from api.recording import SWITCH, record_argument
from api.settings import Settings

DESCRIPTION = (
    "Print what to do to switch from one model or route to another, step by step. A route is named by its key, provider/model id; "
    "a model stands for a route of the other end's company where that is a route, else for its lab's own, else for one at a company that serves "
    "both, else for the cheapest; the plan says which and why. Switch FROM and TO for the way back."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `llmref switch` takes."""
    parser.add_argument("source", metavar="FROM", help="a model's slug, id or known spelling, or a route's key")
    parser.add_argument("target", metavar="TO", help="the same for where to")
    preset_argument(parser, "CHAT")
    peak_argument(parser)
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    record_argument(parser)


def run(settings: Settings, asked: argparse.Namespace) -> int:
    """`llmref switch`."""
    variables = {
        "from": asked.source,
        "to": asked.target,
        "workload": of_preset(asked.preset, peak_share=asked.peak_share),
    }
    return ask_and_show(settings, asked, document("SwitchPlan"), variables, _show, SWITCH)


def _show(data: Mapping[str, Any]) -> None:
    """The plan as a checklist: what has to be done is numbered, what is better or as it was is listed after it."""
    found, page = data["switchPlan"], Page()
    if "steps" not in found:
        page.say(f"There is no plan: {found['message']}")
        return
    ends = [found["source"], found["target"]]
    names = [f"{end['name']} on {end['route']['provider']['name']}" for end in ends]
    page.heading(f"{names[0]} → {names[1]}: {found['level'].lower()}, {found['score']} of 100")
    page.table(
        ["", "route", "a month"],
        [[word, end["route"]["key"], end["display"]] for word, end in zip(("from", "to"), ends, strict=True)],
    )
    page.bullets(found["notes"])
    if not found["steps"]:
        page.say("Nothing changes: both are the same route.")
        return
    todo = [step for step in found["steps"] if step["action"]]
    page.heading("To do, in this order")
    for number, step in enumerate(todo, 1):
        page.say(f"{number}. [{step['severity'].lower()}] {step['sentence']}", 2)
        page.say(step["action"], 6)
    better = [step for step in found["steps"] if not step["action"]]
    if better:
        page.heading("What you gain or need not act on")
        page.bullets(_weighed(step) for step in better)
    urls = dict.fromkeys(reference["url"] for step in found["steps"] for reference in step["references"])
    if urls:
        page.heading("Documents behind the parameters")
        page.lines(urls)


def _weighed(step: Found) -> str:
    """What has points says so, as they count in the score."""
    weighs = step["severity"] not in ("BENEFIT", "DEADLINE")
    return f"[{step['severity'].lower()}] {step['sentence']}" if weighs else str(step["sentence"])
