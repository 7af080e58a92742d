"""The explorer's build: what makes it run again, how a result replaces the former one, and a lock file free of hosts."""

import importlib.util
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

EXPLORER = Path(__file__).parents[2] / "explorer"


def _build_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("explorer_build", EXPLORER / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


build = _build_module()


@pytest.mark.parametrize(
    ("printed", "major"),
    [("v24.19.0\n", 24), ("v20.0.0", 20), ("v18.13.0\n", 18), ("v25.0.0-nightly2025", 25), ("", None), ("node", None)],
)
def test_major_version(printed: str, major: int | None) -> None:
    assert build.major_version(printed) == major


def test_digest_follows_every_input(tmp_path: Path) -> None:
    sources = tmp_path / "explorer"
    shutil.copytree(EXPLORER, sources, ignore=shutil.ignore_patterns("node_modules", "dist"))
    before = build.inputs_digest(sources)
    assert before == build.inputs_digest(EXPLORER)
    digests = {before}
    for name in ("package.json", "package-lock.json", "bundle.mjs", "build.py", "src/main.jsx", "src/page.css"):
        (sources / name).write_text((sources / name).read_text() + "\n")
        digests.add(build.inputs_digest(sources))
    assert len(digests) == 7


def _staged(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_text(content)
    return folder


def test_publish_replaces_the_former_build(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    assert not build.is_current(dist, "one")
    build.publish(_staged(tmp_path / "a", old="1", same="2"), dist, {"script": "old", "style": "same"}, "one")
    assert build.is_current(dist, "one")
    assert not build.is_current(dist, "two")
    build.publish(_staged(tmp_path / "b", new="3", same="2"), dist, {"script": "new", "style": "same"}, "two")
    assert build.is_current(dist, "two")
    assert {file.name: file.read_text() for file in (dist / "assets").iterdir()} == {"new": "3", "same": "2"}
    assert json.loads((dist / "manifest.json").read_text()) == {
        "digest": "two",
        "script": "new",
        "style": "same",
        "assets": ["new", "same"],
    }


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"digest": "one"}', '{"digest": "one", "assets": ["gone"]}'])
def test_damaged_build_is_not_current(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    assert not build.is_current(tmp_path, "one")


def test_failing_command_is_quoted_with_its_advice(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; print('detail'); sys.exit(3)"]
    with build.sole_builder(tmp_path) as lock, pytest.raises(build.BuildError) as raised:
        build.run(command, failing="try this", lock=lock)
    assert str(raised.value) == "try this (exit status 3)\n  detail"


def test_sole_builder_clears_what_a_killed_one_left(tmp_path: Path) -> None:
    (tmp_path / ".staging-x").mkdir()
    with build.sole_builder(tmp_path):
        assert [file.name for file in tmp_path.iterdir()] == [".lock"]


def test_lock_file_names_no_registry_and_pins_every_package() -> None:
    packages = json.loads((EXPLORER / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []
    wanted = json.loads((EXPLORER / "package.json").read_text())
    pinned = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert {name: packages[f"node_modules/{name}"]["version"] for name in pinned} == pinned
