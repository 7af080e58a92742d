"""What a careful person could write by hand for Q1 to Q4, and nothing else: the limits that the product is measured against.

`limit2` lets one SQL statement make the JSON; `limit3` reads rows, makes dicts and encodes them with orjson; `constant` sends the
same bytes without reading anything. No parsing of a document, no checks, no errors told: Starlette, asyncpg and nothing between.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.limits_sql import KINDS, MODES, ONE_STATEMENT, ROWS

Answered = Callable[[asyncpg.Pool], Awaitable[bytes]]


def _today() -> date:
    return datetime.now(UTC).date()


def _one_statement(statement: str) -> Answered:
    async def answered(pool: asyncpg.Pool) -> bytes:
        async with pool.acquire() as connection:
            return bytes(await connection.fetchval(statement, _today()))

    return answered


def _plain(amount: Any) -> str | None:
    """A decimal as text, without exponent and without zeros at its end."""
    if amount is None:
        return None
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _prices(rows: Any, fields: Mapping[str, str]) -> dict[int, list[dict[str, Any]]]:
    """Sheets by route. `fields` is the name in the answer of each column; amounts become text."""
    found: dict[int, list[dict[str, Any]]] = {}
    columns = [(shown, column, column.endswith("_mtok")) for shown, column in fields.items()]
    for row in rows:
        sheet = {shown: _plain(row[column]) if amount else row[column] for shown, column, amount in columns}
        found.setdefault(row["route_id"], []).append(sheet)
    return found


def _named(name: str | None) -> dict[str, Any] | None:
    return None if name is None else {"name": name}


async def _q1(pool: asyncpg.Pool) -> bytes:
    async with pool.acquire() as connection:
        models = await connection.fetch(ROWS["most served"], 50)
        routes = await connection.fetch(ROWS["routes"], [model["id"] for model in models], 3)
        sheets = await connection.fetch(ROWS["prices"], [route["id"] for route in routes], _today(), MODES)
    prices = _prices(sheets, {"inputMtok": "input_mtok", "outputMtok": "output_mtok"})
    below: dict[int, list[Any]] = {}
    for route in routes:
        shown = {"key": route["key"], "provider": {"name": route["provider"]}, "prices": prices.get(route["id"], [])}
        below.setdefault(route["model_id"], []).append(shown)
    nodes = [
        {
            "slug": model["slug"],
            "name": model["name"],
            "lab": _named(model["lab"]),
            "routes": {"nodes": below.get(model["id"], [])},
        }
        for model in models
    ]
    return orjson.dumps({"data": {"models": {"nodes": nodes}}})


_SPECIFICATION = {
    "family": "family",
    "task": "task",
    "released": "released",
    "knowledgeCutoff": "knowledge_cutoff",
    "contextWindow": "context_window",
    "maxOutput": "max_output",
    "parametersTotal": "parameters_total",
    "parametersActive": "parameters_active",
    "architecture": "architecture",
}
_TERMS = {
    "openness": "openness",
    "commercialUse": "commercial_use",
    "inputModalities": "input_modalities",
    "outputModalities": "output_modalities",
    "lifecycle": "lifecycle",
    "retiresOn": "retires_on",
    "weightsUrl": "weights_url",
}
_SHEET = {
    "mode": "mode",
    "above": "above",
    "inputMtok": "input_mtok",
    "outputMtok": "output_mtok",
    "cacheReadMtok": "cache_read_mtok",
    "validFrom": "valid_from",
}


async def _q2(pool: asyncpg.Pool) -> bytes:
    slugs = ["claude-sonnet-4-5", "gpt-5"]
    async with pool.acquire() as connection:
        models = await connection.fetch(ROWS["models"], slugs)
        ids = [model["id"] for model in models]
        routes = await connection.fetch(ROWS["routes"], ids, 15)
        sheets = await connection.fetch(ROWS["prices"], [route["id"] for route in routes], _today(), MODES)
        results = await connection.fetch(ROWS["results"], ids)
    prices = _prices(sheets, _SHEET)
    below: dict[int, list[Any]] = {id_: [] for id_ in ids}
    for route in routes:
        below[route["model_id"]].append(
            {
                "key": route["key"],
                "provider": {"name": route["provider"]},
                "contextWindow": route["context_window"],
                "maxOutput": route["max_output"],
                "prices": prices.get(route["id"], []),
            }
        )
    measured: dict[int, list[Any]] = {id_: [] for id_ in ids}
    for result in results:
        measured[result["model_id"]].append(
            {
                "benchmark": {"name": result["benchmark"]},
                "metric": result["metric"],
                "score": _plain(result["score"]),
                "variant": result["variant"],
                "source": result["source_id"],
            }
        )
    found = {}
    for model in models:
        yes, no = set(model["capabilities_yes"]), set(model["capabilities_no"])
        found[model["slug"]] = {
            "slug": model["slug"],
            "name": model["name"],
            "lab": _named(model["lab"]),
            **{shown: model[column] for shown, column in _SPECIFICATION.items()},
            "license": _named(model["license"]),
            **{shown: model[column] for shown, column in _TERMS.items()},
            "capabilities": [
                {"kind": kind, "presence": "YES" if kind in yes else "NO" if kind in no else "UNKNOWN"}
                for kind in KINDS
            ],
            "routes": {"nodes": below[model["id"]]},
            "results": measured[model["id"]],
        }
    return orjson.dumps({"data": {"first": found.get(slugs[0]), "second": found.get(slugs[1])}})


async def _q3(pool: asyncpg.Pool) -> bytes:
    async with pool.acquire() as connection:
        rows = await connection.fetch(ROWS["cheapest"], "gpt-5-mini", _today(), MODES)
    if not rows:
        return b'{"data":{"model":null}}'
    routes = [{"prices": [{"outputMtok": _plain(row["output_mtok"])} for row in rows if row["sheet"] is not None]}]
    shown = routes if rows[0]["route"] is not None else []
    return orjson.dumps({"data": {"model": {"name": rows[0]["name"], "routes": {"nodes": shown}}}})


async def _q4(pool: asyncpg.Pool) -> bytes:
    async with pool.acquire() as connection:
        models = await connection.fetch(ROWS["most served"], 100)
        routes = await connection.fetch(ROWS["routes"], [model["id"] for model in models], 10)
    below: dict[int, list[Any]] = {}
    for route in routes:
        below.setdefault(route["model_id"], []).append(
            {
                "key": route["key"],
                "providerModelId": route["provider_model_id"],
                "contextWindow": route["context_window"],
                "maxOutput": route["max_output"],
                "lifecycle": route["lifecycle"],
                "provider": {"name": route["provider"]},
            }
        )
    nodes = [
        {"slug": model["slug"], "name": model["name"], "routes": {"nodes": below.get(model["id"], [])}}
        for model in models
    ]
    return orjson.dumps({"data": {"models": {"nodes": nodes}}})


async def _prepare(connection: Any) -> None:
    # JSON comes as the bytes that it is, which go out as they came.
    await connection.set_type_codec("json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary")


async def _keep(_: Any) -> None:
    """A connection that only reads has nothing to be reset."""


def _over_database(answers: Mapping[str, Answered]) -> Starlette:
    pool: asyncpg.Pool

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        nonlocal pool
        settings = {"jit": "off", "default_transaction_read_only": "on"}
        size = int(os.environ["POOL_SIZE"])
        pool = await asyncpg.create_pool(
            os.environ["DATABASE_URL"], min_size=1, max_size=size, init=_prepare, reset=_keep, server_settings=settings
        )
        yield
        await pool.close()

    def route(key: str, answered: Answered) -> Route:
        async def view(request: Request) -> Response:
            await request.body()
            return Response(await answered(pool), media_type="application/json")

        return Route(f"/{key}", view, methods=["POST"])

    return Starlette(routes=[*(route(*each) for each in answers.items()), _ALIVE], lifespan=lifespan)


async def _alive(_: Request) -> Response:
    return Response(b"{}")


_ALIVE = Route("/graphql", _alive, methods=["POST"])


def limit2() -> Starlette:
    """One SQL statement makes the JSON."""
    return _over_database({key: _one_statement(statement) for key, statement in ONE_STATEMENT.items()})


def limit3() -> Starlette:
    """Rows, dicts, orjson."""
    return _over_database({"q1": _q1, "q2": _q2, "q3": _q3, "q4": _q4})


def constant() -> Starlette:
    """The bytes of files in the folder that BODIES names."""

    def route(file: Path) -> Route:
        said = file.read_bytes()

        async def view(request: Request) -> Response:
            await request.body()
            return Response(said, media_type="application/json")

        return Route(f"/{file.stem}", view, methods=["POST"])

    folder = Path(os.environ["BODIES"])
    return Starlette(routes=[*(route(file) for file in sorted(folder.glob("*.json"))), _ALIVE])
