"""`llmref compare`, `models`, `export-schema`: the same answers as over HTTP, printed for people or as JSON."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy.exc import ProgrammingError

from api import page
from api.database import database
from api.months import of_preset, peak_argument
from api.operations import document
from api.recording import COMPARE, record_argument, show_records
from api.settings import Settings
from db.engine import read_engine
from db.queries import ModelOrder
from db.reader import NoTables, Reader
from domain.facts import CapabilityKind, Openness
from domain.workload import PRESETS

_MODELS = """query ($where: ModelFilter, $order: ModelOrder, $first: Int) {
  models(where: $where, order: $order, first: $first) { totalCount nodes {
    slug name lab { name } contextWindow openness license { spdx } released providerCount
    routes(first: 1) { nodes { provider { name } prices { mode above inputMtok outputMtok } } } } } }"""
MAX_INT = 2**31 - 1
"""The largest number that GraphQL's Int takes."""
MOST, MOST_COMPARED = 100, 10
"""As the schema has them, which is not imported before something is read; a test keeps them equal."""
_EMPTY = "The catalogue is empty; run `llmref ingest` first."


def spelled(text: str) -> str:
    """A name of the API, which is typed in small letters and with hyphens too."""
    return text.upper().replace("-", "_")


def preset_argument(parser: argparse.ArgumentParser, usual: str | None = None) -> None:
    """`--preset`. Without `usual` the command has to know whether one was given."""
    names = f"{', '.join(PRESETS)}; measured: {', '.join(key for key, each in PRESETS.items() if each.reference)}"
    parser.add_argument(
        "--preset",
        type=spelled,
        choices=list(PRESETS),
        default=usual,
        metavar="NAME",
        help=names if usual else f"CHAT unless said: {names}",
    )


async def answered(settings: Settings, url: str, text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of the API, with a word of its own where the catalogue is empty."""
    # Only here: commands that do not read start without the schema.
    from schema.answer import answer

    engine = read_engine(url, pool_size=1, pool_wait_s=5, statement_timeout_ms=settings.statement_timeout_ms)
    try:
        async with Reader(engine) as reader:
            today = datetime.now(UTC).date()
            result = await answer(text, variables, reader=reader, today=today, record_key=settings.record_key)
            unknown = {(error.extensions or {}).get("code") for error in result.errors or ()} <= {"UNKNOWN_MODEL"}
            if reader.revision is None and reader.statements and unknown:
                return {"errors": [{"message": _EMPTY}]}
    except (ProgrammingError, NoTables):
        return {"errors": [{"message": _EMPTY}]}
    finally:
        await engine.dispose()
    return dict(result.formatted)


def ask_and_show(
    settings: Settings,
    asked: argparse.Namespace,
    text: str,
    variables: Mapping[str, Any],
    show: Callable[[Mapping[str, Any]], int | None],
    record: str | None = None,
) -> int:
    """Asks, prints, and gives the exit code: 1 where there was an error, else what `show` says. `record` is what is asked instead
    where the arguments ask for a record."""
    if record is not None and asked.record:
        text, show = record, show_records
    with database(settings) as asked_one:
        found = asyncio.run(answered(settings, asked_one.url, text, variables))
    for error in found.get("errors", ()):
        print(error["message"], file=sys.stderr)
    if asked.json:
        print(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    elif not found.get("errors"):
        return show(found["data"]) or 0
    return 1 if found.get("errors") else 0


def compare_arguments(parser: argparse.ArgumentParser) -> None:
    """What `llmref compare` takes."""
    parser.add_argument("models", nargs="+", metavar="MODEL", help="2 to 10 models: slugs, ids or known spellings")
    preset_argument(parser, "CHAT")
    peak_argument(parser)
    parser.add_argument("--source", action="append", metavar="KEY", help="count only this source; may be repeated")
    _json(parser)
    record_argument(parser)


def compare(settings: Settings, asked: argparse.Namespace) -> int:
    """`llmref compare`."""
    variables = {
        "models": asked.models,
        "workload": of_preset(asked.preset, peak_share=asked.peak_share),
        "lens": {"sources": asked.source} if asked.source else None,
    }
    return ask_and_show(settings, asked, document("Compare"), variables, page.comparison, COMPARE)


def models_arguments(parser: argparse.ArgumentParser) -> None:
    """What `llmref models` takes."""
    parser.add_argument("text", nargs="*", help="words of name, slug, lab or family; typos are fine")
    parser.add_argument("--lab", action="append", metavar="SLUG", help="made by this lab")
    parser.add_argument("--provider", action="append", metavar="SLUG", help="served by this provider")
    _named(parser, "--capability", CapabilityKind, "has it", several=True)
    parser.add_argument(
        "--min-context", type=_tokens, metavar="TOKENS", help="context window of at least so many tokens"
    )
    parser.add_argument(
        "--max-output-price", type=_usd, metavar="USD", help="at most so many USD per million output tokens"
    )
    parser.add_argument("--license", action="append", metavar="SPDX", help="under this licence")
    _named(parser, "--openness", Openness, "may be downloaded and used so freely", several=True)
    _named(parser, "--order", ModelOrder, "what comes first", several=False)
    parser.add_argument("--first", type=_items, default=20, metavar="N", help=f"so many, at most {MOST}")
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
    from schema.published import sdl

    sys.stdout.write(sdl())
    return 0


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def _named(parser: argparse.ArgumentParser, flag: str, kind: type[StrEnum], help: str, *, several: bool) -> None:
    """A flag whose values are the members of an enum, written as on a command line: `tool-use`."""
    allowed = [each.value for each in kind if each.name != "UNKNOWN"]
    words = ", ".join(each.lower().replace("_", "-") for each in allowed)

    def member(text: str) -> str:
        if (name := spelled(text)) not in allowed:
            raise argparse.ArgumentTypeError(f"{text!r} is not one of {words}")
        return name

    parser.add_argument(
        flag, action="append" if several else "store", type=member, metavar="NAME", help=f"{help}: {words}"
    )


def _tokens(text: str) -> int:
    if not text.isdecimal() or int(text) > MAX_INT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of tokens from 0 to {MAX_INT:,}")
    return int(text)


def _usd(text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount of 0 USD or more")
    return text


def _items(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {MOST}")
    return int(text)


def wrong_comparison(asked: argparse.Namespace) -> str | None:
    """What is wrong with the models to compare, before anybody looks for them."""
    number = len(asked.models)
    return None if 2 <= number <= MOST_COMPARED else f"MODEL: give 2 to {MOST_COMPARED} models, not {number}"
