"""`llmref keys`: makes, lists, revokes and rotates API keys. Everything is printed as JSON; the text of a key only by the call that makes it."""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database import database, migrated
from api.keys import QUERY, SCOPES, SUBSCRIBE, TRUSTED_ONLY, made
from api.settings import LEAST_BUDGET, MOST_BUDGET, Settings
from db.engine import write_engine
from db.keys import ApiKey, Usage, add_key, all_keys, key_by_id, revoke_key, rotate_key, usage_since

USUAL_BUDGET = 600_000
USUAL_OVERLAP = timedelta(days=1)
LONGEST = timedelta(days=3650)
DAYS = 30
DESCRIPTION = f"""Make, list, revoke and rotate API keys. What is printed is JSON. The text of a key is shown once, by `create` and
`rotate`; only a digest of it is stored. Servers believe for 30 seconds what they last saw of a key.

scopes: {", ".join(f"{scope} ({what})" for scope, what in SCOPES.items())}"""
_SPAN = re.compile(r"([0-9]{1,5})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
Act = Callable[[AsyncConnection, argparse.Namespace, datetime], Awaitable[Any]]


class NoSuchKey(Exception):
    """There is no key of that id, or it was revoked."""


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    span = None if found is None else int(found[1]) * _UNITS[found[2]]
    if span is None or span > LONGEST:
        raise argparse.ArgumentTypeError("minutes, hours or days such as 30m, 24h or 90d, at most ten years")
    return span


def _end(text: str) -> datetime:
    """The moment from which a key is no longer good: after a day of UTC, or after so long."""
    if _SPAN.fullmatch(text):
        if not (span := _span(text)):
            raise argparse.ArgumentTypeError("a while in which it is good, such as 90d")
        return datetime.now(UTC) + span
    try:
        end = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError("the last day such as 2027-01-31, or so long such as 90d") from None
    if end <= datetime.now(UTC):
        raise argparse.ArgumentTypeError("a day that has not passed yet")
    return end


def _budget(text: str) -> int:
    if not (text.isascii() and text.isdigit() and LEAST_BUDGET <= int(text) <= MOST_BUDGET):
        raise argparse.ArgumentTypeError(f"points a minute from {LEAST_BUDGET} to {MOST_BUDGET}")
    return int(text)


def _name(text: str) -> str:
    if not 1 <= len(text) <= 200 or not text.isprintable():
        raise argparse.ArgumentTypeError("1 to 200 printable characters")
    return text


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `llmref keys` takes."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a key and print it, once")
    create.add_argument("--name", required=True, type=_name, help="whose it is")
    create.add_argument(
        "--budget", type=_budget, default=USUAL_BUDGET, metavar="POINTS", help="points a minute (default: %(default)s)"
    )
    create.add_argument("--expires", type=_end, metavar="WHEN", help="its last day (UTC), or after so long such as 90d")
    create.add_argument(
        "--scope", action="append", choices=SCOPES, help="may be repeated (default: query and subscribe)"
    )
    create.set_defaults(act=_create)
    actions.add_parser("list", help=f"all keys, with what was asked in {DAYS} days").set_defaults(act=_list)
    revoke = actions.add_parser("revoke", help="make a key useless, for ever")
    revoke.add_argument("id", help="the part of the key between llmref_ and the next _")
    revoke.set_defaults(act=_revoke)
    rotate = actions.add_parser("rotate", help="give a key another secret and print it, once")
    rotate.add_argument("id", help="the part of the key between llmref_ and the next _")
    rotate.add_argument(
        "--overlap",
        type=_span,
        default=USUAL_OVERLAP,
        metavar="SPAN",
        help="how long the secret before is good beside it, such as 30m or 7d (default: 1d); 0m ends it at once",
    )
    rotate.set_defaults(act=_rotate)


def wrong_call(asked: argparse.Namespace) -> str | None:
    """Scopes that allow nothing."""
    if getattr(asked, "scope", None) and not {QUERY, SUBSCRIBE} & set(asked.scope):
        return f"--scope {TRUSTED_ONLY} restricts what {QUERY} or {SUBSCRIBE} allow: name one of them too"
    return None


def run(settings: Settings, asked: argparse.Namespace) -> int:
    """`llmref keys`."""
    with database(settings) as found:
        migrated(found.url)
        try:
            told = asyncio.run(_acted(found.url, asked))
        except NoSuchKey as error:
            print(orjson.dumps({"error": str(error)}).decode())
            return 1
    print(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode(), flush=True)
    return 0


async def _acted(url: str, asked: argparse.Namespace) -> Any:
    engine = write_engine(url)
    act: Act = asked.act
    try:
        async with engine.begin() as connection:
            return await act(connection, asked, datetime.now(UTC))
    finally:
        await engine.dispose()


async def _create(connection: AsyncConnection, asked: argparse.Namespace, now: datetime) -> Any:
    text, kept = made()
    scopes = tuple(dict.fromkeys(asked.scope or (QUERY, SUBSCRIBE)))
    key = ApiKey(kept.id, asked.name, kept.digest, None, None, scopes, asked.budget, now, asked.expires, None, None)
    await add_key(connection, key)
    return {"key": text, **shown(key, now)}


async def _list(connection: AsyncConnection, _: argparse.Namespace, now: datetime) -> Any:
    used = await usage_since(connection, now.date() - timedelta(days=DAYS - 1))
    return [
        shown(key, now) | _usage([each for each in used if each.key_id == key.id]) for key in await all_keys(connection)
    ]


async def _revoke(connection: AsyncConnection, asked: argparse.Namespace, now: datetime) -> Any:
    key = await revoke_key(connection, asked.id, now)
    if key is None:
        raise NoSuchKey(f"No key has the id {asked.id!r}.")
    return shown(key, now)


async def _rotate(connection: AsyncConnection, asked: argparse.Namespace, now: datetime) -> Any:
    before = await key_by_id(connection, asked.id)
    if before is None or not before.good(now):
        raise NoSuchKey(f"No key that is good has the id {asked.id!r}.")
    text, kept = made(asked.id)
    key = await rotate_key(connection, asked.id, kept.digest, now + asked.overlap)
    if key is None:
        raise NoSuchKey(f"No key that is good has the id {asked.id!r}.")
    return {"key": text, **shown(key, now)}


def shown(key: ApiKey, now: datetime) -> dict[str, Any]:
    """A key as it is listed: all but its digests."""
    overlap = key.previous_digest is not None and key.previous_until is not None and now < key.previous_until
    return {
        "id": key.id,
        "name": key.name,
        "state": "revoked" if key.revoked_at is not None else "good" if key.good(now) else "expired",
        "scopes": key.scopes,
        "budget": key.budget,
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "revokedAt": key.revoked_at,
        "lastUsedAt": key.last_used_at,
        "previousSecretUntil": key.previous_until if overlap else None,
    }


def _usage(used: Sequence[Usage]) -> dict[str, Any]:
    days = [{"day": each.day, "requests": each.requests, "points": each.points} for each in used]
    return {
        "usage": {"requests": sum(each.requests for each in used), "points": sum(each.points for each in used)},
        "usageByDay": days,
    }
