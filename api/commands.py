"""The commands of `llmref`, in the order of its help. Each is one function from settings and arguments to an exit code."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from api import checking, choosing, costing, ingesting, issuing, reading, replaying, resolving, serving, switching
from api.database import database, migrated
from api.settings import TABLE, Settings


@dataclass(frozen=True, slots=True)
class Command:
    """`arguments` adds what the command takes; `wrong_call` says what is wrong with arguments that argparse accepts."""

    name: str
    help: str
    run: Callable[[Settings, argparse.Namespace], int]
    arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None
    wrong_call: Callable[[argparse.Namespace], str | None] = lambda asked: None
    description: str | None = None


def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    with database(settings) as found:
        print(f"schema at revision {migrated(found.url)}", flush=True)
    return 0


COMMANDS = (
    Command(
        "serve", "database, schema, catalogue, then answer over HTTP", serving.run, description=serving.DESCRIPTION
    ),
    Command(
        "ingest",
        "take the default catalogue in, all sources, one document, or a folder of them",
        ingesting.run,
        ingesting.arguments,
        ingesting.wrong_call,
        "take the default catalogue in, every source with --all, or one document with --source and --from\n\n"
        + ingesting.EXIT_CODES,
    ),
    Command("data-check", "read upstream files whole and say what is not taken", checking.run, checking.arguments),
    Command(
        "compare",
        "print a comparison of 2 to 10 models",
        reading.compare,
        reading.compare_arguments,
        reading.wrong_comparison,
    ),
    Command(
        "switch",
        "print what to do to switch from one model or route to another",
        switching.run,
        switching.arguments,
        description=switching.DESCRIPTION,
    ),
    Command(
        "recommend",
        "say which models fit your needs, and what just misses",
        choosing.run,
        choosing.arguments,
        description=choosing.DESCRIPTION,
    ),
    Command(
        "cost",
        "print what a month costs with models or on routes",
        costing.run,
        costing.arguments,
        costing.wrong_call,
        costing.DESCRIPTION,
    ),
    Command(
        "replay",
        "say whether a decision that you kept still holds",
        replaying.run,
        replaying.arguments,
        description=replaying.DESCRIPTION,
    ),
    Command("models", "find models by their facts", reading.models, reading.models_arguments),
    Command(
        "resolve",
        "say what a spelling is taken for, and why",
        resolving.run,
        resolving.arguments,
        resolving.wrong_call,
    ),
    Command(
        "keys",
        "make, list, revoke and rotate API keys",
        issuing.run,
        issuing.arguments,
        issuing.wrong_call,
        issuing.DESCRIPTION,
    ),
    Command("export-schema", "print the GraphQL schema", reading.export_schema),
    Command("migrate", "bring the database to the newest schema", _migrate),
)


def parser() -> argparse.ArgumentParser:
    """The whole command line. `command` of what it parses is the Command."""
    width = 2 + max(len(setting.name) for setting in TABLE)
    table = "\n".join(
        f"  {setting.name:{width}}{setting.help} Default: {setting.default or 'empty'}" for setting in TABLE
    )
    made = argparse.ArgumentParser(
        prog="llmref",
        description="LLM Reference: models, providers and prices, every fact with its source.",
        epilog=f"exit codes: 0 done, 1 could not be done, 2 wrong call or setting, 3 and 4: see `llmref ingest --help`, 5 and 6: see `llmref replay --help`\nsettings, read from the environment:\n{table}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = made.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        one = commands.add_parser(
            command.name,
            help=command.help,
            description=command.description or command.help,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.arguments(one)
        one.set_defaults(command=command, parser=one)
    return made
