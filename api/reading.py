"""`llmref compare`, `models`, `export-schema`: the same answers as over HTTP, printed for people or as JSON."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy.exc import ProgrammingError

from api import page
from api.database import database
from api.operations import document
from api.settings import Settings
from db.engine import read_engine
from db.reader import Reader
from domain.workload import PRESETS

_MODELS = """query ($where: ModelFilter, $order: ModelOrder, $first: Int) {
  models(where: $where, order: $order, first: $first) { totalCount nodes {
    slug name lab { name } contextWindow openness license { spdx } released providerCount
    routes(first: 1) { nodes { provider { name } prices { mode above inputMtok outputMtok } } } } } }"""
_EMPTY = "The catalogue is empty; run `llmref ingest` first."


async def answered(settings: Settings, url: str, text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of the API, with a word of its own where the catalogue is empty."""
    # Only here: commands that do not read start without the schema.
    from schema.answer import answer

    engine = read_engine(url, pool_size=1, pool_wait_s=5, statement_timeout_ms=settings.statement_timeout_ms)
    try:
        async with Reader(engine) as reader:
            result = await answer(text, variables, reader=reader, today=datetime.now(UTC).date())
            unknown = {(error.extensions or {}).get("code") for error in result.errors or ()} <= {"UNKNOWN_MODEL"}
            if reader.revision is None and reader.statements and unknown:
                return {"errors": [{"message": _EMPTY}]}
    except ProgrammingError:  # no tables yet
        return {"errors": [{"message": _EMPTY}]}
    finally:
        await engine.dispose()
    return dict(result.formatted)


def ask_and_show(
    settings: Settings,
    asked: argparse.Namespace,
    text: str,
    variables: Mapping[str, Any],
    show: Callable[[Mapping[str, Any]], None],
) -> int:
    """Asks, prints, and gives the exit code: 1 where there was an error."""
    with database(settings) as url:
        found = asyncio.run(answered(settings, url, text, variables))
    for error in found.get("errors", ()):
        print(error["message"], file=sys.stderr)
    if asked.json:
        print(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    elif not found.get("errors"):
        show(found["data"])
    return 1 if found.get("errors") else 0


def compare_arguments(parser: argparse.ArgumentParser) -> None:
    """What `llmref compare` takes."""
    parser.add_argument("models", nargs="+", metavar="MODEL", help="2 to 10 models: slugs, ids or known spellings")
    parser.add_argument(
        "--preset", type=str.upper, choices=list(PRESETS), default="CHAT", metavar="NAME", help=", ".join(PRESETS)
    )
    parser.add_argument("--source", action="append", metavar="KEY", help="count only this source; may be repeated")
    _json(parser)


def compare(settings: Settings, asked: argparse.Namespace) -> int:
    """`llmref compare`."""
    variables = {
        "models": asked.models,
        "workload": {"preset": asked.preset},
        "lens": {"sources": asked.source} if asked.source else None,
    }
    return ask_and_show(settings, asked, document("Compare"), variables, page.comparison)


def models_arguments(parser: argparse.ArgumentParser) -> None:
    """What `llmref models` takes."""
    parser.add_argument("text", nargs="*", help="words of name, slug, lab or family; typos are fine")
    parser.add_argument("--lab", action="append", metavar="SLUG", help="made by this lab")
    parser.add_argument("--provider", action="append", metavar="SLUG", help="served by this provider")
    parser.add_argument("--capability", action="append", type=_name, metavar="NAME", help="has it: vision, tool-use …")
    parser.add_argument("--min-context", type=int, metavar="TOKENS", help="context window of at least so many tokens")
    parser.add_argument("--max-output-price", metavar="USD", help="at most so many USD per million output tokens")
    parser.add_argument("--license", action="append", metavar="SPDX", help="under this licence")
    parser.add_argument("--openness", action="append", type=_name, metavar="NAME", help="open-source, open-weights …")
    parser.add_argument("--order", type=_name, metavar="NAME", help="newest, name, cheapest-output, largest-context …")
    parser.add_argument("--first", type=int, default=20, metavar="N", help="so many, at most 100")
    _json(parser)


def models(settings: Settings, asked: argparse.Namespace) -> int:
    """`llmref models`."""
    where = {
        "text": " ".join(asked.text) or None,
        "labs": asked.lab,
        "providers": asked.provider,
        "capabilities": asked.capability,
        "minContext": asked.min_context,
        "maxOutputPrice": asked.max_output_price,
        "licenses": asked.license,
        "openness": asked.openness,
    }
    given = {key: value for key, value in where.items() if value is not None}
    return ask_and_show(
        settings, asked, _MODELS, {"where": given, "order": asked.order, "first": asked.first}, page.models
    )


def export_schema(_: Settings, __: argparse.Namespace) -> int:
    """`llmref export-schema`."""
    from schema.query import sdl

    sys.stdout.write(sdl())
    return 0


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def _name(text: str) -> str:
    return text.upper().replace("-", "_")
