"""`llmref resolve`: what one spelling is taken for in the catalogue, or what each row of a list is, without a database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TextIO

import orjson

from api import page
from api.reading import ask_and_show
from api.settings import Settings
from domain.identity import Link, Resolver, Row

_RESOLVE = """query ($ref: String!) { resolve(ref: $ref) { ref model { slug name }
  candidates { spelling method confidence reason model { slug name } } suggestions { slug name } } }"""
_FIELDS = ("source", "provider", "id", "name")
_DEAREST = 10**9  # USD per million tokens: more is a mistake
_ANSWER = tuple(field.name for field in fields(Link))


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `llmref resolve` takes."""
    parser.add_argument("ref", nargs="?", help="any spelling of a model")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.add_argument(
        "--jsonl",
        action="store_true",
        help='read rows from standard input, one {"source","provider","id","name"} a line (name may be null; may be added: '
        '"released" and "day", the row\'s own day, as YYYY-MM-DD, "context" in tokens, "input" and "output" in USD per million '
        "tokens), and print each with what it is taken for; needs no database",
    )


def wrong_call(asked: argparse.Namespace) -> str | None:
    """What is wrong with arguments that belong together."""
    return "give a spelling, or --jsonl with rows on standard input" if (asked.ref is None) != asked.jsonl else None


def run(settings: Settings, asked: argparse.Namespace) -> int:
    """`llmref resolve`."""
    if asked.jsonl:
        # Only here: reading the packaged catalogues takes seconds.
        from ingest.identifying import packaged_resolver

        return resolve_lines(packaged_resolver(), sys.stdin, sys.stdout, sys.stderr)
    return ask_and_show(settings, asked, _RESOLVE, {"ref": asked.ref}, page.resolution)


def resolve_lines(resolver: Resolver, lines: Iterable[str], out: TextIO, errors: TextIO) -> int:
    """Writes a line for each row, in order. A line that is no row is told with its number, and the exit code is 1."""
    wrong = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            given = orjson.loads(line)
            row = _row(given)
        except ValueError as error:
            print(f"line {number}: {error}", file=errors)
            wrong = 1
            continue
        link = resolver.resolve(row)
        out.write(orjson.dumps({**given, **{name: getattr(link, name) for name in _ANSWER}}).decode() + "\n")
    return wrong


def _row(given: Any) -> Row:
    """Raises ValueError where it is no row."""
    if not isinstance(given, Mapping):
        raise ValueError('a row is {"source": …, "provider": …, "id": …, "name": …}')
    for key in _FIELDS:
        if not isinstance(given.get(key), str) and not (key == "name" and given.get(key) is None):
            raise ValueError(
                f"`{key}` has to be a text{' or null' if key == 'name' else ''}, and is missing or something else"
            )
    return Row(
        given["source"],
        given["provider"],
        given["id"],
        given.get("name"),
        released=_day(given, "released"),
        day=_day(given, "day"),
        context=_tokens(given),
        input=_price(given, "input"),
        output=_price(given, "output"),
    )


def _day(given: Mapping[str, Any], key: str) -> date | None:
    said = given.get(key)
    if said is None:
        return None
    if not isinstance(said, str):
        raise ValueError(f"{key} is a day as YYYY-MM-DD, or null")
    return date.fromisoformat(said)


def _tokens(given: Mapping[str, Any]) -> int | None:
    said = given.get("context")
    if said is not None and (type(said) is not int or said < 1):
        raise ValueError("context is a whole number of tokens, or null")
    return said


def _price(given: Mapping[str, Any], key: str) -> Decimal | None:
    said = given.get(key)
    if said is None:
        return None
    try:
        amount = Decimal(str(said)) if type(said) in (int, float, str) else None
    except InvalidOperation:
        amount = None
    if amount is None or not (amount.is_finite() and 0 <= amount < _DEAREST):
        raise ValueError(f"{key} is an amount of USD per million tokens, as a number or a decimal text, or null")
    return amount
