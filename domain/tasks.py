"""Which token units a task is billed by: what only reads a prompt bills no output."""

from __future__ import annotations

from domain.facts import Task

PROMPT_ONLY = (Task.EMBEDDING, Task.RERANKING, Task.MODERATION)
TOKEN_TASKS = (Task.TEXT_GENERATION, *PROMPT_ONLY, Task.UNKNOWN)
"""Tasks that are billed by the token. Where the task is not known, text generation is the stricter assumption."""


def needed_units(task: Task) -> tuple[str, ...]:
    """The token units whose price makes a sheet complete for a task (rule `cost.complete`)."""
    return ("input",) if task in PROMPT_ONLY else ("input", "output")
