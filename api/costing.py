"""`llmref cost`: what a month costs with models or on routes, as a bill that a person reads, or as JSON."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping
from typing import Any

import orjson

from api import bill
from api.database import database
from api.months import OWN, camel, of_preset, peak_argument
from api.reading import answered, preset_argument
from api.recording import record_argument, show_records
from api.settings import Settings

MOST = 5
DESCRIPTION = """\
What a month of use costs with a model (on its cheapest route, with the next ones and its lab's own; --all ranks every one) or
on one route.

A name that is the key of a route (`provider/provider's model id`) is that route; any other is looked up as a model.
The month is a preset, with --requests scaled to so many requests and with --peak-share so much of it in peak hours, or your
own: --requests with tokens per request."""

_BILL = """
fragment Bill on RouteCost { route { key provider { name } } total display notes suspicious
  lines { requestClass unit priceUnit tokens mode above priceMtok amount } }
fragment Unknown on Unavailable { reason message low high missing { of field } }"""
_OF_ROUTE = """route(key: $NAME) { key caveats { text } model { name }
    monthlyCost(workload: $workload, overrides: $overrides) {
      __typename ...Bill ... on Ineligible { reason message } ...Unknown } }"""
_OF_MODEL = """model(ref: $NAME) { slug name
    monthlyCost(workload: $workload, overrides: $overrides) { __typename ...Unknown ... on MonthlyCost {
      display total caveats { text } workload { name classes { name requests input cachedInput cacheWrite cacheWrite1h output reasoning batchShare peakShare retries } }
      cheapest { ...Bill } ranked(first: 300) { rank route { key firstParty }
        outcome { __typename ... on RouteCost { display suspicious } ... on Ineligible { reason message }
          ... on Unavailable { reason message } } }
      rankingGap { message } sensitivity { sentence } } } }"""


_RECORD_OF_ROUTE = """route(key: $NAME) {
    monthlyCost(workload: $workload, overrides: $overrides) {
      ... on RouteCost { record } ... on Ineligible { message } ... on Unavailable { message } } }"""
_RECORD_OF_MODEL = """model(ref: $NAME) {
    monthlyCost(workload: $workload, overrides: $overrides) { ... on MonthlyCost { record } ... on Unavailable { message } } }"""


def question(names: list[str], *, record: bool = False) -> str:
    """The operation that asks for every name, as a route and as a model: for its bill, or for its record."""
    of_route, of_model = (_RECORD_OF_ROUTE, _RECORD_OF_MODEL) if record else (_OF_ROUTE, _OF_MODEL)
    given = ", ".join(f"$n{number}: String!" for number in range(len(names)))
    fields = "\n  ".join(
        f"{kind}{number}: {text.replace('$NAME', f'$n{number}')}"
        for number in range(len(names))
        for kind, text in (("route", of_route), ("model", of_model))
    )
    return f"query Cost({given}, $workload: WorkloadInput!, $overrides: OverridesInput) {{\n  {fields}\n}}{'' if record else _BILL}"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `llmref cost` takes."""
    parser.add_argument("names", nargs="+", metavar="MODEL|ROUTE", help=f"1 to {MOST} models or keys of routes")
    preset_argument(parser)
    parser.add_argument("--requests", type=int, metavar="N", help="requests a month")
    peak_argument(parser)
    for flag, (what, kind) in OWN.items():
        parser.add_argument(
            _flag(flag), dest=flag, type=kind, metavar="N", help=f"per request: {what}" if kind is int else what
        )
    parser.add_argument("--exclude", action="append", metavar="PROVIDER", help="without this provider; may be repeated")
    parser.add_argument("--region", metavar="NAME", help="only routes known to serve from there, such as eu")
    parser.add_argument(
        "--discount", action="append", metavar="ROUTE=PERCENT", help="your own discount on a route; may be repeated"
    )
    parser.add_argument(
        "--all", action="store_true", help=f"all other routes, not the {bill.SHOWN} cheapest and the lab's own"
    )
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    record_argument(parser)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def wrong_call(asked: argparse.Namespace) -> str | None:
    """What is wrong with the arguments together."""
    own = [name for name in OWN if getattr(asked, name) is not None]
    if len(asked.names) > MOST:
        return f"at most {MOST} models or routes at once"
    if own and asked.preset:
        return f"--preset says what a request is; leave it out, or {', '.join(map(_flag, own))}"
    if own and asked.requests is None:
        return f"{_flag(own[0])} describes your own month; say also --requests"
    if any("=" not in each for each in asked.discount or ()):
        return "--discount is written ROUTE=PERCENT"
    return None


def workload(asked: argparse.Namespace) -> Mapping[str, Any]:
    """The workload input that the arguments mean."""
    own = {name: value for name in OWN if (value := getattr(asked, name)) is not None}
    if not own:
        return of_preset(asked.preset or "CHAT", requests=asked.requests, peak_share=asked.peak_share)
    shares = {} if asked.peak_share is None else {"peak_share": asked.peak_share}
    return {"requests": [camel({"requests": asked.requests, "input": 0, "output": 0, **own, **shares})]}


def run(settings: Settings, asked: argparse.Namespace) -> int:
    """`llmref cost`."""
    discounts = [each.rpartition("=") for each in asked.discount or ()]
    overrides = {
        "excludeProviders": asked.exclude,
        "region": asked.region,
        "prices": [{"route": route, "percentOff": percent} for route, _, percent in discounts] or None,
    }
    variables: dict[str, Any] = {f"n{number}": name for number, name in enumerate(asked.names)}
    variables |= {"workload": workload(asked), "overrides": overrides if any(overrides.values()) else None}
    with database(settings) as asked_one:
        found = asyncio.run(answered(settings, asked_one.url, question(asked.names, record=asked.record), variables))
    data = found.get("data") or {}
    # What is the key of a route need not be the name of a model.
    errors = [each for each in found.get("errors", ()) if not _is_a_route(each, data)]
    for error in errors:
        print(error["message"], file=sys.stderr)
    if asked.json:
        shown = {"data": found.get("data"), **({"errors": errors} if errors else {})}
        print(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
    elif asked.record and data:
        shown = {str(n): data.get(f"route{n}") or data.get(f"model{n}") for n in range(len(asked.names))}
        return show_records(shown) or int(bool(errors))
    elif data:
        bill.show(len(asked.names), data, every=asked.all)
    return 1 if errors else 0


def _is_a_route(error: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    place = str((error.get("path") or [""])[0])
    return place.startswith("model") and data.get(place.replace("model", "route")) is not None
