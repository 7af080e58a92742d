"""The command line `llmref`: settings are checked, one command is run, and every failure becomes a word and an exit code."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType

from api.commands import parser
from api.settings import WrongSetting, from_env
from db.unavailable import DatabaseUnavailable
from db.writes import ERRORS
from ingest.run import IngestError

FAILURES: tuple[type[Exception], ...] = (DatabaseUnavailable, IngestError, *ERRORS)
"""What can go wrong outside of the program; their messages say what to do."""


class Stopped(KeyboardInterrupt):
    """Asked to stop, by the signal of that number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C and SIGTERM leave at once through the context managers, so that transactions roll back and the database stops.

    Raises Stopped, once: a second request does not disturb the leaving.
    """

    asked: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        for one in before:
            signal.signal(one, signal.SIG_IGN)
        asked.append(number)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise Stopped(number) from None
        # An exception out of a signal would make a running loop forget the callback that it was about to call.
        loop.call_soon_threadsafe(_cancel, loop)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except asyncio.CancelledError:
        if not asked:
            raise
        raise Stopped(asked[0]) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _cancel(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0: done. 1: it could not be done, and why. 2: the call or a setting is wrong. 3 and 4: an ingest was done in part,
    see `api.ingesting`. 128 + n: stopped by signal n, or nobody reads any more (SIGPIPE)."""
    asked = parser().parse_args(arguments)
    wrong = asked.command.wrong_call(asked)
    if wrong is not None:
        asked.parser.error(wrong)
    try:
        settings = from_env(os.environ)
    except WrongSetting as error:
        print(error, file=sys.stderr)
        return 2
    try:
        with stoppable():
            code = int(asked.command.run(settings, asked))
            sys.stdout.flush()
            return code
    except BrokenPipeError:  # who reads has seen enough; what is left must not be written at the end either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except FAILURES as error:
        print(getattr(error, "orig", None) or error, file=sys.stderr)
        return 1
    except Stopped as stopped:
        print("Stopped; nothing is half done.", file=sys.stderr)
        return 128 + stopped.number


if __name__ == "__main__":
    raise SystemExit(main())
