"""The house in order: files that can be read in one sitting, names in one place, nothing left lying around."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from api.operations import operations
from api.settings import TABLE

ROOT = Path(__file__).parents[2]
ROOMS = ("api", "schema", "db", "domain", "ingest", "explorer", "alembic", "tests")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts)
MOST_LINES = {"schema/catalog.py": 800}
"""Only the mutually recursive core may be long; every other file has at most 400 lines."""


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES.get(_name(path), 400)


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.parts[-2] != "versions" and path.stat().st_size], ids=_name
)
def test_a_file_says_what_it_is_for(path: Path) -> None:
    assert path.read_text().lstrip().startswith(('"""', "'''", "#!")), "begin with the idea in two sentences"


def test_the_room_of_migrations_is_no_package() -> None:
    """A package of that name would hide alembic itself."""
    assert not (ROOT / "alembic" / "__init__.py").exists()


def test_every_package_is_installed() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    rooms = ("api", "schema", "db", "domain", "ingest")
    found = {_name(path.parent).replace("/", ".") for room in rooms for path in (ROOT / room).rglob("*.py")}
    assert found <= set(listed)


def test_every_variable_of_the_environment_is_a_setting() -> None:
    """Settings are read in one place, so that each is checked, documented and shown by `--help`."""
    known = {setting.name for setting in TABLE}
    for path in SOURCES:
        if path.parts[len(ROOT.parts)] in ("api", "schema", "db", "domain", "ingest"):
            read = re.findall(r"(?:environ\[|environ\.get\(|getenv\()\s*[\"'](\w+)", path.read_text())
            assert set(read) <= known | {"PATH", "HOME"}, _name(path)


def test_operations_are_tabs_with_a_name_of_their_own() -> None:
    names = [operation.name for operation in operations()]
    assert names == [
        *("Compare", "CheapestRoute", "Find", "Evidence", "Disputes", "Retirements", "PriceChanges", "SwitchPlan"),
        "Recommend",
    ]
    assert all(operation.query.startswith("# ") for operation in operations()), "say first what it answers"


def test_nothing_of_a_machine_is_committed() -> None:
    """No path of somebody's machine, no address of a private registry."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a clone")
    private = re.compile(r"/(?:home|root|Users|work)/\w|file:///|--index-url|--extra-index-url")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".png"} or name == "tests/house/test_repository.py" or not path.is_file():
            continue
        assert not private.search(path.read_text(errors="replace")), name


def test_requirements_are_pinned_with_digests() -> None:
    for name in (
        *("requirements.lock", "requirements-dev.lock"),
        *("explorer/node-requirements.txt", "clients/python/requirements.txt"),
    ):
        text = (ROOT / name).read_text()
        entries = re.findall(r"^[a-z0-9][^\s;]*", text, flags=re.MULTILINE)
        assert entries
        assert all("==" in entry for entry in entries), name
        assert text.count("--hash=sha256:") >= len(entries)
