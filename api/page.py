"""Answers as a page in the terminal: what the commands that read print where nobody asks for JSON."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.box import SIMPLE
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from domain.benchmarks import told_apart
from domain.wording import listed, lowered

_WIDTH = 140
"""Where nobody's terminal says how wide it is."""

Found = Mapping[str, Any]


class Page:
    """A console that writes headings, sentences and tables; what comes from data is never read as markup."""

    def __init__(self) -> None:
        width = None if sys.stdout.isatty() else _WIDTH
        self._console = Console(highlight=False, soft_wrap=False, width=width)

    def heading(self, text: str) -> None:
        self._print(f"\n[bold]{escape(text)}[/bold]")

    def say(self, text: str, indent: int = 0) -> None:
        """Nothing where there is nothing to say."""
        if not text:
            return
        self._print(Padding(escape(text), (0, 0, 0, indent)))

    def lines(self, texts: Iterable[str]) -> None:
        """Texts that must not be broken, such as addresses."""
        for text in texts:
            self._console.print(f"    {escape(text)}", soft_wrap=True)

    def bullets(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.say(f"• {text}", 2)

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        made = Table(box=SIMPLE, pad_edge=False)
        for head in heads:
            made.add_column(escape(head), overflow="fold")
        for row in rows:
            made.add_row(*map(escape, row))
        self._print(made)

    def _print(self, what: RenderableType) -> None:
        """Without the blanks that fill lines up, so that pages can be kept and compared."""
        with self._console.capture() as written:
            self._console.print(what)
        for line in written.get().splitlines():
            print(line.rstrip())


def comparison(data: Found) -> None:
    """Every section of a comparison, in the order of the page."""
    found, page = data["comparison"], Page()
    names = [model["name"] for model in found["models"]]
    page.heading(" vs ".join(names))
    page.say(found["intro"]["text"])
    if found["comparability"]["reasons"]:
        page.say(_COMPARED[found["comparability"]["level"]])
        page.bullets(each["message"] for each in found["comparability"]["reasons"])
    comparable = found["comparability"]["level"] != "NOT_COMPARABLE"
    if not comparable:
        page.say("So no reason to choose one over another follows, and what a switch would take is not shown.")
    page.heading("Verdict")
    page.say(found["verdict"]["sentence"])
    page.bullets(each["sentence"] for each in found["verdict"]["alternatives"])
    if found["verdict"]["speaksAgainst"]:
        page.say("Against it speaks:")
        page.bullets(each["sentence"] for each in found["verdict"]["speaksAgainst"])
    if comparable:
        _firmness(page, found["verdict"])
    signals = found["scorecard"]["signals"]
    if found["flips"] and comparable:
        page.heading("What would change the answer")
        led = {each["key"] for each in signals if each["leaders"]}
        page.bullets(_flips(found["flips"], {each["key"]: each["label"] for each in signals}, led))
    disputed = _disputed(found["pricing"]["rows"])
    page.heading("Scorecard")
    led_by = ["leads"] if comparable else []  # a larger number of what is made for something else leads nothing
    page.table(["", *names, *led_by], (row[: 1 + len(names + led_by)] for row in _signals(signals, disputed)))
    page.say(_note(disputed, "input_price", "output_price", "cheapest_route"))
    for each in found["tradeoffs"]:
        if each["reasons"] and comparable:
            page.heading(f"Why {each['model']['name']}")
            page.bullets(reason["sentence"] for reason in each["reasons"])
    page.heading("Monthly cost")
    marks = disputed["cheapest_route"]
    page.table(["", "a month", "where"], map(_cost, names, found["monthlyCosts"], marks))
    page.say(_note(disputed, "cheapest_route"))
    page.bullets(_told(each for each in found["monthlyCosts"] if "display" in each))
    if len(names) <= _FEW:
        page.bullets(_delta(each) for each in found["costDeltas"] if "display" in each)
    for each in found["switchFriction"] if comparable else ():
        page.heading(f"{each['source']['name']} → {each['target']['name']}: {each['level']}, {each['score']} of 100")
        page.bullets(f"{factor['severity'].lower()}: {factor['sentence']}" for factor in each["factors"])
        if each["steps"]:
            page.say("To do, by the switch plan between their routes, whose steps all count in the score:")
        for number, step in enumerate(each["steps"], 1):
            page.say(f"{number}. {step}", 4)
    for title, rows in (
        ("Specs", found["specs"]),
        ("Pricing and availability", found["pricing"]["rows"]),
        ("Capabilities", found["capabilities"]),
    ):
        page.heading(title)
        page.table(["", *names], (_row(row, disputed) for row in rows))
        if title == "Pricing and availability":
            shown = (each for row in rows for cell in row["cells"] for each in cell["disputes"])
            for text in dict.fromkeys(_dispute(each) for each in shown):
                page.say(f"{_MARK} {text}", 2)
    page.heading("Benchmarks")
    page.say(found["benchmarks"]["sentence"])
    rows = found["benchmarks"]["rows"]
    kinds = ("name", "version", "variant", "harness", "metric", "runner")
    for row, name in zip(rows, told_apart([tuple(row[kind] for kind in kinds) for row in rows]), strict=True):
        scores = ", ".join(f"{cell['model']['name']} {cell['result']['score']}" for cell in row["cells"])
        version = row["version"] if row["version"] and row["version"] not in name else None
        page.say(f"{name}{f' {version}' if version else ''}, {row['metric']}: {scores}", 2)
    for pair in found["benchmarks"]["refused"]:
        scores = f"{pair['firstResult']['score']} and {pair['secondResult']['score']}"
        page.say(
            f"{pair['name']}: {scores} cannot be compared: not known to agree in {', '.join(pair['blockedBy'])}", 2
        )
    page.heading("Deep dive")
    for each in found["deepDive"]:
        page.say(each["text"] + "\n")
    page.heading("Questions")
    for each in found["faq"]:
        page.say(each["question"])
        page.say(each["answer"], 4)
    page.heading("Continue comparing")
    for each in found["continueComparing"]:
        page.say(f"{each['model']['name']} with" + ("" if each["neighbours"] else " nothing: none near it is known"))
        page.bullets(map(_neighbour, each["neighbours"]))
    _provenance(page, found["provenance"])


_FEW = 3
SHOWN_ROUTES = 8
"""So many routes that cost the same are named, before the rest is counted."""
"""Of so many models every two costs are set against each other; of more, the table says it."""
_COMPARED = {
    "PARTIAL": "Compare these models with reservations:",
    "NOT_COMPARABLE": "These models are not made for the same work, or not known well enough, to be compared:",
}


_NEEDED = 3
"""So many facts that would turn a verdict the same way are named."""


def _firmness(page: Page, verdict: Found) -> None:
    """How firmly it stands, and what is missing and could turn it; equal outcomes of one model as one sentence."""
    page.say(verdict["robustness"]["sentence"])
    page.bullets(each["sentence"] for each in verdict["robustness"]["byKind"])
    needed: dict[tuple[str, str | None], list[str]] = {}
    for each in verdict["decisiveUnknowns"]:
        after = each["after"]["name"] if each["after"] else None
        needed.setdefault((each["model"]["name"], after), []).append(each["needed"])
    if needed:
        page.say("What is not sourced yet and could turn it:")
    for (name, after), facts in needed.items():
        then = "nobody" if after is None else "it" if after == name else after
        page.bullets([f"{name}: with {listed(facts, 'or', limit=_NEEDED)}, {then} would be the safer pick."])


def _flips(found: Iterable[Found], labels: Mapping[str, str], led: Collection[str]) -> Iterator[str]:
    """The sentences; weights that lead to the same as one sentence, those of rows that nobody leads as another, and those that change
    nothing as the last."""
    yield from (each["sentence"] for each in found if not each["signal"])
    weights = [each for each in found if each["signal"]]
    then: dict[str, list[str]] = {}
    turning = [each for each in weights if each["changed"] is not None]
    for each in (one for one in turning if one["signal"] in led):
        row = f"{labels[each['signal']]} {each['changed']} instead of {each['current']}"
        then.setdefault(listed(model["name"] for model in each["after"]) or "Nobody", []).append(row)
    yield from (
        f"{winner} would win if one row weighed otherwise: {listed(rows, 'or')}." for winner, rows in then.items()
    )
    unled = [each for each in turning if each["signal"] not in led]
    if unled:
        nearest = min(unled, key=lambda each: abs(Decimal(each["changed"]) - Decimal(each["current"])))
        change = Decimal(nearest["changed"]) - Decimal(nearest["current"])
        winner = listed(model["name"] for model in nearest["after"]) or "nobody"
        yield f"If a row that nobody leads weighed {abs(change)} {'more' if change > 0 else 'less'}, {winner} would win."
    still = [labels[each["signal"]] for each in weights if each["changed"] is None and each["signal"] in led]
    if still:
        yield f"No weight of {listed(still, 'or')} changes the verdict."


_MARK = "*"
Disputed = Mapping[str, Sequence[bool]]
_AMOUNTS = {"CHEAPEST_INPUT": "input_price", "CHEAPEST_OUTPUT": "output_price", "MONTHLY_COST": "cheapest_route"}
"""Which row of prices shows the same amount as a row of the scorecard."""


def _disputed(rows: Iterable[Found]) -> Disputed:
    """By row of prices and by model, whether sources disagree about what is shown."""
    return {row["key"]: [bool(cell["disputes"]) for cell in row["cells"]] for row in rows}


def _marked(text: str, disputed: bool) -> str:
    return f"{text} {_MARK}" if disputed else text


def _note(disputed: Disputed, *rows: str) -> str:
    """What the mark means, where it was set."""
    marked = any(any(disputed[row]) for row in rows)
    return f"{_MARK} sources disagree; who says what stands under Pricing and availability" if marked else ""


def _row(row: Found, disputed: Disputed) -> Sequence[str]:
    marks = disputed.get(row["key"], [False] * len(row["cells"]))
    return [row["label"], *(_marked(cell["display"], mark) for cell, mark in zip(row["cells"], marks, strict=True))]


def _signals(rows: Iterable[Found], disputed: Disputed) -> Iterable[Sequence[str]]:
    for row in rows:
        leaders = ", ".join(model["name"] for model in row["leaders"])
        yield [*_row({**row, "key": _AMOUNTS.get(row["key"], "")}, disputed), leaders]


def _cost(name: str, found: Found, disputed: bool) -> Sequence[str]:
    if "display" not in found:
        return [name, "unavailable", found["message"]]
    keys = [each["route"]["key"] for each in found["cheapest"]]
    where = ", ".join(
        [*keys[:SHOWN_ROUTES], *([f"{len(keys) - SHOWN_ROUTES} more"] if len(keys) > SHOWN_ROUTES else [])]
    )
    return [name, _marked(found["display"], disputed), where]


def _told(costs: Iterable[Found]) -> Iterable[str]:
    """What to know of months before one counts on them: of the models, and of the bills on their cheapest routes. What holds of several
    models is said once; where it holds of some of the routes that cost the same, they are named, or counted where they are many."""
    said: dict[str, list[str]] = {}
    for each in costs:
        name, bills = each["model"]["name"], {bill["route"]["key"]: told_of(bill) for bill in each["cheapest"]}
        for text in dict.fromkeys(
            [*(it["text"] for it in each["caveats"]), *(it for told in bills.values() for it in told)]
        ):
            keys = [key for key, told in bills.items() if text in told]
            some = listed(keys) if len(keys) <= _FEW else f"{len(keys)} of {len(bills)} routes"
            said.setdefault(text, []).append(name if len(keys) in (0, len(bills)) else f"{name} at {some}")
    return (f"{listed(whose)}: {text}" for text, whose in said.items())


def told_of(bill: Found) -> Sequence[str]:
    """What to know of one bill, and why a price in it is marked."""
    return [*bill["notes"], *(f"Marked price: {why}" for why in bill["suspicious"])]


def _delta(found: Found) -> str:
    first, second, amount = found["first"]["name"], found["second"]["name"], found["display"]
    more = "less" if amount.startswith("-") else "more"
    if amount in ("$0", "$0.00"):
        return f"{second} costs the same a month as {first}."
    return f"Each where it is cheapest, {second} costs {amount.lstrip('+-')} {more} a month than {first}."


def _dispute(found: Found) -> str:
    """What is shown, and what others state."""
    stated: dict[str, dict[str, None]] = {}
    for each in found["dissenting"]:
        stated.setdefault(each["source"]["key"], {})[_stated(each["value"])] = None
    others = [f"{source} states {listed(values)}" for source, values in stated.items()]
    more = found["dissentingCount"] - len(found["dissenting"])
    return (
        f"{found['of']} {found['field']}: {_stated(found['value'])} by {found['source'] or 'a rule of ours'}; "
        f"{listed([*others, *([f'{more} more disagree' if more > 1 else '1 more disagrees'] if more else [])])}"
    )


def _stated(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _neighbour(found: Found) -> str:
    reasons = (reason["sentence"].removesuffix(".").removeprefix("Also ") for reason in found["reasons"])
    return f"{found['model']['slug']}: {', '.join(map(lowered, reasons))}"


def _provenance(page: Page, found: Found) -> None:
    page.heading("Sources")
    page.table(
        ["source", "licence of its data", "document of"],
        ([each["key"], each["license"] or "", each["documentDate"] or "not said"] for each in found["sources"]),
    )
    for each in found["disputes"]:
        page.say(f"Disputed: {_dispute(each)}", 2)
    reviewed = found["lastReviewed"] or "not yet"
    revision = found["catalog"]["revision"] if found["catalog"] else "none"
    page.say(f"Last reviewed: {reviewed}. Catalogue revision {revision}, rules version {found['rulesVersion']}.")


def models(data: Found) -> None:
    """A table of models."""
    found, page = data["models"], Page()
    page.table(
        ["slug", "name", "lab", "context", "openness", "providers", "cheapest output, USD/1M"],
        (
            [
                each["slug"],
                each["name"],
                each["lab"]["name"] if each["lab"] else "not sourced yet",
                f"{each['contextWindow']:,}" if each["contextWindow"] else "not sourced yet",
                each["openness"].replace("_", " ").lower(),
                str(each["providerCount"]),
                _cheapest(each),
            ]
            for each in found["nodes"]
        ),
    )
    page.say(f"{len(found['nodes'])} of {found['totalCount']:,}")


def _cheapest(model: Found) -> str:
    for route in model["routes"]["nodes"]:
        for price in route["prices"]:
            if price["mode"] == "STANDARD" and not price["above"] and price["outputMtok"]:
                return f"{price['outputMtok']} at {route['provider']['name']}"
    return "not sourced yet"


def resolution(data: Found) -> None:
    """What a spelling is taken for, and why."""
    found, page = data["resolve"], Page()
    if found["model"]:
        page.say(f"{found['ref']} is {found['model']['slug']} ({found['model']['name']}).")
    else:
        page.say(f"{found['ref']} is not known as one model.")
    for each in found["candidates"]:
        page.say(
            f"{each['model']['slug']}: {each['spelling']}, {each['method']} ({each['confidence']}). {each['reason']}", 2
        )
    if found["suggestions"]:
        page.say("Spelled alike: " + ", ".join(each["slug"] for each in found["suggestions"]))
