"""When a newer document of a source is not believed before somebody has looked at it."""

from __future__ import annotations

from domain.rules import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "freshness.shrink",
        "Shrinking sources",
        "A newer document that names over a fifth fewer routes and models than its source does now is held back, and nothing of it"
        " is used, until somebody says that it is right. What the source said before stands, and other sources are not touched.",
        "docs/methodology.md#freshness",
    ),
)


def shrinks(before: int, after: int) -> bool:
    """Whether a source that named `before` routes and models and now names `after` of them names over a fifth fewer."""
    return 5 * after < 4 * before
