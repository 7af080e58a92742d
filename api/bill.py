"""A month's bill as a page in the terminal: what is billed where, what else it would cost, and what moves it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from api.page import SHOWN_ROUTES, Found, Page, told_of
from domain.units import display_usd, plain
from domain.wording import counted, listed

_TOKENS = (
    ("input", "input"),
    ("cachedInput", "cached"),
    ("cacheWrite", "cache write"),
    ("cacheWrite1h", "cache write 1 h"),
    ("output", "output"),
    ("reasoning", "reasoning"),
)
_SHARES = (("batchShare", "in batches", 0), ("peakShare", "at peak", 1), ("retries", "sent again", 0))
"""Shares of the requests, and what they are unless somebody says otherwise."""

SHOWN = 8
"""So many other routes of a model are ranked where nobody asks for all."""


def show(count: int, data: Found, *, every: bool = False) -> None:
    """The bill of each of so many names, as a route where it is one; what is neither was already told. `every`: with all routes of
    a model."""
    page, shown = Page(), False
    for number in range(count):
        route, model = data[f"route{number}"], data[f"model{number}"]
        if route is not None:
            _route(page, route)
        elif model is not None:
            shown = _model(page, model, with_month=not shown, every=every) or shown


def _route(page: Page, route: Found) -> None:
    of = f" ({route['model']['name']})" if route["model"] else ""
    found = route["monthlyCost"]
    if found["__typename"] == "RouteCost":
        page.heading(f"{route['key']}{of}: {found['display']} a month")
        page.bullets(each["text"] for each in route["caveats"])
        _bill(page, found)
        return
    page.heading(f"{route['key']}{of}: no cost")
    page.bullets(each["text"] for each in route["caveats"])
    _without(page, found)


def _model(page: Page, model: Found, *, with_month: bool, every: bool) -> bool:
    """Says whether the month of use was shown."""
    found = model["monthlyCost"]
    if found["__typename"] == "Unavailable":
        page.heading(f"{model['name']}: no cost")
        _without(page, found)
        return False
    best = found["cheapest"]
    where = listed([each["route"]["key"] for each in best], limit=SHOWN_ROUTES)
    page.heading(f"{model['name']}: {found['display']} a month, cheapest at {where}")
    page.bullets(each["text"] for each in found["caveats"])
    if with_month:
        _month(page, found["workload"])
    tied = best[0]["route"]["key"] if len(best) > 1 else ""
    if tied:
        page.say(f"As {tied} bills it; the others come to the same:")
    _bill(page, best[0], tied)
    others = [each for each in found["ranked"] if each["route"]["key"] not in {one["route"]["key"] for one in best}]
    if others:
        page.say("Other routes:")
        few = [each for number, each in enumerate(others) if every or number < SHOWN or each["route"]["firstParty"]]
        page.table(["", "route", "a month"], map(_ranked, few))
        if more := len(others) - len(few):
            page.say(f"and {counted(more, 'more route')}; --all shows {'it' if more == 1 else 'them'}", 2)
    if found["rankingGap"]:
        page.say(found["rankingGap"]["message"])
    page.say("What moves it:")
    page.bullets(each["sentence"] for each in found["sensitivity"])
    return True


def _month(page: Page, workload: Found) -> None:
    classes = workload["classes"]
    kinds = [(key, head) for key, head in _TOKENS if any(each[key] for each in classes)]
    shares = [(key, head) for key, head, usual in _SHARES if any(Decimal(each[key]) != usual for each in classes)]
    page.say(f"The month ({workload['name']}), tokens per request:")
    rows = (
        [
            each["name"],
            f"{int(each['requests']):,}",
            *(f"{each[key]:,}" for key, _ in kinds),
            *(f"{plain(Decimal(each[key]) * 100)} %" for key, _ in shares),
        ]
        for each in classes
    )
    page.table(["requests", "a month", *(head for _, head in (*kinds, *shares))], rows)


def _bill(page: Page, found: Found, at: str = "") -> None:
    """`at` names the route in what is said of it, where it is one of several."""
    page.table(["requests", "billed as", "tokens a month", "USD per 1M", "amount"], _lines(found))
    page.bullets(f"{at}: {each}" if at else each for each in told_of(found))


def _lines(found: Found) -> Iterable[Sequence[str]]:
    for line in found["lines"]:
        unit = _words(line["unit"])
        if line["priceUnit"] != line["unit"]:
            unit += f" at the {_words(line['priceUnit'])} price"
        tier = f", above {line['above']:,} tokens" if line["above"] else ""
        mode = "" if line["mode"] == "STANDARD" else f", {_words(line['mode'])}"
        tokens = f"{Decimal(line['tokens']):,f}"
        yield [
            line["requestClass"],
            unit + mode + tier,
            tokens,
            plain(Decimal(line["priceMtok"])),
            _usd(line["amount"]),
        ]
    yield ["total", "", "", "", found["display"]]


def _ranked(each: Found) -> Sequence[str]:
    outcome: Any = each["outcome"]
    if outcome["__typename"] != "RouteCost":
        return ["", each["route"]["key"], outcome["message"]]
    doubt = f" ({'; '.join(outcome['suspicious'])})" if outcome["suspicious"] else ""
    return [str(each["rank"] or ""), each["route"]["key"], outcome["display"] + doubt]


def _without(page: Page, found: Found) -> None:
    """Why there is no cost, between which bounds it lies and what is missing."""
    page.say(found["message"])
    low, high = found.get("low"), found.get("high")
    if low and high:
        page.say(f"It lies between {_usd(low)} and {_usd(high)} a month.")
    elif low or high:
        page.say(f"It is at {'least' if low else 'most'} {_usd(low or high or '0')} a month.")
    missing = found.get("missing") or []
    if missing:
        page.say("Missing: " + ", ".join(f"{each['field']} of {each['of']}" for each in missing[:5]))
    if len(missing) > 5:
        page.say(f"and {len(missing) - 5} more facts", 2)


def _usd(amount: str) -> str:
    return display_usd(Decimal(amount))


def _words(name: str) -> str:
    return name.replace("_", " ").lower()
