"""When a model came out, where the lab's own route and the hosts disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from domain.rules import Rule

SERVED_EARLIER = Rule(
    "reconcile.served-earlier",
    "Served earlier",
    "A model is out once it is served: where the lab's own route gives a later release day than three or more routes and over half of "
    "all, which state one earlier day, theirs wins. The later one is that of an update or of a variant.",
    "docs/methodology.md#facts",
)


_FEWEST = 3


def served_earlier(days: Sequence[str], own: str) -> str | None:
    """The day, one of each route, that at least three and more than half state, if it is before `own`; None where there is none. Days are as
    exact as their source (`2026`, `2026-04`, `2026-04-24`); one that only says less is no other one."""
    day, count = max(Counter(days).items(), key=lambda pair: (pair[1], pair[0]), default=(own, 0))
    apart = not day.startswith(own) and not own.startswith(day)
    return day if apart and day < own and count >= _FEWEST and 2 * count > len(days) else None
