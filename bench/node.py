"""PostGraphile 5 over the same database: Node.js and the packages of postgraphile/package-lock.json, set up where they are not yet."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.questions import Question
from explorer.build import HERE as EXPLORER
from explorer.build import NODE_HOME, wheel_node

HERE = Path(__file__).parent / "postgraphile"
MINIMUM_NODE = 22


def command() -> list[str]:
    """The command that serves it. Node.js is the system's where that is recent enough, else of the wheel that the explorer uses."""
    home = NODE_HOME
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".bench.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        node, npm = _of_the_system() or _of_the_wheel(lock.fileno())
        if not (HERE / "node_modules" / ".package-lock.json").exists():
            options = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional"]
            subprocess.run([*npm, "ci", *options], cwd=HERE, check=True, capture_output=True)
    return [*node, str(HERE / "server.mjs")]


def _of_the_system() -> tuple[list[str], list[str]] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    return ([node], [npm]) if int(said.lstrip("v").split(".")[0]) >= MINIMUM_NODE else None


def _of_the_wheel(lock: int) -> tuple[list[str], list[str]]:
    found = wheel_node(NODE_HOME, EXPLORER / "node-requirements.txt", lock)
    return list(found.node), list(found.npm)


def version() -> str:
    """Of PostGraphile, and of the Node.js that runs it."""
    node = subprocess.run([command()[0], "--version"], capture_output=True, text=True).stdout.strip()
    wanted: dict[str, Any] = json.loads((HERE / "package.json").read_text())
    return f"PostGraphile {wanted['dependencies']['postgraphile']} on Node.js {node}"


def body(question: Question) -> bytes:
    """The request that asks it for the same facts, in its own words."""
    document = (HERE / f"{question.key}.graphql").read_text()
    variables = {"today": datetime.now(UTC).date().isoformat()} if "$today" in document else {}
    return json.dumps({"query": document, "variables": variables}).encode()
