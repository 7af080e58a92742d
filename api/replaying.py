"""`llmref replay`: a decision that was kept is held against the catalogue of today."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import Any

from api.page import Page
from api.reading import ask_and_show
from api.settings import Settings

DESCRIPTION = """\
Whether a decision that you kept (`--record` of compare, switch, recommend and cost) still holds, and which facts are others now.

exit codes besides the usual ones: 5 it turned, 6 it cannot be decided any more."""
TURNED, UNDECIDABLE = 5, 6
MOST_TEXT = 100_000

_REPLAY = """query Replay($record: String!) { replay(record: $record) { outcome sentence before after day revision lens
  rulesChanged changes { of field before after part beforeSource } } }"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `llmref replay` takes."""
    parser.add_argument("record", metavar="RECORD|-", help="the line that you kept; - reads it from standard input")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(settings: Settings, asked: argparse.Namespace) -> int:
    """`llmref replay`."""
    record = sys.stdin.read(MOST_TEXT) if asked.record == "-" else asked.record
    return ask_and_show(settings, asked, _REPLAY, {"record": record.strip()}, _show)


def _show(data: Mapping[str, Any]) -> int:
    found, page = data["replay"], Page()
    page.heading(found["outcome"].replace("_", " ").lower())
    page.say(found["sentence"])
    page.say(f"Before, on {found['day']} at revision {found['revision'] or 'none'}: {found['before']}")
    if found["changes"]:
        page.heading("Facts that are others now")
        rows = [
            [each["of"], each["field"], _shown(each["before"]), _shown(each["after"]), _words(each["part"])]
            for each in found["changes"]
        ]
        page.table(["of", "fact", "before", "now", "part"], rows)
    if found["rulesChanged"]:
        page.say(f"Rules that say something else now: {', '.join(found['rulesChanged'])}.")
    return {"TURNED": TURNED, "UNDECIDABLE": UNDECIDABLE}.get(found["outcome"], 0)


def _words(name: str) -> str:
    return name.replace("_", " ").lower()


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
