"""A recommendation as a page in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from api.page import Found, Page
from domain.wording import listed


def recommendations(data: Found) -> None:
    """What fits, why the first does, what just misses, what is not known."""
    found, page = data["recommend"], Page()
    counts = f"{found['fitCount']:,} fit, {found['unsourcedCount']:,} might once a fact is sourced, {found['nearMissCount']:,} miss one thing"
    page.heading(f"{counts}, {found['leftOut']:,} are left out")
    if not found["fits"]["nodes"]:
        page.say("Nothing fits by what is sourced.")
    else:
        page.table(["", "model", "a month", "where", "points", "at best"], map(_row, found["fits"]["nodes"]))
        page.bullets(_ending(each) for each in found["fits"]["nodes"] if each["end"])
        page.bullets(_noted(found["fits"]["nodes"]))
        page.say("Points of 100 by the weights; at best: if everything that is not sourced yet were the best.")
        best = found["fits"]["nodes"][0]
        page.heading(f"Why {best['model']['name']}")
        page.table(["row", "it has", "points of 1,000", "weight"], map(_reason, best["reasons"]))
    if found["nearMisses"]:
        page.heading("Near misses")
        page.bullets(_missed(each) for each in found["nearMisses"])
    if found["unsourced"]:
        page.heading("Might fit, but nobody says")
        page.bullets(_missed(each) for each in found["unsourced"])
    front = found["paretoFront"]
    if front["members"]:
        page.heading(f"Nobody costs less and has more {front['measured']}")
        page.table(["model", "a month", "where", "has"], map(_member, front["members"]))
    if found["fits"]["pageInfo"]["hasNextPage"]:
        page.say(f"More with --after {found['fits']['pageInfo']['endCursor']}")


def _row(one: Found) -> Sequence[str]:
    return [str(one["rank"]), one["model"]["name"], one["display"], one["route"]["key"], one["score"], one["atBest"]]


def _noted(fits: Sequence[Found]) -> Iterator[str]:
    """Every note once, with those of which it is true."""
    of: dict[str, list[str]] = {}
    for each in fits:
        for note in each["notes"]:
            of.setdefault(note, []).append(each["model"]["name"])
    return (f"{listed(dict.fromkeys(names), limit=3)}: {note}" for note, names in of.items())


def _ending(one: Found) -> str:
    return f"{one['model']['name']} at {one['route']['key']}: {one['end']['sentence']}"


def _reason(one: Found) -> Sequence[str]:
    points = "none" if one["points"] is None else str(one["points"])
    return [one["signal"].replace("_", " ").capitalize(), one["display"], points, str(one["weight"])]


def _missed(one: Found) -> str:
    return f"{one['sentence']} {' '.join(each['sentence'] for each in one['unmet'])}"


def _member(one: Found) -> Sequence[str]:
    candidate = one["candidate"]
    return [candidate["model"]["name"], candidate["display"], candidate["route"]["key"], one["value"]]
