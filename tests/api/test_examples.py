"""The comparisons that people ask for are kept in docs/examples as they are printed, so that a change of wording is read."""

import os
import re
import shlex
from datetime import datetime, tzinfo
from pathlib import Path

import pytest

from api import reading
from api.__main__ import main
from tests.catalogue import DAY

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
ASKED = [
    ("01-gpt-vs-claude", "Which flagship, OpenAI's or Anthropic's?", "compare gpt-6-sol claude-opus-5-5"),
    ("02-gpt-vs-gemini", "Which for multimodal chat, OpenAI's or Google's?", "compare gpt-6-sol gemini-3.8-flash"),
    ("03-sonnet-vs-haiku", "Is the small Claude enough?", "compare claude-sonnet-5 claude-haiku-4-5"),
    (
        "04-open-weights",
        "Which of the large models from China to build on?",
        "compare deepseek-v4-pro-0813 kimi-k3 qwen3.8-2.4t-a95b",
    ),
    ("05-mistral-vs-gemini", "Which small model for a high volume?", "compare mistral-small-4 gemini-3.5-flash-lite"),
    (
        "06-reasoning-vs-not",
        "Is the reasoning variant worth it?",
        "compare kimi-k2-thinking kimi-k2-instruct-0905",
    ),
    ("07-gpt-upgrade", "What does the upgrade inside one family take?", "switch gpt-5.6-sol gpt-6-sol"),
    (
        "08-retiring-gemini",
        "Gemini 2.5 Pro is going to be shut down: what now?",
        "switch gemini-2.5-pro gemini-3.8-flash",
    ),
    (
        "09-chat-vs-embedding",
        "Can a chat model and an embedding model be compared?",
        "compare gpt-6-luna gemini-embedding-2",
    ),
    (
        "10-rag",
        "Which cheap model to answer from documents?",
        "compare qwen3.8-flash deepseek-v4.1-flash-1017 --preset RAG",
    ),
]
_PAGE = re.compile(r"\A(.+)\n\n```console\n\$ llmref (.+)\n((?:.*\n)*)```\n\Z")


class TheDay(datetime):
    """A clock that stands still on the day on which the catalogue was taken in."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "TheDay":
        return cls.fromtimestamp(DAY.timestamp(), tz)


@pytest.mark.xdist_group("default catalogue")
@pytest.mark.parametrize(("name", "question", "command"), ASKED, ids=[name for name, _, _ in ASKED])
def test_an_example_is_what_is_printed(
    default_catalogue: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    question: str,
    command: str,
) -> None:
    """Run with GOLDEN=write to accept a change, and read the difference."""
    monkeypatch.setenv("DATABASE_URL", default_catalogue)
    monkeypatch.setattr(reading, "datetime", TheDay)
    assert main(shlex.split(command)) == 0
    printed = capsys.readouterr().out
    path = EXAMPLES / f"{name}.md"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(f"{question}\n\n```console\n$ llmref {command}\n{printed}```\n")
    told = _PAGE.match(path.read_text())
    assert told is not None
    assert told.groups() == (question, command, printed)


def test_every_example_is_asked_for() -> None:
    assert sorted(path.stem for path in EXAMPLES.glob("*.md")) == [name for name, _, _ in ASKED]
