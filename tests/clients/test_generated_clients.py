"""The typed clients of `clients/`: generated from the published schema and operations, compiled, and run against a server."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from explorer.build import Node
from tests.clients.conftest import Served
from tests.clients.installing import ROOT, npm_installed, python_installed, run

pytestmark = pytest.mark.xdist_group("clients")

EVERY_OPERATION = """
import asyncio, sys
from datetime import date
from llm_reference import Client

async def main() -> None:
    async with Client(sys.argv[1]) as client:
        compared = await client.compare(["one", "two"])
        assert [each.name for each in compared.comparison.models] == ["One", "Two"]
        assert (await client.find()).models.total_count == 0
        for answer in (client.cheapest_route("one"), client.evidence("one", "acme/one"), client.disputes("one"),
                       client.retirements(date(2026, 11, 1), date(2027, 6, 30)), client.price_changes(), client.switch_plan("one", "two"), client.recommend()):
            assert (await answer).model_dump(exclude_none=True)

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def typescript(tmp_path_factory: pytest.TempPathFactory) -> tuple[Node, Path]:
    """The compiled example."""
    folder = ROOT / "clients" / "typescript"
    node = npm_installed(folder)
    run([*node.node, "generate.mjs"], folder)
    run([*node.node, folder / "node_modules" / "typescript" / "bin" / "tsc"], folder)
    return node, folder / "generated" / "js" / "example.js"


@pytest.fixture(scope="module")
def python() -> tuple[Path, Path]:
    """An interpreter that has what the example needs, and the folder with the client generated."""
    folder = ROOT / "clients" / "python"
    interpreter = python_installed(folder / "requirements.txt")
    shutil.rmtree(folder / "generated", ignore_errors=True)
    (folder / "generated").mkdir()
    run([interpreter, "-W", "error", "-m", "ariadne_codegen", "--config", "ariadne.toml"], folder)
    return interpreter, folder


def test_the_typescript_example_is_compiled_and_answered(served: Served, typescript: tuple[Node, Path]) -> None:
    node, example = typescript
    assert run([*node.node, example, served.url, "one"]) == "One: acme/one for 300 + 180 USD a month\n"


def test_a_wrong_use_does_not_compile(typescript: tuple[Node, Path], tmp_path: Path) -> None:
    """The types are those of the schema: what it does not have is an error."""
    node, _ = typescript
    folder = ROOT / "clients" / "typescript"
    text = (folder / "example.ts").read_text()
    assert "model.name" in text
    wrong = folder / "generated" / "wrong.ts"
    wrong.write_text(text.replace("./generated/", "./").replace("model.name", "model.nome"))
    compiler = folder / "node_modules" / "typescript" / "bin" / "tsc"
    options = ("--noEmit", "--strict", "--module", "nodenext", "--types", "node", "--ignoreConfig")
    with pytest.raises(AssertionError, match="Property 'nome' does not exist"):
        run([*node.node, compiler, *options, wrong], folder)


def test_the_python_example_is_typed_and_answered(served: Served, python: tuple[Path, Path]) -> None:
    interpreter, folder = python
    check = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--python-executable", interpreter]
    assert "no issues found" in run([*check, "--cache-dir", os.devnull, "example.py"], folder)
    said = run([interpreter, "example.py", served.url, "one"], folder, PYTHONPATH="generated")
    assert said == "One: acme/one for 480 USD a month\n"


def test_every_operation_is_read_into_its_types(served: Served, python: tuple[Path, Path]) -> None:
    interpreter, folder = python
    run([interpreter, "-c", EVERY_OPERATION, served.url], folder, PYTHONPATH="generated")


def test_a_refusal_comes_with_its_code(served: Served, python: tuple[Path, Path]) -> None:
    interpreter, folder = python
    with pytest.raises(AssertionError, match="UNKNOWN_MODEL"):
        run([interpreter, "example.py", served.url, "nobody"], folder, PYTHONPATH="generated")
