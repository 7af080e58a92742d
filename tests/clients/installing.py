"""Foreign clients with their locked packages, installed from npm and from the Python registry the first time that a test wants
them. Only a registry that cannot be reached lets such a test be skipped.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from explorer.build import NODE_HOME, Node, system_node, wheel_node

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".data" / "clients"
_INSTALLED = ".installed"


def run(command: Sequence[object], folder: Path = ROOT, given: str = "", **environment: str) -> str:
    """What a command printed. Fails the test where it ends with another status than 0, with what it said."""
    done = _run(command, folder, given, environment)
    assert done.returncode == 0, f"{command}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout


def _run(
    command: Sequence[object], folder: Path, given: str, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **environment},
        input=given,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@contextmanager
def _alone() -> Iterator[int]:
    """One process at a time installs; the descriptor of its lock."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def node() -> Node:
    """Node.js as the explorer has it: of the system where that is recent enough, else of the pinned wheel."""
    with _alone() as lock:
        return system_node() or wheel_node(NODE_HOME, ROOT / "explorer" / "node-requirements.txt", lock)


def npm_installed(folder: Path) -> Node:
    """Node.js, with the locked packages of the folder beside its package.json."""
    found = node()
    lock_file = (folder / "package-lock.json").read_bytes()
    digest, marker = hashlib.sha256(lock_file).hexdigest(), folder / "node_modules" / _INSTALLED
    with _alone():
        if not marker.is_file() or marker.read_text() != digest:
            path = f"{found.folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
            environment = {"NODE_USE_SYSTEM_CA": "1", "PATH": path}
            options = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--include=dev")
            done = _run([*found.npm, "ci", *options], folder, "", environment)
            if done.returncode != 0 and _run([*found.npm, "ping"], folder, "", environment).returncode != 0:
                pytest.skip(f"the npm registry cannot be reached: {done.stderr[-300:]}")
            assert done.returncode == 0, done.stderr[-4000:]
            marker.write_text(digest)
    return found


def python_installed(requirements: Path) -> Path:
    """The interpreter of an environment with the locked requirements, as somebody has it who integrates."""
    target = KEPT / f"python-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]}"
    interpreter = target / "bin" / "python"
    with _alone():
        if not (target / _INSTALLED).is_file():
            shutil.rmtree(target, ignore_errors=True)
            run([sys.executable, "-m", "venv", "--without-pip", target])
            pip = [sys.executable, "-m", "pip", "--python", interpreter, "--disable-pip-version-check", "install"]
            done = _run([*pip, "--quiet", "--require-hashes", "-r", requirements], ROOT, "", {})
            if "No matching distribution found" in done.stderr:  # what pip says in the end, too, when it reaches nobody
                pytest.skip(f"the Python registry cannot be reached: {done.stderr[-300:]}")
            assert done.returncode == 0, done.stderr[-4000:]
            (target / _INSTALLED).touch()
    return interpreter
